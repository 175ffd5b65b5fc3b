//! Pricing: the pricebook, in versions.
//!
//! Invariants: a published version never changes; at any instant after the first there is exactly one version in force, and which one
//! depends on nothing but the instants at which versions take effect; the publication log verifies from its first line. All of it
//! is held by the database too.

mod model;
pub mod rules;
pub mod store;
mod wording;

pub use self::model::{Action, LogKind, LogLine, Plan, Pricebook, Rate, Status, Trial, Version};
pub(crate) use self::store::content;
pub use self::store::{log, publish, publish_first, resolve, version, versions, versions_by_number};
pub use self::wording::entries;
