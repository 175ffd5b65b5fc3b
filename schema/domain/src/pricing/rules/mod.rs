//! Decisions of pricing: what a version's content hashes to, which version is in force, what an action costs, and whether the log
//! holds. In files of their own: what is wrong with a pricebook, what is different between two, what a draft would do, which version a
//! customer is on, and what a period costs.

pub mod bill;
pub mod diff;
pub mod flaws;
pub mod impact;
pub mod pinned;
mod written;

use sha2::{Digest, Sha256};

pub use self::{
    bill::bill,
    diff::{Difference, DifferenceKind, differences},
    flaws::{Flaw, flaws},
};
use super::model::{Action, LogKind, LogLine, Pricebook, Rate, Status};
use crate::{clock::Instant, money::Credits};

/// What a pricebook's canonical JSON is: no white space, keys sorted, integers only, so that equal content has equal bytes.
///
/// # Errors
/// Never for a pricebook that could be made; serde says so in a type.
pub fn canonical(pricebook: &Pricebook) -> Result<String, serde_json::Error> {
    // A JSON value's objects are ordered by key.
    serde_json::to_string(&serde_json::to_value(pricebook)?)
}

/// The hash of a canonical content.
#[must_use]
pub fn content_hash(canonical: &str) -> [u8; 32] {
    Sha256::digest(canonical).into()
}

/// Where a published version is in its life at `now`; `next` is when the next live one takes effect.
#[must_use]
pub fn status(effective_from: Instant, withdrawn: bool, next: Option<Instant>, now: Instant) -> Status {
    if withdrawn {
        Status::Withdrawn
    } else if now < effective_from {
        Status::Scheduled
    } else if next.is_some_and(|next| next <= now) {
        Status::Superseded
    } else {
        Status::Active
    }
}

/// Whether a version may be published now to take effect at `effective_from`, given when the live ones do: not in the past, and
/// after all of them.
#[must_use]
pub fn may_take_effect(effective_from: Instant, live: &[Instant], now: Instant) -> bool {
    effective_from >= now && live.iter().all(|other| *other < effective_from)
}

/// What an action costs that took so many tokens of a model: for each block of tokens begun, but not less than the minimum. `None` if
/// that cannot be written down.
#[must_use]
pub fn rate(pricebook: &Pricebook, action: Action, model: Option<&str>, tokens: u64) -> Option<Credits> {
    let rate = rate_of(pricebook, action, model)?;
    let blocks = match rate.per_tokens {
        None => 1,
        Some(size) => i64::try_from(tokens.div_ceil(u64::from(size.max(1)))).ok()?,
    };
    let micro = rate.credits.micro().checked_mul(blocks)?;
    Some(Credits::from_micro(micro).max(rate.minimum))
}

/// The rate of an action that a model took: the model's own, or every model's. `None` if there is none, which no published pricebook lacks.
#[must_use]
pub fn rate_of<'a>(pricebook: &'a Pricebook, action: Action, model: Option<&str>) -> Option<&'a Rate> {
    let of = |model: Option<&str>| pricebook.rates.iter().find(|rate| rate.action == action && rate.model.as_deref() == model);
    model.and_then(|model| of(Some(model))).or_else(|| of(None))
}

/// The hash of a log line: over its words, one a line, beginning with the hash of the line before.
#[must_use]
pub fn line_hash(
    line: i32,
    kind: LogKind,
    number: i32,
    content: &[u8; 32],
    effective_from: Instant,
    previous: &[u8; 32],
) -> [u8; 32] {
    let text = format!("{}\n{line}\n{kind}\n{number}\n{}\n{effective_from}\n", hex(previous), hex(content));
    Sha256::digest(text).into()
}

/// The first line of a log that does not follow from the one before; `None` if it verifies.
#[must_use]
pub fn broken_line(log: &[LogLine]) -> Option<i32> {
    let mut previous = [0; 32];
    for (entry, expected) in log.iter().zip(1_i32..) {
        let hash = line_hash(entry.line, entry.kind, entry.number, &entry.content_hash, entry.effective_from, &previous);
        if entry.line != expected || entry.previous_hash != previous || entry.hash != hash {
            return Some(expected);
        }
        previous = entry.hash;
    }
    None
}

/// The bytes of a hash that [`hex`] wrote: 64 hexadecimal digits, in whatever case; `None` for anything else.
#[must_use]
pub fn unhex(text: &str) -> Option<[u8; 32]> {
    let digit = |digit: &u8| char::from(*digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let byte = |pair: &[u8]| match pair {
        [high, low] => digit(high)?.checked_mul(16)?.checked_add(digit(low)?),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(byte).collect();
    bytes?.try_into().ok()
}

/// Bytes as people compare them.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;
