//! How apps are called that are no websites.

use std::{fmt, str::FromStr};

/// The longest name.
const LONGEST: usize = 100;

/// The most apps a key may have.
pub const MOST_APPS: usize = 20;

/// What an app calls itself: 1 to 100 of `A-Z`, `a-z`, `0-9`, `.`, `_` and `-`, such as `com.example.shop`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AppName(String);

/// A text is no name of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to 100 of A-Z, a-z, 0-9, `.`, `_` and `-`, such as `com.example.shop`")]
pub struct AppFault;

impl AppName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// From the store, where it was written by this.
    pub(in crate::widget) fn stored(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for AppName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for AppName {
    type Err = AppFault;

    fn from_str(text: &str) -> Result<Self, AppFault> {
        let text = text.trim();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if (1..=LONGEST).contains(&text.len()) && text.bytes().all(plain) { Ok(Self(text.to_owned())) } else { Err(AppFault) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apps_are_called_as_their_stores_call_them() {
        for good in ["com.example.shop", " com.example.Shop-2_b ", "a", &"a".repeat(100)] {
            assert_eq!(good.parse::<AppName>().unwrap().as_str(), good.trim());
        }
        for wrong in ["", " ", "a b", "https://x", "ä", "app:x", &"a".repeat(101), "a\nb"] {
            assert!(wrong.parse::<AppName>().is_err(), "{wrong}");
        }
    }
}
