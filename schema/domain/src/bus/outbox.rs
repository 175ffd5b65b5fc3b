//! What this process still has to tell others. Words that could not be told are told anew, as a whole, so that nobody hears an answer
//! with a hole in it.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::{Fence, TurnEvent, lock, news::Hint};
use crate::id::TurnId;

/// What is told together of one turn.
#[derive(Clone, Debug)]
pub(super) struct Parcel {
    pub(super) turn: TurnId,
    pub(super) fence: Fence,
    /// Its number, higher than that of any parcel of this process before it.
    pub(super) number: u64,
    /// The number of the parcel it continues, 0 if it is the first; `None` if it can be understood without any. One that continues
    /// another is worth nothing where that was not told last.
    pub(super) after: Option<u64>,
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
    news: HashSet<Hint>,
    /// Whether something was taken and nobody knows yet what became of it.
    sending: bool,
    /// How many parcels there were.
    parcels: u64,
    turns: HashMap<TurnId, Said>,
}

#[derive(Debug)]
struct Said {
    fence: Fence,
    /// All words that are not void, to be told anew if they were lost.
    words: String,
    unsent: Vec<TurnEvent>,
    /// Whether this process speaks: every speaker begins by declaring void what others said.
    speaks: bool,
    /// The number of the parcel that was told last.
    last: u64,
    /// Whether something of it may have been lost.
    lost: bool,
    at: Instant,
}

/// What nobody could be told for so long is not told any more: whoever waited has read the store.
const KEPT: Duration = Duration::from_secs(300);
/// At most so many hints are kept.
const HINTS: usize = 10_000;
/// At most so many turns are kept. Those of which everything is told make room; of others' a whole answer is left out, never a part.
const TURNS: usize = 2_000;

impl Outbox {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        lock(&self.waiting)
    }

    pub(super) fn ring(&self) {
        self.waiting().bell = true;
        self.wake.notify_one();
    }

    pub(super) fn tell(&self, hint: Hint) {
        {
            let mut waiting = self.waiting();
            // Where so much is new, everything has to be looked at anyway.
            if waiting.news.len() < HINTS {
                waiting.news.insert(hint);
            }
        }
        self.wake.notify_one();
    }

    pub(super) fn add(&self, turn: TurnId, fence: Fence, event: TurnEvent) {
        {
            let mut waiting = self.waiting();
            if waiting.turns.len() >= TURNS && !waiting.turns.contains_key(&turn) {
                waiting.turns.retain(|_, said| !said.is_told());
                if waiting.turns.len() >= TURNS {
                    return;
                }
            }
            let said = waiting.turns.entry(turn).or_insert_with(Said::new);
            if fence != Fence::NONE && fence < said.fence {
                return;
            }
            said.fence = said.fence.max(fence);
            said.add(event);
        }
        self.wake.notify_one();
    }

    /// Returns once there may be something to tell.
    pub(super) async fn filled(&self) {
        self.wake.notified().await;
    }

    /// Everything that is to be told now, hints, and whether the bell is to be rung. What comes of it must be said.
    pub(super) fn take(&self) -> (bool, Vec<Hint>, Vec<Parcel>) {
        let mut waiting = self.waiting();
        waiting.turns.retain(|_, said| said.at.elapsed() < KEPT);
        let Waiting { turns, parcels: count, .. } = &mut *waiting;
        let parcels: Vec<Parcel> = turns
            .iter_mut()
            .filter(|(_, said)| !said.is_told())
            .map(|(turn, said)| {
                *count = count.saturating_add(1);
                said.take(*turn, *count)
            })
            .collect();
        let news: Vec<Hint> = waiting.news.drain().collect();
        waiting.sending = waiting.bell || !parcels.is_empty() || !news.is_empty();
        (std::mem::take(&mut waiting.bell), news, parcels)
    }

    /// What became of everything that was taken is known.
    pub(super) fn sent(&self) {
        self.waiting().sending = false;
    }

    /// The parcel was told.
    pub(super) fn told(&self, parcel: &Parcel) {
        let mut waiting = self.waiting();
        let Some(said) = waiting.turns.get_mut(&parcel.turn) else { return };
        said.last = parcel.number;
        let is_over = parcel.events.contains(&TurnEvent::Done) || !said.speaks;
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
        !waiting.bell && !waiting.sending && waiting.news.is_empty() && waiting.turns.values().all(Said::is_told)
    }
}

/// What is told beside the words.
fn is_notice(event: &TurnEvent) -> bool {
    matches!(event, TurnEvent::Superseded { .. } | TurnEvent::Done)
}

impl Said {
    fn new() -> Self {
        Self {
            fence: Fence::NONE,
            words: String::new(),
            unsent: Vec::new(),
            speaks: false,
            last: 0,
            lost: false,
            at: Instant::now(),
        }
    }

