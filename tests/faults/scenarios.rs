//! What fails, how often, and what comes of it.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use frontoffice_domain::id::MessageId;
use rand::{Rng, rngs::StdRng};
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::{
    check::{Verdict, count, settle, text, verify},
    cluster::Cluster,
    harness::redis::Redis,
    load::{Load, QUESTION, Seen, attempt, http},
    model,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    Kills,
    RedisStalls,
    RedisKilled,
    RedisEmptied,
    PostgresRestarts,
    LinksCut,
    CommitsUnheard,
    Backlog,
    ClientsGone,
    Rolling,
    ModelFails,
}

/// What came of it.
pub(crate) struct Report {
    pub what: &'static str,
    /// How often it failed.
    pub times: u64,
    pub answered: usize,
    pub verdict: Verdict,
    pub dead: u64,
    pub server_errors: u64,
    /// Whether nothing but Redis failed.
    pub only_redis: bool,
    /// The longest a client waited for its answer.
    pub longest: Duration,
    /// How long it took at most, after the last failure, until a new message was answered and every process was ready.
    pub recovered: Duration,
    pub notes: Vec<String>,
}

/// How many clients talk while something fails.
const CLIENTS: usize = 16;
/// How long the rest may take in the end.
const REST: Duration = Duration::from_secs(180);

