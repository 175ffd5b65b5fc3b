//! The one source of time. Everything that happens in the domain happens at an [`Instant`] that was asked of a [`Clock`].

use std::{
    fmt,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Datelike, SecondsFormat, Timelike, Utc};
use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::Pg,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::BigInt,
    sqlite::Sqlite,
};

use crate::db::sql;

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql::Instant)]
pub struct Instant(i64);

/// Postgres counts microseconds from 2000-01-01; this many lie between the two epochs.
const POSTGRES_EPOCH: i64 = 946_684_800_000_000;

impl Instant {
    /// From microseconds since the Unix epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the Unix epoch.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// This much later; the end of time if that cannot be written down.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// This much earlier; the beginning of time if that cannot be written down.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; zero if it is not after it.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl Instant {
    /// Writes it as it is displayed, for what is written hundreds of times at once.
    pub fn write(self, out: &mut Vec<u8>) {
        let at = DateTime::<Utc>::from_timestamp_micros(self.0).map(|at| at.naive_utc());
        let Some((at, year)) = at.and_then(|at| Some((at, u32::try_from(at.year()).ok().filter(|year| *year < 10_000)?))) else {
            return out.extend_from_slice(self.to_string().as_bytes());
        };
        let mut two = |number: u32, after: &str| {
            for digit in [number / 10 % 10, number % 10] {
                out.push(b'0'.saturating_add(u8::try_from(digit).unwrap_or_default()));
            }
            out.extend_from_slice(after.as_bytes());
        };
        let micros = at.nanosecond() / 1_000;
        two(year / 100, "");
        two(year, "-");
        two(at.month(), "-");
        two(at.day(), "T");
        two(at.hour(), ":");
        two(at.minute(), ":");
        two(at.second(), ".");
        two(micros / 10_000, "");
        two(micros / 100, "");
        two(micros, "Z");
    }
}

/// RFC 3339, UTC, microseconds: `2026-11-22T15:08:00.000000Z`.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::<Utc>::from_timestamp_micros(self.0) {
            Some(at) => f.write_str(&at.to_rfc3339_opts(SecondsFormat::Micros, true)),
            None => write!(f, "{}us", self.0),
        }
    }
}

/// From RFC 3339, with any offset; finer than microseconds is cut.
impl FromStr for Instant {
    type Err = chrono::ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        DateTime::parse_from_rfc3339(text).map(|at| Self(at.timestamp_micros()))
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl ToSql<sql::Instant, Pg> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        std::io::Write::write_all(out, &self.0.saturating_sub(POSTGRES_EPOCH).to_be_bytes())?;
        Ok(IsNull::No)
    }
}
impl ToSql<sql::Instant, Sqlite> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0);
        Ok(IsNull::No)
    }
}
impl FromSql<sql::Instant, Pg> for Instant {
    fn from_sql(bytes: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(i64::from_be_bytes(bytes.as_bytes().try_into()?).saturating_add(POSTGRES_EPOCH)))
    }
}
impl FromSql<sql::Instant, Sqlite> for Instant {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <i64 as FromSql<BigInt, Sqlite>>::from_sql(value).map(Self)
    }
}

/// Where "now" comes from. Clones tell the same time.
///
/// The system's clock, shifted by what the database's clock was last seen to differ ([`Clock::discipline`]), so that several
/// machines agree; or a clock that only moves by hand, for tests.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System { offset: Arc<AtomicI64> },
    Manual { now: Arc<AtomicI64> },
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System { offset: Arc::default() })
    }

    /// A clock that stands at `start` until it is moved.
    #[must_use]
    pub fn manual(start: Instant) -> Self {
        Self(Source::Manual { now: Arc::new(AtomicI64::new(start.0)) })
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Instant {
        match &self.0 {
            Source::System { offset } => Instant(system_micros().saturating_add(offset.load(Ordering::Relaxed))),
            Source::Manual { now } => Instant(now.load(Ordering::SeqCst)),
        }
    }

    /// Moves a manual clock forward; the system's clock goes by itself.
    pub fn advance(&self, span: Duration) {
        if let Source::Manual { now } = &self.0 {
            now.store(self.now().after(span).0, Ordering::SeqCst);
        }
    }

    /// The time of this machine, whatever a database says; what [`Clock::discipline`] measures against.
    #[must_use]
    pub fn of_this_machine() -> Instant {
        Instant(system_micros())
    }

    /// Follows the clock of a database that said `database` some time after `before` and not after `after` (both by this
    /// machine's clock). An answer that took long says little and is ignored.
    pub fn discipline(&self, before: Instant, database: Instant, after: Instant) {
        if let Source::System { offset } = &self.0 {
            let taken = after.0.saturating_sub(before.0);
            if taken < 500_000 {
                let midway = before.0.saturating_add(taken.checked_div(2).unwrap_or(0));
                offset.store(database.0.saturating_sub(midway), Ordering::Relaxed);
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place where time comes from")]
fn system_micros() -> i64 {
    Utc::now().timestamp_micros()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_written_as_it_is_displayed(micros in prop_oneof![any::<i64>(), -62_200_000_000_000_000_i64..253_500_000_000_000_000]) {
            let mut out = Vec::new();
            Instant::from_micros(micros).write(&mut out);
            prop_assert_eq!(String::from_utf8(out).unwrap(), Instant::from_micros(micros).to_string());
        }
    }
}
