//! Reading conversations, for those who work with them.

use std::collections::HashMap;

use diesel::dsl;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Jsonb, Nullable, Text};

use crate::{
    audit::ActorKind,
    chat::{
        model::{MessageStatus, Role},
        people::Thumb,
        read::{Conversation, Message, Stretch},
    },
    clock::Instant,
    db::{Conn, Prepare, load, sql},
    fault::Fault,
    id::{AuditEntryId, ConversationId, Id, MessageId, PersonaVersionId},
    identity::Permission,
    tables::{conversations, messages},
    tenancy::Scope,
};

/// Those of the conversations that are the tenant's.
///
/// # Errors
/// If the store fails.
pub async fn conversations_by_id(conn: &mut Conn, scope: &Scope, ids: &[ConversationId]) -> Result<Vec<Conversation>, Fault> {
    scope.require(Permission::ChatRead)?;
    let (tenant, ids) = (scope.tenant(), ids.to_vec());
    let these = conversations::tenant_id.eq(tenant).and(conversations::id.eq_any(ids)).and(conversations::draft.is_null());
    Ok(load!(conn, conversations::table.filter(these).select(Conversation::as_select()).prepared())?)
}

/// What is read of a message.
type Columns = (
    sql::Id,
    sql::Id,
    BigInt,
    Text,
    Text,
    Text,
    Nullable<sql::Id>,
    Nullable<Text>,
    Jsonb,
    sql::Instant,
    Nullable<Text>,
    Nullable<sql::Id>,
    Nullable<Text>,
    Nullable<Jsonb>,
);

#[derive(Queryable, Selectable)]
#[diesel(table_name = messages, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct Row {
    id: MessageId,
    conversation_id: ConversationId,
    sequence: i64,
    role: Role,
    text: String,
    status: MessageStatus,
    persona_version_id: Option<PersonaVersionId>,
    model: Option<String>,
    sources: serde_json::Value,
    created_at: Instant,
    author: Option<ActorKind>,
    author_id: Option<AuditEntryId>,
    rating: Option<Thumb>,
    verdict: Option<serde_json::Value>,
}

impl Row {
    fn read(self) -> Result<Message, Fault> {
        Ok(Message {
            id: self.id,
            conversation_id: self.conversation_id,
            sequence: self.sequence,
            role: self.role,
            text: self.text,
            status: self.status,
            persona_version_id: self.persona_version_id,
            model: self.model,
            sources: serde_json::from_value(self.sources).map_err(|source| Fault::Stored { what: "sources", source })?,
            created_at: self.created_at,
            author: self.author,
            author_id: self.author_id,
            rating: self.rating,
            verdict: self
                .verdict
                .map(serde_json::from_value)
                .transpose()
                .map_err(|source| Fault::Stored { what: "a verdict", source })?,
        })
    }
}

const COLUMNS: &str = "m.id, m.conversation_id, m.sequence, m.role, m.text, m.status, m.persona_version_id, m.model, m.sources, m.created_at, m.author, m.author_id, m.rating, m.verdict";

/// What was said in stretches of conversations, by conversation and in order: one statement for all of them. Messages are counted
/// without a gap, so a page is a stretch of numbers, and no other message is read.
///
/// # Errors
/// If the store fails.
pub async fn messages_of(conn: &mut Conn, scope: &Scope, stretches: &[Stretch]) -> Result<Vec<Message>, Fault> {
    scope.require(Permission::ChatRead)?;
    let wanted: Vec<_> = stretches.iter().filter(|stretch| stretch.from <= stretch.to).collect();
    let Some(first) = wanted.first() else { return Ok(Vec::new()) };
    if wanted.iter().any(|stretch| stretch.from != first.from) {
        return messages_of_each(conn, scope, &wanted).await;
    }
    // Where all begin at the same number, one range has them all; what is beyond the end of a shorter one was said only just now.
    let ends: HashMap<_, _> = wanted.iter().map(|stretch| (stretch.conversation_id, stretch.to)).collect();
    let (tenant, lowest, highest) = (scope.tenant(), first.from, ends.values().copied().max().unwrap_or(first.to));
    let ids = few(conn, wanted.iter().map(|stretch| stretch.conversation_id).collect());
    let within = messages::conversation_id.eq_any(ids).and(messages::sequence.between(lowest, highest));
    let query =
        messages::table.filter(messages::tenant_id.eq(tenant).and(within)).order((messages::conversation_id, messages::sequence));
    let rows: Vec<Row> = load!(conn, query.select(Row::as_select()).prepared())?;
    let all_end_there = ends.values().all(|end| *end == highest);
    let is_wanted = |row: &Row| all_end_there || ends.get(&row.conversation_id).is_some_and(|end| row.sequence <= *end);
    rows.into_iter().filter(is_wanted).map(Row::read).collect()
}

