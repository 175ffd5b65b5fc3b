//! Those who talk to assistants.

use std::sync::Arc;

use async_graphql::{ID, Object};
use frontoffice_domain::{chat, id::VisitorId};

use super::tenant::Place;
use crate::{
    global_id::GlobalId,
    scalar::{DateTime, Uuid},
};

/// Somebody who talks to a tenant's assistant.
#[derive(Clone)]
pub(crate) struct Visitor {
    place: Arc<Place>,
    visitor: chat::Visitor,
}

impl Visitor {
    pub(crate) fn new(place: &Arc<Place>, visitor: chat::Visitor) -> Self {
        Self { place: Arc::clone(place), visitor }
    }

    /// Their row.
    pub(crate) fn row(&self) -> VisitorId {
        self.visitor.id
    }
}

/// Somebody who talks to a tenant's assistant. Nothing here says who it is, unless their own website does.
#[Object]
impl Visitor {
    /// Their id among all objects; by it a copy of what is known of them is taken, and it is erased.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Visitor(self.place.uuid(), self.visitor.id.uuid()).encode()
    }

    /// The UUID they are known by in the tenant.
    async fn uuid(&self) -> Uuid {
        Uuid(self.visitor.id.uuid())
    }

    /// When they first wrote, or were first said to be there.
    async fn first_seen_at(&self) -> DateTime {
        DateTime(self.visitor.created_at)
    }

    /// When they last wrote.
    async fn last_seen_at(&self) -> DateTime {
        DateTime(self.visitor.seen_at)
    }

    /// Since when nothing of what they said is left; null if they were not erased. Who it was is somebody new since.
    async fn erased_at(&self) -> Option<DateTime> {
        self.visitor.erased_at.map(DateTime)
    }

    /// When their website last said who they are, in a token it signed; null: nobody did.
    async fn verified_at(&self) -> Option<DateTime> {
        self.visitor.verified_at.map(DateTime)
    }

    /// What their website calls them; null if it does not say.
    async fn name(&self) -> Option<&str> {
        self.visitor.name.as_deref()
    }

    /// Where their website says they are written to; null if it does not say.
    async fn email(&self) -> Option<&str> {
        self.visitor.email.as_deref()
    }
}
