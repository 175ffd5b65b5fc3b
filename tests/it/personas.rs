//! Who answers: personas, and every version they ever were in.

use serde_json::{Value, json};

use super::tenants::{codes, fish, refused};
use crate::harness::{actors::Account, app::Office, on_both_stores};

async fn default(account: &Account) -> Value {
    account.data("{ viewer { tenant { defaultPersona { id name revision } } } }", json!({})).await["viewer"]["tenant"]["defaultPersona"].clone()
}

on_both_stores! {
    async fn each_change_is_a_version_that_says_who_and_why(store) {
        let (office, ann, _) = fish(store).await;
        let persona = default(&ann).await;
        let change = async |input: Value| {
            let mut input = input;
            input["persona"] = persona["id"].clone();
            ann.mutate("personaUpdate", "persona { revision name tone version { number } }", input).await
        };
        let second = change(json!({"expectedRevision": 1, "tone": "Dry.", "systemPrompt": "Be kind.\nBe brief.\n", "note": "They asked for it."})).await;
        assert_eq!((codes(&second), &second["persona"]["revision"], &second["persona"]["tone"]), (vec![], &json!(2), &json!("Dry.")));
        let third = change(json!({"name": "Eve", "systemPrompt": "Be kind.\nBe exact.\n"})).await;
        assert_eq!(third["persona"], json!({"revision": 3, "name": "Eve", "tone": "Dry.", "version": {"number": 3}}));
        // Nothing different is no version; who saw an older one is shown the newest.
        assert_eq!(change(json!({"name": "Eve"})).await["persona"]["revision"], 3);
        let stale = change(json!({"expectedRevision": 2, "name": "Ada"})).await;
        refused(&stale, "CONFLICT", "expectedRevision");
        assert_eq!(stale["persona"]["name"], "Eve");
        // It answers as Eve from now on; what Ada said stays Ada's.
        let reply = office.visitor().post(json!({"message": "When does the shop open?", "business_id": "fish"})).await;
        assert_eq!(reply.body["persona"], json!({"name": "Eve"}));
        let query = "query($id: ID!) { node(id: $id) { ... on Persona { versions(first: 2) { nodes { number name note restoredFrom author { kind name } } pageInfo { hasNextPage endCursor } }
            difference(from: 2) { field before after unified } } } }";
        let seen = ann.data(query, json!({"id": persona["id"]})).await["node"].clone();
        let by_ann = json!({"kind": "MEMBER", "name": "Somebody"});
        assert_eq!(seen["versions"]["nodes"], json!([
            {"number": 3, "name": "Eve", "note": null, "restoredFrom": null, "author": by_ann},
            {"number": 2, "name": "Ada", "note": "They asked for it.", "restoredFrom": null, "author": by_ann},
        ]));
        assert_eq!(seen["difference"][0], json!({"field": "NAME", "before": "Ada", "after": "Eve", "unified": "@@ -1 +1 @@\n-Ada\n\\ No newline at end of file\n+Eve\n\\ No newline at end of file\n"}));
        assert!(seen["difference"][1]["unified"].as_str().unwrap().ends_with(" Be kind.\n-Be brief.\n+Be exact.\n"));
        let next = "query($id: ID!, $after: String) { node(id: $id) { ... on Persona { versions(after: $after) { nodes { number author { kind name } } pageInfo { hasNextPage hasPreviousPage } } none: difference(from: 9) { field } } } }";
        let rest = ann.data(next, json!({"id": persona["id"], "after": seen["versions"]["pageInfo"]["endCursor"]})).await["node"].clone();
        assert_eq!(rest, json!({"versions": {"nodes": [{"number": 1, "author": {"kind": "PROCESS", "name": null}}], "pageInfo": {"hasNextPage": false, "hasPreviousPage": true}}, "none": null}));
        for (input, field) in [
            (json!({"name": ""}), "name"), (json!({"name": "two\nlines"}), "name"), (json!({"tone": "x".repeat(501)}), "tone"),
            (json!({"description": "x".repeat(2_001)}), "description"), (json!({"systemPrompt": "x".repeat(8_001)}), "systemPrompt"), (json!({"note": "x".repeat(501)}), "note"),
        ] {
            refused(&change(input).await, "INVALID", field);
        }
        office.finish().await;
    }

    async fn an_earlier_version_is_taken_back_up_as_a_new_one_that_says_so(store) {
        let (office, ann, _) = fish(store).await;
        let persona = default(&ann).await["id"].clone();
        ann.change("personaUpdate", "persona { id }", json!({"persona": persona, "name": "Eve"})).await;
        let wanted = "persona { revision name version { restoredFrom note } }";
        let back = ann.change("personaRestore", wanted, json!({"persona": persona, "version": 1, "note": "Eve was too dry."})).await;
        assert_eq!(back["persona"], json!({"revision": 3, "name": "Ada", "version": {"restoredFrom": 1, "note": "Eve was too dry."}}));
        refused(&ann.mutate("personaRestore", wanted, json!({"persona": persona, "version": 9})).await, "NOT_FOUND", "persona");
        refused(&ann.mutate("personaRestore", wanted, json!({"persona": persona, "version": 2, "expectedRevision": 2})).await, "CONFLICT", "expectedRevision");
        refused(&ann.mutate("personaRestore", wanted, json!({"persona": persona, "version": 2, "note": "x".repeat(501)})).await, "INVALID", "note");
        // The one it is in is no other.
        assert_eq!(ann.change("personaRestore", wanted, json!({"persona": persona, "version": 3})).await["persona"]["revision"], 3);
        office.finish().await;
    }

    async fn a_plan_has_so_many_personas_and_one_of_them_is_the_default(store) {
        let office = Office::new(store).start().await;
        let owner = office.owner().await;
        let pro = owner.change("tenantCreate", "tenant { id }", json!({"name": "Chips", "plan": "pro", "publicChat": true, "ownerEmail": "zoe@example.com"})).await["tenant"]["id"].clone();
        office.joined("zoe@example.com").await;
        let zoe = Account::sign_in_to(office.visitor().without_cookies(), "chips", "zoe@example.com", crate::harness::actors::MEMBER_PASSWORD).await;
        let first = default(&zoe).await["id"].clone();
        let mut made = Vec::new();
        for number in 2..=5 {
            let input = json!({"name": format!("Persona {number}"), "idempotencyKey": format!("k{number}"), "note": "For the shop."});
            let persona = zoe.change("personaCreate", "persona { id name isDefault version { note } }", input.clone()).await["persona"].clone();
            assert_eq!((&persona["isDefault"], &persona["version"]["note"]), (&json!(false), &json!("For the shop.")));
            assert_eq!(zoe.change("personaCreate", "persona { id }", input).await["persona"]["id"], persona["id"], "the same key is the same persona");
            made.push(persona["id"].clone());
        }
        refused(&zoe.mutate("personaCreate", "persona { id }", json!({"name": "Other", "idempotencyKey": "k2"})).await, "IDEMPOTENCY_KEY_REUSED", "idempotencyKey");
        let full = zoe.mutate("personaCreate", "persona { id }", json!({"name": "Sixth"})).await;
        refused(&full, "LIMIT_REACHED", "tenant");
        let message = full["userErrors"][0]["message"].as_str().unwrap();
        assert_eq!(message, "The plan Pro has 5 personas, and 5 are in use. The plan Enterprise has as many as you need. Or archive one.");
        for (input, field) in [(json!({"name": " "}), "name"), (json!({"name": "A", "tone": "x".repeat(501)}), "tone"), (json!({"name": "A", "note": "x".repeat(501)}), "note")] {
            refused(&zoe.mutate("personaCreate", "persona { id }", input).await, "INVALID", field);
        }
        refused(&owner.mutate("personaCreate", "persona { id }", json!({"name": "A", "tenant": first})).await, "NOT_FOUND", "tenant");
        // Another default answers from the next message on.
        refused(&zoe.mutate("personaArchive", "persona { id }", json!({"persona": first})).await, "IS_DEFAULT", "persona");
        let now = zoe.change("personaSetDefault", "persona { isDefault name }", json!({"persona": made[0]})).await;
        assert_eq!(now["persona"], json!({"isDefault": true, "name": "Persona 2"}));
        assert_eq!(default(&zoe).await["id"], made[0]);
        let greeted = office.visitor().post(json!({"message": "hello", "business_id": "chips"})).await;
        assert_eq!(greeted.body["persona"], json!({"name": "Persona 2"}));
        // Archived: not listed, no default, and there is room for another.
        assert!(zoe.change("personaArchive", "persona { archivedAt }", json!({"persona": first})).await["persona"]["archivedAt"].is_string());
        zoe.change("personaArchive", "persona { archivedAt }", json!({"persona": first})).await;
        refused(&zoe.mutate("personaSetDefault", "persona { id }", json!({"persona": first})).await, "NOT_FOUND", "persona");
        let count = async |archived: bool| {
            let data = zoe.data("query($a: Boolean) { viewer { tenant { personas(includeArchived: $a) { nodes { id } } } } }", json!({"a": archived})).await;
            data["viewer"]["tenant"]["personas"]["nodes"].as_array().unwrap().len()
        };
        assert_eq!((count(false).await, count(true).await), (4, 5));
        zoe.change("personaCreate", "persona { id }", json!({"name": "Sixth"})).await;
        refused(&zoe.mutate("personaRestore", "persona { id }", json!({"persona": first, "version": 1})).await, "LIMIT_REACHED", "persona");
        zoe.change("personaArchive", "persona { id }", json!({"persona": made[1]})).await;
        let back = zoe.change("personaRestore", "persona { archivedAt revision }", json!({"persona": first, "version": 1})).await;
        assert_eq!(back["persona"], json!({"archivedAt": null, "revision": 1}));
        // What is another's, or nobody's, looks alike.
        for name in ["personaArchive", "personaSetDefault"] {
            refused(&zoe.mutate(name, "persona { id }", json!({"persona": pro})).await, "NOT_FOUND", "persona");
        }
        refused(&zoe.mutate("personaUpdate", "persona { id }", json!({"persona": pro})).await, "NOT_FOUND", "persona");
        refused(&zoe.mutate("personaRestore", "persona { id }", json!({"persona": pro, "version": 1})).await, "NOT_FOUND", "persona");
        let log = zoe.data("{ auditLog(filter: {action: PERSONA_DEFAULTED}) { nodes { actor { kind } fields revision } } }", json!({})).await;
        assert_eq!(log["auditLog"]["nodes"], json!([{"actor": {"kind": "MEMBER"}, "fields": ["is_default"], "revision": 1}]));
        office.finish().await;
    }

    async fn of_many_who_make_personas_at_once_as_many_get_one_as_the_plan_has(store) {
        let office = Office::new(store).start().await;
        let owner = office.owner().await;
        let id = owner.change("tenantCreate", "tenant { id }", json!({"name": "Chips", "plan": "pro"})).await["tenant"]["id"].clone();
        let mut tries = Vec::new();
        for number in 0..12 {
            let (owner, input) = (owner.clone(), json!({"tenant": id, "name": format!("Persona {number}")}));
            tries.push(tokio::spawn(async move { owner.mutate("personaCreate", "persona { id }", input).await }));
        }
        let mut made = 0;
        for tried in tries {
            if codes(&tried.await.unwrap()).is_empty() { made += 1 }
        }
        assert_eq!(made, 4);
        assert_eq!(office.database.db_count("personas", "archived_at IS NULL").await, 6, "five of this tenant, and the platform's");
        office.finish().await;
    }
}
