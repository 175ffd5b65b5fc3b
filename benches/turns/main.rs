//! How fast the front office is: `cargo bench`, or `cargo bench -- --full`.
//!
//! Every figure stands beside a floor measured in the same run on the same machine, because only the ratio means something on another
//! one. Visitors, endpoint, floor and front office share this process, so all of them share its processors. After each figure the
//! queue must become empty, every turn be charged, and nothing be found that must never be, so that no figure hides lost work.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "in a measurement, a panic is the report"
)]

mod floor;
#[path = "../../tests/harness/mod.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "a measurement needs less than the tests do")]
mod harness;
mod load;
mod office;
mod program;
mod upstream;

use std::{path::Path, time::Duration};

use clap::Parser;
use frontoffice::settings::Settings;
use frontoffice_domain::db::Location;

use crate::{
    harness::{postgres, store::Store},
    load::{Measured, Target, Turn, drive},
    office::Office,
    program::Program,
};

/// Measures turns a second and added latency against a floor.
#[derive(Debug, Parser)]
struct Options {
    /// As `cargo bench` calls it.
    #[arg(long, hide = true)]
    bench: bool,
    /// Fifteen seconds for each figure instead of three.
    #[arg(long)]
    full: bool,
    /// So many seconds for each figure.
    #[arg(long)]
    seconds: Option<u64>,
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres")]
    stores: Vec<String>,
    #[arg(long, value_delimiter = ',', default_value = "whole,streamed")]
    modes: Vec<String>,
    /// How many visitors at once.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64")]
    clients: Vec<usize>,
    /// Over how many businesses they are spread.
    #[arg(long, value_delimiter = ',', default_value = "1,16")]
    tenants: Vec<usize>,
}

/// How long the endpoint thinks where latency is measured.
const THINKS: Duration = Duration::from_millis(50);
const IDLE: Duration = Duration::from_secs(2);

/// The share of the floor that is aimed at, and the other aims.
const AIM: f64 = 1.0 / 3.0;
const AIM_FIRST: f64 = 5.0;
const AIM_MEMORY: f64 = 40.0;
const AIM_READY: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() {
    let options = Options::parse();
    if !options.bench {
        println!("This measures under `cargo bench`.");
        return;
    }
    // One client after the other says so; the first one counts.
    let _ = rustls::crypto::ring::default_provider().install_default();
    if cfg!(debug_assertions) {
        println!("Not optimised: no figure here means anything.");
    }
    println!("{HEAD}");
    let mut met = Vec::new();
    for store in options.stores() {
        for &tenants in &options.tenants {
            met.extend(throughput(&options, store, tenants).await);
        }
    }
    println!("\nat least a third of the floor: {} of {} figures", met.iter().filter(|met| **met).count(), met.len());
    println!("\none visitor, streamed, of an endpoint that thinks for {THINKS:?}: how much later its first word is heard, in ms");
    println!("{FIRST_HEAD}");
    for store in options.stores() {
        first_word(&options, store).await;
    }
    tokio::task::block_in_place(alone);
}

impl Options {
    fn stores(&self) -> Vec<Store> {
        let named = |name: &String| match name.as_str() {
            "sqlite" => Store::Sqlite,
            "postgres" => Store::Postgres,
            other => panic!("there is no store {other}"),
        };
        self.stores.iter().map(named).collect()
    }

    fn span(&self) -> Duration {
        Duration::from_secs(self.seconds.unwrap_or(if self.full { 15 } else { 3 }))
    }
}

/// An empty store of its own that survives a power cut.
async fn fresh(store: Store, folder: &Path, name: &str) -> Location {
    match store {
        Store::Sqlite => Location::Sqlite(folder.join(format!("{name}.db"))),
        Store::Postgres => Location::Postgres(postgres::database_that(true).await),
    }
}

/// The floor and the front office, each on a store of its own, asking the same endpoint.
async fn both(store: Store, folder: &Path, tenants: usize, delay: Duration) -> (Office, [Target; 2]) {
    let upstream = upstream::start(delay).await;
    let connections = Settings::defaults().unwrap().connections;
    let floor = floor::start(&fresh(store, folder, "floor").await, connections, &upstream).await;
    let office = Office::start(store, &fresh(store, folder, "office").await, folder, &upstream, tenants).await;
    let businesses = office.businesses.clone();
    let floor = Target { url: floor, businesses: businesses.clone(), streamed: false };
    let ours = Target { url: office.url.clone(), businesses, streamed: false };
    (office, [floor, ours])
}

