//! This process says every few seconds, in the store, that it runs and how it is.

use std::time::Duration;

use frontoffice_domain::{
    clock::Clock,
    db::{Db, with_causes},
    process::{self, Name, Process, Role},
    pulse::Pulse,
    tenancy::Platform,
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Says it until it is ended.
pub(crate) struct Presence {
    name: Name,
    db: Db,
    beating: JoinHandle<()>,
    stop: CancellationToken,
}

impl Presence {
    pub(crate) fn start(db: Db, clock: Clock, role: Role, pulse: Pulse, pause: Duration) -> Self {
        let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let name = Name::new(role, machine.trim(), std::process::id());
        tracing::info!(%name, "this process");
        let now = clock.now();
        let beat = Beat {
            db: db.repeatable(),
            clock,
            pulse: role.works().then_some(pulse),
            process: Process {
                name: name.as_str().to_owned(),
                role,
                version: env!("CARGO_PKG_VERSION").to_owned(),
                started_at: now,
                seen_at: now,
                last_look_at: None,
            },
        };
        let stop = CancellationToken::new();
        Self { name, db, beating: tokio::spawn(beat.go_on(pause, stop.clone())), stop }
    }

    /// Says that the process ends. Whether that is heard or not, it falls silent.
    pub(crate) async fn end(self) {
        // A beat that is under way would come after the farewell.
        self.stop.cancel();
        if let Err(error) = self.beating.await {
            tracing::error!(%error, "this process did not say how it was");
        }
        let platform = Platform::of_this_process();
        let (this, name) = (platform.clone(), self.name);
        let left = self.db.platform(&platform, async move |mut conn| process::leave(&mut conn, &this, &name).await).await;
        if let Err(fault) = left {
            tracing::warn!(error = %with_causes(&fault), "the store could not be told that this process ends");
        }
    }
}

struct Beat {
    db: Db,
    clock: Clock,
    pulse: Option<Pulse>,
    process: Process,
}

impl Beat {
    async fn go_on(mut self, pause: Duration, stop: CancellationToken) {
        loop {
            self.process.seen_at = self.clock.now();
            self.process.last_look_at = self.pulse.as_ref().and_then(Pulse::last);
            let platform = Platform::of_this_process();
            let (this, process) = (platform.clone(), self.process.clone());
            let said = self.db.platform(&platform, async move |mut conn| process::beat(&mut conn, &this, &process).await).await;
            if let Err(fault) = said {
                tracing::warn!(error = %with_causes(&fault), "the store could not be told that this process runs");
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => return,
            }
        }
    }
}
