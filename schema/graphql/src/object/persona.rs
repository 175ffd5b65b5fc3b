//! Who answers for a tenant.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use frontoffice_domain::{
    id::PersonaId,
    page::{Page, Slice},
    persona::{self, rules},
};
use futures_util::FutureExt;

use super::{audit::AuditActor, author::Authors, tenant::Place};
use crate::{
    connection::Connection,
    context::{House, house},
    error::refuse,
    global_id::GlobalId,
    json,
    kind::{Grounding, PersonaField},
    level::Loaded,
    paging::{Window, connection},
    row::Plain,
    scalar::{DateTime, Uuid},
};

/// Personas of one tenant that were loaded together.
pub(crate) struct PersonaLevel {
    place: Arc<Place>,
    personas: Vec<persona::Persona>,
    authors: Arc<Authors>,
    versions: Loaded<Page<i32>, HashMap<PersonaId, Vec<PersonaVersion>>>,
}

impl PersonaLevel {
    /// Personas that share a level.
    pub(crate) fn of(place: &Arc<Place>, personas: Vec<persona::Persona>) -> Vec<Persona> {
        let authors = Arc::new(Authors::of(personas.iter().map(|persona| persona.version.made.author_id)));
        let level = Arc::new(Self { place: Arc::clone(place), personas: personas.clone(), authors, versions: Loaded::default() });
        personas.into_iter().map(|persona| Persona { level: Arc::clone(&level), persona }).collect()
    }

    /// A page of personas that share a level.
    pub(crate) fn page(place: &Arc<Place>, slice: Slice<persona::Persona>) -> Slice<Persona> {
        Slice { items: Self::of(place, slice.items), has_previous: slice.has_previous, has_next: slice.has_next }
    }

    /// The same page of versions of every persona of the level.
    async fn versions(&self, house: &House, page: Page<i32>) -> Result<Arc<HashMap<PersonaId, Vec<PersonaVersion>>>> {
        let load = move || {
            async move {
                let stretches: Vec<_> = self.personas.iter().map(|persona| persona.stretch(&page)).collect();
                let read = async move |mut conn, scope| persona::versions_of(&mut conn, &scope, &stretches).await;
                let found = house.read(&self.place.scope, read).await?;
                let authors = Arc::new(Authors::of(found.iter().map(|(_, version)| version.made.author_id)));
                let mut by_persona: HashMap<_, Vec<_>> = HashMap::new();
                for (persona, version) in found {
                    by_persona.entry(persona).or_default().push(PersonaVersion::new(&self.place, version, &authors));
                }
                Ok(by_persona)
            }
            .boxed()
        };
        self.versions.get(page, load).await
    }
}

/// A persona as it is now.
#[derive(Clone)]
pub(crate) struct Persona {
    level: Arc<PersonaLevel>,
    persona: persona::Persona,
}

impl Persona {
    /// One persona by itself.
    pub(crate) fn alone(place: &Arc<Place>, persona: persona::Persona) -> Option<Self> {
        PersonaLevel::of(place, vec![persona]).pop()
    }

    /// Where it is in the list of its tenant's personas.
    pub(crate) fn place(&self) -> PersonaId {
        self.persona.id
    }
}

/// The list of a persona's versions, in cursors.
const VERSIONS: &str = "personaVersions";

/// What is different in a field between two versions of a persona.
#[derive(SimpleObject)]
pub(crate) struct PersonaDifference {
    /// Which field.
    field: PersonaField,
    /// What it was.
    before: String,
    /// What it is.
    after: String,
    /// The lines that went (`-`), came (`+`) and stand around them, as `diff -u` shows them.
    unified: String,
}

impl From<persona::Difference> for PersonaDifference {
    fn from(its: persona::Difference) -> Self {
        Self { field: its.field.into(), before: its.before, after: its.after, unified: its.unified }
    }
}

