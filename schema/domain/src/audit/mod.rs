//! Who changed what, from where, and why.
//!
//! Invariants: every state change by staff, a member or an API key is noted in its own transaction; entries are only ever added (a
//! trigger keeps the rest out); they hold ids and names of fields, never what was written into them, and an address only as a keyed hash.

mod model;
mod store;

pub use self::model::{Action, Actor, ActorKind, Change, Entry, Filter, Trace};
pub(crate) use self::store::record;
pub use self::store::{everywhere, names, of_tenant};
