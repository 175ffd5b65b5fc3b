//! The floor: the least that a durable answer takes. A handler that writes the question and commits, asks the same endpoint, and
//! writes the answer and commits; on the same kind of store with the same durability, through the same libraries.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Json, Router,
    body::Body,
    extract::{Request, State},
    http::header,
    response::{IntoResponse, Response},
    routing::post,
    serve::ListenerExt,
};
use deadpool::managed::Manager;
use diesel::{ConnectionResult, SqliteConnection, prelude::*};
use diesel_async::{
    AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, PoolError, PoolableConnection, RecyclingMethod,
        deadpool::{Object, Pool},
    },
    sync_connection_wrapper::SyncConnectionWrapper,
};
use frontoffice_domain::db::Location;
use futures_util::{FutureExt, future::BoxFuture, stream};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc};

use crate::upstream::said;

type Sqlite = SyncConnectionWrapper<SqliteConnection>;

#[derive(Clone)]
enum Store {
    Sqlite(Pool<Sqlite>),
    Postgres(Pool<AsyncPgConnection>),
}

struct Floor {
    store: Store,
    client: reqwest::Client,
    endpoint: String,
    /// What the endpoint is told, about as much as the front office tells it.
    prompt: Value,
    next: AtomicU64,
}

/// Starts the floor on a store of its own; where it is.
pub(crate) async fn start(location: &Location, connections: usize, upstream: &str) -> String {
    let store = match location {
        Location::Sqlite(path) => Store::Sqlite(pool(&path.to_string_lossy(), 1, sqlite)),
        Location::Postgres(url) => Store::Postgres(pool(url, connections, |url| AsyncPgConnection::establish(url).boxed())),
    };
    store.prepare().await;
    #[expect(clippy::disallowed_methods, reason = "the floor has no house to leave")]
    let client = reqwest::Client::builder().no_proxy().connect_timeout(Duration::from_secs(10)).build().unwrap();
    let passages: Vec<String> = (0..8).map(|number| format!("{number}: {}", "what was approved. ".repeat(14))).collect();
    let prompt = json!({
        "model": "bench", "stream": true, "stream_options": {"include_usage": true}, "max_tokens": 1_000,
        "messages": [{"role": "system", "content": passages.concat()}, {"role": "user", "content": "Where is the data stored?"}],
    });
    let floor = Floor { store, client, endpoint: format!("{upstream}/chat/completions"), prompt, next: AtomicU64::new(1) };
    let router = Router::new().route("/api/chat", post(answer)).with_state(Arc::new(floor));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let listener = listener.tap_io(|link| link.set_nodelay(true).unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

async fn answer(State(floor): State<Arc<Floor>>, request: Request) -> Response {
    let streamed = request.headers().get(header::ACCEPT).is_some_and(|accept| accept == "text/event-stream");
    let body = axum::body::to_bytes(request.into_body(), 1 << 16).await.unwrap();
    let asked: Value = serde_json::from_slice(&body).unwrap();
    let question = asked["message"].as_str().unwrap().to_owned();
    if !streamed {
        return Json(floor.turn(&question, None).await).into_response();
    }
    let (speech, said) = mpsc::channel(64);
    tokio::spawn(async move {
        let done = floor.turn(&question, Some(speech.clone())).await;
        speech.send(format!("event: done\ndata: {done}\n\n")).await.unwrap();
    });
    let events = stream::unfold(said, async |mut said| Some((Ok::<_, Infallible>(said.recv().await?), said)));
    ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(events)).into_response()
}

impl Floor {
    async fn turn(&self, question: &str, speech: Option<mpsc::Sender<String>>) -> Value {
        let id = self.next.fetch_add(1, Ordering::Relaxed).to_string();
        self.store.ask(&id, question).await;
        let mut response = self.client.post(&self.endpoint).json(&self.prompt).send().await.unwrap();
        let (mut heard, mut text) = (String::new(), String::new());
        while let Some(bytes) = response.chunk().await.unwrap() {
            heard.push_str(std::str::from_utf8(&bytes).unwrap());
            while let Some((event, rest)) = heard.split_once("\n\n") {
                let data = event.strip_prefix("data: ").unwrap();
                let more = if data == "[DONE]" { String::new() } else { said(data) };
                if let Some(speech) = speech.as_ref().filter(|_| !more.is_empty()) {
                    let delta = json!({"text": more});
                    speech.send(format!("event: delta\ndata: {delta}\n\n")).await.unwrap();
                }
                text.push_str(&more);
                heard = rest.to_owned();
            }
        }
        self.store.tell(&id, &text).await;
        json!({"status": "answered", "reply": text})
    }
}

diesel::table! {
    floor (id) { id -> Text, question -> Text, answer -> Nullable<Text>, }
}

const TABLE: &str = "CREATE TABLE floor (id TEXT PRIMARY KEY, question TEXT NOT NULL, answer TEXT)";

/// Runs one statement on whichever store it is; without a transaction around it, it is one by itself.
macro_rules! run {
    ($store:expr, |$link:ident| $work:expr) => {
        match $store {
            Store::Sqlite(pool) => {
                let $link: &mut Object<Sqlite> = &mut pool.get().await.unwrap();
                $work.await.unwrap()
            }
            Store::Postgres(pool) => {
                let $link: &mut Object<AsyncPgConnection> = &mut pool.get().await.unwrap();
                $work.await.unwrap()
            }
        }
    };
}

impl Store {
    async fn prepare(&self) {
        run!(self, |link| link.batch_execute(TABLE));
    }

    async fn ask(&self, id: &str, question: &str) {
        run!(self, |link| diesel::insert_into(floor::table)
            .values((floor::id.eq(id), floor::question.eq(question)))
            .execute(link));
    }

    async fn tell(&self, id: &str, answer: &str) {
        run!(self, |link| diesel::update(floor::table.find(id)).set(floor::answer.eq(answer)).execute(link));
    }
}

fn pool<C>(url: &str, size: usize, setup: fn(&str) -> BoxFuture<'_, ConnectionResult<C>>) -> Pool<C>
where
    C: PoolableConnection + 'static,
    AsyncDieselConnectionManager<C>: Manager<Type = C, Error = PoolError>,
{
    let mut config = ManagerConfig::default();
    config.custom_setup = Box::new(setup);
    config.recycling_method = RecyclingMethod::Fast;
    Pool::builder(AsyncDieselConnectionManager::new_with_config(url, config)).max_size(size).build().unwrap()
}

fn sqlite(url: &str) -> BoxFuture<'_, ConnectionResult<Sqlite>> {
    async move {
        let mut link = Sqlite::establish(url).await?;
        let setup = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";
        link.batch_execute(setup).await.map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
        Ok(link)
    }
    .boxed()
}
