//! Who may do what, for every operation: strangers, those whose time is over, those who came through the wrong door, those who lack the
//! permission, another tenant's, and the right one; with a bearer, and with a cookie in every way it can come.

use std::time::Duration;

use frontoffice_api::Needs;
use frontoffice_domain::{
    id::TenantId,
    identity::{Permission, StaffRole, rules},
};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::operations::{OPERATIONS, Operation, ROUTES, Wanted, World, carrying, world};
use crate::harness::{
    actors::{Account, MEMBER_PASSWORD, OWNER_PASSWORD, Response, Visitor},
    app::{Office, TestApp},
    on_both_stores,
};

/// A key that has these permissions.
async fn key(owner: &Account, office: &TestApp, permissions: &[Permission]) -> Account {
    let words: Vec<&str> = permissions.iter().map(|permission| permission.as_str()).collect();
    let made = owner.change("apiKeyCreate", "secret", json!({"name": "Matrix", "permissions": words})).await;
    Account::with(office.visitor().without_cookies(), made["secret"].as_str().unwrap())
}

fn codes(response: &Response) -> Vec<&str> {
    let Some(errors) = response.body["errors"].as_array() else { return Vec::new() };
    errors.iter().filter_map(|error| error["extensions"]["code"].as_str()).collect()
}

/// A browser's session: its cookie and its CSRF token.
struct Browser {
    visitor: Visitor,
    cookie: String,
    csrf: String,
    origin: String,
}

impl Browser {
    async fn sign_in(office: &TestApp, path: &str, body: Value) -> Self {
        let visitor = office.visitor().without_cookies();
        let login = visitor.send(visitor.request(Method::POST, path).json(&body)).await;
        assert_eq!(login.status, 200, "{}", login.body);
        let cookie = login.header("set-cookie").split(';').next().unwrap().to_owned();
        Self { csrf: login.text("csrf_token").to_owned(), cookie, origin: office.app().public_url.to_string(), visitor }
    }

    /// The request with the cookie alone.
    fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.visitor.request(method, path).header("cookie", &self.cookie)
    }

    /// As our own page sends it.
    fn right(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path)
            .header("x-csrf-token", &self.csrf)
            .header("origin", &self.origin)
            .header("sec-fetch-site", "same-origin")
    }

    /// A change in every way that must not work, each with its name.
    fn wrong(&self, path: &str) -> Vec<(&'static str, RequestBuilder)> {
        let post = || self.bare(Method::POST, path);
        let own = |request: RequestBuilder| request.header("origin", &self.origin).header("sec-fetch-site", "same-origin");
        vec![
            ("no token", own(post())),
            ("another's token", own(post().header("x-csrf-token", "AAAAAAAAAAAAAAAAAAAAAA"))),
            ("no origin", post().header("x-csrf-token", &self.csrf)),
            (
                "another site",
                post()
                    .header("x-csrf-token", &self.csrf)
                    .header("origin", "https://evil.test")
                    .header("sec-fetch-site", "cross-site"),
            ),
            ("a sister site", post().header("x-csrf-token", &self.csrf).header("sec-fetch-site", "same-site")),
        ]
    }

    async fn send(&self, request: RequestBuilder) -> Response {
        self.visitor.send(request).await
    }
}

fn document(operation: &Operation, world: &World) -> Value {
    let (query, variables) = (operation.request)(world);
    json!({"query": query, "variables": variables})
}

