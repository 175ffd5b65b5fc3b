//! A text as what it states: sentences, cut at commas and conjunctions into pieces, those that tell of the same facts joined to parts.

use std::{collections::BTreeSet, sync::Arc};

use frontoffice_domain::{knowledge::rules::content, locale::Locale};
use unicode_segmentation::UnicodeSegmentation;

use super::{
    denial::denies,
    facts::{self, Fact, Kind},
    names,
    sentences::Sentences,
    units::{self, Unit},
};

/// What stands between two commas.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) words: BTreeSet<String>,
    pub(super) facts: Vec<Fact>,
    /// Whether it says that something is not.
    pub(super) denies: bool,
    /// Times that it does not count: `a month`, `monthly`.
    pub(super) periods: BTreeSet<Unit>,
    /// As a verdict shows it.
    pub(super) text: String,
}

/// Pieces that belong together: at most one of them begins to tell of other facts than those before it.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    pub(super) pieces: Vec<Piece>,
    /// The words in it; if there are none, those of the part before it.
    pub(super) words: BTreeSet<String>,
    /// The words of its sentence.
    pub(super) beside: Arc<BTreeSet<String>>,
    /// The words of what stands before that, which may say what it is about: of the title and a sentence, or of a table's first row.
    pub(super) before: Arc<BTreeSet<String>>,
}

impl Part {
    pub(super) fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.pieces.iter().flat_map(|piece| &piece.facts)
    }

    /// Whether a word stands there, or where it may say what the part is about.
    pub(super) fn is_about(&self, is: impl Fn(&BTreeSet<String>) -> bool) -> bool {
        is(&self.beside) || is(&self.before)
    }

    /// What its last fact is told with: what follows may tell of something else.
    pub(super) fn core(&self) -> BTreeSet<&String> {
        let last = self
            .pieces
            .iter()
            .rposition(|piece| !piece.facts.is_empty())
            .map_or(self.pieces.len(), |last| last.saturating_add(1));
        let core: BTreeSet<&String> = self.pieces.iter().take(last).flat_map(|piece| &piece.words).collect();
        if core.is_empty() { self.words.iter().collect() } else { core }
    }

    pub(super) fn has_words(&self) -> bool {
        self.pieces.iter().any(|piece| !piece.words.is_empty())
    }

    fn has_facts(&self) -> bool {
        self.facts().next().is_some()
    }

    /// Whether what a piece tells goes on with what this tells: `Monday, Tuesday`, `on Saturday, from 10:00 to 14:00`; but not
    /// `Friday from 9:00 to 18:00 | Saturday from 10:00 to 14:00`.
    fn goes_on_with(&self, piece: &Piece) -> bool {
        let Some(first) = piece.facts.first() else { return !self.has_facts() };
        let Some(last) = self.facts().last() else { return true };
        let wordless = piece.words.is_empty() || !self.has_words();
        wordless && (last.kind.is_like(first.kind) || !self.facts().any(|fact| fact.kind.is_like(first.kind)))
    }
}

/// Whose words they are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Voice<'t> {
    /// A passage's, all of which is about this.
    Passage(&'t BTreeSet<String>),
    /// An answer's, whose small talk says nothing.
    Answer,
}

/// The parts of what a text states, given as it is seen.
pub(super) fn parts(text: &str, voice: Voice<'_>, locale: Locale) -> Vec<Part> {
    let none = BTreeSet::new();
    let about = if let Voice::Passage(about) = voice { about } else { &none };
    let (mut parts, mut before, mut in_table) = (Vec::new(), Arc::new(about.clone()), false);
    for sentence in sentences(text) {
        let mut stated = parts_of(pieces(&sentence.to_lowercase(), voice, locale));
        let words = stated.iter().flat_map(|part| &part.pieces).flat_map(|piece| piece.words.iter().cloned());
        let beside = Arc::new(words.collect::<BTreeSet<String>>());
        for part in &mut stated {
            (part.beside, part.before) = (Arc::clone(&beside), Arc::clone(&before));
        }
        let is_row = sentence.trim_start().starts_with('|');
        if !(is_row && in_table) {
            before = Arc::new(about.union(&beside).cloned().collect());
        }
        in_table = is_row;
        parts.extend(stated);
    }
    parts
}

/// The sentences of a text, and of a table its rows.
fn sentences(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    // Rows that were joined to one line.
    let rows = text.replace("| |", "|\n|");
    for line in rows.lines() {
        let mut sentences = Sentences::default();
        found.extend(sentences.take(line));
        found.push(sentences.end());
    }
    found.retain(|sentence| sentence.chars().any(char::is_alphanumeric));
    found
}

