//! Commands that work on a front office from outside, over GraphQL; with `--local` on the store itself, as the platform's owner.

mod key;
mod knowledge;
mod pricebook;
mod session;
mod tenant;
mod user;
mod way;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use comfy_table::{Table, presets};
use frontoffice_domain::{clock::Clock, locale::Locale};
use serde_json::Value;

use self::way::Way;
pub(crate) use self::{
    pricebook::{PricebookCommand, run as pricebook},
    session::{LogIn, log_in, log_out},
};

/// How a command reaches its front office.
#[derive(Debug, Args)]
pub(crate) struct Reach {
    /// Where the front office is; without it, where `frontoffice login` was.
    #[arg(long, env = "FRONTOFFICE_URL", value_name = "URL")]
    pub(crate) url: Option<String>,
    /// An API key or a session's token; without it, what `frontoffice login` got.
    #[arg(long, env = "FRONTOFFICE_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    token: Option<String>,
    /// Work on the store that the settings name, as the platform's owner; the audit log says so.
    #[arg(long, conflicts_with_all = ["url", "token"])]
    pub(crate) local: bool,
    /// The tenant, by its slug; without it, one's own, or, for who works for the platform, the platform's own people.
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
    /// As JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// What can be done with people.
#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Who is there, and who is asked to come.
    List {
        #[command(flatten)]
        reach: Reach,
    },
    /// Ask somebody to join; they get a letter with a link.
    Invite {
        /// Their e-mail address.
        email: String,
        /// What they may do: of a tenant `owner`, `admin`, `agent`, `viewer`; of the platform `owner`, `finance_author`,
        /// `finance_approver`, `support`, `auditor`.
        role: String,
        #[command(flatten)]
        reach: Reach,
    },
    /// Give somebody another role.
    Role {
        /// Their e-mail address.
        email: String,
        /// As for `invite`.
        role: String,
        #[command(flatten)]
        reach: Reach,
    },
    /// Send somebody away, or take an invitation back.
    Remove {
        /// Their e-mail address.
        email: String,
        #[command(flatten)]
        reach: Reach,
    },
}

/// What can be done with API keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// The keys there are, also those that were revoked.
    List {
        #[command(flatten)]
        reach: Reach,
    },
    /// Make a key; it is shown this once.
    Create {
        /// What you call it.
        name: String,
        /// What it may do, such as `chat.read`; several with commas between.
        #[arg(value_delimiter = ',', required = true)]
        permissions: Vec<String>,
        /// When it ends by itself, such as 2027-01-01T00:00:00Z.
        #[arg(long, value_name = "INSTANT")]
        expires: Option<String>,
        #[command(flatten)]
        reach: Reach,
    },
    /// Revoke a key: the next request with it is refused.
    Revoke {
        /// Its id, as `list` shows it.
        id: String,
        #[command(flatten)]
        reach: Reach,
    },
}

/// What can be seen of a tenant.
#[derive(Debug, Subcommand)]
pub(crate) enum TenantCommand {
    /// What it has of AI credits, how long they will last, and what was used on each of the last days.
    Credits {
        #[command(flatten)]
        reach: Reach,
    },
}

/// Runs a command on a tenant.
///
/// # Errors
/// What was refused, in one sentence.
pub(crate) async fn tenant(command: TenantCommand, config: Option<&std::path::Path>) -> anyhow::Result<()> {
    let TenantCommand::Credits { reach } = command;
    tenant::credits(&Way::open(&reach, config).await?, &reach, Clock::system().now()).await
}

/// What can be done with knowledge.
#[derive(Debug, Subcommand)]
pub(crate) enum KnowledgeCommand {
    /// Read Markdown and HTML files, folders of them and zips, and write them down as drafts. What is there already, word for word, is
    /// not written again.
    Import {
        /// Files and folders.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// The language of all of them, such as `de`; without it what each says, else the tenant's.
        #[arg(long, value_name = "TAG", value_parser = clap::value_parser!(Locale))]
        locale: Option<Locale>,
        #[command(flatten)]
        reach: Reach,
    },
}

/// Runs a command on knowledge.
///
/// # Errors
/// What was refused, in one sentence.
pub(crate) async fn knowledge(command: KnowledgeCommand, config: Option<&std::path::Path>) -> anyhow::Result<()> {
    let KnowledgeCommand::Import { paths, locale, reach } = command;
    knowledge::import(&Way::open(&reach, config).await?, &reach, &paths, locale).await
}

/// Runs a command on people.
///
/// # Errors
/// What was refused, in one sentence.
pub(crate) async fn user(command: UserCommand, config: Option<&std::path::Path>) -> anyhow::Result<()> {
    match command {
        UserCommand::List { reach } => user::list(&Way::open(&reach, config).await?, &reach).await,
        UserCommand::Invite { email, role, reach } => {
            user::invite(&Way::open(&reach, config).await?, &reach, &email, &role).await
        }
        UserCommand::Role { email, role, reach } => user::role(&Way::open(&reach, config).await?, &reach, &email, &role).await,
        UserCommand::Remove { email, reach } => user::remove(&Way::open(&reach, config).await?, &reach, &email).await,
    }
}

/// Runs a command on API keys.
///
/// # Errors
/// What was refused, in one sentence.
pub(crate) async fn key(command: KeyCommand, config: Option<&std::path::Path>) -> anyhow::Result<()> {
    match command {
        KeyCommand::List { reach } => key::list(&Way::open(&reach, config).await?, &reach).await,
        KeyCommand::Create { name, permissions, expires, reach } => {
            key::create(&Way::open(&reach, config).await?, &reach, &name, &permissions, expires.as_deref()).await
        }
        KeyCommand::Revoke { id, reach } => key::revoke(&Way::open(&reach, config).await?, &reach, &id).await,
    }
}

/// Prints rows: as a table, or as JSON.
fn show(rows: &[Value], columns: &[&str], json: bool) -> anyhow::Result<()> {
    if json {
        crate::print(&serde_json::to_string_pretty(rows)?);
        return Ok(());
    }
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header(columns);
    for row in rows {
        table.add_row(columns.iter().map(|column| cell(row.get(*column))));
    }
    crate::print(&table.to_string());
    Ok(())
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) => items.iter().map(|item| cell(Some(item))).collect::<Vec<_>>().join(" "),
        Some(other) => other.to_string(),
    }
}
