//! `frontoffice login` and `logout`: a session of this machine's user, kept in a file that nobody else reads.

use std::{
    io::{BufRead, IsTerminal},
    path::PathBuf,
};

use anyhow::{Context, anyhow, bail};
use clap::Args;
use frontoffice_worker::net;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::private;

/// Who signs in, and where.
#[derive(Debug, Args)]
pub(crate) struct LogIn {
    /// Where the front office is.
    #[arg(env = "FRONTOFFICE_URL", value_name = "URL")]
    url: String,
    /// The e-mail address.
    #[arg(long)]
    email: String,
    /// As a member of a tenant, by its slug or UUID; without it, as one who works for the platform.
    #[arg(long, value_name = "SLUG")]
    tenant: Option<String>,
}

/// What is kept of a session.
#[derive(Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) url: String,
    pub(super) token: String,
    /// For a later login.
    device: String,
}

fn file() -> anyhow::Result<PathBuf> {
    let folder = std::env::var_os("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".config")))
        .context("neither XDG_CONFIG_HOME nor HOME says where the session is to be kept")?;
    Ok(folder.join("frontoffice").join("session.json"))
}

impl Kept {
    /// The session that is kept, if there is one.
    pub(super) fn read() -> anyhow::Result<Option<Self>> {
        let path = file()?;
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some(
                serde_json::from_str(&text).with_context(|| format!("{} cannot be read; sign in again", path.display()))?,
            )),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(anyhow!("{} cannot be read: {error}", path.display())),
        }
    }

    fn write(&self) -> anyhow::Result<()> {
        let path = file()?;
        let folder = path.parent().context("the session has no folder")?;
        let kept = std::fs::create_dir_all(folder).and_then(|()| private::write(&path, &serde_json::to_string(self)?));
        kept.with_context(|| format!("the session cannot be kept in {}", path.display()))
    }
}

/// From the terminal, unseen; or the first line of what is piped in.
fn password() -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() {
        return rpassword::prompt_password("Password: ").context("the password cannot be read");
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("the password cannot be read")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Signs in, and keeps the session for the commands after it.
///
/// # Errors
/// What was refused, in one sentence.
pub(crate) async fn log_in(asked: LogIn) -> anyhow::Result<()> {
    let url = asked.url.trim_end_matches('/').to_owned();
    let device = Kept::read().ok().flatten().filter(|kept| kept.url == url).map(|kept| kept.device);
    let path = if asked.tenant.is_some() { "/api/customers/auth/login" } else { "/api/auth/login" };
    let body = json!({"email": asked.email, "password": password()?, "tenant": asked.tenant, "device": device});
    let client = net::client().context("no HTTP client can be made")?;
    let answer = client.post(format!("{url}{path}")).json(&body).send().await;
    let answer = answer.map_err(|error| anyhow!("{url} cannot be reached: {}", error.without_url()))?;
    let body: Value = answer.json().await.map_err(|_| anyhow!("{url} does not answer as a front office does"))?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    match (text("access_token"), text("device")) {
        (Some(token), Some(device)) => {
            Kept { url: url.clone(), token, device }.write()?;
            let name = body.pointer("/user/name").and_then(Value::as_str).unwrap_or_default();
            crate::print(&format!("Signed in to {url} as {name}, until {}.", text("expires_at").unwrap_or_default()));
            Ok(())
        }
        _ => bail!("{}", text("detail").unwrap_or_else(|| format!("{url} does not answer as a front office does"))),
    }
}

/// Ends the session that is kept, and forgets it.
///
/// # Errors
/// If it cannot be forgotten.
pub(crate) async fn log_out() -> anyhow::Result<()> {
    let Some(kept) = Kept::read()? else { bail!("nobody is signed in here") };
    let client = net::client().context("no HTTP client can be made")?;
    let ended = client.post(format!("{}/api/auth/logout", kept.url)).bearer_auth(&kept.token).send().await;
    let path = file()?;
    std::fs::remove_file(&path).with_context(|| format!("{} cannot be removed", path.display()))?;
    match ended {
        Ok(_) => crate::print("Signed out."),
        Err(_) => crate::print(&format!("Forgotten here; {} could not be told, so the session ends by itself.", kept.url)),
    }
    Ok(())
}
