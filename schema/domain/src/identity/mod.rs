//! Who calls, and what a caller may be allowed to do.
//!
//! Invariants: nothing here grants anything. A [`Caller`] becomes authority only in [`tenancy`](crate::tenancy), which makes the
//! [`Scope`](crate::tenancy::Scope) that acts ask for. Tokens are stored as their hash and passwords as argon2id's; e-mails that somebody
//! tried and addresses as keyed hashes. A guess is counted before the password is looked at.

mod key;
mod login;
mod model;
mod password;
pub mod rules;
mod secret;
pub mod store;
pub mod throttle;

pub use self::key::{InstanceKey, KeyError, hash, new_session_id};
pub use self::login::{LogIn, LoggedIn, log_in, signed_in};
pub use self::model::{Audience, Caller, Permission, SessionKind, SessionLengths, SignedIn, Staff, StaffRole, User, VisitorKey};
pub use self::password::{Password, Passwords};
pub use self::rules::PasswordFault;
pub use self::secret::Token;
pub use self::store::{create_owner, has_owner, log_out, log_out_everywhere};
