//! What this process depends on, and whether it is there.

use std::time::Duration;

use crate::{
    bus::{self, Bus},
    clock::{Clock, Instant},
    db::Db,
    process,
    pulse::Pulse,
    tenancy::Platform,
};

/// Workers whose last look is longer ago are not working.
const LAST_LOOK: Duration = Duration::from_secs(15);
/// How long the store may take to answer.
const STORE: Duration = Duration::from_secs(3);

/// How the workers are: those of this process, or, where none run, those of all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workers {
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
    /// How the bus is.
    pub bus: bus::State,
    /// How the workers are.
    pub workers: Workers,
    /// Whether those are in this process.
    pub works: bool,
    /// When they last looked at the queue.
    pub last_look: Option<Instant>,
    /// Whether the process is about to stop.
    pub stopping: bool,
}

impl Health {
    /// Whether requests are welcome. Workers elsewhere that are silent make nobody turn visitors away: what they say is kept.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.store && (self.workers == Workers::Ok || !self.works) && !self.stopping
    }

    /// Whether something is slower than it could be, though requests are welcome.
    #[must_use]
    pub fn is_degraded(&self) -> bool {
        self.bus == bus::State::Degraded || self.workers == Workers::Silent
    }
}

/// Looks. `pulse` is `None` where no workers run.
pub async fn look(db: &Db, bus: &Bus, clock: &Clock, pulse: Option<&Pulse>, stopping: bool) -> Health {
    let platform = Platform::of_this_process();
    let this = platform.clone();
    let asked = db.platform_read(&platform, async move |mut conn| process::last_look(&mut conn, &this).await);
    let elsewhere = tokio::time::timeout(STORE, asked).await.ok().and_then(Result::ok);
    let last_look = match pulse {
        Some(pulse) => pulse.last(),
        None => elsewhere.flatten(),
    };
    // Those elsewhere say only now and then when they looked.
    let silence = if pulse.is_some() { LAST_LOOK } else { LAST_LOOK.saturating_add(process::rules::BEAT) };
    let is_lately = last_look.is_some_and(|at| clock.now().since(at) < silence);
    let workers = if is_lately { Workers::Ok } else { Workers::Silent };
    Health { store: elsewhere.is_some(), bus: bus.state(), workers, works: pulse.is_some(), last_look, stopping }
}
