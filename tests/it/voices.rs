//! Which model answers for a persona, how it is asked, and what that costs; and that a model which hangs holds up nobody else.

use std::time::Duration;

use frontoffice::settings::ModelChoice;
use frontoffice_domain::{
    db::Conn,
    money::Credits,
    pricing::{self, Action, Policy, Rate},
    tenancy::Platform,
};
use frontoffice_worker::model::{scripted::Gate, written::Provider};
use serde_json::{Value, json};

use super::tenants::refused;
use crate::harness::{
    actors::Account,
    app::{Office, TestApp},
    eventually, on_both_stores,
    store::Store,
    upstream::{self, Move, Upstream, done, finishes, says, streaming, took},
};

const HOURS: (&str, &str) = ("Opening hours", "The shop opens at nine and closes at six.");

fn said(text: &str) -> Vec<Move> {
    let [first, last] = done();
    vec![streaming(), says(text), finishes("stop"), took(600, 400), first, last]
}

/// An office whose personas may name two models besides the usual one.
fn office(store: Store, upstream: &Upstream) -> Office {
    Office::new(store).asking(upstream).settings(|settings| {
        settings.models =
            vec![ModelChoice::Written { provider: Provider::OpenAi, name: "dear-model".into() }, ModelChoice::Extractive];
    })
}

/// From now on, what the dear model writes costs ten credits for each thousand tokens begun.
async fn raise_prices(office: &TestApp) {
    office.clock.advance(Duration::from_secs(1));
    let (platform, now) = (Platform::of_this_process(), office.clock.now());
    let this = platform.clone();
    let publish = async move |mut conn: Conn| {
        let mut pricebook = pricing::resolve(&mut conn, now).await?.expect("set-up published one").pricebook;
        let ten = Credits::whole(10).unwrap();
        let model = Some("dear-model".to_owned());
        pricebook.rates.push(Rate { action: Action::AnswerWritten, model, credits: ten, per_tokens: Some(1_000), minimum: ten });
        pricing::publish(&mut conn, &this, &pricebook, "a test", Policy::NewCustomers, now, now).await
    };
    office.app().db.platform(&platform, publish).await.unwrap();
}

async fn persona(ann: &Account) -> Value {
    let wanted = "{ viewer { tenant { models defaultPersona { id model temperature language version { model temperature language } } } } }";
    ann.data(wanted, json!({})).await["viewer"]["tenant"].clone()
}

async fn update(ann: &Account, mut input: Value) -> Value {
    input["persona"] = persona(ann).await["defaultPersona"]["id"].clone();
    ann.mutate("personaUpdate", "persona { model temperature language }", input).await
}

/// Who gave the newest answer, and what it cost in millionths of a credit.
async fn db_newest(office: &TestApp) -> String {
    let query = "SELECT m.model || ' ' || c.captured AS value FROM credit_charges c JOIN turns t ON t.id = c.turn_id JOIN messages m ON m.id = t.answer_id \
        ORDER BY t.id DESC LIMIT 1";
    office.database.db_texts(query).await.remove(0)
}

