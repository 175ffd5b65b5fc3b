//! The pieces of an answer, and what they add up to.

use frontoffice_domain::chat::{Answer, Usage};

use super::pieces::{Finish, Piece};
use crate::model::{
    ModelError, Prompt,
    grounding::{Gate, Withheld},
    prompt::{Told, Tool},
    tokens,
};

/// An answer with more bytes is none.
const LONGEST_ANSWER: usize = 1 << 18;

/// An answer on its way.
#[derive(Debug)]
pub(super) struct Answering {
    gate: Gate,
    /// As it came.
    raw: String,
    declined: bool,
    hands_over: bool,
    finish: Option<Finish>,
    broken_off: bool,
    usage: Option<Usage>,
    read: Option<u32>,
    written: Option<u32>,
    told_tokens: u32,
}

impl Answering {
    pub(super) fn to(prompt: &Prompt, told: &Told) -> Self {
        let given = prompt.found.get(..told.passages).unwrap_or_default();
        Self {
            gate: Gate::of(prompt, given),
            raw: String::new(),
            declined: false,
            hands_over: false,
            finish: None,
            broken_off: false,
            usage: None,
            read: None,
            written: None,
            told_tokens: told.tokens(),
        }
    }

    /// Takes a piece in; what of it can be shown.
    pub(super) fn take(&mut self, piece: Piece) -> Result<String, Withheld> {
        match piece {
            Piece::Text(text) => {
                // No store can keep that character.
                let text = text.replace('\0', "");
                self.raw.push_str(&text);
                if !self.says_nothing() {
                    return self.gate.take(&text);
                }
            }
            Piece::Tool(name) => match name.as_deref().and_then(Tool::named) {
                Some(Tool::HandOver) => self.hands_over = true,
                Some(Tool::NoAnswer) => self.declined = true,
                None => {
                    if name.is_some() {
                        tracing::warn!("the model called a tool that it was not offered");
                    }
                    // Also the later pieces of a call, which have no name.
                    self.declined |= !self.hands_over;
                }
            },
            Piece::Declined => self.declined = true,
            Piece::Usage(usage) => self.usage = Some(usage),
            Piece::Read(tokens) => self.read = Some(tokens),
            Piece::Written(tokens) => self.written = Some(tokens),
            Piece::Finish(finish) => self.finish = self.finish.or(Some(finish)),
            Piece::BrokenOff => self.broken_off = true,
            Piece::End | Piece::Error(_) => {}
        }
        Ok(String::new())
    }

    fn says_nothing(&self) -> bool {
        self.declined || self.hands_over
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

    /// What was held back until the end.
    pub(super) fn rest(&mut self) -> Result<String, Withheld> {
        match self.finish {
            _ if self.says_nothing() => Ok(String::new()),
            Some(Finish::Declined | Finish::Called) => Ok(String::new()),
            finish => self.gate.end(finish == Some(Finish::Full)),
        }
    }

    /// What it took, as far as anybody knows by now.
    pub(super) fn usage(&self) -> Usage {
        let told = self.read.zip(self.written);
        let told = told.map(|(read, written)| Usage { prompt_tokens: read, completion_tokens: written, estimated: false });
        self.usage.or(told).unwrap_or_else(|| Usage {
            prompt_tokens: self.read.unwrap_or(self.told_tokens),
            completion_tokens: tokens::estimate(&self.raw),
            estimated: true,
        })
    }

    /// What was found until a sentence was withheld.
    pub(super) fn found(self) -> frontoffice_domain::chat::Verdict {
        self.gate.close().2
    }

    /// What it all adds up to.
    ///
    /// # Errors
    /// Why it is no answer, and whether another attempt makes sense.
    pub(super) fn end(self) -> Result<Answer, ModelError> {
        let again = |reason: &str| ModelError::Again { reason: reason.into(), after: None };
        let Some(finish) = self.finish else { return Err(again("the model's stream ended without saying why")) };
        if self.hands_over {
            return Ok(Answer::HandedOff);
        }
        if self.declined || matches!(finish, Finish::Declined | Finish::Called) {
            return Ok(Answer::Refused { verdict: None });
        }
        if self.raw.trim().is_empty() {
            if finish == Finish::Full {
                // It would think as long again.
                return Err(ModelError::Never { reason: "the model used up its tokens before its answer began".into() });
            }
            return Err(again("the model's answer was empty"));
        }
        let (text, sources, verdict) = self.gate.close();
        // Greetings alone do not answer.
        if sources.is_empty() {
            return Ok(Answer::Refused { verdict: Some(verdict) });
        }
        Ok(Answer::Answered { text, sources, verdict: Some(verdict) })
    }
}
