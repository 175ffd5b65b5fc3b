//! What the assistant says by itself, in every language (Project Fluent files under `words/`).

use std::collections::HashMap;

use fluent_templates::{Loader, fluent_bundle::FluentValue, static_loader};

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
    say(locale, "ai-notice", Some(("name", name)))
}

/// Introduces a quotation from the entry called `title`.
#[must_use]
pub fn quote_lead(locale: Locale, title: &str) -> String {
    say(locale, "quote-lead", Some(("title", title)))
}

/// Nothing approved answers this; a person is offered.
#[must_use]
pub fn refusal(locale: Locale) -> String {
    say(locale, "refusal", None)
}

/// Nothing approved answers this either, so a person has been asked for.
#[must_use]
pub fn refusal_handoff(locale: Locale) -> String {
    say(locale, "refusal-handoff", None)
}

/// The answer failed; a person has been asked for.
#[must_use]
pub fn failure(locale: Locale) -> String {
    say(locale, "failure", None)
}

fn say(locale: Locale, key: &str, value: Option<(&'static str, &str)>) -> String {
    let language = match locale.as_str().parse() {
        Ok(language) => language,
        Err(_) => fluent_templates::langid!("en"),
    };
    let values: HashMap<_, _> =
        value.into_iter().map(|(name, value)| (std::borrow::Cow::Borrowed(name), FluentValue::from(value))).collect();
    WORDS.lookup_with_args(&language, key, &values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_everything_in_its_own_words() {
        for key in ["ai-notice", "quote-lead", "refusal", "refusal-handoff", "failure"] {
            let mut said = std::collections::HashSet::new();
            for &locale in Locale::ALL {
                let text = say(locale, key, Some((if key == "quote-lead" { "title" } else { "name" }, "Bob")));
                assert!(!text.is_empty() && !text.contains('{') && !text.contains("Unknown"), "{locale} {key}: {text}");
                assert!(said.insert(text), "{locale} says `{key}` in another language's words");
            }
        }
    }
}
