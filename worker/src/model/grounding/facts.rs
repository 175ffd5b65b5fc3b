//! What in a text can be checked: numbers with what they count, days, links and addresses, however they are written.

use std::{collections::BTreeSet, ops::Range};

use frontoffice_domain::{knowledge::rules::content, locale::Locale};
use unicode_segmentation::UnicodeSegmentation;

use super::{
    bounds::{Bound, bound},
    days,
    digits::{end_of_number, values},
    links, numbers,
    units::{self, Unit},
};

/// What sort of fact it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Money(&'static str),
    Share,
    /// How long something takes.
    Span,
    /// The time of day.
    Clock,
    /// Either of the two: `14 h`.
    Hours,
    /// A month, a day of the week, or one beside today.
    Day,
    /// A number of something else.
    Count,
    /// A number by itself, as in the cell of a table.
    Bare,
    Link,
}

impl Kind {
    /// Whether one of these might stand where the other stands.
    pub(super) fn is_like(self, other: Self) -> bool {
        let class = |kind| match kind {
            Self::Money(_) => 1,
            Self::Share => 2,
            Self::Span => 3,
            Self::Clock | Self::Hours => 4,
            Self::Day => 5,
            Self::Link => 6,
            Self::Count => 7,
            Self::Bare => 8,
        };
        let numeric = |kind| !matches!(kind, Self::Day | Self::Link);
        let bare = |kind| kind == Self::Bare;
        class(self) == class(other) || (bare(self) || bare(other)) && numeric(self) && numeric(other)
    }
}

/// A fact, and where in a lower-case text it stands.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
    /// The number in one way of writing it (`1000`, `3.5`, `9:30`), the day in English, the link without what does not matter in it.
    pub(super) value: String,
    /// The same in the smallest unit of its sort: that two weeks are fourteen days.
    canonical: String,
    unit: Option<Unit>,
    /// The number as it stands there: of `6 pm` the six.
    written: String,
    bound: Option<Bound>,
}

impl Fact {
    pub(super) fn new(range: Range<usize>, value: String, unit: Option<Unit>, otherwise: Kind) -> Self {
        let mut canonical = value.clone();
        let kind = match unit {
            Some(Unit::Money(code)) => Kind::Money(code),
            Some(Unit::Share) => Kind::Share,
            Some(Unit::Clock) => Kind::Clock,
            Some(Unit::HourOrClock) => Kind::Hours,
            // `2019年`
            Some(Unit::Year) if value.len() == 4 && (value.starts_with("19") || value.starts_with("20")) => Kind::Bare,
            Some(unit) => {
                if let Some((by, name)) = unit.span()
                    && let Some(product) = numbers::times(&value, by)
                {
                    canonical = format!("{product} {name}");
                }
                Kind::Span
            }
            None => otherwise,
        };
        if matches!(kind, Kind::Clock | Kind::Hours)
            && let Some((hour, minute)) = value.split_once('.')
        {
            // `9.30 Uhr`; zeros at the end are gone.
            canonical = format!("{hour}:{minute:0<2}");
        }
        Self { range, kind, written: value.clone(), value, canonical, unit, bound: None }
    }

    fn day(range: Range<usize>, day: &str) -> Self {
        Self::new(range, day.to_owned(), None, Kind::Day)
    }

    /// What a verdict calls it.
    pub(super) fn label(&self) -> String {
        self.unit.map_or_else(|| self.value.clone(), |unit| format!("{} {}", self.value, unit.name()))
    }

    /// Whether it says what is said there. A bare number in an answer takes its meaning from there; one there means what the answer says only
    /// if something there is counted in that.
    pub(super) fn is(&self, there: &Self, counted: &BTreeSet<Unit>) -> bool {
        if self.bound.is_some() && there.bound.is_some() && self.bound != there.bound {
            return false;
        }
        let same_value = self.value == there.value || self.canonical == there.canonical;
        let minutes = |hours: &Self| numbers::times(&hours.value, 60).map(|minutes| format!("{minutes} minutes"));
        match (self.kind, there.kind) {
            (Kind::Link, Kind::Link) => links::stands(&there.value, &self.value),
            (Kind::Link | Kind::Day, other) | (other, Kind::Link | Kind::Day) => self.kind == other && same_value,
            (Kind::Bare, _) => same_value || self.value == there.written,
            (Kind::Clock | Kind::Hours | Kind::Count, Kind::Bare) => same_value || self.written == there.value,
            (_, Kind::Bare) => self.value == there.value && self.unit.is_some_and(|unit| counted.contains(&unit)),
            (Kind::Hours, Kind::Clock) | (Kind::Clock, Kind::Hours) => self.canonical == there.canonical,
            (Kind::Hours, Kind::Span) => minutes(self).as_deref() == Some(&there.canonical),
            (Kind::Span, Kind::Hours) => minutes(there).as_deref() == Some(&self.canonical),
            (one, other) => one == other && self.canonical == there.canonical,
        }
    }
}

