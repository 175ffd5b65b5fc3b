//! Anthropic's Messages.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Limits,
    pieces::{Finish, Piece, code_of, tokens},
};
use crate::model::prompt::{Told, Tool};

/// The version of the interface that is spoken.
pub(super) const VERSION: &str = "2023-06-01";

/// What the endpoint is asked. Who the assistant is and what it may say stands beside the messages there.
pub(super) fn body(model: &str, limits: &Limits, told: &Told) -> Value {
    let (system, messages): (Vec<_>, Vec<_>) = told.messages.iter().partition(|message| message.role == "system");
    let tool = |tool: &Tool| json!({ "name": tool.name(), "description": tool.means(), "input_schema": { "type": "object", "properties": {} } });
    json!({
        "model": model,
        "system": system.first().map(|message| message.content.as_str()).unwrap_or_default(),
        "messages": messages,
        "max_tokens": limits.completion_tokens,
        "stream": true,
        "tools": Tool::ALL.iter().map(tool).collect::<Vec<_>>(),
        "tool_choice": { "type": "auto" },
    })
}

/// An event. What is not needed is not read.
#[derive(Debug, Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    message: Option<Message>,
    content_block: Option<Block>,
    delta: Option<Delta>,
    usage: Option<Value>,
    error: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Message {
    usage: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Block {
    #[serde(rename = "type")]
    kind: String,
    name: Option<String>,
    text: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Delta {
    text: Option<String>,
    stop_reason: Option<String>,
}

/// What an event says; `None` if it cannot be read.
pub(super) fn read(data: &str) -> Option<Vec<Piece>> {
    let event: Event = serde_json::from_str(data).ok()?;
    let mut pieces = Vec::new();
    match event.kind.as_str() {
        "message_start" => {
            let usage = event.message.and_then(|message| message.usage);
            pieces.extend(usage.as_ref().and_then(prompt_tokens).map(Piece::Read));
        }
        "content_block_start" => {
            if let Some(block) = event.content_block {
                if block.kind == "tool_use" {
                    pieces.push(Piece::Tool(block.name));
                }
                pieces.extend(block.text.filter(|text| !text.is_empty()).map(Piece::Text));
            }
        }
        "content_block_delta" => pieces.extend(event.delta.and_then(|delta| delta.text).map(Piece::Text)),
        "message_delta" => {
            // Counts so far, which the end of the message makes final.
            if let Some(usage) = &event.usage {
                pieces.extend(prompt_tokens(usage).map(Piece::Read));
                pieces.extend(tokens(usage, "output_tokens").map(Piece::Written));
            }
            if let Some(reason) = event.delta.and_then(|delta| delta.stop_reason) {
                pieces.push(finish(&reason).map_or(Piece::BrokenOff, Piece::Finish));
            }
        }
        "message_stop" => pieces.push(Piece::End),
        "error" => pieces.push(Piece::Error(code_of(event.error.as_ref()))),
        // `ping`, the end of a block, and what will be invented.
        _ => {}
    }
    Some(pieces)
}

/// What it was told, wherever that was kept meanwhile.
fn prompt_tokens(usage: &Value) -> Option<u32> {
    let more = |name| tokens(usage, name).unwrap_or(0);
    let read = tokens(usage, "input_tokens")?;
    Some(read.saturating_add(more("cache_creation_input_tokens")).saturating_add(more("cache_read_input_tokens")))
}

fn finish(reason: &str) -> Option<Finish> {
    match reason {
        "end_turn" | "stop_sequence" => Some(Finish::Done),
        "max_tokens" | "model_context_window_exceeded" => Some(Finish::Full),
        "refusal" => Some(Finish::Declined),
        "tool_use" => Some(Finish::Called),
        _ => None,
    }
}
