//! Settings: the embedded defaults, then a file, then the environment. A wrong one names itself, where it was set and what is
//! allowed, and nothing starts half-way.

mod access;
mod check;
mod layers;
mod model;
mod pages;
mod raw;
mod widget;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use figment::{
    Figment,
    providers::{Format, Toml},
};
use frontoffice_api::Origin;
use frontoffice_domain::{
    db::Location,
    identity::{InstanceKey, Password, SessionLengths},
    locale::Locale,
    memory::Memory,
    money::Credits,
    rate::Quotas,
};
use frontoffice_worker::model::Limits;
use ipnet::IpNet;

pub use self::{
    access::Mail,
    model::{ModelChoice, ModelEndpoint, ModelEndpoints},
    pages::Switch,
    widget::Widget,
};
use self::{
    check::Check,
    layers::{known_names, layers, source, suggestion, unreadable},
    raw::{Raw, shown},
};

/// The defaults, with a line of why for each.
pub const DEFAULTS: &str = include_str!("../frontoffice.default.toml");

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the setting `{name}` ({source_name}) is wrong: {problem}; allowed is {allowed}")]
pub struct SettingError {
    /// The setting.
    pub name: String,
    /// Where it was set.
    pub source_name: String,
    /// What is wrong with it.
    pub problem: String,
    /// What would be right.
    pub allowed: String,
}

/// Everything that can be set, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where the outside reaches this host; none: what `listen` says.
    pub public_url: Option<Origin>,
    /// The folder for files.
    pub data_dir: PathBuf,
    /// The store.
    pub store: Location,
    /// What several processes remember together; none: this one is alone.
    pub memory: Option<Memory>,
    /// The instance key, if it is set and not kept in the data folder.
    pub secret_key: Option<InstanceKey>,
    /// The platform's owner.
    pub owner: Owner,
    /// How long sessions last.
    pub sessions: SessionLengths,
    /// How many passwords are hashed at once.
    pub hashes_at_once: usize,
    /// Where portals on other hosts run.
    pub portal_origins: Vec<Origin>,
    /// Whether businesses may sign up by themselves.
    pub open_sign_up: bool,
    /// Letters.
    pub mail: Mail,
    /// Who answers.
    pub model: ModelChoice,
    /// Who answers where that model fails.
    pub fallback_model: Option<ModelChoice>,
    /// Who else may answer: whom personas may name besides that model.
    pub models: Vec<ModelChoice>,
    /// The endpoints for language models.
    pub model_endpoints: ModelEndpoints,
    /// How much a language model may be told and say, and how long it may take.
    pub model_limits: Limits,
    /// Proxies that are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// What is logged.
    pub log: String,
    /// How it is written.
    pub log_format: LogFormat,
    /// The platform's own tenant.
    pub platform: Platform,
    /// How long a chat request waits, and at most.
    pub chat_wait: (Duration, Duration),
    /// How often visitors may write, and what their answers may take.
    pub limits: VisitorLimits,
    /// The page for trying GraphQL.
    pub graphiql: Switch,
    /// Whether there is a page to try the product on.
    pub demo: Switch,
    /// The widget on tenants' websites.
    pub widget: Widget,
    /// The workers.
    pub worker: frontoffice_worker::Config,
    /// The most Postgres connections.
    pub connections: usize,
    /// Names in the environment that look like settings and are none.
    pub unknown: Vec<String>,
}

/// How often visitors may write, and what their answers may take.
#[derive(Clone, Copy, Debug)]
pub struct VisitorLimits {
    /// Messages.
    pub quotas: Quotas,
    /// Credits for one visitor a day.
    pub visitor_credits: Credits,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
    /// Text on a terminal, JSON elsewhere.
    Auto,
}

/// The platform's own tenant, as set-up makes it.
#[derive(Clone, Debug)]
pub struct Platform {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its language.
    pub locale: Locale,
}

/// The platform's owner, as set-up makes it.
#[derive(Clone, Debug)]
pub struct Owner {
    /// Their e-mail.
    pub email: String,
    /// Their first password; none: one is made.
    pub password: Option<Password>,
}

impl Settings {
    /// The embedded defaults alone, whatever the environment says.
    ///
    /// # Errors
    /// If the embedded defaults were wrong, which a test excludes.
    pub fn defaults() -> Result<Self, SettingError> {
        let figment = Figment::new().merge(Toml::string(DEFAULTS));
        let raw: Raw = figment.extract().map_err(|error| unreadable(&error, &known_names()))?;
        Check { figment: &figment }.all(raw, Vec::new())
    }

    /// Reads the settings: the defaults, `file` (or `frontoffice.toml`, if there is one) and the environment.
    ///
    /// # Errors
    /// The first setting that is wrong.
    pub fn load(file: Option<&Path>) -> Result<Self, SettingError> {
        let known = known_names();
        let figment = layers(file, &known)?;
        let unknown = std::env::vars_os()
            .filter_map(|(name, _)| name.into_string().ok())
            .filter_map(|name| name.strip_prefix("FRONTOFFICE_").map(|rest| rest.to_ascii_lowercase().replace("__", ".")))
            // What the commands that work from outside read.
            .filter(|name| !known.contains(name) && !["url", "token"].contains(&name.as_str()))
            .map(|name| suggestion(&name, &known))
            .collect();
        let raw: Raw = figment.extract().map_err(|error| unreadable(&error, &known))?;
        Check { figment: &figment }.all(raw, unknown)
    }

    /// The folder's file for the instance key.
    #[must_use]
    pub fn key_file(&self) -> PathBuf {
        self.data_dir.join("secret.key")
    }

    /// The folder's file for a generated password that could not be shown.
    #[must_use]
    pub fn first_password_file(&self) -> PathBuf {
        self.data_dir.join("first-password")
    }
}

/// One setting as it stands.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Explained {
    /// Its name.
    pub name: String,
    /// Its value; a secret's is hidden.
    pub value: String,
    /// Where it was set.
    pub source: String,
}

/// Every setting with its value and where that was set.
///
/// # Errors
/// The first setting that is wrong.
pub fn explain(file: Option<&Path>) -> Result<Vec<Explained>, SettingError> {
    let settings = Settings::load(file)?;
    let known = known_names();
    let figment = layers(file, &known)?;
    let explained = known.into_iter().map(|name| {
        let value = match name.as_str() {
            "openai.api_key" => hidden(settings.model_endpoints.openai.key.is_some()),
            "anthropic.api_key" => hidden(settings.model_endpoints.anthropic.key.is_some()),
            "secret_key" => hidden(settings.secret_key.is_some()),
            "owner_password" => hidden(settings.owner.password.is_some()),
            "mail.smtp_url" => hidden(settings.mail.server.is_some()),
            "database_url" => settings.store.to_string(),
            "redis_url" => settings.memory.as_ref().map_or_else(String::new, Memory::place),
            other => figment.find_value(other).map_or_else(|_| String::new(), |value| shown(&value)),
        };
        let source = figment.find_metadata(&name).map_or_else(|| "default".to_owned(), |metadata| source(metadata, &name));
        Explained { name, value, source }
    });
    Ok(explained.collect())
}

/// A secret, as it may be shown.
fn hidden(is_set: bool) -> String {
    if is_set { "(hidden)".to_owned() } else { String::new() }
}
