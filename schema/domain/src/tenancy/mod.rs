//! Tenants, and the proofs of authority that acts ask for.
//!
//! Invariants: a [`Scope`] is one caller in one tenant, a [`Platform`] is staff over all of them; only this module makes either.
//! A tenant that is not there and one the caller may not see look exactly alike.

mod model;
pub mod rules;
mod scope;
pub mod store;

pub use self::model::{NewTenant, Tenant};
pub use self::scope::{Platform, Scope};
pub(crate) use self::store::open;
pub use self::store::{Entered, create, enter, enter_each, enter_named, enter_to_write, install, platform_tenant};
