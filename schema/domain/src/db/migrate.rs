//! Bringing the schema up to date. Both engines have the same steps under the same names.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use diesel::{
    Connection, RunQueryDsl, SqliteConnection,
    connection::SimpleConnection,
    migration::{Migration, MigrationSource},
    pg::Pg,
};
use diesel_async::{AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Location, sqlite_setup};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// The schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The store does not answer.
    #[error("{0}")]
    Connect(String),
    /// The lock that lets one process at a time migrate could not be taken.
    #[error("the migration lock could not be taken: {0}")]
    Lock(String),
    /// A step failed; nothing of it took effect.
    #[error("a migration step failed: {0}")]
    Step(String),
}

/// A row whose parent is not there.
#[derive(diesel::QueryableByName)]
#[diesel(check_for_backend(diesel::sqlite::Sqlite))]
struct Orphan {
    #[diesel(sql_type = diesel::sql_types::Text)]
    child: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    parent: String,
}

/// A number of our own for Postgres' advisory lock: "frontof" in ASCII.
const LOCK: i64 = 0x66_72_6f_6e_74_6f_66;

/// One word of an answer.
#[derive(diesel::QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct Word {
    #[diesel(sql_type = diesel::sql_types::Text)]
    word: String,
}

/// The steps that were taken; before the first there is no table of them.
const TAKEN: &str = "SELECT version AS word FROM __diesel_schema_migrations";
const IS_NEW_ON_POSTGRES: &str = "SELECT 'new' AS word WHERE to_regclass('__diesel_schema_migrations') IS NULL";
const IS_NEW_ON_SQLITE: &str =
    "SELECT 'new' AS word WHERE NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '__diesel_schema_migrations')";

/// The steps a store lacks. Asked with nothing but the right to read, which is all that a process among many needs.
pub(super) async fn missing(location: &Location) -> Result<Vec<String>, MigrateError> {
    let connect = |error: diesel::ConnectionError| MigrateError::Connect(error.to_string());
    let unreadable = |error: diesel::result::Error| MigrateError::Connect(error.to_string());
    let taken: Vec<Word> = match location {
        Location::Postgres(url) => {
            let mut link = AsyncPgConnection::establish(url).await.map_err(connect)?;
            let new: Vec<Word> =
                diesel_async::RunQueryDsl::load(diesel::sql_query(IS_NEW_ON_POSTGRES), &mut link).await.map_err(unreadable)?;
            match new.is_empty() {
                true => diesel_async::RunQueryDsl::load(diesel::sql_query(TAKEN), &mut link).await.map_err(unreadable)?,
                false => Vec::new(),
            }
        }
        Location::Sqlite(path) => {
            let path = path.to_string_lossy().into_owned();
            let taken = tokio::task::spawn_blocking(move || {
                let mut link = SqliteConnection::establish(&path).map_err(connect)?;
                let new: Vec<Word> = diesel::sql_query(IS_NEW_ON_SQLITE).load(&mut link).map_err(unreadable)?;
                match new.is_empty() {
                    true => diesel::sql_query(TAKEN).load(&mut link).map_err(unreadable),
                    false => Ok(Vec::new()),
                }
            });
            taken.await.map_err(|error| MigrateError::Step(error.to_string()))??
        }
    };
    let taken: Vec<String> = taken.into_iter().map(|step| step.word).collect();
    let steps: Vec<Box<dyn Migration<Pg>>> = POSTGRES.migrations().map_err(|error| MigrateError::Step(error.to_string()))?;
    let missing = steps.iter().filter(|step| !taken.contains(&step.name().version().to_string()));
    Ok(missing.map(|step| step.name().to_string()).collect())
}

/// A step that waits for a lock makes everybody behind it wait, so it does so for a moment only, then steps aside and tries again.
const STEP_TIMEOUTS: &str = "SET lock_timeout = '2s'; SET statement_timeout = '600s'";
const STEP_ASIDE: Duration = Duration::from_secs(1);
const ATTEMPTS: u32 = 60;

pub(super) async fn postgres(url: &str) -> Result<(), MigrateError> {
    let connect = |error: diesel::ConnectionError| MigrateError::Connect(error.to_string());
    let mut lock = AsyncPgConnection::establish(url).await.map_err(connect)?;
    // Held by this connection alone, so it ends with it, whatever happens to the process.
    lock.batch_execute(&format!("SELECT pg_advisory_lock({LOCK})"))
        .await
        .map_err(|error| MigrateError::Lock(error.to_string()))?;
    for attempt in 1..=ATTEMPTS {
        let mut link = AsyncPgConnection::establish(url).await.map_err(connect)?;
        link.batch_execute(STEP_TIMEOUTS).await.map_err(|error| MigrateError::Lock(error.to_string()))?;
        let taken = AsyncMigrationHarness::new(link)
            .run_pending_migrations(POSTGRES)
            .map(drop)
            .map_err(|error| super::with_causes(&*error));
        match taken {
            Ok(()) => return Ok(()),
            Err(error) if error.contains("lock timeout") && attempt < ATTEMPTS => {
                tracing::warn!(attempt, "a table is in use; the step is tried again");
                tokio::time::sleep(STEP_ASIDE).await;
            }
            Err(error) => return Err(MigrateError::Step(error)),
        }
    }
    Ok(())
}

pub(super) async fn sqlite(path: &Path) -> Result<(), MigrateError> {
    let path = path.to_owned();
    tokio::task::spawn_blocking(move || sqlite_blocking(&path)).await.map_err(|error| MigrateError::Step(error.to_string()))?
}

fn sqlite_blocking(path: &Path) -> Result<(), MigrateError> {
    let cannot_open = |reason: String| MigrateError::Connect(format!("{}: {reason}", path.display()));
    // The system drops the lock with the file handle, so a killed process leaves none behind.
    let mut lock_path = path.as_os_str().to_owned();
    lock_path.push(".lock");
    let lock_path = PathBuf::from(lock_path);
    let lock = std::fs::File::create(&lock_path).map_err(|error| cannot_open(error.to_string()))?;
    lock.lock().map_err(|error| MigrateError::Lock(format!("{}: {error}", lock_path.display())))?;
    let mut link = SqliteConnection::establish(&path.to_string_lossy()).map_err(|error| cannot_open(error.to_string()))?;
    sqlite_setup(&mut link).map_err(|error| cannot_open(error.to_string()))?;
    // A step may make a table anew, which is the only way to change a rule of it; nothing may follow its old name meanwhile.
    let pause = "PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON;";
    link.batch_execute(pause).map_err(|error| cannot_open(error.to_string()))?;
    link.run_pending_migrations(SQLITE).map_err(|error| MigrateError::Step(error.to_string()))?;
    let orphans: Vec<Orphan> = diesel::sql_query("SELECT \"table\" AS child, parent FROM pragma_foreign_key_check")
        .load(&mut link)
        .map_err(|error| MigrateError::Step(error.to_string()))?;
    match orphans.as_slice().first() {
        None => Ok(()),
        Some(Orphan { child, parent }) => Err(MigrateError::Step(format!("a row of {child} belongs to no row of {parent}"))),
    }
}
