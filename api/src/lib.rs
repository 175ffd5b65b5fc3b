//! The doors of Frontoffice: HTTP over the acts of the domain.
//!
//! Invariants: a handler translates one act's outcome and decides nothing about tables, transactions or money; every response carries
//! `X-Request-Id`; every error is a problem (RFC 9457) with a stable code; nothing a visitor wrote is logged.

mod caller;
mod doors;
mod http;
mod limits;
mod origin;
mod pages;
mod problem;
mod rates;
mod request;
mod revalidate;
mod signed_in;
mod sse;

use std::{sync::Arc, time::Duration};

use axum::{Router, middleware, routing};
use frontoffice_domain::{
    bus::Bus,
    clock::Clock,
    credit::Budget,
    db::Db,
    identity::{InstanceKey, Passwords, SessionLengths},
    money::Credits,
    pulse::Pulse,
    rate::Rates,
};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;

pub use crate::{doors::serve, origin::Origin, problem::CODES};

/// How the doors are set. Every number is a setting.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the outside reaches this host: same-origin checks, cookies and links follow it.
    pub public_url: Origin,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<ipnet::IpNet>,
    /// How long a chat request waits for its answer unless it says otherwise.
    pub wait: Duration,
    /// The longest a chat request may ask to wait.
    pub longest_wait: Duration,
    /// What an answer may take at most.
    pub budget: Budget,
    /// What all answers to a visitor may take in a day.
    pub visitor_credits: Credits,
    /// Whether there is a page to try the product on.
    pub demo: bool,
    /// How long sessions last.
    pub sessions: SessionLengths,
    /// The model's name, for health.
    pub model: String,
    /// Whether there is a page for trying GraphQL.
    pub graphiql: bool,
}

/// What the doors open to. Clones are the same.
#[derive(Clone)]
pub struct Api {
    /// The store.
    pub db: Db,
    /// The bus.
    pub bus: Bus,
    /// The time.
    pub clock: Clock,
    /// Counts how often somebody calls.
    pub rates: Rates,
    /// Signs and recognises visitors.
    pub key: InstanceKey,
    /// Looks at passwords.
    pub passwords: Passwords,
    /// When this process' workers last looked at the queue; `None` where no workers run.
    pub pulse: Option<Pulse>,
    /// Settings.
    pub config: Arc<Config>,
    /// Cancelled when the process is to stop: who waits is told to come back.
    pub stop: CancellationToken,
}

/// All routes.
pub fn router(api: Api) -> Router {
    let door = http::graphql::Door::new(api.clone());
    let graphql = Router::new().route("/graphql", routing::get(http::graphql::get).post(http::graphql::post)).with_state(door);
    let routes = Router::new()
        .route("/api/auth/login", routing::post(http::auth::log_in))
        .route("/api/auth/logout", routing::post(http::auth::log_out))
        .route("/api/auth/me", routing::get(http::auth::me))
        .route("/api/chat", routing::post(http::chat::send))
        .route("/api/chat/history/{session_id}", routing::get(http::history::of_session))
        .route("/api/chat/turns/{turn_id}/events", routing::get(http::events::of_turn))
        .route("/api/pricebook", routing::get(http::pricebook::current))
        .route("/api/pricebook/versions/{number}", routing::get(http::pricebook::version))
        .route("/.well-known/pricebook.json", routing::get(http::pricebook::log))
        .route("/demo", routing::get(pages::demo::show))
        .route("/demo/demo.css", routing::get(pages::demo::style))
        .route("/demo/demo.js", routing::get(pages::demo::script))
        .route("/demo/turns/{turn_id}", routing::get(pages::demo::behind))
        .route("/graphiql", routing::get(http::graphiql::page))
        .route("/graphiql/{file}", routing::get(http::graphiql::file))
        .merge(graphql);
    finish(routes, api)
}

/// The routes of a process that only works: how it is.
pub fn router_of_workers(api: Api) -> Router {
    finish(Router::new(), api)
}

/// Adds what every process has.
fn finish(routes: Router<Api>, api: Api) -> Router {
    routes
        .route("/api/health", routing::get(http::health::health))
        .route("/livez", routing::get(http::health::live))
        .route("/readyz", routing::get(http::health::ready))
        .fallback(problem::no_such_route)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(middleware::from_fn(request::number_and_log))
        .with_state(api)
}
