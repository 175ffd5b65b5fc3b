//! Decisions of pricing: what a version's content hashes to, which version is in force, and whether the log holds.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use super::model::{Action, LogKind, LogLine, Pricebook, Status};
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

/// Something wrong with a pricebook: where, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// `plans/pro/list_price`.
    pub path: String,
    /// What was found and what is allowed.
    pub message: String,
}

/// More than this (a billion credits) is a slip of the pen, and sums of it could not be written down.
const MOST: Credits = Credits::from_micro(1_000_000_000_000_000);

/// Everything wrong with a pricebook; nothing, if it may be published.
#[must_use]
pub fn flaws(pricebook: &Pricebook) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    let mut flaw = |path: String, message: &str| flaws.push(Flaw { path, message: message.into() });
    let mut keys = HashSet::new();
    if pricebook.plans.is_empty() {
        flaw("plans".into(), "there is none; at least one is needed");
    }
    for plan in &pricebook.plans {
        let key = &plan.key;
        let well_formed = !key.is_empty() && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !well_formed {
            flaw(format!("plans/{key}/key"), "must be of a-z, 0-9 and underscores");
        }
        if !keys.insert(key) {
            flaw(format!("plans/{key}/key"), "stands twice; a key is one plan's");
        }
        if plan.name.trim().is_empty() {
            flaw(format!("plans/{key}/name"), "must not be empty");
        }
        if plan.list_price.minor < 0 {
            flaw(format!("plans/{key}/list_price"), "must not be negative");
        }
        if plan.credits.micro() < 0 {
            flaw(format!("plans/{key}/credits"), "must not be negative");
        }
        if plan.credits > MOST {
            flaw(format!("plans/{key}/credits"), "is more than a billion credits");
        }
    }
    let mut actions = HashSet::new();
    for rate in &pricebook.rates {
        let path = rate
            .model
            .as_ref()
            .map_or_else(|| format!("rates/{}", rate.action), |model| format!("rates/{}/{model}", rate.action));
        if !actions.insert((rate.action, rate.model.as_deref())) {
            flaw(path.clone(), "stands twice; an action has one rate, and one for each model that is named");
        }
        if rate.model.is_some() && rate.action != Action::AnswerWritten {
            flaw(path.clone(), "names a model; only what a model writes has a rate for one");
        }
        if rate.model.as_ref().is_some_and(|model| model.is_empty() || model.len() > 200) {
            flaw(path.clone(), "must name a model with 1 to 200 characters");
        }
        if rate.credits.micro() < 0 || rate.minimum.micro() < 0 {
            flaw(path.clone(), "must not be negative: it would make balances grow");
        }
        if rate.credits > MOST || rate.minimum > MOST {
            flaw(path.clone(), "is more than a billion credits");
        }
        if rate.per_tokens == Some(0) {
            flaw(path, "a block must have at least one token");
        }
    }
    for action in Action::ALL.iter().filter(|action| !actions.contains(&(**action, None))) {
        flaw(format!("rates/{action}"), "has no rate; every action needs one, if only of 0 credits");
    }
    if !keys.contains(&pricebook.trial.plan) {
        flaw("trial/plan".into(), "names no plan of this pricebook");
    }
    if !(1..=3_650).contains(&pricebook.trial.days) {
        flaw("trial/days".into(), "must be 1 to 3650");
    }
    if pricebook.trial.credits > MOST {
        flaw("trial/credits".into(), "is more than a billion credits");
    }
    if pricebook.trial.credits.micro() < 0 {
        flaw("trial/credits".into(), "must not be negative");
    }
    flaws
}

/// What an action costs that took so many tokens of a model: for each block of tokens begun, but not less than the minimum. `None` if
/// that cannot be written down.
#[must_use]
pub fn rate(pricebook: &Pricebook, action: Action, model: Option<&str>, tokens: u64) -> Option<Credits> {
    let of = |model: Option<&str>| pricebook.rates.iter().find(|rate| rate.action == action && rate.model.as_deref() == model);
    // Every published pricebook has a rate for every action, whatever the model.
    let rate = model.and_then(|model| of(Some(model))).or_else(|| of(None))?;
    let blocks = match rate.per_tokens {
        None => 1,
        Some(size) => i64::try_from(tokens.div_ceil(u64::from(size.max(1)))).ok()?,
    };
    let micro = rate.credits.micro().checked_mul(blocks)?;
    Some(Credits::from_micro(micro).max(rate.minimum))
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

/// Bytes as people compare them.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_micros(seconds.saturating_mul(1_000_000))
    }

    proptest! {
        #[test]
        fn at_any_instant_after_the_first_exactly_one_version_is_in_force(
            starts in prop::collection::btree_set(0_i64..1_000, 1..12), withdrawn in prop::collection::vec(any::<bool>(), 12), now in 0_i64..1_200,
        ) {
            let versions: Vec<(i64, bool)> = starts.iter().copied().zip(withdrawn).enumerate().map(|(i, (start, gone))| (start, gone && i > 0)).collect();
            let live: Vec<i64> = versions.iter().filter(|(_, gone)| !gone).map(|(start, _)| *start).collect();
            let statuses: Vec<Status> = versions.iter().map(|(start, gone)| {
                let next = live.iter().copied().filter(|other| other > start).min().map(at);
                status(at(*start), *gone, next, at(now))
            }).collect();
            let active = statuses.iter().filter(|status| **status == Status::Active).count();
            prop_assert_eq!(active, usize::from(live.first().is_some_and(|first| *first <= now)));
        }

        #[test]
        fn a_version_may_take_effect_only_after_all_live_ones_and_not_in_the_past(starts in prop::collection::vec(0_i64..100, 0..8), new in 0_i64..120, now in 0_i64..120) {
            let live: Vec<Instant> = starts.iter().copied().map(at).collect();
            prop_assert_eq!(may_take_effect(at(new), &live, at(now)), new >= now && starts.iter().all(|start| *start < new));
        }

        #[test]
        fn a_log_that_was_tampered_with_does_not_verify(length in 1_i32..8, victim in 0_usize..8, what in 0_u8..5) {
            let mut log = Vec::new();
            let mut previous = [0; 32];
            for line in 1..=length {
                let content = content_hash(&line.to_string());
                let hash = line_hash(line, LogKind::Published, line, &content, at(line.into()), &previous);
                log.push(LogLine { line, kind: LogKind::Published, number: line, content_hash: content, effective_from: at(line.into()), previous_hash: previous, hash });
                previous = hash;
            }
            prop_assert_eq!(broken_line(&log), None);
            let victim = victim.checked_rem(log.len()).unwrap();
            match what {
                0 => log[victim].number = 99,
                1 => log[victim].kind = LogKind::Withdrawn,
                2 => log[victim].content_hash[7] ^= 1,
                3 => log[victim].effective_from = at(5_000),
                _ => log[victim].hash[0] ^= 1,
            }
            prop_assert!(broken_line(&log).is_some());
        }
    }
}
