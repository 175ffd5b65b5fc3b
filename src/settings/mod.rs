//! Settings: the embedded defaults, then a file, then the environment. A wrong one names itself, where it was set and what is
//! allowed, and nothing starts half-way.

mod model;
mod pages;
mod raw;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use figment::{
    Figment, Metadata,
    providers::{Env, Format, Toml},
};
use frontoffice_api::Origin;
use frontoffice_domain::{
    db::Location,
    identity::{self, InstanceKey, Password, SessionLengths},
    locale::Locale,
    tenancy,
};
use frontoffice_worker::model::Limits;
use ipnet::IpNet;

use self::raw::{Raw, RawPlatform, shown};
pub use self::{
    model::{ModelChoice, OpenAi},
    pages::Switch,
};

/// The defaults, with a line of why for each.
pub const DEFAULTS: &str = include_str!("../frontoffice.default.toml");

/// The settings file that is read if nothing else is said.
const FILE: &str = "frontoffice.toml";

/// Settings that the environment may also call by the name everybody knows.
const PLAIN: &[(&str, &str)] =
    &[("database_url", "DATABASE_URL"), ("openai.base_url", "OPENAI_BASE_URL"), ("openai.api_key", "OPENAI_API_KEY")];

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
    /// The instance key, if it is set and not kept in the data folder.
    pub secret_key: Option<InstanceKey>,
    /// The platform's owner.
    pub owner: Owner,
    /// How long sessions last.
    pub sessions: SessionLengths,
    /// How many passwords are hashed at once.
    pub hashes_at_once: usize,
    /// Who answers.
    pub model: ModelChoice,
    /// The endpoint for models that speak as OpenAI's do.
    pub openai: OpenAi,
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
    /// The page for trying GraphQL.
    pub graphiql: Switch,
    /// Whether there is a page to try the product on.
    pub demo: Switch,
    /// The workers.
    pub worker: frontoffice_worker::Config,
    /// The most Postgres connections.
    pub connections: usize,
    /// Names in the environment that look like settings and are none.
    pub unknown: Vec<String>,
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
            .filter(|name| !known.contains(name))
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
            "openai.api_key" => hidden(settings.openai.key.is_some()),
            "secret_key" => hidden(settings.secret_key.is_some()),
            "owner_password" => hidden(settings.owner.password.is_some()),
            "database_url" => settings.store.to_string(),
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

/// The defaults, the file and the environment, one over the other.
fn layers(file: Option<&Path>, known: &[String]) -> Result<Figment, SettingError> {
    let mut figment = Figment::new().merge(Toml::string(DEFAULTS));
    if let Some(file) = file {
        if !file.is_file() {
            return Err(SettingError {
                name: "--config".into(),
                source_name: "command line".into(),
                problem: format!("there is no file {}", file.display()),
                allowed: "the path of a TOML file".into(),
            });
        }
        figment = figment.merge(Toml::file_exact(file));
    } else if Path::new(FILE).is_file() {
        figment = figment.merge(Toml::file_exact(FILE));
    }
    let names: Vec<&str> = known.iter().map(String::as_str).collect();
    let plain: Vec<&str> = PLAIN.iter().map(|(_, variable)| *variable).collect();
    let by_name = Env::raw().only(&plain).map(|variable| match PLAIN.iter().find(|(_, plain)| variable == *plain) {
        Some((name, _)) => (*name).into(),
        None => variable.into(),
    });
    Ok(figment.merge(by_name).merge(Env::prefixed("FRONTOFFICE_").split("__").only(&names)))
}

/// The names of all settings, `section.name`, in lower case.
fn known_names() -> Vec<String> {
    fn walk(prefix: &str, dict: &figment::value::Dict, names: &mut Vec<String>) {
        for (key, value) in dict {
            let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            match value.as_dict() {
                Some(inner) => walk(&name, inner, names),
                None => names.push(name),
            }
        }
    }
    let mut names = Vec::new();
    if let Ok(dict) = Figment::new().merge(Toml::string(DEFAULTS)).extract::<figment::value::Dict>() {
        walk("", &dict, &mut names);
    }
    names
}

fn variable(name: &str) -> String {
    format!("FRONTOFFICE_{}", name.to_ascii_uppercase().replace('.', "__"))
}

fn suggestion(name: &str, known: &[String]) -> String {
    let nearest = known.iter().min_by_key(|other| strsim::damerau_levenshtein(name, other));
    match nearest.filter(|other| strsim::damerau_levenshtein(name, other) <= 3) {
        Some(other) => format!("{} (did you mean {}?)", variable(name), variable(other)),
        None => variable(name),
    }
}

