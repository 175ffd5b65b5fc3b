//! Keys for the widget.

use std::sync::Arc;

use async_graphql::{ID, Object};
use frontoffice_domain::{id::WidgetKeyId, widget};

use super::tenant::{Place, Tenant};
use crate::{global_id::GlobalId, scalar::DateTime};

/// What the widget on a tenant's websites shows.
#[derive(Clone)]
pub(crate) struct WidgetKey {
    place: Arc<Place>,
    key: widget::WidgetKey,
}

impl WidgetKey {
    pub(crate) fn new(place: &Arc<Place>, key: widget::WidgetKey) -> Self {
        Self { place: Arc::clone(place), key }
    }

    /// Where it is in the list of keys.
    pub(crate) fn place(&self) -> WidgetKeyId {
        self.key.id
    }
}

/// What the widget on a tenant's websites shows. Every visitor's browser has it: what protects it is the list of websites it is good on.
#[Object]
impl WidgetKey {
    /// The key's id among all objects.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::WidgetKey(self.place.uuid(), self.key.id.uuid()).encode()
    }

    /// What the tenant calls it.
    async fn name(&self) -> &str {
        &self.key.name
    }

    /// The key itself: `pk_live_…`.
    async fn key(&self) -> &str {
        &self.key.key
    }

    /// The websites it is good on, in alphabetical order; none: it is good nowhere.
    async fn origins(&self) -> Vec<&str> {
        self.key.origins.iter().map(widget::AllowedOrigin::as_str).collect()
    }

    /// One more at each change.
    async fn revision(&self) -> i64 {
        self.key.revision
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.key.created_at)
    }

    /// Since when it is not good; null while it is.
    async fn disabled_at(&self) -> Option<DateTime> {
        self.key.disabled_at.map(DateTime)
    }

    /// Whose it is.
    async fn tenant(&self) -> Tenant {
        Tenant(Arc::clone(&self.place))
    }
}
