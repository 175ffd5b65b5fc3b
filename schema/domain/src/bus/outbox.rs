//! What this process still has to tell others. Words that could not be told are told anew, as a whole, so that nobody hears an answer
//! with a hole in it.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::{Fence, TurnEvent, lock};
use crate::id::TurnId;

/// What is told together of one turn.
#[derive(Clone, Debug)]
pub(super) struct Parcel {
    pub(super) turn: TurnId,
    pub(super) fence: Fence,
    /// Whether it can be understood without what was told before. If not, it is worth nothing where that was forgotten.
    pub(super) is_whole: bool,
    pub(super) events: Vec<TurnEvent>,
}

#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: Mutex<Waiting>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    bell: bool,
    /// Whether something was taken and nobody knows yet what became of it.
    sending: bool,
    turns: HashMap<TurnId, Said>,
}

#[derive(Debug)]
struct Said {
    fence: Fence,
    /// All words that are not void, to be told anew if they were lost.
    words: String,
    unsent: Vec<TurnEvent>,
    /// Whether others know what was said before.
    begun: bool,
    /// Whether something of it may have been lost.
    lost: bool,
    at: Instant,
}

/// What nobody could be told for so long is not told any more: whoever waited has read the store.
const KEPT: Duration = Duration::from_secs(300);
/// At most so many turns wait to be told; those said last are left out first.
const TURNS: usize = 2_000;

impl Outbox {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        lock(&self.waiting)
    }

    pub(super) fn ring(&self) {
        self.waiting().bell = true;
        self.wake.notify_one();
    }

    pub(super) fn add(&self, turn: TurnId, fence: Fence, event: TurnEvent) {
        {
            let mut waiting = self.waiting();
            if waiting.turns.len() >= TURNS && !waiting.turns.contains_key(&turn) {
                return;
            }
            let said = waiting.turns.entry(turn).or_insert_with(Said::new);
            said.fence = said.fence.max(fence);
            said.add(event);
        }
        self.wake.notify_one();
    }

    /// Returns once there may be something to tell.
    pub(super) async fn filled(&self) {
        self.wake.notified().await;
    }

    /// Everything that is to be told now, and whether the bell is to be rung. What comes of it must be said.
    pub(super) fn take(&self) -> (bool, Vec<Parcel>) {
        let mut waiting = self.waiting();
        waiting.turns.retain(|_, said| said.at.elapsed() < KEPT);
        let parcels: Vec<Parcel> = waiting.turns.iter_mut().filter_map(|(turn, said)| said.take(*turn)).collect();
        waiting.sending = waiting.bell || !parcels.is_empty();
        (std::mem::take(&mut waiting.bell), parcels)
    }

    /// What became of everything that was taken is known.
    pub(super) fn sent(&self) {
        self.waiting().sending = false;
    }

    /// The parcel was told.
    pub(super) fn told(&self, parcel: &Parcel) {
        let mut waiting = self.waiting();
        let Some(said) = waiting.turns.get_mut(&parcel.turn) else { return };
        said.begun = true;
        let is_over = parcel.events.contains(&TurnEvent::Done) || said.words.is_empty();
        if is_over && said.unsent.is_empty() {
            waiting.turns.remove(&parcel.turn);
        }
    }

    /// The parcel was not told, or nobody knows.
    pub(super) fn lost(&self, parcel: Parcel) {
        if let Some(said) = self.waiting().turns.get_mut(&parcel.turn) {
            said.lost = true;
            let notices = parcel.events.into_iter().filter(is_notice);
            let later = std::mem::take(&mut said.unsent);
            said.unsent = notices.chain(later).collect();
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        let waiting = self.waiting();
        !waiting.bell && !waiting.sending && waiting.turns.values().all(Said::is_told)
    }
}

/// What is told beside the words.
fn is_notice(event: &TurnEvent) -> bool {
    matches!(event, TurnEvent::Superseded { .. } | TurnEvent::Done)
}

impl Said {
    fn new() -> Self {
        Self { fence: Fence::NONE, words: String::new(), unsent: Vec::new(), begun: false, lost: false, at: Instant::now() }
    }

    fn add(&mut self, event: TurnEvent) {
        self.at = Instant::now();
        match &event {
            TurnEvent::Delta(text) => self.words.push_str(text),
            TurnEvent::Reset => self.words.clear(),
            TurnEvent::Superseded { .. } | TurnEvent::Done => {}
        }
        self.unsent.push(event);
    }

    fn is_told(&self) -> bool {
        self.unsent.is_empty() && !self.lost
    }

    fn take(&mut self, turn: TurnId) -> Option<Parcel> {
        if self.is_told() {
            return None;
        }
        let mut events = std::mem::take(&mut self.unsent);
        if self.lost {
            events.retain(is_notice);
            let words = (!self.words.is_empty()).then(|| TurnEvent::Delta(self.words.clone()));
            events = std::iter::once(TurnEvent::Reset).chain(words).chain(events).collect();
        }
        let is_whole = self.lost || !self.begun;
        self.lost = false;
        Some(Parcel { turn, fence: self.fence, is_whole, events })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(text: &str) -> TurnEvent {
        TurnEvent::Delta(text.into())
    }

    fn take_one(outbox: &Outbox) -> Parcel {
        let (_, mut parcels) = outbox.take();
        assert_eq!(parcels.len(), 1);
        parcels.remove(0)
    }

    #[tokio::test]
    async fn words_that_wait_travel_together_and_only_once() {
        let (outbox, turn, fence) = (Outbox::default(), TurnId::new(), Fence::of(7));
        for text in ["a", "b"] {
            outbox.add(turn, fence, delta(text));
        }
        let first = take_one(&outbox);
        assert_eq!((first.events.clone(), first.is_whole, first.fence), (vec![delta("a"), delta("b")], true, fence));
        outbox.told(&first);
        outbox.add(turn, fence, delta("c"));
        outbox.add(turn, fence, TurnEvent::Done);
        let second = take_one(&outbox);
        assert_eq!((second.events.clone(), second.is_whole), (vec![delta("c"), TurnEvent::Done], false));
        outbox.told(&second);
        assert!(!outbox.is_empty(), "it may be on its way");
        outbox.sent();
        assert!(outbox.is_empty() && outbox.waiting().turns.is_empty(), "nothing is kept of what everybody knows");
    }

    #[tokio::test]
    async fn what_may_be_lost_is_told_anew_as_a_whole_with_what_came_meanwhile() {
        let (outbox, turn, fence) = (Outbox::default(), TurnId::new(), Fence::of(7));
        outbox.add(turn, fence, delta("a"));
        outbox.told(&take_one(&outbox));
        outbox.add(turn, fence, delta("b"));
        outbox.add(turn, fence, TurnEvent::Done);
        let unsure = take_one(&outbox);
        outbox.lost(unsure);
        outbox.sent();
        assert!(!outbox.is_empty());
        let again = take_one(&outbox);
        assert_eq!(again.events, [TurnEvent::Reset, delta("ab"), TurnEvent::Done]);
        assert!(again.is_whole);
        outbox.lost(again);
        for event in [TurnEvent::Reset, delta("c")] {
            outbox.add(turn, fence, event);
        }
        let anew = outbox.waiting().turns[&turn].words.clone();
        assert_eq!(anew, "c", "void words are not told anew");
        outbox.told(&take_one(&outbox));
        assert!(outbox.waiting().turns.is_empty());
    }
}
