//! Who answers, by the settings.

use std::{sync::Arc, time::Duration};

use anyhow::anyhow;
use frontoffice_domain::{credit::Budget, db::with_causes};
use frontoffice_worker::model::{Extractive, Fallback, Model, Written, written::Provider};

use crate::settings::{ModelChoice, Settings};

/// How long a look at an endpoint may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The model the settings name. Nobody is asked yet: an endpoint that is away is no reason not to start.
pub(crate) fn build(settings: &Settings) -> anyhow::Result<Arc<dyn Model>> {
    let first = one(settings, &settings.model)?;
    Ok(match &settings.fallback_model {
        None => first,
        Some(second) => Arc::new(Fallback::new(first, one(settings, second)?)),
    })
}

fn one(settings: &Settings, choice: &ModelChoice) -> anyhow::Result<Arc<dyn Model>> {
    Ok(match choice {
        ModelChoice::Extractive => Arc::new(Extractive),
        ModelChoice::Written { provider, name } => Arc::new(written(settings, *provider, name)?),
    })
}

/// How it answers, in a few words.
pub(crate) fn in_words(settings: &Settings) -> String {
    match settings.model {
        ModelChoice::Extractive => "quotes approved knowledge; no key needed".into(),
        ModelChoice::Written { provider, .. } => {
            format!("answers from approved knowledge; asked at {}", settings.model_endpoints.of(provider).base_url)
        }
    }
}

/// What one of its answers may take at most.
pub(crate) fn budget(settings: &Settings) -> Budget {
    let limits = &settings.model_limits;
    let choices = [Some(&settings.model), settings.fallback_model.as_ref()];
    if choices.into_iter().flatten().any(|choice| matches!(choice, ModelChoice::Written { .. })) {
        Budget::Written { tokens: limits.prompt_tokens.saturating_add(limits.completion_tokens) }
    } else {
        Budget::Quoted
    }
}

/// Whether it is there, and its fallback, in words either way.
pub(crate) async fn look(settings: &Settings) -> Result<String, String> {
    let first = look_at(settings, &settings.model).await?;
    match &settings.fallback_model {
        None => Ok(first),
        Some(second) => Ok(format!("{first}; fallback: {}", look_at(settings, second).await?)),
    }
}

async fn look_at(settings: &Settings, choice: &ModelChoice) -> Result<String, String> {
    match choice {
        ModelChoice::Extractive => Ok("extractive".into()),
        ModelChoice::Written { provider, name } => {
            written(settings, *provider, name).map_err(|error| format!("{error:#}"))?.look(PATIENCE).await
        }
    }
}

fn written(settings: &Settings, provider: Provider, name: &str) -> anyhow::Result<Written> {
    let at = settings.model_endpoints.of(provider);
    Written::new(provider, at.base_url.clone(), at.key.clone(), name.to_owned(), settings.model_limits)
        .map_err(|error| anyhow!("{} cannot be asked: {}", at.base_url, with_causes(&error)))
}
