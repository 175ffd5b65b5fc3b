//! Credits: what a tenant has, what is set aside for turns, and what they took.
//!
//! Invariants: an account's balance is the sum of its entries and of what remains of its grants, and its held is the sum of its open holds;
//! neither goes below zero, whoever races whom; an entry never changes and begins where the one before ended; a turn is charged once, at
//! the prices its hold was made at, and never more than was held. What is due at a moment (an expiry, a new period) has happened for
//! everyone who looks later, whether or not anything ran.

mod billing;
mod caps;
mod correction;
mod entitlement;
mod model;
pub mod rules;
mod spending;
pub mod store;

pub use self::billing::{Statement, Subscription, Switch, SwitchPreview, SwitchRefusal, Switched, When};
pub use self::caps::{Cap, CapKind, Capped, NewCap};
pub use self::correction::{Bought, Correction, Given, Refund, Refunded, Refusal};
pub use self::entitlement::{Entitled, Entitlement};
pub use self::model::{
    Account, Budget, Budgets, Charge, EXTRACTIVE, Entry, EntryKind, Explanation, Grant, GrantKind, MeterUsage, Metered,
    OverageLeft, Subscribed, Summary, Taking, Terms,
};
pub use self::spending::{Margin, NewProviderCost, ProviderCost, Usage, UsageBy};
pub use self::store::{
    CheckCharges, Checked, IMPACT_DAYS, KeepAccount, LONGEST_USAGE, adjust, cancel, cap, caps, charge_of, check, check_yesterday,
    costs, entries, explain, give, grants, impact, keep, margins, meter, preview_switch, projection, refund_wrong, resume_plan,
    running, set_cost, statement, statements, subscribe, subscription, summary, sweep, switch, top_up, usage, void,
};
pub(crate) use self::store::{
    Moved, capped, charge, charges, entitled, entitlements, exhausted, mixes, move_on, prices, reserve, retention_days,
    retention_of, subscribed,
};
