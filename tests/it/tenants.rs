//! Tenants: set up, changed, suspended, closed; and the jobs of all of them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{
    actors::{Account, MEMBER_PASSWORD},
    app::{Office, TestApp},
    on_both_stores,
    store::Store,
};

pub(crate) fn codes(payload: &Value) -> Vec<(&str, &Value)> {
    let errors = payload["userErrors"].as_array().unwrap();
    errors.iter().map(|error| (error["code"].as_str().unwrap(), &error["field"])).collect()
}

/// One refusal, about one field.
pub(crate) fn refused(payload: &Value, code: &str, field: &str) {
    assert_eq!(codes(payload), [(code, &json!(["input", field]))], "{payload}");
}

/// An office with a business called `fish`, its owner and the platform's owner.
pub(crate) async fn fish(store: Store) -> (TestApp, Account, Account) {
    let office = Office::new(store).start().await;
    let tenant = office.db_tenant("fish", true, &[("Opening hours", "The shop opens at nine and closes at six.")]).await;
    let ann = office.member(&tenant, "ann@example.com", "OWNER").await;
    let owner = office.owner().await;
    (office, ann, owner)
}

async fn id(owner: &Account, slug: &str) -> Value {
    owner.data("query($s: String!) { tenant(slug: $s) { id } }", json!({"s": slug})).await["tenant"]["id"].clone()
}

