//! Keys for tenants' servers.

use std::sync::Arc;

use async_graphql::{ID, Object};
use frontoffice_domain::{id::ApiKeyId, identity};

use super::tenant::{Place, Tenant};
use crate::{global_id::GlobalId, scalar::DateTime};

/// A tenant's key for its server.
#[derive(Clone)]
pub(crate) struct ApiKey {
    place: Arc<Place>,
    key: identity::ApiKey,
}

impl ApiKey {
    pub(crate) fn new(place: &Arc<Place>, key: identity::ApiKey) -> Self {
        Self { place: Arc::clone(place), key }
    }

    /// Where it is in the list of keys.
    pub(crate) fn place(&self) -> ApiKeyId {
        self.key.id
    }
}

/// A tenant's key for its server. The key itself is shown once, when it is made, and kept nowhere.
#[Object]
impl ApiKey {
    /// The key's id among all objects.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::ApiKey(self.place.uuid(), self.key.id.uuid()).encode()
    }

    /// What its owner calls it.
    async fn name(&self) -> &str {
        &self.key.name
    }

    /// Its last four characters.
    async fn hint(&self) -> &str {
        &self.key.hint
    }

    /// What it may do, in the words that errors use: `chat.read`.
    async fn permissions(&self) -> Vec<&'static str> {
        self.key.permissions.iter().map(|permission| permission.as_str()).collect()
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.key.created_at)
    }

    /// When it ends by itself; null if it does not.
    async fn expires_at(&self) -> Option<DateTime> {
        self.key.expires_at.map(DateTime)
    }

    /// When it was last used, give or take a minute; null if it never was.
    async fn used_at(&self) -> Option<DateTime> {
        self.key.used_at.map(DateTime)
    }

    /// When it was revoked; null if it was not.
    async fn revoked_at(&self) -> Option<DateTime> {
        self.key.revoked_at.map(DateTime)
    }

    /// Whose it is.
    async fn tenant(&self) -> Tenant {
        Tenant(Arc::clone(&self.place))
    }
}
