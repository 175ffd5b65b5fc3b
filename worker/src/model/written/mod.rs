//! Answers that a language model writes, behind an endpoint that speaks as OpenAI's or as Anthropic's does, streamed.
//!
//! Invariants: only a stream that says why it ended is an answer; every sentence is checked before it is said, and an answer with one
//! that may not be said is written once more and then refused; an answer that cites none of the passages it was given is none; no reason
//! of a failure holds the key or anything the endpoint put into words, which may be the visitor's.

mod answering;
mod anthropic;
pub mod openai;
mod pieces;

use std::{str::FromStr, time::Duration};

use frontoffice_domain::{
    chat::{Answer, Usage, Verdict},
    clock::Clock,
    db::with_causes,
};
use futures_util::future::BoxFuture;
use reqwest::{
    Client, RequestBuilder, Response,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue},
};
use serde_json::{Value, json};
use tokio::time::timeout;

use self::{
    answering::Answering,
    pieces::{Piece, code_of},
};
use super::{
    Limits, Made, Model, ModelError, Prompt, Speech,
    grounding::Withheld,
    prompt::{self, Told},
    tokens,
};
use crate::net::{self, ClientError, Endpoint, events::Events};

/// How much of an error's body is read.
const ERROR_BODY: usize = 64 << 10;
/// How long to wait for an error's body.
const ERROR_PATIENCE: Duration = Duration::from_secs(2);
/// How long to wait, once the answer is complete, to be told what it took.
const AFTERWORD: Duration = Duration::from_secs(5);

/// How often an answer is written that may not be said.
const ATTEMPTS: usize = 2;

/// Whose way an endpoint speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Chat completions.
    OpenAi,
    /// Messages.
    Anthropic,
}

/// A key for an endpoint. Never shown, not even in debug output.
#[derive(Clone)]
pub struct ApiKey {
    plain: HeaderValue,
    bearer: HeaderValue,
}

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
        let header = |text: String| {
            let mut value = HeaderValue::try_from(text).map_err(|_| ALLOWED)?;
            value.set_sensitive(true);
            Ok::<_, Self::Err>(value)
        };
        Ok(Self { plain: header(text.to_owned())?, bearer: header(format!("Bearer {text}"))? })
    }
}

/// A language model behind an endpoint.
#[derive(Clone, Debug)]
pub struct Written {
    client: Client,
    provider: Provider,
    endpoint: Endpoint,
    key: Option<ApiKey>,
    name: String,
    limits: Limits,
}

/// What became of one attempt to write an answer.
enum Attempt {
    Made(Answer),
    Withheld(Withheld, Verdict),
}

impl Written {
    /// The model that the endpoint knows as `name`.
    ///
    /// # Errors
    /// If no HTTP client can be made.
    pub fn new(
        provider: Provider,
        endpoint: Endpoint,
        key: Option<ApiKey>,
        name: String,
        limits: Limits,
    ) -> Result<Self, ClientError> {
        Ok(Self { client: net::client()?, provider, endpoint, key, name, limits })
    }

    /// Whether the endpoint is there and lets us in, in words.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub async fn look(&self, patience: Duration) -> Result<String, String> {
        let asking = async {
            let response = self
                .signed(self.client.get(self.endpoint.at(match self.provider {
                    Provider::OpenAi => "models",
                    Provider::Anthropic => "v1/models",
                })))
                .send()
                .await
                .map_err(in_words)?;
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
        match (self.provider, &self.key) {
            (Provider::OpenAi, Some(key)) => request.header(AUTHORIZATION, key.bearer.clone()),
            (Provider::OpenAi, None) => request,
            (Provider::Anthropic, key) => {
                let request = request.header(HeaderName::from_static("anthropic-version"), anthropic::VERSION);
                match key {
                    Some(key) => request.header(HeaderName::from_static("x-api-key"), key.plain.clone()),
                    None => request,
                }
            }
        }
    }

    async fn ask(&self, told: &Told, temperature: Option<i32>) -> Result<Stream, ModelError> {
        let (path, mut body) = match self.provider {
            Provider::OpenAi => ("chat/completions", openai::body(&self.endpoint, &self.name, &self.limits, told)),
            Provider::Anthropic => ("v1/messages", anthropic::body(&self.name, &self.limits, told)),
        };
        // Where nothing is said, the endpoint's own; some models take no other.
        if let (Some(hundredths), Some(fields)) = (temperature, body.as_object_mut()) {
            // Anthropic's scale ends at 1.
            let most = if self.provider == Provider::Anthropic { 100 } else { 200 };
            fields.insert("temperature".to_owned(), json!(f64::from(hundredths.clamp(0, most)) / 100.0));
        }
        let request = self.signed(self.client.post(self.endpoint.at(path))).json(&body);
        let response = request.send().await.map_err(|error| again(in_words(error)))?;
        if !response.status().is_success() {
            return Err(refusal(response).await);
        }
        let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.trim_start().to_ascii_lowercase().starts_with("text/event-stream") {
            return Err(again("the model's endpoint answered with something else than a stream"));
        }
        let read = match self.provider {
            Provider::OpenAi => openai::read,
            Provider::Anthropic => anthropic::read,
        };
        Ok(Stream { response, events: Events::default(), ready: Vec::new().into_iter(), read })
    }

