//! A private store, and a look behind the doors for tests that say so (`db_…`).

use std::path::PathBuf;

use diesel::{Connection, QueryableByName, SqliteConnection, connection::SimpleConnection, sql_types::Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use frontoffice_domain::{db::Location, memory::Memory};

use super::{postgres, redis};

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Store {
    Sqlite,
    Postgres,
}

/// An empty store of its own.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    pub store: Store,
    pub location: Location,
    /// What all processes on it remember together; none on SQLite, where there is only one.
    pub memory: Option<Memory>,
}

#[derive(QueryableByName)]
struct Cell {
    #[diesel(sql_type = Text)]
    value: String,
}

impl Database {
    pub(crate) async fn fresh(store: Store, folder: &std::path::Path) -> Self {
        let location = match store {
            Store::Sqlite => Location::Sqlite(folder.join("frontoffice.db")),
            Store::Postgres => Location::Postgres(postgres::database().await),
        };
        let memory = match store {
            Store::Sqlite => None,
            Store::Postgres => Some(tokio::task::spawn_blocking(redis::memory).await.unwrap()),
        };
        Self { store, location, memory }
    }

    /// As the environment variable says it.
    pub(crate) fn url(&self) -> String {
        match &self.location {
            Location::Sqlite(path) => format!("sqlite:{}", path.display()),
            Location::Postgres(url) => url.clone(),
        }
    }

    /// Executes statements; the engine's error, if it refuses.
    pub(crate) async fn db_try(&self, statements: &str) -> Result<(), diesel::result::Error> {
        match &self.location {
            Location::Postgres(url) => AsyncPgConnection::establish(url).await.unwrap().batch_execute(statements).await,
            Location::Sqlite(path) => {
                self.sqlite(path.clone(), statements.to_owned(), |link, text| link.batch_execute(text)).await
            }
        }
    }

    /// Executes statements that must succeed.
    pub(crate) async fn db_do(&self, statements: &str) {
        self.db_try(statements).await.unwrap_or_else(|error| panic!("{statements}: {error}"));
    }

    /// The first column, which must be called `value` and be text, of every row.
    pub(crate) async fn db_texts(&self, query: &str) -> Vec<String> {
        let rows: Result<Vec<Cell>, _> = match &self.location {
            Location::Postgres(url) => {
                let mut link = AsyncPgConnection::establish(url).await.unwrap();
                RunQueryDsl::load(diesel::sql_query(query), &mut link).await
            }
            Location::Sqlite(path) => {
                self.sqlite(path.clone(), query.to_owned(), |link, text| diesel::RunQueryDsl::load(diesel::sql_query(text), link))
                    .await
            }
        };
        rows.unwrap_or_else(|error| panic!("{query}: {error}")).into_iter().map(|cell| cell.value).collect()
    }

    /// How many rows a table has that fulfil a condition.
    pub(crate) async fn db_count(&self, table: &str, condition: &str) -> usize {
        let query = format!("SELECT CAST(COUNT(*) AS text) AS value FROM {table} WHERE {condition}");
        self.db_texts(&query).await[0].parse().unwrap()
    }

    async fn sqlite<T: Send + 'static>(
        &self,
        path: PathBuf,
        text: String,
        work: impl FnOnce(&mut SqliteConnection, &str) -> T + Send + 'static,
    ) -> T {
        tokio::task::spawn_blocking(move || {
            let mut link = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
            link.batch_execute("PRAGMA busy_timeout = 10000; PRAGMA foreign_keys = ON;").unwrap();
            work(&mut link, &text)
        })
        .await
        .unwrap()
    }

    /// Does something while another transaction has made a change and not yet committed it.
    pub(crate) async fn db_meanwhile(&self, statement: &str, work: impl AsyncFnOnce()) {
        match &self.location {
            Location::Postgres(url) => {
                let mut link = AsyncPgConnection::establish(url).await.unwrap();
                link.batch_execute(&format!("BEGIN; {statement}")).await.unwrap();
                work().await;
                link.batch_execute("COMMIT").await.unwrap();
            }
            Location::Sqlite(path) => {
                let mut link = SqliteConnection::establish(&path.to_string_lossy()).unwrap();
                link.batch_execute(&format!("PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE; {statement}")).unwrap();
                work().await;
                link.batch_execute("COMMIT").unwrap();
            }
        }
    }

    /// Every row of every table of ours, as text, for comparing before and after.
    pub(crate) async fn db_dump(&self) -> Vec<String> {
        let mut dump = Vec::new();
        // Who runs is told anew all the time.
        for table in TABLES.iter().filter(|table| **table != "processes") {
            let query = match self.store {
                Store::Postgres => format!("SELECT CAST({table} AS text) AS value FROM {table} ORDER BY 1"),
                Store::Sqlite => {
                    let columns = self.db_texts(&format!("SELECT name AS value FROM pragma_table_info('{table}')")).await;
                    let columns = columns.iter().map(|column| format!("quote({column})")).collect::<Vec<_>>().join(" || '|' || ");
                    format!("SELECT {columns} AS value FROM {table} ORDER BY 1")
                }
            };
            dump.extend(self.db_texts(&query).await.into_iter().map(|row| format!("{table}: {row}")));
        }
        dump
    }
}

/// All tables of ours; a test holds this list to the migrated stores.
pub(crate) const TABLES: &[&str] = &[
    "alerts",
    "api_keys",
    "audit_entries",
    "charge_checks",
    "conversation_notes",
    "conversations",
    "credit_accounts",
    "credit_caps",
    "credit_charges",
    "credit_refunds",
    "credit_entries",
    "credit_grants",
    "credit_holds",
    "credit_spending",
    "devices",
    "idempotency_keys",
    "installation",
    "invitations",
    "jobs",
    "knowledge_entries",
    "login_attempts",
    "mails",
    "memberships",
    "messages",
    "mutation_keys",
    "passages",
    "persona_versions",
    "personas",
    "pricebook_drafts",
    "pricebook_governance",
    "pricebook_log",
    "pricebook_publications",
    "pricebook_steps",
    "pricebook_versions",
    "privacy_receipts",
    "processes",
    "provider_costs",
    "statement_lines",
    "statements",
    "subscription_segments",
    "subscriptions",
    "sessions",
    "staff",
    "tenants",
    "turn_widget_keys",
    "turns",
    "users",
    "visitors",
    "widget_apps",
    "widget_checks",
    "widget_former_keys",
    "widget_identities",
    "widget_keys",
    "widget_looks",
    "widget_origins",
    "widget_refused_origins",
    "widget_scripts",
];
