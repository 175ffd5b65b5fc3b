//! The pricebook: what everything costs, in versions that never change.

use std::time::Duration;

use frontoffice_domain::{
    db::Conn,
    pricing::{self, Policy, rules, store::Published},
    tenancy::Platform,
};
use reqwest::Method;
use serde_json::json;

use crate::harness::{
    app::{Office, TestApp},
    on_both_stores,
};

/// Publishes the version in force with another price for the first plan, to take effect after a while.
async fn publish(office: &TestApp, minor: i64, after: Duration) -> Published {
    let platform = Platform::of_this_process();
    let (this, now) = (platform.clone(), office.clock.now());
    let work = async move |mut conn: Conn| {
        let mut pricebook = pricing::resolve(&mut conn, now).await?.expect("set-up published one").pricebook;
        pricebook.plans[0].list_price.minor = minor;
        pricing::publish(&mut conn, &this, &pricebook, "a test", Policy::NewCustomers, now.after(after), now).await
    };
    office.app().db.platform(&platform, work).await.unwrap()
}

on_both_stores! {
    async fn set_up_publishes_the_first_version(store) {
        let office = Office::new(store).start().await;
        let book = office.visitor().get("/api/pricebook").await;
        assert_eq!(book.status, 200);
        assert_eq!((&book.body["version"], book.text("status"), &book.body["effective_to"]), (&json!(1), "ACTIVE", &json!(null)));
        let plans: Vec<_> = book.body["plans"].as_array().unwrap().iter().collect();
        let facts: Vec<_> = plans.iter().map(|plan| (plan["key"].as_str().unwrap(), &plan["list_price"], plan["credits"].as_str().unwrap())).collect();
        assert_eq!(facts, [
            ("starter", &json!({"amount": "79.00", "currency": "USD", "minor": 7900}), "15000"),
            ("pro", &json!({"amount": "249.00", "currency": "USD", "minor": 24900}), "75000"),
            ("enterprise", &json!({"amount": "899.00", "currency": "USD", "minor": 89900}), "250000"),
        ]);
        assert_eq!(plans[2]["seats"], json!(null), "unlimited");
        assert_eq!(book.body["rates"][0], json!({"action": "answer_written", "credits": "1", "per_tokens": 1000, "minimum": "1"}));
        assert_eq!(book.body["trial"], json!({"plan": "starter", "days": 14, "credits": "500"}));
        for secret in ["note", "cost", "margin"] {
            assert!(!book.body.to_string().contains(secret), "{secret}");
        }
        office.finish().await;
    }

    async fn whoever_has_it_already_is_told_so(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        let book = visitor.get("/api/pricebook").await;
        let tag = book.header("etag").to_owned();
        assert_eq!(book.header("cache-control"), "no-cache");
        for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".into()] {
            let again = visitor.send(visitor.request(Method::GET, "/api/pricebook").header("if-none-match", &known)).await;
            assert_eq!((again.status.as_u16(), again.header("etag"), &again.body), (304, tag.as_str(), &json!("")), "{known}");
        }
        assert_eq!(visitor.send(visitor.request(Method::GET, "/api/pricebook").header("if-none-match", "\"x\"")).await.status, 200);
        assert_eq!(publish(&office, 9_900, Duration::from_secs(60)).await, Published::As(2));
        office.clock.advance(Duration::from_secs(60));
        let changed = visitor.send(visitor.request(Method::GET, "/api/pricebook").header("if-none-match", &tag)).await;
        assert_eq!((changed.status.as_u16(), &changed.body["version"]), (200, &json!(2)));
        office.finish().await;
    }

    async fn the_moment_decides_which_version_is_in_force(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        assert_eq!(publish(&office, 9_900, Duration::from_secs(60)).await, Published::As(2));
        let before = visitor.get("/api/pricebook").await;
        assert_eq!((&before.body["version"], &before.body["effective_to"]), (&json!(1), &json!(null)), "what is scheduled is not told");
        visitor.get("/api/pricebook/versions/2").await.assert_problem(404, "pricebook_none");
        office.clock.advance(Duration::from_micros(59_999_999));
        assert_eq!(visitor.get("/api/pricebook").await.body["version"], 1, "a microsecond before");
        office.clock.advance(Duration::from_micros(1));
        let after = visitor.get("/api/pricebook").await;
        assert_eq!((&after.body["version"], &after.body["plans"][0]["list_price"]["minor"]), (&json!(2), &json!(9900)));
        let first = visitor.get("/api/pricebook/versions/1").await;
        assert_eq!((first.text("status"), first.text("effective_to")), ("SUPERSEDED", after.text("effective_from")));
        assert_eq!(visitor.get("/api/pricebook?at=2026-11-22T12:00:59.999999Z").await.body["version"], 1);
        // Whoever asks for the time before is told until when it was, and so is who has kept what was told then.
        let then = visitor.get("/api/pricebook?at=2026-11-22T12:00:00Z").await;
        assert_eq!((&then.body["version"], then.text("effective_to")), (&json!(1), after.text("effective_from")), "{}", then.body);
        let query = json!({"query": "{ pricebook(at: \"2026-11-22T12:00:00Z\") { number status effectiveTo } }"});
        let asked = visitor.request(Method::POST, "/graphql").json(&query);
        let told = visitor.send(asked).await.body["data"]["pricebook"].clone();
        assert_eq!(told, json!({"number": 1, "status": "ACTIVE", "effectiveTo": after.text("effective_from")}));
        let kept = visitor.request(Method::GET, "/api/pricebook?at=2026-11-22T12:00:00Z").header("if-none-match", before.header("etag"));
        assert_eq!(visitor.send(kept).await.status, 200);
        assert_eq!(visitor.get("/api/pricebook?at=2026-11-22T13:01:00%2B01:00").await.body["version"], 2);
        office.finish().await;
    }

    async fn what_is_asked_for_wrongly_is_told(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        for at in ["yesterday", "2026-13-01T00:00:00Z", "2026-11-22T12:00:01Z", ""] {
            visitor.get(&format!("/api/pricebook?at={at}")).await.assert_problem(422, "validation_failed");
        }
        visitor.get("/api/pricebook?at=2020-01-01T00:00:00Z").await.assert_problem(404, "pricebook_none");
        for number in ["0", "-1", "2", "x", "99999999999"] {
            visitor.get(&format!("/api/pricebook/versions/{number}")).await.assert_problem(404, "pricebook_none");
        }
        office.finish().await;
    }

    async fn a_version_takes_effect_after_all_others_and_not_in_the_past(store) {
        let office = Office::new(store).start().await;
        assert_eq!(publish(&office, 1, Duration::ZERO).await, Published::TooEarly, "version 1 took effect at this very instant");
        assert_eq!(publish(&office, 1, Duration::from_secs(60)).await, Published::As(2));
        assert_eq!(publish(&office, 1, Duration::from_secs(60)).await, Published::TooEarly);
        assert_eq!(publish(&office, 1, Duration::from_secs(30)).await, Published::TooEarly);
        assert!(matches!(publish(&office, -1, Duration::from_secs(90)).await, Published::Flawed(flaws) if flaws[0].path == "plans/starter/list_price"));
        assert_eq!(publish(&office, 1, Duration::from_secs(61)).await, Published::As(3));
        assert_eq!(office.database.db_count("pricebook_versions", "true").await, 3);
        office.finish().await;
    }

    async fn the_publication_log_verifies_and_is_public(store) {
        let office = Office::new(store).start().await;
        for minute in 1..=3 {
            publish(&office, minute, Duration::from_secs(60 * u64::try_from(minute).unwrap())).await;
        }
        let log = office.visitor().get("/.well-known/pricebook.json").await;
        let lines = log.body["log"].as_array().unwrap();
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0]["previous_hash"], "0".repeat(64));
        for pair in lines.windows(2) {
            assert_eq!(pair[1]["previous_hash"], pair[0]["hash"]);
        }
        let platform = Platform::of_this_process();
        let stored = office.app().db.platform_read(&platform, async |mut conn: Conn| pricing::log(&mut conn).await).await.unwrap();
        assert_eq!(rules::broken_line(&stored), None);
        assert_eq!(office.visitor().get("/api/pricebook").await.body["content_hash"], lines[0]["content_hash"]);
        office.finish().await;
    }

    async fn twenty_publications_at_once_have_an_order(store) {
        let office = std::sync::Arc::new(Office::new(store).start().await);
        let publishing: Vec<_> = (1..=20_u64)
            .map(|number| {
                let office = std::sync::Arc::clone(&office);
                tokio::spawn(async move {
                    let platform = Platform::of_this_process();
                    let (this, now) = (platform.clone(), office.clock.now());
                    let work = async move |mut conn: Conn| {
                        let pricebook = pricing::resolve(&mut conn, now).await?.expect("set-up published one").pricebook;
                        pricing::publish(&mut conn, &this, &pricebook, "", Policy::NewCustomers, now.after(Duration::from_secs(number)), now).await
                    };
                    office.app().db.platform(&platform, work).await.unwrap()
                })
            })
            .collect();
        let mut published = 0;
        for publication in publishing {
            published += usize::from(matches!(publication.await.unwrap(), Published::As(_)));
        }
        assert!(published >= 1);
        assert_eq!(office.database.db_count("pricebook_log", "true").await, published + 1, "one line each");
        std::sync::Arc::into_inner(office).unwrap().finish().await;
    }
}

on_both_stores! {
    async fn the_assistant_answers_from_the_prices_in_force(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        let question = "What does Starter cost per month?";
        let answer = visitor.say(question).await;
        assert_eq!(answer.text("status"), "answered", "{}", answer.body);
        assert!(answer.text("reply").contains("USD 79 ") && answer.text("reply").contains("15,000"), "{}", answer.body);
        assert_eq!(answer.body["sources"][0]["url"], "/api/pricebook");
        assert_eq!(publish(&office, 9_950, Duration::from_secs(60)).await, Published::As(2));
        assert!(visitor.say(question).await.text("reply").contains("USD 79 "), "what is scheduled is not told");
        office.clock.advance(Duration::from_secs(60));
        let answer = visitor.say(question).await;
        assert!(answer.text("reply").contains("USD 99.50 "), "{}", answer.body);
        // Other businesses do not sell our plans.
        office.db_tenant("shop", true, &[]).await;
        assert_eq!(visitor.post(json!({"message": question, "business_id": "shop"})).await.text("status"), "refused");
        office.finish().await;
    }
}
