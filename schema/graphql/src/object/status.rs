//! How the system is.

use async_graphql::SimpleObject;
use frontoffice_domain::health::{self, Health};

use crate::{context::House, kind::WorkersState, scalar::DateTime};

/// How the system is, as `/api/health` says it.
#[derive(SimpleObject)]
pub(crate) struct SystemStatus {
    /// The program's version.
    version: &'static str,
    /// The store.
    store: StoreStatus,
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

/// How the workers are.
#[derive(SimpleObject)]
pub(crate) struct WorkersStatus {
    /// Where and how they are.
    state: WorkersState,
    /// When those of this process last looked at the queue.
    last_look: Option<DateTime>,
}

impl SystemStatus {
    pub(crate) async fn look(house: &House) -> Self {
        let health: Health = health::look(&house.db, &house.clock, house.pulse.as_ref(), house.stop.is_cancelled()).await;
        Self {
            version: env!("CARGO_PKG_VERSION"),
            store: StoreStatus { engine: house.db.engine(), ok: health.store },
            workers: WorkersStatus { state: health.workers.into(), last_look: health.last_look.map(DateTime) },
            model: house.model.clone(),
            ready: health.is_ready(),
        }
    }
}
