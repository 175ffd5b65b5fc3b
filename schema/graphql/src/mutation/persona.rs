//! Changing who answers for a tenant.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use frontoffice_domain::{
    identity::Permission,
    locale::Locale,
    once::Kept,
    persona::{self, Archived, Change, Field, NewVersion, rules},
    revision::Changed,
};

use super::{Refusable, UserError, UserErrorCode, conflict, key_reused, language, no_room, once, optional, place, within};
use crate::{
    context::{House, asking, house},
    error::failed,
    global_id::GlobalId,
    kind::Grounding,
    object::{persona::Persona, tenant::Place},
};

/// A persona to be made.
#[derive(InputObject)]
pub(crate) struct PersonaCreateInput {
    /// The tenant; the caller's own if nothing is said.
    tenant: Option<ID>,
    /// The name visitors see, 1 to 100 characters.
    name: String,
    /// What it is there for, at most 2,000 characters.
    description: Option<String>,
    /// How it speaks, at most 500 characters.
    tone: Option<String>,
    /// What a model is told first, at most 8,000 characters.
    system_prompt: Option<String>,
    /// How far its answers must rest on approved knowledge; `STRICT` if nothing is said.
    grounding: Option<Grounding>,
    /// Which model answers, one of `Tenant.models`; null: the platform's usual one.
    model: MaybeUndefined<String>,
    /// How freely it chooses its words, 0 to 2; null: as the model does by itself.
    temperature: MaybeUndefined<f64>,
    /// The language it answers in, as a BCP 47 tag; null: the visitor's.
    language: MaybeUndefined<String>,
    /// Why it is made, at most 500 characters; it stands in its history.
    note: Option<String>,
    /// The caller's own key for making it: sent again, the same persona comes back.
    idempotency_key: Option<String>,
}

