//! Numbers in words, in every language that is spoken here: a word is cut into the parts it is made of (`fünf·und·vierzig`,
//! `quatre·vingt·quinze`), and words that stand together say one number.

use std::{collections::HashMap, sync::LazyLock};

use frontoffice_domain::locale::Locale;
use unicode_segmentation::UnicodeSegmentation;

/// The parts of number words by their values, forms of one value joined by `/`.
fn parts(locale: Locale) -> &'static str {
    match locale {
        Locale::En => {
            "1=one/an/a/single 2=two/twice/double/doubled 3=three/triple/thrice 4=four 5=five 6=six 7=seven 8=eight 9=nine 10=ten 11=eleven \
             12=twelve/dozen 13=thirteen 14=fourteen 15=fifteen 16=sixteen 17=seventeen 18=eighteen 19=nineteen 20=twenty 30=thirty \
             40=forty 50=fifty 60=sixty 70=seventy 80=eighty 90=ninety 100=hundred 1000=thousand 1000000=million/millions \
             1000000000=billion/billions"
        }
        Locale::Nl => {
            "1=een/één/eén 2=twee/dubbel/dubbele 3=drie 4=vier 5=vijf 6=zes 7=zeven 8=acht 9=negen 10=tien 11=elf 12=twaalf 13=dertien \
             14=veertien 20=twintig 30=dertig 40=veertig 50=vijftig 60=zestig 70=zeventig 80=tachtig 90=negentig 100=honderd \
             1000=duizend 1000000=miljoen 1000000000=miljard"
        }
        Locale::De => {
            "1=ein/eins/eine/einem/einen/einer/eines 2=zwei/zwo/doppelt/doppelte/doppelten 3=drei/dreifach 4=vier 5=fünf/fuenf 6=sechs/sech \
             7=sieben/sieb 8=acht 9=neun 10=zehn 11=elf 12=zwölf/zwoelf/dutzend 20=zwanzig 30=dreißig/dreissig 40=vierzig \
             50=fünfzig/fuenfzig 60=sechzig 70=siebzig 80=achtzig 90=neunzig 100=hundert 1000=tausend 1000000=million/millionen \
             1000000000=milliarde/milliarden"
        }
        Locale::Es => {
            "1=un/uno/una/ún 2=dos/dós/doble 3=tres/trés/triple 4=cuatro 5=cinco 6=seis/séis 7=siete/sete 8=ocho 9=nueve/nove \
             10=diez/dieci 11=once 12=doce/docena 13=trece 14=catorce 15=quince 20=veinte/veinti 30=treinta 40=cuarenta 50=cincuenta \
             60=sesenta 70=setenta 80=ochenta 90=noventa 100=cien/ciento/cientos/cientas 500=quinientos/quinientas 1000=mil \
             1000000=millón/millones"
        }
        Locale::It => {
            "1=un/uno/una 2=due/doppio/doppia 3=tre/tré/triplo 4=quattro 5=cinque 6=sei 7=sette 8=otto 9=nove 10=dieci 11=undici \
             12=dodici/dozzina 13=tredici 14=quattordici 15=quindici 16=sedici 17=diciassette 18=diciotto 19=diciannove 20=venti/vent \
             30=trenta/trent 40=quaranta/quarant 50=cinquanta/cinquant 60=sessanta/sessant 70=settanta/settant 80=ottanta/ottant \
             90=novanta/novant 100=cento/cent 1000=mille/mila 1000000=milione/milioni 1000000000=miliardo/miliardi"
        }
        Locale::Pl => {
            "1=jeden/jedna/jedną/jedno/jednego/jednej/jednym 2=dwa/dwie/dwóch/dwu/dwom/dwoma 3=trzy/trzech/trzema 4=cztery/czterech \
             5=pięć/pięciu 6=sześć/sześciu 7=siedem/siedmiu 8=osiem/ośmiu 9=dziewięć/dziewięciu 10=dziesięć/dziesięciu \
             11=jedenaście/jedenastu 12=dwanaście/dwunastu/tuzin 13=trzynaście/trzynastu 14=czternaście/czternastu \
             15=piętnaście/piętnastu 16=szesnaście/szesnastu 17=siedemnaście/siedemnastu 18=osiemnaście/osiemnastu \
             19=dziewiętnaście/dziewiętnastu 20=dwadzieścia/dwudziestu 30=trzydzieści/trzydziestu 40=czterdzieści/czterdziestu \
             50=pięćdziesiąt/pięćdziesięciu 60=sześćdziesiąt/sześćdziesięciu 70=siedemdziesiąt/siedemdziesięciu \
             80=osiemdziesiąt/osiemdziesięciu 90=dziewięćdziesiąt/dziewięćdziesięciu 100=sto/stu/sta/set/ście 200=dwieście/dwustu \
             1000=tysiąc/tysiąca/tysiące/tysięcy 1000000=milion/miliona/miliony/milionów 1000000000=miliard/miliardy/miliardów"
        }
        Locale::PtBr => {
            "1=um/uma 2=dois/duas/dobro/duplo 3=três/triplo 4=quatro 5=cinco 6=seis 7=sete 8=oito 9=nove 10=dez 11=onze 12=doze/dúzia \
             13=treze 14=quatorze/catorze 15=quinze 16=dezesseis 17=dezessete 18=dezoito 19=dezenove 20=vinte 30=trinta 40=quarenta \
             50=cinquenta 60=sessenta 70=setenta 80=oitenta 90=noventa 100=cem/cento/centos/centas 200=duzentos/duzentas \
             300=trezentos/trezentas 500=quinhentos/quinhentas 1000=mil 1000000=milhão/milhões 1000000000=bilhão/bilhões"
        }
        Locale::Fr => {
            "1=un/une 2=deux/double 3=trois/triple 4=quatre 5=cinq 6=six 7=sept 8=huit 9=neuf 10=dix 11=onze 12=douze/douzaine 13=treize \
             14=quatorze 15=quinze 16=seize 20=vingt/vingts 30=trente 40=quarante 50=cinquante 60=soixante 70=septante 80=huitante \
             90=nonante 100=cent/cents 1000=mille 1000000=million/millions 1000000000=milliard/milliards"
        }
        // Its numbers are signs, which are read by themselves.
        Locale::Ja => "",
    }
}

