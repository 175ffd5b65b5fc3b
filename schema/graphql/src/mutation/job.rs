//! What becomes of jobs that were given up.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use frontoffice_domain::{
    identity::Permission,
    job::{self, Tended},
};

use super::{UserError, UserErrorCode};
use crate::{
    context::{asking, house, platform},
    error::failed,
    global_id::GlobalId,
    object::job::Job,
};

/// Which job.
#[derive(InputObject)]
pub(crate) struct JobRetryInput {
    /// The job.
    job: ID,
}

/// Whether it is tried again.
#[derive(Default, SimpleObject)]
pub(crate) struct JobRetryPayload {
    /// The job as it is now; null if there is none.
    job: Option<Job>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Which job.
#[derive(InputObject)]
pub(crate) struct JobDiscardInput {
    /// The job.
    job: ID,
}

/// Whether it is gone.
#[derive(Default, SimpleObject)]
pub(crate) struct JobDiscardPayload {
    /// The job as it was; null if there is none.
    job: Option<Job>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Looks after jobs that were given up.
#[derive(Default)]
pub(crate) struct Jobs;

/// The job, and why nothing was done with it.
fn outcome(tended: Tended) -> (Option<Job>, Vec<UserError>) {
    match tended {
        Tended::Done(record) => (Some(Job(record)), Vec::new()),
        Tended::NotDead(record) => {
            let message = "This job was not given up, so there is nothing to retry or discard.";
            (Some(Job(record)), vec![UserError::at("job", UserErrorCode::NotDead, message)])
        }
        Tended::Holding(record) => {
            let message =
                "Credits are held for the answer that this job is about; retry it, so that they are charged or given back.";
            (Some(Job(record)), vec![UserError::at("job", UserErrorCode::CreditsHeld, message)])
        }
        Tended::Unknown => (None, vec![UserError::not_found("job")]),
    }
}

async fn tend(ctx: &Context<'_>, id: &ID, again: bool) -> Result<(Option<Job>, Vec<UserError>)> {
    let (house, platform, now) = (house(ctx)?, platform(ctx, Permission::JobManage)?, asking(ctx)?.now);
    platform.require(Permission::JobManage).map_err(failed)?;
    let Some(GlobalId::Job(id)) = GlobalId::decode(id) else { return Ok(outcome(Tended::Unknown)) };
    let tended = house
        .write_all(platform, async move |mut conn, platform| match again {
            true => job::retry(&mut conn, &platform, id.into(), now).await,
            false => job::discard(&mut conn, &platform, id.into(), now).await,
        })
        .await?;
    house.bus.ring();
    Ok(outcome(tended))
}

/// Looks after jobs that were given up.
#[Object]
impl Jobs {
    /// Tries a job that was given up again, from its first attempt on. Needs `job.manage`.
    async fn job_retry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which job.")] input: JobRetryInput,
    ) -> Result<Option<JobRetryPayload>> {
        let (job, user_errors) = tend(ctx, &input.job, true).await?;
        Ok(Some(JobRetryPayload { job, user_errors }))
    }

    /// Throws a job that was given up away; not one for whose answer credits are still held. Needs `job.manage`.
    async fn job_discard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which job.")] input: JobDiscardInput,
    ) -> Result<Option<JobDiscardPayload>> {
        let (job, user_errors) = tend(ctx, &input.job, false).await?;
        Ok(Some(JobDiscardPayload { job, user_errors }))
    }
}
