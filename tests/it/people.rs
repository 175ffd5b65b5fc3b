//! People in the loop: they are asked for, take over, answer, and give it back; visitors stop answers, say what they think, leave an address.

use std::time::Duration;

use frontoffice_worker::model::scripted::{Gate, Scripted, Step};
use reqwest::Method;
use serde_json::{Value, json};

use super::tenants::{fish, refused};
use crate::harness::{
    actors::{Account, Listening, Response, Visitor},
    app::{Office, TestApp},
    eventually, on_both_stores,
    store::Store,
};

/// A visitor, and what their client calls the conversation. Whoever brings no cookie is known by that.
#[derive(Clone)]
struct Guest(Visitor, &'static str);

impl Guest {
    fn named(&self) -> String {
        format!("business_id=fish&session_id={}", self.1)
    }

    fn message(&self, text: &str) -> Value {
        json!({"message": text, "business_id": "fish", "session_id": self.1})
    }
}

async fn say(visitor: &Guest, text: &str) -> Response {
    visitor.0.post(visitor.message(text)).await
}

/// Does something in the visitor's conversation.
async fn act(visitor: &Guest, what: &str, mut body: Value) -> Response {
    body["business_id"] = json!("fish");
    body["session_id"] = json!(visitor.1);
    visitor.0.send(visitor.0.request(Method::POST, &format!("/api/chat/{what}")).json(&body)).await
}

async fn listen(visitor: &Guest, last: &str) -> Listening {
    let request = visitor.0.request(Method::GET, &format!("/api/chat/conversation/events?{}", visitor.named()));
    Listening::to(if last.is_empty() { request } else { request.header("last-event-id", last) }).await
}

async fn history(visitor: &Guest) -> Vec<Value> {
    let page = visitor.0.get(&format!("/api/chat/conversation/history?{}", visitor.named())).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let mut messages = page.body["messages"].as_array().unwrap().clone();
    messages.reverse();
    messages
}

const SEEN: &str = "{ viewer { tenant { conversations(orderBy: CREATED) { nodes { id state waitingSince overdueAt contactEmail rating ratingComment \
    assignee { name } messages { nodes { role status text rating author { kind } } } turns { nodes { state answer } } } } } } }";

async fn seen(agent: &Account) -> Value {
    agent.data(SEEN, json!({})).await["viewer"]["tenant"]["conversations"]["nodes"][0].clone()
}

fn roles(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["role"].as_str().unwrap()).collect()
}

/// A business whose model plays scripts.
async fn scripted(store: Store, scripts: Vec<Vec<Step>>) -> (TestApp, Account, Scripted) {
    let (office, model) = Office::new(store).scripted(scripts);
    let office = office.start().await;
    let tenant = office.db_tenant("fish", true, &[]).await;
    let ann = office.member(&tenant, "ann@example.com", "OWNER").await;
    (office, ann, model)
}

/// Says something and waits until the first words of the answer were said.
async fn half_said(office: &TestApp, visitor: &Guest) -> String {
    let pending = visitor.0.drop_off(visitor.message("tell me")).await;
    eventually("the first words", async || {
        (office.database.db_count("turns", "speaking_at IS NOT NULL").await == 1).then_some(())
    })
    .await;
    pending.text("turn_id").to_owned()
}

