//! Jobs: each has exactly one effect, whatever happens to who does it.

use std::{collections::HashSet, sync::Arc, time::Duration};

use frontoffice_domain::{
    chat::{self, Answer, Begun, Finish},
    db::Conn,
    job,
    tenancy::{Platform, Scope},
};
use frontoffice_worker::model::{
    Made, Model, ModelError, Prompt, Speech,
    scripted::{Gate, Step},
};
use futures_util::future::BoxFuture;
use serde_json::json;

use crate::harness::{
    app::{Office, TestApp},
    child::ChildOffice,
    eventually, on_both_stores,
    store::Database,
};

async fn answers(database: &Database) -> Vec<String> {
    database.db_texts("SELECT text AS value FROM messages WHERE role = 'assistant' ORDER BY sequence").await
}

/// Claims the only job there is, as a worker would.
async fn claim_the_job(office: &TestApp, lease: Duration) -> job::Lease {
    let platform = Platform::of_this_process();
    let (this, now) = (platform.clone(), office.clock.now());
    let work = async move |mut conn: Conn| {
        let names = frontoffice_worker::names();
        let wanted = job::Wanted { names, cursor: uuid::Uuid::nil().into(), without: Vec::new(), tenants: 8, of_each: 8, now };
        let due = job::due(&mut conn, &this, &wanted).await?;
        let ids: Vec<_> = due.iter().map(|due| due.id).collect();
        job::claim(&mut conn, &this, &ids, lease, now).await
    };
    let mut leases = office.app().db.platform(&platform, work).await.unwrap();
    assert_eq!(leases.len(), 1);
    leases.remove(0)
}

async fn begin(office: &TestApp, scope: &Scope, lease: &job::Lease) -> chat::Work {
    let (reader, turn) = (scope.clone(), lease.decode::<chat::AnswerTurn>().unwrap().turn_id);
    let begun =
        office.app().db.read(scope, async move |mut conn: Conn| chat::begin(&mut conn, &reader, turn).await).await.unwrap();
    match begun {
        Begun::Work(work) => *work,
        Begun::Over => panic!("the turn is over"),
    }
}

async fn finish(office: &TestApp, scope: &Scope, lease: &job::Lease, work: &chat::Work, text: &str) -> Finish {
    let answer = Answer::Answered { text: text.into(), sources: Vec::new(), verdict: None };
    let answered = chat::Answered { answer, model: "test".into(), usage: None };
    let (writer, lease, work, now) = (scope.clone(), lease.clone(), work.clone(), office.clock.now());
    let act = async move |mut conn: Conn| chat::finish(&mut conn, &writer, &lease, &work, &answered, now).await;
    office.app().db.write(scope, act).await.unwrap()
}

/// Waits at a gate for one text and echoes every other.
struct SlowFor {
    text: &'static str,
    gate: Gate,
}

impl Model for SlowFor {
    fn name(&self) -> &'static str {
        "slow"
    }

    fn answer<'a>(&'a self, prompt: &'a Prompt, _: &'a mut dyn Speech) -> BoxFuture<'a, Result<Made, ModelError>> {
        Box::pin(async move {
            if prompt.messages == [self.text] {
                self.gate.pass().await;
            }
            Ok(Made::without_model(
                Answer::Answered { text: prompt.messages.join(" | "), sources: Vec::new(), verdict: None },
                self.name(),
            ))
        })
    }

    fn taken(&self, _: &Prompt, _: &str) -> Option<chat::Usage> {
        None
    }
}

