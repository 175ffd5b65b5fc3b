//! Pages for people, with nothing on them that comes from elsewhere.

pub(crate) mod account;
pub(crate) mod demo;
pub(crate) mod document;
pub(crate) mod statement;
pub(crate) mod websites;

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use frontoffice_domain::{identity, pricing::rules::hex};

use crate::revalidate::revalidated;

/// A file that is part of the program.
pub(crate) struct Asset {
    /// Its media type.
    pub(crate) media: &'static str,
    /// What it says.
    pub(crate) text: &'static str,
}

impl Asset {
    /// The file, or 304 if the browser has it.
    pub(crate) fn serve(&self, headers: &HeaderMap) -> Response {
        let tag = hex(&identity::hash(&[self.text]));
        let mut response = revalidated(headers, &tag, || self.text.into_response());
        let fields = response.headers_mut();
        fields.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.media));
        fields.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    }
}

/// A page whose scripts, styles and calls are this host's own.
pub(crate) fn page(html: String) -> Response {
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
        base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    page_with(html, POLICY)
}

/// A page that may load what its policy says.
pub(crate) fn page_with(html: String, policy: &str) -> Response {
    let fields: [(HeaderName, HeaderValue); 4] = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    ];
    let mut response = (fields, html).into_response();
    // A policy that cannot be a header would be a page without one.
    let policy = HeaderValue::from_str(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// Text as it may stand in HTML, also in an attribute.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
