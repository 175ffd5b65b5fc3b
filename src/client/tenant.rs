//! `frontoffice tenant`: what a tenant has of AI credits, and what they were used for.

use anyhow::Context;
use frontoffice_domain::{clock::Instant, money::Credits};
use serde_json::{Value, json};

use super::{Reach, way::Way};

/// So many days are shown.
const DAYS: u32 = 14;
/// So many characters the longest bar has.
const WIDEST: i64 = 40;
const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

const QUERY: &str = "query($slug: String, $from: DateTime!, $to: DateTime!) { tenant(slug: $slug) { name credits { plan trial periodStart periodEnd \
    balance held available overage { limit used due { amount currency } } projection { perDay runsOutAt earliest latest } \
    usage(by: DAY, from: $from, to: $to) { key credits charges } } alerts { kind percent occurredAt } } }";

/// Shows an account, and what was used on each of the last days.
pub(super) async fn credits(way: &Way, reach: &Reach, now: Instant) -> anyhow::Result<()> {
    let (from, to) = (now.before(DAY.saturating_mul(DAYS)), now.after(DAY));
    let variables = json!({"slug": reach.tenant, "from": from.to_string(), "to": to.to_string()});
    let data = way.ask(QUERY, variables).await?;
    let tenant = data.get("tenant").filter(|tenant| !tenant.is_null()).context("there is no such tenant that you may know of")?;
    if reach.json {
        crate::print(&serde_json::to_string_pretty(tenant)?);
        return Ok(());
    }
    let account = tenant.get("credits").filter(|account| !account.is_null()).context("the tenant has no subscription")?;
    crate::print(&written(tenant, account));
    Ok(())
}

fn text<'v>(value: &'v Value, at: &str) -> &'v str {
    value.pointer(at).and_then(Value::as_str).unwrap_or("-")
}

/// The account in lines, then a bar for each day on which something was used.
fn written(tenant: &Value, account: &Value) -> String {
    let trial = if account.get("trial") == Some(&Value::Bool(true)) { ", tried" } else { "" };
    let mut lines = vec![
        format!("{}: plan {}{trial}", text(tenant, "/name"), text(account, "/plan")),
        format!("available   {} ({} of {} held)", text(account, "/available"), text(account, "/held"), text(account, "/balance")),
        format!("period      {} to {}", text(account, "/periodStart"), text(account, "/periodEnd")),
    ];
    if account.pointer("/overage/limit").is_some() {
        lines.push(format!(
            "beyond      {} of {} used, {} {} due",
            text(account, "/overage/used"),
            text(account, "/overage/limit"),
            text(account, "/overage/due/currency"),
            text(account, "/overage/due/amount"),
        ));
    }
    lines.push(match account.pointer("/projection/perDay").and_then(Value::as_str) {
        None => "pace        nobody can say yet: there was no whole day".to_owned(),
        Some(pace) => match account.pointer("/projection/runsOutAt").and_then(Value::as_str) {
            None => format!("pace        {pace} a day: enough for the period"),
            Some(at) => format!(
                "pace        {pace} a day: used up at {at} (between {} and {})",
                text(account, "/projection/earliest"),
                account.pointer("/projection/latest").and_then(Value::as_str).unwrap_or("never in this period"),
            ),
        },
    });
    for alert in tenant.get("alerts").and_then(Value::as_array).into_iter().flatten().take(5) {
        let percent = alert.get("percent").and_then(Value::as_i64).map(|percent| format!(" {percent} %")).unwrap_or_default();
        lines.push(format!("alert       {}{percent}, {}", text(alert, "/kind"), text(alert, "/occurredAt")));
    }
    lines.extend(chart(account));
    lines.join("\n")
}

/// A bar for each day, as long as what was used on it.
fn chart(account: &Value) -> Vec<String> {
    let days: Vec<(&str, Credits)> = account
        .get("usage")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|day| (text(day, "/key"), Credits::from_decimal(text(day, "/credits")).unwrap_or_default()))
        .collect();
    let most = days.iter().map(|(_, credits)| credits.micro()).max().unwrap_or(0);
    let bar = |credits: &Credits| {
        let length = i128::from(credits.micro().max(0)).saturating_mul(WIDEST.into()).checked_div(most.into()).unwrap_or(0);
        // What is there can be seen.
        let length = if credits.micro() > 0 { length.max(1) } else { 0 };
        "█".repeat(usize::try_from(length).unwrap_or(0))
    };
    let mut lines = vec![String::new()];
    lines.extend(days.iter().map(|(day, credits)| format!("{day}  {} {}", bar(credits), credits.decimal())));
    if days.is_empty() {
        lines.push(format!("Nothing was used in the last {DAYS} days."));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_what_was_used() {
        let account = json!({"usage": [{"key": "2026-11-30", "credits": "20"}, {"key": "2026-12-01", "credits": "10"}, {"key": "2026-12-02", "credits": "0.01"}]});
        let lines = chart(&account);
        let bars: Vec<usize> = lines.iter().map(|line| line.matches('█').count()).collect();
        assert_eq!(bars, [0, 40, 20, 1]);
        assert!(lines[1].ends_with(" 20") && lines[3].starts_with("2026-12-02"));
        assert_eq!(chart(&json!({"usage": []}))[1], "Nothing was used in the last 14 days.");
    }
}
