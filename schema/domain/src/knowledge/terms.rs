//! From text to the terms that are indexed and compared: normalised, without function words, stemmed.
//!
//! We do this ourselves, the same for both stores: SQLite's FTS5 stems only English, and Postgres has no Polish or Japanese.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use tantivy_stemmers::algorithms;
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use crate::locale::Locale;

/// The terms of a text in the order they stand in it, with repetitions.
pub(super) fn terms(text: &str, locale: Locale) -> Vec<String> {
    let normal: String = text.nfkc().flat_map(char::to_lowercase).collect();
    let mut found = Vec::new();
    if locale == Locale::Ja {
        for piece in without_japanese_function_words(&normal).split(char::is_whitespace) {
            japanese(piece, &mut found);
        }
    } else {
        for word in words(&normal) {
            if !is_stop_word(word, locale) {
                push(&mut found, &stem(word, locale));
            }
        }
    }
    found
}

/// The words of a lower-case text, split also at apostrophes.
pub(super) fn words(normal: &str) -> impl Iterator<Item = &str> {
    normal.unicode_words().flat_map(|word| word.split(['\'', '’'])).filter(|word| !word.is_empty())
}

/// Whether a lower-case word carries no content in a language.
pub(super) fn is_stop_word(word: &str, locale: Locale) -> bool {
    STOP_WORDS.get(&locale).is_some_and(|known| known.contains(word))
}

static STOP_WORDS: LazyLock<HashMap<Locale, HashSet<&'static str>>> =
    LazyLock::new(|| Locale::ALL.iter().map(|&locale| (locale, stop_word_list(locale).lines().collect())).collect());

fn stop_word_list(locale: Locale) -> &'static str {
    match locale {
        Locale::En => include_str!("stopwords/en.txt"),
        Locale::Nl => include_str!("stopwords/nl.txt"),
        Locale::De => include_str!("stopwords/de.txt"),
        Locale::Es => include_str!("stopwords/es.txt"),
        Locale::It => include_str!("stopwords/it.txt"),
        Locale::Pl => include_str!("stopwords/pl.txt"),
        Locale::PtBr => include_str!("stopwords/pt-BR.txt"),
        Locale::Ja => include_str!("stopwords/ja.txt"),
        Locale::Fr => include_str!("stopwords/fr.txt"),
    }
}

fn stem(word: &str, locale: Locale) -> String {
    let algorithm: algorithms::Algorithm = match locale {
        Locale::En => algorithms::english_porter_2,
        Locale::Nl => algorithms::dutch,
        Locale::De => algorithms::german,
        Locale::Es => algorithms::spanish,
        Locale::It => algorithms::italian,
        Locale::Pl => algorithms::polish_yarovoy,
        Locale::PtBr => algorithms::portuguese,
        Locale::Fr => algorithms::french,
        Locale::Ja => return word.to_owned(),
    };
    algorithm(word).into_owned()
}

/// Longer words are cut: nobody types the end of them, and Postgres refuses lexemes beyond two kilobytes.
const LONGEST: usize = 64;

/// Adds a term as both engines can index it: letters and digits only, accents folded away so that people may leave them out.
fn push(found: &mut Vec<String>, stem: &str) {
    let folded: String = stem
        .nfd()
        .filter(|c| c.is_alphanumeric())
        .flat_map(|c| match c {
            'ł' => "l".chars().collect::<Vec<_>>(),
            'ß' => "ss".chars().collect(),
            'œ' => "oe".chars().collect(),
            'æ' => "ae".chars().collect(),
            'ø' => "o".chars().collect(),
            other => vec![other],
        })
        .nfc()
        .take(LONGEST)
        .collect();
    if !folded.is_empty() {
        found.push(folded);
    }
}

/// Japanese has no spaces: function words, most of them in hiragana, are cut out first (the list is ordered, longest first).
fn without_japanese_function_words(normal: &str) -> String {
    let mut text = normal.to_owned();
    for word in stop_word_list(Locale::Ja).lines() {
        text = text.replace(word, " ");
    }
    text
}

/// Pairs of neighbouring characters for the scripts of Japanese, whole words for others. Pairs of only hiragana are grammar and
/// left out.
fn japanese(piece: &str, found: &mut Vec<String>) {
    let mut run: Vec<char> = Vec::new();
    let mut other = String::new();
    for c in piece.chars().chain(std::iter::once('\n')) {
        if is_japanese(c) {
            run.push(c);
        } else {
            flush_run(&mut run, found);
        }
        if c.is_alphanumeric() && !is_japanese(c) || matches!(c, '.' | ',' | '_') && !other.is_empty() {
            other.push(c);
        } else if !other.is_empty() {
            push(found, &other);
            other.clear();
        }
    }
}

fn flush_run(run: &mut Vec<char>, found: &mut Vec<String>) {
    if let [only] = run.as_slice()
        && !is_hiragana(*only)
    {
        found.push(only.to_string());
    }
    for pair in run.windows(2) {
        if !pair.iter().all(|c| is_hiragana(*c)) {
            found.push(pair.iter().collect());
        }
    }
    run.clear();
}

fn is_hiragana(c: char) -> bool {
    ('\u{3041}'..='\u{309f}').contains(&c)
}

/// Kana, the long-vowel mark, iteration mark and Han.
pub(super) fn is_japanese(c: char) -> bool {
    is_hiragana(c) || ('\u{30a0}'..='\u{30ff}').contains(&c) && c != '・' || is_han(c)
}

/// Han characters, which Japanese shares with Chinese.
pub(super) fn is_han(c: char) -> bool {
    ('\u{3400}'..='\u{9fff}').contains(&c) || c == '々'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inflections_of_a_word_are_one_term() {
        for (locale, texts) in [
            (Locale::En, ["The databases", "a database"]),
            (Locale::De, ["die Datenbanken", "der Datenbanken"]),
            (Locale::Es, ["búsquedas", "busqueda"]),
            (Locale::Pl, ["językach", "jezykach"]),
            (Locale::Fr, ["Les réponses", "la reponse"]),
        ] {
            let [one, two] = texts.map(|text| terms(text, locale));
            assert_eq!(one, two, "{locale}");
            assert_eq!(one.len(), 1, "{locale}: {one:?}");
        }
    }

    #[test]
    fn numbers_keep_their_digits_whatever_groups_them() {
        assert_eq!(terms("8,000", Locale::En), terms("8.000", Locale::De));
    }

    #[test]
    fn japanese_is_cut_into_pairs() {
        assert_eq!(terms("データベースは何ですか", Locale::Ja).first().map(String::as_str), Some("デー"));
        assert!(terms("Postgres を使う", Locale::Ja).contains(&"postgres".to_owned()));
    }
}
