//! The settings about pages that are there to try things on.

use frontoffice_api::Origin;

use super::{SettingError, check::Check};

/// Whether there is a page for trying things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// Yes.
    On,
    /// No.
    Off,
    /// Yes, unless this is production.
    Auto,
}

impl Switch {
    /// What it comes to for a host that is reached at `public_url`.
    #[must_use]
    pub fn is_on(self, public_url: &Origin) -> bool {
        self == Self::On || (self == Self::Auto && !public_url.is_https())
    }
}

impl Check<'_> {
    pub(super) fn switch(&self, name: &str, text: &str) -> Result<Switch, SettingError> {
        match text {
            "on" => Ok(Switch::On),
            "off" => Ok(Switch::Off),
            "auto" => Ok(Switch::Auto),
            other => Err(self.wrong(name, format!("`{other}` is no switch"), "`on`, `off` or `auto`")),
        }
    }
}
