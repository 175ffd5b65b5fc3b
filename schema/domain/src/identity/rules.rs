//! Who may do what: the one table of permissions.

use super::model::{Caller, Permission};

/// Whether this kind of caller has a permission.
#[must_use]
pub fn permits(caller: &Caller, permission: Permission) -> bool {
    match caller {
        Caller::PublicVisitor(_) => permission == Permission::ChatVisit,
        Caller::Job => permission == Permission::ChatAnswer,
        Caller::Platform => matches!(permission, Permission::KnowledgeManage | Permission::PersonaManage),
    }
}
