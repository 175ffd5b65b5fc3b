//! Privacy: what is known of a visitor is copied and erased, what was kept long enough goes by itself, and models are told less where a
//! tenant wants that.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use frontoffice_domain::{id::TenantId, privacy};
use frontoffice_worker::model::scripted::{Gate, Step};
use reqwest::Method;
use serde_json::{Value, json};

use super::tenants::{fish, refused};
use crate::harness::{
    actors::{Account, MEMBER_PASSWORD, Response, Visitor, mutation},
    app::{Office, TestApp},
    eventually, on_both_stores,
    store::Store,
};

const DAY: Duration = Duration::from_secs(86_400);
const HOUR: Duration = Duration::from_secs(3_600);

const RECEIPT: &str = "receipt { uuid kind visitorUuid conversations messages reason author { kind name } createdAt }";

async fn say(visitor: &Visitor, session: &str, text: &str) -> Response {
    let said = visitor.post(json!({"message": text, "business_id": "fish", "session_id": session})).await;
    assert_eq!(said.status, 200, "{}", said.body);
    said
}

/// Does something in the visitor's conversation.
async fn act(visitor: &Visitor, session: &str, what: &str, mut body: Value) {
    body["business_id"] = json!("fish");
    body["session_id"] = json!(session);
    let request = visitor.request(Method::POST, &format!("/api/chat/conversation/{what}")).json(&body);
    let done = visitor.send(request).await;
    assert_eq!(done.status, 200, "{}", done.body);
}

const SEEN: &str = "{ viewer { tenant { id conversations(first: 10) { nodes { id sessionId state erasedAt contactEmail rating ratingComment messageCount notes { text } \
    visitor { id uuid erasedAt } messages { nodes { sequence role status text rating sources { title } verdict { grounding } } } turns { nodes { state } } } } } } }";

/// The tenant's newest conversations, the newest first.
async fn seen(account: &Account) -> Vec<Value> {
    let data = account.data(SEEN, json!({})).await;
    data["viewer"]["tenant"]["conversations"]["nodes"].as_array().unwrap().clone()
}

async fn receipts(account: &Account, slug: &str) -> Vec<Value> {
    let query = "query($s: String!) { tenant(slug: $s) { privacyReceipts { nodes { uuid kind visitorUuid conversations messages reason author { kind name } } } } }";
    account.data(query, json!({"s": slug})).await["tenant"]["privacyReceipts"]["nodes"].as_array().unwrap().clone()
}

/// A page of a copy, and what it says.
async fn export(account: &Account, input: Value) -> (Value, Value) {
    let page = account.change("visitorExport", &format!("{RECEIPT} document next"), input).await;
    let document = serde_json::from_str(page["document"].as_str().unwrap()).unwrap();
    (page, document)
}

/// Asks who keeps something too long, as workers do each hour; how many that are.
async fn sweep(office: &TestApp) -> usize {
    privacy::sweep(&office.app().db, office.clock.now()).await.unwrap()
}

async fn erased(office: &TestApp) -> usize {
    office.database.db_count("conversations", "erased_at IS NOT NULL").await
}

/// What has to do with money.
async fn charged(office: &TestApp) -> Vec<String> {
    office.database.db_dump().await.into_iter().filter(|row| row.starts_with("credit_")).collect()
}

/// Nothing of these is in the store.
async fn nowhere(office: &TestApp, canaries: &[&str]) {
    let dump = office.database.db_dump().await;
    for canary in canaries {
        let found: Vec<&String> = dump.iter().filter(|row| row.to_lowercase().contains(&canary.to_lowercase())).collect();
        assert_eq!(found, Vec::<&String>::new(), "{canary} is in the store");
    }
}

/// Signs in once more, after the session has ended.
async fn again(office: &TestApp, email: &str) -> Account {
    Account::sign_in_to(office.visitor().without_cookies(), "fish", email, MEMBER_PASSWORD).await
}

