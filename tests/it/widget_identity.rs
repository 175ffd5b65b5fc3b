//! Visitors whose own website says who they are.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{
    tenants::{fish, refused},
    widget::{Page, SHOP, page, readable},
    widget_keys::lasting,
    widget_opening::{open, uuid},
};
use crate::harness::{
    actors::Account,
    app::{NOON, TestApp},
    on_both_stores,
};

/// A token as a website's server signs it.
fn signed(secret: &str, head: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(head), part(claims));
    let mac = <Hmac<Sha256> as Mac>::new_from_slice(secret.as_bytes()).unwrap().chain_update(text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// The website's server.
struct Server {
    secret: String,
    uuid: String,
}

impl Server {
    async fn of(ann: &Account) -> Self {
        let made = ann.change("widgetIdentitySecretRotate", "secret", json!({})).await;
        Self { secret: made["secret"].as_str().unwrap().to_owned(), uuid: uuid(ann).await }
    }

    fn claims(&self, office: &TestApp, subject: &str) -> Value {
        let now = office.clock.now().as_micros() / 1_000_000;
        json!({"sub": subject, "exp": now + 600, "aud": self.uuid})
    }

    fn says(&self, office: &TestApp, subject: &str) -> String {
        signed(&self.secret, &json!({"alg": "HS256", "typ": "JWT"}), &self.claims(office, subject))
    }
}

async fn visitors(ann: &Account) -> Vec<Value> {
    let wanted =
        "{ viewer { tenant { conversations(orderBy: CREATED) { nodes { sessionId visitor { id name email verifiedAt } } } } } }";
    let found = ann.data(wanted, json!({})).await["viewer"]["tenant"]["conversations"]["nodes"].as_array().unwrap().clone();
    found.into_iter().map(|one| one["visitor"].clone()).collect()
}

on_both_stores! {
    async fn a_person_is_the_same_in_whichever_browser_and_nobody_else(store) {
        let (office, ann, _) = fish(store).await;
        let page = page(&office, &ann).await;
        let server = Server::of(&ann).await;
        assert!(server.secret.starts_with("fo_ids_"));
        // A stranger talks first.
        let stranger = page.opened().await;
        let before = stranger.say("When does the shop open?").await.text("session_id").to_owned();
        let mut claims = server.claims(&office, "customer 42");
        claims["name"] = json!("Vi Visitor");
        claims["email"] = json!("Vi@Example.com");
        let jwt = signed(&server.secret, &json!({"alg": "HS256"}), &claims);
        // Shown with the stranger's token, it is the person all the same; and by the other way, after the widget was opened.
        let identified = stranger.post("session", json!({"identity": jwt})).await;
        assert_eq!((identified.status.as_u16(), &identified.body["verified"]), (200, &json!(true)), "{}", identified.body);
        let known = Page { token: Some(identified.text("visitor_token").to_owned()), ..page.clone() };
        known.get("conversation/history").await.assert_problem(404, "session_unknown");
        known.get(&format!("conversation/history?session_id={before}")).await.assert_problem(404, "session_unknown");
        let said = known.say("When does the shop close?").await;
        let session = said.text("session_id").to_owned();
        assert_ne!(session, before);
        assert_eq!(stranger.get("conversation/history").await.text("session_id"), before, "what the stranger said stays the stranger's");
        let elsewhere = stranger.post("conversation/identify", json!({"token": server.says(&office, "customer 42")})).await;
        assert_eq!((elsewhere.status.as_u16(), &elsewhere.body["verified"], elsewhere.header("cache-control")), (200, &json!(true), "no-store"), "{}", elsewhere.body);
        assert_eq!(elsewhere.body.as_object().unwrap().len(), 4);
        readable(&elsewhere, SHOP);
        let second = Page { token: Some(elsewhere.text("visitor_token").to_owned()), ..page.clone() };
        assert_eq!(second.get("conversation/history").await.text("session_id"), session);
        let opened = open(&office.visitor(), &server.uuid, SHOP, json!({"identity": server.says(&office, "customer 42")})).await;
        let third = Page { token: Some(opened.text("visitor_token").to_owned()), ..page.clone() };
        assert_eq!(third.get("conversation/history").await.text("session_id"), session);
        let other = page.post("session", json!({"identity": server.says(&office, "customer 43")})).await;
        Page { token: Some(other.text("visitor_token").to_owned()), ..page.clone() }.get("conversation/history").await.assert_problem(404, "session_unknown");
        // The team sees who it is, as the website said last.
        assert_eq!(visitors(&ann).await[0]["name"], Value::Null);
        page.post("session", json!({"identity": jwt})).await;
        let seen = visitors(&ann).await;
        assert_eq!(seen.len(), 2);
        assert_eq!((&seen[0]["name"], &seen[0]["email"], &seen[0]["verifiedAt"]), (&json!("Vi Visitor"), &json!("vi@example.com"), &json!("2026-11-22T12:00:00.000000Z")));
        assert_eq!((&seen[1]["name"], &seen[1]["verifiedAt"]), (&Value::Null, &Value::Null));
        // A copy has it; once erased, nothing does, and the person is somebody new.
        let copy = ann.change("visitorExport", "document", json!({"visitor": seen[0]["id"]})).await["document"].as_str().unwrap().to_owned();
        assert!(copy.contains("Vi Visitor") && copy.contains("vi@example.com"), "{copy}");
        ann.change("visitorErase", "receipt { uuid }", json!({"visitor": seen[0]["id"], "reason": "Asked for."})).await;
        second.get("conversation/history").await.assert_problem(404, "session_unknown");
        let dump = office.database.db_dump().await.join("\n");
        for gone in ["Vi Visitor", "vi@example.com", "customer 42"] {
            assert!(!dump.contains(gone), "{gone}");
        }
        office.finish().await;
    }

    async fn what_cannot_be_believed_is_refused_with_a_reason(store) {
        let (office, ann, _) = fish(store).await;
        let page = page(&office, &ann).await.opened().await;
        let ask = async |jwt: &str| page.post("session", json!({"identity": jwt})).await;
        // Before there is a secret nobody is believed, whatever they sign with.
        let own = uuid(&ann).await;
        let bare = Server { secret: String::new(), uuid: own.clone() };
        ask(&bare.says(&office, "42")).await.assert_problem(401, "identity_invalid");
        let server = Server::of(&ann).await;
        let chips = office.db_tenant("chips", true, &[]).await;
        let zoe = office.member(&chips, "zoe@example.com", "OWNER").await;
        let theirs = Server::of(&zoe).await;
        let now = NOON.as_micros() / 1_000_000;
        let with = |field: &str, value: Value| {
            let mut claims = server.claims(&office, "42");
            claims[field] = value;
            signed(&server.secret, &json!({"alg": "HS256"}), &claims)
        };
        let head = |head: Value| signed(&server.secret, &head, &server.claims(&office, "42"));
        let good = server.says(&office, "42");
        for (jwt, why) in [
            (head(json!({"alg": "none"})), "`alg`"),
            (head(json!({"alg": "HS512"})), "`alg`"),
            (head(json!({"alg": "HS256", "crit": ["exp"]})), "`crit`"),
            (format!("{}.", good.rsplit_once('.').unwrap().0), "signature"),
            (signed("fo_ids_guess", &json!({"alg": "HS256"}), &server.claims(&office, "42")), "signature"),
            (signed(&theirs.secret, &json!({"alg": "HS256"}), &server.claims(&office, "42")), "signature"),
            (with("aud", json!(theirs.uuid)), "`aud`"),
            (with("exp", json!(now - 61)), "`exp`"),
            (with("exp", json!(now + 3_661)), "`exp`"),
            (with("nbf", json!(now + 120)), "`nbf`"),
            (with("sub", json!("")), "`sub`"),
            (with("sub", json!("x".repeat(201))), "`sub`"),
            (with("sub", Value::Null), "`sub`"),
            ("nonsense".to_owned(), "no JSON Web Token"),
        ] {
            for answer in [ask(&jwt).await, page.post("conversation/identify", json!({"token": jwt})).await] {
                answer.assert_problem(401, "identity_invalid");
                assert!(answer.text("detail").contains(why) && !answer.text("detail").contains(&jwt), "{why}: {}", answer.body);
                readable(&answer, SHOP);
            }
        }
        for ok in [with("exp", json!(now - 30)), with("exp", json!(now + 3_600)), with("aud", json!([theirs.uuid, own])), with("name", json!("\u{0}")), with("email", json!("nobody"))] {
            assert_eq!(ask(&ok).await.body["verified"], true);
        }
        for (body, field) in [(json!({}), "token"), (json!({"token": 7}), "token"), (json!({"token": "x".repeat(8_193)}), "token")] {
            let answer = page.post("conversation/identify", body).await;
            answer.assert_problem(422, "validation_failed");
            assert_eq!(answer.body["errors"][0]["path"], field);
        }
        assert_eq!(office.database.db_count("visitors", "verified_at IS NOT NULL").await, 1);
        office.finish().await;
    }

    async fn a_secret_is_made_anew_and_the_one_before_is_good_for_a_day(store) {
        let (office, ann, _) = fish(store).await;
        let ann = lasting(&ann).await;
        let page = page(&office, &ann).await;
        let standing = async || ann.data("{ viewer { tenant { widgetIdentity { required secretMadeAt formerSecretUntil revision } } } }", json!({})).await["viewer"]["tenant"]["widgetIdentity"].clone();
        assert_eq!(standing().await, json!({"required": false, "secretMadeAt": null, "formerSecretUntil": null, "revision": 0}));
        let first = Server::of(&ann).await;
        office.clock.advance(Duration::from_secs(60));
        let second = Server::of(&ann).await;
        assert_ne!(first.secret, second.secret);
        assert_eq!(standing().await, json!({"required": false, "secretMadeAt": "2026-11-22T12:01:00.000000Z", "formerSecretUntil": "2026-11-23T12:01:00.000000Z", "revision": 2}));
        let open = async |server: &Server| page.post("session", json!({"identity": server.says(&office, "42")})).await;
        let (by_first, by_second) = (open(&first).await, open(&second).await);
        assert_eq!((by_first.status.as_u16(), by_second.status.as_u16()), (200, 200));
        // Whose token says so is renewed for a day after it has ended, while the secret is good by which it was said.
        let with = |token: &str| Page { token: Some(token.to_owned()), ..page.clone() };
        let renew = async |token: &str| {
            let renewed = with(token).post("session", json!({})).await;
            (renewed.body["verified"].clone(), renewed.text("visitor_token").to_owned())
        };
        let said = with(by_first.text("visitor_token")).say("When does the shop open?").await;
        office.clock.advance(Duration::from_secs(7_200));
        let (still, first_again) = renew(by_first.text("visitor_token")).await;
        assert_eq!(still, true);
        assert_eq!(with(&first_again).get("conversation/history").await.text("session_id"), said.text("session_id"));
        office.clock.advance(Duration::from_secs(22 * 3_600));
        open(&first).await.assert_problem(401, "identity_invalid");
        let (by_old_secret, new) = renew(&first_again).await;
        assert_eq!(by_old_secret, false, "what was said by a secret that is over is over");
        with(&new).get("conversation/history").await.assert_problem(404, "session_unknown");
        let (by_new_secret, second_again) = renew(by_second.text("visitor_token")).await;
        assert_eq!(by_new_secret, true);
        office.clock.advance(Duration::from_secs(25 * 3_600));
        assert_eq!(renew(&second_again).await.0, false, "a day after its end it is not renewed any more");
        // A verified visitor's token is not one with its beginning changed.
        let forged = second_again.replace("fo_wi_", "fo_wv_");
        with(&forged).get("conversation/history").await.assert_problem(401, "visitor_token_invalid");
        assert_eq!(standing().await["formerSecretUntil"], Value::Null);
        let dump = office.database.db_dump().await.join("\n");
        for server in [&first, &second] {
            let hex: String = server.secret.bytes().map(|byte| format!("{byte:02x}")).collect();
            assert!(!dump.contains(&server.secret) && !dump.to_lowercase().contains(&hex), "the secret is in the store");
        }
        let log = ann.data("{ auditLog(filter: {action: WIDGET_IDENTITY_ROTATED}) { nodes { fields revision } } }", json!({})).await;
        assert_eq!(log["auditLog"]["nodes"], json!([{"fields": ["secret"], "revision": 2}, {"fields": ["secret"], "revision": 1}]));
        office.finish().await;
    }

    async fn who_must_be_known_is_truly_refused_otherwise(store) {
        let (office, ann, _) = fish(store).await;
        let page = page(&office, &ann).await;
        let before = page.opened().await;
        assert_eq!(before.say("When does the shop open?").await.text("status"), "answered");
        let require = async |required: bool, expected: Option<i64>| {
            ann.mutate("widgetIdentityUpdate", "widgetIdentity { required revision }", json!({"required": required, "expectedRevision": expected})).await
        };
        refused(&require(true, None).await, "INVALID", "required");
        let server = Server::of(&ann).await;
        refused(&require(true, Some(0)).await, "CONFLICT", "expectedRevision");
        assert_eq!(require(true, Some(1)).await["widgetIdentity"], json!({"required": true, "revision": 2}));
        assert_eq!(require(true, None).await["widgetIdentity"]["revision"], 2, "the same again is no change");
        let messages = office.database.db_count("messages", "true").await;
        // Neither who was let in before, nor who shows nothing, nor who brings a session id of their own; on no way.
        for stranger in [&before, &page] {
            for (method, path, body) in [
                ("POST", "session", json!({})),
                ("POST", "chat", json!({"message": "Hello"})),
                ("POST", "chat", json!({"message": "Hello", "session_id": "s1"})),
                ("GET", "conversation/history", json!({})),
                ("GET", "conversation/events", json!({})),
                ("POST", "conversation/handoff", json!({})),
                ("POST", "conversation/rating", json!({"rating": "up"})),
                ("POST", "conversation/contact", json!({"email": "vi@example.com"})),
                ("POST", "turns/01a20401-0000-7000-8000-000000000000/stop", json!({})),
                ("GET", "turns/01a20401-0000-7000-8000-000000000000/events", json!({})),
            ] {
                let answer = if method == "POST" { stranger.post(path, body).await } else { stranger.get(path).await };
                answer.assert_problem(403, "identification_required");
                readable(&answer, SHOP);
            }
        }
        open(&office.visitor(), &server.uuid, SHOP, json!({})).await.assert_problem(403, "identification_required");
        assert_eq!(office.database.db_count("messages", "true").await, messages);
        // Who is known talks.
        let opened = open(&office.visitor(), &server.uuid, SHOP, json!({"identity": server.says(&office, "42")})).await;
        let known = Page { token: Some(opened.text("visitor_token").to_owned()), ..page.clone() };
        assert_eq!(known.say("When does the shop open?").await.text("status"), "answered");
        let identified = page.post("conversation/identify", json!({"token": server.says(&office, "42")})).await;
        assert_eq!(identified.body["verified"], true, "{}", identified.body);
        // The tenant's page here is another way in, which it opens or not by itself.
        assert_eq!(office.visitor().post(json!({"message": "Hello", "business_id": "fish"})).await.status, 200);
        assert_eq!(require(false, None).await["widgetIdentity"]["required"], false);
        assert_eq!(before.post("session", json!({})).await.status, 200);
        let log = ann.data("{ auditLog(filter: {action: WIDGET_IDENTITY_UPDATED}) { nodes { fields revision } } }", json!({})).await;
        assert_eq!(log["auditLog"]["nodes"], json!([{"fields": ["required"], "revision": 3}, {"fields": ["required"], "revision": 2}]));
        office.finish().await;
    }

    async fn who_listens_and_is_not_known_hears_nothing_once_that_is_required(store) {
        let (office, ann, _) = fish(store).await;
        let page = page(&office, &ann).await.opened().await;
        Server::of(&ann).await;
        assert_eq!(page.post("conversation/handoff", json!({})).await.status, 200);
        let wanted = "{ viewer { tenant { conversations { nodes { id } } } } }";
        let id = ann.data(wanted, json!({})).await["viewer"]["tenant"]["conversations"]["nodes"][0]["id"].clone();
        let heard = page.request(reqwest::Method::GET, "conversation/events").send().await.unwrap();
        let heard = tokio::spawn(async move { heard.text().await.unwrap() });
        ann.change("widgetIdentityUpdate", "widgetIdentity { required }", json!({"required": true})).await;
        ann.change("conversationReply", "message { id }", json!({"conversation": id, "text": "After."})).await;
        let heard = tokio::time::timeout(Duration::from_secs(20), heard).await.expect("the stream ends").unwrap();
        assert!(!heard.contains("After."), "{heard}");
        office.finish().await;
    }

    async fn who_was_said_to_be_there_and_says_nothing_is_forgotten_in_time(store) {
        let (office, ann, _) = fish(store).await;
        let ann = lasting(&ann).await;
        let page = page(&office, &ann).await;
        let server = Server::of(&ann).await;
        let introduced = async |subject: &str| {
            let mut claims = server.claims(&office, subject);
            claims["name"] = json!(format!("Person {subject}"));
            let session = page.post("session", json!({"identity": signed(&server.secret, &json!({"alg": "HS256"}), &claims)})).await;
            Page { token: Some(session.text("visitor_token").to_owned()), ..page.clone() }
        };
        introduced("silent").await;
        introduced("talking").await.say("When does the shop open?").await;
        assert_eq!(office.database.db_count("visitors", "silent AND name = 'Person silent'").await, 1);
        assert_eq!(office.database.db_count("visitors", "NOT silent AND name = 'Person talking'").await, 1);
        // Starter keeps what visitors said for thirty days; who is introduced anew meanwhile is new.
        office.advance(Duration::from_secs(29 * 86_400));
        introduced("fresh").await;
        office.advance(Duration::from_secs(2 * 86_400));
        crate::harness::eventually("the forgetting", async || {
            office.advance(Duration::from_secs(60));
            (office.database.db_count("visitors", "name IS NOT NULL").await == 1).then_some(())
        })
        .await;
        assert_eq!(office.database.db_count("visitors", "name = 'Person fresh' AND silent").await, 1);
        office.finish().await;
    }
}
