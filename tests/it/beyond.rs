//! Credits beyond a plan's own: overage, rollover, top-ups, refunds and corrections, and why each charge is what it is.

use std::time::Duration;

use frontoffice_domain::{
    chat::Usage,
    money::{Credits, Currency, Money},
    pricing::{Overage, Policy, Pricebook, RefundReason, RefundRule, Rollover, TopUp, store::Published},
};
use frontoffice_worker::model::scripted::{Gate, Step};
use serde_json::{Value, json};

use super::{
    subscriptions::{available, business, on, publish_changed, statements},
    tenants::refused,
};
use crate::harness::{
    actors::Account,
    app::{Office, TestApp},
    eventually, on_both_stores,
    store::Database,
};

pub(super) const CREDIT: i64 = 1_000_000;
const DAY: Duration = Duration::from_secs(86_400);
const FISH: &str = "tenant_id = (SELECT id FROM tenants WHERE slug = 'fish')";

pub(super) fn whole(credits: i64) -> Credits {
    Credits::whole(credits).unwrap()
}

pub(super) fn usd(minor: i64) -> Money {
    Money { minor, currency: Currency::try_from("USD".to_owned()).unwrap() }
}

/// Prices with a small plan that sells beyond its credits, carries some over and gives some back.
pub(super) fn generous(book: &mut Pricebook) {
    book.plans[0].credits = whole(10);
    let plan = || "starter".to_owned();
    book.overage = vec![Overage { plan: plan(), price: usd(500), credits: whole(4), limit: whole(20) }];
    book.rollover = vec![Rollover { plan: plan(), maximum: whole(3), minimum: whole(1) }];
    book.top_ups = vec![TopUp { key: "small".into(), name: "Small".into(), price: usd(900), credits: whole(7), days: Some(60) }];
    let rate = book.rates.iter_mut().find(|rate| rate.action.as_str() == "failure").unwrap();
    (rate.credits, rate.minimum) = (whole(2), whole(2));
    book.refunds = vec![
        RefundRule { reason: RefundReason::Failed, percent: 50, days: None },
        RefundRule { reason: RefundReason::RatedWrong, percent: 100, days: Some(7) },
    ];
}

/// An answer that takes so many thousand tokens.
pub(super) fn spends(thousands: u32) -> Vec<Step> {
    vec![Step::Spend(Usage { prompt_tokens: thousands * 1_000, completion_tokens: 0, estimated: false }), Step::Echo]
}

/// A business on the generous plan, whose answers take what they take.
pub(super) async fn fish(office: &TestApp) -> Value {
    // After the version that set-up has published.
    office.advance(Duration::from_secs(1));
    assert_eq!(publish_changed(office, Policy::NewCustomers, Duration::ZERO, generous).await, Published::As(2));
    office.advance(Duration::from_secs(1));
    let fish = business(office, "fish", Some("starter")).await;
    office.owner().await.change("tenantUpdate", "tenant { id }", json!({"tenant": fish, "publicChat": true})).await;
    fish
}

/// What became of a message in a conversation of its own, once it is metered: the status, and the turn.
pub(super) async fn asked(office: &TestApp, session: &str) -> (String, String) {
    let reply = office.visitor().post(json!({"message": "hello", "session_id": session, "business_id": "fish"})).await;
    office.settled().await;
    (reply.text("status").to_owned(), reply.text("turn_id").to_owned())
}

pub(super) async fn ask(office: &TestApp, session: &str) -> String {
    asked(office, session).await.0
}

/// The ledger as `kind amount`, in credits.
pub(super) async fn ledger(database: &Database) -> Vec<String> {
    let query = format!(
        "SELECT kind || ' ' || CAST(amount / {CREDIT} AS text) AS value FROM credit_entries WHERE {FISH} ORDER BY number"
    );
    database.db_texts(&query).await
}

pub(super) async fn credits(owner: &Account, wanted: &str) -> Value {
    let query = format!("{{ tenant(slug: \"fish\") {{ credits {{ {wanted} }} }} }}");
    owner.data(&query, json!({})).await["tenant"]["credits"].clone()
}

