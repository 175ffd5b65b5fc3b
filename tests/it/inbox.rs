//! What a team does with its conversations.

use std::time::Duration;

use serde_json::{Value, json};

use super::tenants::{fish, refused};
use crate::harness::{actors::Account, on_both_stores};

/// Says something in a session of a visitor of their own.
macro_rules! say {
    ($office:expr, $session:expr, $text:expr) => {
        $office.visitor().post(json!({"message": $text, "business_id": "fish", "session_id": $session})).await
    };
}

async fn conversations(account: &Account, filter: Value, order: &str) -> Vec<(String, Value)> {
    let query = "query($f: ConversationFilter, $o: ConversationOrder) { viewer { tenant { conversations(filter: $f, orderBy: $o) { nodes { sessionId id } } } } }";
    let data = account.data(query, json!({"f": filter, "o": order})).await;
    let nodes = data["viewer"]["tenant"]["conversations"]["nodes"].as_array().unwrap().clone();
    nodes.into_iter().map(|node| (node["sessionId"].as_str().unwrap().to_owned(), node["id"].clone())).collect()
}

on_both_stores! {
    async fn conversations_are_found_by_what_was_said_who_answered_and_when(store) {
        let (office, ann, owner) = fish(store).await;
        for (session, text) in [("a", "When does the shop open?"), ("b", "Do you deliver to Mars?"), ("c", "100% sure?")] {
            say!(office, session, text);
            office.settled().await;
            office.clock.advance(Duration::from_secs(60));
        }
        let found = async |filter: Value, order: &str| conversations(&ann, filter, order).await.into_iter().map(|(session, _)| session).collect::<String>();
        assert_eq!(found(json!({}), "CREATED").await, "cba");
        // The same visitor comes back to the first one.
        let all = conversations(&ann, json!({}), "CREATED").await;
        office.database.db_do("UPDATE conversations SET last_message_at = created_at").await;
        let later = if store == crate::harness::store::Store::Sqlite { "last_message_at + 600000000" } else { "last_message_at + interval '10 minutes'" };
        office.database.db_do(&format!("UPDATE conversations SET last_message_at = {later} WHERE session_id = 'a'")).await;
        assert_eq!(found(json!({}), "ACTIVE").await, "acb");
        assert_eq!(found(json!({"text": "MARS"}), "CREATED").await, "b");
        assert_eq!(found(json!({"text": "opens at nine"}), "CREATED").await, "a", "what the assistant said counts too");
        assert_eq!(found(json!({"text": "0%"}), "CREATED").await, "c");
        assert_eq!(found(json!({"text": "nobody said this"}), "CREATED").await, "");
        assert_eq!(found(json!({"state": "AI"}), "CREATED").await, "cba");
        assert_eq!(found(json!({"channel": "PUBLIC", "activeFrom": "2026-11-22T12:00:30Z", "activeTo": "2026-11-22T12:01:30Z"}), "CREATED").await, "b");
        let persona = ann.data("{ viewer { tenant { defaultPersona { id } } } }", json!({})).await["viewer"]["tenant"]["defaultPersona"]["id"].clone();
        assert_eq!(found(json!({"persona": persona}), "CREATED").await, "cba");
        let elsewhere = owner.data("{ tenant(slug: \"office16852-platform\") { defaultPersona { id } } }", json!({})).await["tenant"]["defaultPersona"]["id"].clone();
        assert_eq!(found(json!({"persona": elsewhere}), "CREATED").await, "");
        // Pages in the order of activity, forwards and backwards.
        let page = "query($first: Int, $last: Int, $after: String, $before: String) { viewer { tenant { conversations(orderBy: ACTIVE, first: $first, last: $last, after: $after, before: $before) { edges { cursor node { sessionId } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }";
        let get = async |variables: Value| ann.data(page, variables).await["viewer"]["tenant"]["conversations"].clone();
        let sessions = |page: &Value| page["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["sessionId"].as_str().unwrap().to_owned()).collect::<String>();
        let first = get(json!({"first": 2})).await;
        let rest = get(json!({"first": 2, "after": first["pageInfo"]["endCursor"]})).await;
        assert_eq!((sessions(&first), sessions(&rest), &rest["pageInfo"]["hasNextPage"], &rest["pageInfo"]["hasPreviousPage"]), ("ac".into(), "b".into(), &json!(false), &json!(true)));
        let back = get(json!({"last": 2, "before": rest["pageInfo"]["startCursor"]})).await;
        assert_eq!(sessions(&back), "ac");
        // A cursor of one order is none of the other.
        let other = "query($after: String) { viewer { tenant { conversations(after: $after) { nodes { id } } } } }";
        assert_eq!(ann.ask(other, json!({"after": first["pageInfo"]["endCursor"]})).await.body["errors"][0]["extensions"]["code"], "CURSOR_INVALID");
        for wrong in [json!({"persona": all[0].1}), json!({"assignee": persona}), json!({"assignee": all[0].1, "unassigned": true})] {
            let query = "query($f: ConversationFilter) { viewer { tenant { conversations(filter: $f) { nodes { id } } } } }";
            assert_eq!(ann.ask(query, json!({"f": wrong})).await.body["errors"][0]["extensions"]["code"], "INPUT_INVALID");
        }
        office.finish().await;
    }

    async fn a_conversation_is_looked_after_noted_and_settled(store) {
        let (office, ann, _) = fish(store).await;
        let tenant = office.db_tenant("chips", true, &[]).await;
        office.member(&tenant, "zoe@example.com", "OWNER").await;
        ann.change("memberInvite", "invitation { id }", json!({"email": "bea@example.com", "role": "AGENT"})).await;
        office.joined("bea@example.com").await;
        let bea = Account::sign_in_to(office.visitor().without_cookies(), "fish", "bea@example.com", crate::harness::actors::MEMBER_PASSWORD).await;
        let visitor = office.visitor();
        let say = async |text: &str| visitor.post(json!({"message": text, "business_id": "fish", "session_id": "s"})).await;
        say("Do you deliver to Mars?").await;
        office.settled().await;
        let id = conversations(&bea, json!({}), "CREATED").await[0].1.clone();
        // An agent sees the team, without anybody's e-mail, and takes it.
        let team = bea.data("{ viewer { tenant { team { member name role } } } }", json!({})).await["viewer"]["tenant"]["team"].clone();
        let mine = team.as_array().unwrap().iter().find(|member| member["role"] == "AGENT").unwrap()["member"].clone();
        assert_eq!(team.as_array().unwrap().len(), 2);
        let wanted = "conversation { assignee { member name } state }";
        let taken = bea.change("conversationAssign", wanted, json!({"conversation": id, "member": mine})).await;
        assert_eq!(taken["conversation"]["assignee"], json!({"member": mine, "name": "Somebody"}));
        assert_eq!(conversations(&bea, json!({"assignee": mine}), "CREATED").await.len(), 1);
        assert_eq!(conversations(&bea, json!({"unassigned": true}), "CREATED").await.len(), 0);
        let left = bea.change("conversationAssign", wanted, json!({"conversation": id})).await;
        assert_eq!(left["conversation"]["assignee"], Value::Null);
        assert_eq!(conversations(&bea, json!({"unassigned": true}), "CREATED").await.len(), 1);
        for wrong in [json!({"conversation": id, "member": id}), json!({"conversation": id, "member": a_stranger(&mine)})] {
            refused(&bea.mutate("conversationAssign", wanted, wrong).await, "NOT_FOUND", "member");
        }
        // A note: the team sees it, the visitor never.
        let noted = bea.change("conversationNoteCreate", "note { text author { kind name } } conversation { notes { text } }", json!({"conversation": id, "text": " They mean Marseille. "})).await;
        assert_eq!(noted["note"], json!({"text": "They mean Marseille.", "author": {"kind": "MEMBER", "name": "Somebody"}}));
        assert_eq!(noted["conversation"]["notes"], json!([{"text": "They mean Marseille."}]));
        for text in ["", " \n ", &"x".repeat(4_001), "a\u{0}b"] {
            refused(&bea.mutate("conversationNoteCreate", "note { text }", json!({"conversation": id, "text": text})).await, "INVALID", "text");
        }
        // Settled; open again when the visitor writes again.
        assert_eq!(bea.change("conversationResolve", wanted, json!({"conversation": id})).await["conversation"]["state"], "RESOLVED");
        bea.change("conversationResolve", wanted, json!({"conversation": id})).await;
        assert_eq!(say("When does the shop open?").await.text("status"), "answered");
        office.settled().await;
        let seen = "query($id: ID!) { conversation(id: $id) { state messageCount visitor { uuid firstSeenAt lastSeenAt } turns { nodes { state firstSequence lastSequence restarts answer endedAt } } messages { nodes { id text } } } }";
        let now = bea.data(seen, json!({"id": id})).await["conversation"].clone();
        assert_eq!((&now["state"], &now["messageCount"]), (&json!("AI"), &json!(4)));
        let turns = now["turns"]["nodes"].as_array().unwrap();
        assert_eq!(turns.iter().map(|turn| turn["state"].as_str().unwrap()).collect::<Vec<_>>(), ["REFUSED", "ANSWERED"]);
        assert_eq!(turns[1]["answer"], now["messages"]["nodes"][3]["id"]);
        assert!(!now["messages"].to_string().contains("Marseille") && now["visitor"]["uuid"].is_string());
        for (name, wanted) in [("conversationAssign", wanted), ("conversationResolve", wanted)] {
            refused(&bea.mutate(name, wanted, json!({"conversation": mine})).await, "NOT_FOUND", "conversation");
        }
        refused(&bea.mutate("conversationNoteCreate", "note { text }", json!({"conversation": mine, "text": "x"})).await, "NOT_FOUND", "conversation");
        // Who leaves the team looks after nothing any more.
        bea.change("conversationAssign", wanted, json!({"conversation": id, "member": mine})).await;
        ann.change("memberRemove", "member { id }", json!({"member": mine})).await;
        assert_eq!(ann.data("query($id: ID!) { conversation(id: $id) { assignee { name } } }", json!({"id": id})).await["conversation"]["assignee"], Value::Null);
        let log = ann.data("{ auditLog { nodes { action } } }", json!({})).await;
        let done: Vec<&str> = log["auditLog"]["nodes"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).filter(|action| action.starts_with("CONVERSATION")).collect();
        assert_eq!(done, ["CONVERSATION_ASSIGNED", "CONVERSATION_RESOLVED", "CONVERSATION_NOTED", "CONVERSATION_ASSIGNED", "CONVERSATION_ASSIGNED"]);
        office.finish().await;
    }

    async fn turns_are_listed_by_pages_and_beside_each_other(store) {
        let (office, ann, _) = fish(store).await;
        let visitors = [office.visitor(), office.visitor()];
        for (visitor, (session, count)) in visitors.iter().zip([("s", 3), ("t", 1)]) {
            for _ in 0..count {
                visitor.post(json!({"message": "When does the shop open?", "business_id": "fish", "session_id": session})).await;
                office.settled().await;
            }
        }
        let query = "query($first: Int, $last: Int, $after: String, $before: String) { viewer { tenant { conversations { nodes { turns(first: $first, last: $last, after: $after, before: $before) { edges { cursor node { firstSequence } } pageInfo { hasNextPage hasPreviousPage endCursor startCursor } } } } } } }";
        let get = async |variables: Value| {
            let data = ann.data(query, variables).await;
            let nodes = data["viewer"]["tenant"]["conversations"]["nodes"].as_array().unwrap().clone();
            nodes.into_iter().map(|node| node["turns"].clone()).collect::<Vec<_>>()
        };
        let places = |turns: &Value| turns["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["firstSequence"].as_i64().unwrap()).collect::<Vec<_>>();
        let first = get(json!({"first": 2})).await;
        assert_eq!((places(&first[0]), places(&first[1])), (vec![1], vec![1, 3]));
        assert_eq!((&first[0]["pageInfo"]["hasNextPage"], &first[1]["pageInfo"]["hasNextPage"]), (&json!(false), &json!(true)));
        let rest = get(json!({"first": 2, "after": first[1]["pageInfo"]["endCursor"]})).await;
        assert_eq!((places(&rest[0]), places(&rest[1])), (vec![], vec![5]));
        let last = get(json!({"last": 2})).await;
        assert_eq!((places(&last[1]), &last[1]["pageInfo"]["hasPreviousPage"]), (vec![3, 5], &json!(true)));
        assert_eq!(places(&get(json!({"last": 9, "before": last[1]["pageInfo"]["endCursor"]})).await[1]), [1, 3]);
        office.finish().await;
    }
}

/// The id of somebody of the same tenant who is nobody.
fn a_stranger(member: &Value) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(member.as_str().unwrap()).unwrap()).unwrap();
    let (kept, _) = text.rsplit_once(':').unwrap();
    URL_SAFE_NO_PAD.encode(format!("{kept}:00000000-0000-7000-8000-000000000000"))
}
