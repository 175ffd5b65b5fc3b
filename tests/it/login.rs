//! Signing in, being signed in, and what is not let in.

use std::time::Duration;

use frontoffice::settings::Settings;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::{
    actors::{OWNER_PASSWORD, Response, Visitor},
    app::{Office, TestApp},
    on_both_stores,
};

const OWNER: &str = "owner@localhost";

fn right() -> Value {
    json!({"email": OWNER, "password": OWNER_PASSWORD})
}

fn wrong() -> Value {
    json!({"email": OWNER, "password": "not the owner's words"})
}

/// Whoever connects is a proxy, so that a test can come from anywhere.
fn behind_a_proxy(settings: &mut Settings) {
    settings.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
}

async fn log_in_from(visitor: &Visitor, address: &str, body: &Value) -> Response {
    visitor.send(visitor.request(Method::POST, "/api/auth/login").header("x-forwarded-for", address).json(body)).await
}

async fn me(visitor: &Visitor, token: &str) -> Response {
    visitor.send(visitor.request(Method::GET, "/api/auth/me").bearer_auth(token)).await
}

on_both_stores! {
    async fn the_owner_signs_in_and_is_known(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        let login = visitor.log_in(json!({"email": " Owner@LOCALHOST ", "password": OWNER_PASSWORD})).await;
        assert_eq!(login.status, 200, "{}", login.body);
        assert_eq!((login.text("token_type"), login.header("cache-control"), login.header("set-cookie")), ("Bearer", "no-store", ""));
        assert!(login.text("access_token").starts_with("fo_st_") && login.text("device").starts_with("fo_dev_"));
        assert_eq!(login.text("expires_at"), "2026-12-22T12:00:00.000000Z");
        assert_eq!((&login.body["user"]["email"], &login.body["user"]["role"]), (&json!(OWNER), &json!("owner")));
        let me = me(&visitor, login.text("access_token")).await;
        assert_eq!(me.status, 200, "{}", me.body);
        assert_eq!(me.body["user"], login.body["user"]);
        assert_eq!(me.body["csrf_token"], json!(null), "a bearer needs none");
        let permissions = me.body["permissions"].as_array().unwrap();
        assert!(permissions.contains(&json!("chat.read")) && !permissions.contains(&json!("chat.visit")), "{permissions:?}");
        office.finish().await;
    }

    async fn a_wrong_email_and_a_wrong_password_are_one_error_and_cost_one_hash(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        let mut said = Vec::new();
        for body in [wrong(), json!({"email": "nobody@example.com", "password": OWNER_PASSWORD}), json!({"email": "none", "password": "x"})] {
            let before = office.app().passwords.hashed();
            let mut answer = visitor.log_in(body).await;
            answer.assert_problem(401, "login_failed");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
            assert_eq!(office.app().passwords.hashed() - before, 1);
            answer.body["request_id"] = json!(null);
            said.push(answer.body);
        }
        assert!(said.windows(2).all(|pair| pair[0] == pair[1]), "{said:?}");
        // Somebody who no longer works here is nobody.
        office.database.db_do("DELETE FROM staff").await;
        visitor.log_in(right()).await.assert_problem(401, "login_failed");
        office.finish().await;
    }

    async fn what_cannot_be_a_login_is_told_and_not_counted(store) {
        let office = Office::new(store).start().await;
        let (visitor, before, hashed) = (office.visitor(), office.database.db_dump().await, office.app().passwords.hashed());
        for (body, path, words) in [
            (json!({"password": "x"}), "email", "is required"),
            (json!({"email": OWNER}), "password", "is required"),
            (json!({"email": "", "password": "x"}), "email", "must not be empty"),
            (json!({"email": "x".repeat(255), "password": "x"}), "email", "at most 254"),
            (json!({"email": OWNER, "password": "x".repeat(1_001)}), "password", "at most 1000"),
            (json!({"email": "a\u{0}@b", "password": "x"}), "email", "U+0000"),
            (json!({"email": [], "password": "x"}), "email", "must be a string"),
            (json!({"email": OWNER, "password": OWNER_PASSWORD, "session": "ticket"}), "session", "`bearer` or `cookie`"),
            (json!({"email": OWNER, "password": OWNER_PASSWORD, "device": 7}), "device", "must be a string"),
        ] {
            let answer = visitor.log_in(body).await;
            answer.assert_problem(422, "validation_failed");
            assert_eq!(answer.body["errors"][0]["path"], path, "{}", answer.body);
            assert!(answer.body["errors"][0]["message"].as_str().unwrap().contains(words), "{}", answer.body);
        }
        for (name, value) in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example"), ("origin", "null")] {
            for session in ["bearer", "cookie"] {
                let body = json!({"email": OWNER, "password": OWNER_PASSWORD, "session": session});
                let request = visitor.request(Method::POST, "/api/auth/login").header(name, value).json(&body);
                visitor.send(request).await.assert_problem(403, "cross_site");
            }
        }
        assert_eq!(office.database.db_dump().await, before);
        assert_eq!(office.app().passwords.hashed(), hashed);
        office.finish().await;
    }

    async fn whoever_guesses_has_to_wait_longer_each_time(store) {
        let office = Office::new(store).start().await;
        let visitor = office.visitor();
        for email in [OWNER, "nobody@example.com"] {
            let guess = json!({"email": email, "password": "not the owner's words"});
            for _ in 0..3 {
                visitor.log_in(guess.clone()).await.assert_problem(401, "login_failed");
            }
            for (wait, seconds) in [("20", 20), ("40", 40), ("80", 80)] {
                let hashed = office.app().passwords.hashed();
                for body in [guess.clone(), json!({"email": email, "password": OWNER_PASSWORD})] {
                    let answer = visitor.log_in(body).await;
                    answer.assert_problem(429, "login_throttled");
                    assert_eq!(answer.header("retry-after"), wait, "what is not let in is not counted");
                }
                assert_eq!(office.app().passwords.hashed(), hashed, "and not looked at");
                office.clock.advance(Duration::from_micros(seconds * 1_000_000 - 1));
                let answer = visitor.log_in(guess.clone()).await;
                answer.assert_problem(429, "login_throttled");
                assert_eq!(answer.header("retry-after"), "1");
                office.clock.advance(Duration::from_micros(1));
                visitor.log_in(guess.clone()).await.assert_problem(401, "login_failed");
            }
            office.clock.advance(Duration::from_secs(160));
        }
        assert_eq!(visitor.log_in(right()).await.status, 200, "the right words are let in like any guess");
        for _ in 0..3 {
            visitor.log_in(wrong()).await.assert_problem(401, "login_failed");
        }
        visitor.log_in(wrong()).await.assert_problem(429, "login_throttled");
        office.finish().await;
    }

    async fn a_known_device_gets_in_while_others_guess(store) {
        let office = Office::new(store).settings(behind_a_proxy).start().await;
        let (owner, visitor) = (office.owner().await, office.visitor());
        for guess in 0..3 {
            log_in_from(&visitor, &format!("203.0.113.{guess}"), &wrong()).await.assert_problem(401, "login_failed");
        }
        let with = |device: &str| json!({"email": OWNER, "password": OWNER_PASSWORD, "device": device});
        let made_up = format!("fo_dev_{}", "A".repeat(43));
        for device in ["", "nonsense", &owner.token, &made_up] {
            visitor.log_in(with(device)).await.assert_problem(429, "login_throttled");
        }
        let login = visitor.log_in(with(&owner.device)).await;
        assert_eq!((login.status.as_u16(), login.text("device")), (200, owner.device.as_str()));
        assert_eq!(office.database.db_count("devices", "true").await, 1);
        visitor.log_in(right()).await.assert_problem(429, "login_throttled");
        // It is no credential, and its own allowance has an end as well.
        let guess = json!({"email": OWNER, "password": "not the owner's words", "device": owner.device});
        for _ in 0..4 {
            visitor.log_in(guess.clone()).await.assert_problem(401, "login_failed");
        }
        visitor.log_in(with(&owner.device)).await.assert_problem(429, "login_throttled");
        // It counts for its own person alone.
        let other = json!({"email": "nobody@example.com", "password": "x", "device": owner.device});
        visitor.log_in(other).await.assert_problem(401, "login_failed");
        office.finish().await;
    }

    async fn programs_that_forget_their_device_push_out_none_that_comes_back(store) {
        let office = Office::new(store).settings(behind_a_proxy).start().await;
        let (owner, visitor) = (office.owner().await, office.visitor());
        let with_device = json!({"email": OWNER, "password": OWNER_PASSWORD, "device": owner.device});
        assert_eq!(visitor.log_in(with_device.clone()).await.status, 200);
        office.clock.advance(Duration::from_secs(1));
        assert_eq!(visitor.log_in(with_device.clone()).await.status, 200);
        for number in 0..22 {
            office.clock.advance(Duration::from_secs(60));
            assert_eq!(log_in_from(&visitor, &format!("203.0.113.{number}"), &right()).await.status, 200);
        }
        assert_eq!(office.database.db_count("devices", "true").await, 20);
        let login = visitor.log_in(with_device).await;
        assert_eq!((login.status.as_u16(), login.text("device")), (200, owner.device.as_str()), "it is still known");
        office.finish().await;
    }

    async fn an_account_is_guessed_at_most_ten_times_a_minute_over_all_processes(store) {
        let first = Office::new(store).settings(behind_a_proxy).start().await;
        let second = Office::new(store).on(&first.database).settings(behind_a_proxy).start().await;
        let devices = [first.owner().await.device, second.owner().await.device];
        let hashed = || first.app().passwords.hashed() + second.app().passwords.hashed();
        let before = hashed();
        let mut guesses = 0_u8;
        for _ in 0..6 {
            let guessing = (0..3).flat_map(|_| [(&first, None), (&second, None), (&first, Some(0)), (&second, Some(1))]).map(|(office, device)| {
                guesses += 1;
                let (visitor, address) = (office.visitor(), format!("203.0.113.{guesses}"));
                let body = match device {
                    None => wrong(),
                    Some(device) => json!({"email": OWNER, "password": "not the owner's words", "device": devices[device]}),
                };
                tokio::spawn(async move { log_in_from(&visitor, &address, &body).await.status.as_u16() })
            });
            for guess in guessing.collect::<Vec<_>>() {
                let status = guess.await.unwrap();
                assert!([401, 429].contains(&status), "{status}");
            }
            first.clock.advance(Duration::from_secs(10));
            second.clock.advance(Duration::from_secs(10));
        }
        let reached = hashed() - before;
        assert!((6..=10).contains(&reached), "{reached} of {guesses} guesses reached the hash");
        // The store lies in the first one's folder.
        second.finish().await;
        first.finish().await;
    }

    async fn an_address_that_tries_many_emails_has_to_wait_and_leaves_no_trace_of_them(store) {
        let office = Office::new(store).settings(behind_a_proxy).start().await;
        let visitor = office.visitor();
        let guess = |number: usize| json!({"email": format!("somebody-{number}@example.com"), "password": "x"});
        for number in 0..20 {
            log_in_from(&visitor, "2001:db8:1:1::7", &guess(number)).await.assert_problem(401, "login_failed");
        }
        let rows = office.database.db_count("login_attempts", "true").await;
        for number in 20..30 {
            let address = format!("2001:db8:1:1::{number}");
            log_in_from(&visitor, &address, &guess(number)).await.assert_problem(429, "login_throttled");
        }
        assert_eq!(office.database.db_count("login_attempts", "true").await, rows);
        assert_eq!(log_in_from(&visitor, "2001:db8:1:2::7", &right()).await.status, 200, "elsewhere nothing happened");
        // What was counted long ago is forgotten with the next login.
        office.clock.advance(Duration::from_secs(3 * 86_400));
        assert_eq!(log_in_from(&visitor, "192.0.2.1", &right()).await.status, 200);
        assert_eq!(office.database.db_count("login_attempts", "true").await, 2);
        office.finish().await;
    }

    async fn an_office_that_shares_an_address_is_not_held_up_by_its_own_logins(store) {
        let office = Office::new(store).start().await;
        for _ in 0..25 {
            assert_eq!(office.visitor().log_in(right()).await.status, 200);
        }
        assert_eq!(office.database.db_count("devices", "true").await, 20, "so many devices are known");
        office.finish().await;
    }

    async fn a_session_ends_when_it_is_not_used_and_in_any_case(store) {
        let office = Office::new(store).start().await;
        let owner = office.owner().await;
        let half_a_day = Duration::from_secs(12 * 3_600);
        office.clock.advance(half_a_day - Duration::from_micros(1));
        assert_eq!(owner.get("/api/auth/me").await.status, 200);
        office.clock.advance(half_a_day - Duration::from_micros(1));
        assert_eq!(owner.get("/api/auth/me").await.status, 200, "use puts the end off");
        office.clock.advance(half_a_day);
        owner.get("/api/auth/me").await.assert_problem(401, "not_signed_in");
        let owner = office.owner().await;
        assert_eq!(office.database.db_count("sessions", "true").await, 1, "the one that ended is forgotten");
        for _ in 0..65 {
            office.clock.advance(Duration::from_secs(11 * 3_600));
            assert_eq!(owner.get("/api/auth/me").await.status, 200);
        }
        office.clock.advance(Duration::from_secs(5 * 3_600));
        owner.get("/api/auth/me").await.assert_problem(401, "not_signed_in");
        office.finish().await;
    }

    async fn that_a_session_is_used_is_noted_once_a_minute(store) {
        let office = Office::new(store).start().await;
        let owner = office.owner().await;
        let before = office.database.db_dump().await;
        office.clock.advance(Duration::from_secs(59));
        assert_eq!(owner.get("/api/auth/me").await.status, 200);
        assert_eq!(office.database.db_dump().await, before);
        office.clock.advance(Duration::from_secs(1));
        assert_eq!(owner.get("/api/auth/me").await.status, 200);
        assert_ne!(office.database.db_dump().await, before);
        office.finish().await;
    }

    async fn logging_out_ends_this_session_or_all_on_every_process(store) {
        let office = Office::new(store).start().await;
        let other = Office::new(store).on(&office.database).start().await;
        let (first, second, third) = (office.owner().await, office.owner().await, other.owner().await);
        let out = first.send(first.request(Method::POST, "/api/auth/logout")).await;
        assert_eq!((out.status.as_u16(), &out.body), (204, &json!("")));
        me(&other.visitor(), &first.token).await.assert_problem(401, "not_signed_in");
        assert_eq!(me(&other.visitor(), &second.token).await.status, 200);
        let wrong = second.request(Method::POST, "/api/auth/logout").json(&json!({"everywhere": "yes"}));
        second.send(wrong).await.assert_problem(422, "validation_failed");
        let out = second.send(second.request(Method::POST, "/api/auth/logout").json(&json!({"everywhere": true}))).await;
        assert_eq!(out.status, 204);
        for token in [&second.token, &third.token] {
            for visitor in [office.visitor(), other.visitor()] {
                me(&visitor, token).await.assert_problem(401, "not_signed_in");
            }
        }
        // The store lies in the first one's folder.
        other.finish().await;
        office.finish().await;
    }

    async fn who_is_not_signed_in_is_told_how(store) {
        let office = Office::new(store).start().await;
        let (visitor, owner) = (office.visitor(), office.owner().await);
        let member = owner.token.replace("fo_st_", "fo_me_");
        for shown in ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic b3duZXI6eA==", &format!("Bearer {member}"), &format!("Bearer {}x", owner.token), &owner.token] {
            for (method, path) in [(Method::GET, "/api/auth/me"), (Method::POST, "/api/auth/logout"), (Method::GET, "/api/chat/history/x")] {
                let request = visitor.request(method, path);
                let request = if shown.is_empty() { request } else { request.header("authorization", shown) };
                let answer = visitor.send(request).await;
                answer.assert_problem(401, "not_signed_in");
                assert_eq!(answer.header("www-authenticate"), "Bearer", "{shown}");
            }
        }
        assert_eq!(visitor.send(visitor.request(Method::GET, "/api/auth/me").header("authorization", format!("bearer {}", owner.token))).await.status, 200);
        // A role that changes, and a job that ends, count at once.
        office.database.db_do("UPDATE staff SET role = 'finance_author'").await;
        let denied = owner.get("/api/chat/history/x").await;
        denied.assert_problem(403, "not_allowed");
        assert!(denied.text("detail").contains("`chat.read`"), "{}", denied.body);
        office.database.db_do("DELETE FROM staff").await;
        owner.get("/api/auth/me").await.assert_problem(401, "not_signed_in");
        office.finish().await;
    }

    async fn nothing_in_the_store_signs_anybody_in(store) {
        let office = Office::new(store).start().await;
        let (owner, page) = (office.owner().await, office.visitor());
        page.log_in(json!({"email": OWNER, "password": OWNER_PASSWORD, "session": "cookie"})).await;
        page.log_in(json!({"email": "canary-4711@example.com", "password": "canary-4712"})).await;
        let dump = office.database.db_dump().await.join("\n");
        assert!(dump.contains("$argon2id$v=19$m=19456,t=2,p=1$"));
        let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
        for secret in [&owner.token, &owner.device, OWNER_PASSWORD, "canary-4711", "canary-4712", "127.0.0.1"] {
            for form in [secret.to_owned(), hex(secret), hex(secret).to_uppercase()] {
                assert!(!dump.contains(&form), "{secret} is in the store");
            }
        }
        assert!(!dump.contains("fo_st_") && !dump.contains("fo_dev_"));
        office.finish().await;
    }
}

