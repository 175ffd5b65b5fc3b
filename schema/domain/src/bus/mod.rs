//! The bus: a doorbell for workers, and what happens in a turn, live, for whoever listens. In one process, or over Redis in many.
//!
//! What matters is in the store; the bus may lose everything and nobody loses more than liveness. So listeners subscribe first and
//! then look at the store, and look again now and then.

mod log;
mod news;
mod outbox;
mod remote;
mod topic;

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::{sync::watch, time::Instant};

use self::{news::News, remote::Remote, topic::Topic};
pub use self::{news::NewsOf, topic::Listener};
use crate::{
    id::{ConversationId, MessageId, TenantId, TurnId},
    memory::Memory,
};

/// Something that happened in a turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

/// Who has the word: the fencing token of the speaker's lease. What is said with a lower one than was heard already comes from a
/// worker that lost its lease and is not heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fence(i64);

impl Fence {
    /// Of those who do not speak for the assistant; they are always heard.
    pub const NONE: Self = Self(0);

    /// Of a lease.
    #[must_use]
    pub const fn of(token: i64) -> Self {
        Self(token)
    }
}

/// Where a listener stands in a topic: two numbers that only grow, as whoever keeps the topic counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Position {
    epoch: u64,
    number: u64,
}

impl Position {
    /// A place in no topic: what goes on from there begins with [`TurnEvent::Reset`].
    pub const ELSEWHERE: Self = Self { epoch: 0, number: 0 };
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}", self.epoch, self.number)
    }
}

impl std::str::FromStr for Position {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (epoch, number) = text.split_once('-').ok_or(())?;
        Ok(Self { epoch: epoch.parse().map_err(|_| ())?, number: number.parse().map_err(|_| ())? })
    }
}

/// How long the events of a turn can be replayed after the last of them.
const REPLAY: Duration = Duration::from_secs(600);
/// At most so many turns are kept; the one that spoke longest ago goes first.
const TOPICS: usize = 10_000;

/// The bus of one process. Clones are the same bus.
#[derive(Clone, Debug)]
pub struct Bus(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    bell: watch::Sender<u64>,
    topics: Mutex<Topics>,
    news: Arc<News>,
    /// The way to other processes, if there is one.
    remote: Option<Remote>,
}

/// How the bus is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It reaches everyone it has to.
    Ok,
    /// Other processes are not reached: everybody looks at the store, which is slower.
    Degraded,
}

#[derive(Debug, Default)]
struct Topics {
    by_turn: HashMap<TurnId, Arc<Topic>>,
    /// Each with when it was born or last seen to have spoken, roughly in that order, to find the oldest.
    order: VecDeque<(TurnId, Instant)>,
}

impl Default for Bus {
    fn default() -> Self {
        Self::new()
    }
}

