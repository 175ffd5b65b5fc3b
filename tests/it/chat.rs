//! A visitor says something and gets an answer.

use std::time::Duration;

use frontoffice_worker::model::scripted::{Gate, Step};
use serde_json::json;

use crate::harness::{app::Office, eventually, on_both_stores};

on_both_stores! {
    async fn a_turn_that_waited_has_seen_the_answer_before_it(store) {
        let gate = Gate::default();
        let (office, model) = Office::new(store).scripted([vec![Step::Say("the first answer".into()), Step::Gate(gate.clone()), Step::Answer], vec![Step::Echo]]);
        let office = office.start().await;
        let visitor = office.visitor();
        visitor.drop_off(json!({"message": "first", "session_id": "s"})).await;
        eventually("the first words", async || (office.database.db_count("turns", "speaking_at IS NOT NULL").await == 1).then_some(())).await;
        visitor.drop_off(json!({"message": "second", "session_id": "s"})).await;
        gate.open();
        eventually("both answers", async || (office.database.db_count("turns", "state = 'answered'").await == 2).then_some(())).await;
        let asked = model.asked();
        let history: Vec<&str> = asked[1].history.iter().map(|past| past.text.as_str()).collect();
        assert_eq!((history.as_slice(), asked[1].messages.as_slice()), (["first", "the first answer"].as_slice(), ["second".to_owned()].as_slice()));
        office.finish().await;
    }

    async fn an_answer_quotes_approved_knowledge_and_names_its_source(store) {
        let office = Office::new(store).start().await;
        let answer = office.visitor().say("Where is the data stored?").await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.text("status"), "answered");
        assert!(answer.text("reply").starts_with("I quote from our approved information"), "it says that it quotes: {}", answer.body);
        assert!(answer.text("reply").contains("one SQLite file"));
        assert_eq!(answer.body["sources"], json!([{"title": "Where the data is stored", "url": null}]));
        assert_eq!(answer.body["persona"], json!({"name": "Bob"}));
        assert_eq!(answer.body["ai"], true);
        assert_eq!(answer.body["handoff"], json!(null));
        assert_eq!(answer.text("created_at"), "2026-11-22T12:00:00.000000Z");
        office.finish().await;
    }

    async fn the_assistant_answers_in_the_language_of_the_question(store) {
        let office = Office::new(store).start().await;
        for (question, part) in [
            ("Which database is used for the data?", "SQLite"),
            ("Waar worden de gegevens opgeslagen?", "SQLite"),
            ("Wo werden die Daten gespeichert?", "SQLite"),
            ("¿Dónde se guardan los datos?", "SQLite"),
            ("Dove vengono conservati i dati?", "SQLite"),
            ("Gdzie są przechowywane dane?", "SQLite"),
            ("Onde os dados são armazenados?", "SQLite"),
            ("データはどこに保存されますか", "SQLite"),
            ("Où sont stockées les données ?", "SQLite"),
        ] {
            let answer = office.visitor().say(question).await;
            assert_eq!(answer.text("status"), "answered", "{question}: {}", answer.body);
            assert!(answer.text("reply").contains(part), "{question}: {}", answer.body);
        }
        office.finish().await;
    }

    async fn a_question_that_nothing_approved_answers_is_refused_in_its_language(store) {
        let office = Office::new(store).start().await;
        for (question, words) in [
            ("What is the weather in Paris tomorrow?", "I have no approved information"),
            ("Wie wird morgen das Wetter in Paris?", "freigegebenen Informationen"),
            ("Jaka jutro będzie pogoda w Paryżu?", "zatwierdzon"),
            ("明日のパリの天気はどうですか", "承認"),
        ] {
            let answer = office.visitor().say(question).await;
            assert_eq!((answer.status.as_u16(), answer.text("status")), (200, "refused"), "{question}");
            assert!(answer.text("reply").contains(words), "{question}: {}", answer.body);
            assert_eq!(answer.body["sources"], json!([]));
            assert_eq!(answer.body["handoff"], json!({"state": "offered"}));
        }
        office.finish().await;
    }

    async fn the_second_refusal_in_a_row_hands_over(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        assert_eq!(visitor.say("What is the weather in Paris?").await.text("status"), "refused");
        assert_eq!(visitor.say("Where is the data stored?").await.text("status"), "answered");
        assert_eq!(visitor.say("What is the weather in Rome?").await.text("status"), "refused");
        let answer = visitor.say("And the weather in Berlin?").await;
        assert_eq!(answer.text("status"), "handed_off");
        assert_eq!(answer.body["handoff"], json!({"state": "requested"}));
        assert_eq!(office.database.db_count("conversations", "state = 'HANDOFF_REQUESTED'").await, 1);
        // The assistant goes on answering until a person comes.
        assert_eq!(visitor.say("Where is the data stored?").await.text("status"), "answered");
        office.finish().await;
    }

    async fn a_model_that_keeps_failing_ends_in_an_apology_and_a_hand_over(store) {
        let (office, model) = Office::new(store).scripted([vec![Step::FailAgain(None)]]);
        let office = office.start().await;
        let visitor = office.visitor();
        let waiting = {
            let visitor = visitor.clone();
            tokio::spawn(async move { visitor.say("hello there").await })
        };
        for attempt in 1..=5 {
            eventually("the next attempt", async || (model.asked().len() >= attempt).then_some(())).await;
            eventually("the failure to be noted", async || {
                (office.database.db_count("jobs", "state = 'leased'").await == 0).then_some(())
            })
            .await;
            office.advance(Duration::from_secs(600));
        }
        let answer = waiting.await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.text("status")), (200, "failed"));
        assert!(answer.text("reply").starts_with("I am sorry"));
        assert_eq!(answer.body["handoff"], json!({"state": "requested"}));
        assert_eq!(model.asked().len(), 5, "five attempts in all");
        assert_eq!(office.database.db_count("jobs", "state = 'dead' AND last_error = 'the script fails' AND attempt = 5").await, 1);
        assert_eq!(office.database.db_count("conversations", "state = 'HANDOFF_REQUESTED'").await, 1);
        office.finish().await;
    }

    async fn the_first_answer_says_that_it_comes_from_an_ai(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        let first = visitor.say("Where is the data stored?").await;
        assert!(first.text("notice").contains("Bob, an AI"), "{}", first.body);
        let second = visitor.say("Which languages are supported?").await;
        assert_eq!(second.body["notice"], json!(null));
        office.finish().await;
    }

    async fn the_cookie_keeps_a_visitor_in_the_conversation(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        let first = visitor.say("Where is the data stored?").await;
        let cookie = first.header("set-cookie");
        for part in ["fo_visitor=fo_v1_", "; Path=/", "; HttpOnly", "; SameSite=Lax", "; Max-Age="] {
            assert!(cookie.contains(part), "{part} in {cookie}");
        }
        assert!(!cookie.contains("Secure"), "plain http on this machine");
        let second = visitor.say("Which languages are supported?").await;
        assert_eq!(second.text("session_id"), first.text("session_id"));
        assert_eq!(second.header("set-cookie"), "", "no second cookie");
        let named = visitor.post(json!({"message": "And the cookies?", "session_id": first.text("session_id")})).await;
        assert_eq!(named.text("session_id"), first.text("session_id"));
        assert_eq!(office.database.db_count("conversations", "true").await, 1);
        assert_eq!(office.database.db_count("visitors", "true").await, 1);
        assert!(first.text("session_id").len() >= 22, "at least 128 random bits");
        office.finish().await;
    }

    async fn over_https_the_cookie_is_secure(store) {
        let office = Office::new(store).settings(|settings| settings.public_url = Some("https://chat.example.com".parse().unwrap()));
        let office = office.start().await;
        let answer = office.visitor().say("Where is the data stored?").await;
        assert!(answer.header("set-cookie").ends_with("; Secure"), "{}", answer.header("set-cookie"));
        office.finish().await;
    }

    async fn a_caller_without_cookies_stays_in_the_conversation_it_names(store) {
        let office = Office::new(store).start().await;
        let program = office.visitor().without_cookies();
        let issued = program.say("Where is the data stored?").await.text("session_id").to_owned();
        let again = program.post(json!({"message": "Which languages are supported?", "session_id": issued})).await;
        assert_eq!(again.text("session_id"), issued);
        assert_eq!(again.body["notice"], json!(null), "the conversation goes on");
        for _ in 0..2 {
            program.post(json!({"message": "Where is the data stored?", "session_id": "my-own-id"})).await;
        }
        assert_eq!(office.database.db_count("conversations", "session_id = 'my-own-id' AND last_sequence = 4").await, 1);
        // The cookie it ignored names the very same visitor.
        let browser = office.visitor();
        browser.post(json!({"message": "Where is the data stored?", "session_id": "my-own-id"})).await;
        let next = browser.say("Which languages are supported?").await;
        assert_eq!(next.text("session_id"), "my-own-id");
        assert_eq!(office.database.db_count("conversations", "session_id = 'my-own-id'").await, 1);
        office.finish().await;
    }

    async fn the_same_session_id_of_another_visitor_is_another_conversation(store) {
        let office = Office::new(store).start().await;
        let (one, two) = (office.visitor(), office.visitor());
        one.say("Which languages are supported?").await;
        two.say("Which languages are supported?").await;
        for visitor in [&one, &two] {
            let answer = visitor.post(json!({"message": "Where is the data stored?", "session_id": "shared"})).await;
            assert_eq!(answer.text("session_id"), "shared");
            assert!(answer.body["notice"].is_string(), "a conversation of its own");
        }
        assert_eq!(office.database.db_count("conversations", "session_id = 'shared'").await, 2);
        office.finish().await;
    }

    async fn a_greeting_is_answered_and_not_refused(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        for (text, language, part) in [("hello", "en", "I am Bob"), ("Hallo", "de", "Ich bin Bob"), ("merci !", "fr", "Je suis Bob")] {
            let answer = visitor.send(office.visitor().chat(&json!({"message": text})).header("accept-language", language)).await;
            assert_eq!(answer.text("status"), "answered", "{}", answer.body);
            assert!(answer.text("reply").contains(part), "{}", answer.body);
            assert_eq!(answer.body["sources"], json!([]));
        }
        office.finish().await;
    }

    async fn a_cookie_that_is_none_of_ours_does_not_hide_one_that_is(store) {
        let office = Office::new(store).start().await;
        let program = office.visitor().without_cookies();
        let first = program.say("Where is the data stored?").await;
        let ours = first.header("set-cookie").split(';').next().unwrap().to_owned();
        let request = program.chat(&json!({"message": "Which languages are supported?"}));
        let second = program.send(request.header("cookie", format!("fo_visitor=garbage; {ours}"))).await;
        assert_eq!(second.text("session_id"), first.text("session_id"));
        office.finish().await;
    }

    async fn once_a_message_is_stored_no_fault_of_the_store_denies_it(store) {
        let mut office = Office::new(store).idle().start().await;
        let visitor = office.visitor();
        let waiting = {
            let visitor = visitor.clone();
            tokio::spawn(async move { visitor.send(visitor.chat(&json!({"message": "hello"})).header("prefer", "wait=2")).await })
        };
        eventually("the message", async || (office.database.db_count("messages", "true").await == 1).then_some(())).await;
        office.database.db_do("ALTER TABLE turns RENAME TO turns_out_of_sight").await;
        let pending = waiting.await.unwrap();
        assert_eq!((pending.status.as_u16(), pending.text("status")), (202, "pending"), "{}", pending.body);
        assert!(pending.header("set-cookie").starts_with("fo_visitor="));
        office.stop().await;
    }

    async fn a_forged_cookie_is_no_visitor(store) {
        let office = Office::new(store).start().await;
        let program = office.visitor().without_cookies();
        let request = program.chat(&json!({"message": "Where is the data stored?"}));
        let answer = program.send(request.header("cookie", "fo_visitor=fo_v1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")).await;
        assert_eq!(answer.status, 200);
        assert!(answer.header("set-cookie").starts_with("fo_visitor="), "a real one is given instead");
        office.finish().await;
    }

    async fn a_key_makes_sending_twice_the_same_as_once(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        visitor.say("Which languages are supported?").await;
        let body = json!({"message": "Where is the data stored?", "client_message_id": "m-1"});
        let first = visitor.post(body.clone()).await;
        let again = visitor.post(body.clone()).await;
        assert_eq!(first.body, again.body);
        let by_header = visitor.chat(&json!({"message": "Where is the data stored?"})).header("idempotency-key", "m-1");
        assert_eq!(visitor.send(by_header).await.body, first.body, "the header is the same key");
        let other = visitor.post(json!({"message": "Something else?", "client_message_id": "m-1"})).await;
        other.assert_problem(409, "idempotency_key_reused");
        assert_eq!(office.database.db_count("messages", "role = 'visitor'").await, 2);
        // Another visitor's key is another key.
        let stranger = office.visitor();
        stranger.say("Which languages are supported?").await;
        assert_ne!(stranger.post(body).await.body["message_id"], first.body["message_id"]);
        office.finish().await;
    }

    async fn one_key_sent_sixteen_times_at_once_is_one_message(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        visitor.say("Which languages are supported?").await;
        let body = json!({"message": "Where is the data stored?", "client_message_id": "m-1"});
        let sent: Vec<_> = (0..16)
            .map(|_| {
                let (visitor, body) = (visitor.clone(), body.clone());
                tokio::spawn(async move { visitor.post(body).await })
            })
            .collect();
        let mut answers = std::collections::HashSet::new();
        for sent in sent {
            let answer = sent.await.unwrap();
            assert_eq!(answer.text("status"), "answered");
            answers.insert(answer.text("message_id").to_owned());
        }
        assert_eq!(answers.len(), 1);
        assert_eq!(office.database.db_count("messages", "role = 'visitor'").await, 2);
        office.finish().await;
    }

    async fn a_first_message_whose_answer_got_lost_can_be_sent_again_without_a_cookie(store) {
        let office = Office::new(store).start().await;
        let program = office.visitor().without_cookies();
        let body = json!({"message": "Where is the data stored?", "client_message_id": "0b0e7a52-6ad1-4e0e-9d6f-6a3a6d2c8a11"});
        let first = program.post(body.clone()).await;
        let again = program.post(body).await;
        assert_eq!(first.body, again.body);
        // A short key could be somebody else's behind the same address, so it is not enough to find a visitor by.
        let short = json!({"message": "Where is the data stored?", "client_message_id": "1"});
        assert_ne!(program.post(short.clone()).await.body["session_id"], program.post(short).await.body["session_id"]);
        office.finish().await;
    }

    async fn a_client_that_leaves_changes_nothing(store) {
        let gate = Gate::default();
        let (office, _) = Office::new(store).scripted([vec![Step::Gate(gate.clone()), Step::Say("here it is".into()), Step::Answer]]);
        let office = office.start().await;
        let visitor = office.visitor();
        let body = json!({"message": "are you there?", "session_id": "s", "client_message_id": "m"});
        let leaving = visitor.chat(&body).timeout(Duration::from_millis(300)).send().await;
        assert!(leaving.unwrap_err().is_timeout());
        gate.open();
        let answer = visitor.post(body).await;
        assert_eq!((answer.text("status"), answer.text("reply")), ("answered", "here it is"));
        assert_eq!(office.database.db_count("messages", "true").await, 2);
        office.finish().await;
    }

    async fn an_answer_that_takes_too_long_is_fetched_later(store) {
        let gate = Gate::default();
        let (office, _) = Office::new(store).scripted([vec![Step::Gate(gate.clone()), Step::Say("late".into()), Step::Answer]]);
        let office = office.settings(|settings| settings.chat_wait.0 = Duration::from_millis(200)).start().await;
        let visitor = office.visitor();
        let pending = visitor.say("take your time").await;
        assert_eq!((pending.status.as_u16(), pending.text("status")), (202, "pending"));
        assert_eq!(pending.body["reply"], json!(null));
        let events_url = pending.text("events_url").to_owned();
        assert!(events_url.starts_with("/api/chat/turns/"), "a path on this host: {events_url}");
        assert_eq!(pending.header("location"), events_url);
        gate.open();
        let events = visitor.events(visitor.request(reqwest::Method::GET, &events_url)).await;
        let done = events.last().unwrap();
        assert_eq!((done.name.as_str(), done.data["reply"].as_str()), ("done", Some("late")));
        assert_eq!(done.data["turn_id"], pending.body["turn_id"]);
        office.finish().await;
    }

    async fn who_does_not_wait_is_told_where_the_answer_will_be_however_fast_it_is(store) {
        let office = Office::new(store).start().await;
        for number in 0..20 {
            let session = format!("s{number}");
            let visitor = office.visitor();
            let later = visitor.send(visitor.chat(&json!({"message": "Hello", "session_id": session})).header("prefer", "respond-async")).await;
            assert_eq!((later.status.as_u16(), later.text("status")), (202, "pending"), "{}", later.body);
            // The very message again is answered with what is there, once it is there.
            let events = visitor.events(visitor.request(reqwest::Method::GET, later.text("events_url"))).await;
            assert_eq!(events.last().unwrap().name, "done");
        }
        office.finish().await;
    }

    async fn prefer_decides_how_long_to_wait(store) {
        let gate = Gate::default();
        let (office, _) = Office::new(store).scripted([vec![Step::Gate(gate.clone()), Step::Say("late".into()), Step::Answer]]);
        let office = office.start().await;
        let visitor = office.visitor();
        let at_once = visitor.send(visitor.chat(&json!({"message": "now"})).header("prefer", "respond-async")).await;
        assert_eq!((at_once.status.as_u16(), at_once.header("preference-applied")), (202, "respond-async"));
        gate.open();
        eventually("the answer", async || (office.database.db_count("turns", "state = 'answered'").await == 1).then_some(())).await;
        let soon = visitor.send(visitor.chat(&json!({"message": "soon"})).header("prefer", "wait=1")).await;
        assert_eq!((soon.status.as_u16(), soon.header("preference-applied")), (202, "wait=1"));
        gate.open();
        let unknown = visitor.send(visitor.chat(&json!({"message": "x", "session_id": "other"})).header("prefer", "wait=soon, coffee"));
        gate.open();
        assert_eq!(unknown.await.status, 200, "what is not understood is ignored");
        office.finish().await;
    }

    async fn messages_that_come_before_the_first_word_share_one_answer_that_has_seen_them_all(store) {
        let gate = Gate::default();
        let (office, model) = Office::new(store).scripted([vec![Step::Gate(gate.clone()), Step::Echo], vec![Step::Echo]]);
        let office = office.start().await;
        let visitor = office.visitor();
        visitor.drop_off(json!({"message": "one", "session_id": "s"})).await;
        eventually("the model to be asked", async || (model.asked().len() == 1).then_some(())).await;
        let mut waiting = Vec::new();
        for (count, text) in ["two", "three"].into_iter().enumerate() {
            let (sender, text) = (visitor.clone(), text.to_owned());
            waiting.push(tokio::spawn(async move { sender.post(json!({"message": text, "session_id": "s"})).await }));
            eventually("the message", async || {
                (office.database.db_count("messages", "true").await == count + 2).then_some(())
            })
            .await;
        }
        gate.open();
        let [two, three] = <[_; 2]>::try_from(waiting).unwrap();
        let (two, three) = (two.await.unwrap(), three.await.unwrap());
        assert_eq!((two.status.as_u16(), two.text("status"), &two.body["reply"]), (200, "joined", &json!(null)));
        assert_eq!((three.text("status"), three.text("reply")), ("answered", "one | two | three"));
        assert_eq!(office.database.db_count("turns", "restarts = 2").await, 1);
        assert_eq!(office.database.db_count("messages", "role = 'assistant'").await, 1);
        office.finish().await;
    }

    async fn a_message_that_comes_after_the_first_word_is_answered_next(store) {
        let gate = Gate::default();
        let speaking = vec![Step::Say("first ".into()), Step::Gate(gate.clone()), Step::Say("answer".into()), Step::Answer];
        let (office, _) = Office::new(store).scripted([speaking, vec![Step::Echo]]);
        let office = office.start().await;
        let visitor = office.visitor();
        let first = {
            let visitor = visitor.clone();
            tokio::spawn(async move { visitor.post(json!({"message": "one", "session_id": "s"})).await })
        };
        eventually("the first word", async || (office.database.db_count("turns", "speaking_at IS NOT NULL").await == 1).then_some(())).await;
        let mut later = Vec::new();
        for (count, text) in ["two", "three"].into_iter().enumerate() {
            let visitor = visitor.clone();
            later.push(tokio::spawn(async move { visitor.post(json!({"message": text, "session_id": "s"})).await }));
            eventually("the message", async || (office.database.db_count("messages", "true").await == count + 2).then_some(())).await;
        }
        assert_eq!(office.database.db_count("turns", "state = 'live'").await, 1);
        assert_eq!(office.database.db_count("turns", "state = 'waiting'").await, 1);
        assert_eq!(office.violations().await, []);
        gate.open();
        assert_eq!(first.await.unwrap().text("reply"), "first answer");
        let [two, three] = <[_; 2]>::try_from(later).unwrap();
        assert_eq!(two.await.unwrap().text("status"), "joined");
        assert_eq!(three.await.unwrap().text("reply"), "two | three");
        office.finish().await;
    }

    async fn a_burst_restarts_a_turn_at_most_eight_times(store) {
        let gate = Gate::default();
        let (office, model) = Office::new(store).scripted([vec![Step::Gate(gate.clone()), Step::Echo], vec![Step::Echo]]);
        let office = office.start().await;
        let visitor = office.visitor();
        for count in 0..12 {
            visitor.drop_off(json!({"message": count.to_string(), "session_id": "s"})).await;
        }
        eventually("the model to be asked", async || (!model.asked().is_empty()).then_some(())).await;
        assert_eq!(office.database.db_count("turns", "restarts = 8").await, 1);
        gate.open();
        eventually("both answers", async || (office.database.db_count("turns", "state = 'answered'").await == 2).then_some(())).await;
        let replies = office.database.db_texts("SELECT text AS value FROM messages WHERE role = 'assistant' ORDER BY sequence").await;
        assert_eq!(replies, ["0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8", "9 | 10 | 11"]);
        office.finish().await;
    }

    async fn while_a_person_holds_the_conversation_the_assistant_is_silent(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        visitor.say("Where is the data stored?").await;
        office.database.db_do("UPDATE conversations SET state = 'HUMAN'").await;
        let body = json!({"message": "Which languages are supported?", "client_message_id": "m"});
        let answer = visitor.post(body.clone()).await;
        assert_eq!((answer.status.as_u16(), answer.text("status"), &answer.body["reply"]), (200, "human", &json!(null)));
        assert_eq!(visitor.post(body).await.body, answer.body, "sent again, it is the same");
        office.database.db_do("UPDATE conversations SET state = 'RESOLVED'").await;
        let session = answer.text("session_id").to_owned();
        let answer = visitor.post(json!({"message": "Which languages are supported?", "session_id": session})).await;
        assert_eq!(answer.text("status"), "answered", "what was settled is open again");
        office.finish().await;
    }

    async fn a_hand_over_is_not_lost_to_a_message_that_comes_at_the_same_moment(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        visitor.say("Where is the data stored?").await;
        let mut sending = None;
        office
            .database
            .db_meanwhile("UPDATE conversations SET state = 'HANDOFF_REQUESTED'", async || {
                let visitor = visitor.clone();
                sending = Some(tokio::spawn(async move { visitor.say("Which languages are supported?").await }));
                tokio::time::sleep(Duration::from_millis(300)).await;
            })
            .await;
        assert_eq!(sending.unwrap().await.unwrap().text("status"), "answered");
        assert_eq!(office.database.db_texts("SELECT state AS value FROM conversations").await, ["HANDOFF_REQUESTED"]);
        office.finish().await;
    }

    async fn a_business_is_found_by_its_uuid_or_its_slug(store) {
        let office = Office::new(store).start().await;
        let shop = office.db_tenant("shop", true, &[("Opening hours", "The shop opens at nine and closes at six.")]).await;
        for name in ["shop".to_owned(), shop.public_id.to_string()] {
            let answer = office.visitor().post(json!({"message": "When does the shop open?", "business_id": name})).await;
            assert_eq!(answer.text("status"), "answered", "{}", answer.body);
            assert_eq!(answer.body["persona"]["name"], "Ada");
            assert_eq!(answer.body["sources"][0]["url"], "https://shop.example/13");
        }
        // The row's own id is not the public one.
        let answer = office.visitor().post(json!({"message": "hi", "business_id": shop.id.to_string()})).await;
        answer.assert_problem(404, "business_unknown");
        office.finish().await;
    }

    async fn one_business_never_answers_from_anothers_knowledge(store) {
        let office = Office::new(store).start().await;
        office.db_tenant("shop", true, &[("Opening hours", "The shop opens at nine and closes at six.")]).await;
        office.db_tenant("bank", true, &[("Secret canary", "The canary sings at midnight in the vault.")]).await;
        let visitor = office.visitor();
        for (business, question, status) in [
            ("shop", "When does the canary sing in the vault?", "refused"),
            ("bank", "When does the shop open?", "refused"),
            ("bank", "When does the canary sing?", "answered"),
            ("shop", "Where is the data stored?", "handed_off"),
        ] {
            let answer = visitor.post(json!({"message": question, "business_id": business})).await;
            assert_eq!(answer.text("status"), status, "{business}: {question}: {}", answer.body);
        }
        // One cookie, but a visitor of its own in each business.
        assert_eq!(office.database.db_count("visitors", "true").await, 2);
        office.finish().await;
    }

    async fn drafts_are_not_searched(store) {
        let office = Office::new(store).start().await;
        office.db_tenant("shop", true, &[("Opening hours", "The shop opens at nine and closes at six.")]).await;
        let columns = "id, tenant_id, title, text, locale, state, created_at";
        office.database.db_do(&format!(
            "INSERT INTO knowledge_entries ({columns}) SELECT {}, tenant_id, 'Parking', 'Parking is free behind the house.', 'en', 'DRAFT', created_at FROM knowledge_entries WHERE title = 'Opening hours'",
            if store == crate::harness::store::Store::Sqlite { "randomblob(16)" } else { "gen_random_uuid()" }
        )).await;
        let answer = office.visitor().post(json!({"message": "Is parking free?", "business_id": "shop"})).await;
        assert_eq!(answer.text("status"), "refused");
        office.finish().await;
    }
}
