//! The apalis backend over the `jobs` table.
//!
//! A looker claims as many jobs as there are free slots, when the bell rings and every second. It never returns an error to
//! apalis, because an error out of a backend ends the worker: it logs, backs off and goes on; readiness shows it.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context as Poller, Poll},
    time::Duration,
};

use apalis_core::{
    backend::{Backend, BackendConfig, finalize::Ephemeral},
    task::{Task, builder::TaskBuilder, task_id::TaskId},
    worker::context::WorkerContext,
};
use frontoffice_domain::{
    credit,
    db::with_causes,
    fault::Fault,
    id::TenantId,
    job::{self, Lease, Wanted, rules::Busy},
    privacy,
    pulse::Pulse,
    tenancy::Platform,
    widget,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    task::JoinHandle,
};
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::layer::util::Identity;

use crate::{
    Config, Context,
    held::{Held, Order},
    job::names,
    patience::patiently,
};

/// A claimed job on its way to its handler, with the slot it occupies.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) lease: Lease,
    pub(crate) orders: watch::Receiver<Order>,
    pub(crate) _slot: OwnedSemaphorePermit,
}

/// The backend.
pub(crate) struct Queue {
    deliveries: mpsc::Receiver<Delivery>,
    closing: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    looker: Option<JoinHandle<()>>,
    /// Ends the looking, with the process or with this queue.
    stop: DropGuard,
    context: Context,
    held: Held,
}

impl Queue {
    /// Starts looking.
    pub(crate) fn start(context: Context, config: Config, held: Held, pulse: Pulse, stop: CancellationToken) -> Self {
        let (sender, deliveries) = mpsc::channel(config.slots.max(1));
        let looker = Looker {
            slots: Arc::new(Semaphore::new(config.slots)),
            context: context.clone(),
            config,
            held: held.clone(),
            pulse,
            sender,
            cursor: TenantId::random(),
            tidied: None,
            pruned: None,
            swept: None,
            kept: None,
            platform: Platform::of_this_process(),
        };
        let stop = stop.child_token();
        let looker = tokio::spawn(looker.look_until(stop.clone()));
        Self { deliveries, closing: None, looker: Some(looker), stop: stop.drop_guard(), context, held }
    }
}

impl Backend for Queue {
    type Task = Task<Delivery>;
    type Error = std::convert::Infallible;

    fn poll_ready(&mut self, _: &mut Poller<'_>, _: &WorkerContext) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(&mut self, poller: &mut Poller<'_>, _: &WorkerContext) -> Poll<Option<Result<Self::Task, Self::Error>>> {
        self.deliveries.poll_recv(poller).map(|delivery| {
            delivery.map(|delivery| {
                let id = TaskId::from_string(delivery.lease.id().to_string());
                let lease = delivery.lease.clone();
                Ok(TaskBuilder::new(delivery).task_id(id).data(lease).build())
            })
        })
    }

    /// Hands back what was claimed and never begun.
    fn poll_close(&mut self, poller: &mut Poller<'_>, _: &WorkerContext) -> Poll<Result<(), Self::Error>> {
        let closing = self.closing.get_or_insert_with(|| {
            // Nothing is received from here on: what the looker claims until it stops, it gives back itself.
            self.stop.token().cancel();
            self.deliveries.close();
            let mut unused = Vec::new();
            while let Ok(delivery) = self.deliveries.try_recv() {
                unused.push(delivery.lease);
            }
            let (context, held, looker) = (self.context.clone(), self.held.clone(), self.looker.take());
            Box::pin(async move {
                for lease in unused {
                    give_back(&context, &held, lease).await;
                }
                if let Some(Err(error)) = async { Some(looker?.await) }.await {
                    tracing::error!(%error, "the looker did not end well");
                }
            })
        });
        closing.as_mut().poll(poller).map(Ok)
    }
}

impl BackendConfig for Queue {
    type Args = Delivery;
    type Id = TaskId;
    type Kind = Ephemeral;
    type Config = ();
    type Layer = Identity;

