//! `GET …/turns/{turn_id}/events` of both families: one answer, as it is made.

use axum::{
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::StatusCode,
    response::{IntoResponse, Response},
};
use frontoffice_domain::{chat::SessionId, id::TurnId};

use super::visitor::InQuery;
use crate::{
    Api,
    guest::{Arrival, Family, Named},
    problem::Problem,
    sse::{self, Resume},
};

pub(crate) fn turn_unknown() -> Problem {
    Problem::new("turn_unknown", "There is no such turn in a conversation of this visitor.")
}

/// The turn a path names.
pub(crate) fn turn(named: Result<Path<String>, PathRejection>) -> Result<TurnId, Problem> {
    named.map_err(|_| turn_unknown())?.parse().map_err(|_| turn_unknown())
}

/// Handles the routes.
pub(crate) async fn of_turn<F: Family>(
    State(api): State<Api>,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<InQuery>, QueryRejection>,
    arrival: Arrival<F>,
) -> Result<Response, Problem> {
    let turn = turn(path)?;
    let Query(query) = query.map_err(Problem::query)?;
    let last = arrival.incoming.headers.get("last-event-id").and_then(|value| value.to_str().ok());
    if last == Some(sse::DONE_ID) {
        // Everything was heard: 204 tells a browser's EventSource not to come back.
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let session = query.session_id.and_then(|text| SessionId::parse(text).ok());
    let guest = arrival.guest(&api, Named { session, business: query.business_id, key: None })?;
    let scope = arrival.scope_with(&api, &guest, turn, false).await?;
    Ok(sse::of_turn(api.clone(), scope, turn, Resume::after(last)))
}
