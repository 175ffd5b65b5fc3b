//! Who is signed in.

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use frontoffice_domain::{
    identity::{self, Permission, Principal, SignedIn, rules},
    tenancy,
};

use super::tenant::{Place, Tenant};
use crate::{
    context::{asking, house},
    error::failed,
    global_id::GlobalId,
    kind::{Audience, MemberRole, StaffRole},
    scalar::Uuid,
};

/// Who is signed in.
#[derive(Clone)]
pub(crate) struct Viewer(pub(crate) SignedIn);

/// A team the viewer is on.
#[derive(SimpleObject)]
pub(crate) struct Membership {
    /// The tenant's UUID, as a login names it in `tenant`.
    tenant_uuid: Uuid,
    /// The tenant's short name in addresses.
    slug: String,
    /// The tenant's name for people.
    name: String,
    /// What the viewer may do there.
    role: MemberRole,
}

impl Viewer {
    /// What makes them the same object again: the person, or the key.
    pub(crate) fn global_id(&self) -> GlobalId {
        GlobalId::Viewer(match &self.0.principal {
            Principal::Staff(staff) => staff.user().uuid(),
            Principal::Member(member) => member.user().uuid(),
            Principal::Key(key) => key.key().uuid(),
        })
    }
}

/// Who is signed in: somebody who works for the platform, a member of a tenant, or a tenant's server.
#[Object]
impl Viewer {
    /// Their id among all objects; only they find themselves by it.
    pub(crate) async fn id(&self) -> ID {
        self.global_id().encode()
    }

    /// What they came in as.
    async fn audience(&self) -> Audience {
        match &self.0.principal {
            Principal::Staff(_) => Audience::Staff,
            Principal::Member(_) => Audience::Member,
            Principal::Key(_) => Audience::ApiKey,
        }
    }

    /// Their e-mail address; an API key has none.
    async fn email(&self) -> Option<&str> {
        self.0.session.as_ref().map(|session| session.user.email.as_str())
    }

    /// Their name, or what the key is called.
    async fn name(&self) -> Option<&str> {
        match &self.0.principal {
            Principal::Key(key) => Some(key.name()),
            Principal::Staff(_) | Principal::Member(_) => self.0.session.as_ref().map(|session| session.user.name.as_str()),
        }
    }

    /// What they are there for, if they work for the platform.
    async fn staff_role(&self) -> Option<StaffRole> {
        match &self.0.principal {
            Principal::Staff(staff) => Some(staff.role().into()),
            Principal::Member(_) | Principal::Key(_) => None,
        }
    }

    /// What they may do in their tenant, if they are a member.
    async fn member_role(&self) -> Option<MemberRole> {
        match &self.0.principal {
            Principal::Member(member) => Some(member.role().into()),
            Principal::Staff(_) | Principal::Key(_) => None,
        }
    }

    /// The tenant they are in; null for those who work for the platform.
    async fn tenant(&self, ctx: &Context<'_>) -> Result<Option<Tenant>> {
        if self.0.principal.tenant().is_none() {
            return Ok(None);
        }
        let now = asking(ctx)?.now;
        let entered = tenancy::enter_named(&house(ctx)?.db, &self.0, None, now).await.map_err(failed)?;
        Ok(entered.map(|entered| Tenant(Place::new(entered))))
    }

    /// The teams they are on, by the tenants' slugs. To change to another, sign in to it.
    async fn memberships(&self, ctx: &Context<'_>) -> Result<Vec<Membership>> {
        let Some(session) = self.0.session.clone() else { return Ok(Vec::new()) };
        let platform = tenancy::Platform::of_this_process();
        let choices =
            house(ctx)?.read_all(platform, async move |mut conn, _| identity::memberships_of(&mut conn, &session).await).await?;
        let membership = |choice: identity::Choice| Membership {
            tenant_uuid: Uuid(choice.id.uuid()),
            slug: choice.slug,
            name: choice.name,
            role: choice.role.into(),
        };
        Ok(choices.into_iter().map(membership).collect())
    }

    /// What they may do, in the words that errors use: `chat.read`.
    async fn permissions(&self) -> Vec<&'static str> {
        let may = |permission: &&Permission| rules::has(&self.0.principal, **permission);
        Permission::ALL.iter().filter(may).map(|permission| permission.as_str()).collect()
    }
}
