//! The scorer: which proposed passage answers a question, and whether any does. Values in, values out.
//!
//! A passage is relevant when it covers enough of what the question is about. A word weighs more the fewer of the proposed
//! passages have it, and most when none has: a question about something nobody wrote about stays unanswered however many of its
//! other words match. Scores of the engines play no part, so both stores decide alike.

use std::collections::HashSet;

use unicode_segmentation::UnicodeSegmentation;

use super::{
    model::{Found, Passage, Question},
    terms::terms,
};
use crate::locale::Locale;

/// How much of a question a passage must cover to be its answer, in thousandths.
pub const RELEVANT: u32 = 550;

/// What a passage in another language than the visitor's is worth, in thousandths.
const OTHER_LANGUAGE: u64 = 900;

/// At most this many characters are quoted.
const QUOTATION: usize = 400;

/// At most so many terms are asked for; the engines' query languages have limits, and no question needs more.
const WANTED: usize = 100;

/// The terms the engine is asked for: those of every message, the newest first, once each, in `locale`.
#[must_use]
pub fn wanted(question: &Question, locale: Locale) -> Vec<String> {
    let mut seen = HashSet::new();
    let newest_first = question.messages.iter().rev().flat_map(|text| terms(text, locale));
    newest_first.filter(|term| seen.insert(term.clone())).take(WANTED).collect()
}

/// The passages that answer, best first.
///
/// Each message is tried by itself and all together: in a burst ("hi", "quick question", "…") only one may be the question.
#[must_use]
pub fn rank(question: &Question, proposed: &[Passage]) -> Vec<Found> {
    let mut variants: Vec<String> = question.messages.clone();
    if variants.len() > 1 {
        variants.push(variants.join("\n"));
    }
    let mut found: Vec<(u32, usize, &str)> = Vec::new();
    for variant in &variants {
        for (position, passage) in proposed.iter().enumerate() {
            let asked = unique(terms(variant, passage.locale));
            let score = score(&asked, passage, proposed, question.locale);
            if score >= RELEVANT {
                found.push((score, position, variant));
            }
        }
    }
    // The engine's order never decides between equals: the earlier title does.
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| title(proposed, a.1).cmp(title(proposed, b.1))).then(a.1.cmp(&b.1)));
    let mut taken = HashSet::new();
    found
        .into_iter()
        .filter(|&(_, position, _)| taken.insert(position))
        .filter_map(|(score, position, variant)| {
            let passage = proposed.get(position)?;
            let quotation = quotation(&unique(terms(variant, passage.locale)), passage);
            Some(Found { passage: passage.clone(), score, quotation })
        })
        .collect()
}

fn title(proposed: &[Passage], position: usize) -> &str {
    proposed.get(position).map_or("", |passage| passage.title.as_str())
}

fn unique(terms: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    terms.into_iter().filter(|term| seen.insert(term.clone())).collect()
}

/// How much of what is asked a passage covers, in thousandths (a little more when its title covers it).
fn score(asked: &[String], passage: &Passage, proposed: &[Passage], visitor: Locale) -> u32 {
    let own: Vec<&str> = passage.terms.split(' ').skip(1).collect();
    let title = terms(&passage.title, passage.locale);
    let title: Vec<&str> = title.iter().map(String::as_str).collect();
    let (mut covered, mut in_title, mut total) = (0_u64, 0_u64, 0_u64);
    for term in asked {
        let having = proposed
            .iter()
            .filter(|other| other.locale == passage.locale && other.terms.split(' ').any(|t| likeness(term, t) > 0))
            .count();
        let weight = weight(having);
        let best = |terms: &[&str]| terms.iter().map(|t| likeness(term, t)).max().unwrap_or(0);
        total = total.saturating_add(weight.saturating_mul(1000));
        covered = covered.saturating_add(weight.saturating_mul(best(&own)));
        in_title = in_title.saturating_add(weight.saturating_mul(best(&title)));
    }
    // The title is a tie-breaker: at most a tenth more.
    let thousandths = |sum: u64| sum.saturating_mul(1000).checked_div(total).unwrap_or(0);
    let covered = thousandths(covered);
    let bonus = if covered >= u64::from(RELEVANT) { thousandths(in_title).checked_div(10).unwrap_or(0) } else { 0 };
    let language = if passage.locale == visitor { 1000 } else { OTHER_LANGUAGE };
    let score = covered.saturating_add(bonus).saturating_mul(language).checked_div(1000).unwrap_or(0);
    u32::try_from(score).unwrap_or(u32::MAX)
}

/// What a term weighs that this many of the proposed passages have.
fn weight(having: usize) -> u64 {
    match having {
        0 => 40,
        1 => 36,
        2 => 32,
        3 => 29,
        4..=5 => 26,
        6..=8 => 22,
        9..=15 => 18,
        _ => 14,
    }
}

