//! Trying a persona out: a question to a draft of it, outside every conversation.

use serde_json::{Value, json};

use super::tenants::{fish, refused};
use crate::harness::{
    actors::Account,
    app::Office,
    on_both_stores,
    upstream::{Upstream, answer},
};

const WANTED: &str =
    "preview { id turnId state question answer model name systemPrompt persona { name revision } sources { title } }";
const QUESTION: &str = "When does the shop open?";

async fn persona(account: &Account) -> Value {
    account.data("{ viewer { tenant { defaultPersona { id } } } }", json!({})).await["viewer"]["tenant"]["defaultPersona"]["id"]
        .clone()
}

async fn available(account: &Account) -> Value {
    account.data("{ viewer { tenant { credits { available held } } } }", json!({})).await["viewer"]["tenant"]["credits"].clone()
}

/// The charge of a preview, once it was metered.
async fn charged(account: &Account, preview: &Value) -> Value {
    let query = "query($id: ID!) { node(id: $id) { ... on PersonaPreview { state answer answeredAt charge { action credits promptTokens } } } }";
    crate::harness::eventually("the charge", async || {
        let node = account.data(query, json!({"id": preview["id"]})).await["node"].clone();
        node["charge"].is_object().then_some(node)
    })
    .await
}

on_both_stores! {
    async fn a_draft_answers_outside_every_conversation_and_is_charged_once(store) {
        let upstream = Upstream::start([answer(&["At nine. [1]"])]).await;
        let office = Office::new(store).asking(&upstream).start().await;
        let tenant = office.db_tenant("fish", true, &[("Opening hours", "The shop opens at nine and closes at six.")]).await;
        let ann = office.member(&tenant, "ann@example.com", "OWNER").await;
        let persona = persona(&ann).await;
        let input = json!({"persona": persona, "question": QUESTION, "name": "Eve", "systemPrompt": "Speak like a pirate.", "idempotencyKey": "p1"});
        let preview = ann.change("personaPreview", WANTED, input.clone()).await["preview"].clone();
        let expected = json!({
            "id": preview["id"], "turnId": preview["turnId"], "state": "ANSWERED", "question": QUESTION, "answer": "At nine. [1]", "model": "test-model",
            "name": "Eve", "systemPrompt": "Speak like a pirate.", "persona": {"name": "Ada", "revision": 1}, "sources": [{"title": "Opening hours"}],
        });
        assert_eq!(preview, expected);
        // The model was told the draft, and nothing was changed by that.
        let system = upstream.requests()[0].body["messages"][0]["content"].as_str().unwrap().to_owned();
        assert!(system.contains("Speak like a pirate.") && system.contains("Eve"), "{system}");
        // It is paid for as a visitor's answer is; asked again under its key it is neither asked nor paid for again.
        let node = charged(&ann, &preview).await;
        assert_eq!((&node["state"], &node["answer"], &node["charge"]["action"]), (&json!("ANSWERED"), &json!("At nine. [1]"), &json!("ANSWER_WRITTEN")));
        assert_eq!(available(&ann).await, json!({"available": "499", "held": "0"}));
        assert_eq!(ann.change("personaPreview", WANTED, input.clone()).await["preview"], expected);
        let mut other = input;
        other["question"] = json!("Something else?");
        refused(&ann.mutate("personaPreview", WANTED, other).await, "IDEMPOTENCY_KEY_REUSED", "idempotencyKey");
        assert_eq!(upstream.requests().len(), 1);
        // No conversation of the tenant's: not listed, not found, not counted as something visitors asked.
        let lists = "{ viewer { tenant { conversations { nodes { id } } portal: conversations(filter: {channel: PORTAL}) { nodes { id } } knowledgeCoverage { answered refused } } } }";
        let seen = ann.data(lists, json!({})).await["viewer"]["tenant"].clone();
        assert_eq!(seen, json!({"conversations": {"nodes": []}, "portal": {"nodes": []}, "knowledgeCoverage": {"answered": 0, "refused": 0}}));
        let session = office.database.db_texts("SELECT session_id AS value FROM conversations").await.pop().unwrap();
        assert_eq!(ann.get(&format!("/api/chat/history/{session}")).await.status, 404);
        let log = ann.data("{ auditLog(filter: {action: PERSONA_PREVIEWED}) { nodes { actor { kind } revision } } }", json!({})).await;
        assert_eq!(log["auditLog"]["nodes"].as_array().unwrap().len(), 1, "{log}");
        office.finish().await;
    }

    async fn who_does_not_wait_asks_later(store) {
        let (office, ann, _) = fish(store).await;
        let persona = persona(&ann).await;
        let preview = ann.change("personaPreview", WANTED, json!({"persona": persona, "question": "What is the meaning of life?", "waitSeconds": 0})).await["preview"].clone();
        let node = charged(&ann, &preview).await;
        // A refusal costs nothing.
        assert_eq!((&node["state"], &node["charge"]["credits"]), (&json!("REFUSED"), &json!("0")));
        assert_eq!(available(&ann).await, json!({"available": "500", "held": "0"}));
        // A visitor's question in another language is answered in it.
        let german = ann.change("personaPreview", WANTED, json!({"persona": persona, "question": "???", "locale": "de", "name": "Eva"})).await["preview"].clone();
        assert!(german["answer"].as_str().unwrap().contains("Eva") || german["state"] == "REFUSED", "{german}");
        office.finish().await;
    }

    async fn what_may_not_be_tried_is_said(store) {
        let (office, ann, _) = fish(store).await;
        let persona = persona(&ann).await;
        for (input, field) in [
            (json!({"question": " "}), "question"), (json!({"question": "x".repeat(8_001)}), "question"), (json!({"name": ""}), "name"),
            (json!({"tone": "x".repeat(501)}), "tone"), (json!({"description": "x".repeat(2_001)}), "description"), (json!({"systemPrompt": "x".repeat(8_001)}), "systemPrompt"),
            (json!({"locale": "xx"}), "locale"), (json!({"waitSeconds": 31}), "waitSeconds"), (json!({"idempotencyKey": ""}), "idempotencyKey"),
        ] {
            let mut full = json!({"persona": persona, "question": QUESTION});
            full.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
            refused(&ann.mutate("personaPreview", WANTED, full).await, "INVALID", field);
        }
        let tenant = ann.data("{ viewer { tenant { id } } }", json!({})).await["viewer"]["tenant"]["id"].clone();
        refused(&ann.mutate("personaPreview", WANTED, json!({"persona": tenant, "question": QUESTION})).await, "NOT_FOUND", "persona");
        // One that is archived answers nobody.
        let owner = office.owner().await;
        let pro = owner.change("tenantCreate", "tenant { id }", json!({"name": "Chips", "plan": "pro"})).await["tenant"]["id"].clone();
        let extra = owner.change("personaCreate", "persona { id }", json!({"tenant": pro, "name": "Second"})).await["persona"]["id"].clone();
        owner.change("personaArchive", "persona { id }", json!({"persona": extra})).await;
        refused(&owner.mutate("personaPreview", WANTED, json!({"persona": extra, "question": QUESTION})).await, "NOT_FOUND", "persona");
        assert_eq!(office.database.db_count("conversations", "true").await, 0);
        office.finish().await;
    }

    async fn without_credits_a_draft_says_so(store) {
        let (office, ann, owner) = fish(store).await;
        let tenant = ann.data("{ viewer { tenant { id } } }", json!({})).await["viewer"]["tenant"]["id"].clone();
        owner.change("tenantSuspend", "tenant { status }", json!({"tenant": tenant})).await;
        let preview = ann.change("personaPreview", WANTED, json!({"persona": persona(&ann).await, "question": QUESTION})).await["preview"].clone();
        assert_eq!((&preview["state"], preview["answer"].is_string()), (&json!("OUT_OF_CREDITS"), true));
        office.finish().await;
    }
}
