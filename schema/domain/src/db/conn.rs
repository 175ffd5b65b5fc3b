//! A connection to whichever store this is, and the transaction.

use diesel::SqliteConnection;
use diesel_async::pooled_connection::deadpool::Object;
use diesel_async::{
    AsyncPgConnection, SimpleAsyncConnection,
    sync_connection_wrapper::{SpawnBlocking, SyncConnectionWrapper},
};
use futures_util::{FutureExt, future::BoxFuture};

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
    Sqlite(Object<Sqlite>),
}

/// A connection that was checked out for somebody (see [`Db`](super::Db)).
///
/// Dropped with a transaction still open (a cancelled task, a failed rollback), it is closed instead of going back to the pool.
pub struct Conn {
    engine: Option<Engine>,
    in_transaction: bool,
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
    pub(super) fn new(engine: Engine) -> Self {
        Self { engine: Some(engine), in_transaction: false }
    }

    /// The engine, for `run!`.
    ///
    /// # Errors
    /// Never in practice: the engine is only taken out when the connection is dropped.
    pub(crate) fn engine(&mut self) -> Result<&mut Engine, diesel::result::Error> {
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
        let frame = if self.is_postgres() { &POSTGRES } else { &SQLITE };
        self.framed(frame, act, work).await
    }

    /// As [`Conn::transaction`], for an act that is simply done again if a power cut makes the store forget it: its commit does not
    /// wait for the disk. What is committed later and waits makes it last too, so no act is forgotten that another one has built on.
    ///
    /// # Errors
    /// What `work` says, or that the transaction could not be begun or committed.
    pub async fn repeatable<T, E: From<Fault>>(
        &mut self,
        act: &'static str,
        work: impl AsyncFnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let frame = if self.is_postgres() { &POSTGRES_REPEATABLE } else { &SQLITE_REPEATABLE };
        self.framed(frame, act, work).await
    }

    async fn framed<T, E: From<Fault>>(
        &mut self,
        frame: &Frame,
        act: &'static str,
        work: impl AsyncFnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.in_transaction {
            return work(self).await;
        }
        self.in_transaction = true;
        if let Err(source) = self.batch(frame.begin).await {
            return Err(Fault::Begin { act, source }.into());
        }
        match work(self).await {
            Ok(value) => {
                self.batch(frame.commit).await.map_err(|source| Fault::Commit { act, source })?;
                self.in_transaction = false;
                Ok(value)
            }
            Err(error) => {
                // If this fails too, the connection stays marked and is thrown away.
                if self.batch(frame.rollback).await.is_ok() {
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

/// How a transaction begins and ends.
struct Frame {
    begin: &'static str,
    commit: &'static str,
    rollback: &'static str,
}

const POSTGRES: Frame = Frame { begin: "BEGIN", commit: "COMMIT", rollback: "ROLLBACK" };
const POSTGRES_REPEATABLE: Frame = Frame { begin: "BEGIN; SET LOCAL synchronous_commit = off", ..POSTGRES };
/// The write lock is taken at once: a lock upgraded half-way can fail without waiting.
const SQLITE: Frame = Frame { begin: "BEGIN IMMEDIATE", ..POSTGRES };
/// SQLite knows this of connections only, so it is set back at the end.
const SQLITE_REPEATABLE: Frame = Frame {
    begin: "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE",
    commit: "COMMIT; PRAGMA synchronous = FULL",
    rollback: "ROLLBACK; PRAGMA synchronous = FULL",
};

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

#[cfg(test)]
mod tests {
    use diesel::{result::Error, sql_types::Integer};
    use diesel_async::RunQueryDsl;

    use super::*;
    use crate::{
        clock::Clock,
        db::{Db, Location},
        tenancy::Platform,
    };

    #[derive(diesel::QueryableByName)]
    struct Setting {
        #[diesel(sql_type = Integer)]
        synchronous: i32,
    }

    async fn synchronous(conn: &mut Conn) -> Result<i32, Fault> {
        let Engine::Sqlite(link) = conn.engine()? else { return Err(Error::NotFound.into()) };
        let row: Setting = diesel::sql_query("PRAGMA synchronous").get_result(link).await?;
        Ok(row.synchronous)
    }

    #[tokio::test]
    async fn only_a_repeatable_act_does_not_wait_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let file = Location::Sqlite(folder.path().join("store.db"));
        let (db, platform) = (Db::open(&file, 2, &Clock::system()).await.unwrap(), Platform::of_this_process());
        let (normal, full) = (1, 2);
        let seen = async |mut conn: Conn| {
            let within = conn.repeatable("repeatable", async |tx| synchronous(tx).await).await?;
            let after = synchronous(&mut conn).await?;
            let undone = conn.repeatable("undone", async |_| Err::<(), Fault>(Error::RollbackTransaction.into())).await;
            assert!(undone.is_err());
            let after_undone = synchronous(&mut conn).await?;
            let nested = async |tx: &mut Conn| tx.repeatable("nested", async |tx| synchronous(tx).await).await;
            Ok([within, after, after_undone, conn.transaction("ordinary", nested).await?, synchronous(&mut conn).await?])
        };
        let seen = db.platform(&platform, seen).await.unwrap();
        assert_eq!(seen, [normal, full, full, full, full], "within, after, after it was undone, within another, after that");
    }
}
