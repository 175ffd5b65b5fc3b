//! Turns that have ended are metered.

use std::time::{Duration, Instant as Stopwatch};

use diesel::{SqliteConnection, connection::SimpleConnection, prelude::*};
use frontoffice_domain::db::Location;
use tokio_postgres::{Client, NoTls, Statement};
use uuid::Uuid;

use crate::{
    fill::{Fill, HELD},
    harness::{
        app::Office,
        store::{Database, Store},
    },
    lasting,
};

/// So many businesses the turns are spread over.
const SPREAD: u32 = 100;
/// So many write at once where the store lets them.
const WRITERS: usize = 8;

#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// A worker, as it does it.
    Along,
    /// A worker, but one by one.
    Alone,
    /// The bare statements.
    Bare,
}

pub(crate) async fn measure(store: Store, turns: u32) {
    println!("\n{turns} captures\nstore     accounts   taken along/s   one by one/s   bare/s   ratio   one by one");
    for businesses in [1, SPREAD] {
        let mut rates = Vec::new();
        for how in [How::Along, How::Alone, How::Bare] {
            rates.push(one(store, businesses, turns / businesses, how).await);
        }
        let name = if store == Store::Sqlite { "sqlite" } else { "postgres" };
        println!(
            "{name:<9} {businesses:>8} {:>15.0} {:>14.0} {:>8.0} {:>7.2} {:>12.2}",
            rates[0],
            rates[1],
            rates[2],
            rates[2] / rates[0],
            rates[2] / rates[1],
        );
    }
}

/// Captures a second.
async fn one(store: Store, businesses: u32, each: u32, how: How) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let database = lasting(store, folder.path()).await;
    let mut idle = Office::new(store).on(&database).idle().start().await;
    idle.db_tenant("other", true, &[]).await;
    let fill = Fill { database: &database, businesses: (1, businesses), turns: (1, each) };
    fill.businesses().await;
    fill.to_be_metered().await;
    let all = usize::try_from(businesses * each).unwrap();
    if how == How::Alone {
        database.db_do("UPDATE jobs SET attempt = 1 WHERE name = 'meter_usage'").await;
    }
    let charged = async || database.db_count("credit_charges", "true").await;
    let (began, from) = if how == How::Bare {
        let began = Stopwatch::now();
        bare(&database, businesses, each).await;
        (began, 0)
    } else {
        let mut office = Office::new(store).on(&database).at(idle.clock.now()).start().await;
        // What the start takes is not counted.
        while charged().await < all / 20 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let (began, from) = (Stopwatch::now(), charged().await);
        while charged().await < all {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let took = began.elapsed();
        assert_eq!(office.violations().await, []);
        office.stop().await;
        idle.stop().await;
        return f64::from(u32::try_from(all - from).unwrap()) / took.as_secs_f64();
    };
    let took = began.elapsed();
    assert_eq!(charged().await, all);
    assert_eq!(idle.violations().await, [], "the bare statements leave everything as it has to be");
    idle.stop().await;
    f64::from(u32::try_from(all - from).unwrap()) / took.as_secs_f64()
}

/// A turn that is still to be metered.
#[derive(Clone)]
struct Open {
    tenant: Uuid,
    turn: Uuid,
    hold: Uuid,
    job: Uuid,
    grant: Uuid,
    /// What it costs.
    credits: i64,
    tokens: i32,
}

fn uuid(kind: u16, number: u64) -> Uuid {
    format!("01900000-0000-{kind:04x}-8000-{number:012x}").parse().unwrap()
}

async fn bare(database: &Database, businesses: u32, each: u32) {
    // One after the other of each, and of all of them in turn.
    let open = |number: u32| {
        let (tenant, turn) = (number % businesses + 1, number / businesses + 1);
        let row = u64::from(tenant) * 16_777_216 + u64::from(turn);
        let tokens = 150 + i32::try_from(turn).unwrap() * 37 % 2_800;
        let credits = i64::from((tokens + 50 + 999) / 1_000) * 1_000_000;
        let of = |kind| uuid(kind, u64::from(tenant));
        Open {
            tenant: of(0x7000),
            grant: of(0x7010),
            turn: uuid(0x7005, row),
            hold: uuid(0x7008, row),
            job: uuid(0x7011, row),
            credits,
            tokens,
        }
    };
    let all: Vec<Open> = (0..businesses * each).map(open).collect();
    match &database.location {
        Location::Sqlite(path) => {
            let path = path.to_string_lossy().into_owned();
            tokio::task::spawn_blocking(move || sqlite(&path, &all)).await.unwrap();
        }
        Location::Postgres(url) => {
            let mut writers = Vec::new();
            for writer in 0..WRITERS {
                let own: Vec<Open> = all.iter().skip(writer).step_by(WRITERS).cloned().collect();
                let url = url.clone();
                writers.push(tokio::spawn(async move { Writer::open(&url).await.capture(own).await }));
            }
            for writer in writers {
                writer.await.unwrap();
            }
        }
    }
}

