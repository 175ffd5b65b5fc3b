//! `GET /api/chat/turns/{turn_id}/events`: one answer, as it is made.

use std::net::SocketAddr;

use axum::{
    extract::{
        ConnectInfo, Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use frontoffice_domain::{
    chat::{self, SessionId, View},
    id::TurnId,
    identity::Caller,
};
use serde::Deserialize;

use super::chat::enter;
use crate::{
    Api, caller,
    problem::Problem,
    sse::{self, Resume},
};

/// How the visitor names the turn's conversation.
#[derive(Deserialize)]
pub(crate) struct Named {
    session_id: Option<String>,
    business_id: Option<String>,
}

/// Handles the route.
pub(crate) async fn of_turn(
    State(api): State<Api>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    turn: Result<Path<String>, PathRejection>,
    named: Result<Query<Named>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    caller::require_same_origin(&headers, &api.config)?;
    let unknown = || Problem::new("turn_unknown", "There is no such turn in a conversation of this visitor.");
    let turn: TurnId = turn.map_err(|_| unknown())?.parse().map_err(|_| unknown())?;
    let Query(named) =
        named.map_err(|_| Problem::new("query_invalid", "A name stands twice in the query string, or it cannot be read."))?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    if last == Some(sse::DONE_ID) {
        // Everything was heard: 204 tells a browser's EventSource not to come back.
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let address = caller::address(peer.ip(), &headers, &api.config.trusted_proxies);
    let session_id = named.session_id.and_then(|text| SessionId::parse(text).ok());
    // A cookie says who the caller is; a session id beside it cannot make it somebody else.
    let visitor = caller::visitor(&headers, &api.key, address, session_id, None);
    let scope = enter(&api, named.business_id, Caller::PublicVisitor(visitor.key)).await?;
    let reader = scope.clone();
    let view = api.db.read(&scope, async move |mut conn| chat::look_at_turn(&mut conn, &reader, turn).await).await?;
    if matches!(view, View::Unknown) {
        return Err(unknown());
    }
    Ok(sse::of_turn(api, scope, turn, Resume::after(last)))
}
