//! The words of the widget on websites, which its script shows: all messages whose key begins with `widget-`, as they stand in the files,
//! with `{ $name }` where the script puts something in.

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

use crate::locale::Locale;

static ALL: LazyLock<HashMap<Locale, BTreeMap<String, String>>> = LazyLock::new(|| {
    let english = messages(file(Locale::En));
    let of = |locale: Locale| {
        let mut all = english.clone();
        all.extend(messages(file(locale)));
        (locale, all)
    };
    Locale::ALL.iter().map(|&locale| of(locale)).collect()
});

static NONE: BTreeMap<String, String> = BTreeMap::new();

/// What the widget says in this language, by key.
#[must_use]
pub fn widget(locale: Locale) -> &'static BTreeMap<String, String> {
    ALL.get(&locale).unwrap_or(&NONE)
}

/// What stands on the launcher if its tenant has no words for that.
#[must_use]
pub fn launcher_label(locale: Locale) -> String {
    super::say(locale, "launcher-label", &[])
}

fn file(locale: Locale) -> &'static str {
    match locale {
        Locale::En => include_str!("../../words/en.ftl"),
        Locale::Nl => include_str!("../../words/nl.ftl"),
        Locale::De => include_str!("../../words/de.ftl"),
        Locale::Es => include_str!("../../words/es.ftl"),
        Locale::It => include_str!("../../words/it.ftl"),
        Locale::Pl => include_str!("../../words/pl.ftl"),
        Locale::PtBr => include_str!("../../words/pt-BR.ftl"),
        Locale::Ja => include_str!("../../words/ja.ftl"),
        Locale::Fr => include_str!("../../words/fr.ftl"),
    }
}

fn messages(file: &str) -> BTreeMap<String, String> {
    let resource = fluent_syntax::parser::parse(file).unwrap_or_else(|(readable, _)| readable);
    let messages = resource.body.iter().filter_map(|entry| match entry {
        Entry::Message(message) if message.id.name.starts_with("widget-") => Some((message.id.name, message.value.as_ref()?)),
        _ => None,
    });
    messages.filter_map(|(key, value)| Some((key.to_owned(), written(value)?))).collect()
}

/// A message with the names of what is put in; `None` if it is more than that, which the script could not say.
fn written(pattern: &Pattern<&str>) -> Option<String> {
    let mut text = String::new();
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => text.push_str(value),
            PatternElement::Placeable { expression: Expression::Inline(inline) } => match inline {
                InlineExpression::VariableReference { id } => {
                    text.push_str("{ $");
                    text.push_str(id.name);
                    text.push_str(" }");
                }
                InlineExpression::StringLiteral { value } => text.push_str(value),
                _ => return None,
            },
            PatternElement::Placeable { expression: Expression::Select { .. } } => return None,
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_as_they_are_written() {
        let file = "other = No\nwidget-one = Hello { $name }, { \"you\" }!\nwidget-long =\n    Two\n    lines\n# a comment\nwidget-many = { $n ->\n    [one] one\n   *[other] more\n }\n";
        let found = messages(file);
        let expected = [("widget-long", "Two\nlines"), ("widget-one", "Hello { $name }, you!")];
        assert_eq!(found.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn every_language_has_the_same_keys_and_none_that_the_script_could_not_say() {
        for &locale in Locale::ALL {
            let keys = |text: &str| -> Vec<String> {
                let all = text.lines().filter(|line| line.starts_with("widget-")).filter_map(|line| line.split_once(" ="));
                all.map(|(key, _)| key.to_owned()).collect()
            };
            let (own, told) = (keys(file(locale)), messages(file(locale)));
            assert_eq!(own.len(), told.len(), "{locale}");
            let mut wanted = keys(file(Locale::En));
            let mut own = own;
            wanted.sort();
            own.sort();
            assert_eq!(own, wanted, "{locale}");
            assert!(!launcher_label(locale).is_empty());
        }
    }
}
