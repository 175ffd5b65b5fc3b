//! Listening: what happens in conversations, over WebSockets and by events, as long as somebody is signed in.

use std::time::Duration;

use frontoffice_domain::process::Role;
use reqwest::Method;
use serde_json::{Value, json};

use super::tenants::fish;
use crate::harness::{
    actors::{Account, MEMBER_PASSWORD, Visitor},
    app::{Office, TestApp},
    eventually, on_both_stores,
    program::Program,
    socket::Socket,
    store::Store,
};

const IN_CONVERSATION: &str = "subscription($id: ID!, $after: Int) { conversationEvents(id: $id, afterSequence: $after) { __typename \
    ... on MessageAdded { message { sequence role text status personaVersion { name } } conversation { messageCount } } \
    ... on ConversationChanged { conversation { state assignee { name } } } } }";
const IN_TENANT: &str = "subscription { tenantEvents { __typename \
    ... on ConversationStarted { conversation { sessionId } } ... on HandoffRequested { conversation { sessionId state } } \
    ... on ConversationChanged { conversation { sessionId state messageCount } } } }";

/// What can be listened to. Who may is shown here, because it takes more than a request.
pub(crate) const LISTENED: &[&str] =
    &["Subscription.conversationEvents", "Subscription.pricebookPublication", "Subscription.tenantEvents"];

async fn say(visitor: &Visitor, session: &str, text: &str) {
    let said = visitor.post(json!({"message": text, "business_id": "fish", "session_id": session})).await;
    assert_eq!(said.status, 200, "{}", said.body);
}

async fn conversation(account: &Account, session: &str) -> Value {
    let data = account.data("{ viewer { tenant { conversations { nodes { id sessionId } } } } }", json!({})).await;
    let nodes = data["viewer"]["tenant"]["conversations"]["nodes"].as_array().unwrap().clone();
    nodes.iter().find(|node| node["sessionId"] == session).unwrap()["id"].clone()
}

/// Waits until who wants to listen does: nothing says so, but then the store is not asked any more.
pub(crate) async fn begun(office: &TestApp) {
    let quiet = async || {
        let before = office.app().db.statements();
        tokio::time::sleep(Duration::from_millis(200)).await;
        (office.app().db.statements() == before).then_some(())
    };
    eventually("those who listen", quiet).await;
}

/// What is told of a tenant until this kind of event, as words.
async fn until(socket: &mut Socket, wanted: &str) -> Vec<String> {
    let mut heard = Vec::new();
    loop {
        let event = socket.data().await["tenantEvents"].clone();
        let kind = event["__typename"].as_str().unwrap().to_owned();
        heard.push(format!("{kind} {}", event["conversation"]["sessionId"].as_str().unwrap()));
        if kind == wanted {
            return heard;
        }
    }
}

/// An office with a tenant `fish` of which other processes may be.
async fn over_two_processes() -> (TestApp, TestApp, Account) {
    let works = Office::new(Store::Postgres).start().await;
    let tenant = works.db_tenant("fish", true, &[("Opening hours", "The shop opens at nine.")]).await;
    let ann = works.member(&tenant, "ann@example.com", "OWNER").await;
    let doors = Office::new(Store::Postgres).role(Role::Api).on(&works.database).start().await;
    let there = Account::with(doors.visitor().without_cookies(), &ann.token);
    (works, doors, there)
}