on_both_stores! {
    async fn a_business_is_set_up_as_a_whole_and_once(store) {
        let office = Office::new(store).start().await;
        let owner = office.owner().await;
        let wanted = "tenant { id slug name status defaultLocale publicChat revision personas { nodes { name } } subscription { plan trial } credits { available } }";
        let input = json!({"name": "Bäckerei Müller", "defaultLocale": "de", "ownerEmail": "Muller@example.com", "idempotencyKey": "k1"});
        let made = owner.change("tenantCreate", wanted, input.clone()).await["tenant"].clone();
        let expected = json!({
            "id": made["id"], "slug": "backerei-muller", "name": "Bäckerei Müller", "status": "TRIAL", "defaultLocale": "de", "publicChat": false, "revision": 1,
            "personas": {"nodes": [{"name": "Bob"}]}, "subscription": {"plan": "starter", "trial": true}, "credits": {"available": "500"},
        });
        assert_eq!(made, expected);
        // The same key is the same business; with something else it is nothing.
        assert_eq!(owner.change("tenantCreate", "tenant { id }", input).await["tenant"]["id"], made["id"]);
        let other = owner.mutate("tenantCreate", "tenant { id }", json!({"name": "Another", "idempotencyKey": "k1"})).await;
        refused(&other, "IDEMPOTENCY_KEY_REUSED", "idempotencyKey");
        assert_eq!(office.database.db_count("tenants", "name = 'Another'").await, 0);
        // Its owner joins, and sees it as their own.
        office.joined("muller@example.com").await;
        let theirs = Account::sign_in_to(office.visitor().without_cookies(), "backerei-muller", "muller@example.com", MEMBER_PASSWORD).await;
        assert_eq!(theirs.data("{ viewer { memberRole tenant { slug } } }", json!({})).await["viewer"], json!({"memberRole": "OWNER", "tenant": {"slug": "backerei-muller"}}));
        // On a plan, under a slug of one's own.
        let pro = owner.change("tenantCreate", wanted, json!({"name": "Chips", "slug": "chips", "plan": "pro", "publicChat": true})).await;
        assert_eq!((&pro["tenant"]["status"], &pro["tenant"]["credits"]["available"]), (&json!("ACTIVE"), &json!("75000")));
        for (input, code, field) in [
            (json!({"name": "Chips", "slug": "chips"}), "SLUG_TAKEN", "slug"),
            (json!({"name": "Chips", "slug": "-chips"}), "INVALID", "slug"),
            (json!({"name": " "}), "INVALID", "name"),
            (json!({"name": "a\nb"}), "INVALID", "name"),
            (json!({"name": "Chips", "plan": "gold"}), "PLAN_UNKNOWN", "plan"),
            (json!({"name": "Chips", "defaultLocale": "tlh"}), "INVALID", "defaultLocale"),
            (json!({"name": "Chips", "ownerEmail": "nobody"}), "INVALID", "ownerEmail"),
            (json!({"name": "Chips", "idempotencyKey": ""}), "INVALID", "idempotencyKey"),
        ] {
            let before = office.database.db_count("tenants", "true").await;
            refused(&owner.mutate("tenantCreate", "tenant { id }", input).await, code, field);
            assert_eq!(office.database.db_count("tenants", "true").await, before);
        }
        // Refused, the key is free again.
        let key = json!({"name": "Chips", "slug": "chips", "idempotencyKey": "k2"});
        refused(&owner.mutate("tenantCreate", "tenant { id }", key).await, "SLUG_TAKEN", "slug");
        owner.change("tenantCreate", "tenant { id }", json!({"name": "Chips", "slug": "chips-two", "idempotencyKey": "k2"})).await;
        let tenants = owner.data("{ tenants { nodes { slug } } }", json!({})).await;
        let slugs: Vec<&str> = tenants["tenants"]["nodes"].as_array().unwrap().iter().map(|tenant| tenant["slug"].as_str().unwrap()).collect();
        assert_eq!(slugs, ["chips-two", "chips", "backerei-muller", "office16852-platform"]);
        let found = async |filter: Value| {
            let data = owner.data("query($f: TenantFilter) { tenants(filter: $f) { nodes { slug } } }", json!({"f": filter})).await;
            let nodes = data["tenants"]["nodes"].as_array().unwrap().clone();
            nodes.iter().map(|tenant| tenant["slug"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(found(json!({"status": "TRIAL"})).await, "chips-two backerei-muller");
        assert_eq!(found(json!({"status": "ACTIVE"})).await, "chips office16852-platform");
        assert_eq!(found(json!({"text": "CHIPS"})).await, "chips-two chips");
        assert_eq!(found(json!({"text": "Müller"})).await, "backerei-muller");
        assert_eq!(found(json!({"text": "%"})).await, "");
        office.finish().await;
    }

    async fn what_is_known_of_a_business_is_changed_by_whoever_saw_the_newest(store) {
        let (office, ann, _) = fish(store).await;
        let wanted = "tenant { revision name defaultLocale publicChat awayText profile { about website contactEmail phone postalAddress } officeHours { timeZone open week { day from to } } }";
        let hours = json!({"timeZone": "Europe/Amsterdam", "week": [{"day": "SUNDAY", "from": "10:00", "to": "24:00"}, {"day": "MONDAY", "from": "09:00", "to": "17:30"}]});
        let all = json!({
            "expectedRevision": 1, "name": "Fish & Co", "defaultLocale": "nl", "publicChat": true, "about": "We sell fish.", "website": "https://fish.example/", "contactEmail": "Info@fish.example",
            "phone": "+31 20 123", "postalAddress": "Quay 1\nAmsterdam", "awayText": "We are out fishing.", "officeHours": hours,
        });
        let after = ann.change("tenantUpdate", wanted, all.clone()).await["tenant"].clone();
        let expected = json!({
            "revision": 2, "name": "Fish & Co", "defaultLocale": "nl", "publicChat": true, "awayText": "We are out fishing.",
            "profile": {"about": "We sell fish.", "website": "https://fish.example/", "contactEmail": "info@fish.example", "phone": "+31 20 123", "postalAddress": "Quay 1\nAmsterdam"},
            // It is a Sunday, one o'clock in Amsterdam.
            "officeHours": {"timeZone": "Europe/Amsterdam", "open": true, "week": [{"day": "MONDAY", "from": "09:00", "to": "17:30"}, {"day": "SUNDAY", "from": "10:00", "to": "24:00"}]},
        });
        assert_eq!(after, expected);
        // Who saw an older one is shown the newest, and nothing is changed.
        let stale = ann.mutate("tenantUpdate", "tenant { revision name }", json!({"expectedRevision": 1, "name": "Another"})).await;
        refused(&stale, "CONFLICT", "expectedRevision");
        assert_eq!(stale["tenant"], json!({"revision": 2, "name": "Fish & Co"}));
        // Nothing different is no change; null takes away.
        let same = ann.change("tenantUpdate", "tenant { revision }", json!({"name": "Fish & Co"})).await;
        assert_eq!(same["tenant"]["revision"], 2);
        let less = ann.change("tenantUpdate", wanted, json!({"awayText": null, "officeHours": null, "phone": null, "about": ""})).await["tenant"].clone();
        assert_eq!((&less["awayText"], &less["officeHours"], &less["profile"]["phone"], &less["profile"]["about"]), (&Value::Null, &Value::Null, &Value::Null, &Value::Null));
        assert_eq!(less["profile"]["website"], "https://fish.example/");
        let long = |count: usize| "x".repeat(count);
        for (input, field) in [
            (json!({"name": ""}), "name"),
            (json!({"name": long(201)}), "name"),
            (json!({"defaultLocale": "xx"}), "defaultLocale"),
            (json!({"about": long(2_001)}), "about"),
            (json!({"website": "javascript:alert(1)"}), "website"),
            (json!({"website": "fish.example"}), "website"),
            (json!({"contactEmail": "nobody"}), "contactEmail"),
            (json!({"phone": long(51)}), "phone"),
            (json!({"postalAddress": long(501)}), "postalAddress"),
            (json!({"awayText": long(1_001)}), "awayText"),
            (json!({"awayText": "a\u{0}b"}), "awayText"),
            (json!({"officeHours": {"timeZone": "Mars", "week": []}}), "officeHours"),
            (json!({"officeHours": {"timeZone": "UTC", "week": [{"day": "MONDAY", "from": "9", "to": "10:00"}]}}), "officeHours"),
            (json!({"officeHours": {"timeZone": "UTC", "week": [{"day": "MONDAY", "from": "11:00", "to": "10:00"}]}}), "officeHours"),
        ] {
            refused(&ann.mutate("tenantUpdate", "tenant { id }", input).await, "INVALID", field);
        }
        // The log says which fields and which revision, and nothing of what they hold.
        let log = ann.data("{ auditLog(filter: {action: TENANT_UPDATED}) { nodes { fields revision } } }", json!({})).await;
        let fields = ["name", "default_locale", "about", "website", "contact_email", "phone", "postal_address", "away_text", "office_hours"];
        assert_eq!(log["auditLog"]["nodes"][1], json!({"fields": fields, "revision": 2}));
        assert!(!office.database.db_dump().await.iter().any(|row| row.starts_with("audit_entries") && row.contains("fishing")));
        office.finish().await;
    }

    async fn of_two_who_change_a_tenant_at_once_one_is_told(store) {
        let (office, ann, _) = fish(store).await;
        let mut tries = Vec::new();
        for number in 0..8 {
            let ann = ann.clone();
            tries.push(tokio::spawn(async move { ann.mutate("tenantUpdate", "tenant { name }", json!({"expectedRevision": 1, "name": format!("Fish {number}")})).await }));
        }
        let mut done = 0;
        for tried in tries {
            let payload = tried.await.unwrap();
            if codes(&payload).is_empty() { done += 1 } else { refused(&payload, "CONFLICT", "expectedRevision") }
        }
        assert_eq!(done, 1);
        office.finish().await;
    }

    async fn a_suspended_business_reads_on_and_its_visitors_get_the_away_text_for_nothing(store) {
        let (office, ann, owner) = fish(store).await;
        ann.change("tenantUpdate", "tenant { id }", json!({"awayText": "We are out fishing."})).await;
        let visitor = office.visitor();
        let ask = async |session: &str| visitor.post(json!({"message": "When does the shop open?", "business_id": "fish", "session_id": session})).await;
        assert_eq!(ask("a").await.text("status"), "answered");
        office.settled().await;
        let before = ann.data("{ viewer { tenant { credits { balance held } } } }", json!({})).await;
        let fish = id(&owner, "fish").await;
        let suspended = owner.change("tenantSuspend", "tenant { status suspendedAt revision }", json!({"tenant": fish})).await;
        assert_eq!((&suspended["tenant"]["status"], &suspended["tenant"]["revision"]), (&json!("SUSPENDED"), &json!(3)));
        assert_eq!(suspended["tenant"]["suspendedAt"], "2026-11-22T12:00:00.000000Z");
        for session in ["a", "b"] {
            let away = ask(session).await;
            assert_eq!((away.status.as_u16(), away.text("status"), away.text("reply")), (200, "out_of_credits", "We are out fishing."));
        }
        assert_eq!(ann.data("{ viewer { tenant { credits { balance held } } } }", json!({})).await, before);
        let read = ann.data("{ viewer { tenant { status conversations { nodes { state } } } } }", json!({})).await;
        assert_eq!(read["viewer"]["tenant"], json!({"status": "SUSPENDED", "conversations": {"nodes": [{"state": "HANDOFF_REQUESTED"}, {"state": "HANDOFF_REQUESTED"}]}}));
        // Again is the same; back it goes.
        assert_eq!(owner.change("tenantSuspend", "tenant { revision }", json!({"tenant": fish})).await["tenant"]["revision"], 3);
        let resumed = owner.change("tenantResume", "tenant { status suspendedAt }", json!({"tenant": fish})).await;
        assert_eq!(resumed["tenant"], json!({"status": "TRIAL", "suspendedAt": null}));
        assert_eq!(ask("c").await.text("status"), "answered");
        // The platform's own is never suspended or closed.
        let own = id(&owner, "office16852-platform").await;
        for name in ["tenantSuspend", "tenantResume"] {
            refused(&owner.mutate(name, "tenant { id }", json!({"tenant": own})).await, "PLATFORM_TENANT", "tenant");
            refused(&owner.mutate(name, "tenant { id }", json!({"tenant": "VGVuYW50OjAwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwMA"})).await, "NOT_FOUND", "tenant");
        }
        refused(&owner.mutate("tenantClose", "tenant { id }", json!({"slug": "office16852-platform"})).await, "PLATFORM_TENANT", "tenant");
        office.finish().await;
    }

    async fn a_closed_business_is_there_for_the_platform_alone(store) {
        let (office, ann, owner) = fish(store).await;
        let tenant = office.db_tenant("chips", true, &[]).await;
        let (admin, keys) = (office.member(&tenant, "adam@example.com", "ADMIN").await, json!({"name": "Key", "permissions": ["chat.read", "tenant.manage"]}));
        refused(&admin.mutate("tenantClose", "tenant { id }", json!({"slug": "chips"})).await, "OWNERS_ONLY", "tenant");
        let secret = ann.change("apiKeyCreate", "secret", keys).await["secret"].as_str().unwrap().to_owned();
        let key = Account::with(office.visitor().without_cookies(), &secret);
        refused(&key.mutate("tenantClose", "tenant { id }", json!({"slug": "fish"})).await, "OWNERS_ONLY", "tenant");
        refused(&ann.mutate("tenantClose", "tenant { id }", json!({"slug": "fsh"})).await, "INVALID", "slug");
        assert_eq!(ann.change("tenantClose", "tenant { status closedAt }", json!({"slug": "fish"})).await["tenant"], json!({"status": "CLOSED", "closedAt": "2026-11-22T12:00:00.000000Z"}));
        // Visitors, members and keys find it no more.
        office.visitor().post(json!({"message": "hi", "business_id": "fish"})).await.assert_problem(404, "business_unknown");
        for who in [&ann, &key] {
            let seen = who.data("{ tenant(slug: \"fish\") { id } viewer { tenant { id } } }", json!({})).await;
            assert_eq!(seen, json!({"tenant": null, "viewer": {"tenant": null}}));
        }
        let visitor = office.visitor();
        let login = json!({"email": "ann@example.com", "password": MEMBER_PASSWORD});
        visitor.send(visitor.request(reqwest::Method::POST, "/api/customers/auth/login").json(&login)).await.assert_problem(401, "login_failed");
        let seen = owner.data("{ tenant(slug: \"fish\") { status } tenants(filter: {status: CLOSED}) { nodes { slug } } }", json!({})).await;
        assert_eq!(seen, json!({"tenant": {"status": "CLOSED"}, "tenants": {"nodes": [{"slug": "fish"}]}}));
        let again = owner.change("tenantClose", "tenant { status }", json!({"tenant": id(&owner, "fish").await, "slug": "fish"})).await;
        assert_eq!(again["tenant"]["status"], "CLOSED");
        office.finish().await;
    }

    async fn entitlements_show_limit_and_use(store) {
        let (office, ann, owner) = fish(store).await;
        let query = "{ viewer { tenant { entitlements { kind limit used planName moreIn } } } }";
        let shown = ann.data(query, json!({})).await["viewer"]["tenant"]["entitlements"].clone();
        let of = |kind: &str, limit: Value, used: Value| json!({"kind": kind, "limit": limit, "used": used, "planName": "Starter", "moreIn": "Pro"});
        let expected = json!([
            of("SEATS", json!(3), json!(1)), of("PERSONAS", json!(1), json!(1)), of("KNOWLEDGE_ITEMS", json!(100), json!(1)),
            of("STANDARD_INTEGRATIONS", json!(1), json!(0)), of("RETENTION_DAYS", json!(30), Value::Null),
        ]);
        assert_eq!(shown, expected);
        let own = owner.data("{ tenant(slug: \"office16852-platform\") { entitlements { kind limit moreIn } subscription { plan trial anchorDay startedAt endsAt pricebookVersion } } }", json!({})).await;
        assert_eq!(own["tenant"]["entitlements"][1], json!({"kind": "PERSONAS", "limit": null, "moreIn": null}));
        assert_eq!(own["tenant"]["subscription"]["plan"], "enterprise");
        office.finish().await;
    }

    async fn a_job_that_was_given_up_is_tried_again_or_thrown_away(store) {
        let (office, _, owner) = fish(store).await;
        for key in ["one", "two"] {
            let row = format!("INSERT INTO jobs (id, tenant_id, name, unique_key, payload, priority, state, run_at, attempt, max_attempts, lease_token, created_at, ended_at, last_error)
                SELECT {}, tenant_id, 'answer_turn', '{key}', 'nobody can read this', 1, 'dead', created_at, 5, 5, 7, created_at, created_at, 'broken' FROM personas WHERE is_default LIMIT 1",
                match store { Store::Sqlite => "randomblob(16)", Store::Postgres => "gen_random_uuid()" });
            office.database.db_do(&row).await;
        }
        let dead = owner.data("{ jobs(filter: {state: DEAD, name: \"answer_turn\"}) { nodes { id lastError attempt } } }", json!({})).await;
        let dead = dead["jobs"]["nodes"].as_array().unwrap().clone();
        assert_eq!((dead.len(), &dead[0]["lastError"]), (2, &json!("broken")));
        let again = owner.change("jobRetry", "job { state attempt }", json!({"job": dead[0]["id"]})).await;
        assert_eq!(again["job"], json!({"state": "QUEUED", "attempt": 0}));
        office.advance(Duration::from_secs(1));
        office.settled().await;
        // Nobody can read it still, so it is given up again; that is a fact, and not this test's.
        let node = owner.data("query($id: ID!) { node(id: $id) { ... on Job { state attempt } } }", json!({"id": dead[0]["id"]})).await;
        assert_eq!(node["node"], json!({"state": "DEAD", "attempt": 1}));
        for job in &dead {
            owner.change("jobDiscard", "job { id }", json!({"job": job["id"]})).await;
            refused(&owner.mutate("jobDiscard", "job { id }", json!({"job": job["id"]})).await, "NOT_FOUND", "job");
            refused(&owner.mutate("jobRetry", "job { id }", json!({"job": job["id"]})).await, "NOT_FOUND", "job");
        }
        let done = owner.data("{ jobs(filter: {state: DONE}, first: 1) { nodes { id } } }", json!({})).await["jobs"]["nodes"][0]["id"].clone();
        for name in ["jobRetry", "jobDiscard"] {
            let payload = owner.mutate(name, "job { state }", json!({"job": done})).await;
            refused(&payload, "NOT_DEAD", "job");
            assert_eq!(payload["job"]["state"], "DONE");
        }
        let log = owner.data("{ auditLog(filter: {action: JOB_DISCARDED}) { nodes { actor { kind } tenantUuid } } }", json!({})).await;
        assert_eq!(log["auditLog"]["nodes"].as_array().unwrap().len(), 2);
        assert!(log["auditLog"]["nodes"][0]["tenantUuid"].is_string());
        office.finish().await;
    }

    async fn a_job_is_not_thrown_away_while_credits_are_held_for_its_answer(store) {
        let mut office = Office::new(store).idle().start().await;
        let (owner, visitor) = (office.owner().await, office.visitor());
        let asked = visitor.send(visitor.chat(&json!({"message": "What does Pro cost?"})).header("prefer", "respond-async")).await;
        assert_eq!(asked.status.as_u16(), 202);
        office.database.db_do("UPDATE jobs SET state = 'dead', ended_at = created_at WHERE name = 'answer_turn'").await;
        let dead = owner.data("{ jobs(filter: {state: DEAD}) { nodes { id } } }", json!({})).await["jobs"]["nodes"][0]["id"].clone();
        let payload = owner.mutate("jobDiscard", "job { state }", json!({"job": dead})).await;
        refused(&payload, "CREDITS_HELD", "job");
        assert_eq!(payload["job"]["state"], "DEAD");
        assert_eq!(office.database.db_count("jobs", "state = 'dead'").await, 1);
        let again = owner.change("jobRetry", "job { state }", json!({"job": dead})).await;
        assert_eq!(again["job"]["state"], "QUEUED");
        office.stop().await;
    }
}