const HEAD: &str = "
                                     floor   turns                 whole turn, ms                first word later, ms
store    tenants mode     clients     /s      /s  ratio  metered   floor p50/p99     p50/p99      floor p50/p99     p50/p99";

/// Prints a line for each mode and number of clients; says of each whether it reached its aim.
async fn throughput(options: &Options, store: Store, tenants: usize) -> Vec<bool> {
    let folder = tempfile::tempdir().unwrap();
    let (office, targets) = both(store, folder.path(), tenants, Duration::ZERO).await;
    let (mut met, warm) = (Vec::new(), Duration::from_secs(1));
    for mode in &options.modes {
        let streamed = mode == "streamed";
        let [floor, ours] = targets.clone().map(|target| Target { streamed, ..target });
        for &clients in &options.clients {
            let floor = drive(&floor, clients, warm, options.span()).await;
            let charged = office.charges().await;
            let ours = drive(&ours, clients, warm, options.span()).await;
            office.settle().await;
            let metered = f64::from(u32::try_from(ours.all).unwrap()) / ours.began.elapsed().as_secs_f64();
            assert_eq!(office.charges().await - charged, ours.all, "every turn is charged");
            office.check().await;
            let ratio = ours.rate / floor.rate;
            met.push(ratio >= AIM);
            let whole = |measured: &Measured| pair(measured, |turn| turn.whole);
            let first = |measured: &Measured| if streamed { pair(measured, Turn::first) } else { String::new() };
            println!(
                "{:<8} {tenants:>7} {mode:<8} {clients:>7} {:>7.0} {:>7.0} {ratio:>6.2} {metered:>8.0} {:>15} {:>15} {:>15} {:>15}",
                name(store),
                floor.rate,
                ours.rate,
                whole(&floor),
                whole(&ours),
                first(&floor),
                first(&ours),
            );
        }
    }
    office.stop().await;
    met
}

const FIRST_HEAD: &str = "store        floor p50/p99     p50/p99   of it until the endpoint is asked   after it spoke";

/// Prints how much later the first word of an answer is heard than it would be from the endpoint itself.
async fn first_word(options: &Options, store: Store) {
    let folder = tempfile::tempdir().unwrap();
    let (office, targets) = both(store, folder.path(), 1, THINKS).await;
    let [floor, ours] = targets.map(|target| Target { streamed: true, ..target });
    let warm = Duration::from_millis(500);
    let floor = drive(&floor, 1, warm, options.span()).await;
    let ours = drive(&ours, 1, warm, options.span()).await;
    office.settle().await;
    office.check().await;
    office.stop().await;
    let added = ours.at(50, Turn::first);
    println!(
        "{:<8} {:>17} {:>11} {:>35} {:>16}   {}",
        name(store),
        pair(&floor, Turn::first),
        pair(&ours, Turn::first),
        pair(&ours, |turn| turn.before),
        pair(&ours, |turn| turn.after.unwrap_or(0)),
        verdict(added <= AIM_FIRST, &format!("{AIM_FIRST} ms")),
    );
}

/// Prints what the program takes by itself.
fn alone() {
    let folder = tempfile::tempdir().unwrap();
    // The first start also makes the store; it has ended before the second begins.
    let first = Program::start(folder.path()).ready;
    let program = Program::start(folder.path());
    std::thread::sleep(IDLE);
    let (ready, memory) = (program.ready, program.memory());
    let in_time = verdict(ready.max(first) <= AIM_READY, &format!("{AIM_READY:?}"));
    println!("\nready after {} ms, the very first time {} ms: {in_time}", ready.as_millis(), first.as_millis());
    let small = verdict(memory <= AIM_MEMORY, &format!("{AIM_MEMORY} MiB"));
    println!("idle memory of API, workers and SQLite {memory:.1} MiB: {small}");
}

fn name(store: Store) -> &'static str {
    match store {
        Store::Sqlite => "sqlite",
        Store::Postgres => "postgres",
    }
}

fn pair(measured: &Measured, of: impl Fn(&Turn) -> u64 + Copy) -> String {
    format!("{:.1}/{:.1}", measured.at(50, of), measured.at(99, of))
}

fn verdict(met: bool, aim: &str) -> String {
    format!("{} the aim of {aim}", if met { "within" } else { "MISSES" })
}
