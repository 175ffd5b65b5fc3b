//! `GET /api/chat/history/{session_id}`: what was said in a conversation, for those who may read it.

use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
};
use frontoffice_domain::{
    chat::{self, History, Own, PageOf, Said, SessionId, Source},
    id::ConversationId,
    identity::InstanceKey,
    tenancy,
};
use serde::{Deserialize, Serialize};

use super::chat::business_unknown;
use crate::{
    Api,
    caller::{self, Incoming},
    problem::Problem,
};

/// What the cursors of this list are signed for.
const LIST: &str = "history";
/// Messages of a page that asks for no number.
const LIMIT: u8 = 50;
/// The most messages of a page.
const MOST: u8 = 100;

/// Which conversation of whom, and which page.
#[derive(Deserialize)]
pub(crate) struct Asked {
    business_id: Option<String>,
    before: Option<String>,
    limit: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Page {
    session_id: String,
    state: &'static str,
    messages: Vec<Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct Message {
    message_id: String,
    sequence: i64,
    role: &'static str,
    text: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    persona: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    sources: Vec<Source>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rating: Option<&'static str>,
    created_at: String,
}

#[derive(Serialize)]
struct Named {
    name: String,
}

impl From<Said> for Message {
    fn from(said: Said) -> Self {
        Self {
            message_id: said.message_id.to_string(),
            sequence: said.sequence,
            role: said.role.as_str(),
            text: said.text,
            status: said.status.as_str(),
            persona: said.persona.map(|name| Named { name }),
            agent: said.agent.map(|name| Named { name }),
            model: said.model,
            sources: said.sources,
            rating: said.rating.map(|thumb| thumb.as_str()),
            created_at: said.created_at.to_string(),
        }
    }
}

impl Message {
    /// As its visitor sees it.
    pub(crate) fn of_visitor(said: Said) -> Self {
        Self { model: None, ..said.into() }
    }
}

/// A page of a visitor's own conversation.
pub(crate) fn of_visitor(own: &Own, said: Vec<Said>, key: &InstanceKey) -> Page {
    let oldest = said.last().map(|said| said.sequence).filter(|sequence| *sequence > 1);
    Page {
        session_id: own.session_id.clone(),
        state: own.state.as_str(),
        messages: said.into_iter().map(Message::of_visitor).collect(),
        next_cursor: oldest.map(|sequence| cursor(key, own.id, sequence)),
    }
}

fn cursor(key: &InstanceKey, conversation: ConversationId, sequence: i64) -> String {
    key.cursor(LIST, &format!("{conversation}/{sequence}"))
}

/// Handles the route.
pub(crate) async fn of_session(
    State(api): State<Api>,
    session: Result<Path<String>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
    incoming: Incoming,
) -> Result<Json<Page>, Problem> {
    let who = caller::signed_in(&incoming, &api, false).await?;
    let unknown = || Problem::new("session_unknown", "There is no conversation with this session id in this business.");
    let Query(asked) = asked.map_err(Problem::query)?;
    let page = PageOf { limit: limit(asked.limit.as_deref())?, before: before(asked.before.as_deref(), &api.key)? };
    let session = session.map_err(|_| unknown()).and_then(|Path(text)| SessionId::parse(text).map_err(|_| unknown()))?;
    let entered = tenancy::enter_named(&api.db, &who, asked.business_id, api.clock.now()).await?;
    let (_, scope) = entered.ok_or_else(business_unknown)?;
    let (reader, named) = (scope.clone(), session.clone());
    let history =
        api.db.read(&scope, async move |mut conn| chat::history(&mut conn, &reader, named.as_str(), page).await).await?;
    match history {
        History::Page(page) => Ok(Json(Page {
            session_id: session.as_str().to_owned(),
            state: page.state.as_str(),
            messages: page.messages.into_iter().map(Into::into).collect(),
            next_cursor: page.next.map(|(conversation, sequence)| cursor(&api.key, conversation, sequence)),
        })),
        History::Unknown => Err(unknown()),
        History::Ambiguous => Err(Problem::new(
            "session_ambiguous",
            "Several visitors chose this session id, so it names no single conversation. The ids we give are unique.",
        )),
        History::OtherConversation => Err(cursor_invalid()),
    }
}

pub(crate) fn limit(text: Option<&str>) -> Result<u8, Problem> {
    let Some(text) = text else { return Ok(LIMIT) };
    text.parse()
        .ok()
        .filter(|limit| (1..=MOST).contains(limit))
        .ok_or_else(|| Problem::field("limit", format!("must be a whole number from 1 to {MOST}")))
}

pub(crate) fn cursor_invalid() -> Problem {
    Problem::new("cursor_invalid", "`before` must be a `next_cursor` that a page of this very conversation gave, unchanged.")
}

pub(crate) fn before(cursor: Option<&str>, key: &InstanceKey) -> Result<Option<(ConversationId, i64)>, Problem> {
    let Some(cursor) = cursor else { return Ok(None) };
    let place = key.place(LIST, cursor).ok_or_else(cursor_invalid)?;
    let (conversation, sequence) = place.split_once('/').ok_or_else(cursor_invalid)?;
    match (conversation.parse(), sequence.parse()) {
        (Ok(conversation), Ok(sequence)) => Ok(Some((conversation, sequence))),
        _ => Err(cursor_invalid()),
    }
}