/// Signs a page in; gives its CSRF token.
async fn page_login(page: &Visitor) -> (Response, String) {
    let login = page.log_in(json!({"email": OWNER, "password": OWNER_PASSWORD, "session": "cookie"})).await;
    assert_eq!(login.status, 200, "{}", login.body);
    let token = login.text("csrf_token").to_owned();
    (login, token)
}

fn cookies(response: &Response) -> Vec<String> {
    response.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}

fn log_out(page: &Visitor, headers: &[(&str, &str)]) -> RequestBuilder {
    headers.iter().fold(page.request(Method::POST, "/api/auth/logout"), |request, (name, value)| request.header(*name, *value))
}

fn origin(office: &TestApp) -> String {
    office.app().public_url.to_string()
}

on_both_stores! {
    async fn a_page_gets_a_cookie_that_no_script_reads(store) {
        let office = Office::new(store).start().await;
        let page = office.visitor();
        let (login, csrf) = page_login(&page).await;
        assert_eq!(login.body["access_token"], json!(null));
        assert!(!login.body.to_string().contains("fo_st_") && !login.body.to_string().contains("fo_dev_"));
        let set = cookies(&login);
        assert_eq!(set.len(), 2);
        for (cookie, name, age) in [(&set[0], "fo_staff=fo_st_", "Max-Age=2592000"), (&set[1], "fo_device=fo_dev_", "Max-Age=31536000")] {
            for part in [name, "; Path=/", "; HttpOnly", "; SameSite=Lax", age] {
                assert!(cookie.contains(part), "{part} in {cookie}");
            }
            assert!(!cookie.contains("Secure"), "browsers keep no such cookie where the address is plain http");
        }
        let me = page.get("/api/auth/me").await;
        assert_eq!((me.status.as_u16(), me.text("csrf_token")), (200, csrf.as_str()));
        // The browser is known the next time.
        page_login(&page).await;
        assert_eq!(office.database.db_count("devices", "true").await, 1);
        office.finish().await;
    }

    async fn where_the_address_is_https_the_cookies_are_the_hosts_own(store) {
        let office = Office::new(store).settings(|settings| settings.public_url = Some("https://office.example".parse().unwrap())).start().await;
        let page = office.visitor().without_cookies();
        let (login, csrf) = page_login(&page).await;
        let set = cookies(&login);
        assert!(set[0].starts_with("__Host-fo_staff=fo_st_") && set[1].starts_with("__Host-fo_device=fo_dev_"), "{set:?}");
        assert!(set.iter().all(|cookie| cookie.contains("; Secure") && cookie.contains("; Path=/;") && !cookie.contains("Domain")), "{set:?}");
        let token = set[0].split(['=', ';']).nth(1).unwrap();
        let with = |name: &str| page.request(Method::GET, "/api/auth/me").header("cookie", format!("{name}={token}"));
        assert_eq!(page.send(with("__Host-fo_staff")).await.text("csrf_token"), csrf);
        page.send(with("fo_staff")).await.assert_problem(401, "not_signed_in");
        office.finish().await;
    }

    async fn a_change_with_a_cookie_proves_where_it_comes_from(store) {
        let office = Office::new(store).start().await;
        let (page, other, origin) = (office.visitor(), office.visitor(), origin(&office));
        let (_, csrf) = page_login(&page).await;
        let (_, of_another) = page_login(&other).await;
        let cut: String = csrf.chars().take(21).collect();
        let (here, token) = (("sec-fetch-site", "same-origin"), ("x-csrf-token", csrf.as_str()));
        for headers in [
            vec![],
            vec![here],
            vec![token],
            vec![here, ("x-csrf-token", "")],
            vec![here, ("x-csrf-token", &of_another)],
            vec![here, ("x-csrf-token", &cut)],
            vec![token, ("sec-fetch-site", "cross-site")],
            vec![token, ("sec-fetch-site", "same-site")],
            vec![token, ("sec-fetch-site", "none")],
            vec![token, ("origin", "https://evil.example")],
            vec![token, ("origin", "null")],
            vec![token, here, ("origin", "https://evil.example")],
            vec![token, ("sec-fetch-site", "cross-site"), ("origin", &origin)],
        ] {
            page.send(log_out(&page, &headers)).await.assert_problem(403, "csrf_failed");
        }
        assert_eq!(page.get("/api/auth/me").await.status, 200, "nothing was ended");
        let out = page.send(log_out(&page, &[token, here])).await;
        assert_eq!(out.status, 204);
        assert!(cookies(&out)[0].starts_with("fo_staff=;") && cookies(&out)[0].contains("Max-Age=0"), "{:?}", cookies(&out));
        page.get("/api/auth/me").await.assert_problem(401, "not_signed_in");
        assert_eq!(other.send(log_out(&other, &[("x-csrf-token", &of_another), ("origin", &origin)])).await.status, 204, "an origin is proof as well");
        office.finish().await;
    }

    async fn a_bearer_and_a_cookie_are_not_interchangeable(store) {
        let office = Office::new(store).start().await;
        let (page, owner) = (office.visitor(), office.owner().await);
        let (login, csrf) = page_login(&page).await;
        let in_cookie = cookies(&login)[0].split(['=', ';']).nth(1).unwrap().to_owned();
        me(&page.without_cookies(), &in_cookie).await.assert_problem(401, "not_signed_in");
        let program = page.without_cookies();
        let request = program.request(Method::GET, "/api/auth/me").header("cookie", format!("fo_staff={}", owner.token));
        program.send(request).await.assert_problem(401, "not_signed_in");
        // Whoever shows a bearer is nobody else: the good cookie beside it is not looked at.
        me(&page, "fo_st_nonsense").await.assert_problem(401, "not_signed_in");
        let out = page.send(page.request(Method::POST, "/api/auth/logout").bearer_auth(&owner.token)).await;
        assert_eq!(out.status, 204, "and needs no CSRF token");
        owner.get("/api/auth/me").await.assert_problem(401, "not_signed_in");
        assert_eq!(page.get("/api/auth/me").await.text("csrf_token"), csrf, "the page stays signed in");
        office.finish().await;
    }
}
