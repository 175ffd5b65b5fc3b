//! The bus: a doorbell for workers, and what happens in a turn, live, for whoever listens.
//!
//! What matters is in the store; the bus may lose everything and nobody loses more than liveness. So listeners subscribe first and
//! then look at the store, and look again now and then.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde::Serialize;
use tokio::{sync::watch, time::Instant};

use crate::id::{MessageId, TurnId};

/// Something that happened in a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TurnEvent {
    /// More of the answer's text.
    Delta(String),
    /// What was said so far is void; the answer begins anew.
    Reset,
    /// A newer message of the same burst gets the answer.
    Superseded {
        /// That message.
        by: MessageId,
    },
    /// The turn ended; the store has the answer.
    Done,
}

/// Where a listener stands in a topic: who counted, and how far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Position {
    epoch: u32,
    number: u64,
}

impl Position {
    /// A place in no topic: what goes on from there begins with [`TurnEvent::Reset`].
    pub const ELSEWHERE: Self = Self { epoch: 0, number: 0 };
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:08x}-{}", self.epoch, self.number)
    }
}

impl std::str::FromStr for Position {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (epoch, number) = text.split_once('-').ok_or(())?;
        Ok(Self { epoch: u32::from_str_radix(epoch, 16).map_err(|_| ())?, number: number.parse().map_err(|_| ())? })
    }
}

/// How long the events of a turn can be replayed after the last of them.
const REPLAY: Duration = Duration::from_secs(600);
/// At most so many events of one turn are kept; a listener further behind starts over.
const EVENTS: usize = 4_000;
/// At most so many turns are kept; the one that spoke longest ago goes first.
const TOPICS: usize = 10_000;

/// The bus of one process. Clones are the same bus.
#[derive(Clone, Debug)]
pub struct Bus(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    bell: watch::Sender<u64>,
    topics: Mutex<Topics>,
}

#[derive(Debug, Default)]
struct Topics {
    by_turn: HashMap<TurnId, Arc<Topic>>,
    /// Each with when it was born or last seen to have spoken, roughly in that order, to find the oldest.
    order: VecDeque<(TurnId, Instant)>,
}

#[derive(Debug)]
struct Topic {
    /// Random, so that nobody goes on counting where another topic, or another process, stopped.
    epoch: u32,
    events: Mutex<VecDeque<(u64, TurnEvent)>>,
    last: watch::Sender<u64>,
    /// When something was last said.
    spoke_at: Mutex<Instant>,
}

impl Default for Bus {
    fn default() -> Self {
        Self::new()
    }
}

impl Bus {
    /// A new bus, with nothing on it.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Inner { bell: watch::Sender::new(0), topics: Mutex::default() }))
    }

    /// Says that there is work to do.
    pub fn ring(&self) {
        self.0.bell.send_modify(|rings| *rings = rings.wrapping_add(1));
    }

    /// A bell to wait at.
    #[must_use]
    pub fn bell(&self) -> Bell {
        Bell(self.0.bell.subscribe())
    }

    /// Tells everyone who listens to a turn. That what was said is void is told only if anything was.
    pub fn publish(&self, turn: TurnId, event: TurnEvent) {
        let topic = self.topic(turn);
        let number = {
            let mut events = lock(&topic.events);
            let mut said = events.iter().rev().filter(|(_, said)| matches!(said, TurnEvent::Delta(_) | TurnEvent::Reset));
            if event == TurnEvent::Reset && !said.next().is_some_and(|(_, said)| matches!(said, TurnEvent::Delta(_))) {
                return;
            }
            let number = events.back().map_or(1, |(last, _)| last.saturating_add(1));
            if events.len() >= EVENTS {
                events.pop_front();
            }
            events.push_back((number, event));
            number
        };
        *lock(&topic.spoke_at) = Instant::now();
        topic.last.send_replace(number);
    }

    /// Listens to a turn: first what was said after `after`, or everything that is still known, then live.
    #[must_use]
    pub fn subscribe(&self, turn: TurnId, after: Option<Position>) -> Listener {
        let topic = self.topic(turn);
        let seen = topic.last.subscribe();
        let (next, broken) = match after {
            Some(position) if position.epoch == topic.epoch => (position.number.saturating_add(1), false),
            // Counted elsewhere: nothing can be continued from there.
            Some(_) => (1, true),
            None => (1, false),
        };
        Listener { topic, seen, next, broken }
    }

    fn topic(&self, turn: TurnId) -> Arc<Topic> {
        let mut topics = lock(&self.0.topics);
        let now = Instant::now();
        while let Some(&(oldest, since)) = topics.order.front() {
            let full = topics.order.len() >= TOPICS;
            if !full && now.duration_since(since) < REPLAY {
                break;
            }
            topics.order.pop_front();
            // When there is room, whoever is listened to or has spoken lately stays, further back in the line.
            let stays = topics.by_turn.get(&oldest).filter(|_| !full).and_then(|topic| {
                let spoke_at = if topic.last.receiver_count() > 0 { now } else { *lock(&topic.spoke_at) };
                (now.duration_since(spoke_at) < REPLAY).then_some(spoke_at)
            });
            match stays {
                Some(spoke_at) => topics.order.push_back((oldest, spoke_at)),
                None => drop(topics.by_turn.remove(&oldest)),
            }
        }
        if let Some(topic) = topics.by_turn.get(&turn) {
            return Arc::clone(topic);
        }
        let topic = Arc::new(Topic {
            epoch: rand::random(),
            events: Mutex::default(),
            last: watch::Sender::new(0),
            spoke_at: Mutex::new(now),
        });
        topics.by_turn.insert(turn, Arc::clone(&topic));
        topics.order.push_back((turn, now));
        topic
    }
}

