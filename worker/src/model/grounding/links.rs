//! Links, hosts, e-mail addresses and dialled numbers.

use super::{
    facts::{Fact, Kind},
    plain::is_japanese,
};

/// Those of a lower-case text.
pub(super) fn read(lower: &str) -> Vec<Fact> {
    let ends =
        |c: char| c.is_whitespace() || is_japanese(c) || matches!(c, '(' | ')' | '<' | '>' | '"' | '[' | ']' | '|' | '、' | '。');
    let mut begin = 0_usize;
    let mut found = Vec::new();
    for token in lower.split_inclusive(ends) {
        let shown = token.trim_end_matches(|c: char| ends(c) || !c.is_alphanumeric() && c != '/');
        if let Some(link) = link(shown) {
            found.push(Fact::new(begin..begin.saturating_add(shown.len()), link, None, Kind::Link));
        }
        begin = begin.saturating_add(token.len());
    }
    found
}

fn link(token: &str) -> Option<String> {
    if let Some(number) = token.strip_prefix("tel:") {
        return Some(format!("tel:{}", number.trim_end_matches(|c: char| !c.is_ascii_digit())));
    }
    let token = token.trim_matches(|c: char| !c.is_alphanumeric() && c != '/');
    let bare = token.split_once("://").map_or(token, |(_, rest)| rest);
    let bare = bare.strip_prefix("mailto:").or_else(|| bare.strip_prefix("www.")).unwrap_or(bare).trim_end_matches('/');
    let host = bare.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default().split(':').next().unwrap_or_default();
    let named = host.rsplit_once('.').is_some_and(|(name, top)| {
        !name.is_empty() && top.chars().count() >= 2 && top.chars().all(char::is_alphabetic) && !name.ends_with('.')
    });
    (named || token.contains("://") || token.contains('@') && bare.len() > 1).then(|| bare.to_owned())
}

/// Whether the number of a link that dials stands in a text, however it is grouped there.
pub(super) fn is_dialled(lower: &str, link: &str) -> Option<bool> {
    let wanted: String = link.strip_prefix("tel:")?.chars().filter(char::is_ascii_digit).collect();
    let dense: String = lower.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')' | '.' | '/')).collect();
    Some(wanted.len() > 4 && dense.split(|c: char| !c.is_ascii_digit()).any(|number| number == wanted))
}

/// Whether a link stands in a text, and not only as the beginning or end of another one.
pub(super) fn stands(plain: &str, link: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    plain.match_indices(link).any(|(at, _)| {
        let before = plain.get(..at).and_then(|text| text.chars().next_back());
        let mut after = plain.get(at.saturating_add(link.len())..).unwrap_or_default().chars();
        let (next, second) = (after.next(), after.next());
        let goes_on = next.is_some_and(|c| inside(c) || c == '@' || matches!(c, '.' | ':') && second.is_some_and(inside));
        let subdomain = plain.get(..at).is_some_and(|text| text.ends_with('.') && !text.ends_with("www."));
        !goes_on && !subdomain && !before.is_some_and(|c| inside(c) || c == '@')
    })
}
