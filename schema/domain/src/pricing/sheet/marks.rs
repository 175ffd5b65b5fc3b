//! Numbers as people write them: which marks they use is declared, never guessed.

use crate::text_enum::text_enum;

text_enum! {
    /// How numbers are written: which mark stands before the decimals, and which may stand between thousands.
    Marks {
        /// `1,234.5`
        Point = "point",
        /// `1.234,5`
        Comma = "comma",
        /// `1 234,5`; the space may be an ordinary one, one that does not break, or a narrow one.
        CommaSpace = "comma_space",
        /// `1'234.5`; the apostrophe may be straight or curved.
        Apostrophe = "apostrophe",
    }
}

/// Countries that write numbers otherwise than their language's other countries do (Unicode CLDR).
const COUNTRIES: &[(&str, &str, Marks)] = &[
    ("de", "AT", Marks::CommaSpace),
    ("de", "CH", Marks::Apostrophe),
    ("de", "LI", Marks::Apostrophe),
    ("it", "CH", Marks::Apostrophe),
    ("en", "ZA", Marks::CommaSpace),
    ("pt", "PT", Marks::CommaSpace),
    ("es", "419", Marks::Point),
    ("es", "DO", Marks::Point),
    ("es", "GT", Marks::Point),
    ("es", "HN", Marks::Point),
    ("es", "MX", Marks::Point),
    ("es", "NI", Marks::Point),
    ("es", "PA", Marks::Point),
    ("es", "PE", Marks::Point),
    ("es", "PR", Marks::Point),
    ("es", "SV", Marks::Point),
    ("es", "US", Marks::Point),
];

/// The other countries of a language.
const LANGUAGES: &[(&str, Marks)] = &[
    ("en", Marks::Point),
    ("ja", Marks::Point),
    ("de", Marks::Comma),
    ("es", Marks::Comma),
    ("it", Marks::Comma),
    ("nl", Marks::Comma),
    ("pt", Marks::Comma),
    ("fr", Marks::CommaSpace),
    ("pl", Marks::CommaSpace),
];

impl Marks {
    /// The marks of a language tag such as `de`, `de-CH` or `pt_BR`; `None` for a language whose marks are not known here.
    #[must_use]
    pub fn of_locale(tag: &str) -> Option<Self> {
        let mut parts = tag.split(['-', '_']);
        let language = parts.next()?.trim();
        let is = |known: &str| known.eq_ignore_ascii_case(language);
        // A script may stand between the language and the country.
        let country = parts.map(str::trim).find(|part| (2..=3).contains(&part.len()));
        let own = country.and_then(|country| COUNTRIES.iter().find(|(l, c, _)| is(l) && c.eq_ignore_ascii_case(country)));
        own.map(|(.., marks)| *marks).or_else(|| LANGUAGES.iter().find(|(l, _)| is(l)).map(|(_, marks)| *marks))
    }

    /// What stands before the decimals.
    #[must_use]
    pub const fn decimal(self) -> char {
        match self {
            Self::Point | Self::Apostrophe => '.',
            Self::Comma | Self::CommaSpace => ',',
        }
    }

    /// What may stand between thousands.
    const fn thousands(self) -> &'static [char] {
        match self {
            Self::Point => &[','],
            Self::Comma => &['.'],
            Self::CommaSpace => &['\u{a0}', '\u{202f}', ' '],
            Self::Apostrophe => &['\'', '\u{2019}'],
        }
    }

    /// What stands between the cells of a line: spreadsheets take a semicolon where a comma is part of numbers.
    #[must_use]
    pub const fn delimiter(self) -> char {
        match self {
            Self::Point | Self::Apostrophe => ',',
            Self::Comma | Self::CommaSpace => ';',
        }
    }

    /// A number that has all marks.
    #[must_use]
    pub const fn example(self) -> &'static str {
        match self {
            Self::Point => "1,234.5",
            Self::Comma => "1.234,5",
            Self::CommaSpace => "1 234,5",
            Self::Apostrophe => "1'234.5",
        }
    }
}

/// Longer numbers are nothing that could be kept.
const LONGEST: usize = 40;

/// A number, digit for digit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Number {
    negative: bool,
    whole: String,
    part: String,
}

/// Why a number cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It has more decimals than there are.
    Decimals,
    /// It is larger than what can be written down.
    Large,
}

impl Number {
    /// The number that a text is under these marks, with or without thousands marks; `None` if it is none.
    pub(super) fn read(text: &str, marks: Marks) -> Option<Self> {
        Self::parse(text.trim(), marks.decimal(), marks.thousands())
    }