/// The facts of a lower-case text in a language, in their order.
pub(super) fn read(lower: &str, locale: Locale) -> Vec<Fact> {
    let mut reading = Reading { lower, locale, facts: links::read(lower) };
    reading.digits();
    reading.sort();
    reading.words();
    reading.sort();
    for fact in &mut reading.facts {
        let (before, after) = (lower.get(..fact.range.start), lower.get(fact.range.end..));
        fact.bound = bound(before.unwrap_or_default(), after.unwrap_or_default(), locale);
    }
    reading.facts
}

/// What numbers are said to count in a lower-case text, also away from them: `Price (EUR)`.
pub(super) fn counted(lower: &str, locale: Locale) -> BTreeSet<Unit> {
    let sign = |c: char| !c.is_alphabetic() && !is_sign(c);
    lower.split(sign).filter_map(|word| units::unit(word, locale)).collect()
}

struct Reading<'t> {
    lower: &'t str,
    locale: Locale,
    facts: Vec<Fact>,
}

impl Reading<'_> {
    fn sort(&mut self) {
        self.facts.sort_by_key(|fact| fact.range.start);
    }

    fn before(&self, at: usize) -> &str {
        self.lower.get(..at).unwrap_or_default()
    }

    fn behind(&self, at: usize) -> &str {
        self.lower.get(at..).unwrap_or_default()
    }

    /// Where the fact ends that this place stands in; the facts so far are sorted.
    fn inside(facts: &[Fact], at: usize) -> Option<usize> {
        let next = facts.partition_point(|fact| fact.range.end <= at);
        facts.get(next).filter(|fact| fact.range.start <= at).map(|fact| fact.range.end)
    }

    fn digits(&mut self) {
        let links = self.facts.clone();
        let mut at = 0_usize;
        while let Some(found) = self.behind(at).find(|c: char| c.is_ascii_digit()) {
            let begin = at.saturating_add(found);
            if let Some(end) = Self::inside(&links, begin) {
                at = end;
                continue;
            }
            let end = end_of_number(self.lower, begin);
            let values = values(self.lower.get(begin..end).unwrap_or_default());
            at = match <[String; 1]>::try_from(values) {
                Ok([value]) => self.number(begin, end, value, false).unwrap_or(end),
                Err(parts) => {
                    self.facts.extend(parts.into_iter().map(|part| Fact::new(begin..end, part, None, Kind::Bare)));
                    end
                }
            };
        }
    }

    /// Takes a number in with what it counts; where that ends. One in doubt is only taken if it counts something.
    fn number(&mut self, begin: usize, end: usize, value: String, in_doubt: bool) -> Option<usize> {
        let (mut value, mut end, locale) = (value, end, self.locale);
        let mut clock = None;
        if let Some(minutes) = minutes(self.behind(end)).filter(|_| end.saturating_sub(begin) <= 2) {
            end = end.saturating_add(minutes.len()).saturating_add(1);
            clock = Some(Unit::Clock);
            // The full hour is the hour.
            if minutes != "00" {
                value = format!("{value}:{minutes}");
            }
        } else if let Some((by, length)) = numbers::multiplier(self.behind(end), locale) {
            value = numbers::times(&value, by).unwrap_or(value);
            end = end.saturating_add(length);
        }
        let (before, after) = (self.before(begin), self.behind(end));
        if let Some((hours, length)) = half_of_day(before, after, locale) {
            let end = end.saturating_add(length);
            let named = if before.ends_with("午前") || before.ends_with("午後") { "午前".len() } else { 0 };
            let clock = Fact::new(begin.saturating_sub(named)..end, later(&value, hours), Some(Unit::Clock), Kind::Bare);
            self.facts.push(Fact { written: value, ..clock });
            return Some(end);
        }
        if locale == Locale::Ja && after.starts_with('月') {
            let day = Fact::day(begin..end, days::month(&value)?);
            self.facts.push(day);
            return Some(end);
        }
        let day_of_month = before.ends_with('月') && after.starts_with('日');
        let behind = unit_behind(after, locale).filter(|_| !day_of_month);
        let unit = clock.or(behind.map(|(unit, _)| unit)).or_else(|| unit_before(before, locale));
        let counts =
            clock.is_some() || behind.is_some() || in_doubt && locale == Locale::Ja && value != "1" && units::is_counter(after);
        if in_doubt && (!counts || value == "1" && unit == Some(Unit::Clock)) {
            return None;
        }
        end = behind.map_or(end, |(_, length)| end.saturating_add(length));
        let otherwise = if counts_something(after, locale) { Kind::Count } else { Kind::Bare };
        self.facts.push(Fact::new(begin..end, value, unit, otherwise));
        Some(end)
    }

    fn words(&mut self) {
        let (known, locale, mut at, mut previous) = (self.facts.clone(), self.locale, 0_usize, "");
        for (begin, word) in self.lower.split_word_bound_indices() {
            if !word.starts_with(char::is_alphanumeric) {
                continue;
            }
            let previous = std::mem::replace(&mut previous, word);
            if begin < at || Self::inside(&known, begin).is_some() {
                continue;
            }
            let behind_it = known.partition_point(|fact| fact.range.end <= begin);
            let ends_here = behind_it.checked_sub(1).and_then(|last| known.get(last)).map(|fact| fact.range.end);
            let rate = ends_here.is_some_and(|end| self.lower.get(end..begin).is_some_and(|between| between.trim().is_empty()));
            let share = matches!(previous, "per" | "por" | "pour");
            let behind = self.behind(begin);
            if let Some(spelled) = numbers::at_start(behind, locale).filter(|number| !(share && number.value == 100))
                // `79 EUR a month`; `十分` is also `enough`.
                && !(rate && spelled.value == 1 && spelled.doubtful)
                && !behind.starts_with("十分")
            {
                let end = begin.saturating_add(spelled.length);
                at = self.number(begin, end, spelled.value.to_string(), spelled.doubtful).unwrap_or(at);
            } else if units::is_half(word) {
                let half = Fact::new(begin..begin.saturating_add(word.len()), "50".to_owned(), Some(Unit::Share), Kind::Share);
                self.facts.push(half);
            } else if let Some((day, length)) = days::day(behind, previous, locale) {
                at = begin.saturating_add(length);
                self.facts.push(Fact::day(begin..at, day));
            }
        }
    }
}

