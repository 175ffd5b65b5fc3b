//! What numbers count: money, hundredths, time.

use std::{
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};

use frontoffice_domain::locale::Locale;
use unicode_segmentation::UnicodeSegmentation;

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit {
    Money(&'static str),
    Share,
    Minute,
    Hour,
    /// An hour or the time of day: `14 h`, `14 heures`, `14 uur`.
    HourOrClock,
    /// The time of day.
    Clock,
    Day,
    Week,
    Month,
    Year,
}

impl Unit {
    /// What a verdict calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Money(code) => code,
            Self::Share => "%",
            Self::Minute => "minutes",
            Self::Hour => "hours",
            Self::HourOrClock => "h",
            Self::Clock => "o'clock",
            Self::Day => "days",
            Self::Week => "weeks",
            Self::Month => "months",
            Self::Year => "years",
        }
    }

    /// How long it is: of what cannot be told in minutes, in months.
    pub(super) fn span(self) -> Option<(u64, &'static str)> {
        match self {
            Self::Minute => Some((1, "minutes")),
            Self::Hour => Some((60, "minutes")),
            Self::Day => Some((1440, "minutes")),
            Self::Week => Some((10_080, "minutes")),
            Self::Month => Some((1, "months")),
            Self::Year => Some((12, "months")),
            _ => None,
        }
    }
}

const WORDS: [(Unit, &str); 29] = [
    (Unit::Money("EUR"), "€ eur euro euros euró eurów"),
    (Unit::Money("USD"), "$ usd us$ dollar dollars dólar dólares dollari dolarów dolary dolar dollaro"),
    (Unit::Money("GBP"), "£ gbp pound pounds pfund pond libra libras livre livres sterlina sterline funt funty funtów"),
    (Unit::Money("JPY"), "¥ jpy yen ienes jenów"),
    (Unit::Money("PLN"), "zł pln złoty złotych złote zloty złotówek"),
    (Unit::Money("BRL"), "r$ brl reais real"),
    (Unit::Money("CHF"), "chf sfr franken frank franks francs franc franco francos franchi franków"),
    (
        Unit::Money("krona"),
        "kr sek nok dkk krone kroner kronen kronor krona koron korony korona coronas coroas corone couronnes crowns",
    ),
    (Unit::Money("CZK"), "czk kč"),
    (Unit::Money("CNY"), "cny rmb yuan 元"),
    (Unit::Money("INR"), "₹ inr rupee rupees rupien roepies rupias rupie rupii roupies"),
    (Unit::Money("KRW"), "₩ krw"),
    (Unit::Money("RUB"), "₽ rub rubles roebel rubel rublos rubli roubles"),
    (Unit::Money("TRY"), "₺ lira liras lire"),
    (Unit::Money("UAH"), "₴ uah"),
    (Unit::Money("HUF"), "huf forint forints"),
    (Unit::Money("peso"), "mxn peso pesos"),
    (Unit::Money("CAD"), "cad"),
    (Unit::Money("AUD"), "aud"),
    (Unit::Money("BTC"), "₿ btc bitcoin bitcoins"),
    (Unit::Money("cent"), "¢ cents cent centów centavos centesimi céntimos centimes pence"),
    (Unit::Share, "% percent procent prozent pourcent pct"),
    (Unit::Minute, "minute minutes min mins minuut minuten minuto minutos minuti minut minuty minutę"),
    (Unit::Hour, "hour hours hr hrs uren stunde stunden godzin godziny godzinę godzinach"),
    (Unit::HourOrClock, "h uur hora horas ora ore heure heures"),
    (Unit::Clock, "uhr o'clock o’clock"),
    (
        Unit::Day,
        "day days dag dagen tag tage tagen tages día días dia dias giorno giorni dzień dni dnia dniach dniami jour jours journée \
         journées journalier dniowy dniowa dniowe dniowego dniowej dniowym daagse daags",
    ),
    (
        Unit::Week,
        "week weeks weken woche wochen semana semanas settimana settimane tydzień tygodnie tygodni tygodniu semaine semaines",
    ),
    (
        Unit::Month,
        "month months maand maanden monat monate monaten monats mes meses mese mesi miesiąc miesiące miesięcy miesiącu miesięczna \
         miesięcznej miesięczną miesięczny mês mois maandse",
    ),
];

const YEARS: &str = "year years yr yrs jaar jaren jarige jahr jahre jahren jahres año años anno anni rok roku lata lat letni letnia letnią \
    ano anos an ans année années";

static KNOWN: LazyLock<HashMap<&'static str, Unit>> = LazyLock::new(|| {
    let all = WORDS.iter().copied().chain([(Unit::Year, YEARS)]);
    all.flat_map(|(unit, words)| words.split_whitespace().map(move |word| (word, unit))).collect()
});

/// Words that begin like this, whatever their ending: `30-tägig`, `24-monatige`.
const BEGINNINGS: [(Unit, &str); 4] =
    [(Unit::Day, "tägig"), (Unit::Week, "wöchig"), (Unit::Month, "monatig"), (Unit::Year, "jährig")];

