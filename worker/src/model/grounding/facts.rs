//! What in a text can be checked word for word: numbers, amounts, dates, links and addresses, however they are written.

use std::collections::BTreeSet;

use frontoffice_domain::locale::Locale;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::names;

/// The facts of a text.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Numbers, in one way of writing them: `1000`, `3.5`. Also those in words, from two on.
    pub(super) numbers: BTreeSet<String>,
    /// Numbers of something that is counted in money or hundredths, with what: `(79, EUR)`.
    pub(super) amounts: BTreeSet<(String, &'static str)>,
    /// Months and days of the week.
    pub(super) days: BTreeSet<&'static str>,
    /// Links and e-mail addresses, without what does not matter in them.
    pub(super) links: BTreeSet<String>,
    /// The text itself, as links are looked up in it.
    plain: String,
}

impl Facts {
    /// The facts of a text in a language.
    pub(super) fn of(text: &str, locale: Locale) -> Self {
        let plain: String = text.nfkc().flat_map(char::to_lowercase).collect();
        let mut facts = Self { links: links(&plain), ..Self::default() };
        facts.read_numbers(&plain);
        let words: Vec<&str> = text.unicode_words().collect();
        for (place, word) in words.iter().enumerate() {
            let low = word.to_lowercase();
            if let Some(value) = names::number(&low, locale) {
                facts.numbers.insert(value.to_owned());
            }
            let beside = [place.checked_sub(1), place.checked_add(1)].into_iter().flatten().filter_map(|at| words.get(at));
            let dated = beside.into_iter().any(|word| word.chars().any(|c| c.is_ascii_digit()));
            if let Some(day) = names::day(&low, locale, dated) {
                facts.days.insert(day);
            }
        }
        facts.plain = plain;
        facts
    }

    /// Adds those of another text.
    pub(super) fn add(&mut self, other: Self) {
        self.numbers.extend(other.numbers);
        self.amounts.extend(other.amounts);
        self.days.extend(other.days);
        self.links.extend(other.links);
        self.plain.push('\n');
        self.plain.push_str(&other.plain);
    }

    /// What of these facts does not stand in the passages. That a visitor wrote it makes nothing true: to have it repeated is what who means
    /// harm would write it for.
    pub(super) fn missing(&self, passages: &Self) -> Vec<String> {
        let mut missing = Vec::new();
        for (value, unit) in &self.amounts {
            let plain = passages.numbers.contains(value)
                && !passages.amounts.iter().any(|(other, _)| other == value)
                && passages.amounts.iter().any(|(_, other)| other == unit);
            if !plain && !passages.amounts.contains(&(value.clone(), unit)) {
                missing.push(format!("{value} {unit}"));
            }
        }
        for number in &self.numbers {
            if !passages.numbers.contains(number) && !self.amounts.iter().any(|(value, _)| value == number) {
                missing.push(number.clone());
            }
        }
        let days = self.days.iter().filter(|day| !passages.days.contains(*day));
        missing.extend(days.map(|day| (*day).to_owned()));
        missing.extend(self.links.iter().filter(|link| !stands(&passages.plain, link)).cloned());
        missing
    }

    fn read_numbers(&mut self, plain: &str) {
        let mut at = 0;
        while let Some(found) = plain.get(at..).and_then(|rest| rest.find(|c: char| c.is_ascii_digit())) {
            let begin = at.saturating_add(found);
            let end = end_of_number(plain, begin);
            let written = plain.get(begin..end).unwrap_or_default();
            let (before, after) = (plain.get(..begin).unwrap_or_default(), plain.get(end..).unwrap_or_default());
            let values = values(written);
            if let ([value], Some(unit)) = (values.as_slice(), unit_of(before, after)) {
                self.amounts.insert((value.clone(), unit));
            }
            // The full hour is the hour.
            let full_hour = before.ends_with(':') && written == "00";
            self.numbers.extend(values.into_iter().filter(|_| !full_hour));
            at = end;
        }
    }
}

/// Where a number ends that begins here: its separators have digits on both sides, and a space only before three of them.
fn end_of_number(text: &str, begin: usize) -> usize {
    let digits = |at: usize| text.get(at..).map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    let mut end = begin.saturating_add(digits(begin));
    loop {
        let Some(separator) = text.get(end..).and_then(|rest| rest.chars().next()) else { return end };
        let next = end.saturating_add(separator.len_utf8());
        let follow = digits(next);
        let goes_on = match separator {
            '.' | ',' => follow > 0,
            ' ' | '\u{a0}' | '\u{202f}' | '\'' | '’' => follow == 3 && end.saturating_sub(begin) <= 11,
            _ => false,
        };
        if !goes_on {
            return end;
        }
        end = next.saturating_add(follow);
    }
}

