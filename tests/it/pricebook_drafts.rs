//! From a draft to a version in force: who may do what, in which order, and what everybody else sees meanwhile.

use std::time::Duration;

use frontoffice_domain::{
    db::Conn,
    pricing::{self, Policy, store::Published},
    tenancy::Platform,
};
use serde_json::{Value, json};

use super::tenants::{codes, refused};
use crate::harness::{
    actors::Account,
    app::{NOON, Office, TestApp},
    on_both_stores,
    socket::Socket,
    store::Store,
};

const DRAFT: &str = "draft { revision status contentHash note policy basedOn restoredFrom approvedFor plans { key listPrice { amount currency } } }";
const HOUR: Duration = Duration::from_secs(3_600);

/// An office with somebody who drafts prices and somebody who approves them.
async fn office(store: Store) -> (TestApp, Account, Account) {
    let office = Office::new(store).start().await;
    let author = office.colleague("author@example.com", "FINANCE_AUTHOR").await;
    let approver = office.colleague("approver@example.com", "FINANCE_APPROVER").await;
    (office, author, approver)
}

fn plan(key: &str, price: &str) -> Value {
    json!({"key": key, "name": key, "listPrice": {"amount": price, "currency": "USD"}, "credits": "15000", "seats": 3, "support": "Standard"})
}

/// The draft, as somebody sees it.
async fn draft(who: &Account) -> Value {
    let wanted = "flaws { path found allowed fix } warnings { guard path before after } differences { path kind before after } \
        steps { kind revision comment fourEyes acknowledged author { kind uuid } }";
    who.data(
        &format!("{{ pricebookDraft {{ {} {wanted} }} }}", DRAFT.strip_prefix("draft { ").unwrap().strip_suffix(" }").unwrap()),
        json!({}),
    )
    .await["pricebookDraft"]
        .clone()
}

/// The plans in force, as they are sent.
pub(super) const PLANS: &str = "{ pricebook { plans { key name listPrice { amount currency } credits seats standardIntegrations support personas knowledgeItems retentionDays } } }";

/// The same, with another price for the first.
async fn plans(who: &Account, price: &str) -> Value {
    let mut plans = who.data(PLANS, json!({})).await["pricebook"]["plans"].clone();
    plans[0]["listPrice"]["amount"] = json!(price);
    plans
}

/// Drafts another price for the first plan and submits it; the hash of what it says.
async fn submitted(author: &Account, price: &str) -> Value {
    let begun = author.change("pricebookDraftCreate", DRAFT, json!({})).await["draft"]["revision"].clone();
    let edited = author
        .change("pricebookDraftUpdate", DRAFT, json!({"expectedRevision": begun, "plans": plans(author, price).await}))
        .await;
    author.change("pricebookDraftSubmit", DRAFT, json!({"expectedRevision": edited["draft"]["revision"]})).await["draft"]["contentHash"].clone()
}

async fn version(who: &Account, number: i32) -> Value {
    let query = "query($n: Int!) { pricebookVersion(number: $n) { number status note policy restoredFrom publishedAt withdrawnAt effectiveFrom \
        publication { state total seen moved finishedAt } steps { kind number comment acknowledged } } }";
    who.data(query, json!({"n": number})).await["pricebookVersion"].clone()
}

/// What the audit log says was done with prices, the newest first.
async fn noted(owner: &Account) -> Vec<String> {
    let lines = owner.data("{ auditLog(first: 100) { nodes { action actor { kind } } } }", json!({})).await;
    let lines = lines["auditLog"]["nodes"].as_array().unwrap().clone();
    let actions = lines.iter().map(|line| line["action"].as_str().unwrap().to_owned());
    actions.filter(|action| action.starts_with("PRICEBOOK_")).collect()
}

fn kinds(steps: &Value) -> Vec<&str> {
    steps.as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap()).collect()
}

