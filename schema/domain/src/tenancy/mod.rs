//! Tenants, and the proofs of authority that acts ask for.
//!
//! Invariants: a [`Scope`] is one caller in one tenant, a [`Platform`] is staff over all of them; only this module makes either.
//! A tenant that is not there and one the caller may not see look exactly alike.

mod hours;
mod model;
pub mod rules;
mod scope;
pub mod store;

pub use self::hours::{Day, HoursFault, OfficeHours, Stretch, clock_time, minute};
pub use self::model::{Change, Closing, Entitlements, Filter, NewBusiness, NewTenant, Opened, Profile, Status, Tenant};
pub use self::scope::{Platform, Scope};
pub use self::store::{
    Door, Entered, close, create, enter, enter_each, enter_named, enter_to_write, entitlements, establish, install, list,
    on_trial, platform_tenant, resume, suspend, update,
};
pub(crate) use self::store::{blank, lock, open};
