//! `/graphql/ws`: GraphQL over a WebSocket, as `graphql-transport-ws` has it. A browser's cookie counts only on a page of this host, together
//! with the CSRF token; everybody else shows a bearer. Both come with `connection_init`.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, Utf8Bytes, WebSocket},
    },
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use frontoffice_domain::identity::SignedIn;
use frontoffice_graphql::{Ask, Caller};
use futures_util::{SinkExt, StreamExt, stream::SplitSink};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::{sync::mpsc, task::JoinHandle, time::Instant};

use super::graphql::{Door, stranger};
use crate::{
    caller::{self, Incoming},
    problem::Problem,
};

/// The sub-protocol.
const PROTOCOL: &str = "graphql-transport-ws";
/// The largest message a client may send.
const LARGEST: usize = 128 * 1024;
/// How long a client has to say who it is.
const INIT: Duration = Duration::from_secs(10);
/// How often a client is asked whether it is there, and how long it may say nothing.
const PING: Duration = Duration::from_secs(15);
const SILENCE: Duration = Duration::from_secs(45);
/// So many operations may go on at once.
const OPERATIONS: usize = 50;
/// So much may wait for a client, and so long it may take to read what waits. Who is slower is cut.
const WAITING: usize = 64;
const SLOW: Duration = Duration::from_secs(10);

const CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");