/// Who answers for a tenant, as it is now.
#[Object]
impl Persona {
    /// Its id among all objects.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Persona(self.level.place.uuid(), self.persona.id.uuid()).encode()
    }

    /// The UUID that routes know it by.
    async fn uuid(&self) -> Uuid {
        Uuid(self.persona.id.uuid())
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

    /// How far its answers must rest on approved knowledge.
    async fn grounding(&self) -> Grounding {
        self.persona.version.grounding.into()
    }

    /// Which model answers; null: the platform's usual one.
    async fn model(&self) -> Option<&str> {
        self.persona.version.voice.model.as_deref()
    }

    /// How freely it chooses its words, 0 to 2; null: as the model does by itself.
    async fn temperature(&self) -> Option<f64> {
        self.persona.version.voice.temperature.map(|hundredths| f64::from(hundredths) / 100.0)
    }

    /// The language it answers in, as a BCP 47 tag; null: the visitor's.
    async fn language(&self) -> Option<&str> {
        self.persona.version.voice.language.map(|locale| locale.as_str())
    }

    /// Whether it answers unless another is chosen.
    async fn is_default(&self) -> bool {
        self.persona.is_default
    }

    /// Since when it is not used any more; null if it is in use.
    async fn archived_at(&self) -> Option<DateTime> {
        self.persona.archived_at.map(DateTime)
    }

    /// Which revision it is, for `expectedRevision`: the number of its version.
    async fn revision(&self) -> i32 {
        self.persona.version.number
    }

    /// The version it is in.
    async fn version(&self) -> PersonaVersion {
        PersonaVersion::new(&self.level.place, self.persona.version.clone(), &self.level.authors)
    }

    /// Every version it ever was in, the newest first.
    async fn versions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<PersonaVersion>>> {
        let (house, list) = (house(ctx)?, self.level.place.list(VERSIONS));
        let page = Window { first, last, after, before }.page(&house.key, &list)?;
        let stretch = self.persona.stretch(&page);
        let loaded = self.level.versions(house, page).await?;
        let slice = Slice {
            items: loaded.get(&self.persona.id).cloned().unwrap_or_default(),
            has_previous: stretch.to < self.persona.version.number,
            has_next: stretch.from > 1,
        };
        Ok(Some(connection(slice, &house.key, &list, PersonaVersion::place)))
    }

    /// What is different between two of its versions, field by field; null if it has no version of one of the numbers.
    async fn difference(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of the version that is compared.")] from: i32,
        #[graphql(desc = "The number of the version it is compared with; the newest if nothing is said.")] to: Option<i32>,
    ) -> Result<Option<Vec<PersonaDifference>>> {
        let (id, newest) = (self.persona.id, &self.persona.version);
        if from == to.unwrap_or(newest.number) {
            return Err(refuse("INPUT_INVALID", "`from` and `to` must be two versions."));
        }
        let house = house(ctx)?;
        let read = async move |number: i32| {
            if number == newest.number {
                return Ok(Some(newest.clone()));
            }
            let read = async move |mut conn, scope| persona::version_of(&mut conn, &scope, id, number).await;
            house.read(&self.level.place.scope, read).await
        };
        let (Some(before), Some(after)) = (read(from).await?, read(to.unwrap_or(newest.number)).await?) else { return Ok(None) };
        let found = rules::differences(&rules::content(&before), &rules::content(&after));
        Ok(Some(found.into_iter().map(PersonaDifference::from).collect()))
    }
}

/// One version of a persona; it never changes.
#[derive(Clone)]
pub(crate) struct PersonaVersion {
    place: Arc<Place>,
    authors: Arc<Authors>,
    version: Arc<persona::PersonaVersion>,
}

impl PersonaVersion {
    pub(crate) fn new(place: &Arc<Place>, version: persona::PersonaVersion, authors: &Arc<Authors>) -> Self {
        Self { place: Arc::clone(place), authors: Arc::clone(authors), version: Arc::new(version) }
    }

    /// Where it is in the list of its persona's versions.
    fn place(&self) -> i32 {
        self.version.number
    }
}

impl Plain for PersonaVersion {
    fn write(&self, field: &str, out: &mut Vec<u8>) -> Option<serde_json::Result<()>> {
        let its = &*self.version;
        Some(match field {
            "id" => json::id(GlobalId::PersonaVersion(self.place.uuid(), its.id.uuid()), out),
            "number" => json::number(its.number.into(), out),
            "name" => json::text(&its.name, out),
            _ => return None,
        })
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

    /// How far its answers had to rest on approved knowledge.
    async fn grounding(&self) -> Grounding {
        self.version.grounding.into()
    }

    /// Which model answers; null: the platform's usual one.
    async fn model(&self) -> Option<&str> {
        self.version.voice.model.as_deref()
    }

    /// How freely it chooses its words, 0 to 2; null: as the model does by itself.
    async fn temperature(&self) -> Option<f64> {
        self.version.voice.temperature.map(|hundredths| f64::from(hundredths) / 100.0)
    }

    /// The language it answers in, as a BCP 47 tag; null: the visitor's.
    async fn language(&self) -> Option<&str> {
        self.version.voice.language.map(|locale| locale.as_str())
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.version.created_at)
    }

    /// Who made it.
    async fn author(&self, ctx: &Context<'_>) -> Result<AuditActor> {
        let made = &self.version.made;
        self.authors.actor(ctx, &self.place, made.author, made.author_id).await
    }

    /// Why, in their words; null if they did not say.
    async fn note(&self) -> Option<&str> {
        self.version.made.note.as_deref()
    }

    /// The number of the earlier version it repeats; null if it repeats none.
    async fn restored_from(&self) -> Option<i64> {
        self.version.made.restored_from
    }
}
