//! Every request gets a number and one line in the log, without anything its sender wrote.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use frontoffice_domain::id::RequestId;
use tracing::Instrument;

use crate::{problem::Problem, rates::Standings};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Numbers the request, runs it, completes problems with the number, and logs.
pub(crate) async fn number_and_log(mut request: Request, next: Next) -> Response {
    // Always our own: one from outside could be anything, and would stand in our logs.
    let id = RequestId::random();
    let shown = id.to_string();
    request.extensions_mut().insert(id);
    let standings = Standings::default();
    request.extensions_mut().insert(standings.clone());
    // The pattern, not the path: a path may hold what identifies a visitor.
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!("request", request = %id, method = %request.method(), route);
    async {
        let began = Instant::now();
        let mut response = next.run(request).await;
        if let Some(problem) = response.extensions_mut().remove::<Problem>() {
            // What was said besides on the way out goes for the problem too: which methods there are, which pages may read it.
            let said = std::mem::take(response.headers_mut());
            response = problem.render(&shown);
            let told = response.headers_mut();
            for (name, value) in said.iter().filter(|(name, _)| **name != header::CONTENT_LENGTH) {
                told.append(name, value.clone());
            }
        }
        let headers = response.headers_mut();
        headers.extend(standings.headers());
        if let Ok(value) = HeaderValue::from_str(&shown) {
            headers.insert(REQUEST_ID, value);
        }
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if !headers.contains_key(header::CACHE_CONTROL) {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        tracing::info!(status = response.status().as_u16(), micros = began.elapsed().as_micros(), "answered");
        response
    }
    .instrument(span)
    .await
}
