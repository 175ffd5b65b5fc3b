//! Money and credits: integers, with checked arithmetic only.

use serde::{Deserialize, Serialize};

/// A currency, by its ISO 4217 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// Three capital letters are a currency's code; nothing else is.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a currency is three capital letters, as ISO 4217 has them")]
pub struct NoCurrency;

impl Currency {
    /// The code.
    #[must_use]
    pub fn code(self) -> String {
        self.0.iter().copied().map(char::from).collect()
    }

    /// How many decimals its amounts are written with (ISO 4217, for the currencies that do not have two).
    #[must_use]
    pub fn decimals(self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" | b"PYG" | b"RWF" | b"UGX" | b"VND"
            | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = NoCurrency;

    fn try_from(code: String) -> Result<Self, NoCurrency> {
        let letters: [u8; 3] = code.as_bytes().try_into().map_err(|_| NoCurrency)?;
        if letters.iter().all(u8::is_ascii_uppercase) { Ok(Self(letters)) } else { Err(NoCurrency) }
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code()
    }
}

/// An amount of money in minor units (cents, yen, fils).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// The amount.
    pub minor: i64,
    /// What it is an amount of.
    pub currency: Currency,
}

impl Money {
    /// The amount as people write it, without grouping: `79.00`, `1000` (yen), `-0.05`.
    #[must_use]
    pub fn decimal(self) -> String {
        decimal(self.minor, self.currency.decimals())
    }

    /// An amount as people write it, with the decimals of its currency or fewer; `None` if it is no number, or finer than that.
    #[must_use]
    pub fn from_decimal(amount: &str, currency: Currency) -> Option<Self> {
        Some(Self { minor: units(amount, usize::try_from(currency.decimals()).ok()?)?, currency })
    }

    /// The sum; `None` if the currencies differ or it cannot be written down.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let minor = self.minor.checked_add(other.minor)?;
        (self.currency == other.currency).then_some(Self { minor, ..self })
    }
}

/// An amount of credits, in micro-credits: one credit is 1,000,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Credits(i64);

/// How many micro-credits one credit is.
const MICRO: i64 = 1_000_000;

impl Credits {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// From micro-credits.
    #[must_use]
    pub const fn from_micro(micro: i64) -> Self {
        Self(micro)
    }

    /// So many whole credits; `None` if that cannot be written down.
    #[must_use]
    pub fn whole(credits: i64) -> Option<Self> {
        credits.checked_mul(MICRO).map(Self)
    }

    /// From credits as people write them: `75000`, `0.5`; `None` if it is no number, or finer than a millionth.
    #[must_use]
    pub fn from_decimal(text: &str) -> Option<Self> {
        units(text, 6).map(Self)
    }

    /// In micro-credits.
    #[must_use]
    pub const fn micro(self) -> i64 {
        self.0
    }

