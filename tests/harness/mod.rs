//! What behaviour tests stand on: private stores, a front office of their own, and actors who come through the doors.

pub(crate) mod actors;
pub(crate) mod app;
pub(crate) mod child;
pub(crate) mod post;
pub(crate) mod postgres;
pub(crate) mod program;
pub(crate) mod redis;
pub(crate) mod smtp;
pub(crate) mod socket;
pub(crate) mod store;
pub(crate) mod upstream;

/// Writes a behaviour test once and runs it on both stores.
macro_rules! on_both_stores {
    ($($(#[$meta:meta])* async fn $name:ident($store:ident) $body:block)+) => {
        $(
            $(#[$meta])*
            mod $name {
                use super::*;

                async fn body($store: $crate::harness::store::Store) $body

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_sqlite() {
                    body($crate::harness::store::Store::Sqlite).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn on_postgres() {
                    body($crate::harness::store::Store::Postgres).await;
                }
            }
        )+
    };
}
pub(crate) use on_both_stores;

/// Tries until `check` gives something, for at most twenty seconds; then says what was waited for.
pub(crate) async fn eventually<T>(what: &str, mut check: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        if let Some(found) = check().await {
            return found;
        }
        assert!(std::time::Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}