on_both_stores! {
    async fn every_field_lets_in_whom_it_says(store) {
        let office = Office::new(store).start().await;
        let (fish, chips) = (office.db_tenant("fish", true, &[]).await, office.db_tenant("chips", true, &[]).await);
        let (ann, zoe) = (office.member(&fish, "ann@example.com", "OWNER").await, office.member(&chips, "zoe@example.com", "OWNER").await);
        let (here, there) = (world(&office, &fish, &ann).await, world(&office, &chips, &zoe).await);
        let platform = office.owner().await;
        let finance = office.colleague("finance@example.com", "FINANCE_AUTHOR").await;
        let expired = office.owner().await;
        let old = office.database.db_texts("SELECT token_hash IS NOT NULL || '' AS value FROM sessions").await.len();
        assert!(old > 3);
        let stranger = office.visitor().without_cookies();
        let browser = Browser::sign_in(&office, "/api/customers/auth/login", json!({"email": "ann@example.com", "password": MEMBER_PASSWORD, "session": "cookie"})).await;
        let staff_browser = Browser::sign_in(&office, "/api/auth/login", json!({"email": "owner@localhost", "password": OWNER_PASSWORD, "session": "cookie"})).await;
        let graphql = |visitor: &Visitor, body: &Value| visitor.request(Method::POST, "/graphql").json(body);
        for operation in OPERATIONS {
            let (name, asked) = (operation.field, document(operation, &here));
            // Strangers.
            let answer = stranger.send(graphql(&stranger, &asked)).await;
            assert_eq!(codes(&answer), ["NOT_SIGNED_IN"], "{name}: {}", answer.body);
            // A token that was never one, one of another kind, and a cookie's in the header.
            let cookie_token = browser.cookie.split_once('=').unwrap().1;
            for token in ["fo_st_AAAA", "fo_mb_AAAA", "fo_sk_AAAA", "AAAA", &platform.device, cookie_token] {
                stranger.send(graphql(&stranger, &asked).bearer_auth(token)).await.assert_problem(401, "not_signed_in");
            }
            // A bearer's token in either cookie, and one audience's cookie under the other's name.
            for cookie in [format!("fo_staff={}", platform.token), format!("fo_member={}", ann.token), format!("fo_staff={cookie_token}")] {
                stranger.send(graphql(&stranger, &asked).header("cookie", &cookie)).await.assert_problem(401, "not_signed_in");
            }
            // Who lacks the permission is told which; who has it alone is let in.
            match operation.wanted {
                Wanted::SignedIn => assert_eq!(codes(&ann.ask(asked["query"].as_str().unwrap(), asked["variables"].clone()).await), Vec::<&str>::new(), "{name}"),
                Wanted::InTenant(permission) => {
                    let others: Vec<Permission> = rules::OF_TENANTS.iter().copied().filter(|other| *other != permission).collect();
                    let (without, with) = (key(&ann, &office, &others).await, key(&ann, &office, &[permission]).await);
                    let ask = async |who: &Account| who.ask(asked["query"].as_str().unwrap(), asked["variables"].clone()).await;
                    let (refused, allowed) = (ask(&without).await, ask(&with).await);
                    // The tenant itself may be known to all of its own.
                    if name != "Node.Tenant" {
                        assert_eq!(codes(&refused), ["NOT_ALLOWED"], "{name}: {}", refused.body);
                        let message = refused.body["errors"][0]["message"].as_str().unwrap();
                        assert!(message.contains(&format!("`{permission}`")), "{name}: {message}");
                    }
                    assert_eq!(codes(&allowed), Vec::<&str>::new(), "{name} with {permission} alone: {}", allowed.body);
                    // Another tenant's owner finds nothing.
                    let other = zoe.ask(asked["query"].as_str().unwrap(), asked["variables"].clone()).await;
                    let found = other.body["data"].to_string();
                    assert!(!found.contains("ann@example.com") && !found.contains(&here["Conversation"]), "{name}: {found}");
                }
                Wanted::InPlatform(permission) => {
                    let server = key(&ann, &office, rules::OF_TENANTS).await;
                    let colleague = (!rules::staff_may(StaffRole::FinanceAuthor, permission)).then_some(&finance);
                    for who in [&ann, &server].into_iter().chain(colleague) {
                        let refused = who.ask(asked["query"].as_str().unwrap(), asked["variables"].clone()).await;
                        assert_eq!(codes(&refused), ["NOT_ALLOWED"], "{name}: {}", refused.body);
                        assert!(refused.body["errors"][0]["message"].as_str().unwrap().contains(&format!("`{permission}`")), "{name}");
                    }
                    let allowed = platform.ask(asked["query"].as_str().unwrap(), asked["variables"].clone()).await;
                    assert_eq!(codes(&allowed), Vec::<&str>::new(), "{name}: {}", allowed.body);
                }
            }
            // With a cookie, in every way; a world of nothing, so that nothing is used up.
            let nothing = document(operation, &elsewhere(&there, &here));
            let signed = if matches!(operation.wanted, Wanted::InPlatform(_)) { &staff_browser } else { &browser };
            let right = signed.send(signed.right(Method::POST, "/graphql").json(&nothing)).await;
            assert!(right.status == 200 && !codes(&right).contains(&"NOT_SIGNED_IN") && !codes(&right).contains(&"NOT_ALLOWED"), "{name}: {}", right.body);
            for (way, request) in signed.wrong("/graphql") {
                let answer = signed.send(request.json(&nothing)).await;
                if operation.changes() {
                    answer.assert_problem(403, "csrf_failed");
                } else {
                    assert_eq!(answer.status, 200, "{name} {way}: reading needs no token, and no page of another site may read the answer");
                    assert_eq!(answer.header("access-control-allow-origin"), "", "{name} {way}");
                }
            }
        }
        // What was over while it was asked for.
        office.clock.advance(Duration::from_secs(31 * 86_400));
        for operation in OPERATIONS {
            let asked = document(operation, &here);
            for token in [&expired.token, &ann.token] {
                stranger.send(graphql(&stranger, &asked).bearer_auth(token)).await.assert_problem(401, "not_signed_in");
            }
            browser.send(browser.right(Method::POST, "/graphql").json(&asked)).await.assert_problem(401, "not_signed_in");
        }
        office.finish().await;
    }

    async fn every_route_lets_in_whom_it_says(store) {
        let office = Office::new(store).start().await;
        let fish = office.db_tenant("fish", true, &[]).await;
        let ann = office.member(&fish, "ann@example.com", "OWNER").await;
        let here = world(&office, &fish, &ann).await;
        let (platform, support) = (office.owner().await, office.colleague("support@example.com", "SUPPORT").await);
        let stranger = office.visitor().without_cookies();
        let sign_in = async |session: &str| json!({"email": "ann@example.com", "password": MEMBER_PASSWORD, "session": session});
        let browser = Browser::sign_in(&office, "/api/customers/auth/login", sign_in("cookie").await).await;
        let table = frontoffice_api::routes();
        for asked in ROUTES {
            let (path, body) = (asked.request)(&here);
            let (method, pattern) = asked.route.split_once(' ').unwrap();
            let method: Method = method.parse().unwrap();
            let with = |request: RequestBuilder| carrying(request, body.as_ref());
            let route = table.iter().find(|route| route.method == method && route.path == pattern).unwrap();
            let answer = stranger.send(with(stranger.request(method.clone(), &path))).await;
            answer.assert_problem(401, "not_signed_in");
            assert_eq!((answer.header("www-authenticate"), answer.header("location")), ("Bearer", ""));
            // Who came to the operators' door is shown the visitors'.
            assert_eq!(answer.text("detail").contains("`POST /api/chat`"), path.starts_with("/api/chat/message") || path.starts_with("/api/chat/session"), "{path}");
            for token in ["fo_st_AAAA", "fo_mb_AAAA", "fo_sk_AAAA", &ann.device, browser.cookie.split_once('=').unwrap().1] {
                stranger.send(with(stranger.request(method.clone(), &path)).bearer_auth(token)).await.assert_problem(401, "not_signed_in");
            }
            stranger.send(with(stranger.request(method.clone(), &path)).header("cookie", format!("fo_member={}", ann.token))).await.assert_problem(401, "not_signed_in");
            match route.needs {
                Needs::Nothing | Needs::WidgetKey | Needs::Website => panic!("{path} has a case and needs nobody"),
                Needs::Session => {
                    let server = key(&ann, &office, rules::OF_TENANTS).await;
                    server.send(with(server.request(method.clone(), &path))).await.assert_problem(403, "session_required");
                }
                Needs::SignedIn => assert_eq!(key(&ann, &office, &[Permission::ChatRead]).await.get(&path).await.status, 200),
                // Of who works for the platform, whatever a tenant's own may.
                Needs::Permission(permission) if !rules::OF_TENANTS.contains(&permission) => {
                    let server = key(&ann, &office, rules::OF_TENANTS).await;
                    for who in [&ann, &server, &support] {
                        let refused = who.send(with(who.request(method.clone(), &path))).await;
                        refused.assert_problem(403, "not_allowed");
                        assert!(refused.text("detail").contains(&format!("`{permission}`")), "{}", refused.body);
                    }
                    let allowed = platform.send(with(platform.request(method.clone(), &path))).await;
                    assert!(![401, 403, 500].contains(&allowed.status.as_u16()), "{path}: {}", allowed.body);
                }
                Needs::Permission(permission) => {
                    let others: Vec<Permission> = rules::OF_TENANTS.iter().copied().filter(|other| *other != permission).collect();
                    let ask = async |who: Account| who.send(with(who.request(method.clone(), &path))).await;
                    let refused = ask(key(&ann, &office, &others).await).await;
                    refused.assert_problem(403, "not_allowed");
                    assert!(refused.text("detail").contains(&format!("`{permission}`")), "{}", refused.body);
                    let allowed = ask(key(&ann, &office, &[permission]).await).await;
                    assert!(allowed.status.is_success(), "{path}: {}", allowed.body);
                }
            }
            if method == Method::POST {
                for (_, request) in browser.wrong(&path) {
                    browser.send(with(request)).await.assert_problem(403, "csrf_failed");
                }
            }
            // The right one comes last: logging out ends it.
            let right = browser.send(with(browser.right(method.clone(), &path))).await;
            assert!(![401, 500].contains(&right.status.as_u16()) && right.body["code"] != "csrf_failed", "{path}: {}", right.body);
        }
        browser.send(browser.right(Method::GET, "/api/auth/me")).await.assert_problem(401, "not_signed_in");
        office.clock.advance(Duration::from_secs(31 * 86_400));
        for asked in ROUTES {
            let (path, body) = (asked.request)(&here);
            let method: Method = asked.route.split_once(' ').unwrap().0.parse().unwrap();
            let request = ann.request(method, &path);
            ann.send(carrying(request, body.as_ref())).await.assert_problem(401, "not_signed_in");
        }
        office.finish().await;
    }

    async fn what_is_another_tenants_looks_like_what_is_not_there(store) {
        let office = Office::new(store).start().await;
        let (fish, chips) = (office.db_tenant("fish", true, &[]).await, office.db_tenant("chips", true, &[]).await);
        let (ann, zoe) = (office.member(&fish, "ann@example.com", "OWNER").await, office.member(&chips, "zoe@example.com", "OWNER").await);
        let (here, there) = (world(&office, &fish, &ann).await, world(&office, &chips, &zoe).await);
        let server = key(&ann, &office, rules::OF_TENANTS).await;
        let (theirs, nowhere) = (elsewhere(&there, &here), nowhere(&here));
        let before: Vec<String> = office.database.db_dump().await.into_iter().filter(|row| !row.starts_with("sessions")).collect();
        let mut compared = 0;
        for who in [&ann, &server] {
            for operation in OPERATIONS {
                let ask = async |world: &World| {
                    let (query, variables) = (operation.request)(world);
                    comparable(&who.ask(&query, variables).await)
                };
                let (other, none) = (ask(&theirs).await, ask(&nowhere).await);
                assert_eq!(other, none, "{}: another tenant's, then a random one", operation.field);
                compared += 1;
            }
            // What ends the session asked with, or guesses at its password, is about nobody else's.
            for asked in ROUTES.iter().filter(|asked| !asked.route.starts_with("POST /api/auth/")) {
                let ask = async |world: &World| {
                    let ((path, body), method) = ((asked.request)(world), asked.route.split_once(' ').unwrap().0.parse().unwrap());
                    comparable(&who.send(carrying(who.request(method, &path), body.as_ref())).await)
                };
                assert_eq!(ask(&theirs).await, ask(&nowhere).await, "{}: another tenant's, then a random one", asked.route);
                compared += 1;
            }
        }
        assert!(compared > 80, "{compared}");
        // Nothing of the other tenant's was changed by all this trying.
        let after: Vec<String> = office.database.db_dump().await.into_iter().filter(|row| !row.starts_with("sessions")).collect();
        let changed: Vec<&String> = before.iter().filter(|row| !after.contains(row)).filter(|row| !row.starts_with("api_keys") && !row.starts_with("login_attempts")).collect();
        assert_eq!(changed, Vec::<&String>::new());
        // The same ids are good in their owner's hands, or all this has shown nothing.
        for operation in OPERATIONS.iter().filter(|operation| operation.field.starts_with("Node.")) {
            let (query, variables) = (operation.request)(&there);
            assert!(zoe.data(&query, variables).await["node"].is_object(), "{}", operation.field);
        }
        office.finish().await;
    }
}

