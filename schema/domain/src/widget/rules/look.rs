//! What can be chosen of a look, and in which color words on it can be read (WCAG 2.2, relative luminance and contrast ratio).

use std::{fmt, str::FromStr};

use crate::text_enum::text_enum;

text_enum! {
    /// At which end of the line the launcher stands.
    Position {
        /// Where lines end: on the right where people read from the left.
        End = "end",
        /// Where they begin.
        Start = "start",
    }
}

text_enum! {
    /// What opens the widget.
    Launcher {
        /// A round button.
        Bubble = "bubble",
        /// A bar with words on it.
        Bar = "bar",
        /// Nothing: the page has a button of its own.
        None = "none",
    }
}

text_enum! {
    /// What may be kept in a visitor's browser.
    Consent {
        /// Nothing.
        None = "none",
        /// What is gone with the tab.
        Session = "session",
        /// What stays.
        Local = "local",
    }
}

/// An opaque color, `#rrggbb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Color {
    red: u8,
    green: u8,
    blue: u8,
}

/// A text is no color.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be `#` and six hexadecimal digits, such as `#1d4ed8`")]
pub struct ColorFault;

impl Color {
    const BLACK: Self = Self { red: 0, green: 0, blue: 0 };
    const WHITE: Self = Self { red: 255, green: 255, blue: 255 };

    /// Black or white, whichever can be read better on it.
    #[must_use]
    pub fn of_text(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::BLACK) { Self::WHITE } else { Self::BLACK }
    }

    /// How well one can be read on the other: from 1 (not at all) to 21 (black on white).
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance() + 0.05, other.luminance() + 0.05);
        if one > two { one / two } else { two / one }
    }

    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }
}

impl Default for Color {
    fn default() -> Self {
        Self { red: 0x1d, green: 0x4e, blue: 0xd8 }
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

impl FromStr for Color {
    type Err = ColorFault;

    fn from_str(text: &str) -> Result<Self, ColorFault> {
        let digits = text.trim().strip_prefix('#').ok_or(ColorFault)?;
        if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(ColorFault);
        }
        let all = u32::from_str_radix(digits, 16).map_err(|_| ColorFault)?;
        let [_, red, green, blue] = all.to_be_bytes();
        Ok(Self { red, green, blue })
    }
}

/// Whether this may be the address of a picture: `https`, of a host, without a user, and not too long.
#[must_use]
pub fn is_picture(text: &str) -> bool {
    let read = || -> Option<url::Url> { text.parse().ok() };
    text.len() <= 500
        && text.starts_with("https://")
        && read().is_some_and(|url| url.has_host() && url.username().is_empty() && url.password().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn color(text: &str) -> Color {
        text.parse().unwrap()
    }

    #[test]
    fn words_are_black_or_white_whichever_is_read_better() {
        for (ground, words, at_least) in [
            ("#1d4ed8", "#ffffff", 6.0),
            ("#000000", "#ffffff", 21.0),
            ("#ffffff", "#000000", 21.0),
            ("#ffff00", "#000000", 19.0),
            ("#ff0000", "#000000", 5.2),
            ("#777777", "#000000", 4.6),
            ("#757575", "#ffffff", 4.6),
            ("#0000FF", "#ffffff", 8.5),
        ] {
            let text = color(ground).of_text();
            assert_eq!(text.to_string(), words, "{ground}");
            assert!(color(ground).contrast(text) >= at_least, "{ground}: {}", color(ground).contrast(text));
        }
        assert!((color("#ffffff").contrast(color("#ffffff")) - 1.0).abs() < 1e-9);
        // Whatever the color, one of the two can be read (WCAG AA asks for 4.5).
        for grey in 0..=255_u8 {
            let ground = Color { red: grey, green: grey, blue: grey };
            assert!(ground.contrast(ground.of_text()) > 4.5, "{ground}");
        }
    }

    #[test]
    fn a_color_has_six_digits() {
        assert_eq!(color(" #ABCDEF ").to_string(), "#abcdef");
        for wrong in ["", "#", "#fff", "red", "#12345g", "#1234567", "123456", "#+12345", "#ffffff;}"] {
            assert!(wrong.parse::<Color>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_picture_comes_encrypted_from_a_host() {
        assert!(is_picture("https://cdn.example.com/bob.png?v=2"));
        for wrong in
            ["http://cdn.example.com/a.png", "https://", "data:image/png;base64,AA", "javascript:alert(1)", "https://a@b/c.png"]
        {
            assert!(!is_picture(wrong), "{wrong}");
        }
        assert!(!is_picture(&format!("https://a.example/{}", "x".repeat(500))));
    }
}
