//! Personas: who answers for a tenant.
//!
//! Invariants: a tenant has exactly one default persona, which is in use; a change is a new version that says who made it, and a version
//! never changes.

mod model;
pub mod rules;
pub mod store;

pub use self::model::{
    Archived, Authorship, Change, Difference, Field, Grounding, NewVersion, Persona, PersonaVersion, Stretch, Voice,
};
pub(crate) use self::store::{answering, in_use, model, usable};
pub use self::store::{
    archive, by_id, change, create, create_default, default, list, restore, set_default, version, version_of, versions,
    versions_of,
};
