//! What goes wrong, as clients see it: a stable code and a sentence, never internals.

use async_graphql::{Error, ErrorExtensions};
use frontoffice_domain::{db::with_causes, fault::Fault};

/// Every code there is, with what it means. The documentation and the tests read this list.
pub const CODES: &[(&str, &str)] = &[
    ("CURSOR_INVALID", "A cursor is not one that was handed out for this list"),
    ("GRAPHQL_PARSE_FAILED", "The document is not GraphQL"),
    ("GRAPHQL_VALIDATION_FAILED", "The document does not fit the schema"),
    ("INPUT_INVALID", "An argument is not as it must be"),
    ("INTERNAL", "Something went wrong on our side"),
    ("INTROSPECTION_DISABLED", "The schema cannot be asked for here without signing in"),
    ("LIMIT_EXCEEDED", "The document asks for too much; `limit` names what is too much"),
    ("NOT_ALLOWED", "The caller lacks a permission"),
    ("NOT_FOUND", "There is no such thing that the caller may know of"),
    ("NOT_SIGNED_IN", "This is for those who are signed in"),
    ("OPERATION_UNKNOWN", "The document has no such operation, or several and none is named"),
    ("RATE_LIMITED", "This was asked for too often; `retryAfter` says in how many seconds it may be asked for again"),
    ("REASON_REQUIRED", "The caller has the permission only for a stated reason"),
    ("UNAVAILABLE", "The store does not answer right now"),
];

/// An expected error.
pub(crate) fn refuse(code: &'static str, message: impl Into<String>) -> Error {
    Error::new(message).extend_with(|_, extensions| extensions.set("code", code))
}

/// What is for those who are signed in was asked for by somebody who is not signed in.
pub(crate) fn not_signed_in() -> Error {
    refuse("NOT_SIGNED_IN", "This is for those who are signed in.")
}

/// An act could not be done: logged here, once, and told without internals.
pub(crate) fn failed(fault: Fault) -> Error {
    match &fault {
        Fault::Denied(permission) => refuse("NOT_ALLOWED", format!("This needs the permission `{permission}`.")),
        Fault::ReasonMissing(permission) => refuse(
            "REASON_REQUIRED",
            format!(
                "You have the permission `{permission}` only for a reason: state it in the header `X-Access-Reason`; it is noted."
            ),
        ),
        fault if fault.is_absence() => {
            tracing::error!(error = %with_causes(fault), "the store is not available");
            refuse("UNAVAILABLE", "The store does not answer; please try again in a moment.")
        }
        _ => {
            tracing::error!(error = %with_causes(&fault), "a field failed");
            internal()
        }
    }
}

/// Something that cannot be, is.
pub(crate) fn internal() -> Error {
    refuse("INTERNAL", "The request failed for a reason that lies with us.")
}
