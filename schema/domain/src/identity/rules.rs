//! Who may do what: the one table of permissions; and what may be an e-mail or a password.

use super::model::{Caller, Permission, StaffRole};

/// The fewest characters of a password.
const SHORTEST: usize = 8;
/// The most characters of a password.
const LONGEST: usize = 1_000;
/// Passwords that are tried first, one on a line, in lower case.
const COMMON: &str = include_str!("common-passwords.txt");

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
        // Support reads a conversation only with a stated reason, and there is no way yet to state one.
        (StaffRole::Auditor, ChatRead) => true,
        (_, ChatRead | JobManage | KnowledgeManage | PersonaManage | TenantManage) => false,
    }
}

/// An e-mail as it is compared and stored.
#[must_use]
pub fn plain_email(text: &str) -> String {
    text.trim().to_lowercase()
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

    #[test]
    fn nobody_on_staff_takes_part_as_a_visitor_or_a_job() {
        for role in StaffRole::ALL {
            assert!(!staff_may(*role, Permission::ChatVisit) && !staff_may(*role, Permission::ChatAnswer), "{role}");
        }
        assert!(staff_may(StaffRole::Owner, Permission::ChatRead) && !staff_may(StaffRole::FinanceAuthor, Permission::ChatRead));
    }
}
