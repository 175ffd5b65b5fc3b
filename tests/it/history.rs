//! What was said in a conversation, as staff read it.

use serde_json::{Value, json};

use crate::harness::{app::Office, on_both_stores};

fn sequences(page: &Value) -> Vec<i64> {
    page["messages"].as_array().unwrap().iter().map(|message| message["sequence"].as_i64().unwrap()).collect()
}

on_both_stores! {
    async fn staff_read_a_conversation_newest_first(store) {
        let office = Office::new(store).start().await;
        let (visitor, owner) = (office.visitor(), office.owner().await);
        let first = visitor.say("Where is the data stored?").await;
        visitor.say("What is the weather in Paris?").await;
        let session = first.text("session_id");
        let page = owner.get(&format!("/api/chat/history/{session}")).await;
        assert_eq!(page.status, 200, "{}", page.body);
        assert_eq!((page.text("session_id"), page.text("state"), &page.body["next_cursor"]), (session, "AI", &json!(null)));
        assert_eq!(sequences(&page.body), [4, 3, 2, 1]);
        let (answer, question) = (&page.body["messages"][2], &page.body["messages"][3]);
        assert_eq!(answer["text"], first.body["reply"]);
        assert_eq!(answer["message_id"], first.body["message_id"]);
        assert_eq!((&answer["role"], &answer["status"]), (&json!("assistant"), &json!("answered")));
        assert_eq!((&answer["persona"], &answer["model"]), (&json!({"name": "Bob"}), &json!("extractive")));
        assert_eq!(answer["sources"], first.body["sources"]);
        assert_eq!(answer["created_at"], first.body["created_at"]);
        assert_eq!(
            (&question["role"], &question["text"], &question["persona"], &question["sources"]),
            (&json!("visitor"), &json!("Where is the data stored?"), &json!(null), &json!([]))
        );
        office.finish().await;
    }

    async fn pages_follow_each_other_without_gap_or_repeat(store) {
        let office = Office::new(store).start().await;
        let (visitor, owner) = (office.visitor(), office.owner().await);
        let other = office.visitor().say("Where is the data stored?").await;
        let mut session = String::new();
        for _ in 0..3 {
            visitor.say("Where is the data stored?").await.text("session_id").clone_into(&mut session);
        }
        let path = format!("/api/chat/history/{session}?limit=2");
        let mut page = owner.get(&path).await;
        let (mut read, cursor) = (sequences(&page.body), page.text("next_cursor").to_owned());
        // What is said meanwhile shifts nothing.
        visitor.say("Where is the data stored?").await;
        while let Some(cursor) = page.body["next_cursor"].as_str().map(str::to_owned) {
            page = owner.get(&format!("{path}&before={cursor}")).await;
            read.extend(sequences(&page.body));
        }
        assert_eq!(read, [6, 5, 4, 3, 2, 1]);
        let forged: String = cursor.chars().rev().collect();
        for before in [forged.as_str(), "", "3", &format!("{cursor}AA")] {
            owner.get(&format!("{path}&before={before}")).await.assert_problem(400, "cursor_invalid");
        }
        let elsewhere = format!("/api/chat/history/{}?before={cursor}", other.text("session_id"));
        owner.get(&elsewhere).await.assert_problem(400, "cursor_invalid");
        office.finish().await;
    }

    async fn a_name_that_is_not_one_conversations_is_told(store) {
        let office = Office::new(store).start().await;
        office.db_tenant("shop", true, &[("A title", "Some text here.")]).await;
        let owner = office.owner().await;
        for visitor in [office.visitor(), office.visitor()] {
            // Each has a cookie of its own before it chooses a name.
            visitor.say("hello").await;
            assert_eq!(visitor.post(json!({"message": "hello", "session_id": "chat"})).await.status, 200);
        }
        owner.get("/api/chat/history/chat").await.assert_problem(409, "session_ambiguous");
        office.visitor().post(json!({"message": "hello", "session_id": "chat", "business_id": "shop"})).await;
        let theirs = owner.get("/api/chat/history/chat?business_id=shop").await;
        assert_eq!((theirs.status.as_u16(), sequences(&theirs.body)), (200, vec![2, 1]), "unique in its business");
        office.visitor().post(json!({"message": "hello", "session_id": "a b/ä", "business_id": "shop"})).await;
        owner.get("/api/chat/history/a%20b%2F%C3%A4").await.assert_problem(404, "session_unknown");
        assert_eq!(owner.get("/api/chat/history/a%20b%2F%C3%A4?business_id=shop").await.status, 200);
        for unknown in ["nobody", "%FF", "%00", &"x".repeat(129)] {
            owner.get(&format!("/api/chat/history/{unknown}")).await.assert_problem(404, "session_unknown");
        }
        for business in ["nobody", "", "%00", &"x".repeat(100)] {
            owner.get(&format!("/api/chat/history/chat?business_id={business}")).await.assert_problem(404, "business_unknown");
        }
        for limit in ["0", "101", "-1", "x", "", "1.5"] {
            let answer = owner.get(&format!("/api/chat/history/chat?limit={limit}")).await;
            answer.assert_problem(422, "validation_failed");
            assert_eq!(answer.body["errors"][0]["path"], "limit");
        }
        owner.get("/api/chat/history/chat?limit=1&limit=2").await.assert_problem(400, "query_invalid");
        office.finish().await;
    }
}
