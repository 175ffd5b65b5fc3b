//! Teams, keys and letters: who gets in, how, and until when.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{
    actors::{Account, MEMBER_PASSWORD, OWNER_PASSWORD, Response},
    app::{Office, TestApp},
    on_both_stores,
    smtp::Smtp,
    store::Store,
};

const OWNER: &str = "owner@localhost";
const TEAM: &str = "{ viewer { tenant { members { nodes { id email role } } invitations { nodes { id email role } } } } }";

/// An office with a business called `fish` whose owner is signed in.
async fn fish(store: Store) -> (TestApp, Account) {
    let office = Office::new(store).start().await;
    let tenant = office.db_tenant("fish", true, &[]).await;
    let owner = office.member(&tenant, "ann@example.com", "OWNER").await;
    (office, owner)
}

async fn customer_login(office: &TestApp, body: Value) -> Response {
    let visitor = office.visitor();
    visitor.send(visitor.request(Method::POST, "/api/customers/auth/login").json(&body)).await
}

async fn me(account: &Account) -> Response {
    account.get("/api/auth/me").await
}

fn codes(payload: &Value) -> Vec<(&str, &Value)> {
    let errors = payload["userErrors"].as_array().unwrap();
    errors.iter().map(|error| (error["code"].as_str().unwrap(), &error["field"])).collect()
}

async fn post(account: &Account, path: &str, body: Value) -> Response {
    account.send(account.request(Method::POST, path).json(&body)).await
}

async fn anonymous(office: &TestApp, path: &str, body: Value) -> Response {
    let visitor = office.visitor();
    visitor.send(visitor.request(Method::POST, path).json(&body)).await
}

