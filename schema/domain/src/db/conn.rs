//! A connection to whichever store this is, and the transaction.

use std::sync::{
    Arc, Mutex as StdMutex, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use diesel::{QueryResult, SqliteConnection};
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{
    AsyncPgConnection, SimpleAsyncConnection,
    sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper},
};
use futures_util::{FutureExt, future::BoxFuture};
use tokio::sync::Mutex;

use crate::fault::Fault;

pub(crate) type Sqlite = SyncConnectionWrapper<SqliteConnection, Here>;

/// Executes each statement in the thread that asks for it. An act on SQLite has a thread of its own for as long as it takes
/// ([`Db`](super::Db) sees to that), so it need not go to another one and back for each of its statements.
pub(crate) struct Here;

impl SpawnBlocking for Here {
    fn spawn_blocking<'a, R: Send + 'static>(
        &mut self,
        task: impl FnOnce() -> R + Send + 'static,
    ) -> BoxFuture<'a, Result<R, Box<dyn std::error::Error + Send + Sync>>> {
        async move { Ok(task()) }.boxed()
    }

    fn get_runtime() -> Self {
        Self
    }
}

/// The engine behind a connection. `run!` picks the right one for a query.
pub(crate) enum Engine {
    /// Postgres, over the network.
    Postgres(Box<Object<AsyncPgConnection>>),
    /// SQLite, in this process.
    Sqlite(Box<Mutex<Object<Sqlite>>>),
}

/// A connection that was checked out for somebody (see [`Db`](super::Db)).
pub struct Conn(Arc<Link>);

/// Dropped with a transaction still open (a cancelled task, a failed rollback), the connection is closed instead of going back to the
/// pool.
struct Link {
    engine: Option<Engine>,
    transaction: StdMutex<Transaction>,
    kind: Kind,
    /// Whether anything was asked of it since the part of the writer's transaction began that can be undone alone.
    used: AtomicBool,
    statements: Arc<AtomicU64>,
}

