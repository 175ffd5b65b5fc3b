//! What several processes remember together for a while, in Redis: hints, live words, who was how busy. Nothing that matters.
//!
//! It may be away, be slow, or have forgotten everything at any time. Whoever asks says how long it is worth waiting for, and goes on
//! without.

use std::{sync::Arc, time::Duration};

use redis::{
    AsyncConnectionConfig, Client, FromRedisValue, IntoConnectionInfo, Pipeline,
    aio::{MultiplexedConnection, PubSub},
    io::tcp::TcpSettings,
};
use tokio::sync::Mutex;

/// The memory of all processes that name the same server and prefix. Clones are the same.
#[derive(Clone)]
pub struct Memory(Arc<Inner>);

struct Inner {
    client: Client,
    prefix: String,
    link: Mutex<Option<MultiplexedConnection>>,
}

/// It does not answer, or not in time.
#[derive(Debug, thiserror::Error)]
pub enum Absent {
    /// It took too long.
    #[error("it did not answer in time")]
    Late,
    /// The connection failed, or the server refused.
    #[error("{0}")]
    Failed(#[from] redis::RedisError),
}

/// A link that is silent for so long is taken for dead.
const DEAD: Duration = Duration::from_secs(1);
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(2);

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Memory({}, {})", self.place(), self.0.prefix)
    }
}

impl Memory {
    /// The memory at a Redis URL, `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`, or `rediss://` with TLS. `prefix` keeps several
    /// front offices apart that share the server. Nothing is connected yet.
    ///
    /// # Errors
    /// If that is no such URL; what is allowed.
    pub fn at(url: &str, prefix: &str) -> Result<Self, &'static str> {
        let allowed = "`redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`, or `rediss://…` with TLS";
        if !url.starts_with("redis://") && !url.starts_with("rediss://") {
            return Err(allowed);
        }
        // A question goes out when it is asked, and not when the one before was acknowledged.
        let info = url.into_connection_info().map_err(|_| allowed)?;
        let client = Client::open(info.set_tcp_settings(TcpSettings::default().set_nodelay(true))).map_err(|_| allowed)?;
        Ok(Self(Arc::new(Inner { client, prefix: prefix.to_owned(), link: Mutex::default() })))
    }

    /// Where it is, for people: never with a password.
    #[must_use]
    pub fn place(&self) -> String {
        self.0.client.get_connection_info().addr().to_string()
    }

    /// The name of something in it.
    pub(crate) fn key(&self, kind: &str, name: impl std::fmt::Display) -> String {
        format!("{}:{kind}:{name}", self.0.prefix)
    }

    /// Whether it answers.
    ///
    /// # Errors
    /// That it does not.
    pub async fn ping(&self, patience: Duration) -> Result<(), Absent> {
        self.ask::<()>(redis::pipe().cmd("PING").ignore(), patience).await
    }

    /// Does something with it.
    pub(crate) async fn ask<T: FromRedisValue + Send>(&self, pipe: &Pipeline, patience: Duration) -> Result<T, Absent> {
        let answered = match tokio::time::timeout(patience, self.try_ask(pipe)).await {
            Ok(answered) => answered.map_err(Absent::Failed),
            Err(_) => Err(Absent::Late),
        };
        // A link that is broken or silent for long is made anew by whoever asks next; whoever is making one now holds the lock and goes on.
        let is_broken = match &answered {
            Ok(_) => false,
            Err(Absent::Late) => patience >= DEAD,
            Err(_) => true,
        };
        if is_broken && let Ok(mut link) = self.0.link.try_lock() {
            *link = None;
        }
        answered
    }

    async fn try_ask<T: FromRedisValue>(&self, pipe: &Pipeline) -> Result<T, redis::RedisError> {
        let mut link = {
            let mut kept = self.0.link.lock().await;
            match &*kept {
                Some(link) => link.clone(),
                None => {
                    // Whoever asks has patience of its own; there are no other limits.
                    let config = AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT)).set_response_timeout(None);
                    let link = self.0.client.get_multiplexed_async_connection_with_config(&config).await?;
                    kept.insert(link).clone()
                }
            }
        };
        pipe.query_async(&mut link).await
    }

    /// A connection that listens.
    pub(crate) async fn listen(&self) -> Result<PubSub, Absent> {
        match tokio::time::timeout(CONNECT, self.0.client.get_async_pubsub()).await {
            Ok(link) => Ok(link?),
            Err(_) => Err(Absent::Late),
        }
    }
}
