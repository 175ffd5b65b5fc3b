//! What an entry may be.

use super::{
    model::{Change, Entry, EntryFault, NewEntry},
    split,
};

/// So many passages an entry may have. Only one of nothing but headings has more.
const MOST_PASSAGES: usize = 2_000;

/// What of an entry cannot be as it is.
#[must_use]
pub fn fault(entry: &NewEntry) -> Option<EntryFault> {
    let title = entry.title.chars().count();
    if !(1..=300).contains(&title) || entry.title.trim().is_empty() || entry.title.chars().any(char::is_control) {
        return Some(EntryFault::Title);
    }
    if entry.text.chars().count() > 100_000
        || entry.text.contains('\0')
        || !(1..=MOST_PASSAGES).contains(&split::passages(&entry.text).len())
    {
        return Some(EntryFault::Text);
    }
    let is_address = |url: &String| {
        let address = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        url.len() <= 2_000
            && address.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
            && !url.chars().any(|c| c.is_control() || c.is_whitespace())
    };
    entry.source_url.as_ref().filter(|url| !is_address(url)).map(|_| EntryFault::SourceUrl)
}

/// What a change makes of an entry, and the names of the fields that are different.
#[must_use]
pub fn changed(before: &Entry, change: &Change) -> (NewEntry, Vec<&'static str>) {
    let after = NewEntry {
        title: change.title.as_ref().unwrap_or(&before.title).clone(),
        text: change.text.as_ref().unwrap_or(&before.text).clone(),
        source_url: change.source_url.as_ref().unwrap_or(&before.source_url).clone(),
        locale: change.locale.unwrap_or(before.locale),
    };
    let different = [
        ("title", after.title != before.title),
        ("text", after.text != before.text),
        ("source_url", after.source_url != before.source_url),
        ("locale", after.locale != before.locale),
    ];
    (after, different.into_iter().filter(|(_, different)| *different).map(|(name, _)| name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locale::Locale;

    #[test]
    fn a_text_of_nothing_but_headings_is_no_knowledge() {
        assert_eq!(fault(&entry("Words", &"# a\nb\n".repeat(2_000), None)), None);
        assert_eq!(fault(&entry("Words", &"# a\nb\n".repeat(2_001), None)), Some(EntryFault::Text));
    }

    fn entry(title: &str, text: &str, url: Option<&str>) -> NewEntry {
        NewEntry { title: title.into(), text: text.into(), source_url: url.map(str::to_owned), locale: Locale::En }
    }

    #[test]
    fn what_cannot_be_an_entry_is_named() {
        assert_eq!(fault(&entry("Hours", "From nine.", Some("https://fish.example/hours?day=1"))), None);
        for (wrong, what) in [
            (entry("", "From nine.", None), EntryFault::Title),
            (entry("Two\nlines", "From nine.", None), EntryFault::Title),
            (entry(&"x".repeat(301), "From nine.", None), EntryFault::Title),
            (entry("Hours", "  ", None), EntryFault::Text),
            (entry("Hours", "# Only a heading", None), EntryFault::Text),
            (entry("Hours", &"x".repeat(100_001), None), EntryFault::Text),
            (entry("Hours", "From\0nine.", None), EntryFault::Text),
            (entry("Hours", "From nine.", Some("javascript:alert(1)")), EntryFault::SourceUrl),
            (entry("Hours", "From nine.", Some("https://")), EntryFault::SourceUrl),
            (entry("Hours", "From nine.", Some("https://a b")), EntryFault::SourceUrl),
        ] {
            assert_eq!(fault(&wrong), Some(what), "{wrong:?}");
        }
    }
}
