//! The floor: the statements that a page takes, prepared once, one after the other, and every value of every row read.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use diesel::{SqliteConnection, prelude::*};
use frontoffice_domain::db::Location;
use tokio::runtime::Handle;
use tokio_postgres::{Client, NoTls, Row, Statement};
use uuid::Uuid;

use crate::{Cost, SLUG, cost, cpu::Meter};

pub(crate) enum Floor {
    Sqlite(Box<Sqlite>),
    Postgres(Box<Postgres>),
}

pub(crate) struct Sqlite {
    link: SqliteConnection,
    newest: Bytes,
    token: Bytes,
}

pub(crate) struct Postgres {
    client: Client,
    who: Statement,
    tenant: Statement,
    conversations: Statement,
    messages: Statement,
    message: Statement,
    versions: Statement,
    newest: Uuid,
    token: Bytes,
}

diesel::table! {
    sessions (id) { id -> Binary, token_hash -> Binary, user_id -> Binary, seen_at -> BigInt, expires_at -> BigInt, revoked_at -> Nullable<BigInt>, }
}
diesel::table! {
    users (id) { id -> Binary, email -> Text, name -> Text, }
}
diesel::table! {
    staff (user_id) { user_id -> Binary, role -> Text, }
}
diesel::table! {
    tenants (id) { id -> Binary, slug -> Text, name -> Text, public_id -> Binary, created_at -> BigInt, }
}
diesel::table! {
    conversations (id) {
        id -> Binary, tenant_id -> Binary, visitor_id -> Binary, channel -> Text, session_id -> Text, locale -> Text, state -> Text,
        last_sequence -> BigInt, created_at -> BigInt, last_message_at -> BigInt, assignee_id -> Nullable<Binary>, draft -> Nullable<Text>,
    }
}
diesel::table! {
    messages (id) {
        id -> Binary, tenant_id -> Binary, conversation_id -> Binary, sequence -> BigInt, role -> Text, text -> Text, status -> Text,
        persona_version_id -> Nullable<Binary>, model -> Nullable<Text>, sources -> Binary, created_at -> BigInt,
    }
}
diesel::table! {
    persona_versions (id) {
        id -> Binary, tenant_id -> Binary, number -> Integer, name -> Text, description -> Text, tone -> Text, system_prompt -> Text, created_at -> BigInt,
    }
}
diesel::allow_tables_to_appear_in_same_query!(sessions, users, staff);

type Bytes = Vec<u8>;
type ConversationRow = (Bytes, String, String, String, String, i64, i64, i64, Option<Bytes>, Bytes);
type MessageRow = (Bytes, Bytes, i64, String, String, String, Option<Bytes>, Option<String>, Bytes, i64);
type VersionRow = (Bytes, i32, String, String, String, String, i64);

const MESSAGE: &str =
    "SELECT id, conversation_id, sequence, role, text, status, persona_version_id, model, sources, created_at FROM messages";

impl Floor {
    pub(crate) async fn open(location: &Location) -> Self {
        match location {
            Location::Sqlite(path) => {
                let mut link = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
                let answers = messages::table.filter(messages::role.eq("assistant")).order(messages::id.desc());
                let newest = answers.select(messages::id).first(&mut link).unwrap();
                let token = sessions::table.select(sessions::token_hash).first(&mut link).unwrap();
                Self::Sqlite(Box::new(Sqlite { link, newest, token }))
            }
            Location::Postgres(url) => Self::Postgres(Box::new(Postgres::open(url).await)),
        }
    }

    /// How many conversations, messages and answers by a persona there are in a page, or in an object.
    pub(crate) async fn rows(&mut self, is_page: bool) -> (usize, usize, usize) {
        match self {
            Self::Sqlite(file) if is_page => sqlite_page(file),
            Self::Sqlite(file) => sqlite_object(file),
            Self::Postgres(server) if is_page => server.page().await,
            Self::Postgres(server) => server.object().await,
        }
    }

    /// Asks again and again, as many at once as ask the program.
    pub(crate) async fn drive(floors: &mut Vec<Self>, is_page: bool, span: Duration, meter: Meter) -> Cost {
        Self::run(floors, is_page, Duration::from_millis(500)).await;
        let (before, began) = (meter.read(), Instant::now());
        let count = Self::run(floors, is_page, span).await;
        cost(before, meter.read(), count, began.elapsed())
    }

