//! Acts on knowledge.

mod coverage;
mod entry;
mod erase;
mod search;

pub use self::{
    coverage::coverage,
    entry::{approve, archive, by_id, create, draft, import, list, update},
    search::{explain, search},
};
pub(crate) use self::{entry::kept, erase::erase};
