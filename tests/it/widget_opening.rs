//! The widget's script, and what a page gets that opens it.

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use sha2::{Digest, Sha384};

use super::{
    tenants::{fish, refused},
    widget::{Page, SHOP, closed, key, page, readable},
};
use crate::harness::{
    actors::{Account, Response, Visitor},
    on_both_stores,
};

/// The tenant's UUID, as it stands in its tag.
pub(crate) async fn uuid(ann: &Account) -> String {
    let found = ann.data("{ viewer { tenant { uuid } } }", json!({})).await;
    found["viewer"]["tenant"]["uuid"].as_str().unwrap().to_owned()
}

/// A page that opens the widget of a tenant and has no key yet.
pub(crate) fn opening(visitor: &Visitor, uuid: &str, origin: &str) -> RequestBuilder {
    visitor.request(Method::POST, &format!("/widget/{uuid}/session")).header("origin", origin)
}

pub(crate) async fn open(visitor: &Visitor, uuid: &str, origin: &str, body: Value) -> Response {
    visitor.send(opening(visitor, uuid, origin).json(&body)).await
}

fn built() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/api/widget/dist/widget.js")).unwrap()
}

on_both_stores! {
    async fn a_tenants_script_is_the_built_file_behind_its_look(store) {
        let (office, ann, owner) = fish(store).await;
        let (visitor, uuid) = (office.visitor(), uuid(&ann).await);
        let path = format!("/widget/{uuid}/widget.js");
        let script = visitor.get(&path).await;
        let line = |label: &str| format!(
            "if(document.currentScript)document.currentScript.frontoffice={{\"color\":\"#1d4ed8\",\"text_color\":\"#ffffff\",\"position\":\"end\",\"launcher\":\"bubble\",\"label\":{label}}};\n"
        );
        let lines = |script: &Response| {
            let (first, rest) = script.body.as_str().unwrap().split_once('\n').unwrap();
            let object = first.strip_prefix("if(document.currentScript)document.currentScript.frontoffice=").unwrap().strip_suffix(';').unwrap();
            (serde_json::from_str::<Value>(object).unwrap(), rest.to_owned())
        };
        let look = json!({"color": "#1d4ed8", "text_color": "#ffffff", "position": "end", "launcher": "bubble", "label": "Chat with us"});
        assert_eq!(lines(&script), (look, built()), "{}", line("…"));
        for (name, value) in [
            ("content-type", "text/javascript; charset=utf-8"), ("cache-control", "public, max-age=300"), ("access-control-allow-origin", "*"),
            ("cross-origin-resource-policy", "cross-origin"), ("x-content-type-options", "nosniff"), ("set-cookie", ""),
        ] {
            assert_eq!(script.header(name), value, "{name}");
        }
        let again = visitor.send(visitor.request(Method::GET, &path).header("if-none-match", script.header("etag"))).await;
        assert_eq!((again.status.as_u16(), again.header("cache-control")), (304, "public, max-age=300"));
        // What a tenant calls it cannot end the line, or begin another script.
        let label = "</script>\"; alert(1)\u{2028}//";
        ann.change("widgetLookUpdate", "widgetLook { revision }", json!({"label": label, "position": "START", "color": "#FFFF00"})).await;
        let changed = visitor.get(&path).await;
        assert_ne!(changed.header("etag"), script.header("etag"));
        let (look, rest) = lines(&changed);
        assert_eq!((&look["label"], &look["position"], &look["text_color"], rest), (&json!(label), &json!("start"), &json!("#000000"), built()));
        assert!(!changed.body.as_str().unwrap().contains('\u{2028}'));
        // The same file for everybody, under an address that changes with it.
        assert_eq!(visitor.get("/widget/loader.js").await.body.as_str().unwrap(), built());
        let code = ann.get("/api/customer-portal/widget-code").await;
        let versioned = code.text("versioned_url").strip_prefix(&office.app().public_url.to_string()).unwrap().to_owned();
        let file = visitor.get(&versioned).await;
        assert_eq!((file.body.as_str().unwrap(), file.header("cache-control")), (&*built(), "public, max-age=31536000, immutable"));
        let integrity = format!("sha384-{}", STANDARD.encode(Sha384::digest(built())));
        assert_eq!((code.text("integrity"), code.text("tenant_uuid"), code.header("cache-control")), (&*integrity, &*uuid, "no-store"));
        let host = office.app().public_url.to_string();
        assert_eq!(code.text("html"), format!("<script src=\"{host}/widget/{uuid}/widget.js\" async></script>"));
        let checked = code.text("html_with_integrity");
        for part in [&*format!("src=\"{host}{versioned}\""), &*format!("integrity=\"{integrity}\" crossorigin"), "data-color=\"#ffff00\"", "data-label=\"&lt;/script&gt;&quot;"] {
            assert!(checked.contains(part), "{part}: {checked}");
        }
        assert_eq!(code.text("csp"), format!("script-src {host}; connect-src {host}"));
        assert_eq!((&code.body["keys"][0]["name"], &code.body["keys"][0]["enabled"]), (&json!("Website"), &json!(true)));
        // What a tag names stays there for it when the program has become another.
        let kept = office.database.db_texts("SELECT script AS value FROM widget_scripts").await;
        assert_eq!(kept, [built()]);
        let earlier = format!("/widget/{uuid}/widget.0123456789abcdef.js");
        visitor.get(&earlier).await.assert_problem(404, "not_found");
        office.database.db_do("INSERT INTO widget_scripts (version, script, created_at) SELECT '0123456789abcdef', 'earlier();', created_at FROM tenants LIMIT 1").await;
        let file = visitor.get(&earlier).await;
        assert_eq!((file.status.as_u16(), file.body.as_str().unwrap(), file.header("cache-control")), (200, "earlier();", "public, max-age=31536000, immutable"));
        for wrong in ["widget.0123456789ABCDEF.js", "widget.0123456789abcde.js", "widget.0123456789abcdeg.js", "widget..js", "0123456789abcdef.js"] {
            visitor.get(&format!("/widget/{uuid}/{wrong}")).await.assert_problem(404, "not_found");
        }
        // What is no UUID, as it is printed, is nothing; of what is none, or is not to be shown, the script says so and does no harm.
        for wrong in ["x", &uuid.replace('-', ""), &format!("{{{uuid}}}"), "..%2F", "platform"] {
            visitor.get(&format!("/widget/{wrong}/widget.js")).await.assert_problem(404, "not_found");
        }
        let harmless = async |uuid: &str, why: &str| {
            let script = visitor.get(&format!("/widget/{uuid}/widget.js")).await;
            let text = script.body.as_str().unwrap().to_owned();
            assert!(script.status == 200 && text.starts_with("console.warn(\"Frontoffice: ") && text.contains(why) && text.lines().count() == 1, "{text}");
        };
        harmless("0193a1de-0000-7000-8000-000000000000", "no such business").await;
        let its = key(&ann).await["id"].clone();
        ann.change("widgetKeyUpdate", "widgetKey { id }", json!({"widgetKey": its, "enabled": false})).await;
        harmless(&uuid, "switched its widget off").await;
        ann.change("widgetKeyUpdate", "widgetKey { id }", json!({"widgetKey": its, "enabled": true})).await;
        let tenant = owner.data("query { tenant(slug: \"fish\") { id } }", json!({})).await["tenant"]["id"].clone();
        owner.change("tenantSuspend", "tenant { id }", json!({"tenant": tenant})).await;
        harmless(&uuid, "is suspended").await;
        owner.change("tenantClose", "tenant { id }", json!({"tenant": tenant, "slug": "fish"})).await;
        harmless(&uuid, "no such business").await;
        office.finish().await;
    }

    async fn a_page_opens_its_tenants_widget_without_a_key(store) {
        let (office, ann, _) = fish(store).await;
        let (page, uuid) = (page(&office, &ann).await, uuid(&ann).await);
        let visitor = office.visitor();
        let opened = open(&visitor, &uuid, SHOP, json!({"locale": "de"})).await;
        assert_eq!((opened.status.as_u16(), opened.header("cache-control")), (200, "no-store"), "{}", opened.body);
        readable(&opened, SHOP);
        let expected = json!({"color": "#1d4ed8", "text_color": "#ffffff", "position": "end", "launcher": "bubble", "label": "Schreiben Sie uns", "greeting": null, "avatar_url": null, "offline_text": null});
        assert_eq!(opened.body["look"], expected);
        for (field, value) in [("widget_key", json!(page.key)), ("token_type", json!("Bearer")), ("verified", json!(false)), ("locale", json!("de")), ("dir", json!("ltr")), ("consent", json!("local")), ("business", json!({"name": "fish"})), ("persona", json!({"name": "Ada"}))] {
            assert_eq!(opened.body[field], value, "{field}");
        }
        let strings = opened.body["strings"].as_object().unwrap();
        assert!(opened.text("notice").contains("KI") && strings.keys().all(|key| key.starts_with("widget-")));
        assert_eq!(office.database.db_count("visitors", "true").await, 0, "who only opens it leaves nothing behind");
        // What it got is good for the rest; by the other spelling it is the same.
        let page = Page { token: Some(opened.text("visitor_token").to_owned()), ..page };
        assert_eq!(page.say("When does the shop open?").await.text("status"), "answered");
        let by_key = page.post("session", json!({"locale": "de"})).await;
        let names = |body: &Value| body.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!((names(&by_key.body), &by_key.body["look"], &by_key.body["strings"]), (names(&opened.body), &opened.body["look"], &opened.body["strings"]));
        let again = visitor.send(opening(&visitor, &uuid, SHOP).bearer_auth(opened.text("visitor_token")).json(&json!({}))).await;
        let renewed = Page { token: Some(again.text("visitor_token").to_owned()), ..page.clone() };
        assert_eq!(renewed.get("conversation/history").await.body["messages"].as_array().unwrap().len(), 2, "it is the same visitor");
        // Look-alikes of the origin, one by one, and none.
        for other in [
            "null", "https://shop.example.com.evil.test", "https://evil-shop.example.com", "https://www.shop.example.com", "https://example.com", "https://shop.example.com:8443",
            "http://shop.example.com", "https://SHOP.example.com", "https://shop.example.com.", "https://x@shop.example.com", "https://xn--shp-example-com-0zd.test",
            "https://*.example.com", "https://a.b.shop.example.com", "https://shop.example.com/", "https://shop.example.com:443", "",
        ] {
            let answer = open(&visitor, &uuid, other, json!({})).await;
            answer.assert_problem(403, "origin_not_allowed");
            closed(&answer);
        }
        let bare = visitor.request(Method::POST, &format!("/widget/{uuid}/session"));
        visitor.send(bare.json(&json!({}))).await.assert_problem(403, "origin_not_allowed");
        let app = visitor.request(Method::POST, &format!("/widget/{uuid}/session")).header("x-widget-app", "com.example.shop");
        visitor.send(app.json(&json!({}))).await.assert_problem(403, "origin_not_allowed");
        // A star lets in what is below it, at any depth, and not itself.
        let its = key(&ann).await["id"].clone();
        ann.change("widgetKeyUpdate", "widgetKey { id }", json!({"widgetKey": its, "origins": ["https://*.example.com"]})).await;
        for (origin, status) in [(SHOP, 200), ("https://a.b.shop.example.com", 200), ("https://example.com", 403), ("https://shop.example.org", 403)] {
            assert_eq!(open(&visitor, &uuid, origin, json!({})).await.status, status, "{origin}");
        }
        // Another key is found by its own website; one that is switched off by none.
        let second = ann.change("widgetKeyCreate", "widgetKey { id key }", json!({"name": "Blog", "origins": ["https://blog.example.org"]})).await["widgetKey"].clone();
        assert_eq!(open(&visitor, &uuid, "https://blog.example.org", json!({})).await.body["widget_key"], second["key"]);
        ann.change("widgetKeyUpdate", "widgetKey { id }", json!({"widgetKey": second["id"], "enabled": false})).await;
        open(&visitor, &uuid, "https://blog.example.org", json!({})).await.assert_problem(403, "origin_not_allowed");
        open(&visitor, "0193a1de-0000-7000-8000-000000000000", SHOP, json!({})).await.assert_problem(404, "business_unknown");
        open(&visitor, "x", SHOP, json!({})).await.assert_problem(404, "not_found");
        open(&visitor, &uuid, SHOP, json!({"locale": "tlh"})).await.assert_problem(422, "validation_failed");
        visitor.get(&format!("/widget/{uuid}/session")).await.assert_problem(403, "origin_not_allowed");
        office.finish().await;
    }

    async fn a_browser_that_asks_first_is_told_about_the_tenants_own_websites_alone(store) {
        let (office, ann, _) = fish(store).await;
        let (_, own) = (page(&office, &ann).await, uuid(&ann).await);
        let chips = office.db_tenant("chips", true, &[]).await;
        let (visitor, other) = (office.visitor(), chips.public_id.to_string());
        let ask = async |uuid: &str, origin: &str| {
            let request = visitor.request(Method::OPTIONS, &format!("/widget/{uuid}/session")).header("origin", origin);
            visitor.send(request.header("access-control-request-method", "POST").header("access-control-request-headers", "content-type,authorization")).await
        };
        let allowed = ask(&own, SHOP).await;
        assert_eq!((allowed.status.as_u16(), allowed.header("access-control-allow-methods")), (204, "GET, POST"));
        assert!(allowed.header("access-control-allow-headers").contains("content-type"));
        readable(&allowed, SHOP);
        // A website of one tenant is none of another's.
        for (uuid, origin) in [(&other, SHOP), (&own, "https://evil.test"), (&own, "null")] {
            let refused = ask(uuid, origin).await;
            refused.assert_problem(403, "origin_not_allowed");
            closed(&refused);
            assert_eq!(open(&visitor, uuid, origin, json!({})).await.status, 403);
        }
        office.finish().await;
    }

    async fn a_look_is_changed_as_a_whole_and_can_be_read(store) {
        let (office, ann, _) = fish(store).await;
        let wanted = "{ viewer { tenant { widgetLook { color textColor contrast position launcher label greeting avatarUrl offlineText consent revision updatedAt } } } }";
        let look = async || ann.data(wanted, json!({})).await["viewer"]["tenant"]["widgetLook"].clone();
        let first = json!({
            "color": "#1d4ed8", "textColor": "#ffffff", "contrast": 6.7, "position": "END", "launcher": "BUBBLE", "label": null, "greeting": null,
            "avatarUrl": null, "offlineText": null, "consent": "LOCAL", "revision": 0, "updatedAt": null,
        });
        assert_eq!(look().await, first);
        let change = async |input: Value| ann.mutate("widgetLookUpdate", "widgetLook { color textColor contrast label revision }", input).await;
        for (input, field) in [
            (json!({"color": "red"}), "color"), (json!({"color": "#fff"}), "color"), (json!({"color": "#12345g"}), "color"),
            (json!({"label": "x".repeat(61)}), "label"), (json!({"label": "a\nb"}), "label"), (json!({"greeting": "x".repeat(501)}), "greeting"),
            (json!({"avatarUrl": "http://cdn.example/a.png"}), "avatarUrl"), (json!({"avatarUrl": "javascript:alert(1)"}), "avatarUrl"),
            (json!({"offlineText": "x".repeat(501)}), "offlineText"),
        ] {
            refused(&change(input).await, "INVALID", field);
        }
        assert_eq!(look().await, first, "what was refused changed nothing");
        let all = json!({
            "color": "#FDE047", "position": "START", "launcher": "BAR", "label": " Ask ", "greeting": "Hello!\nHow are you?", "avatarUrl": "https://cdn.example/a.png",
            "offlineText": "Away.", "consent": "NONE", "expectedRevision": 0,
        });
        let changed = change(all).await;
        assert_eq!(changed["widgetLook"], json!({"color": "#fde047", "textColor": "#000000", "contrast": 15.93, "label": "Ask", "revision": 1}), "{changed}");
        let stale = change(json!({"color": "#000000", "expectedRevision": 0})).await;
        refused(&stale, "CONFLICT", "expectedRevision");
        assert_eq!(stale["widgetLook"]["color"], "#fde047");
        // The same again is no change; null takes away.
        assert_eq!(change(json!({"label": "Ask", "consent": "NONE"})).await["widgetLook"]["revision"], 1);
        assert_eq!(change(json!({"label": null, "expectedRevision": 1})).await["widgetLook"], json!({"color": "#fde047", "textColor": "#000000", "contrast": 15.93, "label": null, "revision": 2}));
        // Visitors see it.
        let page = page(&office, &ann).await;
        let opened = page.post("session", json!({"locale": "fr"})).await;
        let expected = json!({
            "color": "#fde047", "text_color": "#000000", "position": "start", "launcher": "bar", "label": "Écrivez-nous", "greeting": "Hello!\nHow are you?",
            "avatar_url": "https://cdn.example/a.png", "offline_text": "Away.",
        });
        assert_eq!((&opened.body["look"], &opened.body["consent"]), (&expected, &json!("none")));
        let code = ann.get("/api/customer-portal/widget-code").await;
        assert!(code.text("csp").ends_with("; img-src https://cdn.example"), "{}", code.text("csp"));
        let log = ann.data("{ auditLog(filter: {action: WIDGET_LOOK_UPDATED}) { nodes { fields revision } } }", json!({})).await;
        let nodes = log["auditLog"]["nodes"].as_array().unwrap();
        assert_eq!((nodes.len(), &nodes[0]["fields"], &nodes[0]["revision"]), (2, &json!(["label"]), &json!(2)));
        assert_eq!(nodes[1]["fields"], json!(["color", "position", "launcher", "label", "greeting", "avatar_url", "offline_text", "consent"]));
        office.finish().await;
    }
}