on_both_stores! {
    async fn a_person_is_asked_for_takes_over_answers_and_gives_it_back(store) {
        let (office, ann, _) = fish(store).await;
        let visitor = Guest(office.visitor(), "s");
        assert_eq!(say(&visitor, "When does the shop open?").await.text("status"), "answered");
        office.settled().await;
        let mut heard = listen(&visitor, "").await;
        let standing = heard.next().await;
        assert_eq!((standing.name.as_str(), standing.id.as_str(), &standing.data["state"]), ("state", "2", &json!("AI")));
        // Asked for once, however often one asks.
        let asked = act(&visitor, "conversation/handoff", json!({})).await;
        assert_eq!((asked.status.as_u16(), asked.text("state")), (200, "HANDOFF_REQUESTED"), "{}", asked.body);
        assert!(asked.body["waiting_since"].is_string());
        assert_eq!(act(&visitor, "conversation/handoff", json!({})).await.body, asked.body);
        let told = heard.next().await;
        assert_eq!((told.name.as_str(), told.id.as_str(), &told.data["role"]), ("message", "3", &json!("system")));
        assert!(told.data["text"].as_str().unwrap().starts_with("I have asked a colleague"), "{}", told.data);
        assert_eq!(heard.next().await.data["state"], "HANDOFF_REQUESTED");
        // The assistant goes on until somebody comes.
        assert_eq!(say(&visitor, "When does the shop close?").await.text("status"), "answered");
        office.settled().await;
        let conversation = seen(&ann).await;
        assert_eq!((&conversation["state"], conversation["waitingSince"].is_string(), &conversation["overdueAt"]), (&json!("HANDOFF_REQUESTED"), true, &Value::Null));
        let id = conversation["id"].clone();
        let taken = ann.change("conversationTakeOver", "conversation { state assignee { name } waitingSince }", json!({"conversation": id})).await;
        assert_eq!(taken["conversation"]["state"], "HUMAN");
        assert_eq!(taken["conversation"]["assignee"]["name"], "Somebody");
        assert!(taken["conversation"]["waitingSince"].is_string(), "nobody has answered yet");
        ann.change("conversationTakeOver", "conversation { state }", json!({"conversation": id})).await;
        heard.until("state").await;
        // The assistant is silent; what the person says is heard live, once under its key.
        let human = say(&visitor, "Are you there?").await;
        assert_eq!((human.status.as_u16(), human.text("status"), &human.body["reply"], &human.body["ai"]), (200, "human", &Value::Null, &json!(false)));
        let reply = json!({"conversation": id, "text": "Yes. How can I help?", "idempotencyKey": "k1"});
        let wanted = "message { text role status author { kind name } } conversation { waitingSince overdueAt }";
        let said = ann.change("conversationReply", wanted, reply.clone()).await;
        assert_eq!(said["message"], json!({"text": "Yes. How can I help?", "role": "AGENT", "status": "SENT", "author": {"kind": "MEMBER", "name": "Somebody"}}));
        assert_eq!(said["conversation"], json!({"waitingSince": null, "overdueAt": null}));
        assert_eq!(ann.change("conversationReply", wanted, reply).await["message"], said["message"]);
        let other = json!({"conversation": id, "text": "Something else", "idempotencyKey": "k1"});
        refused(&ann.mutate("conversationReply", wanted, other).await, "IDEMPOTENCY_KEY_REUSED", "idempotencyKey");
        loop {
            let event = heard.until("message").await;
            if event.data["role"] == "agent" {
                assert_eq!((&event.data["text"], event.data.get("model")), (&json!("Yes. How can I help?"), None));
                assert_eq!((&event.data["agent"], event.data.get("persona")), (&json!({"name": "Somebody"}), None));
                break;
            }
        }
        for text in ["", " \n", &"x".repeat(8_001)] {
            refused(&ann.mutate("conversationReply", wanted, json!({"conversation": id, "text": text})).await, "INVALID", "text");
        }
        // Given back, the assistant answers, and knows what was said.
        assert_eq!(ann.change("conversationGiveBack", "conversation { state }", json!({"conversation": id})).await["conversation"]["state"], "AI");
        ann.change("conversationGiveBack", "conversation { state }", json!({"conversation": id})).await;
        assert_eq!(say(&visitor, "When does the shop open?").await.text("status"), "answered");
        office.settled().await;
        let all = history(&visitor).await;
        assert_eq!(roles(&all), ["visitor", "assistant", "system", "visitor", "assistant", "system", "visitor", "agent", "system", "visitor", "assistant"]);
        assert_eq!((&all[7]["agent"], all[6].get("agent"), all[5].get("agent"), all[1].get("agent")), (&json!({"name": "Somebody"}), None, None, None));
        assert_eq!(all.iter().map(|message| message["sequence"].as_i64().unwrap()).collect::<Vec<_>>(), (1..=11).collect::<Vec<_>>());
        // Whoever listens again misses nothing and is told nothing twice, wherever it was cut, also at another process.
        let mut other = Office::new(store).on(&office.database).idle().start().await;
        let elsewhere = Guest(other.visitor(), "s");
        for cut in 0..all.len() {
            let mut again = listen(if cut % 2 == 0 { &visitor } else { &elsewhere }, &cut.to_string()).await;
            assert_eq!(again.next().await.name, "state");
            for message in &all[cut..] {
                let event = again.next().await;
                assert_eq!((event.name.as_str(), &event.data, event.id), ("message", message, message["sequence"].to_string()));
            }
        }
        other.stop().await;
        for name in ["conversationTakeOver", "conversationGiveBack"] {
            let stranger = json!({"conversation": ann.data("{ viewer { tenant { id } } }", json!({})).await["viewer"]["tenant"]["id"]});
            refused(&ann.mutate(name, "conversation { id }", stranger).await, "NOT_FOUND", "conversation");
        }
        let log = ann.data("{ auditLog { nodes { action } } }", json!({})).await;
        let done: Vec<&str> = log["auditLog"]["nodes"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).filter(|action| action.starts_with("CONVERSATION")).collect();
        assert_eq!(done, ["CONVERSATION_GIVEN_BACK", "CONVERSATION_REPLIED", "CONVERSATION_TAKEN_OVER"]);
        office.finish().await;
    }

    async fn who_asks_for_a_person_before_saying_anything_has_a_conversation(store) {
        let (office, ann, _) = fish(store).await;
        for (language, locale) in [("en", "en"), ("nl", "nl"), ("de", "de"), ("es", "es"), ("it", "it"), ("pl", "pl"), ("pt-BR", "pt-BR"), ("ja", "ja"), ("fr", "fr")] {
            let visitor = office.visitor();
            let request = visitor.request(Method::POST, "/api/chat/conversation/handoff").header("accept-language", language).json(&json!({"business_id": "fish"}));
            let asked = visitor.send(request).await;
            assert_eq!(asked.text("state"), "HANDOFF_REQUESTED", "{}", asked.body);
            // The cookie it set says who that was, and the newest conversation is meant.
            let page = visitor.get("/api/chat/conversation/history?business_id=fish").await;
            assert_eq!(page.body["session_id"], asked.body["session_id"]);
            let words = page.body["messages"][0]["text"].as_str().unwrap();
            assert_eq!(words.starts_with("I have asked"), locale == "en", "{locale}: {words}");
            assert!(!words.contains("person-asked"), "{locale}: {words}");
        }
        assert_eq!(seen(&ann).await["state"], "HANDOFF_REQUESTED");
        office.finish().await;
    }

    async fn a_person_who_takes_over_silences_the_answer_that_is_being_made(store) {
        let gate = Gate::default();
        let (office, ann, model) = scripted(store, vec![vec![Step::Say("half of ".into()), Step::Gate(gate.clone()), Step::Say("it".into()), Step::Answer], vec![Step::Echo]]).await;
        let visitor = Guest(office.visitor(), "s");
        let streaming = {
            let request = visitor.0.chat(&visitor.message("tell me"));
            let visitor = visitor.0.clone();
            tokio::spawn(async move { visitor.events(request).await })
        };
        eventually("the first words", async || (office.database.db_count("turns", "speaking_at IS NOT NULL").await == 1).then_some(())).await;
        let id = seen(&ann).await["id"].clone();
        ann.change("conversationReply", "message { id }", json!({"conversation": id, "text": "I take this one."})).await;
        let events = streaming.await.unwrap();
        let names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
        assert_eq!(names, ["accepted", "delta", "reset", "done"], "what was heard is void");
        let done = &events[3].data;
        assert_eq!((&done["status"], &done["reply"], &done["ai"]), (&json!("human"), &Value::Null, &json!(false)));
        office.settled().await;
        gate.open();
        let now = seen(&ann).await;
        assert_eq!(now["turns"]["nodes"], json!([{"state": "HUMAN", "answer": null}]));
        assert_eq!(roles(&history(&visitor).await), ["visitor", "system", "agent"]);
        assert_eq!(model.asked().len(), 1);
        // Nothing is held, and nothing was charged.
        assert_eq!(office.database.db_count("credit_holds", "settled_at IS NULL").await, 0);
        assert_eq!(office.database.db_count("credit_entries", "kind = 'capture'").await, 0);
        office.finish().await;
    }

    async fn who_waits_too_long_is_told_so_and_flagged_once(store) {
        let (office, ann, _) = fish(store).await;
        let visitor = Guest(office.visitor(), "s");
        ann.change("tenantUpdate", "tenant { waitSeconds }", json!({"waitSeconds": 60})).await;
        for wrong in [29, 86_401, -1] {
            refused(&ann.mutate("tenantUpdate", "tenant { waitSeconds }", json!({"waitSeconds": wrong})).await, "INVALID", "waitSeconds");
        }
        act(&visitor, "conversation/handoff", json!({})).await;
        office.advance(Duration::from_secs(59));
        office.settled().await;
        assert_eq!(seen(&ann).await["overdueAt"], Value::Null);
        office.advance(Duration::from_secs(1));
        let overdue = async || (!seen(&ann).await["overdueAt"].is_null()).then_some(());
        eventually("the flag", overdue).await;
        let late = history(&visitor).await.pop().unwrap();
        assert!(late["role"] == "system" && late["text"].as_str().unwrap().contains("longer than usual"), "{late}");
        let listed = "query($f: ConversationFilter) { viewer { tenant { conversations(filter: $f) { nodes { id } } } } }";
        for (wanted, count) in [(true, 1), (false, 0)] {
            let found = ann.data(listed, json!({"f": {"overdue": wanted}})).await;
            assert_eq!(found["viewer"]["tenant"]["conversations"]["nodes"].as_array().unwrap().len(), count);
        }
        // An answer ends the waiting; what the visitor says to a person begins it anew.
        let id = seen(&ann).await["id"].clone();
        ann.change("conversationReply", "message { id }", json!({"conversation": id, "text": "Here I am."})).await;
        office.advance(Duration::from_secs(600));
        office.settled().await;
        assert_eq!(seen(&ann).await["overdueAt"], Value::Null);
        assert_eq!(say(&visitor, "Good. And now?").await.text("status"), "human");
        office.advance(Duration::from_secs(30));
        say(&visitor, "Hello?").await;
        office.advance(Duration::from_secs(30));
        eventually("the flag", overdue).await;
        assert_eq!(history(&visitor).await.iter().filter(|message| message["text"].as_str().unwrap().contains("longer than usual")).count(), 2);
        assert_eq!(ann.change("conversationResolve", "conversation { waitingSince overdueAt }", json!({"conversation": id})).await["conversation"], json!({"waitingSince": null, "overdueAt": null}));
        office.finish().await;
    }

    async fn while_nobody_is_there_the_visitor_is_told_and_time_does_not_count(store) {
        let (office, ann, _) = fish(store).await;
        let visitor = Guest(office.visitor(), "s");
        // It is Sunday noon; people come back on Monday at nine, which is eight o'clock UTC.
        let hours = json!({"timeZone": "Europe/Amsterdam", "week": [{"day": "MONDAY", "from": "09:00", "to": "17:00"}]});
        ann.change("tenantUpdate", "tenant { id }", json!({"officeHours": hours})).await;
        act(&visitor, "conversation/handoff", json!({})).await;
        let told = |message: &Value, what: &str| assert!(message["role"] == "system" && message["text"].as_str().unwrap().contains(what), "{message}");
        told(&history(&visitor).await[0], "Nobody of our team is here right now");
        ann.change("tenantUpdate", "tenant { id }", json!({"awayText": "We fish on Sundays."})).await;
        // Two questions that nothing answers ask for a person too.
        let other = Guest(office.visitor(), "t");
        say(&other, "Do you deliver to Mars?").await;
        let handed = say(&other, "And to the moon?").await;
        assert_eq!(handed.text("status"), "handed_off", "{}", handed.body);
        told(&history(&other).await[4], "We fish on Sundays.");
        office.advance(Duration::from_secs(20 * 3_600 + 299));
        office.settled().await;
        assert_eq!(office.database.db_count("conversations", "overdue_at IS NOT NULL").await, 0);
        office.advance(Duration::from_secs(1));
        eventually("both flags", async || (office.database.db_count("conversations", "overdue_at IS NOT NULL").await == 2).then_some(())).await;
        office.finish().await;
    }

    async fn a_visitor_stops_an_answer_and_keeps_what_was_written(store) {
        let gate = Gate::default();
        let (office, ann, model) = scripted(store, vec![vec![Step::Say("half of ".into()), Step::Gate(gate.clone()), Step::Answer], vec![Step::Echo]]).await;
        let visitor = Guest(office.visitor(), "s");
        let turn = half_said(&office, &visitor).await;
        let another = say(&visitor, "and this");
        let (another, stopped) = tokio::join!(another, async {
            eventually("a turn behind", async || (office.database.db_count("turns", "state = 'waiting'").await == 1).then_some(())).await;
            let stranger = Guest(office.visitor(), "t");
            act(&stranger, &format!("turns/{turn}/stop"), json!({})).await.assert_problem(404, "turn_unknown");
            act(&visitor, &format!("turns/{turn}/stop"), json!({})).await
        });
        assert_eq!((stopped.status.as_u16(), stopped.text("status"), stopped.text("reply")), (200, "stopped", "half of "), "{}", stopped.body);
        assert_eq!(act(&visitor, &format!("turns/{turn}/stop"), json!({})).await.body, stopped.body);
        assert_eq!((another.text("status"), another.text("reply")), ("answered", "and this"), "the one that waited has its turn");
        office.settled().await;
        let all = seen(&ann).await;
        assert_eq!(all["turns"]["nodes"].as_array().unwrap().iter().map(|turn| turn["state"].as_str().unwrap()).collect::<Vec<_>>(), ["STOPPED", "ANSWERED"]);
        assert_eq!(all["messages"]["nodes"][2]["status"], "STOPPED");
        assert_eq!(model.asked().len(), 2);
        // It is charged for what was written.
        assert_eq!(office.database.db_count("credit_charges", "completion_tokens = 3 AND estimated").await, 1);
        assert_eq!(office.database.db_count("credit_holds", "settled_at IS NULL").await, 0);
        office.finish().await;
    }

    async fn an_answer_that_was_stopped_before_its_first_word_costs_nothing(store) {
        let gate = Gate::default();
        let (office, ann, model) = scripted(store, vec![vec![Step::Gate(gate.clone()), Step::Say("never".into()), Step::Answer], vec![Step::Echo]]).await;
        let visitor = Guest(office.visitor(), "s");
        let pending = visitor.0.drop_off(visitor.message("tell me")).await;
        let turn = pending.text("turn_id");
        eventually("the model to be asked", async || (model.asked().len() == 1).then_some(())).await;
        let stopped = act(&visitor, &format!("turns/{turn}/stop"), json!({})).await;
        assert_eq!((stopped.text("status"), &stopped.body["reply"], stopped.text("turn_id")), ("stopped", &Value::Null, turn), "{}", stopped.body);
        let events = visitor.0.events(visitor.0.request(Method::GET, &format!("/api/chat/turns/{turn}/events?{}", visitor.named()))).await;
        assert_eq!(events.last().unwrap().data["status"], "stopped");
        assert_eq!(say(&visitor, "something else").await.text("reply"), "something else");
        office.settled().await;
        assert_eq!(seen(&ann).await["turns"]["nodes"][0], json!({"state": "STOPPED", "answer": null}));
        assert_eq!(office.database.db_count("credit_holds", "settled_at IS NULL").await, 0);
        assert_eq!(office.database.db_count("credit_charges", "captured = 0").await, 1, "only the other one is charged");
        office.finish().await;
    }

    async fn visitors_say_what_they_think_and_leave_an_address(store) {
        let (office, ann, _) = fish(store).await;
        let visitor = Guest(office.visitor(), "s");
        act(&visitor, "conversation/rating", json!({"rating": "up"})).await.assert_problem(404, "session_unknown");
        act(&visitor, "conversation/contact", json!({"email": "a@example.com"})).await.assert_problem(404, "session_unknown");
        let answer = say(&visitor, "When does the shop open?").await;
        office.settled().await;
        let message = answer.text("message_id");
        assert_eq!(act(&visitor, "conversation/rating", json!({"message_id": message, "rating": "down"})).await.status, 200);
        assert_eq!(act(&visitor, "conversation/rating", json!({"rating": "up", "comment": " Quick! "})).await.status, 200);
        assert_eq!(act(&visitor, "conversation/contact", json!({"email": "Vera@Example.com"})).await.status, 200);
        let now = seen(&ann).await;
        assert_eq!((&now["rating"], &now["ratingComment"], &now["contactEmail"]), (&json!("UP"), &json!("Quick!"), &json!("vera@example.com")));
        assert_eq!(now["messages"]["nodes"][1]["rating"], "DOWN");
        assert_eq!(history(&visitor).await[1]["rating"], "down");
        act(&visitor, "conversation/rating", json!({"message_id": message, "rating": null})).await;
        act(&visitor, "conversation/rating", json!({})).await;
        let now = seen(&ann).await;
        assert_eq!((&now["rating"], &now["ratingComment"], &now["messages"]["nodes"][1]["rating"]), (&Value::Null, &Value::Null, &Value::Null));
        // What cannot be.
        let question = history(&visitor).await[0]["message_id"].clone();
        act(&visitor, "conversation/rating", json!({"message_id": question, "rating": "up"})).await.assert_problem(404, "message_unknown");
        for wrong in [json!({"rating": "great"}), json!({"rating": 5}), json!({"comment": "x"}), json!({"message_id": "x", "rating": "up"}), json!({"message_id": message, "rating": "up", "comment": "x"}), json!({"rating": "up", "comment": "x".repeat(2_001)})] {
            act(&visitor, "conversation/rating", wrong).await.assert_problem(422, "validation_failed");
        }
        for wrong in [json!({}), json!({"email": "vera"}), json!({"email": format!("{}@example.com", "x".repeat(250))})] {
            act(&visitor, "conversation/contact", wrong).await.assert_problem(422, "validation_failed");
        }
        // Nobody else's.
        let stranger = Guest(office.visitor(), "t");
        act(&stranger, "conversation/rating", json!({"message_id": message, "rating": "up"})).await.assert_problem(404, "session_unknown");
        stranger.0.get(&format!("/api/chat/conversation/history?{}", stranger.named())).await.assert_problem(404, "session_unknown");
        stranger.0.get(&format!("/api/chat/conversation/events?{}", stranger.named())).await.assert_problem(404, "session_unknown");
        for last in ["x", "-1", "1.5"] {
            let request = visitor.0.request(Method::GET, &format!("/api/chat/conversation/events?{}", visitor.named())).header("last-event-id", last);
            visitor.0.send(request).await.assert_problem(400, "query_invalid");
        }
        let from_elsewhere = visitor.0.request(Method::POST, "/api/chat/conversation/handoff").header("origin", "https://evil.example").json(&json!({}));
        visitor.0.send(from_elsewhere).await.assert_problem(403, "cross_site");
        office.finish().await;
    }

    async fn a_visitor_reads_a_conversation_page_by_page(store) {
        let (office, _, _) = fish(store).await;
        let visitor = Guest(office.visitor(), "s");
        for _ in 0..3 {
            say(&visitor, "When does the shop open?").await;
            office.settled().await;
        }
        let mut url = format!("/api/chat/conversation/history?{}&limit=4", visitor.named());
        let first = visitor.0.get(&url).await;
        let sequences = |page: &Response| page.body["messages"].as_array().unwrap().iter().map(|message| message["sequence"].as_i64().unwrap()).collect::<Vec<_>>();
        assert_eq!((sequences(&first), first.text("state")), (vec![6, 5, 4, 3], "AI"));
        url.push_str(&format!("&before={}", first.text("next_cursor")));
        let second = visitor.0.get(&url).await;
        assert_eq!((sequences(&second), second.body.get("next_cursor")), (vec![2, 1], None));
        assert!(second.body["messages"].as_array().unwrap().iter().all(|message| message.get("model").is_none()), "which model answers is nobody's business");
        visitor.0.get(&format!("/api/chat/conversation/history?{}&limit=0", visitor.named())).await.assert_problem(422, "validation_failed");
        visitor.0.get(&format!("/api/chat/conversation/history?{}&before=x", visitor.named())).await.assert_problem(400, "cursor_invalid");
        office.finish().await;
    }
}
