//! Acts on knowledge.

mod coverage;
mod entry;
mod search;

pub(crate) use self::entry::kept;
pub use self::{
    coverage::coverage,
    entry::{approve, archive, by_id, create, draft, import, list, update},
    search::{explain, search},
};
