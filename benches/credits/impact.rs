//! What a draft would have done to a thousand businesses.

use std::{hint::black_box, time::Instant as Stopwatch};

use diesel::{
    Connection, QueryableByName, RunQueryDsl, SqliteConnection,
    sql_types::{BigInt, Binary, Nullable, Text},
};
use frontoffice_domain::{
    credit,
    db::{Conn, Location},
    pricing,
    tenancy::Platform,
};
use tokio_postgres::NoTls;

use crate::{
    fill::Fill,
    harness::{
        app::{Office, TestApp},
        store::{Database, Store},
    },
    lasting,
};

const BUSINESSES: u32 = 1_000;
/// Each figure is the quickest of so many.
const TIMES: usize = 3;

pub(crate) async fn measure(store: Store, sizes: &[u32]) {
    println!(
        "\nimpact on {BUSINESSES} businesses\nstore     usage     ours, s   rows/s     floor, s   ratio   grown by   ours grew by"
    );
    let folder = tempfile::tempdir().unwrap();
    let database = lasting(store, folder.path()).await;
    let mut office = Office::new(store).on(&database).idle().start().await;
    office.db_tenant("other", true, &[]).await;
    Fill { database: &database, businesses: (1, BUSINESSES), turns: (0, 0) }.businesses().await;
    let (mut there, mut before) = (0, None);
    for size in sizes {
        let each = size / BUSINESSES;
        Fill { database: &database, businesses: (1, BUSINESSES), turns: (there + 1, each) }.charged().await;
        there = each;
        let (mut ours, mut floor) = (f64::MAX, f64::MAX);
        for _ in 0..TIMES {
            let began = Stopwatch::now();
            let affected = impact(&office).await;
            assert!(affected >= u64::from(BUSINESSES), "all of them pay more: {affected}");
            ours = ours.min(began.elapsed().as_secs_f64());
            let began = Stopwatch::now();
            bare(&database).await;
            floor = floor.min(began.elapsed().as_secs_f64());
        }
        let grown = before.map_or_else(String::new, |(size_before, ours_before): (u32, f64)| {
            format!("{:>8.1} {:>14.1}", f64::from(*size) / f64::from(size_before), ours / ours_before)
        });
        let name = if store == Store::Sqlite { "sqlite" } else { "postgres" };
        println!("{name:<9} {size:>8} {ours:>9.2} {:>9.0} {floor:>10.2} {:>7.2} {grown}", f64::from(*size) / ours, ours / floor);
        before = Some((*size, ours));
    }
    office.stop().await;
}

/// How many a draft would make pay more that costs a little more and counts dearer.
async fn impact(office: &TestApp) -> u64 {
    let platform = Platform::of_this_process();
    let (this, now) = (platform.clone(), office.clock.now());
    let looking = async move |mut conn: Conn| {
        let mut draft = pricing::resolve(&mut conn, now).await?.expect("set-up published one").pricebook;
        for plan in &mut draft.plans {
            plan.list_price.minor += 100;
        }
        for rate in &mut draft.rates {
            rate.per_tokens = rate.per_tokens.map(|tokens| tokens / 2);
        }
        credit::impact(&mut conn, &this, &draft, now).await
    };
    office.app().db.platform_read(&platform, looking).await.unwrap().affected
}

#[derive(QueryableByName)]
struct Alike {
    #[diesel(sql_type = Binary)]
    tenant_id: Vec<u8>,
    #[diesel(sql_type = Text)]
    action: String,
    #[diesel(sql_type = Nullable<Text>)]
    model: Option<String>,
    #[diesel(sql_type = BigInt)]
    tokens: i64,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

const ALIKE: &str = "SELECT c.tenant_id, c.action, m.model, CAST(c.prompt_tokens AS bigint) + c.completion_tokens AS tokens, count(*) AS count \
     FROM credit_charges c JOIN turns t ON t.tenant_id = c.tenant_id AND t.id = c.turn_id \
     LEFT JOIN messages m ON m.tenant_id = t.tenant_id AND m.id = t.answer_id GROUP BY 1, 2, 3, 4";

/// The statement that counts alike charges together.
async fn bare(database: &Database) {
    match &database.location {
        Location::Sqlite(path) => {
            let path = path.to_string_lossy().into_owned();
            let reading = move || {
                let rows: Vec<Alike> = diesel::sql_query(ALIKE).load(&mut SqliteConnection::establish(&path).unwrap()).unwrap();
                for Alike { tenant_id, action, model, tokens, count } in rows {
                    black_box((tenant_id, action, model, tokens, count));
                }
            };
            tokio::task::spawn_blocking(reading).await.unwrap();
        }
        Location::Postgres(url) => {
            let (client, link) = tokio_postgres::connect(url, NoTls).await.unwrap();
            tokio::spawn(link);
            for row in client.query(ALIKE, &[]).await.unwrap() {
                black_box::<(uuid::Uuid, String, Option<String>, i64, i64)>((
                    row.get(0),
                    row.get(1),
                    row.get(2),
                    row.get(3),
                    row.get(4),
                ));
            }
        }
    }
}
