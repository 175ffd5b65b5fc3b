//! What a persona may say, and what differs between two versions of one.

use std::{borrow::Cow, time::Duration};

use similar::TextDiff;

use super::model::{Change, Difference, Field, NewVersion, Persona, PersonaVersion, Stretch, Voice};
use crate::page::{Page, Take};

/// The longest each field may be, in characters.
#[must_use]
pub fn longest(field: Field) -> usize {
    match field {
        Field::Name => 100,
        Field::Description => 2_000,
        Field::Tone => 500,
        Field::SystemPrompt => 8_000,
        // One of two words.
        Field::Grounding => 6,
        Field::Model => 200,
        // `2.00`, `pt-BR`.
        Field::Temperature => 4,
        Field::Language => 5,
    }
}

/// The field of a version that cannot be as it is: too long, with a character no store takes, or a name that is empty or has several
/// lines.
#[must_use]
pub fn fault(version: &NewVersion) -> Option<Field> {
    let fields = [
        (Field::Name, &version.name),
        (Field::Description, &version.description),
        (Field::Tone, &version.tone),
        (Field::SystemPrompt, &version.system_prompt),
    ];
    let wrong = |(field, text): &(Field, &String)| {
        let is_name = *field == Field::Name;
        text.chars().count() > longest(*field)
            || text.contains('\0')
            || is_name && (text.trim().is_empty() || text.chars().any(char::is_control))
    };
    let voice = &version.voice;
    let is_model =
        |name: &String| (1..=longest(Field::Model)).contains(&name.chars().count()) && !name.contains(char::is_control);
    let text = fields.into_iter().find(wrong).map(|(field, _)| field);
    text.or_else(|| (!voice.model.as_ref().is_none_or(is_model)).then_some(Field::Model))
        .or_else(|| (!voice.temperature.is_none_or(|hundredths| (0..=200).contains(&hundredths))).then_some(Field::Temperature))
}

/// What a change makes of a version.
#[must_use]
pub fn changed(before: &PersonaVersion, change: &Change) -> NewVersion {
    let pick = |wanted: &Option<String>, before: &String| wanted.as_ref().unwrap_or(before).clone();
    NewVersion {
        name: pick(&change.name, &before.name),
        description: pick(&change.description, &before.description),
        tone: pick(&change.tone, &before.tone),
        system_prompt: pick(&change.system_prompt, &before.system_prompt),
        grounding: change.grounding.unwrap_or(before.grounding),
        voice: Voice {
            model: change.model.clone().unwrap_or_else(|| before.voice.model.clone()),
            temperature: change.temperature.unwrap_or(before.voice.temperature),
            language: change.language.unwrap_or(before.voice.language),
        },
    }
}

/// What a version says, as a new one would.
#[must_use]
pub fn content(version: &PersonaVersion) -> NewVersion {
    changed(version, &Change::default())
}

/// The names of the fields that are different between two versions.
#[must_use]
pub fn fields(before: &NewVersion, after: &NewVersion) -> Vec<&'static str> {
    let name = |(field, _, _)| match field {
        Field::Name => "name",
        Field::Description => "description",
        Field::Tone => "tone",
        Field::SystemPrompt => "system_prompt",
        Field::Grounding => "grounding",
        Field::Model => "model",
        Field::Temperature => "temperature",
        Field::Language => "language",
    };
    differing(before, after).map(name).collect()
}

/// How long the shortest way from one text to the other is looked for; after that, any way will do.
const LOOK: Duration = Duration::from_millis(50);

/// What is different between two versions, field by field.
#[must_use]
pub fn differences(before: &NewVersion, after: &NewVersion) -> Vec<Difference> {
    let shown = |(field, before, after): (Field, Cow<str>, Cow<str>)| Difference {
        field,
        unified: TextDiff::configure().timeout(LOOK).diff_lines(&*before, &*after).unified_diff().context_radius(3).to_string(),
        before: before.into_owned(),
        after: after.into_owned(),
    };
    differing(before, after).map(shown).collect()
}

