//! Those who come through the doors. All share one way of sending requests.

use std::{sync::Arc, time::Duration};

use reqwest::{Method, RequestBuilder, StatusCode, cookie::Jar, header::HeaderMap};
use serde_json::{Value, json};

/// What came back.
#[derive(Debug)]
pub(crate) struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self, field: &str) -> &str {
        self.body[field].as_str().unwrap_or_else(|| panic!("no text `{field}` in {}", self.body))
    }

    /// Asserts that this is the problem with this status and code, in the form all problems have.
    pub(crate) fn assert_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.body["code"].as_str()), (status, Some(code)), "{}", self.body);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.body["status"], status);
        assert_eq!(self.body["type"], format!("urn:frontoffice:problem:{code}"));
        assert_eq!(self.text("request_id"), self.header("x-request-id"));
        assert!(!self.text("title").is_empty() && !self.text("detail").is_empty(), "{}", self.body);
    }
}

/// A visitor with a browser's cookies, unless it was told to keep none.
#[derive(Clone)]
pub(crate) struct Visitor {
    base: String,
    client: reqwest::Client,
}

impl Visitor {
    pub(crate) fn at(base: String) -> Self {
        let client = client().cookie_provider(Arc::new(Jar::default())).build().unwrap();
        Self { base, client }
    }

