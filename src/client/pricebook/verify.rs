//! `verify`: whether the publication log holds, and every published version is what the log says.

use std::{collections::BTreeMap, path::Path, process::ExitCode};

use anyhow::{Context, bail};
use frontoffice_domain::{
    clock::{Clock, Instant},
    money::{Credits, Currency, Money},
    pricing::{
        Action, LogKind, LogLine, Overage, Plan, Pricebook, Rate, RefundReason, RefundRule, Rollover, TopUp, Trial, rules,
    },
};
use serde_json::{Value, json};

use super::{Reach, Way, files::Open};

/// What a published version says, as far as everybody may know.
pub(super) enum Content {
    /// This, hashed anew.
    Hash([u8; 32]),
    /// Nothing yet: it has not taken effect.
    NotYet,
}

/// What was found.
struct Found {
    lines: usize,
    versions: usize,
    /// Those that are to come, or were taken back: the log has their hashes alone.
    unseen: usize,
    wrong: Option<String>,
}

pub(super) async fn run(reach: &Reach, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    let found = if reach.local { local(reach, config).await? } else { remote(reach).await? };
    let Found { lines, versions, unseen, wrong } = &found;
    let told = json!({"lines": lines, "versions": versions, "unseen": unseen, "wrong": wrong});
    match wrong {
        Some(wrong) => {
            super::tell(&told, &format!("It does not hold: {wrong}."), reach.json)?;
            Ok(ExitCode::FAILURE)
        }
        None => {
            let rest = match unseen {
                0 => String::new(),
                unseen => format!("; {unseen} not in force, of which the log has the hash alone"),
            };
            super::tell(
                &told,
                &format!("It holds: {lines} lines of the log, {versions} versions hashed anew{rest}."),
                reach.json,
            )?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn remote(reach: &Reach) -> anyhow::Result<Found> {
    let open = Open::at(reach)?;
    let body = open.get("/.well-known/pricebook.json").await?.context("there is no publication log")?;
    let log: Vec<LogLine> =
        super::rows(&body, "/log").iter().map(line).collect::<Option<_>>().context("the log cannot be read")?;
    let mut contents = BTreeMap::new();
    for number in published(&log) {
        let version = open.get(&format!("/api/pricebook/versions/{number}")).await?;
        let content = match version {
            None => Content::NotYet,
            Some(version) => {
                let pricebook = pricebook(&version).with_context(|| format!("version {number} cannot be read"))?;
                Content::Hash(rules::content_hash(&rules::canonical(&pricebook)?))
            }
        };
        contents.insert(number, content);
    }
    Ok(judged(&log, &contents, Some(Clock::system().now())))
}

async fn local(reach: &Reach, config: Option<&Path>) -> anyhow::Result<Found> {
    let Way::Local(local) = Way::open(reach, config).await? else { bail!("the store cannot be opened") };
    let (log, contents) = local.publications().await?;
    Ok(judged(&log, &contents, None))
}

/// The numbers the log speaks of.
fn published(log: &[LogLine]) -> Vec<i32> {
    log.iter().filter(|line| line.kind == LogKind::Published).map(|line| line.number).collect()
}

/// What a log and the versions come to. What is not shown must be to come, or have been taken back; beside the store everything is shown.
fn judged(log: &[LogLine], contents: &BTreeMap<i32, Content>, now: Option<Instant>) -> Found {
    let mut found = Found { lines: log.len(), versions: 0, unseen: 0, wrong: None };
    if log.is_empty() {
        found.wrong = Some("the log is empty".into());
    } else if let Some(line) = rules::broken_line(log) {
        found.wrong = Some(format!("line {line} of the log does not follow from the one before"));
        return found;
    }
    for line in log.iter().filter(|line| line.kind == LogKind::Published) {
        let number = line.number;
        let is_withdrawn = log.iter().any(|other| other.kind == LogKind::Withdrawn && other.number == number);
        let is_due = now.is_none_or(|now| line.effective_from <= now);
        let wrong = match contents.get(&number) {
            Some(Content::Hash(hash)) if *hash == line.content_hash => {
                found.versions = found.versions.saturating_add(1);
                None
            }
            Some(Content::Hash(hash)) => Some(format!(
                "line {} says that version {number} has the hash {}, but what it says has {}",
                line.line,
                rules::hex(&line.content_hash),
                rules::hex(hash)
            )),
            Some(Content::NotYet) | None if is_withdrawn || !is_due => {
                found.unseen = found.unseen.saturating_add(1);
                None
            }
            Some(Content::NotYet) | None => Some(format!(
                "line {} says that version {number} is in force since {}, but it is not shown",
                line.line, line.effective_from
            )),
        };
        found.wrong = found.wrong.or(wrong);
    }
    found
}

fn line(line: &Value) -> Option<LogLine> {
    let text = |name: &str| line.get(name).and_then(Value::as_str);
    let number = |name: &str| line.get(name).and_then(Value::as_i64).and_then(|number| i32::try_from(number).ok());
    Some(LogLine {
        line: number("line")?,
        kind: text("kind")?.parse().ok()?,
        number: number("version")?,
        content_hash: rules::unhex(text("content_hash")?)?,
        effective_from: text("effective_from")?.parse().ok()?,
        previous_hash: rules::unhex(text("previous_hash")?)?,
        hash: rules::unhex(text("hash")?)?,
    })
}

/// The pricebook that a version of the public route says.
fn pricebook(version: &Value) -> Option<Pricebook> {
    let plans = version.get("plans")?.as_array()?.iter().map(plan).collect::<Option<_>>()?;
    let rates = version.get("rates")?.as_array()?.iter().map(rate).collect::<Option<_>>()?;
    let trial = version.get("trial")?;
    let trial = Trial { plan: word(trial, "plan")?, days: count(trial, "days")??, credits: credits(trial, "credits")? };
    Some(Pricebook {
        plans,
        rates,
        trial,
        overage: listed(version, "overage", overage)?,
        rollover: listed(version, "rollover", rollover)?,
        top_ups: listed(version, "top_ups", top_up)?,
        refunds: listed(version, "refunds", refund)?,
    })
}

/// A list that a server of an earlier release does not have.
fn listed<T>(version: &Value, name: &str, read: fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    match version.get(name) {
        None => Some(Vec::new()),
        Some(list) => list.as_array()?.iter().map(read).collect(),
    }
}

fn money(price: &Value) -> Option<Money> {
    let currency: Currency = word(price, "currency")?.try_into().ok()?;
    Some(Money { minor: price.get("minor")?.as_i64()?, currency })
}

fn credits(value: &Value, name: &str) -> Option<Credits> {
    Credits::from_decimal(value.get(name)?.as_str()?)
}

fn overage(overage: &Value) -> Option<Overage> {
    Some(Overage {
        plan: word(overage, "plan")?,
        price: money(overage.get("price")?)?,
        credits: credits(overage, "credits")?,
        limit: credits(overage, "limit")?,
    })
}

fn rollover(rollover: &Value) -> Option<Rollover> {
    Some(Rollover {
        plan: word(rollover, "plan")?,
        maximum: credits(rollover, "maximum")?,
        minimum: credits(rollover, "minimum")?,
    })
}

fn top_up(top_up: &Value) -> Option<TopUp> {
    Some(TopUp {
        key: word(top_up, "key")?,
        name: word(top_up, "name")?,
        price: money(top_up.get("price")?)?,
        credits: credits(top_up, "credits")?,
        days: count(top_up, "days")?,
    })
}

fn refund(rule: &Value) -> Option<RefundRule> {
    let reason: RefundReason = rule.get("reason")?.as_str()?.parse().ok()?;
    Some(RefundRule { reason, percent: count(rule, "percent")??, days: count(rule, "days")? })
}

fn plan(plan: &Value) -> Option<Plan> {
    Some(Plan {
        key: word(plan, "key")?,
        name: word(plan, "name")?,
        list_price: money(plan.get("list_price")?)?,
        credits: credits(plan, "credits")?,
        seats: count(plan, "seats")?,
        standard_integrations: count(plan, "standard_integrations")?,
        support: word(plan, "support")?,
        personas: count(plan, "personas")?,
        knowledge_items: count(plan, "knowledge_items")?,
        retention_days: count(plan, "retention_days")?,
    })
}

fn rate(rate: &Value) -> Option<Rate> {
    let action: Action = rate.get("action")?.as_str()?.parse().ok()?;
    Some(Rate {
        action,
        model: rate.get("model").and_then(Value::as_str).map(str::to_owned),
        credits: credits(rate, "credits")?,
        per_tokens: count(rate, "per_tokens")?,
        minimum: credits(rate, "minimum")?,
    })
}

fn word(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.as_str().map(str::to_owned)
}

/// A count, or `null`; nothing, if it is neither.
#[expect(clippy::option_option, reason = "a count that is missing is another thing than one that cannot be read")]
fn count(value: &Value, name: &str) -> Option<Option<u32>> {
    match value.get(name)? {
        Value::Null => Some(None),
        number => Some(Some(u32::try_from(number.as_u64()?).ok()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(count: i32) -> (Vec<LogLine>, BTreeMap<i32, Content>) {
        let (mut lines, mut contents, mut previous) = (Vec::new(), BTreeMap::new(), [0; 32]);
        for number in 1..=count {
            let (content_hash, effective_from) = ([u8::try_from(number).unwrap(); 32], Instant::from_micros(i64::from(number)));
            let hash = rules::line_hash(number, LogKind::Published, number, &content_hash, effective_from, &previous);
            lines.push(LogLine {
                line: number,
                kind: LogKind::Published,
                number,
                content_hash,
                effective_from,
                previous_hash: previous,
                hash,
            });
            contents.insert(number, Content::Hash(content_hash));
            previous = hash;
        }
        (lines, contents)
    }

    #[test]
    fn what_does_not_hold_is_named() {
        let (lines, mut contents) = log(3);
        let now = Some(Instant::from_micros(2));
        let found = judged(&lines, &contents, now);
        assert_eq!((found.lines, found.versions, found.unseen, found.wrong), (3, 3, 0, None));
        contents.insert(3, Content::NotYet);
        let found = judged(&lines, &contents, now);
        assert_eq!((found.versions, found.unseen, found.wrong), (2, 1, None), "it is to come");
        assert!(judged(&lines, &contents, None).wrong.unwrap().contains("version 3"), "beside the store everything is there");
        contents.insert(2, Content::Hash([9; 32]));
        assert!(judged(&lines, &contents, now).wrong.unwrap().starts_with("line 2 says that version 2 has the hash 0202"));
        let mut broken = lines.clone();
        broken[1].effective_from = Instant::from_micros(7);
        assert_eq!(judged(&broken, &contents, now).wrong.unwrap(), "line 2 of the log does not follow from the one before");
        assert_eq!(judged(&[], &contents, now).wrong.unwrap(), "the log is empty");
    }
}
