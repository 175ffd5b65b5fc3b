//! `frontoffice` and `frontoffice serve`: everything in one process, until it is told to stop.

use std::io::{IsTerminal, Write};

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
pub async fn run(settings: Settings) -> anyhow::Result<()> {
    telemetry::start(&settings);
    for name in &settings.unknown {
        tracing::warn!("{name} in the environment is no setting and is ignored");
    }
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    let parts = Parts { terminal: std::io::stdout().is_terminal(), ..Parts::default() };
    let app = App::start(&settings, parts).await?;
    // A closed standard output is no reason not to serve.
    let _ = std::io::stdout().write_all(block(&app, &settings).as_bytes());
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    tracing::info!("stopping; a second signal stops at once");
    tokio::select! {
        () = app.stop() => Ok(()),
        _ = terminated.recv() => anyhow::bail!("stopped before everything was finished; what was not will be done after the next start"),
        _ = interrupted.recv() => anyhow::bail!("stopped before everything was finished; what was not will be done after the next start"),
    }
}

fn block(app: &App, settings: &Settings) -> String {
    let url = &app.public_url;
    let demo = if settings.demo.is_on(url) { format!("  Try it  {url}/demo\n") } else { String::new() };
    format!(
        "Frontoffice {version} is ready.\n\
         {demo}\
         \x20 Chat    POST {url}/api/chat\n\
         \x20 GraphQL {url}/graphql{graphiql}\n\
         \x20 Store   {store}\n\
         \x20 Model   {model} ({how})\n\
         {owner}\
         Stop it with Ctrl-C.\n",
        version = env!("CARGO_PKG_VERSION"),
        graphiql = if settings.graphiql.is_on(url) { "  (try it: /graphiql)" } else { "" },
        store = settings.store,
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
