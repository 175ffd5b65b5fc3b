//! The settings as they are written, before they are checked.

use figment::value::Value;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Raw {
    #[serde(deserialize_with = "text")]
    pub(super) listen: String,
    #[serde(deserialize_with = "text")]
    pub(super) public_url: String,
    #[serde(deserialize_with = "text")]
    pub(super) data_dir: String,
    #[serde(deserialize_with = "text")]
    pub(super) database_url: String,
    #[serde(deserialize_with = "text")]
    pub(super) redis_url: String,
    #[serde(deserialize_with = "text")]
    pub(super) secret_key: String,
    #[serde(deserialize_with = "text")]
    pub(super) owner_email: String,
    #[serde(deserialize_with = "text")]
    pub(super) owner_password: String,
    #[serde(deserialize_with = "text")]
    pub(super) model: String,
    pub(super) fallback_model: String,
    #[serde(deserialize_with = "texts")]
    pub(super) models: Vec<String>,
    #[serde(deserialize_with = "texts")]
    pub(super) trusted_proxies: Vec<String>,
    #[serde(deserialize_with = "text")]
    pub(super) log: String,
    #[serde(deserialize_with = "text")]
    pub(super) log_format: String,
    pub(super) platform: RawPlatform,
    pub(super) chat: RawChat,
    pub(super) limits: RawVisitorLimits,
    pub(super) pages: RawPages,
    pub(super) widget: RawWidget,
    pub(super) sign_in: RawSignIn,
    pub(super) mail: RawMail,
    pub(super) worker: RawWorker,
    pub(super) postgres: RawPostgres,
    pub(super) redis: RawRedis,
    pub(super) openai: RawEndpoint,
    pub(super) anthropic: RawEndpoint,
    pub(super) model_limits: RawLimits,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPlatform {
    #[serde(deserialize_with = "text")]
    pub(super) slug: String,
    #[serde(deserialize_with = "text")]
    pub(super) name: String,
    #[serde(deserialize_with = "text")]
    pub(super) locale: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawChat {
    pub(super) wait_seconds: u64,
    pub(super) longest_wait_seconds: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawVisitorLimits {
    pub(super) visitor_messages_per_minute: u64,
    pub(super) address_messages_per_minute: u64,
    pub(super) member_requests_per_minute: u64,
    pub(super) key_requests_per_minute: u64,
    pub(super) widget_key_messages_per_minute: u64,
    pub(super) visitor_credits_per_day: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPages {
    #[serde(deserialize_with = "text")]
    pub(super) graphiql: String,
    #[serde(deserialize_with = "text")]
    pub(super) demo: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWidget {
    pub(super) key_overlap_days: u64,
    #[serde(deserialize_with = "texts")]
    pub(super) private_hosts: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSignIn {
    pub(super) idle_hours: u64,
    pub(super) longest_days: u64,
    pub(super) hashes_at_once: usize,
    #[serde(deserialize_with = "texts")]
    pub(super) portal_origins: Vec<String>,
    #[serde(deserialize_with = "text")]
    pub(super) sign_up: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawMail {
    #[serde(deserialize_with = "text")]
    pub(super) smtp_url: String,
    #[serde(deserialize_with = "text")]
    pub(super) from: String,
    #[serde(deserialize_with = "text")]
    pub(super) account_url: String,
    pub(super) invitation_days: u64,
    pub(super) signup_hours: u64,
    pub(super) reset_hours: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWorker {
    pub(super) slots: usize,
    pub(super) lease_seconds: u64,
    pub(super) job_seconds: u64,
    pub(super) look_millis: u64,
    pub(super) grace_seconds: u64,
    pub(super) keep_done_days: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawPostgres {
    pub(super) connections: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRedis {
    #[serde(deserialize_with = "text")]
    pub(super) prefix: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawEndpoint {
    #[serde(deserialize_with = "text")]
    pub(super) base_url: String,
    #[serde(deserialize_with = "text")]
    pub(super) api_key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawLimits {
    pub(super) prompt_tokens: u64,
    pub(super) completion_tokens: u64,
    pub(super) first_byte_seconds: u64,
    pub(super) total_seconds: u64,
}

/// A text; a number or a truth value in the environment is one too.
fn text<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match <Value as Deserialize>::deserialize(deserializer)? {
        Value::String(_, text) => Ok(text),
        value @ (Value::Num(..) | Value::Bool(..) | Value::Char(..)) => Ok(shown(&value)),
        _ => Err(serde::de::Error::custom("must be a text")),
    }
}

/// A list of texts, or one alone.
fn texts<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    match <Value as Deserialize>::deserialize(deserializer)? {
        Value::String(_, text) => Ok(vec![text]),
        Value::Array(_, values) => Ok(values.iter().map(shown).collect()),
        _ => Err(serde::de::Error::custom("must be a list such as [\"10.0.0.1\", \"10.1.0.0/16\"]")),
    }
}

/// A value as text.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(_, text) => text.clone(),
        other => serde_json::to_string(other).unwrap_or_default(),
    }
}
