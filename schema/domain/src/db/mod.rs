//! The store: SQLite or Postgres, from one query text.
//!
//! Invariants: a connection is checked out *for somebody* (a [`Scope`] or the [`Platform`]), never bare; work on the store runs in
//! a task of its own whose handle is awaited, because a request handler is dropped when its client leaves and a half-done
//! transaction must not be.

pub(crate) mod conn;
pub mod copy;
mod link;
mod location;
mod migrate;
pub(crate) mod prepared;
pub mod rule;
pub mod sql;
mod writer;

use std::{
    future::Future,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use diesel_async::{
    AsyncPgConnection, RunQueryDsl,
    pooled_connection::deadpool::{BuildError, Pool},
};

pub(crate) use self::conn::{Undone, load, run};
pub(crate) use self::link::sqlite_setup;
pub use self::migrate::MigrateError;
pub(crate) use self::prepared::Prepare;
pub use self::{conn::Conn, location::Location};
use self::{
    conn::{Engine, Kind, Sqlite as SqliteLink},
    link::{pool, postgres_link, sqlite_reader, sqlite_writer},
    writer::Writer,
};
use crate::{
    clock::{Clock, Instant},
    fault::Fault,
    id::Id,
    tenancy::{Platform, Scope},
};

/// The store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder of the SQLite file cannot be used.
    #[error("the folder {folder} cannot be used: {source}")]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A pool could not be built.
    #[error("the connection pool could not be built")]
    Pool(#[source] BuildError),
    /// The store does not answer.
    #[error("{location} cannot be opened: {reason}")]
    Connect {
        /// Where.
        location: Location,
        /// What it said.
        reason: String,
    },
    /// The schema could not be brought up to date.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
}

/// The open store.
#[derive(Clone)]
pub struct Db {
    pools: Pools,
    /// What its connections are wanted for, when they are to write.
    writes: Kind,
    statements: Arc<AtomicU64>,
}

#[derive(Clone)]
enum Pools {
    Postgres(Pool<AsyncPgConnection>),
    /// One writer, so that writes queue here in order of arrival instead of fighting over the file's lock; several readers.
    Sqlite {
        writer: Writer,
        readers: Pool<SqliteLink>,
    },
}

impl Db {
    /// Brings the schema up to date and opens the store ([`Db::migrate`], [`Db::connect`]).
    ///
    /// # Errors
    /// If it cannot be reached, or its schema not brought up to date.
    pub async fn open(location: &Location, connections: usize, clock: &Clock) -> Result<Self, OpenError> {
        Self::migrate(location).await?;
        Self::connect(location, connections, clock).await
    }

    /// Brings the schema up to date; makes the SQLite file if there is none. Safe to be done by several processes at once.
    ///
    /// # Errors
    /// If the store cannot be reached, or a step fails.
    pub async fn migrate(location: &Location) -> Result<(), OpenError> {
        match location {
            Location::Sqlite(path) => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                if let Some(folder) = folder {
                    std::fs::create_dir_all(folder).map_err(|source| OpenError::Folder { folder: folder.to_owned(), source })?;
                }
                migrate::sqlite(path).await?;
            }
            Location::Postgres(url) => migrate::postgres(url).await?,
        }
        Ok(())
    }

    /// The steps that the schema of a store lacks, by name; a newer program's steps do no harm. It changes nothing.
    ///
    /// # Errors
    /// If the store cannot be reached.
    pub async fn missing_steps(location: &Location) -> Result<Vec<String>, OpenError> {
        Ok(migrate::missing(location).await?)
    }

    /// Opens a store as it is, and lets `clock` follow the store's clock.
    ///
    /// `connections` bounds the Postgres connections of this process; SQLite has one writer and four readers.
    ///
    /// # Errors
    /// If it cannot be reached, or there is no such SQLite file.
    pub async fn connect(location: &Location, connections: usize, clock: &Clock) -> Result<Self, OpenError> {
        let cannot = |reason: String| OpenError::Connect { location: location.clone(), reason };
        let statements = Arc::default();
        let pools = match location {
            Location::Sqlite(path) if !path.is_file() => return Err(cannot("there is no such file".into())),
            Location::Sqlite(path) => {
                let url = path.to_string_lossy().into_owned();
                let writer = Writer::start(pool(&url, 1, sqlite_writer)?, Arc::clone(&statements));
                Pools::Sqlite {
                    writer: writer.map_err(|error| cannot(error.to_string()))?,
                    readers: pool(&url, 4, sqlite_reader)?,
                }
            }
            Location::Postgres(url) => Pools::Postgres(pool(url, connections, postgres_link)?),
        };
        let db = Self { pools, writes: Kind::Write, statements };
        db.follow(clock).await.map_err(|fault| cannot(with_causes(&fault)))?;
        Ok(db)
    }

    /// Lets `clock` follow the store's clock; on SQLite they are one clock already. To be repeated now and then: clocks drift.
    ///
    /// # Errors
    /// If the store does not answer.
    pub async fn follow(&self, clock: &Clock) -> Result<(), Fault> {
        let mut conn = self.checkout(Kind::Read).await?;
        let asked = async move {
            let before = Clock::of_this_machine();
            let store = store_now(&mut conn).await?;
            Ok::<_, Fault>((before, store, Clock::of_this_machine()))
        };
        let (before, store, after) = self.apart(asked).await?;
        if matches!(self.pools, Pools::Postgres(_)) {
            clock.discipline(before, store, after);
        }
        Ok(())
    }

    /// The store for work that is simply done again if a power cut makes the store forget it: nobody waits for the disk. What is written
    /// later and waits makes it last too, so nothing is forgotten that something lasting was built on.
    #[must_use]
    pub fn repeatable(&self) -> Self {
        Self { writes: Kind::Repeatable, ..self.clone() }
    }

    /// Reads for a caller of one tenant.
    ///
    /// # Errors
    /// What `work` says, or that no connection could be had.
    pub async fn read<T, F, Fut>(&self, scope: &Scope, work: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(Conn) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Fault>> + Send + 'static,
    {
        tracing::trace!(tenant = %scope.tenant(), "read");
        self.work(Kind::Read, work).await
    }

    /// Writes for a caller of one tenant. The work is finished even if the caller stops waiting.
    ///
    /// # Errors
    /// What `work` says, or that no connection could be had.
    pub async fn write<T, F, Fut>(&self, scope: &Scope, work: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(Conn) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Fault>> + Send + 'static,
    {
        tracing::trace!(tenant = %scope.tenant(), "write");
        self.work(self.writes, work).await
    }

    /// Reads over all tenants.
    ///
    /// # Errors
    /// What `work` says, or that no connection could be had.
    pub async fn platform_read<T, F, Fut>(&self, _platform: &Platform, work: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(Conn) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Fault>> + Send + 'static,
    {
        self.work(Kind::Read, work).await
    }

    /// Writes over all tenants.
    ///
    /// # Errors
    /// What `work` says, or that no connection could be had.
    pub async fn platform<T, F, Fut>(&self, _platform: &Platform, work: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(Conn) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Fault>> + Send + 'static,
    {
        self.work(self.writes, work).await
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// If it does not.
    pub async fn ping(&self, platform: &Platform) -> Result<(), Fault> {
        self.platform_read(platform, async |mut conn: Conn| store_now(&mut conn).await.map(drop)).await
    }

    /// What the store's own clock says.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn now(&self, platform: &Platform) -> Result<Instant, Fault> {
        self.platform_read(platform, async |mut conn: Conn| store_now(&mut conn).await).await
    }

    async fn work<T, F, Fut>(&self, kind: Kind, work: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(Conn) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, Fault>> + Send + 'static,
    {
        if let (Pools::Sqlite { writer, .. }, Kind::Write | Kind::Repeatable) = (&self.pools, kind) {
            return writer.act(kind == Kind::Repeatable, work).await;
        }
        let conn = self.checkout(kind).await?;
        self.apart(work(conn)).await
    }

    /// Does work that is finished even if nobody waits for it any more. SQLite works in the thread that calls it, so there the work
    /// gets a thread that may wait for the disk.
    async fn apart<T: Send + 'static>(&self, work: impl Future<Output = Result<T, Fault>> + Send + 'static) -> Result<T, Fault> {
        if TOGETHER.try_with(|_| ()).is_ok() {
            return work.await;
        }
        match self.pools {
            Pools::Postgres(_) => tokio::spawn(work).await.map_err(Fault::Ended)?,
            Pools::Sqlite { .. } => in_a_thread(work).await?,
        }
    }

    /// Does work of several reading acts, where else each would get a task and a connection: all of it gets one task, on SQLite one
    /// thread that may wait for the disk, and those of the acts that do not read at once get one connection. It is finished even if nobody
    /// waits for it any more. Nothing in it should wait long for anything but the store.
    ///
    /// # Errors
    /// That it panicked.
    pub async fn together<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Result<T, Fault> {
        let work = TOGETHER.scope(Mutex::default(), work);
        match self.pools {
            Pools::Postgres(_) => tokio::spawn(work).await.map_err(Fault::Ended),
            Pools::Sqlite { .. } => in_a_thread(work).await,
        }
    }

    /// A connection that this caller alone has. SQLite's writer keeps the one that writes to itself.
    async fn checkout(&self, kind: Kind) -> Result<Conn, Fault> {
        let is_read = kind == Kind::Read;
        let kept = |kept: &Kept| kept.lock().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(Conn::again);
        if let Some(conn) = TOGETHER.try_with(kept).ok().flatten().filter(|_| is_read) {
            return Ok(conn);
        }
        let engine = match &self.pools {
            Pools::Postgres(pool) => Engine::Postgres(Box::new(pool.get().await.map_err(Fault::Checkout)?)),
            Pools::Sqlite { readers, .. } => {
                Engine::Sqlite(Box::new(tokio::sync::Mutex::new(readers.get().await.map_err(Fault::Checkout)?)))
            }
        };
        let conn = Conn::new(engine, kind, Arc::clone(&self.statements));
        if is_read {
            // Where nothing is done together, nothing is kept.
            let _ = TOGETHER.try_with(|kept: &Kept| *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(conn.beside()));
        }
        Ok(conn)
    }

    /// Closes the connections, and a SQLite file so that all that was written stands in the file itself: for a program that is about to end.
    /// Whoever asks for something afterwards is refused, or opens it anew.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Postgres(pool) => pool.close(),
            Pools::Sqlite { writer, readers } => {
                readers.close();
                writer.close().await;
            }
        }
    }

    /// The engine's name.
    #[must_use]
    pub fn engine(&self) -> &'static str {
        match &self.pools {
            Pools::Postgres(_) => "postgres",
            Pools::Sqlite { .. } => "sqlite",
        }
    }

    /// How many statements were run so far.
    #[must_use]
    pub fn statements(&self) -> u64 {
        AtomicU64::load(&self.statements, Ordering::Relaxed)
    }
}

/// The connection that was read from last.
type Kept = Mutex<Option<Conn>>;

tokio::task_local! {
    /// Set where work is done [together](Db::together).
    static TOGETHER: Kept;
}

async fn in_a_thread<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Result<T, Fault> {
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || runtime.block_on(work)).await.map_err(Fault::Ended)
}

