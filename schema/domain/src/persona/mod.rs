//! Personas: who answers for a tenant.
//!
//! Invariants: a tenant has exactly one default persona; a change is a new version, and a version never changes.

mod model;
pub mod store;

pub use self::model::{NewVersion, PersonaVersion};
pub(crate) use self::store::in_force;
pub use self::store::{create_default, current, name, version};
