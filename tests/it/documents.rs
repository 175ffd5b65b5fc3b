//! Documents that are asked again and again: they are read and checked once, and answered as if each came for the first time.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{
    actors::{Account, Response, Visitor},
    app::{Office, TestApp},
    on_both_stores,
};

async fn ask(account: &Account, body: &Value) -> Response {
    account.send(account.request(Method::POST, "/graphql").json(body)).await
}

async fn ask_as_stranger(visitor: &Visitor, body: &Value) -> Response {
    visitor.send(visitor.request(Method::POST, "/graphql").json(body)).await
}

/// Everything of an answer that does not say which request it answers.
fn lasting(response: &Response) -> Value {
    let mut body = response.body.clone();
    for error in body["errors"].as_array_mut().into_iter().flatten() {
        error["extensions"]["requestId"].take();
    }
    body
}

/// As clients that know nothing of the order of fields do not see it: letter by letter.
fn text(response: &Response) -> String {
    lasting(response).to_string()
}

const PLATFORM: &str = "office16852-platform";

/// Two conversations of two questions and their answers.
async fn talked(store: crate::harness::store::Store) -> TestApp {
    let office = Office::new(store).start().await;
    for _ in 0..2 {
        let visitor = office.visitor();
        for _ in 0..2 {
            visitor.say("Where is the data stored? \"Quoted\" \\ and \u{1F600}\n").await;
        }
    }
    office
}

/// All that is written without the library, at every place where it can stand.
const PLAIN: &str =
    "id sequence role status text model createdAt __typename again: text personaVersion { id number name __typename tone }";
const CONVERSATION: &str =
    "id sessionId channel state locale title messageCount createdAt lastMessageAt __typename persona { name version { name } }";

