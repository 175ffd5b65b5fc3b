//! A connection to whichever store this is, and the transaction.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use diesel::SqliteConnection;
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection, sync_connection_wrapper::SyncConnectionWrapper};

use crate::fault::Fault;

pub(crate) type Sqlite = SyncConnectionWrapper<SqliteConnection>;

/// The engine behind a connection. `run!` picks the right one for a query.
pub(crate) enum Engine {
    /// Postgres, over the network.
    Postgres(Box<Object<AsyncPgConnection>>),
    /// SQLite, in this process.
    Sqlite(Object<Sqlite>),
}

/// A connection that was checked out for somebody (see [`Db`](super::Db)).
///
/// Dropped with a transaction still open (a cancelled task, a failed rollback), it is closed instead of going back to the pool.
pub struct Conn {
    engine: Option<Engine>,
    in_transaction: bool,
    statements: Arc<AtomicU64>,
}

/// Runs one query expression on whichever engine `$conn` is: `run!(conn, |c| tenants::table.find(id).first(c))`.
///
/// Only for single queries; acts compose as ordinary async functions over `&mut Conn`.
macro_rules! run {
    ($conn:expr, |$c:ident| $query:expr) => {
        match $conn.engine()? {
            $crate::db::conn::Engine::Postgres(object) => {
                let $c: &mut diesel_async::AsyncPgConnection = object;
                $query.await
            }
            $crate::db::conn::Engine::Sqlite(object) => {
                let $c: &mut $crate::db::conn::Sqlite = object;
                $query.await
            }
        }
    };
}

pub(crate) use run;

impl Conn {
    pub(super) fn new(engine: Engine, statements: Arc<AtomicU64>) -> Self {
        Self { engine: Some(engine), in_transaction: false, statements }
    }

    /// The engine, for `run!` and one statement, which is counted.
    ///
    /// # Errors
    /// Never in practice: the engine is only taken out when the connection is dropped.
    pub(crate) fn engine(&mut self) -> Result<&mut Engine, diesel::result::Error> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        self.engine.as_mut().ok_or(diesel::result::Error::BrokenTransactionManager)
    }

    /// Whether this is Postgres. For the few places where the engines need different SQL, both kept side by side.
    #[must_use]
    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self.engine, Some(Engine::Postgres(_)))
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
        if self.in_transaction {
            return work(self).await;
        }
        // On SQLite the write lock is taken at once: a lock upgraded half-way can fail without waiting.
        let begin = if self.is_postgres() { "BEGIN" } else { "BEGIN IMMEDIATE" };
        self.in_transaction = true;
        if let Err(source) = self.batch(begin).await {
            return Err(Fault::Begin { act, source }.into());
        }
        match work(self).await {
            Ok(value) => {
                self.batch("COMMIT").await.map_err(|source| Fault::Commit { act, source })?;
                self.in_transaction = false;
                Ok(value)
            }
            Err(error) => {
                // If this fails too, the connection stays marked and is thrown away.
                if self.batch("ROLLBACK").await.is_ok() {
                    self.in_transaction = false;
                }
                Err(error)
            }
        }
    }

    /// Executes statements that take no parameters and return nothing.
    pub(crate) async fn batch(&mut self, statements: &str) -> diesel::QueryResult<()> {
        match self.engine()? {
            Engine::Postgres(object) => object.batch_execute(statements).await,
            Engine::Sqlite(object) => object.batch_execute(statements).await,
        }
    }
}

impl Drop for Conn {
    fn drop(&mut self) {
        if self.in_transaction {
            match self.engine.take() {
                Some(Engine::Postgres(object)) => drop(Object::take(*object)),
                Some(Engine::Sqlite(object)) => drop(Object::take(object)),
                None => {}
            }
        }
    }
}
