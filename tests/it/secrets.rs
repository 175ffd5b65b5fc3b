//! What nobody may find where it does not belong, and what guessing comes to.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{
    actors::{Account, MEMBER_PASSWORD, OWNER_PASSWORD, Response, Visitor},
    app::Office,
    on_both_stores, post,
    program::Program,
    store::Database,
};

/// The forms something may be written in.
fn forms(secret: &str) -> [String; 4] {
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD_NO_PAD, secret);
    [secret.to_owned(), hex.to_uppercase(), hex, base64]
}

on_both_stores! {
    async fn a_thousand_guesses_reach_the_hash_ten_times_a_minute(store) {
        let office = Office::new(store).settings(|settings| settings.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]).start().await;
        let fish = office.db_tenant("fish", true, &[]).await;
        let ann = office.member(&fish, "ann@example.com", "OWNER").await;
        let (visitor, before) = (office.visitor().without_cookies(), office.app().passwords.hashed());
        let guess = async |number: u32, email: &str| {
            let path = ["/api/customers/auth/login", "/api/customer/auth/login", "/api/auth/login"][usize::try_from(number % 3).unwrap()];
            let address = format!("203.{}.{}.1", number / 250, number % 250);
            let body = json!({"email": email, "password": format!("guess number {number}")});
            visitor.send(visitor.request(Method::POST, path).header("x-forwarded-for", address).json(&body)).await.status.as_u16()
        };
        let mut answers = Vec::new();
        for number in 0..1_000 {
            answers.push(guess(number, "ann@example.com").await);
            office.clock.advance(Duration::from_millis(59));
        }
        let reached = usize::try_from(office.app().passwords.hashed() - before).unwrap();
        assert!((3..=10).contains(&reached), "{reached} guesses reached the hash");
        assert!(answers.iter().all(|status| [401, 429].contains(status)) && answers.iter().filter(|status| **status == 401).count() == reached);
        // The owner gets in all the same, from where she was before.
        let body = json!({"email": "ann@example.com", "password": MEMBER_PASSWORD, "device": ann.device});
        assert_eq!(visitor.send(visitor.request(Method::POST, "/api/customers/auth/login").json(&body)).await.status, 200);
        // Of an e-mail nobody has, as many reach it.
        let before = office.app().passwords.hashed();
        for number in 1_000..1_100 {
            guess(number, "nobody@example.com").await;
            office.clock.advance(Duration::from_millis(590));
        }
        assert!((3..=10).contains(&(office.app().passwords.hashed() - before)));
        office.finish().await;
    }

    async fn nothing_in_the_store_opens_anything(store) {
        let office = Office::new(store).settings(|settings| settings.open_sign_up = true).start().await;
        let fish = office.db_tenant("fish", true, &[]).await;
        let ann = office.member(&fish, "ann@example.com", "OWNER").await;
        let made = ann.change("apiKeyCreate", "secret", json!({"name": "Key", "permissions": ["chat.read"]})).await;
        let visitor = office.visitor();
        visitor.send(visitor.request(Method::POST, "/api/auth/password/reset").json(&json!({"email": "ann@example.com"}))).await;
        ann.change("memberInvite", "invitation { id }", json!({"email": "bea@example.com", "role": "AGENT"})).await;
        ann.change("tenantSignup", "sent", json!({"email": "zoe@example.com", "businessName": "Zoe"})).await;
        office.settled().await;
        let signs = ann.change("widgetIdentitySecretRotate", "secret", json!({})).await;
        let mut secrets = vec![signs["secret"].as_str().unwrap().to_owned(), ann.token.clone(), ann.device.clone(), made["secret"].as_str().unwrap().to_owned(), MEMBER_PASSWORD.to_owned()];
        for to in ["ann@example.com", "bea@example.com", "zoe@example.com"] {
            secrets.push(office.letter_to(to).await.token());
        }
        let dump = office.database.db_dump().await.join("\n");
        for secret in &secrets {
            // What stands behind the prefix is what opens; it may have an underscore in it.
            let bare = secret.splitn(3, '_').last().unwrap();
            for form in forms(secret).into_iter().chain(forms(bare)) {
                assert!(!dump.contains(&form), "a secret is in the store as {form}");
            }
        }
        for prefix in ["fo_st_", "fo_mb_", "fo_sk_", "fo_ln_", "fo_dev_", "fo_ids_"] {
            assert!(!dump.contains(prefix), "{prefix} is in the store");
        }
        assert!(!dump.lines().any(|row| row.starts_with("audit_entries") && (row.contains("example.com") || row.contains("127.0.0.1"))));
        office.finish().await;
    }

    async fn twelve_secrets_are_in_no_log_and_no_error(store) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::fresh(store, folder.path()).await;
        // A password in the address, where the store lets everybody in who has any.
        let url = database.url().replace("://postgres@", "://postgres:canary-dsn-4701@");
        let variables = [
            ("FRONTOFFICE_LISTEN", "127.0.0.1:0"),
            ("DATABASE_URL", &*url),
            ("FRONTOFFICE_LOG", "trace"),
            ("FRONTOFFICE_LOG_FORMAT", "json"),
            ("FRONTOFFICE_OWNER_EMAIL", "canary-owner-4702@example.com"),
            ("FRONTOFFICE_OWNER_PASSWORD", OWNER_PASSWORD),
            // Nobody listens there, so every answer fails.
            ("FRONTOFFICE_MODEL", "openai:gpt-4o"),
            ("OPENAI_BASE_URL", "http://127.0.0.1:9/v1"),
            ("OPENAI_API_KEY", "sk-canary-model-4703"),
            ("FRONTOFFICE_LIMITS__ADDRESS_MESSAGES_PER_MINUTE", "100000"),
        ];
        let program = Program::start(folder.path(), &variables).await;
        let visitor = Visitor::at(program.base.clone());
        let owner = Account::sign_in(visitor.without_cookies(), "canary-owner-4702@example.com", OWNER_PASSWORD).await;
        owner.change("memberInvite", "invitation { id }", json!({"email": "canary-ann-4704@example.com", "role": "OWNER"})).await;
        let letters = folder.path().join("data/mail");
        let link = crate::harness::eventually("the letter", async || Some(post::letters(&letters).pop()?.token())).await;
        owner.strange("invitationAccept", "accepted", json!({"token": link, "password": MEMBER_PASSWORD, "name": "Canary Name 4705"})).await;
        let ann = Account::sign_in_to(visitor.without_cookies(), "office16852-platform", "canary-ann-4704@example.com", MEMBER_PASSWORD).await;
        let key = ann.change("apiKeyCreate", "secret", json!({"name": "Canary Key 4706", "permissions": ["chat.read"]})).await["secret"].as_str().unwrap().to_owned();
        let signs = ann.change("widgetIdentitySecretRotate", "secret", json!({})).await["secret"].as_str().unwrap().to_owned();
        let browser = visitor.without_cookies();
        let login = browser.send(browser.request(Method::POST, "/api/customers/auth/login").json(&json!({"email": "canary-ann-4704@example.com", "password": MEMBER_PASSWORD, "session": "cookie"}))).await;
        let (cookie, csrf) = (login.header("set-cookie").split(['=', ';']).nth(1).unwrap().to_owned(), login.text("csrf_token").to_owned());
        let secrets = [
            OWNER_PASSWORD, MEMBER_PASSWORD, &owner.token, &ann.token, &cookie, &csrf, &key, &link, &signs, "canary-identity-4712", "pk_live_canary4707", "4704@example.com", "4702@example.com",
            "+49 170 4708", "4111 1111 1111 4709", "canary-text-4710", "sk-canary-model-4703", "canary-dsn-4701", "Canary Name", "canary-guess-4711",
        ];
        let mut errors: Vec<Response> = Vec::new();
        for number in 0..63 {
            let text = format!("canary-text-4710 {number}: call +49 170 4708, my card is 4111 1111 1111 4709, canary-ann-4704@example.com");
            let post = |path: &str, body: Value| browser.request(Method::POST, path).json(&body);
            let graphql = |query: &str| post("/graphql", json!({"query": query, "variables": {"x": text}}));
            let requests = [
                post("/api/chat", json!({"message": text, "session_id": format!("s{number}")})).header("prefer", "respond-async").header("x-widget-key", "pk_live_canary4707"),
                // The model is asked only for what there is knowledge of; it is away.
                post("/api/chat", json!({"message": "What does Pro cost?", "session_id": format!("canary-text-4710-{number}")})).header("prefer", "respond-async"),
                post("/api/chat", json!({"message": {"text": text}})),
                post("/api/widget/session", json!({"identity": "canary-identity-4712"})).header("x-widget-key", "pk_live_canary4707"),
                post("/api/auth/login", json!({"email": "canary-ann-4704@example.com", "password": "canary-guess-4711"})),
                post("/api/auth/password/reset", json!({"email": format!("canary-ann-4704@example.com{number}")})),
                post("/api/auth/password/reset/confirm", json!({"token": link, "password": "canary-guess-4711"})),
                post("/api/auth/password", json!({"current_password": "canary-guess-4711", "new_password": MEMBER_PASSWORD})).bearer_auth(&ann.token),
                post("/api/auth/logout", json!({})).header("cookie", format!("fo_member={cookie}")).header("x-csrf-token", "wrong"),
                browser.request(Method::GET, &format!("/api/chat/history/{csrf}")).bearer_auth(&key),
                graphql("query($x: String!) { tenant(slug: $x) { name } }").bearer_auth(&ann.token),
                graphql("mutation($x: String!) { memberInvite(input: {email: $x, role: OWNER}) { userErrors { code message } } }").bearer_auth(&ann.token),
                graphql("query($x: String!) { invitation(token: $x) { email } canary-text-4710").bearer_auth(&key),
                graphql("{ tenant(id: \"canary-text-4710\") { name } }").bearer_auth(&key),
                graphql("query($x: UUID!) { tenant(id: $x) { name } }").bearer_auth(&key),
            ];
            for request in requests {
                let answer = browser.send(request).await;
                if answer.status.as_u16() >= 400 || answer.body["errors"].is_array() || answer.body.to_string().contains("userErrors") {
                    errors.push(answer);
                }
            }
        }
        assert!(errors.len() > 400, "{}", errors.len());
        errors.push(browser.get("/api/health").await);
        for answer in &errors {
            let body = answer.body.to_string();
            for secret in secrets {
                assert!(!body.contains(secret), "an error repeats {secret}: {body}");
            }
        }
        program.signal("TERM");
        let (status, log) = program.end().await;
        assert!(status.success());
        assert!(log.contains("an attempt failed") && log.lines().count() > 1_000, "the answers fail, and that is logged");
        for secret in secrets {
            for form in forms(secret) {
                let line = log.lines().find(|line| line.contains(&form));
                assert_eq!(line.map(|line| line.chars().take(400).collect::<String>()), None, "{secret} is in the log");
            }
        }
        let database_says = database.db_texts("SELECT last_error AS value FROM jobs WHERE last_error IS NOT NULL").await.join("\n");
        assert!(!database_says.is_empty() && secrets.iter().all(|secret| !database_says.contains(secret)), "{database_says}");
    }
}
