//! The settings about the widget on tenants' websites.

use std::time::Duration;

use frontoffice_worker::net::guarded::PrivateHost;

use super::{SettingError, check::Check, raw::RawWidget};

/// The widget on tenants' websites.
#[derive(Clone, Debug)]
pub struct Widget {
    /// How long what a key was stays good once it is another.
    pub key_overlap: Duration,
    /// Hosts that are looked at though they are not public.
    pub private_hosts: Vec<PrivateHost>,
}

impl Check<'_> {
    pub(super) fn widget(&self, raw: &RawWidget) -> Result<Widget, SettingError> {
        let days = self.between("widget.key_overlap_days", raw.key_overlap_days, 0, 30)?;
        let read = |text: &String| {
            text.parse().map_err(|allowed: &str| self.wrong("widget.private_hosts", format!("`{text}` is no host"), allowed))
        };
        Ok(Widget {
            key_overlap: Duration::from_secs(days.saturating_mul(86_400)),
            private_hosts: raw.private_hosts.iter().map(read).collect::<Result<_, _>>()?,
        })
    }
}