/// The persona that was made.
#[derive(Default, SimpleObject)]
pub(crate) struct PersonaCreatePayload {
    /// The persona; null if there is none.
    persona: Option<Persona>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// What is to be different. What is left out stays.
#[derive(InputObject)]
pub(crate) struct PersonaUpdateInput {
    /// The persona.
    persona: ID,
    /// The revision that was looked at: if there is a newer one, nothing is changed.
    expected_revision: Option<i32>,
    /// The name visitors see, 1 to 100 characters.
    name: Option<String>,
    /// What it is there for, at most 2,000 characters.
    description: Option<String>,
    /// How it speaks, at most 500 characters.
    tone: Option<String>,
    /// What a model is told first, at most 8,000 characters.
    system_prompt: Option<String>,
    /// How far its answers must rest on approved knowledge.
    grounding: Option<Grounding>,
    /// Which model answers, one of `Tenant.models`; null: the platform's usual one.
    model: MaybeUndefined<String>,
    /// How freely it chooses its words, 0 to 2; null: as the model does by itself.
    temperature: MaybeUndefined<f64>,
    /// The language it answers in, as a BCP 47 tag; null: the visitor's.
    language: MaybeUndefined<String>,
    /// Why, at most 500 characters; it stands in its history.
    note: Option<String>,
}

/// Whether it was changed.
#[derive(Default, SimpleObject)]
pub(crate) struct PersonaUpdatePayload {
    /// The persona as it is now, also where somebody else has changed it meanwhile; null if there is none.
    persona: Option<Persona>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Which version is to be taken back up.
#[derive(InputObject)]
pub(crate) struct PersonaRestoreInput {
    /// The persona.
    persona: ID,
    /// The number of the version.
    version: i32,
    /// The revision that was looked at: if there is a newer one, nothing is changed.
    expected_revision: Option<i32>,
    /// Why, at most 500 characters; it stands in its history.
    note: Option<String>,
}

/// Whether it was taken back up.
#[derive(Default, SimpleObject)]
pub(crate) struct PersonaRestorePayload {
    /// The persona as it is now, also where somebody else has changed it meanwhile; null if there is none.
    persona: Option<Persona>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Which persona.
#[derive(InputObject)]
pub(crate) struct PersonaSetDefaultInput {
    /// The persona.
    persona: ID,
}

/// Whether it is the default.
#[derive(Default, SimpleObject)]
pub(crate) struct PersonaSetDefaultPayload {
    /// The persona as it is now; null if nothing was done.
    persona: Option<Persona>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Which persona.
#[derive(InputObject)]
pub(crate) struct PersonaArchiveInput {
    /// The persona.
    persona: ID,
}

/// Whether it is archived.
#[derive(Default, SimpleObject)]
pub(crate) struct PersonaArchivePayload {
    /// The persona as it is now; null if nothing was done.
    persona: Option<Persona>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Changes personas.
#[derive(Default)]
pub(crate) struct Personas;

/// The persona an id names, and its place, for who may change it.
pub(super) async fn persona(ctx: &Context<'_>, id: &ID) -> Result<Refusable<(Arc<Place>, uuid::Uuid)>> {
    let found =
        within(ctx, "persona", id, |id| if let GlobalId::Persona(tenant, id) = id { Some((tenant, id)) } else { None }).await?;
    if let Ok((place, _)) = &found {
        place.scope.require(Permission::PersonaManage).map_err(failed)?;
    }
    Ok(found)
}

fn allowed(field: Field) -> UserError {
    let (name, message) = match field {
        Field::Name => ("name", "It must have 1 to 100 characters on one line.".to_owned()),
        Field::Description => ("description", format!("It may have {} characters.", rules::longest(field))),
        Field::Tone => ("tone", format!("It may have {} characters.", rules::longest(field))),
        Field::SystemPrompt => ("systemPrompt", format!("It may have {} characters.", rules::longest(field))),
        Field::Grounding => ("grounding", "It must be STRICT or OPEN.".to_owned()),
        Field::Model => ("model", "It must be one of `Tenant.models`.".to_owned()),
        Field::Temperature => ("temperature", "It must be 0 to 2.".to_owned()),
        Field::Language => ("language", "It must be a language we have.".to_owned()),
    };
    UserError::at(name, UserErrorCode::Invalid, message)
}

fn checked(version: NewVersion) -> Refusable<NewVersion> {
    match rules::fault(&version) {
        None => Ok(version),
        Some(field) => Err(allowed(field)),
    }
}

fn note(note: Option<&str>) -> Refusable<Option<String>> {
    note.map_or(Ok(None), |note| optional("note", note, 500))
}

/// How a language model is to be asked, as it is said: what is `None` was not.
#[derive(Default)]
pub(super) struct Voice {
    model: Option<Option<String>>,
    temperature: Option<Option<i32>>,
    language: Option<Option<Locale>>,
}

impl Voice {
    /// What was said, if a persona may be asked so here.
    pub(super) fn said(
        house: &House,
        model: &MaybeUndefined<String>,
        temperature: &MaybeUndefined<f64>,
        tag: &MaybeUndefined<String>,
    ) -> Refusable<Self> {
        let listed = |name: &String| -> Refusable<String> {
            if house.models.contains(name) {
                return Ok(name.clone());
            }
            let message = format!("It must be one of those the platform lists: {}.", house.models.join(", "));
            Err(UserError::at("model", UserErrorCode::Invalid, message))
        };
        let hundredths = |value: &f64| -> Refusable<i32> {
            // By its digits, which are the same on every machine.
            let hundredths = format!("{:.0}", value * 100.0).parse().ok();
            hundredths.filter(|hundredths| (0..=200).contains(hundredths)).ok_or_else(|| allowed(Field::Temperature))
        };
        Ok(Self {
            model: read(model, listed)?,
            temperature: read(temperature, hundredths)?,
            language: read(tag, |tag| language("language", tag))?,
        })
    }

