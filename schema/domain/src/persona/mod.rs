//! Personas: who answers for a tenant.
//!
//! Invariants: a tenant has exactly one default persona; a change is a new version, and a version never changes.

mod model;
pub mod store;

pub use self::model::{NewVersion, Persona, PersonaVersion};
pub(crate) use self::store::in_force;
pub use self::store::{by_id, create_default, current, default, list, name, version, versions};
