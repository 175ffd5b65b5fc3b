//! Pages of tenants' websites: who is let in, as whom, and what nobody else reads.

use std::{num::NonZeroU32, time::Duration};

use frontoffice_domain::rate::Quota;
use frontoffice_worker::model::scripted::{Gate, Step};
use reqwest::{Method, RequestBuilder, header::HeaderValue};
use serde_json::{Value, json};

use super::tenants::{fish, refused};
use crate::harness::{
    actors::{Account, Listening, Response, Visitor},
    app::{Office, TestApp},
    eventually, on_both_stores,
};

pub(crate) const SHOP: &str = "https://shop.example.com";

/// A page of a website, with what it shows.
#[derive(Clone)]
pub(crate) struct Page {
    pub visitor: Visitor,
    pub key: String,
    pub origin: &'static str,
    pub token: Option<String>,
}

impl Page {
    pub(crate) fn at(&self, origin: &'static str) -> Self {
        Self { origin, ..self.clone() }
    }

    /// With the token of a new visitor.
    pub(crate) async fn opened(&self) -> Self {
        let session = self.post("session", json!({})).await;
        assert_eq!(session.status, 200, "{}", session.body);
        Self { token: Some(session.text("visitor_token").to_owned()), ..self.clone() }
    }

    fn shown(&self, request: RequestBuilder) -> RequestBuilder {
        let request = request.header("x-widget-key", &self.key).header("origin", self.origin);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.shown(self.visitor.request(method, &format!("/api/widget/{path}")))
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Response {
        self.visitor.send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.visitor.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn say(&self, message: &str) -> Response {
        self.post("chat", json!({ "message": message })).await
    }
}

/// The tenant's only key.
pub(crate) async fn key(ann: &Account) -> Value {
    let wanted = "{ viewer { tenant { widgetKeys { nodes { id name key origins revision disabledAt } } } } }";
    ann.data(wanted, json!({})).await["viewer"]["tenant"]["widgetKeys"]["nodes"][0].clone()
}

/// A page of the website that the key is good on.
pub(crate) async fn page(office: &TestApp, ann: &Account) -> Page {
    let key = key(ann).await;
    ann.change("widgetKeyUpdate", "widgetKey { id }", json!({"widgetKey": key["id"], "origins": [SHOP]})).await;
    Page { visitor: office.visitor(), key: key["key"].as_str().unwrap().to_owned(), origin: SHOP, token: None }
}

/// Every route of the family, as a page would ask for it.
const ROUTES: [(&str, &str); 10] = [
    ("POST", "session"),
    ("POST", "chat"),
    ("GET", "turns/01a20401-0000-7000-8000-000000000000/events"),
    ("POST", "turns/01a20401-0000-7000-8000-000000000000/stop"),
    ("GET", "conversation/events"),
    ("GET", "conversation/history"),
    ("POST", "conversation/handoff"),
    ("POST", "conversation/rating"),
    ("POST", "conversation/contact"),
    ("POST", "conversation/identify"),
];

#[test]
fn every_route_of_the_family_is_tried() {
    let routes: Vec<String> = frontoffice_api::routes()
        .into_iter()
        .filter(|route| route.needs == frontoffice_api::Needs::WidgetKey)
        .map(|route| {
            let path = route.path.replace("{turn_id}", "01a20401-0000-7000-8000-000000000000");
            format!("{} {}", route.method, path.trim_start_matches("/api/widget/"))
        })
        .collect();
    assert_eq!(routes, ROUTES.map(|(method, path)| format!("{method} {path}")));
}

/// No page of another site may read this, and no cache give it to one.
pub(crate) fn closed(response: &Response) {
    assert_eq!((response.header("access-control-allow-origin"), response.header("access-control-allow-credentials")), ("", ""));
    assert!(response.headers.get_all("vary").iter().any(|vary| vary == "origin"));
    assert_eq!(response.header("set-cookie"), "");
}

pub(crate) fn readable(response: &Response, origin: &str) {
    assert_eq!(
        (response.header("access-control-allow-origin"), response.header("access-control-allow-credentials")),
        (origin, "")
    );
    assert!(response.headers.get_all("vary").iter().any(|vary| vary == "origin"));
    assert_eq!(response.header("set-cookie"), "");
}

on_both_stores! {
    async fn a_page_is_let_in_by_a_good_key_on_one_of_its_websites_and_by_nothing_else(store) {
        let (office, ann, _) = fish(store).await;
        let its = key(&ann).await;
        assert_eq!((&its["name"], &its["origins"], &its["revision"]), (&json!("Website"), &json!([]), &json!(1)));
        // A key that is good nowhere says so.
        let nowhere = Page { visitor: office.visitor(), key: its["key"].as_str().unwrap().to_owned(), origin: SHOP, token: None };
        let told = nowhere.say("Hello").await;
        told.assert_problem(403, "origin_not_allowed");
        assert!(told.text("detail").contains("good on no website yet") && told.text("detail").contains(SHOP), "{}", told.body);
        closed(&told);
        let page = page(&office, &ann).await;
        for (method, path) in ROUTES {
            let method: Method = method.parse().unwrap();
            let ask = async |request: RequestBuilder| page.visitor.send(if method == Method::POST { request.json(&json!({"message": "Hello"})) } else { request }).await;
            let bare = || page.visitor.request(method.clone(), &format!("/api/widget/{path}"));
            // No key, several, one of no tenant, what is no key.
            let none = ask(bare().header("origin", SHOP)).await;
            none.assert_problem(401, "widget_key_missing");
            readable(&none, SHOP);
            closed(&ask(bare().header("origin", "https://evil.test")).await);
            for wrong in ["pk_live_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "pk_live_", "x", "pk_live_' OR 1=1 --"] {
                ask(bare().header("origin", SHOP).header("x-widget-key", wrong)).await.assert_problem(401, "widget_key_invalid");
            }
            ask(page.shown(bare()).header("x-widget-key", "pk_live_another")).await.assert_problem(401, "widget_key_invalid");
            // No origin, two, and those that only look like it.
            let keyed = || bare().header("x-widget-key", &page.key);
            for request in [keyed(), keyed().header("origin", SHOP).header("origin", "https://evil.test")] {
                let answer = ask(request).await;
                answer.assert_problem(403, "origin_not_allowed");
                closed(&answer);
            }
            for other in [
                "null", "https://shop.example.com.evil.test", "https://evil-shop.example.com", "https://www.shop.example.com", "https://example.com",
                "https://shop.example.com:8443", "http://shop.example.com", "https://SHOP.example.com", "https://shop.example.com.", "https://x@shop.example.com",
                "https://xn--shp-example-com-0zd.test", "https://*.example.com", "https://shop.example.com/", "https://shop.example.com:443",
            ] {
                let answer = ask(keyed().header("origin", other)).await;
                answer.assert_problem(403, "origin_not_allowed");
                closed(&answer);
                let detail = answer.text("detail");
                assert!(detail.contains(&format!("`{other}`")) || detail.contains("none of a website"), "{detail}");
            }
            // A good one: whatever is wrong then is another matter, which the page may read.
            let answer = ask(page.shown(bare())).await;
            assert!(![401, 403].contains(&answer.status.as_u16()), "{path}: {}", answer.body);
            readable(&answer, SHOP);
        }
        // The very words of the header are not told where they are no origin.
        let odd = page.visitor.request(Method::POST, "/api/widget/chat").header("x-widget-key", &page.key).header("origin", HeaderValue::from_bytes(b"https://\xc3\xa9<script>").unwrap());
        let answer = page.visitor.send(odd.json(&json!({"message": "Hello"}))).await;
        answer.assert_problem(403, "origin_not_allowed");
        assert!(!answer.body.to_string().contains("script"));
        // Stars, and a key that is switched off.
        let change = async |change: Value| {
            let mut input = change;
            input["widgetKey"] = its["id"].clone();
            ann.change("widgetKeyUpdate", "widgetKey { id }", input).await;
        };
        change(json!({"origins": ["https://*.example.com", "http://localhost:3000"]})).await;
        for good in [SHOP, "https://a.b.example.com", "http://localhost:3000"] {
            assert_eq!(page.at(good).post("session", json!({})).await.status, 200, "{good}");
        }
        for wrong in ["https://example.com", "https://a.example.com:8443", "http://localhost", "http://127.0.0.1:3000"] {
            page.at(wrong).post("session", json!({})).await.assert_problem(403, "origin_not_allowed");
        }
        change(json!({"enabled": false})).await;
        page.say("Hello").await.assert_problem(401, "widget_key_invalid");
        change(json!({"enabled": true})).await;
        assert_eq!(page.post("session", json!({})).await.status, 200);
        office.finish().await;
    }

    async fn a_browser_that_asks_first_is_told_about_allowed_websites_alone(store) {
        let (office, ann, _) = fish(store).await;
        let page = page(&office, &ann).await;
        for (_, path) in ROUTES {
            let ask = async |origin: Option<&str>| {
                let request = page.visitor.request(Method::OPTIONS, &format!("/api/widget/{path}")).header("access-control-request-method", "POST");
                let request = request.header("access-control-request-headers", "content-type,x-widget-key,authorization");
                page.visitor.send(match origin { Some(origin) => request.header("origin", origin), None => request }).await
            };
            let allowed = ask(Some(SHOP)).await;
            assert_eq!((allowed.status.as_u16(), allowed.header("access-control-allow-methods")), (204, "GET, POST"));
            for needed in ["content-type", "x-widget-key", "authorization", "idempotency-key", "prefer", "last-event-id"] {
                assert!(allowed.header("access-control-allow-headers").split(", ").any(|header| header == needed), "{needed}");
            }
            readable(&allowed, SHOP);
            for other in [None, Some("null"), Some("https://evil.test"), Some("https://shop.example.com.evil.test"), Some("*")] {
                let refused = ask(other).await;
                refused.assert_problem(403, "origin_not_allowed");
                closed(&refused);
                assert_eq!(refused.header("access-control-allow-headers"), "");
            }
        }
        // Nothing of this is said of the other doors.
        let other = page.visitor.request(Method::OPTIONS, "/api/chat").header("origin", SHOP).header("access-control-request-method", "POST");
        assert_eq!(page.visitor.send(other).await.header("access-control-allow-origin"), "");
        office.finish().await;
    }

    async fn who_brings_only_a_session_id_goes_on_in_it(store) {
        let (office, ann, _) = fish(store).await;
        let page = page(&office, &ann).await;
        let first = page.post("chat", json!({"message": "When does the shop open?", "session_id": "s1", "business_id": 7})).await;
        assert_eq!((first.status.as_u16(), first.text("status"), first.text("session_id")), (200, "answered", "s1"), "{}", first.body);
        assert!(first.body["notice"].is_string() && first.text("reply").contains("opens at nine"));
        assert!(first.header("ratelimit").contains("\"widget_key\";r="), "{}", first.header("ratelimit"));
        let second = page.post("chat", json!({"message": "And when does the shop close?", "session_id": "s1"})).await;
        assert_eq!((second.text("status"), &second.body["notice"]), ("answered", &Value::Null), "{}", second.body);
        // Without one, an id of ours is good for what comes.
        let new = page.say("When does the shop open?").await;
        let own = new.text("session_id").to_owned();
        assert!(own.len() >= 22 && own != "s1");
        assert_eq!(page.post("chat", json!({"message": "When does the shop close?", "session_id": own})).await.body["notice"], Value::Null);
        // Later, by events, at an address of this family.
        let request = page.request(Method::POST, "chat").header("prefer", "respond-async").json(&json!({"message": "When does the shop open?", "session_id": "s 2"}));
        let later = page.visitor.send(request).await;
        assert_eq!(later.status, 202);
        let events_url = format!("/api/widget/turns/{}/events?session_id=s%202", later.text("turn_id"));
        assert_eq!((later.text("events_url"), later.header("location")), (events_url.as_str(), events_url.as_str()));
        office.settled().await;
        let events = page.visitor.events(page.shown(page.visitor.request(Method::GET, &events_url))).await;
        assert_eq!(events.last().unwrap().data["status"], "answered");
        // Another channel is another conversation, also for who calls it the same from the same address.
        let public = page.visitor.post(json!({"message": "When does the shop open?", "session_id": "s1", "business_id": "fish"})).await;
        assert!(public.body["notice"].is_string(), "{}", public.body);
        page.visitor.without_cookies().get(&format!("/api/chat/turns/{}/events?business_id=fish&session_id=s1", first.text("turn_id"))).await.assert_problem(404, "turn_unknown");
        let wanted = "{ viewer { tenant { conversations(filter: {channel: WIDGET}) { nodes { sessionId channel visitor { uuid } } } } } }";
        let seen = ann.data(wanted, json!({})).await["viewer"]["tenant"]["conversations"]["nodes"].clone();
        assert_eq!(seen.as_array().unwrap().len(), 3, "{seen}");
        office.finish().await;
    }

    async fn a_token_is_its_visitors_alone_for_an_hour_with_its_key_on_its_website(store) {
        let (office, ann, _) = fish(store).await;
        let page = page(&office, &ann).await;
        ann.change("widgetKeyUpdate", "widgetKey { id }", json!({"widgetKey": key(&ann).await["id"], "origins": [SHOP, "https://other.example.com"]})).await;
        let session = page.visitor.send(page.request(Method::POST, "session").json(&json!({"locale": "de"}))).await;
        assert_eq!((session.text("locale"), &session.body["business"], &session.body["persona"]), ("de", &json!({"name": "fish"}), &json!({"name": "Ada"})));
        assert!(session.text("notice").contains("Ada") && session.text("notice").contains("KI"), "{}", session.body);
        assert_eq!((session.text("expires_at"), session.header("cache-control")), ("2026-11-22T13:00:00.000000Z", "no-store"));
        assert_eq!(office.database.db_count("visitors", "true").await, 0, "who only opens it leaves nothing behind");
        page.post("session", json!({"locale": "tlh"})).await.assert_problem(422, "validation_failed");
        let (one, two) = (page.opened().await, page.opened().await);
        let first = one.say("When does the shop open?").await;
        assert_eq!((first.text("status"), first.body["notice"].is_string()), ("answered", true), "{}", first.body);
        let id = first.text("session_id").to_owned();
        assert_eq!(one.say("When does the shop close?").await.text("session_id"), id, "the newest conversation goes on");
        let history = one.get("conversation/history").await;
        assert_eq!((history.text("session_id"), history.body["messages"].as_array().unwrap().len()), (id.as_str(), 4), "{}", history.body);
        // Nobody else reads it: another visitor, one without a token, one who has the id from somewhere, the same token elsewhere.
        two.get("conversation/history").await.assert_problem(404, "session_unknown");
        for other in [&two, &page] {
            other.get(&format!("conversation/history?session_id={id}")).await.assert_problem(404, "session_unknown");
            let turn = first.text("turn_id");
            other.get(&format!("turns/{turn}/events?session_id={id}")).await.assert_problem(404, "turn_unknown");
            other.post(&format!("turns/{turn}/stop"), json!({"session_id": id})).await.assert_problem(404, "turn_unknown");
            let rated = other.post("conversation/rating", json!({"rating": "up", "session_id": id})).await;
            rated.assert_problem(404, "session_unknown");
        }
        one.at("https://other.example.com").get("conversation/history").await.assert_problem(401, "visitor_token_invalid");
        let token = one.token.clone().unwrap();
        let with = |token: &str| Page { token: Some(token.to_owned()), ..page.clone() };
        for wrong in ["", "x", "fo_wv_AAAA", &format!("{}A", token.strip_suffix(|_: char| true).unwrap()), &ann.token, &format!("{token}A")] {
            let answer = with(wrong).get("conversation/history").await;
            if *wrong == token { continue }
            answer.assert_problem(401, "visitor_token_invalid");
            readable(&answer, SHOP);
        }
        // The public door knows no such token, and the cookie of the public door is nothing here.
        let public = page.visitor.get(&format!("/api/chat/conversation/history?business_id=fish&session_id={id}")).await;
        public.assert_problem(404, "session_unknown");
        // After an hour it is over; whoever shows it gets another of the same visitor, for a month.
        office.clock.advance(Duration::from_secs(3_599));
        assert_eq!(one.get("conversation/history").await.status, 200);
        office.clock.advance(Duration::from_secs(1));
        one.get("conversation/history").await.assert_problem(401, "visitor_token_invalid");
        let renewed = one.opened().await;
        assert_eq!(renewed.get("conversation/history").await.text("session_id"), id);
        office.clock.advance(Duration::from_secs(30 * 86_400 + 3_600));
        let (late, fresh) = (one.opened().await, page.opened().await);
        for stranger in [late, fresh] {
            stranger.get("conversation/history").await.assert_problem(404, "session_unknown");
        }
        office.finish().await;
    }

    async fn a_page_hears_its_conversation_stops_answers_and_asks_for_people(store) {
        let gate = Gate::default();
        let script = vec![Step::Say("We open ".into()), Step::Gate(gate.clone()), Step::Answer];
        let (office, _) = Office::new(store).scripted([script]);
        let office = office.start().await;
        let tenant = office.db_tenant("fish", false, &[]).await;
        let ann = office.member(&tenant, "ann@example.com", "OWNER").await;
        let page = page(&office, &ann).await.opened().await;
        // A tenant that does not chat with strangers here does on its own website.
        page.visitor.post(json!({"message": "Hello", "business_id": "fish"})).await.assert_problem(403, "public_chat_disabled");
        let request = page.request(Method::POST, "chat").header("prefer", "respond-async").json(&json!({"message": "tell me"}));
        let pending = page.visitor.send(request).await;
        let turn = pending.text("turn_id").to_owned();
        assert_eq!(pending.text("events_url"), format!("/api/widget/turns/{turn}/events"));
        eventually("the first words", async || (office.database.db_count("turns", "speaking_at IS NOT NULL").await == 1).then_some(())).await;
        let mut heard = Listening::to(page.request(Method::GET, "conversation/events")).await;
        let standing = heard.next().await;
        assert_eq!(standing.data["turn"], json!({"turn_id": turn, "events_url": pending.body["events_url"]}));
        let stopped = page.post(&format!("turns/{turn}/stop"), json!({})).await;
        assert_eq!((stopped.status.as_u16(), stopped.text("status")), (200, "stopped"), "{}", stopped.body);
        assert_eq!(stopped.text("reply"), "We open ");
        readable(&stopped, SHOP);
        let asked = page.post("conversation/handoff", json!({})).await;
        assert_eq!((asked.status.as_u16(), asked.text("state")), (200, "HANDOFF_REQUESTED"), "{}", asked.body);
        let wanted = "{ viewer { tenant { conversations { nodes { id contactEmail rating ratingComment } } } } }";
        let id = ann.data(wanted, json!({})).await["viewer"]["tenant"]["conversations"]["nodes"][0]["id"].clone();
        ann.change("conversationReply", "message { id }", json!({"conversation": id, "text": "Ann here."})).await;
        loop {
            let event = heard.until("message").await;
            if event.data["role"] == "agent" {
                assert_eq!(event.data["text"], "Ann here.");
                break;
            }
        }
        let while_human = page.say("Thank you").await;
        assert_eq!((while_human.text("status"), &while_human.body["reply"]), ("human", &Value::Null));
        assert_eq!(page.post("conversation/rating", json!({"rating": "up", "comment": "Kind."})).await.status, 200);
        assert_eq!(page.post("conversation/contact", json!({"email": "vi@example.com"})).await.status, 200);
        let seen = ann.data(wanted, json!({})).await["viewer"]["tenant"]["conversations"]["nodes"][0].clone();
        assert_eq!((&seen["contactEmail"], &seen["rating"], &seen["ratingComment"]), (&json!("vi@example.com"), &json!("UP"), &json!("Kind.")));
        office.finish().await;
    }

    async fn who_listens_is_told_nothing_once_the_key_or_the_token_is_over(store) {
        let (office, ann, _) = fish(store).await;
        let page = page(&office, &ann).await;
        for by_key in [true, false] {
            let page = page.opened().await;
            assert_eq!(page.post("conversation/handoff", json!({})).await.status, 200);
            let wanted = "{ viewer { tenant { conversations(orderBy: CREATED) { nodes { id } } } } }";
            let id = ann.data(wanted, json!({})).await["viewer"]["tenant"]["conversations"]["nodes"][0]["id"].clone();
            let heard = page.request(Method::GET, "conversation/events").send().await.unwrap();
            assert_eq!(heard.status(), 200);
            let heard = tokio::spawn(async move { heard.text().await.unwrap() });
            let reply = async |text: &str| ann.change("conversationReply", "message { id }", json!({"conversation": id, "text": text})).await;
            reply("Before.").await;
            let key = key(&ann).await["id"].clone();
            if by_key {
                ann.change("widgetKeyUpdate", "widgetKey { id }", json!({"widgetKey": key, "enabled": false})).await;
            } else {
                office.clock.advance(Duration::from_secs(3_600));
            }
            reply("After.").await;
            let heard = tokio::time::timeout(Duration::from_secs(20), heard).await.expect("the stream ends").unwrap();
            assert!(!heard.contains("After."), "{heard}");
            ann.change("widgetKeyUpdate", "widgetKey { id }", json!({"widgetKey": key, "enabled": true})).await;
        }
        office.finish().await;
    }

    async fn a_stolen_key_can_do_so_much_and_no_more(store) {
        let few = Quota::per_minute(NonZeroU32::new(4).unwrap());
        let office = Office::new(store).settings(move |settings| settings.limits.quotas.widget_key = few).start().await;
        let tenant = office.db_tenant("fish", false, &[]).await;
        let ann = office.member(&tenant, "ann@example.com", "OWNER").await;
        let page = page(&office, &ann).await;
        for number in 0..4 {
            assert_eq!(page.post("chat", json!({"message": "Hello", "session_id": format!("s{number}")})).await.status, 200);
        }
        let refused = page.post("chat", json!({"message": "Hello", "session_id": "s5"})).await;
        refused.assert_problem(429, "rate_limited");
        assert_eq!((refused.header("retry-after"), refused.header("access-control-expose-headers").contains("retry-after")), ("15", true));
        assert!(refused.text("detail").contains("each widget key"), "{}", refused.body);
        readable(&refused, SHOP);
        page.post("session", json!({})).await.assert_problem(429, "rate_limited");
        office.clock.advance(Duration::from_secs(15));
        assert_eq!(page.post("session", json!({})).await.status, 200);
        office.finish().await;
    }

    async fn websites_are_said_as_people_write_them_and_noted_as_browsers_do(store) {
        let (office, ann, _) = fish(store).await;
        let its = key(&ann).await;
        let change = async |mut input: Value| {
            input["widgetKey"] = its["id"].clone();
            ann.mutate("widgetKeyUpdate", "widgetKey { name origins revision disabledAt }", input).await
        };
        let origins = json!([" https://Shop.Example.com/ ", "https://*.münchen.example", "https://shop.example.com:443"]);
        let changed = change(json!({"name": "  Shop ", "origins": origins, "expectedRevision": 1})).await;
        let expected = json!({"name": "Shop", "origins": ["https://*.xn--mnchen-3ya.example", "https://shop.example.com"], "revision": 2, "disabledAt": null});
        assert_eq!((&changed["widgetKey"], &changed["userErrors"]), (&expected, &json!([])));
        // The same again is no change.
        assert_eq!(change(json!({"name": "Shop", "enabled": true})).await["widgetKey"]["revision"], 2);
        let stale = change(json!({"name": "Other", "expectedRevision": 1})).await;
        refused(&stale, "CONFLICT", "expectedRevision");
        assert_eq!(stale["widgetKey"], expected, "and is shown what is there");
        for (input, field) in [
            (json!({"name": " "}), "name"),
            (json!({"name": "x".repeat(201)}), "name"),
            (json!({"origins": ["shop.example.com"]}), "origins"),
            (json!({"origins": [SHOP, "https://*.com"]}), "origins"),
            (json!({"origins": vec![SHOP; 51]}), "origins"),
        ] {
            refused(&change(input).await, "INVALID", field);
        }
        let unknown = ann.mutate("widgetKeyUpdate", "widgetKey { id }", json!({"widgetKey": "x", "name": "y"})).await;
        refused(&unknown, "NOT_FOUND", "widgetKey");
        assert_eq!(key(&ann).await["revision"], 2, "what was refused changed nothing");
        let log = ann.data("{ auditLog { nodes { action fields revision } } }", json!({})).await;
        let noted: Vec<&Value> = log["auditLog"]["nodes"].as_array().unwrap().iter().filter(|entry| entry["action"] == "WIDGET_KEY_UPDATED").collect();
        assert_eq!(noted.len(), 1);
        assert_eq!((&noted[0]["fields"], &noted[0]["revision"]), (&json!(["name", "origins"]), &json!(2)));
        office.finish().await;
    }

    async fn the_notice_is_worded_by_the_tenant_and_removed_by_nobody(store) {
        let (office, ann, _) = fish(store).await;
        let page = page(&office, &ann).await.opened().await;
        let tenant = ann.data("{ viewer { tenant { id aiNotice } } }", json!({})).await["viewer"]["tenant"].clone();
        assert_eq!(tenant["aiNotice"], Value::Null);
        let change = async |notice: Value| ann.mutate("tenantUpdate", "tenant { aiNotice }", json!({"tenant": tenant["id"], "aiNotice": notice})).await;
        for wrong in ["Hello, I am Maria.", &"AI ".repeat(200)] {
            refused(&change(json!(wrong)).await, "INVALID", "aiNotice");
        }
        let own = "{persona} is our AI. Ask it anything!";
        assert_eq!(change(json!(own)).await["tenant"]["aiNotice"], own);
        let said = "Ada is our AI. Ask it anything!";
        assert_eq!(page.post("session", json!({})).await.text("notice"), said);
        assert_eq!(page.say("When does the shop open?").await.text("notice"), said);
        let public = page.visitor.post(json!({"message": "When does the shop open?", "business_id": "fish"})).await;
        assert_eq!(public.text("notice"), said);
        assert_eq!(change(Value::Null).await["tenant"]["aiNotice"], Value::Null);
        assert!(page.post("session", json!({})).await.text("notice").contains("AI"));
        office.finish().await;
    }
}
