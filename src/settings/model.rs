//! The settings about who answers.

use std::time::Duration;

use frontoffice_worker::{
    model::{
        Limits,
        openai::{ApiKey, OPENAI_HOST},
    },
    net::Endpoint,
};

use super::{
    SettingError,
    check::Check,
    raw::{RawLimits, RawOpenAi},
};

/// Who answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelChoice {
    /// Nobody: approved knowledge is quoted.
    Extractive,
    /// A model behind the endpoint in [`OpenAi`].
    OpenAi {
        /// Its name, as the endpoint knows it.
        name: String,
    },
}

impl std::fmt::Display for ModelChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Extractive => "extractive",
            Self::OpenAi { name } => name,
        })
    }
}

/// An endpoint for models that speak as OpenAI's do.
#[derive(Clone, Debug)]
pub struct OpenAi {
    /// Where it is.
    pub base_url: Endpoint,
    /// Its key, if it needs one.
    pub key: Option<ApiKey>,
}

impl Check<'_> {
    pub(super) fn openai(&self, raw: &RawOpenAi) -> Result<OpenAi, SettingError> {
        // Neither value is repeated: a key may have ended up in the wrong one.
        let base_url =
            raw.base_url.parse().map_err(|allowed: &str| self.wrong("openai.base_url", "it is no address", allowed))?;
        let key = match raw.api_key.as_str() {
            "" => None,
            text => Some(text.parse().map_err(|allowed: &str| self.wrong("openai.api_key", "it is no key", allowed))?),
        };
        Ok(OpenAi { base_url, key })
    }

    pub(super) fn model(&self, text: &str, openai: &OpenAi) -> Result<ModelChoice, SettingError> {
        const ALLOWED: &str = "`extractive`, or a model's name as the endpoint in `openai.base_url` knows it";
        if text == "extractive" {
            return Ok(ModelChoice::Extractive);
        }
        let name = text.strip_prefix("openai:").unwrap_or(text);
        let is_name = (1..=200).contains(&name.len()) && name.chars().all(|c| !c.is_whitespace() && !c.is_control());
        if !is_name || name.starts_with("anthropic:") {
            return Err(self.wrong("model", format!("there is no model `{text}`"), ALLOWED));
        }
        if openai.base_url.host() == OPENAI_HOST && openai.key.is_none() {
            let allowed =
                "`extractive`, which needs no key; or set OPENAI_API_KEY, or OPENAI_BASE_URL to a server that needs none";
            return Err(self.wrong("model", format!("`{text}` is asked at {} and that needs a key", openai.base_url), allowed));
        }
        Ok(ModelChoice::OpenAi { name: name.to_owned() })
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
