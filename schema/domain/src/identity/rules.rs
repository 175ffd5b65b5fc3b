//! Who may do what: the one table of permissions; and what may be an e-mail or a password.

use unicode_normalization::UnicodeNormalization;

use super::model::{Caller, MemberRole, Permission, Principal, StaffRole};
use crate::clock::Instant;

/// The fewest characters of a password.
const SHORTEST: usize = 8;
/// The most characters of a password.
const LONGEST: usize = 1_000;
/// Passwords that are tried first, one on a line, in lower case.
const COMMON: &str = include_str!("common-passwords.txt");

/// What can be had within a tenant: its owners have all of it, its API keys what was chosen of it.
pub const OF_TENANTS: &[Permission] = &[
    Permission::ChatRead,
    Permission::ChatManage,
    Permission::PersonaManage,
    Permission::KnowledgeManage,
    Permission::WidgetManage,
    Permission::WebhookManage,
    Permission::MemberManage,
    Permission::ApiKeyManage,
    Permission::BillingRead,
    Permission::UsageRead,
    Permission::TenantManage,
    Permission::AuditRead,
    Permission::PrivacyManage,
];

/// Whether this kind of caller has a permission.
#[must_use]
pub fn permits(caller: &Caller, permission: Permission) -> bool {
    match caller {
        Caller::PublicVisitor(_) | Caller::WidgetVisitor(_) | Caller::Operator(_) => permission == Permission::ChatVisit,
        Caller::Job => matches!(
            permission,
            Permission::ChatAnswer
                | Permission::UsageMeter
                | Permission::MailSend
                | Permission::RetentionApply
                | Permission::WidgetCheck
        ),
        Caller::SignedIn(principal) => has(principal, permission),
        Caller::Platform => {
            matches!(
                permission,
                Permission::KnowledgeManage | Permission::PersonaManage | Permission::TenantManage | Permission::WidgetManage
            )
        }
    }
}

/// Whether somebody whose credential is good has a permission.
#[must_use]
pub fn has(principal: &Principal, permission: Permission) -> bool {
    match principal {
        Principal::Staff(staff) => staff_may(staff.role(), permission),
        Principal::Member(member) => member_may(member.role(), permission),
        Principal::Key(key) => OF_TENANTS.contains(&permission) && key.permissions().contains(&permission),
    }
}

/// Whether somebody may use a permission they have only with a stated reason, which is noted: those who help tenants read what
/// visitors wrote.
#[must_use]
pub fn needs_reason(principal: &Principal, permission: Permission) -> bool {
    matches!(principal, Principal::Staff(staff) if staff.role() == StaffRole::Support) && permission == Permission::ChatRead
}

/// Whether staff of a role has a permission. Taking part in a conversation as its visitor, and working as a job, is for nobody else.
#[must_use]
pub fn staff_may(role: StaffRole, permission: Permission) -> bool {
    use Permission::{
        AuditRead, BillingRead, ChatAnswer, ChatRead, ChatVisit, CreditAdjust, JobManage, MailSend, PricebookApprove,
        PricebookDraft, PricebookPublish, PricebookRead, RetentionApply, TenantManage, UsageMeter, UsageRead, WidgetCheck,
    };
    match role {
        StaffRole::Owner => !matches!(permission, ChatVisit | ChatAnswer | UsageMeter | MailSend | RetentionApply | WidgetCheck),
        StaffRole::FinanceAuthor => matches!(permission, PricebookRead | PricebookDraft | UsageRead | BillingRead),
        StaffRole::FinanceApprover => matches!(
            permission,
            PricebookRead | PricebookApprove | PricebookPublish | CreditAdjust | UsageRead | BillingRead | AuditRead
        ),
        StaffRole::Support => matches!(permission, TenantManage | ChatRead | UsageRead | JobManage),
        StaffRole::Auditor => matches!(permission, ChatRead | BillingRead | UsageRead | PricebookRead | AuditRead),
    }
}

/// Whether a member of a role has a permission in their tenant.
#[must_use]
pub fn member_may(role: MemberRole, permission: Permission) -> bool {
    use Permission::{BillingRead, ChatManage, ChatRead, KnowledgeManage, UsageRead};
    match role {
        MemberRole::Owner | MemberRole::Admin => OF_TENANTS.contains(&permission),
        MemberRole::Agent => matches!(permission, ChatRead | ChatManage | KnowledgeManage),
        MemberRole::Viewer => matches!(permission, ChatRead | UsageRead | BillingRead),
    }
}

/// Why somebody who may change a tenant's team may not give a role, or take it away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleFault {
    /// Owners are made and unmade by owners, and by the platform's.
    OwnersOnly,
    /// The role has a permission that they lack: what a key could not do itself it must not let somebody else do.
    MoreThanYours(Permission),
}

/// Whether somebody who may change a tenant's team may give this role, or take it away.
///
/// # Errors
/// Why not.
pub fn may_give(caller: &Caller, role: MemberRole) -> Result<(), RoleFault> {
    let is_owner = match caller {
        Caller::SignedIn(Principal::Member(member)) => member.role() == MemberRole::Owner,
        Caller::SignedIn(Principal::Staff(staff)) => staff.role() == StaffRole::Owner,
        Caller::Platform
        | Caller::SignedIn(Principal::Key(_))
        | Caller::PublicVisitor(_)
        | Caller::WidgetVisitor(_)
        | Caller::Operator(_)
        | Caller::Job => false,
    };
    if role == MemberRole::Owner && !is_owner {
        return Err(RoleFault::OwnersOnly);
    }
    let lacks = |permission: &&Permission| member_may(role, **permission) && !permits(caller, **permission);
    match Permission::ALL.iter().find(lacks) {
        Some(lacked) => Err(RoleFault::MoreThanYours(*lacked)),
        None => Ok(()),
    }
}

