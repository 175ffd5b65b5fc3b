//! What tenants are on: how that changes, what it costs, and whom new prices reach.

use std::time::Duration;

use frontoffice_domain::{
    clock::Instant,
    db::Conn,
    money::Credits,
    pricing::{self, Policy, Pricebook, store::Published},
    tenancy::Platform,
};
use serde_json::{Value, json};

use super::tenants::{codes, refused};
use crate::harness::{
    app::{NOON, Office, TestApp},
    on_both_stores,
};

const DAY: Duration = Duration::from_secs(86_400);
const SUBSCRIPTION: &str =
    "plan planName listPrice { amount } pricebookVersion trial nextPlan periodStart periodEnd endsAt ended revision";
const LINE: &str = "kind plan pricebookVersion from to amount { amount }";

/// A business on a plan, set up as the platform's owner would; nobody is written to.
pub(super) async fn business(office: &TestApp, slug: &str, plan: Option<&str>) -> Value {
    let input = json!({"name": slug, "slug": slug, "plan": plan});
    office.owner().await.change("tenantCreate", "tenant { id }", input).await["tenant"]["id"].clone()
}

/// Something of what a business is on, as the platform's owner sees it. Sessions are over before periods are, so they sign in anew.
pub(super) async fn on(office: &TestApp, slug: &str, wanted: &str) -> Value {
    let query = format!("query($s: String!) {{ tenant(slug: $s) {{ subscription {{ {wanted} }} }} }}");
    office.owner().await.data(&query, json!({"s": slug})).await["tenant"]["subscription"].clone()
}

async fn mutate(office: &TestApp, name: &str, input: Value) -> Value {
    office.owner().await.mutate(name, &format!("subscription {{ {SUBSCRIPTION} }}"), input).await
}

async fn change(office: &TestApp, name: &str, input: Value) -> Value {
    let answer = mutate(office, name, input).await;
    assert_eq!(answer["userErrors"], json!([]), "{name}");
    answer["subscription"].clone()
}

/// What a change would come to.
async fn preview(office: &TestApp, slug: &str, plan: &str, timing: &str) -> Value {
    let asked = format!(
        "changePreview(plan: \"{plan}\", timing: {timing}) {{ preview {{ effectiveFrom listPrice {{ amount }} due {{ amount }} credits lines {{ {LINE} }} }} \
         userErrors {{ code field }} }}"
    );
    on(office, slug, &asked).await["changePreview"].clone()
}

/// The periods that are over, the newest first: where each begins, and what it cost.
pub(super) async fn statements(office: &TestApp, slug: &str) -> Vec<(String, String)> {
    let found = on(office, slug, "statements(first: 100) { nodes { periodStart final total { amount } lines { kind } } }").await;
    let nodes = found["statements"]["nodes"].as_array().unwrap().clone();
    assert!(nodes.iter().all(|node| node["final"] == true));
    nodes
        .iter()
        .map(|node| (node["periodStart"].as_str().unwrap().to_owned(), node["total"]["amount"].as_str().unwrap().to_owned()))
        .collect()
}

pub(super) async fn available(office: &TestApp, slug: &str) -> Value {
    let query = "query($s: String!) { tenant(slug: $s) { credits { available } } }";
    office.owner().await.data(query, json!({"s": slug})).await["tenant"]["credits"]["available"].clone()
}

/// Publishes the prices in force with another one for the first plan, to take effect after a while.
async fn publish(office: &TestApp, minor: i64, policy: Policy, after: Duration) -> Published {
    publish_changed(office, policy, after, move |pricebook| pricebook.plans[0].list_price.minor = minor).await
}

/// Publishes the prices in force with a change, to take effect after a while.
pub(super) async fn publish_changed(
    office: &TestApp,
    policy: Policy,
    after: Duration,
    change: impl FnOnce(&mut Pricebook) + Send + 'static,
) -> Published {
    let platform = Platform::of_this_process();
    let (this, now) = (platform.clone(), office.clock.now());
    let work = async move |mut conn: Conn| {
        let mut pricebook = pricing::resolve(&mut conn, now).await?.expect("set-up published one").pricebook;
        change(&mut pricebook);
        pricing::publish(&mut conn, &this, &pricebook, "a test", policy, now.after(after), now).await
    };
    office.app().db.platform(&platform, work).await.unwrap()
}

