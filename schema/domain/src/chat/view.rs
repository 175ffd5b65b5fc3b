//! What a visitor sees of a message: is it answered, and how.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::try_join;

use super::model::{Channel, MessageStatus, Role, Source, TurnState};
use crate::{
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::{ConversationId, MessageId, TurnId},
    identity::Permission,
    locale::Locale,
    persona, run,
    tables::{conversations, messages, persona_versions, tenants, turns, visitors},
    tenancy::{Scope, rules::ai_notice},
};

/// What became of a visitor's message, or of a turn.
#[derive(Clone, Debug)]
pub enum View {
    /// Not answered yet.
    Pending,
    /// A newer message of the same burst gets the answer.
    Joined,
    /// Its turn ended without an answer.
    Ended(Ended),
    /// Answered.
    Answered(Box<Reply>),
    /// There is no such thing for this visitor.
    Unknown,
}

/// The end of a turn without an answer: a person holds the conversation and will answer, or the visitor stopped it before its first word.
#[derive(Clone, Debug)]
pub struct Ended {
    /// The conversation, as the client knows it.
    pub session_id: String,
    /// The message that was to be answered.
    pub message_id: MessageId,
    /// The turn.
    pub turn_id: TurnId,
    /// How it ended.
    pub state: TurnState,
    /// When.
    pub ended_at: Instant,
}

/// An answer as its visitor sees it.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The conversation, as the client knows it.
    pub session_id: String,
    /// The answer's message.
    pub message_id: MessageId,
    /// The turn that gave it.
    pub turn_id: TurnId,
    /// What kind of answer it is.
    pub status: MessageStatus,
    /// What it says.
    pub text: String,
    /// Where it comes from.
    pub sources: Vec<Source>,
    /// Who said it.
    pub persona: String,
    /// That this is an AI; with a conversation's first answer.
    pub notice: Option<String>,
    /// When it was stored.
    pub created_at: Instant,
}

/// What became of one of the calling visitor's messages.
///
/// # Errors
/// If the store fails.
pub async fn look(conn: &mut Conn, scope: &Scope, message_id: MessageId) -> Result<View, Fault> {
    scope.require(Permission::ChatVisit)?;
    let (tenant, channel, key) = (scope.tenant(), Channel::of(scope.caller()), scope.visitor()?);
    // The first turn that reaches as far as the message, if it does not begin after it.
    let of_message = turns::tenant_id
        .eq(messages::tenant_id)
        .and(turns::conversation_id.eq(messages::conversation_id))
        .and(turns::first_sequence.le(messages::sequence))
        .and(turns::last_sequence.ge(messages::sequence));
    let mine: Option<(ConversationId, String, Option<Row>)> = run!(conn, |c| {
        messages::table
            .inner_join(conversations::table.on(conversations::id.eq(messages::conversation_id)))
            .inner_join(visitors::table.on(visitors::id.eq(conversations::visitor_id)))
            .left_join(turns::table.on(of_message))
            .filter(messages::tenant_id.eq(tenant).and(messages::id.eq(message_id)).and(messages::role.eq(Role::Visitor)))
            .filter(visitors::channel.eq(channel).and(visitors::key.eq(key.as_bytes())))
            .order(turns::last_sequence)
            .select((messages::conversation_id, conversations::session_id, COLUMNS.nullable()))
            .first(c)
    })
    .optional()?;
    match mine {
        None | Some((_, _, None)) => Ok(View::Unknown),
        Some((_, _, Some((_, question, ..)))) if question != message_id => Ok(View::Joined),
        Some((conversation, session_id, Some(turn))) => reply(conn, scope, conversation, session_id, turn).await,
    }
}

/// What became of one of the calling visitor's turns.
///
/// # Errors
/// If the store fails.
pub async fn look_at_turn(conn: &mut Conn, scope: &Scope, turn_id: TurnId) -> Result<View, Fault> {
    scope.require(Permission::ChatVisit)?;
    let (tenant, channel, key) = (scope.tenant(), Channel::of(scope.caller()), scope.visitor()?);
    let mine: Option<(ConversationId, String, Row)> = run!(conn, |c| {
        turns::table
            .inner_join(conversations::table)
            .inner_join(visitors::table.on(visitors::id.eq(conversations::visitor_id)))
            .filter(turns::tenant_id.eq(tenant).and(turns::id.eq(turn_id)))
            .filter(visitors::channel.eq(channel).and(visitors::key.eq(key.as_bytes())))
            .select((turns::conversation_id, conversations::session_id, COLUMNS))
            .first(c)
    })
    .optional()?;
    match mine {
        None => Ok(View::Unknown),
        Some((conversation, session_id, turn)) => reply(conn, scope, conversation, session_id, turn).await,
    }
}

