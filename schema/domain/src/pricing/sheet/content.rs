//! What may stand in a cell, and how it becomes a value of the pricebook and back.

use serde_json::Value;

use super::{
    Format,
    marks::{Marks, Number, Unfit},
    text::{listed, nearest, shown},
};
use crate::money::{Credits, Currency, Money};

/// How many decimals credits have.
const CREDIT_DECIMALS: u32 = 6;

/// What may stand in a column.
#[derive(Debug)]
pub(super) enum Content {
    /// A text, which may be empty.
    Text,
    /// A text; without one, nothing.
    TextOrNothing,
    /// One of a few words.
    Word {
        /// The words.
        words: fn() -> Vec<&'static str>,
    },
    /// A currency's code.
    Currency,
    /// An amount of the currency that another column of the line has.
    Money {
        /// The name of that column.
        currency: &'static str,
    },
    /// Credits.
    Credits,
    /// A whole number.
    Count,
    /// A whole number, or a word where there is none.
    CountOr {
        /// The word.
        word: &'static str,
    },
}

/// What stands in a cell, or at a place of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// A text.
    Text(String),
    /// A number, as programs write it.
    Number(String),
    /// Something that is none of these: what it is called, and what it looks like.
    Other(&'static str, String),
}

/// What a number is called that has more digits than a spreadsheet keeps.
pub(super) const INEXACT: &str = "a number of more digits than a spreadsheet keeps";

impl Found {
    /// What is shown of it to who has to mend it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Nothing => "nothing".into(),
            Self::Text(text) | Self::Number(text) => shown(text),
            Self::Other(what, text) if text.is_empty() => (*what).into(),
            Self::Other(what, text) => shown(&format!("{what}: {text}")),
        }
    }
}

/// What is written into a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Nothing,
    Text(String),
    Word(&'static str),
    Number(Number),
}

/// Why what was found is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) allowed: String,
    pub(super) fix: String,
}

/// How a file is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    pub(super) format: Format,
    pub(super) marks: Marks,
    /// Whether somebody said that these are its marks. If not, a text that is another number under other marks is not taken.
    is_declared: bool,
}

impl Manner {
    /// Documents have marks of their own, whatever is declared.
    pub(super) fn new(format: Format, declared: Option<Marks>) -> Self {
        let is_document = matches!(format, Format::Toml | Format::Json);
        let marks = declared.filter(|_| !is_document).unwrap_or(Marks::Point);
        Self { format, marks, is_declared: is_document || declared.is_some() }
    }

    /// Documents have types: amounts are text there, which no program turns into a float, and counts are numbers.
    pub(super) fn is_document(self) -> bool {
        matches!(self.format, Format::Toml | Format::Json)
    }

    /// As it is written in a fix.
    fn text(self, text: &str) -> String {
        if self.is_document() { format!("\"{text}\"") } else { format!("`{text}`") }
    }

    /// A number that is written as it is expected here.
    fn example(self) -> &'static str {
        // Thousands marks are what may mean something else where nothing is declared.
        if self.is_declared { self.marks.example() } else { "1234.5" }
    }

    /// The number that was found, or what to do.
    fn number(self, found: &Found, example: &str) -> Result<Number, String> {
        let marks = self.marks;
        match found {
            Found::Text(text) => match Number::read(text, marks) {
                Some(number) if self.is_declared => Ok(number),
                Some(number) => match Number::others(text, marks).as_slice() {
                    [] => Ok(number),
                    others => Err(self.undeclared(&number, others)),
                },
                None => {
                    let meant: Vec<String> = Number::meant(text, marks).iter().map(|text| self.text(text)).collect();
                    Err(match meant.as_slice() {
                        [] => format!("write a number such as {}", self.text(example)),
                        meant => format!("write {}, if that is the number that is meant", meant.join(" or ")),
                    })
                }
            },
            Found::Number(text) => Number::plain(text).ok_or_else(|| format!("write a number such as {}", self.text(example))),
            Found::Nothing => Err(format!("write a number such as {}", self.text(example))),
            Found::Other(INEXACT, _) => Err(format!("round it, or write it as text, such as {}", self.text(example))),
            Found::Other(what, _) => Err(format!("write the number itself instead of {what}, such as {}", self.text(example))),
        }
    }

    /// What to do about a text that is this number where nothing is declared, and others under other marks.
    fn undeclared(self, number: &Number, others: &[Number]) -> String {
        let numbers: Vec<String> = others.iter().chain([&number.bare()]).map(|number| number.written(self.marks)).collect();
        let plain = numbers.iter().filter(|number| Number::others(number, self.marks).is_empty());
        let plain: Vec<String> = plain.map(|number| self.text(number)).collect();
        let fix = format!("declare the locale, as this may be {}", numbers.join(" or "));
        if plain.is_empty() { fix } else { format!("{fix}; or write {}, if that is meant", plain.join(" or ")) }
    }
}