impl Bus {
    /// A bus within this process, with nothing on it.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Inner { bell: watch::Sender::new(0), topics: Mutex::default(), news: Arc::default(), remote: None }))
    }

    /// A bus that reaches all processes that share this memory. It works as well as it can while the memory is away, and by itself
    /// again when it is back.
    #[must_use]
    pub fn over(memory: Memory) -> Self {
        let (remote, tasks) = Remote::new(memory);
        let bus = Self(Arc::new(Inner {
            bell: watch::Sender::new(0),
            topics: Mutex::default(),
            news: Arc::default(),
            remote: Some(remote),
        }));
        // The tasks hold the bus weakly: they end with it.
        tasks.start(&bus.0);
        bus
    }

    /// Whether it reaches everyone it has to.
    #[must_use]
    pub fn state(&self) -> State {
        match &self.0.remote {
            Some(remote) if !remote.is_heard() => State::Degraded,
            _ => State::Ok,
        }
    }

    /// Says that there is work to do.
    pub fn ring(&self) {
        self.0.ring();
        if let Some(remote) = &self.0.remote {
            remote.outbox().ring();
        }
    }

    /// A bell to wait at.
    #[must_use]
    pub fn bell(&self) -> Bell {
        Bell(self.0.bell.subscribe())
    }

    /// Tells everyone who listens to a turn. That what was said is void is told only if anything was.
    pub fn publish(&self, turn: TurnId, fence: Fence, event: TurnEvent) {
        match &self.0.remote {
            Some(remote) => remote.outbox().add(turn, fence, event),
            None => {
                let topic = self.0.topic(turn);
                topic.add(|log| {
                    let position = Position { epoch: topic.epoch, number: log.end().saturating_add(1) };
                    log.push(position, fence, event);
                });
            }
        }
    }

    /// Tells everyone who listens to a turn that it ended without an answer: what was heard of one is void.
    pub fn void(&self, turn: TurnId) {
        self.publish(turn, Fence::NONE, TurnEvent::Reset);
        self.publish(turn, Fence::NONE, TurnEvent::Done);
    }

    /// Listens to a turn: first what was said after `after`, or everything that is still known, then live.
    #[must_use]
    pub fn subscribe(&self, turn: TurnId, after: Option<Position>) -> Listener {
        let (topic, seen) = match &self.0.remote {
            None => {
                let topic = self.0.topic(turn);
                let seen = topic.end.subscribe();
                (topic, seen)
            }
            Some(remote) => self.0.mirror(remote, turn),
        };
        Listener::new(topic, seen, after)
    }

    /// Says that something is new in a conversation of a tenant; or, without one, in any.
    pub fn tell(&self, tenant: TenantId, conversation: Option<ConversationId>) {
        self.0.news.spread((tenant, conversation));
        if let Some(remote) = &self.0.remote {
            remote.outbox().tell((tenant, conversation));
        }
    }

    /// Listens to what is new in a tenant, from now on.
    #[must_use]
    pub fn news(&self, tenant: TenantId) -> NewsOf {
        self.0.news.listen(tenant)
    }

    /// Sends what is still to be told to other processes: for a program that is about to end.
    pub async fn flush(&self) {
        if let Some(remote) = &self.0.remote {
            remote.flush().await;
        }
    }
}

impl Inner {
    fn ring(&self) {
        self.bell.send_modify(|rings| *rings = rings.wrapping_add(1));
    }

