//! Days as people write them.

use crate::{clock::Instant, locale::Locale};

/// The months as they stand in a date; none for Japanese, which numbers them.
fn months(locale: Locale) -> &'static str {
    match locale {
        Locale::En => "January February March April May June July August September October November December",
        Locale::Nl => "januari februari maart april mei juni juli augustus september oktober november december",
        Locale::De => "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        Locale::Es => "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        Locale::It => "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        Locale::Pl => "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
        Locale::PtBr => "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        Locale::Fr => "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        Locale::Ja => "",
    }
}

/// The day of an instant in UTC, as the language writes it.
#[must_use]
pub fn day(at: Instant, locale: Locale) -> String {
    let text = at.to_string();
    let date = text.split('T').next().unwrap_or_default();
    let [year, month, day] = date.split('-').collect::<Vec<_>>()[..] else { return text };
    let (short_month, day) = (month.trim_start_matches('0'), day.trim_start_matches('0'));
    let name = || short_month.parse::<usize>().ok()?.checked_sub(1).and_then(|index| months(locale).split(' ').nth(index));
    match (locale, name()) {
        (Locale::Ja, _) => format!("{year}年{short_month}月{day}日"),
        (_, None) => date.to_owned(),
        (Locale::De, Some(month)) => format!("{day}. {month} {year}"),
        (Locale::Es | Locale::PtBr, Some(month)) => format!("{day} de {month} de {year}"),
        (Locale::En | Locale::Nl | Locale::It | Locale::Pl | Locale::Fr, Some(month)) => format!("{day} {month} {year}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_the_language_does_it() {
        let at: Instant = "2026-03-02T23:59:59.999999Z".parse().unwrap();
        for (locale, text) in [
            (Locale::En, "2 March 2026"),
            (Locale::Nl, "2 maart 2026"),
            (Locale::De, "2. März 2026"),
            (Locale::Es, "2 de marzo de 2026"),
            (Locale::It, "2 marzo 2026"),
            (Locale::Pl, "2 marca 2026"),
            (Locale::PtBr, "2 de março de 2026"),
            (Locale::Ja, "2026年3月2日"),
            (Locale::Fr, "2 mars 2026"),
        ] {
            assert_eq!(day(at, locale), text);
            assert!(locale == Locale::Ja || months(locale).split(' ').count() == 12, "{locale}");
        }
        assert_eq!(day("2026-12-22T00:00:00+01:00".parse().unwrap(), Locale::En), "21 December 2026", "in UTC");
        assert_eq!(day(Instant::from_micros(i64::MIN), Locale::En), Instant::from_micros(i64::MIN).to_string());
    }
}
