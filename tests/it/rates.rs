//! How often visitors may write, and what their answers may take.

use std::{num::NonZeroU32, time::Duration};

use frontoffice::settings::Settings;
use frontoffice_domain::{
    clock::Clock,
    memory::Memory,
    money::Credits,
    rate::{Kind, Quota, Quotas, Rates},
};
use proptest::prelude::*;
use reqwest::header::HeaderMap;
use serde_json::json;

use crate::harness::{
    actors::{Response, Visitor},
    app::{NOON, Office},
    on_both_stores,
    redis::{self, Redis},
    store::{Database, Store},
};

fn per_minute(most: u32) -> Quota {
    Quota::per_minute(NonZeroU32::new(most).unwrap())
}

/// The numbers everybody has who sets nothing.
fn ordinary(settings: &mut Settings) {
    settings.limits = Settings::defaults().unwrap().limits;
}

async fn write(visitor: &Visitor, cookie: Option<&str>) -> Response {
    let mut request = visitor.chat(&json!({"message": "Hello"})).header("prefer", "respond-async");
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    visitor.send(request).await
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers[name].to_str().unwrap()
}

on_both_stores! {
    async fn a_visitor_may_write_twenty_times_a_minute_and_an_address_sixty(store) {
        let office = Office::new(store).settings(ordinary).start().await;
        let visitor = office.visitor();
        for number in 1..=20 {
            let answer = write(&visitor, None).await;
            assert!(answer.status.is_success(), "{number}: {}", answer.body);
            assert_eq!(answer.header("ratelimit-policy"), "\"visitor\";q=20;w=60, \"address\";q=60;w=60");
            let (left, full) = (20 - number, number * 3);
            assert_eq!(answer.header("ratelimit"), format!("\"visitor\";r={left};t={full}, \"address\";r={};t={number}", 60 - number));
        }
        let refused = write(&visitor, None).await;
        refused.assert_problem(429, "rate_limited");
        assert_eq!(refused.header("retry-after"), "3");
        assert!(refused.text("detail").contains("20 in 60 seconds for each visitor"), "{}", refused.body);
        assert_eq!(office.database.db_count("messages", "role = 'visitor'").await, 20, "what is refused is not stored");
        office.advance(Duration::from_secs(3));
        assert!(write(&visitor, None).await.status.is_success(), "one more every three seconds");
        write(&visitor, None).await.assert_problem(429, "rate_limited");
        // Whoever throws the cookie away is another visitor at the same address. It has 60, and one came back each second.
        let mut strangers = 0;
        let refused = loop {
            let answer = write(&visitor.without_cookies(), None).await;
            if !answer.status.is_success() {
                break answer;
            }
            strangers += 1;
            assert!(strangers <= 60);
        };
        refused.assert_problem(429, "rate_limited");
        assert!(refused.text("detail").contains("60 in 60 seconds for each address"), "{}", refused.body);
        assert!((36..=42).contains(&strangers), "{strangers}: at most what visitors who were refused had taken is missing");
        office.finish().await;
    }

    async fn a_message_sent_again_is_counted_but_its_answer_is_not_lost(store) {
        let office = Office::new(store).settings(ordinary).start().await;
        let visitor = office.visitor();
        let body = json!({"message": "Where is the data stored?", "client_message_id": "one"});
        let first = visitor.post(body.clone()).await;
        for _ in 0..19 {
            assert_eq!(visitor.post(body.clone()).await.body, first.body);
        }
        visitor.post(body.clone()).await.assert_problem(429, "rate_limited");
        office.advance(Duration::from_secs(3));
        assert_eq!(visitor.post(body).await.body, first.body);
        office.finish().await;
    }

    async fn the_answers_to_a_visitor_take_so_many_credits_a_day_and_no_more(store) {
        let office = Office::new(store).settings(|settings| settings.limits.visitor_credits = Credits::whole(3).unwrap());
        let office = office.start().await;
        let visitor = office.visitor();
        let ask = async |key: &str| visitor.post(json!({"message": "Where is the data stored?", "client_message_id": key})).await;
        for key in ["one", "two", "three"] {
            assert_eq!(ask(key).await.text("status"), "answered", "each takes one credit");
            office.settled().await;
        }
        let refused = ask("four").await;
        refused.assert_problem(429, "visitor_credits_spent");
        assert_eq!(refused.header("retry-after"), "43200", "it is noon; the day ends at midnight, UTC");
        assert_eq!(ask("three").await.text("status"), "answered", "what was answered can still be asked for again");
        assert_eq!(office.visitor().say("Where is the data stored?").await.text("status"), "answered", "others have their own");
        assert_eq!(office.database.db_count("messages", "role = 'visitor'").await, 4);
        office.settled().await;
        office.advance(Duration::from_secs(43_200));
        assert_eq!(ask("four").await.text("status"), "answered");
        office.settled().await;
        assert_eq!(office.database.db_texts("SELECT CAST(spent AS text) AS value FROM visitors ORDER BY spent").await, ["1000000", "1000000"]);
        office.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_processes_count_together_and_each_for_itself_while_redis_is_away() {
    let redis = Redis::start();
    let database =
        Database { memory: Some(redis.memory("rates")), ..Database::fresh(Store::Postgres, std::path::Path::new("")).await };
    let start = async || Office::new(Store::Postgres).on(&database).idle().settings(ordinary).start().await;
    let (mut first, mut second) = (start().await, start().await);
    let answer = write(&first.visitor(), None).await;
    let cookie = header(&answer.headers, "set-cookie").split(';').next().unwrap().to_owned();
    let (one, two) = (first.visitor().without_cookies(), second.visitor().without_cookies());
    for number in 1..20 {
        let office = if number % 2 == 0 { &one } else { &two };
        assert!(write(office, Some(&cookie)).await.status.is_success(), "{number}");
    }
    write(&one, Some(&cookie)).await.assert_problem(429, "rate_limited");
    write(&two, Some(&cookie)).await.assert_problem(429, "rate_limited");
    redis.signal("STOP");
    let allowed = write(&one, Some(&cookie)).await;
    assert!(allowed.status.is_success(), "a limit that cannot be counted together is counted alone: {}", allowed.body);
    assert!(allowed.header("ratelimit").starts_with("\"visitor\";r=19;"), "{}", allowed.header("ratelimit"));
    redis.signal("CONT");
    let refused = async || write(&two, Some(&cookie)).await.status.as_u16() == 429;
    crate::harness::eventually("counting together again", async || refused().await.then_some(())).await;
    first.stop().await;
    second.stop().await;
}

fn rates(clock: &Clock, memory: Option<Memory>) -> Rates {
    Rates::new(
        Quotas {
            visitor: per_minute(5),
            address: per_minute(12),
            member: per_minute(7),
            api_key: per_minute(9),
            widget_key: per_minute(30),
        },
        clock.clone(),
        memory,
    )
}

#[derive(Clone, Debug)]
enum Event {
    /// A visitor writes, at an address.
    Write(u8, u8),
    /// So many milliseconds go by.
    Wait(u16),
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Alone or together, who is let in is the same, for as long as no address is at its end (then the lonely one has taken from the
    /// visitor already, which costs nobody more than what it refused).
    #[test]
    fn counting_alone_and_together_are_one(events in proptest::collection::vec(
        prop_oneof![3 => (0_u8..3, 0_u8..2).prop_map(|(visitor, address)| Event::Write(visitor, address)), 1 => (0_u16..20_000).prop_map(Event::Wait)],
        1..60,
    )) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let clock = Clock::manual(NOON);
            let (alone, together) = (rates(&clock, None), rates(&clock, Some(redis::memory())));
            for event in &events {
                match event {
                    Event::Wait(millis) => clock.advance(Duration::from_millis(u64::from(*millis))),
                    Event::Write(visitor, address) => {
                        let asked = [(Kind::Visitor, [*visitor; 32]), (Kind::Address, [*address; 32])];
                        let (one, other) = (alone.take(&asked).await, together.take(&asked).await);
                        if one.refused.is_some_and(|(kind, _)| kind == Kind::Address) {
                            assert!(other.refused.is_some());
                            return;
                        }
                        assert_eq!(one.refused.map(|(kind, _)| kind), other.refused.map(|(kind, _)| kind), "{events:?}");
                        if let (Some((_, one)), Some((_, other))) = (one.refused, other.refused) {
                            assert!(one.abs_diff(other) < Duration::from_millis(1), "{one:?} {other:?}");
                            continue;
                        }
                        let left = |standings: &[frontoffice_domain::rate::Standing]| standings.iter().map(|standing| standing.left).collect::<Vec<_>>();
                        assert_eq!(left(&one.standings), left(&other.standings));
                    }
                }
            }
        });
    }
}
