//! Credits: what a tenant has, what is set aside for turns, and what they took.
//!
//! Invariants: an account's balance is the sum of its entries and of what remains of its grants, and its held is the sum of its open holds;
//! neither goes below zero, whoever races whom; an entry never changes and begins where the one before ended; a turn is charged once, at
//! the prices its hold was made at, and never more than was held. What is due at a moment (an expiry, a new period) has happened for
//! everyone who looks later, whether or not anything ran.

mod billing;
mod model;
pub mod rules;
pub mod store;

pub use self::billing::{Statement, Subscription, Switch, SwitchPreview, SwitchRefusal, Switched, When};
pub use self::model::{
    Account, Budget, Budgets, Charge, EXTRACTIVE, Entitled, Entitlement, Entry, EntryKind, Grant, GrantKind, MeterUsage, Metered,
    Subscribed, Summary, Taking, Terms,
};
pub use self::store::{
    IMPACT_DAYS, cancel, charge_of, entries, grants, impact, meter, preview_switch, resume_plan, running, statement, statements,
    subscribe, subscription, summary, switch,
};
pub(crate) use self::store::{
    Moved, charge, charges, entitled, entitlements, move_on, prices, reserve, retention_days, retention_of, subscribed,
};
