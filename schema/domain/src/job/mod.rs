//! Jobs: work that follows from a fact.
//!
//! Invariants: a job is a row, inserted in the transaction of the fact that calls for it, so it exists if and only if that fact
//! committed. A lease carries a fencing token; a job's effect and its completion commit together, only while the token is still the
//! row's, so a worker that comes late changes nothing. The doorbell is a hint; workers also look by themselves.

mod model;
pub mod rules;
pub mod store;

pub use self::model::{Due, Filter, Job, JobState, Lease, LeaseLength, Progress, Record, Whose};
pub use self::store::{
    Failed, Tended, Wanted, any_expired, by_id, claim, complete, discard, due, enqueue, expire, fail, hand_back, list, prune,
    renew, retry,
};
pub(crate) use self::store::{about, call_again, enqueue_at, go_on, hold, take_along};

use crate::tenancy::Scope;

/// The scope in which a claimed job works: its tenant, and what jobs may do.
#[must_use]
pub fn scope(lease: &Lease) -> Scope {
    Scope::of_job(lease)
}
