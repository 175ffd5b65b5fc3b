//! Any endpoint that speaks OpenAI's chat completions, streamed.
//!
//! Invariants: only a stream that says why it ended is an answer; an answer that cites none of the passages it was given is none
//! either; no reason of a failure holds the key or anything the endpoint put into words, which may be the visitor's.

mod stream;

use std::{str::FromStr, time::Duration};

use frontoffice_domain::{chat::Usage, clock::Clock, db::with_causes};
use futures_util::future::BoxFuture;
use reqwest::{
    Client, RequestBuilder, Response,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
};
use serde_json::{Value, json};
use tokio::time::timeout;

use self::stream::{Answering, Chunk, code_of};
use super::{
    Limits, Made, Model, ModelError, Prompt, Speech,
    prompt::{self, NO_ANSWER, NO_ANSWER_MEANS, Told},
    tokens,
};
use crate::net::{self, ClientError, Endpoint, events::Events};

/// OpenAI's own host; what is compatible with it often lags behind it.
pub const OPENAI_HOST: &str = "api.openai.com";
/// How much of an error's body is read.
const ERROR_BODY: usize = 64 << 10;
/// How long to wait for an error's body.
const ERROR_PATIENCE: Duration = Duration::from_secs(2);
/// How long to wait, once the answer is complete, to be told what it took.
const AFTERWORD: Duration = Duration::from_secs(5);

/// A key for an endpoint. Never shown, not even in debug output.
#[derive(Clone)]
pub struct ApiKey(HeaderValue);

impl std::fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ApiKey(hidden)")
    }
}

impl FromStr for ApiKey {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const ALLOWED: &str = "the key as the provider shows it, without spaces";
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ALLOWED);
        }
        let mut value = HeaderValue::try_from(format!("Bearer {text}")).map_err(|_| ALLOWED)?;
        value.set_sensitive(true);
        Ok(Self(value))
    }
}

/// A model behind an endpoint.
#[derive(Clone, Debug)]
pub struct OpenAi {
    client: Client,
    endpoint: Endpoint,
    key: Option<ApiKey>,
    name: String,
    limits: Limits,
}

impl OpenAi {
    /// The model the endpoint knows as `name`.
    ///
    /// # Errors
    /// If no HTTP client can be made.
    pub fn new(endpoint: Endpoint, key: Option<ApiKey>, name: String, limits: Limits) -> Result<Self, ClientError> {
        Ok(Self { client: net::client()?, endpoint, key, name, limits })
    }

    /// Whether the endpoint is there and lets us in, in words.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub async fn look(&self, patience: Duration) -> Result<String, String> {
        let asking = async {
            let response = self.signed(self.client.get(self.endpoint.at("models"))).send().await.map_err(in_words)?;
            match response.status().as_u16() {
                200..=299 => Ok(format!("{} at {} is reachable", self.name, self.endpoint)),
                // It answers; that it lists nothing says nothing about the model.
                404 | 405 => Ok(format!("{} at {} is reachable; it lists no models", self.name, self.endpoint)),
                status => Err(format!("{} answered {status}{}", self.endpoint, code(response).await)),
            }
        };
        match timeout(patience, asking).await {
            Ok(found) => found,
            Err(_) => Err(format!("{} did not answer within {} s", self.endpoint, patience.as_secs())),
        }
    }

    fn signed(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.key {
            Some(key) => request.header(AUTHORIZATION, key.0.clone()),
            None => request,
        }
    }

    fn body(&self, told: &Told) -> Value {
        let limit = if self.endpoint.host() == OPENAI_HOST { "max_completion_tokens" } else { "max_tokens" };
        json!({
            "model": self.name,
            "messages": told.messages,
            "stream": true,
            "stream_options": { "include_usage": true },
            limit: self.limits.completion_tokens,
            "tools": [{
                "type": "function",
                "function": {
                    "name": NO_ANSWER,
                    "description": NO_ANSWER_MEANS,
                    "parameters": { "type": "object", "properties": {} },
                },
            }],
            "tool_choice": "auto",
        })
    }

    async fn ask(&self, told: &Told) -> Result<Stream, ModelError> {
        let request = self.signed(self.client.post(self.endpoint.at("chat/completions"))).json(&self.body(told));
        let response = request.send().await.map_err(|error| again(in_words(error)))?;
        if !response.status().is_success() {
            return Err(refusal(response).await);
        }
        let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.trim_start().to_ascii_lowercase().starts_with("text/event-stream") {
            return Err(again("the model's endpoint answered with something else than a stream"));
        }
        Ok(Stream { response, events: Events::default(), ready: Vec::new().into_iter() })
    }

    async fn converse(&self, prompt: &Prompt, speech: &mut dyn Speech) -> Result<Made, ModelError> {
        let told = prompt::compose(prompt, self.limits.prompt_tokens);
        let beginning = async {
            let mut stream = self.ask(&told).await?;
            let first = stream.next().await?;
            Ok((stream, first))
        };
        let (mut stream, mut event) = match timeout(self.limits.first_byte, beginning).await {
            Ok(begun) => begun?,
            Err(_) => return Err(again(format!("the model did not begin within {:?}", self.limits.first_byte))),
        };
        let mut answering = Answering::to(prompt, &told);
        while let Some(data) = event.filter(|data| data != "[DONE]") {
            let chunk = match serde_json::from_str::<Chunk>(&data) {
                Ok(chunk) if chunk.error.is_none() => chunk,
                _ if answering.is_complete() => break,
                Ok(chunk) => {
                    return Err(again(format!("the model's stream told of an error{}", code_of(chunk.error.as_ref()))));
                }
                Err(_) => return Err(again("a piece of the model's stream could not be read")),
            };
            let text = answering.take(chunk);
            if answering.is_endless() {
                return Err(again("the model's answer did not end"));
            }
            if answering.is_broken_off() {
                return Err(again("the model's answer was broken off by its provider"));
            }
            say(speech, &text).await?;
            event = if answering.is_complete() {
                // What is said is said, whatever becomes of the stream now.
                timeout(AFTERWORD, stream.next()).await.ok().and_then(Result::ok).flatten()
            } else {
                stream.next().await?
            };
        }
        let rest = answering.rest();
        say(speech, &rest).await?;
        answering.end()
    }
}