/// What is read of a turn.
type Row = (TurnId, MessageId, Locale, Option<MessageId>, TurnState, Option<Instant>);
type Columns = (turns::id, turns::question_id, turns::locale, turns::answer_id, turns::state, turns::ended_at);
const COLUMNS: Columns = (turns::id, turns::question_id, turns::locale, turns::answer_id, turns::state, turns::ended_at);

async fn reply(
    conn: &mut Conn,
    scope: &Scope,
    conversation: ConversationId,
    session_id: String,
    (turn_id, question, locale, answer, state, ended_at): Row,
) -> Result<View, Fault> {
    let message_id = match (answer, ended_at) {
        (Some(answer), _) => answer,
        (None, Some(ended_at)) => {
            return Ok(View::Ended(Ended { session_id, message_id: question, turn_id, state, ended_at }));
        }
        (None, None) => return Ok(View::Pending),
    };
    let mut beside = conn.beside();
    let (said, first) = try_join!(said(conn, scope, message_id), first_answer(&mut beside, scope, conversation))?;
    let (text, status, sources, created_at, persona) = said;
    let persona = persona.unwrap_or_default();
    let sources = serde_json::from_value(sources).map_err(|source| Fault::Stored { what: "sources", source })?;
    let notice = if first == Some(message_id) { Some(notice(conn, scope, locale, &persona).await?) } else { None };
    Ok(View::Answered(Box::new(Reply { session_id, message_id, turn_id, status, text, sources, persona, notice, created_at })))
}

/// That this is an AI, as the tenant says it.
async fn notice(conn: &mut Conn, scope: &Scope, locale: Locale, persona: &str) -> Result<String, Fault> {
    let tenant = scope.tenant();
    let own: Option<String> = run!(conn, |c| tenants::table.find(tenant).select(tenants::ai_notice).first(c))?;
    Ok(ai_notice(own.as_deref(), locale, persona))
}

/// What somebody is told who is about to talk to the assistant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// What the assistant calls itself.
    pub persona: String,
    /// That it is an AI, as the tenant says it.
    pub notice: String,
}

/// What a visitor is told before the first message.
///
/// # Errors
/// If the store fails.
pub async fn welcome(conn: &mut Conn, scope: &Scope, locale: Locale) -> Result<Welcome, Fault> {
    scope.require(Permission::ChatVisit)?;
    let persona = persona::answering(conn, scope, None).await?.name;
    let notice = notice(conn, scope, locale, &persona).await?;
    Ok(Welcome { persona, notice })
}

/// An answer's text, status, sources and moment, and who said it.
type Said = (String, MessageStatus, serde_json::Value, Instant, Option<String>);

async fn said(conn: &mut Conn, scope: &Scope, answer: MessageId) -> Result<Said, Fault> {
    let tenant = scope.tenant();
    Ok(run!(conn, |c| {
        messages::table
            .left_join(persona_versions::table.on(persona_versions::id.nullable().eq(messages::persona_version_id)))
            .filter(messages::tenant_id.eq(tenant).and(messages::id.eq(answer)))
            .select((
                messages::text,
                messages::status,
                messages::sources,
                messages::created_at,
                persona_versions::name.nullable(),
            ))
            .first(c)
    })?)
}

/// The first answer of a conversation.
async fn first_answer(conn: &mut Conn, scope: &Scope, conversation: ConversationId) -> Result<Option<MessageId>, Fault> {
    let tenant = scope.tenant();
    Ok(run!(conn, |c| {
        messages::table
            .filter(messages::tenant_id.eq(tenant).and(messages::conversation_id.eq(conversation)))
            .filter(messages::role.eq(Role::Assistant))
            .order(messages::sequence)
            .select(messages::id)
            .first(c)
    })
    .optional()?)
}