#[derive(diesel::QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct Now {
    #[diesel(sql_type = sql::Instant)]
    now: Instant,
}

/// The store's own clock. Only leases are measured by it; everything else by [`Clock`].
pub(crate) async fn store_now(conn: &mut Conn) -> Result<Instant, Fault> {
    let text = format!("SELECT {} AS now", now_sql(conn));
    let row: Now = run!(conn, |c| diesel::sql_query(&text).get_result(c))?;
    Ok(row.now)
}

/// The store's clock as an SQL expression of the type [`sql::Instant`].
pub(crate) fn now_sql(conn: &Conn) -> &'static str {
    if conn.is_postgres() { "clock_timestamp()" } else { "CAST(unixepoch('subsec') * 1000000 AS INTEGER)" }
}

/// An id as the engine writes it in SQL; ids hold nothing but hexadecimal digits.
pub(crate) fn literal<K>(conn: &Conn, id: Id<K>) -> String {
    if conn.is_postgres() { format!("'{id}'::uuid") } else { format!("x'{}'", id.uuid().simple()) }
}

/// Whether a column has a text in it, A to Z in whatever case: both engines are asked so that no other letters count as alike. The text is
/// made ready by [`sought`].
macro_rules! containing {
    ($postgres:expr, $column:literal, $text:expr) => {
        diesel::dsl::sql::<diesel::sql_types::Bool>(if $postgres {
            concat!("(strpos(lower(", $column, " COLLATE \"C\"), ")
        } else {
            concat!("(instr(lower(", $column, "), ")
        })
        .bind::<diesel::sql_types::Text, _>($text)
        .sql(") > 0)")
    };
}
pub(crate) use containing;

/// A text as it is looked for. No store takes U+0000, so nothing has it.
pub(crate) fn sought(text: &str) -> String {
    text.to_ascii_lowercase().replace('\0', "\u{1}")
}

/// An error with what caused it, on one line.
#[must_use]
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let more = inner.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = inner.source();
    }
    text
}