on_both_stores! {
    async fn the_model_a_persona_names_answers_at_its_own_price(store) {
        let upstream = Upstream::start([said("It opens at nine [1]."), said("It opens at nine [1]."), said("Der Laden öffnet um 9 [1].")]).await;
        let office = office(store, &upstream).start().await;
        raise_prices(&office).await;
        let tenant = office.db_tenant("shop", true, &[HOURS]).await;
        let ann = office.member(&tenant, "ann@example.com", "OWNER").await;
        let ask = async || {
            let answer = office.visitor().without_cookies().post(json!({"message": "When does the shop open?", "business_id": "shop"})).await;
            assert_eq!(answer.text("status"), "answered", "{}", answer.body);
            office.settled().await;
            answer
        };
        assert_eq!(persona(&ann).await["models"], json!(["test-model", "dear-model", "extractive"]));
        ask().await;
        assert_eq!(db_newest(&office).await, "test-model 1000000");
        let asked: Value = upstream.requests()[0].body.clone();
        assert_eq!((&asked["model"], &asked["temperature"]), (&json!("test-model"), &Value::Null));
        // The dear one, less freely.
        let named = update(&ann, json!({"model": "dear-model", "temperature": 0.3})).await;
        assert_eq!((&named["persona"]["model"], &named["persona"]["temperature"]), (&json!("dear-model"), &json!(0.3)));
        ask().await;
        assert_eq!(db_newest(&office).await, "dear-model 10000000");
        let asked: Value = upstream.requests()[1].body.clone();
        assert_eq!((&asked["model"], &asked["temperature"]), (&json!("dear-model"), &json!(0.3)));
        // In one language, whatever the visitor's.
        update(&ann, json!({"language": "de"})).await;
        let answer = ask().await;
        assert!(answer.text("reply").contains("öffnet"), "{}", answer.body);
        assert!(upstream.requests()[2].body.to_string().contains("German"), "{}", upstream.requests()[2].body);
        // None at all: quoted, at the price of that.
        update(&ann, json!({"model": "extractive"})).await;
        ask().await;
        assert_eq!(db_newest(&office).await, "extractive 1000000");
        assert_eq!(upstream.requests().len(), 3);
        // The usual one again.
        let cleared = update(&ann, json!({"model": null, "temperature": null, "language": null})).await;
        assert_eq!(cleared["persona"], json!({"model": null, "temperature": null, "language": null}));
        assert_eq!(office.database.db_count("credit_holds", "settled_at IS NULL").await, 0);
        office.finish().await;
    }

    async fn a_persona_names_what_the_platform_lists_and_what_is_tried_out_is_asked_so(store) {
        let upstream = Upstream::start([said("It opens at nine [1].")]).await;
        let office = office(store, &upstream).start().await;
        let tenant = office.db_tenant("shop", true, &[HOURS]).await;
        let ann = office.member(&tenant, "ann@example.com", "OWNER").await;
        for (input, field) in [
            (json!({"model": "gpt-of-somebody-else"}), "model"),
            (json!({"model": ""}), "model"),
            (json!({"temperature": 2.1}), "temperature"),
            (json!({"temperature": -0.1}), "temperature"),
            (json!({"language": "tlh"}), "language"),
        ] {
            refused(&update(&ann, input.clone()).await, "INVALID", field);
            let mut new = input.clone();
            new["name"] = json!("Other");
            refused(&ann.mutate("personaCreate", "persona { id }", new).await, "INVALID", field);
            let mut tried = input;
            tried["persona"] = persona(&ann).await["defaultPersona"]["id"].clone();
            tried["question"] = json!("When does the shop open?");
            refused(&ann.mutate("personaPreview", "preview { id }", tried).await, "INVALID", field);
        }
        let id = persona(&ann).await["defaultPersona"]["id"].clone();
        let tried = json!({"persona": id, "question": "When does the shop open?", "model": "dear-model", "temperature": 1});
        let preview = ann.change("personaPreview", "preview { answer model triedModel temperature language }", tried).await["preview"].clone();
        assert_eq!((&preview["model"], &preview["triedModel"], &preview["temperature"], &preview["language"]), (&json!("dear-model"), &json!("dear-model"), &json!(1.0), &Value::Null), "{preview}");
        assert_eq!(upstream.requests()[0].body["model"], "dear-model");
        let before = json!({"model": null, "temperature": null, "language": null});
        let now = persona(&ann).await["defaultPersona"].clone();
        assert_eq!(now["version"], before, "what is tried out changes nothing");
        // It stands in the history what was changed, and an earlier version brings it back.
        update(&ann, json!({"model": "dear-model", "temperature": 0.25, "language": "pl"})).await;
        let query = "query($id: ID!) { node(id: $id) { ... on Persona { difference(from: 1, to: 2) { field before after } } } }";
        let diff = ann.data(query, json!({"id": id})).await["node"]["difference"].clone();
        let expected = json!([
            {"field": "MODEL", "before": "", "after": "dear-model"},
            {"field": "TEMPERATURE", "before": "", "after": "0.25"},
            {"field": "LANGUAGE", "before": "", "after": "pl"},
        ]);
        assert_eq!(diff, expected);
        ann.change("personaRestore", "persona { id }", json!({"persona": id, "version": 1})).await;
        assert_eq!(persona(&ann).await["defaultPersona"]["model"], Value::Null);
        office.finish().await;
    }

    async fn what_is_set_aside_is_enough_whoever_answers(store) {
        // The first fails each time; who stands in for it costs ten times as much, and the one the persona names is listed no more.
        let failing = || upstream::error(500, &[]);
        let upstream = Upstream::start([failing(), said("It opens at nine [1]."), failing(), said("It opens at nine [1].")]).await;
        let office = Office::new(store).asking(&upstream).settings(|settings| {
            settings.fallback_model = Some(ModelChoice::Written { provider: Provider::OpenAi, name: "dear-model".into() });
            settings.model_limits.prompt_tokens = 600;
            settings.model_limits.completion_tokens = 400;
        });
        let office = office.start().await;
        raise_prices(&office).await;
        let tenant = office.db_tenant("shop", true, &[HOURS]).await;
        let ann = office.member(&tenant, "ann@example.com", "OWNER").await;
        let ask = async || {
            let answer = office.visitor().post(json!({"message": "When does the shop open?", "business_id": "shop"})).await;
            assert_eq!(answer.text("status"), "answered", "{}", answer.body);
            office.settled().await;
        };
        ask().await;
        assert_eq!(db_newest(&office).await, "dear-model 10000000");
        // As a restored version would, after the platform has shortened its list.
        let restored = "INSERT INTO persona_versions (id, tenant_id, persona_id, number, name, description, tone, system_prompt, created_at, author, grounding, model) \
            SELECT {new}, tenant_id, persona_id, 2, name, description, tone, system_prompt, created_at, author, grounding, 'extractive' FROM persona_versions WHERE name = 'Ada'";
        let new = match store { Store::Sqlite => "randomblob(16)", Store::Postgres => "gen_random_uuid()" };
        office.database.db_do(&restored.replace("{new}", new)).await;
        assert_eq!(persona(&ann).await["defaultPersona"]["model"], "extractive");
        ask().await;
        assert_eq!(db_newest(&office).await, "dear-model 10000000");
        assert_eq!(office.database.db_count("credit_charges", "absorbed <> 0").await, 0, "nothing is given away");
        office.finish().await;
    }

    async fn a_model_that_hangs_holds_up_nobody_who_waits_for_another(store) {
        let gate = Gate::default();
        let hung = || vec![streaming(), Move::Wait(gate.clone()), says("It opens at nine [1]."), finishes("stop")].into_iter().chain(done()).collect::<Vec<_>>();
        let upstream = Upstream::start((0..12).map(|_| hung())).await;
        let office = office(store, &upstream).settings(|settings| settings.worker.slots = 8).start().await;
        let tenant = office.db_tenant("quick", true, &[HOURS]).await;
        let ann = office.member(&tenant, "ann@example.com", "OWNER").await;
        update(&ann, json!({"model": "extractive"})).await;
        let mut visitors = Vec::new();
        // Of many businesses, so that it is no business' share that ends.
        for number in 0..12 {
            let slug = format!("slow-{number}");
            office.db_tenant(&slug, true, &[HOURS]).await;
            let visitor = office.visitor();
            assert_eq!(visitor.drop_off(json!({"message": "When does the shop open?", "business_id": slug})).await.status, 202);
            visitors.push(visitor);
        }
        eventually("as many as may wait for one model", async || (upstream.open() == 7).then_some(())).await;
        let quick = office.visitor().post(json!({"message": "When does the shop open?", "business_id": "quick"})).await;
        assert_eq!(quick.text("status"), "answered", "{}", quick.body);
        eventually("its charge", async || (office.database.db_count("credit_charges", "true").await == 1).then_some(())).await;
        assert_eq!(upstream.open(), 7);
        for _ in 0..12 {
            gate.open();
        }
        office.settled().await;
        assert_eq!(office.database.db_count("turns", "state = 'answered'").await, 13);
        office.finish().await;
    }
}