    fn config(&self) -> &Self::Config {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Self::Layer {
        Identity::new()
    }
}

/// Gives a claimed job back, and lets it go.
pub(crate) async fn give_back(context: &Context, held: &Held, lease: Lease) {
    held.remove(&lease);
    let (scope, id) = (job::scope(&lease), lease.id());
    let given = patiently(|| {
        let lease = lease.clone();
        context.db.write(&scope, async move |mut conn| job::hand_back(&mut conn, &lease).await)
    })
    .await;
    if let Err(fault) = given {
        tracing::warn!(job = %id, error = %with_causes(&fault), "could not be handed back; its lease will end by itself");
    }
}

struct Looker {
    slots: Arc<Semaphore>,
    context: Context,
    config: Config,
    held: Held,
    pulse: Pulse,
    sender: mpsc::Sender<Delivery>,
    /// The tenant that was served last.
    cursor: TenantId,
    /// When jobs of workers that are gone were looked for last.
    tidied: Option<tokio::time::Instant>,
    /// When jobs that were long done were removed last.
    pruned: Option<tokio::time::Instant>,
    /// For which hour it was asked last who keeps something longer than they may.
    swept: Option<i64>,
    /// The minute in which accounts were last looked after.
    kept: Option<i64>,
    platform: Platform,
}

/// From so many tenants jobs are looked at while some of them are to be passed over.
const PASSED_OVER: usize = 64;
/// How long is waited where somebody else has taken everything that was chosen.
const TAKEN: Duration = Duration::from_millis(20);

/// What is to be looked after every minute: accounts in which something is due and that nobody looks at, and what is held for turns that are over.
async fn keep(context: Context) {
    match credit::sweep(&context.db, context.clock.now()).await {
        Ok(0) => {}
        Ok(jobs) => tracing::info!(jobs, "accounts in which something is due are looked after"),
        Err(fault) => tracing::error!(error = %with_causes(&fault), "accounts could not be looked after"),
    }
}

/// What is to be looked after every hour: who keeps something longer than they may, and whom an earlier version has made without what they
/// need now. What fails here is tried again in an hour.
async fn sweep(context: Context) {
    let now = context.clock.now();
    if let Err(fault) = widget::create_missing(&context.db, now).await {
        tracing::error!(error = %with_causes(&fault), "widget keys that are missing could not be made");
    }
    if let Err(fault) = credit::check_yesterday(&context.db, now).await {
        tracing::error!(error = %with_causes(&fault), "nobody could be asked to reckon yesterday's charges once more");
    }
    match privacy::sweep(&context.db, now).await {
        Ok(0) => {}
        Ok(tenants) => tracing::info!(tenants, "what is kept longer than it may be is to be erased"),
        Err(fault) => tracing::error!(error = %with_causes(&fault), "who keeps something too long could not be asked"),
    }
}

/// How long jobs that are done are looked through between two prunings.
const PRUNE: Duration = Duration::from_secs(60);

impl Looker {
    /// Looks until it is stopped, but never stops half-way: a claim that has been made must reach somebody.
    async fn look_until(mut self, stop: CancellationToken) {
        let mut bell = self.context.bus.bell();
        let mut faults = 0_i32;
        while !stop.is_cancelled() {
            let found = self.look(&stop).await;
            let mut held_back = false;
            let pause = match found {
                Ok(look) => {
                    faults = 0;
                    if look.more {
                        continue;
                    }
                    held_back = look.held_back;
                    self.config.look
                }
                Err(fault) => {
                    faults = faults.saturating_add(1);
                    let pause = job::rules::backoff(faults, None, rand::random()).min(Duration::from_secs(5));
                    tracing::error!(error = %with_causes(&fault), pause = ?pause, "the queue could not be looked at");
                    pause
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = bell.rung() => {}
                () = self.held.let_go(), if held_back => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// One look: claims what fits, hands it on.
    async fn look(&mut self, stop: &CancellationToken) -> Result<Look, Fault> {
        // Waiting for a free slot is no fault and no idleness, so the pulse goes on beating.
        let first = loop {
            tokio::select! {
                slot = Arc::clone(&self.slots).acquire_owned() => match slot {
                    Ok(slot) => break slot,
                    Err(_) => return Ok(Look::default()),
                },
                () = stop.cancelled() => return Ok(Look::default()),
                () = tokio::time::sleep(self.config.look) => self.read_pulse().await?,
            }
        };
        let mut slots = vec![first];
        while slots.len() < self.config.slots {
            match Arc::clone(&self.slots).try_acquire_owned() {
                Ok(slot) => slots.push(slot),
                Err(_) => break,
            }
        }
        self.tidy().await?;
        let busy = self.held.busy();
        let (full, is_full) = (busy.full_tenants(self.config.slots), busy.has_full_lane(self.config.slots));
        let held_back = is_full || !full.is_empty();
        let free = slots.len();
        let Claimed { due, wanted, last, leases } = self.claim(free, full, busy, is_full).await?;
        self.pulse.beat(self.context.clock.now());
        tracing::debug!(free, due, wanted, claimed = leases.len(), "looked at the queue");
        self.cursor = last.unwrap_or(self.cursor);
        if wanted == 0 {
            return Ok(Look { held_back: held_back || due > 0, more: false });
        }
        // Somebody else took some of them, or no more were asked for than fit: there may be others, so look again at once.
        let more = leases.len() < wanted || (due >= free && !is_full);
        if leases.is_empty() {
            // Whoever works on them lets them go in a moment; asking without a pause would not make it sooner.
            tokio::time::sleep(TAKEN).await;
        }
        for (lease, slot) in leases.into_iter().zip(slots) {
            let orders = self.held.add(&lease);
            if let Err(undelivered) = self.sender.send(Delivery { lease, orders, _slot: slot }).await {
                give_back(&self.context, &self.held, undelivered.0.lease).await;
            }
        }
        Ok(Look { more, held_back })
    }

    /// Lists what is due, chooses, and claims the chosen.
    async fn claim(&self, free: usize, full: Vec<TenantId>, busy: Busy, is_full: bool) -> Result<Claimed, Fault> {
        let (platform, length, slots) = (self.platform.clone(), self.config.lease, self.config.slots);
        // What waits for something that is full is passed over, so there must be more to choose from.
        let wanted = if is_full { self.wanted(PASSED_OVER, self.config.slots, full) } else { self.wanted(free, free, full) };
        let work = async move |mut conn| {
            let due = job::due(&mut conn, &platform, &wanted).await?;
            let picked = job::rules::share_out(&due, free, slots, &busy);
            let served = picked.last().and_then(|last| due.iter().find(|job| job.id == *last));
            // Where nothing fits, the next look begins behind those that were looked at.
            let last = served.or(due.last()).map(|job| job.tenant_id);
            let leases = job::claim(&mut conn, &platform, &picked, length, wanted.now).await?;
            Ok(Claimed { due: due.len(), wanted: picked.len(), last, leases })
        };
        self.context.db.repeatable().platform(&self.platform, work).await
    }

    fn wanted(&self, tenants: usize, of_each: usize, without: Vec<TenantId>) -> Wanted {
        Wanted { names: names(), cursor: self.cursor, without, tenants, of_each, now: self.context.clock.now() }
    }

    /// Beats only if the store answers.
    async fn read_pulse(&self) -> Result<(), Fault> {
        let (platform, wanted) = (self.platform.clone(), self.wanted(1, 1, Vec::new()));
        let work = async move |mut conn| job::due(&mut conn, &platform, &wanted).await;
        self.context.db.platform_read(&self.platform, work).await?;
        self.pulse.beat(self.context.clock.now());
        Ok(())
    }

    async fn prune(&self) -> Result<usize, Fault> {
        let (platform, before) = (self.platform.clone(), self.context.clock.now().before(self.config.keep_done));
        let work = async move |mut conn| job::prune(&mut conn, &platform, before).await;
        self.context.db.platform(&self.platform, work).await
    }

    /// As often as it looks without being called: puts jobs whose worker is gone back in the queue. Now and then: removes those long done.
    async fn tidy(&mut self) -> Result<(), Fault> {
        if self.tidied.is_some_and(|at| at.elapsed() < self.config.look) {
            return Ok(());
        }
        let platform = self.platform.clone();
        let expired = self
            .context
            .db
            .platform_read(&self.platform, async move |mut conn| job::any_expired(&mut conn, &platform).await)
            .await?;
        if expired {
            let platform = self.platform.clone();
            let count =
                self.context.db.platform(&self.platform, async move |mut conn| job::expire(&mut conn, &platform).await).await?;
            tracing::warn!(count, "jobs whose worker stopped are queued again");
        }
        if self.pruned.is_none_or(|at| at.elapsed() >= PRUNE) {
            while self.prune().await? >= 1_000 {}
            self.pruned = Some(tokio::time::Instant::now());
        }
        let minute = self.context.clock.now().as_micros().div_euclid(60_000_000);
        if self.kept != Some(minute) {
            drop(tokio::spawn(keep(self.context.clone())));
            self.kept = Some(minute);
        }
        let hour = self.context.clock.now().as_micros().div_euclid(3_600_000_000);
        if self.swept != Some(hour) {
            // Beside the looking, which must not wait for it.
            drop(tokio::spawn(sweep(self.context.clone())));
            self.swept = Some(hour);
        }
        self.tidied = Some(tokio::time::Instant::now());
        Ok(())
    }
}

struct Claimed {
    /// How many could be claimed, and how many of them fit.
    due: usize,
    wanted: usize,
    /// The tenant served last.
    last: Option<TenantId>,
    leases: Vec<Lease>,
}

#[derive(Default)]
struct Look {
    /// There may be more to do right now.
    more: bool,
    /// There is more to do, by tenants that have their share of the slots already.
    held_back: bool,
}
