//! `GET /api/chat/turns/{turn_id}/events`: one answer, as it is made.

use axum::{
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use frontoffice_domain::{
    chat::{self, SessionId, View},
    id::TurnId,
    identity::{Caller, VisitorKey},
    tenancy::{self, Scope},
};
use serde::Deserialize;

use super::chat::{business_unknown, enter};
use crate::{
    Api,
    caller::{self, Incoming},
    problem::Problem,
    sse::{self, Resume},
};

/// How the visitor names the turn's conversation.
#[derive(Deserialize)]
pub(crate) struct Named {
    session_id: Option<String>,
    business_id: Option<String>,
}

pub(crate) fn turn_unknown() -> Problem {
    Problem::new("turn_unknown", "There is no such turn in a conversation of this visitor.")
}

/// The turn a path names.
pub(crate) fn turn(named: Result<Path<String>, PathRejection>) -> Result<TurnId, Problem> {
    named.map_err(|_| turn_unknown())?.parse().map_err(|_| turn_unknown())
}

/// As whom a caller has this turn: as a visitor, or as an operator who talks to the assistant. Whoever shows a bearer token is no visitor.
pub(crate) async fn scope_with(
    api: &Api,
    incoming: &Incoming,
    business: Option<String>,
    visitor: VisitorKey,
    turn: TurnId,
    state_change: bool,
) -> Result<Scope, Problem> {
    let has = async |scope: Scope| {
        let reader = scope.clone();
        let view = api.db.read(&scope, async move |mut conn| chat::look_at_turn(&mut conn, &reader, turn).await).await?;
        Ok::<_, Problem>((!matches!(view, View::Unknown)).then_some(scope))
    };
    let mut refused = turn_unknown();
    if !incoming.headers.contains_key(header::AUTHORIZATION) {
        match enter(api, business.clone(), Caller::PublicVisitor(visitor)).await {
            Ok(scope) => {
                if let Some(scope) = has(scope).await? {
                    return Ok(scope);
                }
            }
            Err(problem) => refused = problem,
        }
    }
    let Some(who) = caller::signed_in_if_any(incoming, api, state_change).await? else { return Err(refused) };
    let entered = tenancy::enter_named(&api.db, &who, business, api.clock.now()).await?;
    let (_, scope) = entered.ok_or_else(business_unknown)?;
    has(scope.as_visitor()?).await?.ok_or_else(turn_unknown)
}

/// Handles the route.
pub(crate) async fn of_turn(
    State(api): State<Api>,
    path: Result<Path<String>, PathRejection>,
    named: Result<Query<Named>, QueryRejection>,
    incoming: Incoming,
) -> Result<Response, Problem> {
    let headers = &incoming.headers;
    caller::require_same_origin(headers, &api.config)?;
    let turn = turn(path)?;
    let Query(named) =
        named.map_err(|_| Problem::new("query_invalid", "A name stands twice in the query string, or it cannot be read."))?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    if last == Some(sse::DONE_ID) {
        // Everything was heard: 204 tells a browser's EventSource not to come back.
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let session_id = named.session_id.and_then(|text| SessionId::parse(text).ok());
    // A cookie says who the caller is; a session id beside it cannot make it somebody else.
    let visitor = caller::visitor(headers, &api.key, incoming.address, session_id, None);
    let scope = scope_with(&api, &incoming, named.business_id, visitor.key, turn, false).await?;
    Ok(sse::of_turn(api.clone(), scope, turn, Resume::after(last)))
}
