//! The kinds of jobs this worker knows, all registered here; one file each.

mod answer_turn;
mod apply_retention;
mod check_charges;
mod check_widget_page;
mod keep_account;
mod meter_usage;
mod publish_pricebook;
mod remind_waiting;
mod send_mail;
mod tell_of_alert;

use std::future::Future;

use frontoffice_domain::{
    alert::TellOfAlert,
    chat::{AnswerTurn, RemindWaiting},
    credit::{CheckCharges, KeepAccount, MeterUsage},
    fault::Fault,
    job::{self, Job, Lease},
    mail::SendMail,
    pricing::PublishPricebook,
    privacy::ApplyRetention,
    widget::CheckPage,
};
use futures_util::{FutureExt, future::BoxFuture};

use crate::{Context, failure::Failure};

/// A job's handler.
pub(crate) trait Handle: Job {
    /// Does the work and notes its effect together with the job's end, in one transaction.
    fn run(self, context: Context, lease: Lease) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Notes that the job has failed for good, together with what follows from that, in one transaction. The payload may be what
    /// failed, so only the lease's key says what the job was about.
    fn give_up(context: Context, lease: Lease, error: String) -> impl Future<Output = Result<(), Fault>> + Send;
}

/// Notes that a job has failed for good where nothing else follows from that; in the log, `what` could not be done.
async fn bury(context: Context, lease: Lease, error: String, what: &'static str) -> Result<(), Fault> {
    let (scope, now, id) = (job::scope(&lease), context.clock.now(), lease.id());
    context.db.write(&scope, async move |mut conn| job::fail(&mut conn, &lease, &error, None, now).await).await?;
    tracing::error!(job = %id, "dead; {what}");
    Ok(())
}

/// A kind of job.
pub(crate) struct Kind {
    name: &'static str,
    pub(crate) run: fn(Context, Lease) -> BoxFuture<'static, Result<(), Failure>>,
    pub(crate) give_up: fn(Context, Lease, String) -> BoxFuture<'static, Result<(), Fault>>,
}

const KINDS: &[Kind] = &[
    kind::<AnswerTurn>(),
    kind::<ApplyRetention>(),
    kind::<CheckCharges>(),
    kind::<KeepAccount>(),
    kind::<CheckPage>(),
    kind::<MeterUsage>(),
    kind::<PublishPricebook>(),
    kind::<RemindWaiting>(),
    kind::<SendMail>(),
    kind::<TellOfAlert>(),
];

/// The names of all kinds. A job of another name is left to workers that know it.
#[must_use]
pub fn names() -> Vec<&'static str> {
    KINDS.iter().map(|kind| kind.name).collect()
}

pub(crate) fn kind_of(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

const fn kind<J: Handle>() -> Kind {
    Kind {
        name: J::NAME,
        run: |context, lease| {
            async move {
                let job: J = lease.decode().map_err(|error| Failure::never(format!("the payload cannot be read: {error}")))?;
                job.run(context, lease).await
            }
            .boxed()
        },
        give_up: |context, lease, error| J::give_up(context, lease, error).boxed(),
    }
}