/// What was answered, without what differs from request to request.
fn comparable(response: &Response) -> (u16, Value) {
    let mut body = response.body.clone();
    body["request_id"] = Value::Null;
    if let Some(errors) = body["errors"].as_array_mut() {
        for error in errors {
            error["extensions"]["requestId"] = Value::Null;
        }
    }
    (response.status.as_u16(), body)
}

/// Another's world, asked for from one's own.
fn elsewhere(there: &World, here: &World) -> World {
    let mut world = there.clone();
    for own in ["own uuid", "own session"] {
        world.insert(own, here[own].clone());
    }
    world
}

/// A world of which there is nothing: ids as good as any, of nothing.
fn nowhere(here: &World) -> World {
    let mut world = here.clone();
    for (name, value) in &mut world {
        *value = match *name {
            "slug" => "nowhere".to_owned(),
            "tenant uuid" | "check uuid" => TenantId::random().to_string(),
            "session" => "AAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
            "own uuid" | "own session" => continue,
            name if name.ends_with("cursor") => "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
            kind @ ("Job" | "Viewer" | "Tenant") => id(&format!("{kind}:{}", TenantId::random())),
            kind => id(&format!("{kind}:{}:{}", TenantId::random(), TenantId::random())),
        };
    }
    world
}

fn id(text: &str) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, text)
}