/// `:30`, but not `:8443`.
fn minutes(after: &str) -> Option<&str> {
    let digits = after.strip_prefix(':')?;
    let two = digits.get(..2).filter(|two| two.bytes().all(|byte| byte.is_ascii_digit()))?;
    (!digits.get(2..)?.starts_with(|c: char| c.is_ascii_digit())).then_some(two)
}

/// `9 am`, `6 p.m.`, `午後6時`: how many hours that is later, and what says so behind the number.
fn half_of_day(before: &str, after: &str, locale: Locale) -> Option<(u64, usize)> {
    if locale == Locale::Ja {
        let hours = if before.ends_with("午後") { 12 } else { 0 };
        return (after.starts_with('時') && !after.starts_with("時間")).then_some((hours, "時".len()));
    }
    let spaced = after.trim_start_matches(' ');
    let said = [("a.m.", 0), ("p.m.", 12), ("am", 0), ("pm", 12)].into_iter().find(|(said, _)| spaced.starts_with(said));
    let (said, hours) = said.filter(|_| locale == Locale::En)?;
    let goes_on = spaced.get(said.len()..).is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
    (!goes_on).then(|| (hours, after.len().saturating_sub(spaced.len()).saturating_add(said.len())))
}

/// `6` and `6:30` so many hours later; noon is noon.
fn later(value: &str, hours: u64) -> String {
    let (hour, minutes) = value.split_once(':').map_or((value, None), |(hour, minutes)| (hour, Some(minutes)));
    let hour = match (hour.parse::<u64>(), hours) {
        (Ok(12), 0) => 0,
        (Ok(hour @ 1..=11), hours) => hour.saturating_add(hours),
        (Ok(hour), _) => hour,
        (Err(_), _) => return value.to_owned(),
    };
    minutes.map_or_else(|| hour.to_string(), |minutes| format!("{hour}:{minutes}"))
}

fn is_sign(c: char) -> bool {
    matches!(c, '$' | '€' | '£' | '¥' | '%' | '₹' | '₩' | '₽' | '₺' | '₴' | '₿' | '¢')
}