    /// A program that keeps no cookies.
    pub(crate) fn without_cookies(&self) -> Self {
        Self { base: self.base.clone(), client: client().build().unwrap() }
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Response {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        assert!(headers.contains_key("x-request-id"), "every response has a request id");
        let text = response.text().await.unwrap();
        Response { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
    }

    pub(crate) fn chat(&self, body: &Value) -> RequestBuilder {
        self.request(Method::POST, "/api/chat").json(body)
    }

    pub(crate) async fn post(&self, body: Value) -> Response {
        self.send(self.chat(&body)).await
    }

    pub(crate) async fn say(&self, message: &str) -> Response {
        self.post(json!({ "message": message })).await
    }

    /// Tries to sign in.
    pub(crate) async fn log_in(&self, body: Value) -> Response {
        self.send(self.request(Method::POST, "/api/auth/login").json(&body)).await
    }

    /// Says something and does not wait for the answer.
    pub(crate) async fn drop_off(&self, body: Value) -> Response {
        self.send(self.chat(&body).header("prefer", "respond-async")).await
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.send(self.request(Method::GET, path)).await
    }

    /// The events of a stream until it ends: name, id, data.
    pub(crate) async fn events(&self, request: RequestBuilder) -> Vec<Event> {
        let response = request.header("accept", "text/event-stream").send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-cache, no-transform");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        parse_events(&response.text().await.unwrap())
    }
}

/// The owner's password in every front office of a test.
pub(crate) const OWNER_PASSWORD: &str = "an owner's own words";

/// The password of everybody a test asks to join.
pub(crate) const MEMBER_PASSWORD: &str = "a member's own words";

/// Somebody who is signed in with a program, or has an API key.
#[derive(Clone)]
pub(crate) struct Account {
    client: Visitor,
    pub token: String,
    /// For a later login.
    pub device: String,
}

impl Account {
    pub(crate) async fn sign_in(client: Visitor, email: &str, password: &str) -> Self {
        let login = client.log_in(json!({"email": email, "password": password})).await;
        assert_eq!(login.status, 200, "{}", login.body);
        Self { token: login.text("access_token").to_owned(), device: login.text("device").to_owned(), client }
    }

    /// A member of a tenant.
    pub(crate) async fn sign_in_to(client: Visitor, tenant: &str, email: &str, password: &str) -> Self {
        let body = json!({"email": email, "password": password, "tenant": tenant});
        let login = client.send(client.request(Method::POST, "/api/customers/auth/login").json(&body)).await;
        assert_eq!(login.status, 200, "{}", login.body);
        Self { token: login.text("access_token").to_owned(), device: login.text("device").to_owned(), client }
    }

    /// Whoever has this token or key.
    pub(crate) fn with(client: Visitor, token: &str) -> Self {
        Self { token: token.to_owned(), device: String::new(), client }
    }

    pub(crate) fn base(&self) -> &str {
        self.client.base()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, path).bearer_auth(&self.token)
    }

    /// Asks GraphQL something.
    pub(crate) async fn ask(&self, query: &str, variables: Value) -> Response {
        self.send(self.request(Method::POST, "/graphql").json(&json!({"query": query, "variables": variables}))).await
    }

    /// Asks GraphQL something and gets it, without any error.
    pub(crate) async fn data(&self, query: &str, variables: Value) -> Value {
        let answer = self.ask(query, variables).await;
        assert_eq!((answer.status.as_u16(), &answer.body["errors"]), (200, &Value::Null), "{}", answer.body);
        answer.body["data"].clone()
    }

    /// Changes something without showing who is asking, and is not refused.
    pub(crate) async fn strange(&self, name: &str, wanted: &str, input: Value) -> Value {
        let (query, variables) = mutation(name, wanted, input);
        let body = json!({"query": query, "variables": variables});
        let answer = self.client.send(self.client.request(Method::POST, "/graphql").json(&body)).await;
        let refused = (&answer.body["errors"], &answer.body["data"][name]["userErrors"]);
        assert_eq!(refused, (&Value::Null, &json!([])), "{}", answer.body);
        answer.body["data"][name].clone()
    }

    /// Changes something, and is not refused.
    pub(crate) async fn change(&self, name: &str, wanted: &str, input: Value) -> Value {
        let answer = self.mutate(name, wanted, input).await;
        assert_eq!(answer["userErrors"], json!([]), "{name}");
        answer
    }

    /// Tries to change something; the payload with its user errors.
    pub(crate) async fn mutate(&self, name: &str, wanted: &str, input: Value) -> Value {
        let (query, variables) = mutation(name, wanted, input);
        self.data(&query, variables).await[name].clone()
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Response {
        self.client.send(request).await
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.send(self.request(Method::GET, path)).await
    }
}

/// A mutation with its input.
pub(crate) fn mutation(name: &str, wanted: &str, input: Value) -> (String, Value) {
    let (first, rest) = name.split_at(1);
    let kind = format!("{}{rest}Input", first.to_uppercase());
    let query =
        format!("mutation($input: {kind}!) {{ {name}(input: $input) {{ {wanted} userErrors {{ code message field }} }} }}");
    (query, json!({"input": input}))
}

/// A stream of events that does not end by itself.
pub(crate) struct Listening {
    response: reqwest::Response,
    heard: String,
}

impl Listening {
    pub(crate) async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["content-type"]),
            (200, &reqwest::header::HeaderValue::from_static("text/event-stream"))
        );
        Self { response, heard: String::new() }
    }

    /// The next event.
    pub(crate) async fn next(&mut self) -> Event {
        loop {
            if let Some((block, rest)) = self.heard.split_once("\n\n") {
                let (mut events, rest) = (parse_events(block), rest.to_owned());
                self.heard = rest;
                if let Some(event) = events.pop() {
                    return event;
                }
                continue;
            }
            let chunk = tokio::time::timeout(std::time::Duration::from_secs(20), self.response.chunk()).await;
            let chunk = chunk
                .unwrap_or_else(|_| panic!("nothing was told; heard {:?}", self.heard))
                .unwrap()
                .expect("the stream goes on");
            self.heard.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next event of a name, whatever comes before.
    pub(crate) async fn until(&mut self, name: &str) -> Event {
        loop {
            let event = self.next().await;
            if event.name == name {
                return event;
            }
        }
    }
}

/// One server-sent event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Event {
    pub name: String,
    pub id: String,
    pub data: Value,
}

pub(crate) fn parse_events(text: &str) -> Vec<Event> {
    text.split("\n\n")
        .filter(|block| block.lines().any(|line| line.starts_with("event:")))
        .map(|block| {
            let field = |name: &str| {
                block
                    .lines()
                    .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
                    .map(str::trim)
                    .unwrap_or_default()
                    .to_owned()
            };
            Event { name: field("event"), id: field("id"), data: serde_json::from_str(&field("data")).unwrap() }
        })
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "actors come from outside")]
fn client() -> reqwest::ClientBuilder {
    // One client after the other says so; the first one counts.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().timeout(Duration::from_secs(60)).no_proxy()
}
