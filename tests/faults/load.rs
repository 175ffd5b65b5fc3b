//! Clients that want their answers: each says something under a key of its own and asks again, at whatever door, until it has the answer.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use frontoffice_domain::id::MessageId;
use serde_json::{Value, json};

use crate::cluster::Doors;

/// What visitors ask; one of the approved entries answers it.
pub(crate) const QUESTION: &str = "Where is the data stored?";

/// What a client was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub message: String,
    pub turn: String,
    /// What it is, in the words of the routes and of the store.
    pub status: String,
}

/// What all clients together saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The answers, by key.
    pub answers: Mutex<HashMap<String, Answer>>,
    /// Everything that was no answer, by what it was.
    pub setbacks: Mutex<BTreeMap<String, u64>>,
    /// Answers of the class 5xx.
    pub server_errors: AtomicU64,
    /// The same message got two different answers.
    pub contradictions: AtomicU64,
    /// The longest anybody waited, in milliseconds.
    pub longest: AtomicU64,
}

impl Seen {
    pub(crate) fn answered(&self) -> usize {
        self.answers.lock().unwrap().len()
    }

    fn setback(&self, what: impl Into<String>) {
        *self.setbacks.lock().unwrap().entry(what.into()).or_default() += 1;
    }
}

pub(crate) struct Load {
    pub seen: Arc<Seen>,
    stop: Arc<AtomicBool>,
    clients: Vec<tokio::task::JoinHandle<()>>,
}

impl Load {
    /// So many clients, one message after the other, until they are stopped or so many messages were said.
    pub(crate) fn start(doors: &Doors, clients: usize, messages: usize, name: &str) -> Self {
        let (seen, stop) = (Arc::<Seen>::default(), Arc::<AtomicBool>::default());
        let begun = Arc::<AtomicUsize>::default();
        let clients = (0..clients)
            .map(|client| {
                let (seen, stop, doors, begun, name) =
                    (Arc::clone(&seen), Arc::clone(&stop), Arc::clone(doors), Arc::clone(&begun), name.to_owned());
                tokio::spawn(async move {
                    let http = http();
                    while !stop.load(Ordering::SeqCst) {
                        let number = begun.fetch_add(1, Ordering::SeqCst);
                        if number >= messages {
                            return;
                        }
                        insist(&http, &doors, &format!("{name}-{client:04}-{number:06}-{}", MessageId::random()), &seen).await;
                    }
                })
            })
            .collect();
        Self { seen, stop, clients }
    }

    /// Waits until everything was said and answered.
    pub(crate) async fn finish(self) -> Arc<Seen> {
        for client in self.clients {
            client.await.unwrap();
        }
        self.seen
    }

    /// Says nothing new, and waits until everything that was said is answered.
    pub(crate) async fn stop(self) -> Arc<Seen> {
        self.stop.store(true, Ordering::SeqCst);
        self.finish().await
    }
}

#[expect(clippy::disallowed_methods, reason = "clients come from outside")]
pub(crate) fn http() -> reqwest::Client {
    reqwest::Client::builder().timeout(Duration::from_secs(40)).no_proxy().build().unwrap()
}

/// How long anybody may have to wait for an answer, whatever fails.
const PATIENCE: Duration = Duration::from_secs(180);

/// Says something until it is answered.
pub(crate) async fn insist(http: &reqwest::Client, doors: &Doors, key: &str, seen: &Seen) {
    let began = Instant::now();
    loop {
        if let Some(answer) = attempt(http, doors, key, "wait=20", seen).await {
            let waited = u64::try_from(began.elapsed().as_millis()).unwrap();
            seen.longest.fetch_max(waited, Ordering::SeqCst);
            if seen.answers.lock().unwrap().insert(key.to_owned(), answer.clone()).is_some_and(|before| before != answer) {
                seen.contradictions.fetch_add(1, Ordering::SeqCst);
            }
            return;
        }
        assert!(began.elapsed() < PATIENCE, "nobody answered {key} in {PATIENCE:?}: {:?}", seen.setbacks.lock().unwrap());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Asks once, at any door.
pub(crate) async fn attempt(http: &reqwest::Client, doors: &Doors, key: &str, prefer: &str, seen: &Seen) -> Option<Answer> {
    let door = {
        let doors = doors.lock().unwrap();
        doors.get(rand::random_range(0..doors.len().max(1))).cloned()
    };
    let Some(door) = door else {
        seen.setback("no door is open");
        return None;
    };
    let body = json!({"message": QUESTION, "client_message_id": key});
    let response = match http.post(format!("{door}/api/chat")).header("prefer", prefer).json(&body).send().await {
        Ok(response) => response,
        Err(error) => {
            let kind = if error.is_connect() {
                "no connection"
            } else if error.is_timeout() {
                "timeout"
            } else {
                "connection lost"
            };
            seen.setback(kind);
            return None;
        }
    };
    let status = response.status();
    let Ok(body) = response.json::<Value>().await else {
        seen.setback("answer cut off");
        return None;
    };
    if status.is_server_error() {
        seen.server_errors.fetch_add(1, Ordering::SeqCst);
    }
    let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
    match (status.as_u16(), text("status").as_str()) {
        // An apology is an answer, for whoever waits; whether it may be one, the store is asked.
        (200, "answered" | "failed") => {
            Some(Answer { message: text("message_id"), turn: text("turn_id"), status: text("status") })
        }
        (code, other) => {
            seen.setback(format!("{code} {other}{}", text("code")));
            None
        }
    }
}