    fn add(&mut self, event: TurnEvent) {
        self.at = Instant::now();
        match &event {
            // Its beginning was left out, so is the rest.
            TurnEvent::Delta(_) if !self.speaks => return,
            TurnEvent::Delta(text) => self.words.push_str(text),
            TurnEvent::Reset => {
                self.speaks = true;
                self.words.clear();
            }
            TurnEvent::Superseded { .. } | TurnEvent::Done => {}
        }
        self.unsent.push(event);
    }

    fn is_told(&self) -> bool {
        self.unsent.is_empty() && !self.lost
    }

    fn take(&mut self, turn: TurnId, number: u64) -> Parcel {
        let mut events = std::mem::take(&mut self.unsent);
        let is_whole = std::mem::take(&mut self.lost);
        // Who does not speak declares nobody's words void.
        if is_whole && self.speaks {
            events.retain(is_notice);
            let words = (!self.words.is_empty()).then(|| TurnEvent::Delta(self.words.clone()));
            events = std::iter::once(TurnEvent::Reset).chain(words).chain(events).collect();
        }
        Parcel { turn, fence: self.fence, number, after: (!is_whole).then_some(self.last), events }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delta(text: &str) -> TurnEvent {
        TurnEvent::Delta(text.into())
    }

    fn take_one(outbox: &Outbox) -> Parcel {
        let (_, _, mut parcels) = outbox.take();
        assert_eq!(parcels.len(), 1);
        parcels.remove(0)
    }

    #[tokio::test]
    async fn words_that_wait_travel_together_and_only_once() {
        let (outbox, turn, fence) = (Outbox::default(), TurnId::new(), Fence::of(7));
        for event in [TurnEvent::Reset, delta("a"), delta("b")] {
            outbox.add(turn, fence, event);
        }
        let first = take_one(&outbox);
        assert_eq!(
            (first.events.clone(), first.after, first.fence),
            (vec![TurnEvent::Reset, delta("a"), delta("b")], Some(0), fence)
        );
        outbox.told(&first);
        outbox.add(turn, fence, delta("c"));
        outbox.add(turn, fence, TurnEvent::Done);
        let second = take_one(&outbox);
        assert_eq!((second.events.clone(), second.after), (vec![delta("c"), TurnEvent::Done], Some(first.number)));
        outbox.told(&second);
        assert!(!outbox.is_empty(), "it may be on its way");
        outbox.sent();
        assert!(outbox.is_empty() && outbox.waiting().turns.is_empty(), "nothing is kept of what everybody knows");
    }

    #[tokio::test]
    async fn what_may_be_lost_is_told_anew_as_a_whole_with_what_came_meanwhile() {
        let (outbox, turn, fence) = (Outbox::default(), TurnId::new(), Fence::of(7));
        for event in [TurnEvent::Reset, delta("a")] {
            outbox.add(turn, fence, event);
            outbox.told(&take_one(&outbox));
        }
        outbox.add(turn, fence, delta("b"));
        outbox.add(turn, fence, TurnEvent::Done);
        let unsure = take_one(&outbox);
        let number = unsure.number;
        outbox.lost(unsure);
        outbox.sent();
        assert!(!outbox.is_empty());
        let again = take_one(&outbox);
        assert_eq!(again.events, [TurnEvent::Reset, delta("ab"), TurnEvent::Done]);
        assert!(again.after.is_none() && again.number > number);
        outbox.lost(again);
        for event in [TurnEvent::Reset, delta("c")] {
            outbox.add(turn, fence, event);
        }
        assert_eq!(outbox.waiting().turns[&turn].words, "c", "void words are not told anew");
        outbox.told(&take_one(&outbox));
        assert!(outbox.waiting().turns.is_empty());
    }

    #[tokio::test]
    async fn who_does_not_speak_declares_nothing_void_though_it_was_lost() {
        let (outbox, turn, by) = (Outbox::default(), TurnId::new(), crate::id::MessageId::new());
        outbox.add(turn, Fence::NONE, TurnEvent::Superseded { by });
        outbox.lost(take_one(&outbox));
        assert_eq!(take_one(&outbox).events, [TurnEvent::Superseded { by }]);
    }

    #[tokio::test]
    async fn who_lost_the_word_is_not_told_and_what_has_no_beginning_neither() {
        let (outbox, turn) = (Outbox::default(), TurnId::new());
        outbox.add(turn, Fence::of(7), TurnEvent::Reset);
        outbox.add(turn, Fence::of(6), delta("late"));
        outbox.add(turn, Fence::of(7), delta("a"));
        assert_eq!(take_one(&outbox).events, [TurnEvent::Reset, delta("a")]);
        let (full, other) = (Outbox::default(), TurnId::new());
        for _ in 0..TURNS {
            full.add(TurnId::new(), Fence::of(1), TurnEvent::Reset);
        }
        full.add(other, Fence::of(1), TurnEvent::Reset);
        for parcel in full.take().2 {
            full.told(&parcel);
        }
        full.add(other, Fence::of(1), delta("the end of it"));
        assert_eq!(full.take().2.iter().map(|parcel| parcel.events.len()).sum::<usize>(), 0);
    }
}
