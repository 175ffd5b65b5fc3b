//! Operators talk: to the assistant in conversations of their own, and as persons in those of visitors.

use frontoffice_worker::model::scripted::{Gate, Step};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::tenants::fish;
use crate::harness::{
    actors::{Account, Response},
    app::Office,
    eventually, on_both_stores,
};

async fn post(who: &Account, path: &str, body: Value) -> Response {
    who.send(who.request(Method::POST, path).json(&body)).await
}

async fn session(who: &Account, body: Value) -> String {
    let opened = post(who, "/api/chat/session", body).await;
    assert_eq!(opened.status, StatusCode::CREATED, "{}", opened.body);
    opened.text("session_id").to_owned()
}

async fn say(who: &Account, session: &str, text: &str) -> Response {
    post(who, "/api/chat/message", json!({"session_id": session, "message": text})).await
}

const SEEN: &str = "{ viewer { tenant { conversations(orderBy: CREATED) { nodes { sessionId channel state title messages { nodes { role text } } } } } } }";

on_both_stores! {
    async fn the_assistant_answers_an_operator_in_a_session_of_their_own(store) {
        let (office, ann, owner) = fish(store).await;
        let own = session(&ann, json!({"title": " Trying it "})).await;
        let answer = say(&ann, &own, "When does the shop open?").await;
        assert_eq!((answer.status.as_u16(), answer.text("status"), answer.text("session_id")), (200, "answered", own.as_str()), "{}", answer.body);
        assert!(answer.text("reply").contains("opens at nine") && answer.body["notice"].is_string());
        // As every chat answer: streamed, later, once under a key.
        let streamed = ann.request(Method::POST, "/api/chat/message").header("accept", "text/event-stream").json(&json!({"session_id": own, "message": "When does the shop close?"}));
        let text = streamed.send().await.unwrap().text().await.unwrap();
        assert!(text.contains("event: done") && text.contains("closes at six"), "{text}");
        let keyed = json!({"session_id": own, "message": "Where is it?", "client_message_id": "k1"});
        let first = post(&ann, "/api/chat/message", keyed.clone()).await;
        assert_eq!(post(&ann, "/api/chat/message", keyed).await.body, first.body);
        post(&ann, "/api/chat/message", json!({"session_id": own, "message": "Something else", "client_message_id": "k1"})).await.assert_problem(409, "idempotency_key_reused");
        let later = ann.send(ann.request(Method::POST, "/api/chat/message").header("prefer", "respond-async").json(&json!({"session_id": own, "message": "When does the shop open?"}))).await;
        let events_url = format!("/api/chat/turns/{}/events", later.text("turn_id"));
        office.settled().await;
        let events = ann.request(Method::GET, &events_url).send().await.unwrap().text().await.unwrap();
        assert!(events.contains("event: done"), "{events}");
        // Nobody else's: a visitor who knows the turn or the id, or a colleague, who speaks as a person.
        let stranger = office.visitor();
        stranger.get(&events_url).await.assert_problem(404, "turn_unknown");
        let page = stranger.get(&format!("/api/chat/conversation/history?business_id=fish&session_id={own}")).await;
        page.assert_problem(404, "session_unknown");
        let seen = ann.data(SEEN, json!({})).await["viewer"]["tenant"]["conversations"]["nodes"][0].clone();
        assert_eq!((&seen["channel"], &seen["state"], &seen["title"]), (&json!("PORTAL"), &json!("AI"), &json!("Trying it")));
        // A tenant's server, and who works for the platform, in its own tenant unless another is named.
        let made = ann.change("apiKeyCreate", "secret", json!({"name": "Server", "permissions": ["chat.manage"]})).await;
        let server = Account::with(office.visitor().without_cookies(), made["secret"].as_str().unwrap());
        let of_server = session(&server, json!({})).await;
        assert_eq!(say(&server, &of_server, "When does the shop open?").await.text("status"), "answered");
        assert_eq!(ann.data(SEEN, json!({})).await["viewer"]["tenant"]["conversations"]["nodes"][0]["channel"], "API");
        let of_owner = session(&owner, json!({})).await;
        assert_eq!(say(&owner, &of_owner, "Where is the data stored?").await.text("status"), "answered");
        say(&ann, &of_owner, "hi").await.assert_problem(404, "session_unknown");
        let elsewhere = session(&owner, json!({"business_id": "fish"})).await;
        let asked = json!({"session_id": elsewhere, "message": "When does the shop open?", "business_id": "fish"});
        assert_eq!(post(&owner, "/api/chat/message", asked).await.text("status"), "answered");
        office.finish().await;
    }

    async fn in_a_visitors_conversation_an_operator_speaks_as_a_person(store) {
        let (office, ann, _) = fish(store).await;
        let visitor = office.visitor();
        let asked = visitor.post(json!({"message": "When does the shop open?", "business_id": "fish"})).await;
        let theirs = asked.text("session_id").to_owned();
        office.settled().await;
        let body = json!({"session_id": theirs, "message": "I am a person.", "client_message_id": "k1"});
        let said = post(&ann, "/api/chat/message", body.clone()).await;
        assert_eq!((said.status.as_u16(), said.text("status"), &said.body["reply"], &said.body["ai"]), (200, "human", &Value::Null, &json!(false)), "{}", said.body);
        assert_eq!(post(&ann, "/api/chat/message", body).await.body, said.body);
        let other = json!({"session_id": theirs, "message": "I am two.", "client_message_id": "k1"});
        post(&ann, "/api/chat/message", other).await.assert_problem(409, "idempotency_key_reused");
        let page = visitor.get("/api/chat/conversation/history?business_id=fish").await;
        assert_eq!((page.text("state"), &page.body["messages"][0]["text"], &page.body["messages"][0]["role"]), ("HUMAN", &json!("I am a person."), &json!("agent")));
        assert_eq!(page.body["messages"][0]["message_id"], said.body["message_id"]);
        assert_eq!(page.body["messages"].as_array().unwrap().len(), 4);
        // A name that several visitors chose names nobody.
        for number in 0..2 {
            let first = office.visitor();
            first.post(json!({"message": "hello", "business_id": "fish", "session_id": format!("own{number}")})).await;
            first.post(json!({"message": "hello", "business_id": "fish", "session_id": "shared"})).await;
        }
        office.settled().await;
        say(&ann, "shared", "hi").await.assert_problem(409, "session_ambiguous");
        assert_eq!(say(&ann, "own1", "hi").await.text("status"), "human");
        office.finish().await;
    }

    async fn what_operators_may_not_is_refused(store) {
        let (office, ann, owner) = fish(store).await;
        let own = session(&ann, json!({})).await;
        let nobody = office.visitor().without_cookies();
        for path in ["/api/chat/session", "/api/chat/message"] {
            let refused = nobody.send(nobody.request(Method::POST, path).json(&json!({"session_id": own, "message": "hi"}))).await;
            refused.assert_problem(401, "not_signed_in");
            assert!(refused.text("detail").contains("`POST /api/chat`"), "{}", refused.body);
        }
        let made = ann.change("apiKeyCreate", "secret", json!({"name": "Reader", "permissions": ["chat.read"]})).await;
        let reader = Account::with(office.visitor().without_cookies(), made["secret"].as_str().unwrap());
        post(&reader, "/api/chat/session", json!({})).await.assert_problem(403, "not_allowed");
        say(&reader, &own, "hi").await.assert_problem(403, "not_allowed");
        say(&ann, "nobody", "hi").await.assert_problem(404, "session_unknown");
        post(&owner, "/api/chat/session", json!({"business_id": "nobody"})).await.assert_problem(404, "business_unknown");
        for wrong in [json!({"message": "hi"}), json!({"session_id": own}), json!({"session_id": own, "message": " "}), json!({"session_id": own, "message": "x".repeat(8_001)})] {
            post(&ann, "/api/chat/message", wrong).await.assert_problem(422, "validation_failed");
        }
        let theirs = owner.data("{ tenant(slug: \"office16852-platform\") { defaultPersona { uuid } } }", json!({})).await["tenant"]["defaultPersona"]["uuid"].clone();
        for wrong in [json!({"persona_id": "Bob"}), json!({"persona_id": theirs}), json!({"title": "x".repeat(201)}), json!({"title": " "}), json!({"business_id": 7})] {
            post(&ann, "/api/chat/session", wrong).await.assert_problem(422, "validation_failed");
        }
        assert_eq!(office.database.db_count("conversations", "true").await, 1, "nothing was made");
        office.finish().await;
    }

    async fn an_operator_asks_a_persona_of_their_choice_and_stops_it(store) {
        let gate = Gate::default();
        let (office, model) = Office::new(store).scripted([vec![Step::Say("half of ".into()), Step::Gate(gate.clone()), Step::Answer]]);
        let office = office.start().await;
        let owner = office.owner().await;
        let made = owner.change("personaCreate", "persona { uuid }", json!({"name": "Eve", "tone": "Dry."})).await;
        let own = session(&owner, json!({"persona_id": made["persona"]["uuid"]})).await;
        let pending = owner.send(owner.request(Method::POST, "/api/chat/message").header("prefer", "respond-async").json(&json!({"session_id": own, "message": "tell me"}))).await;
        eventually("the first words", async || (office.database.db_count("turns", "speaking_at IS NOT NULL").await == 1).then_some(())).await;
        let stopped = post(&owner, &format!("/api/chat/turns/{}/stop", pending.text("turn_id")), json!({})).await;
        assert_eq!((stopped.text("status"), stopped.text("reply"), &stopped.body["persona"]), ("stopped", "half of ", &json!({"name": "Eve"})), "{}", stopped.body);
        assert_eq!(model.asked()[0].persona.name, "Eve");
        office.finish().await;
    }
}