fn differing<'v>(before: &'v NewVersion, after: &'v NewVersion) -> impl Iterator<Item = (Field, Cow<'v, str>, Cow<'v, str>)> {
    let fields = [
        (Field::Name, &before.name, &after.name),
        (Field::Description, &before.description, &after.description),
        (Field::Tone, &before.tone, &after.tone),
        (Field::SystemPrompt, &before.system_prompt, &after.system_prompt),
    ];
    let texts = fields.into_iter().map(|(field, before, after)| (field, Cow::from(before), Cow::from(after)));
    let grounding = (Field::Grounding, Cow::from(before.grounding.as_str()), Cow::from(after.grounding.as_str()));
    let voice = [
        (Field::Model, model(&before.voice), model(&after.voice)),
        (Field::Temperature, temperature(&before.voice), temperature(&after.voice)),
        (Field::Language, language(&before.voice), language(&after.voice)),
    ];
    texts.chain([grounding]).chain(voice).filter(|(_, before, after)| before != after)
}

/// As it is shown; nothing where it is as usual.
fn model(voice: &Voice) -> Cow<'_, str> {
    Cow::from(voice.model.as_deref().unwrap_or_default())
}

fn temperature(voice: &Voice) -> Cow<'_, str> {
    let shown = |hundredths: i32| format!("{}.{:02}", hundredths.div_euclid(100), hundredths.rem_euclid(100));
    Cow::from(voice.temperature.map(shown).unwrap_or_default())
}

fn language(voice: &Voice) -> Cow<'_, str> {
    Cow::from(voice.language.map(|locale| locale.as_str()).unwrap_or_default())
}

impl Persona {
    /// The stretch that a page of its versions is. They are numbered without a gap, and the newest comes first.
    #[must_use]
    pub fn stretch(&self, page: &Page<i32>) -> Stretch {
        let highest = page.after.map_or(self.version.number, |after| after.saturating_sub(1)).min(self.version.number);
        let lowest = page.before.map_or(1, |before| before.saturating_add(1)).max(1);
        let (from, to) = match page.take {
            Take::First(count) => (lowest.max(highest.saturating_sub(i32::from(count)).saturating_add(1)), highest),
            Take::Last(count) => (lowest, highest.min(lowest.saturating_add(i32::from(count)).saturating_sub(1))),
        };
        Stretch { persona_id: self.id, from, to }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persona::Grounding;

    fn version(name: &str, prompt: &str) -> NewVersion {
        NewVersion {
            name: name.into(),
            description: String::new(),
            tone: String::new(),
            system_prompt: prompt.into(),
            grounding: Grounding::Strict,
            voice: Voice::default(),
        }
    }

    fn asked_so(model: &str, temperature: i32) -> NewVersion {
        NewVersion {
            voice: Voice { model: Some(model.into()), temperature: Some(temperature), language: None },
            ..version("Bob", "")
        }
    }

    #[test]
    fn what_cannot_be_is_named() {
        assert_eq!(fault(&version("Bob", "Be kind.\nBe brief.")), None);
        for (wrong, field) in [
            (version(" ", ""), Field::Name),
            (version("B\nob", ""), Field::Name),
            (version(&"b".repeat(101), ""), Field::Name),
            (version("Bob", &"x".repeat(8_001)), Field::SystemPrompt),
            (version("Bob", "\0"), Field::SystemPrompt),
            (asked_so("", 0), Field::Model),
            (asked_so("a\nb", 0), Field::Model),
            (asked_so("m", 201), Field::Temperature),
            (asked_so("m", -1), Field::Temperature),
        ] {
            assert_eq!(fault(&wrong), Some(field));
        }
    }

    #[test]
    fn differences_are_shown_by_lines() {
        let (one, two) = (version("Bob", "Be kind.\nBe brief.\n"), version("Bob", "Be kind.\nBe exact.\n"));
        let found = differences(&one, &two);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].field, Field::SystemPrompt);
        assert!(found[0].unified.ends_with(" Be kind.\n-Be brief.\n+Be exact.\n"), "{}", found[0].unified);
        assert_eq!(differences(&one, &one), []);
    }
}