/// What figment could not read: an unknown name in the file, a wrong type, broken TOML.
fn unreadable(error: &figment::Error, known: &[String]) -> SettingError {
    let name = error.path.join(".");
    let allowed = match &error.kind {
        figment::error::Kind::UnknownField(..) => format!("one of {}", known.join(", ")),
        figment::error::Kind::InvalidType(_, expected) if matches!(expected.as_str(), "usize" | "u64") => "a whole number".into(),
        figment::error::Kind::InvalidType(_, expected) => expected.clone(),
        figment::error::Kind::Message(_) => "valid TOML".into(),
        _ => "what `frontoffice.default.toml` describes".into(),
    };
    SettingError {
        name: if name.is_empty() { "(file)".into() } else { name.clone() },
        source_name: error.metadata.as_ref().map_or_else(|| "settings".into(), |metadata| source(metadata, &name)),
        problem: error.kind.to_string().lines().next().unwrap_or_default().to_owned(),
        allowed,
    }
}

fn source(metadata: &Metadata, name: &str) -> String {
    if metadata.name.contains("environment") {
        let plain = PLAIN.iter().find(|(plain, _)| name == *plain && !metadata.name.contains("FRONTOFFICE"));
        return format!("{} in the environment", plain.map_or_else(|| variable(name), |(_, variable)| (*variable).to_owned()));
    }
    match metadata.source.as_ref().and_then(figment::Source::file_path) {
        Some(path) => path.display().to_string(),
        None => "default".into(),
    }
}

struct Check<'a> {
    figment: &'a Figment,
}