on_both_stores! {
    async fn whoever_listens_to_a_conversation_hears_everything_once_and_in_order(store) {
        let (office, ann, _) = fish(store).await;
        let visitor = office.visitor();
        say(&visitor, "s", "When does the shop open?").await;
        office.settled().await;
        let id = conversation(&ann, "s").await;
        let mut socket = Socket::of(&ann).await;
        socket.subscribe("1", IN_CONVERSATION, json!({"id": id})).await;
        // From the beginning, as somebody who comes back with what they know.
        socket.subscribe("2", IN_CONVERSATION, json!({"id": id, "after": 0})).await;
        begun(&office).await;
        let mut heard = Vec::new();
        for _ in 0..2 {
            let event = socket.hear().await;
            assert_eq!(event["id"], "2", "nothing is new yet: {event}");
            heard.push(event["payload"]["data"]["conversationEvents"]["message"]["sequence"].clone());
        }
        assert_eq!(heard, [1, 2]);
        socket.say(json!({"type": "complete", "id": "2"})).await;
        // What is asked behind it is answered when it was heard.
        socket.subscribe("3", "{ __typename }", json!({})).await;
        assert_eq!(socket.data().await, json!({"__typename": "Query"}));
        assert_eq!(socket.hear().await, json!({"type": "complete", "id": "3"}));
        say(&visitor, "s", "Do you deliver to Mars?").await;
        let asked = socket.data().await["conversationEvents"].clone();
        assert_eq!((&asked["__typename"], &asked["message"]["sequence"], &asked["message"]["role"]), (&json!("MessageAdded"), &json!(3), &json!("VISITOR")));
        let answered = socket.data().await["conversationEvents"].clone();
        assert_eq!((&answered["message"]["status"], &answered["message"]["personaVersion"]["name"], &answered["conversation"]["messageCount"]), (&json!("REFUSED"), &json!("Ada"), &json!(4)));
        ann.change("conversationResolve", "conversation { id }", json!({"conversation": id})).await;
        let changed = socket.data().await["conversationEvents"].clone();
        assert_eq!(changed, json!({"__typename": "ConversationChanged", "conversation": {"state": "RESOLVED", "assignee": null}}));
        // A note changes neither, and another conversation is another's.
        ann.change("conversationNoteCreate", "note { text }", json!({"conversation": id, "text": "x"})).await;
        say(&office.visitor(), "t", "When does the shop open?").await;
        assert!(socket.is_silent().await);
        office.finish().await;
    }

    async fn whoever_listens_to_a_tenant_hears_of_new_conversations_and_hand_overs(store) {
        let (office, ann, _) = fish(store).await;
        let chips = office.db_tenant("chips", true, &[]).await;
        let zoe = office.member(&chips, "zoe@example.com", "OWNER").await;
        let (mut socket, mut other) = (Socket::of(&ann).await, Socket::of(&zoe).await);
        socket.subscribe("1", IN_TENANT, json!({})).await;
        other.subscribe("1", IN_TENANT, json!({})).await;
        begun(&office).await;
        let visitor = office.visitor();
        say(&visitor, "s", "Do you deliver to Mars?").await;
        assert_eq!(until(&mut socket, "ConversationStarted").await.last().unwrap(), "ConversationStarted s");
        say(&visitor, "s", "And to Venus?").await;
        let heard = until(&mut socket, "HandoffRequested").await;
        assert_eq!(heard.last().unwrap(), "HandoffRequested s");
        assert!(heard.iter().all(|event| event.ends_with(" s")), "{heard:?}");
        assert!(other.is_silent().await, "another's is another's");
        office.finish().await;
    }

    async fn only_who_may_read_conversations_listens(store) {
        let (office, ann, owner) = fish(store).await;
        say(&office.visitor(), "s", "When does the shop open?").await;
        let id = conversation(&ann, "s").await;
        let chips = office.db_tenant("chips", true, &[]).await;
        let zoe = office.member(&chips, "zoe@example.com", "OWNER").await;
        let others = json!(["usage.read", "member.manage", "chat.manage"]);
        let made = ann.change("apiKeyCreate", "secret", json!({"name": "Key", "permissions": others})).await;
        let key = Account::with(office.visitor().without_cookies(), made["secret"].as_str().unwrap());
        let support = office.colleague("support@example.com", "SUPPORT").await;
        let tenant = ann.data("{ viewer { tenant { id } } }", json!({})).await["viewer"]["tenant"]["id"].clone();
        let named = "subscription($id: ID) { tenantEvents(tenantId: $id) { __typename } }";
        for (who, code_in_conversation, code_in_tenant) in [
            (&Account::with(office.visitor().without_cookies(), ""), "NOT_SIGNED_IN", "NOT_SIGNED_IN"),
            (&zoe, "NOT_FOUND", "NOT_FOUND"),
            (&key, "NOT_ALLOWED", "NOT_ALLOWED"),
            (&support, "REASON_REQUIRED", "REASON_REQUIRED"),
        ] {
            let mut socket = Socket::connect(ann.base(), &[]).await;
            let shown = if who.token.is_empty() { json!({}) } else { json!({"Authorization": format!("Bearer {}", who.token)}) };
            socket.begin(shown).await;
            for (query, variables, code) in [(IN_CONVERSATION, json!({"id": id}), code_in_conversation), (named, json!({"id": tenant}), code_in_tenant)] {
                socket.subscribe("1", query, variables).await;
                let heard = socket.hear().await;
                let errors = if heard["type"] == "error" { heard["payload"].clone() } else { heard["payload"]["errors"].clone() };
                assert_eq!(errors[0]["extensions"]["code"], code, "{heard}");
                if heard["type"] == "next" {
                    assert_eq!(socket.hear().await["type"], "complete");
                }
            }
        }
        // Who works for the platform and may, listens anywhere.
        let mut socket = Socket::of(&owner).await;
        socket.subscribe("1", IN_CONVERSATION, json!({"id": id, "after": 1})).await;
        assert_eq!(socket.data().await["conversationEvents"]["message"]["sequence"], 2);
        office.finish().await;
    }

    async fn the_protocol_is_kept(store) {
        let (office, ann, _) = fish(store).await;
        let base = ann.base().to_owned();
        let fresh = async || Socket::connect(&base, &[]).await;
        let init = json!({"type": "connection_init"});
        let mut socket = fresh().await;
        socket.text("{").await;
        assert_eq!(socket.closed().await, 4400);
        let mut socket = fresh().await;
        socket.say(json!({"type": "unheard of"})).await;
        assert_eq!(socket.closed().await, 4400);
        let mut socket = fresh().await;
        socket.subscribe("1", "{ __typename }", json!({})).await;
        assert_eq!(socket.closed().await, 4401);
        let mut socket = fresh().await;
        socket.say(json!({"type": "connection_init", "payload": {"Authorization": "Bearer fo_mb_AAAA"}})).await;
        assert_eq!(socket.closed().await, 4403);
        let mut socket = fresh().await;
        socket.say(init.clone()).await;
        socket.say(init.clone()).await;
        assert_eq!(socket.closed().await, 4429);
        let mut socket = Socket::of(&ann).await;
        for _ in 0..2 {
            socket.subscribe("1", IN_TENANT, json!({})).await;
        }
        assert_eq!(socket.closed().await, 4409);
        // Nobody is waited for without end who does not say who they are.
        let mut idle = fresh().await;
        let mut socket = Socket::of(&ann).await;
        socket.say(json!({"type": "ping", "payload": {"a": 1}})).await;
        assert_eq!(socket.hear().await, json!({"type": "pong", "payload": {"a": 1}}));
        // What is wrong with an operation ends that operation.
        for (query, code) in [
            ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription {", "GRAPHQL_PARSE_FAILED"),
            ("subscription { a: tenantEvents { __typename } b: tenantEvents { __typename } }", "GRAPHQL_VALIDATION_FAILED"),
        ] {
            socket.subscribe("1", query, json!({})).await;
            let heard = socket.hear().await;
            assert_eq!((&heard["type"], &heard["payload"][0]["extensions"]["code"]), (&json!("error"), &json!(code)), "{heard}");
        }
        for (query, variables, code) in [
            (IN_CONVERSATION, json!({"id": "nonsense"}), "INPUT_INVALID"),
            (IN_CONVERSATION, json!({"id": "Q29udmVyc2F0aW9uOjAwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwMDowMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDA"}), "NOT_FOUND"),
        ] {
            socket.subscribe("1", query, variables).await;
            let heard = socket.hear().await;
            let errors = if heard["type"] == "error" { heard["payload"].clone() } else { heard["payload"]["errors"].clone() };
            assert_eq!(errors[0]["extensions"]["code"], code, "{heard}");
            if heard["type"] == "next" {
                assert_eq!(socket.hear().await["type"], "complete");
            }
        }
        // Fifty go on at once, and one more is told so.
        for number in 0..51 {
            socket.subscribe(&format!("s{number}"), IN_TENANT, json!({})).await;
        }
        let heard = socket.hear().await;
        assert_eq!((&heard["id"], &heard["payload"][0]["extensions"]["code"]), (&json!("s50"), &json!("LIMIT_EXCEEDED")));
        assert_eq!(idle.closed().await, 4408);
        // Who does not speak the protocol, or no WebSocket at all, is told which.
        ann.get("/graphql/ws").await.assert_problem(426, "upgrade_required");
        office.finish().await;
    }

    async fn listening_ends_with_the_session(store) {
        let (office, ann, owner) = fish(store).await;
        ann.change("memberInvite", "invitation { id }", json!({"email": "bea@example.com", "role": "AGENT"})).await;
        office.joined("bea@example.com").await;
        let bea = Account::sign_in_to(office.visitor().without_cookies(), "fish", "bea@example.com", MEMBER_PASSWORD).await;
        let made = ann.change("apiKeyCreate", "secret apiKey { id }", json!({"name": "Key", "permissions": ["chat.read"]})).await;
        let key = Account::with(office.visitor().without_cookies(), made["secret"].as_str().unwrap());
        let mut sockets = Vec::new();
        for who in [&bea, &key, &ann] {
            let mut socket = Socket::of(who).await;
            socket.subscribe("1", IN_TENANT, json!({})).await;
            sockets.push(socket);
        }
        // Another role is another listener, who has to come in anew.
        let members = ann.data("{ viewer { tenant { members { nodes { id email } } } } }", json!({})).await;
        let member = members["viewer"]["tenant"]["members"]["nodes"].as_array().unwrap().iter().find(|member| member["email"] == "bea@example.com").unwrap()["id"].clone();
        ann.change("memberUpdate", "member { id }", json!({"member": member, "role": "VIEWER"})).await;
        assert_eq!(sockets[0].closed().await, 4401);
        ann.change("apiKeyRevoke", "apiKey { id }", json!({"apiKey": made["apiKey"]["id"]})).await;
        assert_eq!(sockets[1].closed().await, 4401);
        // By events it ends too.
        let request = ann.request(Method::POST, "/graphql").header("accept", "text/event-stream").json(&json!({"query": IN_TENANT}));
        let listening = tokio::spawn(async move { request.send().await.unwrap().text().await.unwrap() });
        tokio::time::sleep(Duration::from_millis(200)).await;
        let out = ann.request(Method::POST, "/api/auth/logout").json(&json!({"everywhere": true}));
        assert_eq!(ann.send(out).await.status, 204);
        assert_eq!(sockets[2].closed().await, 4401);
        assert!(listening.await.unwrap().ends_with("event: complete\n\n"));
        drop(owner);
        office.finish().await;
    }

    async fn a_cookie_listens_from_this_hosts_own_pages_alone(store) {
        let (office, ann, _) = fish(store).await;
        let visitor = office.visitor().without_cookies();
        let body = json!({"email": "ann@example.com", "password": MEMBER_PASSWORD, "session": "cookie"});
        let login = visitor.send(visitor.request(Method::POST, "/api/customers/auth/login").json(&body)).await;
        let (cookie, csrf) = (login.header("set-cookie").split(';').next().unwrap().to_owned(), login.text("csrf_token").to_owned());
        let own = office.app().public_url.to_string();
        let own = own.trim_end_matches('/');
        let from = async |origin: &str| Socket::connect(ann.base(), &[("cookie", &cookie), ("origin", origin)]).await;
        let mut socket = from(own).await;
        socket.begin(json!({"X-CSRF-Token": csrf})).await;
        socket.subscribe("1", "{ viewer { audience } }", json!({})).await;
        assert_eq!(socket.data().await, json!({"viewer": {"audience": "MEMBER"}}));
        // Without the token, or with another's.
        for payload in [json!({}), json!({"X-CSRF-Token": "wrong"})] {
            let mut socket = from(own).await;
            socket.say(json!({"type": "connection_init", "payload": payload})).await;
            assert_eq!(socket.closed().await, 4403);
        }
        // From elsewhere the cookie is not seen, whatever came with it; a bearer is.
        let mut socket = from("https://evil.example").await;
        socket.begin(json!({"X-CSRF-Token": csrf})).await;
        socket.subscribe("1", "{ viewer { audience } }", json!({})).await;
        assert_eq!(socket.data().await, json!({"viewer": null}));
        let mut socket = from("https://portal.example").await;
        socket.begin(json!({"Authorization": format!("Bearer {}", ann.token)})).await;
        socket.subscribe("1", "{ viewer { audience } }", json!({})).await;
        assert_eq!(socket.data().await, json!({"viewer": {"audience": "MEMBER"}}));
        office.finish().await;
    }

    async fn by_events_one_operation_is_answered(store) {
        let (office, ann, _) = fish(store).await;
        let events = |body: Value| ann.request(Method::POST, "/graphql").header("accept", "text/event-stream").json(&body);
        let once = events(json!({"query": "{ viewer { audience } }"})).send().await.unwrap();
        assert_eq!((once.status().as_u16(), once.headers()["content-type"].to_str().unwrap()), (200, "text/event-stream"));
        assert_eq!(once.headers()["cache-control"], "no-cache, no-transform");
        let text = once.text().await.unwrap();
        assert!(text.starts_with("event: next\ndata: {\"data\":{\"viewer\":{\"audience\":\"MEMBER\"}}") && text.ends_with("event: complete\n\n"), "{text}");
        // A change needs the same as otherwise.
        let visitor = office.visitor();
        let body = json!({"query": "mutation { memberInvite(input: {email: \"x@example.com\", role: AGENT}) { userErrors { code } } }"});
        let asked = visitor.request(Method::POST, "/graphql").header("accept", "text/event-stream").json(&body);
        assert!(asked.send().await.unwrap().text().await.unwrap().contains("NOT_SIGNED_IN"));
        let mut stream = events(json!({"query": IN_TENANT})).send().await.unwrap();
        say(&office.visitor(), "s", "When does the shop open?").await;
        let mut text = String::new();
        while !text.contains("ConversationStarted") {
            text += std::str::from_utf8(&tokio::time::timeout(Duration::from_secs(20), stream.chunk()).await.unwrap().unwrap().unwrap()).unwrap();
        }
        // Without asking for events a subscription is no answer.
        let refused = ann.ask(IN_TENANT, json!({})).await;
        assert_eq!(refused.body["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{}", refused.body);
        let get = ann.get(&format!("/graphql?query={}", "subscription%7BtenantEvents%7B__typename%7D%7D")).await;
        get.assert_problem(405, "method_not_allowed");
        drop(stream);
        office.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_at_one_process_is_heard_at_another() {
    let (works, doors, ann) = over_two_processes().await;
    let mut socket = Socket::of(&ann).await;
    socket.subscribe("1", IN_TENANT, json!({})).await;
    socket.subscribe("2", "{ __typename }", json!({})).await;
    socket.data().await;
    socket.hear().await;
    eventually("the bus", async || (works.visitor().get("/readyz").await.body["checks"]["bus"] == "ok").then_some(())).await;
    eventually("the bus", async || (doors.visitor().get("/readyz").await.body["checks"]["bus"] == "ok").then_some(())).await;
    say(&works.visitor(), "s", "When does the shop open?").await;
    assert_eq!(until(&mut socket, "ConversationStarted").await.last().unwrap(), "ConversationStarted s");
    // Signed out there, it ends here.
    let out = ann.request(Method::POST, "/api/auth/logout").json(&json!({}));
    let there = Account::with(works.visitor().without_cookies(), &ann.token);
    assert_eq!(there.send(there.request(Method::POST, "/api/auth/logout").json(&json!({}))).await.status, 204);
    drop(out);
    assert_eq!(socket.closed().await, 4401);
    doors.finish().await;
    works.finish().await;
}

/// How much memory a program holds, in KiB.
fn resident(program: &Program) -> i64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_who_listen_and_leave_leave_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let password = crate::harness::actors::OWNER_PASSWORD;
    let program =
        Program::start(folder.path(), &[("FRONTOFFICE_LISTEN", "127.0.0.1:0"), ("FRONTOFFICE_OWNER_PASSWORD", password)]).await;
    let owner = Account::sign_in(Visitor::at(program.base.clone()).without_cookies(), "owner@localhost", password).await;
    let full = std::env::var("FRONTOFFICE_TEST_FULL").is_ok_and(|full| !full.is_empty());
    let rounds = if full { 20 } else { 4 };
    let mut held = Vec::new();
    for _ in 0..=rounds {
        let mut sockets = Vec::new();
        for _ in 0..10 {
            let mut socket = Socket::of(&owner).await;
            for number in 0..50 {
                socket.subscribe(&number.to_string(), IN_TENANT, json!({})).await;
            }
            socket.say(json!({"type": "ping"})).await;
            assert_eq!(socket.hear().await["type"], "pong");
            sockets.push(socket);
        }
        drop(sockets);
        // Everybody is let go.
        tokio::time::sleep(Duration::from_millis(500)).await;
        held.push(resident(&program));
    }
    let (first, last) = (held[0], held[held.len() - 1]);
    assert!(last < first + first / 2 + 8_192, "{held:?} KiB after each five hundred");
    program.signal("TERM");
    let (status, log) = program.end().await;
    assert!(status.success() && !log.contains("panicked"), "{log}");
}
