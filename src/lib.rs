//! The program: settings, set-up, and one file per command. The only crate that sees all rooms.

// What answers a GraphQL request is one future inside another, deeper than compilers follow by default.
#![recursion_limit = "256"]

pub mod app;
mod client;
mod config;
mod doctor;
mod migrate;
mod model;
mod presence;
mod private;
mod schema;
pub mod serve;
pub mod settings;
pub mod setup;
pub mod telemetry;

use std::{path::PathBuf, pin::Pin, process::ExitCode};

use clap::{Parser, Subcommand};
use frontoffice_domain::{db::Location, process::Role};

/// The governed AI front office that a business puts on its website.
#[derive(Debug, Parser)]
#[command(
    name = "frontoffice",
    version,
    about,
    after_help = "Exit codes: 0 done; 1 could not be done, the reason is printed; 2 wrong usage."
)]
pub struct Cli {
    /// A settings file; without it, `frontoffice.toml` in the working folder, if there is one.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What it can do.
#[derive(Debug, Subcommand)]
enum Command {
    /// Serve API and workers in one process (what it does without a command).
    Serve,
    /// Serve the API alone, beside any number of others; needs Postgres, Redis and the instance key.
    Api,
    /// Work alone, beside any number of others; needs the same, and serves only /livez, /readyz and /api/health.
    Worker,
    /// Bring the store's schema up to date and do nothing else. Safe to be run by several at once.
    Migrate {
        /// Then copy everything from this store of a stopped program, `sqlite:FILE`, into Postgres, which must be empty.
        #[arg(long, value_name = "URL", value_parser = clap::value_parser!(Location))]
        from: Option<Location>,
    },
    /// Look whether everything is there and well; changes nothing. Exit code 1 if something is not.
    Doctor {
        /// Look also for what must never be in the store.
        #[arg(long)]
        invariants: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Sign in to a front office, for the commands below; the password comes from the terminal or the first line of stdin.
    Login(client::LogIn),
    /// Sign out again.
    Logout,
    /// Who is on a tenant's team, or works for the platform.
    #[command(subcommand)]
    User(client::UserCommand),
    /// What a tenant has of AI credits, and what they were used for.
    #[command(subcommand)]
    Tenant(client::TenantCommand),
    /// API keys for tenants' servers.
    #[command(subcommand)]
    Key(client::KeyCommand),
    /// What a tenant's assistant may say.
    #[command(subcommand)]
    Knowledge(client::KnowledgeCommand),
    /// What everything costs: from a spreadsheet, by way of a draft and its approval, to the version in force.
    #[command(subcommand)]
    Pricebook(client::PricebookCommand),
    /// Print the published schema of GraphQL.
    Schema,
    /// Print every setting, its value and where that was set; secrets are hidden.
    Config {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Prints a line; whoever stopped reading does not want the rest.
fn print(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Runs a command.
///
/// # Errors
/// What went wrong, in one sentence.
pub fn run(cli: Cli) -> Boxed<'static, anyhow::Result<ExitCode>> {
    Box::pin(execute(cli))
}

/// A future that is compiled where it is made, and not once more in each crate that waits for it.
pub type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

async fn execute(cli: Cli) -> anyhow::Result<ExitCode> {
    let config = cli.config.as_deref();
    let command = match cli.command.unwrap_or(Command::Serve) {
        // The schema is the same whatever is set, and what works from outside has settings of its own.
        Command::Schema => {
            schema::run();
            return Ok(ExitCode::SUCCESS);
        }
        Command::Login(asked) => return client::log_in(asked).await.map(done)?,
        Command::Logout => return client::log_out().await.map(done)?,
        Command::User(command) => return client::user(command, config).await.map(done)?,
        Command::Tenant(command) => return client::tenant(command, config).await.map(done)?,
        Command::Key(command) => return client::key(command, config).await.map(done)?,
        Command::Knowledge(command) => return client::knowledge(command, config).await.map(done)?,
        Command::Pricebook(command) => return client::pricebook(command, config).await,
        command => command,
    };
    let settings = settings::Settings::load(config)?;
    match command {
        Command::Schema
        | Command::Login(_)
        | Command::Logout
        | Command::User(_)
        | Command::Tenant(_)
        | Command::Key(_)
        | Command::Knowledge(_)
        | Command::Pricebook(_) => {}
        Command::Serve => serve::run(settings, Role::Serve).await?,
        Command::Api => serve::run(settings, Role::Api).await?,
        Command::Worker => serve::run(settings, Role::Worker).await?,
        Command::Migrate { from } => migrate::run(&settings, from.as_ref()).await?,
        Command::Config { json } => config::run(config, json)?,
        Command::Doctor { invariants, json } => {
            if !doctor::run(&settings, invariants, json).await? {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn done((): ()) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