/// What a connection is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Read,
    Write,
    /// To write what need not wait for the disk.
    Repeatable,
    /// To be SQLite's writer's: a transaction is open, and in it a part for each act.
    Parts,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transaction {
    None,
    /// It begins with the first statement: on Postgres both go together.
    Called(&'static str),
    Open,
}

/// Runs one query expression on whichever engine `$conn` is: `run!(conn, |c| tenants::table.find(id).first(c))`.
///
/// Only for single queries; acts compose as ordinary async functions over `&mut Conn`.
macro_rules! run {
    ($conn:expr, |$c:ident| $query:expr) => {
        match $conn.engine()? {
            $crate::db::conn::Engine::Postgres(object) => {
                let mut shared: &diesel_async::AsyncPgConnection = object;
                let $c = &mut shared;
                let query = $query;
                $crate::db::conn::begun(object, $conn.begin(), query).await
            }
            $crate::db::conn::Engine::Sqlite(object) => {
                let mut object = object.lock().await;
                let $c: &mut $crate::db::conn::Sqlite = &mut object;
                $query.await
            }
        }
    };
}

pub(crate) use run;

/// Loads the rows of one query on whichever engine `$conn` is: as `run!` with `.load(c)`, for what is asked most. On SQLite each value is
/// read where it lies, where else it would be copied out of the engine first, so the query must own what it is asked with.
macro_rules! load {
    ($conn:expr, $query:expr) => {
        match $conn.engine()? {
            $crate::db::conn::Engine::Postgres(object) => {
                let mut shared: &diesel_async::AsyncPgConnection = object;
                let query = diesel_async::RunQueryDsl::load($query, &mut shared);
                $crate::db::conn::begun(object, $conn.begin(), query).await
            }
            $crate::db::conn::Engine::Sqlite(object) => {
                let query = $query;
                object.lock().await.spawn_blocking(move |link| diesel::RunQueryDsl::load(query, link)).await
            }
        }
    };
}

pub(crate) use load;

/// Sends a query, after what begins its transaction; nobody waits for that alone.
pub(crate) async fn begun<T>(
    link: &AsyncPgConnection,
    begin: Option<&'static str>,
    query: impl Future<Output = QueryResult<T>>,
) -> QueryResult<T> {
    let Some(begin) = begin else { return query.await };
    let mut shared = link;
    futures_util::try_join!(shared.batch_execute(begin), query).map(|((), done)| done)
}

impl Conn {
    pub(super) fn new(engine: Engine, kind: Kind, statements: Arc<AtomicU64>) -> Self {
        let transaction = StdMutex::new(Transaction::None);
        Self(Arc::new(Link { engine: Some(engine), transaction, kind, used: AtomicBool::new(false), statements }))
    }

    /// The same connection once more, in the same transaction, so that acts that do not build on one another can be waited for together
    /// (`try_join!`). Postgres gets their statements without waiting in between; SQLite executes each when it is its turn.
    pub(crate) fn beside(&self) -> Self {
        Self(Arc::clone(&self.0))
    }

    /// The same connection for another act, if no act has it now, and none left a transaction open in it.
    pub(super) fn again(&self) -> Option<Self> {
        (Arc::strong_count(&self.0) == 1 && !self.in_transaction()).then(|| self.beside())
    }

    /// The engine, for `run!` and one statement, which is counted.
    ///
    /// # Errors
    /// Never in practice: the engine is only taken out when the connection is dropped.
    pub(crate) fn engine(&self) -> QueryResult<&Engine> {
        self.0.statements.fetch_add(1, Ordering::Relaxed);
        self.0.used.store(true, Ordering::Relaxed);
        self.0.engine.as_ref().ok_or(diesel::result::Error::BrokenTransactionManager)
    }

    /// Whether this is Postgres. For the few places where the engines need different SQL, both kept side by side.
    #[must_use]
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.0.engine, Some(Engine::Postgres(_)))
    }

    /// Whether a transaction of [`Conn::transaction`] was begun and not ended.
    pub(super) fn in_transaction(&self) -> bool {
        self.0.transaction() != Transaction::None
    }

    /// Begins a part of the writer's transaction.
    pub(super) async fn begin_part(&self) -> QueryResult<()> {
        self.batch("SAVEPOINT part").await?;
        self.0.used.store(false, Ordering::Relaxed);
        Ok(())
    }

    /// Ends a part of the writer's transaction: keeps what was done in it, or undoes it.
    pub(super) async fn end_part(&self, keep: bool) -> QueryResult<()> {
        self.0.set(Transaction::None);
        self.batch(if keep { "RELEASE part" } else { "ROLLBACK TO part; RELEASE part" }).await
    }

    /// Notes that the connection is of no use any more: it is closed when the last of its kind is dropped.
    pub(super) fn spoil(&self) {
        self.0.set(Transaction::Open);
    }

    /// What has to be said before the next statement.
    pub(crate) fn begin(&self) -> Option<&'static str> {
        match self.0.transaction() {
            Transaction::Called(begin) => {
                self.0.set(Transaction::Open);
                Some(begin)
            }
            Transaction::None | Transaction::Open => None,
        }
    }

    /// Does `work` in one transaction called `act`: all of it is committed, or, on an error, none.
    ///
    /// Inside another transaction it becomes part of that one, so that acts can be made of acts.
    ///
    /// # Errors
    /// What `work` says, or that the transaction could not be begun or committed.
    pub async fn transaction<T, E: From<Fault>>(
        &mut self,
        act: &'static str,
        work: impl AsyncFnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.in_transaction() {
            return work(self).await;
        }
        let frame = match (self.is_postgres(), self.0.kind) {
            (true, Kind::Repeatable) => &POSTGRES_REPEATABLE,
            (true, _) => &POSTGRES,
            (false, Kind::Parts) if !self.0.used.load(Ordering::Relaxed) => &PART,
            (false, Kind::Parts) => &NEXT_PART,
            (false, _) => &SQLITE,
        };
        if self.is_postgres() {
            self.0.set(Transaction::Called(frame.begin));
        } else {
            self.0.set(Transaction::Open);
            self.batch(frame.begin).await.map_err(|source| Fault::Begin { act, source })?;
        }
        let done = work(self).await;
        if matches!(self.0.transaction(), Transaction::Called(_)) {
            // Nothing was asked of the store.
            self.0.set(Transaction::None);
            return done;
        }
        match done {
            Ok(value) => {
                self.batch(frame.commit).await.map_err(|source| Fault::Commit { act, source })?;
                self.0.set(Transaction::None);
                self.0.used.store(false, Ordering::Relaxed);
                Ok(value)
            }
            Err(error) => {
                // If this fails too, the connection stays marked and is thrown away.
                if self.batch(frame.rollback).await.is_ok() {
                    self.0.set(Transaction::None);
                    self.0.used.store(false, Ordering::Relaxed);
                }
                Err(error)
            }
        }
    }

    /// As [`Conn::transaction`], for work that may find that nothing may be changed: it undoes itself and still has an outcome.
    ///
    /// # Errors
    /// What `work` says is a fault, or that the transaction could not be begun or committed.
    pub(crate) async fn undoable<T>(
        &mut self,
        act: &'static str,
        work: impl AsyncFnOnce(&mut Self) -> Result<T, Undone<T>>,
    ) -> Result<T, Fault> {
        match self.transaction(act, work).await {
            Ok(outcome) | Err(Undone::Outcome(outcome)) => Ok(outcome),
            Err(Undone::Fault(fault)) => Err(fault),
        }
    }

    /// Executes statements that take no parameters and return nothing.
    pub(crate) async fn batch(&self, statements: &str) -> QueryResult<()> {
        if statements.is_empty() {
            return Ok(());
        }
        match self.engine()? {
            Engine::Postgres(object) => {
                let mut shared: &AsyncPgConnection = object;
                begun(object, self.begin(), shared.batch_execute(statements)).await
            }
            Engine::Sqlite(object) => object.lock().await.batch_execute(statements).await,
        }
    }
}

