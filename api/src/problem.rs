//! Problems: errors as RFC 9457 describes them, with codes that stay.

use std::{any::Any, borrow::Cow};

use axum::{
    Json,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use frontoffice_domain::{db::with_causes, fault::Fault};
use serde::Serialize;

/// Every code there is, with what it means. The documentation and the tests read this list.
pub const CODES: &[(&str, StatusCode, &str)] = &[
    ("body_not_json", StatusCode::BAD_REQUEST, "The body is not JSON"),
    ("body_not_utf8", StatusCode::BAD_REQUEST, "The body is not UTF-8"),
    ("body_too_slow", StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time"),
    ("body_too_large", StatusCode::PAYLOAD_TOO_LARGE, "The body is too large"),
    ("body_unreadable", StatusCode::BAD_REQUEST, "The body could not be read"),
    ("business_unknown", StatusCode::NOT_FOUND, "There is no such business"),
    ("content_type_unsupported", StatusCode::UNSUPPORTED_MEDIA_TYPE, "The content type is not supported"),
    ("cross_site", StatusCode::FORBIDDEN, "Calls from other sites are not accepted here"),
    ("csrf_failed", StatusCode::FORBIDDEN, "The change does not prove that it comes from our own page"),
    ("cursor_invalid", StatusCode::BAD_REQUEST, "The cursor is not one of ours"),
    ("graphql_request_invalid", StatusCode::BAD_REQUEST, "The request is not one of GraphQL over HTTP"),
    ("header_invalid", StatusCode::BAD_REQUEST, "A header is invalid"),
    ("identification_required", StatusCode::FORBIDDEN, "The business wants to know who its visitors are"),
    ("identity_invalid", StatusCode::UNAUTHORIZED, "What the website says of the visitor cannot be believed"),
    ("idempotency_key_reused", StatusCode::CONFLICT, "The key was used before with another body"),
    ("internal", StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side"),
    ("limit_reached", StatusCode::CONFLICT, "The plan has no room for it"),
    ("login_failed", StatusCode::UNAUTHORIZED, "E-mail or password are wrong"),
    ("login_throttled", StatusCode::TOO_MANY_REQUESTS, "Too many attempts to sign in"),
    ("message_unknown", StatusCode::NOT_FOUND, "There is no such answer"),
    ("method_not_allowed", StatusCode::METHOD_NOT_ALLOWED, "The method is not allowed here"),
    ("not_a_member", StatusCode::FORBIDDEN, "This account is on no such team"),
    ("not_allowed", StatusCode::FORBIDDEN, "The permission is missing"),
    ("not_acceptable", StatusCode::NOT_ACCEPTABLE, "Nothing that the client accepts can be given"),
    ("not_found", StatusCode::NOT_FOUND, "There is nothing here"),
    ("not_signed_in", StatusCode::UNAUTHORIZED, "Nobody is signed in"),
    ("origin_not_allowed", StatusCode::FORBIDDEN, "The widget key is not good on this website"),
    ("pricebook_draft_none", StatusCode::NOT_FOUND, "There is no draft of the pricebook"),
    ("pricebook_frozen", StatusCode::CONFLICT, "The draft was submitted and is frozen"),
    ("pricebook_none", StatusCode::NOT_FOUND, "There is no such pricebook"),
    ("public_chat_disabled", StatusCode::FORBIDDEN, "This business does not chat with strangers here"),
    ("password_wrong", StatusCode::FORBIDDEN, "The present password is another"),
    ("query_invalid", StatusCode::BAD_REQUEST, "The query string cannot be read"),
    ("rate_limited", StatusCode::TOO_MANY_REQUESTS, "Too many calls"),
    ("reason_required", StatusCode::FORBIDDEN, "This needs a stated reason"),
    ("reset_link_invalid", StatusCode::NOT_FOUND, "The link is not good, or no longer"),
    ("revision_conflict", StatusCode::CONFLICT, "Somebody else changed it meanwhile"),
    ("session_ambiguous", StatusCode::CONFLICT, "Several conversations have this session id"),
    ("session_required", StatusCode::FORBIDDEN, "This needs a session; an API key has none"),
    ("session_unknown", StatusCode::NOT_FOUND, "There is no such conversation"),
    ("statement_none", StatusCode::NOT_FOUND, "There is no such statement"),
    ("tenant_required", StatusCode::CONFLICT, "The account is on several teams"),
    ("turn_unknown", StatusCode::NOT_FOUND, "There is no such turn"),
    ("unavailable", StatusCode::SERVICE_UNAVAILABLE, "The service is not available right now"),
    ("visitor_credits_spent", StatusCode::TOO_MANY_REQUESTS, "The visitor's credits for today are used up"),
    ("visitor_token_invalid", StatusCode::UNAUTHORIZED, "The visitor token is not good"),
    ("widget_key_invalid", StatusCode::UNAUTHORIZED, "The widget key is not good"),
    ("widget_key_missing", StatusCode::UNAUTHORIZED, "The widget key is missing"),
    ("upgrade_required", StatusCode::UPGRADE_REQUIRED, "This route speaks WebSocket"),
    ("validation_failed", StatusCode::UNPROCESSABLE_ENTITY, "Something that was sent is not as it must be"),
];

/// One field that is not as it must be.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FieldError {
    pub(crate) path: Cow<'static, str>,
    pub(crate) message: String,
}

/// A tenant somebody may sign in to.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TenantChoice {
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) name: String,
}

