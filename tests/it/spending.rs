//! What credits are used for, how long they will last, what has to be known of them without asking, what they bring in and cost; and that accounts
//! nobody looks at are looked after.

use std::time::Duration;

use frontoffice_domain::pricing::{Policy, Pricebook, store::Published};
use serde_json::{Value, json};

use super::{
    beyond::{ask, credits, spends, whole},
    live::begun,
    pricebook_life::many_like_the_other,
    subscriptions::{business, publish_changed, statements},
    tenants::refused,
};
use crate::harness::{
    actors::{Account, MEMBER_PASSWORD},
    app::{Office, TestApp},
    child::ChildOffice,
    eventually, on_both_stores,
    socket::Socket,
    store::Store,
};

const DAY: Duration = Duration::from_secs(86_400);

/// A business on a plan with ten credits, and its owner.
async fn fish(office: &TestApp) -> (Value, Account) {
    office.advance(Duration::from_secs(1));
    let small = |book: &mut Pricebook| book.plans[0].credits = whole(10);
    assert_eq!(publish_changed(office, Policy::NewCustomers, Duration::ZERO, small).await, Published::As(2));
    office.advance(Duration::from_secs(1));
    let fish = business(office, "fish", Some("starter")).await;
    let owner = office.owner().await;
    owner.change("tenantUpdate", "tenant { id }", json!({"tenant": fish, "publicChat": true})).await;
    owner.change("memberInvite", "invitation { id }", json!({"tenant": fish, "email": "ann@example.com", "role": "OWNER"})).await;
    office.joined("ann@example.com").await;
    let ann = Account::sign_in_to(office.visitor().without_cookies(), "fish", "ann@example.com", MEMBER_PASSWORD).await;
    (fish, ann)
}

async fn alerts(owner: &Account) -> Vec<String> {
    let found = owner.data("{ tenant(slug: \"fish\") { alerts { kind percent pricebookVersion } } }", json!({})).await;
    let word = |alert: &Value| {
        let of = [&alert["percent"], &alert["pricebookVersion"]].into_iter().find(|of| !of.is_null());
        format!("{}{}", alert["kind"].as_str().unwrap(), of.map(|of| format!(" {of}")).unwrap_or_default())
    };
    found["tenant"]["alerts"].as_array().unwrap().iter().rev().map(word).collect()
}

async fn subjects(office: &TestApp) -> Vec<String> {
    office.settled().await;
    office.letters().into_iter().filter(|letter| letter.to == "ann@example.com").map(|letter| letter.subject).skip(1).collect()
}