/// The same, where each stretch begins at another number.
async fn messages_of_each(conn: &mut Conn, scope: &Scope, wanted: &[&Stretch]) -> Result<Vec<Message>, Fault> {
    // As one parameter, so that the text is the same however many there are.
    let wanted: Vec<_> =
        wanted.iter().map(|stretch| (stretch.conversation_id.uuid().simple().to_string(), stretch.from, stretch.to)).collect();
    let (tenant, wanted) = (scope.tenant(), serde_json::json!(wanted).to_string());
    // Each stretch is looked up by itself, whatever the engine thinks of how many there are.
    let within = "m.conversation_id = w.id AND m.sequence BETWEEN w.lowest AND w.highest AND m.tenant_id = ";
    let (from, messages, end) = if conn.is_postgres() {
        (
            "SELECT CAST(w ->> 0 AS uuid) AS id, CAST(w ->> 1 AS bigint) AS lowest, CAST(w ->> 2 AS bigint) AS highest \
             FROM jsonb_array_elements(CAST(",
            " AS jsonb)) AS w) AS w CROSS JOIN LATERAL (SELECT * FROM messages m WHERE ",
            " OFFSET 0) AS m",
        )
    } else {
        (
            "SELECT unhex(value ->> 0) AS id, value ->> 1 AS lowest, value ->> 2 AS highest FROM json_each(",
            ")) AS w CROSS JOIN messages m WHERE ",
            "",
        )
    };
    let (select, messages) = (format!("SELECT {COLUMNS} FROM ({from}"), format!("{messages}{within}"));
    let end = format!("{end} ORDER BY m.conversation_id, m.sequence");
    let query = dsl::sql::<Columns>(&select).bind::<Text, _>(wanted).sql(&messages).bind::<sql::Id, _>(tenant).sql(&end);
    let rows: Vec<Row> = load!(conn, query.prepared())?;
    rows.into_iter().map(Row::read).collect()
}

/// The same ids, on SQLite as so many that there are only a few texts of a statement that names them.
fn few<K>(conn: &Conn, mut ids: Vec<Id<K>>) -> Vec<Id<K>> {
    let wanted = [1, 20, 100].into_iter().find(|most| ids.len() <= *most);
    if let (false, Some(wanted), Some(last)) = (conn.is_postgres(), wanted, ids.last().copied()) {
        ids.resize(wanted, last);
    }
    ids
}

/// Those of the messages that are the tenant's.
///
/// # Errors
/// If the store fails.
pub async fn messages_by_id(conn: &mut Conn, scope: &Scope, ids: &[MessageId]) -> Result<Vec<Message>, Fault> {
    scope.require(Permission::ChatRead)?;
    by_id(conn, scope, ids).await
}

/// The same, as part of another act.
pub(super) async fn by_id(conn: &mut Conn, scope: &Scope, ids: &[MessageId]) -> Result<Vec<Message>, Fault> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (tenant, ids) = (scope.tenant(), few(conn, ids.to_vec()));
    let ours = messages::table.filter(messages::tenant_id.eq(tenant));
    // Of one, the text is always the same, so it need not be made to be known.
    let rows: Vec<Row> = match ids.as_slice() {
        [id] => {
            let id = *id;
            load!(conn, ours.filter(messages::id.eq(id)).select(Row::as_select()))?
        }
        _ => load!(conn, ours.filter(messages::id.eq_any(ids)).select(Row::as_select()).prepared())?,
    };
    rows.into_iter().map(Row::read).collect()
}
