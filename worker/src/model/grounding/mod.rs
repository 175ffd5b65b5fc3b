//! Lets an answer through sentence by sentence, each only once it has been checked.
//!
//! Invariants: under [`Grounding::Strict`] nothing is shown of a sentence that claims something unless it cites passages that were given,
//! and they say it as far as words can be compared (`support.rs`): every fact in it stands there, where they tell of the same; what it denies
//! they deny; and most of its words are theirs. Nor is anything shown that a page would run or load, or that is written in disguise. Under
//! neither grounding is it shown that the assistant has done something. What is shown does not depend on how the text was cut.

mod bounds;
mod claims;
mod days;
mod denial;
mod digits;
mod facts;
mod links;
mod markup;
mod names;
mod numbers;
mod plain;
mod sentences;
mod statement;
mod support;
mod units;

use std::collections::BTreeSet;

use frontoffice_domain::{
    chat::{Finding, Sentence, Source, Verdict},
    knowledge::{Found, rules::content},
    locale::Locale,
    persona::Grounding,
};
use unicode_segmentation::UnicodeSegmentation;

use self::{
    claims::claims_action,
    plain::{foreign, is_reordered, visible},
    sentences::Sentences,
    support::{Known, Support},
};
use super::{Prompt, citations::Citations};

/// Checks an answer while it is being written.
#[derive(Debug)]
pub(crate) struct Gate {
    grounding: Grounding,
    locale: Locale,
    given: Vec<Known>,
    /// Words the assistant was told about itself.
    private: BTreeSet<String>,
    sentences: Sentences,
    citations: Citations,
    checked: Vec<Sentence>,
    /// `Yes.`: it is checked with the sentence that says why.
    lead: String,
    /// As it is shown.
    text: String,
}

/// At most so much of what has no support is kept of a sentence: enough to see why.
const MISSING: usize = 20;

/// A longer sentence is none that anybody reads, and takes long to compare.
const LONGEST: usize = 4_000;

/// A sentence may not be shown, and with it the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Withheld(pub(crate) Sentence);

impl Gate {
    /// For an answer to which these passages of a prompt were given.
    pub(crate) fn of(prompt: &Prompt, given: &[Found]) -> Self {
        Self {
            grounding: prompt.persona.grounding,
            locale: prompt.locale,
            given: given.iter().map(|found| Known::of(&found.passage)).collect(),
            private: content(&prompt.persona.system_prompt, prompt.locale).into_iter().collect(),
            sentences: Sentences::default(),
            citations: Citations::of(given),
            checked: Vec::new(),
            lead: String::new(),
            text: String::new(),
        }
    }

    /// Takes more of the text in; what can be shown now.
    pub(crate) fn take(&mut self, text: &str) -> Result<String, Withheld> {
        let whole = self.sentences.take(text);
        self.let_through(whole)
    }

    /// The rest, once there is no more text. If the text was cut off in the middle of a sentence, without that.
    pub(crate) fn end(&mut self, cut_off: bool) -> Result<String, Withheld> {
        let mut rest = self.sentences.end();
        let whole = ['.', '!', '?', '…', '。', '！', '？', ']', ')', '"', '”', '|'];
        if cut_off && !rest.trim_end().ends_with(whole) {
            rest.clear();
        }
        let mut shown = self.let_through(vec![rest])?;
        let lead = std::mem::take(&mut self.lead);
        if !lead.is_empty() {
            let sentence = self.check(&lead);
            self.checked.push(sentence.clone());
            return Err(Withheld(sentence));
        }
        // White space at the end shows nothing.
        let held_back = self.citations.end().trim_end().to_owned();
        self.text.push_str(&held_back);
        shown.push_str(&held_back);
        Ok(shown)
    }

    fn let_through(&mut self, sentences: Vec<String>) -> Result<String, Withheld> {
        let mut shown = String::new();
        for raw in sentences.into_iter().filter(|raw| !raw.is_empty()) {
            if names::is_yes_or_no(&raw) && self.grounding == Grounding::Strict {
                self.lead.push_str(&raw);
                continue;
            }
            let raw = format!("{}{raw}", std::mem::take(&mut self.lead));
            let sentence = self.check(&raw);
            if !raw.trim().is_empty() {
                self.checked.push(sentence.clone());
            }
            if !sentence.finding.passes() {
                return Err(Withheld(sentence));
            }
            shown.push_str(&self.citations.take(&raw));
        }
        self.text.push_str(&shown);
        Ok(shown)
    }

