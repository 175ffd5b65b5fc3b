//! What clients may keep if they ask each time whether it is still so (RFC 9110, conditional requests).

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

/// What `fresh` makes, with `tag` as its `ETag`, or 304 for who has it already. It may change at any instant, prices and a new version
/// of the program alike, so caches have to ask.
pub(crate) fn revalidated(headers: &HeaderMap, tag: &str, fresh: impl FnOnce() -> Response) -> Response {
    let tag = format!("\"{tag}\"");
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| matches!(known.trim(), "*") || known.trim().trim_start_matches("W/") == tag);
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { fresh() };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}