    async fn run(floors: &mut Vec<Self>, is_page: bool, span: Duration) -> u32 {
        let until = Instant::now() + span;
        let runtime = Handle::current();
        let each = |mut floor: Self| {
            let runtime = runtime.clone();
            tokio::task::spawn_blocking(move || {
                let mut count = 0;
                while Instant::now() < until {
                    black_box(runtime.block_on(floor.rows(is_page)));
                    count += 1;
                }
                (floor, count)
            })
        };
        let mut total = 0;
        for running in floors.drain(..).map(each).collect::<Vec<_>>() {
            let (floor, count) = running.await.unwrap();
            floors.push(floor);
            total += count;
        }
        total
    }
}

fn sqlite_who(Sqlite { link, token, .. }: &mut Sqlite) {
    let row: (Bytes, i64, i64, Bytes, String, String, String) = sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .inner_join(staff::table.on(staff::user_id.eq(sessions::user_id)))
        .filter(sessions::token_hash.eq(&*token).and(sessions::revoked_at.is_null()))
        .select((sessions::id, sessions::seen_at, sessions::expires_at, users::id, users::email, users::name, staff::role))
        .first(link)
        .unwrap();
    black_box(row);
}

fn sqlite_tenant(link: &mut SqliteConnection) -> Bytes {
    let row: (Bytes, String, Bytes, i64) = tenants::table
        .filter(tenants::slug.eq(SLUG))
        .select((tenants::id, tenants::name, tenants::public_id, tenants::created_at))
        .first(link)
        .unwrap();
    row.0
}

fn sqlite_versions(link: &mut SqliteConnection, tenant: &Bytes, rows: &[MessageRow]) -> usize {
    let mut ids: Vec<&Bytes> = rows.iter().filter_map(|row| row.6.as_ref()).collect();
    let named = ids.len();
    ids.sort_unstable();
    ids.dedup();
    let versions: Vec<VersionRow> = persona_versions::table
        .filter(persona_versions::tenant_id.eq(tenant).and(persona_versions::id.eq_any(ids)))
        .select((
            persona_versions::id,
            persona_versions::number,
            persona_versions::name,
            persona_versions::description,
            persona_versions::tone,
            persona_versions::system_prompt,
            persona_versions::created_at,
        ))
        .load(link)
        .unwrap();
    black_box(versions);
    named
}

const COLUMNS: MessageColumns = (
    messages::id,
    messages::conversation_id,
    messages::sequence,
    messages::role,
    messages::text,
    messages::status,
    messages::persona_version_id,
    messages::model,
    messages::sources,
    messages::created_at,
);
type MessageColumns = (
    messages::id,
    messages::conversation_id,
    messages::sequence,
    messages::role,
    messages::text,
    messages::status,
    messages::persona_version_id,
    messages::model,
    messages::sources,
    messages::created_at,
);

fn sqlite_page(file: &mut Sqlite) -> (usize, usize, usize) {
    sqlite_who(file);
    let link = &mut file.link;
    let tenant = sqlite_tenant(link);
    let page: Vec<ConversationRow> = conversations::table
        .filter(conversations::tenant_id.eq(&tenant).and(conversations::draft.is_null()))
        .order(conversations::id.desc())
        .limit(21)
        .select((
            conversations::id,
            conversations::session_id,
            conversations::channel,
            conversations::state,
            conversations::locale,
            conversations::last_sequence,
            conversations::created_at,
            conversations::last_message_at,
            conversations::assignee_id,
            conversations::visitor_id,
        ))
        .load(link)
        .unwrap();
    let ids: Vec<&Bytes> = page.iter().take(20).map(|row| &row.0).collect();
    let said: Vec<MessageRow> = messages::table
        .filter(messages::tenant_id.eq(&tenant).and(messages::conversation_id.eq_any(&ids)))
        .filter(messages::sequence.between(1, 10))
        .order((messages::conversation_id, messages::sequence))
        .select(COLUMNS)
        .load(link)
        .unwrap();
    let named = sqlite_versions(link, &tenant, &said);
    (ids.len(), said.len(), named)
}

fn sqlite_object(file: &mut Sqlite) -> (usize, usize, usize) {
    sqlite_who(file);
    let Sqlite { link, newest, .. } = file;
    let tenant = sqlite_tenant(link);
    let said: Vec<MessageRow> = messages::table
        .filter(messages::tenant_id.eq(&tenant).and(messages::id.eq(&*newest)))
        .select(COLUMNS)
        .load(link)
        .unwrap();
    let named = sqlite_versions(link, &tenant, &said);
    (0, said.len(), named)
}

