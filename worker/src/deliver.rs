//! A claimed job's way through its handler, and what is noted when it fails.

use apalis_core::{error::BoxDynError, task::ExecutionContext};
use frontoffice_domain::{
    db::with_causes,
    job::{self, Failed, Lease, rules},
};
use tracing::Instrument;

use crate::{
    Context,
    failure::{Failure, Verdict},
    held::{Held, Order},
    job::kind_of,
    patience::patiently,
    queue::{Delivery, give_back},
};

/// Runs a job's handler until it is done or ordered to stop.
pub(crate) async fn deliver(context: Context, delivery: Delivery) -> Result<(), Failure> {
    let Delivery { lease, mut orders, _slot } = delivery;
    let span = tracing::info_span!(
        "job",
        name = lease.name(),
        job = %lease.id(),
        tenant = %lease.tenant(),
        attempt = lease.attempt(),
        request = lease.span().unwrap_or_default(),
    );
    async {
        let kind = kind_of(lease.name()).ok_or_else(|| Failure::never("no handler for this kind of job"))?;
        if lease.is_spent() {
            return Err(Failure::never("every attempt was used up, the last one by a worker that died"));
        }
        tokio::select! {
            // What is done is done, also when the order to stop comes with it.
            biased;
            done = (kind.run)(context, lease.clone()) => done,
            changed = orders.wait_for(|order| *order != Order::GoOn) => match changed.map(|order| *order) {
                Ok(Order::Lost) => Err(Failure::lost()),
                _ => Err(Failure::hand_back()),
            },
        }
    }
    .instrument(span)
    .await
}

/// Notes what became of a job. Success is noted already, together with its effect.
pub(crate) fn acknowledge(
    context: Context,
    held: Held,
) -> impl FnMut(&Result<(), BoxDynError>, &ExecutionContext) -> futures_util::future::BoxFuture<'static, Result<(), Failure>> + Clone
{
    move |result, execution| {
        let lease = execution.data().get::<Lease>().cloned();
        let failure = match result {
            Ok(()) => None,
            Err(error) => Some(classify(error)),
        };
        let (context, held) = (context.clone(), held.clone());
        Box::pin(async move {
            if let Some(lease) = lease {
                match failure {
                    None => held.remove(&lease),
                    Some((error, verdict)) => note(&context, &held, lease, error, verdict).await,
                }
            }
            Ok(())
        })
    }
}

/// What a failure means: the handler says it itself, except when it ran out of time.
fn classify(error: &BoxDynError) -> (String, Verdict) {
    match error.downcast_ref::<Failure>() {
        Some(failure) => (failure.error.clone(), failure.verdict),
        None if error.is::<tower::timeout::error::Elapsed>() => ("took too long".to_owned(), Verdict::Again(None)),
        None => ("ended early".to_owned(), Verdict::Again(None)),
    }
}

async fn note(context: &Context, held: &Held, lease: Lease, error: String, verdict: Verdict) {
    let after = match verdict {
        Verdict::Lost => {
            held.remove(&lease);
            return;
        }
        Verdict::HandBack => return give_back(context, held, lease).await,
        Verdict::Again(after) if lease.may_try_again() => Some(rules::backoff(lease.attempt(), after, rand::random())),
        Verdict::Again(_) | Verdict::Never => None,
    };
    let (id, name) = (lease.id(), lease.name().to_owned());
    tracing::warn!(job = %id, name, attempt = lease.attempt(), error, again_in = ?after, "an attempt failed");
    let noted = match (after, kind_of(lease.name())) {
        (None, Some(kind)) => patiently(|| (kind.give_up)(context.clone(), lease.clone(), error.clone())).await,
        _ => {
            let (scope, now) = (job::scope(&lease), context.clock.now());
            let outcome = patiently(|| {
                let (failed, error) = (lease.clone(), error.clone());
                context.db.write(&scope, async move |mut conn| job::fail(&mut conn, &failed, &error, after, now).await)
            });
            outcome.await.map(|outcome| {
                if outcome == Failed::Dead {
                    tracing::error!(job = %id, name, "dead");
                }
            })
        }
    };
    if let Err(fault) = noted {
        tracing::error!(job = %id, error = %with_causes(&fault), "a failed attempt could not be noted; its lease will end by itself");
    }
    held.remove(&lease);
}