const OVERAGE: &str = "balance held available overage { limit used held due { amount currency } }";

on_both_stores! {
    async fn what_a_plan_sells_beyond_its_credits_is_used_last_and_billed_by_what_was_taken(store) {
        // Six are set aside for each answer.
        let (office, _) = Office::new(store).budget(6_000).scripted([spends(5), spends(5), spends(9), spends(6), spends(6), spends(1)]);
        let office = office.start().await;
        fish(&office).await;
        let owner = office.owner().await;
        let none = json!({"limit": "20", "used": "0", "held": "0", "due": {"amount": "0.00", "currency": "USD"}});
        assert_eq!(credits(&owner, OVERAGE).await, json!({"balance": "10", "held": "0", "available": "10", "overage": none}));
        for session in ["a", "b"] {
            assert_eq!(ask(&office, session).await, "answered");
        }
        // Five were left when the second came, and six had to be set aside: one of those the plan sells, which was given back.
        assert_eq!(ledger(&office.database).await, ["grant 10", "hold 6", "capture 5", "release 1", "grant 20", "hold 5", "hold 1", "capture 5", "release 1"]);
        assert_eq!(credits(&owner, OVERAGE).await, json!({"balance": "0", "held": "0", "available": "0", "overage": none}));
        // Nine are rated where six were held: the rest is sold too. Then six, and six of the five that are left are too many.
        assert_eq!([ask(&office, "c").await, ask(&office, "d").await, ask(&office, "e").await], ["answered", "answered", "out_of_credits"]);
        let charges = format!("SELECT CAST(captured / {CREDIT} AS text) || ' ' || CAST(overage / {CREDIT} AS text) || ' ' || CAST(absorbed / {CREDIT} AS text) AS value FROM credit_charges WHERE {FISH} ORDER BY turn_id");
        assert_eq!(office.database.db_texts(&charges).await, ["5 0 0", "5 0 0", "6 3 0", "6 0 0"]);
        let used = json!({"limit": "20", "used": "15", "held": "0", "due": {"amount": "20.00", "currency": "USD"}});
        assert_eq!(credits(&owner, OVERAGE).await, json!({"balance": "0", "held": "0", "available": "0", "overage": used}));
        let statement = on(&office, "fish", "runningStatement { total { amount } lines { kind amount { amount } quantity pricebookVersion } }").await;
        let lines = &statement["runningStatement"]["lines"];
        assert_eq!((&statement["runningStatement"]["total"]["amount"], &lines[1]), (&json!("99.00"), &json!({"kind": "OVERAGE", "amount": {"amount": "20.00"}, "quantity": "15", "pricebookVersion": 2})));
        // The next period has its own, and owes nothing of it.
        office.advance(DAY * 31);
        assert_eq!(statements(&office, "fish").await.iter().map(|(_, total)| total.as_str()).collect::<Vec<_>>(), ["99.00"]);
        assert_eq!(credits(&office.owner().await, OVERAGE).await["overage"], none);
        assert_eq!(available(&office, "fish").await, "11", "ten of the period, and one that is always carried");
        office.finish().await;
    }

    async fn a_begun_block_is_billed_once_also_where_the_period_ends_meanwhile(store) {
        let gate = Gate::default();
        let late = |thousands: u32| {
            let mut steps = vec![Step::Gate(gate.clone())];
            steps.extend(spends(thousands));
            steps
        };
        let (office, _) = Office::new(store).budget(6_000).scripted([spends(6), spends(6), late(2), late(3)]);
        let office = office.start().await;
        fish(&office).await;
        // Two of the second answer are sold beyond the plan's ten: a block of four is begun.
        assert_eq!([ask(&office, "a").await, ask(&office, "b").await], ["answered", "answered"]);
        // Two answers are held for when the period ends, and take five of the same blocks later: the rest of the one, and one more.
        for session in ["c", "d"] {
            let body = json!({"message": "hello", "session_id": session, "business_id": "fish"});
            assert_eq!(office.visitor().drop_off(body).await.text("status"), "pending");
        }
        eventually("both at work", async || (office.database.db_count("jobs", "name = 'answer_turn' AND state = 'leased'").await == 2).then_some(())).await;
        office.advance(DAY * 31);
        assert_eq!(statements(&office, "fish").await.iter().map(|(_, total)| total.as_str()).collect::<Vec<_>>(), ["84.00"]);
        gate.open();
        gate.open();
        eventually("both charges", async || (office.database.db_count("credit_charges", "true").await == 4).then_some(())).await;
        let wanted = "runningStatement { total { amount } lines { kind amount { amount } quantity } }";
        let running = on(&office, "fish", wanted).await["runningStatement"].clone();
        assert_eq!((&running["total"]["amount"], &running["lines"][1]), (&json!("84.00"), &json!({"kind": "OVERAGE", "amount": {"amount": "5.00"}, "quantity": "5"})));
        office.finish().await;
    }

    async fn what_is_left_is_carried_within_its_bounds(store) {
        let (office, _) = Office::new(store).budget(9_000).scripted([spends(8), spends(9)]);
        let office = office.start().await;
        fish(&office).await;
        assert_eq!(ask(&office, "a").await, "answered");
        // Two are left of the first period, ten and two of the second, of which three are carried.
        for (days, expected) in [(31, "12"), (31, "13"), (31, "13")] {
            office.advance(DAY * days);
            assert_eq!(available(&office, "fish").await, expected);
        }
        let expected = ["grant 10", "hold 9", "capture 8", "release 1", "expire 2", "grant 10", "grant 2"];
        assert_eq!(ledger(&office.database).await[..7], expected);
        let kinds = credits(&office.owner().await, "grants { kind remaining expiresAt }").await;
        let kinds: Vec<_> = kinds["grants"].as_array().unwrap().iter().map(|grant| (grant["kind"].as_str().unwrap(), grant["remaining"].as_str().unwrap())).collect();
        assert_eq!(kinds, [("ALLOWANCE", "10"), ("ROLLOVER", "3")]);
        office.finish().await;
    }

    async fn a_top_up_is_bought_once_and_stands_on_the_statement(store) {
        let office = Office::new(store).start().await;
        let fish = fish(&office).await;
        let owner = office.owner().await;
        let buy = |key: &str, once: &str| json!({"tenant": fish, "topUp": key, "idempotencyKey": once});
        let first = owner.change("topUpCreate", "grant { uuid kind remaining expiresAt }", buy("small", "k")).await;
        assert_eq!((&first["grant"]["kind"], &first["grant"]["remaining"]), (&json!("TOP_UP"), &json!("7")));
        assert_eq!(owner.change("topUpCreate", "grant { uuid kind remaining expiresAt }", buy("small", "k")).await, first);
        refused(&owner.mutate("topUpCreate", "grant { uuid }", buy("large", "k")).await, "IDEMPOTENCY_KEY_REUSED", "idempotencyKey");
        refused(&owner.mutate("topUpCreate", "grant { uuid }", buy("large", "l")).await, "TOP_UP_UNKNOWN", "topUp");
        assert_eq!(available(&office, "fish").await, "17");
        let statement = on(&office, "fish", "runningStatement { total { amount } lines { kind amount { amount } quantity } }").await["runningStatement"].clone();
        assert_eq!((&statement["total"]["amount"], &statement["lines"][1]), (&json!("88.00"), &json!({"kind": "TOP_UP", "amount": {"amount": "9.00"}, "quantity": "7"})));
        office.advance(DAY * 31);
        assert_eq!(statements(&office, "fish").await[0].1, "88.00");
        assert_eq!(available(&office, "fish").await, "20", "ten of the period, three carried, and what was bought");
        office.advance(DAY * 30);
        assert_eq!(available(&office, "fish").await, "13", "sixty days are over");
        office.finish().await;
    }

    async fn what_failed_is_given_back_at_once_and_what_was_wrong_when_somebody_says_so(store) {
        let (office, _) = Office::new(store).budget(6_000).scripted([vec![Step::FailForGood], spends(3), spends(3)]);
        let office = office.start().await;
        let fish = fish(&office).await;
        let (status, failed) = asked(&office, "a").await;
        assert_eq!(status, "failed");
        assert_eq!(ledger(&office.database).await, ["grant 10", "hold 6", "capture 2", "release 4", "refund 1"]);
        let (_, wrong) = asked(&office, "b").await;
        let owner = office.owner().await;
        let refund = |turn: &str| json!({"tenant": fish, "turnId": turn});
        const REFUND: &str = "refund { reason percent credits }";
        let given = owner.change("chargeRefund", REFUND, refund(&wrong)).await;
        assert_eq!(given["refund"], json!({"reason": "RATED_WRONG", "percent": 100, "credits": "3"}));
        assert_eq!(owner.change("chargeRefund", REFUND, refund(&wrong)).await, given, "once");
        assert_eq!(owner.change("chargeRefund", REFUND, refund(&failed)).await["refund"]["reason"], "FAILED", "what was given back before");
        refused(&owner.mutate("chargeRefund", REFUND, refund("00000000-0000-0000-0000-000000000000")).await, "NOT_FOUND", "turnId");
        assert_eq!(available(&office, "fish").await, "9");
        let (_, third) = asked(&office, "c").await;
        office.advance(DAY * 7);
        refused(&office.owner().await.mutate("chargeRefund", REFUND, refund(&third)).await, "TOO_LATE", "turnId");
        office.finish().await;
    }

    async fn what_comes_back_of_a_block_that_is_over_lasts(store) {
        let (office, _) = Office::new(store).budget(6_000).scripted([spends(3)]);
        let office = office.start().await;
        let fish = fish(&office).await;
        // The period ends at midnight of the 22nd; this is two days before.
        office.advance(DAY * 28);
        let (_, turn) = asked(&office, "a").await;
        office.advance(DAY * 5);
        office.owner().await.change("chargeRefund", "refund { credits }", json!({"tenant": fish, "turnId": turn})).await;
        let grants = credits(&office.owner().await, "grants { kind remaining expiresAt }").await["grants"].clone();
        let correction = grants.as_array().unwrap().iter().find(|grant| grant["kind"] == "CORRECTION").unwrap();
        assert_eq!((&correction["remaining"], &correction["expiresAt"]), (&json!("3"), &Value::Null));
        office.finish().await;
    }

    async fn corrections_are_entries_with_a_reason_and_somebody_behind_them(store) {
        let (office, _) = Office::new(store).budget(6_000).scripted([spends(1)]);
        let office = office.start().await;
        let fish = fish(&office).await;
        let owner = office.owner().await;
        let grant = json!({"tenant": fish, "credits": "5", "reason": "A welcome.", "idempotencyKey": "g", "priority": -1, "expiresAt": "2027-02-01T00:00:00Z"});
        let given = owner.change("creditGrantCreate", "grant { uuid kind amount priority expiresAt }", grant.clone()).await;
        assert_eq!((&given["grant"]["kind"], &given["grant"]["priority"]), (&json!("PROMOTION"), &json!(-1)));
        assert_eq!(owner.change("creditGrantCreate", "grant { uuid kind amount priority expiresAt }", grant).await, given);
        let adjust = |credits: &str, key: &str| json!({"tenant": fish, "credits": credits, "reason": "A slip.", "idempotencyKey": key});
        let more = owner.change("creditAdjust", "credits { available }", adjust("2.5", "a")).await;
        assert_eq!(more["credits"]["available"], "17.5");
        assert_eq!(owner.change("creditAdjust", "credits { available }", adjust("-6", "b")).await["credits"]["available"], "11.5");
        let none = owner.mutate("creditAdjust", "credits { available }", adjust("-11.6", "c")).await;
        refused(&none, "NOT_SO_MUCH", "credits");
        assert!(none["userErrors"][0]["message"].as_str().unwrap().contains("11.5"), "{none}");
        for (credits, key) in [("0", "d"), ("1000000001", "e"), ("-1000000001", "f")] {
            refused(&owner.mutate("creditAdjust", "credits { available }", adjust(credits, key)).await, "INVALID", "credits");
        }
        let entries = credits(&owner, "entries(first: 9) { nodes { number kind amount balanceAfter reason actor } }").await["entries"]["nodes"].clone();
        let said: Vec<_> = entries.as_array().unwrap().iter().map(|entry| (entry["kind"].as_str().unwrap(), entry["amount"].as_str().unwrap(), entry["reason"].as_str(), entry["actor"].as_str())).collect();
        let slip = |amount: &'static str| ("ADJUST", amount, Some("A slip."), Some("STAFF"));
        assert_eq!(said, [slip("-1"), slip("-5"), slip("2.5"), ("GRANT", "5", Some("A welcome."), Some("STAFF")), ("GRANT", "10", None, None)]);
        // What should not have been granted is taken back, once.
        let wrong = owner.change("creditGrantCreate", "grant { uuid }", json!({"tenant": fish, "credits": "9", "correction": true, "reason": "To the wrong one.", "idempotencyKey": "h"})).await;
        let void = json!({"tenant": fish, "grantUuid": wrong["grant"]["uuid"], "reason": "It was for another."});
        assert_eq!(owner.change("creditGrantVoid", "grant { remaining }", void.clone()).await["grant"]["remaining"], "0");
        refused(&owner.mutate("creditGrantVoid", "grant { remaining }", void).await, "NOTHING_LEFT", "grantUuid");
        let log = owner.data("{ tenant(slug: \"fish\") { id } auditLog(first: 20) { nodes { action } } }", json!({})).await;
        let actions: Vec<_> = log["auditLog"]["nodes"].as_array().unwrap().iter().map(|line| line["action"].as_str().unwrap()).collect();
        for action in ["CREDITS_GRANTED", "CREDITS_ADJUSTED", "GRANT_VOIDED"] {
            assert!(actions.contains(&action), "{action}: {actions:?}");
        }
        office.finish().await;
    }

    async fn every_charge_can_be_explained_from_its_tokens_to_its_entries(store) {
        let (office, _) = Office::new(store).budget(6_000).scripted([spends(4), spends(9), vec![Step::FailForGood], vec![Step::Refuse]]);
        let office = office.start().await;
        fish(&office).await;
        let owner = office.owner().await;
        const WANTED: &str = "charge { credits overage rated absorbed pricebookVersion contentHash refund { credits } } questionUuid answerUuid model \
            rate { action credits perTokens minimum } held draws { kind credits } entries { kind amount } recomputed matches";
        let mut explained = Vec::new();
        for session in ["a", "b", "c", "d"] {
            let (_, turn) = asked(&office, session).await;
            let found = credits(&owner, &format!("explainCharge(turnId: \"{turn}\") {{ {WANTED} }}")).await["explainCharge"].clone();
            assert_eq!(found["matches"], true, "{found}");
            explained.push(found);
        }
        let kinds = |found: &Value| -> Vec<String> {
            found["entries"].as_array().unwrap().iter().map(|entry| format!("{} {}", entry["kind"].as_str().unwrap(), entry["amount"].as_str().unwrap())).collect()
        };
        assert_eq!((&explained[0]["recomputed"], &explained[0]["charge"]["credits"], kinds(&explained[0])), (&json!("4"), &json!("4"), vec!["HOLD 6".to_owned(), "CAPTURE 4".into(), "RELEASE 2".into()]));
        assert_eq!(explained[0]["rate"], json!({"action": "ANSWER_WRITTEN", "credits": "1", "perTokens": 1000, "minimum": "1"}));
        assert_eq!((&explained[1]["recomputed"], &explained[1]["charge"]["overage"]), (&json!("9"), &json!("3")));
        assert_eq!(explained[1]["draws"], json!([{"kind": "ALLOWANCE", "credits": "6"}, {"kind": "OVERAGE", "credits": "3"}]));
        assert_eq!((&explained[2]["charge"]["credits"], &explained[2]["charge"]["refund"]["credits"]), (&json!("2"), &json!("1")));
        assert_eq!(explained[3]["charge"]["credits"], "0");
        assert_eq!(credits(&owner, "explainCharge(turnId: \"00000000-0000-0000-0000-000000000000\") { matches }").await["explainCharge"], Value::Null);
        office.finish().await;
    }
}