diesel::table! { jobs (id) { id -> Binary, state -> Text, attempt -> Integer, ended_at -> Nullable<BigInt>, } }
diesel::table! { visitors (id) { id -> Binary, tenant_id -> Binary, spent -> BigInt, } }
diesel::table! { credit_accounts (tenant_id) { tenant_id -> Binary, balance -> BigInt, held -> BigInt, last_entry -> BigInt, } }
diesel::table! { credit_grants (id) { id -> Binary, remaining -> BigInt, held -> BigInt, } }
diesel::table! { credit_holds (id) { id -> Binary, settled_at -> Nullable<BigInt>, } }
diesel::table! { pricebook_versions (number) { number -> Integer, content_hash -> Binary, } }
diesel::table! {
    credit_charges (tenant_id, usage_key) {
        tenant_id -> Binary, usage_key -> Text, turn_id -> Binary, hold_id -> Binary, action -> Text, prompt_tokens -> Integer, completion_tokens -> Integer,
        estimated -> Bool, rated -> BigInt, captured -> BigInt, overage -> BigInt, absorbed -> BigInt, pricebook_version -> Integer, content_hash -> Binary,
        created_at -> BigInt,
    }
}
diesel::table! {
    credit_entries (tenant_id, number) {
        tenant_id -> Binary, number -> BigInt, kind -> Text, amount -> BigInt, balance_before -> BigInt, balance_after -> BigInt, held_before -> BigInt,
        held_after -> BigInt, grant_id -> Binary, hold_id -> Binary, turn_id -> Binary, pricebook_version -> Integer, content_hash -> Binary,
        occurred_at -> BigInt, created_at -> BigInt,
    }
}

fn sqlite(path: &str, all: &[Open]) {
    let mut link = SqliteConnection::establish(path).unwrap();
    // As the program writes what is simply done again if it is lost.
    link.batch_execute("PRAGMA busy_timeout = 10000; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;").unwrap();
    let hash: Vec<u8> = pricebook_versions::table.find(1).select(pricebook_versions::content_hash).first(&mut link).unwrap();
    let now = 1_795_348_800_000_000_i64;
    for Open { tenant, turn, hold, job, grant, credits, tokens } in all {
        let (tenant_id, turn_id, hold_id, grant_id) =
            (tenant.as_bytes().as_slice(), turn.as_bytes().as_slice(), hold.as_bytes().as_slice(), grant.as_bytes().as_slice());
        let done = link.immediate_transaction(|link| {
            diesel::update(jobs::table.find(job.as_bytes().as_slice()))
                .set((jobs::state.eq("done"), jobs::attempt.eq(1), jobs::ended_at.eq(now)))
                .execute(link)?;
            diesel::update(visitors::table.filter(visitors::tenant_id.eq(tenant_id)))
                .set(visitors::spent.eq(visitors::spent + credits))
                .execute(link)?;
            let (balance, held, last): (i64, i64, i64) = diesel::update(credit_accounts::table.find(tenant_id))
                .set((
                    credit_accounts::balance.eq(credit_accounts::balance - credits),
                    credit_accounts::held.eq(credit_accounts::held - HELD),
                    credit_accounts::last_entry.eq(credit_accounts::last_entry + 2),
                ))
                .returning((credit_accounts::balance, credit_accounts::held, credit_accounts::last_entry))
                .get_result(link)?;
            diesel::update(credit_grants::table.find(grant_id))
                .set((
                    credit_grants::remaining.eq(credit_grants::remaining - credits),
                    credit_grants::held.eq(credit_grants::held - HELD),
                ))
                .execute(link)?;
            let back = HELD - credits;
            for (number, kind, amount, before, after) in [
                (last - 1, "capture", *credits, (balance + credits, held + HELD), (balance, held + back)),
                (last, "release", back, (balance, held + back), (balance, held)),
            ] {
                diesel::insert_into(credit_entries::table)
                    .values((
                        (
                            credit_entries::tenant_id.eq(tenant_id),
                            credit_entries::number.eq(number),
                            credit_entries::kind.eq(kind),
                            credit_entries::amount.eq(amount),
                        ),
                        (credit_entries::balance_before.eq(before.0), credit_entries::balance_after.eq(after.0)),
                        (credit_entries::held_before.eq(before.1), credit_entries::held_after.eq(after.1)),
                        (
                            credit_entries::grant_id.eq(grant_id),
                            credit_entries::hold_id.eq(hold_id),
                            credit_entries::turn_id.eq(turn_id),
                        ),
                        (credit_entries::pricebook_version.eq(1), credit_entries::content_hash.eq(&hash)),
                        (credit_entries::occurred_at.eq(now), credit_entries::created_at.eq(now)),
                    ))
                    .execute(link)?;
            }
            diesel::insert_into(credit_charges::table)
                .values((
                    (credit_charges::tenant_id.eq(tenant_id), credit_charges::usage_key.eq(turn.to_string())),
                    (
                        credit_charges::turn_id.eq(turn_id),
                        credit_charges::hold_id.eq(hold_id),
                        credit_charges::action.eq("answer_written"),
                    ),
                    (
                        credit_charges::prompt_tokens.eq(tokens),
                        credit_charges::completion_tokens.eq(50),
                        credit_charges::estimated.eq(false),
                    ),
                    (
                        credit_charges::rated.eq(credits),
                        credit_charges::captured.eq(credits),
                        credit_charges::overage.eq(0),
                        credit_charges::absorbed.eq(0),
                    ),
                    (
                        credit_charges::pricebook_version.eq(1),
                        credit_charges::content_hash.eq(&hash),
                        credit_charges::created_at.eq(now),
                    ),
                ))
                .execute(link)?;
            diesel::update(credit_holds::table.find(hold_id)).set(credit_holds::settled_at.eq(now)).execute(link)?;
            QueryResult::Ok(())
        });
        done.unwrap();
    }
}

