//! Shapes of previews: what a persona would answer, asked where nobody but the team is listening.

use super::model::{MessageText, Source, TurnState};
use crate::{
    clock::Instant,
    credit::{Budgets, Charge},
    id::{PersonaId, TurnId},
    locale::Locale,
    once::Kept,
    persona::Change,
};

/// A question to a persona as it would be.
#[derive(Clone, Debug)]
pub struct NewPreview {
    /// The persona.
    pub persona: PersonaId,
    /// What is tried out of it; what is `None` is as it is.
    pub change: Change,
    /// The question.
    pub question: MessageText,
    /// The language a visitor's page would be in.
    pub locale: Option<Locale>,
    /// What the answer may take at most.
    pub budgets: Budgets,
    /// What the request is known by in the logs.
    pub span: Option<String>,
}

/// What became of asking.
#[derive(Clone, Debug)]
pub enum Previewed {
    /// It was asked, now or before under the same key. The turn is the preview's id.
    Asked(Kept<TurnId>),
    /// There is no such persona in use.
    Unknown,
}

/// What a persona was asked as a draft, and what it answered.
#[derive(Clone, Debug)]
pub struct Preview {
    /// The turn.
    pub id: TurnId,
    /// The persona.
    pub persona: PersonaId,
    /// What was tried out of it.
    pub change: Change,
    /// The question.
    pub question: String,
    /// How far it is.
    pub state: TurnState,
    /// When it was asked.
    pub created_at: Instant,
    /// The answer, once there is one.
    pub answer: Option<PreviewAnswer>,
    /// What it was charged, once it was metered.
    pub charge: Option<Charge>,
}

/// What a persona answered as a draft.
#[derive(Clone, Debug)]
pub struct PreviewAnswer {
    /// What it says.
    pub text: String,
    /// The model.
    pub model: Option<String>,
    /// Where it comes from.
    pub sources: Vec<Source>,
    /// When it was stored.
    pub created_at: Instant,
}