type Parts = Vec<(&'static str, u64)>;

/// The longest first, so that `twenty` is not `t…`.
static PARTS: LazyLock<HashMap<Locale, Parts>> = LazyLock::new(|| {
    let of = |locale| {
        let entries = parts(locale).split_whitespace().filter_map(|entry| entry.split_once('='));
        let mut all: Parts = entries
            .filter_map(|(value, forms)| Some((forms, value.parse::<u64>().ok()?)))
            .flat_map(|(forms, value)| forms.split('/').map(move |form| (form, value)))
            .collect();
        all.sort_by_key(|(form, _)| std::cmp::Reverse(form.len()));
        all
    };
    Locale::ALL.iter().map(|&locale| (locale, of(locale))).collect()
});

/// No number is a longer word.
const LONGEST: usize = 60;

/// The values of the parts a lower-case word is made of, if it is a number.
fn cut(word: &str, locale: Locale) -> Option<Vec<u64>> {
    let (mut values, parts) = (Vec::new(), PARTS.get(&locale)?);
    let linkers: &[&str] = match locale {
        Locale::De => &["und"],
        Locale::Nl => &["en", "ën"],
        _ => &[],
    };
    (word.len() <= LONGEST && cut_rest(word, parts, linkers, &mut values) && values.windows(2).all(is_compound)).then_some(values)
}

/// Whether two parts may stand beside each other in a number: `two·hundred`, `fünf·und·vierzig`, `dix·sept`; not `an·a`.
fn is_compound(pair: &[u64]) -> bool {
    let &[one, two] = pair else { return false };
    one < two && (two >= 100 || one < 10 && two >= 10) || one > two && one >= 10
}

fn cut_rest(rest: &str, parts: &Parts, linkers: &[&str], values: &mut Vec<u64>) -> bool {
    if rest.is_empty() {
        return !values.is_empty();
    }
    for (form, value) in parts {
        let Some(after) = rest.strip_prefix(form) else { continue };
        values.push(*value);
        let mut linked = linkers.iter().filter_map(|linker| after.strip_prefix(linker)).filter(|after| !after.is_empty());
        if cut_rest(after, parts, linkers, values) || linked.any(|after| cut_rest(after, parts, linkers, values)) {
            return true;
        }
        values.pop();
    }
    false
}

/// What the parts say together: what is small is added, a hundred and a thousand multiply what stands before them.
fn sum(values: &[u64], locale: Locale) -> u64 {
    let (mut total, mut current) = (0_u64, 0_u64);
    for value in values.iter().copied() {
        match value {
            100 if (1..100).contains(&current) => current = current.saturating_mul(100),
            1000.. => {
                total = total.saturating_add(current.max(1).saturating_mul(value));
                current = 0;
            }
            20 if current == 4 && locale == Locale::Fr => current = 80,
            _ => current = current.saturating_add(value),
        }
    }
    total.saturating_add(current)
}

/// A number in words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Spelled {
    pub(super) value: u64,
    /// How many bytes of the text say it.
    pub(super) length: usize,
    /// Whether it is a number only before what can be counted: `a day`, `sei giorni`, `mille grazie`.
    pub(super) doubtful: bool,
}

