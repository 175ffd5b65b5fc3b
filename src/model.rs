//! Who answers, by the settings.

use std::{sync::Arc, time::Duration};

use anyhow::anyhow;
use frontoffice_domain::{credit::Budget, db::with_causes};
use frontoffice_worker::model::{Extractive, Model, OpenAi};

use crate::settings::{ModelChoice, Settings};

/// How long a look at an endpoint may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The model the settings name. Nobody is asked yet: an endpoint that is away is no reason not to start.
pub(crate) fn build(settings: &Settings) -> anyhow::Result<Arc<dyn Model>> {
    Ok(match &settings.model {
        ModelChoice::Extractive => Arc::new(Extractive),
        ModelChoice::OpenAi { name } => Arc::new(openai(settings, name)?),
    })
}

/// How it answers, in a few words.
pub(crate) fn in_words(settings: &Settings) -> String {
    match settings.model {
        ModelChoice::Extractive => "quotes approved knowledge; no key needed".into(),
        ModelChoice::OpenAi { .. } => format!("answers from approved knowledge; asked at {}", settings.openai.base_url),
    }
}

/// What one of its answers may take at most.
pub(crate) fn budget(settings: &Settings) -> Budget {
    let limits = &settings.model_limits;
    match settings.model {
        ModelChoice::Extractive => Budget::Quoted,
        ModelChoice::OpenAi { .. } => Budget::Written { tokens: limits.prompt_tokens.saturating_add(limits.completion_tokens) },
    }
}

/// Whether it is there, in words either way.
pub(crate) async fn look(settings: &Settings) -> Result<String, String> {
    match &settings.model {
        ModelChoice::Extractive => Ok("extractive".into()),
        ModelChoice::OpenAi { name } => openai(settings, name).map_err(|error| format!("{error:#}"))?.look(PATIENCE).await,
    }
}

fn openai(settings: &Settings, name: &str) -> anyhow::Result<OpenAi> {
    let at = &settings.openai;
    OpenAi::new(at.base_url.clone(), at.key.clone(), name.to_owned(), settings.model_limits)
        .map_err(|error| anyhow!("{} cannot be asked: {}", at.base_url, with_causes(&error)))
}
