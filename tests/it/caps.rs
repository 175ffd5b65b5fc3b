//! What a tenant lets answers take at most: those to one visitor, of one widget key, and of one persona.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    beyond::{ask, credits, spends},
    subscriptions::business,
    tenants::refused,
    widget_opening::open,
};
use crate::harness::{
    actors::{Response, Visitor},
    app::{Office, TestApp},
    on_both_stores,
};

const DAY: Duration = Duration::from_secs(86_400);
const SHOP: &str = "https://shop.example.com";
const CAPS: &str = "caps { kind subject credits used }";

/// A business with a website, the id of its key, and its UUID.
async fn fish(office: &TestApp) -> (Value, Value, String) {
    let tenant = business(office, "fish", Some("starter")).await;
    let owner = office.owner().await;
    owner.change("tenantUpdate", "tenant { id }", json!({"tenant": tenant, "publicChat": true})).await;
    let found = owner.data("{ tenant(slug: \"fish\") { uuid widgetKeys { nodes { id } } } }", json!({})).await["tenant"].clone();
    let key = found["widgetKeys"]["nodes"][0]["id"].clone();
    owner.change("widgetKeyUpdate", "widgetKey { id }", json!({"widgetKey": key, "origins": [SHOP]})).await;
    (tenant, key, found["uuid"].as_str().unwrap().to_owned())
}

/// Somebody on the website says something.
async fn say(office: &TestApp, uuid: &str) -> Response {
    let visitor: Visitor = office.visitor();
    let session = open(&visitor, uuid, SHOP, json!({})).await;
    let request = visitor.request(reqwest::Method::POST, "/api/widget/chat").header("origin", SHOP);
    let request = request.header("x-widget-key", session.text("widget_key")).bearer_auth(session.text("visitor_token"));
    let answer = visitor.send(request.json(&json!({"message": "hello"}))).await;
    office.settled().await;
    answer
}

on_both_stores! {
    async fn a_widget_key_takes_what_it_may_on_a_day_and_no_more(store) {
        let (office, _) = Office::new(store).budget(5_000).scripted([2, 3, 1, 1].map(spends));
        let office = office.start().await;
        let (tenant, key, uuid) = fish(&office).await;
        let owner = office.owner().await;
        let cap = |credits: Value| json!({"tenant": tenant, "kind": "WIDGET_KEY_DAY", "subject": key, "credits": credits});
        let set = owner.change("creditCapSet", CAPS, cap(json!("4"))).await;
        assert_eq!(set["caps"], json!([{"kind": "WIDGET_KEY_DAY", "subject": key, "credits": "4", "used": "0"}]));
        assert_eq!(say(&office, &uuid).await.text("status"), "answered");
        assert_eq!(credits(&owner, CAPS).await["caps"][0]["used"], "2");
        // There is some left, so it is answered whole.
        assert_eq!(say(&office, &uuid).await.text("status"), "answered");
        let refused = say(&office, &uuid).await;
        refused.assert_problem(429, "visitor_credits_spent");
        assert!(refused.text("detail").contains("4 credits a day"), "{}", refused.body);
        assert_eq!(office.database.db_count("messages", "role = 'visitor'").await, 2, "what is refused is not stored");
        // Who does not come through the key is not its concern.
        assert_eq!(ask(&office, "a").await, "answered");
        office.advance(DAY);
        assert_eq!(say(&office, &uuid).await.text("status"), "answered");
        let owner = office.owner().await;
        owner.change("creditCapSet", "caps { kind }", cap(Value::Null)).await;
        assert_eq!(credits(&owner, CAPS).await["caps"], json!([]));
        office.finish().await;
    }

    async fn a_persona_takes_what_it_may_in_a_month_and_visitors_what_the_business_says(store) {
        let (office, _) = Office::new(store).budget(5_000).scripted([2, 1, 1, 1].map(spends));
        let office = office.start().await;
        let (tenant, key, _) = fish(&office).await;
        let owner = office.owner().await;
        let persona = owner.data("{ tenant(slug: \"fish\") { defaultPersona { id } } }", json!({})).await["tenant"]["defaultPersona"]["id"].clone();
        let cap = |kind: &str, subject: Value, credits: &str| json!({"tenant": tenant, "kind": kind, "subject": subject, "credits": credits});
        for (wrong, code, field) in [
            (cap("PERSONA_MONTH", key.clone(), "1"), "INVALID", "subject"),
            (cap("WIDGET_KEY_DAY", Value::Null, "1"), "INVALID", "subject"),
            (cap("VISITOR_DAY", persona.clone(), "1"), "INVALID", "subject"),
            (cap("VISITOR_DAY", Value::Null, "-1"), "INVALID", "credits"),
        ] {
            refused(&owner.mutate("creditCapSet", "caps { kind }", wrong).await, code, field);
        }
        owner.change("creditCapSet", "caps { kind }", cap("PERSONA_MONTH", persona.clone(), "2")).await;
        assert_eq!(ask(&office, "a").await, "answered");
        // Visitors are looked after as if nothing could be paid; nothing is charged, and the business is not told that it has no credits.
        assert_eq!(ask(&office, "b").await, "out_of_credits");
        assert_eq!(office.database.db_count("alerts", "true").await, 0);
        assert_eq!(credits(&owner, CAPS).await["caps"], json!([{"kind": "PERSONA_MONTH", "subject": persona, "credits": "2", "used": "2"}]));
        office.advance(DAY * 10);
        assert_eq!(ask(&office, "c").await, "answered", "another month");
        let owner = office.owner().await;
        owner.change("creditCapSet", "caps { kind }", cap("PERSONA_MONTH", persona, "100")).await;
        owner.change("creditCapSet", "caps { kind }", cap("VISITOR_DAY", Value::Null, "1")).await;
        let visitor = office.visitor();
        let said = async |session: &str| {
            let answer = visitor.post(json!({"message": "hello", "session_id": session, "business_id": "fish"})).await;
            office.settled().await;
            answer
        };
        let first = said("d").await;
        assert_eq!(first.text("status"), "answered");
        let cookie = first.header("set-cookie").split(';').next().unwrap().to_owned();
        let again = visitor.send(visitor.chat(&json!({"message": "hello", "session_id": "d", "business_id": "fish"})).header("cookie", cookie)).await;
        again.assert_problem(429, "visitor_credits_spent");
        office.finish().await;
    }
}
