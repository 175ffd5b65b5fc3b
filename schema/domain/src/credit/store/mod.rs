//! Acts of credits. Whoever changes an account takes its row first, so that those who race for one tenant's credits wait for each
//! other and for nobody else.

mod catch_up;
mod entitled;
mod hold;
mod impact;
mod ledger;
mod meter;
mod moving;
mod read;
mod segments;
mod standing;
mod statement;
mod subscribe;
mod subscription;

pub(crate) use self::{
    entitled::{entitled, entitlements, retention_days, retention_of},
    hold::reserve,
    moving::{Moved, move_on, subscribed},
    read::{charge, charges},
    standing::prices,
};
pub use self::{
    impact::{DAYS as IMPACT_DAYS, impact},
    meter::meter,
    read::{charge_of, entries, grants, summary},
    statement::{running, statement, statements},
    subscribe::subscribe,
    subscription::{cancel, preview_switch, resume_plan, subscription, switch},
};
