//! Shapes of personas.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    audit::ActorKind,
    clock::Instant,
    id::{AuditEntryId, PersonaId, PersonaVersionId},
    locale::Locale,
    tables::persona_versions,
    text_enum::text_enum,
};

text_enum! {
    /// How far a persona's answers must rest on approved knowledge.
    Grounding {
        /// Each sentence is shown only once the passages it cites say what it says.
        Strict = "STRICT",
        /// Answers may go beyond it, and still cite.
        Open = "OPEN",
    }
}

impl<'de> Deserialize<'de> for Grounding {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What a persona is, in one version.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = persona_versions, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct PersonaVersion {
    /// The version's row; answers keep it.
    pub id: PersonaVersionId,
    /// Which of the persona's versions it is, from 1.
    pub number: i32,
    /// The name visitors see.
    pub name: String,
    /// What it is there for.
    pub description: String,
    /// How it speaks.
    pub tone: String,
    /// What a model is told first.
    pub system_prompt: String,
    /// How far its answers must rest on approved knowledge.
    pub grounding: Grounding,
    /// How a language model is asked for its answers.
    #[diesel(embed)]
    pub voice: Voice,
    /// When it was made.
    pub created_at: Instant,
    /// By whom and why.
    #[diesel(embed)]
    pub made: Authorship,
}

/// How a language model is asked for a persona's answers. What is `None` is as usual.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = persona_versions, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Voice {
    /// Which model: one of those the platform lists.
    pub model: Option<String>,
    /// How freely it chooses its words, in hundredths: 0 to 200.
    pub temperature: Option<i32>,
    /// The language it answers in, whatever the visitor's is.
    pub language: Option<Locale>,
}

/// Who made a version and why.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = persona_versions, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Authorship {
    /// What kind of caller.
    pub author: ActorKind,
    /// The person or the key.
    pub author_id: Option<AuditEntryId>,
    /// Why, in their words.
    pub note: Option<String>,
    /// The number of the earlier version it repeats.
    pub restored_from: Option<i64>,
}

impl Authorship {
    /// By the program itself.
    pub const BY_PROCESS: Self = Self { author: ActorKind::Process, author_id: None, note: None, restored_from: None };
}

/// A persona as it is now.
#[derive(Clone, Debug)]
pub struct Persona {
    /// Its row.
    pub id: PersonaId,
    /// Whether it answers unless another is chosen.
    pub is_default: bool,
    /// Since when it is not used any more.
    pub archived_at: Option<Instant>,
    /// Its newest version.
    pub version: PersonaVersion,
}

/// Which stretch of a persona's versions is wanted, by their numbers, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The persona.
    pub persona_id: PersonaId,
    /// The lowest number.
    pub from: i32,
    /// The highest.
    pub to: i32,
}

/// What is to be different in a persona's next version; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The name visitors see.
    pub name: Option<String>,
    /// What it is there for.
    pub description: Option<String>,
    /// How it speaks.
    pub tone: Option<String>,
    /// What a model is told first.
    pub system_prompt: Option<String>,
    /// How far its answers must rest on approved knowledge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grounding: Option<Grounding>,
    /// Which model answers; `Some(None)`: the usual one, here and below.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "said")]
    pub model: Option<Option<String>>,
    /// How freely it chooses its words.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "said")]
    pub temperature: Option<Option<i32>>,
    /// The language it answers in.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "said")]
    pub language: Option<Option<Locale>>,
}

/// What is there was said, also where it is nothing.
fn said<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What became of archiving a persona.
#[derive(Clone, Debug)]
pub enum Archived {
    /// It is not used any more.
    Done(Box<Persona>),
    /// It is the default; another one must be first.
    IsDefault,
    /// There is no such persona.
    Unknown,
}

/// A field of a persona.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The name visitors see.
    Name,
    /// What it is there for.
    Description,
    /// How it speaks.
    Tone,
    /// What a model is told first.
    SystemPrompt,
    /// How far its answers must rest on approved knowledge.
    Grounding,
    /// Which model answers.
    Model,
    /// How freely it chooses its words.
    Temperature,
    /// The language it answers in.
    Language,
}

/// What is different in a field between two versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which field.
    pub field: Field,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
    /// The lines that went (`-`), came (`+`) and stand around them, as `diff -u` shows them.
    pub unified: String,
}

/// What a new version says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVersion {
    /// 1 to 100 characters.
    pub name: String,
    /// What it is there for.
    pub description: String,
    /// How it speaks.
    pub tone: String,
    /// What a model is told first.
    pub system_prompt: String,
    /// How far its answers must rest on approved knowledge.
    pub grounding: Grounding,
    /// How a language model is asked for its answers.
    pub voice: Voice,
}

impl NewVersion {
    /// The first persona of a business that has just begun.
    #[must_use]
    pub fn of_business(business: &str) -> Self {
        Self {
            name: "Bob".into(),
            description: format!("Answers visitors of {business} from approved knowledge."),
            tone: "Friendly, brief and exact.".into(),
            system_prompt: format!("You are Bob, the assistant of {business}. Answer only from the passages you are given."),
            grounding: Grounding::Strict,
            voice: Voice::default(),
        }
    }
}
