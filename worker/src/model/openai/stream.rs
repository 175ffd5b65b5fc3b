//! The pieces an answer comes in, and what they add up to.

use frontoffice_domain::chat::{Answer, Usage};
use serde::Deserialize;
use serde_json::Value;

use crate::model::{
    Made, ModelError, Prompt,
    citations::Citations,
    prompt::{NO_ANSWER, Told},
    tokens,
};

/// An answer with more bytes is none.
const LONGEST_ANSWER: usize = 1 << 18;

/// A piece. What is not needed is not read, and what an endpoint leaves out or calls `null` is not there.
#[derive(Debug, Deserialize)]
pub(super) struct Chunk {
    choices: Option<Vec<Choice>>,
    usage: Option<Value>,
    pub(super) error: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    delta: Option<Delta>,
    finish_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Delta {
    content: Option<String>,
    refusal: Option<String>,
    tool_calls: Option<Vec<ToolCall>>,
}

#[derive(Debug, Deserialize)]
struct ToolCall {
    function: Option<Function>,
}

#[derive(Debug, Deserialize)]
struct Function {
    name: Option<String>,
}

/// An answer on its way.
#[derive(Debug)]
pub(super) struct Answering {
    citations: Citations,
    /// As it came.
    raw: String,
    /// As it is shown.
    text: String,
    declined: bool,
    finish: Option<Finish>,
    broken_off: bool,
    usage: Option<Usage>,
    told_tokens: u32,
}

impl Answering {
    pub(super) fn to(prompt: &Prompt, told: &Told) -> Self {
        let given = prompt.found.get(..told.passages).unwrap_or_default();
        Self {
            citations: Citations::of(given),
            raw: String::new(),
            text: String::new(),
            declined: false,
            finish: None,
            broken_off: false,
            usage: None,
            told_tokens: told.tokens(),
        }
    }

    /// Takes a piece in; what of it can be shown.
    pub(super) fn take(&mut self, chunk: Chunk) -> String {
        if let Some(usage) = chunk.usage.as_ref().and_then(usage) {
            self.usage = Some(usage);
        }
        let mut shown = String::new();
        // Only one answer was asked for.
        if let Some(choice) = chunk.choices.unwrap_or_default().into_iter().next() {
            if let Some(delta) = choice.delta {
                self.declined |= declines(&delta);
                // No store can keep that character.
                let text = delta.content.unwrap_or_default().replace('\0', "");
                self.raw.push_str(&text);
                if !self.declined {
                    shown = self.citations.take(&text);
                }
            }
            if let Some(reason) = choice.finish_reason.filter(|reason| !reason.is_empty()) {
                let finish = finish(&reason);
                self.broken_off |= finish.is_none();
                self.finish = self.finish.or(finish);
            }
        }
        self.text.push_str(&shown);
        shown
    }

    /// Whether the model has said why it ended. What it took may still follow.
    pub(super) fn is_complete(&self) -> bool {
        self.finish.is_some()
    }

    /// Whether the provider gave it up half-way.
    pub(super) fn is_broken_off(&self) -> bool {
        self.broken_off && self.finish.is_none()
    }

    /// Whether it is longer than any answer may be, whatever limit was asked for.
    pub(super) fn is_endless(&self) -> bool {
        self.raw.len() > LONGEST_ANSWER
    }

    /// What was held back because it might have become a citation.
    pub(super) fn rest(&mut self) -> String {
        let rest = if self.declined { String::new() } else { self.citations.end() };
        self.text.push_str(&rest);
        rest
    }

    /// What it all adds up to.
    ///
    /// # Errors
    /// Why it is no answer, and whether another attempt makes sense.
    pub(super) fn end(self) -> Result<Made, ModelError> {
        let again = |reason: &str| ModelError::Again { reason: reason.into(), after: None };
        let Some(finish) = self.finish else { return Err(again("the model's stream ended without saying why")) };
        let declined = self.declined || finish == Finish::Declined;
        if !declined && self.raw.trim().is_empty() {
            if finish == Finish::Full {
                // It would think as long again.
                return Err(ModelError::Never { reason: "the model used up its tokens before its answer began".into() });
            }
            return Err(again("the model's answer was empty"));
        }
        let usage = self.usage.unwrap_or_else(|| Usage {
            prompt_tokens: self.told_tokens,
            completion_tokens: tokens::estimate(&self.raw),
            estimated: true,
        });
        let sources = self.citations.sources();
        let answer = if declined || sources.is_empty() {
            Answer::Refused
        } else {
            Answer::Answered { text: self.text, sources: sources.to_vec() }
        };
        Ok(Made { answer, usage: Some(usage) })
    }
}

/// How a model ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finish {
    /// It was done.
    Done,
    /// It had used up its tokens.
    Full,
    /// It did not want to answer.
    Declined,
}

/// What a reason to end means, in the words of the providers; `None` if the answer was broken off, for whatever reason.
fn finish(reason: &str) -> Option<Finish> {
    match reason {
        "stop" | "end_turn" | "stop_sequence" | "eos" | "eos_token" => Some(Finish::Done),
        "length" | "max_tokens" => Some(Finish::Full),
        "content_filter" | "tool_calls" | "function_call" => Some(Finish::Declined),
        _ => None,
    }
}

/// A call of the tool for it, of a tool that nobody offered, or a refusal in the provider's own way.
fn declines(delta: &Delta) -> bool {
    let called = delta.tool_calls.as_deref().unwrap_or_default();
    for name in called.iter().filter_map(|call| call.function.as_ref()?.name.as_deref()) {
        if name != NO_ANSWER {
            tracing::warn!("the model called a tool that it was not offered");
        }
    }
    !called.is_empty() || delta.refusal.as_deref().is_some_and(|text| !text.is_empty())
}

/// What it took, if both numbers are there; an explicit zero is one.
fn usage(usage: &Value) -> Option<Usage> {
    let tokens = |name| usage.get(name).and_then(Value::as_u64).map(|tokens| u32::try_from(tokens).unwrap_or(u32::MAX));
    Some(Usage { prompt_tokens: tokens("prompt_tokens")?, completion_tokens: tokens("completion_tokens")?, estimated: false })
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

    #[test]
    fn usage_counts_only_if_it_is_whole() {
        let read = |value: Value| super::usage(&value);
        let told = |prompt_tokens, completion_tokens| Some(Usage { prompt_tokens, completion_tokens, estimated: false });
        assert_eq!(read(json!({"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15})), told(12, 3));
        assert_eq!(read(json!({"prompt_tokens": 0, "completion_tokens": 0})), told(0, 0));
        assert_eq!(read(json!({"prompt_tokens": 5_000_000_000_u64, "completion_tokens": 1})), told(u32::MAX, 1));
        for value in
            [json!(null), json!({}), json!({"prompt_tokens": 1}), json!({"prompt_tokens": -1, "completion_tokens": 1}), json!(7)]
        {
            assert_eq!(read(value.clone()), None, "{value}");
        }
    }
}
