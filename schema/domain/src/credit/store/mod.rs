//! Acts of credits. Whoever changes an account takes its row first, so that those who race for one tenant's credits wait for each
//! other and for nobody else.

mod catch_up;
mod entitled;
mod hold;
mod ledger;
mod meter;
mod read;
mod subscribe;

pub(crate) use self::{
    entitled::{entitled, entitlements, retention_days, retention_of},
    hold::reserve,
    ledger::prices,
    read::{charge, charges},
};
pub use self::{
    meter::meter,
    read::{charge_of, entries, grants, subscription, summary},
    subscribe::subscribe,
};
