//! Who wrote something, for pages of one tenant.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use async_graphql::{Context, Result};
use frontoffice_domain::{
    audit::{self, ActorKind},
    id::AuditEntryId,
};
use futures_util::FutureExt;

use super::{audit::AuditActor, tenant::Place};
use crate::{context::house, level::Loaded};

/// The names of all who wrote what was loaded together.
#[derive(Default)]
pub(crate) struct Authors {
    ids: BTreeSet<AuditEntryId>,
    names: Loaded<(), HashMap<AuditEntryId, String>>,
}

impl Authors {
    pub(crate) fn of(ids: impl IntoIterator<Item = Option<AuditEntryId>>) -> Self {
        Self { ids: ids.into_iter().flatten().collect(), names: Loaded::default() }
    }

    /// What one of them is called.
    pub(crate) async fn name(&self, ctx: &Context<'_>, place: &Place, id: AuditEntryId) -> Result<Option<String>> {
        let house = house(ctx)?;
        let load = || {
            let ids: Vec<_> = self.ids.iter().copied().collect();
            house.read(&place.scope, async move |mut conn, scope| audit::names(&mut conn, &scope, &ids).await).boxed()
        };
        Ok(self.names.get((), load).await?.get(&id).cloned())
    }

    /// One of them, as the audit log shows them.
    pub(crate) async fn actor(
        &self,
        ctx: &Context<'_>,
        place: &Arc<Place>,
        kind: ActorKind,
        id: Option<AuditEntryId>,
    ) -> Result<AuditActor> {
        let name = match id {
            None => None,
            Some(id) => self.name(ctx, place, id).await?,
        };
        Ok(AuditActor::new(kind, id, name))
    }
}
