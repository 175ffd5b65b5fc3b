//! How the system is.

use async_graphql::{Context, Result, SimpleObject};
use frontoffice_domain::{
    bus,
    clock::Instant,
    health::{self, Health},
    identity::Permission,
    process,
};

use crate::{
    context::{House, asking, house, platform},
    kind::{ProcessRole, WorkersState},
    scalar::DateTime,
};

/// How the system is, as `/api/health` says it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct SystemStatus {
    /// The program's version.
    version: &'static str,
    /// The store.
    store: StoreStatus,
    /// The bus between processes.
    bus: BusStatus,
    /// The workers.
    workers: WorkersStatus,
    /// The name of the model that answers.
    model: String,
    /// Whether requests are welcome.
    ready: bool,
}

/// How the store is.
#[derive(SimpleObject)]
pub(crate) struct StoreStatus {
    /// The engine: `sqlite` or `postgres`.
    engine: &'static str,
    /// Whether it answers.
    ok: bool,
}

/// How the bus is.
#[derive(SimpleObject)]
pub(crate) struct BusStatus {
    /// Whether it reaches everyone it has to. If not, answers come a second or two later.
    ok: bool,
}

/// How the workers are: those of the process that answers, or, where none run in it, those of all others.
#[derive(SimpleObject)]
pub(crate) struct WorkersStatus {
    /// How they are.
    state: WorkersState,
    /// When they last looked at the queue.
    last_look: Option<DateTime>,
}

/// A process of this front office.
#[derive(SimpleObject)]
pub(crate) struct Process {
    /// Its name, which no other ever had: what it is for, its machine, its number there, and something random.
    name: String,
    /// What it is for.
    role: ProcessRole,
    /// The version of its program.
    version: String,
    /// When it started.
    started_at: DateTime,
    /// When it last said that it runs; it does so every few seconds.
    seen_at: DateTime,
    /// When it last looked at the queue.
    last_look: Option<DateTime>,
    /// Whether it runs, as far as is known. One that ends as it should is forgotten at once, another after an hour.
    running: bool,
}

#[async_graphql::ComplexObject]
impl SystemStatus {
    /// The processes that run, and those that fell silent within the last hour. Needs `job.manage`.
    #[graphql(complexity = "20 + child_complexity * 20")]
    async fn processes(&self, ctx: &Context<'_>) -> Result<Option<Vec<Process>>> {
        let platform = platform(ctx, Permission::JobManage)?;
        let read = async move |mut conn, platform| process::list(&mut conn, &platform).await;
        let found = house(ctx)?.read_all(platform, read).await?;
        let now = asking(ctx)?.now;
        Ok(Some(found.into_iter().map(|process| Process::at(process, now)).collect()))
    }
}

impl Process {
    fn at(process: process::Process, now: Instant) -> Self {
        Self {
            running: process::rules::runs(process.seen_at, now),
            name: process.name,
            role: process.role.into(),
            version: process.version,
            started_at: DateTime(process.started_at),
            seen_at: DateTime(process.seen_at),
            last_look: process.last_look_at.map(DateTime),
        }
    }
}

impl SystemStatus {
    pub(crate) async fn look(house: &House) -> Self {
        let stopping = house.stop.is_cancelled();
        let health: Health = health::look(&house.db, &house.bus, &house.clock, house.pulse.as_ref(), stopping).await;
        Self {
            version: env!("CARGO_PKG_VERSION"),
            store: StoreStatus { engine: house.db.engine(), ok: health.store },
            bus: BusStatus { ok: health.bus == bus::State::Ok },
            workers: WorkersStatus { state: health.workers.into(), last_look: health.last_look.map(DateTime) },
            model: house.model.clone(),
            ready: health.is_ready(),
        }
    }
}
