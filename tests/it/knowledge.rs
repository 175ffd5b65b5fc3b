//! What the assistant may say: written, approved, looked for, and what it lacks.

use std::time::Duration;

use serde_json::{Value, json};

use super::tenants::{codes, fish, refused};
use crate::harness::{app::Office, on_both_stores};

const ENTRY: &str = "entry { id title text state revision locale sourceUrl approvedAt updatedAt createdAt }";

on_both_stores! {
    async fn only_what_is_approved_is_said_and_as_it_was_approved(store) {
        let (office, ann, _) = fish(store).await;
        let ask = async |session: &str| office.visitor().post(json!({"message": "Do you have gift vouchers?", "business_id": "fish", "session_id": session})).await;
        let input = json!({"title": "Gift vouchers", "text": "We have gift vouchers of **20 euro**.", "sourceUrl": "https://fish.example/gifts", "idempotencyKey": "k"});
        let entry = ann.change("knowledgeEntryCreate", ENTRY, input.clone()).await["entry"].clone();
        assert_eq!((&entry["state"], &entry["revision"], &entry["locale"], &entry["approvedAt"]), (&json!("DRAFT"), &json!(1), &json!("en"), &Value::Null));
        assert_eq!(ann.change("knowledgeEntryCreate", "entry { id }", input).await["entry"]["id"], entry["id"], "the same key is the same entry");
        refused(&ann.mutate("knowledgeEntryCreate", ENTRY, json!({"title": "a", "text": "b", "idempotencyKey": "k"})).await, "IDEMPOTENCY_KEY_REUSED", "idempotencyKey");
        assert_eq!(ask("draft").await.text("status"), "refused");
        let change = async |name: &str, more: Value| {
            let mut input = more;
            input["entry"] = entry["id"].clone();
            ann.mutate(name, ENTRY, input).await
        };
        refused(&change("knowledgeEntryApprove", json!({"expectedRevision": 9})).await, "CONFLICT", "expectedRevision");
        let approved = change("knowledgeEntryApprove", json!({"expectedRevision": 1})).await;
        assert_eq!((codes(&approved), &approved["entry"]["state"], &approved["entry"]["revision"]), (vec![], &json!("APPROVED"), &json!(2)));
        let said = ask("approved").await;
        assert!(said.text("reply").contains("vouchers of 20 euro") && said.body["sources"][0]["url"] == "https://fish.example/gifts", "{}", said.body);
        // Changed, it is a draft again and not said; with `approve` it is said as it is now.
        let changed = change("knowledgeEntryUpdate", json!({"text": "We have gift vouchers of 25 euro.", "sourceUrl": null})).await;
        assert_eq!((&changed["entry"]["state"], &changed["entry"]["revision"], &changed["entry"]["sourceUrl"]), (&json!("DRAFT"), &json!(3), &Value::Null));
        assert_eq!(ask("changed").await.text("status"), "refused");
        let again = change("knowledgeEntryUpdate", json!({"text": "We have gift vouchers of 30 euro.", "approve": true, "expectedRevision": 3})).await;
        assert_eq!((&again["entry"]["state"], &again["entry"]["revision"]), (&json!("APPROVED"), &json!(5)));
        assert!(ask("again").await.text("reply").contains("30 euro"));
        // Nothing different is no change, and stays approved.
        assert_eq!(change("knowledgeEntryUpdate", json!({"title": "Gift vouchers"})).await["entry"]["revision"], 5);
        refused(&change("knowledgeEntryArchive", json!({"expectedRevision": 4})).await, "CONFLICT", "expectedRevision");
        assert_eq!(change("knowledgeEntryArchive", json!({})).await["entry"]["state"], "ARCHIVED");
        assert_eq!(ask("archived").await.text("status"), "refused");
        assert_eq!(change("knowledgeEntryApprove", json!({})).await["entry"]["state"], "APPROVED");
        assert!(ask("back").await.text("reply").contains("30 euro"));
        for (input, field) in [
            (json!({"title": " "}), "title"), (json!({"text": "# only a heading"}), "text"), (json!({"text": "x".repeat(100_001)}), "text"),
            (json!({"sourceUrl": "ftp://fish.example/"}), "sourceUrl"), (json!({"locale": "xx"}), "locale"),
        ] {
            refused(&change("knowledgeEntryUpdate", input.clone()).await, "INVALID", field);
            let mut new = json!({"title": "A", "text": "B"});
            new.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
            refused(&ann.mutate("knowledgeEntryCreate", ENTRY, new).await, "INVALID", field);
        }
        refused(&change("knowledgeEntryUpdate", json!({"expectedRevision": 1, "title": "x"})).await, "CONFLICT", "expectedRevision");
        let tenant = ann.data("{ viewer { tenant { id } } }", json!({})).await["viewer"]["tenant"]["id"].clone();
        for name in ["knowledgeEntryUpdate", "knowledgeEntryApprove", "knowledgeEntryArchive"] {
            refused(&ann.mutate(name, ENTRY, json!({"entry": tenant})).await, "NOT_FOUND", "entry");
        }
        refused(&ann.mutate("knowledgeEntryCreate", ENTRY, json!({"tenant": entry["id"], "title": "a", "text": "b"})).await, "NOT_FOUND", "tenant");
        // The log has every step, and nothing of what was written.
        let log = ann.data("{ auditLog { nodes { action fields revision } } }", json!({})).await;
        let steps: Vec<&str> = log["auditLog"]["nodes"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).filter(|action| action.starts_with("KNOWLEDGE")).collect();
        assert_eq!(steps, ["KNOWLEDGE_APPROVED", "KNOWLEDGE_ARCHIVED", "KNOWLEDGE_APPROVED", "KNOWLEDGE_UPDATED", "KNOWLEDGE_UPDATED", "KNOWLEDGE_APPROVED", "KNOWLEDGE_CREATED"]);
        office.settled().await;
        office.finish().await;
    }

    async fn a_plan_keeps_so_many_entries(store) {
        let (office, ann, _) = fish(store).await;
        let rest = "INSERT INTO knowledge_entries (id, tenant_id, title, text, locale, state, created_at)
            WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 98)
            SELECT {id}, e.tenant_id, 'Entry', 'Some text.', 'en', 'DRAFT', e.created_at FROM counted, knowledge_entries e WHERE e.title = 'Opening hours'";
        office.database.db_do(&rest.replace("{id}", match store { crate::harness::store::Store::Sqlite => "randomblob(16)", _ => "gen_random_uuid()" })).await;
        let last = ann.change("knowledgeEntryCreate", ENTRY, json!({"title": "The hundredth", "text": "It fits."})).await["entry"]["id"].clone();
        let full = ann.mutate("knowledgeEntryCreate", ENTRY, json!({"title": "One more", "text": "It does not."})).await;
        refused(&full, "LIMIT_REACHED", "tenant");
        assert_eq!(full["userErrors"][0]["message"], "The plan Starter has 100 knowledge entries, and 100 are kept. The plan Pro has 1000. Or archive some.");
        ann.change("knowledgeEntryArchive", ENTRY, json!({"entry": last})).await;
        ann.change("knowledgeEntryCreate", ENTRY, json!({"title": "One more", "text": "Now it does."})).await;
        refused(&ann.mutate("knowledgeEntryApprove", ENTRY, json!({"entry": last})).await, "LIMIT_REACHED", "entry");
        refused(&ann.mutate("knowledgeEntryUpdate", ENTRY, json!({"entry": last, "title": "Other", "approve": true})).await, "LIMIT_REACHED", "entry");
        let node = ann.data("query($id: ID!) { node(id: $id) { ... on KnowledgeEntry { title state } } }", json!({"id": last})).await;
        assert_eq!(node["node"], json!({"title": "The hundredth", "state": "ARCHIVED"}), "refused, nothing is changed");
        office.finish().await;
    }

    async fn entries_are_listed_by_state_language_and_text(store) {
        let (office, ann, _) = fish(store).await;
        for (title, text, locale) in [("Vis", "Verse vis.", "nl"), ("Prices", "Cod costs 12 euro; 100% fresh.", "en"), ("Parking_place", "Behind the shop.", "en")] {
            ann.change("knowledgeEntryCreate", ENTRY, json!({"title": title, "text": text, "locale": locale})).await;
        }
        let found = async |filter: Value| {
            let data = ann.data("query($f: KnowledgeFilter) { viewer { tenant { knowledge(filter: $f) { nodes { title } } } } }", json!({"f": filter})).await;
            let nodes = data["viewer"]["tenant"]["knowledge"]["nodes"].as_array().unwrap().clone();
            nodes.iter().map(|entry| entry["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(found(json!({})).await, "Parking_place, Prices, Vis, Opening hours");
        assert_eq!(found(json!({"state": "APPROVED"})).await, "Opening hours");
        assert_eq!(found(json!({"locale": "nl"})).await, "Vis");
        assert_eq!(found(json!({"text": "SHOP"})).await, "Parking_place, Opening hours");
        assert_eq!(found(json!({"text": "100%"})).await, "Prices");
        assert_eq!(found(json!({"text": "_"})).await, "Parking_place");
        assert_eq!(found(json!({"text": "a\u{0}b"})).await, "");
        let wrong = ann.ask("{ viewer { tenant { knowledge(filter: {locale: \"xx\"}) { nodes { id } } } } }", json!({})).await;
        assert_eq!(wrong.body["errors"][0]["extensions"]["code"], "INPUT_INVALID");
        office.finish().await;
    }

    async fn a_search_says_why(store) {
        let (office, ann, _) = fish(store).await;
        let query = "query($q: String!, $l: String) { viewer { tenant { knowledgeSearch(question: $q, locale: $l) { title score relevant needed quotation titleBonus tellingPairBonus otherLanguage terms { term weight likeness } } } } }";
        let search = async |question: &str, locale: Option<&str>| ann.data(query, json!({"q": question, "l": locale})).await["viewer"]["tenant"]["knowledgeSearch"].clone();
        let found = search("When does the shop open?", None).await;
        assert_eq!((&found[0]["title"], &found[0]["relevant"], &found[0]["otherLanguage"]), (&json!("Opening hours"), &json!(true), &json!(false)));
        assert!(found[0]["quotation"].as_str().unwrap().contains("opens at nine"));
        let terms: Vec<&str> = found[0]["terms"].as_array().unwrap().iter().map(|term| term["term"].as_str().unwrap()).collect();
        assert_eq!(terms, ["shop", "open"]);
        assert_eq!(found[0]["terms"][1]["likeness"], 1000);
        // What does not answer is shown all the same, with what it lacks.
        let weak = search("Can I pay in the shop with crypto tomorrow evening?", None).await;
        assert_eq!((&weak[0]["title"], &weak[0]["relevant"]), (&json!("Opening hours"), &json!(false)));
        assert!(weak[0]["score"].as_i64() < weak[0]["needed"].as_i64());
        assert!(weak[0]["terms"].as_array().unwrap().iter().any(|term| term["likeness"] == 0));
        assert_eq!(search("When does the shop open?", Some("nl")).await[0]["otherLanguage"], true);
        assert_eq!(search("xyzzy", None).await, json!([]));
        for (question, locale) in [("", None), ("hi", Some("xx"))] {
            let wrong = ann.ask(query, json!({"q": question, "l": locale})).await;
            assert_eq!(wrong.body["errors"][0]["extensions"]["code"], "INPUT_INVALID", "{}", wrong.body);
        }
        office.finish().await;
    }

    async fn what_was_refused_is_put_together_most_asked_first(store) {
        let (office, ann, _) = fish(store).await;
        let mut number = 0;
        for question in ["Is there a car park?", "Do you deliver to Mars?", "Is there a CAR PARK", "When does the shop open?", "is a car park there?"] {
            number += 1;
            office.visitor().post(json!({"message": question, "business_id": "fish", "session_id": format!("s{number}")})).await;
            office.clock.advance(Duration::from_secs(60));
        }
        office.settled().await;
        let query = "query($from: DateTime, $to: DateTime) { viewer { tenant { knowledgeCoverage(from: $from, to: $to) { answered refused cut gaps { count question others locale lastAskedAt conversation } } } } }";
        let seen = ann.data(query, json!({})).await["viewer"]["tenant"]["knowledgeCoverage"].clone();
        assert_eq!((&seen["answered"], &seen["refused"], &seen["cut"]), (&json!(1), &json!(4), &json!(false)));
        assert_eq!((&seen["gaps"][0]["count"], &seen["gaps"][0]["question"], &seen["gaps"][0]["others"]), (&json!(3), &json!("is a car park there?"), &json!(["Is there a CAR PARK", "Is there a car park?"])));
        assert_eq!((&seen["gaps"][1]["question"], &seen["gaps"][1]["lastAskedAt"]), (&json!("Do you deliver to Mars?"), &json!("2026-11-22T12:01:00.000000Z")));
        let conversation = ann.data("query($id: ID!) { conversation(id: $id) { sessionId } }", json!({"id": seen["gaps"][1]["conversation"]})).await;
        assert_eq!(conversation["conversation"]["sessionId"], "s2");
        let early = ann.data(query, json!({"to": "2026-11-22T12:01:30Z"})).await["viewer"]["tenant"]["knowledgeCoverage"].clone();
        assert_eq!((&early["refused"], early["gaps"].as_array().unwrap().len()), (&json!(2), 2));
        for wrong in [json!({"from": "2026-11-22T12:00:00Z", "to": "2026-11-22T12:00:00Z"}), json!({"from": "2024-11-22T12:00:00Z"})] {
            assert_eq!(ann.ask(query, wrong).await.body["errors"][0]["extensions"]["code"], "INPUT_INVALID");
        }
        office.finish().await;
    }

    async fn a_tenant_of_nothing_has_no_gaps(store) {
        let office = Office::new(store).start().await;
        let owner = office.owner().await;
        let seen = owner.data("{ tenant(slug: \"office16852-platform\") { knowledgeCoverage { answered refused gaps { count } } } }", json!({})).await;
        assert_eq!(seen["tenant"]["knowledgeCoverage"], json!({"answered": 0, "refused": 0, "gaps": []}));
        office.finish().await;
    }
}
