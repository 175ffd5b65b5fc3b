//! Months, days of the week and days beside today, in every language that is spoken here.

use std::{collections::HashMap, sync::LazyLock};

use frontoffice_domain::{knowledge::rules::content, locale::Locale};

/// Months, days of the week and days beside today in English, and their words in the other languages.
const DAYS: [(&str, &str); 22] = [
    ("january", "januari januar jänner enero gennaio styczeń stycznia styczniu janeiro janvier"),
    ("february", "februari februar febrero febbraio luty lutego lutym fevereiro février"),
    ("march", "maart märz marzo marzec marca marcu março mars"),
    ("april", "abril aprile kwiecień kwietnia kwietniu avril"),
    ("may", "mei mai mayo maggio maj maja maju maio"),
    ("june", "juni junio giugno czerwiec czerwca czerwcu junho juin"),
    ("july", "juli julio luglio lipiec lipca lipcu julho juillet"),
    ("august", "augustus agosto sierpień sierpnia sierpniu août"),
    ("september", "septiembre settembre wrzesień września wrześniu setembro septembre"),
    ("october", "oktober octubre ottobre październik października październiku outubro octobre"),
    ("november", "noviembre novembre listopad listopada listopadzie novembro"),
    ("december", "dezember diciembre dicembre grudzień grudnia grudniu dezembro décembre"),
    (
        "monday",
        "mondays maandag montag montags lunes lunedì poniedziałek poniedziałku poniedziałki poniedziałek segunda segunda-feira segundas-feiras lundi lundis",
    ),
    (
        "tuesday",
        "tuesdays dinsdag dienstag dienstags martes martedì wtorek wtorku wtorki terça terça-feira terças-feiras mardi mardis",
    ),
    (
        "wednesday",
        "wednesdays woensdag mittwoch mittwochs miércoles mercoledì środa środę środy środa quarta quarta-feira quartas-feiras mercredi mercredis",
    ),
    (
        "thursday",
        "thursdays donderdag donnerstag donnerstags jueves giovedì czwartek czwartku czwartki quinta quinta-feira quintas-feiras jeudi jeudis",
    ),
    (
        "friday",
        "fridays vrijdag freitag freitags viernes venerdì piątek piątku piątki sexta sexta-feira sextas-feiras vendredi vendredis",
    ),
    ("saturday", "saturdays zaterdag samstag samstags sábado sabato sobota sobotę soboty sobót sábados samedi samedis"),
    (
        "sunday",
        "sundays zondag sonntag sonntags domingo domenica niedziela niedzielę niedziele niedziel domingos dimanche dimanches",
    ),
    ("today", "vandaag heute hoy oggi dziś dzisiaj hoje aujourd'hui aujourd’hui"),
    ("tomorrow", "morgen mañana domani jutro amanhã demain"),
    ("yesterday", "gisteren gestern ayer ieri wczoraj ontem hier"),
];

/// Words that say so only beside a number, or mean something else behind another word.
fn is_doubtful(word: &str, behind: &str, previous: &str, locale: Locale) -> bool {
    let next = behind.get(word.len()..).unwrap_or_default().trim_start_matches([' ', '.']);
    let dated = previous.contains(|c: char| c.is_ascii_digit()) || next.starts_with(|c: char| c.is_ascii_digit());
    match (locale, word) {
        (Locale::En, "may" | "march") | (Locale::Pl, "maju" | "maja") | (Locale::Fr, "mars") => !dated,
        // `Guten Morgen`, `in de morgen`, `por la mañana`
        (_, "morgen" | "mañana") => {
            matches!(
                previous,
                "guten" | "am" | "jeden" | "der" | "den" | "vom" | "goeden" | "de" | "elke" | "la" | "una" | "cada" | "s"
            )
        }
        // French says `here`, other languages `yesterday`.
        (_, "hier") => locale != Locale::Fr,
        // `a segunda opção`
        (Locale::PtBr, "segunda" | "terça" | "quarta" | "quinta" | "sexta") => {
            let next: String = next.chars().take_while(|c| c.is_alphabetic()).collect();
            !content(&next, locale).is_empty() && find(&next).is_none()
        }
        (_, "segunda" | "quarta" | "quinta" | "sexta" | "terça") => true,
        _ => false,
    }
}

static KNOWN: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let words = |(name, others): &(&'static str, &'static str)| {
        others.split_whitespace().chain([*name]).map(|word| (word, *name)).collect::<Vec<_>>()
    };
    DAYS.iter().flat_map(words).collect()
});

fn find(word: &str) -> Option<&'static str> {
    KNOWN.get(word).copied()
}

/// The month or day that a lower-case text begins with, behind that word, and how long its name is.
pub(super) fn day(behind: &str, previous: &str, locale: Locale) -> Option<(&'static str, usize)> {
    if locale == Locale::Ja {
        const SIGNS: [(&str, &str); 12] = [
            ("月曜", "monday"),
            ("火曜", "tuesday"),
            ("水曜", "wednesday"),
            ("木曜", "thursday"),
            ("金曜", "friday"),
            ("土曜", "saturday"),
            ("日曜", "sunday"),
            ("今日", "today"),
            ("本日", "today"),
            ("明日", "tomorrow"),
            ("昨日", "yesterday"),
            ("翌日", "tomorrow"),
        ];
        return SIGNS.iter().find(|(signs, _)| behind.starts_with(signs)).map(|(signs, day)| (*day, signs.len()));
    }
    let word = |ends: fn(char) -> bool| behind.split(ends).next().unwrap_or_default();
    let (whole, part) = (word(|c| !c.is_alphabetic() && !matches!(c, '-' | '\'' | '’')), word(|c| !c.is_alphabetic()));
    [whole, part]
        .into_iter()
        .filter(|word| !is_doubtful(word, behind, previous, locale))
        .find_map(|word| Some((find(word)?, word.len())))
}

/// The month with that number.
pub(super) fn month(number: &str) -> Option<&'static str> {
    let place = number.parse::<usize>().ok()?.checked_sub(1).filter(|place| *place < 12)?;
    DAYS.get(place).map(|(name, _)| *name)
}