    /// The topic in which what is said in a turn is kept.
    fn topic(&self, turn: TurnId) -> Arc<Topic> {
        let mut topics = lock(&self.topics);
        let now = Instant::now();
        while let Some(&(oldest, since)) = topics.order.front() {
            let full = topics.order.len() >= TOPICS;
            if !full && now.duration_since(since) < REPLAY {
                break;
            }
            topics.order.pop_front();
            // When there is room, whoever is listened to or has spoken lately stays, further back in the line.
            let stays = topics.by_turn.get(&oldest).filter(|_| !full).and_then(|topic| {
                let spoke_at = if topic.end.receiver_count() > 0 { now } else { *lock(&topic.spoke_at) };
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
        let topic = Arc::new(Topic::new(true));
        topics.by_turn.insert(turn, Arc::clone(&topic));
        topics.order.push_back((turn, now));
        topic
    }

    /// The topic in which what is heard of a turn is kept for as long as somebody here listens to it.
    fn mirror(&self, remote: &Remote, turn: TurnId) -> (Arc<Topic>, watch::Receiver<u64>) {
        let mut topics = lock(&self.topics);
        let topic = topics.by_turn.entry(turn).or_insert_with(|| {
            remote.listen(turn);
            Arc::new(Topic::new(false))
        });
        // Within the lock, so that nobody finds it without a listener.
        (Arc::clone(topic), topic.end.subscribe())
    }

    /// All turns that are kept.
    fn turns(&self) -> Vec<TurnId> {
        lock(&self.topics).by_turn.keys().copied().collect()
    }

    /// The topic of a turn, if it is kept.
    fn listened(&self, turn: TurnId) -> Option<Arc<Topic>> {
        lock(&self.topics).by_turn.get(&turn).cloned()
    }

    /// Forgets the turns that nobody listens to; which.
    fn sweep(&self) -> Vec<TurnId> {
        let mut quiet = Vec::new();
        lock(&self.topics).by_turn.retain(|turn, topic| {
            let stays = topic.end.receiver_count() > 0;
            if !stays {
                quiet.push(*turn);
            }
            stays
        });
        quiet
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

/// A panic while a lock was held leaves plain values behind, so the lock stays usable.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Fence = Fence::of(1);

    fn said(text: &str) -> TurnEvent {
        TurnEvent::Delta(text.into())
    }

    #[tokio::test]
    async fn a_listener_hears_what_was_said_before_and_after_without_gap_or_repeat() {
        let (bus, turn) = (Bus::new(), TurnId::new());
        bus.publish(turn, ONE, said("a"));
        bus.publish(turn, ONE, said("b"));
        let mut first = bus.subscribe(turn, None);
        let (at_a, event) = first.next().await;
        assert_eq!(event, said("a"));
        let mut resumed = bus.subscribe(turn, Some(at_a.to_string().parse().unwrap()));
        bus.publish(turn, ONE, said("c"));
        assert_eq!(resumed.next().await.1, said("b"));
        assert_eq!(resumed.next().await.1, said("c"));
        assert_eq!(first.next().await.1, said("b"));
    }

    #[tokio::test]
    async fn what_another_bus_counted_starts_over() {
        let (bus, turn) = (Bus::new(), TurnId::new());
        bus.publish(turn, ONE, said("a"));
        let foreign = Position { epoch: bus.0.topic(turn).epoch.wrapping_add(1), number: 1 };
        let mut listener = bus.subscribe(turn, Some(foreign));
        assert_eq!(listener.next().await.1, TurnEvent::Reset);
        assert_eq!(listener.next().await.1, said("a"));
    }

    #[tokio::test]
    async fn that_what_was_said_is_void_is_told_once_and_only_if_something_was_said() {
        let (bus, turn) = (Bus::new(), TurnId::new());
        for event in [TurnEvent::Reset, said("a"), TurnEvent::Reset, TurnEvent::Reset, said("b"), TurnEvent::Done] {
            bus.publish(turn, ONE, event);
        }
        let mut listener = bus.subscribe(turn, None);
        let heard: Vec<TurnEvent> = std::iter::from_fn(|| listener.at_hand()).map(|(_, event)| event).collect();
        assert_eq!(heard, [said("a"), TurnEvent::Reset, said("b"), TurnEvent::Done]);
    }

    #[tokio::test]
    async fn who_lost_the_word_is_not_heard() {
        let (bus, turn) = (Bus::new(), TurnId::new());
        bus.publish(turn, ONE, said("a"));
        bus.publish(turn, Fence::of(2), TurnEvent::Reset);
        bus.publish(turn, ONE, said("too late"));
        bus.publish(turn, Fence::of(2), said("b"));
        bus.publish(turn, ONE, TurnEvent::Reset);
        let by = MessageId::new();
        bus.publish(turn, Fence::NONE, TurnEvent::Superseded { by });
        let mut listener = bus.subscribe(turn, None);
        let heard: Vec<TurnEvent> = std::iter::from_fn(|| listener.at_hand()).map(|(_, event)| event).collect();
        assert_eq!(heard, [said("a"), TurnEvent::Reset, said("b"), TurnEvent::Superseded { by }]);
    }

    #[tokio::test]
    async fn what_is_kept_is_bounded() {
        let (bus, turn) = (Bus::new(), TurnId::new());
        for number in 0..log::EVENTS + 10 {
            bus.publish(turn, ONE, said(&number.to_string()));
        }
        let mut listener = bus.subscribe(turn, None);
        assert_eq!(listener.next().await.1, TurnEvent::Reset);
        assert_eq!(listener.next().await.1, said("10"));
        for _ in 0..TOPICS + 10 {
            bus.publish(TurnId::new(), ONE, TurnEvent::Done);
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
