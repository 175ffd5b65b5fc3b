//! Connections: how each is opened and set up, and pools of them.

use std::time::Duration;

use deadpool::Runtime;
use diesel::SqliteConnection;
use diesel_async::{
    AsyncConnection, AsyncPgConnection, SimpleAsyncConnection,
    pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, deadpool::Pool},
};
use futures_util::FutureExt;

use super::{OpenError, conn::Sqlite as SqliteLink};

/// How long to wait for a free connection.
pub(super) const CHECKOUT: Duration = Duration::from_secs(10);

type Setup<C> = fn(&str) -> futures_util::future::BoxFuture<'_, diesel::ConnectionResult<C>>;

pub(super) fn pool<C>(url: &str, size: usize, setup: Setup<C>) -> Result<Pool<C>, OpenError>
where
    C: diesel_async::pooled_connection::PoolableConnection + 'static,
    AsyncDieselConnectionManager<C>: deadpool::managed::Manager<Type = C, Error = diesel_async::pooled_connection::PoolError>,
{
    let mut config = ManagerConfig::default();
    config.custom_setup = Box::new(setup);
    // A dead connection shows itself at the next query; asking first would cost every checkout a round trip.
    config.recycling_method = RecyclingMethod::Fast;
    Pool::builder(AsyncDieselConnectionManager::new_with_config(url, config))
        .max_size(size)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(CHECKOUT))
        .create_timeout(Some(CHECKOUT))
        .build()
        .map_err(OpenError::Pool)
}

pub(super) fn postgres_link(url: &str) -> futures_util::future::BoxFuture<'_, diesel::ConnectionResult<AsyncPgConnection>> {
    async move {
        let mut link = AsyncPgConnection::establish(url).await?;
        // A process that hangs inside a transaction must not hold its locks for ever. What is prepared is planned once: every question
        // names its rows by keys, so no value makes another plan better.
        link.batch_execute(
            "SET idle_in_transaction_session_timeout = '60s'; SET statement_timeout = '30s'; SET timezone = 'UTC'; \
             SET plan_cache_mode = force_generic_plan",
        )
        .await
        .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
        Ok(link)
    }
    .boxed()
}

pub(super) fn sqlite_writer(url: &str) -> futures_util::future::BoxFuture<'_, diesel::ConnectionResult<SqliteLink>> {
    sqlite_link(url, "")
}

pub(super) fn sqlite_reader(url: &str) -> futures_util::future::BoxFuture<'_, diesel::ConnectionResult<SqliteLink>> {
    sqlite_link(url, "PRAGMA query_only = ON;")
}

fn sqlite_link<'a>(url: &'a str, more: &'a str) -> futures_util::future::BoxFuture<'a, diesel::ConnectionResult<SqliteLink>> {
    async move {
        let mut link = SqliteLink::establish(url).await?;
        link.batch_execute(&format!("{SQLITE_SETUP}{more}")).await.map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
        Ok(link)
    }
    .boxed()
}

/// `recursive_triggers`: a row that a new one takes the place of is one that is deleted, to the rules that refuse that.
/// `synchronous = FULL`: an accepted message survives a power cut. `busy_timeout` first: switching to WAL may have to wait.
const SQLITE_SETUP: &str = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
     PRAGMA recursive_triggers = ON;";

/// Sets up a SQLite connection as all of this program's are.
pub(crate) fn sqlite_setup(link: &mut SqliteConnection) -> diesel::QueryResult<()> {
    diesel::connection::SimpleConnection::batch_execute(link, SQLITE_SETUP)
}