/// Words that end like this, whatever their beginning: `Werktage`, `werkdagen`.
const ENDINGS: [(Unit, &str); 4] = [(Unit::Day, "tage"), (Unit::Day, "tagen"), (Unit::Day, "dagen"), (Unit::Month, "monate")];

/// What a lower-case word or sign says that a number before it counts.
pub(super) fn unit(word: &str, locale: Locale) -> Option<Unit> {
    // `8 an hour`
    if word == "an" && locale != Locale::Fr || word == "lat" && locale != Locale::Pl {
        return None;
    }
    let long = || {
        let begun = BEGINNINGS.iter().find(|(_, begin)| word.starts_with(begin));
        begun.or_else(|| ENDINGS.iter().find(|(_, end)| word.ends_with(end))).map(|(unit, _)| *unit)
    };
    KNOWN.get(word).copied().or_else(long)
}

/// The same for words of two, and for a script without spaces: what the text behind a number begins with.
pub(super) fn at_start(after: &str) -> Option<(Unit, usize)> {
    const STARTS: [(&str, Unit); 36] = [
        ("円", Unit::Money("JPY")),
        ("ユーロ", Unit::Money("EUR")),
        ("ドル", Unit::Money("USD")),
        ("ポンド", Unit::Money("GBP")),
        ("フラン", Unit::Money("CHF")),
        ("クローネ", Unit::Money("krona")),
        ("クローナ", Unit::Money("krona")),
        ("ウォン", Unit::Money("KRW")),
        ("元", Unit::Money("CNY")),
        ("パーセント", Unit::Share),
        ("per cento", Unit::Share),
        ("per cent", Unit::Share),
        ("por ciento", Unit::Share),
        ("por cento", Unit::Share),
        ("pour cent", Unit::Share),
        ("us dollar", Unit::Money("USD")),
        ("us-dollar", Unit::Money("USD")),
        ("営業日", Unit::Day),
        ("日", Unit::Day),
        ("泊", Unit::Day),
        ("時間", Unit::Hour),
        ("時", Unit::Clock),
        ("分", Unit::Minute),
        ("週", Unit::Week),
        ("か月", Unit::Month),
        ("カ月", Unit::Month),
        ("ヶ月", Unit::Month),
        ("ヵ月", Unit::Month),
        ("ケ月", Unit::Month),
        ("箇月", Unit::Month),
        ("個月", Unit::Month),
        ("か年", Unit::Year),
        ("カ年", Unit::Year),
        ("ヶ年", Unit::Year),
        ("年", Unit::Year),
        ("カ日", Unit::Day),
    ];
    STARTS.iter().find(|(start, _)| after.starts_with(start)).map(|(start, unit)| (*unit, start.len()))
}

/// Whether a Japanese number before this counts something, though it is no money and no time.
pub(super) fn is_counter(after: &str) -> bool {
    after.starts_with([
        '人', '名', '個', '本', '枚', '冊', '台', '回', '件', '点', '割', '倍', '階', '号', '番', '歳', '席', '店', '種', '通',
        '月', '度', 'つ',
    ])
}

/// Words for what a price is for. One that ends with `*` stands for all that begin like it.
const PERIODS: [(Unit, &str); 4] = [
    (Unit::Day, "daily dagelijks* täglich* diari* giornalier* quotidian* dzienn* diári* quotidien* nightly 毎日 日額"),
    (Unit::Week, "weekly wekelijks* wöchentlich* semanal* settimanal* tygodniow* hebdomadaire* 毎週 週額"),
    (Unit::Month, "monthly maandelijks* monatlich* mensual* mensil* miesięczn* mensal* mensuel* 毎月 月額 月々"),
    (Unit::Year, "yearly annual* jaarlijks* jährlich* anual* annua* roczn* annuel* 毎年 年額"),
];

/// The time a lower-case word names.
fn period(word: &str, locale: Locale) -> Option<Unit> {
    let is = |known: &str| known.strip_suffix('*').map_or(known == word, |begin| word.starts_with(begin));
    let spoken = PERIODS.iter().find(|(_, words)| words.split_whitespace().any(is)).map(|(unit, _)| *unit);
    spoken.or_else(|| unit(word, locale)).filter(|unit| unit.span().is_some())
}

/// The times a lower-case text names that counts none, and the text without their words.
pub(super) fn periods(text: &str, locale: Locale) -> (BTreeSet<Unit>, String) {
    let mut found = BTreeSet::new();
    if locale == Locale::Ja {
        let signs =
            PERIODS.iter().filter(|(_, words)| words.split_whitespace().any(|known| !known.is_ascii() && text.contains(known)));
        found.extend(signs.map(|(unit, _)| *unit));
    }
    let (named, kept): (Vec<&str>, Vec<&str>) = text.split_word_bounds().partition(|word| period(word, locale).is_some());
    found.extend(named.into_iter().filter_map(|word| period(word, locale)));
    (found, kept.concat())
}

/// Half of something, in one word.
pub(super) fn is_half(word: &str) -> bool {
    const WORDS: &str = "half halve halved helft halbe halben halber halbes hälfte halbiert mitad metà metade metade połowa połowę połowy pół moitié \
        demi 半額 半分";
    WORDS.split_whitespace().any(|known| known == word)
}