fn parts_of(pieces: Vec<Piece>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for piece in pieces {
        match parts.last_mut() {
            Some(part) if part.goes_on_with(&piece) => part.pieces.push(piece),
            _ => parts.push(Part { pieces: vec![piece], ..Part::default() }),
        }
    }
    // What tells of no fact belongs to what comes next, and at the end to what came before.
    if parts.len() > 1 && parts.last().is_some_and(|part| !part.has_facts()) {
        let last = parts.pop().unwrap_or_default();
        if let Some(part) = parts.last_mut() {
            part.pieces.extend(last.pieces);
        }
    }
    let mut words = BTreeSet::new();
    for part in &mut parts {
        if part.has_words() {
            words = part.pieces.iter().flat_map(|piece| piece.words.iter().cloned()).collect();
        }
        part.words.clone_from(&words);
    }
    parts
}

/// The pieces of a sentence in small letters. A mere yes or no is none.
fn pieces(lower: &str, voice: Voice<'_>, locale: Locale) -> Vec<Piece> {
    let facts = facts::read(lower, locale);
    let mut pieces = Vec::new();
    // `No. The shop is …`: `no` is also short for a number, so it is not cut there.
    let answer = lower.split_inclusive(['.', '!']).next().filter(|first| names::is_yes_or_no(first));
    let mut begin = answer.map_or(0, str::len);
    let ends = cuts(lower, &facts, locale);
    for end in ends.into_iter().chain([lower.len()]) {
        let piece = lower.get(begin..end).unwrap_or_default();
        let from = |at: usize| facts.partition_point(|fact| fact.range.start < at);
        let own = facts.get(from(begin)..from(end)).unwrap_or_default();
        if piece.chars().any(char::is_alphanumeric) && !names::is_yes_or_no(piece) {
            let mut rest = String::with_capacity(piece.len());
            let mut at = begin;
            // What is a fact is compared as one; the words of a passage's links say what they are.
            for fact in own.iter().filter(|fact| fact.kind != Kind::Link || matches!(voice, Voice::Answer)) {
                rest.push_str(lower.get(at..fact.range.start).unwrap_or_default());
                rest.push(' ');
                at = at.max(fact.range.end);
            }
            rest.push_str(lower.get(at..end).unwrap_or_default());
            let (periods, without) = units::periods(&rest, locale);
            rest = without;
            if matches!(voice, Voice::Answer) {
                rest = names::without_small_talk(&rest, locale);
            }
            let has_time = own.iter().any(|fact| matches!(fact.kind, Kind::Clock | Kind::Hours | Kind::Bare));
            pieces.push(Piece {
                words: content(&rest, locale).into_iter().collect(),
                denies: denies(piece, has_time, locale),
                periods,
                text: piece.trim().to_owned(),
                facts: own.to_vec(),
            });
        }
        begin = end;
    }
    pieces
}

/// Where a sentence is cut.
fn cuts(lower: &str, facts: &[Fact], locale: Locale) -> Vec<usize> {
    let words = match locale {
        Locale::En => "and or but while whereas if when unless because although",
        Locale::Nl => "en of maar terwijl als wanneer tenzij omdat hoewel",
        Locale::De => "und oder aber sondern während wenn falls sofern weil obwohl",
        Locale::Es => "y e o u pero mientras si cuando porque aunque",
        Locale::It => "e ed o ma mentre se quando perché",
        Locale::Pl => "i oraz lub albo a ale jeśli gdy kiedy ponieważ",
        Locale::PtBr => "e ou mas enquanto se quando porque",
        Locale::Fr => "et ou mais si quand lorsque car",
        Locale::Ja => "",
    };
    let mut found = Vec::new();
    for (at, token) in lower.split_word_bound_indices() {
        let end = at.saturating_add(token.len());
        let spaced = lower.get(end..).is_none_or(|rest| rest.starts_with(char::is_whitespace));
        let cut = match token {
            ";" | "(" | ")" | "|" | "、" => Some(end),
            "," | "–" | "—" | "-" if spaced => Some(end),
            _ => words.split_whitespace().any(|word| word == token).then_some(at),
        };
        let inside = |cut: usize| {
            let next = facts.partition_point(|fact| fact.range.end <= cut);
            facts.get(next).is_some_and(|fact| fact.range.start < cut)
        };
        found.extend(cut.filter(|cut| !inside(*cut)));
    }
    found
}