/// How alike two terms are, in thousandths: the same, or one the beginning of the other and not much shorter (the stemmers
/// leave some endings, and compounds begin with their parts).
fn likeness(one: &str, two: &str) -> u64 {
    if one == two {
        return 1000;
    }
    let (short, long) = if one.len() < two.len() { (one, two) } else { (two, one) };
    let letters = short.chars().count();
    if letters >= 4 && long.starts_with(short) {
        let more = long.chars().count().saturating_sub(letters);
        return if more <= 3 { 850 } else { 700 };
    }
    0
}

/// The one or two neighbouring sentences of a passage that cover most of what is asked.
fn quotation(asked: &[String], passage: &Passage) -> String {
    let sentences: Vec<&str> =
        passage.text.lines().flat_map(UnicodeSegmentation::unicode_sentences).map(str::trim).filter(|s| !s.is_empty()).collect();
    let joiner = if passage.locale == Locale::Ja { "" } else { " " };
    let mut best: (usize, String) = (0, String::new());
    for length in [2_usize, 1] {
        for window in sentences.windows(length) {
            let text = window.join(joiner);
            let own = terms(&text, passage.locale);
            let hits = asked.iter().filter(|term| own.iter().any(|t| likeness(term, t) > 0)).count();
            if best.1.is_empty() || (hits > best.0 && text.chars().count() <= QUOTATION) {
                best = (hits, text);
            }
        }
    }
    if best.1.is_empty() { shortened(&passage.text) } else { shortened(&best.1) }
}

/// At most [`QUOTATION`] characters, cut between words, with the cut shown.
fn shortened(text: &str) -> String {
    if text.chars().count() <= QUOTATION {
        return text.to_owned();
    }
    let mut short = String::new();
    for piece in text.split_word_bounds() {
        if short.chars().count().saturating_add(piece.chars().count()) >= QUOTATION {
            break;
        }
        short.push_str(piece);
    }
    format!("{}…", short.trim_end())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::KnowledgeEntryId;

    fn passage(title: &str, text: &str) -> Passage {
        let terms = format!("t0 {}", terms(&format!("{title}\n{text}"), Locale::En).join(" "));
        Passage {
            entry_id: KnowledgeEntryId::new(),
            title: title.into(),
            source_url: None,
            locale: Locale::En,
            text: text.into(),
            terms,
        }
    }

    fn ask(text: &str) -> Question {
        Question { messages: vec![text.into()], locale: Locale::En }
    }

    fn shop() -> Vec<Passage> {
        vec![
            passage("Opening hours", "The shop opens at nine. It closes at six."),
            passage("Shipping", "We ship to Belgium and France. Shipping takes two days."),
            passage("Returns", "You can return an article within thirty days. The shop pays the shipping."),
        ]
    }

    #[test]
    fn the_passage_that_covers_the_question_is_first_and_quoted() {
        let found = rank(&ask("How long does shipping take to France?"), &shop());
        assert_eq!(found[0].passage.title, "Shipping");
        let found = rank(&ask("When does the shop open?"), &shop());
        assert_eq!(found[0].passage.title, "Opening hours");
        assert!(found[0].quotation.starts_with("The shop opens at nine."));
    }

    #[test]
    fn what_nobody_wrote_about_is_not_answered() {
        for text in [
            "Do you sell insurance?",
            "What is the weather in Paris?",
            "hi",
            "",
            "Can I pay with crypto at the shop tomorrow evening?",
        ] {
            assert!(rank(&ask(text), &shop()).is_empty(), "{text}");
        }
    }

    #[test]
    fn in_a_burst_each_message_is_tried() {
        let question = Question {
            messages: vec![
                "hello there good people".into(),
                "quick thing about my holiday trip".into(),
                "when does the shop open?".into(),
            ],
            locale: Locale::En,
        };
        assert_eq!(rank(&question, &shop())[0].passage.title, "Opening hours");
    }

    proptest! {
        #[test]
        fn any_text_is_ranked_without_harm(text in "\\PC{0,200}", title in "\\PC{0,40}", body in "\\PC{0,300}") {
            for locale in Locale::ALL {
                let mut one = passage(&title, &body);
                one.locale = *locale;
                let question = Question { messages: vec![text.clone()], locale: *locale };
                for found in rank(&question, &[one]) {
                    prop_assert!(found.score >= RELEVANT);
                    prop_assert!(found.quotation.chars().count() <= QUOTATION + 1);
                }
            }
        }

        #[test]
        fn the_order_of_proposals_changes_nothing(seed in 0_usize..6) {
            let mut proposals = shop();
            proposals.rotate_left(seed % 3);
            if seed >= 3 { proposals.reverse(); }
            let titles: Vec<String> = rank(&ask("shop shipping"), &proposals).into_iter().map(|f| f.passage.title).collect();
            let straight: Vec<String> = rank(&ask("shop shipping"), &shop()).into_iter().map(|f| f.passage.title).collect();
            prop_assert_eq!(titles, straight);
        }
    }
}
