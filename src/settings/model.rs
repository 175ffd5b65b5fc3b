//! The settings about who answers.

use std::time::Duration;

use frontoffice_worker::{
    model::{
        Limits,
        written::{ApiKey, Provider, openai::OPENAI_HOST},
    },
    net::Endpoint,
};

use super::{
    SettingError,
    check::Check,
    raw::{RawEndpoint, RawLimits},
};

/// Anthropic's own host.
const ANTHROPIC_HOST: &str = "api.anthropic.com";

/// Who answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelChoice {
    /// Nobody: approved knowledge is quoted.
    Extractive,
    /// A language model.
    Written {
        /// Whose endpoint it is behind.
        provider: Provider,
        /// Its name, as the endpoint knows it.
        name: String,
    },
}

impl std::fmt::Display for ModelChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Extractive => "extractive",
            Self::Written { name, .. } => name,
        })
    }
}

/// An endpoint for language models.
#[derive(Clone, Debug)]
pub struct ModelEndpoint {
    /// Where it is.
    pub base_url: Endpoint,
    /// Its key, if it needs one.
    pub key: Option<ApiKey>,
}

impl ModelEndpoint {
    /// Whether anybody could be asked there: the providers' own hosts let nobody in without a key.
    fn is_usable(&self) -> bool {
        self.key.is_some() || !matches!(self.base_url.host(), OPENAI_HOST | ANTHROPIC_HOST)
    }
}

/// The endpoints, by how they speak.
#[derive(Clone, Debug)]
pub struct ModelEndpoints {
    /// For models that speak as OpenAI's do.
    pub openai: ModelEndpoint,
    /// For models that speak as Anthropic's do.
    pub anthropic: ModelEndpoint,
}

impl ModelEndpoints {
    /// The one that speaks so.
    #[must_use]
    pub fn of(&self, provider: Provider) -> &ModelEndpoint {
        match provider {
            Provider::OpenAi => &self.openai,
            Provider::Anthropic => &self.anthropic,
        }
    }
}

impl Check<'_> {
    pub(super) fn endpoint(&self, section: &str, raw: &RawEndpoint) -> Result<ModelEndpoint, SettingError> {
        let (base_url, api_key) = (format!("{section}.base_url"), format!("{section}.api_key"));
        // Neither value is repeated: a key may have ended up in the wrong one.
        let base_url = raw.base_url.parse().map_err(|allowed: &str| self.wrong(&base_url, "it is no address", allowed))?;
        let key = match raw.api_key.as_str() {
            "" => None,
            text => Some(text.parse().map_err(|allowed: &str| self.wrong(&api_key, "it is no key", allowed))?),
        };
        Ok(ModelEndpoint { base_url, key })
    }

    /// The model that may be asked if the first fails; none if none is named.
    pub(super) fn fallback_model(&self, text: &str, at: &ModelEndpoints) -> Result<Option<ModelChoice>, SettingError> {
        if text.is_empty() { Ok(None) } else { self.model("fallback_model", text, at).map(Some) }
    }

    /// The models that personas may name besides the usual one.
    pub(super) fn models(
        &self,
        texts: &[String],
        usual: &ModelChoice,
        at: &ModelEndpoints,
    ) -> Result<Vec<ModelChoice>, SettingError> {
        let mut models: Vec<ModelChoice> = Vec::new();
        for text in texts.iter().filter(|text| !text.is_empty()) {
            let model = self.model("models", text, at)?;
            // Personas and prices know a model by its name alone.
            let is_known = [usual].into_iter().chain(&models).any(|known| known.to_string() == model.to_string());
            if is_known {
                let allowed = "each name once, and not that of `model`, which may be named anyway";
                return Err(self.wrong("models", format!("there are two models called `{model}`"), allowed));
            }
            models.push(model);
        }
        Ok(models)
    }

    pub(super) fn model(&self, setting: &str, text: &str, at: &ModelEndpoints) -> Result<ModelChoice, SettingError> {
        const ALLOWED: &str =
            "`extractive`, or a model's name as its endpoint knows it, after `openai:` or `anthropic:` where both are set up";
        if text == "extractive" {
            return Ok(ModelChoice::Extractive);
        }
        let (provider, name) = match (text.strip_prefix("openai:"), text.strip_prefix("anthropic:")) {
            (Some(name), _) => (Provider::OpenAi, name),
            (None, Some(name)) => (Provider::Anthropic, name),
            (None, None) if at.openai.is_usable() && at.anthropic.is_usable() => {
                return Err(self.wrong(
                    setting,
                    format!("`{text}` may be at either of the two endpoints that are set up"),
                    ALLOWED,
                ));
            }
            (None, None) if at.anthropic.is_usable() => (Provider::Anthropic, text),
            (None, None) => (Provider::OpenAi, text),
        };
        let is_name = (1..=200).contains(&name.len()) && name.chars().all(|c| !c.is_whitespace() && !c.is_control());
        if !is_name {
            return Err(self.wrong(setting, format!("there is no model `{text}`"), ALLOWED));
        }
        let endpoint = at.of(provider);
        if !endpoint.is_usable() {
            let variables = match provider {
                Provider::OpenAi => "OPENAI_API_KEY, or OPENAI_BASE_URL",
                Provider::Anthropic => "ANTHROPIC_API_KEY, or ANTHROPIC_BASE_URL",
            };
            let allowed = format!("`extractive`, which needs no key; or set {variables} to a server that needs none");
            return Err(self.wrong(setting, format!("`{text}` is asked at {} and that needs a key", endpoint.base_url), allowed));
        }
        Ok(ModelChoice::Written { provider, name: name.to_owned() })
    }

    pub(super) fn limits(&self, raw: &RawLimits) -> Result<Limits, SettingError> {
        let tokens = |name: &str, value: u64, least: u64| {
            self.between(name, value, least, 1_000_000).map(|tokens| u32::try_from(tokens).unwrap_or(u32::MAX))
        };
        let total = self.between("model_limits.total_seconds", raw.total_seconds, 1, 3_600)?;
        let first_byte = self.between("model_limits.first_byte_seconds", raw.first_byte_seconds, 1, total)?;
        Ok(Limits {
            prompt_tokens: tokens("model_limits.prompt_tokens", raw.prompt_tokens, 500)?,
            completion_tokens: tokens("model_limits.completion_tokens", raw.completion_tokens, 1)?,
            first_byte: Duration::from_secs(first_byte),
            total: Duration::from_secs(total),
        })
    }
}