on_both_stores! {
    async fn a_document_that_is_known_is_answered_as_a_new_one(store) {
        let office = talked(store).await;
        let owner = office.owner().await;
        let page = format!(
            "query Page($slug: String!, $first: Int!, $after: String) {{ tenant(slug: $slug) {{ conversations(first: 1, after: $after) {{ \
             edges {{ cursor node {{ {CONVERSATION} messages(first: $first) {{ edges {{ cursor node {{ {PLAIN} }} }} nodes {{ ...M }} pageInfo {{ endCursor hasNextPage }} }} }} }} \
             pageInfo {{ endCursor hasPreviousPage }} }} }} }} fragment M on Message {{ ... on Node {{ id }} {PLAIN} }}"
        );
        // What may be left out is put together by the library each time.
        let slow = page.replace("{ cursor", "{ cursor @include(if: true)");
        assert_ne!(page, slow);
        let cases = [
            json!({"slug": PLATFORM, "first": 10, "after": null}),
            json!({"slug": PLATFORM, "first": 1, "after": null}),
            json!({"slug": "nobody", "first": 1, "after": null}),
            json!({"slug": PLATFORM, "first": 0, "after": null}),
            json!({"slug": PLATFORM, "first": 101, "after": null}),
            json!({"slug": PLATFORM, "first": 2, "after": "nonsense"}),
        ];
        let mut first = Vec::new();
        for _ in 0..3 {
            for (number, variables) in cases.iter().enumerate() {
                let answers = [
                    ask(&owner, &json!({"query": page, "variables": variables})).await,
                    ask(&owner, &json!({"query": page, "variables": variables, "operationName": "Page"})).await,
                    ask(&owner, &json!({"query": slow, "variables": variables})).await,
                ];
                let texts = answers.map(|answer| text(&answer));
                let expected = first.get(number).cloned().unwrap_or_else(|| texts[2].clone());
                for text in texts {
                    // Where they stand in the document differs.
                    let strip = |text: &str| {
                        let mut value: Value = serde_json::from_str(text).unwrap();
                        value["errors"].as_array_mut().into_iter().flatten().for_each(|error| { error["locations"].take(); });
                        value.to_string()
                    };
                    assert_eq!(strip(&text), strip(&expected), "{variables}");
                }
                if first.len() == number {
                    first.push(expected);
                }
            }
        }
        assert!(first[0].contains("\\\"Quoted\\\"") && first[0].contains("\"model\":null"), "{}", first[0]);
        office.finish().await;
    }

    async fn what_a_variable_makes_of_a_known_document_is_checked_each_time(store) {
        let office = talked(store).await;
        let owner = office.owner().await;
        let query = "query($slug: String!, $first: Int = 2) { tenant(slug: $slug) { conversations(first: $first) { nodes { id } } } }";
        let good = json!({"query": query, "variables": {"slug": PLATFORM, "first": 2}});
        let wrong = [
            json!({"slug": 1, "first": 2}),
            json!({"slug": PLATFORM, "first": "2"}),
            json!({"slug": PLATFORM, "first": 2.5}),
            json!({"slug": PLATFORM, "first": 3_000_000_000_u64}),
            json!({"slug": [PLATFORM], "first": 2}),
            json!({"slug": null, "first": 2}),
            json!({"first": 2}),
            json!({"slug": PLATFORM, "first": null}),
            json!({"slug": PLATFORM}),
        ];
        let mut fresh = Vec::new();
        for (number, variables) in wrong.iter().enumerate() {
            // A comment makes it another document.
            let query = format!("{query} # {number}");
            fresh.push(ask(&owner, &json!({"query": query, "variables": variables})).await);
        }
        for _ in 0..2 {
            assert_eq!(ask(&owner, &good).await.body["errors"], Value::Null);
        }
        for (variables, fresh) in wrong.iter().zip(fresh) {
            let known = ask(&owner, &json!({"query": query, "variables": variables})).await;
            assert_eq!((known.status, text(&known)), (fresh.status, text(&fresh)), "{variables}");
        }
        // What it costs is told anew too, and refused.
        let wide = "query($first: Int!) { tenant(slug: \"office16852-platform\") { conversations(first: $first) { nodes { messages(first: $first) { nodes { id } } } } } }";
        for _ in 0..2 {
            let cost = |first: u32| json!({"query": wide, "variables": {"first": first}});
            let narrow = ask(&owner, &cost(2)).await;
            assert_eq!(narrow.body["extensions"]["cost"]["requested"], 1 + (1 + 2 * (1 + (1 + 2 * (1 + 1)))), "{}", narrow.body);
            let refused = ask(&owner, &cost(100)).await;
            assert_eq!(refused.body["errors"][0]["extensions"]["code"], "LIMIT_EXCEEDED", "{}", refused.body);
        }
        office.finish().await;
    }

    async fn who_asks_is_looked_at_each_time(store) {
        let office = talked(store).await;
        let (owner, stranger) = (office.owner().await, office.visitor());
        let schema = json!({"query": "{ __schema { queryType { name } } }"});
        let tenant = json!({"query": "{ tenant(slug: \"office16852-platform\") { name } }"});
        let who = json!({"query": "{ viewer { email } }"});
        for _ in 0..3 {
            assert_eq!(ask(&owner, &schema).await.body["data"]["__schema"]["queryType"]["name"], "Query");
            assert_eq!(ask(&owner, &tenant).await.body["errors"], Value::Null);
            assert_eq!(ask(&owner, &who).await.body["data"]["viewer"]["email"], "owner@localhost");
            let refused = ask_as_stranger(&stranger, &tenant).await;
            assert_eq!(refused.body["errors"][0]["extensions"]["code"], "NOT_SIGNED_IN", "{}", refused.body);
            assert_eq!(refused.body["data"]["tenant"], Value::Null);
            assert_eq!(ask_as_stranger(&stranger, &who).await.body["data"], json!({"viewer": null}));
        }
        // One of several operations is another than the next.
        let several = "query A { viewer { email } } query B { systemStatus { version } }";
        for _ in 0..2 {
            for (name, field) in [("A", "viewer"), ("B", "systemStatus")] {
                let answer = ask(&owner, &json!({"query": several, "operationName": name})).await;
                assert!(answer.body["data"][field].is_object() && answer.body["data"].as_object().unwrap().len() == 1, "{}", answer.body);
            }
            for name in [Value::Null, json!("C")] {
                let refused = ask(&owner, &json!({"query": several, "operationName": name})).await;
                assert_eq!(refused.body["errors"][0]["extensions"]["code"], "OPERATION_UNKNOWN", "{}", refused.body);
            }
        }
        let session = ask(&owner, &who).await;
        assert_eq!(session.body["data"]["viewer"]["email"], "owner@localhost");
        owner.send(owner.request(Method::POST, "/api/auth/logout")).await;
        assert_eq!(ask(&owner, &who).await.status, 401, "a session that ended is no longer good for what it asked before");
        office.finish().await;
    }

    async fn the_schema_stays_closed_to_strangers_where_a_member_asked_for_it(store) {
        let office = Office::new(store).settings(|settings| settings.public_url = Some("https://office.example".parse().unwrap())).start().await;
        let owner = office.owner().await;
        for query in ["{ __schema { queryType { name } } }", "{ viewer { email } __type(name: \"Query\") { name } }"] {
            for _ in 0..2 {
                assert_eq!(ask(&owner, &json!({"query": query})).await.body["errors"], Value::Null);
                let refused = ask_as_stranger(&office.visitor(), &json!({"query": query})).await;
                assert_eq!(refused.body["errors"][0]["extensions"]["code"], "INTROSPECTION_DISABLED", "{}", refused.body);
                assert!(refused.body.get("data").is_none(), "{}", refused.body);
            }
        }
        office.finish().await;
    }
}
