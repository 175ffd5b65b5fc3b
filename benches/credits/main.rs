//! What metering costs, and looking ahead at prices: `cargo bench --bench credits`, or with `-- --full` at full size.
//!
//! **Captures**: turns that have ended are metered by a worker, of one business and spread over many; as they come, when what waits is taken along,
//! and one by one. Beside them stands the floor, measured in the same run on the same store: the statements without which nothing is captured,
//! prepared, one transaction for each.
//!
//! **Impact**: what a draft of a pricebook would have done to a thousand businesses with all they used in 30 days. The floor is the one statement
//! that counts alike charges together, with every row of it read.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "in a measurement, a panic is the report"
)]

mod captures;
mod fill;
#[path = "../../tests/harness/mod.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "a measurement needs less than the tests do")]
mod harness;
mod impact;
#[path = "../rows.rs"]
mod rows;

use clap::Parser;
use frontoffice_domain::db::Location;

use crate::harness::{
    postgres,
    store::{Database, Store},
};

/// Measures metering and the impact of prices.
#[derive(Debug, Parser)]
struct Options {
    /// As `cargo bench` calls it.
    #[arg(long, hide = true)]
    bench: bool,
    /// Up to a million rows of usage, and 20,000 captures for each figure.
    #[arg(long)]
    full: bool,
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres")]
    stores: Vec<String>,
    #[arg(long, value_delimiter = ',', default_value = "captures,impact")]
    what: Vec<String>,
    /// How many turns are metered for each figure.
    #[arg(long)]
    turns: Option<u32>,
    /// How many rows of usage a thousand businesses have together.
    #[arg(long, value_delimiter = ',')]
    usage: Option<Vec<u32>>,
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    if !options.bench {
        println!("This measures under `cargo bench --bench credits`.");
        return;
    }
    let _ = rustls::crypto::ring::default_provider().install_default();
    if cfg!(debug_assertions) {
        println!("Not optimised: no figure here means anything.");
    }
    for what in &options.what {
        for store in options.stores.iter().map(|name| self::store(name)) {
            match what.as_str() {
                "captures" => captures::measure(store, options.turns.unwrap_or(if options.full { 20_000 } else { 4_000 })).await,
                "impact" => {
                    let sizes = if options.full { vec![10_000, 100_000, 1_000_000] } else { vec![10_000, 100_000] };
                    impact::measure(store, options.usage.as_deref().unwrap_or(&sizes)).await;
                }
                other => panic!("{other} is not measured"),
            }
        }
    }
}

fn store(name: &str) -> Store {
    match name {
        "sqlite" => Store::Sqlite,
        "postgres" => Store::Postgres,
        other => panic!("there is no store {other}"),
    }
}

/// An empty store that survives a power cut.
async fn lasting(store: Store, folder: &std::path::Path) -> Database {
    let location = match store {
        Store::Sqlite => Location::Sqlite(folder.join("credits.db")),
        Store::Postgres => Location::Postgres(postgres::database_that(true).await),
    };
    Database { store, location, memory: None }
}
