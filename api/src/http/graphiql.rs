//! `/graphiql`: a page for trying the schema, made of files of our own only. Nothing loads from elsewhere, and the page may not.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use frontoffice_domain::{identity, pricing::rules::hex};

use crate::{Api, problem::Problem, revalidate::revalidated};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; \
    font-src 'self' data:; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// A file as it is kept.
enum Kept {
    /// As it is.
    Plain(&'static str),
    /// Compressed by gzip, which every browser reads.
    Packed(&'static [u8]),
}

const FILES: [(&str, &str, Kept); 6] = [
    ("", HTML, Kept::Plain(include_str!("../../assets/graphiql/index.html"))),
    ("start.js", SCRIPT, Kept::Plain(include_str!("../../assets/graphiql/start.js"))),
    ("react.js", SCRIPT, Kept::Packed(include_bytes!("../../assets/graphiql/react.js.gz"))),
    ("react-dom.js", SCRIPT, Kept::Packed(include_bytes!("../../assets/graphiql/react-dom.js.gz"))),
    ("graphiql.js", SCRIPT, Kept::Packed(include_bytes!("../../assets/graphiql/graphiql.js.gz"))),
    ("graphiql.css", STYLE, Kept::Packed(include_bytes!("../../assets/graphiql/graphiql.css.gz"))),
];

/// `GET /graphiql`: the page.
pub(crate) async fn page(State(api): State<Api>, headers: HeaderMap) -> Result<Response, Problem> {
    serve(&api, "", &headers)
}

/// `GET /graphiql/{file}`: what it is made of.
pub(crate) async fn file(
    State(api): State<Api>,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    // A name that cannot be read is none of ours.
    serve(&api, name.as_deref().map_or("?", String::as_str), &headers)
}

fn serve(api: &Api, name: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    let found = FILES.iter().find(|(known, ..)| *known == name).filter(|_| api.config.graphiql);
    let Some((_, media_type, kept)) = found else { return Err(Problem::new("not_found", "There is nothing here.")) };
    let mut response = revalidated(headers, &tag(kept), || match kept {
        Kept::Plain(text) => text.into_response(),
        Kept::Packed(bytes) => ([(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))], *bytes).into_response(),
    });
    let more = response.headers_mut();
    more.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    more.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    more.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    Ok(response)
}

/// Another file, another tag. A packed one ends with the check sum and the size of what is in it.
fn tag(kept: &Kept) -> String {
    match kept {
        Kept::Plain(text) => hex(&identity::hash(&[text])),
        Kept::Packed(bytes) => hex(bytes.last_chunk::<8>().map_or(&[][..], |end| end)),
    }
}
