//! The errands of Frontoffice: apalis workers over the `jobs` table, and the models that answer.
//!
//! Invariants: no network and no waiting inside a transaction; every job survives being run twice and dying half-way; no fault of
//! the queue, the store, a model or a handler ends the worker.

mod deliver;
mod failure;
mod held;
mod job;
pub mod model;
pub mod net;
mod patience;
mod queue;

use std::{sync::Arc, time::Duration};

use apalis::{
    layers::{WorkerBuilderExt, catch_panic::CatchPanicLayer},
    prelude::{AcknowledgementExt, Monitor, ParallelizeExt, WorkerBuilder},
};
use frontoffice_domain::{bus::Bus, clock::Clock, db::Db, identity::InstanceKey, pulse::Pulse};
use futures_util::{FutureExt, future::BoxFuture};
use tokio_util::sync::CancellationToken;

use crate::{
    deliver::{acknowledge, deliver},
    held::Held,
    model::Model,
    net::{guarded::PrivateHost, post::Post},
    queue::Queue,
};
pub use crate::{failure::Failure, job::names};

/// How this process works. Every number is a setting.
#[derive(Clone, Debug)]
pub struct Config {
    /// How many jobs at once.
    pub slots: usize,
    /// How long a claim is good for without being renewed; it is renewed three times as often.
    pub lease: Duration,
    /// How long one attempt of a job may take.
    pub job_time: Duration,
    /// How often to look at the queue when the bell is silent.
    pub look: Duration,
    /// How long jobs may take to finish once the process is to stop; then they are handed back.
    pub grace: Duration,
    /// How long jobs that are done are kept.
    pub keep_done: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            slots: 16,
            lease: Duration::from_secs(15),
            job_time: Duration::from_secs(150),
            look: Duration::from_secs(1),
            grace: Duration::from_secs(20),
            keep_done: Duration::from_secs(7 * 24 * 3600),
        }
    }
}

/// What jobs work with.
#[derive(Clone)]
pub struct Context {
    /// The store.
    pub db: Db,
    /// The bus.
    pub bus: Bus,
    /// The time.
    pub clock: Clock,
    /// Who answers.
    pub model: Arc<dyn Model>,
    /// Makes the links in letters.
    pub key: InstanceKey,
    /// Sends letters.
    pub post: Post,
    /// Where the outside reaches the doors.
    pub host: String,
    /// Hosts that are looked at for tenants though they are not public.
    pub private_hosts: Vec<PrivateHost>,
}

/// Works until `stop`, then finishes or hands back what it has. In a box, so that all the work is compiled here alone.
pub fn run(context: Context, config: Config, pulse: Pulse, stop: CancellationToken) -> BoxFuture<'static, ()> {
    work(context, config, pulse, stop).boxed()
}

async fn work(context: Context, config: Config, pulse: Pulse, stop: CancellationToken) {
    let held = Held::default();
    let renewing = tokio::spawn(held.clone().renew(context.clone(), config.clone()));
    let hand_back = {
        let (held, stop, grace) = (held.clone(), stop.clone(), config.grace);
        tokio::spawn(async move {
            stop.cancelled().await;
            tokio::time::sleep(grace).await;
            held.hand_back_all();
        })
    };
    // What was handed back still has to be written down.
    let last_moment = config.grace.saturating_add(Duration::from_secs(3));
    let monitor = {
        let (stop, held) = (stop.clone(), held.clone());
        Monitor::new()
            .register(move |restarts| {
                let queue = Queue::start(context.clone(), config.clone(), held.clone(), pulse.clone(), stop.clone());
                let (context, held) = (context.clone(), held.clone());
                WorkerBuilder::new(format!("jobs-{restarts}"))
                    .backend(queue)
                    .parallelize(tokio::spawn)
                    .ack_with(acknowledge(context.clone(), held))
                    .layer(CatchPanicLayer::with_panic_handler(|_| Failure::panicked()))
                    .timeout(config.job_time)
                    .build(move |delivery| deliver(context.clone(), delivery))
            })
            .should_restart(|worker, error| {
                tracing::error!(worker = worker.name(), %error, "the worker ended and is started again");
                true
            })
            // Lazy: `sleep` counts from where it is called, and this is the start.
            .with_terminator(async move { tokio::time::sleep(last_moment).await })
    };
    let ended = monitor
        .run_with_signal(async move {
            stop.cancelled().await;
            Ok(())
        })
        .await;
    if let Err(error) = ended {
        tracing::error!(%error, "the workers did not end well");
    }
    renewing.abort();
    hand_back.abort();
}