    /// Writes an answer, and once more if a sentence of it may not be said.
    async fn converse(&self, prompt: &Prompt, speech: &mut dyn Speech) -> Result<Made, ModelError> {
        let mut took: Option<Usage> = None;
        let mut withheld = None;
        for _ in 0..ATTEMPTS {
            let told = prompt::compose(prompt, self.limits.prompt_tokens, withheld.as_ref().map(|(withheld, _)| withheld));
            let (attempt, usage) = self.attempt(prompt, &told, speech).await?;
            took = Some(took.map_or(usage, |before| before.plus(usage)));
            match attempt {
                Attempt::Made(answer) => return Ok(Made { answer, usage: took, model: self.name.clone() }),
                Attempt::Withheld(sentence, verdict) => {
                    tracing::info!(finding = %sentence.0.finding, "a sentence of an answer was withheld");
                    speech.take_back();
                    withheld = Some((sentence, verdict));
                }
            }
        }
        let verdict = withheld.map(|(_, verdict)| verdict);
        Ok(Made { answer: Answer::Refused { verdict }, usage: took, model: self.name.clone() })
    }

    async fn attempt(&self, prompt: &Prompt, told: &Told, speech: &mut dyn Speech) -> Result<(Attempt, Usage), ModelError> {
        let beginning = async {
            let mut stream = self.ask(told, prompt.persona.voice.temperature).await?;
            let first = stream.next().await?;
            Ok((stream, first))
        };
        let (mut stream, mut event) = match timeout(self.limits.first_byte, beginning).await {
            Ok(begun) => begun?,
            Err(_) => return Err(again(format!("the model did not begin within {:?}", self.limits.first_byte))),
        };
        let mut answering = Answering::to(prompt, told);
        'stream: while let Some(read) = event {
            let Some(pieces) = read else {
                if answering.is_complete() {
                    break;
                }
                return Err(again("a piece of the model's stream could not be read"));
            };
            for piece in pieces {
                match &piece {
                    Piece::End => break 'stream,
                    Piece::Error(_) if answering.is_complete() => break 'stream,
                    Piece::Error(code) => return Err(again(format!("the model's stream told of an error{code}"))),
                    _ => {}
                }
                match answering.take(piece) {
                    Ok(text) => say(speech, &text).await?,
                    Err(withheld) => {
                        let usage = answering.usage();
                        return Ok((Attempt::Withheld(withheld, answering.found()), usage));
                    }
                }
            }
            if answering.is_endless() {
                return Err(again("the model's answer did not end"));
            }
            if answering.is_broken_off() {
                return Err(again("the model's answer was broken off by its provider"));
            }
            event = if answering.is_complete() {
                // What is said is said, whatever becomes of the stream now.
                timeout(AFTERWORD, stream.next()).await.ok().and_then(Result::ok).flatten()
            } else {
                stream.next().await?
            };
        }
        if answering.is_complete() {
            match answering.rest() {
                Ok(rest) => say(speech, &rest).await?,
                Err(withheld) => {
                    let usage = answering.usage();
                    return Ok((Attempt::Withheld(withheld, answering.found()), usage));
                }
            }
        }
        let usage = answering.usage();
        Ok((Attempt::Made(answering.end()?), usage))
    }
}

impl Model for Written {
    fn name(&self) -> &str {
        &self.name
    }

    fn answer<'a>(&'a self, prompt: &'a Prompt, speech: &'a mut dyn Speech) -> BoxFuture<'a, Result<Made, ModelError>> {
        Box::pin(async move {
            if let Some(answer) = prompt.without_model() {
                return Ok(Made::without_model(answer, &self.name));
            }
            match timeout(self.limits.total, self.converse(prompt, speech)).await {
                Ok(made) => made,
                Err(_) => Err(again(format!("the model was not done within {:?}", self.limits.total))),
            }
        })
    }

    /// What it was told, and what was written until then: the endpoint tells only in the end.
    fn taken(&self, prompt: &Prompt, said: &str) -> Option<Usage> {
        let prompt_tokens = prompt::compose(prompt, self.limits.prompt_tokens, None).tokens();
        Some(Usage { prompt_tokens, completion_tokens: tokens::estimate(said), estimated: true })
    }
}

/// The events of an answer, as they come.
struct Stream {
    response: Response,
    events: Events,
    ready: std::vec::IntoIter<String>,
    read: fn(&str) -> Option<Vec<Piece>>,
}

impl Stream {
    /// What the next event says, or that it cannot be read; none if the stream ended as streams should.
    async fn next(&mut self) -> Result<Option<Option<Vec<Piece>>>, ModelError> {
        loop {
            if let Some(data) = self.ready.next() {
                return Ok(Some((self.read)(&data)));
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