    /// The number that a program wrote: a point before decimals, and nothing between thousands.
    pub(super) fn plain(text: &str) -> Option<Self> {
        Self::parse(text, '.', &[])
    }

    fn parse(text: &str, decimal: char, thousands: &[char]) -> Option<Self> {
        let (negative, size) = text.strip_prefix('-').map_or((false, text), |size| (true, size));
        let (whole, part) = size.split_once(decimal).map_or((size, None), |(whole, part)| (whole, Some(part)));
        if part.is_some_and(|part| !is_digits(part)) {
            return None;
        }
        let whole = match whole.chars().find(|c| thousands.contains(c)) {
            Some(mark) => grouped(whole, mark)?,
            None => whole.to_owned(),
        };
        let part = part.unwrap_or_default().to_owned();
        let fits = whole.len().saturating_add(part.len()) <= LONGEST;
        (is_digits(&whole) && fits).then_some(Self { negative, whole, part })
    }

    /// How many units of which 10 to the power of `decimals` are one; never rounded.
    pub(super) fn units(&self, decimals: u32) -> Result<i64, Unfit> {
        let decimals = usize::try_from(decimals).unwrap_or(usize::MAX);
        let missing = decimals.checked_sub(self.part.len()).ok_or(Unfit::Decimals)?;
        let sign = if self.negative { "-" } else { "" };
        let digits = format!("{sign}{}{}{}", self.whole, self.part, "0".repeat(missing));
        digits.parse().map_err(|_| Unfit::Large)
    }

    /// The same number without decimals that say nothing, and without more than `decimals` of these either if that changes nothing.
    pub(super) fn shortened(&self, decimals: u32) -> Option<Self> {
        let decimals = usize::try_from(decimals).unwrap_or(usize::MAX);
        let said = self.part.trim_end_matches('0').len();
        (said <= decimals).then(|| Self { part: self.part.chars().take(decimals).collect(), ..self.clone() })
    }

    /// As it is written under these marks, without thousands marks.
    pub(super) fn written(&self, marks: Marks) -> String {
        let sign = if self.negative { "-" } else { "" };
        let mark = if self.part.is_empty() { String::new() } else { marks.decimal().to_string() };
        format!("{sign}{}{mark}{}", self.whole, self.part)
    }

    /// How many digits say something: between the first and the last that is not zero.
    pub(super) fn significant(&self) -> usize {
        let digits = format!("{}{}", self.whole, self.part);
        digits.trim_matches('0').len()
    }

    /// How many decimals are written.
    pub(super) fn decimals(&self) -> usize {
        self.part.len()
    }

    /// The other numbers that a text is under other marks than `marks`, each once. Marks under which it is no number at all do not count.
    pub(super) fn others(text: &str, marks: Marks) -> Vec<Self> {
        let Some(own) = Self::read(text, marks) else { return Vec::new() };
        let own = own.bare();
        let mut others: Vec<Self> = Vec::new();
        for other in Marks::ALL.iter().filter(|other| **other != marks) {
            let read = Self::read(text, *other).map(|number| number.bare());
            others.extend(read.filter(|number| *number != own && !others.contains(number)));
        }
        others
    }

    /// The same number without digits that say nothing, so that equal numbers are equal.
    pub(super) fn bare(&self) -> Self {
        let whole = self.whole.trim_start_matches('0');
        let (whole, part) = (if whole.is_empty() { "0" } else { whole }, self.part.trim_end_matches('0'));
        let is_zero = whole == "0" && part.is_empty();
        Self { negative: self.negative && !is_zero, whole: whole.to_owned(), part: part.to_owned() }
    }

    /// What a text that is no number under `marks` would be under others, as it is written under `marks`.
    pub(super) fn meant(text: &str, marks: Marks) -> Vec<String> {
        let mut meant: Vec<String> = Vec::new();
        for other in Marks::ALL.iter().filter(|other| **other != marks) {
            let written = Self::read(text, *other).map(|number| number.written(marks));
            meant.extend(written.filter(|written| !meant.contains(written)));
        }
        meant
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Without marks between thousands, if they stand where they must. `0.123` is not 123: nobody writes thousands of nothing, but it is how
/// others write a fraction.
fn grouped(whole: &str, mark: char) -> Option<String> {
    let mut groups = whole.split(mark);
    let first = groups.next()?;
    let begins = (1..=3).contains(&first.len()) && !first.starts_with('0') && is_digits(first);
    let goes_on = groups.all(|group| group.len() == 3 && is_digits(group));
    (begins && goes_on).then(|| whole.replace(mark, ""))
}
