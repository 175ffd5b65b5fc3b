//! How far a publication is.

use async_graphql::SimpleObject;
use frontoffice_domain::pricing;

use crate::{
    kind::{PricebookPolicy, PricebookPublicationState},
    scalar::DateTime,
};

/// How far it is that those who are customers already are on a version. Nobody's price waits for that: what holds is decided by the moment.
#[derive(SimpleObject)]
pub(crate) struct PricebookPublication {
    /// The version's number.
    number: i32,
    /// Whom it reaches.
    policy: PricebookPolicy,
    /// From when it is in force.
    effective_from: DateTime,
    /// How far that is.
    state: PricebookPublicationState,
    /// How many subscriptions there are to look at; null before it takes effect.
    total: Option<i64>,
    /// How many were looked at.
    seen: i64,
    /// How many of those are on the version now that were on an earlier one.
    moved: i64,
    /// When it was finished.
    finished_at: Option<DateTime>,
}

impl From<pricing::Publication> for PricebookPublication {
    fn from(its: pricing::Publication) -> Self {
        Self {
            number: its.number,
            policy: its.policy.into(),
            effective_from: DateTime(its.effective_from),
            state: its.state.into(),
            total: its.total,
            seen: its.seen,
            moved: its.moved,
            finished_at: its.finished_at.map(DateTime),
        }
    }
}
