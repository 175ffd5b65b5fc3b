//! The scorer: which proposed passage answers a question, and whether any does. Values in, values out.
//!
//! A passage is relevant when it covers enough of what the question is about. A word weighs more the fewer of the proposed
//! passages have it, and most when none has: a question about something nobody wrote about stays unanswered however many of its
//! other words match. Scores of the engines play no part, so both stores decide alike.

use std::collections::HashSet;

use unicode_segmentation::UnicodeSegmentation;

use super::{
    language::plausible,
    model::{Covered, Explained, Found, Passage, Question},
    terms::terms,
};
use crate::locale::Locale;

/// What a passage must score to be an answer, in thousandths. Held by the golden set: below, near-topic questions that nobody
/// wrote about begin to be answered; above, questions in the visitor's own words begin to be refused.
pub const RELEVANT: u32 = 500;

/// What a title that the question covers whole adds, in thousandths.
const TITLE: u64 = 200;

/// What two words that at most two passages have add together, in thousandths: such a pair is hardly a coincidence.
const TELLING_PAIR: u64 = 100;

/// What a passage in another language than the visitor's is worth, in thousandths.
const OTHER_LANGUAGE: u64 = 950;

/// At most this many characters are quoted.
const QUOTATION: usize = 400;

/// The languages to look in: the visitor's, any other the messages may be in, and the tenant's own.
#[must_use]
pub fn languages(question: &Question, fallback: Locale) -> Vec<Locale> {
    let mut languages = vec![question.locale];
    for locale in question.messages.iter().flat_map(|text| plausible(text)).chain([fallback]) {
        if !languages.contains(&locale) {
            languages.push(locale);
        }
    }
    languages
}

/// Whether the messages ask for nothing in any language they may be in: greetings, thanks, an emoji.
#[must_use]
pub fn asks_nothing(question: &Question) -> bool {
    languages(question, question.locale).into_iter().all(|locale| wanted(question, locale).is_empty())
}

/// The words of a text that carry content in a language, as the index knows them: normalised and stemmed, in their order.
#[must_use]
pub fn content(text: &str, locale: Locale) -> Vec<String> {
    terms(text, locale)
}

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
    let indexed: Vec<Indexed<'_>> = proposed.iter().map(Indexed::of).collect();
    let mut found: Vec<(u32, &Passage, Vec<String>)> = Vec::new();
    for variant in &variants {
        for &locale in Locale::ALL {
            let passages: Vec<&Indexed<'_>> = indexed.iter().filter(|indexed| indexed.passage.locale == locale).collect();
            if passages.is_empty() {
                continue;
            }
            let asked = asked(variant, locale);
            for (score, passage) in score(&asked, &passages, question.locale) {
                if score >= RELEVANT {
                    found.push((score, passage, asked.clone()));
                }
            }
        }
    }
    // The engine's order never decides between equals: the earlier title does, and within an entry the earlier text.
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.title.cmp(&b.1.title)).then_with(|| a.1.text.cmp(&b.1.text)));
    let mut taken = HashSet::new();
    found
        .into_iter()
        .filter(|(_, passage, _)| taken.insert((passage.entry_id, passage.text.as_str())))
        .map(|(score, passage, asked)| Found { passage: passage.clone(), score, quotation: quotation(&asked, passage) })
        .collect()
}

/// A passage with its terms taken apart, once.
struct Indexed<'a> {
    passage: &'a Passage,
    own: Vec<&'a str>,
    title: Vec<String>,
}

impl<'a> Indexed<'a> {
    fn of(passage: &'a Passage) -> Self {
        // The first term is the tenant's.
        Self { passage, own: passage.terms.split(' ').skip(1).collect(), title: terms(&passage.title, passage.locale) }
    }
}

/// What a text asks for, once each and not without end.
pub(super) fn asked(text: &str, locale: Locale) -> Vec<String> {
    let mut seen = HashSet::new();
    terms(text, locale).into_iter().filter(|term| seen.insert(term.clone())).take(WANTED).collect()
}

/// What each passage of one language scores, in thousandths: how much of what is asked it covers, by weight, and a little more
/// when the question names its title.
fn score<'a>(asked: &[String], passages: &[&Indexed<'a>], visitor: Locale) -> Vec<(u32, &'a Passage)> {
    let weighed = Weighed::of(asked, passages);
    let scored =
        passages.iter().enumerate().map(|(position, indexed)| (weighed.parts(position, visitor).score(), indexed.passage));
    scored.collect()
}

/// What is asked, weighed among the passages of one language.
struct Weighed<'w, 'a> {
    asked: &'w [String],
    passages: &'w [&'w Indexed<'a>],
    per_term: Vec<PerTerm>,
    total: u64,
    known: u64,
}

struct PerTerm {
    weight: u64,
    having: usize,
    /// How like a word of each passage it is.
    likes: Vec<u64>,
}

/// What a passage's score is made of, in thousandths.
struct Parts {
    covered: u64,
    title: u64,
    telling_pair: u64,
    other_language: bool,
}

