//! `frontoffice` and `frontoffice serve`: everything in one process, until it is told to stop. `frontoffice api` and `frontoffice
//! worker`: one half of it, beside others.

use std::io::{IsTerminal, Write};

use anyhow::{anyhow, bail};
use frontoffice_domain::{db::Location, process::Role};
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    app::{App, Parts},
    model,
    settings::Settings,
    setup::{FirstPassword, Place},
    telemetry,
};

/// Serves until the process is interrupted or terminated.
///
/// # Errors
/// If it cannot start.
pub async fn run(settings: Settings, role: Role) -> anyhow::Result<()> {
    require_company(&settings, role)?;
    telemetry::start(&settings);
    for name in &settings.unknown {
        tracing::warn!("{name} in the environment is no setting and is ignored");
    }
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let parts = Parts { role, terminal: std::io::stdout().is_terminal(), ..Parts::default() };
    let app = App::start(&settings, parts).await?;
    // A closed standard output is no reason not to serve.
    let _ = std::io::stdout().write_all(block(&app, &settings, role).as_bytes());
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    tracing::info!("stopping; a second signal stops at once");
    let unfinished = "stopped before everything was finished; what was not will be done by others, or after the next start";
    tokio::select! {
        finished = app.stop() => if finished { Ok(()) } else { Err(anyhow!(unfinished)) },
        _ = terminated.recv() => Err(anyhow!(unfinished)),
        _ = interrupted.recv() => Err(anyhow!(unfinished)),
    }
}

/// A process among many shares everything with the others, so it refuses to start with anything of its own.
fn require_company(settings: &Settings, role: Role) -> anyhow::Result<()> {
    if role == Role::Serve {
        return Ok(());
    }
    let missing: Vec<&str> = [
        (matches!(settings.store, Location::Sqlite(_)), "`database_url` (DATABASE_URL=postgres://…)"),
        (settings.memory.is_none(), "`redis_url` (REDIS_URL=redis://…)"),
        (settings.secret_key.is_none(), "`secret_key` (FRONTOFFICE_SECRET_KEY, the same for all of them)"),
    ]
    .into_iter()
    .filter_map(|(is_missing, setting)| is_missing.then_some(setting))
    .collect();
    if missing.is_empty() {
        return Ok(());
    }
    bail!(
        "`frontoffice {role}` is one process among many and needs what they share: set {}; `frontoffice serve` needs none of it",
        missing.join(" and ")
    )
}

fn block(app: &App, settings: &Settings, role: Role) -> String {
    let url = &app.public_url;
    let demo = if settings.demo.is_on(url) { format!("  Try it  {url}/demo\n") } else { String::new() };
    let widget = app.script_tag.as_ref().map(|tag| format!("  Widget  {tag}\n")).unwrap_or_default();
    let doors = format!(
        "{demo}\
         {widget}\
         \x20 Chat    POST {url}/api/chat\n\
         \x20 GraphQL {url}/graphql{graphiql}\n",
        graphiql = if settings.graphiql.is_on(url) { "  (try it: /graphiql)" } else { "" },
    );
    let workers = format!(
        "  Health  http://{address}/readyz\n\
         \x20 Work    {slots} jobs at once\n",
        address = app.address,
        slots = settings.worker.slots,
    );
    format!(
        "Frontoffice {version}{role} is ready.\n\
         {routes}\
         \x20 Store   {store}\n\
         {bus}\
         \x20 Model   {model} ({how})\n\
         {owner}\
         Stop it with Ctrl-C.\n",
        version = env!("CARGO_PKG_VERSION"),
        role = if role == Role::Serve { String::new() } else { format!(" ({role})") },
        routes = if role.opens() { doors } else { workers },
        store = settings.store,
        bus = settings.memory.as_ref().map(|memory| format!("  Bus     Redis, {}\n", memory.place())).unwrap_or_default(),
        model = settings.model,
        how = model::in_words(settings),
        owner = app.first_password.as_ref().map(owner).unwrap_or_default(),
    )
}

/// How the owner signs in for the first time. Only the start that made the password says it.
fn owner(first: &FirstPassword) -> String {
    let email = &first.email;
    match &first.place {
        Place::ToBeShown(password) => format!("  Owner   {email}, password {} (shown this once)\n", password.reveal()),
        Place::File(path) => format!("  Owner   {email}, password in {} (read it and delete the file)\n", path.display()),
    }
}