/// The number that a lower-case text begins with. A word begins there.
pub(super) fn at_start(text: &str, locale: Locale) -> Option<Spelled> {
    if locale == Locale::Ja {
        return kanji(text);
    }
    let word = first_word(text);
    let mut values = cut(&word.replace('-', ""), locale);
    let mut length = word.len();
    if values.is_none() {
        // `two-year`
        let head = word.split('-').next().unwrap_or_default();
        (values, length) = (cut(head, locale), head.len());
    }
    let mut values = values?;
    let doubtful = |word: &str| match locale {
        Locale::It => matches!(word, "sei" | "mille"),
        Locale::De | Locale::Nl => word == "acht",
        Locale::Es | Locale::PtBr => word == "mil",
        Locale::Fr => matches!(word, "neuf" | "mille"),
        _ => false,
    };
    let mut doubtful = values == [1] || doubtful(word);
    while let Some((more, behind)) = goes_on(text.get(length..).unwrap_or_default(), &values, locale) {
        values.extend(more);
        length = length.saturating_add(behind);
        doubtful = false;
    }
    Some(Spelled { value: sum(&values, locale), length, doubtful })
}

/// The next word, with what hyphens add to it.
fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphabetic() && c != '-').unwrap_or(text.len());
    text.get(..end).unwrap_or_default().trim_end_matches('-')
}

/// More of the same number: `twenty four`, `treinta y cinco`, `two hundred and fifty`; and how long it is.
fn goes_on(rest: &str, values: &[u64], locale: Locale) -> Option<(Vec<u64>, usize)> {
    let spaced = rest.strip_prefix(' ')?;
    let and = match locale {
        Locale::En => "and ",
        Locale::Es => "y ",
        Locale::PtBr => "e ",
        Locale::Fr => "et ",
        _ => "",
    };
    let (linked, next) = match spaced.strip_prefix(and).filter(|_| !and.is_empty()) {
        Some(next) => (true, next),
        None => (false, spaced),
    };
    let word = first_word(next);
    let more = cut(&word.replace('-', ""), locale)?;
    let (before, begins, says) = (sum(values, locale), *more.first()?, sum(&more, locale));
    let tens = locale == Locale::Fr && matches!(before, 60 | 80) && says < 20
        || before < 100 && before % 10 == 0 && before > 10 && says < 10;
    let fits = match begins {
        100 => !linked && (1..100).contains(&(before % 1000)),
        1000.. => !linked && before < begins,
        _ if before % 1000 == 0 => says < 1000,
        _ if before % 100 == 0 => says < 100,
        // English says `twenty-four`, the others `treinta y cinco`.
        _ => tens && (locale == Locale::Fr || linked == matches!(locale, Locale::Es | Locale::PtBr)),
    };
    let length = rest.len().saturating_sub(next.len()).saturating_add(word.len());
    (fits && before > 0).then_some((more, length))
}

/// The same for the signs of Japanese: `九十`, `二千`, `一〇〇`. They stand in many words that are no numbers, so it counts only before
/// what can be counted.
fn kanji(text: &str) -> Option<Spelled> {
    let signs: Vec<char> = text.chars().take_while(|c| sign(*c).is_some()).take(LONGEST).collect();
    let values: Vec<u64> = signs.iter().copied().filter_map(sign).collect();
    let positional = values.len() > 1 && values.iter().all(|value| *value < 10);
    let value = if positional {
        values.iter().fold(0_u64, |sum, digit| sum.saturating_mul(10).saturating_add(*digit))
    } else {
        let (mut total, mut below, mut current) = (0_u64, 0_u64, 0_u64);
        for value in values.iter().copied() {
            match value {
                10_000.. => {
                    total = total.saturating_add(below.saturating_add(current).max(1).saturating_mul(value));
                    (below, current) = (0, 0);
                }
                10.. => {
                    below = below.saturating_add(current.max(1).saturating_mul(value));
                    current = 0;
                }
                _ => current = value,
            }
        }
        total.saturating_add(below).saturating_add(current)
    };
    let length = signs.iter().map(|sign| sign.len_utf8()).sum();
    (!values.is_empty()).then_some(Spelled { value, length, doubtful: true })
}

fn sign(c: char) -> Option<u64> {
    Some(match c {
        '〇' | '零' => 0,
        '一' => 1,
        '二' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        '十' => 10,
        '百' => 100,
        '千' => 1000,
        '万' => 10_000,
        '億' => 100_000_000,
        _ => return None,
    })
}

