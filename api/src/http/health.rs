//! Is this process alive, is it ready, and what does it depend on.

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use frontoffice_domain::{
    bus,
    health::{self, Workers as WorkersAre},
};
use serde::Serialize;

use crate::Api;

/// The process answers.
pub(crate) async fn live() -> &'static str {
    "ok\n"
}

/// What this process depends on.
#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
    checks: Checks,
}

#[derive(Serialize)]
struct Checks {
    store: &'static str,
    bus: &'static str,
    workers: Workers,
    model: Model,
}

#[derive(Serialize)]
struct Workers {
    status: &'static str,
    here: bool,
    last_look_at: Option<String>,
}

#[derive(Serialize)]
struct Model {
    status: &'static str,
    name: String,
}

/// Ready for work: 200, also where something is slower than it could be (`degraded`); or 503 with what is missing.
pub(crate) async fn ready(State(api): State<Api>) -> impl IntoResponse {
    let health = look(&api).await;
    let code = if matches!(health.status, "ok" | "degraded") { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(health))
}

/// The same for people and dashboards.
pub(crate) async fn health(state: State<Api>) -> impl IntoResponse {
    ready(state).await
}

async fn look(api: &Api) -> Health {
    let found = health::look(&api.db, &api.bus, &api.clock, api.pulse.as_ref(), api.stop.is_cancelled()).await;
    let status = match (found.is_ready(), found.is_degraded()) {
        _ if found.stopping => "stopping",
        (true, false) => "ok",
        (true, true) => "degraded",
        (false, _) => "unavailable",
    };
    let workers = match found.workers {
        WorkersAre::Ok => "ok",
        WorkersAre::Silent => "silent",
    };
    Health {
        status,
        version: env!("CARGO_PKG_VERSION"),
        checks: Checks {
            store: if found.store { "ok" } else { "unreachable" },
            bus: match found.bus {
                bus::State::Ok => "ok",
                bus::State::Degraded => "degraded",
            },
            workers: Workers { status: workers, here: found.works, last_look_at: found.last_look.map(|at| at.to_string()) },
            model: Model { status: "ok", name: api.config.model.clone() },
        },
    }
}
