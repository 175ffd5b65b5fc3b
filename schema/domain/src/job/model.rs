//! Shapes of jobs.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    clock::Instant,
    db::sql,
    id::{JobId, TenantId},
    tables::{jobs, tenants},
    text_enum::text_enum,
};

text_enum! {
    /// How far a job is.
    JobState {
        /// To be done at or after its `run_at`.
        Queued = "queued",
        /// A worker has it, until its lease ends.
        Leased = "leased",
        /// Done.
        Done = "done",
        /// Given up, and kept to be looked at.
        Dead = "dead",
    }
}

/// A kind of work. The payload carries ids, never text of people.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its name in the table, constant for ever: renaming the type changes nothing outside. Lower case and underscores.
    const NAME: &'static str;
    /// How often it is attempted in all.
    const MAX_ATTEMPTS: i32 = 5;
    /// Within a tenant, lower goes first.
    const PRIORITY: i16 = 1;

    /// What it is about, in words that stay readable when the payload is not: a tenant has one job of a name and key.
    fn key(&self) -> String;

    /// What it waits for that may be slow: of those that wait for one thing a worker does only so many at once.
    fn lane(&self) -> Option<&str> {
        None
    }
}

/// A job that could be claimed now.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Due {
    /// The job.
    #[diesel(sql_type = sql::Id)]
    pub id: JobId,
    /// Whose it is.
    #[diesel(sql_type = sql::Id)]
    pub tenant_id: TenantId,
    /// What it waits for that may be slow.
    #[diesel(sql_type = Nullable<Text>)]
    pub lane: Option<String>,
}

/// How far a job is.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The kind of work.
    pub name: String,
    /// How far it is.
    pub state: JobState,
    /// Which attempt it is at; none was made at 0.
    pub attempt: i32,
    /// How often it is attempted in all.
    pub max_attempts: i32,
    /// When it was called for.
    pub created_at: Instant,
    /// When it is or was to be done.
    pub run_at: Instant,
    /// When it ended.
    pub ended_at: Option<Instant>,
}

/// A claimed job: the proof that this worker has it, good until another has claimed it.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Lease {
    #[diesel(sql_type = sql::Id)]
    pub(crate) id: JobId,
    #[diesel(sql_type = sql::Id)]
    pub(crate) tenant_id: TenantId,
    #[diesel(sql_type = Text)]
    pub(crate) name: String,
    #[diesel(sql_type = Text)]
    pub(crate) unique_key: String,
    #[diesel(sql_type = Text)]
    pub(crate) payload: String,
    #[diesel(sql_type = Integer)]
    pub(crate) attempt: i32,
    #[diesel(sql_type = Integer)]
    pub(crate) max_attempts: i32,
    #[diesel(sql_type = BigInt)]
    pub(crate) lease_token: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) span: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) lane: Option<String>,
}

impl Lease {
    /// What it waits for that may be slow ([`Job::lane`]).
    #[must_use]
    pub fn lane(&self) -> Option<&str> {
        self.lane.as_deref()
    }

    /// The job.
    #[must_use]
    pub fn id(&self) -> JobId {
        self.id
    }

    /// Whose it is.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.tenant_id
    }

    /// The kind of work.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is about ([`Job::key`]).
    #[must_use]
    pub fn key(&self) -> &str {
        &self.unique_key
    }

    /// Which attempt this is, from 1.
    #[must_use]
    pub fn attempt(&self) -> i32 {
        self.attempt
    }

    /// The fencing token: one more at each claim.
    #[must_use]
    pub fn token(&self) -> i64 {
        self.lease_token
    }

    /// The request that called for the job.
    #[must_use]
    pub fn span(&self) -> Option<&str> {
        self.span.as_deref()
    }

    /// Whether all attempts were used up before this claim, so that the only thing left is to give up. That happens when a worker
    /// died in the last one.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.attempt > self.max_attempts
    }

    /// Whether there will be another attempt if this one fails.
    #[must_use]
    pub fn may_try_again(&self) -> bool {
        self.attempt < self.max_attempts
    }

    /// The payload as the job it should be.
    ///
    /// # Errors
    /// If it cannot be read as one.
    pub fn decode<J: Job>(&self) -> Result<J, serde_json::Error> {
        serde_json::from_str(&self.payload)
    }
}

/// A job as those see it who look after the queue. Its payload is nobody's to read.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = jobs, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Record {
    /// The job.
    pub id: JobId,
    /// Whose it is.
    #[diesel(embed)]
    pub tenant: Whose,
    /// The kind of work.
    pub name: String,
    /// How far it is.
    pub state: JobState,
    /// How often it was attempted.
    pub attempt: i32,
    /// How often it is attempted in all.
    pub max_attempts: i32,
    /// Not before.
    pub run_at: Instant,
    /// What the last attempt failed with.
    pub last_error: Option<String>,
    /// When it was called for.
    pub created_at: Instant,
    /// When it was done or given up.
    pub ended_at: Option<Instant>,
}

/// The tenant of a job, as it is known outside.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = tenants, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Whose {
    /// The UUID it is known by.
    pub public_id: TenantId,
    /// Its short name in addresses.
    pub slug: String,
    /// Its name for people.
    pub name: String,
}

/// Which jobs are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// How far they are.
    pub state: Option<JobState>,
    /// The kind of work.
    pub name: Option<String>,
    /// Whose they are, by the UUID known outside.
    pub tenant: Option<TenantId>,
}

/// How long a claim is good for without being renewed.
pub type LeaseLength = Duration;
