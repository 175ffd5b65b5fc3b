//! Pages for people.

use frontoffice_worker::model::scripted::Step;
use serde_json::json;

use crate::harness::{app::Office, eventually, on_both_stores, store::Store};

on_both_stores! {
    async fn the_demo_shows_what_is_behind_an_answer(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        let turn = visitor.say("Where is the data stored?").await.text("turn_id").to_owned();
        let path = format!("/demo/turns/{turn}");
        let behind = eventually("the charge", async || {
            let behind = visitor.get(&path).await;
            assert_eq!(behind.status, 200, "{}", behind.body);
            (!behind.body["charge"].is_null()).then_some(behind)
        })
        .await;
        assert_eq!(behind.header("cache-control"), "no-store");
        let body = &behind.body;
        assert_eq!((&body["turn_id"], &body["state"], &body["restarts"]), (&json!(turn), &json!("answered"), &json!(0)));
        let jobs: Vec<_> = body["jobs"].as_array().unwrap().iter().map(|job| (job["name"].clone(), job["state"].clone(), job["attempt"].clone())).collect();
        assert_eq!(jobs, [(json!("answer_turn"), json!("done"), json!(1)), (json!("meter_usage"), json!("done"), json!(1))]);
        let charge = &body["charge"];
        assert_eq!((&charge["action"], &charge["credits"], &charge["pricebook_version"]), (&json!("answer_quoted"), &json!("1"), &json!(1)));
        let hash = visitor.get("/api/pricebook").await.text("content_hash").to_owned();
        assert_eq!(charge["content_hash"], json!(hash), "the prices it was rated by can be looked up");
        // Another visitor's turn and one that is not there look alike.
        office.visitor().get(&path).await.assert_problem(404, "turn_unknown");
        visitor.get("/demo/turns/0193a1de-0000-7000-8000-000000000000").await.assert_problem(404, "turn_unknown");
        visitor.get("/demo/turns/nonsense").await.assert_problem(404, "turn_unknown");
        let elsewhere = visitor.request(reqwest::Method::GET, &path).header("sec-fetch-site", "cross-site");
        visitor.send(elsewhere).await.assert_problem(403, "cross_site");
        office.finish().await;
    }

    async fn a_turn_at_work_is_shown_without_its_error(store) {
        let (office, _) = Office::new(store).scripted([vec![Step::FailAgain(None)], vec![Step::Echo]]);
        let office = office.start().await;
        let visitor = office.visitor();
        let turn = visitor.drop_off(json!({"message": "hello"})).await.text("turn_id").to_owned();
        let path = format!("/demo/turns/{turn}");
        let behind = eventually("the failure", async || {
            let behind = visitor.get(&path).await;
            (behind.body["jobs"][0]["attempt"] == 1 && behind.body["jobs"][0]["state"] == "queued").then_some(behind)
        })
        .await;
        assert_eq!((&behind.body["state"], &behind.body["charge"]), (&json!("live"), &json!(null)));
        assert!(!behind.body.to_string().contains("script"), "{}", behind.body);
        eventually("the answer", async || {
            office.advance(std::time::Duration::from_secs(60));
            (visitor.get(&path).await.body["state"] == "answered").then_some(())
        })
        .await;
        office.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_page_tells_that_it_is_an_ai_and_loads_nothing_from_elsewhere() {
    let office = Office::new(Store::Sqlite).start().await;
    let visitor = office.visitor();
    let german = visitor.send(visitor.request(reqwest::Method::GET, "/demo").header("accept-language", "de-CH, en;q=0.5")).await;
    let html = german.body.as_str().unwrap();
    assert!(html.contains("Bob") && html.contains("lang=\"de\""), "{html}");
    assert!(!html.contains('{') || !html.contains("{notice}"), "{html}");
    assert!(german.header("content-security-policy").starts_with("default-src 'none'; script-src 'self'"));
    let english = visitor.get("/demo").await;
    assert!(english.body.as_str().unwrap().contains("You are talking to Bob, an AI assistant."));
    for (path, media) in [("/demo/demo.css", "text/css; charset=utf-8"), ("/demo/demo.js", "text/javascript; charset=utf-8")] {
        let asset = visitor.get(path).await;
        assert_eq!((asset.status.as_u16(), asset.header("content-type")), (200, media));
        let text = asset.body.as_str().unwrap();
        assert!(!text.contains("http://") && !text.contains("https://") && !text.contains("innerHTML"), "{path}");
        let again = visitor.request(reqwest::Method::GET, path).header("if-none-match", asset.header("etag"));
        assert_eq!(visitor.send(again).await.status, 304);
    }
    office.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_production_there_is_no_demo_page() {
    let office =
        Office::new(Store::Sqlite).settings(|settings| settings.public_url = Some("https://office.example".parse().unwrap()));
    let office = office.start().await;
    let websites = ["/demo/shop", "/demo/strict", "/demo/spa", "/demo/shop.css", "/demo/spa.js"];
    for path in ["/demo", "/demo/demo.css", "/demo/demo.js", "/demo/turns/0193a1de-0000-7000-8000-000000000000"]
        .into_iter()
        .chain(websites)
    {
        office.visitor().get(path).await.assert_problem(404, "not_found");
    }
    office.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_has_websites_with_the_widget_on_them() {
    let office = Office::new(Store::Sqlite).start().await;
    let (visitor, host) = (office.visitor(), office.app().public_url.to_string());
    let tag = office.app().script_tag.clone().unwrap();
    assert!(tag.starts_with(&format!("<script src=\"{host}/widget/")) && tag.ends_with("/widget.js\" async></script>"), "{tag}");
    let demo = visitor.get("/demo").await;
    let other = host.replace("127.0.0.1", "localhost");
    let shown = tag.replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let html = demo.body.as_str().unwrap();
    assert!(html.contains(&shown) && html.contains(&format!("{other}/demo/shop")), "{html}");
    for path in ["/demo/shop", "/demo/strict", "/demo/spa"] {
        let page = visitor.get(path).await;
        let html = page.body.as_str().unwrap();
        assert!(html.contains(&tag) && !html.contains('{'), "{path}: {html}");
        assert!(
            page.header("content-security-policy")
                .contains(&format!("script-src {}{host};", if path == "/demo/strict" { "" } else { "'self' " }))
        );
    }
    let strict = format!(
        "default-src 'none'; script-src {host}; connect-src {host}; style-src 'none'; require-trusted-types-for 'script'"
    );
    assert_eq!(visitor.get("/demo/strict").await.header("content-security-policy"), strict);
    // Under the other name it is another website, which may show the widget too; a stranger's may not.
    let uuid = tag.split('/').nth(4).unwrap();
    let open = async |origin: &str| {
        let request = visitor.request(reqwest::Method::POST, &format!("/widget/{uuid}/session")).header("origin", origin);
        visitor.send(request.json(&json!({}))).await.status.as_u16()
    };
    assert_eq!(
        (open(&host).await, open(&other).await, open("http://localhost:1").await, open("https://evil.test").await),
        (200, 200, 403, 403)
    );
    // Nobody else's widget may be shown there, and nothing was written into the platform's own list.
    let fish = office.db_tenant("fish", true, &[]).await.public_id;
    let theirs = visitor.request(reqwest::Method::POST, &format!("/widget/{fish}/session")).header("origin", &host);
    visitor.send(theirs.json(&json!({}))).await.assert_problem(403, "origin_not_allowed");
    let asked =
        |uuid: &str| visitor.request(reqwest::Method::OPTIONS, &format!("/widget/{uuid}/session")).header("origin", &other);
    assert_eq!(visitor.send(asked(uuid)).await.status, 204);
    visitor.send(asked(&fish.to_string())).await.assert_problem(403, "origin_not_allowed");
    assert_eq!(office.database.db_count("widget_origins", "true").await, 0);
    // Of what a page reads from its own host, browsers tell no origin.
    let session = visitor.request(reqwest::Method::POST, &format!("/widget/{uuid}/session")).header("origin", &host);
    let session = visitor.send(session.json(&json!({}))).await;
    let history = || {
        let request = visitor
            .request(reqwest::Method::GET, "/api/widget/conversation/history")
            .header("x-widget-key", session.text("widget_key"));
        request.bearer_auth(session.text("visitor_token"))
    };
    visitor.send(history().header("sec-fetch-site", "same-origin")).await.assert_problem(404, "session_unknown");
    for site in ["same-site", "cross-site", "none"] {
        visitor.send(history().header("sec-fetch-site", site)).await.assert_problem(403, "origin_not_allowed");
    }
    for (path, media) in [("/demo/shop.css", "text/css; charset=utf-8"), ("/demo/spa.js", "text/javascript; charset=utf-8")] {
        let asset = visitor.get(path).await;
        assert_eq!((asset.status.as_u16(), asset.header("content-type")), (200, media));
        assert!(!asset.body.as_str().unwrap().contains("innerHTML"));
    }
    office.finish().await;
}
