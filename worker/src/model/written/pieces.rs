//! What the events of all providers come down to.

use frontoffice_domain::chat::Usage;
use serde_json::Value;

/// Something an event says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// More of the answer.
    Text(String),
    /// A tool is called; by its name, with its first piece.
    Tool(Option<String>),
    /// The provider refuses, in its own way.
    Declined,
    /// What it all took.
    Usage(Usage),
    /// How many tokens were read.
    Read(u32),
    /// How many were written, so far.
    Written(u32),
    /// Why it ended.
    Finish(Finish),
    /// It ended, and not as answers end.
    BrokenOff,
    /// Nothing comes after this.
    End,
    /// Something went wrong there; its code, as ` (code)`.
    Error(String),
}

/// How a model ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finish {
    /// It was done.
    Done,
    /// It had used up its tokens.
    Full,
    /// It did not want to answer.
    Declined,
    /// It called a tool.
    Called,
}

/// A count of tokens.
pub(super) fn tokens(usage: &Value, name: &str) -> Option<u32> {
    usage.get(name).and_then(Value::as_u64).map(|tokens| u32::try_from(tokens).unwrap_or(u32::MAX))
}

/// An error's code or type, as ` (code)`, if it is a code and not words, which may be the visitor's.
pub(super) fn code_of(error: Option<&Value>) -> String {
    let text = |name| match error?.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let is_code = |code: &String| {
        (1..=64).contains(&code.len())
            && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
    };
    match text("code").filter(is_code).or_else(|| text("type").filter(is_code)) {
        Some(code) => format!(" ({code})"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_codes_are_kept_of_an_error() {
        for (error, kept) in [
            (json!({"code": "rate_limit_exceeded", "message": "sk-secret"}), " (rate_limit_exceeded)"),
            (json!({"code": null, "type": "server_error"}), " (server_error)"),
            (json!({"code": 529}), " (529)"),
            (json!({"code": "the visitor wrote: hello", "type": "invalid_request_error"}), " (invalid_request_error)"),
            (json!({"code": "x".repeat(65)}), ""),
            (json!("words"), ""),
            (Value::Null, ""),
        ] {
            assert_eq!(code_of(Some(&error)), kept, "{error}");
        }
        assert_eq!(code_of(None), "");
    }
}
