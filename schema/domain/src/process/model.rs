//! A process, as others see it.

use diesel::prelude::*;

use crate::{clock::Instant, tables::processes, text_enum::text_enum};

text_enum! {
    /// What a process is for.
    Role {
        /// Doors and workers.
        Serve = "serve",
        /// Doors alone.
        Api = "api",
        /// Workers alone.
        Worker = "worker",
    }
}

impl Role {
    /// Whether it works on jobs.
    #[must_use]
    pub const fn works(self) -> bool {
        !matches!(self, Self::Api)
    }

    /// Whether visitors and staff come to it.
    #[must_use]
    pub const fn opens(self) -> bool {
        !matches!(self, Self::Worker)
    }
}

/// What a process is called: what it is for, on which machine, under which number there, and something no other has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// A new name.
    #[must_use]
    pub fn new(role: Role, machine: &str, number: u32) -> Self {
        let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        let machine: String = machine.chars().filter(plain).take(60).collect();
        Self(format!("{role}-{machine}-{number}-{:06x}", rand::random::<u32>() & 0x00ff_ffff))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A process, as it last said it was.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = processes, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Process {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The program's version.
    pub version: String,
    /// When it started.
    pub started_at: Instant,
    /// When it last said that it runs.
    pub seen_at: Instant,
    /// When it last looked at the queue; `None` where it has not, or does not.
    pub last_look_at: Option<Instant>,
}