/// The program publishes the prices in force with another one for the first plan.
async fn published(office: &TestApp, minor: i64, after: Duration) -> Published {
    let platform = Platform::of_this_process();
    let (this, now) = (platform.clone(), office.clock.now());
    let work = async move |mut conn: Conn| {
        let mut pricebook = pricing::resolve(&mut conn, now).await?.expect("set-up published one").pricebook;
        pricebook.plans[0].list_price.minor = minor;
        pricing::publish(&mut conn, &this, &pricebook, "a test", Policy::AtRenewal, now.after(after), now).await
    };
    office.app().db.platform(&platform, work).await.unwrap()
}

on_both_stores! {
    async fn prices_go_from_a_draft_to_being_in_force(store) {
        let (office, author, approver) = office(store).await;
        let begun = author.change("pricebookDraftCreate", DRAFT, json!({})).await["draft"].clone();
        assert_eq!((&begun["revision"], &begun["status"], &begun["basedOn"], &begun["restoredFrom"]), (&json!(1), &json!("DRAFT"), &json!(1), &Value::Null));
        let again = approver.ask("mutation { pricebookDraftCreate(input: {}) { userErrors { code } } }", json!({})).await;
        assert_eq!(again.body["errors"][0]["extensions"]["code"], "NOT_ALLOWED", "{}", again.body);
        let again = author.mutate("pricebookDraftCreate", DRAFT, json!({})).await;
        assert_eq!((codes(&again), &again["draft"]["revision"]), (vec![("DRAFT_EXISTS", &Value::Null)], &json!(1)));

        let input = json!({"expectedRevision": 1, "plans": plans(&author, "89.00").await, "note": "For 2027.", "policy": "ALL_CUSTOMERS"});
        let edited = author.change("pricebookDraftUpdate", DRAFT, input).await["draft"].clone();
        assert_eq!((&edited["revision"], &edited["note"], &edited["policy"]), (&json!(2), &json!("For 2027."), &json!("ALL_CUSTOMERS")));
        let seen = draft(&approver).await;
        assert_eq!(seen["differences"], json!([{"path": "plans/starter/list_price", "kind": "CHANGED", "before": "USD 79.00", "after": "USD 89.00"}]));
        assert_eq!((&seen["flaws"], &seen["warnings"], kinds(&seen["steps"])), (&json!([]), &json!([]), vec!["EDITED", "CREATED"]));
        let diff = approver.data("{ pricebookDiff { path after } same: pricebookDiff(from: 1, to: 1) { path } none: pricebookDiff(from: 1, to: 7) { path } }", json!({})).await;
        assert_eq!(diff, json!({"pricebookDiff": [{"path": "plans/starter/list_price", "after": "USD 89.00"}], "same": [], "none": null}));

        let sent = author.change("pricebookDraftSubmit", DRAFT, json!({"expectedRevision": 2})).await["draft"].clone();
        assert_eq!((&sent["revision"], &sent["status"]), (&json!(3), &json!("IN_REVIEW")));
        // Frozen since.
        let frozen = author.mutate("pricebookDraftUpdate", DRAFT, json!({"expectedRevision": 3, "note": "x"})).await;
        assert_eq!((codes(&frozen), &frozen["draft"]["note"]), (vec![("FROZEN", &Value::Null)], &json!("For 2027.")));
        assert_eq!(codes(&author.mutate("pricebookDraftSubmit", DRAFT, json!({"expectedRevision": 3})).await), [("FROZEN", &Value::Null)]);
        let early = approver.mutate("pricebookDraftPublish", "version { number } draft { status }", json!({"contentHash": sent["contentHash"]})).await;
        assert_eq!((codes(&early), &early["draft"]["status"]), (vec![("NOT_APPROVED", &Value::Null)], &json!("IN_REVIEW")));

        let at = NOON.after(HOUR).to_string();
        let approval = json!({"contentHash": sent["contentHash"], "policy": "ALL_CUSTOMERS", "effectiveFrom": at});
        // Whom it reaches is approved as well: who has seen something else approves nothing.
        let other = json!({"contentHash": sent["contentHash"], "policy": "NEW_CUSTOMERS", "effectiveFrom": at});
        refused(&approver.mutate("pricebookDraftApprove", DRAFT, other).await, "OTHER_CONTENT", "policy");
        let approved = approver.change("pricebookDraftApprove", DRAFT, approval).await["draft"].clone();
        assert_eq!((&approved["status"], &approved["approvedFor"]), (&json!("APPROVED"), &json!(at)));
        let refused = author.ask("mutation { pricebookDraftPublish(input: {contentHash: \"\"}) { userErrors { code } } }", json!({})).await;
        assert_eq!(refused.body["errors"][0]["extensions"]["code"], "NOT_ALLOWED", "{}", refused.body);
        let wanted = "version { number status note policy publication { state total } }";
        let made = approver.change("pricebookDraftPublish", wanted, json!({"contentHash": sent["contentHash"]})).await["version"].clone();
        assert_eq!(made, json!({"number": 2, "status": "SCHEDULED", "note": "For 2027.", "policy": "ALL_CUSTOMERS", "publication": {"state": "WAITING", "total": null}}));
        assert_eq!(draft(&author).await, Value::Null);
        let mut socket = Socket::of(&approver).await;
        socket.subscribe("1", "subscription { pricebookPublication(number: 2) { number state total moved } }", json!({})).await;
        assert_eq!(socket.data().await["pricebookPublication"], json!({"number": 2, "state": "WAITING", "total": null, "moved": 0}));

        office.advance(HOUR);
        let mut told = socket.data().await["pricebookPublication"].clone();
        while told["state"] != "FINISHED" {
            assert_eq!(told["state"], "RUNNING");
            told = socket.data().await["pricebookPublication"].clone();
        }
        assert_eq!(told, json!({"number": 2, "state": "FINISHED", "total": 1, "moved": 1}), "the platform itself is a customer");
        assert_eq!(socket.hear().await["type"], "complete");
        let now = version(&author, 2).await;
        assert_eq!((&now["status"], &now["publication"]["state"]), (&json!("ACTIVE"), &json!("FINISHED")));
        assert_eq!(kinds(&now["steps"]), ["PUBLISHED", "APPROVED", "SUBMITTED", "EDITED", "CREATED"]);
        let history = author.data("{ pricebookSteps(first: 2) { nodes { kind number revision fourEyes author { kind name } } pageInfo { hasNextPage } } }", json!({})).await;
        let somebody = json!({"kind": "STAFF", "name": "Somebody"});
        let expected = json!([
            {"kind": "PUBLISHED", "number": 2, "revision": 4, "fourEyes": null, "author": somebody},
            {"kind": "APPROVED", "number": null, "revision": 4, "fourEyes": true, "author": somebody},
        ]);
        assert_eq!((&history["pricebookSteps"]["nodes"], &history["pricebookSteps"]["pageInfo"]["hasNextPage"]), (&expected, &json!(true)));
        let expected = ["PRICEBOOK_PUBLISHED", "PRICEBOOK_APPROVED", "PRICEBOOK_SUBMITTED", "PRICEBOOK_EDITED", "PRICEBOOK_DRAFTED"];
        assert_eq!(noted(&office.owner().await).await, expected);
        drop(socket);
        office.finish().await;
    }

    async fn who_looked_at_an_older_revision_is_shown_what_is_there(store) {
        let (office, author, _) = office(store).await;
        let owner = office.owner().await;
        author.change("pricebookDraftCreate", DRAFT, json!({})).await;
        owner.change("pricebookDraftUpdate", DRAFT, json!({"expectedRevision": 1, "note": "The owner's."})).await;
        let wanted = format!("{DRAFT} since {{ kind revision }} differences {{ path before after }}");
        let stale = author.mutate("pricebookDraftUpdate", &wanted, json!({"expectedRevision": 1, "plans": plans(&author, "85.00").await})).await;
        refused(&stale, "CONFLICT", "expectedRevision");
        assert_eq!((&stale["draft"]["note"], &stale["draft"]["revision"]), (&json!("The owner's."), &json!(2)));
        assert_eq!(stale["since"], json!([{"kind": "EDITED", "revision": 2}]));
        assert_eq!(stale["differences"], json!([{"path": "plans/starter/list_price", "before": "USD 79.00", "after": "USD 85.00"}]));
        for (name, input) in [
            ("pricebookDraftSubmit", json!({"expectedRevision": 1})),
            ("pricebookDraftReopen", json!({"expectedRevision": 1})),
            ("pricebookDraftDiscard", json!({"expectedRevision": 1})),
        ] {
            let stale = author.mutate(name, DRAFT, input).await;
            refused(&stale, "CONFLICT", "expectedRevision");
            assert_eq!(stale["draft"]["revision"], 2);
        }
        // What changes nothing is no change, and what says nothing is refused.
        let same = author.change("pricebookDraftUpdate", DRAFT, json!({"expectedRevision": 2, "note": "The owner's."})).await;
        assert_eq!(same["draft"]["revision"], 2);
        assert_eq!(codes(&author.mutate("pricebookDraftUpdate", DRAFT, json!({"expectedRevision": 2})).await), [("INVALID", &json!(["input"]))]);
        for (amount, currency, field) in [("79.001", "USD", "amount"), ("1e3", "USD", "amount"), ("79", "usd", "currency"), ("1.5", "JPY", "amount")] {
            let mut plan = plan("starter", "1");
            plan["listPrice"] = json!({"amount": amount, "currency": currency});
            let wrong = author.mutate("pricebookDraftUpdate", DRAFT, json!({"expectedRevision": 2, "plans": [plan]})).await;
            assert_eq!(codes(&wrong), [("INVALID", &json!(["input", "plans", "0", "listPrice", field]))], "{amount} {currency}");
        }
        author.change("pricebookDraftDiscard", DRAFT, json!({"expectedRevision": 2})).await;
        assert_eq!(draft(&author).await, Value::Null);
        assert_eq!(codes(&author.mutate("pricebookDraftSubmit", DRAFT, json!({"expectedRevision": 2})).await), [("NO_DRAFT", &Value::Null)]);
        let history = author.data("{ pricebookSteps { nodes { kind } } }", json!({})).await;
        assert_eq!(kinds(&history["pricebookSteps"]["nodes"]), ["DISCARDED", "EDITED", "CREATED"]);
        // Who still looks at that one does not change the next one unawares.
        let next = author.change("pricebookDraftCreate", DRAFT, json!({})).await["draft"]["revision"].clone();
        assert_eq!(next, 3);
        refused(&owner.mutate("pricebookDraftUpdate", DRAFT, json!({"expectedRevision": 2, "note": "x"})).await, "CONFLICT", "expectedRevision");
        office.finish().await;
    }

    async fn who_has_written_of_it_does_not_approve_it(store) {
        let (office, author, approver) = office(store).await;
        let owner = office.owner().await;
        author.change("pricebookDraftCreate", DRAFT, json!({})).await;
        owner.change("pricebookDraftUpdate", DRAFT, json!({"expectedRevision": 1, "plans": plans(&author, "89.00").await})).await;
        let hash = author.change("pricebookDraftSubmit", DRAFT, json!({"expectedRevision": 2})).await["draft"]["contentHash"].clone();
        office.advance(HOUR);
        assert_eq!(codes(&owner.mutate("pricebookDraftApprove", DRAFT, json!({"policy": "AT_RENEWAL", "contentHash": hash})).await), [("OWN_WORK", &Value::Null)]);
        // Who may approve may not waive that.
        let waive = "mutation { pricebookFourEyesUpdate(input: {required: false}) { required } }";
        assert_eq!(approver.ask(waive, json!({})).await.body["errors"][0]["extensions"]["code"], "NOT_ALLOWED");
        assert_eq!(approver.data("{ pricebookFourEyes }", json!({})).await["pricebookFourEyes"], true);
        let waived = owner.change("pricebookFourEyesUpdate", "required", json!({"required": false})).await;
        assert_eq!(waived["required"], false);
        owner.change("pricebookDraftApprove", DRAFT, json!({"policy": "AT_RENEWAL", "contentHash": hash})).await;
        assert_eq!(draft(&author).await["steps"][0]["fourEyes"], false);
        owner.change("pricebookFourEyesUpdate", "required", json!({"required": true})).await;
        approver.change("pricebookDraftApprove", DRAFT, json!({"policy": "AT_RENEWAL", "contentHash": hash})).await;
        let expected = [
            "PRICEBOOK_APPROVED", "PRICEBOOK_FOUR_EYES_REQUIRED", "PRICEBOOK_APPROVED_ALONE", "PRICEBOOK_FOUR_EYES_WAIVED",
            "PRICEBOOK_SUBMITTED", "PRICEBOOK_EDITED", "PRICEBOOK_DRAFTED",
        ];
        assert_eq!(noted(&owner).await, expected);
        approver.change("pricebookDraftPublish", "version { number }", json!({"contentHash": hash})).await;
        office.finish().await;
    }

    async fn an_approval_is_of_a_content_and_for_an_instant(store) {
        let (office, author, approver) = office(store).await;
        author.change("pricebookDraftCreate", DRAFT, json!({})).await;
        let early = approver.mutate("pricebookDraftApprove", DRAFT, json!({"policy": "AT_RENEWAL", "contentHash": draft(&author).await["contentHash"]})).await;
        assert_eq!(codes(&early), [("NOT_SUBMITTED", &Value::Null)]);
        // Word for word what is live already.
        assert_eq!(codes(&author.mutate("pricebookDraftSubmit", DRAFT, json!({"expectedRevision": 1})).await), [("UNCHANGED", &Value::Null)]);
        author.change("pricebookDraftDiscard", DRAFT, json!({"expectedRevision": 1})).await;
        let hash = submitted(&author, "89.00").await;
        for (text, code) in [("", "INVALID"), ("zz", "INVALID"), (&"a".repeat(63), "INVALID"), (&"a".repeat(64), "OTHER_CONTENT")] {
            refused(&approver.mutate("pricebookDraftApprove", DRAFT, json!({"policy": "AT_RENEWAL", "contentHash": text})).await, code, "contentHash");
        }
        office.advance(HOUR);
        assert_eq!(published(&office, 8_000, HOUR * 2).await, Published::As(2));
        for at in [NOON.to_string(), NOON.after(HOUR * 2).to_string(), NOON.after(HOUR * 3).to_string()] {
            let input = json!({"policy": "AT_RENEWAL", "contentHash": hash, "effectiveFrom": at});
            refused(&approver.mutate("pricebookDraftApprove", DRAFT, input).await, "TOO_EARLY", "effectiveFrom");
        }
        // To be published at once is good only once it is after all others.
        let at_once = approver.mutate("pricebookDraftApprove", DRAFT, json!({"policy": "AT_RENEWAL", "contentHash": hash})).await;
        refused(&at_once, "TOO_EARLY", "effectiveFrom");
        let at = NOON.after(HOUR * 5).to_string();
        let input = json!({"policy": "AT_RENEWAL", "contentHash": hash, "effectiveFrom": at});
        let approved = approver.change("pricebookDraftApprove", DRAFT, input).await;
        assert_eq!(approved["draft"]["approvedFor"], json!(at));
        // Reopened, it is approved no more.
        let reopened = approver.change("pricebookDraftReopen", DRAFT, json!({"expectedRevision": approved["draft"]["revision"], "comment": "Not yet."})).await["draft"].clone();
        assert_eq!((&reopened["status"], draft(&author).await["steps"][0]["comment"].as_str()), (&json!("DRAFT"), Some("Not yet.")));
        assert_eq!(codes(&approver.mutate("pricebookDraftPublish", "version { number }", json!({"contentHash": hash})).await), [("NOT_APPROVED", &Value::Null)]);
        let again = author.mutate("pricebookDraftReopen", DRAFT, json!({"expectedRevision": reopened["revision"]})).await;
        assert_eq!(codes(&again), [("NOT_SUBMITTED", &Value::Null)]);
        office.advance(HOUR * 2);
        let sent = author.change("pricebookDraftSubmit", DRAFT, json!({"expectedRevision": reopened["revision"]})).await["draft"].clone();
        office.advance(HOUR);
        approver.change("pricebookDraftApprove", DRAFT, json!({"policy": "AT_RENEWAL", "contentHash": sent["contentHash"]})).await;
        let made = approver.change("pricebookDraftPublish", "version { number status effectiveFrom }", json!({"contentHash": sent["contentHash"]})).await;
        assert_eq!(made["version"], json!({"number": 3, "status": "ACTIVE", "effectiveFrom": NOON.after(HOUR * 4).to_string()}));
        office.finish().await;
    }

    async fn what_moves_much_is_acknowledged_by_name_and_flaws_have_places(store) {
        let (office, author, approver) = office(store).await;
        author.change("pricebookDraftCreate", DRAFT, json!({})).await;
        let flawed = json!({"expectedRevision": 1, "plans": [plan("starter", "-1"), plan("starter", "2")]});
        author.change("pricebookDraftUpdate", DRAFT, flawed).await;
        let refused_all = author.mutate("pricebookDraftSubmit", DRAFT, json!({"expectedRevision": 2})).await;
        let told = codes(&refused_all);
        assert!(told.contains(&("FLAWED", &json!(["plans", "starter", "list_price"]))), "{refused_all}");
        assert!(told.contains(&("FLAWED", &json!(["plans", "starter", "key"]))), "{refused_all}");
        let seen = draft(&author).await;
        assert_eq!(seen["flaws"].as_array().unwrap().len(), told.len());
        assert!(seen["flaws"][0]["fix"].as_str().is_some_and(|fix| !fix.is_empty()));
        let mut plans = plans(&author, "99.00").await;
        plans.as_array_mut().unwrap().remove(1);
        author.change("pricebookDraftUpdate", DRAFT, json!({"expectedRevision": 2, "plans": plans})).await;
        let hash = author.change("pricebookDraftSubmit", DRAFT, json!({"expectedRevision": 3})).await["draft"]["contentHash"].clone();
        let expected = json!([
            {"guard": "PRICE_MOVE", "path": "plans/starter/list_price", "before": "USD 79.00", "after": "USD 99.00"},
            {"guard": "PLAN_REMOVED", "path": "plans/pro", "before": "Pro, USD 249.00", "after": "not in the draft"},
        ]);
        let warnings = draft(&approver).await["warnings"].clone();
        assert_eq!(warnings, expected);
        office.advance(HOUR);
        let none = approver.mutate("pricebookDraftApprove", DRAFT, json!({"policy": "AT_RENEWAL", "contentHash": hash})).await;
        let field = json!(["input", "acknowledge"]);
        assert_eq!(codes(&none), [("UNACKNOWLEDGED", &field), ("UNACKNOWLEDGED", &field)]);
        let one = approver.mutate("pricebookDraftApprove", DRAFT, json!({"policy": "AT_RENEWAL", "contentHash": hash, "acknowledge": ["PRICE_MOVE", "CURRENCY_CHANGE"]})).await;
        assert_eq!(codes(&one), [("UNACKNOWLEDGED", &field)]);
        assert!(one["userErrors"][0]["message"].as_str().unwrap().contains("`PLAN_REMOVED`"), "{one}");
        approver.change("pricebookDraftApprove", DRAFT, json!({"policy": "AT_RENEWAL", "contentHash": hash, "acknowledge": ["PRICE_MOVE", "PLAN_REMOVED", "CURRENCY_CHANGE"]})).await;
        assert_eq!(draft(&author).await["steps"][0]["acknowledged"], json!(["PRICE_MOVE", "PLAN_REMOVED"]), "what there was to acknowledge");
        office.finish().await;
    }

    async fn a_version_is_taken_back_before_its_time_and_brought_back_after_it(store) {
        let (office, author, approver) = office(store).await;
        let hash = submitted(&author, "89.00").await;
        approver.change("pricebookDraftApprove", DRAFT, json!({"policy": "AT_RENEWAL", "contentHash": hash, "effectiveFrom": NOON.after(HOUR).to_string()})).await;
        approver.change("pricebookDraftPublish", "version { number }", json!({"contentHash": hash})).await;
        let withdraw = |number: i32, reason: &str| json!({"number": number, "reason": reason});
        let wanted = "version { number status withdrawnAt publication { state } }";
        refused(&approver.mutate("pricebookWithdraw", wanted, withdraw(2, " ")).await, "INVALID", "reason");
        refused(&approver.mutate("pricebookWithdraw", wanted, withdraw(7, "x")).await, "NOT_FOUND", "number");
        let taken = approver.change("pricebookWithdraw", wanted, withdraw(2, "A slip.")).await["version"].clone();
        assert_eq!(taken, json!({"number": 2, "status": "WITHDRAWN", "withdrawnAt": NOON.to_string(), "publication": {"state": "WITHDRAWN"}}));
        approver.change("pricebookWithdraw", wanted, withdraw(2, "Again.")).await;
        let told = version(&author, 2).await;
        assert_eq!(told["steps"][0], json!({"kind": "WITHDRAWN", "number": 2, "comment": "A slip.", "acknowledged": []}));
        office.advance(HOUR);
        assert_eq!(author.data("{ pricebook { number } }", json!({})).await["pricebook"]["number"], 1);
        // Another one takes effect, and then it is too late.
        let hash = submitted(&author, "95.00").await;
        approver.change("pricebookDraftApprove", DRAFT, json!({"policy": "AT_RENEWAL", "contentHash": hash})).await;
        approver.change("pricebookDraftPublish", "version { number }", json!({"contentHash": hash})).await;
        refused(&approver.mutate("pricebookWithdraw", wanted, withdraw(3, "x")).await, "IN_FORCE", "number");
        // What never was in force is not brought back; what was, is, as a version of its own.
        refused(&author.mutate("pricebookDraftCreate", DRAFT, json!({"restore": 2})).await, "NOT_FOUND", "restore");
        let back = author.change("pricebookDraftCreate", DRAFT, json!({"restore": 1})).await["draft"].clone();
        assert_eq!((&back["restoredFrom"], &back["basedOn"], &back["plans"][0]["listPrice"]["amount"]), (&json!(1), &json!(3), &json!("79.00")));
        let sent = author.change("pricebookDraftSubmit", DRAFT, json!({"expectedRevision": back["revision"]})).await["draft"].clone();
        office.advance(HOUR);
        approver.change("pricebookDraftApprove", DRAFT, json!({"policy": "AT_RENEWAL", "contentHash": sent["contentHash"]})).await;
        approver.change("pricebookDraftPublish", "version { number }", json!({"contentHash": sent["contentHash"]})).await;
        let now = author.data("{ pricebook { number plans { listPrice { amount } } } pricebookDiff(from: 1, to: 4) { path } }", json!({})).await;
        assert_eq!((&now["pricebook"]["number"], &now["pricebook"]["plans"][0]["listPrice"]["amount"], &now["pricebookDiff"]), (&json!(4), &json!("79.00"), &json!([])));
        assert_eq!(version(&author, 4).await["restoredFrom"], 1);
        office.finish().await;
    }

    async fn nobody_else_sees_what_is_not_in_force(store) {
        let (office, author, approver) = office(store).await;
        let tenant = office.db_tenant("fish", true, &[]).await;
        let ann = office.member(&tenant, "ann@example.com", "OWNER").await;
        let support = office.colleague("support@example.com", "SUPPORT").await;
        author.change("pricebookDraftCreate", DRAFT, json!({})).await;
        let input = json!({"expectedRevision": 1, "note": "a secret note", "plans": plans(&author, "89.00").await});
        author.change("pricebookDraftUpdate", DRAFT, input).await;
        let hash = author.change("pricebookDraftSubmit", DRAFT, json!({"expectedRevision": 2})).await["draft"]["contentHash"].clone();
        approver.change("pricebookDraftApprove", DRAFT, json!({"policy": "AT_RENEWAL", "contentHash": hash, "effectiveFrom": NOON.after(HOUR).to_string()})).await;
        approver.change("pricebookDraftPublish", "version { number }", json!({"contentHash": hash})).await;
        let stranger = Account::with(office.visitor().without_cookies(), "");
        let ask = async |who: &Account, query: &str| {
            let request = stranger_or(who, &office, query);
            who.send(request).await.body
        };
        for (who, code) in [(&stranger, "NOT_SIGNED_IN"), (&ann, "NOT_ALLOWED"), (&support, "NOT_ALLOWED")] {
            for query in [
                "{ pricebookDraft { note } }", "{ pricebookDiff { path } }", "{ pricebookDiff(from: 1) { path } }", "{ pricebookImpact { tenants } }",
                "{ pricebookPublication(number: 1) { seen } }", "{ pricebookSteps { nodes { comment } } }", "{ pricebookFourEyes }",
            ] {
                let answer = ask(who, query).await;
                assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{query}: {answer}");
            }
            let nothing = ask(who, "{ pricebookVersion(number: 2) { number } pricebookDiff(from: 1, to: 2) { path } pricebookVersions(first: 5) { nodes { number note policy publishedAt publication { seen } steps { kind } } } }").await;
            let first = json!({"number": 1, "note": null, "policy": null, "publishedAt": null, "publication": null, "steps": null});
            assert_eq!(nothing["data"], json!({"pricebookVersion": null, "pricebookDiff": null, "pricebookVersions": {"nodes": [first]}}));
        }
        let mut socket = Socket::of(&ann).await;
        socket.subscribe("1", "subscription { pricebookPublication(number: 2) { state } }", json!({})).await;
        let heard = socket.hear().await;
        assert!(heard.to_string().contains("NOT_ALLOWED"), "{heard}");
        drop(socket);
        office.advance(HOUR);
        let seen = ask(&stranger, "{ pricebookVersion(number: 2) { number note } pricebookDiff(from: 1, to: 2) { path } }").await;
        assert_eq!(seen["data"], json!({"pricebookVersion": {"number": 2, "note": null}, "pricebookDiff": [{"path": "plans/starter/list_price"}]}));
        office.finish().await;
    }

    async fn what_a_draft_would_do_to_customers_is_counted(store) {
        let (office, author, _) = office(store).await;
        let owner = office.owner().await;
        for (slug, plan) in [("fish", "starter"), ("chips", "pro")] {
            owner.change("tenantCreate", "tenant { id }", json!({"name": slug, "slug": slug, "plan": plan})).await;
        }
        author.change("pricebookDraftCreate", DRAFT, json!({})).await;
        author.change("pricebookDraftUpdate", DRAFT, json!({"expectedRevision": 1, "plans": plans(&author, "89.00").await, "policy": "NEW_CUSTOMERS"})).await;
        let query = "query($n: Int) { pricebookImpact(number: $n) { days tenants affected kept revenueBefore { amount currency } revenueAfter { amount } creditsBefore creditsAfter \
            runOutBefore runOutAfter reachesExisting runningOut { plan } largest { tenant { id uuid name } plan trial priceBefore { amount } priceAfter { amount } \
            allowanceBefore allowanceAfter runsOutBefore runsOutAfter creditsBefore creditsAfter } } }";
        let impact = author.data(query, json!({"n": null})).await["pricebookImpact"].clone();
        // 79 + 249, and the platform's own 899.
        assert_eq!((&impact["days"], &impact["tenants"], &impact["affected"]), (&json!(30), &json!(3), &json!(1)));
        assert_eq!((&impact["revenueBefore"], &impact["revenueAfter"]), (&json!([{"amount": "1227.00", "currency": "USD"}]), &json!([{"amount": "1237.00"}])));
        assert_eq!((&impact["reachesExisting"], &impact["runningOut"]), (&json!(false), &json!([])));
        let known = owner.data("{ tenant(slug: \"fish\") { id uuid name } }", json!({})).await["tenant"].clone();
        assert_eq!((&impact["largest"][0]["tenant"], &impact["largest"][0]["priceAfter"]["amount"]), (&known, &json!("89.00")));
        assert_eq!(author.data(query, json!({"n": 1})).await["pricebookImpact"]["affected"], 0);
        assert_eq!(author.data(query, json!({"n": 9})).await["pricebookImpact"], Value::Null);
        office.finish().await;
    }
}

/// A request of somebody who may not be signed in.
fn stranger_or(who: &Account, office: &TestApp, query: &str) -> reqwest::RequestBuilder {
    let body = json!({"query": query});
    if who.token.is_empty() {
        office.visitor().without_cookies().request(reqwest::Method::POST, "/graphql").json(&body)
    } else {
        who.request(reqwest::Method::POST, "/graphql").json(&body)
    }
}
