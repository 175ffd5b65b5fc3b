//! Shapes of prices that are looked at, be they a draft's or a version's.

use super::{
    impact::Summary,
    model::{Policy, Pricebook, Status},
};
use crate::clock::Instant;

/// Whose prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// The draft's.
    Draft,
    /// A version's, by its number.
    Version(i32),
}

/// Prices, and what is known of them whether they are a draft's or a version's.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The version's number; none for the draft.
    pub number: Option<i32>,
    /// The draft's revision; none for a version.
    pub revision: Option<i64>,
    /// Where they are in their life.
    pub status: Status,
    /// What they are.
    pub pricebook: Pricebook,
    /// SHA-256 over the canonical JSON of that.
    pub content_hash: [u8; 32],
    /// Why prices change.
    pub note: String,
    /// Whom of those who are customers already they reach.
    pub policy: Policy,
    /// From when they are in force, as far as that is decided.
    pub effective_from: Option<Instant>,
}

impl Subject {
    /// Whether the policy lets them reach those who are customers already.
    #[must_use]
    pub fn reaches_existing(&self) -> bool {
        self.policy != Policy::NewCustomers
    }
}

/// Prices, and what they would have done to what all customers used lately.
#[derive(Clone, Debug)]
pub struct Foreseen {
    /// The prices.
    pub subject: Subject,
    /// What they would have done, had everybody been on them.
    pub summary: Summary,
}
