//! Decisions of privacy: how long conversations are kept, where a page of a copy ends, and what of a text is masked.

pub use super::masking::mask;
use super::model::Place;
use crate::{
    clock::Instant,
    credit::rules::{DAY, day_of},
};

/// The beginning of the day (UTC) before which what was last spoken in is over: so many days ago by the plan, where that says so, and
/// tomorrow where the tenant is closed. `None` while all of it is kept.
#[must_use]
pub fn over_before(is_closed: bool, days: Option<u32>, now: Instant) -> Option<Instant> {
    let today = day_of(now);
    if is_closed {
        return Some(today.after(DAY));
    }
    days.map(|days| today.before(DAY.saturating_mul(days)))
}

/// Where a page ends that may have so many conversations and as many messages: behind the last message of the last of them, or in the
/// middle of one. Of both, in their order, one too many was read if there are more; `None` if there are not, so that it is the last.
#[must_use]
pub fn page_end(conversations: &[Place], messages: &[Place], most: usize) -> Option<Place> {
    let last = most.saturating_sub(1);
    let of = |places: &[Place]| if places.len() > most { places.get(last).copied() } else { None };
    [of(conversations), of(messages)].into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::ConversationId;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_kept_is_kept_by_whole_days() {
        let now = at("2026-11-30T17:45:00Z");
        assert_eq!(over_before(false, None, now), None);
        assert_eq!(over_before(false, Some(30), now), Some(at("2026-10-31T00:00:00Z")));
        assert_eq!(over_before(true, None, now), Some(at("2026-12-01T00:00:00Z")));
        assert_eq!(over_before(true, Some(30), now), over_before(true, None, now), "nothing of a closed one's is kept");
    }

    proptest! {
        #[test]
        fn pages_of_a_copy_have_everything_once(counts in prop::collection::vec(0_i64..6, 0..8), most in 1_usize..5) {
            let mut all: Vec<(ConversationId, i64)> = counts.iter().map(|count| (ConversationId::new(), *count)).collect();
            all.sort_unstable();
            let (mut told, mut seen, mut after) = (Vec::new(), Vec::new(), None::<Place>);
            loop {
                let goes_on = |(id, last): &(ConversationId, i64)| {
                    after.is_none_or(|after| *id > after.conversation || (*id == after.conversation && *last > after.sequence))
                };
                let conversations: Vec<(ConversationId, i64)> = all.iter().copied().filter(goes_on).take(most.saturating_add(1)).collect();
                let messages: Vec<Place> = conversations
                    .iter()
                    .flat_map(|(id, last)| (1..=*last).map(|sequence| Place { conversation: *id, sequence }))
                    .filter(|place| after.is_none_or(|after| *place > after))
                    .take(most.saturating_add(1))
                    .collect();
                let places: Vec<Place> =
                    conversations.iter().map(|(id, last)| Place { conversation: *id, sequence: *last }).collect();
                let end = page_end(&places, &messages, most);
                told.extend(messages.into_iter().filter(|place| end.is_none_or(|end| *place <= end)));
                seen.extend(conversations.iter().map(|(id, _)| *id).filter(|id| end.is_none_or(|end| *id <= end.conversation)));
                match end {
                    Some(end) => after = Some(end),
                    None => break,
                }
            }
            let expected: Vec<Place> = all
                .iter()
                .flat_map(|(id, last)| (1..=*last).map(|sequence| Place { conversation: *id, sequence }))
                .collect();
            prop_assert_eq!(told, expected);
            seen.dedup();
            prop_assert_eq!(seen, all.iter().map(|(id, _)| *id).collect::<Vec<_>>());
        }
    }
}