    /// The sum; `None` if it cannot be written down.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference; `None` if it cannot be written down.
    #[must_use]
    pub fn minus(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// As people write it: `75000`, `0.5`, without zeros that say nothing.
    #[must_use]
    pub fn decimal(self) -> String {
        let text = decimal(self.0, 6);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// An amount of money in millionths of its currency: fine enough for single tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MicroMoney {
    /// The amount.
    pub micro: i64,
    /// What it is an amount of.
    pub currency: Currency,
}

impl MicroMoney {
    /// The amount as people write it, without zeros that say nothing: `0.0025`.
    #[must_use]
    pub fn decimal(self) -> String {
        Credits::from_micro(self.micro).decimal()
    }

    /// An amount as people write it, with six decimals or fewer; `None` if it is no number, or finer than that.
    #[must_use]
    pub fn from_decimal(amount: &str, currency: Currency) -> Option<Self> {
        Some(Self { micro: units(amount, 6)?, currency })
    }
}

/// A decimal text in units of its last place. Exact, without going through a float; `None` if it is no number, or finer than so many
/// decimals.
fn units(text: &str, decimals: usize) -> Option<i64> {
    let (sign, size) = text.strip_prefix('-').map_or((1, text), |size| (-1, size));
    let (whole, part) = size.split_once('.').map_or((size, None), |(whole, part)| (whole, Some(part)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || part.is_some_and(|part| !digits(part) || part.len() > decimals) {
        return None;
    }
    let units: i64 = format!("{whole}{:0<decimals$}", part.unwrap_or_default()).parse().ok()?;
    units.checked_mul(sign)
}

fn decimal(amount: i64, decimals: u32) -> String {
    let unit = 10_u64.saturating_pow(decimals);
    let size = amount.unsigned_abs();
    let sign = if amount < 0 { "-" } else { "" };
    let (whole, part) = (size.checked_div(unit).unwrap_or(size), size.checked_rem(unit).unwrap_or(0));
    if decimals == 0 {
        return format!("{sign}{whole}");
    }
    let width = usize::try_from(decimals).unwrap_or(0);
    format!("{sign}{whole}.{part:0width$}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(minor: i64, code: &str) -> Money {
        Money { minor, currency: code.to_owned().try_into().unwrap() }
    }

    #[test]
    fn amounts_are_written_with_their_currencys_decimals() {
        assert_eq!(money(7_900, "USD").decimal(), "79.00");
        assert_eq!(money(-5, "EUR").decimal(), "-0.05");
        assert_eq!(money(1_000, "JPY").decimal(), "1000");
        assert_eq!(money(1_005, "KWD").decimal(), "1.005");
        assert_eq!(money(i64::MIN, "USD").decimal(), "-92233720368547758.08");
        assert_eq!(Credits::from_micro(500_000).decimal(), "0.5");
        assert_eq!(Credits::whole(75_000).unwrap().decimal(), "75000");
        assert_eq!(Credits::whole(i64::MAX), None);
    }

    #[test]
    fn unlike_money_is_not_added() {
        assert_eq!(money(1, "USD").plus(money(1, "EUR")), None);
        assert_eq!(money(i64::MAX, "USD").plus(money(1, "USD")), None);
        for code in ["usd", "US", "USDX", "U5D", "€"] {
            assert!(Currency::try_from(code.to_owned()).is_err(), "{code}");
        }
    }

    #[test]
    fn credits_are_read_as_they_are_written() {
        for text in ["75000", "0.5", "-0.000001", "0"] {
            assert_eq!(Credits::from_decimal(text).unwrap().decimal(), text);
        }
        for text in ["", ".5", "1.", "1e3", "0.0000001", "+1", "--1", "9223372036854.775808"] {
            assert_eq!(Credits::from_decimal(text), None, "{text}");
        }
    }

    #[test]
    fn money_is_read_with_its_currencys_decimals_and_no_more() {
        let read = |amount: &str, code: &str| {
            Money::from_decimal(amount, Currency::try_from(code.to_owned()).unwrap()).map(|money| money.minor)
        };
        for (amount, code, minor) in [
            ("79", "USD", 7_900),
            ("79.5", "USD", 7_950),
            ("79.00", "USD", 7_900),
            ("-0.05", "EUR", -5),
            ("1000", "JPY", 1_000),
            ("1.005", "KWD", 1_005),
        ] {
            assert_eq!(read(amount, code), Some(minor), "{amount} {code}");
        }
        for (amount, code) in
            [("79.001", "USD"), ("1.0", "JPY"), ("1,000", "USD"), ("79.", "USD"), ("", "USD"), ("1e3", "USD"), (" 1", "USD")]
        {
            assert_eq!(read(amount, code), None, "{amount} {code}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_says_the_whole_amount(minor: i64) {
            for (code, decimals) in [("USD", 2), ("JPY", 0), ("KWD", 3)] {
                let text = money(minor, code).decimal();
                prop_assert_eq!(text.replace('.', "").parse::<i64>().unwrap(), minor);
                prop_assert_eq!(text.split_once('.').map_or(0, |(_, part)| part.len()), decimals);
            }
        }

        #[test]
        fn credits_add_up_or_say_that_they_do_not(one: i64, two: i64) {
            let (a, b) = (Credits::from_micro(one), Credits::from_micro(two));
            prop_assert_eq!(a.plus(b).map(Credits::micro), one.checked_add(two));
            prop_assert_eq!(a.minus(b).map(Credits::micro), one.checked_sub(two));
        }
    }
}
