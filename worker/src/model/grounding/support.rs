//! Whether what a sentence says is what the passages say that it cites.
//!
//! A fact must stand in a part of a passage that tells of what the sentence tells: where another part with a fact of that sort has more of
//! its words, it was taken from the wrong place. Facts told together must not be told apart there. What is denied must be denied there.

use std::collections::BTreeSet;

use frontoffice_domain::{
    knowledge::{Passage, rules::content},
    locale::Locale,
};
use unicode_segmentation::UnicodeSegmentation;

use super::{
    facts::{self, Fact, Kind},
    links, names,
    plain::{foreign, visible},
    statement::{Part, Piece, Voice, parts},
    units::Unit,
};

/// A week's opening hours are thirty-five facts.
const MOST_FACTS: usize = 80;
const MOST_PIECES: usize = 200;

/// A passage as what it states.
#[derive(Debug)]
pub(super) struct Known {
    locale: Locale,
    /// As it is seen, in small letters.
    pub(super) lower: String,
    title: BTreeSet<String>,
    pub(super) words: BTreeSet<String>,
    parts: Vec<Part>,
    counted: BTreeSet<Unit>,
    /// What its prices are for: a month, a day.
    periods: BTreeSet<Unit>,
}

impl Known {
    pub(super) fn of(passage: &Passage) -> Self {
        let locale = passage.locale;
        let text =
            visible(&format!("{}\n{}\n{}", passage.title, passage.text, passage.source_url.as_deref().unwrap_or_default()));
        let title = content(&passage.title, locale).into_iter().collect();
        let lower = text.to_lowercase();
        let parts = parts(&text, Voice::Passage(&title), locale);
        Self {
            locale,
            periods: parts.iter().flat_map(|part| &part.pieces).flat_map(|piece| piece.periods.iter().copied()).collect(),
            parts,
            words: content(&lower, locale).into_iter().collect(),
            counted: facts::counted(&lower, locale),
            title,
            lower,
        }
    }

    fn parts_with(&self, fact: &Fact) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(|part| part.facts().any(|there| fact.is(there, &self.counted)))
    }

    /// Whether the fact stands there, be it in parts that were cut apart.
    fn has(&self, fact: &Fact) -> bool {
        let linked = || links::is_dialled(&self.lower, &fact.value).unwrap_or_else(|| links::stands(&self.lower, &fact.value));
        self.parts_with(fact).next().is_some() || fact.kind == Kind::Link && linked()
    }
}

/// Whether a word is among these, or the beginning of one, or begins with one: stems leave some endings, and compounds begin with their
/// parts.
fn has(words: &BTreeSet<String>, word: &str) -> bool {
    const ALIKE: usize = 4;
    if words.contains(word) {
        return true;
    }
    let mut begins = word.char_indices().skip(ALIKE).filter_map(|(at, _)| word.get(..at));
    let long = word.chars().count() >= ALIKE;
    long && (words.range(word.to_owned()..).next().is_some_and(|next| next.starts_with(word))
        || begins.any(|begin| words.contains(begin)))
}

/// How well a part of a passage fits what a part of an answer tells: by its words that stand there or around it, that stand there and are
/// none of the title, that are some of the title, that stand in the same sentence, and by the words beside them. The first that differs
/// decides.
type Score = (usize, usize, usize, usize, usize);

fn score(words: &BTreeSet<&String>, beside: &BTreeSet<String>, there: &Part, title: &BTreeSet<String>) -> Score {
    let (own, rest): (Vec<&String>, Vec<&String>) = words.iter().partition(|word| has(&there.words, word));
    let (named, own): (Vec<&String>, Vec<&String>) = own.into_iter().partition(|word| has(title, word));
    let (here, own, named) = (own.len().saturating_add(named.len()), own.len(), named.len());
    let around = rest.iter().filter(|word| there.is_about(|all| has(all, word))).count();
    let near = rest.iter().filter(|word| has(&there.beside, word)).count();
    let further = beside.iter().filter(|word| there.is_about(|all| has(all, word))).count();
    (here.saturating_add(around), own, named, near, further)
}

/// A part of a passage in which a fact stands, and what sort of fact it is there.
struct Place<'p> {
    known: &'p Known,
    part: &'p Part,
    kind: Kind,
}

impl Place<'_> {
    /// Whether it tells something else of that sort than what is said.
    fn contradicts(&self, kind: Kind, said: &Part) -> bool {
        if matches!(kind, Kind::Link | Kind::Count | Kind::Bare) {
            return false;
        }
        let mut like = self.part.facts().filter(|there| there.kind == kind).peekable();
        like.peek().is_some() && !like.any(|there| said.facts().any(|fact| fact.is(there, &self.known.counted)))
    }
}