    /// The change with this in it.
    pub(super) fn into_change(self, change: Change) -> Change {
        let Self { model, temperature, language } = self;
        Change { model, temperature, language, ..change }
    }
}

fn read<T, U>(said: &MaybeUndefined<T>, read: impl FnOnce(&T) -> Refusable<U>) -> Refusable<Option<Option<U>>> {
    Ok(match said {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(read(value)?)),
    })
}

/// A change, if it may be one: every text that it has would have to be good in a version.
pub(super) fn change(change: Change) -> Refusable<Change> {
    let or = |text: &Option<String>, other: &str| text.clone().unwrap_or_else(|| other.to_owned());
    checked(NewVersion {
        name: or(&change.name, "as it is"),
        description: or(&change.description, ""),
        tone: or(&change.tone, ""),
        system_prompt: or(&change.system_prompt, ""),
        grounding: change.grounding.unwrap_or(persona::Grounding::Strict),
        voice: persona::Voice::default(),
    })?;
    Ok(change)
}

/// The persona after a change, and why it was not changed.
fn outcome(place: &Arc<Place>, changed: Changed<persona::Persona>) -> (Option<Persona>, Vec<UserError>) {
    match changed {
        Changed::Done(persona) => (Persona::alone(place, persona), Vec::new()),
        Changed::Stale(persona) => (Persona::alone(place, persona), vec![conflict()]),
        Changed::Unknown => (None, vec![UserError::not_found("persona")]),
    }
}

/// Changes personas.
#[Object]
impl Personas {
    /// Makes a persona. Needs `persona.manage`.
    async fn persona_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The persona.")] input: PersonaCreateInput,
    ) -> Result<Option<PersonaCreatePayload>> {
        let refuse = |error| Ok(Some(PersonaCreatePayload { user_errors: vec![error], ..Default::default() }));
        let place = match place(ctx, input.tenant.as_ref()).await? {
            Ok(place) => place,
            Err(error) => return refuse(error),
        };
        place.scope.require(Permission::PersonaManage).map_err(failed)?;
        let house = house(ctx)?;
        let new = Voice::said(house, &input.model, &input.temperature, &input.language).and_then(|voice| {
            checked(NewVersion {
                name: input.name.trim().to_owned(),
                description: input.description.clone().unwrap_or_default(),
                tone: input.tone.clone().unwrap_or_default(),
                system_prompt: input.system_prompt.clone().unwrap_or_default(),
                grounding: input.grounding.map_or(persona::Grounding::Strict, Into::into),
                voice: persona::Voice {
                    model: voice.model.flatten(),
                    temperature: voice.temperature.flatten(),
                    language: voice.language.flatten(),
                },
            })
        });
        let (new, note, once) = match (new, note(input.note.as_deref()), once(ctx, input.idempotency_key.as_deref())?) {
            (Ok(new), Ok(note), Ok(once)) => (new, note, once),
            (Err(error), _, _) | (_, Err(error), _) | (_, _, Err(error)) => return refuse(error),
        };
        let now = asking(ctx)?.now;
        let made = house
            .write(&place.scope, async move |mut conn, scope| {
                persona::create(&mut conn, &scope, &new, note.as_deref(), once.as_ref(), now).await
            })
            .await?;
        match made {
            Kept::Now(persona) | Kept::Before(persona) => {
                Ok(Some(PersonaCreatePayload { persona: Persona::alone(&place, persona), user_errors: Vec::new() }))
            }
            Kept::Full(full) => refuse(no_room("tenant", &full)),
            Kept::KeyReused => refuse(key_reused()),
        }
    }

    /// Makes a persona's next version; it answers from the next message on. Needs `persona.manage`.
    async fn persona_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be different.")] input: PersonaUpdateInput,
    ) -> Result<Option<PersonaUpdatePayload>> {
        let refuse = |error| Ok(Some(PersonaUpdatePayload { user_errors: vec![error], ..Default::default() }));
        let (place, id) = match persona(ctx, &input.persona).await? {
            Ok(found) => found,
            Err(error) => return refuse(error),
        };
        let wanted = Change {
            name: input.name.clone(),
            description: input.description.clone(),
            tone: input.tone.clone(),
            system_prompt: input.system_prompt.clone(),
            grounding: input.grounding.map(Into::into),
            ..Change::default()
        };
        let house = house(ctx)?;
        let wanted = Voice::said(house, &input.model, &input.temperature, &input.language).map(|voice| voice.into_change(wanted));
        let (change, note) = match (wanted.and_then(change), note(input.note.as_deref())) {
            (Ok(change), Ok(note)) => (change, note),
            (Err(error), _) | (_, Err(error)) => return refuse(error),
        };
        let (now, expected) = (asking(ctx)?.now, input.expected_revision);
        let done = house
            .write(&place.scope, async move |mut conn, scope| {
                persona::change(&mut conn, &scope, id.into(), &change, expected, note.as_deref(), now).await
            })
            .await?;
        let (persona, user_errors) = outcome(&place, done);
        Ok(Some(PersonaUpdatePayload { persona, user_errors }))
    }