impl Content {
    /// The key that a value has in the pricebook's own JSON where it has another in documents: those have amounts, not minor units.
    pub(super) fn inner(&self, key: &'static str) -> &'static str {
        if matches!(self, Self::Money { .. }) && key == "amount" { "minor" } else { key }
    }

    /// Whether it is kept as people write it, so that no program may take it for a number.
    pub(super) const fn is_text(&self) -> bool {
        matches!(self, Self::Text | Self::TextOrNothing | Self::Word { .. } | Self::Currency)
    }

    /// Whether it is a count, which documents have as a number.
    pub(super) const fn is_counted(&self) -> bool {
        matches!(self, Self::Count | Self::CountOr { .. })
    }

    /// Whether documents may leave it out.
    pub(super) const fn may_be_left_out(&self) -> bool {
        matches!(self, Self::TextOrNothing)
    }

    /// The value that was found. `decimals` is how many the line's currency has; without it, its amounts are only looked at.
    pub(super) fn read(&self, found: &Found, manner: Manner, decimals: Option<u32>) -> Result<Value, Refusal> {
        match self {
            Self::Text => text(found, manner),
            Self::TextOrNothing => match found {
                Found::Nothing => Ok(Value::Null),
                _ => text(found, manner),
            },
            Self::Word { words } => word(found, manner, &words()),
            Self::Currency => currency(found, manner),
            Self::Money { .. } => amount(found, manner, "an amount", decimals),
            Self::Credits => amount(found, manner, "credits", Some(CREDIT_DECIMALS)),
            Self::Count => count(found, manner, None),
            Self::CountOr { word } => match found {
                Found::Text(text) if text.trim().eq_ignore_ascii_case(word) => Ok(Value::Null),
                _ => count(found, manner, Some(word)),
            },
        }
    }

    /// What is written of a value; `None` if it is no value of this content. `currency` is the line's.
    pub(super) fn cell(&self, value: &Value, currency: Option<Currency>) -> Option<Cell> {
        let number = |text: &str| Number::plain(text).map(Cell::Number);
        match (self, value) {
            (Self::TextOrNothing, Value::Null) => Some(Cell::Nothing),
            (Self::CountOr { word }, Value::Null) => Some(Cell::Word(word)),
            (Self::Text | Self::TextOrNothing | Self::Word { .. } | Self::Currency, Value::String(text)) => {
                Some(Cell::Text(text.clone()))
            }
            (Self::Money { .. }, value) => number(&Money { minor: value.as_i64()?, currency: currency? }.decimal()),
            (Self::Credits, value) => number(&Credits::from_micro(value.as_i64()?).decimal()),
            (Self::Count | Self::CountOr { .. }, value) => number(&value.as_u64()?.to_string()),
            _ => None,
        }
    }
}

fn text(found: &Found, manner: Manner) -> Result<Value, Refusal> {
    let fix = match found {
        Found::Text(text) => return Ok(Value::String(text.clone())),
        // An empty cell is an empty text; whether that is good is for the pricebook's rules to say.
        Found::Nothing if !manner.is_document() => return Ok(Value::String(String::new())),
        Found::Number(text) if manner.is_document() => format!("write \"{text}\""),
        // A spreadsheet takes `007` for 7, so what was meant is not known.
        Found::Number(_) => "format the cell as text and write it again".into(),
        Found::Nothing => "write a text in quotation marks".into(),
        Found::Other(what, _) => format!("write the text itself instead of {what}"),
    };
    Err(Refusal { allowed: "a text".into(), fix })
}

fn word(found: &Found, manner: Manner, words: &[&'static str]) -> Result<Value, Refusal> {
    let given = if let Found::Text(text) = found { text.trim() } else { "" };
    if words.contains(&given) {
        return Ok(Value::String(given.to_owned()));
    }
    let fix = nearest(given, words).map_or_else(|| "write one of them".into(), |word| format!("write {}", manner.text(word)));
    Err(Refusal { allowed: format!("one of {}", listed(words)), fix })
}

fn currency(found: &Found, manner: Manner) -> Result<Value, Refusal> {
    let given = if let Found::Text(text) = found { text.trim() } else { "" };
    let code = |text: &str| Currency::try_from(text.to_owned()).ok().map(Currency::code);
    if let Some(code) = code(given) {
        return Ok(Value::String(code));
    }
    let fix = code(&given.to_ascii_uppercase()).unwrap_or_else(|| "USD".into());
    Err(Refusal {
        allowed: "a currency's three capital letters, such as USD, EUR or JPY".into(),
        fix: format!("write {}", manner.text(&fix)),
    })
}

fn amount(found: &Found, manner: Manner, what: &str, decimals: Option<u32>) -> Result<Value, Refusal> {
    let marks = manner.marks;
    let most = decimals.unwrap_or(2);
    let zeros = usize::try_from(most.saturating_sub(1)).unwrap_or(0);
    let example = match most {
        0 => "1234".to_owned(),
        CREDIT_DECIMALS => format!("1234{}5", marks.decimal()),
        _ => format!("1234{}5{}", marks.decimal(), "0".repeat(zeros)),
    };
    let refuse = |fix: String| {
        let at_most = match decimals {
            None => "no more decimals than the currency has".to_owned(),
            Some(0) => "no decimals".to_owned(),
            Some(most) => format!("at most {most} decimals"),
        };
        let quoted = if manner.is_document() { " as text" } else { "" };
        let allowed = format!(
            "{what}{quoted}, written like {} with {at_most}; no currency sign, percent sign or exponent",
            manner.text(manner.example())
        );
        Refusal { allowed, fix }
    };
    if let (Found::Number(text), true) = (found, manner.is_document()) {
        return Err(refuse(format!("write \"{text}\"")));
    }
    let number = manner.number(found, &example).map_err(refuse)?;
    let Some(most) = decimals else { return Ok(Value::Null) };
    number.units(most).map(Value::from).map_err(|unfit| {
        refuse(match (unfit, number.shortened(most)) {
            (Unfit::Decimals, Some(same)) => format!("write {}", manner.text(&same.written(marks))),
            (Unfit::Decimals, None) => "decide how to round it: that is not done here".into(),
            (Unfit::Large, _) => "write a smaller number".into(),
        })
    })
}

fn count(found: &Found, manner: Manner, word: Option<&'static str>) -> Result<Value, Refusal> {
    let instead = word.map_or_else(String::new, |word| format!(", or {}", manner.text(word)));
    let refuse = |fix: String| Refusal { allowed: format!("a whole number from 0 to {}{instead}", u32::MAX), fix };
    if let (Found::Text(text), true) = (found, manner.is_document()) {
        let fix = match Number::read(text, manner.marks) {
            Some(number) => format!("write {} without quotation marks", number.written(manner.marks)),
            None => format!("write a number such as 10{instead}"),
        };
        return Err(refuse(fix));
    }
    let or_word = |fix: String| if matches!(found, Found::Nothing) { format!("{fix}{instead}") } else { fix };
    let number = manner.number(found, "10").map_err(|fix| refuse(or_word(fix)))?;
    let whole = number.shortened(0).and_then(|number| number.units(0).ok()).and_then(|units| u32::try_from(units).ok());
    let refuse = || refuse(format!("write a whole number such as `10`{instead}"));
    // `10.0` is what a program may make of 10; `10,5` is no count.
    let whole = if number.decimals() == 0 || matches!(found, Found::Number(_)) { whole } else { None };
    whole.map(Value::from).ok_or_else(refuse)
}
