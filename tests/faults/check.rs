//! What must be so at every moment, and what must be so in the end.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use diesel::{QueryableByName, sql_types::Text};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use frontoffice_domain::{
    clock::Clock,
    db::{Conn, Db},
    invariants,
    tenancy::Platform,
};

use crate::load::{Answer, Seen};

/// Looks every second for what must never be found.
pub(crate) struct Watch {
    found: Arc<Mutex<BTreeSet<String>>>,
    looks: Arc<Mutex<usize>>,
    task: tokio::task::JoinHandle<()>,
}

impl Watch {
    pub(crate) fn start(store: &str) -> Self {
        let (found, looks) = (Arc::<Mutex<BTreeSet<String>>>::default(), Arc::<Mutex<usize>>::default());
        let (seen, count, location) = (Arc::clone(&found), Arc::clone(&looks), store.parse().unwrap());
        let task = tokio::spawn(async move {
            let clock = Clock::system();
            let mut db = None;
            loop {
                if db.is_none() {
                    // Where the store is away, there is nothing to look at.
                    db = Db::connect(&location, 1, &clock).await.ok();
                }
                if let Some(open) = &db {
                    match look(open, &clock).await {
                        Ok(violations) => {
                            *count.lock().unwrap() += 1;
                            seen.lock().unwrap().extend(violations);
                        }
                        Err(_) => db = None,
                    }
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        Self { found, looks, task }
    }

    /// What was found, and how often was looked.
    pub(crate) fn end(self) -> (BTreeSet<String>, usize) {
        self.task.abort();
        (std::mem::take(&mut self.found.lock().unwrap()), *self.looks.lock().unwrap())
    }
}

async fn look(db: &Db, clock: &Clock) -> Result<Vec<String>, frontoffice_domain::fault::Fault> {
    let platform = Platform::of_this_process();
    let (this, now) = (platform.clone(), clock.now());
    let found = db.platform_read(&platform, async move |mut conn: Conn| invariants::check(&mut conn, &this, now).await).await?;
    Ok(found.into_iter().map(|violation| format!("{}: {}", violation.invariant, violation.row)).collect())
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Text)]
    message: String,
    #[diesel(sql_type = Text)]
    turn: String,
    #[diesel(sql_type = Text)]
    state: String,
}

#[derive(QueryableByName)]
struct Cell {
    #[diesel(sql_type = Text)]
    value: String,
}

pub(crate) async fn text(store: &str, query: &str) -> String {
    let mut link = AsyncPgConnection::establish(store).await.unwrap();
    let cell: Cell = diesel::sql_query(query).get_result(&mut link).await.unwrap_or_else(|error| panic!("{query}: {error}"));
    cell.value
}

pub(crate) async fn count(store: &str, table: &str, condition: &str) -> u64 {
    text(store, &format!("SELECT CAST(COUNT(*) AS text) AS value FROM {table} WHERE {condition}")).await.parse().unwrap()
}

/// Waits until nothing is left to do; how many jobs are dead.
pub(crate) async fn settle(store: &str, patience: Duration) -> u64 {
    let began = std::time::Instant::now();
    // Who was promised a person is looked after later, if nobody came.
    while count(store, "jobs", "state IN ('queued', 'leased') AND name <> 'remind_waiting'").await > 0 {
        assert!(began.elapsed() < patience, "the queue is not empty after {patience:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    count(store, "jobs", "state = 'dead'").await
}

/// What was lost and what was done twice.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Verdict {
    pub lost: u64,
    pub doubled: u64,
}

/// Compares what the clients of a run were told with what is in the store: each message is there once, in one turn, answered once and
/// charged once. Where the model may fail, an apology is an answer too, and costs nothing.
pub(crate) async fn verify(store: &str, name: &str, seen: &Seen, may_fail: bool) -> Verdict {
    let mut link = AsyncPgConnection::establish(store).await.unwrap();
    let query = format!(
        "SELECT k.key, CAST(t.answer_id AS text) AS message, CAST(t.id AS text) AS turn, t.state FROM idempotency_keys k \
         JOIN messages m ON m.id = k.message_id JOIN turns t ON t.conversation_id = m.conversation_id \
         AND t.first_sequence <= m.sequence AND t.last_sequence >= m.sequence WHERE k.key LIKE '{name}-%'"
    );
    let rows: Vec<Row> = diesel::sql_query(query).load(&mut link).await.unwrap();
    let mut stored: HashMap<String, Vec<Row>> = HashMap::new();
    for row in rows {
        stored.entry(row.key.clone()).or_default().push(row);
    }
    let mut verdict = Verdict::default();
    let is_over = |state: &str| state == "answered" || may_fail && state == "failed";
    for (key, Answer { message, turn, status }) in seen.answers.lock().unwrap().iter() {
        match stored.get(key).map(Vec::as_slice) {
            Some([row]) if row.message == *message && row.turn == *turn && row.state == *status && is_over(status) => {}
            Some([_, _, ..]) => verdict.doubled += 1,
            _ => verdict.lost += 1,
        }
    }
    // What was stored for a client who had no answer is answered all the same.
    verdict.lost += u64::try_from(stored.values().flatten().filter(|row| !is_over(&row.state)).count()).unwrap();
    verdict.doubled += AtomicU64::load(&seen.contradictions, Ordering::SeqCst);
    let mine = format!(
        "EXISTS (SELECT 1 FROM idempotency_keys k JOIN messages m ON m.id = k.message_id WHERE k.key LIKE '{name}-%' AND m.conversation_id = x.conversation_id)"
    );
    let messages = u64::try_from(stored.len()).unwrap();
    let said = count(store, "messages x", &format!("role = 'visitor' AND {mine}")).await;
    let answers = count(store, "messages x", &format!("role = 'assistant' AND {mine}")).await;
    let turns = count(store, "turns x", &mine).await;
    let charges = count(
        store,
        "credit_charges c JOIN turns x ON x.id = c.turn_id",
        &format!("c.captured = CASE x.state WHEN 'failed' THEN 0 ELSE 1000000 END AND {mine}"),
    )
    .await;
    for found in [said, answers, turns, charges] {
        verdict.doubled += found.saturating_sub(messages);
        verdict.lost += messages.saturating_sub(found);
    }
    // Whoever was told that a person has been asked for is waited for, and nothing is kept of what was set aside.
    let promised = "x.state = 'failed' AND NOT EXISTS (SELECT 1 FROM conversations c WHERE c.id = x.conversation_id AND c.state = 'HANDOFF_REQUESTED')";
    verdict.lost += count(store, "turns x", &format!("{promised} AND {mine}")).await;
    verdict.lost += count(store, "credit_holds", "settled_at IS NULL").await;
    verdict
}