/// Those of the permissions that the caller may not hand on in an API key: no key may more than who made it.
#[must_use]
pub fn not_to_be_given(caller: &Caller, permissions: &[Permission]) -> Vec<Permission> {
    let may = |permission: &Permission| OF_TENANTS.contains(permission) && permits(caller, *permission);
    permissions.iter().copied().filter(|permission| !may(permission)).collect()
}

/// An e-mail as it is compared and stored.
#[must_use]
pub fn plain_email(text: &str) -> String {
    text.trim().to_lowercase()
}

/// When a key would have to end that somebody makes, if it is to last longer than that: one that ends makes none that goes on.
#[must_use]
pub fn must_end_by(caller: &Caller, wanted: Option<Instant>) -> Option<Instant> {
    let Caller::SignedIn(Principal::Key(key)) = caller else { return None };
    key.expires_at().filter(|end| wanted.is_none_or(|wanted| wanted > *end))
}

/// What somebody is called who has said nothing else: what stands before the `@`.
#[must_use]
pub fn name_of(email: &str) -> String {
    email.split('@').next().unwrap_or_default().chars().take(200).collect()
}

/// Whether an e-mail, as [`plain_email`] makes it, may be somebody's. Whether it can be written to only a letter would tell.
#[must_use]
pub fn email_allowed(email: &str) -> bool {
    let sides = email.split_once('@');
    email.chars().count() <= 254
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
        && sides.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'))
}

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Too few characters.
    #[error("must have at least 8 characters")]
    TooShort,
    /// Too many characters.
    #[error("must have at most 1000 characters")]
    TooLong,
    /// Among the first that are tried.
    #[error("is one of the passwords that are tried first")]
    Common,
    /// The e-mail, or its name.
    #[error("must not be the e-mail")]
    Email,
}

/// Whether somebody with this e-mail may have this password.
///
/// # Errors
/// Why not.
pub fn check_password(password: &str, email: &str) -> Result<(), PasswordFault> {
    // As it is hashed, so that no other way of writing the same letters goes round this.
    let password: String = password.nfkc().collect();
    let characters = password.chars().count();
    if characters < SHORTEST {
        return Err(PasswordFault::TooShort);
    }
    if characters > LONGEST {
        return Err(PasswordFault::TooLong);
    }
    let lower = password.trim().to_lowercase();
    if lower == email || email.split_once('@').is_some_and(|(name, _)| lower == name) {
        return Err(PasswordFault::Email);
    }
    let mut characters = lower.chars();
    let first = characters.next();
    if characters.all(|c| Some(c) == first) || COMMON.lines().any(|common| common == lower) {
        return Err(PasswordFault::Common);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords() {
        use PasswordFault::{Common, Email, TooLong, TooShort};
        for (password, expected) in [
            ("1234567", Err(TooShort)),
            ("äöüäöüä", Err(TooShort)),
            (&"x1".repeat(501), Err(TooLong)),
            ("PassWord123", Err(Common)),
            ("aaaaaaaaaaaa", Err(Common)),
            ("someone@example.com", Err(Email)),
            ("Someone@Example.com", Err(Email)),
            ("four random words", Ok(())),
            (&"x1".repeat(500), Ok(())),
            ("пароль-и-ещё", Ok(())),
        ] {
            assert_eq!(check_password(password, "someone@example.com"), expected, "{password}");
        }
        assert_eq!(check_password("somebody", "somebody@example.com"), Err(Email));
        for common in COMMON.lines() {
            assert!(common.chars().count() >= SHORTEST && common == common.to_lowercase(), "`{common}` says nothing here");
        }
    }

    #[test]
    fn emails() {
        assert_eq!(plain_email(" Jane@Example.COM\n"), "jane@example.com");
        for good in ["owner@localhost", "a+b@example.com", "ä@bücher.example"] {
            assert!(email_allowed(good), "{good}");
        }
        for bad in ["", "owner", "@x", "x@", "a@b@c", "a b@c", "a@b\0", &format!("{}@x", "a".repeat(253))] {
            assert!(!email_allowed(bad), "{bad}");
        }
    }

    const INTERNAL: [Permission; 5] =
        [Permission::ChatVisit, Permission::ChatAnswer, Permission::UsageMeter, Permission::MailSend, Permission::RetentionApply];

    #[test]
    fn nobody_who_signs_in_takes_part_as_a_visitor_or_a_job() {
        for permission in INTERNAL {
            assert!(StaffRole::ALL.iter().all(|role| !staff_may(*role, permission)), "{permission}");
            assert!(MemberRole::ALL.iter().all(|role| !member_may(*role, permission)), "{permission}");
            assert!(!OF_TENANTS.contains(&permission), "{permission}");
        }
    }

    #[test]
    fn the_auditor_reads_everything_and_changes_nothing() {
        for permission in Permission::ALL {
            assert_eq!(staff_may(StaffRole::Auditor, *permission), permission.as_str().ends_with(".read"), "{permission}");
        }
    }

    #[test]
    fn what_is_of_the_platform_no_member_has() {
        for role in MemberRole::ALL {
            for permission in Permission::ALL.iter().filter(|permission| !OF_TENANTS.contains(permission)) {
                assert!(!member_may(*role, *permission), "{role} {permission}");
            }
        }
    }
}