/// What a problem tells besides.
#[derive(Clone, Debug)]
enum More {
    Nothing,
    /// Between which tenants to choose.
    Tenants(Vec<TenantChoice>),
    /// At which revision it is now.
    Revision(i64),
}

/// An error on its way out. The request's id is added by [`request`](crate::request), which knows it.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    code: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    more: More,
    headers: Vec<(header::HeaderName, HeaderValue)>,
}

impl Problem {
    pub(crate) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), more: More::Nothing, headers: Vec::new() }
    }

    pub(crate) fn fields(errors: Vec<FieldError>) -> Self {
        let detail = errors.iter().map(|error| format!("`{}` {}", error.path, error.message)).collect::<Vec<_>>().join("; ");
        Self { errors, ..Self::new("validation_failed", detail) }
    }

    /// One field is not as it must be.
    pub(crate) fn field(path: &'static str, message: impl Into<String>) -> Self {
        Self::fields(vec![FieldError { path: path.into(), message: message.into() }])
    }

    /// A query string cannot be read.
    pub(crate) fn query<E>(_: E) -> Self {
        Self::new("query_invalid", "A name stands twice in the query string, or it cannot be read.")
    }

    /// Tells between which tenants to choose.
    pub(crate) fn choices(mut self, tenants: Vec<TenantChoice>) -> Self {
        self.more = More::Tenants(tenants);
        self
    }

    /// Tells at which revision it is now.
    pub(crate) fn revision(mut self, revision: i64) -> Self {
        self.more = More::Revision(revision);
        self
    }

    /// Its code and its sentence, where it is told in another form.
    pub(crate) fn told(&self) -> (&'static str, &str) {
        (self.code, &self.detail)
    }

    /// Whether the same may do later what it did not do now.
    pub(crate) fn is_passing(&self) -> bool {
        let (status, _) = self.known();
        status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS
    }

    pub(crate) fn header(mut self, name: header::HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    fn known(&self) -> (StatusCode, &'static str) {
        CODES
            .iter()
            .find(|(code, ..)| *code == self.code)
            .map_or((StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong on our side"), |(_, status, title)| {
                (*status, *title)
            })
    }

    /// The response, once the request's id is known.
    pub(crate) fn render(&self, request_id: &str) -> Response {
        #[derive(Serialize)]
        struct Body<'a> {
            r#type: String,
            title: &'a str,
            status: u16,
            detail: &'a str,
            code: &'a str,
            request_id: &'a str,
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            errors: &'a [FieldError],
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            tenants: &'a [TenantChoice],
            #[serde(skip_serializing_if = "Option::is_none")]
            revision: Option<i64>,
        }
        let (status, title) = self.known();
        let (tenants, revision) = match &self.more {
            More::Nothing => (&[][..], None),
            More::Tenants(tenants) => (tenants.as_slice(), None),
            More::Revision(revision) => (&[][..], Some(*revision)),
        };
        let body = Body {
            r#type: format!("urn:frontoffice:problem:{}", self.code),
            title,
            status: status.as_u16(),
            detail: &self.detail,
            code: self.code,
            request_id,
            errors: &self.errors,
            tenants,
            revision,
        };
        let mut response = (status, Json(body)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        for (name, value) in &self.headers {
            response.headers_mut().insert(name, value.clone());
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.known().0.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Unexpected: logged here, once, and told without internals.
impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Denied(permission) => Self::new("not_allowed", format!("This needs the permission `{permission}`.")),
            Fault::ReasonMissing(permission) => Self::new(
                "reason_required",
                format!(
                    "You have the permission `{permission}` only for a reason: state it in the header `X-Access-Reason`; it is noted."
                ),
            ),
            fault if fault.is_absence() => {
                tracing::error!(error = %with_causes(&fault), "the store is not available");
                Self::new("unavailable", "The store does not answer; please try again in a moment.")
                    .header(header::RETRY_AFTER, HeaderValue::from_static("2"))
            }
            fault if fault.is_uncertain() => {
                tracing::error!(error = %with_causes(&fault), "the store went away before it said whether it kept something");
                Self::new(
                    "unavailable",
                    "The store went away before it said whether this was kept. Please send it again with the same key: what was kept is not done twice.",
                )
                .header(header::RETRY_AFTER, HeaderValue::from_static("2"))
            }
            _ => {
                tracing::error!(error = %with_causes(&fault), "a request failed");
                Self::new(
                    "internal",
                    "The request failed for a reason that lies with us. Nothing was changed by it, or it was changed as a whole; sending it again with the same key is safe.",
                )
            }
        }
    }
}

pub(crate) async fn no_such_route() -> Problem {
    Problem::new("not_found", "There is no such route.")
}

pub(crate) async fn no_such_method(method: Method) -> Problem {
    Problem::new("method_not_allowed", format!("`{method}` is not allowed here; see the `Allow` header."))
}

/// A handler that panicked. What it said is not repeated: it may hold what somebody wrote.
pub(crate) fn panicked(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a handler panicked");
    Problem::new("internal", "The request failed for a reason that lies with us.").into_response()
}
