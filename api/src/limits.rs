//! Reading bodies: how large they may be, and what they must be.

use std::time::Duration;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, header},
};
use frontoffice_domain::pricing::sheet;
use futures_util::StreamExt;
use serde_json::{Map, Value};

use crate::problem::{FieldError, Problem};

/// The largest body of a chat route.
pub(crate) const CHAT_BODY: usize = 64 * 1024;

/// The largest body of a route that needs only a few short fields.
pub(crate) const SMALL_BODY: usize = 16 * 1024;

/// The largest body with files in it.
pub(crate) const FILES_BODY: usize = 10 * 1024 * 1024;

/// How long a body with files may take to arrive.
const FILES_TIME: Duration = Duration::from_secs(120);

/// How long another body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(20);

/// The body's JSON object.
pub(crate) async fn json_object(request: Request<Body>, limit: usize) -> Result<Map<String, Value>, Problem> {
    require_json(request.headers())?;
    let bytes = within(BODY_TIME, request.into_body(), limit).await?;
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        Problem::new("body_not_utf8", format!("The body must be UTF-8; byte {} is not.", error.valid_up_to()))
    })?;
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(Problem::new("body_not_json", "The body must be a JSON object: `{…}`.")),
        // serde_json's own words would repeat what was sent.
        Err(error) => Err(Problem::new(
            "body_not_json",
            format!("The body must be a JSON object; it stops being JSON at line {}, column {}.", error.line(), error.column()),
        )),
    }
}

/// A body that is a file, as it is.
pub(crate) async fn file(body: Body) -> Result<Vec<u8>, Problem> {
    within(FILES_TIME, body, FILES_BODY).await
}

/// A body that is a pricebook's file, as it is.
pub(crate) async fn sheet(body: Body) -> Result<Vec<u8>, Problem> {
    within(FILES_TIME, body, sheet::LARGEST_FILE).await
}

async fn within(time: Duration, body: Body, limit: usize) -> Result<Vec<u8>, Problem> {
    tokio::time::timeout(time, read(body, limit))
        .await
        .map_err(|_| Problem::new("body_too_slow", "The body did not arrive in time."))?
}

fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let wrong = |found: &str| {
        Problem::new("content_type_unsupported", format!("The content type must be `application/json`; this is {found}."))
    };
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Err(wrong("none")) };
    let value = value.to_str().map_err(|_| wrong("unreadable"))?.to_ascii_lowercase();
    let mut parts = value.split(';').map(str::trim);
    if parts.next() != Some("application/json") {
        return Err(wrong("another"));
    }
    match parts.find_map(|part| part.strip_prefix("charset=")) {
        None | Some("utf-8" | "\"utf-8\"" | "utf8") => Ok(()),
        Some(_) => Err(wrong("JSON in another charset than UTF-8")),
    }
}

/// So much of a body that is too large is read and thrown away: a client that is still writing would not hear the answer.
const PATIENCE: usize = 1024 * 1024;

async fn read(body: Body, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut stream = body.into_data_stream();
    let (mut bytes, mut seen) = (Vec::new(), 0_usize);
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Problem::new("body_unreadable", "The body ended before it was complete."))?;
        seen = seen.saturating_add(chunk.len());
        if seen <= limit {
            bytes.extend_from_slice(&chunk);
        } else if seen > limit.saturating_add(PATIENCE) {
            break;
        }
    }
    if seen > limit {
        Err(Problem::new("body_too_large", format!("The body may have at most {limit} bytes.")))
    } else {
        Ok(bytes)
    }
}

/// Reads the fields of a body and collects everything that is wrong with them, so that it is told at once.
pub(crate) struct Fields {
    fields: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Fields {
    pub(crate) fn new(fields: Map<String, Value>) -> Self {
        Self { fields, errors: Vec::new() }
    }

    /// A text that must be there.
    pub(crate) fn required<T>(&mut self, path: &'static str, parse: impl FnOnce(String) -> Result<T, String>) -> Option<T> {
        if matches!(self.fields.get(path), None | Some(Value::Null)) {
            self.wrong(path, "is required");
            return None;
        }
        self.optional(path, parse)
    }

    /// A text that may be missing or `null`.
    pub(crate) fn optional<T>(&mut self, path: &'static str, parse: impl FnOnce(String) -> Result<T, String>) -> Option<T> {
        match self.fields.remove(path) {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => match parse(text) {
                Ok(value) => Some(value),
                Err(message) => {
                    self.wrong(path, message);
                    None
                }
            },
            Some(other) => {
                self.wrong(path, format!("must be a string, not {}", kind(&other)));
                None
            }
        }
    }

    /// A yes or no that may be missing or `null`, which is no.
    pub(crate) fn flag(&mut self, path: &'static str) -> bool {
        match self.fields.remove(path) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(flag)) => flag,
            Some(other) => {
                self.wrong(path, format!("must be true or false, not {}", kind(&other)));
                false
            }
        }
    }

    pub(crate) fn wrong(&mut self, path: &'static str, message: impl Into<String>) {
        self.errors.push(FieldError { path: path.into(), message: message.into() });
    }

    /// The problem, if there is any.
    pub(crate) fn problem(self) -> Problem {
        Problem::fields(self.errors)
    }

    pub(crate) fn is_fine(&self) -> bool {
        self.errors.is_empty()
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
