//! Several models, of which each persona names one.

use std::{collections::HashMap, sync::Arc};

use frontoffice_domain::chat::Usage;
use futures_util::future::BoxFuture;

use super::{Made, Model, ModelError, Prompt, Speech};

/// Asks the model a persona names; the usual one where it names none, or one that the platform does not list any more.
pub struct Choosing {
    usual: Arc<dyn Model>,
    others: HashMap<String, Arc<dyn Model>>,
}

impl Choosing {
    /// The usual model, and others by the names that personas know them by.
    #[must_use]
    pub fn new(usual: Arc<dyn Model>, others: HashMap<String, Arc<dyn Model>>) -> Self {
        Self { usual, others }
    }

    fn of(&self, prompt: &Prompt) -> &dyn Model {
        let Some(named) = &prompt.persona.voice.model else { return &*self.usual };
        if let Some(model) = self.others.get(named) {
            return &**model;
        }
        if named != self.usual.name() {
            tracing::warn!(
                named,
                model = self.usual.name(),
                "a persona names a model that is not listed; the usual one is asked"
            );
        }
        &*self.usual
    }
}

impl Model for Choosing {
    fn name(&self) -> &str {
        self.usual.name()
    }

    fn name_for<'m>(&'m self, prompt: &Prompt) -> &'m str {
        self.of(prompt).name()
    }

    fn answer<'a>(&'a self, prompt: &'a Prompt, speech: &'a mut dyn Speech) -> BoxFuture<'a, Result<Made, ModelError>> {
        self.of(prompt).answer(prompt, speech)
    }

    fn taken(&self, prompt: &Prompt, said: &str) -> Option<Usage> {
        self.of(prompt).taken(prompt, said)
    }
}
