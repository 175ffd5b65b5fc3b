//! GraphQL: what can be read, by whom, what it costs, and what is not let in.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{
    actors::{Account, Response, Visitor},
    app::{Office, TestApp},
    eventually, on_both_stores,
};

async fn ask(visitor: &Visitor, body: Value) -> Response {
    visitor.send(visitor.request(Method::POST, "/graphql").json(&body)).await
}

async fn ask_as(staff: &Account, query: &str, variables: Value) -> Response {
    staff.send(staff.request(Method::POST, "/graphql").json(&json!({"query": query, "variables": variables}))).await
}

/// What was answered without any error.
fn data(response: &Response) -> &Value {
    assert_eq!((response.status.as_u16(), &response.body["errors"]), (200, &Value::Null), "{}", response.body);
    &response.body["data"]
}

/// The code of the only error, which has the form all have.
fn code(response: &Response) -> &str {
    let errors = response.body["errors"].as_array().unwrap_or_else(|| panic!("no errors in {}", response.body));
    assert_eq!(errors.len(), 1, "{}", response.body);
    let extensions = &errors[0]["extensions"];
    assert_eq!(extensions["requestId"], response.header("x-request-id"), "{}", response.body);
    assert!(errors[0]["message"].as_str().is_some_and(|message| !message.is_empty()));
    extensions["code"].as_str().unwrap()
}