/// What the word behind digits multiplies them with, and how long it is: `79 million`, `3万`.
pub(super) fn multiplier(after: &str, locale: Locale) -> Option<(u64, usize)> {
    let sign = after.chars().next().filter(|c| matches!(c, '百' | '千' | '万' | '億'));
    if let Some((sign, value)) = sign.and_then(|c| Some((c, self::sign(c)?))) {
        return Some((value, sign.len_utf8()));
    }
    let spaced = after.trim_start_matches(' ');
    let word = spaced.unicode_words().next().filter(|word| spaced.starts_with(word))?;
    let value = match word {
        "k" | "tsd" | "tys" => Some(1000),
        "mio" | "mln" | "mn" => Some(1_000_000),
        "mrd" | "mld" | "bn" | "mlrd" => Some(1_000_000_000),
        _ => match cut(word, locale)?.as_slice() {
            [value @ (100 | 1000..)] => Some(*value),
            _ => None,
        },
    };
    Some((value?, after.len().saturating_sub(spaced.len()).saturating_add(word.len())))
}

/// A number times another one, digit by digit: `1.5` times `1000`.
pub(super) fn times(number: &str, by: u64) -> Option<String> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits: u64 = format!("{whole}{fraction}").parse().ok()?;
    let product = digits.checked_mul(by)?;
    let scale = 10_u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let (whole, rest) = (product.checked_div(scale)?, product.checked_rem(scale)?);
    if rest == 0 {
        return Some(whole.to_string());
    }
    let rest = format!("{rest:0width$}", width = fraction.len());
    Some(format!("{whole}.{}", rest.trim_end_matches('0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_every_language() {
        for (locale, words, value) in [
            (Locale::En, "fifteen", 15),
            (Locale::En, "twenty-four", 24),
            (Locale::En, "two hundred and fifty", 250),
            (Locale::En, "one thousand two hundred", 1200),
            (Locale::En, "seventy-nine million", 79_000_000),
            (Locale::Nl, "vijftien", 15),
            (Locale::Nl, "vijfenveertig", 45),
            (Locale::Nl, "tweeëntwintig", 22),
            (Locale::Nl, "tweehonderd", 200),
            (Locale::De, "fünfundvierzig", 45),
            (Locale::De, "sechzehn", 16),
            (Locale::De, "zweihundertfünfzig", 250),
            (Locale::De, "siebzehn", 17),
            (Locale::Es, "quince", 15),
            (Locale::Es, "treinta y cinco", 35),
            (Locale::Es, "veinticuatro", 24),
            (Locale::Es, "dos mil", 2000),
            (Locale::It, "quindici", 15),
            (Locale::It, "ventuno", 21),
            (Locale::It, "novantanove", 99),
            (Locale::Pl, "piętnastu", 15),
            (Locale::Pl, "czterdziestu pięciu", 45),
            (Locale::Pl, "pięćset", 500),
            (Locale::PtBr, "quinze", 15),
            (Locale::PtBr, "quarenta e cinco", 45),
            (Locale::PtBr, "seiscentos", 600),
            (Locale::Fr, "quinze", 15),
            (Locale::Fr, "vingt-quatre", 24),
            (Locale::Fr, "quatre-vingt-quinze", 95),
            (Locale::Fr, "soixante et onze", 71),
            (Locale::Ja, "九十", 90),
            (Locale::Ja, "二千", 2000),
            (Locale::Ja, "一万二千三百四十五", 12_345),
            (Locale::Ja, "一〇〇", 100),
        ] {
            let spelled = at_start(words, locale).unwrap();
            assert_eq!((spelled.value, spelled.length), (value, words.len()), "{words}");
        }
    }

    #[test]
    fn what_is_no_number_is_none_and_two_are_not_one() {
        for (locale, word) in
            [(Locale::En, "often"), (Locale::De, "und"), (Locale::Nl, "vieren"), (Locale::Fr, "centre"), (Locale::It, "trento")]
        {
            assert_eq!(at_start(word, locale), None, "{word}");
        }
        assert_eq!(at_start("two three", Locale::En).unwrap().value, 2);
        assert_eq!(at_start("thirty and fourteen", Locale::En).unwrap().value, 30);
        assert_eq!(at_start("two-year", Locale::En).unwrap().value, 2);
        assert_eq!(times("1.5", 1000).unwrap(), "1500");
        assert_eq!(times("0.25", 10).unwrap(), "2.5");
        assert_eq!(multiplier(" million eur", Locale::En), Some((1_000_000, 8)));
        assert_eq!(multiplier("万円", Locale::Ja), Some((10_000, 3)));
        assert_eq!(multiplier(" days", Locale::En), None);
    }
}