    /// Makes a persona what an earlier version of it was, as a new version that says so. One that is archived is in use again. Needs
    /// `persona.manage`.
    async fn persona_restore(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which version is to be taken back up.")] input: PersonaRestoreInput,
    ) -> Result<Option<PersonaRestorePayload>> {
        let refuse = |error| Ok(Some(PersonaRestorePayload { user_errors: vec![error], ..Default::default() }));
        let (place, id) = match persona(ctx, &input.persona).await? {
            Ok(found) => found,
            Err(error) => return refuse(error),
        };
        let note = match note(input.note.as_deref()) {
            Ok(note) => note,
            Err(error) => return refuse(error),
        };
        let (house, now) = (house(ctx)?, asking(ctx)?.now);
        let (number, expected) = (input.version, input.expected_revision);
        let restored = house
            .write(&place.scope, async move |mut conn, scope| {
                persona::restore(&mut conn, &scope, id.into(), number, expected, note.as_deref(), now).await
            })
            .await?;
        let (persona, user_errors) = match restored {
            Kept::Now(changed) | Kept::Before(changed) => outcome(&place, changed),
            Kept::Full(full) => (None, vec![no_room("persona", &full)]),
            Kept::KeyReused => (None, vec![key_reused()]),
        };
        Ok(Some(PersonaRestorePayload { persona, user_errors }))
    }

    /// Makes a persona the one that answers unless another is chosen. Needs `persona.manage`.
    async fn persona_set_default(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which persona.")] input: PersonaSetDefaultInput,
    ) -> Result<Option<PersonaSetDefaultPayload>> {
        let refuse = |error| Ok(Some(PersonaSetDefaultPayload { user_errors: vec![error], ..Default::default() }));
        let (place, id) = match persona(ctx, &input.persona).await? {
            Ok(found) => found,
            Err(error) => return refuse(error),
        };
        let (house, now) = (house(ctx)?, asking(ctx)?.now);
        let done = house
            .write(&place.scope, async move |mut conn, scope| persona::set_default(&mut conn, &scope, id.into(), now).await)
            .await?;
        match done {
            Some(persona) => {
                Ok(Some(PersonaSetDefaultPayload { persona: Persona::alone(&place, persona), user_errors: Vec::new() }))
            }
            None => refuse(UserError::not_found("persona")),
        }
    }

    /// Takes a persona out of use; what it answered stays. Needs `persona.manage`.
    async fn persona_archive(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which persona.")] input: PersonaArchiveInput,
    ) -> Result<Option<PersonaArchivePayload>> {
        let refuse = |error| Ok(Some(PersonaArchivePayload { user_errors: vec![error], ..Default::default() }));
        let (place, id) = match persona(ctx, &input.persona).await? {
            Ok(found) => found,
            Err(error) => return refuse(error),
        };
        let (house, now) = (house(ctx)?, asking(ctx)?.now);
        let archived = house
            .write(&place.scope, async move |mut conn, scope| persona::archive(&mut conn, &scope, id.into(), now).await)
            .await?;
        match archived {
            Archived::Done(persona) => {
                Ok(Some(PersonaArchivePayload { persona: Persona::alone(&place, *persona), user_errors: Vec::new() }))
            }
            Archived::IsDefault => {
                let message = "This persona is the default; make another one the default first.";
                refuse(UserError::at("persona", UserErrorCode::IsDefault, message))
            }
            Archived::Unknown => refuse(UserError::not_found("persona")),
        }
    }
}