impl Parts {
    fn score(&self) -> u32 {
        let language = if self.other_language { OTHER_LANGUAGE } else { 1000 };
        let sum = self.covered.saturating_add(self.title).saturating_add(self.telling_pair);
        u32::try_from(sum.saturating_mul(language).checked_div(1000).unwrap_or(0)).unwrap_or(u32::MAX)
    }
}

impl<'w, 'a> Weighed<'w, 'a> {
    fn of(asked: &'w [String], passages: &'w [&'w Indexed<'a>]) -> Self {
        let per_term: Vec<PerTerm> = asked
            .iter()
            .map(|term| {
                let likes: Vec<u64> =
                    passages.iter().map(|passage| passage.own.iter().map(|own| likeness(term, own)).max().unwrap_or(0)).collect();
                let having = likes.iter().filter(|like| **like > 0).count();
                PerTerm { weight: weight(having), having, likes }
            })
            .collect();
        let total = per_term.iter().map(|term| term.weight).sum();
        // A question about something nobody wrote about gets less of what is added for the rest.
        let known = per_term.iter().filter(|term| term.having > 0).map(|term| term.weight).sum();
        Self { asked, passages, per_term, total, known }
    }

    fn parts(&self, position: usize, visitor: Locale) -> Parts {
        let Some(indexed) = self.passages.get(position) else {
            return Parts { covered: 0, title: 0, telling_pair: 0, other_language: false };
        };
        let (mut covered, mut telling) = (0_u64, 0_u32);
        for term in &self.per_term {
            let like = term.likes.get(position).copied().unwrap_or(0);
            covered = covered.saturating_add(term.weight.saturating_mul(like));
            if like > 600 && term.having <= 2 {
                telling = telling.saturating_add(1);
            }
        }
        let of_known = |bonus: u64| bonus.saturating_mul(self.known).checked_div(self.total).unwrap_or(0);
        let named = indexed.title.iter().filter(|word| self.asked.iter().any(|term| likeness(term, word) > 0)).count();
        let part = |part: usize, whole: usize| {
            let (part, whole) = (u64::try_from(part).unwrap_or(0), u64::try_from(whole).unwrap_or(0));
            part.saturating_mul(TITLE).checked_div(whole).unwrap_or(0)
        };
        Parts {
            covered: covered.checked_div(self.total).unwrap_or(0),
            title: of_known(part(named, indexed.title.len())),
            telling_pair: if telling >= 2 { TELLING_PAIR } else { 0 },
            other_language: indexed.passage.locale != visitor,
        }
    }

    fn covered(&self, position: usize) -> Vec<Covered> {
        let one = |(term, its): (&String, &PerTerm)| Covered {
            term: term.clone(),
            weight: its.weight,
            likeness: its.likes.get(position).copied().unwrap_or(0),
        };
        self.asked.iter().zip(&self.per_term).map(one).collect()
    }
}

/// Every proposed passage with the reasons for its score, best first; also those that are not relevant enough to answer from.
#[must_use]
pub fn explain(text: &str, visitor: Locale, proposed: &[Passage]) -> Vec<Explained> {
    let indexed: Vec<Indexed<'_>> = proposed.iter().map(Indexed::of).collect();
    let mut found = Vec::new();
    for &locale in Locale::ALL {
        let passages: Vec<&Indexed<'_>> = indexed.iter().filter(|indexed| indexed.passage.locale == locale).collect();
        let asked = asked(text, locale);
        let weighed = Weighed::of(&asked, &passages);
        for (position, indexed) in passages.iter().enumerate() {
            let parts = weighed.parts(position, visitor);
            let (score, thousandths) = (parts.score(), |part: u64| u32::try_from(part).unwrap_or(u32::MAX));
            found.push(Explained {
                passage: indexed.passage.clone(),
                score,
                relevant: score >= RELEVANT,
                quotation: quotation(&asked, indexed.passage),
                terms: weighed.covered(position),
                title: thousandths(parts.title),
                telling_pair: thousandths(parts.telling_pair),
                other_language: parts.other_language,
            });
        }
    }
    found.sort_by(|a, b| {
        b.score
            .cmp(&a.score)
            .then_with(|| a.passage.title.cmp(&b.passage.title))
            .then_with(|| a.passage.text.cmp(&b.passage.text))
    });
    found
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

/// How alike two terms are, in thousandths: the same; one the beginning of the other (the stemmers leave some endings, and
/// compounds begin with their parts); or one typing mistake apart.
fn likeness(one: &str, two: &str) -> u64 {
    if one == two {
        return 1000;
    }
    let (short, long) = if one.len() < two.len() { (one, two) } else { (two, one) };
    let letters = short.chars().count();
    if letters < 4 || short.chars().next() != long.chars().next() {
        return 0;
    }
    let more = long.chars().count().saturating_sub(letters);
    if long.starts_with(short) {
        return if more <= 3 { 850 } else { 700 };
    }
    if letters >= 5 && more <= 1 && strsim::damerau_levenshtein(short, long) == 1 { 750 } else { 0 }
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
                    prop_assert!(found.quotation.chars().count() <= QUOTATION.saturating_add(1));
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