on_both_stores! {
    async fn a_member_is_asked_joins_and_signs_in(store) {
        let (office, ann) = fish(store).await;
        let letter = office.letter_to("ann@example.com").await;
        assert_eq!(letter.subject, "fish invites you to its Frontoffice team");
        assert!(letter.text.contains("7 days") && letter.token().starts_with("fo_ln_"), "{}", letter.text);
        let known = me(&ann).await;
        assert_eq!((&known.body["audience"], &known.body["user"]["role"], &known.body["tenant"]["slug"]), (&json!("member"), &json!("owner"), &json!("fish")));
        assert!(ann.token.starts_with("fo_mb_"), "its own prefix");
        // The link works once.
        let again = json!({"token": letter.token(), "password": "other words of mine"});
        let refused = ann.mutate("invitationAccept", "accepted", again).await;
        assert_eq!((codes(&refused), &refused["accepted"]), (vec![("LINK_INVALID", &json!(["input", "token"]))], &json!(false)));
        // Wrong e-mail, wrong password, and the platform's own staff are one error.
        for body in [
            json!({"email": "ann@example.com", "password": "not hers at all"}),
            json!({"email": "nobody@example.com", "password": MEMBER_PASSWORD}),
            json!({"email": OWNER, "password": OWNER_PASSWORD}),
        ] {
            customer_login(&office, body).await.assert_problem(401, "login_failed");
        }
        office.visitor().log_in(json!({"email": "ann@example.com", "password": MEMBER_PASSWORD})).await.assert_problem(401, "login_failed");
        // The singular spelling is the same door.
        let body = json!({"email": "Ann@Example.com", "password": MEMBER_PASSWORD, "session": "cookie"});
        let singular = anonymous(&office, "/api/customer/auth/login", body).await;
        assert_eq!((singular.status.as_u16(), &singular.body["access_token"], &singular.body["tenant"]["slug"]), (200, &Value::Null, &json!("fish")));
        assert!(singular.header("set-cookie").starts_with("fo_member=fo_mb_"), "{}", singular.header("set-cookie"));
        office.finish().await;
    }

    async fn who_is_on_several_teams_says_which(store) {
        let (office, _ann) = fish(store).await;
        let chips = office.db_tenant("chips", true, &[]).await;
        office.asked(&chips, "ann@example.com", "VIEWER").await;
        // She has an account already: no password is asked for, and hers stays.
        let token = office.letter_to("ann@example.com").await.token();
        let stranger = Account::with(office.visitor().without_cookies(), "");
        let preview = stranger_asks(&office, "query($t: String!) { invitation(token: $t) { businessName email hasAccount } }", json!({"t": token})).await;
        assert_eq!(preview["invitation"], json!({"businessName": "chips", "email": "ann@example.com", "hasAccount": true}));
        stranger.strange("invitationAccept", "accepted", json!({"token": token})).await;
        let right = json!({"email": "ann@example.com", "password": MEMBER_PASSWORD});
        let choose = customer_login(&office, right.clone()).await;
        choose.assert_problem(409, "tenant_required");
        let slugs: Vec<&Value> = choose.body["tenants"].as_array().unwrap().iter().map(|tenant| &tenant["slug"]).collect();
        assert_eq!(slugs, [&json!("chips"), &json!("fish")]);
        let wrong = customer_login(&office, json!({"email": "ann@example.com", "password": "not hers at all"})).await;
        wrong.assert_problem(401, "login_failed");
        assert_eq!(wrong.body["tenants"], Value::Null, "only after the password");
        for tenant in [json!("chips"), choose.body["tenants"][0]["id"].clone()] {
            let mut body = right.clone();
            body["tenant"] = tenant;
            let login = customer_login(&office, body).await;
            assert_eq!((login.status.as_u16(), &login.body["tenant"]["slug"], &login.body["user"]["role"]), (200, &json!("chips"), &json!("viewer")));
        }
        // A tenant she is not in, and none at all, look alike.
        let mut said = Vec::new();
        for tenant in ["office16852-platform", "nowhere"] {
            let mut body = right.clone();
            body["tenant"] = json!(tenant);
            let mut answer = customer_login(&office, body).await;
            answer.assert_problem(403, "not_a_member");
            answer.body["request_id"] = json!(null);
            said.push(answer.body);
        }
        assert_eq!(said[0], said[1]);
        office.finish().await;
    }

    async fn what_is_taken_away_is_gone_at_the_next_request(store) {
        let (office, ann) = fish(store).await;
        let fish = office.database.db_texts("SELECT slug AS value FROM tenants WHERE slug = 'fish'").await;
        assert_eq!(fish, ["fish"]);
        ann.change("memberInvite", "invitation { id }", json!({"email": "bea@example.com", "role": "ADMIN"})).await;
        office.joined("bea@example.com").await;
        let bea = Account::sign_in_to(office.visitor().without_cookies(), "fish", "bea@example.com", MEMBER_PASSWORD).await;
        let team = ann.data(TEAM, json!({})).await;
        let id = |email: &str| {
            let members = team["viewer"]["tenant"]["members"]["nodes"].as_array().unwrap();
            members.iter().find(|member| member["email"] == email).unwrap()["id"].clone()
        };
        // An admin neither makes owners nor touches them.
        for (name, input) in [
            ("memberUpdate", json!({"member": id("ann@example.com"), "role": "VIEWER"})),
            ("memberUpdate", json!({"member": id("bea@example.com"), "role": "OWNER"})),
            ("memberRemove", json!({"member": id("ann@example.com")})),
        ] {
            assert_eq!(codes(&bea.mutate(name, "member { id }", input).await), [("OWNERS_ONLY", &json!(["input", "member"]))], "{name}");
        }
        assert_eq!(codes(&bea.mutate("memberInvite", "invitation { id }", json!({"email": "eve@example.com", "role": "OWNER"})).await), [("OWNERS_ONLY", &json!(["input", "role"]))]);
        // The last owner stays one.
        for (name, input) in [("memberUpdate", json!({"member": id("ann@example.com"), "role": "ADMIN"})), ("memberRemove", json!({"member": id("ann@example.com")}))] {
            assert_eq!(codes(&ann.mutate(name, "member { id }", input).await), [("LAST_OWNER", &json!(["input", "member"]))], "{name}");
        }
        // A lesser role counts at once, and so does none.
        let changed = ann.change("memberUpdate", "member { role }", json!({"member": id("bea@example.com"), "role": "VIEWER"})).await;
        assert_eq!(changed["member"]["role"], "VIEWER");
        let refused = bea.ask(TEAM, json!({})).await;
        assert_eq!(refused.body["errors"][0]["extensions"]["code"], "NOT_ALLOWED", "{}", refused.body);
        assert_eq!(me(&bea).await.body["permissions"], json!(["chat.read", "billing.read", "usage.read"]));
        ann.change("memberRemove", "member { email }", json!({"member": id("bea@example.com")})).await;
        me(&bea).await.assert_problem(401, "not_signed_in");
        customer_login(&office, json!({"email": "bea@example.com", "password": MEMBER_PASSWORD})).await.assert_problem(401, "login_failed");
        // What is done is noted, by whom and to whom.
        let log = ann.data("{ auditLog { nodes { action actor { kind name } fields addressHash requestId subjectUuid } } }", json!({})).await;
        let actions: Vec<&Value> = log["auditLog"]["nodes"].as_array().unwrap().iter().map(|entry| &entry["action"]).collect();
        let expected = ["MEMBER_REMOVED", "MEMBER_UPDATED", "SESSION_OPENED", "INVITATION_ACCEPTED", "INVITATION_CREATED", "SESSION_OPENED", "INVITATION_ACCEPTED", "INVITATION_CREATED"];
        assert_eq!(actions, expected);
        let first = &log["auditLog"]["nodes"][0];
        assert_eq!((&first["actor"], &first["fields"]), (&json!({"kind": "MEMBER", "name": "Somebody"}), &json!(["role"])));
        assert!(first["addressHash"].as_str().unwrap().len() == 64 && first["requestId"].is_string() && first["subjectUuid"].is_string());
        office.finish().await;
    }

    async fn a_plan_has_so_many_seats(store) {
        let (office, ann) = fish(store).await;
        // The trial is on Starter, with three.
        for name in ["bea", "cleo"] {
            ann.change("memberInvite", "invitation { email }", json!({"email": format!("{name}@example.com"), "role": "AGENT"})).await;
        }
        let full = ann.mutate("memberInvite", "invitation { id }", json!({"email": "dora@example.com", "role": "AGENT"})).await;
        assert_eq!(codes(&full), [("SEATS_TAKEN", &json!(["input", "email"]))]);
        let message = full["userErrors"][0]["message"].as_str().unwrap();
        assert!(message.contains("Starter has 3 seats") && message.contains("Pro has 10"), "{message}");
        // Asking the same person again takes no other seat, and the first link ends.
        let first = office.letter_to("cleo@example.com").await.token();
        ann.change("memberInvite", "invitation { email }", json!({"email": "cleo@example.com", "role": "VIEWER"})).await;
        office.settled().await;
        assert_eq!(codes(&ann.mutate("invitationAccept", "accepted", json!({"token": first, "password": MEMBER_PASSWORD})).await), [("LINK_INVALID", &json!(["input", "token"]))]);
        // A seat that was promised can be taken back.
        let team = ann.data(TEAM, json!({})).await;
        let invitations = team["viewer"]["tenant"]["invitations"]["nodes"].as_array().unwrap();
        assert_eq!(invitations.len(), 2);
        let bea = invitations.iter().find(|invitation| invitation["email"] == "bea@example.com").unwrap();
        ann.change("invitationRevoke", "invitation { email }", json!({"invitation": bea["id"]})).await;
        let over = json!({"token": office.letter_to("bea@example.com").await.token(), "password": MEMBER_PASSWORD});
        assert_eq!(codes(&ann.mutate("invitationAccept", "accepted", over).await), [("LINK_INVALID", &json!(["input", "token"]))]);
        assert_eq!(codes(&ann.mutate("invitationRevoke", "invitation { id }", json!({"invitation": bea["id"]})).await), [("NOT_FOUND", &json!(["input", "invitation"]))]);
        ann.change("memberInvite", "invitation { email }", json!({"email": "dora@example.com", "role": "AGENT"})).await;
        // A link does not work for ever.
        let late = office.letter_to("dora@example.com").await.token();
        office.advance(Duration::from_secs(7 * 86_400));
        let stranger = Account::with(office.visitor(), "");
        let query = "query($t: String!) { invitation(token: $t) { email } }";
        assert_eq!(stranger_asks(&office, query, json!({"t": late})).await["invitation"], Value::Null);
        drop(stranger);
        office.finish().await;
    }

    async fn letters_go_to_the_mail_server(store) {
        // It takes the second letter after a while, and the third never.
        let server = Smtp::start(&["451 come back later"]).await;
        let url = server.url.clone();
        let office = Office::new(store).settings(move |settings| settings.mail.server = Some(url.parse().unwrap())).start().await;
        let owner = office.owner().await;
        owner.change("staffInvite", "invitation { id }", json!({"email": "sam@example.com", "role": "SUPPORT"})).await;
        crate::harness::eventually("a refusal", async || (office.database.db_count("jobs", "name = 'send_mail' AND attempt = 1 AND state = 'queued'").await == 1).then_some(())).await;
        assert_eq!(server.taken().len(), 0);
        office.advance(Duration::from_secs(3_600));
        office.settled().await;
        let taken = server.taken();
        assert_eq!((taken.len(), office.letters().len()), (1, 0));
        let letter = &taken[0];
        assert!(letter.contains("To: sam@example.com") && letter.contains("From: Frontoffice <frontoffice@localhost>") && letter.contains("/account/invitation#token="), "{letter}");
        let id = office.database.db_texts("SELECT unique_key AS value FROM jobs WHERE name = 'send_mail'").await;
        assert!(letter.contains(&format!("Message-ID: <{}@localhost>", id[0])), "sent twice it is known as one: {letter}");
        office.finish().await;

        let server = Smtp::start(&["550 nobody here of that name"]).await;
        let url = server.url.clone();
        let office = Office::new(store).settings(move |settings| settings.mail.server = Some(url.parse().unwrap())).start().await;
        office.owner().await.change("staffInvite", "invitation { id }", json!({"email": "nobody@example.com", "role": "SUPPORT"})).await;
        crate::harness::eventually("a dead letter", async || (office.database.db_count("jobs", "name = 'send_mail' AND state = 'dead'").await == 1).then_some(())).await;
        let errors = office.database.db_texts("SELECT last_error AS value FROM jobs WHERE state = 'dead'").await;
        assert_eq!(errors, ["the mail server refuses the letter (550)"], "whose letter it was is not repeated");
        office.finish().await;
    }

    async fn what_an_invitation_may_not_be(store) {
        let (office, ann) = fish(store).await;
        for (email, code) in [("", "INVALID"), ("nobody", "INVALID"), ("a b@example.com", "INVALID"), ("ANN@example.com ", "ALREADY_MEMBER")] {
            let refused = ann.mutate("memberInvite", "invitation { id }", json!({"email": email, "role": "AGENT"})).await;
            assert_eq!(codes(&refused), [(code, &json!(["input", "email"]))], "{email}");
        }
        ann.change("memberInvite", "invitation { id }", json!({"email": "bea@example.com", "role": "AGENT"})).await;
        let token = office.letter_to("bea@example.com").await.token();
        for (input, code, field) in [
            (json!({"token": token}), "PASSWORD_REQUIRED", "password"),
            (json!({"token": token, "password": "short"}), "INVALID", "password"),
            (json!({"token": token, "password": "bea@example.com"}), "INVALID", "password"),
            (json!({"token": token, "password": MEMBER_PASSWORD, "name": "x\ny"}), "INVALID", "name"),
            (json!({"token": "fo_ln_AAAA", "password": MEMBER_PASSWORD}), "LINK_INVALID", "token"),
        ] {
            assert_eq!(codes(&ann.mutate("invitationAccept", "accepted", input.clone()).await), [(code, &json!(["input", field]))], "{input}");
        }
        office.joined("bea@example.com").await;
        // Nobody's mailbox is filled.
        let mut answers = Vec::new();
        for _ in 0..5 {
            let input = json!({"email": "cleo@example.com", "role": "AGENT"});
            let answer = ann.ask("mutation($input: MemberInviteInput!) { memberInvite(input: $input) { userErrors { code } } }", json!({"input": input})).await;
            answers.push(answer.body["errors"][0]["extensions"]["code"].clone());
        }
        assert_eq!(answers[..2], [Value::Null, Value::Null]);
        assert_eq!(answers[2..], ["RATE_LIMITED", "RATE_LIMITED", "RATE_LIMITED"]);
        office.settled().await;
        office.finish().await;
    }

    async fn a_tenants_server_has_a_key(store) {
        let (office, ann) = fish(store).await;
        let input = json!({"name": "Our server", "permissions": ["usage.read", "chat.read"], "expiresAt": "2026-12-01T00:00:00Z"});
        let made = ann.change("apiKeyCreate", "secret apiKey { id name hint permissions expiresAt usedAt revokedAt }", input).await;
        let secret = made["secret"].as_str().unwrap();
        assert!(secret.starts_with("fo_sk_") && secret.ends_with(made["apiKey"]["hint"].as_str().unwrap()));
        assert_eq!(made["apiKey"]["permissions"], json!(["chat.read", "usage.read"]));
        let server = Account::with(office.visitor().without_cookies(), secret);
        let known = me(&server).await;
        assert_eq!((&known.body["audience"], &known.body["api_key"]["name"], &known.body["tenant"]["slug"]), (&json!("api_key"), &json!("Our server"), &json!("fish")));
        assert_eq!((&known.body["user"], &known.body["permissions"]), (&Value::Null, &json!(["chat.read", "usage.read"])));
        let read = server.data("{ viewer { audience name email tenant { slug conversations { nodes { id } } credits { available } } } }", json!({})).await;
        assert_eq!((&read["viewer"]["audience"], &read["viewer"]["email"]), (&json!("API_KEY"), &Value::Null));
        assert_eq!(read["viewer"]["tenant"]["credits"]["available"], "500");
        // It has no session, and may no more than was chosen.
        post(&server, "/api/auth/logout", json!({})).await.assert_problem(403, "session_required");
        post(&server, "/api/auth/password", json!({"current_password": "x", "new_password": "y"})).await.assert_problem(403, "session_required");
        assert_eq!(server.ask(TEAM, json!({})).await.body["errors"][0]["extensions"]["code"], "NOT_ALLOWED");
        // A key works only as a bearer, and a session's token is no key.
        let visitor = office.visitor();
        visitor.send(visitor.request(Method::GET, "/api/auth/me").header("cookie", format!("fo_member={secret}"))).await.assert_problem(401, "not_signed_in");
        let keys = ann.data("{ viewer { tenant { apiKeys { nodes { name hint usedAt } } } } }", json!({})).await;
        assert_eq!(keys["viewer"]["tenant"]["apiKeys"]["nodes"][0]["usedAt"], "2026-11-22T12:00:00.000000Z");
        // Revoked, it is worth nothing; so it is when its time is over.
        let second = ann.change("apiKeyCreate", "secret", json!({"name": "Another", "permissions": ["chat.read"], "expiresAt": "2026-11-22T13:00:00Z"})).await;
        let second = Account::with(office.visitor().without_cookies(), second["secret"].as_str().unwrap());
        assert_eq!(me(&second).await.status, 200);
        office.clock.advance(Duration::from_secs(3_600));
        me(&second).await.assert_problem(401, "not_signed_in");
        ann.change("apiKeyRevoke", "apiKey { revokedAt }", json!({"apiKey": made["apiKey"]["id"]})).await;
        me(&server).await.assert_problem(401, "not_signed_in");
        office.finish().await;
    }

    async fn nobody_gives_a_key_more_than_they_have(store) {
        let (office, ann) = fish(store).await;
        let create = async |account: &Account, permissions: Value| account.mutate("apiKeyCreate", "secret", json!({"name": "Key", "permissions": permissions})).await;
        let made = create(&ann, json!(["apikey.manage", "chat.read"])).await;
        let server = Account::with(office.visitor().without_cookies(), made["secret"].as_str().unwrap());
        assert_eq!(codes(&create(&server, json!(["chat.read"])).await), []);
        assert_eq!(codes(&create(&server, json!(["chat.read", "member.manage"])).await), [("PERMISSION_NOT_YOURS", &json!(["input", "permissions"]))]);
        // Nor anybody by a role, or takes away what it could not give.
        let made = create(&ann, json!(["member.manage", "chat.read", "usage.read", "billing.read"])).await;
        let server = Account::with(office.visitor().without_cookies(), made["secret"].as_str().unwrap());
        for role in ["ADMIN", "AGENT"] {
            let refused = server.mutate("memberInvite", "invitation { id }", json!({"email": "eve@example.com", "role": role})).await;
            assert_eq!(codes(&refused), [("PERMISSION_NOT_YOURS", &json!(["input", "role"]))], "{role}");
        }
        server.change("memberInvite", "invitation { id }", json!({"email": "bea@example.com", "role": "VIEWER"})).await;
        office.joined("bea@example.com").await;
        let team = ann.data(TEAM, json!({})).await;
        let bea = team["viewer"]["tenant"]["members"]["nodes"].as_array().unwrap().iter().find(|one| one["email"] == "bea@example.com").unwrap()["id"].clone();
        assert_eq!(codes(&server.mutate("memberUpdate", "member { id }", json!({"member": bea, "role": "ADMIN"})).await), [("PERMISSION_NOT_YOURS", &json!(["input", "member"]))]);
        ann.change("memberUpdate", "member { id }", json!({"member": bea, "role": "ADMIN"})).await;
        assert_eq!(codes(&server.mutate("memberRemove", "member { id }", json!({"member": bea})).await), [("PERMISSION_NOT_YOURS", &json!(["input", "member"]))]);
        for wrong in [json!([]), json!(["chat.shout"]), json!(["job.manage"]), json!(["chat.answer"])] {
            assert_eq!(codes(&create(&ann, wrong.clone()).await), [("INVALID", &json!(["input", "permissions"]))], "{wrong}");
        }
        for (input, field) in [
            (json!({"name": " ", "permissions": ["chat.read"]}), "name"),
            (json!({"name": "x".repeat(201), "permissions": ["chat.read"]}), "name"),
            (json!({"name": "x", "permissions": ["chat.read"], "expiresAt": "2026-11-22T12:00:00Z"}), "expiresAt"),
        ] {
            assert_eq!(codes(&ann.mutate("apiKeyCreate", "secret", input).await), [("INVALID", &json!(["input", field]))]);
        }
        office.finish().await;
    }

    async fn a_key_that_ends_makes_none_that_goes_on(store) {
        let (office, ann) = fish(store).await;
        let both = json!(["apikey.manage", "chat.read"]);
        let made = ann.change("apiKeyCreate", "secret", json!({"name": "Short", "permissions": both, "expiresAt": "2026-11-22T13:00:00Z"})).await;
        let short = Account::with(office.visitor().without_cookies(), made["secret"].as_str().unwrap());
        for expires in [Value::Null, json!("2026-11-22T13:00:01Z")] {
            let refused = short.mutate("apiKeyCreate", "secret", json!({"name": "Long", "permissions": ["chat.read"], "expiresAt": expires})).await;
            assert_eq!((codes(&refused), &refused["secret"]), (vec![("INVALID", &json!(["input", "expiresAt"]))], &Value::Null));
        }
        short.change("apiKeyCreate", "secret", json!({"name": "As short", "permissions": ["chat.read"], "expiresAt": "2026-11-22T13:00:00Z"})).await;
        office.finish().await;
    }

    async fn only_owners_undo_that_somebody_is_asked_to_be_one(store) {
        let (office, ann) = fish(store).await;
        ann.change("memberInvite", "invitation { id }", json!({"email": "adam@example.com", "role": "ADMIN"})).await;
        office.joined("adam@example.com").await;
        let adam = Account::sign_in_to(office.visitor().without_cookies(), "fish", "adam@example.com", MEMBER_PASSWORD).await;
        let asked = ann.change("memberInvite", "invitation { id }", json!({"email": "bea@example.com", "role": "OWNER"})).await;
        let less = adam.mutate("memberInvite", "invitation { id }", json!({"email": "bea@example.com", "role": "VIEWER"})).await;
        assert_eq!(codes(&less), [("OWNERS_ONLY", &json!(["input", "role"]))]);
        let back = adam.mutate("invitationRevoke", "invitation { id }", json!({"invitation": asked["invitation"]["id"]})).await;
        assert_eq!(codes(&back), [("OWNERS_ONLY", &json!(["input", "invitation"]))]);
        // An owner may; what is asked anew takes the place of what was asked before, and the log says so.
        ann.change("memberInvite", "invitation { id }", json!({"email": "bea@example.com", "role": "VIEWER"})).await;
        let log = ann.data("{ auditLog { nodes { action } } }", json!({})).await;
        let newest: Vec<&str> = log["auditLog"]["nodes"].as_array().unwrap().iter().take(2).map(|entry| entry["action"].as_str().unwrap()).collect();
        assert_eq!(newest, ["INVITATION_CREATED", "INVITATION_REVOKED"]);
        office.joined("bea@example.com").await;
        let members = ann.data(TEAM, json!({})).await["viewer"]["tenant"]["members"]["nodes"].clone();
        assert!(members.as_array().unwrap().iter().any(|member| member["email"] == "bea@example.com" && member["role"] == "VIEWER"), "{members}");
        office.finish().await;
    }

    async fn an_invitation_that_was_taken_back_is_not_sent(store) {
        let server = Smtp::start(&["451 come back later"]).await;
        let url = server.url.clone();
        let office = Office::new(store).settings(move |settings| settings.mail.server = Some(url.parse().unwrap())).start().await;
        let owner = office.owner().await;
        let asked = owner.change("staffInvite", "invitation { id }", json!({"email": "adam@example.com", "role": "AUDITOR"})).await;
        crate::harness::eventually("a refusal", async || (office.database.db_count("jobs", "name = 'send_mail' AND attempt = 1 AND state = 'queued'").await == 1).then_some(())).await;
        owner.change("staffInvitationRevoke", "invitation { id }", json!({"invitation": asked["invitation"]["id"]})).await;
        office.advance(Duration::from_secs(3_600));
        office.settled().await;
        assert_eq!(server.taken(), Vec::<String>::new());
        office.finish().await;

        // A server that does not know our password is no reason to give a letter up.
        let server = Smtp::start(&["535 who are you"]).await;
        let url = server.url.clone();
        let office = Office::new(store).settings(move |settings| settings.mail.server = Some(url.parse().unwrap())).start().await;
        office.owner().await.change("staffInvite", "invitation { id }", json!({"email": "sam@example.com", "role": "SUPPORT"})).await;
        crate::harness::eventually("a refusal", async || (office.database.db_count("jobs", "name = 'send_mail' AND attempt = 1 AND state = 'queued'").await == 1).then_some(())).await;
        office.advance(Duration::from_secs(3_600));
        office.settled().await;
        assert_eq!(server.taken().len(), 1);
        office.finish().await;
    }

    async fn who_comes_back_finds_no_session_of_an_earlier_time(store) {
        let office = Office::new(store).start().await;
        let owner = office.owner().await;
        let finance = office.colleague("finance@example.com", "FINANCE_AUTHOR").await;
        let staff = owner.data("{ staff { nodes { id email } } }", json!({})).await;
        let id = staff["staff"]["nodes"].as_array().unwrap().iter().find(|member| member["email"] == "finance@example.com").unwrap()["id"].clone();
        owner.change("staffRemove", "staffMember { id }", json!({"staffMember": id})).await;
        office.clock.advance(Duration::from_secs(3_600));
        office.colleague("finance@example.com", "FINANCE_AUTHOR").await;
        me(&finance).await.assert_problem(401, "not_signed_in");
        office.finish().await;
    }

    async fn a_link_to_choose_a_password_is_good_for_nothing_once_it_was_changed(store) {
        let (office, ann) = fish(store).await;
        anonymous(&office, "/api/auth/password/reset", json!({"email": "ann@example.com"})).await;
        office.settled().await;
        let link = office.letter_to("ann@example.com").await.token();
        let change = json!({"current_password": MEMBER_PASSWORD, "new_password": "quite another one"});
        assert_eq!(post(&ann, "/api/auth/password", change).await.status, 204);
        let late = json!({"token": link, "password": "a third one of theirs"});
        anonymous(&office, "/api/auth/password/reset/confirm", late).await.assert_problem(404, "reset_link_invalid");
        // The same letters in another way of writing are no other password.
        let change = json!({"current_password": "quite another one", "new_password": "ｐａｓｓｗｏｒｄ１２３"});
        post(&ann, "/api/auth/password", change).await.assert_problem(422, "validation_failed");
        office.finish().await;
    }

    async fn what_is_only_added_to_is_neither_emptied_nor_replaced(store) {
        let (office, _) = fish(store).await;
        for table in ["audit_entries", "credit_entries", "pricebook_log", "persona_versions"] {
            let before = office.database.db_count(table, "true").await;
            assert!(before > 0, "{table}");
            let statement = match store {
                Store::Postgres => format!("TRUNCATE {table} CASCADE"),
                Store::Sqlite => format!("PRAGMA recursive_triggers = ON; INSERT OR REPLACE INTO {table} SELECT * FROM {table}"),
            };
            assert!(office.database.db_try(&statement).await.is_err(), "{table}");
            assert_eq!(office.database.db_count(table, "true").await, before);
        }
        office.finish().await;
    }

    async fn a_password_is_changed_by_who_knows_it(store) {
        let (office, ann) = fish(store).await;
        let other = Account::sign_in_to(office.visitor().without_cookies(), "fish", "ann@example.com", MEMBER_PASSWORD).await;
        let change = async |from: &str, to: &str| post(&ann, "/api/auth/password", json!({"current_password": from, "new_password": to})).await;
        change("not hers at all", "quite another one").await.assert_problem(403, "password_wrong");
        change(MEMBER_PASSWORD, "short").await.assert_problem(422, "validation_failed");
        change(MEMBER_PASSWORD, "password123").await.assert_problem(422, "validation_failed");
        assert_eq!(change(MEMBER_PASSWORD, "quite another one").await.status, 204);
        assert_eq!(me(&ann).await.status, 200, "this session stays");
        me(&other).await.assert_problem(401, "not_signed_in");
        customer_login(&office, json!({"email": "ann@example.com", "password": MEMBER_PASSWORD})).await.assert_problem(401, "login_failed");
        assert_eq!(customer_login(&office, json!({"email": "ann@example.com", "password": "quite another one"})).await.status, 200);
        office.settled().await;
        assert_eq!(office.letter_to("ann@example.com").await.subject, "Your password was changed");
        // Guessing is counted here too.
        let mut answers = Vec::new();
        for _ in 0..8 {
            answers.push(change("not hers at all", "quite another one").await.status.as_u16());
        }
        assert_eq!((answers.first(), answers.last()), (Some(&403), Some(&429)), "{answers:?}");
        office.finish().await;
    }

    async fn a_forgotten_password_is_chosen_anew(store) {
        let (office, ann) = fish(store).await;
        let forgot = async |email: &str| anonymous(&office, "/api/auth/password/reset", json!({"email": email})).await;
        let before = office.letters().len();
        let (known, unknown) = (forgot("ANN@example.com").await, forgot("nobody@example.com").await);
        assert_eq!((known.status.as_u16(), unknown.status.as_u16(), &known.body), (202, 202, &unknown.body), "nobody is told who has an account");
        office.settled().await;
        assert_eq!(office.letters().len(), before + 1, "but only who has one gets a letter");
        assert_eq!(office.database.db_count("mails", "email = 'nobody@example.com'").await, 0, "and the other's address is not kept");
        let token = office.letter_to("ann@example.com").await.token();
        let confirm = async |token: &str, password: &str| anonymous(&office, "/api/auth/password/reset/confirm", json!({"token": token, "password": password})).await;
        confirm(&token, "short").await.assert_problem(422, "validation_failed");
        confirm("fo_ln_AAAA", "quite another one").await.assert_problem(404, "reset_link_invalid");
        // Of two links the second is void once the first was used.
        forgot("ann@example.com").await;
        office.settled().await;
        let second = office.letter_to("ann@example.com").await.token();
        assert_ne!(token, second);
        assert_eq!(confirm(&token, "quite another one").await.status, 204);
        for used in [&token, &second] {
            confirm(used, "yet another one").await.assert_problem(404, "reset_link_invalid");
        }
        me(&ann).await.assert_problem(401, "not_signed_in");
        assert_eq!(customer_login(&office, json!({"email": "ann@example.com", "password": "quite another one"})).await.status, 200);
        // A link for one thing opens nothing else, and none works for ever.
        office.advance(Duration::from_secs(3_600));
        forgot("ann@example.com").await;
        office.settled().await;
        let late = office.letter_to("ann@example.com").await.token();
        assert_eq!(codes(&ann_accepts(&office, &late).await), [("LINK_INVALID", &json!(["input", "token"]))]);
        office.advance(Duration::from_secs(3_600));
        confirm(&late, "yet another one").await.assert_problem(404, "reset_link_invalid");
        // Nobody's mailbox is filled.
        let mut last = 202;
        for _ in 0..5 {
            last = forgot("ann@example.com").await.status.as_u16();
        }
        assert_eq!(last, 429);
        office.finish().await;
    }

    async fn a_business_signs_up_where_that_is_open(store) {
        let closed = Office::new(store).start().await;
        let stranger = Account::with(closed.visitor(), "");
        let input = json!({"email": "zoe@example.com", "businessName": "Zoë's Bäckerei", "locale": "de"});
        let query = "mutation($input: TenantSignupInput!) { tenantSignup(input: $input) { sent userErrors { code field } } }";
        let answer = stranger_asks(&closed, query, json!({"input": input})).await;
        assert_eq!(answer["tenantSignup"], json!({"sent": false, "userErrors": [{"code": "SIGNUP_CLOSED", "field": null}]}));
        drop(stranger);
        closed.finish().await;

        let office = Office::new(store).settings(|settings| settings.open_sign_up = true).start().await;
        let sign_up = async |input: Value| stranger_asks(&office, query, json!({"input": input})).await["tenantSignup"].clone();
        assert_eq!(sign_up(input.clone()).await["sent"], true);
        let letter = office.letter_to("zoe@example.com").await;
        assert!(letter.text.contains("Zoë's Bäckerei") && letter.text.contains("48 Stunden"), "{}", letter.text);
        assert_eq!(office.database.db_count("tenants", "true").await, 1, "nothing is set up before the address is shown to be hers");
        for (input, field) in [
            (json!({"email": "zoe", "businessName": "Z"}), "email"),
            (json!({"email": "zoe@example.com", "businessName": ""}), "businessName"),
            (json!({"email": "zoe@example.com", "businessName": "Z", "locale": "tlh"}), "locale"),
        ] {
            assert_eq!(sign_up(input).await["userErrors"], json!([{"code": "INVALID", "field": ["input", field]}]));
        }
        let token = letter.token();
        let confirm = async |input: Value| {
            let query = "mutation($input: TenantSignupConfirmInput!) { tenantSignupConfirm(input: $input) { confirmed userErrors { code message field } } }";
            stranger_asks(&office, query, json!({"input": input})).await["tenantSignupConfirm"].clone()
        };
        assert_eq!(codes(&confirm(json!({"token": token, "password": "short"})).await), [("INVALID", &json!(["input", "password"]))]);
        assert_eq!(confirm(json!({"token": token, "password": MEMBER_PASSWORD})).await["confirmed"], true);
        assert_eq!(codes(&confirm(json!({"token": token, "password": MEMBER_PASSWORD})).await), [("LINK_INVALID", &json!(["input", "token"]))]);
        let zoe = Account::sign_in_to(office.visitor().without_cookies(), "zoe-s-backerei", "zoe@example.com", MEMBER_PASSWORD).await;
        let seen = zoe.data("{ viewer { name memberRole tenant { name defaultLocale publicChat defaultPersona { name } credits { available plan trial } } } }", json!({})).await;
        assert_eq!((&seen["viewer"]["name"], &seen["viewer"]["memberRole"]), (&json!("zoe"), &json!("OWNER")));
        let tenant = &seen["viewer"]["tenant"];
        assert_eq!((&tenant["name"], &tenant["defaultLocale"], &tenant["publicChat"]), (&json!("Zoë's Bäckerei"), &json!("de"), &json!(false)));
        assert_eq!((&tenant["defaultPersona"]["name"], &tenant["credits"]["available"], &tenant["credits"]["trial"]), (&json!("Bob"), &json!("500"), &json!(true)));
        // Who has an account is answered the same, and told by letter.
        assert_eq!(sign_up(input).await, json!({"sent": true, "userErrors": []}));
        office.settled().await;
        let known = office.letter_to("zoe@example.com").await;
        assert!(known.text.contains("/account/forgot") && !known.text.contains("#token="), "{}", known.text);
        // Another business of that name gets another address.
        assert_eq!(sign_up(json!({"email": "yan@example.com", "businessName": "Zoe's Backerei"})).await["sent"], true);
        let token = office.letter_to("yan@example.com").await.token();
        assert_eq!(confirm(json!({"token": token, "password": MEMBER_PASSWORD, "name": "Yan"})).await["confirmed"], true);
        assert_eq!(office.database.db_count("tenants", "slug LIKE 'zoe-s-backerei-%'").await, 1);
        office.finish().await;
    }

    async fn the_platforms_own_people_come_and_go(store) {
        let office = Office::new(store).start().await;
        let sam = office.colleague("sam@example.com", "SUPPORT").await;
        let permissions = me(&sam).await.body["permissions"].clone();
        assert_eq!(permissions, json!(["chat.read", "usage.read", "tenant.manage", "job.manage"]));
        let owner = office.owner().await;
        let staff = owner.data("{ staff { nodes { id email role } } }", json!({})).await;
        let id = |email: &str| staff["staff"]["nodes"].as_array().unwrap().iter().find(|one| one["email"] == email).unwrap()["id"].clone();
        assert_eq!(sam.ask("{ staff { nodes { id } } }", json!({})).await.body["errors"][0]["extensions"]["code"], "NOT_ALLOWED");
        assert_eq!(codes(&owner.mutate("staffInvite", "invitation { id }", json!({"email": "sam@example.com", "role": "AUDITOR"})).await), [("ALREADY_MEMBER", &json!(["input", "email"]))]);
        assert_eq!(codes(&owner.mutate("staffInvite", "invitation { id }", json!({"email": "sam", "role": "AUDITOR"})).await), [("INVALID", &json!(["input", "email"]))]);
        for (name, input) in [("staffUpdate", json!({"staffMember": id(OWNER), "role": "AUDITOR"})), ("staffRemove", json!({"staffMember": id(OWNER)}))] {
            assert_eq!(codes(&owner.mutate(name, "staffMember { id }", input).await), [("LAST_OWNER", &json!(["input", "staffMember"]))]);
        }
        let invited = owner.change("staffInvite", "invitation { id email role }", json!({"email": "tim@example.com", "role": "AUDITOR"})).await;
        let open = owner.data("{ staffInvitations { nodes { id email role } } }", json!({})).await;
        assert_eq!(open["staffInvitations"]["nodes"], json!([invited["invitation"]]));
        owner.change("staffInvitationRevoke", "invitation { id }", json!({"invitation": invited["invitation"]["id"]})).await;
        assert_eq!(codes(&owner.mutate("staffInvitationRevoke", "invitation { id }", json!({"invitation": invited["invitation"]["id"]})).await), [("NOT_FOUND", &json!(["input", "invitation"]))]);
        owner.change("staffUpdate", "staffMember { role }", json!({"staffMember": id("sam@example.com"), "role": "FINANCE_AUTHOR"})).await;
        assert_eq!(me(&sam).await.body["permissions"], json!(["billing.read", "usage.read", "pricebook.read", "pricebook.draft"]));
        owner.change("staffRemove", "staffMember { id }", json!({"staffMember": id("sam@example.com")})).await;
        me(&sam).await.assert_problem(401, "not_signed_in");
        office.finish().await;
    }

    async fn support_reads_conversations_for_a_reason_that_is_noted(store) {
        let office = Office::new(store).start().await;
        let answer = office.visitor().say("What does Pro cost?").await;
        let sam = office.colleague("sam@example.com", "SUPPORT").await;
        let path = format!("/api/chat/history/{}", answer.text("session_id"));
        sam.get(&path).await.assert_problem(403, "reason_required");
        let query = json!({"query": "{ tenant(slug: \"office16852-platform\") { slug conversations { nodes { id } } } }"});
        let refused = sam.send(sam.request(Method::POST, "/graphql").json(&query)).await;
        assert_eq!(refused.body["errors"][0]["extensions"]["code"], "REASON_REQUIRED", "{}", refused.body);
        assert_eq!(office.database.db_count("audit_entries", "action = 'tenant.entered'").await, 0);
        let why = |request: reqwest::RequestBuilder| request.header("x-access-reason", "Ticket 4711: größere Lücke".as_bytes());
        assert_eq!(sam.send(why(sam.request(Method::GET, &path))).await.status, 200);
        let read = sam.send(why(sam.request(Method::POST, "/graphql").json(&query))).await;
        assert_eq!(read.body["data"]["tenant"]["conversations"]["nodes"].as_array().unwrap().len(), 1, "{}", read.body);
        for wrong in ["", " ", &"x".repeat(501)] {
            sam.send(sam.request(Method::GET, &path).header("x-access-reason", wrong)).await.assert_problem(400, "header_invalid");
        }
        let owner = office.owner().await;
        let log = owner.data("{ auditLog(filter: {action: TENANT_ENTERED}) { nodes { reason actor { kind } tenantUuid } } }", json!({})).await;
        let nodes = log["auditLog"]["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), 2);
        assert!(nodes.iter().all(|entry| entry["reason"] == "Ticket 4711: größere Lücke" && entry["actor"]["kind"] == "STAFF" && entry["tenantUuid"].is_string()), "{nodes:?}");
        office.finish().await;
    }

    async fn the_log_is_exported_whole(store) {
        let (office, ann) = fish(store).await;
        for number in 0..6 {
            ann.change("apiKeyCreate", "secret", json!({"name": format!("Key {number}"), "permissions": ["chat.read"]})).await;
        }
        let csv = ann.get("/api/audit/export").await;
        assert_eq!((csv.status.as_u16(), csv.header("content-type")), (200, "text/csv; charset=utf-8; header=present"));
        let text = csv.body.as_str().unwrap().to_owned();
        let lines: Vec<&str> = text.split_terminator("\r\n").collect();
        assert!(lines[0].starts_with("id,at,tenant,actor,") && lines[1].contains(",member,") && lines[1].contains(",api_key.created,"), "{text}");
        let jsonl = ann.get("/api/audit/export?format=jsonl").await;
        let objects: Vec<Value> = jsonl.body.as_str().unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(objects.len(), lines.len() - 1);
        assert_eq!(objects.iter().filter(|entry| entry["action"] == "api_key.created").count(), 6);
        // The platform's own sees everybody's, and by name one tenant's.
        let owner = office.owner().await;
        let all = owner.get("/api/audit/export?format=jsonl").await.body.as_str().unwrap().lines().count();
        let one = owner.get("/api/audit/export?format=jsonl&business_id=fish").await.body.as_str().unwrap().lines().count();
        assert!(all > one && one == objects.len(), "{all} {one}");
        assert_eq!(owner.get("/api/audit/export?format=jsonl&from=2026-11-23T00:00:00Z").await.body, "");
        owner.get("/api/audit/export?business_id=nowhere").await.assert_problem(404, "business_unknown");
        for wrong in ["format=xml", "from=yesterday", "to=1"] {
            owner.get(&format!("/api/audit/export?{wrong}")).await.assert_problem(422, "validation_failed");
        }
        // Pages of GraphQL follow each other, and a filter narrows.
        let first = ann.data("{ auditLog(first: 2, filter: {action: API_KEY_CREATED, actorKind: MEMBER}) { nodes { uuid } pageInfo { endCursor hasNextPage } } }", json!({})).await;
        let next = ann.data("query($a: String) { auditLog(first: 100, after: $a, filter: {action: API_KEY_CREATED}) { nodes { uuid } pageInfo { hasNextPage } } }", json!({"a": first["auditLog"]["pageInfo"]["endCursor"]})).await;
        assert_eq!(next["auditLog"]["nodes"].as_array().unwrap().len(), 4);
        office.finish().await;
    }

    async fn portals_on_other_hosts_call_with_a_bearer(store) {
        let portal = "https://portal.example.com";
        let office = Office::new(store).settings(|settings| settings.portal_origins = vec!["https://portal.example.com".parse().unwrap()]).start().await;
        let visitor = office.visitor();
        let from = |origin: &'static str, method: Method, path: &str| visitor.request(method, path).header("origin", origin).header("sec-fetch-site", "cross-site");
        let right = json!({"email": OWNER, "password": OWNER_PASSWORD});
        let login = visitor.send(from(portal, Method::POST, "/api/auth/login").json(&right)).await;
        assert_eq!((login.status.as_u16(), login.header("access-control-allow-origin"), login.header("access-control-allow-credentials")), (200, portal, ""));
        let token = login.text("access_token").to_owned();
        let me = visitor.send(from(portal, Method::GET, "/api/auth/me").bearer_auth(&token)).await;
        assert_eq!((me.status.as_u16(), me.header("access-control-allow-origin")), (200, portal));
        let asked = visitor.send(from(portal, Method::POST, "/graphql").bearer_auth(&token).json(&json!({"query": "{ viewer { email } }"}))).await;
        assert_eq!((&asked.body["data"]["viewer"]["email"], asked.header("access-control-allow-origin")), (&json!(OWNER), portal));
        // Never a cookie, in neither direction.
        let mut cookie = right.clone();
        cookie["session"] = json!("cookie");
        let refused = visitor.send(from(portal, Method::POST, "/api/auth/login").json(&cookie)).await;
        refused.assert_problem(422, "validation_failed");
        assert_eq!(visitor.log_in(cookie).await.status, 200);
        visitor.send(from(portal, Method::GET, "/api/auth/me")).await.assert_problem(401, "not_signed_in");
        // Another site, and a route that is no portal's, get nothing.
        let evil = visitor.send(from("https://portal.example.com.evil.test", Method::GET, "/api/auth/me").bearer_auth(&token)).await;
        assert_eq!(evil.header("access-control-allow-origin"), "");
        visitor.send(from("https://evil.test", Method::POST, "/api/auth/login").json(&right)).await.assert_problem(403, "cross_site");
        let chat = visitor.send(from(portal, Method::POST, "/api/chat").json(&json!({"message": "hi"}))).await;
        chat.assert_problem(403, "cross_site");
        assert_eq!(chat.header("access-control-allow-origin"), "");
        let preflight = |origin: &'static str| from(origin, Method::OPTIONS, "/graphql").header("access-control-request-method", "POST").header("access-control-request-headers", "authorization,content-type");
        let allowed = visitor.send(preflight(portal)).await;
        assert_eq!((allowed.status.as_u16(), allowed.header("access-control-allow-origin")), (200, portal));
        assert!(allowed.header("access-control-allow-headers").contains("authorization") && allowed.header("vary").contains("origin"));
        assert_eq!(visitor.send(preflight("https://evil.test")).await.header("access-control-allow-origin"), "");
        office.finish().await;
    }

    async fn members_and_keys_may_call_so_often(store) {
        let (office, ann) = fish(store).await;
        let made = ann.change("apiKeyCreate", "secret", json!({"name": "Key", "permissions": ["chat.read"]})).await;
        let secret = made["secret"].as_str().unwrap().to_owned();
        let few = Office::new(store).on(&office.database).idle().settings(|settings| {
            settings.limits.quotas.member = frontoffice_domain::rate::Quota::per_minute(std::num::NonZeroU32::new(3).unwrap());
            settings.limits.quotas.api_key = frontoffice_domain::rate::Quota::per_minute(std::num::NonZeroU32::new(2).unwrap());
        });
        // Two processes share a SQLite file only here, where one of them does nothing.
        let mut few = few.start().await;
        for (token, most, name) in [(ann.token.clone(), 3, "member"), (secret, 2, "api_key")] {
            let account = Account::with(few.visitor().without_cookies(), &token);
            for left in (0..most).rev() {
                let answer = me(&account).await;
                assert_eq!(answer.status, 200, "{name} {left}");
                assert!(answer.header("ratelimit").starts_with(&format!("\"{name}\";r=")), "{}", answer.header("ratelimit"));
            }
            let refused = me(&account).await;
            refused.assert_problem(429, "rate_limited");
            assert!(!refused.header("retry-after").is_empty());
        }
        few.stop().await;
        office.finish().await;
    }
}

/// What a stranger is answered, without any error.
async fn stranger_asks(office: &TestApp, query: &str, variables: Value) -> Value {
    let answer = anonymous(office, "/graphql", json!({"query": query, "variables": variables})).await;
    assert_eq!(answer.body["errors"], Value::Null, "{}", answer.body);
    answer.body["data"].clone()
}

async fn ann_accepts(office: &TestApp, token: &str) -> Value {
    let query = "mutation($input: InvitationAcceptInput!) { invitationAccept(input: $input) { accepted userErrors { code message field } } }";
    let input = json!({"token": token, "password": MEMBER_PASSWORD});
    stranger_asks(office, query, json!({"input": input})).await["invitationAccept"].clone()
}