/// Waits for the doorbell.
#[derive(Debug)]
pub struct Bell(watch::Receiver<u64>);

impl Bell {
    /// Returns when the bell has rung since the last time this returned.
    pub async fn rung(&mut self) {
        if self.0.changed().await.is_err() {
            // The bus is gone, and with it the process; there is nothing left to wait for.
            std::future::pending::<()>().await;
        }
    }
}

/// Hears what happens in a turn.
#[derive(Debug)]
pub struct Listener {
    topic: Arc<Topic>,
    seen: watch::Receiver<u64>,
    next: u64,
    broken: bool,
}

impl Listener {
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

    /// The next event if it has happened already.
    pub fn at_hand(&mut self) -> Option<(Position, TurnEvent)> {
        let events = lock(&self.topic.events);
        let oldest = events.front().map(|(number, _)| *number)?;
        if self.broken || oldest > self.next {
            self.broken = false;
            self.next = oldest;
            return Some((Position { epoch: self.topic.epoch, number: oldest.saturating_sub(1) }, TurnEvent::Reset));
        }
        let (number, event) = events.iter().find(|(number, _)| *number >= self.next)?;
        self.next = number.saturating_add(1);
        Some((Position { epoch: self.topic.epoch, number: *number }, event.clone()))
    }
}

/// A panic while a lock was held leaves plain values behind, so the lock stays usable.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> TurnEvent {
        TurnEvent::Delta(text.into())
    }

    #[tokio::test]
    async fn a_listener_hears_what_was_said_before_and_after_without_gap_or_repeat() {
        let (bus, turn) = (Bus::new(), TurnId::new());
        bus.publish(turn, said("a"));
        bus.publish(turn, said("b"));
        let mut first = bus.subscribe(turn, None);
        let (at_a, event) = first.next().await;
        assert_eq!(event, said("a"));
        let mut resumed = bus.subscribe(turn, Some(at_a.to_string().parse().unwrap()));
        bus.publish(turn, said("c"));
        assert_eq!(resumed.next().await.1, said("b"));
        assert_eq!(resumed.next().await.1, said("c"));
        assert_eq!(first.next().await.1, said("b"));
    }

    #[tokio::test]
    async fn what_another_bus_counted_starts_over() {
        let (bus, turn) = (Bus::new(), TurnId::new());
        bus.publish(turn, said("a"));
        let foreign = Position { epoch: bus.topic(turn).epoch.wrapping_add(1), number: 1 };
        let mut listener = bus.subscribe(turn, Some(foreign));
        assert_eq!(listener.next().await.1, TurnEvent::Reset);
        assert_eq!(listener.next().await.1, said("a"));
    }

    #[tokio::test]
    async fn that_what_was_said_is_void_is_told_once_and_only_if_something_was_said() {
        let (bus, turn) = (Bus::new(), TurnId::new());
        for event in [TurnEvent::Reset, said("a"), TurnEvent::Reset, TurnEvent::Reset, said("b"), TurnEvent::Done] {
            bus.publish(turn, event);
        }
        let mut listener = bus.subscribe(turn, None);
        let heard: Vec<TurnEvent> = std::iter::from_fn(|| listener.at_hand()).map(|(_, event)| event).collect();
        assert_eq!(heard, [said("a"), TurnEvent::Reset, said("b"), TurnEvent::Done]);
    }

    #[tokio::test]
    async fn what_is_kept_is_bounded() {
        let (bus, turn) = (Bus::new(), TurnId::new());
        for number in 0..EVENTS + 10 {
            bus.publish(turn, said(&number.to_string()));
        }
        let mut listener = bus.subscribe(turn, None);
        assert_eq!(listener.next().await.1, TurnEvent::Reset);
        assert_eq!(listener.next().await.1, said("10"));
        for _ in 0..TOPICS + 10 {
            bus.publish(TurnId::new(), TurnEvent::Done);
        }
        assert!(lock(&bus.0.topics).by_turn.len() <= TOPICS);
    }

    #[tokio::test]
    async fn a_bell_rung_before_anyone_waits_is_not_missed() {
        let bus = Bus::new();
        let mut bell = bus.bell();
        bus.ring();
        bus.ring();
        bell.rung().await;
    }
}
