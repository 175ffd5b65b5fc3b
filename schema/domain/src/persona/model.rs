//! Shapes of personas.

use diesel::prelude::*;

use crate::{
    clock::Instant,
    id::{PersonaId, PersonaVersionId},
    tables::persona_versions,
};

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
    /// When it was made.
    pub created_at: Instant,
}

/// A persona as it is now.
#[derive(Clone, Debug)]
pub struct Persona {
    /// Its row.
    pub id: PersonaId,
    /// Whether it answers unless another is chosen.
    pub is_default: bool,
    /// Its newest version.
    pub version: PersonaVersion,
}

/// What a new version says.
#[derive(Clone, Debug)]
pub struct NewVersion {
    /// 1 to 100 characters.
    pub name: String,
    /// What it is there for.
    pub description: String,
    /// How it speaks.
    pub tone: String,
    /// What a model is told first.
    pub system_prompt: String,
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
        }
    }
}
