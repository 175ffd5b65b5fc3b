//! Reading conversations, for those who work with them.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Jsonb, Nullable, Text};
use diesel_async::RunQueryDsl;

use crate::{
    audit::ActorKind,
    chat::{
        model::{MessageStatus, Role},
        people::Thumb,
        read::{Conversation, Message, Stretch},
    },
    clock::Instant,
    db::{Conn, Prepare, sql},
    fault::Fault,
    id::{AuditEntryId, ConversationId, MessageId, PersonaVersionId},
    identity::Permission,
    run,
    tables::conversations,
    tenancy::Scope,
};

/// Those of the conversations that are the tenant's.
///
/// # Errors
/// If the store fails.
pub async fn conversations_by_id(conn: &mut Conn, scope: &Scope, ids: &[ConversationId]) -> Result<Vec<Conversation>, Fault> {
    scope.require(Permission::ChatRead)?;
    let tenant = scope.tenant();
    Ok(run!(conn, |c| {
        conversations::table
            .filter(conversations::tenant_id.eq(tenant).and(conversations::id.eq_any(ids)).and(conversations::draft.is_null()))
            .select(Conversation::as_select())
            .prepared()
            .load(c)
    })?)
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct Row {
    #[diesel(sql_type = sql::Id)]
    id: MessageId,
    #[diesel(sql_type = sql::Id)]
    conversation_id: ConversationId,
    #[diesel(sql_type = BigInt)]
    sequence: i64,
    #[diesel(sql_type = Text)]
    role: Role,
    #[diesel(sql_type = Text)]
    text: String,
    #[diesel(sql_type = Text)]
    status: MessageStatus,
    #[diesel(sql_type = Nullable<sql::Id>)]
    persona_version_id: Option<PersonaVersionId>,
    #[diesel(sql_type = Nullable<Text>)]
    model: Option<String>,
    #[diesel(sql_type = Jsonb)]
    sources: serde_json::Value,
    #[diesel(sql_type = sql::Instant)]
    created_at: Instant,
    #[diesel(sql_type = Nullable<Text>)]
    author: Option<ActorKind>,
    #[diesel(sql_type = Nullable<sql::Id>)]
    author_id: Option<AuditEntryId>,
    #[diesel(sql_type = Nullable<Text>)]
    rating: Option<Thumb>,
    #[diesel(sql_type = Nullable<Jsonb>)]
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
    // As one parameter, so that the text is the same however many there are.
    let wanted: Vec<_> = stretches
        .iter()
        .filter(|stretch| stretch.from <= stretch.to)
        .map(|stretch| (stretch.conversation_id.uuid().simple().to_string(), stretch.from, stretch.to))
        .collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    // Each stretch is looked up by itself, whatever the engine thinks of how many there are.
    let within = "m.conversation_id = w.id AND m.sequence BETWEEN w.lowest AND w.highest AND m.tenant_id = $2";
    let text = if conn.is_postgres() {
        format!(
            "SELECT {COLUMNS} FROM (SELECT CAST(w ->> 0 AS uuid) AS id, CAST(w ->> 1 AS bigint) AS lowest, CAST(w ->> 2 AS bigint) AS highest \
             FROM jsonb_array_elements(CAST($1 AS jsonb)) AS w) AS w \
             CROSS JOIN LATERAL (SELECT * FROM messages m WHERE {within} OFFSET 0) AS m ORDER BY m.conversation_id, m.sequence"
        )
    } else {
        format!(
            "SELECT {COLUMNS} FROM (SELECT unhex(value ->> 0) AS id, value ->> 1 AS lowest, value ->> 2 AS highest FROM json_each($1)) AS w \
             CROSS JOIN messages m WHERE {within} ORDER BY m.conversation_id, m.sequence"
        )
    };
    let (tenant, wanted) = (scope.tenant(), serde_json::json!(wanted).to_string());
    let rows: Vec<Row> =
        run!(conn, |c| diesel::sql_query(&text).bind::<Text, _>(&wanted).bind::<sql::Id, _>(tenant).prepared().load(c))?;
    rows.into_iter().map(Row::read).collect()
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
    let ids: Vec<_> = ids.iter().map(|id| id.uuid().simple().to_string()).collect();
    let (these, ids) = if conn.is_postgres() {
        ("= ANY (CAST($2 AS uuid[]))", format!("{{{}}}", ids.join(",")))
    } else {
        ("IN (SELECT unhex(value) FROM json_each($2))", serde_json::json!(ids).to_string())
    };
    let text = format!("SELECT {COLUMNS} FROM messages m WHERE m.tenant_id = $1 AND m.id {these}");
    let tenant = scope.tenant();
    let rows: Vec<Row> =
        run!(conn, |c| diesel::sql_query(&text).bind::<sql::Id, _>(tenant).bind::<Text, _>(&ids).prepared().load(c))?;
    rows.into_iter().map(Row::read).collect()
}
