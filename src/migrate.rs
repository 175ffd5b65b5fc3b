//! `frontoffice migrate`: brings the store's schema up to date and does nothing else.

use anyhow::anyhow;
use frontoffice_domain::db::{Db, with_causes};

use crate::settings::Settings;

/// Migrates. Several at once wait for each other.
///
/// # Errors
/// If the store cannot be reached, or a step fails.
pub(crate) async fn run(settings: &Settings) -> anyhow::Result<()> {
    let store = &settings.store;
    Db::migrate(store).await.map_err(|error| anyhow!("{store} could not be brought up to date: {}", with_causes(&error)))?;
    crate::print(&format!("{store} is up to date."));
    Ok(())
}
