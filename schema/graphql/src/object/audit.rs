//! Who changed what.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use frontoffice_domain::{
    audit,
    id::AuditEntryId,
    pricing::rules::hex,
    tenancy::{self, Platform},
};

use super::tenant::Place;
use crate::{
    connection::Connection,
    context::{asking, house, signed_in},
    error::failed,
    kind::{AuditAction, AuditActorKind},
    paging::{Window, connection},
    scalar::{DateTime, Uuid},
};

/// The audit log, in cursors.
const AUDIT: &str = "auditLog";

/// Who did something.
#[derive(SimpleObject)]
pub(crate) struct AuditActor {
    /// What kind of caller it was.
    kind: AuditActorKind,
    /// The person or the key; null for the program itself.
    uuid: Option<Uuid>,
    /// What the person or the key is called now.
    name: Option<String>,
}

impl AuditActor {
    pub(crate) fn new(kind: audit::ActorKind, id: Option<AuditEntryId>, name: Option<String>) -> Self {
        Self { kind: kind.into(), uuid: id.map(|id| Uuid(id.uuid())), name }
    }
}

/// A line of the audit log.
#[derive(Clone)]
pub(crate) struct AuditEntry(audit::Entry);

/// A line of the audit log. It never changes, and says which fields were changed, never what they hold.
#[Object]
impl AuditEntry {
    /// The UUID it is known by.
    async fn uuid(&self) -> Uuid {
        Uuid(self.0.id.uuid())
    }

    /// When it happened.
    async fn at(&self) -> DateTime {
        DateTime(self.0.at)
    }

    /// Who did it.
    async fn actor(&self) -> AuditActor {
        AuditActor { kind: self.0.actor.kind.into(), uuid: self.0.actor.id.map(Uuid), name: self.0.actor_name.clone() }
    }

    /// The client's address as a keyed hash, in hexadecimal digits: the same address is the same.
    async fn address_hash(&self) -> Option<String> {
        self.0.address.as_deref().map(hex)
    }

    /// What was done.
    async fn action(&self) -> AuditAction {
        self.0.action.into()
    }

    /// In which tenant, by its UUID; null for what is of no tenant.
    async fn tenant_uuid(&self) -> Option<Uuid> {
        self.0.tenant.map(|tenant| Uuid(tenant.uuid()))
    }

    /// What it was done to: the UUID of a person, a key, an invitation, a session or a tenant.
    async fn subject_uuid(&self) -> Option<Uuid> {
        self.0.subject.map(Uuid)
    }

    /// Which fields were changed.
    async fn fields(&self) -> &[String] {
        &self.0.fields
    }

    /// Which revision it has since, if it has revisions.
    async fn revision(&self) -> Option<i64> {
        self.0.revision
    }

    /// Why, if a reason was stated.
    async fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// What the request is known by in the logs and in errors.
    async fn request_id(&self) -> Option<Uuid> {
        self.0.request.map(|request| Uuid(request.uuid()))
    }
}

/// Which lines are wanted. What is left out does not matter.
#[derive(InputObject)]
pub(crate) struct AuditFilter {
    /// Of which tenant, by its UUID. For those who work for the platform; everybody else reads their own tenant's.
    tenant: Option<Uuid>,
    /// By what kind of caller.
    actor_kind: Option<AuditActorKind>,
    /// By whom: the UUID of the person or the key.
    actor: Option<Uuid>,
    /// What was done.
    action: Option<AuditAction>,
    /// From this instant on.
    from: Option<DateTime>,
    /// Before this instant.
    to: Option<DateTime>,
}

/// A page of the log: of everything for who works for the platform and names no tenant, of one tenant else.
pub(crate) async fn log(
    ctx: &Context<'_>,
    filter: Option<AuditFilter>,
    window: Window,
) -> Result<Option<Connection<AuditEntry>>> {
    let (house, who, now) = (house(ctx)?, signed_in(ctx)?, asking(ctx)?.now);
    let (named, filter) = match filter {
        None => (None, audit::Filter::default()),
        Some(filter) => (
            filter.tenant.map(|tenant| tenant.0.to_string()),
            audit::Filter {
                tenant: None,
                actor: filter.actor_kind.map(Into::into),
                actor_id: filter.actor.map(|id| id.0),
                action: filter.action.map(Into::into),
                from: filter.from.map(|at| at.0),
                to: filter.to.map(|at| at.0),
            },
        ),
    };
    let of_platform = Platform::of(who).filter(|_| named.is_none());
    let (slice, list) = if let Some(platform) = of_platform {
        let page = window.page::<AuditEntryId>(&house.key, AUDIT)?;
        let read = async move |mut conn, platform| audit::everywhere(&mut conn, &platform, filter, page).await;
        (house.read_all(platform, read).await?, AUDIT.to_owned())
    } else {
        let entered = tenancy::enter_named(&house.db, who, named, now).await.map_err(failed)?;
        let Some(place) = entered.map(Place::new) else { return Ok(None) };
        let list = place.list(AUDIT);
        let page = window.page::<AuditEntryId>(&house.key, &list)?;
        let read = async move |mut conn, scope| audit::of_tenant(&mut conn, &scope, filter, page).await;
        (house.read(&place.scope, read).await?, list)
    };
    Ok(Some(connection(slice.map(AuditEntry), &house.key, &list, |entry| entry.0.id)))
}
