//! Bad input gets a clear answer and changes nothing.

use reqwest::Method;
use serde_json::json;

use crate::harness::{app::Office, on_both_stores};

on_both_stores! {
    async fn a_message_must_be_a_text_of_1_to_8000_characters(store) {
        let office = Office::new(store).start().await;
        let before = office.database.db_dump().await;
        let visitor = office.visitor();
        for (body, path, words) in [
            (json!({}), "message", "is required"),
            (json!({"message": null}), "message", "is required"),
            (json!({"message": ""}), "message", "must not be empty"),
            (json!({"message": " \n\t\u{3000}"}), "message", "must not be empty"),
            (json!({"message": "é".repeat(8_001)}), "message", "has 8001 characters; at most 8000 are allowed"),
            (json!({"message": 7}), "message", "must be a string, not a number"),
            (json!({"message": ["a"]}), "message", "must be a string, not an array"),
            (json!({"message": "a\u{0}b"}), "message", "contains the character U+0000"),
            (json!({"message": "hi", "session_id": 1}), "session_id", "must be a string, not a number"),
            (json!({"message": "hi", "session_id": "x".repeat(129)}), "session_id", "at most 128"),
            (json!({"message": "hi", "session_id": ""}), "session_id", "must not be empty"),
            (json!({"message": "hi", "session_id": "a\nb"}), "session_id", "printable characters only"),
            (json!({"message": "hi", "client_message_id": {}}), "client_message_id", "must be a string, not an object"),
            (json!({"message": "hi", "client_message_id": "x".repeat(129)}), "client_message_id", "at most 128"),
            (json!({"message": "hi", "business_id": true}), "business_id", "must be a string, not a boolean"),
            (json!({"message": "hi", "business_id": ""}), "business_id", "UUID or slug"),
        ] {
            let answer = visitor.post(body.clone()).await;
            answer.assert_problem(422, "validation_failed");
            assert_eq!(answer.body["errors"][0]["path"], path, "{body}: {}", answer.body);
            let message = answer.body["errors"][0]["message"].as_str().unwrap();
            assert!(message.contains(words), "{message}");
            assert_eq!(answer.header("set-cookie"), "");
        }
        assert_eq!(office.database.db_dump().await, before, "nothing was changed");
        office.finish().await;
    }

    async fn everything_that_is_wrong_is_told_at_once(store) {
        let office = Office::new(store).start().await;
        let answer = office.visitor().post(json!({"message": 1, "session_id": 2, "business_id": 3})).await;
        answer.assert_problem(422, "validation_failed");
        assert_eq!(answer.body["errors"].as_array().unwrap().len(), 3);
        office.finish().await;
    }

    async fn eight_thousand_characters_of_any_script_are_fine(store) {
        let office = Office::new(store).start().await;
        let many_words: String = (0..1_300).map(|number| format!("w{number} ")).collect();
        for (text, status) in [
            ("é".repeat(8_000), "refused"),
            ("デ".repeat(8_000), "refused"),
            ("a'b\"c%_\\:*&|!()".repeat(500), "refused"),
            (many_words, "refused"),
            ("🙂".repeat(8_000), "answered"),
        ] {
            let answer = office.visitor().post(json!({"message": text, "unknown_field": [1]})).await;
            assert_eq!((answer.status.as_u16(), answer.text("status")), (200, status), "{}", answer.body);
        }
        office.finish().await;
    }

    async fn a_body_must_be_small_utf8_json(store) {
        let office = Office::new(store).start().await;
        let before = office.database.db_dump().await;
        let visitor = office.visitor();
        let post = |body: Vec<u8>| visitor.request(Method::POST, "/api/chat").header("content-type", "application/json").body(body);
        let mut large = br#"{"message": "hi", "padding": ""#.to_vec();
        large.resize(65 * 1024 - 2, b'x');
        large.extend(br#""}"#);
        for (body, status, code) in [
            (large.clone(), 413, "body_too_large"),
            (b"".to_vec(), 400, "body_not_json"),
            (b"{\"message\": \"hi\"".to_vec(), 400, "body_not_json"),
            (b"message=hi".to_vec(), 400, "body_not_json"),
            (b"[1]".to_vec(), 400, "body_not_json"),
            (b"\"hi\"".to_vec(), 400, "body_not_json"),
            (b"{\"message\": \"\xff\xfe\"}".to_vec(), 400, "body_not_utf8"),
            ("[".repeat(5_000).into_bytes(), 400, "body_not_json"),
        ] {
            visitor.send(post(body)).await.assert_problem(status, code);
        }
        // The same without an announced length.
        let stream = futures_util::stream::iter(large.chunks(1_000).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect::<Vec<_>>());
        let chunked = visitor.request(Method::POST, "/api/chat").header("content-type", "application/json").body(reqwest::Body::wrap_stream(stream));
        visitor.send(chunked).await.assert_problem(413, "body_too_large");
        assert_eq!(office.database.db_dump().await, before, "nothing was changed");
        office.finish().await;
    }

    async fn errors_never_repeat_what_was_sent(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        for body in ["{\"message\": canary-4711}", "{\"canary-4711\": 1}", "canary-4711", "{\"message\": \"x\", \"business_id\": \"canary-4711\"}"] {
            let request = visitor.request(Method::POST, "/api/chat").header("content-type", "application/json").body(body);
            let answer = visitor.send(request).await;
            assert!(answer.status.is_client_error());
            assert!(!answer.body.to_string().contains("canary"), "{}", answer.body);
        }
        office.finish().await;
    }

    async fn only_json_is_taken(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        let post = || visitor.request(Method::POST, "/api/chat").body(r#"{"message": "Where is the data stored?"}"#);
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", "application/json; charset=latin1"] {
            visitor.send(post().header("content-type", kind)).await.assert_problem(415, "content_type_unsupported");
        }
        visitor.send(post()).await.assert_problem(415, "content_type_unsupported");
        for kind in ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=utf-8"] {
            assert_eq!(visitor.send(post().header("content-type", kind)).await.status, 200, "{kind}");
        }
        office.finish().await;
    }

    async fn a_business_must_be_known_and_open_to_strangers(store) {
        let office = Office::new(store).start().await;
        let closed = office.db_tenant("closed", false, &[]).await;
        let before = office.database.db_dump().await;
        let visitor = office.visitor();
        for unknown in ["nobody", "01a20401-c076-7652-a1c8-59009ca8c23e", "' OR 1=1 --", "Closed", &"x".repeat(64)] {
            visitor.post(json!({"message": "hi", "business_id": unknown})).await.assert_problem(404, "business_unknown");
        }
        for known in ["closed".to_owned(), closed.public_id.to_string()] {
            visitor.post(json!({"message": "hi", "business_id": known})).await.assert_problem(403, "public_chat_disabled");
        }
        assert_eq!(office.database.db_dump().await, before, "nothing was changed");
        office.finish().await;
    }

    async fn pages_of_other_sites_are_refused(store) {
        let office = Office::new(store).start().await;
        let before = office.database.db_dump().await;
        let visitor = office.visitor();
        let chat = || visitor.chat(&json!({"message": "Where is the data stored?"}));
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", "http://127.0.0.1:1"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            visitor.send(chat().header(name, value)).await.assert_problem(403, "cross_site");
            let stream = visitor.request(Method::GET, "/api/chat/turns/01a20401-c076-7652-a1c8-59009ca8c23e/events").header(name, value);
            visitor.send(stream).await.assert_problem(403, "cross_site");
        }
        assert_eq!(office.database.db_dump().await, before, "nothing was changed");
        let own = format!("http://{}", office.app().address);
        for (origin, site) in [(own.clone(), "same-origin"), (own.replace("127.0.0.1", "localhost"), "same-origin"), (own, "none")] {
            let answer = visitor.send(chat().header("origin", origin).header("sec-fetch-site", site)).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert_eq!(answer.header("access-control-allow-origin"), "");
        }
        office.finish().await;
    }

    async fn whatever_stands_in_the_address_the_error_is_a_problem(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        let turn = "/api/chat/turns/01a20401-c076-7652-a1c8-59009ca8c23e/events";
        for (path, status, code) in [
            (format!("{turn}?business_id=%00"), 404, "business_unknown"),
            (format!("{turn}?business_id={}", "x".repeat(5_000)), 404, "business_unknown"),
            (format!("{turn}?business_id=%ff"), 404, "business_unknown"),
            (format!("{turn}?session_id=a&session_id=b"), 400, "query_invalid"),
            ("/api/chat/turns/%ff/events".to_owned(), 404, "turn_unknown"),
            ("/api/pricebook?at=a&at=b".to_owned(), 400, "query_invalid"),
            ("/api/pricebook/versions/%ff".to_owned(), 404, "pricebook_none"),
        ] {
            visitor.get(&path).await.assert_problem(status, code);
        }
        let two_sites = visitor.chat(&json!({"message": "hi"})).header("sec-fetch-site", "none").header("sec-fetch-site", "cross-site");
        visitor.send(two_sites).await.assert_problem(403, "cross_site");
        office.finish().await;
    }

    async fn a_bad_key_in_the_header_is_told(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        let chat = || visitor.chat(&json!({"message": "hi", "client_message_id": "a"}));
        visitor.send(chat().header("idempotency-key", "x".repeat(129))).await.assert_problem(400, "header_invalid");
        visitor.send(chat().header("idempotency-key", "")).await.assert_problem(400, "header_invalid");
        visitor.send(chat().header("idempotency-key", "b")).await.assert_problem(422, "validation_failed");
        office.finish().await;
    }

    async fn unknown_routes_and_methods_are_problems_too(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        visitor.get("/api/nothing").await.assert_problem(404, "not_found");
        let wrong = visitor.get("/api/chat").await;
        wrong.assert_problem(405, "method_not_allowed");
        assert_eq!(wrong.header("allow"), "POST");
        office.finish().await;
    }

    async fn health_tells_what_the_process_depends_on(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        assert_eq!(visitor.get("/livez").await.status, 200);
        let ready = crate::harness::eventually("readiness", async || {
            let ready = visitor.get("/readyz").await;
            (ready.status == 200).then_some(ready)
        })
        .await;
        assert_eq!(ready.text("status"), "ok");
        let health = visitor.get("/api/health").await;
        assert_eq!(health.body["checks"]["store"], "ok");
        assert_eq!(health.body["checks"]["workers"]["status"], "ok");
        assert_eq!(health.body["checks"]["model"]["name"], "extractive");
        office.finish().await;
    }

    async fn workers_that_do_not_look_make_the_process_unready(store) {
        let office = Office::new(store).settings(|settings| settings.worker.look = std::time::Duration::from_secs(60)).start().await;
        let visitor = office.visitor();
        crate::harness::eventually("readiness", async || (visitor.get("/readyz").await.status == 200).then_some(())).await;
        // The workers sleep for a minute now, and time moves only by hand.
        office.clock.advance(std::time::Duration::from_secs(16));
        let silent = visitor.get("/readyz").await;
        assert_eq!((silent.status.as_u16(), silent.text("status")), (503, "unavailable"));
        assert_eq!(silent.body["checks"]["workers"]["status"], "silent");
        assert_eq!(visitor.get("/livez").await.status, 200, "alive all the same");
        office.app().bus.ring();
        crate::harness::eventually("the next look", async || (visitor.get("/readyz").await.status == 200).then_some(())).await;
        office.finish().await;
    }
}
