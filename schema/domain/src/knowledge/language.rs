//! Which of our languages a text is in.

use std::cmp::Reverse;

use unicode_normalization::UnicodeNormalization;
use whatlang::{Detector, Lang};

use super::terms::{is_han, is_japanese, is_stop_word, words};
use crate::locale::Locale;

/// Words of content that people open with and that tell neighbouring languages apart where their function words do not.
const TELLING: &[(Locale, &[&str])] = &[
    (Locale::En, &["cost", "costs", "price", "pay", "data", "support", "work", "works"]),
    (Locale::Nl, &["kost", "kosten", "prijs", "betalen", "gegevens", "werkt", "gebruiken"]),
    (Locale::De, &["kostet", "kosten", "preis", "bezahlen", "daten", "funktioniert", "nutzen"]),
    (Locale::Es, &["cuesta", "cuestan", "precio", "pagar", "datos", "funciona", "usar"]),
    (Locale::It, &["costa", "costano", "prezzo", "pagare", "dati", "piano", "funziona", "usare"]),
    (Locale::Pl, &["kosztuje", "kosztują", "cena", "płacić", "dane", "działa", "używać"]),
    (Locale::PtBr, &["custa", "custam", "preço", "pagar", "dados", "plano", "funciona", "usar"]),
    (Locale::Fr, &["coûte", "coute", "prix", "payer", "données", "fonctionne", "utiliser"]),
];

fn tells(word: &str, locale: Locale) -> bool {
    is_stop_word(word, locale) || TELLING.iter().any(|(own, words)| *own == locale && words.contains(&word))
}

/// The languages a text may be in, the likeliest first; none when too little of it tells.
///
/// Chat messages are short, and statistics over letters need more text than they have; the function words of a sentence tell
/// sooner. So those are counted first, and the statistics asked only when they are undecided.
#[must_use]
pub fn plausible(text: &str) -> Vec<Locale> {
    let normal: String = text.nfkc().flat_map(char::to_lowercase).collect();
    if normal.chars().any(|c| is_japanese(c) && !is_han(c)) {
        return vec![Locale::Ja];
    }
    let mut points: Vec<(u32, Locale)> = Locale::ALL.iter().map(|&locale| (0, locale)).collect();
    for word in words(&normal) {
        let knowing = Locale::ALL.iter().filter(|&&locale| tells(word, locale)).count();
        for (sum, locale) in &mut points {
            if tells(word, *locale) {
                // A word that several languages share says less: 60 divides evenly among up to six.
                let share = u32::try_from(knowing).ok().and_then(|n| 60_u32.checked_div(n)).unwrap_or(0);
                *sum = sum.saturating_add(share);
            }
        }
    }
    points.sort_by_key(|&(sum, _)| Reverse(sum));
    let best = points.first().map_or(0, |&(sum, _)| sum);
    let close = points.iter().filter(|&&(sum, _)| sum > 0 && sum.saturating_add(MARGIN) >= best);
    let mut likely: Vec<Locale> = close.map(|&(_, locale)| locale).collect();
    if likely.len() != 1 {
        let guess = statistics(text).filter(|&(locale, reliable)| reliable || likely.contains(&locale));
        if let Some((locale, _)) = guess {
            likely.retain(|other| *other != locale);
            likely.insert(0, locale);
        }
    }
    likely
}

/// Languages whose function words are this close (a word of their own is worth 60) cannot be told apart by them.
const MARGIN: u32 = 15;

/// What the statistics over letters say, and whether they are sure.
fn statistics(text: &str) -> Option<(Locale, bool)> {
    let allowed = vec![Lang::Eng, Lang::Nld, Lang::Deu, Lang::Spa, Lang::Ita, Lang::Pol, Lang::Por, Lang::Jpn, Lang::Fra];
    let info = Detector::with_allowlist(allowed).detect(text)?;
    Some((of_lang(info.lang())?, info.is_reliable()))
}

fn of_lang(lang: Lang) -> Option<Locale> {
    Some(match lang {
        Lang::Eng => Locale::En,
        Lang::Nld => Locale::Nl,
        Lang::Deu => Locale::De,
        Lang::Spa => Locale::Es,
        Lang::Ita => Locale::It,
        Lang::Pol => Locale::Pl,
        Lang::Por => Locale::PtBr,
        Lang::Jpn => Locale::Ja,
        Lang::Fra => Locale::Fr,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_questions_are_told_apart() {
        for (text, locale) in [
            ("Where is the data stored?", Locale::En),
            ("What is Frontoffice?", Locale::En),
            ("Waar worden de gegevens bewaard?", Locale::Nl),
            ("Wat kost het?", Locale::Nl),
            ("Wo werden die Daten gespeichert?", Locale::De),
            ("Was kostet das?", Locale::De),
            ("¿Dónde se guardan los datos?", Locale::Es),
            ("Cuanto cuesta?", Locale::Es),
            ("Dove sono conservati i dati?", Locale::It),
            ("Quanto costa il servizio?", Locale::It),
            ("Gdzie są przechowywane dane?", Locale::Pl),
            ("Ile to kosztuje?", Locale::Pl),
            ("Onde os dados são armazenados?", Locale::PtBr),
            ("Quanto custa o plano?", Locale::PtBr),
            ("データはどこに保存されますか", Locale::Ja),
            ("Où sont stockées les données ?", Locale::Fr),
            ("Combien ça coûte ?", Locale::Fr),
        ] {
            assert_eq!(plausible(text).first(), Some(&locale), "{text}");
        }
    }

    #[test]
    fn nothing_is_made_of_nothing() {
        for text in ["", "42", "👍", "zzz"] {
            assert_eq!(plausible(text), [], "{text}");
        }
    }
}
