//! What the front office loses when everything around it fails: `cargo test --test faults`, at full size with `-- --full`.
//!
//! Two APIs and two workers, each a process of its own, on a private Postgres and a private Redis. Clients say things under keys of their
//! own and ask again until they have the answer. Meanwhile processes are killed, servers stalled, emptied and restarted, answers lost. In
//! the end every message must be there once, answered once and charged once; every second nothing may be found that must never be.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "in a test, a panic is the report"
)]

mod check;
mod cluster;
#[path = "../harness/mod.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "it needs less than the tests do")]
mod harness;
mod load;
mod model;
mod scenarios;
mod wire;

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Parser;
use rand::{SeedableRng, rngs::StdRng};

use crate::{check::Watch, cluster::Cluster, scenarios::Scenario};

/// Lets everything fail and counts what is lost.
#[derive(Debug, Parser)]
struct Options {
    /// At the size that the documentation names, instead of one that ends in a few minutes.
    #[arg(long)]
    full: bool,
    /// Where chance begins; the same seed kills at the same points.
    #[arg(long, default_value_t = 4_711)]
    seed: u64,
    /// Only these, by name.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Keep quiet about what is under way.
    #[arg(long)]
    quiet: bool,
}

/// How long the front office may need to be well again, without a hand.
const RECOVERY: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if runtime.block_on(run(&options)) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn run(options: &Options) -> bool {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let began = Instant::now();
    let mut cluster = Cluster::start(options.full).await;
    let watch = Watch::start(&cluster.store());
    let mut random = StdRng::seed_from_u64(options.seed);
    let mut passed = true;
    println!("seed {}, {}", options.seed, if options.full { "full size" } else { "small size" });
    println!(
        "{:<42} {:>7} {:>8} {:>5} {:>7} {:>5} {:>9} {:>9} {:>7}",
        "what fails", "times", "answered", "lost", "doubled", "5xx", "longest", "recovered", "took"
    );
    for scenario in Scenario::ALL {
        if !options.only.is_empty() && !options.only.iter().any(|name| name == scenario.name()) {
            continue;
        }
        let started = Instant::now();
        let report = scenario.run(&mut cluster, options.full, &mut random).await;
        println!(
            "{:<42} {:>7} {:>8} {:>5} {:>7} {:>5} {:>7.1} s {:>7.1} s {:>5.0} s",
            report.what,
            report.times,
            report.answered,
            report.verdict.lost,
            report.verdict.doubled,
            report.server_errors,
            report.longest.as_secs_f64(),
            report.recovered.as_secs_f64(),
            started.elapsed().as_secs_f64(),
        );
        for note in &report.notes {
            println!("    {note}");
        }
        let kept = report.verdict.lost == 0 && report.verdict.doubled == 0 && report.dead == 0;
        let well = report.recovered <= RECOVERY && (!report.only_redis || report.server_errors == 0);
        if !(kept && well) {
            println!("    FAILED ({} dead jobs)", report.dead);
            passed = false;
        }
    }
    let (found, looks) = watch.end();
    println!("looked {looks} times for what must never be; found {}", found.len());
    for violation in found.iter().take(20) {
        println!("    {violation}");
    }
    passed &= found.is_empty();
    if !passed && !options.quiet {
        for log in cluster.logs() {
            let text = std::fs::read_to_string(&log).unwrap_or_default();
            println!("-- {}", log.file_name().unwrap().to_string_lossy());
            text.lines().rev().take(8).collect::<Vec<_>>().into_iter().rev().for_each(|line| println!("   {line}"));
        }
    }
    cluster.end().await;
    println!("{} in {:.0} s", if passed { "passed" } else { "FAILED" }, began.elapsed().as_secs_f64());
    passed
}