fn text(at: Instant) -> String {
    at.to_string()
}

/// Version and price of what three businesses are on that were there before a version, and of one that came later, at each of some moments.
async fn reached(office: &TestApp, policy: Policy) -> Vec<(i64, String)> {
    business(office, "fish", Some("starter")).await;
    office.advance(DAY);
    assert_eq!(publish(office, 8_900, policy, DAY).await, Published::As(2));
    let mut seen = Vec::new();
    let look = async |slug: &str, seen: &mut Vec<(i64, String)>| {
        let it = on(office, slug, SUBSCRIPTION).await;
        seen.push((it["pricebookVersion"].as_i64().unwrap(), it["listPrice"]["amount"].as_str().unwrap().to_owned()));
    };
    look("fish", &mut seen).await;
    office.advance(DAY);
    look("fish", &mut seen).await;
    business(office, "late", Some("starter")).await;
    look("late", &mut seen).await;
    // The next period began on the 22nd of December; nobody looked at that moment.
    office.advance(DAY * 40);
    look("fish", &mut seen).await;
    seen
}

on_both_stores! {
    async fn a_way_up_is_gone_at_once_and_costs_what_was_said(store) {
        let office = Office::new(store).start().await;
        let fish = business(&office, "fish", Some("starter")).await;
        let begun = on(&office, "fish", SUBSCRIPTION).await;
        assert_eq!((&begun["planName"], &begun["listPrice"]["amount"], &begun["ended"], &begun["revision"]), (&json!("Starter"), &json!("79.00"), &json!(false), &json!(1)));
        assert_eq!((&begun["periodStart"], &begun["periodEnd"]), (&json!(text(NOON)), &json!("2026-12-22T00:00:00.000000Z")));
        let running = on(&office, "fish", &format!("runningStatement {{ final total {{ amount }} lines {{ {LINE} }} }} statements {{ nodes {{ final }} }}")).await;
        assert_eq!((&running["runningStatement"]["total"]["amount"], &running["runningStatement"]["final"], &running["statements"]["nodes"]), (&json!("79.00"), &json!(false), &json!([])));
        // Periods begin at midnight, so half of this one is left.
        office.advance(Duration::from_secs(59 * 86_400 / 4));
        let said = preview(&office, "fish", "pro", "NOW").await;
        assert_eq!(said["userErrors"], json!([]));
        let said = said["preview"].clone();
        assert_eq!((&said["due"]["amount"], &said["credits"], &said["listPrice"]["amount"]), (&json!("85.00"), &json!("30000"), &json!("249.00")));
        let lines: Vec<_> = said["lines"].as_array().unwrap().iter().map(|line| (line["kind"].as_str().unwrap(), line["plan"].as_str().unwrap(), line["amount"]["amount"].as_str().unwrap())).collect();
        assert_eq!(lines, [("PRORATION", "starter", "-39.50"), ("PRORATION", "pro", "124.50")]);
        assert_eq!((on(&office, "fish", "plan revision").await, available(&office, "fish").await), (json!({"plan": "starter", "revision": 1}), json!("15000")), "nothing was changed");
        let input = json!({"tenant": fish, "plan": "pro", "timing": "NOW", "expectedRevision": 1, "idempotencyKey": "k1"});
        let after = change(&office, "subscriptionChange", input.clone()).await;
        assert_eq!((&after["plan"], &after["revision"], &after["periodEnd"]), (&json!("pro"), &json!(2), &begun["periodEnd"]));
        // The same key does nothing more, and stands for nothing else.
        assert_eq!(change(&office, "subscriptionChange", input).await["revision"], 2);
        let other = mutate(&office, "subscriptionChange", json!({"tenant": fish, "plan": "enterprise", "timing": "NOW", "idempotencyKey": "k1"})).await;
        refused(&other, "IDEMPOTENCY_KEY_REUSED", "idempotencyKey");
        let running = on(&office, "fish", &format!("runningStatement {{ total {{ amount }} lines {{ {LINE} }} }}")).await["runningStatement"].clone();
        assert_eq!((&running["total"]["amount"], &running["lines"][1], &running["lines"][2]), (&json!("164.00"), &said["lines"][0], &said["lines"][1]));
        assert_eq!(available(&office, "fish").await, "45000", "what was there, and half of what the plan gives more");
        office.advance(DAY * 15);
        assert_eq!(statements(&office, "fish").await, [(text(NOON), "164.00".into())]);
        assert_eq!(available(&office, "fish").await, "75000", "the new period's own");
        office.finish().await;
    }

    async fn a_way_down_waits_for_the_renewal(store) {
        let office = Office::new(store).start().await;
        let fish = business(&office, "fish", Some("pro")).await;
        let to = |plan: &str, timing: &str| json!({"tenant": fish, "plan": plan, "timing": timing});
        refused(&mutate(&office, "subscriptionChange", to("starter", "NOW")).await, "ONLY_AT_RENEWAL", "timing");
        refused(&mutate(&office, "subscriptionChange", to("pro", "NOW")).await, "UNCHANGED", "plan");
        refused(&mutate(&office, "subscriptionChange", to("gold", "NOW")).await, "PLAN_UNKNOWN", "plan");
        let said = preview(&office, "fish", "starter", "NOW").await;
        assert_eq!(said, json!({"preview": null, "userErrors": [{"code": "ONLY_AT_RENEWAL", "field": ["timing"]}]}));
        let later = preview(&office, "fish", "starter", "AT_RENEWAL").await["preview"].clone();
        assert_eq!((&later["due"]["amount"], &later["credits"], &later["effectiveFrom"]), (&json!("0.00"), &json!("0"), &json!("2026-12-22T00:00:00.000000Z")));
        let after = change(&office, "subscriptionChange", to("starter", "AT_RENEWAL")).await;
        assert_eq!((&after["plan"], &after["nextPlan"], &after["revision"]), (&json!("pro"), &json!("starter"), &json!(2)));
        let stale = mutate(&office, "subscriptionChange", json!({"tenant": fish, "plan": "enterprise", "timing": "NOW", "expectedRevision": 1})).await;
        refused(&stale, "CONFLICT", "expectedRevision");
        assert_eq!((&stale["subscription"]["nextPlan"], &stale["subscription"]["revision"]), (&json!("starter"), &json!(2)));
        office.advance(DAY * 29);
        assert_eq!(on(&office, "fish", "plan").await["plan"], "pro");
        office.advance(DAY);
        let renewed = on(&office, "fish", SUBSCRIPTION).await;
        assert_eq!((&renewed["plan"], &renewed["nextPlan"], &renewed["periodStart"]), (&json!("starter"), &Value::Null, &json!("2026-12-22T00:00:00.000000Z")));
        assert_eq!((statements(&office, "fish").await, available(&office, "fish").await), (vec![(text(NOON), "249.00".into())], json!("15000")));
        let running = on(&office, "fish", "runningStatement { total { amount } }").await;
        assert_eq!(running["runningStatement"]["total"]["amount"], "79.00");
        office.finish().await;
    }

    async fn a_subscription_is_cancelled_and_resumed_and_begun_anew(store) {
        let office = Office::new(store).start().await;
        let fish = business(&office, "fish", Some("starter")).await;
        let whose = json!({"tenant": fish});
        refused(&mutate(&office, "subscriptionResume", whose.clone()).await, "NOT_CANCELLED", "tenant");
        let ends = change(&office, "subscriptionCancel", whose.clone()).await;
        assert_eq!((&ends["endsAt"], &ends["ended"], &ends["revision"]), (&json!("2026-12-22T00:00:00.000000Z"), &json!(false), &json!(2)));
        assert_eq!(change(&office, "subscriptionCancel", whose.clone()).await["revision"], 2, "asked again, nothing changes");
        refused(&mutate(&office, "subscriptionChange", json!({"tenant": fish, "plan": "pro", "timing": "NOW"})).await, "CANCELLED", "tenant");
        refused(&mutate(&office, "subscriptionResume", json!({"tenant": fish, "expectedRevision": 1})).await, "CONFLICT", "expectedRevision");
        let goes_on = change(&office, "subscriptionResume", whose.clone()).await;
        assert_eq!((&goes_on["endsAt"], &goes_on["revision"]), (&Value::Null, &json!(3)));
        change(&office, "subscriptionCancel", whose.clone()).await;
        office.advance(DAY * 45);
        let over = on(&office, "fish", SUBSCRIPTION).await;
        assert_eq!((&over["ended"], &over["plan"]), (&json!(true), &json!("starter")));
        assert_eq!(statements(&office, "fish").await, [(text(NOON), "79.00".into())], "nothing is charged after the end");
        assert_eq!((available(&office, "fish").await, on(&office, "fish", "runningStatement { final }").await), (json!("0"), json!({"runningStatement": null})));
        refused(&mutate(&office, "subscriptionCancel", whose.clone()).await, "ENDS_ANYWAY", "tenant");
        refused(&mutate(&office, "subscriptionResume", whose).await, "NOT_CANCELLED", "tenant");
        refused(&mutate(&office, "subscriptionChange", json!({"tenant": fish, "plan": "pro", "timing": "AT_RENEWAL"})).await, "ONLY_NOW", "timing");
        let anew = change(&office, "subscriptionChange", json!({"tenant": fish, "plan": "pro", "timing": "NOW"})).await;
        assert_eq!((&anew["plan"], &anew["ended"], &anew["periodStart"]), (&json!("pro"), &json!(false), &json!(text(NOON.after(DAY * 45)))));
        assert_eq!(available(&office, "fish").await, "75000");
        office.finish().await;
    }

    async fn a_trial_becomes_a_plan_whose_first_period_begins_then(store) {
        let office = Office::new(store).start().await;
        let fish = business(&office, "fish", None).await;
        let trial = on(&office, "fish", SUBSCRIPTION).await;
        assert_eq!((&trial["trial"], &trial["endsAt"]), (&json!(true), &json!(text(NOON.after(DAY * 14)))));
        refused(&mutate(&office, "subscriptionCancel", json!({"tenant": fish})).await, "ENDS_ANYWAY", "tenant");
        refused(&mutate(&office, "subscriptionChange", json!({"tenant": fish, "plan": "starter", "timing": "AT_RENEWAL"})).await, "ONLY_NOW", "timing");
        office.advance(DAY * 10);
        let said = preview(&office, "fish", "starter", "NOW").await["preview"].clone();
        assert_eq!((&said["due"]["amount"], &said["credits"]), (&json!("79.00"), &json!("15000")));
        let paid = change(&office, "subscriptionChange", json!({"tenant": fish, "plan": "starter", "timing": "NOW"})).await;
        let began = NOON.after(DAY * 10);
        assert_eq!((&paid["trial"], &paid["endsAt"], &paid["periodStart"]), (&json!(false), &Value::Null, &json!(text(began))));
        assert_eq!(statements(&office, "fish").await, [(text(NOON), "0.00".into())], "trying costs nothing");
        let status = office.owner().await.data("{ tenant(slug: \"fish\") { status } }", json!({})).await;
        assert_eq!(status["tenant"]["status"], "ACTIVE");
        office.advance(DAY * 35);
        assert_eq!(statements(&office, "fish").await, [(text(began), "79.00".into()), (text(NOON), "0.00".into())]);
        office.finish().await;
    }

    async fn every_period_has_its_statement_however_late_it_is_looked_at(store) {
        let office = Office::new(store).start().await;
        business(&office, "fish", Some("starter")).await;
        office.advance(DAY * 100);
        let all = statements(&office, "fish").await;
        let starts: Vec<&str> = all.iter().map(|(from, _)| from.split('T').next().unwrap()).collect();
        assert_eq!(starts, ["2027-01-22", "2026-12-22", "2026-11-22"]);
        assert!(all.iter().all(|(_, total)| total == "79.00"), "{all:?}");
        // In pages, and each only once.
        let page = on(&office, "fish", "statements(first: 2) { nodes { periodStart } pageInfo { hasNextPage endCursor } }").await["statements"].clone();
        assert_eq!(page["pageInfo"]["hasNextPage"], true);
        let rest = format!("statements(after: {}) {{ nodes {{ periodStart lines {{ kind plan quantity }} }} pageInfo {{ hasNextPage }} }}", page["pageInfo"]["endCursor"]);
        let rest = on(&office, "fish", &rest).await["statements"].clone();
        let line = json!({"kind": "PLAN", "plan": "starter", "quantity": null});
        assert_eq!(rest, json!({"nodes": [{"periodStart": text(NOON), "lines": [line]}], "pageInfo": {"hasNextPage": false}}));
        assert_eq!(statements(&office, "fish").await, all, "looked at again");
        office.finish().await;
    }

    async fn a_members_own_plan_is_theirs_to_change_if_they_may(store) {
        let office = Office::new(store).start().await;
        let tenant = office.db_tenant("fish", true, &[]).await;
        let ann = office.member(&tenant, "ann@example.com", "OWNER").await;
        let vic = office.member(&tenant, "vic@example.com", "VIEWER").await;
        let id = ann.data("{ viewer { tenant { id } } }", json!({})).await["viewer"]["tenant"]["id"].clone();
        let input = json!({"tenant": id, "plan": "starter", "timing": "NOW"});
        let (query, variables) = crate::harness::actors::mutation("subscriptionChange", "subscription { plan }", input.clone());
        assert_eq!(vic.ask(&query, variables).await.body["errors"][0]["extensions"]["code"], "NOT_ALLOWED");
        let seen = vic.data("{ viewer { tenant { subscription { changePreview(plan: \"pro\", timing: NOW) { preview { due { amount } } } } } } }", json!({})).await;
        assert_eq!(seen["viewer"]["tenant"]["subscription"]["changePreview"]["preview"]["due"]["amount"], "249.00");
        ann.change("subscriptionChange", "subscription { plan trial }", input.clone()).await;
        let chips = office.db_tenant("chips", true, &[]).await;
        let zoe = office.member(&chips, "zoe@example.com", "OWNER").await;
        refused(&zoe.mutate("subscriptionChange", "subscription { plan }", input).await, "NOT_FOUND", "tenant");
        let lines = ann.data("{ auditLog(filter: {action: SUBSCRIPTION_CHANGED}) { nodes { fields revision } } }", json!({})).await;
        assert_eq!(lines["auditLog"]["nodes"], json!([{"fields": ["plan"], "revision": 2}]));
        assert_eq!(codes(&zoe.mutate("subscriptionCancel", "subscription { plan }", json!({"tenant": "x"})).await), [("NOT_FOUND", &json!(["input", "tenant"]))]);
        office.finish().await;
    }

    async fn the_moment_decides_whom_a_version_reaches(store) {
        let is = |number: i64, amount: &str| (number, amount.to_owned());
        let (old, new) = (is(1, "79.00"), is(2, "89.00"));
        for (policy, expected) in [
            (Policy::NewCustomers, [old.clone(), old.clone(), new.clone(), old.clone()]),
            (Policy::AtRenewal, [old.clone(), old.clone(), new.clone(), new.clone()]),
            (Policy::AllCustomers, [old.clone(), new.clone(), new.clone(), new.clone()]),
        ] {
            let office = Office::new(store).start().await;
            assert_eq!(reached(&office, policy).await, expected, "{policy}");
            // A period is billed at the prices it began with.
            let costs: Vec<String> = statements(&office, "fish").await.into_iter().map(|(_, total)| total).collect();
            assert_eq!(costs, ["79.00"], "{policy}");
            office.finish().await;
            // The same, and nobody at work.
            let mut idle = Office::new(store).idle().start().await;
            assert_eq!(reached(&idle, policy).await, expected, "{policy}, with the workers stopped");
            assert_eq!(statements(&idle, "fish").await.len(), 1);
            idle.stop().await;
        }
    }

    /// Whether the job that writes it down is early, late or in between: a period that nobody has looked at began at the prices of its own time.
    async fn a_version_reaches_no_period_that_began_before_it(store) {
        let office = Office::new(store).start().await;
        let fish = business(&office, "fish", Some("starter")).await;
        let bird = business(&office, "bird", Some("pro")).await;
        change(&office, "subscriptionChange", json!({"tenant": bird, "plan": "starter", "timing": "AT_RENEWAL"})).await;
        // The period ends at midnight before the 22nd of December, and nobody looks; a minute later prices change for everybody.
        let boundary = Duration::from_secs(59 * 86_400 / 2);
        let dearer = |book: &mut Pricebook| {
            (book.plans[0].list_price.minor, book.plans[0].credits) = (9_400, Credits::whole(12_000).unwrap());
        };
        office.advance(boundary + Duration::from_secs(60));
        assert_eq!(publish_changed(&office, Policy::AllCustomers, Duration::ZERO, dearer).await, Published::As(2));
        office.settled().await;
        assert_eq!(office.database.db_count("subscriptions", "pricebook_version = 2").await, 3, "the job has come first");
        for slug in ["fish", "bird"] {
            let running = on(&office, slug, "plan runningStatement { total { amount } lines { plan pricebookVersion } }").await;
            assert_eq!(running["plan"], "starter", "{slug}");
            let statement = &running["runningStatement"];
            assert_eq!((&statement["total"]["amount"], &statement["lines"][0]["pricebookVersion"]), (&json!("79.00"), &json!(1)), "{slug}");
            assert_eq!(available(&office, slug).await, "15000", "{slug}");
        }
        office.advance(DAY * 31);
        assert_eq!(statements(&office, "fish").await.iter().map(|(_, total)| total.as_str()).collect::<Vec<_>>(), ["79.00", "79.00"]);
        assert_eq!(available(&office, "fish").await, "12000", "the next period is another matter");
        refused(&mutate(&office, "subscriptionChange", json!({"tenant": fish, "plan": "starter", "timing": "NOW"})).await, "UNCHANGED", "plan");
        office.finish().await;
    }

    async fn a_way_up_is_measured_from_what_is_billed(store) {
        let office = Office::new(store).start().await;
        let fish = business(&office, "fish", Some("pro")).await;
        let euro = business(&office, "euro", Some("starter")).await;
        office.advance(DAY);
        // Pro was billed at 249 with 75,000 credits; what is cheaper than that is no way up, whatever Pro is said to cost now.
        let cheaper = |book: &mut Pricebook| {
            (book.plans[1].list_price.minor, book.plans[1].credits) = (10_000, Credits::whole(1_000).unwrap());
            (book.plans[2].list_price.minor, book.plans[2].credits) = (20_000, Credits::whole(75_000).unwrap());
        };
        assert_eq!(publish_changed(&office, Policy::AllCustomers, Duration::ZERO, cheaper).await, Published::As(2));
        office.settled().await;
        let up = |tenant: &Value, plan: &str| json!({"tenant": tenant, "plan": plan, "timing": "NOW"});
        refused(&mutate(&office, "subscriptionChange", up(&fish, "enterprise")).await, "ONLY_AT_RENEWAL", "timing");
        assert_eq!(available(&office, "fish").await, "75000");
        // Nor at other prices than those that were looked at.
        let seen = on(&office, "fish", "changePreview(plan: \"enterprise\", timing: AT_RENEWAL) { preview { pricebookVersion } }").await;
        assert_eq!(seen["changePreview"]["preview"]["pricebookVersion"], 2);
        let at = |version: i32| json!({"tenant": fish, "plan": "enterprise", "timing": "AT_RENEWAL", "expectedPricebookVersion": version});
        refused(&mutate(&office, "subscriptionChange", at(1)).await, "PRICES_CHANGED", "expectedPricebookVersion");
        assert_eq!(change(&office, "subscriptionChange", at(2)).await["nextPlan"], "enterprise");
        // Nor is what could not be added up on one bill.
        let in_euros = |book: &mut Pricebook| {
            for plan in &mut book.plans {
                plan.list_price.currency = "EUR".to_owned().try_into().unwrap();
            }
        };
        office.advance(Duration::from_secs(1));
        assert_eq!(publish_changed(&office, Policy::AllCustomers, Duration::ZERO, in_euros).await, Published::As(3));
        office.settled().await;
        refused(&mutate(&office, "subscriptionChange", up(&euro, "pro")).await, "ONLY_AT_RENEWAL", "timing");
        let said = preview(&office, "euro", "pro", "NOW").await;
        assert_eq!(said["userErrors"][0]["code"], "ONLY_AT_RENEWAL");
        office.advance(DAY * 40);
        assert_eq!(statements(&office, "euro").await.len(), 1);
        let running = on(&office, "euro", "runningStatement { total { amount currency } }").await;
        assert_eq!(running["runningStatement"]["total"], json!({"amount": "79.00", "currency": "EUR"}));
        office.finish().await;
    }
}
