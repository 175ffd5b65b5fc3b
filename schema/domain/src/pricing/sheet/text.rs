//! Words about what was found.

/// So much is shown of what was found, in characters.
const SHOWN: usize = 80;

/// What was found, shortened, and without characters that cannot be seen.
pub(super) fn shown(text: &str) -> String {
    let mut shown = String::new();
    let mut letters = text.chars();
    for letter in letters.by_ref().take(SHOWN) {
        if letter.is_control() || is_invisible(letter) {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    // What was escaped is longer than it was.
    let cut = shown.chars().count() > SHOWN || letters.next().is_some();
    if cut { shown.chars().take(SHOWN.saturating_sub(1)).chain(['…']).collect() } else { shown }
}

/// Characters that change how the ones around them are shown, or that leave nothing to be seen: with them two texts can look alike, or one
/// like another (Unicode's `Default_Ignorable_Code_Point`, line and paragraph separators, annotations, and a blank that is a letter).
pub(in crate::pricing) const fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// What is allowed, one after the other.
pub(super) fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// The word that was probably meant.
pub(super) fn nearest<'a>(given: &str, words: &[&'a str]) -> Option<&'a str> {
    // Comparing takes the product of both lengths, and nothing long is near anything here.
    if given.len() > SHOWN {
        return None;
    }
    let given = given.trim().to_ascii_lowercase();
    let near = words.iter().map(|word| (strsim::jaro_winkler(&given, &word.to_ascii_lowercase()), *word));
    near.filter(|(near, _)| *near > 0.8).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, word)| word)
}

/// Texts that spreadsheets take for formulas when they stand in a text file begin with one of these. The wide ones are what keyboards
/// of East Asia write.
const TRIGGERS: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Whether a spreadsheet might run it.
pub(super) fn is_risky(text: &str) -> bool {
    text.starts_with(TRIGGERS)
}

/// A text that no spreadsheet runs: with an apostrophe before it if it, or what it would be without apostrophes, might be run. The second
/// is what makes it the only text that is turned back into this one.
#[must_use]
pub fn guarded(text: &str) -> String {
    if is_risky(text.trim_start_matches('\'')) { format!("'{text}") } else { text.to_owned() }
}

/// A text without the apostrophe that [`guarded`] gave it.
pub(super) fn bared(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_risky(text.trim_start_matches('\'')) => rest,
        _ => text,
    }
}
