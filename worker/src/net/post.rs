//! Where letters go: to an SMTP server, or into a folder.

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use frontoffice_domain::mail::{Letter, rules};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Body, Mailbox, SinglePart,
        header::{ContentTransferEncoding, ContentType},
    },
    transport::smtp,
};

use crate::failure::Failure;

/// How long a server may take for each step.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends letters. Clones are the same.
#[derive(Clone)]
pub struct Post(Arc<Inner>);

struct Inner {
    from: Mailbox,
    account: String,
    way: Way,
}

enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

/// Where letters are to go.
#[derive(Clone, Debug)]
pub enum Carrier {
    /// To this server.
    Smtp(Server),
    /// Into this folder, a file each.
    Folder(PathBuf),
}

/// An SMTP server: `smtp://` or `smtps://[USER:PASSWORD@]HOST[:PORT]`. Its password is not shown.
#[derive(Clone)]
pub struct Server(String);

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Server(hidden)")
    }
}

impl std::str::FromStr for Server {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match AsyncSmtpTransport::<Tokio1Executor>::from_url(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(_) => Err("smtp://[USER:PASSWORD@]HOST[:PORT][?tls=required], or smtps://… with TLS from the start"),
        }
    }
}

/// Who letters are from: `NAME <NAME@HOST>` or `NAME@HOST`.
#[derive(Clone, Debug)]
pub struct Sender(Mailbox);

impl std::str::FromStr for Sender {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| "NAME@HOST, or with a name: Frontoffice <NAME@HOST>")
    }
}

impl Post {
    /// Sends from `from`, with links to the pages below `account`.
    ///
    /// # Errors
    /// If the server's address cannot be used, which reading it excluded.
    pub fn new(carrier: Carrier, from: Sender, account: &str) -> Result<Self, smtp::Error> {
        let way = match carrier {
            Carrier::Smtp(Server(url)) => {
                Way::Smtp(AsyncSmtpTransport::<Tokio1Executor>::from_url(&url)?.timeout(Some(PATIENCE)).build())
            }
            Carrier::Folder(folder) => Way::Folder(folder),
        };
        Ok(Self(Arc::new(Inner { from: from.0, account: account.trim_end_matches('/').to_owned(), way })))
    }

    /// Sends a letter. Sent again it is the same letter, so that a mailbox can tell.
    pub(crate) async fn send(&self, letter: &Letter) -> Result<(), Failure> {
        let message = self.message(letter)?;
        match &self.0.way {
            Way::Smtp(server) => match server.send(message).await {
                Ok(_) => Ok(()),
                Err(error) => Err(refused(&error)),
            },
            Way::Folder(folder) => {
                let (folder, name, bytes) = (folder.clone(), letter.id.to_string(), message.formatted());
                let written = tokio::task::spawn_blocking(move || put(&folder, &name, &bytes)).await;
                match written {
                    Ok(Ok(())) => Ok(()),
                    Ok(Err(error)) => Err(Failure::again(format!("the letter cannot be written to the folder: {error}"), None)),
                    Err(_) => Err(Failure::again("the task that writes letters ended early", None)),
                }
            }
        }
    }

    fn message(&self, letter: &Letter) -> Result<Message, Failure> {
        let (subject, text) = rules::wording(letter, &self.0.account);
        // What is wrong with an address is not repeated: errors are kept and shown.
        let to = letter.email.parse().map_err(|_| Failure::never("the address cannot be written to"))?;
        let host = self.0.from.email.domain();
        let body = match &self.0.way {
            Way::Smtp(_) => Body::new(text),
            // As people read it: a link in a file is copied out of it. No line of ours is too long for that.
            Way::Folder(_) => {
                Body::dangerous_pre_encoded(text.replace('\n', "\r\n").into_bytes(), ContentTransferEncoding::EightBit)
            }
        };
        Message::builder()
            .from(self.0.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .message_id(Some(format!("<{}@{host}>", letter.id)))
            .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(body))
            .map_err(|_| Failure::never("the letter cannot be put into the form of a mail"))
    }
}

/// What a server said may name the address, so only its kind is kept.
fn refused(error: &smtp::Error) -> Failure {
    let code = error.status().map(|code| format!(" ({code})")).unwrap_or_default();
    // A server that does not let us in (RFC 4954 §6) will again once its password here is mended: that is nothing about the letter.
    let about_us = error.status().is_some_and(|code| ["530", "534", "535", "538"].contains(&code.to_string().as_str()));
    if error.is_permanent() && !about_us {
        return Failure::never(format!("the mail server refuses the letter{code}"));
    }
    let what = if error.is_timeout() {
        "does not answer in time"
    } else if about_us {
        "does not let this program in"
    } else if error.is_transient() {
        "does not take the letter now"
    } else if error.is_tls() {
        "cannot be spoken to with TLS"
    } else {
        "cannot be reached"
    };
    Failure::again(format!("the mail server {what}{code}"), None)
}

/// Writes a letter whole or not at all, for its owner's eyes alone: what is in its link opens something.
fn put(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let (unfinished, path) = (folder.join(format!("{name}.new")), folder.join(format!("{name}.eml")));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&unfinished)?.write_all(bytes)?;
    std::fs::rename(unfinished, path)
}
