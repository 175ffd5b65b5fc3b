//! A text as its reader sees it: in ordinary letters, without what cannot be seen and without marks that only dress it.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The text in the letters it is compared in. Capitals stay.
pub(super) fn visible(text: &str) -> String {
    let seen: Vec<char> =
        text.chars().filter(|c| !is_hidden(*c)).nfkc().filter(|c| !is_hidden(*c) && !is_combining_mark(*c)).collect();
    let mut out = String::with_capacity(text.len());
    for (place, c) in seen.iter().copied().enumerate() {
        let before = place.checked_sub(1).and_then(|at| seen.get(at));
        let next = seen.get(place.saturating_add(1));
        let dresses = match c {
            '*' | '~' | '`' => true,
            '_' => !(before.is_some_and(|c| c.is_alphanumeric()) && next.is_some_and(|c| c.is_alphanumeric())),
            '\\' => next.is_some_and(char::is_ascii_punctuation),
            _ => false,
        };
        if !dresses {
            out.push(c);
        }
    }
    out
}

/// What takes no place on a screen: soft hyphens, joiners, marks of direction, selectors of variants, tags.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether it is shown in another order than it is written in: `89` may stand there as `98`.
pub(super) fn is_reordered(text: &str) -> bool {
    text.contains(|c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
}

/// The words with a letter or digit that none of our languages has.
pub(super) fn foreign(plain: &str) -> impl Iterator<Item = &str> {
    plain.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().any(|c| !is_ordinary(c)))
}

fn is_ordinary(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || is_japanese(c)
        || matches!(c, 'à'..='ÿ' | 'À'..='ß' | 'Ā'..='ſ') && !matches!(c, 'ð' | 'þ' | 'ı' | 'ĸ')
}

/// Kana, the long-vowel mark, iteration mark and Han.
pub(super) fn is_japanese(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{309f}' | '\u{30a0}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '々' | '〇')
}

/// The text with letters of other scripts that look like Latin ones as those.
pub(super) fn undisguised(lower: &str) -> String {
    const ALIKE: [(&str, char); 19] = [
        ("аαɑ", 'a'),
        ("с", 'c'),
        ("ԁ", 'd'),
        ("еє", 'e'),
        ("һ", 'h'),
        ("іιı", 'i'),
        ("ј", 'j'),
        ("кκ", 'k'),
        ("м", 'm'),
        ("пη", 'n'),
        ("оοσ", 'o'),
        ("рρ", 'p'),
        ("ԛ", 'q'),
        ("ѕ", 's'),
        ("тτ", 't'),
        ("υս", 'u'),
        ("νѵ", 'v'),
        ("ԝ", 'w'),
        ("хχ", 'x'),
    ];
    let latin = |c: char| match c {
        'у' | 'γ' => 'y',
        _ => ALIKE.iter().find(|(like, _)| like.contains(c)).map_or(c, |(_, latin)| *latin),
    };
    lower.chars().map(|c| if c.is_ascii() { c } else { latin(c) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_as_it_is_seen() {
        for (written, read) in [
            ("fr\u{200b}ee re\u{ad}funded", "free refunded"),
            ("Ｉ ｈａｖｅ ８９", "I have 89"),
            ("**8**9 ha_ve_ _so_ snake_case", "89 ha_ve so snake_case"),
            ("r\u{336}e\u{336}d 8\u{fe0f}\u{20e3} cafe\u{301}", "red 8 café"),
            (r"help\@shop\.example", "help@shop.example"),
        ] {
            assert_eq!(visible(written), read);
        }
        assert!(is_reordered("\u{202e}98") && !is_reordered("98"));
    }

    #[test]
    fn letters_of_other_scripts_are_told_apart() {
        assert_eq!(foreign("h\u{430}ve çà łódź ゲーム 料金").collect::<Vec<_>>(), ["h\u{430}ve"]);
        assert_eq!(foreign("٨٩ EUR").collect::<Vec<_>>(), ["٨٩"]);
        assert_eq!(undisguised("h\u{430}v\u{435}"), "have");
    }
}
