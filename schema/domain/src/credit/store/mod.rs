//! Acts of credits. Whoever changes an account takes its row first, so that those who race for one tenant's credits wait for each
//! other and for nobody else.

mod alerts;
mod beyond;
mod buy;
mod caps;
mod catch_up;
mod check;
mod costs;
mod entitled;
mod explain;
mod hold;
mod impact;
mod ledger;
mod meter;
mod moving;
mod read;
mod refund;
mod segments;
mod standing;
mod statement;
mod subscribe;
mod subscription;
mod sweep;
mod took;
mod usage;

pub(crate) use self::{
    alerts::exhausted,
    caps::capped,
    costs::mixes,
    entitled::{entitled, entitlements, retention_days, retention_of},
    hold::reserve,
    moving::{Moved, move_on, subscribed},
    read::{charge, charges},
    standing::prices,
};
pub use self::{
    buy::{adjust, give, top_up, void},
    caps::{cap, caps},
    check::{CheckCharges, Checked, check, check_yesterday},
    costs::{costs, margins, set_cost},
    explain::explain,
    impact::{DAYS as IMPACT_DAYS, impact},
    meter::meter,
    read::{charge_of, entries, grants, summary},
    refund::refund_wrong,
    statement::{running, statement, statements},
    subscribe::subscribe,
    subscription::{cancel, preview_switch, resume_plan, subscription, switch},
    sweep::{KeepAccount, keep, sweep},
    usage::{LONGEST as LONGEST_USAGE, projection, usage},
};
