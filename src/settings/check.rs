//! From what is written to what can be used.

use std::{num::NonZeroU32, path::Path, time::Duration};

use figment::{Figment, Metadata};
use frontoffice_domain::{
    db::Location,
    identity::{self, InstanceKey, Password, SessionLengths},
    locale::Locale,
    memory::Memory,
    money::Credits,
    rate::{Quota, Quotas},
    tenancy,
};
use ipnet::IpNet;

use super::{
    LogFormat, Owner, Platform, SettingError, Settings, VisitorLimits,
    layers::{source, variable},
    model::ModelEndpoints,
    raw::{Raw, RawPlatform, RawVisitorLimits},
};

pub(super) struct Check<'a> {
    pub(super) figment: &'a Figment,
}

impl Check<'_> {
    pub(super) fn wrong(&self, name: &str, problem: impl Into<String>, allowed: impl Into<String>) -> SettingError {
        let source_name =
            self.figment.find_metadata(name).map_or_else(|| "settings".to_owned(), |metadata| source(metadata, name));
        SettingError { name: name.into(), source_name, problem: problem.into(), allowed: allowed.into() }
    }

    pub(super) fn between(&self, name: &str, value: u64, least: u64, most: u64) -> Result<u64, SettingError> {
        if (least..=most).contains(&value) {
            return Ok(value);
        }
        Err(self.wrong(name, format!("{value} is out of range"), format!("{least} to {most}")))
    }

    pub(super) fn all(&self, raw: Raw, unknown: Vec<String>) -> Result<Settings, SettingError> {
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
        let memory = self.memory(&raw.redis_url, &raw.redis.prefix)?;
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
        let model_endpoints = ModelEndpoints {
            openai: self.endpoint("openai", &raw.openai)?,
            anthropic: self.endpoint("anthropic", &raw.anthropic)?,
        };
        let model = self.model("model", &raw.model, &model_endpoints)?;
        let fallback_model = self.fallback_model(&raw.fallback_model, &model_endpoints)?;
        let models = self.models(&raw.models, &model, &model_endpoints)?;
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
            memory,
            secret_key,
            owner: self.owner(&raw.owner_email, raw.owner_password)?,
            sessions,
            hashes_at_once,
            portal_origins: self.portal_origins(&raw.sign_in.portal_origins)?,
            open_sign_up: self.sign_up(&raw.sign_in.sign_up)?,
            mail: self.mail(&raw.mail)?,
            model,
            fallback_model,
            models,
            model_endpoints,
            model_limits: self.limits(&raw.model_limits)?,
            trusted_proxies,
            log: raw.log,
            log_format,
            platform: self.platform(raw.platform)?,
            limits: self.visitor_limits(&raw.limits)?,
            graphiql: self.switch("pages.graphiql", &raw.pages.graphiql)?,
            demo: self.switch("pages.demo", &raw.pages.demo)?,
            widget: self.widget(&raw.widget)?,
            chat_wait: (Duration::from_secs(wait), Duration::from_secs(longest)),
            worker,
            connections,
            unknown,
        })
    }

    fn visitor_limits(&self, raw: &RawVisitorLimits) -> Result<VisitorLimits, SettingError> {
        let per_minute = |name: &str, value: u64| {
            let most = self.between(name, value, 1, 1_000_000)?;
            Ok(Quota::per_minute(u32::try_from(most).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN)))
        };
        let credits = self.between("limits.visitor_credits_per_day", raw.visitor_credits_per_day, 0, 1_000_000_000)?;
        Ok(VisitorLimits {
            quotas: Quotas {
                visitor: per_minute("limits.visitor_messages_per_minute", raw.visitor_messages_per_minute)?,
                address: per_minute("limits.address_messages_per_minute", raw.address_messages_per_minute)?,
                member: per_minute("limits.member_requests_per_minute", raw.member_requests_per_minute)?,
                api_key: per_minute("limits.key_requests_per_minute", raw.key_requests_per_minute)?,
                widget_key: per_minute("limits.widget_key_messages_per_minute", raw.widget_key_messages_per_minute)?,
            },
            visitor_credits: i64::try_from(credits).ok().and_then(Credits::whole).unwrap_or_default(),
        })
    }

    fn memory(&self, url: &str, prefix: &str) -> Result<Option<Memory>, SettingError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if prefix.is_empty() || prefix.len() > 40 || !prefix.chars().all(plain) {
            return Err(self.wrong("redis.prefix", format!("`{prefix}` is no prefix"), "1 to 40 of A-Z, a-z, 0-9, `-` and `_`"));
        }
        if url.is_empty() {
            return Ok(None);
        }
        // The value is not repeated: it may hold a password.
        Memory::at(url, prefix).map(Some).map_err(|allowed| self.wrong("redis_url", "it is no Redis server's address", allowed))
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
