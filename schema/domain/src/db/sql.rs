//! SQL types that both engines understand.
//!
//! None is called `Timestamp`: `table!` would give a column of that name arithmetic, which does not compile here.

use diesel::{query_builder::QueryId, sql_types::SqlType};

/// A UUID: `uuid` on Postgres, sixteen bytes on SQLite.
#[derive(Clone, Copy, Debug, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951))]
#[diesel(sqlite_type(name = "Binary"))]
pub struct Id;

/// An instant: `timestamptz` on Postgres, microseconds since 1970 on SQLite.
#[derive(Clone, Copy, Debug, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185))]
#[diesel(sqlite_type(name = "Long"))]
pub struct Instant;
