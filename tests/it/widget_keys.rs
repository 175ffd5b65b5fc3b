//! Widget keys: more than one, changed for others, shown by apps, and what is noted of their use.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{
    tenants::{fish, refused},
    widget::{Page, SHOP, key, page},
    widget_opening::{open, uuid},
};
use crate::harness::{
    actors::{Account, Visitor},
    eventually, on_both_stores,
};

const DAY: Duration = Duration::from_secs(86_400);

/// Her server, which is not signed out when days pass.
pub(crate) async fn lasting(ann: &Account) -> Account {
    let permissions = ["widget.manage", "audit.read", "chat.read"];
    let made = ann.change("apiKeyCreate", "secret", json!({"name": "Server", "permissions": permissions})).await;
    Account::with(Visitor::at(ann.base().to_owned()), made["secret"].as_str().unwrap())
}

async fn keys(ann: &Account) -> Vec<Value> {
    let wanted = "{ viewer { tenant { widgetKeys { nodes { id name key origins apps revision lastUsedAt formerKeys { key goodUntil } refusedOrigins { origin times firstAt lastAt } } } } } }";
    ann.data(wanted, json!({})).await["viewer"]["tenant"]["widgetKeys"]["nodes"].as_array().unwrap().clone()
}

on_both_stores! {
    async fn a_key_is_changed_for_another_and_its_visitors_stay(store) {
        let (office, ann, _) = fish(store).await;
        let ann = lasting(&ann).await;
        let old = page(&office, &ann).await.opened().await;
        assert_eq!(old.say("When does the shop open?").await.text("status"), "answered");
        let id = key(&ann).await["id"].clone();
        let rotate = async |days: Option<i32>, expected: Option<i64>| {
            ann.mutate("widgetKeyRotate", "widgetKey { key revision formerKeys { key goodUntil } }", json!({"widgetKey": id, "overlapDays": days, "expectedRevision": expected})).await
        };
        for days in [-1, 31] {
            refused(&rotate(Some(days), None).await, "INVALID", "overlapDays");
        }
        refused(&rotate(None, Some(1)).await, "CONFLICT", "expectedRevision");
        assert_eq!(key(&ann).await["key"], old.key, "what was refused changed nothing");
        let rotated = rotate(None, Some(2)).await["widgetKey"].clone();
        assert!(rotated["key"] != old.key && rotated["key"].as_str().unwrap().starts_with("pk_live_"));
        assert_eq!((&rotated["revision"], &rotated["formerKeys"]), (&json!(3), &json!([{"key": old.key, "goodUntil": "2026-11-29T12:00:00.000000Z"}])));
        // Both texts are good, and the visitor is the same beside either; a page that opens it anew is told the new one.
        let new = Page { key: rotated["key"].as_str().unwrap().to_owned(), ..old.clone() };
        for page in [&old, &new] {
            assert_eq!(page.get("conversation/history").await.body["messages"].as_array().unwrap().len(), 2);
            assert_eq!(page.post("session", json!({})).await.text("widget_key"), new.key);
        }
        // Again, for a shorter time: what it ever was ends then at the latest.
        let again = rotate(Some(1), None).await["widgetKey"].clone();
        let newest = Page { key: again["key"].as_str().unwrap().to_owned(), ..old.clone() };
        let until: Vec<&Value> = again["formerKeys"].as_array().unwrap().iter().map(|former| &former["goodUntil"]).collect();
        assert_eq!(until, ["2026-11-23T12:00:00.000000Z"; 2]);
        assert_eq!((old.post("session", json!({})).await.status.as_u16(), new.post("session", json!({})).await.status.as_u16()), (200, 200));
        let renewed = newest.opened().await;
        office.clock.advance(DAY);
        for page in [&old, &new] {
            page.post("session", json!({})).await.assert_problem(401, "widget_key_invalid");
        }
        let back = Page { token: renewed.token.clone(), ..newest.clone() }.opened().await;
        assert_eq!(back.get("conversation/history").await.body["messages"].as_array().unwrap().len(), 2, "the visitor is who they were");
        assert_eq!(keys(&ann).await[0]["formerKeys"], json!([]));
        // At once, as after a theft.
        let last = rotate(Some(0), None).await["widgetKey"].clone();
        assert_eq!(last["formerKeys"], json!([]));
        newest.post("session", json!({})).await.assert_problem(401, "widget_key_invalid");
        assert_eq!(Page { key: last["key"].as_str().unwrap().to_owned(), ..old.clone() }.post("session", json!({})).await.status, 200);
        let unknown = ann.mutate("widgetKeyRotate", "widgetKey { id }", json!({"widgetKey": "x"})).await;
        refused(&unknown, "NOT_FOUND", "widgetKey");
        let log = ann.data("{ auditLog(filter: {action: WIDGET_KEY_ROTATED}) { nodes { fields } } }", json!({})).await;
        assert_eq!(log["auditLog"]["nodes"], json!([{"fields": ["key"]}, {"fields": ["key"]}, {"fields": ["key"]}]));
        assert_eq!(office.database.db_count("audit_entries", "fields LIKE '%pk_live%'").await, 0);
        office.finish().await;
    }

    async fn a_key_that_is_off_or_gone_is_so_under_all_its_texts(store) {
        let (office, ann, _) = fish(store).await;
        let old = page(&office, &ann).await;
        let id = key(&ann).await["id"].clone();
        ann.change("widgetKeyRotate", "widgetKey { id }", json!({"widgetKey": id})).await;
        assert_eq!(old.post("session", json!({})).await.status, 200);
        old.at("https://evil.test").post("session", json!({})).await.assert_problem(403, "origin_not_allowed");
        ann.change("widgetKeyUpdate", "widgetKey { id }", json!({"widgetKey": id, "enabled": false})).await;
        old.post("session", json!({})).await.assert_problem(401, "widget_key_invalid");
        office.finish().await;
    }

    async fn keys_are_made_beside_the_first(store) {
        let (office, ann, _) = fish(store).await;
        let create = async |input: Value| ann.mutate("widgetKeyCreate", "widgetKey { name key origins apps revision }", input).await;
        let made = create(json!({"name": " App ", "origins": ["https://B.example.com", "https://a.example.com", "https://a.example.com/"], "apps": ["com.example.b", "com.example.a"]})).await;
        let its = &made["widgetKey"];
        assert_eq!((&its["name"], &its["revision"]), (&json!("App"), &json!(1)));
        assert_eq!((&its["origins"], &its["apps"]), (&json!(["https://a.example.com", "https://b.example.com"]), &json!(["com.example.a", "com.example.b"])));
        for (input, field) in [
            (json!({"name": ""}), "name"), (json!({"name": "x", "origins": ["shop.example.com"]}), "origins"), (json!({"name": "x", "apps": ["a b"]}), "apps"),
            (json!({"name": "x", "apps": vec!["a"; 21]}), "apps"), (json!({"name": "x", "apps": ["https://a.example"]}), "apps"),
        ] {
            refused(&create(input).await, "INVALID", field);
        }
        let names: Vec<Value> = keys(&ann).await.into_iter().map(|key| key["name"].clone()).collect();
        assert_eq!(names, ["Website", "App"]);
        let log = ann.data("{ auditLog(filter: {action: WIDGET_KEY_CREATED}) { nodes { fields revision } } }", json!({})).await;
        assert_eq!(log["auditLog"]["nodes"], json!([{"fields": ["name", "origins", "apps"], "revision": 1}]));
        office.finish().await;
    }

    async fn an_app_says_its_name_and_is_let_in_where_a_key_names_it(store) {
        let (office, ann, _) = fish(store).await;
        let page = page(&office, &ann).await;
        let visitor = office.visitor().without_cookies();
        let app = async |name: &str, token: Option<&str>, method: Method, path: &str| {
            let request = visitor.request(method.clone(), &format!("/api/widget/{path}")).header("x-widget-key", &page.key).header("x-widget-app", name);
            let request = match token { Some(token) => request.bearer_auth(token), None => request };
            visitor.send(if method == Method::POST { request.json(&json!({"message": "When does the shop open?"})) } else { request }).await
        };
        let refused = app("com.example.shop", None, Method::POST, "session").await;
        refused.assert_problem(403, "origin_not_allowed");
        assert!(refused.text("detail").contains("the app `com.example.shop`"), "{}", refused.body);
        let id = key(&ann).await["id"].clone();
        ann.change("widgetKeyUpdate", "widgetKey { id }", json!({"widgetKey": id, "apps": ["com.example.shop", "com.example.other"]})).await;
        let opened = app("com.example.shop", None, Method::POST, "session").await;
        assert_eq!((opened.status.as_u16(), opened.header("access-control-allow-origin")), (200, ""), "{}", opened.body);
        let token = opened.text("visitor_token").to_owned();
        assert_eq!(app("com.example.shop", Some(&token), Method::POST, "chat").await.text("status"), "answered");
        assert_eq!(app("com.example.shop", Some(&token), Method::GET, "conversation/history").await.status, 200);
        // Another app is another place, and so is a page; what is no name, or nearly one, is nothing.
        app("com.example.other", Some(&token), Method::GET, "conversation/history").await.assert_problem(401, "visitor_token_invalid");
        Page { token: Some(token.clone()), ..page.clone() }.get("conversation/history").await.assert_problem(401, "visitor_token_invalid");
        for wrong in ["com.example.shop2", "com.example", "COM.EXAMPLE.SHOP", "app:com.example.shop", "*", "com.example.shop, com.example.other"] {
            app(wrong, None, Method::POST, "session").await.assert_problem(403, "origin_not_allowed");
        }
        // A page cannot be an app: its browser says where it is from.
        for origin in ["https://evil.test", "null"] {
            let request = visitor.request(Method::POST, "/api/widget/session").header("x-widget-key", &page.key).header("x-widget-app", "com.example.shop");
            visitor.send(request.header("origin", origin).json(&json!({}))).await.assert_problem(403, "origin_not_allowed");
        }
        let request = visitor.request(Method::POST, "/api/widget/session").header("x-widget-key", &page.key).header("sec-fetch-site", "same-origin").header("x-widget-app", "com.example.shop");
        visitor.send(request.json(&json!({}))).await.assert_problem(403, "origin_not_allowed");
        ann.change("widgetKeyUpdate", "widgetKey { id }", json!({"widgetKey": id, "apps": []})).await;
        app("com.example.shop", Some(&token), Method::GET, "conversation/history").await.assert_problem(403, "origin_not_allowed");
        office.finish().await;
    }

    async fn when_a_key_was_used_is_noted_to_the_minute(store) {
        let (office, ann, _) = fish(store).await;
        let page = page(&office, &ann).await;
        assert_eq!(keys(&ann).await[0]["lastUsedAt"], Value::Null);
        let revision = keys(&ann).await[0]["revision"].clone();
        page.post("session", json!({})).await;
        let used = async |at: &str| eventually("the use", async || (keys(&ann).await[0]["lastUsedAt"] == at).then_some(())).await;
        used("2026-11-22T12:00:00.000000Z").await;
        office.clock.advance(Duration::from_secs(59));
        let before = office.app().db.statements();
        page.post("session", json!({})).await;
        let quiet = office.app().db.statements() - before;
        office.clock.advance(Duration::from_secs(1));
        open(&office.visitor(), &uuid(&ann).await, SHOP, json!({})).await;
        used("2026-11-22T12:01:00.000000Z").await;
        assert!(quiet > 0);
        // Who is refused has not used it.
        office.clock.advance(Duration::from_secs(60));
        page.at("https://evil.test").post("session", json!({})).await.assert_problem(403, "origin_not_allowed");
        assert_eq!((&keys(&ann).await[0]["lastUsedAt"], &keys(&ann).await[0]["revision"]), (&json!("2026-11-22T12:01:00.000000Z"), &revision));
        office.finish().await;
    }

    async fn where_a_key_was_refused_is_shown_to_its_owner(store) {
        let (office, ann, _) = fish(store).await;
        let (page, uuid) = (page(&office, &ann).await, uuid(&ann).await);
        let visitor = office.visitor();
        // What can be no origin is not noted, and neither is anything of who shows no good key.
        for odd in ["null", "https://SHOP.example.com", "https://a@b", "<script>", "file:///x", "https://shop.example.com/"] {
            open(&visitor, &uuid, odd, json!({})).await.assert_problem(403, "origin_not_allowed");
        }
        Page { key: "pk_live_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into(), ..page.clone() }.at("https://nobody.test").post("session", json!({})).await.assert_problem(401, "widget_key_invalid");
        page.at("https://evil.test").post("session", json!({})).await;
        let seen = async |count: usize| eventually("what was refused", async || {
            let all = keys(&ann).await[0]["refusedOrigins"].as_array().unwrap().clone();
            (all.len() == count).then_some(all)
        }).await;
        let first = seen(1).await;
        assert_eq!(first, [json!({"origin": "https://evil.test", "times": 1, "firstAt": "2026-11-22T12:00:00.000000Z", "lastAt": "2026-11-22T12:00:00.000000Z"})]);
        // Within a minute it is counted and not written; then all of it is.
        for _ in 0..5 {
            page.at("https://evil.test").post("session", json!({})).await;
        }
        office.clock.advance(Duration::from_secs(60));
        open(&visitor, &uuid, "https://other.test", json!({})).await;
        assert_eq!(seen(2).await[1]["times"], 1);
        open(&visitor, &uuid, "https://evil.test", json!({})).await;
        eventually("what waited", async || (keys(&ann).await[0]["refusedOrigins"].as_array().unwrap().iter().any(|one| one["origin"] == "https://evil.test" && one["times"] == 7)).then_some(())).await;
        // However many a stranger makes up, fifty are kept, the newest.
        office.clock.advance(Duration::from_secs(120));
        for number in 0..60 {
            open(&visitor, &uuid, &format!("https://made-up-{number}.test"), json!({})).await;
        }
        eventually("fifty", async || {
            let all = keys(&ann).await[0]["refusedOrigins"].as_array().unwrap().clone();
            (all.len() == 50 && all.iter().all(|one| one["lastAt"] == "2026-11-22T12:03:00.000000Z")).then_some(())
        })
        .await;
        assert_eq!(office.database.db_count("widget_refused_origins", "true").await, 50);
        office.finish().await;
    }
}
