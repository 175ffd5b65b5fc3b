//! Credits: what answers cost, who pays, and that nothing is charged twice, lost or given away.

use std::{sync::Arc, time::Duration};

use frontoffice_domain::chat::Usage;
use frontoffice_worker::model::scripted::{Gate, Step};
use reqwest::Method;
use serde_json::json;

use super::{tenants, widget};
use crate::harness::{
    actors::{Account, Listening},
    app::Office,
    child::ChildOffice,
    eventually, on_both_stores,
    store::{Database, Store},
};

/// One credit.
const CREDIT: i64 = 1_000_000;

const PLATFORM: &str = "tenant_id = (SELECT platform_tenant_id FROM installation)";
const OTHER: &str = "tenant_id = (SELECT id FROM tenants WHERE slug = 'other')";

/// Balance and held of a tenant's account.
async fn account(database: &Database, whose: &str) -> (i64, i64) {
    let query = format!("SELECT CAST(balance AS text) || ' ' || CAST(held AS text) AS value FROM credit_accounts WHERE {whose}");
    let row = database.db_texts(&query).await.remove(0);
    let (balance, held) = row.split_once(' ').unwrap();
    (balance.parse().unwrap(), held.parse().unwrap())
}

/// A tenant's ledger as `kind amount`, in credits.
async fn ledger(database: &Database, whose: &str) -> Vec<String> {
    let query = format!(
        "SELECT kind || ' ' || CAST(amount / {CREDIT} AS text) AS value FROM credit_entries WHERE {whose} ORDER BY number"
    );
    database.db_texts(&query).await
}

fn tokens(prompt: u32, completion: u32) -> Step {
    Step::Spend(Usage { prompt_tokens: prompt, completion_tokens: completion, estimated: false })
}

/// Says something to the other tenant, in a conversation of its own.
fn to_other(message: &str, session: &str) -> serde_json::Value {
    json!({"message": message, "session_id": session, "business_id": "other"})
}