type Value<'a> = &'a (dyn tokio_postgres::types::ToSql + Sync);

/// One that writes to Postgres, with its statements prepared.
struct Writer {
    client: Client,
    job: Statement,
    visitor: Statement,
    account: Statement,
    grant: Statement,
    entry: Statement,
    charge: Statement,
    hold: Statement,
    hash: Vec<u8>,
}

impl Writer {
    async fn open(url: &str) -> Self {
        let (client, link) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(link);
        // As the program writes what is simply done again if it is lost.
        client.batch_execute("SET synchronous_commit = off").await.unwrap();
        let prepare = async |text: &str| client.prepare(text).await.unwrap();
        let job = prepare("UPDATE jobs SET state = 'done', attempt = 1, ended_at = now() WHERE id = $1").await;
        let visitor = prepare("UPDATE visitors SET spent = spent + $1 WHERE tenant_id = $2").await;
        let account = "UPDATE credit_accounts SET balance = balance - $1, held = held - $2, last_entry = last_entry + 2 WHERE tenant_id = $3 \
            RETURNING balance, held, last_entry";
        let account = prepare(account).await;
        let grant = prepare("UPDATE credit_grants SET remaining = remaining - $1, held = held - $2 WHERE id = $3").await;
        let entry = "INSERT INTO credit_entries (tenant_id, number, kind, amount, balance_before, balance_after, held_before, held_after, grant_id, hold_id, turn_id, \
            pricebook_version, content_hash, occurred_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, now(), now())";
        let entry = prepare(entry).await;
        let charge = "INSERT INTO credit_charges (tenant_id, usage_key, turn_id, hold_id, action, prompt_tokens, completion_tokens, estimated, rated, captured, overage, \
            absorbed, pricebook_version, content_hash, created_at) VALUES ($1, $2, $3, $4, 'answer_written', $5, 50, false, $6, $6, 0, 0, 1, $7, now())";
        let charge = prepare(charge).await;
        let hold = prepare("UPDATE credit_holds SET settled_at = now() WHERE id = $1").await;
        let hash = client.query_one("SELECT content_hash FROM pricebook_versions WHERE number = 1", &[]).await.unwrap().get(0);
        Self { job, visitor, account, grant, entry, charge, hold, hash, client }
    }

    async fn capture(mut self, all: Vec<Open>) {
        for Open { tenant, turn, hold, job, grant, credits, tokens } in all {
            let key = turn.to_string();
            let tx = self.client.transaction().await.unwrap();
            tx.execute(&self.job, &[&job]).await.unwrap();
            tx.execute(&self.visitor, &[&credits, &tenant]).await.unwrap();
            let account = tx.query_one(&self.account, &[&credits, &HELD, &tenant]).await.unwrap();
            let (balance, held, last): (i64, i64, i64) = (account.get(0), account.get(1), account.get(2));
            let back = HELD - credits;
            let (capture, release): (&str, &str) = ("capture", "release");
            let (before, number) = (last - 1, last);
            // What does not wait for an answer is sent at once.
            let captured: [Value; 12] = [
                &tenant,
                &before,
                &capture,
                &credits,
                &(balance + credits),
                &balance,
                &(held + HELD),
                &(held + back),
                &grant,
                &hold,
                &turn,
                &self.hash,
            ];
            let released: [Value; 12] =
                [&tenant, &number, &release, &back, &balance, &balance, &(held + back), &held, &grant, &hold, &turn, &self.hash];
            let less: [Value; 3] = [&credits, &HELD, &grant];
            let charged: [Value; 7] = [&tenant, &key, &turn, &hold, &tokens, &credits, &self.hash];
            let settled: [Value; 1] = [&hold];
            tokio::try_join!(
                tx.execute(&self.grant, &less),
                tx.execute(&self.entry, &captured),
                tx.execute(&self.entry, &released),
                tx.execute(&self.charge, &charged),
                tx.execute(&self.hold, &settled),
            )
            .unwrap();
            tx.commit().await.unwrap();
        }
    }
}
