//! `frontoffice migrate`: brings the store's schema up to date and does nothing else; with `--from`, it also takes over everything that is
//! in a SQLite file.

use std::path::Path;

use anyhow::{anyhow, bail};
use frontoffice_domain::{
    clock::Clock,
    db::{
        Conn, Db, Location,
        copy::{self, Copied},
        with_causes,
    },
    process,
    tenancy::Platform,
};

use crate::settings::Settings;

/// Migrates. Several at once wait for each other.
///
/// # Errors
/// If the store cannot be reached, or a step fails; with `from`, if anything could not be copied, and then nothing was.
pub(crate) async fn run(settings: &Settings, from: Option<&Location>) -> anyhow::Result<()> {
    let store = &settings.store;
    let from = from.map(|from| source(from, store)).transpose()?;
    if let Some(file) = from {
        may_be_copied(file).await?;
    }
    Db::migrate(store).await.map_err(|error| anyhow!("{store} could not be brought up to date: {}", with_causes(&error)))?;
    crate::print(&format!("{store} is up to date."));
    match from {
        None => Ok(()),
        Some(file) => take_over(settings, file).await,
    }
}

/// The file to be copied.
fn source<'f>(from: &'f Location, store: &Location) -> anyhow::Result<&'f Path> {
    match (from, store) {
        (Location::Sqlite(file), Location::Postgres(_)) => Ok(file),
        (Location::Postgres(_), _) => bail!("only SQLite can be copied from: `--from sqlite:FILE`"),
        (_, Location::Sqlite(_)) => bail!("only Postgres can take a copy: set DATABASE_URL=postgres://…"),
    }
}

/// Nobody must go on writing into what is copied, and it must be as this program knows it.
async fn may_be_copied(file: &Path) -> anyhow::Result<()> {
    let (location, clock) = (Location::Sqlite(file.to_owned()), Clock::system());
    let cannot = |error: &dyn std::error::Error| anyhow!("{} cannot be copied: {}", file.display(), with_causes(error));
    let db = Db::connect(&location, 1, &clock).await.map_err(|error| cannot(&error))?;
    let missing = Db::missing_steps(&location).await.map_err(|error| cannot(&error))?;
    if !missing.is_empty() {
        bail!(
            "{} lacks {}; run `DATABASE_URL=sqlite:{} frontoffice migrate` first",
            file.display(),
            missing.join(", "),
            file.display()
        );
    }
    let (platform, now) = (Platform::of_this_process(), clock.now());
    let this = platform.clone();
    let running = db.platform_read(&platform, async move |mut conn: Conn| process::running(&mut conn, &this, now).await).await;
    db.close().await;
    match running.map_err(|error| cannot(&error))?.as_slice() {
        [] => Ok(()),
        [process, ..] => bail!(
            "{} is in use by `{}`; stop that process first (if it was killed, wait 15 seconds)",
            file.display(),
            process.name
        ),
    }
}

async fn take_over(settings: &Settings, file: &Path) -> anyhow::Result<()> {
    let clock = Clock::system();
    let db = Db::connect(&settings.store, 1, &clock).await.map_err(|error| anyhow!(with_causes(&error)))?;
    let (platform, now, from) = (Platform::of_this_process(), clock.now(), file.to_owned());
    let this = platform.clone();
    let copied = db
        .platform(&platform, async move |mut conn: Conn| {
            let told = |copied: &Copied| crate::print(&format!("  {:<20} {:>10} rows", copied.table, copied.rows));
            Ok(copy::copy(&mut conn, &this, &from, now, told).await)
        })
        .await
        .map_err(|fault| anyhow!(with_causes(&fault)))?;
    let copied = copied.map_err(|error| anyhow!("nothing was copied: {}", with_causes(&error)))?;
    let rows: u64 = copied.iter().map(|copied| copied.rows).sum();
    crate::print(&format!(
        "{rows} rows of {} are in {} now, and nothing is there that must not be.\n\
         Give every process the instance key of the old one, or its visitors and staff are strangers: what is in `secret.key` beside the \
         file, as FRONTOFFICE_SECRET_KEY. Keep the file until you are sure.",
        file.display(),
        settings.store
    ));
    Ok(())
}
