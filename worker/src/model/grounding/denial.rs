//! Whether a piece of a text says that something is, or that it is not.

use frontoffice_domain::locale::Locale;
use unicode_segmentation::UnicodeSegmentation;

/// Words that say no. One that ends with `*` stands for all that begin like it.
fn no(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "not no never none cannot nothing nobody nowhere neither nor without except unless",
        Locale::Nl => "niet geen nooit niets niemand nergens zonder behalve tenzij noch",
        Locale::De => "nicht kein keine keinen keinem keiner keinerlei nie niemals nichts niemand ohne außer weder",
        Locale::Es => "no nunca jamás nada nadie ningun* ningún sin salvo excepto tampoco ni",
        Locale::It => "non mai niente nulla nessun* senza tranne eccetto salvo né",
        Locale::Pl => "nie nigdy nic nikt bez żaden żadn* oprócz ani",
        Locale::PtBr => "não nunca jamais nada ninguém nenhum* sem exceto salvo nem",
        Locale::Fr => "ne n pas jamais rien aucun* sans sauf ni",
        Locale::Ja => "ません ない なし 不可 できず を除",
    }
}

/// Words that say the contrary of what is open, possible, allowed or part of something.
fn contrary(locale: Locale) -> &'static str {
    match locale {
        Locale::En => {
            "closed close closes closing shut forbidden prohibited impossible unavailable exclud* refuse* reject* denied denies invalid expired non"
        }
        Locale::Nl => "gesloten dicht sluit sluiten verboden onmogelijk uitgesloten uitgezonderd geweiger* ongeldig",
        Locale::De => "geschlossen schließ* verboten unmöglich ausgeschlossen untersagt abgelehnt ungültig",
        Locale::Es => "cerrad* cierra cierran prohibid* imposible excluid* excluy* rechaz*",
        Locale::It => "chius* chiud* vietat* impossibile escluso esclusa esclusi escluse rifiut*",
        Locale::Pl => "zamknięt* zamyka* nieczynn* zabronion* niemożliw* wykluczon* niedostępn* odrzuc*",
        Locale::PtBr => "fechad* fecha fecham proibid* impossível excluíd* recus* rejeit*",
        Locale::Fr => "fermé* ferme ferment interdit* impossible exclu exclus exclue exclues refus*",
        Locale::Ja => "休業 休み 定休 休館 閉店 閉まっ 禁止 対象外",
    }
}

/// Such words that say no more than when, beside a number or a time: `closes at six`.
const AT_A_TIME: &str = "close closes closing sluit sluiten schließt schließen schließ cierra cierran chiude chiudono zamyka zamykamy fecha fecham \
    ferme ferment 閉店";

/// What says no and means none: `not only … but also`, `no later than`.
const IDIOMS: [&str; 34] = [
    "not only",
    "no later",
    "not later",
    "no more than",
    "not more than",
    "no less",
    "niet alleen",
    "niet later",
    "niet meer dan",
    "nicht nur",
    "nicht später",
    "nicht mehr als",
    "no solo",
    "no sólo",
    "no más",
    "a más tardar",
    "non solo",
    "non oltre",
    "non più",
    "nie tylko",
    "nie później",
    "nie więcej",
    "não só",
    "não apenas",
    "não mais",
    "non seulement",
    "pas seulement",
    "pas plus",
    "だけでなく",
    "かもしれない",
    "おもてなし",
    "不可欠",
    "少ない",
    "違いない",
];

/// Whether a piece of a lower-case text says that something is not. What is not closed is open.
pub(super) fn denies(piece: &str, has_time: bool, locale: Locale) -> bool {
    let text =
        IDIOMS.iter().fold(piece.to_owned(), |text, idiom| if text.contains(idiom) { text.replace(idiom, " ") } else { text });
    says(&text, no(locale), "", locale) != says(&text, contrary(locale), if has_time { AT_A_TIME } else { "" }, locale)
}

fn says(text: &str, words: &str, but: &str, locale: Locale) -> bool {
    let is = |word: &str| {
        let known =
            words.split_whitespace().any(|known| known.strip_suffix('*').map_or(known == word, |begin| word.starts_with(begin)));
        known && !but.split_whitespace().any(|other| other == word)
    };
    if locale == Locale::Ja {
        return words.split_whitespace().any(|known| text.contains(known) && !but.split_whitespace().any(|other| other == known));
    }
    let short = |word: &str| locale == Locale::En && words.starts_with("not") && (word.ends_with("n't") || word.ends_with("n’t"));
    text.unicode_words().any(|word| short(word) || word.split(['\'', '’']).any(is))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_is_told_from_what_is() {
        for (locale, text, expected) in [
            (Locale::En, "the shop is open", false),
            (Locale::En, "the shop isn't open", true),
            (Locale::En, "the shop is closed", true),
            (Locale::En, "the shop is not closed", false),
            (Locale::En, "not only on monday", false),
            (Locale::En, "you cannot return it", true),
            (Locale::De, "kein produkt", true),
            (Locale::De, "nicht nur montags", false),
            (Locale::Es, "no está abierto", true),
            (Locale::PtBr, "no prazo de 30 dias", false),
            (Locale::Fr, "le magasin n'est pas ouvert", true),
            (Locale::Pl, "nie można", true),
            (Locale::Ja, "返品できません", true),
            (Locale::Ja, "返品できます", false),
        ] {
            assert_eq!(denies(text, false, locale), expected, "{text}");
        }
        assert!(!denies("it closes at six", true, Locale::En) && denies("it closes on saturday", false, Locale::En));
    }
}
