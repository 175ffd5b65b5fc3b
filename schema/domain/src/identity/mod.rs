//! Who calls, and what a caller may be allowed to do.
//!
//! Invariant: nothing here grants anything. A [`Caller`] becomes authority only in [`tenancy`](crate::tenancy), which makes the
//! [`Scope`](crate::tenancy::Scope) that acts ask for.

mod cursor;
mod key;
mod model;
pub mod rules;

pub use self::key::{InstanceKey, KeyError, hash, new_session_id};
pub use self::model::{Caller, Permission, Staff, StaffRole, VisitorKey};