/// Why a connection is closed, as the protocol numbers it.
#[derive(Clone, Copy)]
struct Close(u16, &'static str);

const BAD: Close = Close(4400, "Bad request: this is no message of graphql-transport-ws");
const UNAUTHORIZED: Close = Close(4401, "Unauthorized");
const FORBIDDEN: Close = Close(4403, "Forbidden");
const LATER: Close = Close(1013, "Try again later");
const INIT_TIMEOUT: Close = Close(4408, "Connection initialisation timeout");
const DUPLICATE: Close = Close(4409, "Subscriber already exists");
const TOO_MANY_INITS: Close = Close(4429, "Too many initialisation requests");
const AWAY: Close = Close(1001, "The process ends; please connect again");
const TOO_SLOW: Close = Close(1008, "You read too slowly");

/// What a client says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Said {
    ConnectionInit { payload: Option<Map<String, Value>> },
    Ping { payload: Option<Value> },
    Pong {},
    Subscribe { id: String, payload: Operation },
    Complete { id: String },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Operation {
    query: String,
    operation_name: Option<String>,
    variables: Option<Map<String, Value>>,
}

/// `GET /graphql/ws`.
pub(crate) async fn connect(
    State(door): State<Door>,
    incoming: Incoming,
    upgrade: Result<WebSocketUpgrade, axum::extract::ws::rejection::WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    let upgrade = upgrade.map_err(|_| {
        Problem::new("upgrade_required", "This route speaks WebSocket with the sub-protocol `graphql-transport-ws`.")
    })?;
    let upgrade = upgrade.protocols([PROTOCOL]).max_message_size(LARGEST).max_frame_size(LARGEST);
    if upgrade.selected_protocol().is_none() {
        return Err(Problem::new("upgrade_required", "The sub-protocol must be `graphql-transport-ws`."));
    }
    Ok(upgrade.on_upgrade(move |socket| converse(door, incoming, socket)).into_response())
}

/// Talks with a client until one of the two has enough.
async fn converse(door: Door, incoming: Incoming, socket: WebSocket) {
    let (sink, mut stream) = socket.split();
    let (outgoing, waiting) = mpsc::channel(WAITING);
    let mut writer = tokio::spawn(write(sink, waiting));
    let mut talk = Talk { door, incoming, outgoing, who: None, guest: None, operations: HashMap::new() };
    let (began, mut heard) = (Instant::now(), Instant::now());
    let mut ping = tokio::time::interval(PING);
    let stop = talk.door.api.stop.clone();
    let close = loop {
        let guest = talk.guest.as_ref();
        let ended = async move {
            match guest {
                Some(guest) => guest.over().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            message = stream.next() => {
                heard = Instant::now();
                match message {
                    Some(Ok(Message::Text(text))) => if let Err(close) = talk.hear(&text).await { break Some(close) },
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(Message::Binary(_))) => break Some(BAD),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => break None,
                }
            }
            () = tokio::time::sleep_until(began.checked_add(INIT).unwrap_or(began)), if talk.who.is_none() => break Some(INIT_TIMEOUT),
            () = ended => break Some(UNAUTHORIZED),
            () = stop.cancelled() => break Some(AWAY),
            _ = ping.tick() => {
                if heard.elapsed() > SILENCE {
                    break None;
                }
                if talk.outgoing.try_send(Message::Ping(Vec::new().into())).is_err() {
                    break Some(TOO_SLOW);
                }
            }
            // The client does not read, or is gone.
            _ = &mut writer => return,
        }
    };
    drop(std::mem::take(&mut talk.operations));
    if let Some(Close(code, reason)) = close {
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
        // Behind what waits already, if there is room.
        let _ = tokio::time::timeout(SLOW, talk.outgoing.send(Message::Close(Some(frame)))).await;
    }
    drop(talk);
    if tokio::time::timeout(SLOW, &mut writer).await.is_err() {
        writer.abort();
    }
}

/// Sends what waits. Who takes too long to read it is left.
async fn write(mut sink: SplitSink<WebSocket, Message>, mut waiting: mpsc::Receiver<Message>) {
    while let Some(message) = waiting.recv().await {
        let is_last = matches!(message, Message::Close(_));
        match tokio::time::timeout(SLOW, sink.send(message)).await {
            Ok(Ok(())) if !is_last => {}
            _ => return,
        }
    }
}

/// An operation that goes on, until this is dropped.
struct Going {
    task: JoinHandle<()>,
    /// Set before its last message is sent: from then on its id is free.
    over: Arc<AtomicBool>,
}

impl Drop for Going {
    fn drop(&mut self) {
        // What it says last is on its way.
        if !self.over.load(Ordering::Relaxed) {
            self.task.abort();
        }
    }
}

struct Talk {
    door: Door,
    incoming: Incoming,
    outgoing: mpsc::Sender<Message>,
    /// Who it is, once they have said so; `None` within for strangers.
    who: Option<Option<SignedIn>>,
    guest: Option<super::live::Guest>,
    operations: HashMap<String, Going>,
}

impl Talk {
    async fn hear(&mut self, text: &str) -> Result<(), Close> {
        match serde_json::from_str::<Said>(text).map_err(|_| BAD)? {
            Said::ConnectionInit { .. } if self.who.is_some() => Err(TOO_MANY_INITS),
            Said::ConnectionInit { payload } => {
                let headers = self.headers(&payload.unwrap_or_default()).ok_or(BAD)?;
                let shown = Incoming { headers, ..self.incoming.clone() };
                // As for a change: a cookie alone is not enough where a page of another site could have opened this.
                let who = caller::signed_in_if_any(&shown, &self.door.api, true).await;
                let who = who.map_err(|problem| if problem.is_passing() { LATER } else { FORBIDDEN })?;
                self.guest = Some(self.door.live.enter(who.as_ref()));
                self.incoming = shown;
                self.who = Some(who);
                self.say(&json!({"type": "connection_ack"})).await
            }
            Said::Ping { payload } => match payload {
                Some(payload) => self.say(&json!({"type": "pong", "payload": payload})).await,
                None => self.say(&json!({"type": "pong"})).await,
            },
            Said::Pong {} => Ok(()),
            Said::Complete { id } => {
                self.operations.remove(&id);
                Ok(())
            }
            Said::Subscribe { .. } if self.who.is_none() => Err(UNAUTHORIZED),
            Said::Subscribe { id, payload } => self.begin(id, payload).await,
        }
    }

    /// The headers as if what came with `connection_init` had come in them. A page of another site has no cookies here.
    fn headers(&self, payload: &Map<String, Value>) -> Option<HeaderMap> {
        let mut headers = self.incoming.headers.clone();
        let said = |names: [&str; 2]| payload.iter().find(|(key, _)| names.iter().any(|name| key.eq_ignore_ascii_case(name)));
        for (names, header) in [
            (["authorization", "Authorization"], header::AUTHORIZATION),
            (["x-csrf-token", "csrfToken"], CSRF_TOKEN),
            (["x-access-reason", "accessReason"], caller::ACCESS_REASON),
        ] {
            match said(names) {
                None => {}
                Some((_, Value::String(text))) => {
                    headers.insert(header, HeaderValue::from_bytes(text.as_bytes()).ok()?);
                }
                Some(_) => return None,
            }
        }
        if caller::require_same_origin(&headers, &self.door.api.config).is_err() {
            headers.remove(header::COOKIE);
        }
        Some(headers)
    }

    async fn begin(&mut self, id: String, operation: Operation) -> Result<(), Close> {
        self.operations.retain(|_, going| !going.over.load(Ordering::Relaxed));
        if self.operations.contains_key(&id) {
            return Err(DUPLICATE);
        }
        if self.operations.len() >= OPERATIONS {
            let message = format!("At most {OPERATIONS} operations may go on at once on one connection.");
            return self.refuse(&id, "LIMIT_EXCEEDED", &message).await;
        }
        let who = self.who.clone().flatten();
        let ask = Ask {
            query: operation.query,
            operation_name: operation.operation_name,
            variables: operation.variables.unwrap_or_default(),
            request_id: self.incoming.request.to_string(),
            with_credentials: who.is_some(),
        };
        let ready = match self.door.graph.read(ask) {
            Ok(ready) => ready,
            Err(refused) => return self.errors(&id, &refused.body).await,
        };
        if let Some(who) = &who
            && let Err(problem) = crate::rates::count(&self.incoming, &self.door.api, &who.principal).await
        {
            let (_, message) = problem.told();
            return self.refuse(&id, "RATE_LIMITED", message).await;
        }
        let Ok(stranger) = stranger(&self.incoming, &self.door.api) else { return Err(BAD) };
        let caller = Caller { signed_in: who, ..stranger };
        let (mut answers, outgoing, name) = (self.door.graph.listen(ready, caller), self.outgoing.clone(), id.clone());
        let over = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&over);
        let task = tokio::spawn(async move {
            while let Some(answer) = answers.next().await {
                if answer.refused {
                    is_over.store(true, Ordering::Relaxed);
                }
                let text = if answer.refused { errors(&name, &answer.body) } else { next(&name, &answer.body) };
                let sent = tokio::time::timeout(SLOW, outgoing.send(Message::Text(text.into()))).await;
                if answer.refused || !matches!(sent, Ok(Ok(()))) {
                    return;
                }
            }
            is_over.store(true, Ordering::Relaxed);
            let done = json!({"type": "complete", "id": name}).to_string();
            let _ = tokio::time::timeout(SLOW, outgoing.send(Message::Text(done.into()))).await;
        });
        self.operations.insert(id, Going { task, over });
        Ok(())
    }

    async fn errors(&self, id: &str, body: &[u8]) -> Result<(), Close> {
        self.send(errors(id, body)).await
    }

    async fn refuse(&self, id: &str, code: &str, message: &str) -> Result<(), Close> {
        let error = json!({"message": message, "extensions": {"code": code, "requestId": self.incoming.request.to_string()}});
        self.say(&json!({"type": "error", "id": id, "payload": [error]})).await
    }

    async fn say(&self, message: &Value) -> Result<(), Close> {
        self.send(message.to_string()).await
    }

    async fn send(&self, text: String) -> Result<(), Close> {
        let sent = tokio::time::timeout(SLOW, self.outgoing.send(Message::Text(text.into()))).await;
        if matches!(sent, Ok(Ok(()))) { Ok(()) } else { Err(TOO_SLOW) }
    }
}

/// An answer in a message; its body is JSON already.
fn next(id: &str, body: &[u8]) -> String {
    format!("{{\"type\":\"next\",\"id\":{},\"payload\":{}}}", Value::from(id), String::from_utf8_lossy(body))
}

/// What is wrong with an operation, in a message.
fn errors(id: &str, body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    json!({"type": "error", "id": id, "payload": body.get("errors").cloned().unwrap_or_else(|| json!([]))}).to_string()
}