impl Model for OpenAi {
    fn name(&self) -> &str {
        &self.name
    }

    fn answer<'a>(&'a self, prompt: &'a Prompt, speech: &'a mut dyn Speech) -> BoxFuture<'a, Result<Made, ModelError>> {
        Box::pin(async move {
            if let Some(answer) = prompt.without_passages() {
                return Ok(Made::without_model(answer));
            }
            match timeout(self.limits.total, self.converse(prompt, speech)).await {
                Ok(made) => made,
                Err(_) => Err(again(format!("the model was not done within {:?}", self.limits.total))),
            }
        })
    }

    /// What it was told, and what was written until then: the endpoint tells only in the end.
    fn taken(&self, prompt: &Prompt, said: &str) -> Option<Usage> {
        let prompt_tokens = prompt::compose(prompt, self.limits.prompt_tokens).tokens();
        Some(Usage { prompt_tokens, completion_tokens: tokens::estimate(said), estimated: true })
    }
}

/// The events of an answer, as they come.
struct Stream {
    response: Response,
    events: Events,
    ready: std::vec::IntoIter<String>,
}

impl Stream {
    /// The next event's data; none if the stream ended as streams should.
    async fn next(&mut self) -> Result<Option<String>, ModelError> {
        loop {
            if let Some(data) = self.ready.next() {
                return Ok(Some(data));
            }
            let Some(bytes) = self.response.chunk().await.map_err(|error| again(in_words(error)))? else { return Ok(None) };
            let complete = self.events.take(&bytes).map_err(|_| again("the model's stream is none of events"))?;
            self.ready = complete.into_iter();
        }
    }
}

async fn say(speech: &mut dyn Speech, text: &str) -> Result<(), ModelError> {
    if text.is_empty() { Ok(()) } else { speech.say(text).await.map_err(ModelError::Silenced) }
}

fn again(reason: impl Into<String>) -> ModelError {
    ModelError::Again { reason: reason.into(), after: None }
}

/// What broke, without the address, which is known.
fn in_words(error: reqwest::Error) -> String {
    let what = if error.is_connect() { "the model's endpoint cannot be reached" } else { "the connection to the model broke" };
    format!("{what}: {}", with_causes(&error.without_url()))
}

/// What follows from a status that is no answer: what may pass is tried again, what our settings or our request are to blame for
/// is not.
async fn refusal(response: Response) -> ModelError {
    let status = response.status().as_u16();
    let after = net::retry_after(response.headers(), Clock::of_this_machine());
    let reason = format!("the model's endpoint answered {status}{}", code(response).await);
    match status {
        408 | 409 | 425 | 429 | 500..=599 => ModelError::Again { reason, after },
        _ => ModelError::Never { reason },
    }
}

/// The error's code, as ` (code)`, if the body says one.
async fn code(mut response: Response) -> String {
    let mut body = Vec::new();
    let reading = async {
        while let Ok(Some(bytes)) = response.chunk().await {
            body.extend_from_slice(&bytes);
            if body.len() > ERROR_BODY {
                break;
            }
        }
    };
    // What came until then may be enough.
    let _late = timeout(ERROR_PATIENCE, reading).await;
    let error = serde_json::from_slice::<Value>(&body).unwrap_or_default();
    code_of(error.get("error"))
}
