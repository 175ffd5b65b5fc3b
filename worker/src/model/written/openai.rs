//! OpenAI's chat completions, and everything compatible with them.

use frontoffice_domain::chat::Usage;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Limits,
    pieces::{Finish, Piece, code_of, tokens},
};
use crate::{
    model::prompt::{Told, Tool},
    net::Endpoint,
};

/// OpenAI's own host; what is compatible with it often lags behind it.
pub const OPENAI_HOST: &str = "api.openai.com";

/// What the endpoint is asked.
pub(super) fn body(endpoint: &Endpoint, model: &str, limits: &Limits, told: &Told) -> Value {
    let limit = if endpoint.host() == OPENAI_HOST { "max_completion_tokens" } else { "max_tokens" };
    let tool = |tool: &Tool| {
        let parameters = json!({ "type": "object", "properties": {} });
        json!({ "type": "function", "function": { "name": tool.name(), "description": tool.means(), "parameters": parameters } })
    };
    json!({
        "model": model,
        "messages": told.messages,
        "stream": true,
        "stream_options": { "include_usage": true },
        limit: limits.completion_tokens,
        "tools": Tool::ALL.iter().map(tool).collect::<Vec<_>>(),
        "tool_choice": "auto",
    })
}

/// A piece. What is not needed is not read, and what an endpoint leaves out or calls `null` is not there.
#[derive(Debug, Deserialize)]
struct Chunk {
    choices: Option<Vec<Choice>>,
    usage: Option<Value>,
    error: Option<Value>,
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

/// What an event says; `None` if it cannot be read.
pub(super) fn read(data: &str) -> Option<Vec<Piece>> {
    if data == "[DONE]" {
        return Some(vec![Piece::End]);
    }
    let chunk: Chunk = serde_json::from_str(data).ok()?;
    let mut pieces = Vec::new();
    if let Some(error) = &chunk.error {
        return Some(vec![Piece::Error(code_of(Some(error)))]);
    }
    // Only one answer was asked for.
    if let Some(choice) = chunk.choices.unwrap_or_default().into_iter().next() {
        if let Some(delta) = choice.delta {
            let called = delta.tool_calls.unwrap_or_default();
            pieces.extend(called.into_iter().map(|call| Piece::Tool(call.function.and_then(|function| function.name))));
            if delta.refusal.is_some_and(|text| !text.is_empty()) {
                pieces.push(Piece::Declined);
            }
            pieces.extend(delta.content.filter(|text| !text.is_empty()).map(Piece::Text));
        }
        if let Some(reason) = choice.finish_reason.filter(|reason| !reason.is_empty()) {
            pieces.push(finish(&reason).map_or(Piece::BrokenOff, Piece::Finish));
        }
    }
    pieces.extend(chunk.usage.as_ref().and_then(usage).map(Piece::Usage));
    Some(pieces)
}

/// What a reason to end means, in the words of the providers; `None` if the answer was broken off, for whatever reason.
fn finish(reason: &str) -> Option<Finish> {
    match reason {
        "stop" | "end_turn" | "stop_sequence" | "eos" | "eos_token" => Some(Finish::Done),
        "length" | "max_tokens" => Some(Finish::Full),
        "content_filter" => Some(Finish::Declined),
        "tool_calls" | "function_call" => Some(Finish::Called),
        _ => None,
    }
}

/// What it took, if both numbers are there; an explicit zero is one.
fn usage(usage: &Value) -> Option<Usage> {
    let (read, written) = (tokens(usage, "prompt_tokens")?, tokens(usage, "completion_tokens")?);
    Some(Usage { prompt_tokens: read, completion_tokens: written, estimated: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_counts_only_if_it_is_whole() {
        let told = |prompt_tokens, completion_tokens| Some(Usage { prompt_tokens, completion_tokens, estimated: false });
        assert_eq!(usage(&json!({"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15})), told(12, 3));
        assert_eq!(usage(&json!({"prompt_tokens": 0, "completion_tokens": 0})), told(0, 0));
        assert_eq!(usage(&json!({"prompt_tokens": 5_000_000_000_u64, "completion_tokens": 1})), told(u32::MAX, 1));
        for value in
            [json!(null), json!({}), json!({"prompt_tokens": 1}), json!({"prompt_tokens": -1, "completion_tokens": 1}), json!(7)]
        {
            assert_eq!(usage(&value), None, "{value}");
        }
    }
}
