//! The jobs this process has claimed: their leases are renewed while work goes on, and their work is stopped when a lease is lost.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use frontoffice_domain::{
    db::with_causes,
    id::{JobId, TenantId},
    job::{self, Lease, rules::Busy},
    tenancy::Platform,
};
use tokio::sync::{Notify, watch};

use crate::{Config, Context};

/// Whether a job may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    GoOn,
    HandBack,
    Lost,
}

#[derive(Debug)]
struct Entry {
    token: i64,
    tenant: TenantId,
    lane: Option<String>,
    order: watch::Sender<Order>,
}

/// Clones are the same set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Held(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    entries: Mutex<HashMap<JobId, Entry>>,
    let_go: Notify,
}

impl Held {
    fn entries(&self) -> MutexGuard<'_, HashMap<JobId, Entry>> {
        self.0.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a claimed job in; its work has to follow the orders returned.
    pub(crate) fn add(&self, lease: &Lease) -> watch::Receiver<Order> {
        let (order, orders) = watch::channel(Order::GoOn);
        let entry = Entry { token: lease.token(), tenant: lease.tenant(), lane: lease.lane().map(str::to_owned), order };
        self.entries().insert(lease.id(), entry);
        orders
    }

    /// Lets a job go, unless it was claimed anew meanwhile.
    pub(crate) fn remove(&self, lease: &Lease) {
        let mut entries = self.entries();
        if entries.get(&lease.id()).is_some_and(|entry| entry.token == lease.token()) {
            entries.remove(&lease.id());
        }
        self.0.let_go.notify_one();
    }

    /// Returns once a job was let go since the last time this returned.
    pub(crate) async fn let_go(&self) {
        self.0.let_go.notified().await;
    }

    /// Who holds how many slots.
    pub(crate) fn busy(&self) -> Busy {
        let mut busy = Busy::default();
        for entry in self.entries().values() {
            busy.add(entry.tenant, entry.lane.as_deref());
        }
        busy
    }

    /// Stops all work, to be done by somebody else.
    pub(crate) fn hand_back_all(&self) {
        for entry in self.entries().values() {
            entry.order.send_replace(Order::HandBack);
        }
    }

    /// Renews the leases of everything held, for as long as the process works.
    pub(crate) async fn renew(self, context: Context, config: Config) {
        let platform = Platform::of_this_process();
        let pause = config.lease.checked_div(3).unwrap_or(config.lease);
        loop {
            tokio::time::sleep(pause).await;
            let held: Vec<(JobId, i64)> = self.entries().iter().map(|(id, entry)| (*id, entry.token)).collect();
            if held.is_empty() {
                continue;
            }
            let (asked, length, this) = (held.clone(), config.lease, platform.clone());
            let renewed =
                context.db.platform(&platform, async move |mut conn| job::renew(&mut conn, &this, &asked, length).await);
            match tokio::time::timeout(pause, renewed).await {
                Ok(Ok(lost)) => self.lose(&held, &lost),
                // The leases may still be ours; whether they are is found out when the work is written down.
                Ok(Err(fault)) => tracing::warn!(error = %with_causes(&fault), "leases could not be renewed"),
                Err(_) => tracing::warn!("renewing leases takes too long"),
            }
        }
    }

    fn lose(&self, held: &[(JobId, i64)], lost: &[JobId]) {
        let entries = self.entries();
        for (id, token) in held.iter().filter(|(id, _)| lost.contains(id)) {
            // A job that ended while it was being renewed is no longer held, or held anew with another token.
            if let Some(entry) = entries.get(id).filter(|entry| entry.token == *token) {
                tracing::warn!(job = %id, "lease lost");
                entry.order.send_replace(Order::Lost);
            }
        }
    }
}