/// The word or sign a text begins with.
fn first(text: &str) -> &str {
    if let Some(sign) = text.chars().next().filter(|c| is_sign(*c)) {
        return text.get(..sign.len_utf8()).unwrap_or_default();
    }
    let end = text.find(|c: char| !c.is_alphabetic() && !matches!(c, '$' | '\'' | '’')).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

/// What a number counts by what stands behind it, and how far that goes: `30 days`, `30-day`, `30 calendar days`, `79 €`.
fn unit_behind(after: &str, locale: Locale) -> Option<(Unit, usize)> {
    let spaced = after.trim_start_matches(' ');
    let text = spaced.strip_prefix('-').filter(|rest| rest.starts_with(char::is_alphabetic)).unwrap_or(spaced);
    let length = |rest: &str, word: usize| after.len().saturating_sub(rest.len()).saturating_add(word);
    if let Some((unit, word)) = units::at_start(text) {
        return Some((unit, length(text, word)));
    }
    let word = first(text);
    if let Some(unit) = units::unit(word, locale) {
        return Some((unit, length(text, word.len())));
    }
    let next = text.get(word.len()..)?.strip_prefix(' ')?;
    if content(word, locale).is_empty() || locale == Locale::Ja {
        return None;
    }
    let second = first(next);
    let unit = units::unit(second, locale).filter(|unit| unit.span().is_some())?;
    Some((unit, length(next, second.len())))
}

/// The money before a number: `EUR 79`, `€79`, `R$ 4,90`.
fn unit_before(before: &str, locale: Locale) -> Option<Unit> {
    let before = before.strip_suffix(' ').unwrap_or(before);
    let cut = before.trim_end_matches(|c: char| c.is_alphabetic() || is_sign(c)).len();
    units::unit(before.get(cut..)?, locale).filter(|unit| matches!(unit, Unit::Money(_)))
}

/// Whether a number stands before a word that it may count.
fn counts_something(after: &str, locale: Locale) -> bool {
    if locale == Locale::Ja {
        return units::is_counter(after);
    }
    let Some(word) = after.strip_prefix(' ').map(first) else { return false };
    !content(word, locale).is_empty() && days::day(word, "", locale).is_none() && numbers::at_start(word, locale).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(answer: &str, passage: &str) -> Vec<String> {
        let (lower, counted) = (passage.to_lowercase(), counted(&passage.to_lowercase(), Locale::En));
        let known = read(&lower, Locale::En);
        let said = read(&answer.to_lowercase(), Locale::En);
        said.iter().filter(|fact| !known.iter().any(|there| fact.is(there, &counted))).map(Fact::label).collect()
    }

    #[test]
    fn the_same_fact_may_be_written_in_many_ways() {
        for (answer, passage) in [
            ("It costs €1,000.00.", "1.000 EUR"),
            ("1 000 zł", "1000 PLN"),
            ("US$ 79.50 a month", "79.5 USD / month"),
            ("20 percent", "20%"),
            ("half of it", "50 %"),
            ("From 9:00 to 17.", "9 am; 17:00"),
            ("from 9 to 18", "nine to 6 pm"),
            ("at 9:30", "9.30 h"),
            ("on 2026-05-03", "3.5.2026"),
            ("Three days, twelve weeks", "3 days and 12 weeks"),
            ("twenty-four months, a day", "two years; within one day"),
            ("a fortnight: 14 calendar days", "the 14-day term"),
            ("closed on Monday in July", "Open July except monday"),
            ("write to HELP@shop.example", "help@shop.example."),
            ("see https://www.shop.example/returns/", "(http://shop.example/returns)"),
            ("Starter is 79 USD", "| Starter | 79 | and Pro USD 249 |"),
            ("We opened in 2019. The third floor.", "since 2019"),
            ("2 million EUR", "EUR 2,000,000"),
            ("3 seats", "three users"),
            ("6 pm", "at six"),
            ("up to 30 days", "within 30 days"),
        ] {
            assert_eq!(missing(answer, passage), Vec::<String>::new(), "{answer} | {passage}");
        }
    }

    #[test]
    fn what_is_not_there_is_missing() {
        for (answer, passage, gone) in [
            ("It costs 80 EUR", "79 EUR", "80 EUR"),
            ("It costs 79 USD", "79 EUR", "79 USD"),
            ("It costs 79 million EUR", "79 EUR", "79000000 EUR"),
            ("It costs 79 CHF", "79 EUR", "79 CHF"),
            ("It costs 79 sheep", "79 EUR", "79"),
            ("It costs 30 EUR", "30 days, 5 EUR", "30 EUR"),
            ("20 % off", "20 days", "20 %"),
            ("14 days", "30 days", "14 days"),
            ("14 hours", "14 days", "14 hours"),
            ("within a day", "14 days", "1 days"),
            ("after 30 days", "within 30 days", "30 days"),
            ("call 555123", "call us", "555123"),
            ("two months free", "months", "2 months"),
            ("fifteen", "fifty", "15"),
            ("half of it", "all of it", "50 %"),
            ("on Sunday", "on Monday", "sunday"),
            ("tomorrow", "on Monday", "tomorrow"),
            ("in August", "in July", "august"),
            ("at 6 am", "at 6 pm", "6 o'clock"),
            ("see evil.example", "see shop.example", "evil.example"),
            ("see shop.example", "shop.example.evil.test", "shop.example"),
            ("see shop.example", "not-shop.example", "shop.example"),
            ("see shop.example/x", "shop.example/y", "shop.example/x"),
            ("a@shop.example", "b@shop.example", "a@shop.example"),
        ] {
            assert_eq!(missing(answer, passage), vec![gone.to_owned()], "{answer}");
        }
    }
}
