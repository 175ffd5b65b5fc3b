//! Who may do what: the one table of permissions.

use super::model::{Caller, Permission, StaffRole};

/// Whether this kind of caller has a permission.
#[must_use]
pub fn permits(caller: &Caller, permission: Permission) -> bool {
    match caller {
        Caller::PublicVisitor(_) => permission == Permission::ChatVisit,
        Caller::Job => matches!(permission, Permission::ChatAnswer | Permission::UsageMeter),
        Caller::Staff(staff) => staff_may(staff.role(), permission),
        Caller::Platform => {
            matches!(permission, Permission::KnowledgeManage | Permission::PersonaManage | Permission::TenantManage)
        }
    }
}

/// Whether staff of a role has a permission. Taking part in a conversation as its visitor, and answering as a job, is for nobody else.
#[must_use]
pub fn staff_may(role: StaffRole, permission: Permission) -> bool {
    use Permission::{
        ChatAnswer, ChatRead, ChatVisit, JobManage, KnowledgeManage, PersonaManage, TenantManage, UsageMeter, UsageRead,
    };
    match (role, permission) {
        (_, ChatVisit | ChatAnswer | UsageMeter) => false,
        (StaffRole::Owner, _) | (_, UsageRead) => true,
        (StaffRole::Support, JobManage | TenantManage) => true,
        (StaffRole::Support | StaffRole::Auditor, ChatRead) => true,
        (_, ChatRead | JobManage | KnowledgeManage | PersonaManage | TenantManage) => false,
    }
}
