//! Where a store is, as its URL says it.

use std::{path::PathBuf, str::FromStr};

/// Where the store is.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A Postgres URL; it may hold a password, so it is never shown.
    Postgres(String),
}

impl std::fmt::Debug for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// For people: the file, or host and database of the URL, never its user or password.
impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "SQLite, {}", path.display()),
            Self::Postgres(url) => {
                let after =
                    url.rsplit_once('@').map_or_else(|| url.split_once("://").map_or("", |(_, rest)| rest), |(_, rest)| rest);
                write!(f, "Postgres, {}", after.split('?').next().unwrap_or_default())
            }
        }
    }
}

impl FromStr for Location {
    type Err = &'static str;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        match url.strip_prefix("sqlite:") {
            Some(path) if !path.trim_start_matches("//").is_empty() => {
                Ok(Self::Sqlite(path.strip_prefix("//").unwrap_or(path).into()))
            }
            _ => Err("`postgres://USER:PASSWORD@HOST/DATABASE` or `sqlite:FILE`"),
        }
    }
}
