//! How long a text is, where nobody says.

/// What a message costs besides its text.
const MESSAGE: u32 = 4;

/// How many tokens a text has, roughly: a third of its bytes, rounded up. Every model counts in its own way; this one is the same
/// everywhere and rather too high than too low: English has about four bytes a token, Polish and Japanese about three.
pub(crate) fn estimate(text: &str) -> u32 {
    u32::try_from(text.len().div_ceil(3)).unwrap_or(u32::MAX)
}

/// What a message with this text costs, roughly.
pub(crate) fn message(text: &str) -> u32 {
    estimate(text).saturating_add(MESSAGE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_three_bytes() {
        for (text, tokens) in [("", 0), ("a", 1), ("abc", 1), ("abcd", 2), ("żó", 2), ("データ", 3)] {
            assert_eq!(estimate(text), tokens, "{text}");
        }
        assert_eq!(message("abc"), 5);
    }
}
