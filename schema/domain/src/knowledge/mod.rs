//! Knowledge: what a tenant has approved for its assistant to say.
//!
//! Invariants: only approved entries have passages, and only passages are searched; a passage is what was approved, so what is changed is
//! not said before it is approved again; whether a passage answers a question is decided by one pure scorer ([`rules`]), the same on both
//! stores. The engines only propose.

mod coverage;
pub mod document;
mod entry;
mod language;
mod model;
pub mod rules;
mod split;
pub mod store;
mod terms;

pub use self::entry::{changed, fault};
pub use self::language::plausible;
pub use self::model::{
    Change, Coverage, Covered, Entry, EntryFault, EntryState, Explained, Filter, Found, Gap, Imported, NewEntry, Passage,
    Question, Unanswered,
};
pub use self::store::{approve, archive, by_id, coverage, create, draft, explain, import, list, search, update};
pub(crate) use self::store::{erase, kept};
