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
        text(value, |text| money::Credits::from_decimal(text).map(Self), "a decimal number of credits such as \"0.5\"")
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
