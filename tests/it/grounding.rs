//! Answers that can be trusted: what a language model writes is checked sentence by sentence before a visitor reads it; it hands over by a
//! structured action; another model stands in for one that fails.

use frontoffice_worker::model::scripted::Gate;
use serde_json::{Value, json};

use crate::harness::{
    actors::{Account, Visitor},
    app::{Office, TestApp},
    eventually, on_both_stores,
    store::Store,
    upstream::{self, Move, Upstream, answer, calls, done, finishes, message, says, streaming, took},
};

const QUESTION: &str = "When does the shop open?";
const HOURS: (&str, &str) = ("Opening hours", "The shop opens at nine and closes at six.");

async fn shop(store: Store, upstream: &Upstream) -> (TestApp, Account) {
    let office = Office::new(store).asking(upstream).start().await;
    let owner = team(&office).await;
    (office, owner)
}

async fn team(office: &TestApp) -> Account {
    let tenant = office.db_tenant("fish", true, &[HOURS]).await;
    office.member(&tenant, "ann@example.com", "OWNER").await
}

async fn ask(visitor: &Visitor) -> Value {
    let answer = visitor.post(json!({"message": QUESTION, "business_id": "fish"})).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

/// The newest message of the newest conversation, as the team reads it.
async fn newest(owner: &Account) -> Value {
    let query = "{ viewer { tenant { conversations(first: 1) { nodes { state messages(last: 1) { nodes {
        text status model sources { title } verdict { grounding sentences { text finding missing } }
    } } } } } } }";
    let conversation = owner.data(query, json!({})).await["viewer"]["tenant"]["conversations"]["nodes"][0].clone();
    let mut message = conversation["messages"]["nodes"][0].clone();
    message["state"] = conversation["state"].clone();
    message
}

