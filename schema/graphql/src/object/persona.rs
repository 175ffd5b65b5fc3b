//! Who answers for a tenant.

use std::sync::Arc;

use async_graphql::{ID, Object};
use frontoffice_domain::{id::PersonaId, persona};

use super::tenant::Place;
use crate::{global_id::GlobalId, scalar::DateTime};

/// A persona as it is now.
#[derive(Clone)]
pub(crate) struct Persona {
    place: Arc<Place>,
    persona: persona::Persona,
}

impl Persona {
    pub(crate) fn new(place: Arc<Place>, persona: persona::Persona) -> Self {
        Self { place, persona }
    }

    /// Where it is in the list of its tenant's personas.
    pub(crate) fn place(&self) -> PersonaId {
        self.persona.id
    }
}

/// Who answers for a tenant, as it is now.
#[Object]
impl Persona {
    /// Its id among all objects.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Persona(self.place.uuid(), self.persona.id.uuid()).encode()
    }

    /// The name visitors see.
    async fn name(&self) -> &str {
        &self.persona.version.name
    }

    /// What it is there for.
    async fn description(&self) -> &str {
        &self.persona.version.description
    }

    /// How it speaks.
    async fn tone(&self) -> &str {
        &self.persona.version.tone
    }

    /// What a model is told first.
    async fn system_prompt(&self) -> &str {
        &self.persona.version.system_prompt
    }

    /// Whether it answers unless another is chosen.
    async fn is_default(&self) -> bool {
        self.persona.is_default
    }

    /// The version it is in.
    async fn version(&self) -> PersonaVersion {
        PersonaVersion::new(Arc::clone(&self.place), self.persona.version.clone())
    }
}

/// One version of a persona; it never changes.
#[derive(Clone)]
pub(crate) struct PersonaVersion {
    place: Arc<Place>,
    version: persona::PersonaVersion,
}

impl PersonaVersion {
    pub(crate) fn new(place: Arc<Place>, version: persona::PersonaVersion) -> Self {
        Self { place, version }
    }
}

/// One version of a persona; it never changes.
#[Object]
impl PersonaVersion {
    /// Its id among all objects.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::PersonaVersion(self.place.uuid(), self.version.id.uuid()).encode()
    }

    /// Which of the persona's versions it is, from 1.
    async fn number(&self) -> i32 {
        self.version.number
    }

    /// The name visitors saw.
    async fn name(&self) -> &str {
        &self.version.name
    }

    /// What it was there for.
    async fn description(&self) -> &str {
        &self.version.description
    }

    /// How it spoke.
    async fn tone(&self) -> &str {
        &self.version.tone
    }

    /// What a model was told first.
    async fn system_prompt(&self) -> &str {
        &self.version.system_prompt
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.version.created_at)
    }
}
