//! Looking at whether the widget can work on a page.

use std::net::SocketAddr;

use axum::{
    Router,
    http::{StatusCode, header},
    response::{IntoResponse, Redirect},
    routing::get,
};
use serde_json::{Value, json};

use super::{
    tenants::{fish, refused},
    widget::key,
    widget_opening::uuid,
};
use crate::harness::{actors::Account, app::Office, eventually, on_both_stores};

/// A customer's website in one's own network, with pages of every sort.
async fn website(html: String) -> SocketAddr {
    let page = move |policy: &'static str| {
        let html = html.clone();
        get(async move || ([(header::CONTENT_TYPE, "text/html"), (header::CONTENT_SECURITY_POLICY, policy)], html))
    };
    let endless = || async { ([(header::CONTENT_TYPE, "text/html")], "x".repeat(3 * 1024 * 1024)) };
    let router = Router::new()
        .route("/good", page("img-src *"))
        .route("/strict", page("default-src 'none'"))
        .route("/moved", get(|| async { Redirect::permanent("/moved-again") }))
        .route("/moved-again", get(|| async { Redirect::temporary("/good") }))
        .route("/loop", get(|| async { Redirect::temporary("/loop") }))
        .route("/inside", get(|| async { Redirect::temporary("http://169.254.169.254/latest/meta-data") }))
        .route("/file", get(|| async { Redirect::temporary("file:///etc/passwd") }))
        .route("/nowhere", get(|| async { StatusCode::FOUND }))
        .route("/text", get(|| async { "No page." }))
        .route("/gone", get(|| async { (StatusCode::GONE, [(header::CONTENT_TYPE, "text/html")], "x").into_response() }))
        .route("/large", get(endless));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// What was found on a page: codes, and whether they are problems.
async fn found(ann: &Account, url: &str) -> Vec<(String, bool)> {
    let asked = ann.change("widgetCheckRequest", "widgetCheck { uuid endedAt findings { code } }", json!({"url": url})).await["widgetCheck"].clone();
    assert_eq!((&asked["endedAt"], &asked["findings"]), (&Value::Null, &Value::Null));
    let query =
        "query($id: UUID!) { viewer { tenant { widgetCheck(uuid: $id) { url endedAt findings { code isProblem message } } } } }";
    let findings = eventually("the findings", async || {
        let check = ann.data(query, json!({"id": asked["uuid"]})).await["viewer"]["tenant"]["widgetCheck"].clone();
        check["findings"].as_array().cloned().filter(|_| check["endedAt"].is_string())
    })
    .await;
    assert!(findings.iter().all(|one| one["message"].as_str().unwrap().len() > 20), "{findings:?}");
    findings.iter().map(|one| (one["code"].as_str().unwrap().to_owned(), one["isProblem"].as_bool().unwrap())).collect()
}

fn is(findings: &[(String, bool)], expected: &[(&str, bool)]) {
    let expected: Vec<(String, bool)> = expected.iter().map(|(code, problem)| ((*code).to_owned(), *problem)).collect();
    assert_eq!(findings, expected);
}