impl Check<'_> {
    fn wrong(&self, name: &str, problem: impl Into<String>, allowed: impl Into<String>) -> SettingError {
        let source_name =
            self.figment.find_metadata(name).map_or_else(|| "settings".to_owned(), |metadata| source(metadata, name));
        SettingError { name: name.into(), source_name, problem: problem.into(), allowed: allowed.into() }
    }

    fn between(&self, name: &str, value: u64, least: u64, most: u64) -> Result<u64, SettingError> {
        if (least..=most).contains(&value) {
            return Ok(value);
        }
        Err(self.wrong(name, format!("{value} is out of range"), format!("{least} to {most}")))
    }

    fn all(&self, raw: Raw, unknown: Vec<String>) -> Result<Settings, SettingError> {
        let listen = raw.listen.parse().map_err(|_| {
            self.wrong("listen", format!("`{}` is no address", raw.listen), "ADDRESS:PORT, for example 127.0.0.1:8080")
        })?;
        let public_url = match raw.public_url.as_str() {
            "" => None,
            text => {
                Some(text.parse().map_err(|allowed: &str| self.wrong("public_url", format!("`{text}` is no origin"), allowed))?)
            }
        };
        let store = match raw.database_url.as_str() {
            "" => Location::Sqlite(Path::new(&raw.data_dir).join("frontoffice.db")),
            // The value is not repeated: it may hold a password.
            text => text.parse().map_err(|allowed: &str| self.wrong("database_url", "it is no store's address", allowed))?,
        };
        let secret_key = match raw.secret_key.as_str() {
            "" => None,
            text => Some(InstanceKey::from_base64(text).map_err(|_| {
                self.wrong(
                    "secret_key",
                    "it is no key",
                    "32 bytes in base64 (44 characters), as `openssl rand -base64 32` prints them",
                )
            })?),
        };
        let openai = self.openai(&raw.openai)?;
        let model = self.model(&raw.model, &openai)?;
        let trusted_proxies = raw
            .trusted_proxies
            .iter()
            .map(|text| text.parse::<IpNet>().or_else(|_| text.parse().map(|address: std::net::IpAddr| address.into())))
            .collect::<Result<_, _>>()
            .map_err(|_| {
                self.wrong(
                    "trusted_proxies",
                    "one of them is no address",
                    "addresses such as 10.0.0.1 and networks such as 10.0.0.0/8",
                )
            })?;
        // Without `=`, a part is a level; a misspelt one would be taken for a module, and nothing be logged.
        let levels = ["off", "error", "warn", "info", "debug", "trace"];
        let misspelt = raw
            .log
            .split(',')
            .any(|part| !part.contains(['=', '[']) && !levels.contains(&part.trim().to_ascii_lowercase().as_str()));
        if misspelt || tracing_subscriber::EnvFilter::try_new(&raw.log).is_err() {
            return Err(self.wrong(
                "log",
                format!("`{}` is no filter", raw.log),
                "error, warn, info, debug, trace, or MODULE=LEVEL pairs",
            ));
        }
        let log_format = match raw.log_format.as_str() {
            "text" => LogFormat::Text,
            "json" => LogFormat::Json,
            "auto" => LogFormat::Auto,
            other => return Err(self.wrong("log_format", format!("`{other}` is no format"), "`text`, `json` or `auto`")),
        };
        let worker = frontoffice_worker::Config {
            slots: usize::try_from(self.between(
                "worker.slots",
                u64::try_from(raw.worker.slots).unwrap_or(u64::MAX),
                1,
                1_000,
            )?)
            .unwrap_or(1),
            lease: Duration::from_secs(self.between("worker.lease_seconds", raw.worker.lease_seconds, 1, 3_600)?),
            job_time: Duration::from_secs(self.between("worker.job_seconds", raw.worker.job_seconds, 1, 3_600)?),
            look: Duration::from_millis(self.between("worker.look_millis", raw.worker.look_millis, 10, 60_000)?),
            grace: Duration::from_secs(self.between("worker.grace_seconds", raw.worker.grace_seconds, 0, 600)?),
            keep_done: Duration::from_secs(
                self.between("worker.keep_done_days", raw.worker.keep_done_days, 0, 3_650)?.saturating_mul(86_400),
            ),
        };
        let longest = self.between("chat.longest_wait_seconds", raw.chat.longest_wait_seconds, 0, 600)?;
        let wait = self.between("chat.wait_seconds", raw.chat.wait_seconds, 0, longest)?;
        let connections = u64::try_from(raw.postgres.connections).unwrap_or(u64::MAX);
        let connections = usize::try_from(self.between("postgres.connections", connections, 2, 1_000)?).unwrap_or(2);
        let sign_in = &raw.sign_in;
        let idle = self.between("sign_in.idle_hours", sign_in.idle_hours, 1, 8_760)?;
        let days = self.between("sign_in.longest_days", sign_in.longest_days, 1, 365)?;
        let hashes = u64::try_from(sign_in.hashes_at_once).unwrap_or(u64::MAX);
        let hashes_at_once = usize::try_from(self.between("sign_in.hashes_at_once", hashes, 1, 64)?).unwrap_or(1);
        let sessions = SessionLengths {
            idle: Duration::from_secs(idle.saturating_mul(3_600)),
            longest: Duration::from_secs(days.saturating_mul(86_400)),
        };
        Ok(Settings {
            listen,
            public_url,
            data_dir: raw.data_dir.into(),
            store,
            secret_key,
            owner: self.owner(&raw.owner_email, raw.owner_password)?,
            sessions,
            hashes_at_once,
            model,
            openai,
            model_limits: self.limits(&raw.model_limits)?,
            trusted_proxies,
            log: raw.log,
            log_format,
            platform: self.platform(raw.platform)?,
            graphiql: self.switch("pages.graphiql", &raw.pages.graphiql)?,
            demo: self.switch("pages.demo", &raw.pages.demo)?,
            chat_wait: (Duration::from_secs(wait), Duration::from_secs(longest)),
            worker,
            connections,
            unknown,
        })
    }

    fn owner(&self, email: &str, password: String) -> Result<Owner, SettingError> {
        let email = identity::rules::plain_email(email);
        if !identity::rules::email_allowed(&email) {
            return Err(self.wrong("owner_email", format!("`{email}` is no e-mail"), "NAME@HOST, at most 254 characters"));
        }
        if password.is_empty() {
            return Ok(Owner { email, password: None });
        }
        // As it was typed: a password of digits was read as a number, which has no leading zeros.
        let from_file = |metadata: &&Metadata| metadata.source.as_ref().and_then(figment::Source::file_path).is_some();
        let typed = match self.figment.find_metadata("owner_password").filter(|metadata| !from_file(metadata)) {
            Some(_) => std::env::var(variable("owner_password")).unwrap_or(password),
            None => password,
        };
        // The value is not repeated.
        let password = Password::choose(typed, &email).map_err(|fault| {
            self.wrong(
                "owner_password",
                format!("it {fault}"),
                "8 to 1000 characters, not the e-mail, and none of the most common ones",
            )
        })?;
        Ok(Owner { email, password: Some(password) })
    }

    fn platform(&self, raw: RawPlatform) -> Result<Platform, SettingError> {
        if !tenancy::rules::slug_allowed(&raw.slug) {
            let allowed = "2 to 63 of a-z, 0-9 and hyphens, none of them first or last";
            return Err(self.wrong("platform.slug", format!("`{}` is no slug", raw.slug), allowed));
        }
        if raw.name.trim().is_empty() || raw.name.chars().count() > 200 {
            return Err(self.wrong("platform.name", "it is empty or too long", "1 to 200 characters"));
        }
        let locale = raw.locale.parse().map_err(|_| {
            let known: Vec<&str> = Locale::ALL.iter().map(|locale| locale.as_str()).collect();
            self.wrong(
                "platform.locale",
                format!("`{}` is no language we have", raw.locale),
                format!("one of {}", known.join(" ")),
            )
        })?;
        Ok(Platform { slug: raw.slug, name: raw.name, locale })
    }
}
