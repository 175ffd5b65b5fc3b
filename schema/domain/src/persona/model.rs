//! Shapes of personas.

use diesel::prelude::*;

use crate::{id::PersonaVersionId, tables::persona_versions};

/// What a persona is, in one version.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = persona_versions, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct PersonaVersion {
    /// The version's row; answers keep it.
    pub id: PersonaVersionId,
    /// The name visitors see.
    pub name: String,
    /// What it is there for.
    pub description: String,
    /// How it speaks.
    pub tone: String,
    /// What a model is told first.
    pub system_prompt: String,
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