impl Scenario {
    pub(crate) const ALL: &'static [Self] = &[
        Self::Kills,
        Self::RedisStalls,
        Self::RedisKilled,
        Self::RedisEmptied,
        Self::PostgresRestarts,
        Self::LinksCut,
        Self::CommitsUnheard,
        Self::Backlog,
        Self::ClientsGone,
        Self::Rolling,
        Self::ModelFails,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kills => "kills",
            Self::RedisStalls => "redis-stalls",
            Self::RedisKilled => "redis-killed",
            Self::RedisEmptied => "redis-emptied",
            Self::PostgresRestarts => "postgres-restarts",
            Self::LinksCut => "links-cut",
            Self::CommitsUnheard => "commits-unheard",
            Self::Backlog => "backlog",
            Self::ClientsGone => "clients-gone",
            Self::Rolling => "rolling",
            Self::ModelFails => "model-fails",
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::Kills => "APIs and workers killed (kill -9)",
            Self::RedisStalls => "Redis stalled",
            Self::RedisKilled => "Redis killed and started anew",
            Self::RedisEmptied => "Redis emptied",
            Self::PostgresRestarts => "Postgres restarted",
            Self::LinksCut => "all links to Postgres cut",
            Self::CommitsUnheard => "answers to COMMIT lost",
            Self::Backlog => "jobs waiting without a worker",
            Self::ClientsGone => "clients gone in the middle",
            Self::Rolling => "all processes replaced",
            Self::ModelFails => "workers killed, three in ten requests fail",
        }
    }

    pub(crate) async fn run(self, cluster: &mut Cluster, full: bool, random: &mut StdRng) -> Report {
        let name = self.name();
        let (mut times, mut recovered, mut notes) = (0, Duration::ZERO, Vec::new());
        let seen = match self {
            Self::Kills => {
                let (each, messages) = if full { (20, 10_000) } else { (3, 400) };
                let load = Load::start(&cluster.doors, CLIENTS, messages, name);
                // Spread over the whole run, the one or the other by chance.
                let (mut workers, mut apis) = (each, each);
                for number in 1..=2 * each {
                    let at = messages * number / (2 * each + 1) + random.random_range(0..messages / (4 * each));
                    while load.seen.answered() < at {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                    if apis == 0 || (workers > 0 && random.random_bool(0.5)) {
                        workers -= 1;
                        cluster.kill_worker().await;
                    } else {
                        apis -= 1;
                        cluster.kill_api().await;
                    }
                    times += 1;
                }
                recovered = well(cluster).await;
                load.finish().await
            }
            Self::RedisStalls => {
                let load = self.load(cluster);
                for seconds in if full { [1, 10, 60].as_slice() } else { &[1, 8] } {
                    cluster.redis.signal("STOP");
                    tokio::time::sleep(Duration::from_secs(*seconds)).await;
                    cluster.redis.signal("CONT");
                    times += 1;
                    recovered = recovered.max(well(cluster).await);
                }
                load.stop().await
            }
            Self::RedisKilled => {
                let load = self.load(cluster);
                for _ in 0..if full { 5 } else { 1 } {
                    let port = cluster.redis.port;
                    cluster.redis.signal("KILL");
                    tokio::time::sleep(Duration::from_secs(if full { 10 } else { 3 })).await;
                    cluster.redis = tokio::task::spawn_blocking(move || Redis::at(port)).await.unwrap();
                    times += 1;
                    recovered = recovered.max(well(cluster).await);
                }
                load.stop().await
            }
            Self::RedisEmptied => {
                let load = self.load(cluster);
                for _ in 0..if full { 50 } else { 10 } {
                    cluster.redis.flush();
                    tokio::time::sleep(Duration::from_millis(random.random_range(50..400))).await;
                    times += 1;
                }
                recovered = well(cluster).await;
                load.stop().await
            }
            Self::PostgresRestarts => {
                let load = self.load(cluster);
                for number in 0..if full { 6 } else { 2 } {
                    tokio::time::sleep(Duration::from_secs(2)).await;
                    // In turns as an operator does it, and as if it had crashed.
                    tokio::task::block_in_place(|| cluster.postgres.restart(if number % 2 == 0 { "INT" } else { "QUIT" }));
                    times += 1;
                    recovered = recovered.max(well(cluster).await);
                }
                load.stop().await
            }
            Self::LinksCut => {
                let load = self.load(cluster);
                for _ in 0..if full { 12 } else { 3 } {
                    let cut = "SELECT CAST(COUNT(pg_terminate_backend(pid)) AS text) AS value FROM pg_stat_activity \
                         WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
                    times += text(&cluster.store(), cut).await.parse::<u64>().unwrap();
                    recovered = recovered.max(well(cluster).await);
                    tokio::time::sleep(Duration::from_secs(5)).await;
                }
                load.stop().await
            }
            Self::CommitsUnheard => {
                let load = self.load(cluster);
                let wanted = if full { 200 } else { 20 };
                for _ in 0..wanted {
                    cluster.wire.lose_one();
                    tokio::time::sleep(Duration::from_millis(random.random_range(20..250))).await;
                }
                let began = Instant::now();
                while cluster.wire.lost() < wanted {
                    assert!(began.elapsed() < REST, "only {} of {wanted} answers were there to be lost", cluster.wire.lost());
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                times = cluster.wire.lost();
                recovered = well(cluster).await;
                load.stop().await
            }
            Self::Backlog => {
                let jobs = if full { 20_000 } else { 500 };
                cluster.stop_workers().await;
                let seen = Arc::<Seen>::default();
                hand_in(cluster, jobs, name, &seen).await;
                times = count(&cluster.store(), "jobs", "state = 'queued'").await;
                let began = Instant::now();
                for _ in 0..2 {
                    cluster.add_worker().await;
                }
                while count(&cluster.store(), "jobs", "state IN ('queued', 'leased')").await > 0 {
                    tokio::time::sleep(Duration::from_millis(250)).await;
                }
                let took = began.elapsed();
                notes.push(format!("{times} waiting turns answered and charged in {:.1} s", took.as_secs_f64()));
                recovered = well(cluster).await;
                seen
            }
            Self::ClientsGone => {
                let clients = if full { 2_000 } else { 200 };
                let mut gone = Vec::new();
                for number in 0..clients {
                    let door = cluster.doors.lock().unwrap()[number % 2].clone();
                    let (part, patience) = (random.random_range(0.2..1.2_f64), random.random_range(0..300));
                    gone.push(tokio::spawn(leave(
                        door,
                        format!("{name}-gone-{number:06}-{}", MessageId::random()),
                        part,
                        patience,
                    )));
                    if number % 100 == 0 {
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
                for client in gone {
                    client.await.unwrap();
                }
                times = u64::try_from(clients).unwrap();
                recovered = well(cluster).await;
                let seen = self.load(cluster);
                tokio::time::sleep(Duration::from_secs(1)).await;
                let stored = count(&cluster.store(), "idempotency_keys", &format!("key LIKE '{name}-gone-%'")).await;
                notes.push(format!("{stored} of them had been understood; each was answered"));
                seen.stop().await
            }
            Self::Rolling => {
                let load = self.load(cluster);
                let mut slowest = Duration::ZERO;
                for _ in 0..if full { 10 } else { 2 } {
                    slowest = slowest.max(cluster.roll().await);
                    times += 1;
                }
                notes.push(format!("the slowest process took {:.1} s to stop", slowest.as_secs_f64()));
                recovered = well(cluster).await;
                load.stop().await
            }
            Self::ModelFails => {
                let messages = if full { 1_000 } else { 120 };
                let upstream = model::failing(4 * messages, random).await;
                cluster.answer_by(Some(upstream.url.clone())).await;
                let load = Load::start(&cluster.doors, CLIENTS, messages, name);
                while load.seen.answered() < messages {
                    tokio::time::sleep(model::BETWEEN).await;
                    cluster.kill_worker().await;
                    times += 1;
                }
                let seen = load.finish().await;
                settle(&cluster.store(), REST).await;
                let requests = upstream.requests().len();
                cluster.answer_by(None).await;
                recovered = well(cluster).await;
                let apologies = seen.answers.lock().unwrap().values().filter(|answer| answer.status == "failed").count();
                notes.push(format!(
                    "the model was asked {requests} times; {apologies} visitors got an apology, and a person was asked for"
                ));
                seen
            }
        };
        // A turn that ends with an apology is a job that was tried as often as it may be.
        let apologies = count(&cluster.store(), "turns", "state = 'failed'").await;
        let dead = settle(&cluster.store(), REST).await.saturating_sub(apologies);
        let setbacks: Vec<String> =
            seen.setbacks.lock().unwrap().iter().map(|(what, times)| format!("{what} ×{times}")).collect();
        if !setbacks.is_empty() {
            notes.push(format!("clients had to ask again after: {}", setbacks.join(", ")));
        }
        Report {
            what: self.what(),
            times,
            answered: seen.answered(),
            verdict: verify(&cluster.store(), name, &seen, self == Self::ModelFails).await,
            dead,
            server_errors: seen.server_errors.load(Ordering::SeqCst),
            only_redis: matches!(self, Self::RedisStalls | Self::RedisKilled | Self::RedisEmptied),
            longest: Duration::from_millis(seen.longest.load(Ordering::SeqCst)),
            recovered,
            notes,
        }
    }

    /// Clients that talk until they are stopped.
    fn load(self, cluster: &Cluster) -> Load {
        Load::start(&cluster.doors, CLIENTS, usize::MAX, self.name())
    }
}

/// Waits until the front office is well: every process is ready, and says that nothing is amiss; a new message is answered. How long that
/// took.
async fn well(cluster: &Cluster) -> Duration {
    let (began, http) = (Instant::now(), http());
    loop {
        let mut ready = true;
        for base in cluster.bases() {
            let health = http.get(format!("{base}/readyz")).send().await;
            let body = match health {
                Ok(health) => health.json::<serde_json::Value>().await.unwrap_or_default(),
                Err(_) => serde_json::Value::Null,
            };
            ready &= body["status"] == "ok";
        }
        let probe = Seen::default();
        let key = format!("probe-{}", MessageId::random());
        if ready && attempt(&http, &cluster.doors, &key, "wait=5", &probe).await.is_some() {
            return began.elapsed();
        }
        assert!(began.elapsed() < REST, "it does not recover: {:?}", probe.setbacks.lock().unwrap());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Hands in so many messages and waits for no answer.
async fn hand_in(cluster: &Cluster, messages: usize, name: &str, seen: &Arc<Seen>) {
    let next = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let clients = (0..CLIENTS).map(|_| {
        let (next, seen, doors, name) = (Arc::clone(&next), Arc::clone(seen), Arc::clone(&cluster.doors), name.to_owned());
        tokio::spawn(async move {
            let http = http();
            loop {
                let number = next.fetch_add(1, Ordering::SeqCst);
                if number >= messages {
                    return;
                }
                let key = format!("{name}-{number:06}-{}", MessageId::random());
                attempt(&http, &doors, &key, "respond-async", &seen).await;
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    let pending = seen.setbacks.lock().unwrap().remove("202 pending").unwrap_or_default();
    assert_eq!(pending, u64::try_from(messages).unwrap(), "every message is accepted: {:?}", seen.setbacks.lock().unwrap());
}

/// A client that sends a part of its request, or all of it, waits a little and is gone.
async fn leave(door: String, key: String, part: f64, patience: u64) {
    let body = serde_json::json!({"message": QUESTION, "client_message_id": key}).to_string();
    let host = door.strip_prefix("http://").unwrap();
    let request = format!(
        "POST /api/chat HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a part of it, roughly"
    )]
    let end = ((request.len() as f64 * part) as usize).min(request.len());
    let Ok(mut link) = TcpStream::connect(host).await else { return };
    if link.write_all(&request.as_bytes()[..end]).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(patience)).await;
    }
    // Gone without a word.
    let _ = link.set_zero_linger();
    drop(link);
}
