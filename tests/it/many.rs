//! Many processes on one Postgres and one Redis, each a front office of its own here: what works in one works across them.

use std::time::Duration;

use frontoffice_domain::{db::Db, process::Role};
use frontoffice_worker::model::scripted::{Gate, Step};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{
    actors::{Account, Event, Visitor, parse_events},
    app::{Office, TestApp},
    eventually,
    postgres::Server,
    redis::Redis,
    store::{Database, Store},
};

/// An empty store whose processes share a Redis of the test's own.
async fn shared(redis: &Redis) -> Database {
    Database { memory: Some(redis.memory("many")), ..Database::fresh(Store::Postgres, std::path::Path::new("")).await }
}

fn api() -> Office {
    Office::new(Store::Postgres).idle()
}

fn spoken(events: &[Event]) -> String {
    events.iter().filter(|event| event.name == "delta").map(|event| event.data["text"].as_str().unwrap()).collect()
}

/// Reads a stream until it has said so much; what came until then.
async fn listen_until(response: &mut reqwest::Response, words: &str) -> Vec<Event> {
    let mut text = String::new();
    let heard = async {
        while !parse_events(&text).iter().any(|event| event.data.to_string().contains(words)) {
            text += std::str::from_utf8(&response.chunk().await.unwrap().expect("the stream goes on")).unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(10), heard).await.unwrap_or_else(|_| panic!("waited in vain for {words}: {text}"));
    parse_events(&text)
}

async fn stream_of(visitor: &Visitor, message: &str) -> reqwest::Response {
    visitor.chat(&json!({ "message": message })).header("accept", "text/event-stream").send().await.unwrap()
}

/// The same visitor, at another process.
fn at(office: &TestApp, cookie: &str) -> (Visitor, String) {
    (office.visitor(), cookie.to_owned())
}

fn cookie_of(headers: &reqwest::header::HeaderMap) -> String {
    headers["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

/// What another process says of a turn, after an event.
async fn replay(at: &(Visitor, String), turn: &str, last: Option<&str>) -> Vec<Event> {
    let mut request = at.0.request(Method::GET, &format!("/api/chat/turns/{turn}/events")).header("cookie", &at.1);
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    at.0.events(request).await
}

async fn bus_is(office: &TestApp, state: &str) {
    eventually(&format!("the bus to be {state}"), async || {
        let health = office.visitor().get("/readyz").await;
        assert_eq!(health.status, 200, "whatever becomes of Redis, visitors are welcome: {}", health.body);
        (health.body["checks"]["bus"] == state).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn words_said_in_one_process_are_heard_in_all_and_can_be_resumed_in_any() {
    let redis = Redis::start();
    let database = shared(&redis).await;
    let mut first = api().on(&database).start().await;
    let mut second = api().on(&database).start().await;
    let gate = Gate::default();
    let script = vec![
        Step::Say("one ".into()),
        Step::Gate(gate.clone()),
        Step::Say("two ".into()),
        Step::Say("three".into()),
        Step::Answer,
    ];
    let (worker, _) = Office::new(Store::Postgres).scripted([script]);
    let worker = worker.on(&database).role(Role::Worker).start().await;
    let mut response = stream_of(&first.visitor(), "count").await;
    let cookie = cookie_of(response.headers());
    // The answer waits at the gate, so nobody can have read this in the store.
    let mut whole = listen_until(&mut response, "one ").await;
    gate.open();
    whole.extend(parse_events(&response.text().await.unwrap()));
    assert_eq!(
        whole.iter().map(|event| event.name.as_str()).collect::<Vec<_>>(),
        ["accepted", "delta", "delta", "delta", "done"]
    );
    let turn = whole[0].data["turn_id"].as_str().unwrap();
    for office in [&first, &second] {
        let here = at(office, &cookie);
        for cut in 0..whole.len() - 1 {
            assert_eq!(replay(&here, turn, Some(&whole[cut].id)).await, whole[cut + 1..], "cut after {}", whole[cut].id);
        }
        assert_eq!(spoken(&replay(&here, turn, None).await), "one two three");
    }
    first.stop().await;
    second.stop().await;
    worker.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_worker_said_that_stopped_in_the_middle_is_void_before_another_speaks() {
    let redis = Redis::start();
    let database = shared(&redis).await;
    let mut doors = api().on(&database).start().await;
    let script = vec![Step::Say("one ".into()), Step::Gate(Gate::default())];
    let (first, _) = Office::new(Store::Postgres).scripted([script]);
    let first = first.settings(|settings| settings.worker.grace = Duration::from_millis(100));
    let mut first = first.on(&database).role(Role::Worker).start().await;
    let mut response = stream_of(&doors.visitor(), "count").await;
    let mut heard = listen_until(&mut response, "one ").await;
    first.stop().await;
    assert_eq!(
        database.db_count("jobs", "state = 'queued' AND attempt = 0").await,
        1,
        "it was handed back, and counts as no attempt"
    );
    let (second, _) =
        Office::new(Store::Postgres).scripted([vec![Step::Say("one ".into()), Step::Say("two".into()), Step::Answer]]);
    let second = second.on(&database).role(Role::Worker).start().await;
    heard.extend(parse_events(&response.text().await.unwrap()));
    let names: Vec<&str> = heard.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(names, ["accepted", "delta", "reset", "delta", "delta", "done"], "{heard:?}");
    doors.stop().await;
    second.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_comes_just_before_the_end_is_still_answered() {
    let mut office = Office::new(Store::Sqlite).idle().start().await;
    let address = office.app().address;
    let mut link = tokio::net::TcpStream::connect(address).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut link, b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    office.stop().await;
    let mut said = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut link, &mut said).await.unwrap();
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_ends_with_its_process_goes_on_at_another() {
    let redis = Redis::start();
    let database = shared(&redis).await;
    let mut first = api().on(&database).start().await;
    let mut second = api().on(&database).start().await;
    let gate = Gate::default();
    let script = vec![Step::Say("one ".into()), Step::Gate(gate.clone()), Step::Say("two".into()), Step::Answer];
    let (worker, _) = Office::new(Store::Postgres).scripted([script]);
    let worker = worker.on(&database).role(Role::Worker).start().await;
    let mut response = stream_of(&first.visitor(), "count").await;
    let cookie = cookie_of(response.headers());
    let heard = listen_until(&mut response, "one ").await;
    first.stop().await;
    assert_eq!(response.text().await.unwrap(), "", "it ends where it is, and is not cut off");
    gate.open();
    let (here, turn) = (at(&second, &cookie), heard[0].data["turn_id"].as_str().unwrap());
    let rest = replay(&here, turn, Some(&heard.last().unwrap().id)).await;
    assert_eq!(rest.iter().map(|event| event.name.as_str()).collect::<Vec<_>>(), ["delta", "done"], "{rest:?}");
    assert_eq!(spoken(&rest), "two");
    second.stop().await;
    worker.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_cannot_look_at_the_queue_says_so_and_goes_on_when_it_can() {
    let redis = Redis::start();
    let database = shared(&redis).await;
    let mut doors = api().on(&database).start().await;
    let worker = Office::new(Store::Postgres).on(&database).role(Role::Worker).start().await;
    let status = async |office: &TestApp| office.visitor().get("/readyz").await.status.as_u16();
    eventually("the worker's first look", async || (status(&worker).await == 200).then_some(())).await;
    database.db_do("ALTER TABLE jobs RENAME TO elsewhere").await;
    worker.clock.advance(Duration::from_secs(14));
    assert_eq!(status(&worker).await, 200);
    worker.clock.advance(Duration::from_secs(2));
    eventually("the worker to be found silent", async || (status(&worker).await == 503).then_some(())).await;
    assert_eq!(worker.visitor().get("/readyz").await.body["checks"]["workers"]["status"], "silent");
    database.db_do("ALTER TABLE elsewhere RENAME TO jobs").await;
    eventually("the worker to be well", async || (status(&worker).await == 200).then_some(())).await;
    assert_eq!(doors.visitor().say("Where is the data stored?").await.text("status"), "answered");
    doors.stop().await;
    worker.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_has_no_hole_though_redis_forgets_its_beginning() {
    let redis = Redis::start();
    let database = shared(&redis).await;
    let mut first = api().on(&database).start().await;
    let mut second = api().on(&database).start().await;
    let (middle, end) = (Gate::default(), Gate::default());
    let script = vec![
        Step::Say("one ".into()),
        Step::Gate(middle.clone()),
        Step::Say("two ".into()),
        Step::Gate(end.clone()),
        Step::Say("three".into()),
        Step::Answer,
    ];
    let (worker, _) = Office::new(Store::Postgres).scripted([script]);
    let worker = worker.on(&database).role(Role::Worker).start().await;
    let mut response = stream_of(&first.visitor(), "count").await;
    let cookie = cookie_of(response.headers());
    let begun = listen_until(&mut response, "one ").await;
    redis.flush();
    middle.open();
    let turn = begun[0].data["turn_id"].as_str().unwrap().to_owned();
    // Somebody who begins to listen after that hears the answer from its first word.
    let other = at(&second, &cookie);
    let late = tokio::spawn(async move { replay(&other, &turn, None).await });
    listen_until(&mut response, "two ").await;
    end.open();
    let late = late.await.unwrap();
    assert_eq!(spoken(&late), "one two three", "{late:?}");
    assert!(response.text().await.unwrap().contains("one two three"), "the end is the same for all");
    first.stop().await;
    second.stop().await;
    worker.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_redis_is_stalled_or_gone_chat_still_answers_and_everything_heals_by_itself() {
    let redis = Redis::start();
    let port = redis.port;
    let database = shared(&redis).await;
    let mut doors = api().on(&database).start().await;
    let worker = Office::new(Store::Postgres).on(&database).role(Role::Worker).start().await;
    eventually("the worker's first look", async || (worker.visitor().get("/readyz").await.status == 200).then_some(())).await;
    bus_is(&doors, "ok").await;
    bus_is(&worker, "ok").await;
    redis.signal("STOP");
    let answer = doors.visitor().say("Where is the data stored?").await;
    assert_eq!((answer.status.as_u16(), answer.text("status")), (200, "answered"), "{}", answer.body);
    bus_is(&doors, "degraded").await;
    let events = doors.visitor().events(doors.visitor().chat(&json!({"message": "Where is the data stored?"}))).await;
    assert_eq!(events.last().unwrap().data["status"], "answered", "a stream falls back on the store: {events:?}");
    redis.signal("CONT");
    bus_is(&doors, "ok").await;
    redis.signal("KILL");
    drop(redis);
    bus_is(&doors, "degraded").await;
    bus_is(&worker, "degraded").await;
    assert_eq!(doors.visitor().say("Where is the data stored?").await.text("status"), "answered");
    let _redis = Redis::at(port);
    bus_is(&doors, "ok").await;
    bus_is(&worker, "ok").await;
    assert_eq!(doors.visitor().say("Where is the data stored?").await.text("status"), "answered");
    doors.stop().await;
    worker.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_front_office_starts_while_redis_is_away() {
    let redis = Redis::start();
    let database = shared(&redis).await;
    let port = redis.port;
    drop(redis);
    let office = Office::new(Store::Postgres).on(&database).start().await;
    eventually("the worker's first look", async || (office.visitor().get("/readyz").await.status == 200).then_some(())).await;
    assert_eq!(office.visitor().say("Where is the data stored?").await.text("status"), "answered");
    bus_is(&office, "degraded").await;
    let _redis = Redis::at(port);
    bus_is(&office, "ok").await;
    office.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_signs_out_at_one_process_is_signed_out_at_all() {
    let redis = Redis::start();
    let database = shared(&redis).await;
    let mut first = api().on(&database).start().await;
    let mut second = api().on(&database).start().await;
    let owner = first.owner().await;
    let mut elsewhere = second.owner().await;
    elsewhere.token.clone_from(&owner.token);
    assert_eq!(elsewhere.get("/api/auth/me").await.status, 200);
    assert_eq!(owner.send(owner.request(Method::POST, "/api/auth/logout").json(&json!({}))).await.status.as_u16() / 100, 2);
    elsewhere.get("/api/auth/me").await.assert_problem(401, "not_signed_in");
    first.stop().await;
    second.stop().await;
}

async fn processes(owner: &Account) -> Vec<Value> {
    let query =
        json!({"query": "{ systemStatus { bus { ok } processes { name role version running startedAt seenAt lastLook } } }"});
    let answer = owner.send(owner.request(Method::POST, "/graphql").json(&query)).await;
    answer.body["data"]["systemStatus"]["processes"].as_array().unwrap_or_else(|| panic!("{}", answer.body)).clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_process_has_a_name_of_its_own_and_is_listed_while_it_runs() {
    let redis = Redis::start();
    let database = shared(&redis).await;
    let mut doors = api().on(&database).start().await;
    let mut one = Office::new(Store::Postgres).on(&database).role(Role::Worker).start().await;
    let two = Office::new(Store::Postgres).on(&database).role(Role::Worker).start().await;
    let owner = doors.owner().await;
    let all = eventually("three processes", async || Some(processes(&owner).await).filter(|all| all.len() == 3)).await;
    let names: std::collections::BTreeSet<&str> = all.iter().map(|process| process["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    let mut roles: Vec<&str> = all.iter().map(|process| process["role"].as_str().unwrap()).collect();
    roles.sort_unstable();
    assert_eq!(roles, ["API", "WORKER", "WORKER"]);
    assert!(all.iter().all(|process| process["running"] == true && process["version"] == env!("CARGO_PKG_VERSION")), "{all:?}");
    one.stop().await;
    assert_eq!(processes(&owner).await.len(), 2, "who ends as it should is forgotten at once");
    // Who falls silent is shown as what it is.
    doors.clock.advance(Duration::from_secs(15));
    assert!(processes(&owner).await.iter().all(|process| process["running"] == false));
    let stranger =
        doors.visitor().request(Method::POST, "/graphql").json(&json!({"query": "{ systemStatus { processes { name } } }"}));
    let refused = doors.visitor().send(stranger).await;
    assert_eq!(refused.body["errors"][0]["extensions"]["code"], "NOT_SIGNED_IN", "{}", refused.body);
    doors.stop().await;
    two.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_serves_nothing_but_how_it_is() {
    let redis = Redis::start();
    let database = shared(&redis).await;
    let mut doors = api().on(&database).start().await;
    let worker = Office::new(Store::Postgres).on(&database).role(Role::Worker).start().await;
    eventually("the worker's first look", async || (worker.visitor().get("/readyz").await.status == 200).then_some(())).await;
    assert_eq!(worker.visitor().get("/livez").await.status, 200);
    assert_eq!(worker.visitor().get("/api/health").await.body["checks"]["workers"]["here"], true);
    worker.visitor().get("/api/pricebook").await.assert_problem(404, "not_found");
    worker.visitor().say("Hello").await.assert_problem(404, "not_found");
    doors.stop().await;
    worker.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_store_is_restarted_everything_goes_on_and_an_answer_that_was_written_is_kept() {
    let mut server = tokio::task::spawn_blocking(|| Server::start(true)).await.unwrap();
    let database = Database { store: Store::Postgres, location: server.url("postgres").parse().unwrap(), memory: None };
    let gate = Gate::default();
    let script = vec![Step::Say("one ".into()), Step::Gate(gate.clone()), Step::Say("two".into()), Step::Answer];
    let (office, model) = Office::new(Store::Postgres).scripted([script]);
    let office = office.on(&database).start().await;
    let mut response = stream_of(&office.visitor(), "count").await;
    listen_until(&mut response, "one ").await;
    for signal in ["INT", "QUIT"] {
        tokio::task::block_in_place(|| server.restart(signal));
    }
    gate.open();
    let rest = response.text().await.unwrap();
    assert!(rest.contains("one two"), "{rest}");
    assert_eq!(model.asked().len(), 1, "what was written once is not asked for again");
    gate.open();
    assert_eq!(office.visitor().say("count").await.text("status"), "answered");
    office.finish().await;
}

/// As the store was before the last step.
const BEFORE_THE_LAST_STEP: &str = "ALTER TABLE visitors DROP COLUMN spent_on, DROP COLUMN spent; \
     DELETE FROM __diesel_schema_migrations WHERE version = '20261123000011'";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_of_the_schema_waits_for_a_table_in_use_without_holding_up_others_and_several_starters_take_it_once() {
    let database = Database::fresh(Store::Postgres, std::path::Path::new("")).await;
    Db::migrate(&database.location).await.unwrap();
    database.db_do(BEFORE_THE_LAST_STEP).await;
    assert_eq!(Db::missing_steps(&database.location).await.unwrap(), ["2026-11-23-000011_visitor_spending"]);
    let mut starters = Vec::new();
    database
        .db_meanwhile("LOCK TABLE visitors IN ACCESS SHARE MODE", async || {
            for _ in 0..3 {
                let location = database.location.clone();
                starters.push(tokio::spawn(async move { Db::migrate(&location).await }));
            }
            // Longer than the step waits for a lock; whoever reads or writes meanwhile is let through in between.
            for _ in 0..6 {
                tokio::time::sleep(Duration::from_millis(500)).await;
                assert_eq!(database.db_count("visitors", "true").await, 0);
            }
            assert_eq!(Db::missing_steps(&database.location).await.unwrap().len(), 1, "it has not been taken");
        })
        .await;
    for starter in starters {
        starter.await.unwrap().unwrap();
    }
    assert_eq!(Db::missing_steps(&database.location).await.unwrap(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_that_the_store_cut_are_made_anew_before_anybody_notices() {
    let redis = Redis::start();
    let database = shared(&redis).await;
    let office = Office::new(Store::Postgres).on(&database).start().await;
    for _ in 0..3 {
        assert_eq!(office.visitor().say("Where is the data stored?").await.text("status"), "answered");
        office.settled().await;
        database
            .db_do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            .await;
        // The links learn of it with the next packet they are sent.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(office.visitor().say("Where is the data stored?").await.text("status"), "answered");
    office.finish().await;
}