on_both_stores! {
    async fn the_platform_is_on_its_largest_plan_and_pays_for_its_answers(store) {
        let office = Office::new(store).start().await;
        assert_eq!(account(&office.database, PLATFORM).await, (250_000 * CREDIT, 0));
        let visitor = office.visitor();
        assert_eq!(visitor.say("Where is the data stored?").await.text("status"), "answered");
        office.settled().await;
        assert_eq!(visitor.say("How tall is the Eiffel tower?").await.text("status"), "refused");
        office.settled().await;
        assert_eq!(visitor.say("And the tower of Pisa?").await.text("status"), "handed_off");
        office.settled().await;
        assert_eq!(
            ledger(&office.database, PLATFORM).await,
            ["grant 250000", "hold 1", "capture 1", "hold 1", "release 1", "hold 1", "release 1"]
        );
        let charges = "SELECT action || ' ' || CAST(captured AS text) || ' ' || CAST(pricebook_version AS text) AS value FROM credit_charges ORDER BY created_at, turn_id";
        assert_eq!(office.database.db_texts(charges).await, ["answer_quoted 1000000 1", "refusal 0 1", "handoff 0 1"]);
        office.finish().await;
    }

    async fn an_answer_of_a_model_costs_its_tokens_and_never_more_than_was_held(store) {
        let (office, _) = Office::new(store).budget(7_000).scripted([
            vec![tokens(2_000, 500), Step::Echo],
            vec![tokens(2_000, 1), Step::Echo],
            vec![tokens(0, 0), Step::Echo],
            vec![tokens(6_000, 3_500), Step::Echo],
            vec![Step::FailForGood],
            vec![tokens(900, 100), Step::Refuse],
        ]);
        let office = office.start().await;
        for number in 0..6 {
            office.visitor().post(json!({"message": format!("m{number}")})).await;
            office.settled().await;
        }
        let expected = [
            "grant 250000", "hold 7", "capture 3", "release 4", "hold 7", "capture 3", "release 4", "hold 7", "capture 1", "release 6",
            "hold 7", "capture 7", "hold 7", "release 7", "hold 7", "release 7",
        ];
        assert_eq!(ledger(&office.database, PLATFORM).await, expected);
        let charges = "SELECT action || ' ' || CAST(rated / 1000000 AS text) || ' ' || CAST(absorbed / 1000000 AS text) AS value FROM credit_charges ORDER BY turn_id";
        let expected = ["answer_written 3 0", "answer_written 3 0", "answer_written 1 0", "answer_written 10 3", "failure 0 0", "refusal 0 0"];
        assert_eq!(office.database.db_texts(charges).await, expected);
        assert_eq!(account(&office.database, PLATFORM).await, (249_986 * CREDIT, 0));
        office.finish().await;
    }

    async fn a_burst_is_one_turn_and_is_held_for_once(store) {
        let mut idle = Office::new(store).idle().start().await;
        let visitor = idle.visitor();
        for message in ["one", "two", "three"] {
            visitor.drop_off(json!({"message": message, "session_id": "s"})).await;
        }
        assert_eq!(ledger(&idle.database, PLATFORM).await, ["grant 250000", "hold 1"]);
        assert_eq!(account(&idle.database, PLATFORM).await, (250_000 * CREDIT, CREDIT));
        idle.stop().await;
        let (office, _) = Office::new(store).scripted([vec![Step::Echo]]);
        let office = office.on(&idle.database).start().await;
        office.settled().await;
        assert_eq!(ledger(&office.database, PLATFORM).await, ["grant 250000", "hold 1", "capture 1"]);
        office.finish().await;
    }

    async fn without_credits_the_visitor_reads_the_away_text_and_a_person_is_asked_for(store) {
        let (office, model) = Office::new(store).budget(400_000).scripted([vec![tokens(400_000, 0), Step::Echo]]);
        let office = office.start().await;
        office.db_tenant("other", true, &[]).await;
        assert_eq!(office.visitor().post(to_other("hello", "a")).await.text("status"), "answered");
        office.settled().await;
        // A hundred are left; the next answer might take four hundred.
        let visitor = office.visitor();
        let away = visitor.post(to_other("hello again", "b")).await;
        assert_eq!((away.status.as_u16(), away.text("status")), (200, "out_of_credits"), "{}", away.body);
        assert_eq!(away.body["handoff"]["state"], "requested");
        assert!(away.text("reply").contains("I have asked a colleague"), "{}", away.body);
        assert!(away.text("notice").contains("AI"), "it is the conversation's first answer");
        let again = visitor.post(to_other("Wie kann ich die Daten auf meinem eigenen Server speichern?", "b")).await;
        assert!(again.text("reply").contains("Ich kann im Moment nicht antworten"), "{}", again.body);
        let events = visitor.events(visitor.chat(&to_other("and now?", "b"))).await;
        let done = events.last().unwrap();
        assert_eq!((done.name.as_str(), done.data["status"].as_str()), ("done", Some("out_of_credits")));
        assert_eq!(model.asked().len(), 1, "nobody was asked who could not be paid");
        assert_eq!(office.database.db_count("conversations", "session_id = 'b' AND state = 'HANDOFF_REQUESTED'").await, 1);
        // The platform's own visitors notice nothing.
        assert_eq!(office.visitor().say("hello").await.text("status"), "answered");
        office.finish().await;
    }

    async fn a_message_sent_again_is_held_for_once_and_answered_as_before(store) {
        let office = Office::new(store).start().await;
        office.db_tenant("other", true, &[("Opening hours", "We are open from nine to five.")]).await;
        let visitor = office.visitor();
        let body = json!({"message": "What are your opening hours?", "session_id": "s", "business_id": "other", "client_message_id": "a-key-of-its-own-0123456789"});
        let first = visitor.post(body.clone()).await;
        let second = visitor.post(body).await;
        assert_eq!(first.body, second.body);
        office.settled().await;
        assert_eq!(ledger(&office.database, OTHER).await, ["grant 500", "hold 1", "capture 1"]);
        office.finish().await;
    }

    async fn sixty_four_clients_get_exactly_the_five_hundred_there_are(store) {
        // A hundred attempts each with `--full`.
        let full = std::env::var("FRONTOFFICE_TEST_FULL").is_ok_and(|full| !full.is_empty());
        let attempts = if full { 100 } else { 9 };
        let (office, _) = Office::new(store).scripted([vec![Step::Echo]]);
        let office = Arc::new(office.settings(|settings| settings.connections = 16).start().await);
        office.db_tenant("other", true, &[]).await;
        let clients: Vec<_> = (0..64)
            .map(|client| {
                let office = Arc::clone(&office);
                tokio::spawn(async move {
                    let visitor = office.visitor();
                    let mut answered = (0, 0);
                    for attempt in 0..attempts {
                        let reply = visitor.post(to_other("hello", &format!("{client}-{attempt}"))).await;
                        match reply.text("status") {
                            "answered" => answered.0 += 1,
                            "out_of_credits" => answered.1 += 1,
                            other => panic!("{other}: {}", reply.body),
                        }
                    }
                    answered
                })
            })
            .collect();
        let mut total = (0, 0);
        for client in clients {
            let (answered, out) = client.await.unwrap();
            total = (total.0 + answered, total.1 + out);
        }
        assert_eq!(total, (500, 64 * attempts - 500));
        office.settled().await;
        assert_eq!(account(&office.database, OTHER).await, (0, 0));
        let captures = format!("{OTHER} AND kind = 'capture' AND amount = {CREDIT}");
        assert_eq!(office.database.db_count("credit_entries", &captures).await, 500);
        Arc::into_inner(office).unwrap().finish().await;
    }

    async fn a_trial_ends_when_it_ends_whether_or_not_anything_ran(store) {
        let office = Office::new(store).start().await;
        office.db_tenant("other", true, &[("Opening hours", "We are open from nine to five.")]).await;
        let day = Duration::from_secs(86_400);
        office.advance(day * 14 - Duration::from_secs(1));
        let ask = to_other("What are your opening hours?", "s");
        assert_eq!(office.visitor().post(ask.clone()).await.text("status"), "answered");
        office.settled().await;
        office.advance(Duration::from_secs(1));
        assert_eq!(office.visitor().post(ask).await.text("status"), "out_of_credits");
        assert_eq!(ledger(&office.database, OTHER).await, ["grant 500", "hold 1", "capture 1", "expire 499"]);
        assert_eq!(account(&office.database, OTHER).await, (0, 0));
        office.finish().await;
    }

    async fn each_period_brings_its_allowance_once_and_takes_what_was_left(store) {
        let office = Office::new(store).start().await;
        // It is 22 November, so periods begin on the 22nd; nobody looks for three of them.
        office.advance(Duration::from_secs(86_400 * 100));
        assert_eq!(office.visitor().say("Where is the data stored?").await.text("status"), "answered");
        office.settled().await;
        let each = ["expire 250000", "grant 250000"];
        let expected: Vec<&str> =
            ["grant 250000"].into_iter().chain(each.repeat(3)).chain(["hold 1", "capture 1"]).collect();
        assert_eq!(ledger(&office.database, PLATFORM).await, expected);
        let began = match store {
            Store::Sqlite => "SELECT strftime('%Y-%m-%dT%H:%M', occurred_at / 1000000, 'unixepoch') AS value FROM credit_entries WHERE kind = 'grant' ORDER BY number",
            Store::Postgres => "SELECT to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI') AS value FROM credit_entries WHERE kind = 'grant' ORDER BY number",
        };
        let expected = ["2026-11-22T12:00", "2026-12-22T00:00", "2027-01-22T00:00", "2027-02-22T00:00"];
        assert_eq!(office.database.db_texts(began).await, expected);
        assert_eq!(account(&office.database, PLATFORM).await, (249_999 * CREDIT, 0));
        office.finish().await;
    }

    async fn what_is_held_past_its_blocks_end_can_be_taken_and_the_rest_of_it_is_gone(store) {
        let mut idle = Office::new(store).idle().budget(3_000).start().await;
        idle.db_tenant("other", true, &[]).await;
        idle.visitor().drop_off(to_other("hello", "s")).await;
        idle.clock.advance(Duration::from_secs(86_400 * 15));
        // Somebody else's attempt lets the rest expire.
        assert_eq!(idle.visitor().post(to_other("hello", "t")).await.text("status"), "out_of_credits");
        assert_eq!(account(&idle.database, OTHER).await, (3 * CREDIT, 3 * CREDIT));
        assert_eq!(idle.violations().await, []);
        let later = idle.clock.now();
        idle.stop().await;
        let (office, _) = Office::new(store).scripted([vec![tokens(1_500, 0), Step::Echo]]);
        let office = office.on(&idle.database).at(later).start().await;
        eventually("the answer", async || (office.database.db_count("turns", "state = 'answered'").await == 1).then_some(())).await;
        office.settled().await;
        assert_eq!(
            ledger(&office.database, OTHER).await,
            ["grant 500", "hold 3", "expire 497", "capture 2", "release 1", "expire 1"]
        );
        assert_eq!(account(&office.database, OTHER).await, (0, 0));
        office.finish().await;
    }

    async fn what_is_held_is_given_back_before_the_next_answer_begins(store) {
        let mut idle = Office::new(store).idle().start().await;
        for number in 0..4 {
            idle.visitor().drop_off(json!({"message": format!("m{number}")})).await;
        }
        idle.stop().await;
        let gate = Gate::default();
        let (office, _) = Office::new(store).scripted([vec![Step::Echo], vec![Step::Gate(gate.clone()), Step::Echo], vec![Step::Echo]]);
        // One thing at a time: the answer that waits at the gate comes after the metering of the one before.
        let office = office.settings(|settings| settings.worker.slots = 1).on(&idle.database).start().await;
        eventually("the first charge", async || (office.database.db_count("credit_charges", "true").await == 1).then_some(())).await;
        assert_eq!(office.database.db_count("jobs", "name = 'answer_turn' AND state = 'done'").await, 1);
        gate.open();
        office.settled().await;
        office.finish().await;
    }

    async fn who_waited_across_the_beginning_of_a_period_is_paid_for_by_it(store) {
        let office = Office::new(store).start().await;
        let before = office.clock.now();
        office.advance(Duration::from_secs(86_400 * 31));
        assert_eq!(office.visitor().say("Where is the data stored?").await.text("status"), "answered");
        office.settled().await;
        // The same store, as a process sees it whose clock is behind.
        let behind = Office::new(store).on(&office.database).idle().start().await;
        assert_eq!(behind.clock.now(), before);
        assert_eq!(behind.visitor().drop_off(json!({"message": "hello"})).await.text("status"), "pending");
        office.app().bus.ring();
        office.settled().await;
        behind.finish().await;
        office.finish().await;
    }

    async fn wherever_a_listener_goes_away_the_ledger_says_the_same(store) {
        let words = ["one ", "two ", "three ", "four ", "five "];
        let script = || {
            let mut steps = vec![tokens(2_500, 0)];
            steps.extend(words.map(|word| Step::Say(word.into())));
            steps.push(Step::Answer);
            steps
        };
        // `accepted`, the words, `done`; and one who goes away without hearing anything.
        let heard = words.len() + 3;
        let (office, _) = Office::new(store).budget(7_000).scripted((0..heard).map(|_| script()));
        let office = office.start().await;
        for cut in 0..heard {
            let visitor = office.visitor();
            let request = visitor.chat(&json!({"message": "count", "session_id": format!("s{cut}")})).header("accept", "text/event-stream");
            let mut listening = Listening::to(request).await;
            for _ in 0..cut {
                listening.next().await;
            }
            drop(listening);
            eventually("the charge", async || (office.database.db_count("credit_charges", "true").await == cut + 1).then_some(())).await;
            office.settled().await;
        }
        let each = ["hold 7", "capture 3", "release 4"];
        let expected: Vec<&str> = ["grant 250000"].into_iter().chain(each.repeat(heard)).collect();
        assert_eq!(ledger(&office.database, PLATFORM).await, expected);
        assert_eq!(office.database.db_count("messages", "role = 'assistant' AND text = 'one two three four five '").await, heard, "and nothing of the answer is missing");
        office.finish().await;
    }

    async fn when_nothing_is_left_every_door_says_so_in_every_language(store) {
        let (office, ann, owner) = tenants::fish(store).await;
        let page = widget::page(&office, &ann).await;
        let fish = owner.data("{ tenant(slug: \"fish\") { id } }", json!({})).await["tenant"]["id"].clone();
        let key = ann.change("apiKeyCreate", "secret", json!({"name": "A server", "permissions": ["chat.read", "chat.manage"]})).await["secret"].as_str().unwrap().to_owned();
        let ways: [(&str, &str); 9] = [
            ("en", "I cannot answer right now"), ("de", "Ich kann im Moment nicht antworten"), ("nl", "Ik kan op dit moment niet antwoorden"),
            ("es", "Ahora mismo no puedo responder"), ("it", "In questo momento non posso rispondere"), ("pl", "W tej chwili nie mogę odpowiedzieć"),
            ("pt-BR", "Não posso responder agora"), ("ja", "ただいまお答えできません"), ("fr", "Je ne peux pas répondre pour le moment"),
        ];
        let mut asked = 0;
        let mut every_door = async |why: &str| {
            for (locale, words) in &ways {
                asked += 1;
                let said = |session: &str| json!({"message": "…?", "session_id": format!("{session}-{asked}"), "business_id": "fish"});
                let visitor = office.visitor();
                let public = visitor.send(visitor.chat(&said("p")).header("accept-language", *locale)).await;
                let widget = page.visitor.send(page.request(Method::POST, "chat").header("accept-language", *locale).json(&said("w"))).await;
                let server = Account::with(office.visitor().without_cookies(), &key);
                let own = server.send(server.request(Method::POST, "/api/chat/session").header("accept-language", *locale).json(&json!({}))).await;
                let body = json!({"session_id": own.text("session_id"), "message": "…?"});
                let operator = server.send(server.request(Method::POST, "/api/chat/message").header("accept-language", *locale).json(&body)).await;
                for (door, answer) in [("public", public), ("widget", widget), ("operator", operator)] {
                    let is = (answer.status.as_u16(), answer.text("status"), answer.text("reply").starts_with(words), &answer.body["handoff"]["state"]);
                    assert_eq!(is, (200, "out_of_credits", true, &json!("requested")), "{why}, {door}, {locale}: {}", answer.body);
                }
            }
        };
        // Suspended, though there would be credits; and when the trial is over.
        owner.change("tenantSuspend", "tenant { status }", json!({"tenant": fish})).await;
        every_door("suspended").await;
        owner.change("tenantResume", "tenant { status }", json!({"tenant": fish})).await;
        office.advance(Duration::from_secs(86_400 * 14));
        every_door("the trial is over").await;
        assert_eq!(ledger(&office.database, "tenant_id = (SELECT id FROM tenants WHERE slug = 'fish')").await, ["grant 500", "expire 500"]);
        assert_eq!(office.database.db_count("credit_charges", "true").await, 0);
        office.finish().await;
    }

    async fn metering_a_turn_again_changes_nothing(store) {
        let mut office = Office::new(store).start().await;
        office.visitor().say("Where is the data stored?").await;
        office.settled().await;
        let credits = async |database: &Database| {
            let dump = database.db_dump().await;
            dump.into_iter().filter(|row| row.starts_with("credit_")).collect::<Vec<_>>()
        };
        let before = credits(&office.database).await;
        office.stop().await;
        for _ in 0..3 {
            office.database.db_do("UPDATE jobs SET state = 'queued', ended_at = NULL, lease_token = lease_token + 1 WHERE name = 'meter_usage'").await;
            let mut again = Office::new(store).on(&office.database).start().await;
            again.settled().await;
            again.stop().await;
        }
        assert_eq!(credits(&office.database).await, before);
    }

    async fn killed_again_and_again_every_turn_is_answered_once_and_charged_once(store) {
        let turns: usize = 200;
        let mut idle = Office::new(store).idle().start().await;
        let database = idle.database.clone();
        let visitor = idle.visitor();
        for number in 0..turns {
            let accepted = visitor.drop_off(json!({"message": format!("m{number}"), "session_id": format!("s{number}")})).await;
            assert_eq!(accepted.status, 202);
        }
        for round in 1..=4 {
            let victim = ChildOffice::start(&database, Duration::from_millis(20), "answered").await;
            let enough = turns * round / 6;
            eventually("some answers", async || (database.db_count("turns", "ended_at IS NOT NULL").await >= enough).then_some(())).await;
            victim.signal("KILL");
            assert_eq!(idle.violations().await.into_iter().filter(|found| !found.invariant.contains("lease")).collect::<Vec<_>>(), []);
        }
        idle.stop().await;
        let (office, _) = Office::new(store).scripted([vec![Step::Echo]]);
        let office = office.on(&database).start().await;
        eventually("all answers", async || (database.db_count("turns", "state = 'answered'").await == turns).then_some(())).await;
        office.settled().await;
        assert_eq!(database.db_count("messages", "role = 'assistant' AND status = 'answered'").await, turns);
        assert_eq!(database.db_count("credit_charges", &format!("captured = {CREDIT}")).await, turns);
        let charged = i64::try_from(turns).unwrap() * CREDIT;
        assert_eq!(account(&database, PLATFORM).await, (250_000 * CREDIT - charged, 0));
        office.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_from_before_there_were_credits_gets_them_at_the_next_start() {
    let mut office = Office::new(Store::Sqlite).start().await;
    office.stop().await;
    let triggers = "DROP TRIGGER credit_entries_append_only_delete; DROP TRIGGER credit_holds_terms_fixed_delete;
        DROP TRIGGER subscription_segments_append_only_delete;";
    let rows =
        "DELETE FROM credit_entries; DELETE FROM credit_grants; DELETE FROM credit_accounts; DELETE FROM subscription_segments;
        DELETE FROM subscriptions;";
    office.database.db_do(&format!("{triggers}{rows}")).await;
    let office = Office::new(Store::Sqlite).on(&office.database).start().await;
    assert_eq!(office.visitor().say("Where is the data stored?").await.text("status"), "answered");
    office.settled().await;
    assert_eq!(ledger(&office.database, PLATFORM).await, ["grant 250000", "hold 1", "capture 1"]);
    office.finish().await;
}
