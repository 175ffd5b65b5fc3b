//! Scalars, and money.

use async_graphql::{Error, InputType, InputValueError, InputValueResult, Scalar, ScalarType, SimpleObject, Value};
use frontoffice_domain::{clock::Instant, locale::Locale, money};

use crate::error::refuse;

/// An instant: RFC 3339 in UTC with microseconds, for example `2026-11-22T15:08:00.000000Z`. As an input any offset will do.
pub(crate) struct DateTime(pub(crate) Instant);

/// An instant: RFC 3339 in UTC with microseconds, for example `2026-11-22T15:08:00.000000Z`. As an input any offset will do.
#[Scalar(name = "DateTime", specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        text(value, |text| text.parse().ok().map(Self), "an RFC 3339 instant such as 2026-11-22T12:00:00Z")
    }

    fn is_valid(value: &Value) -> bool {
        <Self as ScalarType>::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A UUID, as its thirty-two hexadecimal digits with hyphens.
pub(crate) struct Uuid(pub(crate) uuid::Uuid);

/// A UUID, as its thirty-two hexadecimal digits with hyphens.
#[Scalar(name = "UUID", specified_by_url = "https://www.rfc-editor.org/rfc/rfc9562")]
impl ScalarType for Uuid {
    fn parse(value: Value) -> InputValueResult<Self> {
        text(value, |text| text.parse().ok().map(Self), "a UUID")
    }

    fn is_valid(value: &Value) -> bool {
        <Self as ScalarType>::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// A language there is, by its tag.
pub(crate) fn locale(tag: &str) -> Result<Locale, Error> {
    tag.parse().map_err(|_| {
        let known = Locale::ALL.iter().map(|locale| locale.as_str()).collect::<Vec<_>>().join(", ");
        refuse("INPUT_INVALID", format!("`locale` must be one of {known}."))
    })
}

/// A web address; one that begins with `/` is a path on this host.
pub(crate) struct Url(pub(crate) String);

/// A web address; one that begins with `/` is a path on this host.
#[Scalar(name = "URL", specified_by_url = "https://url.spec.whatwg.org/")]
impl ScalarType for Url {
    fn parse(value: Value) -> InputValueResult<Self> {
        text(value, |text| Some(Self(text.to_owned())), "a web address")
    }

    fn is_valid(value: &Value) -> bool {
        <Self as ScalarType>::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// An amount of AI credits as a decimal text, exact to the millionth: `75000`, `0.5`.
pub(crate) struct Credits(pub(crate) money::Credits);

/// An amount of AI credits as a decimal text, exact to the millionth: `75000`, `0.5`.
#[Scalar(name = "Credits")]
impl ScalarType for Credits {
    fn parse(value: Value) -> InputValueResult<Self> {
        text(value, |text| parse_credits(text).map(Self), "a decimal number of credits such as \"0.5\"")
    }

    fn is_valid(value: &Value) -> bool {
        <Self as ScalarType>::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.decimal())
    }
}

fn text<T: InputType>(value: Value, parse: impl FnOnce(&str) -> Option<T>, allowed: &str) -> InputValueResult<T> {
    match &value {
        Value::String(text) => parse(text).ok_or_else(|| InputValueError::custom(format!("it must be {allowed}"))),
        _ => Err(InputValueError::custom(format!("it must be a text: {allowed}"))),
    }
}

fn parse_credits(text: &str) -> Option<money::Credits> {
    decimal(text, 6).map(money::Credits::from_micro)
}

/// A decimal text in units of its last place. Exact, without going through a float; `None` if it is no number, or finer than so many
/// decimals.
fn decimal(text: &str, decimals: usize) -> Option<i64> {
    let (sign, size) = text.strip_prefix('-').map_or((1, text), |size| (-1, size));
    let (whole, part) = size.split_once('.').map_or((size, None), |(whole, part)| (whole, Some(part)));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || part.is_some_and(|part| !digits(part) || part.len() > decimals) {
        return None;
    }
    let units: i64 = format!("{whole}{:0<decimals$}", part.unwrap_or_default()).parse().ok()?;
    units.checked_mul(sign)
}

/// An amount of money as people write it: `79.00` and `USD`.
pub(crate) fn parse_money(amount: &str, currency: money::Currency) -> Option<money::Money> {
    let minor = decimal(amount, usize::try_from(currency.decimals()).ok()?)?;
    Some(money::Money { minor, currency })
}

/// An amount of money.
#[derive(SimpleObject)]
pub(crate) struct Money {
    /// The amount as people write it, with the decimals of its currency: `79.00`.
    amount: String,
    /// The currency's ISO 4217 code.
    currency: String,
    /// The amount in the currency's smallest unit, as a decimal text: `7900`.
    minor: String,
}

impl From<money::Money> for Money {
    fn from(money: money::Money) -> Self {
        Self { amount: money.decimal(), currency: money.currency.code(), minor: money.minor.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credits_are_read_as_they_are_written() {
        for text in ["75000", "0.5", "-0.000001", "0"] {
            assert_eq!(parse_credits(text).unwrap().decimal(), text);
        }
        for text in ["", ".5", "1.", "1e3", "0.0000001", "+1", "--1", "9223372036854.775808"] {
            assert_eq!(parse_credits(text), None, "{text}");
        }
    }

    #[test]
    fn money_is_read_with_its_currencys_decimals_and_no_more() {
        let read = |amount: &str, code: &str| {
            parse_money(amount, money::Currency::try_from(code.to_owned()).unwrap()).map(|money| money.minor)
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
}
