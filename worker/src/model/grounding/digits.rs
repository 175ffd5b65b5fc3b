//! Numbers in digits: where they end and what they say, in whatever way they are grouped.

use std::collections::BTreeSet;

/// Where a number ends that begins here: its separators have digits on both sides, and a space only before three of them.
pub(super) fn end_of_number(text: &str, begin: usize) -> usize {
    let digits = |at: usize| text.get(at..).map_or(0, |rest| rest.bytes().take_while(u8::is_ascii_digit).count());
    let mut end = begin.saturating_add(digits(begin));
    loop {
        let Some(separator) = text.get(end..).and_then(|rest| rest.chars().next()) else { return end };
        let next = end.saturating_add(separator.len_utf8());
        let follow = digits(next);
        let goes_on = match separator {
            '.' | ',' => follow > 0,
            ' ' | '\u{a0}' | '\u{202f}' | '\'' | '’' => follow == 3 && end.saturating_sub(begin) <= 11,
            _ => false,
        };
        if !goes_on {
            return end;
        }
        end = next.saturating_add(follow);
    }
}

/// The numbers that are meant by digits with separators: one, or the parts of a date.
pub(super) fn values(written: &str) -> Vec<String> {
    let written: String = written.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | ',')).collect();
    let parts: Vec<&str> = written.split(['.', ',']).collect();
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else { return Vec::new() };
    let inner = parts.get(1..parts.len().saturating_sub(1)).unwrap_or_default();
    let marks: BTreeSet<char> = written.chars().filter(|c| !c.is_ascii_digit()).collect();
    if parts.len() > 2 && marks.len() == 1 && !parts.iter().skip(1).all(|part| part.len() == 3) {
        return parts.into_iter().map(whole).collect();
    }
    let grouped = inner.iter().all(|part| part.len() == 3);
    let thousands = last.len() == 3 && *first != "0" && grouped;
    let value = if parts.len() == 1 || thousands {
        whole(&parts.concat())
    } else {
        let fraction = last.trim_end_matches('0');
        let before = whole(&parts.get(..parts.len().saturating_sub(1)).unwrap_or_default().concat());
        if fraction.is_empty() { before } else { format!("{before}.{fraction}") }
    };
    vec![value]
}

/// Without the zeros in front, of which a telephone number or a code has more than a clock.
fn whole(digits: &str) -> String {
    if digits.len() > 2 {
        return digits.to_owned();
    }
    let short = digits.trim_start_matches('0');
    if short.is_empty() { "0".to_owned() } else { short.to_owned() }
}