on_both_stores! {
    async fn how_far_credits_are_used_up_is_told_once_in_a_period_by_event_and_letter(store) {
        let (office, _) = Office::new(store).budget(5_000).scripted([4, 1, 5].map(spends));
        let office = office.start().await;
        let (fish, ann) = fish(&office).await;
        let mut socket = Socket::of(&ann).await;
        socket.subscribe("1", "subscription { tenantEvents { ... on AlertRaised { alert { kind percent } } } }", json!({})).await;
        begun(&office).await;
        ask(&office, "a").await;
        assert_eq!(alerts(&ann).await, Vec::<String>::new());
        ask(&office, "b").await;
        assert_eq!(alerts(&ann).await, ["CREDITS_THRESHOLD 50"]);
        let told = loop {
            let event = socket.data().await["tenantEvents"]["alert"].clone();
            if !event.is_null() {
                break event;
            }
        };
        assert_eq!(told, json!({"kind": "CREDITS_THRESHOLD", "percent": 50}));
        // What is given besides is no part of it.
        let gift = json!({"tenant": fish, "credits": "20", "reason": "x", "idempotencyKey": "x"});
        office.owner().await.change("creditGrantCreate", "grant { uuid }", gift).await;
        ask(&office, "c").await;
        assert_eq!(alerts(&ann).await, ["CREDITS_THRESHOLD 50", "CREDITS_THRESHOLD 80", "CREDITS_THRESHOLD 100"]);
        // Of several at once only the furthest is told by letter.
        assert_eq!(subjects(&office).await, ["fish has used half of its AI credits", "fish has used all of its AI credits"]);
        office.finish().await;
    }

    async fn a_way_up_brings_its_share_of_what_is_used_up(store) {
        let (office, _) = Office::new(store).budget(5_000).scripted([5, 5].map(spends));
        let office = office.start().await;
        let (fish, ann) = fish(&office).await;
        ask(&office, "a").await;
        assert_eq!(alerts(&ann).await, ["CREDITS_THRESHOLD 50"]);
        let up = json!({"tenant": fish, "plan": "pro", "timing": "NOW"});
        office.owner().await.change("subscriptionChange", "subscription { plan }", up).await;
        // All that the first plan brought is used up, and next to nothing of what there is.
        ask(&office, "b").await;
        assert_eq!(alerts(&ann).await, ["CREDITS_THRESHOLD 50"]);
        office.finish().await;
    }

    async fn who_is_sent_away_and_what_has_ended_is_told_once(store) {
        let (office, _) = Office::new(store).budget(11_000).scripted([spends(1)]);
        let office = office.start().await;
        let (_, ann) = fish(&office).await;
        for session in ["a", "b"] {
            assert_eq!(ask(&office, session).await, "out_of_credits");
        }
        assert_eq!(alerts(&ann).await, ["CREDITS_EXHAUSTED"]);
        assert_eq!(subjects(&office).await, ["fish has no AI credits left"]);
        let trial = business(&office, "trial", None).await;
        assert!(trial.is_string());
        office.advance(DAY * 15);
        // Nobody looks at it.
        let ended = async || (office.database.db_count("alerts", "kind = 'plan_ended'").await == 1).then_some(());
        eventually("a trial that ends", ended).await;
        office.settled().await;
        assert_eq!(office.database.db_count("credit_entries", "kind = 'expire'").await, 1);
        office.finish().await;
    }

    async fn usage_is_told_by_what_one_asks_and_lasts_as_long_as_it_seems(store) {
        let (office, _) = Office::new(store).budget(1_000).scripted([1, 1, 1, 1].map(spends));
        let office = office.start().await;
        let (_, ann) = fish(&office).await;
        let none = credits(&ann, "projection { perDay }").await;
        assert_eq!(none["projection"], Value::Null, "there was no whole day yet");
        office.advance(DAY);
        ask(&office, "a").await;
        ask(&office, "b").await;
        office.advance(DAY);
        ask(&office, "c").await;
        let owner = office.owner().await;
        let now = office.clock.now();
        let (from, to) = (now.before(DAY * 5).to_string(), now.after(DAY).to_string());
        let by = |by: &str| format!("usage(by: {by}, from: \"{from}\", to: \"{to}\") {{ key label charges credits promptTokens }}");
        let days = credits(&owner, &by("DAY")).await["usage"].clone();
        let numbers: Vec<_> = days.as_array().unwrap().iter().map(|day| (day["charges"].as_i64().unwrap(), day["credits"].as_str().unwrap())).collect();
        assert_eq!(numbers, [(2, "2"), (1, "1")]);
        assert_eq!(days[1]["key"], now.to_string().split('T').next().unwrap(), "{days}");
        let personas = credits(&owner, &by("PERSONA")).await["usage"].clone();
        assert_eq!((&personas[0]["charges"], personas.as_array().unwrap().len()), (&json!(3), 1));
        assert!(personas[0]["label"].is_string() && personas[0]["key"].as_str().unwrap().len() == 36, "{personas}");
        assert_eq!(credits(&owner, &by("CHANNEL")).await["usage"][0]["key"], "public");
        assert_eq!(credits(&owner, &by("VISITOR")).await["usage"].as_array().unwrap().len(), 3);
        assert_eq!(credits(&owner, &by("MODEL")).await["usage"][0]["promptTokens"], 3_000);
        let csv = owner.get(&format!("/api/customers/usage/fish?by=persona&from={from}&to={to}")).await;
        let rows: Vec<String> = csv.body.as_str().unwrap().trim_start_matches('\u{feff}').lines().map(str::to_owned).collect();
        let persona = |field: &str| personas[0][field].as_str().unwrap().to_owned();
        assert_eq!(rows, ["persona,name,charges,credits,refunded,prompt_tokens,completion_tokens".to_owned(), format!("{},{},3,3,0,3000,0", persona("key"), persona("label"))]);
        owner.get("/api/customers/usage/fish?by=mood").await.assert_problem(422, "validation_failed");
        owner.get(&format!("/api/customers/usage/fish?from={to}&to={from}")).await.assert_problem(422, "validation_failed");
        owner.get("/api/customers/usage/nobody").await.assert_problem(404, "business_unknown");
        let wrong = owner.ask(&format!("{{ tenant(slug: \"fish\") {{ credits {{ usage(by: DAY, from: \"{to}\", to: \"{from}\") {{ key }} }} }} }}"), json!({})).await;
        assert_eq!(wrong.body["errors"][0]["extensions"]["code"], "INPUT_INVALID");
        // Two on the one whole day there was; seven are left.
        let its = credits(&owner, "available projection { perDay days runsOutAt earliest latest }").await;
        assert_eq!((&its["available"], &its["projection"]["perDay"], &its["projection"]["days"]), (&json!("7"), &json!("2"), &json!(1)));
        assert_eq!(its["projection"]["runsOutAt"], now.after(DAY * 7 / 2).to_string());
        assert_eq!(its["projection"]["latest"], Value::Null, "one day says little");
        office.finish().await;
    }

    async fn what_providers_take_is_held_against_prices_and_left_is_the_rest(store) {
        let (office, _) = Office::new(store).budget(4_000).scripted([spends(2), spends(3)]);
        let office = office.start().await;
        let (_, ann) = fish(&office).await;
        ask(&office, "a").await;
        let model = office.database.db_texts("SELECT DISTINCT model AS value FROM messages WHERE model IS NOT NULL AND prompt_tokens > 0").await.remove(0);
        office.advance(Duration::from_secs(1));
        let owner = office.owner().await;
        let cost = |prompt: &str, completion: &str| json!({"model": model, "currency": "USD", "prompt": prompt, "completion": completion});
        let asked = "providerCost { uuid model prompt { amount currency } effectiveFrom }";
        refused(&owner.mutate("providerCostCreate", "providerCost { uuid }", cost("-1", "0")).await, "INVALID", "prompt");
        refused(&owner.mutate("providerCostCreate", "providerCost { uuid }", cost("1", "0.0000001")).await, "INVALID", "completion");
        let made = owner.change("providerCostCreate", asked, cost("2.5", "10")).await;
        assert_eq!((&made["providerCost"]["prompt"]["amount"], &made["providerCost"]["model"]), (&json!("2.5"), &json!(model)));
        office.advance(Duration::from_secs(1));
        ask(&office, "b").await;
        let now = office.clock.now();
        let margins = format!(
            "{{ margins(from: \"{}\", to: \"{}\") {{ tenantName model charges credits revenue {{ amount }} cost {{ amount }} costKnown left {{ amount currency }} }} }}",
            now.before(DAY), now.after(DAY)
        );
        let found = owner.data(&margins, json!({})).await["margins"].clone();
        // Starter: USD 79 for its ten credits here. Two were used before anybody knew what they cost, three cost 3,000 tokens.
        assert_eq!(found, json!([{"tenantName": "fish", "model": model, "charges": 2, "credits": "5", "revenue": [{"amount": "39.5"}], "cost": [{"amount": "0.0075"}],
            "costKnown": false, "left": [{"amount": "39.4925", "currency": "USD"}]}]));
        for stranger in [&ann] {
            assert_eq!(stranger.ask(&margins, json!({})).await.body["errors"][0]["extensions"]["code"], "NOT_ALLOWED");
        }
        // What is no longer covered has to be acknowledged: Pro brings in USD 3.32 for a million tokens.
        owner.change("providerCostCreate", asked, cost("3.4", "1")).await;
        owner.change("pricebookDraftCreate", "draft { revision }", json!({})).await;
        let draft = owner.data("{ pricebookDraft { warnings { guard path after } } }", json!({})).await["pricebookDraft"].clone();
        let expected = json!({"guard": "MARGIN_BELOW_COST", "path": format!("plans/pro/margin/{model}"), "after": "USD 3.32 for a million tokens that cost USD 3.4"});
        assert_eq!(draft["warnings"], json!([expected]));
        office.finish().await;
    }

    async fn every_charge_of_a_day_is_reckoned_once_more_and_who_must_know_is_told(store) {
        let (office, _) = Office::new(store).budget(4_000).scripted([spends(2), spends(3)]);
        let mut office = office.start().await;
        fish(&office).await;
        ask(&office, "a").await;
        ask(&office, "b").await;
        office.advance(DAY);
        let checked = async |days: usize| eventually("yesterday's charges", async || (office.database.db_count("charge_checks", "checked > 0").await == days).then_some(())).await;
        checked(1).await;
        let told = "SELECT CAST(checked AS text) || ' ' || CAST(differing AS text) AS value FROM charge_checks WHERE checked > 0 ORDER BY day";
        assert_eq!(office.database.db_texts(told).await, ["2 0"]);
        assert_eq!(office.database.db_count("alerts", "kind = 'charges_differ'").await, 0);
        // Somebody has got round the rules of the ledger: what was written down does not follow from the tokens any more.
        office.database.db_do(&unruled(store, "UPDATE credit_charges SET prompt_tokens = 1000 WHERE prompt_tokens = 3000")).await;
        let again = "UPDATE credit_charges SET created_at = (SELECT max(created_at) FROM jobs)";
        office.database.db_do(&unruled(store, again)).await;
        office.advance(DAY);
        checked(2).await;
        assert_eq!(office.database.db_texts(told).await[1], "2 1");
        office.settled().await;
        let letter = office.letter_to("owner@localhost").await;
        assert!(letter.subject.contains("charges need to be looked at") || letter.text.contains("reckoned once more"), "{letter:?}");
        office.stop().await;
    }

    async fn killed_again_and_again_every_account_is_renewed_once(store) {
        let mut office = Office::new(store).idle().start().await;
        business(&office, "other", Some("starter")).await;
        let customers = 1_000;
        office.database.db_do(&many_like_the_other(store, customers)).await;
        // As if each had begun when the other did: with nothing yet, and a period that ends.
        office.database.db_do("UPDATE credit_accounts SET next_event_at = period_to").await;
        office.clock.advance(DAY * 32);
        let now = office.clock.now();
        let renewed = "kind = 'allowance'";
        let before = office.database.db_count("credit_grants", renewed).await;
        let all = before + customers + 2;
        let mut kills = 0;
        while kills < 6 && office.database.db_count("credit_grants", renewed).await < all {
            let victim = ChildOffice::start_at(&office.database, Duration::ZERO, "x", now).await;
            tokio::time::sleep(Duration::from_millis(120 * (kills + 1))).await;
            victim.signal("KILL");
            kills += 1;
        }
        let _last = ChildOffice::start_at(&office.database, Duration::ZERO, "x", now).await;
        let settled = async || {
            let open = office.database.db_count("jobs", "name = 'keep_account' AND state IN ('queued', 'leased')").await;
            (open == 0 && office.database.db_count("credit_accounts", "next_event_at > period_from AND period_from > (SELECT min(started_at) FROM subscriptions)").await == customers + 2).then_some(())
        };
        eventually("all are renewed", settled).await;
        assert_eq!(office.database.db_count("credit_grants", renewed).await, all, "one for each, and those from before");
        let twice = "SELECT CAST(count(*) AS text) AS value FROM credit_grants WHERE kind = 'allowance' GROUP BY tenant_id, period_from HAVING count(*) > 1";
        assert_eq!(office.database.db_texts(twice).await, Vec::<String>::new());
        office.stop().await;
    }

    async fn a_worker_that_is_away_for_three_periods_changes_no_answer(store) {
        let office = Office::new(store).idle().start().await;
        business(&office, "fish", Some("starter")).await;
        let watched = Office::new(store).start().await;
        business(&watched, "fish", Some("starter")).await;
        for _ in 0..3 {
            for some in [&office, &watched] {
                some.advance(DAY * 31);
            }
            watched.settled().await;
        }
        let wanted = "plan balance held available periodStart periodEnd grants { kind amount remaining expiresAt } entries { nodes { number kind amount balanceAfter occurredAt } }";
        assert_eq!(credits(&office.owner().await, wanted).await, credits(&watched.owner().await, wanted).await);
        assert_eq!(statements(&office, "fish").await, statements(&watched, "fish").await);
        office.finish().await;
        watched.finish().await;
    }
}

/// Statements past the rules that keep a ledger from being changed.
fn unruled(store: Store, statements: &str) -> String {
    match store {
        Store::Postgres => format!(
            "ALTER TABLE credit_charges DISABLE TRIGGER USER; {statements}; ALTER TABLE credit_charges ENABLE TRIGGER USER"
        ),
        Store::Sqlite => format!("DROP TRIGGER IF EXISTS credit_charges_append_only_update; {statements}"),
    }
}
