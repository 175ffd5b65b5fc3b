//! Where settings come from: the embedded defaults, then a file, then the environment.

use std::path::Path;

use figment::{
    Figment, Metadata,
    providers::{Env, Format, Toml},
};

use super::{DEFAULTS, SettingError};

/// The settings file that is read if nothing else is said.
const FILE: &str = "frontoffice.toml";

/// Settings that the environment may also call by the name everybody knows.
const PLAIN: &[(&str, &str)] = &[
    ("database_url", "DATABASE_URL"),
    ("redis_url", "REDIS_URL"),
    ("openai.base_url", "OPENAI_BASE_URL"),
    ("openai.api_key", "OPENAI_API_KEY"),
    ("anthropic.base_url", "ANTHROPIC_BASE_URL"),
    ("anthropic.api_key", "ANTHROPIC_API_KEY"),
];

/// The defaults, the file and the environment, one over the other.
pub(super) fn layers(file: Option<&Path>, known: &[String]) -> Result<Figment, SettingError> {
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
pub(super) fn known_names() -> Vec<String> {
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

pub(super) fn variable(name: &str) -> String {
    format!("FRONTOFFICE_{}", name.to_ascii_uppercase().replace('.', "__"))
}

pub(super) fn suggestion(name: &str, known: &[String]) -> String {
    let nearest = known.iter().min_by_key(|other| strsim::damerau_levenshtein(name, other));
    match nearest.filter(|other| strsim::damerau_levenshtein(name, other) <= 3) {
        Some(other) => format!("{} (did you mean {}?)", variable(name), variable(other)),
        None => variable(name),
    }
}

/// What figment could not read: an unknown name in the file, a wrong type, broken TOML.
pub(super) fn unreadable(error: &figment::Error, known: &[String]) -> SettingError {
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

pub(super) fn source(metadata: &Metadata, name: &str) -> String {
    if metadata.name.contains("environment") {
        let plain = PLAIN.iter().find(|(plain, _)| name == *plain && !metadata.name.contains("FRONTOFFICE"));
        return format!("{} in the environment", plain.map_or_else(|| variable(name), |(_, variable)| (*variable).to_owned()));
    }
    match metadata.source.as_ref().and_then(figment::Source::file_path) {
        Some(path) => path.display().to_string(),
        None => "default".into(),
    }
}
