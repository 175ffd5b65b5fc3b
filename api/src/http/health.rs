//! Is this process alive, is it ready, and what does it depend on.

use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use frontoffice_domain::tenancy::Platform;
use serde::Serialize;

use crate::Api;

/// Workers whose last look is longer ago are not working.
const LAST_LOOK: Duration = Duration::from_secs(15);
/// How long the store may take to answer a health check.
const STORE: Duration = Duration::from_secs(3);

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
    last_look_at: Option<String>,
}

#[derive(Serialize)]
struct Model {
    status: &'static str,
    name: String,
}

/// Ready for work: 200, or 503 with what is missing.
pub(crate) async fn ready(State(api): State<Api>) -> impl IntoResponse {
    let health = look(&api).await;
    let code = if health.status == "ok" { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(health))
}

/// The same for people and dashboards.
pub(crate) async fn health(state: State<Api>) -> impl IntoResponse {
    ready(state).await
}

async fn look(api: &Api) -> Health {
    let store = matches!(tokio::time::timeout(STORE, api.db.ping(&Platform::of_this_process())).await, Ok(Ok(())));
    let last = api.pulse.as_ref().map(|pulse| pulse.last());
    let workers = match last {
        None => "elsewhere",
        Some(Some(at)) if api.clock.now().since(at) < LAST_LOOK => "ok",
        Some(_) => "silent",
    };
    let stopping = api.stop.is_cancelled();
    let fine = store && workers != "silent" && !stopping;
    Health {
        status: if stopping {
            "stopping"
        } else if fine {
            "ok"
        } else {
            "unavailable"
        },
        version: env!("CARGO_PKG_VERSION"),
        checks: Checks {
            store: if store { "ok" } else { "unreachable" },
            bus: "ok",
            workers: Workers { status: workers, last_look_at: last.flatten().map(|at| at.to_string()) },
            model: Model { status: "ok", name: api.config.model.clone() },
        },
    }
}
