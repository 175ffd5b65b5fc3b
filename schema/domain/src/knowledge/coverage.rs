//! What was asked and not answered: questions that ask for the same are put together.

use std::collections::{HashMap, hash_map::Entry};

use super::{
    model::{Gap, Unanswered},
    rules::asked,
};
use crate::locale::Locale;

/// The most ways of asking the same that are shown.
const WORDINGS: usize = 5;

/// Questions that were not answered, newest first, put together where they ask for the same words; most asked first.
#[must_use]
pub(super) fn gaps(unanswered: &[Unanswered], most: usize) -> Vec<Gap> {
    let mut groups: HashMap<(Locale, Vec<String>), Gap> = HashMap::new();
    for question in unanswered {
        let mut asked = asked(&question.text, question.locale);
        // What asks for nothing we know the words of is told apart by its own text.
        if asked.is_empty() {
            asked.push(question.text.trim().to_lowercase());
        }
        asked.sort_unstable();
        match groups.entry((question.locale, asked)) {
            Entry::Vacant(vacant) => {
                vacant.insert(Gap { count: 1, newest: question.clone(), others: Vec::new() });
            }
            Entry::Occupied(mut occupied) => {
                let gap = occupied.get_mut();
                gap.count = gap.count.saturating_add(1);
                if question.text != gap.newest.text && !gap.others.contains(&question.text) && gap.others.len() < WORDINGS {
                    gap.others.push(question.text.clone());
                }
            }
        }
    }
    let mut gaps: Vec<Gap> = groups.into_values().collect();
    gaps.sort_by(|a, b| {
        b.count.cmp(&a.count).then_with(|| b.newest.at.cmp(&a.newest.at)).then_with(|| a.newest.text.cmp(&b.newest.text))
    });
    gaps.truncate(most);
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Instant, id::ConversationId};

    fn asked_at(text: &str, at: i64) -> Unanswered {
        Unanswered { text: text.into(), locale: Locale::En, conversation_id: ConversationId::new(), at: Instant::from_micros(at) }
    }

    #[test]
    fn what_asks_for_the_same_words_is_one_gap() {
        let newest_first = [
            asked_at("Do you sell gift cards?", 9),
            asked_at("Is there parking?", 8),
            asked_at("do you sell gift cards?", 7),
            asked_at("Gift card: do you sell?", 6),
            asked_at("???", 5),
            asked_at("Parking", 4),
            asked_at("Do you sell gift cards?", 3),
        ];
        let gaps = gaps(&newest_first, 10);
        let shown: Vec<(usize, &str, usize)> =
            gaps.iter().map(|gap| (gap.count, gap.newest.text.as_str(), gap.others.len())).collect();
        assert_eq!(shown, [(4, "Do you sell gift cards?", 2), (2, "Is there parking?", 1), (1, "???", 0)]);
        assert_eq!(super::gaps(&newest_first, 1).len(), 1);
    }
}
