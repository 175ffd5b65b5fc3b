//! Knowledge: what a tenant has approved for its assistant to say.
//!
//! Invariants: only approved entries have passages, and only passages are searched; whether a passage answers a question is
//! decided by one pure scorer ([`rules`]), the same on both stores. The engines only propose.

mod language;
mod model;
pub mod rules;
mod split;
pub mod store;
mod terms;

pub use self::language::plausible;
pub use self::model::{EntryState, Found, NewEntry, Passage, Question};
pub use self::store::{approve, draft, search};
