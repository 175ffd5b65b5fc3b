//! Whether a number is the most or the least there is: `within 30 days`, `after 30 days`.

use frontoffice_domain::locale::Locale;

/// From which side a number bounds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    Most,
    Least,
}

/// What stands before the most and before the least, parted by `/`; in Japanese behind it.
fn words(locale: Locale) -> (&'static str, &'static str) {
    match locale {
        Locale::En => (
            "within/up to/until/at most/less than/under/maximum/maximum of/no more than/not more than/no later than",
            "after/more than/over/at least/minimum/minimum of/not before/only after/beyond",
        ),
        Locale::Nl => ("binnen/tot/maximaal/hoogstens/minder dan/uiterlijk", "na/meer dan/minstens/minimaal/vanaf/ten minste"),
        Locale::De => (
            "innerhalb von/innerhalb/binnen/bis/bis zu/höchstens/maximal/weniger als/unter",
            "nach/mehr als/über/mindestens/ab/erst nach",
        ),
        Locale::Es => ("plazo de/hasta/dentro de/máximo/menos de/antes de", "después de/tras/más de/al menos/mínimo/a partir de"),
        Locale::It => ("entro/fino a/massimo/al massimo/meno di", "dopo/più di/oltre/almeno/a partire da"),
        Locale::Pl => ("ciągu/do/maksymalnie/najwyżej/mniej niż", "po/ponad/co najmniej/więcej niż/powyżej"),
        Locale::PtBr => ("até/dentro de/no máximo/menos de", "após/depois de/mais de/pelo menos/no mínimo/a partir de"),
        Locale::Fr => ("dans les/sous/jusqu'à/au plus/moins de/maximum", "après/plus de/au moins/minimum/à partir de"),
        Locale::Ja => ("以内/まで/以下/未満", "以降/以上/後/を超え"),
    }
}

/// How a number is bounded that stands between these.
pub(super) fn bound(before: &str, after: &str, locale: Locale) -> Option<Bound> {
    let before = before.trim_end_matches([' ', '€', '$', '£', '¥']);
    let says = |words: &str| {
        words.split('/').any(|word| {
            if locale == Locale::Ja {
                return after.trim_start_matches('間').starts_with(word);
            }
            before.strip_suffix(word).is_some_and(|rest| !rest.ends_with(char::is_alphanumeric))
        })
    };
    let (most, least) = words(locale);
    // `no more than` ends with `more than`, and `ab` with nothing of the other.
    if says(most) { Some(Bound::Most) } else { says(least).then_some(Bound::Least) }
}
