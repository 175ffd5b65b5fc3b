//! The doors of Frontoffice: HTTP over the acts of the domain.
//!
//! Invariants: a handler translates one act's outcome and decides nothing about tables, transactions or money; every response carries
//! `X-Request-Id`; every error is a problem (RFC 9457) with a stable code; nothing a visitor wrote is logged.

// What answers a GraphQL request is one future inside another, deeper than compilers follow by default.
#![recursion_limit = "256"]

mod caller;
mod doors;
mod guest;
mod http;
mod limits;
mod origin;
mod pages;
pub mod prices;
mod problem;
mod rates;
mod request;
mod revalidate;
mod routes;
mod sightings;
mod signed_in;
mod sse;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    http::{HeaderName, HeaderValue, Method},
    middleware, routing,
};
use frontoffice_domain::{
    bus::Bus,
    clock::Clock,
    credit::Budgets,
    db::Db,
    identity::{Accounts, InstanceKey, SessionLengths},
    money::Credits,
    pulse::Pulse,
    rate::Rates,
};
use tokio_util::sync::CancellationToken;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowOrigin, CorsLayer},
};

pub use crate::{
    doors::serve,
    http::widget::{code::tag as script_tag, script::keep as keep_widget_script},
    origin::Origin,
    problem::CODES,
    routes::{Needs, Route, routes},
    sightings::Sightings,
};

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
    /// What answers may take at most.
    pub budgets: Budgets,
    /// Whom personas may name, the usual one first.
    pub models: Vec<String>,
    /// What all answers to a visitor may take in a day.
    pub visitor_credits: Credits,
    /// Whether there is a page to try the product on.
    pub demo: bool,
    /// How long sessions last.
    pub sessions: SessionLengths,
    /// Where portals on other hosts run that may call with a bearer token.
    pub portal_origins: Vec<Origin>,
    /// Whether businesses may sign up by themselves.
    pub open_sign_up: bool,
    /// The model's name, for health.
    pub model: String,
    /// The origins of this host's own pages that show the widget of the platform's own tenant; none in production.
    pub own_pages: Vec<String>,
    /// Whether there is a page for trying GraphQL.
    pub graphiql: bool,
    /// How long what a widget key was is good still once it is another, unless something else is said.
    pub key_overlap: Duration,
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
    /// What was noted lately beside requests.
    pub sightings: Sightings,
    /// Signs and recognises visitors.
    pub key: InstanceKey,
    /// Makes accounts, and looks at passwords.
    pub accounts: Accounts,
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
    let graphql = Router::new()
        .route("/graphql", routing::get(http::graphql::get).post(http::graphql::post))
        .route("/graphql/ws", routing::get(http::socket::connect))
        .with_state(door);
    let doors = routes::doors();
    let portals = doors.portals.merge(graphql);
    let portals = match cors(&api.config) {
        // What answers other methods is set first: a layer covers what is there, and a browser asks with one of those.
        Some(cors) => portals.method_not_allowed_fallback(problem::no_such_method).layer(cors),
        None => portals,
    };
    // The same: a browser asks before it lets a page of another host show the key.
    let admit = middleware::from_fn_with_state(api.clone(), http::widget::admit);
    let widget = doors.widget.method_not_allowed_fallback(problem::no_such_method).layer(admit);
    let admit_page = middleware::from_fn_with_state(api.clone(), http::widget::admit_page);
    let website = doors.website.method_not_allowed_fallback(problem::no_such_method).layer(admit_page);
    finish(doors.own.merge(portals).merge(widget).merge(website), api)
}

/// Lets the pages of portals on other hosts call, without cookies: they show a bearer token.
fn cors(config: &Config) -> Option<CorsLayer> {
    let origins: Vec<HeaderValue> = config.portal_origins.iter().filter_map(|origin| origin.to_string().parse().ok()).collect();
    let asked = ["authorization", "content-type", "idempotency-key", "last-event-id", "prefer", "x-access-reason"];
    let told = ["ratelimit", "ratelimit-policy", "retry-after", "x-request-id"];
    (!origins.is_empty()).then(|| {
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins))
            .allow_methods([Method::GET, Method::POST])
            .allow_headers(asked.map(HeaderName::from_static))
            .expose_headers(told.map(HeaderName::from_static))
            .max_age(Duration::from_secs(600))
    })
}

/// The routes of a process that only works: how it is.
pub fn router_of_workers(api: Api) -> Router {
    finish(Router::new(), api)
}

/// Adds what every process has.
fn finish(routes: Router<Api>, api: Api) -> Router {
    routes
        .merge(routes::health().own)
        .fallback(problem::no_such_route)
        .method_not_allowed_fallback(problem::no_such_method)
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(middleware::from_fn(request::number_and_log))
        .with_state(api)
}
