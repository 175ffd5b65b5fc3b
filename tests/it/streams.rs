//! Answers as they are made: server-sent events.

use frontoffice_worker::model::scripted::{Gate, Step};
use reqwest::Method;
use serde_json::json;

use crate::harness::{
    actors::{Event, parse_events},
    app::Office,
    eventually, on_both_stores,
};

fn names(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.name.as_str()).collect()
}

fn spoken(events: &[Event]) -> String {
    events.iter().filter(|event| event.name == "delta").map(|event| event.data["text"].as_str().unwrap()).collect()
}

on_both_stores! {
    async fn a_message_can_be_answered_as_a_stream(store) {
        let script = vec![Step::Say("one ".into()), Step::Say("two".into()), Step::Answer];
        let (office, _) = Office::new(store).scripted([script]);
        let office = office.start().await;
        let visitor = office.visitor();
        let events = visitor.events(visitor.chat(&json!({"message": "count"}))).await;
        assert_eq!(names(&events), ["accepted", "delta", "delta", "done"]);
        assert_eq!(spoken(&events), "one two");
        assert!(events.iter().all(|event| !event.id.is_empty()), "every event has an id");
        assert_eq!(events[3].data["reply"], "one two");
        assert_eq!(events[3].data["message_id"].as_str().map(str::len), Some(36));
        assert_eq!(events[0].data["turn_id"], events[3].data["turn_id"]);
        office.finish().await;
    }

    async fn a_quoted_answer_streams_its_sources(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        let events = visitor.events(visitor.chat(&json!({"message": "Where is the data stored?"}))).await;
        assert_eq!(names(&events), ["accepted", "sources", "done"]);
        assert_eq!(events[1].data, json!([{"title": "Where the data is stored", "url": null}]));
        assert_eq!(events[2].data["sources"], events[1].data);
        office.finish().await;
    }

    async fn a_listener_who_comes_back_hears_what_it_missed_and_nothing_twice(store) {
        let script = vec![Step::Say("a".into()), Step::Say("b".into()), Step::Say("c".into()), Step::Answer];
        let (office, _) = Office::new(store).scripted([script]);
        let office = office.start().await;
        let visitor = office.visitor();
        let whole = visitor.events(visitor.chat(&json!({"message": "spell"}))).await;
        let url = format!("/api/chat/turns/{}/events", whole[0].data["turn_id"].as_str().unwrap());
        for cut in 0..whole.len() - 1 {
            let request = visitor.request(Method::GET, &url).header("last-event-id", &whole[cut].id);
            let rest = visitor.events(request).await;
            assert_eq!(rest, whole[cut + 1..], "cut after {}", whole[cut].id);
        }
        let after_the_end = visitor.request(Method::GET, &url).header("last-event-id", &whole.last().unwrap().id);
        assert_eq!(visitor.send(after_the_end).await.status, 204, "a browser is told not to come back");
        office.finish().await;
    }

    async fn the_sources_are_told_once_however_often_a_listener_comes_back(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        let whole = visitor.events(visitor.chat(&json!({"message": "Where is the data stored?"}))).await;
        let url = format!("/api/chat/turns/{}/events", whole[0].data["turn_id"].as_str().unwrap());
        for cut in 0..whole.len() - 1 {
            let request = visitor.request(Method::GET, &url).header("last-event-id", &whole[cut].id);
            assert_eq!(visitor.events(request).await, whole[cut + 1..], "cut after {}", whole[cut].id);
        }
        office.finish().await;
    }

    async fn when_the_bus_has_forgotten_the_store_still_has_the_answer(store) {
        let mut office = Office::new(store).start().await;
        let visitor = office.visitor();
        let answer = visitor.say("Where is the data stored?").await;
        office.stop().await;
        let later = Office::new(store).on(&office.database).settings(|settings| settings.memory = None).start().await;
        let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
        let url = format!("/api/chat/turns/{}/events", answer.text("turn_id"));
        let visitor = later.visitor();
        let request = visitor.request(Method::GET, &url).header("cookie", &cookie).header("last-event-id", "0000abcd-7");
        let events = visitor.events(request).await;
        assert_eq!(names(&events), ["sources", "done"]);
        assert_eq!(events[1].data, answer.body);
        later.finish().await;
    }

    async fn no_word_is_lost_when_the_store_is_looked_at_before_the_bus_is_heard(store) {
        // Long enough that a look falls between two words, whichever way it goes.
        let pause = || Step::Sleep(std::time::Duration::from_millis(130));
        let script: Vec<Step> = (0..20).flat_map(|number| [Step::Say(format!("{number} ")), pause()]).chain([Step::Answer]).collect();
        let (office, _) = Office::new(store).scripted([script]);
        let office = office.start().await;
        let listening: Vec<_> = (0..8)
            .map(|number| {
                let visitor = office.visitor();
                tokio::spawn(async move {
                    tokio::time::sleep(std::time::Duration::from_millis(number * 17)).await;
                    visitor.events(visitor.chat(&json!({"message": "count"}))).await
                })
            })
            .collect();
        for listening in listening {
            let events = listening.await.unwrap();
            assert_eq!(spoken(&events), events.last().unwrap().data["reply"].as_str().unwrap());
        }
        office.finish().await;
    }

    async fn after_a_failed_attempt_the_answer_begins_anew(store) {
        let broken = vec![Step::Say("half a sen".into()), Step::FailAgain(None)];
        let (office, model) = Office::new(store).scripted([broken, vec![Step::Say("a whole one".into()), Step::Answer]]);
        let office = office.start().await;
        let listening = {
            let visitor = office.visitor();
            tokio::spawn(async move { visitor.events(visitor.chat(&json!({"message": "tell"}))).await })
        };
        eventually("the first attempt", async || (!model.asked().is_empty()).then_some(())).await;
        eventually("its failure", async || (office.database.db_count("jobs", "state = 'queued' AND attempt = 1").await == 1).then_some(())).await;
        office.advance(std::time::Duration::from_secs(60));
        let events = listening.await.unwrap();
        assert_eq!(names(&events), ["accepted", "delta", "reset", "delta", "done"]);
        assert_eq!(events[4].data["reply"], "a whole one");
        office.finish().await;
    }

    async fn whoever_is_joined_is_told_at_once(store) {
        let gate = Gate::default();
        let (office, model) = Office::new(store).scripted([vec![Step::Gate(gate.clone()), Step::Echo], vec![Step::Echo]]);
        let office = office.start().await;
        let visitor = office.visitor();
        let first = {
            let visitor = visitor.clone();
            tokio::spawn(async move { visitor.events(visitor.chat(&json!({"message": "one", "session_id": "s"}))).await })
        };
        eventually("the model to be asked", async || (!model.asked().is_empty()).then_some(())).await;
        visitor.drop_off(json!({"message": "two", "session_id": "s"})).await;
        // The gate is still shut: the answer is not there, and nobody waits for it in vain.
        let events = first.await.unwrap();
        assert_eq!(names(&events), ["accepted", "done"]);
        assert_eq!(events[1].data["status"], "joined");
        gate.open();
        office.finish().await;
    }

    async fn who_reads_nothing_slows_nobody_and_still_gets_the_whole_answer(store) {
        // More than the network keeps on its way.
        let pieces = (0..3_500).map(|number| Step::Say(format!("{number:05} {} ", "x".repeat(2_000))));
        let (office, _) = Office::new(store).scripted([pieces.chain([Step::Answer]).collect::<Vec<_>>()]);
        let office = office.start().await;
        let (slow, quick) = (office.visitor(), office.visitor());
        let request = slow.chat(&json!({"message": "go on"})).header("accept", "text/event-stream");
        let unread = request.send().await.unwrap();
        assert_eq!(unread.status(), 200);
        // It is made, stored and charged, and others are served, though nobody reads it.
        office.settled().await;
        assert_eq!(office.database.db_count("turns", "state = 'answered'").await, 1);
        assert_eq!(quick.say("go on").await.text("status"), "answered");
        let events = parse_events(&unread.text().await.unwrap());
        let heard = events.iter().fold(String::new(), |heard, event| match event.name.as_str() {
            "delta" => heard + event.data["text"].as_str().unwrap(),
            "reset" => String::new(),
            _ => heard,
        });
        let done = &events.last().unwrap().data;
        assert!(heard == done["reply"].as_str().unwrap() && heard.len() > 6_000_000, "{} of {}", heard.len(), done["status"]);
        office.finish().await;
    }

    async fn another_visitors_turn_looks_like_none(store) {
        let office = Office::new(store).start().await;
        let answer = office.visitor().say("Where is the data stored?").await;
        let stranger = office.visitor();
        stranger.say("Which languages are supported?").await;
        let theirs = stranger.get(&format!("/api/chat/turns/{}/events", answer.text("turn_id"))).await;
        let nobodys = stranger.get("/api/chat/turns/01a20401-c076-7652-a1c8-59009ca8c23e/events").await;
        theirs.assert_problem(404, "turn_unknown");
        assert_eq!(theirs.text("detail"), nobodys.text("detail"));
        stranger.get("/api/chat/turns/banana/events").await.assert_problem(404, "turn_unknown");
        // Not even under the other's business or session.
        let named = format!("/api/chat/turns/{}/events?session_id={}", answer.text("turn_id"), answer.text("session_id"));
        stranger.get(&named).await.assert_problem(404, "turn_unknown");
        office.finish().await;
    }

    async fn a_caller_without_cookies_can_follow_the_address_it_was_given(store) {
        let gate = Gate::default();
        let (office, _) = Office::new(store).scripted([vec![Step::Gate(gate.clone()), Step::Say("late".into()), Step::Answer]]);
        let office = office.start().await;
        office.db_tenant("shop", true, &[]).await;
        let program = office.visitor().without_cookies();
        let pending = program.drop_off(json!({"message": "hello", "business_id": "shop"})).await;
        gate.open();
        let events = program.events(program.request(Method::GET, pending.text("events_url"))).await;
        assert_eq!(events.last().unwrap().data["reply"], "late");
        office.finish().await;
    }
}
