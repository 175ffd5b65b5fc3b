//! The queue.

use async_graphql::{ID, InputObject, Object, SimpleObject};
use frontoffice_domain::{
    id::JobId,
    job::{self, Record, Whose},
};

use crate::{
    global_id::GlobalId,
    kind::JobState,
    scalar::{DateTime, Uuid},
};

/// Which jobs are wanted. What is left out does not matter.
#[derive(InputObject)]
pub(crate) struct JobFilter {
    /// How far they are.
    state: Option<JobState>,
    /// The kind of work.
    name: Option<String>,
    /// Whose they are, by the tenant's UUID.
    tenant: Option<Uuid>,
}

impl From<JobFilter> for job::Filter {
    fn from(filter: JobFilter) -> Self {
        Self { state: filter.state.map(Into::into), name: filter.name, tenant: filter.tenant.map(|tenant| tenant.0.into()) }
    }
}

/// A business, by its names.
#[derive(SimpleObject)]
pub(crate) struct TenantSummary {
    /// The tenant's id among all objects.
    id: ID,
    /// The UUID it is known by.
    uuid: Uuid,
    /// Its short name in addresses.
    slug: String,
    /// Its name for people.
    name: String,
}

/// A job.
#[derive(Clone)]
pub(crate) struct Job(pub(crate) Record);

impl Job {
    /// Where it is in the list of all jobs.
    pub(crate) fn place(&self) -> JobId {
        self.0.id
    }
}

/// Work to be done, or that was done.
#[Object]
impl Job {
    /// Its id among all objects.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Job(self.0.id.uuid()).encode()
    }

    /// The kind of work.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How far it is.
    async fn state(&self) -> JobState {
        self.0.state.into()
    }

    /// How often it was attempted.
    async fn attempt(&self) -> i32 {
        self.0.attempt
    }

    /// How often it is attempted in all.
    async fn max_attempts(&self) -> i32 {
        self.0.max_attempts
    }

    /// Not before this instant.
    async fn run_at(&self) -> DateTime {
        DateTime(self.0.run_at)
    }

    /// What the last failed attempt failed with.
    async fn last_error(&self) -> Option<&str> {
        self.0.last_error.as_deref()
    }

    /// When it was called for.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was done or given up.
    async fn ended_at(&self) -> Option<DateTime> {
        self.0.ended_at.map(DateTime)
    }

    /// Whose it is.
    async fn tenant(&self) -> TenantSummary {
        let Whose { public_id, slug, name } = self.0.tenant.clone();
        TenantSummary { id: GlobalId::Tenant(public_id.uuid()).encode(), uuid: Uuid(public_id.uuid()), slug, name }
    }
}