/// Reads every value.
fn read_message(row: &Row) -> Option<Uuid> {
    let version: Option<Uuid> = row.get(6);
    let ids: (Uuid, Uuid, i64) = (row.get(0), row.get(1), row.get(2));
    let texts: (String, String, String, Option<String>) = (row.get(3), row.get(4), row.get(5), row.get(7));
    let rest: (serde_json::Value, std::time::SystemTime) = (row.get(8), row.get(9));
    black_box((ids, texts, rest));
    version
}

impl Postgres {
    async fn open(url: &str) -> Self {
        let (client, link) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(link);
        let prepare = async |text: &str| client.prepare(text).await.unwrap();
        let who = "SELECT s.id, s.seen_at, s.expires_at, u.id, u.email, u.name, f.role FROM sessions s JOIN users u ON u.id = s.user_id \
            JOIN staff f ON f.user_id = s.user_id WHERE s.token_hash = $1 AND s.revoked_at IS NULL";
        let list = "SELECT id, session_id, channel, state, locale, last_sequence, created_at, last_message_at, assignee_id, visitor_id \
            FROM conversations WHERE tenant_id = $1 AND draft IS NULL ORDER BY id DESC LIMIT 21";
        let of = format!(
            "{MESSAGE} WHERE tenant_id = $1 AND conversation_id = ANY ($2) AND sequence BETWEEN 1 AND 10 ORDER BY conversation_id, sequence"
        );
        let one = format!("{MESSAGE} WHERE tenant_id = $1 AND id = $2");
        let versions = "SELECT id, number, name, description, tone, system_prompt, created_at FROM persona_versions WHERE tenant_id = $1 AND id = ANY ($2)";
        let (who, tenant) =
            (prepare(who).await, prepare("SELECT id, name, public_id, created_at FROM tenants WHERE slug = $1").await);
        let (conversations, messages) = (prepare(list).await, prepare(&of).await);
        let (message, versions) = (prepare(&one).await, prepare(versions).await);
        let newest = "SELECT id FROM messages WHERE role = 'assistant' ORDER BY id DESC LIMIT 1";
        let newest = client.query_one(newest, &[]).await.unwrap().get(0);
        let token = client.query_one("SELECT token_hash FROM sessions LIMIT 1", &[]).await.unwrap().get(0);
        Self { who, tenant, conversations, messages, message, versions, newest, token, client }
    }

    async fn tenant(&self) -> Uuid {
        let who = self.client.query_one(&self.who, &[&self.token]).await.unwrap();
        black_box::<(Uuid, Uuid, String, String, String)>((who.get(0), who.get(3), who.get(4), who.get(5), who.get(6)));
        let tenant = self.client.query_one(&self.tenant, &[&SLUG]).await.unwrap();
        black_box::<(String, Uuid)>((tenant.get(1), tenant.get(2)));
        tenant.get(0)
    }

    async fn versions(&self, tenant: Uuid, said: &[Row]) -> usize {
        let mut ids: Vec<Uuid> = said.iter().filter_map(read_message).collect();
        let named = ids.len();
        ids.sort_unstable();
        ids.dedup();
        for row in self.client.query(&self.versions, &[&tenant, &ids]).await.unwrap() {
            black_box::<(Uuid, i32, String, String, String, String)>((
                row.get(0),
                row.get(1),
                row.get(2),
                row.get(3),
                row.get(4),
                row.get(5),
            ));
        }
        named
    }

    async fn page(&self) -> (usize, usize, usize) {
        let tenant = self.tenant().await;
        let page = self.client.query(&self.conversations, &[&tenant]).await.unwrap();
        let mut ids = Vec::new();
        for row in page.iter().take(20) {
            let texts: (String, String, String, String, i64) = (row.get(1), row.get(2), row.get(3), row.get(4), row.get(5));
            let rest: (std::time::SystemTime, std::time::SystemTime, Option<Uuid>, Uuid) =
                (row.get(6), row.get(7), row.get(8), row.get(9));
            black_box((texts, rest));
            ids.push(row.get::<_, Uuid>(0));
        }
        let said = self.client.query(&self.messages, &[&tenant, &ids]).await.unwrap();
        let named = self.versions(tenant, &said).await;
        (ids.len(), said.len(), named)
    }

    async fn object(&self) -> (usize, usize, usize) {
        let tenant = self.tenant().await;
        let said = self.client.query(&self.message, &[&tenant, &self.newest]).await.unwrap();
        let named = self.versions(tenant, &said).await;
        (0, said.len(), named)
    }
}
