//! Proofs of authority. Their fields are private, so that only this module can make one.

use super::model::Tenant;
use crate::{
    fault::Fault,
    id::TenantId,
    identity::{Caller, Permission, Staff, VisitorKey, rules},
    job::Lease,
};

/// One caller in one tenant. Acts take it and require a permission of it.
#[derive(Clone, Debug)]
pub struct Scope {
    tenant: TenantId,
    caller: Caller,
}

impl Scope {
    pub(super) fn new(tenant: TenantId, caller: Caller) -> Self {
        Self { tenant, caller }
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

    /// Refuses unless the caller has the permission.
    ///
    /// # Errors
    /// [`Fault::Denied`].
    pub fn require(&self, permission: Permission) -> Result<(), Fault> {
        if rules::permits(&self.caller, permission) { Ok(()) } else { Err(Fault::Denied(permission)) }
    }

    /// The visitor who is calling, required to be one.
    ///
    /// # Errors
    /// [`Fault::Denied`].
    pub fn visitor(&self) -> Result<VisitorKey, Fault> {
        match &self.caller {
            Caller::PublicVisitor(key) => Ok(*key),
            Caller::Job | Caller::Staff(_) | Caller::Platform => Err(Fault::Denied(Permission::ChatVisit)),
        }
    }
}

/// Authority over all tenants.
#[derive(Clone, Debug)]
pub struct Platform(Option<Staff>);

impl Platform {
    /// This process itself, acting on its own store: set-up and the queue. Whoever can start it owns the store anyway.
    #[must_use]
    pub fn of_this_process() -> Self {
        Self(None)
    }

    /// Somebody who works for the platform.
    #[must_use]
    pub fn of_staff(staff: &Staff) -> Self {
        Self(Some(staff.clone()))
    }

    /// Refuses unless the staff has the permission; this process itself has all.
    ///
    /// # Errors
    /// [`Fault::Denied`].
    pub fn require(&self, permission: Permission) -> Result<(), Fault> {
        match &self.0 {
            Some(staff) if !rules::staff_may(staff.role(), permission) => Err(Fault::Denied(permission)),
            _ => Ok(()),
        }
    }

    /// The platform's owner at work on one tenant.
    #[must_use]
    pub fn within(&self, tenant: &Tenant) -> Scope {
        Scope::new(tenant.id, Caller::Platform)
    }
}
