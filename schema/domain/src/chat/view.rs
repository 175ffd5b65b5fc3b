//! What a visitor sees of a message: is it answered, and how.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    model::{MessageStatus, Role, Source},
    store::turn_of,
};
use crate::{
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::{ConversationId, MessageId, PersonaVersionId, TurnId},
    identity::Permission,
    locale::Locale,
    persona, run,
    tables::{conversations, messages, turns, visitors},
    tenancy::Scope,
    words,
};

/// What became of a visitor's message, or of a turn.
#[derive(Clone, Debug)]
pub enum View {
    /// Not answered yet.
    Pending,
    /// A newer message of the same burst gets the answer.
    Joined,
    /// In no turn: a person holds the conversation and will answer.
    Human,
    /// Answered.
    Answered(Box<Reply>),
    /// There is no such thing for this visitor.
    Unknown,
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
    let (tenant, key) = (scope.tenant(), scope.visitor()?);
    let mine: Option<(ConversationId, i64)> = run!(conn, |c| {
        messages::table
            .inner_join(conversations::table.on(conversations::id.eq(messages::conversation_id)))
            .inner_join(visitors::table.on(visitors::id.eq(conversations::visitor_id)))
            .filter(messages::tenant_id.eq(tenant).and(messages::id.eq(message_id)).and(messages::role.eq(Role::Visitor)))
            .filter(visitors::key.eq(key.as_bytes()))
            .select((messages::conversation_id, messages::sequence))
            .first(c)
    })
    .optional()?;
    let Some((conversation, sequence)) = mine else { return Ok(View::Unknown) };
    let Some(turn) = turn_of(conn, scope, conversation, sequence).await? else { return Ok(View::Human) };
    let Some(turn) = turn_row(conn, scope, turn).await? else { return Ok(View::Unknown) };
    if turn.question_id != message_id {
        return Ok(View::Joined);
    }
    reply(conn, scope, turn).await
}

/// What became of one of the calling visitor's turns.
///
/// # Errors
/// If the store fails.
pub async fn look_at_turn(conn: &mut Conn, scope: &Scope, turn_id: TurnId) -> Result<View, Fault> {
    scope.require(Permission::ChatVisit)?;
    match turn_row(conn, scope, turn_id).await? {
        Some(turn) => reply(conn, scope, turn).await,
        None => Ok(View::Unknown),
    }
}

struct TurnRow {
    id: TurnId,
    question_id: MessageId,
    conversation_id: ConversationId,
    session_id: String,
    locale: Locale,
    answer_id: Option<MessageId>,
}

async fn turn_row(conn: &mut Conn, scope: &Scope, id: TurnId) -> Result<Option<TurnRow>, Fault> {
    let (tenant, key) = (scope.tenant(), scope.visitor()?);
    let row: Option<(MessageId, ConversationId, String, Locale, Option<MessageId>)> = run!(conn, |c| {
        turns::table
            .inner_join(conversations::table)
            .inner_join(visitors::table.on(visitors::id.eq(conversations::visitor_id)))
            .filter(turns::tenant_id.eq(tenant).and(turns::id.eq(id)).and(visitors::key.eq(key.as_bytes())))
            .select((turns::question_id, turns::conversation_id, conversations::session_id, turns::locale, turns::answer_id))
            .first(c)
    })
    .optional()?;
    Ok(row.map(|(question_id, conversation_id, session_id, locale, answer_id)| TurnRow {
        id,
        question_id,
        conversation_id,
        session_id,
        locale,
        answer_id,
    }))
}

async fn reply(conn: &mut Conn, scope: &Scope, turn: TurnRow) -> Result<View, Fault> {
    let Some(answer) = turn.answer_id else { return Ok(View::Pending) };
    let tenant = scope.tenant();
    let (sequence, text, status, persona, sources, created_at): (
        i64,
        String,
        MessageStatus,
        Option<PersonaVersionId>,
        serde_json::Value,
        Instant,
    ) = run!(conn, |c| {
        messages::table
            .filter(messages::tenant_id.eq(tenant).and(messages::id.eq(answer)))
            .select((
                messages::sequence,
                messages::text,
                messages::status,
                messages::persona_version_id,
                messages::sources,
                messages::created_at,
            ))
            .first(c)
    })?;
    let sources = serde_json::from_value(sources).map_err(|source| Fault::Stored { what: "sources", source })?;
    let persona = match persona {
        Some(id) => persona::version(conn, scope, id).await?.name,
        None => String::new(),
    };
    let earlier: Option<MessageId> = run!(conn, |c| {
        messages::table
            .filter(messages::tenant_id.eq(tenant).and(messages::conversation_id.eq(turn.conversation_id)))
            .filter(messages::role.eq(Role::Assistant).and(messages::sequence.lt(sequence)))
            .select(messages::id)
            .first(c)
    })
    .optional()?;
    let notice = earlier.is_none().then(|| words::ai_notice(turn.locale, &persona));
    Ok(View::Answered(Box::new(Reply {
        session_id: turn.session_id,
        message_id: answer,
        turn_id: turn.id,
        status,
        text,
        sources,
        persona,
        notice,
        created_at,
    })))
}
