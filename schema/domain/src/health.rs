//! What this process depends on, and whether it is there.

use std::time::Duration;

use crate::{
    clock::{Clock, Instant},
    db::Db,
    pulse::Pulse,
    tenancy::Platform,
};

/// Workers whose last look is longer ago are not working.
const LAST_LOOK: Duration = Duration::from_secs(15);
/// How long the store may take to answer.
const STORE: Duration = Duration::from_secs(3);

/// How the workers of this process are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workers {
    /// They run in another process.
    Elsewhere,
    /// They looked at the queue lately.
    Ok,
    /// They have not for too long.
    Silent,
}

/// How this process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether the store answers.
    pub store: bool,
    /// How the workers are.
    pub workers: Workers,
    /// When they last looked at the queue.
    pub last_look: Option<Instant>,
    /// Whether the process is about to stop.
    pub stopping: bool,
}

impl Health {
    /// Whether requests are welcome.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.store && self.workers != Workers::Silent && !self.stopping
    }
}

/// Looks. `pulse` is `None` where no workers run.
pub async fn look(db: &Db, clock: &Clock, pulse: Option<&Pulse>, stopping: bool) -> Health {
    let store = matches!(tokio::time::timeout(STORE, db.ping(&Platform::of_this_process())).await, Ok(Ok(())));
    let last = pulse.map(Pulse::last);
    let workers = match last {
        None => Workers::Elsewhere,
        Some(Some(at)) if clock.now().since(at) < LAST_LOOK => Workers::Ok,
        Some(_) => Workers::Silent,
    };
    Health { store, workers, last_look: last.flatten(), stopping }
}
