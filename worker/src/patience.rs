//! Not giving up at once when the store goes away for a moment.

use std::time::Duration;

use frontoffice_domain::{db::with_causes, fault::Fault};
use tokio::time::Instant;

/// How long to wait before each further attempt: a store that is restarted is back by then.
const PAUSES: &[Duration] = &[
    Duration::from_millis(100),
    Duration::from_millis(400),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// After so long nothing is tried again: the lease is about to end.
const LONGEST: Duration = Duration::from_secs(10);

/// Does an act that is fenced by a lease, and again for as long as the store is away: what took effect already is found out by it. Without
/// this, work that is done would wait for the end of its lease to be done once more.
pub(crate) async fn patiently<T, Fut: Future<Output = Result<T, Fault>>>(act: impl Fn() -> Fut) -> Result<T, Fault> {
    let began = Instant::now();
    for pause in PAUSES {
        match act().await {
            // Waiting for a link has taken its time already.
            Err(fault) if (fault.is_absence() || fault.is_uncertain()) && began.elapsed() < LONGEST => {
                tracing::warn!(error = %with_causes(&fault), ?pause, "the store is away; trying again");
                tokio::time::sleep(*pause).await;
            }
            other => return other,
        }
    }
    act().await
}