/// Whether two facts that are told together are not told apart where they stand, each with another one of the other's sort.
fn are_together(ones: &[Place<'_>], twos: &[Place<'_>], said: &Part) -> bool {
    let together = |one: &Place<'_>| {
        let with = |two: &Place<'_>| {
            std::ptr::eq(one.part, two.part) || !one.contradicts(two.kind, said) && !two.contradicts(one.kind, said)
        };
        twos.iter().any(with)
    };
    ones.is_empty() || twos.is_empty() || ones.iter().any(together)
}

/// A sentence, and the passages it cites.
pub(super) struct Support<'p> {
    locale: Locale,
    lower: String,
    parts: Vec<Part>,
    cited: &'p [&'p Known],
}

impl<'p> Support<'p> {
    /// Of a sentence as it is seen.
    pub(super) fn of(plain: &str, locale: Locale, cited: &'p [&'p Known]) -> Self {
        Self { locale, lower: plain.to_lowercase(), parts: parts(plain, Voice::Answer, locale), cited }
    }

    /// Whether it has more facts or pieces than anybody puts in a sentence: they are compared with each other and all of the passages.
    pub(super) fn is_endless(&self) -> bool {
        let pieces = || self.parts.iter().flat_map(|part| &part.pieces);
        pieces().nth(MOST_PIECES).is_some() || pieces().flat_map(|piece| &piece.facts).nth(MOST_FACTS).is_some()
    }

    /// What of it the passages do not say. `private` are words that nobody may read who does not read them in a passage.
    pub(super) fn missing(&self, private: &BTreeSet<String>) -> Vec<String> {
        let facts = self.parts.iter().flat_map(Part::facts);
        let gone: Vec<String> = facts.filter(|fact| !self.cited.iter().any(|known| known.has(fact))).map(Fact::label).collect();
        let checks = [Self::strangers, Self::periods, Self::absolutes, Self::misplaced, Self::denied, Self::unknown];
        let missing = std::iter::once(gone).chain(checks.iter().map(|check| check(self))).find(|missing| !missing.is_empty());
        missing.unwrap_or_else(|| self.private(private))
    }

    /// Words in letters of no language of ours, unless a passage has them.
    fn strangers(&self) -> Vec<String> {
        let stands = |word: &str| self.cited.iter().any(|known| links::stands(&known.lower, word));
        foreign(&self.lower).filter(|word| !stands(word)).map(str::to_owned).collect()
    }

    /// What a price is said to be for, and is not: `79 EUR a week`.
    fn periods(&self) -> Vec<String> {
        let priced = |part: &&Part| part.facts().any(|fact| matches!(fact.kind, Kind::Money(_) | Kind::Share));
        let said = self.parts.iter().filter(priced).flat_map(|part| &part.pieces).flat_map(|piece| &piece.periods);
        said.filter(|unit| !self.cited.iter().any(|known| known.periods.contains(unit)))
            .map(|unit| unit.name().to_owned())
            .collect()
    }

    /// Claims without bounds that no passage makes of what the piece tells of.
    fn absolutes(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (said, piece) in self.parts.iter().flat_map(|said| said.pieces.iter().map(move |piece| (said, piece))) {
            let claimed = names::absolutes(&piece.text, std::iter::empty());
            if claimed.is_empty() {
                continue;
            }
            let claims: BTreeSet<String> = claimed.iter().flat_map(|word| content(word, self.locale)).collect();
            let others = |words: &BTreeSet<String>| -> BTreeSet<String> { words.difference(&claims).cloned().collect() };
            let own = others(&piece.words);
            let about = if own.is_empty() { others(&said.beside) } else { own };
            let tells = |known: &Known, part: &Part| {
                let says_only_that = || part.words.iter().all(|word| claims.contains(word) || has(&known.title, word));
                about.iter().any(|word| has(&part.beside, word) || has(&known.title, word)) || says_only_that()
            };
            let ours = self.comparable().filter(|(known, part)| tells(known, part)).flat_map(|(_, part)| &part.pieces);
            let others = self.cited.iter().filter(|known| known.locale != self.locale).map(|known| known.lower.as_str());
            let told: Vec<&str> = ours.map(|piece| piece.text.as_str()).chain(others).collect();
            found.extend(names::absolutes(&piece.text, told.into_iter()));
        }
        found
    }

    /// All parts of the passages in the language of the answer.
    fn comparable(&self) -> impl Iterator<Item = (&'p Known, &'p Part)> {
        let locale = self.locale;
        self.cited
            .iter()
            .filter(move |known| known.locale == locale)
            .flat_map(|known| known.parts.iter().map(move |part| (*known, part)))
    }

    /// The parts a fact stands in: those that fit best, and all in other languages, which cannot be compared.
    fn places(&self, fact: &Fact, said: &Part) -> Vec<(&'p Known, &'p Part)> {
        let all = self.cited.iter().flat_map(|known| known.parts_with(fact).map(move |part| (*known, part)));
        let core = said.core();
        let mut all: Vec<_> = all.map(|(known, part)| (score(&core, &said.beside, part, &known.title), known, part)).collect();
        let best = all.iter().map(|(score, ..)| *score).max().unwrap_or_default();
        all.retain(|(score, known, _)| *score == best || known.locale != self.locale);
        all.into_iter().map(|(_, known, part)| (known, part)).collect()
    }

    /// Facts that stand in the passages, but not with what the sentence tells of.
    fn misplaced(&self) -> Vec<String> {
        let mut found = Vec::new();
        for said in &self.parts {
            let facts: Vec<(&Fact, Vec<Place<'_>>)> = said.facts().map(|fact| (fact, self.matched(fact))).collect();
            for (fact, places) in &facts {
                let together =
                    |(other, others): &(&Fact, Vec<Place<'_>>)| fact.kind == other.kind || are_together(places, others, said);
                if !self.is_near(fact, said) || !facts.iter().all(together) {
                    found.push(fact.label());
                }
            }
        }
        found
    }

    /// Whether no other place with a fact of that sort fits better.
    fn is_near(&self, fact: &Fact, said: &Part) -> bool {
        let places = self.places(fact, said);
        let Some((known, place)) = places.first() else { return true };
        if places.iter().any(|(known, _)| known.locale != self.locale) {
            return true;
        }
        let core = said.core();
        let best = score(&core, &said.beside, place, &known.title);
        let told = |there: &Fact, known: &Known| said.facts().any(|fact| fact.is(there, &known.counted));
        let better = self.comparable().any(|(known, part)| {
            let mut like = part.facts().filter(|there| there.kind.is_like(fact.kind)).peekable();
            like.peek().is_some()
                && score(&core, &said.beside, part, &known.title) > best
                && !like.any(|there| told(there, known))
        });
        // What is counted in money, hundredths or time says little by itself.
        let alone = matches!(fact.kind, Kind::Money(_) | Kind::Share | Kind::Span) && said.has_words() && {
            let own: Vec<&&String> = core.iter().filter(|word| !has(&known.title, word)).collect();
            let touches = |(_, part): &(&Known, &Part)| {
                part.words.is_empty()
                    || own.iter().any(|word| has(&part.words, word))
                    || own.iter().all(|word| part.is_about(|all| has(all, word)))
            };
            !places.iter().any(touches)
        };
        // A day says itself what it is of.
        (!better || fact.kind == Kind::Day) && !alone
    }

    /// Where a fact stands, and as what.
    fn matched(&self, fact: &Fact) -> Vec<Place<'p>> {
        let all = self.cited.iter().flat_map(|known| known.parts.iter().map(move |part| (*known, part)));
        let there = |(known, part): (&'p Known, &'p Part)| {
            let kind = part.facts().find(|there| fact.is(there, &known.counted)).map(|there| there.kind)?;
            Some(Place { known, part, kind })
        };
        all.filter_map(there).collect()
    }

    /// Pieces that deny what the passages say, or say what they deny.
    fn denied(&self) -> Vec<String> {
        let mut found = Vec::new();
        for said in &self.parts {
            for piece in &said.pieces {
                let (places, about) = (self.places_of(piece, said), self.about(piece, said));
                let fits = |parts: &[(&Known, &Part)]| {
                    let like = parts
                        .iter()
                        .flat_map(|(known, part)| part.pieces.iter().filter(|there| self.is_like(piece, there, known)));
                    let mut like = like.peekable();
                    if like.peek().is_some() { like.any(|there| there.denies == piece.denies) } else { !piece.denies }
                };
                if !(places.is_empty() || fits(&places))
                    || !(about.is_empty() && !(places.is_empty() && piece.denies) || fits(&about))
                {
                    found.push(piece.text.clone());
                }
            }
        }
        found
    }

    fn places_of(&self, piece: &Piece, said: &Part) -> Vec<(&'p Known, &'p Part)> {
        piece.facts.iter().flat_map(|fact| self.places(fact, said)).collect()
    }

    /// The parts that have most of a piece's words, if they have more than those its facts stand in.
    fn about(&self, piece: &Piece, said: &Part) -> Vec<(&'p Known, &'p Part)> {
        let (words, none) = (piece.words.iter().collect(), BTreeSet::new());
        let fit = |known: &Known, part: &Part| {
            let (all, own, named, ..) = score(&words, &none, part, &known.title);
            (all, own, named)
        };
        // A day says itself what is meant: closed on Sunday is not open on Sunday.
        if piece.facts.iter().any(|fact| fact.kind == Kind::Day) {
            return Vec::new();
        }
        let placed = self.places_of(piece, said).into_iter().map(|(known, part)| fit(known, part).0).max();
        let fits: Vec<_> = self.comparable().map(|(known, part)| (fit(known, part), known, part)).collect();
        let best = fits.iter().map(|(fit, ..)| *fit).max().unwrap_or_default();
        let (all, own, named) = best;
        let tells = own.saturating_add(named) > 0 && placed.is_none_or(|placed| all > placed);
        fits.into_iter().filter(|(fit, ..)| tells && *fit == best).map(|(_, known, part)| (known, part)).collect()
    }

    /// Whether a piece of a passage tells of what a piece of the answer tells.
    fn is_like(&self, piece: &Piece, there: &Piece, known: &Known) -> bool {
        let words = known.locale == self.locale && piece.words.iter().any(|word| has(&there.words, word));
        words || piece.facts.iter().any(|fact| there.facts.iter().any(|other| fact.is(other, &known.counted)))
    }

    fn said(&self) -> BTreeSet<&String> {
        self.parts.iter().flat_map(|part| &part.pieces).flat_map(|piece| &piece.words).collect()
    }

    /// Words that stand in no passage, if they are too many. Of a passage in another language only facts and names can be compared, so there
    /// must be one.
    fn unknown(&self) -> Vec<String> {
        let (ours, others): (Vec<&Known>, Vec<&Known>) = self.cited.iter().partition(|known| known.locale == self.locale);
        let has_facts = self.parts.iter().any(|part| part.facts().next().is_some());
        if ours.is_empty() {
            let named = || self.lower.unicode_words().any(|word| others.iter().any(|known| self.names(word, known)));
            let said = || self.said().into_iter().cloned().collect();
            return if has_facts || named() { Vec::new() } else { said() };
        }
        let said = self.said();
        let is_known = |word: &str| ours.iter().any(|known| has(&known.words, word));
        let unknown: Vec<String> = said.iter().filter(|word| !is_known(word)).map(|word| (*word).clone()).collect();
        // A title says what it is about, and nothing of that.
        let about = |word: &str| ours.iter().any(|known| has(&known.title, word));
        let count = said.iter().filter(|word| !about(word)).count();
        let enough = if self.locale == Locale::Ja || !others.is_empty() {
            // Japanese is compared by pairs of signs, many of which are grammar.
            unknown.len().saturating_mul(2) <= count
        } else {
            unknown.len() <= if has_facts { (count / 4).max(1) } else { count / 4 }
        };
        if !unknown.is_empty() && !enough {
            return unknown;
        }
        // `… and cures cancer`
        let strange = |piece: &&Piece| {
            piece.facts.is_empty() && piece.words.len() > 1 && others.is_empty() && !piece.words.iter().any(|word| is_known(word))
        };
        let strange = self.parts.iter().flat_map(|part| &part.pieces).find(strange);
        strange.map(|piece| piece.words.iter().cloned().collect()).unwrap_or_default()
    }

    /// Whether a lower-case word is one of a passage in another language, and none of the small ones of either.
    fn names(&self, word: &str, known: &Known) -> bool {
        let theirs = content(word, known.locale);
        word.chars().count() > 3
            && !content(word, self.locale).is_empty()
            && !theirs.is_empty()
            && theirs.iter().all(|term| known.words.contains(term))
    }

    /// What the assistant was told and no passage says.
    fn private(&self, private: &BTreeSet<String>) -> Vec<String> {
        let told = |word: &str| self.cited.iter().any(|known| has(&known.words, word));
        let said = self.said().into_iter();
        said.filter(|word| word.chars().count() > 3 && private.contains(*word) && !told(word)).cloned().collect()
    }
}
