//! Whatever is done with an account, in whatever order and however late: the ledger says what a model of a few lines says.
//!
//! Holds are made by visitors at the door; turns are ended and metered as a worker does it, but one by one and when chance says so. The clock
//! jumps between any two of these, across ends of blocks, periods, trials and subscriptions. 40 sequences on each store, 10,000 with `--full`.

mod model;
mod run;

use std::{collections::BTreeSet, time::Duration};

use frontoffice_domain::{
    credit::{self, Correction, Metered, Switch, When},
    db::Conn,
    job::{self, Lease},
};
use futures_util::future::join_all;
use rand::{SeedableRng, rngs::StdRng};

use self::run::{Run, by_hand, office};
use super::beyond::{CREDIT, whole};
use crate::harness::{app::Office, on_both_stores};

on_both_stores! {
    async fn the_ledger_is_what_a_model_of_it_says_whatever_is_done_when(store) {
        let full = std::env::var("FRONTOFFICE_TEST_FULL").is_ok_and(|full| !full.is_empty());
        let seed = std::env::var("FRONTOFFICE_TEST_SEED").map_or(1, |seed| seed.parse().unwrap());
        let (sequences, steps, of_each) = (if full { 10_000 } else { 40 }, 30, if full { 100 } else { 10 });
        let mut ended = BTreeSet::new();
        for first in (0..sequences).step_by(of_each) {
            // Not for ever in one store: what is due to all of its businesses would be looked through again and again.
            let mut office = office(store).await;
            let by = by_hand(&office).await;
            for number in first..first + of_each {
                office.clock.advance(Duration::from_secs(1));
                let random = StdRng::seed_from_u64(seed + u64::try_from(number).unwrap());
                let mut run = Run::of(&office, &by, &format!("fish-{number}"), random).await;
                for step in 0..steps {
                    run.what = format!("sequence {number}, step {step}");
                    run.step().await;
                }
                run.look().await;
                // What is open is ended, so that the next one finds nothing.
                for turn in 0..run.model.turns.len() {
                    if run.model.turns[turn].ended.is_none() {
                        run.end(turn).await;
                    }
                    if run.model.turns[turn].charged.is_none() {
                        run.meter(turn).await;
                    }
                }
                run.look().await;
                ended.extend(run.model.entries.iter().map(|(kind, _)| *kind));
                ended.extend(run.model.blocks.iter().map(|block| block.kind));
            }
            assert_eq!(office.violations().await, []);
            office.stop().await;
        }
        // Chance has seen to every kind of entry and of block.
        let all = ["adjust", "allowance", "capture", "correction", "expire", "grant", "hold", "overage", "promotion", "refund", "release", "rollover", "top_up", "trial", "void"];
        assert_eq!(ended.into_iter().collect::<Vec<_>>(), all);
    }

    async fn a_backlog_is_metered_at_once_and_comes_to_what_one_by_one_comes_to(store) {
        let mut came = Vec::new();
        for alone in [false, true] {
            let mut idle = office(store).await;
            idle.clock.advance(Duration::from_secs(1));
            let by = by_hand(&idle).await;
            let mut run = Run::of(&idle, &by, "fish", StdRng::seed_from_u64(7)).await;
            let switch = Switch { plan: "starter".into(), when: When::Now, expected: None, seen: None, once: None };
            run.act(async move |mut conn, scope, now| credit::switch(&mut conn, &scope, &switch, now).await).await.unwrap();
            run.model.switch(0, When::Now, run.micros());
            let more = Correction { amount: whole(200), reason: "A test.".into() };
            run.act(async move |mut conn, scope, now| credit::adjust(&mut conn, &scope, &more, None, now).await).await.unwrap();
            run.model.adjust(200 * CREDIT, run.micros());
            let turns = 38;
            for turn in 0..turns {
                run.hold().await;
                run.end(turn).await;
            }
            // What was tried is over meanwhile, and the period.
            idle.clock.advance(Duration::from_secs(35 * 86_400));
            if alone {
                idle.database.db_do("UPDATE jobs SET attempt = 1 WHERE name = 'meter_usage'").await;
            }
            let later = idle.clock.now();
            idle.stop().await;
            let office = Office::new(store).settings(|settings| settings.worker.slots = 1).on(&idle.database).at(later).start().await;
            office.settled().await;
            let along = office.database.db_count("jobs", "name = 'meter_usage' AND state = 'done' AND lease_token = 0").await;
            assert_eq!(along, if alone { 0 } else { turns - 1 }, "all but the first are taken along, or none");
            let whose = "tenant_id = (SELECT id FROM tenants WHERE slug = 'fish')";
            let mut said = Vec::new();
            for query in [
                format!("SELECT kind || ' ' || CAST(amount AS text) || ' ' || CAST(balance_after AS text) || ' ' || CAST(held_after AS text) AS value FROM credit_entries WHERE {whose} ORDER BY number"),
                format!("SELECT action || ' ' || CAST(rated AS text) || ' ' || CAST(captured AS text) || ' ' || CAST(overage AS text) || ' ' || CAST(absorbed AS text) AS value FROM credit_charges WHERE {whose} ORDER BY turn_id"),
                format!("SELECT reason || ' ' || CAST(amount AS text) AS value FROM credit_refunds WHERE {whose} ORDER BY turn_id"),
                format!("SELECT CAST(remaining AS text) || ' ' || CAST(held AS text) AS value FROM credit_grants WHERE {whose} ORDER BY id"),
                format!("SELECT CAST(spent AS text) AS value FROM visitors WHERE {whose} ORDER BY id"),
                format!("SELECT kind || ' ' || CAST(spent AS text) AS value FROM credit_spending WHERE {whose} ORDER BY kind, subject_id"),
            ] {
                said.push(office.database.db_texts(&query).await);
            }
            assert!(said.iter().all(|said| !said.is_empty()), "{said:?}");
            came.push(said);
            office.finish().await;
        }
        assert_eq!(came[0], came[1]);
    }

    async fn a_metering_job_that_is_delivered_sixteen_times_has_one_effect(store) {
        let mut idle = office(store).await;
        let by = by_hand(&idle).await;
        let mut run = Run::of(&idle, &by, "fish", StdRng::seed_from_u64(3)).await;
        let more = Correction { amount: whole(100), reason: "A test.".into() };
        run.act(async move |mut conn, scope, now| credit::adjust(&mut conn, &scope, &more, None, now).await).await.unwrap();
        run.model.adjust(100 * CREDIT, run.micros());
        for turn in 0..12 {
            run.hold().await;
            run.end(turn).await;
            let (id, now) = (run.model.turns[turn].id, run.now());
            let lease = run.lease("meter_usage", id).await;
            let scope = job::scope(&lease);
            let deliver = |lease: Lease| {
                let this = scope.clone();
                let metering = async move |mut conn: Conn| credit::meter(&mut conn, &this, &lease, id, now).await;
                idle.app().db.write(&scope, metering)
            };
            // At once, and one after the other.
            let mut came: Vec<_> = join_all((0..13).map(|_| deliver(lease.clone()))).await.into_iter().map(Result::unwrap).collect();
            for _ in 0..3 {
                came.push(deliver(lease.clone()).await.unwrap());
            }
            let done = came.iter().filter(|came| matches!(came, Metered::Charged { .. })).count();
            let late = came.iter().filter(|came| **came == Metered::Late).count();
            assert_eq!((done, late), (1, 15), "{came:?}");
            // As if nobody knew of it: the job comes again, as a new one.
            idle.database.db_do(&format!("UPDATE jobs SET state = 'queued', ended_at = NULL WHERE unique_key = '{id}' AND name = 'meter_usage'")).await;
            let again = run.lease("meter_usage", id).await;
            assert_eq!(deliver(again).await.unwrap(), Metered::Nothing);
            run.model.meter(turn, now.as_micros());
            run.look().await;
        }
        assert_eq!(idle.violations().await, []);
        idle.stop().await;
    }
}
