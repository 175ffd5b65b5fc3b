//! A model that is asked where another one fails.

use std::sync::Arc;

use frontoffice_domain::chat::Usage;
use futures_util::future::BoxFuture;

use super::{Made, Model, ModelError, Prompt, Speech};

/// Asks the first model, and the second if the first fails before anybody has heard a word of its answer.
pub struct Fallback {
    first: Arc<dyn Model>,
    second: Arc<dyn Model>,
}

impl Fallback {
    /// The second stands in for the first.
    #[must_use]
    pub fn new(first: Arc<dyn Model>, second: Arc<dyn Model>) -> Self {
        Self { first, second }
    }
}

impl Model for Fallback {
    fn name(&self) -> &str {
        self.first.name()
    }

    fn answer<'a>(&'a self, prompt: &'a Prompt, speech: &'a mut dyn Speech) -> BoxFuture<'a, Result<Made, ModelError>> {
        Box::pin(async move {
            let reason = match self.first.answer(prompt, speech).await {
                Err(ModelError::Again { reason, .. } | ModelError::Never { reason }) if !speech.has_spoken() => reason,
                other => return other,
            };
            tracing::warn!(model = self.first.name(), fallback = self.second.name(), reason, "the fallback is asked");
            self.second.answer(prompt, speech).await
        })
    }

    fn taken(&self, prompt: &Prompt, said: &str) -> Option<Usage> {
        self.first.taken(prompt, said)
    }
}
