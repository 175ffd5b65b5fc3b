//! What the assistant, letters, statements and the account page say by themselves, in every language (Project Fluent files under `words/`).

mod day;
mod widget;

use std::collections::HashMap;

use fluent_templates::{Loader, fluent_bundle::FluentValue, static_loader};

pub use self::{
    day::day,
    widget::{launcher_label, widget},
};
use crate::locale::Locale;

static_loader! {
    static WORDS = {
        locales: "./words",
        fallback_language: "en",
        // The invisible marks Fluent puts around a value would end up in what visitors copy.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// Before the first message: the visitor is told that `name` is an AI.
#[must_use]
pub fn ai_notice(locale: Locale, name: &str) -> String {
    say(locale, "ai-notice", &[("name", name)])
}

/// Answers a message that asks nothing ("hello", "thanks").
#[must_use]
pub fn greeting(locale: Locale, name: &str) -> String {
    say(locale, "greeting", &[("name", name)])
}

/// Introduces a quotation from the entry called `title`.
#[must_use]
pub fn quote_lead(locale: Locale, title: &str) -> String {
    say(locale, "quote-lead", &[("title", title)])
}

/// Nothing approved answers this; a person is offered.
#[must_use]
pub fn refusal(locale: Locale) -> String {
    say(locale, "refusal", &[])
}

/// Nothing approved answers this either, so a person has been asked for.
#[must_use]
pub fn refusal_handoff(locale: Locale) -> String {
    say(locale, "refusal-handoff", &[])
}

/// The answer failed; a person has been asked for.
#[must_use]
pub fn failure(locale: Locale) -> String {
    say(locale, "failure", &[])
}

/// Nobody can pay for an answer; a person has been asked for.
#[must_use]
pub fn away(locale: Locale) -> String {
    say(locale, "away", &[])
}

/// A person has been asked for.
#[must_use]
pub fn person_asked(locale: Locale) -> String {
    say(locale, "person-asked", &[])
}

/// A person has been asked for, and nobody is there.
#[must_use]
pub fn person_away(locale: Locale) -> String {
    say(locale, "person-away", &[])
}

/// A person has taken over.
#[must_use]
pub fn person_joined(locale: Locale) -> String {
    say(locale, "person-joined", &[])
}

/// The assistant answers again.
#[must_use]
pub fn person_left(locale: Locale) -> String {
    say(locale, "person-left", &[])
}

/// No person has answered in the time a tenant takes for it.
#[must_use]
pub fn person_late(locale: Locale) -> String {
    say(locale, "person-late", &[])
}

/// A number with its thousands grouped as the language does it.
#[must_use]
pub fn grouped(number: &str, locale: Locale) -> String {
    let separator = match locale {
        Locale::En | Locale::Ja => ',',
        Locale::Pl | Locale::Fr => '\u{a0}',
        Locale::Nl | Locale::De | Locale::Es | Locale::It | Locale::PtBr => '.',
    };
    let decimal = if separator == ',' { '.' } else { ',' };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let mut text = String::new();
    for (position, digit) in whole.chars().enumerate() {
        let left = whole.len().saturating_sub(position);
        if position > 0 && left.is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    if !part.is_empty() {
        text.push(decimal);
        text.push_str(part);
    }
    text
}

/// What the account page says under a name, with `business` where it speaks of one.
#[must_use]
pub fn account(locale: Locale, name: &str, business: &str) -> String {
    say(locale, &format!("account-{name}"), &[("business", business)])
}

/// What a statement says, by its name.
#[must_use]
pub fn statement(locale: Locale, name: &str, values: &[(&'static str, &str)]) -> String {
    say(locale, &format!("statement-{name}"), values)
}

/// A sentence or a piece of one, by its key in the files.
pub(crate) fn say(locale: Locale, key: &str, values: &[(&'static str, &str)]) -> String {
    let values: Vec<(&'static str, FluentValue<'_>)> =
        values.iter().map(|(name, value)| (*name, FluentValue::from(*value))).collect();
    say_with(locale, key, &values)
}

/// The same, with numbers among the values, which decide over the words around them.
pub(crate) fn say_with(locale: Locale, key: &str, values: &[(&'static str, FluentValue<'_>)]) -> String {
    let language = match locale.as_str().parse() {
        Ok(language) => language,
        Err(_) => fluent_templates::langid!("en"),
    };
    let values: HashMap<_, _> = values.iter().map(|(name, value)| (std::borrow::Cow::Borrowed(*name), value.clone())).collect();
    WORDS.lookup_with_args(&language, key, &values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped_as_people_read_them() {
        for (number, locale, text) in [
            ("75000", Locale::En, "75,000"),
            ("75000", Locale::De, "75.000"),
            ("249.50", Locale::Nl, "249,50"),
            ("15", Locale::Fr, "15"),
        ] {
            assert_eq!(grouped(number, locale), text);
        }
    }

    #[test]
    fn every_language_says_everything_in_its_own_words() {
        let every = [
            "name",
            "title",
            "count",
            "plans",
            "price",
            "credits",
            "seats",
            "integrations",
            "personas",
            "items",
            "support",
            "days",
            "business",
            "link",
            "hours",
        ]
        .map(|name| (name, "Bob"));
        // A key stands at the beginning of a line; a longer text is on the lines below it.
        let keys: Vec<&str> = include_str!("../words/en.ftl")
            .lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(|line| line.split_once(" =").map(|(key, _)| key))
            .collect();
        assert!(keys.len() > 10);
        for key in keys.into_iter().filter(|key| !["plan-in-list", "unlimited"].contains(key)) {
            let mut said = std::collections::HashSet::new();
            for &locale in Locale::ALL {
                let text = say(locale, key, &every);
                assert!(!text.is_empty() && !text.contains('{') && !text.contains("Unknown"), "{locale} {key}: {text}");
                assert!(said.insert(text), "{locale} says `{key}` in another language's words");
            }
        }
    }
}
