//! What a page of GraphQL costs: `cargo bench --bench pages`, or with `-- --full` up to a million messages.
//!
//! A page of twenty conversations with ten messages each and the version of the persona that gave each answer, and one message by its id,
//! asked of the real program over HTTP by a portal that is signed in. Beside each stands its floor, measured in the same run: the
//! statements that such a page takes, prepared, on the same store, with every value read and nothing else done. What is counted is processor
//! time, of the program or of this process, and of Postgres, so that who asks costs nothing.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "in a measurement, a panic is the report"
)]

mod cpu;
mod fill;
mod floor;
#[path = "../../tests/harness/mod.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "a measurement needs less than the tests do")]
mod harness;
#[path = "../rows.rs"]
mod rows;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use clap::Parser;
use frontoffice_domain::db::Location;
use reqwest::Client;
use serde_json::{Value, json};

use crate::{
    cpu::Meter,
    floor::Floor,
    harness::{
        actors::OWNER_PASSWORD,
        postgres,
        program::Program,
        store::{Database, Store},
    },
};

/// Measures pages and objects against their bare statements.
#[derive(Debug, Parser)]
struct Options {
    /// As `cargo bench` calls it.
    #[arg(long, hide = true)]
    bench: bool,
    /// Ten thousand, two hundred thousand and a million messages, ten seconds for each figure.
    #[arg(long)]
    full: bool,
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres")]
    stores: Vec<String>,
    /// How many messages there are.
    #[arg(long, value_delimiter = ',')]
    messages: Option<Vec<u32>>,
    /// So many seconds for each figure.
    #[arg(long)]
    seconds: Option<u64>,
}

/// How many times its bare statements a page may cost.
const AIM: f64 = 2.0;
/// Who asks at once.
const CLIENTS: usize = 4;

const PAGE: &str = "query($slug: String!) { tenant(slug: $slug) { conversations(first: 20) { edges { cursor node { \
    id sessionId state channel locale createdAt lastMessageAt messages(first: 10) { edges { node { \
    id sequence role status text model createdAt personaVersion { id number name } } } } } } pageInfo { hasNextPage endCursor } } } }";
const OBJECT: &str = "query($id: ID!) { node(id: $id) { ... on Message { id sequence role status text model createdAt personaVersion { id number name } } } }";
/// The platform's own tenant.
const SLUG: &str = "office16852-platform";