on_both_stores! {
    async fn a_sentence_that_no_passage_supports_is_never_shown_and_the_answer_written_once_more(store) {
        let upstream = Upstream::start([
            answer(&["The shop opens at nine [1]. Everything costs ", "5 EUR [1]. Come in!"]),
            answer(&["The shop opens at nine [1]. ", "It closes at six [1]."]),
        ]).await;
        let (office, owner) = shop(store, &upstream).await;
        let visitor = office.visitor();
        let events = visitor.events(visitor.chat(&json!({"message": QUESTION, "business_id": "fish"}))).await;
        assert!(!format!("{events:?}").contains("5 EUR"), "{events:?}");
        let names: Vec<&str> = events.iter().map(|event| event.name.as_str()).collect();
        assert_eq!(names, ["accepted", "delta", "reset", "delta", "delta", "sources", "done"]);
        let done = &events.last().unwrap().data;
        assert_eq!((&done["status"], &done["reply"]), (&json!("answered"), &json!("The shop opens at nine [1]. It closes at six [1].")));
        // The second time the model was told what was wrong, as data.
        let system = upstream.requests()[1].body["messages"][0]["content"].as_str().unwrap().to_owned();
        assert!(system.contains(r#"{"not_in_the_passages":["5 EUR"],"sentence":"Everything costs 5 EUR [1]."}"#), "{system}");
        let sentence = |text: &str| json!({"text": text, "finding": "SUPPORTED", "missing": []});
        let verdict = json!({"grounding": "STRICT", "sentences": [sentence("The shop opens at nine [1]."), sentence("It closes at six [1].")]});
        assert_eq!(newest(&owner).await["verdict"], verdict);
        // Both attempts were written, and are accounted for; the first was not heard to its end, so it is estimated.
        assert_eq!(office.database.db_texts("SELECT model AS value FROM messages WHERE role = 'assistant' AND tokens_estimated AND prompt_tokens > 400").await, ["test-model"]);
        office.finish().await;
    }

    async fn what_cannot_be_supported_is_refused_and_the_team_sees_why(store) {
        let upstream = Upstream::start([answer(&["The shop opens at eight [1]."]), answer(&["I have opened the shop for you."])]).await;
        let (office, owner) = shop(store, &upstream).await;
        let refused = ask(&office.visitor()).await;
        assert_eq!((&refused["status"], &refused["sources"]), (&json!("refused"), &json!([])));
        assert!(refused["reply"].as_str().unwrap().starts_with("I have no approved information"), "{refused}");
        assert_eq!(upstream.requests().len(), 2);
        let said = newest(&owner).await;
        let withheld = json!({"text": "I have opened the shop for you.", "finding": "CLAIMS_ACTION", "missing": []});
        assert_eq!((&said["status"], &said["verdict"]["sentences"]), (&json!("REFUSED"), &json!([withheld])));
        office.settled().await;
        // A refusal costs nothing, however often it was written.
        assert_eq!(owner.data("{ viewer { tenant { credits { available held } } } }", json!({})).await["viewer"]["tenant"]["credits"], json!({"available": "500", "held": "0"}));
        office.finish().await;
    }

    async fn an_answer_that_was_cut_off_keeps_its_whole_sentences(store) {
        let cut = |text: &str| [vec![streaming(), says(text), finishes("length"), took(10, 5)], done().to_vec()].concat();
        let upstream = Upstream::start([cut("The shop opens at nine [1]. It closes at")]).await;
        let (office, _) = shop(store, &upstream).await;
        let answer = ask(&office.visitor()).await;
        assert_eq!((&answer["status"], &answer["reply"]), (&json!("answered"), &json!("The shop opens at nine [1].")));
        office.finish().await;
    }

    async fn a_persona_may_be_allowed_to_go_beyond_the_passages(store) {
        let said = "Most shops open early. The shop opens at nine [1].";
        let upstream = Upstream::start([answer(&[said])]).await;
        let (office, owner) = shop(store, &upstream).await;
        assert_eq!(ask(&office.visitor()).await["status"], "refused");
        let found = owner.data("{ viewer { tenant { defaultPersona { id grounding } } } }", json!({})).await;
        let persona = &found["viewer"]["tenant"]["defaultPersona"];
        assert_eq!(persona["grounding"], "STRICT");
        let changed = owner
            .change("personaUpdate", "persona { grounding difference(from: 1) { field before after } }", json!({"persona": persona["id"], "grounding": "OPEN"}))
            .await;
        let difference = json!([{"field": "GROUNDING", "before": "STRICT", "after": "OPEN"}]);
        assert_eq!(changed["persona"], json!({"grounding": "OPEN", "difference": difference}));
        let guest = office.visitor();
        let answer = guest.post(json!({"message": QUESTION, "business_id": "fish", "session_id": "second"})).await;
        assert_eq!(answer.body["reply"], said, "{}", answer.body);
        let verdict = newest(&owner).await["verdict"].clone();
        let findings: Vec<&Value> = verdict["sentences"].as_array().unwrap().iter().map(|sentence| &sentence["finding"]).collect();
        assert_eq!((&verdict["grounding"], findings), (&json!("OPEN"), vec![&json!("UNCHECKED"), &json!("SUPPORTED")]));
        office.finish().await;
    }

    async fn a_model_hands_over_by_a_structured_action_alone(store) {
        let end = || [vec![finishes("tool_calls"), took(10, 5)], done().to_vec()].concat();
        let upstream = Upstream::start([[vec![streaming(), says("Of course. "), calls("hand_over")], end()].concat()]).await;
        let (office, owner) = shop(store, &upstream).await;
        let answer = ask(&office.visitor()).await;
        assert_eq!(answer["status"], "handed_off", "{answer}");
        assert!(!answer["reply"].as_str().unwrap().is_empty() && !answer.to_string().contains("Of course"), "{answer}");
        let said = newest(&owner).await;
        assert_eq!((&said["state"], &said["status"], &said["verdict"]), (&json!("HANDOFF_REQUESTED"), &json!("HANDED_OFF"), &Value::Null));
        office.settled().await;
        assert_eq!(owner.data("{ viewer { tenant { credits { available } } } }", json!({})).await["viewer"]["tenant"]["credits"]["available"], "500");
        office.finish().await;
    }

    async fn five_messages_in_a_row_get_one_answer_that_has_seen_them_all(store) {
        let gate = Gate::default();
        let first = [vec![streaming(), Move::Wait(gate.clone())], answer(&["The shop opens at nine [1]. "])[1..].to_vec()].concat();
        let upstream = Upstream::start([first, answer(&["It closes at six [1]."])]).await;
        let (office, _) = shop(store, &upstream).await;
        let visitor = office.visitor();
        let texts = [QUESTION, "In the morning, I mean,", "on a weekday.", "And when does it close?", "The shop, I mean."];
        let mut asking = Vec::new();
        for text in texts {
            let visitor = visitor.clone();
            asking.push(tokio::spawn(async move {
                visitor.post(json!({"message": text, "business_id": "fish", "session_id": "one"})).await.text("status").to_owned()
            }));
            let stored = asking.len();
            eventually("the message", async || (office.database.db_count("messages", "role = 'visitor'").await == stored).then_some(())).await;
            if stored == 1 {
                eventually("the model to be asked", async || (upstream.requests().len() == 1).then_some(())).await;
            }
        }
        gate.open();
        let mut statuses = Vec::new();
        for asked in asking {
            statuses.push(asked.await.unwrap());
        }
        assert_eq!(statuses, ["joined", "joined", "joined", "joined", "answered"]);
        assert_eq!(upstream.requests()[1].message(0), ("user", texts.join("\n\n").as_str()));
        assert_eq!((upstream.requests().len(), office.database.db_count("messages", "role = 'assistant'").await), (2, 1));
        office.finish().await;
    }

    async fn who_asks_for_a_person_in_words_gets_one_and_no_model_is_asked(store) {
        let upstream = Upstream::start([answer(&["The shop opens at nine [1]."])]).await;
        let (office, owner) = shop(store, &upstream).await;
        let wishes = [
            ("en", "Can I talk to a human about when the shop opens?"), ("de", "Ich möchte mit einem Mitarbeiter sprechen"),
            ("nl", "Kan ik met iemand praten?"), ("es", "Quiero hablar con una persona"), ("it", "Vorrei parlare con un operatore"),
            ("pl", "Chcę rozmawiać z człowiekiem"), ("pt-BR", "Quero falar com um atendente"), ("fr", "Je voudrais parler à un conseiller"),
            ("ja", "担当者と話したいです"),
        ];
        for (language, wish) in wishes {
            let asked = json!({"message": wish, "business_id": "fish", "session_id": language});
            let answer = office.visitor().send(office.visitor().chat(&asked).header("accept-language", language)).await;
            assert_eq!((answer.text("status"), &answer.body["handoff"]), ("handed_off", &json!({"state": "requested"})), "{language}: {}", answer.body);
            assert_eq!(newest(&owner).await["state"], "HANDOFF_REQUESTED", "{language}");
        }
        assert_eq!(upstream.requests().len(), 0);
        office.settled().await;
        assert_eq!(owner.data("{ viewer { tenant { credits { available } } } }", json!({})).await["viewer"]["tenant"]["credits"]["available"], "500");
        office.finish().await;
    }

    async fn a_model_that_speaks_anthropics_way_answers_and_hands_over(store) {
        let upstream = Upstream::start([message(&["The shop ope", "ns at nine [1]."], "end_turn"), message(&["Sure."], "tool_use")]).await;
        let office = Office::new(store).asking_anthropic(&upstream).start().await;
        let owner = team(&office).await;
        let visitor = office.visitor();
        let answer = ask(&visitor).await;
        assert_eq!((&answer["status"], &answer["reply"]), (&json!("answered"), &json!("The shop opens at nine [1].")));
        assert_eq!(newest(&owner).await["model"], "test-messages");
        let taken = "SELECT CAST(prompt_tokens AS text) || ' ' || CAST(completion_tokens AS text) AS value FROM messages WHERE role = 'assistant'";
        assert_eq!(office.database.db_texts(taken).await, ["120 30"]);
        let request = upstream.requests().remove(0);
        assert_eq!(request.line, "POST /v1/messages HTTP/1.1");
        assert_eq!((request.header("x-api-key"), request.header("authorization")), (Some(upstream::KEY), None));
        assert_eq!(request.header("anthropic-version"), Some("2023-06-01"));
        let body = &request.body;
        assert_eq!((&body["model"], &body["max_tokens"], &body["stream"]), (&json!("test-messages"), &json!(1000), &json!(true)));
        assert!(body["system"].as_str().unwrap().contains("RULES"), "{body}");
        assert_eq!(body["messages"], json!([{"role": "user", "content": QUESTION}]));
        let tools: Vec<&Value> = body["tools"].as_array().unwrap().iter().map(|tool| &tool["name"]).collect();
        assert_eq!(tools, [&json!("no_answer"), &json!("hand_over")]);
        let handed = visitor.post(json!({"message": QUESTION, "business_id": "fish", "session_id": "second"})).await;
        assert_eq!(handed.body["status"], "handed_off", "{}", handed.body);
        office.finish().await;
    }

    async fn every_misbehaviour_in_anthropics_way_costs_an_attempt_and_nothing_else(store) {
        let named = |data: Value| upstream::event(&data);
        let begun = || vec![streaming(), named(json!({"type": "message_start", "message": {"usage": {"input_tokens": 9}}}))];
        let cases = [
            ("an overloaded provider", upstream::error(529, &[])),
            ("an error in the stream", [begun(), vec![named(json!({"type": "error", "error": {"type": "overloaded_error", "message": "canary"}}))]].concat()),
            ("a stream that ends without a reason", [begun(), vec![named(json!({"type": "message_stop"}))], vec![Move::End]].concat()),
            ("a piece that cannot be read", [begun(), vec![Move::Body("data: {\n\n".into())]].concat()),
            ("nothing at all", message(&[], "end_turn")),
        ];
        for (name, script) in cases {
            let upstream = Upstream::start([script, message(&["The shop opens at nine [1]."], "end_turn")]).await;
            let office = Office::new(store).asking_anthropic(&upstream).start().await;
            let _owner = team(&office).await;
            let visitor = office.visitor();
            let asking = tokio::spawn(async move { ask(&visitor).await });
            eventually("the failed attempt", async || {
                let failed = office.database.db_count("jobs", "name = 'answer_turn' AND state = 'queued' AND last_error IS NOT NULL").await;
                (failed == 1).then_some(())
            }).await;
            let error = office.database.db_texts("SELECT last_error AS value FROM jobs WHERE name = 'answer_turn'").await.join("");
            assert!(!error.contains("canary"), "{name}: {error}");
            office.advance(std::time::Duration::from_secs(600));
            assert_eq!(asking.await.unwrap()["reply"], "The shop opens at nine [1].", "{name}");
            office.finish().await;
        }
    }

    async fn another_model_stands_in_for_one_that_fails(store) {
        let first = Upstream::start([upstream::error(500, &[]), message(&["The shop opens at nine [1]."], "end_turn")]).await;
        let second = Upstream::start([answer(&["It opens at nine [1]."])]).await;
        let office = Office::new(store).asking(&second).asking_anthropic(&first).start().await;
        let owner = team(&office).await;
        let visitor = office.visitor();
        assert_eq!(ask(&visitor).await["reply"], "It opens at nine [1].");
        assert_eq!(newest(&owner).await["model"], "test-model");
        // The next time the first one is well again.
        let again = visitor.post(json!({"message": QUESTION, "business_id": "fish", "session_id": "second"})).await;
        assert_eq!(again.body["reply"], "The shop opens at nine [1].");
        assert_eq!((first.requests().len(), second.requests().len()), (2, 1));
        office.finish().await;
    }
}
