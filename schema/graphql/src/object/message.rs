//! What was said.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use frontoffice_domain::{
    chat,
    id::{ConversationId, PersonaVersionId},
    persona,
};
use futures_util::FutureExt;

use super::{audit::AuditActor, author::Authors, persona::PersonaVersion, tenant::Place};
use crate::{
    context::house,
    global_id::GlobalId,
    json,
    kind::{Grounding, MessageRole, MessageStatus, Rating},
    level::Loaded,
    row::{Plain, Repeated},
    scalar::{DateTime, Url},
};

/// Messages of one tenant that were loaded together.
pub(crate) struct MessageLevel {
    place: Arc<Place>,
    versions: BTreeSet<PersonaVersionId>,
    authors: Authors,
    loaded: Loaded<(), HashMap<PersonaVersionId, Arc<Repeated<PersonaVersion>>>>,
}

impl MessageLevel {
    /// Messages that share a level.
    pub(crate) fn of(place: &Arc<Place>, messages: Vec<chat::Message>) -> impl Iterator<Item = Message> {
        let versions = messages.iter().filter_map(|message| message.persona_version_id).collect();
        let authors = Authors::of(messages.iter().map(|message| message.author_id));
        let level = Arc::new(Self { place: Arc::clone(place), versions, authors, loaded: Loaded::default() });
        messages.into_iter().map(move |message| Message { level: Arc::clone(&level), message: Arc::new(message) })
    }

    /// The versions that answered, of every message of the level.
    async fn versions(&self, ctx: &Context<'_>) -> Result<Arc<HashMap<PersonaVersionId, Arc<Repeated<PersonaVersion>>>>> {
        let house = house(ctx)?;
        let load = move || {
            async move {
                let ids: Vec<_> = self.versions.iter().copied().collect();
                let read = async move |mut conn, scope| persona::versions(&mut conn, &scope, &ids).await;
                let found = house.read(&self.place.scope, read).await?;
                let authors = Arc::new(Authors::of(found.iter().map(|version| version.made.author_id)));
                let ready = |version: persona::PersonaVersion| {
                    (version.id, Arc::new(Repeated::new(PersonaVersion::new(&self.place, version, &authors))))
                };
                Ok(found.into_iter().map(ready).collect())
            }
            .boxed()
        };
        self.loaded.get((), load).await
    }
}

/// A message.
#[derive(Clone)]
pub(crate) struct Message {
    level: Arc<MessageLevel>,
    message: Arc<chat::Message>,
}

impl Message {
    /// Where it is in its conversation.
    pub(crate) fn place(&self) -> i64 {
        self.message.sequence
    }

    pub(crate) fn uuid(&self) -> uuid::Uuid {
        self.message.id.uuid()
    }

    pub(crate) fn conversation_id(&self) -> ConversationId {
        self.message.conversation_id
    }
}

impl Plain for Message {
    fn write(&self, field: &str, out: &mut Vec<u8>) -> Option<serde_json::Result<()>> {
        let its = &*self.message;
        Some(match field {
            "id" => json::id(GlobalId::Message(self.level.place.uuid(), its.id.uuid()), out),
            "sequence" => json::number(its.sequence, out),
            "role" => json::word(MessageRole::from(its.role), out),
            "status" => json::word(MessageStatus::from(its.status), out),
            "text" => json::text(&its.text, out),
            "model" => json::text_if_any(its.model.as_deref(), out),
            "createdAt" => json::instant(its.created_at, out),
            _ => return None,
        })
    }
}

/// Where an answer comes from.
#[derive(SimpleObject)]
pub(crate) struct Source {
    /// The knowledge entry's title.
    pub(super) title: String,
    /// Where it can be checked.
    pub(super) url: Option<Url>,
}

/// What was found of a sentence of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "chat::Finding")]
pub(crate) enum Finding {
    /// What it says stands in the passages it cites.
    Supported,
    /// It is quoted from an approved passage, word for word.
    Quoted,
    /// It claims nothing: a greeting, an offer to help, a heading.
    Harmless,
    /// It was not asked to be supported, and is not, as far as can be told.
    Unchecked,
    /// It claims something and cites no passage that was given.
    Uncited,
    /// A number, price, date, address or link in it stands in none of the passages it cites, or most of its words do not.
    Unsupported,
    /// It claims that the assistant has done something, or will.
    ClaimsAction,
}

/// A sentence of an answer and what was found of it.
#[derive(SimpleObject)]
pub(crate) struct CheckedSentence {
    /// The sentence, as the model wrote it: its citations are the numbers of the passages it was given.
    text: String,
    /// What was found.
    finding: Finding,
    /// What in it has no support: numbers, prices, dates, addresses, links or words.
    missing: Vec<String>,
}

/// What was found when an answer was checked against the approved passages it cites.
#[derive(SimpleObject)]
pub(crate) struct Verdict {
    /// How far it had to rest on approved knowledge.
    grounding: Grounding,
    /// Its sentences, in order. Of an answer that was refused: up to the one for which it was, which nobody was shown.
    sentences: Vec<CheckedSentence>,
}

impl From<&chat::Verdict> for Verdict {
    fn from(its: &chat::Verdict) -> Self {
        let sentence = |its: &chat::Sentence| CheckedSentence {
            text: its.text.clone(),
            finding: its.finding.into(),
            missing: its.missing.clone(),
        };
        Self { grounding: its.grounding.into(), sentences: its.sentences.iter().map(sentence).collect() }
    }
}

/// Something that was said in a conversation.
#[Object]
impl Message {
    /// Its id among all objects.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Message(self.level.place.uuid(), self.message.id.uuid()).encode()
    }

    /// Its number in the conversation, from 1 and without a gap.
    async fn sequence(&self) -> i64 {
        self.message.sequence
    }

    /// Who said it.
    async fn role(&self) -> MessageRole {
        self.message.role.into()
    }

    /// What it is.
    async fn status(&self) -> MessageStatus {
        self.message.status.into()
    }

    /// What was said.
    async fn text(&self) -> &str {
        &self.message.text
    }

    /// The model that answered; null for what visitors say.
    async fn model(&self) -> Option<&str> {
        self.message.model.as_deref()
    }

    /// Where the answer comes from.
    async fn sources(&self) -> Vec<Source> {
        let source = |source: &chat::Source| Source { title: source.title.clone(), url: source.url.clone().map(Url) };
        self.message.sources.iter().map(source).collect()
    }

    /// What was found when it was checked, sentence by sentence; null for what no model wrote.
    async fn verdict(&self) -> Option<Verdict> {
        self.message.verdict.as_ref().map(Into::into)
    }

    /// Who answered, as it was then; null for what visitors say.
    async fn persona_version(&self, ctx: &Context<'_>) -> Result<Option<Arc<Repeated<PersonaVersion>>>> {
        let Some(wanted) = self.message.persona_version_id else { return Ok(None) };
        let versions = self.level.versions(ctx).await?;
        Ok(versions.get(&wanted).cloned())
    }

    /// Who of the team said it; null for what others say.
    async fn author(&self, ctx: &Context<'_>) -> Result<Option<AuditActor>> {
        let Some(kind) = self.message.author else { return Ok(None) };
        self.level.authors.actor(ctx, &self.level.place, kind, self.message.author_id).await.map(Some)
    }

    /// What the visitor thinks of it; null if they did not say.
    async fn rating(&self) -> Option<Rating> {
        self.message.rating.map(Into::into)
    }

    /// When it was stored.
    async fn created_at(&self) -> DateTime {
        DateTime(self.message.created_at)
    }
}
