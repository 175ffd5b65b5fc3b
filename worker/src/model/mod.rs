//! Models: what makes an answer out of a question and approved passages.

mod choosing;
mod citations;
mod extractive;
mod fallback;
mod grounding;
mod prompt;
pub mod scripted;
mod tokens;
pub mod written;

use std::time::Duration;

use frontoffice_domain::{
    chat::{Answer, Past, Usage},
    fault::Fault,
    knowledge::Found,
    locale::Locale,
    persona::PersonaVersion,
    words,
};
use futures_util::future::BoxFuture;

pub use self::{choosing::Choosing, extractive::Extractive, fallback::Fallback, scripted::Scripted, written::Written};

/// What a model is given. Nothing of another tenant, no secret, no internal id.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// Who it answers as.
    pub persona: PersonaVersion,
    /// What was said before, oldest first; the newest hundred messages at most.
    pub history: Vec<Past>,
    /// The visitor's messages to answer, oldest first.
    pub messages: Vec<String>,
    /// The visitor's language.
    pub locale: Locale,
    /// Whether the messages ask for nothing at all ("hello").
    pub asks_nothing: bool,
    /// Whether the newest of them asks for a person.
    pub asks_for_person: bool,
    /// The approved passages that answer, best first; none if nothing approved does.
    pub found: Vec<Found>,
}

impl Prompt {
    /// The answer if a person is asked for, or no passage answers: no model needs to be asked for that. `None` if one does.
    fn without_model(&self) -> Option<Answer> {
        if self.asks_for_person {
            return Some(Answer::HandedOff);
        }
        self.found.is_empty().then(|| {
            // There is nothing to answer from then, and nothing to refuse.
            if self.asks_nothing {
                Answer::Answered { text: words::greeting(self.locale, &self.persona.name), sources: Vec::new(), verdict: None }
            } else {
                Answer::Refused { verdict: None }
            }
        })
    }
}

/// How much a language model may be told and say, and how long it may take. Every number is a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Tokens it is told, roughly: passages and history are cut to fit; the question never is.
    pub prompt_tokens: u32,
    /// Tokens it may write.
    pub completion_tokens: u32,
    /// How long it may take to begin.
    pub first_byte: Duration,
    /// How long it may take in all.
    pub total: Duration,
}

/// What a model made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// The answer.
    pub answer: Answer,
    /// What it took of a language model; `None` if none was asked.
    pub usage: Option<Usage>,
    /// Who made it.
    pub model: String,
}

impl Made {
    /// Made without asking a language model, by the model of that name.
    #[must_use]
    pub fn without_model(answer: Answer, model: &str) -> Self {
        Self { answer, usage: None, model: model.to_owned() }
    }
}

/// Why an answer may not be said (on).
#[derive(Debug)]
pub enum Silence {
    /// Another message came before the first word; the answer must see it.
    Restart,
    /// The turn is over.
    Over,
    /// The store could not be asked.
    Fault(Fault),
}

/// Says an answer to the visitor while it is being made.
pub trait Speech: Send {
    /// Says more of it. After an error the model stops and returns [`ModelError::Silenced`].
    fn say<'s>(&'s mut self, text: &'s str) -> BoxFuture<'s, Result<(), Silence>>;

    /// What was said so far is void; the answer begins anew.
    fn take_back(&mut self);

    /// Whether anything stands that was said.
    fn has_spoken(&self) -> bool;
}

/// Why there is no answer.
#[derive(Debug)]
pub enum ModelError {
    /// Worth another attempt, not before `after`.
    Again {
        /// What happened, without anything a visitor wrote.
        reason: String,
        /// What the other side asked for.
        after: Option<Duration>,
    },
    /// Not worth another attempt.
    Never {
        /// What happened, without anything a visitor wrote.
        reason: String,
    },
    /// It was told to stop.
    Silenced(Silence),
}

/// A model.
pub trait Model: Send + Sync + 'static {
    /// What answers are marked with, and settings call it.
    fn name(&self) -> &str;

    /// The name of the one that answers this.
    fn name_for<'m>(&'m self, _prompt: &Prompt) -> &'m str {
        self.name()
    }

    /// Answers, saying the text to `speech` as it comes if it comes in pieces. The answer returned is the whole; what is not
    /// returned is never stored.
    fn answer<'a>(&'a self, prompt: &'a Prompt, speech: &'a mut dyn Speech) -> BoxFuture<'a, Result<Made, ModelError>>;

    /// What an answer that was stopped in the middle took, as far as anybody can tell; `None` if no language model was asked.
    fn taken(&self, prompt: &Prompt, said: &str) -> Option<Usage>;
}
