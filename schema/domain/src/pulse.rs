//! The pulse of this process: what readiness is judged by.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use crate::clock::Instant;

/// When the workers of this process last looked at the queue. Clones feel the same pulse.
#[derive(Clone, Debug, Default)]
pub struct Pulse(Arc<AtomicI64>);

impl Pulse {
    /// The queue was looked at, and answered.
    pub fn beat(&self, now: Instant) {
        self.0.store(now.as_micros(), Ordering::Relaxed);
    }

    /// When it last was; `None` before the first look.
    #[must_use]
    pub fn last(&self) -> Option<Instant> {
        match self.0.load(Ordering::Relaxed) {
            0 => None,
            micros => Some(Instant::from_micros(micros)),
        }
    }
}
