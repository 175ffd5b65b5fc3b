//! One turn on the bus: what was said in it, and who listens.

use std::sync::{Arc, Mutex};

use tokio::{sync::watch, time::Instant};

use super::{Position, TurnEvent, lock, log::Log};

/// A turn: here is kept what was said in it; with other processes on the bus, what was heard of it.
#[derive(Debug)]
pub(super) struct Topic {
    /// Random, so that nobody goes on counting where another topic, or another process, stopped.
    pub(super) epoch: u64,
    pub(super) log: Mutex<Log>,
    /// The number the next event will have.
    pub(super) end: watch::Sender<u64>,
    /// Whether what was said elsewhere before is known here.
    pub(super) caught_up: watch::Sender<bool>,
    /// When something was last said.
    pub(super) spoke_at: Mutex<Instant>,
}

impl Topic {
    pub(super) fn new(caught_up: bool) -> Self {
        Self {
            epoch: u64::from(rand::random::<u32>()),
            log: Mutex::default(),
            end: watch::Sender::new(0),
            caught_up: watch::Sender::new(caught_up),
            spoke_at: Mutex::new(Instant::now()),
        }
    }

    pub(super) fn is_caught_up(&self) -> bool {
        *self.caught_up.borrow()
    }

    /// Adds what was said, and wakes who listens.
    pub(super) fn add(&self, said: impl FnOnce(&mut Log)) {
        let end = {
            let mut log = lock(&self.log);
            said(&mut log);
            log.end()
        };
        *lock(&self.spoke_at) = Instant::now();
        self.end.send_if_modified(|known| std::mem::replace(known, end) != end);
    }
}

/// Hears what happens in a turn.
#[derive(Debug)]
pub struct Listener {
    topic: Arc<Topic>,
    seen: watch::Receiver<u64>,
    place: Place,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    /// Behind what was heard elsewhere; its number is not known yet.
    After(Position),
    /// The number of what is to be heard next.
    At(u64),
}

impl Listener {
    /// Listens to a topic whose `seen` it is; `after`: behind what was heard already.
    pub(super) fn new(topic: Arc<Topic>, seen: watch::Receiver<u64>, after: Option<Position>) -> Self {
        Self { topic, seen, place: after.map_or(Place::At(0), Place::After) }
    }

    /// Returns once everything is at hand that was said before this began to listen.
    pub async fn caught_up(&self) {
        if self.topic.caught_up.subscribe().wait_for(|caught_up| *caught_up).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// The next event and where it stands. What cannot be continued without a gap begins with [`TurnEvent::Reset`].
    pub async fn next(&mut self) -> (Position, TurnEvent) {
        loop {
            if let Some(found) = self.at_hand() {
                return found;
            }
            if self.seen.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// The next event if it has happened already, as far as is known here.
    pub fn at_hand(&mut self) -> Option<(Position, TurnEvent)> {
        let log = lock(&self.topic.log);
        let next = match self.place {
            Place::At(number) if number >= log.oldest() => Some(number),
            Place::At(_) => None,
            Place::After(position) => log.number_of(position).map(|number| number.saturating_add(1)),
        };
        let Some(number) = next else {
            // Nothing can be continued from there. As long as nothing is known, it still may be.
            log.newest()?;
            self.place = Place::At(log.oldest());
            return Some((Position::ELSEWHERE, TurnEvent::Reset));
        };
        let found = log.get(number).cloned();
        self.place = Place::At(if found.is_some() { number.saturating_add(1) } else { number });
        found
    }
}
