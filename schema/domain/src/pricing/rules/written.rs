//! Values of a pricebook as people write them.

use crate::money::{Credits, Money};

/// `USD 249.00`.
pub(super) fn money(money: Money) -> String {
    format!("{} {}", money.currency.code(), money.decimal())
}

/// `75000`.
pub(super) fn credits(credits: Credits) -> String {
    credits.decimal()
}

/// `10`, or `unlimited`.
pub(super) fn limit(limit: Option<u32>) -> String {
    limit.map_or_else(|| "unlimited".into(), |limit| limit.to_string())
}
