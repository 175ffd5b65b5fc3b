//! Proofs of authority. Their fields are private, so that only this module can make one.

use super::model::Tenant;
use crate::{
    audit::{self, Actor, ActorKind, Change, Trace},
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::TenantId,
    identity::{Caller, Operator, Permission, Principal, SignedIn, Staff, VisitorKey, rules},
    job::Lease,
};

/// Who the program itself is in the audit log.
const PROCESS: Actor = Actor { kind: ActorKind::Process, id: None };

/// One caller in one tenant. Acts take it and require a permission of it.
#[derive(Clone, Debug)]
pub struct Scope {
    tenant: TenantId,
    caller: Caller,
    trace: Trace,
}

impl Scope {
    pub(super) fn new(tenant: TenantId, caller: Caller) -> Self {
        Self { tenant, caller, trace: Trace::default() }
    }

    pub(super) fn of(tenant: TenantId, signed_in: &SignedIn) -> Self {
        Self { tenant, caller: Caller::SignedIn(signed_in.principal.clone()), trace: signed_in.trace.clone() }
    }

    /// The scope of a claimed job; only [`job::scope`](crate::job::scope) asks for it.
    pub(crate) fn of_job(lease: &Lease) -> Self {
        Self::new(lease.tenant(), Caller::Job)
    }

    /// The tenant everything this caller does is confined to.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Who is calling.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// What the request is known by in the logs.
    #[must_use]
    pub fn span(&self) -> Option<String> {
        self.trace.request.map(|request| request.to_string())
    }

    /// Refuses unless the caller has the permission, and has said why where that is asked for.
    ///
    /// # Errors
    /// [`Fault::Denied`], [`Fault::ReasonMissing`].
    pub fn require(&self, permission: Permission) -> Result<(), Fault> {
        if !rules::permits(&self.caller, permission) {
            return Err(Fault::Denied(permission));
        }
        match &self.caller {
            Caller::SignedIn(principal) if self.trace.reason.is_none() && rules::needs_reason(principal, permission) => {
                Err(Fault::ReasonMissing(permission))
            }
            _ => Ok(()),
        }
    }

    /// The visitor who is calling, required to be one.
    ///
    /// # Errors
    /// [`Fault::Denied`].
    pub fn visitor(&self) -> Result<VisitorKey, Fault> {
        match &self.caller {
            Caller::PublicVisitor(key) | Caller::WidgetVisitor(key) | Caller::Operator(Operator { key, .. }) => Ok(*key),
            Caller::Job | Caller::SignedIn(_) | Caller::Platform => Err(Fault::Denied(Permission::ChatVisit)),
        }
    }

    /// The same caller, talking to the assistant themselves: from here on no more than a visitor.
    ///
    /// # Errors
    /// As [`Scope::require`], for `chat.manage`.
    pub fn as_visitor(&self) -> Result<Self, Fault> {
        self.require(Permission::ChatManage)?;
        Ok(self.talking())
    }

    /// The same, as part of an act that needs another permission.
    pub(crate) fn talking(&self) -> Self {
        Self { caller: Caller::Operator(Operator::of(&self.actor())), ..self.clone() }
    }

    /// Who this is in the audit log.
    pub(crate) fn actor(&self) -> Actor {
        match &self.caller {
            Caller::SignedIn(principal) => principal.actor(),
            Caller::PublicVisitor(_) | Caller::WidgetVisitor(_) | Caller::Operator(_) | Caller::Job | Caller::Platform => PROCESS,
        }
    }

    /// Notes what this caller changed, in the transaction that changes it.
    pub(crate) async fn record(&self, conn: &mut Conn, change: Change<'_>, now: Instant) -> Result<(), Fault> {
        let actor = self.actor();
        audit::record(conn, &actor, Some(self.tenant), &self.trace, change, now).await
    }
}

/// Authority over all tenants.
#[derive(Clone, Debug)]
pub struct Platform {
    staff: Option<Staff>,
    trace: Trace,
}

impl Platform {
    /// This process itself, acting on its own store: set-up and the queue. Whoever can start it owns the store anyway.
    #[must_use]
    pub fn of_this_process() -> Self {
        Self { staff: None, trace: Trace::default() }
    }

    /// Somebody who works for the platform; `None` for anybody else.
    #[must_use]
    pub fn of(signed_in: &SignedIn) -> Option<Self> {
        match &signed_in.principal {
            Principal::Staff(staff) => Some(Self { staff: Some(staff.clone()), trace: signed_in.trace.clone() }),
            Principal::Member(_) | Principal::Key(_) => None,
        }
    }

    /// Refuses unless the staff has the permission; this process itself has all.
    ///
    /// # Errors
    /// [`Fault::Denied`].
    pub fn require(&self, permission: Permission) -> Result<(), Fault> {
        match &self.staff {
            Some(staff) if !rules::staff_may(staff.role(), permission) => Err(Fault::Denied(permission)),
            _ => Ok(()),
        }
    }

    /// Refuses unless this is the program itself.
    ///
    /// # Errors
    /// [`Fault::Denied`].
    pub(crate) fn require_process(&self) -> Result<(), Fault> {
        match self.staff {
            None => Ok(()),
            Some(_) => Err(Fault::Denied(Permission::PricebookPublish)),
        }
    }

    /// The platform's owner at work on one tenant.
    #[must_use]
    pub fn within(&self, tenant: &Tenant) -> Scope {
        Scope { tenant: tenant.id, caller: Caller::Platform, trace: self.trace.clone() }
    }

    /// A tenant of the platform's list, entered by who looks at that. A reason for reading what visitors wrote is stated, and noted, for
    /// one tenant: it is not good here.
    #[must_use]
    pub fn entered(&self, tenant: Tenant) -> (Tenant, Scope) {
        let caller = match &self.staff {
            Some(staff) => Caller::SignedIn(Principal::Staff(staff.clone())),
            None => Caller::Platform,
        };
        let trace = Trace { reason: None, ..self.trace.clone() };
        let scope = Scope { tenant: tenant.id, caller, trace };
        (tenant, scope)
    }

    /// What the request is known by in the logs.
    #[must_use]
    pub fn span(&self) -> Option<String> {
        self.trace.request.map(|request| request.to_string())
    }

    /// Who this is in the audit log.
    pub(crate) fn actor(&self) -> Actor {
        self.staff.clone().map_or(PROCESS, |staff| Principal::Staff(staff).actor())
    }

    /// Notes what was changed, in the transaction that changes it.
    pub(crate) async fn record(&self, conn: &mut Conn, change: Change<'_>, now: Instant) -> Result<(), Fault> {
        audit::record(conn, &self.actor(), None, &self.trace, change, now).await
    }

    /// Notes what was changed in one tenant.
    pub(crate) async fn record_within(
        &self,
        conn: &mut Conn,
        tenant: TenantId,
        change: Change<'_>,
        now: Instant,
    ) -> Result<(), Fault> {
        audit::record(conn, &self.actor(), Some(tenant), &self.trace, change, now).await
    }
}
