//! Who answers, by the settings.

use std::{collections::HashMap, sync::Arc, time::Duration};

use anyhow::anyhow;
use frontoffice_domain::{credit::Budgets, db::with_causes};
use frontoffice_worker::model::{Choosing, Extractive, Fallback, Model, Written, written::Provider};

use crate::settings::{ModelChoice, Settings};

/// How long a look at an endpoint may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The models the settings name. Nobody is asked yet: an endpoint that is away is no reason not to start.
pub(crate) fn build(settings: &Settings) -> anyhow::Result<Arc<dyn Model>> {
    let usual = with_fallback(settings, &settings.model)?;
    let other = |choice: &ModelChoice| Ok((choice.to_string(), with_fallback(settings, choice)?));
    let others: HashMap<String, Arc<dyn Model>> = settings.models.iter().map(other).collect::<anyhow::Result<_>>()?;
    Ok(if others.is_empty() { usual } else { Arc::new(Choosing::new(usual, others)) })
}

fn with_fallback(settings: &Settings, choice: &ModelChoice) -> anyhow::Result<Arc<dyn Model>> {
    let first = one(settings, choice)?;
    Ok(match (choice, &settings.fallback_model) {
        // Quoting does not fail.
        (ModelChoice::Extractive, _) | (_, None) => first,
        (_, Some(second)) => Arc::new(Fallback::new(first, one(settings, second)?)),
    })
}

/// Whom personas may name, the usual one first.
pub(crate) fn names(settings: &Settings) -> Vec<String> {
    [&settings.model].into_iter().chain(&settings.models).map(ToString::to_string).collect()
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

/// What their answers may take at most.
pub(crate) fn budgets(settings: &Settings) -> Budgets {
    let limits = &settings.model_limits;
    let usual = match &settings.model {
        ModelChoice::Extractive => None,
        ModelChoice::Written { name, .. } => Some(name.clone()),
    };
    let fallback = match &settings.fallback_model {
        Some(ModelChoice::Written { name, .. }) => Some(name.clone()),
        Some(ModelChoice::Extractive) | None => None,
    };
    let others = settings.models.iter().map(ToString::to_string).collect();
    Budgets { usual, others, fallback, tokens: limits.prompt_tokens.saturating_add(limits.completion_tokens) }
}

/// Whether they are there, in words either way.
pub(crate) async fn look(settings: &Settings) -> Result<String, String> {
    let first = look_at(settings, &settings.model).await?;
    let mut found = match &settings.fallback_model {
        None => first,
        Some(second) => format!("{first}; fallback: {}", look_at(settings, second).await?),
    };
    for other in &settings.models {
        found = format!("{found}; also: {}", look_at(settings, other).await?);
    }
    Ok(found)
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
