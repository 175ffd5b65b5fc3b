//! Where things are: a tenant, with the caller's authority in it.

use std::sync::Arc;

use async_graphql::{Context, Result};
use frontoffice_domain::{persona, tenancy};
use futures_util::FutureExt;

use super::persona::{Persona, PersonaLevel};
use crate::{context::house, level::Loaded};

/// What everything of a tenant is read with: the tenant, the caller's authority in it, and what was loaded already.
pub(crate) struct Place {
    pub(crate) tenant: tenancy::Tenant,
    pub(crate) scope: tenancy::Scope,
    default_persona: Loaded<(), Option<persona::Persona>>,
    on_trial: Loaded<(), bool>,
}

impl Place {
    pub(crate) fn new((tenant, scope): (tenancy::Tenant, tenancy::Scope)) -> Arc<Self> {
        Arc::new(Self { tenant, scope, default_persona: Loaded::default(), on_trial: Loaded::default() })
    }

    /// The tenant's UUID as it is known outside.
    pub(crate) fn uuid(&self) -> uuid::Uuid {
        self.tenant.public_id.uuid()
    }

    /// A list of this tenant's, in cursors: one of another tenant's is none here.
    pub(crate) fn list(&self, name: &str) -> String {
        format!("{name} of {}", self.uuid())
    }

    pub(crate) async fn default_persona(self: &Arc<Self>, ctx: &Context<'_>) -> Result<Option<Persona>> {
        let house = house(ctx)?;
        let load = || house.read(&self.scope, async |mut conn, scope| persona::default(&mut conn, &scope).await).boxed();
        let found = self.default_persona.get((), load).await?;
        Ok(found.as_ref().clone().and_then(|persona| PersonaLevel::of(self, vec![persona]).pop()))
    }

    /// What the tenant is.
    pub(crate) async fn status(&self, ctx: &Context<'_>) -> Result<tenancy::Status> {
        let house = house(ctx)?;
        let load = || house.read(&self.scope, async |mut conn, scope| tenancy::on_trial(&mut conn, &scope).await).boxed();
        Ok(self.tenant.status(*self.on_trial.get((), load).await?))
    }
}