on_both_stores! {
    async fn what_is_known_of_a_visitor_is_erased_for_good_and_what_was_charged_stays(store) {
        let (office, ann, _) = fish(store).await;
        let (vera, other) = (office.visitor(), office.visitor());
        let question = json!({"message": "When does the shop open?", "business_id": "fish", "session_id": "session-of-canary", "client_message_id": "key-of-canary"});
        let first = vera.post(question.clone()).await;
        assert_eq!(first.text("status"), "answered", "{}", first.body);
        say(&vera, "session-of-canary", "My name is Canaria Birdsong and my parrot is green.").await;
        say(&other, "session-of-another", "When does the shop close?").await;
        office.settled().await;
        act(&vera, "session-of-canary", "contact", json!({"email": "canary@example.com"})).await;
        act(&vera, "session-of-canary", "rating", json!({"rating": "up", "comment": "Canarian comment"})).await;
        act(&vera, "session-of-canary", "rating", json!({"rating": "up", "message_id": first.text("message_id")})).await;
        let before = seen(&ann).await.into_iter().find(|it| it["sessionId"] == "session-of-canary").unwrap();
        ann.change("conversationNoteCreate", "note { uuid }", json!({"conversation": before["id"], "text": "A canary note"})).await;
        ann.change("conversationReply", "message { id }", json!({"conversation": before["id"], "text": "Your canary is here."})).await;
        office.settled().await;
        let charged_before = charged(&office).await;
        let input = json!({"visitor": before["visitor"]["id"], "reason": "Asked for by letter."});
        let receipt = ann.change("visitorErase", RECEIPT, input.clone()).await["receipt"].clone();
        let expected = json!({
            "uuid": receipt["uuid"], "kind": "ERASURE", "visitorUuid": before["visitor"]["uuid"], "conversations": 1, "messages": 6, "reason": "Asked for by letter.",
            "author": {"kind": "MEMBER", "name": "Somebody"}, "createdAt": "2026-11-22T12:00:00.000000Z",
        });
        assert_eq!(receipt, expected);
        office.settled().await;
        nowhere(&office, &["canari", "canary"]).await;
        assert_eq!(charged(&office).await, charged_before);
        assert_eq!(office.violations().await, []);
        // What stays says that something was said, by whom and when, and nothing of it.
        let all = seen(&ann).await;
        let after = all.iter().find(|it| it["id"] == before["id"]).unwrap();
        assert_eq!((&after["state"], &after["rating"], &after["messageCount"], &after["notes"]), (&json!("RESOLVED"), &json!("UP"), &json!(6), &json!([])));
        assert_eq!((&after["contactEmail"], &after["ratingComment"]), (&Value::Null, &Value::Null));
        assert_eq!((&after["erasedAt"], &after["visitor"]["erasedAt"]), (&json!("2026-11-22T12:00:00.000000Z"), &json!("2026-11-22T12:00:00.000000Z")));
        assert_eq!(after["visitor"]["uuid"], before["visitor"]["uuid"]);
        let messages = after["messages"]["nodes"].as_array().unwrap();
        let roles: Vec<&str> = messages.iter().map(|message| message["role"].as_str().unwrap()).collect();
        assert_eq!(roles, ["VISITOR", "ASSISTANT", "VISITOR", "ASSISTANT", "SYSTEM", "AGENT"]);
        assert!(messages.iter().all(|message| message["text"] == "" && message["sources"] == json!([]) && message["verdict"].is_null()), "{after}");
        assert_eq!((&messages[1]["status"], &messages[1]["rating"]), (&json!("ANSWERED"), &json!("UP")));
        let kept = all.iter().find(|it| it["sessionId"] == "session-of-another").unwrap();
        assert_eq!((&kept["messages"]["nodes"][0]["text"], &kept["erasedAt"]), (&json!("When does the shop close?"), &Value::Null));
        // Nothing can be done with it any more, and it is done once.
        for (name, wanted) in [("conversationNoteCreate", "note { uuid }"), ("conversationReply", "message { id }")] {
            refused(&ann.mutate(name, wanted, json!({"conversation": before["id"], "text": "Hello?"})).await, "NOT_FOUND", "conversation");
        }
        refused(&ann.mutate("conversationTakeOver", "conversation { id }", json!({"conversation": before["id"]})).await, "NOT_FOUND", "conversation");
        let mut once_more = input;
        once_more["reason"] = json!("Asked for again.");
        assert_eq!(ann.change("visitorErase", RECEIPT, once_more).await["receipt"], receipt);
        assert_eq!(receipts(&ann, "fish").await.len(), 1);
        let log = ann.data("{ auditLog(filter: {action: VISITOR_ERASED}) { nodes { subjectUuid actor { kind } reason } } }", json!({})).await;
        assert_eq!(log["auditLog"]["nodes"], json!([{"subjectUuid": before["visitor"]["uuid"], "actor": {"kind": "MEMBER"}, "reason": null}]));
        let node = ann.data("query($id: ID!) { node(id: $id) { id ... on Visitor { uuid erasedAt } } }", json!({"id": before["visitor"]["id"]})).await;
        assert_eq!((&node["node"]["uuid"], &node["node"]["erasedAt"]), (&before["visitor"]["uuid"], &after["erasedAt"]));
        // Who comes back with the same cookie, name and key is somebody new.
        vera.get("/api/chat/conversation/history?business_id=fish&session_id=session-of-canary").await.assert_problem(404, "session_unknown");
        let fresh = vera.post(question).await;
        assert_eq!(fresh.text("status"), "answered", "{}", fresh.body);
        assert_ne!(fresh.text("message_id"), first.text("message_id"));
        office.settled().await;
        assert_eq!(seen(&ann).await.len(), 3);
        office.finish().await;
    }

    async fn an_answer_that_is_being_made_is_not_stored_any_more(store) {
        let gate = Gate::default();
        let (office, model) = Office::new(store).scripted([vec![Step::Say("half of the canary".into()), Step::Gate(gate.clone()), Step::Answer]]);
        let office = office.start().await;
        let tenant = office.db_tenant("fish", true, &[]).await;
        let ann = office.member(&tenant, "ann@example.com", "OWNER").await;
        let visitor = office.visitor();
        visitor.drop_off(json!({"message": "canary one", "business_id": "fish", "session_id": "s"})).await;
        eventually("the first words", async || (office.database.db_count("turns", "speaking_at IS NOT NULL").await == 1).then_some(())).await;
        visitor.drop_off(json!({"message": "canary two", "business_id": "fish", "session_id": "s"})).await;
        eventually("a turn behind", async || (office.database.db_count("turns", "state = 'waiting'").await == 1).then_some(())).await;
        let visitor = seen(&ann).await[0]["visitor"]["id"].clone();
        let receipt = ann.change("visitorErase", RECEIPT, json!({"visitor": visitor, "reason": "Asked for."})).await["receipt"].clone();
        assert_eq!((&receipt["conversations"], &receipt["messages"]), (&json!(1), &json!(2)));
        gate.open();
        office.settled().await;
        let after = seen(&ann).await.remove(0);
        assert_eq!(after["turns"]["nodes"], json!([{"state": "STOPPED"}, {"state": "STOPPED"}]));
        assert_eq!((&after["messageCount"], model.asked().len()), (&json!(2), 1));
        nowhere(&office, &["canary"]).await;
        assert_eq!(office.database.db_count("credit_holds", "settled_at IS NULL").await, 0);
        assert_eq!(office.database.db_count("credit_entries", "kind = 'capture'").await, 0);
        office.finish().await;
    }

    async fn a_copy_has_everything_page_by_page_and_one_receipt(store) {
        let (office, ann, _) = fish(store).await;
        let (vera, other) = (office.visitor(), office.visitor());
        // A cookie makes one visitor of both.
        say(&vera, "a", "When does the shop open?").await;
        say(&vera, "b", "Do you deliver to Mars?").await;
        say(&other, "c", "When does the shop close?").await;
        office.settled().await;
        act(&vera, "a", "contact", json!({"email": "vera@example.com"})).await;
        act(&vera, "b", "rating", json!({"rating": "down", "comment": "Far away"})).await;
        let all = seen(&ann).await;
        let id = |session: &str| all.iter().find(|it| it["sessionId"] == session).unwrap()["visitor"]["id"].clone();
        assert_eq!(id("a"), id("b"));
        let (page, document) = export(&ann, json!({"visitor": id("a")})).await;
        assert_eq!(page["next"], Value::Null);
        let expected = json!({"uuid": page["receipt"]["uuid"], "kind": "EXPORT", "visitorUuid": all[1]["visitor"]["uuid"], "conversations": 2, "messages": 4, "reason": null, "author": {"kind": "MEMBER", "name": "Somebody"}, "createdAt": "2026-11-22T12:00:00.000000Z"});
        assert_eq!(page["receipt"], expected);
        assert_eq!(document["visitor"], json!({"uuid": all[1]["visitor"]["uuid"], "channel": "public", "created_at": "2026-11-22T12:00:00.000000Z", "seen_at": "2026-11-22T12:00:00.000000Z", "erased_at": null, "verified_at": null, "name": null, "email": null}));
        let conversations = document["conversations"].as_array().unwrap();
        assert_eq!(conversations.iter().map(|it| it["session_id"].as_str().unwrap()).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!((&conversations[0]["contact_email"], &conversations[0]["state"], &conversations[0]["locale"]), (&json!("vera@example.com"), &json!("AI"), &json!("en")));
        assert_eq!((&conversations[1]["rating"], &conversations[1]["rating_comment"]), (&json!("down"), &json!("Far away")));
        let said = &conversations[0]["messages"];
        assert_eq!(said[0], json!({"sequence": 1, "role": "visitor", "text": "When does the shop open?", "status": "received", "sources": [], "created_at": "2026-11-22T12:00:00.000000Z", "rating": null}));
        assert_eq!((&said[1]["role"], &said[1]["status"], &said[1]["sources"][0]["title"]), (&json!("assistant"), &json!("answered"), &json!("Opening hours")));
        assert!(!document.to_string().contains("close?"), "nothing of anybody else: {document}");
        // More than a page.
        let (new, nothing) = match store {
            Store::Sqlite => ("randomblob(16)", "jsonb('[]')"),
            Store::Postgres => ("gen_random_uuid()", "CAST('[]' AS jsonb)"),
        };
        let many = format!(
            "INSERT INTO messages (id, tenant_id, conversation_id, sequence, role, text, status, sources, created_at) \
             WITH RECURSIVE n (i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 1500) \
             SELECT {new}, tenant_id, id, n.i, 'system', 'number ' || n.i, 'sent', {nothing}, created_at FROM n, conversations WHERE session_id = 'a'; \
             UPDATE conversations SET last_sequence = 1500 WHERE session_id = 'a'"
        );
        office.database.db_do(&many).await;
        let (mut after, mut pages, mut numbers) = (Value::Null, Vec::new(), Vec::new());
        loop {
            let (page, document) = export(&ann, json!({"visitor": id("a"), "after": after})).await;
            let mut count = 0;
            for conversation in document["conversations"].as_array().unwrap() {
                for message in conversation["messages"].as_array().unwrap() {
                    numbers.push(format!("{} {}", conversation["session_id"].as_str().unwrap(), message["sequence"]));
                    count += 1;
                }
            }
            pages.push((count, page["receipt"].is_object()));
            after = page["next"].clone();
            if after.is_null() {
                break;
            }
            // A place in this copy is none in another's.
            let (query, variables) = mutation("visitorExport", "next", json!({"visitor": id("c"), "after": after}));
            let wrong = ann.ask(&query, variables).await;
            assert_eq!(wrong.body["errors"][0]["extensions"]["code"], "CURSOR_INVALID", "{}", wrong.body);
        }
        assert_eq!(pages, [(1_000, true), (502, false)]);
        let expected: Vec<String> = (1..=1_500).map(|number| format!("a {number}")).chain((1..=2).map(|number| format!("b {number}"))).collect();
        assert_eq!(numbers, expected);
        let noted = receipts(&ann, "fish").await;
        assert_eq!(noted.iter().map(|receipt| receipt["messages"].as_i64().unwrap()).collect::<Vec<_>>(), [1_502, 4]);
        let log = ann.data("{ auditLog(filter: {action: VISITOR_EXPORTED}) { nodes { subjectUuid } } }", json!({})).await;
        assert_eq!(log["auditLog"]["nodes"].as_array().unwrap().len(), 3, "each page is noted");
        office.finish().await;
    }

    async fn what_a_plan_keeps_no_longer_goes_by_itself_once(store) {
        let (office, _, _) = fish(store).await;
        let (old, young) = (office.visitor(), office.visitor());
        say(&old, "old", "When does the shop open?").await;
        office.settled().await;
        office.clock.advance(20 * DAY);
        say(&young, "young", "When does the shop close?").await;
        office.settled().await;
        // The plan keeps thirty days.
        office.clock.advance(10 * DAY);
        assert_eq!((sweep(&office).await, erased(&office).await), (0, 0));
        assert_eq!(office.database.db_count("jobs", "name = 'apply_retention'").await, 0);
        office.advance(DAY);
        eventually("the old one to be erased", async || (erased(&office).await == 1).then_some(())).await;
        office.settled().await;
        let ann = again(&office, "ann@example.com").await;
        let all = seen(&ann).await;
        let texts = |it: &Value| it["messages"]["nodes"].as_array().unwrap().iter().map(|message| message["text"].as_str().unwrap().to_owned()).collect::<String>();
        let (gone, kept): (Vec<&Value>, Vec<&Value>) = all.iter().partition(|it| it["erasedAt"].is_string());
        assert_eq!((gone.len(), texts(gone[0]).as_str(), kept.len()), (1, "", 1));
        assert!(texts(kept[0]).contains("close?") && kept[0]["visitor"]["erasedAt"].is_null() && gone[0]["visitor"]["erasedAt"].is_string());
        let expected = json!([{"uuid": receipts(&ann, "fish").await[0]["uuid"], "kind": "RETENTION", "visitorUuid": null, "conversations": 1, "messages": 2, "reason": null, "author": {"kind": "PROCESS", "name": null}}]);
        assert_eq!(json!(receipts(&ann, "fish").await), expected);
        old.get("/api/chat/conversation/history?business_id=fish&session_id=old").await.assert_problem(404, "session_unknown");
        assert_eq!(young.get("/api/chat/conversation/history?business_id=fish&session_id=young").await.status, 200);
        // Asked again, nothing is due; done again, nothing is changed.
        assert_eq!(sweep(&office).await, 0);
        let before: Vec<String> = office.database.db_dump().await.into_iter().filter(|row| !row.starts_with("jobs")).collect();
        office.database.db_do("UPDATE jobs SET state = 'queued', ended_at = NULL, lease_token = lease_token + 1 WHERE name = 'apply_retention'").await;
        office.app().bus.ring();
        office.settled().await;
        let after: Vec<String> = office.database.db_dump().await.into_iter().filter(|row| !row.starts_with("jobs")).collect();
        assert_eq!(after, before);
        assert_eq!(office.database.db_count("jobs", "name = 'apply_retention'").await, 1);
        office.finish().await;
    }

    async fn a_long_backlog_is_erased_step_by_step_with_one_receipt(store) {
        let (office, _, _) = fish(store).await;
        for visitor in 0..3 {
            say(&office.visitor(), &format!("s{visitor}"), "When does the shop open?").await;
        }
        office.settled().await;
        // Many of one visitor, without a message.
        let new = if store == Store::Sqlite { "randomblob(16)" } else { "gen_random_uuid()" };
        let many = format!(
            "INSERT INTO conversations (id, tenant_id, visitor_id, channel, session_id, locale, state, last_sequence, created_at, last_message_at) \
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 247) \
             SELECT {new}, tenant_id, visitor_id, channel, 'n' || n.i, locale, 'AI', 0, created_at, last_message_at FROM n, conversations WHERE session_id = 's0'"
        );
        office.database.db_do(&many).await;
        office.advance(32 * DAY);
        eventually("all to be erased", async || (erased(&office).await == 250).then_some(())).await;
        office.settled().await;
        let owner = office.owner().await;
        let noted = receipts(&owner, "fish").await;
        assert_eq!((noted.len(), &noted[0]["conversations"], &noted[0]["messages"]), (1, &json!(250), &json!(6)));
        assert_eq!(office.database.db_count("visitors", "erased_at IS NULL").await, 0);
        office.finish().await;
    }

    async fn a_conversation_that_is_being_answered_is_left_for_another_day(store) {
        let mut idle = Office::new(store).idle().start().await;
        idle.db_tenant("fish", true, &[]).await;
        idle.visitor().drop_off(json!({"message": "hello", "business_id": "fish", "session_id": "s"})).await;
        idle.clock.advance(40 * DAY);
        let later = idle.clock.now();
        idle.stop().await;
        let gate = Gate::default();
        let (office, _) = Office::new(store).scripted([vec![Step::Gate(gate.clone()), Step::Echo]]);
        let office = office.on(&idle.database).at(later).start().await;
        eventually("the job", async || (office.database.db_count("jobs", "name = 'apply_retention' AND state = 'done'").await == 1).then_some(())).await;
        assert_eq!(erased(&office).await, 0);
        gate.open();
        office.settled().await;
        assert_eq!(office.database.db_count("messages", "text = 'hello'").await, 2);
        assert_eq!((sweep(&office).await, office.database.db_count("privacy_receipts", "true").await), (0, 0));
        office.finish().await;
    }

    async fn nothing_is_left_of_what_was_a_closed_business_own(store) {
        let (office, ann, owner) = fish(store).await;
        let says = json!({"about": "We sell canaries.", "awayText": "Our canaries sleep.", "aiNotice": "This canary is an AI.", "contactEmail": "canary@example.com"});
        ann.change("tenantUpdate", "tenant { id }", says).await;
        ann.change("widgetLookUpdate", "widgetLook { label }", json!({"label": "Ask our canary", "greeting": "Canaries welcome."})).await;
        ann.change("widgetIdentitySecretRotate", "secret", json!({})).await;
        ann.change("widgetCheckRequest", "widgetCheck { uuid }", json!({"url": "https://127.0.0.1/canary"})).await;
        let entry = json!({"title": "Canary seed", "text": "A canary eats ten grams of canary seed a day."});
        let made = ann.change("knowledgeEntryCreate", "entry { id }", entry).await;
        ann.change("knowledgeEntryApprove", "entry { id }", json!({"entry": made["entry"]["id"]})).await;
        say(&office.visitor(), "s", "How much canary seed does a canary eat?").await;
        office.settled().await;
        assert_eq!(sweep(&office).await, 0);
        ann.change("tenantClose", "tenant { id }", json!({"slug": "fish"})).await;
        office.advance(HOUR);
        eventually("everything to be erased", async || (office.database.db_count("tenants", "erased_at IS NOT NULL").await == 1).then_some(())).await;
        office.settled().await;
        nowhere(&office, &["canar", "opens at nine and closes"]).await;
        for table in ["widget_looks", "widget_identities", "widget_checks"] {
            assert_eq!(office.database.db_count(table, "true").await, 0, "{table}");
        }
        assert_eq!(office.database.db_count("knowledge_entries", "text = '' AND state = 'ARCHIVED'").await, 2);
        assert!(office.database.db_count("passages", "true").await > 0, "the platform's own are there");
        let noted = receipts(&owner, "fish").await;
        assert_eq!((noted.len(), &noted[0]["kind"], &noted[0]["conversations"], &noted[0]["messages"]), (1, &json!("RETENTION"), &json!(1), &json!(2)));
        assert_eq!(sweep(&office).await, 0);
        office.advance(25 * HOUR);
        office.settled().await;
        assert_eq!(sweep(&office).await, 0);
        office.finish().await;
    }

    async fn a_model_is_told_no_more_of_people_than_the_tenant_wants(store) {
        let (office, model) = Office::new(store).scripted([vec![Step::Echo]]);
        let office = office.start().await;
        let tenant = office.db_tenant("fish", true, &[]).await;
        let ann = office.member(&tenant, "ann@example.com", "OWNER").await;
        let visitor = office.visitor();
        say(&visitor, "s", "I am vera@example.com").await;
        assert_eq!(model.asked()[0].messages, ["I am vera@example.com"]);
        let changed = ann.change("tenantUpdate", "tenant { maskPrompts revision }", json!({"maskPrompts": true})).await;
        assert_eq!(changed["tenant"], json!({"maskPrompts": true, "revision": 2}));
        let text = "Call +31 6 12345678 about order 10045678, or take it from NL91 ABNA 0417 1643 00 or 4111 1111 1111 1111.";
        say(&visitor, "s", text).await;
        office.settled().await;
        let asked = model.asked().pop().unwrap();
        assert_eq!(asked.messages, ["Call [phone] about order 10045678, or take it from [IBAN] or [card]."]);
        assert_eq!(asked.history[0].text, "I am [e-mail]");
        // People read what was written.
        let all = seen(&ann).await;
        assert_eq!(all[0]["messages"]["nodes"][2]["text"], text);
        assert_eq!(ann.data("{ viewer { tenant { maskPrompts } } }", json!({})).await["viewer"]["tenant"]["maskPrompts"], true);
        office.finish().await;
    }

    async fn who_is_not_there_is_neither_copied_nor_erased(store) {
        let office = Office::new(store).start().await;
        let tenant = office.db_tenant("fish", true, &[]).await;
        let (ann, bea) = (office.member(&tenant, "ann@example.com", "OWNER").await, office.member(&tenant, "bea@example.com", "AGENT").await);
        say(&office.visitor(), "s", "When does the shop open?").await;
        office.settled().await;
        let data = ann.data(SEEN, json!({})).await["viewer"]["tenant"].clone();
        let conversation = data["conversations"]["nodes"][0].clone();
        let nobody = URL_SAFE_NO_PAD.encode(format!("Visitor:{}:{}", tenant.public_id, TenantId::random()));
        for wrong in [json!(nobody), conversation["id"].clone(), json!("nonsense")] {
            refused(&ann.mutate("visitorErase", RECEIPT, json!({"visitor": wrong, "reason": "Asked for."})).await, "NOT_FOUND", "visitor");
            let refusal = ann.mutate("visitorExport", "receipt { uuid } document next", json!({"visitor": wrong})).await;
            refused(&refusal, "NOT_FOUND", "visitor");
            assert_eq!((&refusal["receipt"], &refusal["document"], &refusal["next"]), (&Value::Null, &Value::Null, &Value::Null));
        }
        // A server speaks for many, so it is nobody who could ask for this.
        let made = ann.change("apiKeyCreate", "secret", json!({"name": "Server", "permissions": ["chat.manage"]})).await;
        let server = Account::with(office.visitor().without_cookies(), made["secret"].as_str().unwrap());
        let opened = server.send(server.request(Method::POST, "/api/chat/session").json(&json!({}))).await;
        assert_eq!(opened.status, 201, "{}", opened.body);
        let seen = ann.data(SEEN, json!({})).await["viewer"]["tenant"]["conversations"]["nodes"].clone();
        let of_server = seen.as_array().unwrap().iter().find(|one| one["id"] != conversation["id"]).unwrap()["visitor"]["id"].clone();
        refused(&ann.mutate("visitorErase", RECEIPT, json!({"visitor": of_server, "reason": "Asked for."})).await, "INVALID", "visitor");
        refused(&ann.mutate("visitorExport", "receipt { uuid } document", json!({"visitor": of_server})).await, "INVALID", "visitor");
        let visitor = conversation["visitor"]["id"].clone();
        for reason in ["", " ", "a\nb", &"x".repeat(501)] {
            refused(&ann.mutate("visitorErase", RECEIPT, json!({"visitor": visitor, "reason": reason})).await, "INVALID", "reason");
        }
        let (query, variables) = mutation("visitorExport", "next", json!({"visitor": visitor, "after": "nonsense"}));
        assert_eq!(ann.ask(&query, variables).await.body["errors"][0]["extensions"]["code"], "CURSOR_INVALID");
        assert_eq!((receipts(&ann, "fish").await, erased(&office).await), (Vec::new(), 0));
        // Those who talk to visitors do not erase them.
        let (query, variables) = mutation("visitorErase", RECEIPT, json!({"visitor": visitor, "reason": "Asked for."}));
        assert_eq!(bea.ask(&query, variables).await.body["errors"][0]["extensions"]["code"], "NOT_ALLOWED");
        office.finish().await;
    }
}