fn id(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// Several visitors, each with a conversation of so many questions and as many answers.
async fn talk(office: &TestApp, visitors: usize, questions: usize) {
    join_all((0..visitors).map(async |_| {
        let visitor = office.visitor();
        for _ in 0..questions {
            assert_eq!(visitor.say("Where is the data stored?").await.text("status"), "answered");
        }
    }))
    .await;
}

/// The same store behind doors that do nothing by themselves, so that every statement is a request's.
async fn quiet(office: &mut TestApp) -> TestApp {
    office.settled().await;
    office.stop().await;
    Office::new(office.database.store).idle().on(&office.database).start().await
}

const PLATFORM: &str = "office16852-platform";

on_both_stores! {
    async fn strangers_read_prices_and_how_the_system_is(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        eventually("workers that have looked", async || (visitor.get("/readyz").await.status == 200).then_some(())).await;
        let query = "{ viewer { email } systemStatus { version store { engine ok } workers { state lastLook } model ready } \
            pricebook { number status effectiveFrom effectiveTo plans { key listPrice { amount currency minor } credits seats } \
            rates { action credits perTokens minimum } trial { plan days credits } } }";
        // Ready once the workers have looked at the queue.
        let answer = eventually("the workers' first look", async || {
            let answer = ask(&visitor, json!({"query": query})).await;
            (answer.body["data"]["systemStatus"]["ready"] == true).then_some(answer)
        })
        .await;
        let data = data(&answer);
        assert_eq!(data["viewer"], Value::Null);
        let engine = format!("{store:?}").to_lowercase();
        assert_eq!(data["systemStatus"]["store"], json!({"engine": engine, "ok": true}));
        assert_eq!((&data["systemStatus"]["model"], &data["systemStatus"]["ready"]), (&json!("extractive"), &json!(true)));
        let book = &data["pricebook"];
        assert_eq!((&book["number"], &book["status"], &book["effectiveFrom"]), (&json!(1), &json!("ACTIVE"), &json!("2026-11-22T12:00:00.000000Z")));
        assert_eq!(book["plans"][0], json!({"key": "starter", "listPrice": {"amount": "79.00", "currency": "USD", "minor": "7900"}, "credits": "15000", "seats": 3}));
        assert_eq!(book["plans"][2]["seats"], Value::Null, "unlimited");
        assert_eq!(book["rates"][0], json!({"action": "ANSWER_WRITTEN", "credits": "1", "perTokens": 1000, "minimum": "1"}));
        assert_eq!(book["trial"], json!({"plan": "starter", "days": 14, "credits": "500"}));
        let cost = &answer.body["extensions"]["cost"];
        assert!(cost["requested"].as_u64().unwrap() > 20 && cost["maximum"] == 1_000, "{cost}");
        assert_eq!(answer.header("cache-control"), "no-store");
        let versions = ask(&visitor, json!({"query": "{ pricebookVersions { nodes { id number } pageInfo { hasNextPage hasPreviousPage } } pricebookVersion(number: 2) { id } }"})).await;
        assert_eq!(versions.body["data"]["pricebookVersions"]["nodes"][0]["number"], 1);
        assert_eq!(versions.body["data"]["pricebookVersion"], Value::Null);
        let one = versions.body["data"]["pricebookVersions"]["nodes"][0]["id"].clone();
        let node = ask(&visitor, json!({"query": "query($id: ID!) { node(id: $id) { __typename id ... on PricebookVersion { number } } }", "variables": {"id": one}})).await;
        assert_eq!(node.body["data"]["node"], json!({"__typename": "PricebookVersion", "id": one, "number": 1}));
        let future = ask(&visitor, json!({"query": "{ pricebook(at: \"2026-11-22T12:00:01Z\") { number } }"})).await;
        assert_eq!((code(&future), &future.body["data"]), ("INPUT_INVALID", &json!({"pricebook": null})));
        let before = ask(&visitor, json!({"query": "{ pricebook(at: \"2020-01-01T00:00:00+02:00\") { number } }"})).await;
        assert_eq!(before.body["data"], json!({"pricebook": null}));
        office.finish().await;
    }

    async fn what_is_for_staff_is_for_nobody_else(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        talk(&office, 1, 1).await;
        for query in ["{ tenant(slug: \"office16852-platform\") { id } }", "{ tenant(slug: \"no-such\") { id } }", "{ jobs { nodes { id } } }"] {
            let answer = ask(&visitor, json!({"query": query})).await;
            assert_eq!(code(&answer), "NOT_SIGNED_IN", "{query}");
            assert!(answer.body["data"].as_object().unwrap().values().all(Value::is_null), "{}", answer.body);
        }
        let owner = office.owner().await;
        let asked = ask_as(&owner, "query($s: String) { tenant(slug: $s) { uuid id conversations { nodes { id } } } }", json!({"s": PLATFORM})).await;
        let tenant = &data(&asked)["tenant"];
        let conversation = tenant["conversations"]["nodes"][0]["id"].clone();
        for hidden in [&conversation, &tenant["id"], &json!(id("Job:00000000-0000-0000-0000-000000000000"))] {
            let node = ask(&visitor, json!({"query": "query($id: ID!) { node(id: $id) { id } }", "variables": {"id": hidden}})).await;
            assert_eq!(code(&node), "NOT_SIGNED_IN");
        }
        // Another tenant does not have it, whoever asks.
        let other = office.db_tenant("other", false, &[]).await;
        let row = String::from_utf8(URL_SAFE_NO_PAD.decode(conversation.as_str().unwrap()).unwrap()).unwrap();
        let row = row.rsplit(':').next().unwrap();
        let ids = json!([conversation, id(&format!("Conversation:{}:{row}", other.public_id)), id(&format!("Tenant:{row}"))]);
        let nodes = ask_as(&owner, "query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }", json!({"ids": ids})).await;
        assert_eq!(data(&nodes)["nodes"], json!([{"id": conversation, "__typename": "Conversation"}, null, null]));
        let empty = ask_as(&owner, "{ tenant(slug: \"other\") { name conversations { nodes { id } } defaultPersona { name } } }", json!({})).await;
        assert_eq!(data(&empty)["tenant"], json!({"name": "other", "conversations": {"nodes": []}, "defaultPersona": {"name": "Ada"}}));
        let wrong = ask_as(&owner, "{ node(id: \"nonsense\") { id } }", json!({})).await;
        assert_eq!(code(&wrong), "INPUT_INVALID");
        let nobody = visitor.send(visitor.request(Method::POST, "/graphql").bearer_auth("fo_st_wrong").json(&json!({"query": "{ viewer { id } }"}))).await;
        nobody.assert_problem(401, "not_signed_in");
        office.finish().await;
    }

    async fn staff_reads_conversations_personas_and_jobs(store) {
        let office = Office::new(store).start().await;
        talk(&office, 2, 2).await;
        let owner = office.owner().await;
        let query = "query($slug: String!) { viewer { id email staffRole permissions } tenant(slug: $slug) { id uuid slug name defaultLocale publicChat createdAt \
            personas { nodes { id name tone systemPrompt isDefault version { number createdAt } } } defaultPersona { name } \
            conversations(filter: {state: AI, channel: PUBLIC}) { edges { cursor node { id sessionId channel state locale messageCount persona { name } \
            messages(last: 2) { nodes { id sequence role status text model sources { title url } personaVersion { name number } createdAt } pageInfo { hasPreviousPage hasNextPage } } } } } } \
            jobs(first: 2, filter: {state: DONE}) { nodes { id name state attempt maxAttempts runAt lastError createdAt endedAt tenant { slug } } pageInfo { hasNextPage } } }";
        let answer = ask_as(&owner, query, json!({"slug": PLATFORM})).await;
        let data = data(&answer);
        assert_eq!((&data["viewer"]["email"], &data["viewer"]["staffRole"]), (&json!("owner@localhost"), &json!("OWNER")));
        assert!(data["viewer"]["permissions"].as_array().unwrap().contains(&json!("chat.read")));
        let tenant = &data["tenant"];
        assert_eq!((&tenant["defaultLocale"], &tenant["publicChat"]), (&json!("en"), &json!(true)));
        assert_eq!(tenant["personas"]["nodes"][0]["version"]["number"], 1);
        assert_eq!(tenant["defaultPersona"]["name"], "Bob");
        let edges = tenant["conversations"]["edges"].as_array().unwrap();
        assert_eq!(edges.len(), 2);
        for edge in edges {
            let conversation = &edge["node"];
            assert_eq!((&conversation["messageCount"], &conversation["persona"]["name"]), (&json!(4), &json!("Bob")));
            let messages = &conversation["messages"];
            assert_eq!(messages["pageInfo"], json!({"hasPreviousPage": true, "hasNextPage": false}));
            assert_eq!((&messages["nodes"][0]["sequence"], &messages["nodes"][0]["role"], &messages["nodes"][0]["personaVersion"]), (&json!(3), &json!("VISITOR"), &Value::Null));
            let answer = &messages["nodes"][1];
            assert_eq!((&answer["status"], &answer["personaVersion"]["name"], &answer["model"]), (&json!("ANSWERED"), &json!("Bob"), &json!("extractive")));
            assert_eq!(answer["sources"][0]["title"], "Where the data is stored");
        }
        let jobs = &data["jobs"];
        assert_eq!((jobs["nodes"].as_array().unwrap().len(), &jobs["pageInfo"]["hasNextPage"]), (2, &json!(true)));
        assert_eq!((&jobs["nodes"][0]["name"], &jobs["nodes"][0]["tenant"]["slug"]), (&json!("meter_usage"), &json!(PLATFORM)));
        // Everything is found again by its id.
        let found = ["id"].map(|name| [&tenant[name], &tenant["personas"]["nodes"][0][name], &edges[0]["node"][name], &edges[0]["node"]["messages"]["nodes"][1][name], &jobs["nodes"][0][name], &data["viewer"][name]]).concat();
        let nodes = ask_as(&owner, "query($ids: [ID!]!) { nodes(ids: $ids) { id __typename ... on Message { personaVersion { name } } ... on Conversation { messages(first: 1) { nodes { text } } } } }", json!({"ids": found})).await;
        let kinds: Vec<_> = nodes.body["data"]["nodes"].as_array().unwrap().iter().map(|node| node["__typename"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["Tenant", "Persona", "Conversation", "Message", "Job", "Viewer"], "{}", nodes.body);
        office.finish().await;
    }

    async fn a_role_without_the_permission_is_told_so_where_it_matters(store) {
        let office = Office::new(store).start().await;
        let owner = office.owner().await;
        office.database.db_do("UPDATE staff SET role = 'finance_author'").await;
        let answer = ask_as(&owner, "{ tenant(slug: \"office16852-platform\") { slug conversations { nodes { id } } } viewer { staffRole } }", json!({})).await;
        assert_eq!(code(&answer), "NOT_ALLOWED");
        assert_eq!(answer.body["errors"][0]["path"], json!(["tenant", "conversations"]));
        assert_eq!(answer.body["data"], json!({"tenant": {"slug": PLATFORM, "conversations": null}, "viewer": {"staffRole": "FINANCE_AUTHOR"}}));
        assert_eq!(code(&ask_as(&owner, "{ jobs { nodes { id } } }", json!({})).await), "NOT_ALLOWED");
        office.finish().await;
    }

    async fn pages_follow_each_other_without_gap_or_repeat(store) {
        let office = Office::new(store).start().await;
        talk(&office, 7, 1).await;
        let owner = office.owner().await;
        let query = "query($first: Int, $last: Int, $after: String, $before: String) { tenant(slug: \"office16852-platform\") { \
            conversations(first: $first, last: $last, after: $after, before: $before) { nodes { id } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } } }";
        let page = async |variables: Value| data(&ask_as(&owner, query, variables).await)["tenant"]["conversations"].clone();
        let all = page(json!({})).await;
        let all: Vec<Value> = all["nodes"].as_array().unwrap().clone();
        assert_eq!(all.len(), 7);
        let (mut forwards, mut backwards) = (Vec::new(), Vec::new());
        let (mut after, mut before) = (Value::Null, Value::Null);
        for turn in 0..3 {
            let next = page(json!({"first": 3, "after": after})).await;
            forwards.extend(next["nodes"].as_array().unwrap().clone());
            assert_eq!((&next["pageInfo"]["hasNextPage"], &next["pageInfo"]["hasPreviousPage"]), (&json!(turn < 2), &json!(turn > 0)));
            after = next["pageInfo"]["endCursor"].clone();
            let previous = page(json!({"last": 3, "before": before})).await;
            backwards.splice(0..0, previous["nodes"].as_array().unwrap().clone());
            assert_eq!((&previous["pageInfo"]["hasPreviousPage"], &previous["pageInfo"]["hasNextPage"]), (&json!(turn < 2), &json!(turn > 0)));
            before = previous["pageInfo"]["startCursor"].clone();
        }
        assert_eq!((&forwards, &backwards), (&all, &all));
        let cursor = after.as_str().unwrap();
        let forged = cursor.replacen(|_| true, if cursor.starts_with('A') { "B" } else { "A" }, 1);
        for (variables, expected) in [
            (json!({"first": 0}), "INPUT_INVALID"),
            (json!({"first": 101}), "INPUT_INVALID"),
            (json!({"last": -1}), "INPUT_INVALID"),
            (json!({"first": 1, "last": 1}), "INPUT_INVALID"),
            (json!({"after": "nonsense"}), "CURSOR_INVALID"),
            (json!({"before": forged}), "CURSOR_INVALID"),
        ] {
            assert_eq!(code(&ask_as(&owner, query, variables.clone()).await), expected, "{variables}");
        }
        let elsewhere = ask_as(&owner, "query($after: String) { jobs(after: $after) { nodes { id } } }", json!({"after": after})).await;
        assert_eq!(code(&elsewhere), "CURSOR_INVALID", "a cursor is good for its own list only");
        office.finish().await;
    }

    async fn staff_reads_what_a_tenant_has_and_what_a_turn_cost(store) {
        let office = Office::new(store).start().await;
        let turn = office.visitor().say("Where is the data stored?").await.text("turn_id").to_owned();
        office.visitor().say("How tall is the Eiffel tower?").await;
        office.settled().await;
        let owner = office.owner().await;
        let query = format!(
            "query($turn: UUID!, $after: String) {{ tenant(slug: \"{PLATFORM}\") {{ credits {{ plan trial pricebookVersion periodStart periodEnd balance held available \
             grants {{ kind amount remaining held expiresAt }} charge(turnId: $turn) {{ action credits rated absorbed promptTokens estimated pricebookVersion }} \
             entries(first: 3, after: $after) {{ edges {{ cursor node {{ number kind amount balanceAfter heldAfter turnId }} }} pageInfo {{ hasNextPage hasPreviousPage endCursor }} }} }} }} }}"
        );
        let answer = ask_as(&owner, &query, json!({"turn": turn})).await;
        let credits = &data(&answer)["tenant"]["credits"];
        assert_eq!((&credits["plan"], &credits["trial"], &credits["pricebookVersion"]), (&json!("enterprise"), &json!(false), &json!(1)));
        assert_eq!((&credits["balance"], &credits["held"], &credits["available"]), (&json!("249999"), &json!("0"), &json!("249999")));
        assert_eq!((&credits["periodStart"], &credits["periodEnd"]), (&json!("2026-11-22T12:00:00.000000Z"), &json!("2026-12-22T00:00:00.000000Z")));
        assert_eq!(credits["grants"], json!([{"kind": "ALLOWANCE", "amount": "250000", "remaining": "249999", "held": "0", "expiresAt": "2026-12-22T00:00:00.000000Z"}]));
        assert_eq!(credits["charge"], json!({"action": "ANSWER_QUOTED", "credits": "1", "rated": "1", "absorbed": "0", "promptTokens": null, "estimated": false, "pricebookVersion": 1}));
        let entries = credits["entries"]["edges"].as_array().unwrap();
        let numbers: Vec<_> = entries.iter().map(|edge| edge["node"]["number"].as_i64().unwrap()).collect();
        assert_eq!(numbers, [5, 4, 3]);
        let end = &credits["entries"]["pageInfo"]["endCursor"];
        let rest = ask_as(&owner, &query, json!({"turn": turn, "after": end})).await;
        let rest = &data(&rest)["tenant"]["credits"]["entries"];
        assert_eq!(rest["edges"][1]["node"], json!({"number": 1, "kind": "GRANT", "amount": "250000", "balanceAfter": "250000", "heldAfter": "0", "turnId": null}));
        assert_eq!(rest["pageInfo"]["hasNextPage"], false);
        // A period later nothing has run, and the answer is right all the same.
        office.advance(std::time::Duration::from_secs(86_400 * 40));
        let owner = office.owner().await;
        let later = ask_as(&owner, &query, json!({"turn": turn})).await;
        let credits = &data(&later)["tenant"]["credits"];
        assert_eq!((&credits["balance"], &credits["periodEnd"]), (&json!("250000"), &json!("2027-01-22T00:00:00.000000Z")));
        office.finish().await;
    }

    async fn an_object_of_which_nothing_is_left_is_still_an_object(store) {
        let office = Office::new(store).start().await;
        let owner = office.owner().await;
        let query = format!("query($no: Boolean = false) {{ viewer {{ email @include(if: $no) }} tenant(slug: \"{PLATFORM}\") {{ personas {{ nodes {{ ...N @skip(if: true) }} }} }} __typename @skip(if: true) }} fragment N on Persona {{ name }}");
        let answer = ask_as(&owner, &query, json!({})).await;
        assert_eq!(answer.body["data"], json!({"viewer": {}, "tenant": {"personas": {"nodes": [{}]}}}), "{}", answer.body);
        let nobody = ask(&office.visitor(), json!({"query": "{ viewer { email @skip(if: true) } }"})).await;
        assert_eq!(nobody.body["data"], json!({"viewer": null}));
        // A character that no store takes names nothing.
        let odd = ask_as(&owner, "{ tenant(slug: \"a\\u0000b\") { name } jobs(filter: {name: \"a\\u0000b\"}) { nodes { id } } }", json!({})).await;
        assert_eq!(odd.body["data"], json!({"tenant": null, "jobs": {"nodes": []}}), "{}", odd.body);
        office.visitor().get("/graphiql/%ff").await.assert_problem(404, "not_found");
        office.finish().await;
    }

    async fn a_nested_page_costs_one_statement_for_each_field_and_level(store) {
        let mut loud = Office::new(store).start().await;
        talk(&loud, 20, 5).await;
        let office = quiet(&mut loud).await;
        let owner = office.owner().await;
        let counted = async |query: &str| {
            let before = office.app().db.statements();
            let answer = ask_as(&owner, query, json!({})).await;
            let statements = office.app().db.statements() - before;
            (statements, data(&answer).clone())
        };
        let (session, _) = counted("{ viewer { id } }").await;
        let inner = "{ nodes { id state persona { name version { number } } messages(first: 10) { nodes { text role personaVersion { name } sources { title } } } } }";
        for visitors in [2, 20] {
            let query = format!("{{ tenant(slug: \"{PLATFORM}\") {{ name conversations(first: {visitors}) {inner} }} }}");
            let (statements, data) = counted(&query).await;
            let conversations = data["tenant"]["conversations"]["nodes"].as_array().unwrap();
            assert_eq!(conversations.len(), visitors);
            for conversation in conversations {
                let messages = conversation["messages"]["nodes"].as_array().unwrap();
                assert_eq!((messages.len(), &messages[9]["personaVersion"]["name"]), (10, &json!("Bob")));
            }
            assert_eq!(statements - session, 5, "tenant, conversations, persona, messages, their personas' versions");
        }
        let twice = format!("{{ tenant(slug: \"{PLATFORM}\") {{ conversations {{ nodes {{ a: messages(first: 2) {{ nodes {{ id }} }} b: messages(last: 2) {{ nodes {{ id }} }} }} }} }} }}");
        assert_eq!(counted(&twice).await.0 - session, 4, "the same field with other arguments is another field");
        office.finish().await;
    }

    async fn too_much_is_refused_before_anything_is_read(store) {
        let mut loud = Office::new(store).start().await;
        let office = quiet(&mut loud).await;
        let owner = office.owner().await;
        let nest = |field: &str, times: usize, end: &str| format!("{}{end}{}", format!("{field} {{ ").repeat(times), " }".repeat(times));
        let bomb: String = (0..40).map(|n| format!("fragment F{n} on Query {{ ...F{next} ...F{next} }} ", next = n + 1)).collect();
        let wide = "tenant(slug: \"x\") { conversations(first: 100) { nodes { messages(first: 100) { nodes { id } } } } }";
        let hostile = [
            ("depth", format!("{{ {} }}", nest("tenant(slug: \"x\")", 12, "id"))),
            ("depth", format!("{{ {} }}", nest("__schema", 16, "types { name }"))),
            ("depth", format!("{{ a(b: {}{}) }}", "[".repeat(900), "]".repeat(900))),
            ("depth", "{".repeat(1_999)),
            ("depth of introspection", "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }".into()),
            ("number of repeated fields", format!("{{ {} }}", "pricebook { number } ".repeat(32))),
            ("number of repeated fields", format!("{{ {} }} fragment F on Query {{ pricebook {{ number }} }}", "...F ".repeat(32))),
            ("aliases", format!("{{ {} }}", (0..31).map(|n| format!("a{n}: __typename ")).collect::<String>())),
            ("directives", format!("{{ __typename {} }}", "@include(if: true) ".repeat(51))),
            ("tokens", format!("{{ {} }}", "__typename ".repeat(1_999))),
            ("tokens", format!("{{ {} }}", "...F".repeat(1_001))),
            ("size in bytes", format!("{{ __typename }} #{}", "x".repeat(32 * 1024))),
            ("complexity", format!("{{ {wide} }}")),
            ("complexity", format!("query($n: Int = 100) {{ {} }}", wide.replace("100", "$n"))),
            ("complexity", format!("query A {{ __typename }} query B {{ {wide} }}")),
            ("complexity", format!("{{ ...F0 }} {bomb} fragment F40 on Query {{ __typename }}")),
        ];
        let before = office.app().db.statements();
        for (limit, query) in &hostile {
            let body = json!({"query": query, "operationName": if query.starts_with("query A") { "A".into() } else { Value::Null }});
            for response in [ask(&office.visitor(), body.clone()).await, owner.send(owner.request(Method::POST, "/graphql").json(&body)).await] {
                assert_eq!(code(&response), "LIMIT_EXCEEDED", "{limit}: {}", response.body);
                assert_eq!(response.body["errors"][0]["extensions"]["limit"], *limit, "{}", response.body);
                assert!(response.body.get("data").is_none() && response.body["extensions"]["cost"]["maximum"].is_u64(), "{}", response.body);
            }
        }
        for query in ["{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "{ nonsense }", "mutation { x }", "subscription { x }", "{ viewer }"] {
            let response = ask(&office.visitor(), json!({"query": query})).await;
            assert!(response.body["errors"].as_array().unwrap().iter().all(|error| error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"), "{}", response.body);
            assert!(!response.body.to_string().contains("Did you mean"), "{}", response.body);
        }
        // What a stranger may not, somebody who is signed in may.
        let middling = "{ pricebookVersions(first: 100) { nodes { plans { name key } } } }";
        assert_eq!(code(&ask(&office.visitor(), json!({"query": middling})).await), "LIMIT_EXCEEDED");
        assert_eq!(office.app().db.statements(), before, "nothing was asked of the store");
        let allowed = ask_as(&owner, middling, json!({})).await;
        data(&allowed);
        assert_eq!(allowed.body["extensions"]["cost"], json!({"requested": 1 + 100 * (1 + 1 + 5 * 2), "maximum": 10_000}));
        office.finish().await;
    }

    async fn faults_are_told_without_internals(store) {
        let mut loud = Office::new(store).start().await;
        let office = quiet(&mut loud).await;
        office.database.db_do("ALTER TABLE pricebook_versions RENAME TO elsewhere").await;
        let answer = ask(&office.visitor(), json!({"query": "{ pricebook { number } viewer { id } }"})).await;
        assert_eq!((answer.status.as_u16(), code(&answer), &answer.body["data"]), (200, "INTERNAL", &json!({"pricebook": null, "viewer": null})));
        assert!(!answer.body.to_string().contains("pricebook_versions"), "{}", answer.body);
        office.database.db_do("ALTER TABLE elsewhere RENAME TO pricebook_versions").await;
        office.finish().await;
    }
}