/// The numbers that are meant by digits with separators: one, or the parts of a date.
fn values(written: &str) -> Vec<String> {
    let written: String = written.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | ',')).collect();
    let parts: Vec<&str> = written.split(['.', ',']).collect();
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return Vec::new() };
    let inner = parts.get(1..parts.len().saturating_sub(1)).unwrap_or_default();
    let marks: BTreeSet<char> = written.chars().filter(|c| !c.is_ascii_digit()).collect();
    if parts.len() > 2 && marks.len() == 1 && !parts.iter().skip(1).all(|part| part.len() == 3) {
        return parts.into_iter().map(whole).collect();
    }
    let grouped = inner.iter().all(|part| part.len() == 3);
    let thousands = last.len() == 3 && *first != "0" && grouped;
    let value = if parts.len() == 1 || thousands {
        whole(&parts.concat())
    } else {
        let fraction = last.trim_end_matches('0');
        let before = whole(&parts.get(..parts.len().saturating_sub(1)).unwrap_or_default().concat());
        if fraction.is_empty() { before } else { format!("{before}.{fraction}") }
    };
    vec![value]
}

/// Without the zeros in front, of which a telephone number or a code has more than a clock.
fn whole(digits: &str) -> String {
    if digits.len() > 2 {
        return digits.to_owned();
    }
    let short = digits.trim_start_matches('0');
    if short.is_empty() { "0".to_owned() } else { short.to_owned() }
}

/// What a number counts, if it is money or hundredths.
fn unit_of(before: &str, after: &str) -> Option<&'static str> {
    let is_part = |c: char| c.is_alphabetic() || matches!(c, '$' | '€' | '£' | '¥' | '%');
    let before = before.strip_suffix([' ', '\u{a0}']).unwrap_or(before);
    let cut = before.trim_end_matches(is_part).len();
    let after = after.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
    let behind = after.split(|c: char| !is_part(c)).next().unwrap_or_default();
    // `79 € monthly`, and `円` or `ドル` with what follows it.
    names::unit(behind).or_else(|| names::unit_at_start(after)).or_else(|| names::unit(before.get(cut..).unwrap_or_default()))
}

/// Links, hosts and e-mail addresses in a lower-case text.
fn links(plain: &str) -> BTreeSet<String> {
    let tokens = plain
        .split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '<' | '>' | '"' | '[' | ']' | '|' | '`' | '、' | '。'));
    tokens.filter_map(link).collect()
}

fn link(token: &str) -> Option<String> {
    let token = token.trim_matches(|c: char| !c.is_alphanumeric() && c != '/');
    let bare = token.split_once("://").map_or(token, |(_, rest)| rest);
    let bare = bare.strip_prefix("mailto:").or_else(|| bare.strip_prefix("www.")).unwrap_or(bare).trim_end_matches('/');
    let host = bare.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default().split(':').next().unwrap_or_default();
    let named = host.rsplit_once('.').is_some_and(|(name, top)| {
        !name.is_empty() && top.chars().count() >= 2 && top.chars().all(char::is_alphabetic) && !name.ends_with('.')
    });
    (named || token.contains("://") || token.contains('@') && bare.len() > 1).then(|| bare.to_owned())
}

/// Whether a link stands in a text, and not only as the beginning or end of another one.
fn stands(plain: &str, link: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    plain.match_indices(link).any(|(at, _)| {
        let before = plain.get(..at).and_then(|text| text.chars().next_back());
        let mut after = plain.get(at.saturating_add(link.len())..).unwrap_or_default().chars();
        let (next, second) = (after.next(), after.next());
        let goes_on = next.is_some_and(|c| inside(c) || c == '@' || matches!(c, '.' | ':') && second.is_some_and(inside));
        let subdomain = plain.get(..at).is_some_and(|text| text.ends_with('.') && !text.ends_with("www."));
        !goes_on && !subdomain && !before.is_some_and(|c| inside(c) || c == '@')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(answer: &str, passage: &str) -> Vec<String> {
        let facts = |text| Facts::of(text, Locale::En);
        facts(answer).missing(&facts(passage))
    }

    #[test]
    fn the_same_fact_may_be_written_in_many_ways() {
        for (answer, passage) in [
            ("It costs €1,000.00.", "1.000 EUR"),
            ("1 000 zł", "1000 PLN"),
            ("US$ 79.50 a month", "79.5 USD / month"),
            ("20 percent", "20%"),
            ("From 9:00 to 17.", "9 am; 17:00"),
            ("on 2026-05-03", "3.5.2026"),
            ("Three days, twelve weeks", "3 days and 12 weeks"),
            ("closed on Monday in July", "Open July except monday"),
            ("write to HELP@shop.example", "help@shop.example."),
            ("see https://www.shop.example/returns/", "(http://shop.example/returns)"),
            ("Starter is 79 USD", "| Starter | 79 | and Pro USD 249 |"),
            ("We opened in 2019. The third floor.", "since 2019"),
        ] {
            assert_eq!(missing(answer, passage), Vec::<String>::new(), "{answer} | {passage}");
        }
    }

    #[test]
    fn what_is_not_there_is_missing() {
        for (answer, passage, gone) in [
            ("It costs 80 EUR", "79 EUR", "80 EUR"),
            ("It costs 79 USD", "79 EUR", "79 USD"),
            ("20 % off", "20 days", "20 %"),
            ("14 days", "30 days", "14"),
            ("call 555123", "call us", "555123"),
            ("two months free", "months", "2"),
            ("on Sunday", "on Monday", "sunday"),
            ("in August", "in July", "august"),
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