#[tokio::main]
async fn main() {
    let options = Options::parse();
    if !options.bench {
        println!("This measures under `cargo bench --bench pages`.");
        return;
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    if cfg!(debug_assertions) {
        println!("Not optimised: no figure here means anything.");
    }
    println!("{HEAD}");
    let mut missed = 0;
    for store in &options.stores {
        missed += measure(&options, store).await;
    }
    println!("\nat most {AIM} times the bare statements: {missed} figures miss that");
}

const HEAD: &str =
    "\nstore     messages  what     asked/s   ours, µs  of it store   floor, µs  of it store  ratio   grown since the first";

/// A figure: processor time for each, in microseconds, and how much of that is the store's.
#[derive(Clone, Copy)]
struct Cost {
    each: f64,
    store: f64,
    rate: f64,
}

async fn measure(options: &Options, store: &str) -> usize {
    let sizes =
        options.messages.clone().unwrap_or(if options.full { vec![10_000, 200_000, 1_000_000] } else { vec![10_000, 200_000] });
    let span = Duration::from_secs(options.seconds.unwrap_or(if options.full { 10 } else { 3 }));
    let folder = tempfile::tempdir().unwrap();
    let location = match store {
        "sqlite" => Location::Sqlite(folder.path().join("pages.db")),
        "postgres" => Location::Postgres(postgres::database_that(true).await),
        other => panic!("there is no store {other}"),
    };
    let kind = if store == "sqlite" { Store::Sqlite } else { Store::Postgres };
    let database = Database { store: kind, location: location.clone(), memory: None };
    let url = database.url();
    let variables = [
        ("FRONTOFFICE_LISTEN", "127.0.0.1:0"),
        ("FRONTOFFICE_LOG", "warn"),
        ("DATABASE_URL", &*url),
        ("FRONTOFFICE_OWNER_PASSWORD", OWNER_PASSWORD),
    ];
    let program = Program::start(folder.path(), &variables).await;
    let asker = Asker::sign_in(&program.base).await;
    let (mut filled, mut first, mut missed) = (0, Vec::new(), 0);
    for size in sizes {
        fill::messages(&database, filled, size).await;
        filled = size;
        let mut floors = Vec::new();
        for _ in 0..CLIENTS {
            floors.push(Floor::open(&location).await);
        }
        let message = asker.a_message().await;
        let asked = [
            ("page", json!({"query": PAGE, "variables": {"slug": SLUG}})),
            ("object", json!({"query": OBJECT, "variables": {"id": message}})),
        ];
        for (number, (what, body)) in asked.into_iter().enumerate() {
            let is_page = what == "page";
            assert_eq!(floors[0].rows(is_page).await, asker.rows(&body, is_page).await, "both read the same");
            let ours = asker.drive(&body, span, Meter::new(program.id(), &location)).await;
            let bare = Floor::drive(&mut floors, is_page, span, Meter::new(std::process::id(), &location)).await;
            let ratio = ours.each / bare.each;
            missed += usize::from(ratio > AIM);
            if first.len() <= number {
                first.push(ours.each);
            }
            println!(
                "{store:<9} {size:>8}  {what:<8} {:>7.0} {:>10.0} {:>12.0} {:>11.0} {:>12.0} {ratio:>6.2} {:>10.2}{}",
                ours.rate,
                ours.each,
                ours.store,
                bare.each,
                bare.store,
                ours.each / first[number],
                if ratio > AIM { "   MISSES" } else { "" },
            );
        }
    }
    program.signal("TERM");
    assert!(program.end().await.0.success());
    missed
}

/// A portal that is signed in.
#[derive(Clone)]
struct Asker {
    client: Client,
    url: String,
    token: String,
}

impl Asker {
    async fn sign_in(base: &str) -> Self {
        #[expect(clippy::disallowed_methods, reason = "who asks has no house to leave")]
        let client = Client::builder().no_proxy().build().unwrap();
        let body = json!({"email": "owner@localhost", "password": OWNER_PASSWORD});
        let answer: Value = client.post(format!("{base}/api/auth/login")).json(&body).send().await.unwrap().json().await.unwrap();
        Self { client, url: format!("{base}/graphql"), token: answer["access_token"].as_str().unwrap().to_owned() }
    }

    async fn ask(&self, body: &Value) -> Value {
        let answer = self.client.post(&self.url).bearer_auth(&self.token).json(body).send().await.unwrap();
        answer.json().await.unwrap()
    }

    /// The id of an answer in the newest conversation.
    async fn a_message(&self) -> Value {
        let answer = self.ask(&json!({"query": PAGE, "variables": {"slug": SLUG}})).await;
        answer
            .pointer("/data/tenant/conversations/edges/0/node/messages/edges/1/node/id")
            .unwrap_or_else(|| panic!("{answer}"))
            .clone()
    }

    /// How many conversations, messages and names of personas an answer has.
    async fn rows(&self, body: &Value, is_page: bool) -> (usize, usize, usize) {
        let answer = self.ask(body).await;
        assert!(answer["errors"].is_null(), "{answer}");
        if !is_page {
            return (0, 1, usize::from(answer["data"]["node"]["personaVersion"]["name"].is_string()));
        }
        let edges = answer["data"]["tenant"]["conversations"]["edges"].as_array().unwrap().clone();
        let messages: Vec<Value> =
            edges.iter().flat_map(|edge| edge["node"]["messages"]["edges"].as_array().unwrap().clone()).collect();
        let named = messages.iter().filter(|edge| edge["node"]["personaVersion"]["name"].is_string()).count();
        (edges.len(), messages.len(), named)
    }

    async fn drive(&self, body: &Value, span: Duration, meter: Meter) -> Cost {
        let text = body.to_string();
        let run = async |span: Duration| {
            let (count, until) = (Arc::new(AtomicU32::new(0)), Instant::now() + span);
            let clients = (0..CLIENTS).map(|_| {
                let (asker, text, count) = (self.clone(), text.clone(), Arc::clone(&count));
                tokio::spawn(async move {
                    while Instant::now() < until {
                        let request =
                            asker.client.post(&asker.url).bearer_auth(&asker.token).header("content-type", "application/json");
                        let answer = request.body(text.clone()).send().await.unwrap();
                        assert_eq!(answer.status(), 200);
                        answer.bytes().await.unwrap();
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                })
            });
            for client in clients.collect::<Vec<_>>() {
                client.await.unwrap();
            }
            count.load(Ordering::Relaxed)
        };
        run(Duration::from_secs(1)).await;
        let (before, began) = (meter.read(), Instant::now());
        let count = run(span).await;
        cost(before, meter.read(), count, began.elapsed())
    }
}

/// What one of `count` took between two readings.
fn cost(before: cpu::Reading, after: cpu::Reading, count: u32, elapsed: Duration) -> Cost {
    let count = f64::from(count);
    let store = (after.store - before.store) * 1e6 / count;
    Cost { each: (after.process - before.process) * 1e6 / count + store, store, rate: count / elapsed.as_secs_f64() }
}
