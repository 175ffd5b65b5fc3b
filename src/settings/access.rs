//! Who may come in from where, and the letters that let them.

use std::time::Duration;

use frontoffice_api::Origin;
use frontoffice_domain::mail::LinkLengths;
use frontoffice_worker::net::post::{Sender, Server};

use super::{SettingError, check::Check, raw::RawMail};

/// Letters.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The server that takes them; none: they are written into the data folder.
    pub server: Option<Server>,
    /// Who they are from.
    pub from: Sender,
    /// Where the pages are that links lead to; none: ours.
    pub account_url: Option<String>,
    /// How long links work.
    pub lengths: LinkLengths,
}

impl Check<'_> {
    pub(super) fn portal_origins(&self, texts: &[String]) -> Result<Vec<Origin>, SettingError> {
        let read = |text: &String| {
            text.parse().map_err(|allowed: &str| self.wrong("sign_in.portal_origins", format!("`{text}` is no origin"), allowed))
        };
        texts.iter().map(read).collect()
    }

    pub(super) fn sign_up(&self, text: &str) -> Result<bool, SettingError> {
        match text {
            "closed" => Ok(false),
            "verified" => Ok(true),
            other => Err(self.wrong("sign_in.sign_up", format!("`{other}` is none"), "`closed` or `verified`")),
        }
    }

    pub(super) fn mail(&self, raw: &RawMail) -> Result<Mail, SettingError> {
        let server = match raw.smtp_url.as_str() {
            "" => None,
            // The value is not repeated: it may hold a password.
            url => Some(
                url.parse().map_err(|allowed: &str| self.wrong("mail.smtp_url", "it is no mail server's address", allowed))?,
            ),
        };
        let from =
            raw.from.parse().map_err(|allowed| self.wrong("mail.from", format!("`{}` is no sender", raw.from), allowed))?;
        let account_url = match raw.account_url.as_str() {
            "" => None,
            url if url.starts_with("https://") || url.starts_with("http://") => Some(url.to_owned()),
            url => {
                return Err(self.wrong(
                    "mail.account_url",
                    format!("`{url}` is no address"),
                    "http:// or https:// and what follows",
                ));
            }
        };
        let hours = |name: &str, count: u64, most: u64, each: u64| {
            self.between(name, count, 1, most).map(|count| Duration::from_secs(count.saturating_mul(each).saturating_mul(3_600)))
        };
        let lengths = LinkLengths {
            invitation: hours("mail.invitation_days", raw.invitation_days, 90, 24)?,
            signup: hours("mail.signup_hours", raw.signup_hours, 720, 1)?,
            reset: hours("mail.reset_hours", raw.reset_hours, 48, 1)?,
        };
        Ok(Mail { server, from, account_url, lengths })
    }
}
