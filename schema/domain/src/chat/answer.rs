//! Shapes of answers, as models make them.

use super::{model::Source, verdict::Verdict};

/// What making an answer took of a language model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Tokens written.
    pub completion_tokens: u32,
    /// Whether the provider did not say, and we counted ourselves.
    pub estimated: bool,
}

impl Usage {
    /// With what a further attempt took.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            prompt_tokens: self.prompt_tokens.saturating_add(other.prompt_tokens),
            completion_tokens: self.completion_tokens.saturating_add(other.completion_tokens),
            estimated: self.estimated || other.estimated,
        }
    }
}

/// What a model made of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It answers.
    Answered {
        /// What the visitor reads.
        text: String,
        /// Where it comes from.
        sources: Vec<Source>,
        /// What was found when it was checked.
        verdict: Option<Verdict>,
    },
    /// Nothing approved answers.
    Refused {
        /// What was found of an answer that was withheld, if there was one.
        verdict: Option<Verdict>,
    },
    /// A person is to answer: the visitor asked for one, or the model says so.
    HandedOff,
    /// The visitor stopped it.
    Stopped {
        /// What the visitor has read until then.
        text: String,
    },
}

/// An answer, who made it, and what that took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// The model's name.
    pub model: String,
    /// What it took of a language model; `None` if none was asked.
    pub usage: Option<Usage>,
}
