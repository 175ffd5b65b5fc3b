//! What was said in one turn, in order, as far as it is kept.

use std::collections::VecDeque;

use super::{Fence, Position, TurnEvent};

/// At most so many events of one turn are kept; a listener further behind starts over.
pub(super) const EVENTS: usize = 4_000;

/// Events under numbers that only grow: the first ever is number 0, and a number is never used again.
#[derive(Debug, Default)]
pub(super) struct Log {
    events: VecDeque<(Position, TurnEvent)>,
    /// The number of the oldest that is kept.
    oldest: u64,
    /// Whoever has a lower one spoke too late.
    fence: Fence,
    /// Whether words were said that are not void.
    speaking: bool,
}

impl Log {
    /// Adds what was said, unless somebody else has the word, or words are declared void and there are none.
    pub(super) fn push(&mut self, position: Position, fence: Fence, event: TurnEvent) {
        if fence != Fence::NONE {
            if fence < self.fence {
                return;
            }
            self.fence = fence;
        }
        match &event {
            TurnEvent::Delta(_) => self.speaking = true,
            TurnEvent::Reset if !self.speaking => return,
            TurnEvent::Reset => self.speaking = false,
            TurnEvent::Superseded { .. } | TurnEvent::Done => {}
        }
        if self.events.len() >= EVENTS {
            self.events.pop_front();
            self.oldest = self.oldest.saturating_add(1);
        }
        self.events.push_back((position, event));
    }

    /// The number the next event will have.
    pub(super) fn end(&self) -> u64 {
        self.oldest.saturating_add(u64::try_from(self.events.len()).unwrap_or(u64::MAX))
    }

    pub(super) fn oldest(&self) -> u64 {
        self.oldest
    }

    /// Where the newest event stands.
    pub(super) fn newest(&self) -> Option<Position> {
        self.events.back().map(|(position, _)| *position)
    }

    pub(super) fn get(&self, number: u64) -> Option<&(Position, TurnEvent)> {
        self.events.get(usize::try_from(number.checked_sub(self.oldest)?).ok()?)
    }

    /// The number of what stands there.
    pub(super) fn number_of(&self, position: Position) -> Option<u64> {
        let index = self.events.iter().position(|(at, _)| *at == position)?;
        Some(self.oldest.saturating_add(u64::try_from(index).ok()?))
    }
}