    /// What was shown, where it comes from, and what was found.
    pub(crate) fn close(self) -> (String, Vec<Source>, Verdict) {
        let sources = self.citations.sources().to_vec();
        (self.text, sources, Verdict { grounding: self.grounding, sentences: self.checked })
    }

    fn check(&self, raw: &str) -> Sentence {
        let (numbers, plain) = cited(raw);
        let passages: Vec<&Known> = numbers.into_iter().filter_map(|n| self.given.get(n.checked_sub(1)?)).collect();
        let (finding, mut missing) = self.find(raw, &visible(&plain), &passages);
        missing.truncate(MISSING);
        Sentence { text: raw.trim().to_owned(), finding, missing }
    }

    /// What is found of a sentence, of which `plain` is what is seen.
    fn find(&self, raw: &str, plain: &str, passages: &[&Known]) -> (Finding, Vec<String>) {
        let strict = self.grounding == Grounding::Strict;
        let markup = markup::suspicious(raw);
        if strict && (!markup.is_empty() || is_reordered(raw) || raw.len() > LONGEST) {
            return (Finding::Unsupported, markup);
        }
        if !plain.chars().any(char::is_alphanumeric) {
            return (Finding::Harmless, Vec::new());
        }
        if claims_action(plain, passages.iter().map(|known| known.lower.as_str())) {
            return (Finding::ClaimsAction, Vec::new());
        }
        if passages.is_empty() {
            return match self.is_harmless(plain) {
                true => (Finding::Harmless, Vec::new()),
                false if strict => (Finding::Uncited, Vec::new()),
                false => (Finding::Unchecked, Vec::new()),
            };
        }
        let support = Support::of(plain, self.locale, passages);
        if strict && support.is_endless() {
            return (Finding::Unsupported, Vec::new());
        }
        let missing = support.missing(&self.private);
        match (missing.is_empty(), strict) {
            (true, _) => (Finding::Supported, missing),
            (false, true) => (Finding::Unsupported, missing),
            (false, false) => (Finding::Unchecked, missing),
        }
    }

    /// Whether a sentence that cites nothing claims nothing: it is small talk, or a question or heading about what was given.
    fn is_harmless(&self, plain: &str) -> bool {
        let lower = plain.to_lowercase();
        let trimmed = plain.trim();
        let asks = trimmed.ends_with(['?', '？']);
        let mut facts = facts::read(&lower, self.locale).into_iter();
        // `How can I help you today?`
        if facts.any(|fact| !(asks && fact.value == "today")) || foreign(plain).next().is_some() {
            return false;
        }
        if self.locale == Locale::Ja {
            let bare = trimmed.trim_end_matches(['。', '！', '？', '!', '?']);
            return names::JAPANESE_SMALL_TALK.contains(&bare);
        }
        let talk = names::without_small_talk(plain, self.locale);
        let left = content(&talk, self.locale);
        let leads = asks || trimmed.ends_with(':') || plain.trim_start().starts_with('#') && !trimmed.ends_with('.');
        if !leads {
            // `No.` and `Never!` are made of small words, and are answers.
            return left.is_empty() && talk.len() < plain.len() && !denies(plain);
        }
        let about = |term: &String| self.given.iter().any(|known| known.words.contains(term));
        left.iter().all(about)
            && names::absolutes(&lower, std::iter::empty()).is_empty()
            && (asks || !denial::denies(&lower, false, self.locale))
    }
}

/// Whether one of its words says no, or always.
fn denies(plain: &str) -> bool {
    const WORDS: &str = "no not never none always yes everything free nee niet nooit ja altijd nein nicht nie immer kein keine sí nunca \
        siempre jamás sì non mai sempre nie nigdy tak zawsze não sim nunca oui jamais toujours pas aucun";
    let plain = plain.to_lowercase();
    plain.unicode_words().any(|word| WORDS.split_whitespace().any(|known| known == word))
}

/// The numbers of the passages a sentence cites, and the sentence without them.
fn cited(raw: &str) -> (Vec<usize>, String) {
    let (mut numbers, mut plain, mut rest) = (Vec::new(), String::new(), raw);
    while let Some((before, bracket)) = rest.split_once('[') {
        plain.push_str(before);
        let inside = bracket.split_once(']').filter(|(inside, _)| {
            inside.chars().any(|c| c.is_ascii_digit()) && inside.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | ' '))
        });
        match inside {
            Some((inside, after)) => {
                numbers.extend(inside.split(',').filter_map(|number| number.trim().parse::<usize>().ok()));
                rest = after;
            }
            None => {
                plain.push('[');
                rest = bracket;
            }
        }
    }
    plain.push_str(rest);
    (numbers, plain)
}

#[cfg(test)]
mod tests;
