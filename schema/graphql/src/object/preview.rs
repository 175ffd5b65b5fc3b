//! What a persona answers as a draft.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use frontoffice_domain::{chat, persona};

use super::{
    credits::Charge,
    message::Source,
    persona::{Persona, PersonaLevel},
    tenant::Place,
};
use crate::{
    context::house,
    global_id::GlobalId,
    kind::{Grounding, TurnState},
    scalar::{DateTime, Url, Uuid},
};

/// A question to a persona as it would be.
#[derive(Clone)]
pub(crate) struct PersonaPreview {
    place: Arc<Place>,
    preview: Arc<chat::Preview>,
}

impl PersonaPreview {
    pub(crate) fn new(place: &Arc<Place>, preview: chat::Preview) -> Self {
        Self { place: Arc::clone(place), preview: Arc::new(preview) }
    }

    pub(crate) fn uuid(&self) -> uuid::Uuid {
        self.preview.id.uuid()
    }
}

/// A question to a persona as it would be, outside every conversation, and what it answered. Null is what was not tried out: it was as it
/// is.
#[Object]
impl PersonaPreview {
    /// Its id among all objects.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::PersonaPreview(self.place.uuid(), self.preview.id.uuid()).encode()
    }

    /// The UUID of its turn: charges and entries of the ledger name it.
    async fn turn_id(&self) -> Uuid {
        Uuid(self.preview.id.uuid())
    }

    /// The persona, as it is.
    async fn persona(&self, ctx: &Context<'_>) -> Result<Option<Persona>> {
        let ids = [self.preview.persona];
        let read = async move |mut conn, scope| persona::by_id(&mut conn, &scope, &ids).await;
        let found = house(ctx)?.read(&self.place.scope, read).await?;
        Ok(PersonaLevel::of(&self.place, found).pop())
    }

    /// The name that was tried out.
    async fn name(&self) -> Option<&str> {
        self.preview.change.name.as_deref()
    }

    /// The description that was tried out.
    async fn description(&self) -> Option<&str> {
        self.preview.change.description.as_deref()
    }

    /// The tone that was tried out.
    async fn tone(&self) -> Option<&str> {
        self.preview.change.tone.as_deref()
    }

    /// What a model was told first, as it was tried out.
    async fn system_prompt(&self) -> Option<&str> {
        self.preview.change.system_prompt.as_deref()
    }

    /// How far answers had to rest on approved knowledge, as it was tried out.
    async fn grounding(&self) -> Option<Grounding> {
        self.preview.change.grounding.map(Into::into)
    }

    /// The model that was tried out.
    async fn tried_model(&self) -> Option<&str> {
        self.preview.change.model.as_ref()?.as_deref()
    }

    /// How freely it was to choose its words, as it was tried out.
    async fn temperature(&self) -> Option<f64> {
        self.preview.change.temperature.flatten().map(|hundredths| f64::from(hundredths) / 100.0)
    }

    /// The language it was to answer in, as it was tried out.
    async fn language(&self) -> Option<&str> {
        self.preview.change.language.flatten().map(|locale| locale.as_str())
    }

    /// What was asked.
    async fn question(&self) -> &str {
        &self.preview.question
    }

    /// How far it is.
    async fn state(&self) -> TurnState {
        self.preview.state.into()
    }

    /// When it was asked.
    async fn created_at(&self) -> DateTime {
        DateTime(self.preview.created_at)
    }

    /// What a visitor would read; null until there is an answer.
    async fn answer(&self) -> Option<&str> {
        self.preview.answer.as_ref().map(|answer| answer.text.as_str())
    }

    /// When it was answered; null until then.
    async fn answered_at(&self) -> Option<DateTime> {
        self.preview.answer.as_ref().map(|answer| DateTime(answer.created_at))
    }

    /// The model that answered; null until there is an answer.
    async fn model(&self) -> Option<&str> {
        self.preview.answer.as_ref().and_then(|answer| answer.model.as_deref())
    }

    /// Where the answer comes from.
    async fn sources(&self) -> Vec<Source> {
        let sources = self.preview.answer.iter().flat_map(|answer| &answer.sources);
        sources.map(|source| Source { title: source.title.clone(), url: source.url.clone().map(Url) }).collect()
    }

    /// What it was charged; null until it was metered.
    async fn charge(&self) -> Option<Charge> {
        self.preview.charge.clone().map(Into::into)
    }
}
