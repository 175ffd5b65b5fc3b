//! Alerts: what somebody has to know of a tenant without having asked.
//!
//! Invariants: an alert is written in the transaction of the fact it tells of, and once for each period, version or day it is about, however often
//! that fact is found; it never changes; who is to be told by letter is told by a job that was called for together with it.

mod model;
mod store;

pub(crate) use self::model::About;
pub use self::model::{Alert, AlertKind, TellOfAlert};
pub use self::store::{list, since, tell};
pub(crate) use self::store::{raise, raised};
