//! What was said in a conversation, for those who may read a tenant's.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    chat::{
        model::{ConversationState, History, HistoryPage, MessageStatus, PageOf, Role, Said},
        people::Thumb,
    },
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::{ConversationId, MessageId},
    identity::Permission,
    run,
    tables::{conversations, messages, persona_versions, users},
    tenancy::Scope,
};

/// A page of a conversation, newest message first. `session_id` is one we gave or one a caller chose; the latter may stand for
/// several conversations, since it need be unique only for its visitor.
///
/// # Errors
/// If the store fails.
pub async fn history(conn: &mut Conn, scope: &Scope, session_id: &str, page: PageOf) -> Result<History, Fault> {
    scope.require(Permission::ChatRead)?;
    let tenant = scope.tenant();
    let found: Vec<(ConversationId, ConversationState)> = run!(conn, |c| {
        conversations::table
            .filter(conversations::tenant_id.eq(tenant).and(conversations::session_id.eq(session_id)))
            .filter(conversations::draft.is_null())
            .limit(2)
            .select((conversations::id, conversations::state))
            .load(c)
    })?;
    let (conversation, state) = match found.as_slice() {
        [] => return Ok(History::Unknown),
        [one] => *one,
        _ => return Ok(History::Ambiguous),
    };
    let before = match page.before {
        None => i64::MAX,
        Some((of, sequence)) if of == conversation => sequence,
        Some(_) => return Ok(History::OtherConversation),
    };
    let messages = said(conn, scope, conversation, Which::Before(before, page.limit)).await?;
    let oldest = messages.as_slice().last().map(|message| message.sequence);
    let next = oldest.filter(|sequence| *sequence > 1).map(|sequence| (conversation, sequence));
    Ok(History::Page(HistoryPage { state, messages, next }))
}

/// Which messages of a conversation, and at most how many.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    /// The newest before this number, newest first.
    Before(i64, u8),
    /// The oldest after this number, oldest first.
    After(i64, u8),
}

pub(super) async fn said(conn: &mut Conn, scope: &Scope, conversation: ConversationId, which: Which) -> Result<Vec<Said>, Fault> {
    type Row = (
        MessageId,
        i64,
        Role,
        String,
        MessageStatus,
        Option<String>,
        Option<String>,
        Option<String>,
        serde_json::Value,
        Instant,
        Option<Thumb>,
    );
    let tenant = scope.tenant();
    let rows: Vec<Row> = run!(conn, |c| {
        let mut query = messages::table
            .left_join(persona_versions::table.on(persona_versions::id.nullable().eq(messages::persona_version_id)))
            .left_join(users::table.on(users::id.nullable().eq(messages::author_id)))
            .filter(messages::tenant_id.eq(tenant).and(messages::conversation_id.eq(conversation)))
            .select((
                messages::id,
                messages::sequence,
                messages::role,
                messages::text,
                messages::status,
                persona_versions::name.nullable(),
                users::name.nullable(),
                messages::model,
                messages::sources,
                messages::created_at,
                messages::rating,
            ))
            .into_boxed();
        query = match which {
            Which::Before(before, limit) => {
                query.filter(messages::sequence.lt(before)).order(messages::sequence.desc()).limit(i64::from(limit))
            }
            Which::After(after, limit) => {
                query.filter(messages::sequence.gt(after)).order(messages::sequence.asc()).limit(i64::from(limit))
            }
        };
        query.load(c)
    })?;
    let said = |row: Row| {
        let (message_id, sequence, role, text, status, persona, agent, model, sources, created_at, rating) = row;
        let sources = serde_json::from_value(sources).map_err(|source| Fault::Stored { what: "sources", source })?;
        Ok(Said { message_id, sequence, role, text, status, persona, agent, model, sources, created_at, rating })
    };
    rows.into_iter().map(said).collect()
}