/// What undoes a transaction: an outcome, which is no fault, or a fault.
pub(crate) enum Undone<T> {
    Outcome(T),
    Fault(Fault),
}

impl<T, E: Into<Fault>> From<E> for Undone<T> {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

/// How a transaction begins and ends.
struct Frame {
    begin: &'static str,
    commit: &'static str,
    rollback: &'static str,
}

const POSTGRES: Frame = Frame { begin: "BEGIN", commit: "COMMIT", rollback: "ROLLBACK" };
/// What is simply done again if a power cut makes the store forget it. What is committed later and waits for the disk makes it last too,
/// so nothing is forgotten that something lasting was built on.
const POSTGRES_REPEATABLE: Frame = Frame { begin: "BEGIN; SET LOCAL synchronous_commit = off", ..POSTGRES };
/// For several reads of one state.
const SQLITE: Frame = Frame { begin: "BEGIN", ..POSTGRES };
/// The writer has begun a transaction already, which is shared by those who wait, and in it a part for this act.
const PART: Frame = Frame { begin: "", commit: "RELEASE part; SAVEPOINT part", rollback: "ROLLBACK TO part" };
/// What the act did before is kept, whatever becomes of this.
const NEXT_PART: Frame = Frame { begin: "RELEASE part; SAVEPOINT part", ..PART };

impl Link {
    fn transaction(&self) -> Transaction {
        *self.transaction.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, transaction: Transaction) {
        *self.transaction.lock().unwrap_or_else(PoisonError::into_inner) = transaction;
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if self.transaction() == Transaction::Open {
            match self.engine.take() {
                Some(Engine::Postgres(object)) => drop(Object::take(*object)),
                Some(Engine::Sqlite(object)) => drop(Object::take(object.into_inner())),
                None => {}
            }
        }
    }
}