on_both_stores! {
    async fn a_page_is_looked_at_and_what_is_missing_is_told(store) {
        // The website has to be there before the office may look at it, and its tag names the office.
        let host = "http://office.test";
        let template = format!("<html><head><script src=\"{host}/widget/UUID/widget.js\" async></script></head></html>");
        let other = website("<html><body>Nothing.</body></html>".into()).await;
        let office = Office::new(store)
            .settings(move |settings| {
                settings.public_url = Some(host.parse().unwrap());
                settings.widget.private_hosts = vec!["127.0.0.1".parse().unwrap()];
            })
            .start()
            .await;
        let tenant = office.db_tenant("fish", true, &[]).await;
        let ann = office.member(&tenant, "ann@example.com", "OWNER").await;
        let own = website(template.replace("UUID", &uuid(&ann).await)).await;
        let at = |path: &str| format!("http://{own}{path}");
        is(&found(&ann, &at("/good")).await, &[("SCRIPT_FOUND", false), ("ORIGIN_NOT_ALLOWED", true), ("CSP_FINE", false)]);
        let its = key(&ann).await["id"].clone();
        ann.change("widgetKeyUpdate", "widgetKey { id }", json!({"widgetKey": its, "origins": [format!("http://{own}")]})).await;
        let fine = [("SCRIPT_FOUND", false), ("ORIGIN_ALLOWED", false), ("CSP_FINE", false)];
        is(&found(&ann, &at("/good")).await, &fine);
        is(&found(&ann, &at("/moved")).await, &fine);
        is(&found(&ann, &format!("http://{other}/good")).await, &[("SCRIPT_MISSING", true), ("ORIGIN_NOT_ALLOWED", true), ("CSP_FINE", false)]);
        let blocked = [("SCRIPT_FOUND", false), ("ORIGIN_ALLOWED", false), ("CSP_BLOCKS_SCRIPT", true), ("CSP_BLOCKS_CONNECT", true), ("CSP_STRICT_STYLE", false)];
        is(&found(&ann, &at("/strict")).await, &blocked);
        // A key that is switched off allows nothing.
        ann.change("widgetKeyUpdate", "widgetKey { id }", json!({"widgetKey": its, "enabled": false})).await;
        assert!(found(&ann, &at("/good")).await.contains(&("ORIGIN_NOT_ALLOWED".to_owned(), true)));
        for (path, code) in [
            ("/loop", "PAGE_UNREACHABLE"), ("/nowhere", "PAGE_UNREACHABLE"), ("/gone", "PAGE_UNREACHABLE"), ("/missing", "PAGE_UNREACHABLE"), ("/text", "PAGE_NOT_HTML"),
            // Where it leads to is looked at like the address itself.
            ("/inside", "PAGE_NOT_PUBLIC"), ("/file", "PAGE_NOT_PUBLIC"),
        ] {
            is(&found(&ann, &at(path)).await, &[(code, true)]);
        }
        assert!(found(&ann, &at("/large")).await.contains(&("SCRIPT_MISSING".to_owned(), true)), "of a page that never ends the beginning is read");
        let all = ann.data("{ viewer { tenant { widgetChecks { url } } } }", json!({})).await["viewer"]["tenant"]["widgetChecks"].clone();
        assert_eq!((all.as_array().unwrap().len(), &all[0]["url"]), (14, &json!(at("/large"))));
        office.finish().await;
    }

    async fn nothing_inside_is_ever_asked_for(store) {
        let inside = website("<html>Secret.</html>".into()).await;
        let (office, ann, _) = fish(store).await;
        for url in [
            format!("http://{inside}/good"), format!("https://{inside}/good"), "https://localhost/".into(), "https://[::1]/".into(), "https://169.254.169.254/".into(),
            "https://10.0.0.1/".into(), "http://example.com/".into(), "https://0x7f000001/".into(),
        ] {
            is(&found(&ann, &url).await, &[("PAGE_NOT_PUBLIC", true)]);
        }
        for wrong in ["", "example.com", "ftp://example.com/", "file:///etc/passwd", "javascript:alert(1)", "https://me:secret@example.com/", &format!("https://a.example/{}", "x".repeat(2_000))] {
            refused(&ann.mutate("widgetCheckRequest", "widgetCheck { uuid }", json!({"url": wrong})).await, "INVALID", "url");
        }
        // Twenty in an hour, and no more.
        for _ in 8..20 {
            ann.change("widgetCheckRequest", "widgetCheck { uuid }", json!({"url": "https://127.0.0.1/"})).await;
        }
        let query = "mutation { widgetCheckRequest(input: {url: \"https://127.0.0.1/\"}) { widgetCheck { uuid } } }";
        let refused = ann.ask(query, json!({})).await;
        let extensions = &refused.body["errors"][0]["extensions"];
        assert_eq!((&extensions["code"], &extensions["retryAfter"]), (&json!("RATE_LIMITED"), &json!(3_600)), "{}", refused.body);
        office.settled().await;
        office.clock.advance(std::time::Duration::from_secs(3_600));
        ann.change("widgetCheckRequest", "widgetCheck { uuid }", json!({"url": "https://127.0.0.1/"})).await;
        assert_eq!(office.database.db_count("widget_checks", "true").await, 20, "the newest are kept");
        office.finish().await;
    }
}