on_both_stores! {
    async fn message_turn_and_job_are_stored_together(store) {
        let mut office = Office::new(store).idle().start().await;
        let pending = office.visitor().drop_off(json!({"message": "hello"})).await;
        assert_eq!(pending.status, 202);
        let key = pending.text("turn_id");
        assert_eq!(office.database.db_count("jobs", &format!("name = 'answer_turn' AND unique_key = '{key}' AND state = 'queued'")).await, 1);
        assert_eq!(office.database.db_count("jobs", "payload LIKE '%hello%'").await, 0, "payloads carry ids only");
        // If the job cannot be stored, neither is the message.
        office.database.db_do("UPDATE jobs SET unique_key = unique_key || 'x'").await;
        let before = office.database.db_dump().await;
        let refuse = match store {
            crate::harness::store::Store::Sqlite => "CREATE TRIGGER no_jobs BEFORE INSERT ON jobs BEGIN SELECT RAISE(ABORT, 'no_jobs'); END;",
            crate::harness::store::Store::Postgres => "CREATE TRIGGER no_jobs BEFORE INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION broken_rule('no_jobs');",
        };
        office.database.db_do(refuse).await;
        office.visitor().drop_off(json!({"message": "hello"})).await.assert_problem(500, "internal");
        assert_eq!(office.database.db_dump().await, before);
        office.stop().await;
    }

    async fn what_was_accepted_before_a_restart_is_answered_after_it(store) {
        let mut idle = Office::new(store).idle().start().await;
        let visitor = idle.visitor();
        for number in 0..20 {
            visitor.drop_off(json!({"message": "Where is the data stored?", "session_id": format!("s{number}")})).await;
        }
        idle.stop().await;
        let office = Office::new(store).on(&idle.database).start().await;
        eventually("all answers", async || (answers(&office.database).await.len() == 20).then_some(())).await;
        office.finish().await;
    }

    async fn a_killed_workers_job_is_done_by_another(store) {
        let mut idle = Office::new(store).idle().start().await;
        let database = idle.database.clone();
        let victim = ChildOffice::start(&database, Duration::from_secs(600), "never").await;
        idle.visitor().drop_off(json!({"message": "hello"})).await;
        eventually("the other process to take the job", async || (database.db_count("jobs", "state = 'leased'").await == 1).then_some(())).await;
        victim.signal("KILL");
        let (rescuer, _) = Office::new(store).scripted([vec![Step::Echo]]);
        let rescuer = rescuer.on(&database).start().await;
        eventually("the answer", async || (answers(&database).await == ["hello"]).then_some(())).await;
        assert_eq!(database.db_count("jobs", "name = 'answer_turn' AND state = 'done' AND attempt = 2").await, 1, "the lost attempt counts");
        idle.stop().await;
        rescuer.finish().await;
    }

    async fn a_worker_that_was_paused_past_its_lease_changes_nothing_when_it_comes_back(store) {
        let mut idle = Office::new(store).idle().start().await;
        let database = idle.database.clone();
        let sleeper = ChildOffice::start(&database, Duration::from_millis(1_500), "from the one that slept").await;
        idle.visitor().drop_off(json!({"message": "hello"})).await;
        eventually("the other process to take the job", async || (database.db_count("jobs", "state = 'leased'").await == 1).then_some(())).await;
        sleeper.signal("STOP");
        let (rescuer, _) = Office::new(store).scripted([vec![Step::Echo]]);
        let rescuer = rescuer.on(&database).start().await;
        eventually("the answer", async || (answers(&database).await == ["hello"]).then_some(())).await;
        eventually("the metering", async || (database.db_count("jobs", "state <> 'done'").await == 0).then_some(())).await;
        let before = database.db_dump().await;
        sleeper.signal("CONT");
        // It wakes, finishes its answer, and must find that it may not store it.
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(database.db_dump().await, before);
        idle.stop().await;
        rescuer.finish().await;
    }

    async fn a_claim_the_store_forgot_shares_its_token_with_no_other(store) {
        let mut office = Office::new(store).idle().start().await;
        office.visitor().drop_off(json!({"message": "hello"})).await;
        let forgotten = claim_the_job(&office, Duration::from_secs(60)).await;
        // As a crash of the store leaves it, while the worker lives on.
        office.database.db_do("UPDATE jobs SET state = 'queued', attempt = 0, lease_token = 0, lease_until = NULL").await;
        let current = claim_the_job(&office, Duration::from_secs(60)).await;
        assert_eq!((forgotten.attempt(), current.attempt()), (1, 1));
        assert!(current.token() > forgotten.token());
        let scope = job::scope(&forgotten);
        let work = begin(&office, &scope, &forgotten).await;
        assert_eq!(finish(&office, &scope, &forgotten, &work, "late").await, Finish::Late);
        assert_eq!(finish(&office, &scope, &current, &work, "in time").await, Finish::Stored);
        assert_eq!(answers(&office.database).await, ["in time"]);
        assert_eq!(office.violations().await, []);
        office.stop().await;
    }

    async fn a_late_result_is_refused_by_its_token(store) {
        let mut office = Office::new(store).idle().start().await;
        office.visitor().drop_off(json!({"message": "hello"})).await;
        let late = claim_the_job(&office, Duration::from_millis(1)).await;
        let scope = job::scope(&late);
        let work = begin(&office, &scope, &late).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        let platform = Platform::of_this_process();
        let this = platform.clone();
        let expired = office.app().db.platform(&platform, async move |mut conn: Conn| job::expire(&mut conn, &this).await).await.unwrap();
        assert_eq!(expired, 1);
        let current = claim_the_job(&office, Duration::from_secs(60)).await;
        assert!(current.token() > late.token());
        assert_eq!(current.attempt(), 2);
        let before = office.database.db_dump().await;
        let (writer, token, seen, now) = (scope.clone(), late.clone(), work.clone(), office.clock.now());
        let speak = async move |mut conn: Conn| chat::speak(&mut conn, &writer, &token, &seen, now).await;
        assert_eq!(office.app().db.write(&scope, speak).await.unwrap(), chat::Speak::Over, "it may not speak either");
        assert_eq!(finish(&office, &scope, &late, &work, "late").await, Finish::Late);
        assert_eq!(office.database.db_dump().await, before);
        let stored = finish(&office, &scope, &current, &work, "in time").await;
        assert_eq!(stored, Finish::Stored);
        assert_eq!(finish(&office, &scope, &current, &work, "twice").await, Finish::Late);
        assert_eq!(answers(&office.database).await, ["in time"]);
        assert_eq!(office.violations().await, []);
        office.stop().await;
    }

    async fn sixteen_deliveries_of_one_job_have_one_effect(store) {
        let office = Office::new(store).idle().start().await;
        office.visitor().drop_off(json!({"message": "hello"})).await;
        let lease = claim_the_job(&office, Duration::from_secs(60)).await;
        let scope = job::scope(&lease);
        let work = begin(&office, &scope, &lease).await;
        let mut stored = 0;
        let office = Arc::new(office);
        let deliveries: Vec<_> = (0..16)
            .map(|number| {
                let (office, scope, lease, work) = (Arc::clone(&office), scope.clone(), lease.clone(), work.clone());
                tokio::spawn(async move { finish(&office, &scope, &lease, &work, &number.to_string()).await })
            })
            .collect();
        for delivery in deliveries {
            match delivery.await.unwrap() {
                Finish::Stored => stored += 1,
                Finish::Late => {}
                Finish::Restart => panic!("nothing else was asked"),
            }
        }
        assert_eq!(stored, 1);
        assert_eq!(answers(&office.database).await.len(), 1);
        assert_eq!(office.violations().await, []);
        let mut office = Arc::into_inner(office).unwrap();
        office.stop().await;
    }

    async fn many_workers_on_one_store_do_each_job_once(store) {
        let (first, _) = Office::new(store).scripted([vec![Step::Echo]]);
        let mut offices = vec![first.start().await];
        for _ in 0..3 {
            let (more, _) = Office::new(store).scripted([vec![Step::Echo]]);
            offices.push(more.on(&offices[0].database.clone()).start().await);
        }
        let database = offices[0].database.clone();
        let mut sent = Vec::new();
        for number in 0..60 {
            let visitor = offices[number % 4].visitor();
            sent.push(tokio::spawn(async move { visitor.post(json!({"message": format!("m{number}")})).await }));
        }
        let mut replies = HashSet::new();
        for sent in sent {
            let answer = sent.await.unwrap();
            assert_eq!(answer.text("status"), "answered", "{}", answer.body);
            replies.insert(answer.text("reply").to_owned());
        }
        assert_eq!(replies.len(), 60);
        assert_eq!(answers(&database).await.len(), 60);
        assert_eq!(database.db_count("jobs", "name = 'answer_turn' AND (attempt <> 1 OR state <> 'done')").await, 0);
        // The first one's folder holds the store.
        for office in offices.into_iter().rev() {
            office.finish().await;
        }
    }

    async fn a_payload_nobody_can_read_is_dead_at_once_and_harms_no_other_job(store) {
        let mut idle = Office::new(store).idle().start().await;
        let visitor = idle.visitor();
        let poisoned = visitor.drop_off(json!({"message": "Where is the data stored?", "session_id": "poisoned"})).await;
        idle.database.db_do("UPDATE jobs SET payload = 'not json {'").await;
        visitor.drop_off(json!({"message": "Where is the data stored?", "session_id": "fine"})).await;
        idle.stop().await;
        let office = Office::new(store).on(&idle.database).start().await;
        eventually("both turns to end", async || (office.database.db_count("turns", "ended_at IS NULL").await == 0).then_some(())).await;
        assert_eq!(office.database.db_count("jobs", "state = 'dead' AND attempt = 1 AND last_error LIKE 'the payload cannot be read%'").await, 1);
        assert_eq!(office.database.db_count("jobs", "name = 'answer_turn' AND state = 'done'").await, 1);
        // The visitor is not left waiting: its key still says which turn the job was about.
        let state = office.database.db_texts("SELECT t.state AS value FROM turns t JOIN conversations c ON c.id = t.conversation_id WHERE c.session_id = 'poisoned'").await;
        assert_eq!(state, ["failed"], "{}", poisoned.body);
        office.finish().await;
    }

    async fn a_job_of_a_kind_this_worker_does_not_know_is_left_to_others(store) {
        let office = Office::new(store).start().await;
        office.visitor().say("Where is the data stored?").await;
        office.database.db_do("INSERT INTO jobs (id, tenant_id, name, unique_key, payload, priority, state, run_at, attempt, max_attempts, lease_token, created_at) SELECT tenant_id, tenant_id, 'from_the_future', 'k', '{}', 0, 'queued', run_at, 0, 5, 0, created_at FROM jobs WHERE name = 'answer_turn'").await;
        office.app().bus.ring();
        assert_eq!(office.visitor().say("Where is the data stored?").await.text("status"), "answered");
        assert_eq!(office.database.db_count("jobs", "name = 'from_the_future' AND state = 'queued' AND attempt = 0").await, 1);
        office.database.db_do("DELETE FROM jobs WHERE name = 'from_the_future'").await;
        office.finish().await;
    }

    async fn a_handler_that_panics_fails_its_attempt_and_nothing_else(store) {
        let (office, model) = Office::new(store).scripted([vec![Step::Panic], vec![Step::Echo]]);
        let office = office.start().await;
        let visitor = office.visitor();
        visitor.drop_off(json!({"message": "one", "session_id": "a"})).await;
        eventually("the panic to be noted", async || {
            (office.database.db_count("jobs", "state = 'queued' AND last_error = 'the handler panicked'").await == 1).then_some(())
        })
        .await;
        assert_eq!(visitor.post(json!({"message": "two", "session_id": "b"})).await.text("reply"), "two");
        office.advance(Duration::from_secs(60));
        eventually("both answers", async || (answers(&office.database).await.len() == 2).then_some(())).await;
        assert_eq!(model.asked().len(), 3);
        office.finish().await;
    }

    async fn a_handler_that_takes_too_long_fails_its_attempt(store) {
        let (office, _) = Office::new(store).scripted([vec![Step::Sleep(Duration::from_secs(600))], vec![Step::Echo]]);
        let office = office.settings(|settings| settings.worker.job_time = Duration::from_millis(300)).start().await;
        office.visitor().drop_off(json!({"message": "one"})).await;
        eventually("the time-out to be noted", async || {
            (office.database.db_count("jobs", "state = 'queued' AND last_error = 'took too long'").await == 1).then_some(())
        })
        .await;
        office.advance(Duration::from_secs(60));
        eventually("the answer", async || (answers(&office.database).await == ["one"]).then_some(())).await;
        office.finish().await;
    }

    async fn a_failed_attempt_waits_and_waits_at_least_as_long_as_it_was_asked_to(store) {
        let asked = Duration::from_secs(1_000);
        let (office, model) = Office::new(store).scripted([vec![Step::FailAgain(Some(asked))], vec![Step::Echo]]);
        let office = office.start().await;
        office.visitor().drop_off(json!({"message": "one"})).await;
        eventually("the failure", async || (office.database.db_count("jobs", "state = 'queued' AND attempt = 1").await == 1).then_some(())).await;
        office.advance(Duration::from_secs(999));
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(model.asked().len(), 1);
        office.advance(Duration::from_secs(1));
        eventually("the answer", async || (answers(&office.database).await == ["one"]).then_some(())).await;
        office.finish().await;
    }

    async fn a_failure_for_good_is_not_tried_again(store) {
        let (office, model) = Office::new(store).scripted([vec![Step::FailForGood]]);
        let office = office.start().await;
        assert_eq!(office.visitor().say("one").await.text("status"), "failed");
        assert_eq!(model.asked().len(), 1);
        assert_eq!(office.database.db_count("jobs", "state = 'dead' AND attempt = 1").await, 1);
        office.finish().await;
    }

    async fn an_answer_that_breaks_off_is_never_stored(store) {
        let (office, _) = Office::new(store).scripted([vec![Step::Say("half an ans".into())], vec![Step::Echo]]);
        let office = office.start().await;
        office.visitor().drop_off(json!({"message": "one"})).await;
        eventually("the failure", async || (office.database.db_count("jobs", "state = 'queued' AND attempt = 1").await == 1).then_some(())).await;
        assert_eq!(answers(&office.database).await.len(), 0);
        office.advance(Duration::from_secs(60));
        eventually("the answer", async || (answers(&office.database).await == ["one"]).then_some(())).await;
        office.finish().await;
    }

    async fn a_lease_is_renewed_while_work_goes_on(store) {
        let (office, model) = Office::new(store).scripted([vec![Step::Sleep(Duration::from_secs(3)), Step::Echo]]);
        let office = office.settings(|settings| settings.worker.lease = Duration::from_secs(1)).start().await;
        assert_eq!(office.visitor().say("one").await.text("reply"), "one");
        assert_eq!(model.asked().len(), 1, "nobody else took it");
        assert_eq!(office.database.db_count("jobs", "name = 'answer_turn' AND attempt = 1").await, 1);
        office.finish().await;
    }

    async fn a_worker_that_dies_in_the_last_attempt_leaves_no_visitor_waiting(store) {
        let mut idle = Office::new(store).idle().start().await;
        idle.visitor().drop_off(json!({"message": "hello"})).await;
        // As a process leaves it that was killed in the fifth attempt, long ago.
        idle.database.db_do("UPDATE jobs SET state = 'leased', attempt = 5, lease_token = 5, lease_until = created_at").await;
        let long_ago = match store {
            crate::harness::store::Store::Sqlite => "UPDATE jobs SET lease_until = 1",
            crate::harness::store::Store::Postgres => "UPDATE jobs SET lease_until = '2000-01-01'",
        };
        idle.database.db_do(long_ago).await;
        idle.stop().await;
        let (office, model) = Office::new(store).scripted([vec![Step::Echo]]);
        let office = office.on(&idle.database).start().await;
        eventually("the apology", async || (office.database.db_count("turns", "state = 'failed'").await == 1).then_some(())).await;
        assert_eq!(model.asked().len(), 0);
        assert_eq!(office.database.db_count("jobs", "state = 'dead'").await, 1);
        office.finish().await;
    }

    async fn no_backlog_of_one_business_makes_another_wait(store) {
        let mut idle = Office::new(store).idle().start().await;
        idle.db_tenant("loud", true, &[]).await;
        idle.db_tenant("quiet", true, &[]).await;
        let visitor = idle.visitor();
        for number in 0..120 {
            visitor.drop_off(json!({"message": "x", "session_id": format!("s{number}"), "business_id": "loud"})).await;
        }
        visitor.drop_off(json!({"message": "x", "business_id": "quiet"})).await;
        idle.stop().await;
        let (office, _) = Office::new(store).scripted([vec![Step::Sleep(Duration::from_millis(20)), Step::Echo]]);
        let office = office.on(&idle.database).settings(|settings| settings.worker.slots = 4).start().await;
        eventually("the quiet one's answer", async || {
            let query = "SELECT t.state AS value FROM turns t JOIN tenants n ON n.id = t.tenant_id WHERE n.slug = 'quiet'";
            (office.database.db_texts(query).await == ["answered"]).then_some(())
        })
        .await;
        let done = office.database.db_count("turns", "state = 'answered'").await;
        assert!(done <= 60, "it was served after {done} of the others' 120");
        office.finish().await;
    }

    async fn slow_work_of_one_business_never_fills_every_slot(store) {
        let gate = Gate::default();
        let (office, model) = Office::new(store).scripted([vec![Step::Gate(gate.clone()), Step::Echo]]);
        let office = office.settings(|settings| settings.worker.slots = 4).start().await;
        office.db_tenant("loud", true, &[]).await;
        office.db_tenant("quiet", true, &[]).await;
        let visitor = office.visitor();
        for number in 0..10 {
            visitor.drop_off(json!({"message": "x", "session_id": format!("s{number}"), "business_id": "loud"})).await;
        }
        eventually("its share to be full", async || (model.asked().len() == 3).then_some(())).await;
        visitor.drop_off(json!({"message": "quiet", "business_id": "quiet"})).await;
        eventually("the quiet one to be served", async || {
            model.asked().iter().any(|prompt| prompt.messages == ["quiet"]).then_some(())
        })
        .await;
        for _ in 0..11 {
            gate.open();
        }
        office.finish().await;
    }

    async fn a_business_that_came_first_is_not_starved_by_one_that_came_later(store) {
        // Rounds go in the order of the tenants' ids, and older tenants have smaller ones.
        let gate = Gate::default();
        let office = Office::new(store).model(SlowFor { text: "loud", gate: gate.clone() });
        let office = office.settings(|settings| settings.worker.slots = 4).start().await;
        office.db_tenant("quiet", true, &[]).await;
        office.db_tenant("loud", true, &[]).await;
        let visitor = office.visitor();
        for number in 0..10 {
            visitor.drop_off(json!({"message": "loud", "session_id": format!("s{number}"), "business_id": "loud"})).await;
        }
        for number in 0..5 {
            let answer = visitor.post(json!({"message": number.to_string(), "business_id": "quiet"})).await;
            assert_eq!(answer.text("reply"), number.to_string(), "{}", answer.body);
        }
        for _ in 0..10 {
            gate.open();
        }
        office.finish().await;
    }

    async fn a_job_that_was_put_back_for_later_meanwhile_is_not_claimed(store) {
        let mut office = Office::new(store).idle().start().await;
        office.visitor().drop_off(json!({"message": "hello"})).await;
        let platform = Platform::of_this_process();
        let (this, now, length) = (platform.clone(), office.clock.now(), Duration::from_secs(60));
        let names = frontoffice_worker::names();
        let wanted = job::Wanted { names, cursor: uuid::Uuid::nil().into(), without: Vec::new(), tenants: 8, of_each: 8, now };
        let listing = async move |mut conn: Conn| job::due(&mut conn, &this, &wanted).await;
        let due = office.app().db.platform_read(&platform, listing).await.unwrap();
        let later = match store {
            crate::harness::store::Store::Sqlite => "UPDATE jobs SET run_at = run_at + 5000000",
            crate::harness::store::Store::Postgres => "UPDATE jobs SET run_at = run_at + interval '5 seconds'",
        };
        office.database.db_do(later).await;
        let (this, ids) = (platform.clone(), due.iter().map(|due| due.id).collect::<Vec<_>>());
        assert_eq!(ids.len(), 1);
        let claiming = async move |mut conn: Conn| job::claim(&mut conn, &this, &ids, length, now).await;
        assert_eq!(office.app().db.platform(&platform, claiming).await.unwrap().len(), 0);
        office.stop().await;
    }

    async fn a_stopping_process_finishes_or_hands_back_what_it_has(store) {
        let gate = Gate::default();
        let (office, model) = Office::new(store).scripted([vec![Step::Gate(gate.clone()), Step::Echo]]);
        let mut office = office.settings(|settings| settings.worker.grace = Duration::from_millis(200)).start().await;
        let visitor = office.visitor();
        let waiting = {
            let visitor = visitor.clone();
            tokio::spawn(async move { visitor.post(json!({"message": "hello"})).await })
        };
        eventually("the model to be asked", async || (model.asked().len() == 1).then_some(())).await;
        // Longer than it may take to stop: the time for that is counted from the stop, not from the start.
        tokio::time::sleep(Duration::from_millis(3_500)).await;
        office.stop().await;
        // Whoever waited was told where the answer will be.
        let pending = waiting.await.unwrap();
        assert_eq!((pending.status.as_u16(), pending.text("status")), (202, "pending"));
        assert_eq!(office.database.db_count("jobs", "name = 'answer_turn' AND state = 'queued' AND attempt = 0").await, 1, "no attempt is lost");
        let (next, _) = Office::new(store).scripted([vec![Step::Echo]]);
        let next = next.on(&office.database).start().await;
        eventually("the answer", async || (answers(&next.database).await == ["hello"]).then_some(())).await;
        next.finish().await;
    }

    async fn jobs_that_are_done_are_removed_after_a_while_and_dead_ones_are_kept(store) {
        let (office, _) = Office::new(store).scripted([vec![Step::Echo], vec![Step::FailForGood]]);
        let mut office = office.start().await;
        office.visitor().say("one").await;
        office.visitor().say("two").await;
        eventually("the metering", async || (office.database.db_count("jobs", "state = 'done'").await == 3).then_some(())).await;
        office.stop().await;
        // Done a while ago: pruning happens at the start and then once a minute.
        let ago = match store {
            crate::harness::store::Store::Sqlite => "UPDATE jobs SET ended_at = ended_at - 1000000",
            crate::harness::store::Store::Postgres => "UPDATE jobs SET ended_at = ended_at - interval '1 second'",
        };
        office.database.db_do(ago).await;
        let later = Office::new(store).on(&office.database);
        let later = later.settings(|settings| settings.worker.keep_done = Duration::ZERO).start().await;
        let left = eventually("the pruning", async || {
            let left = later.database.db_texts("SELECT state AS value FROM jobs WHERE name <> 'remind_waiting'").await;
            (left.len() == 1).then_some(left)
        })
        .await;
        assert_eq!(left, ["dead"]);
        later.finish().await;
    }
}
