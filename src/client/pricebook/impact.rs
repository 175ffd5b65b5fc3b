//! `diff` and `impact`: what prices change, and what they would have done.

use std::path::Path;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::{DIFFERENCE, Reach, Way, command::Which, export_import::current, list, rows, said, show};

const DIFF: &str = "query($from: Int, $to: Int) { pricebookDiff(from: $from, to: $to) { path kind before after } }";

const IMPACT: &str = "query($number: Int) { pricebookImpact(number: $number) { days tenants affected kept \
    revenueBefore { amount currency } revenueAfter { amount currency } creditsBefore creditsAfter runOutBefore runOutAfter reachesExisting \
    largest { tenant { name } plan trial priceBefore { amount currency } priceAfter { amount currency } creditsBefore creditsAfter allowanceBefore \
        allowanceAfter runsOutBefore runsOutAfter } \
    runningOut { tenant { name } plan trial priceBefore { amount currency } priceAfter { amount currency } creditsBefore creditsAfter allowanceBefore \
        allowanceAfter runsOutBefore runsOutAfter } } }";

pub(super) async fn diff(way: &Way, reach: &Reach, from: Option<Which>, to: Option<Which>) -> anyhow::Result<()> {
    let from = match from {
        None => None,
        Some(Which::Number(number)) => Some(number),
        Some(Which::Current) => Some(current(way).await?),
        Some(Which::Draft) => bail!("the draft can only be what is compared with: `frontoffice pricebook diff current draft`"),
    };
    let to = match to {
        None | Some(Which::Draft) => None,
        Some(Which::Number(number)) => Some(number),
        Some(Which::Current) => Some(current(way).await?),
    };
    let data = way.ask(DIFF, json!({"from": from, "to": to})).await?;
    let differences = data.get("pricebookDiff").and_then(Value::as_array).cloned();
    let differences = differences.context("there is nothing to compare: there is no draft, or no such version")?;
    if differences.is_empty() && !reach.json {
        crate::print("Nothing is different.");
        return Ok(());
    }
    show(&differences, DIFFERENCE, reach.json)
}

pub(super) async fn impact(way: &Way, reach: &Reach, number: Option<i32>, note: Option<&Path>) -> anyhow::Result<()> {
    if let Some(path) = note {
        let format = match path.extension().and_then(|extension| extension.to_str()) {
            Some("html") => "html",
            Some("csv") => "csv",
            _ => bail!("{}: the change note's file must end in .html or .csv", path.display()),
        };
        let bytes = way.change_note(number, format).await?;
        std::fs::write(path, &bytes).with_context(|| format!("{} cannot be written", path.display()))?;
        let told = json!({"file": path.to_string_lossy(), "bytes": bytes.len()});
        return super::tell(&told, &format!("Written to {}.", path.display()), reach.json);
    }
    let data = way.ask(IMPACT, json!({"number": number})).await?;
    let impact = data.get("pricebookImpact").filter(|impact| !impact.is_null());
    let impact = impact.context("there is nothing to look at: there is no draft, or no such version")?;
    if reach.json {
        crate::print(&serde_json::to_string_pretty(impact)?);
        return Ok(());
    }
    let row = |what: &str, before: String, after: String| json!({"": what, "before": before, "after": after});
    let facts = [
        row("revenue of a month", money_all(impact, "/revenueBefore"), money_all(impact, "/revenueAfter")),
        row("credits used", said(impact, "/creditsBefore"), said(impact, "/creditsAfter")),
        row("customers who run out", said(impact, "/runOutBefore"), said(impact, "/runOutAfter")),
    ];
    crate::print(&format!(
        "The last {} days, {} customers: another month for {}; {} would stay on what they have.",
        said(impact, "/days"),
        said(impact, "/tenants"),
        said(impact, "/affected"),
        said(impact, "/kept")
    ));
    show(&facts, &["", "before", "after"], false)?;
    if impact.get("reachesExisting") == Some(&Value::Bool(false)) {
        crate::print("The policy leaves those who are customers already on what they have.");
    }
    let flat = json!({"largest": moves(impact, "/largest"), "runningOut": moves(impact, "/runningOut")});
    list(&flat, "/largest", "Largest moves:", MOVE)?;
    list(&flat, "/runningOut", "Who would run out, and did not:", MOVE)
}

const MOVE: &[&str] = &["customer", "plan", "price", "credits used", "credits had"];

/// Effects with what was and what would be in one cell.
fn moves(impact: &Value, pointer: &str) -> Vec<Value> {
    let both = |before: String, after: String| if before == after { before } else { format!("{before} → {after}") };
    let row = |effect: &Value| {
        let trial = effect.get("trial") == Some(&Value::Bool(true));
        let plan = if trial { format!("{} (trial)", said(effect, "/plan")) } else { said(effect, "/plan") };
        json!({
            "customer": said(effect, "/tenant/name"),
            "plan": plan,
            "price": both(price(effect, "/priceBefore"), price(effect, "/priceAfter")),
            "credits used": both(said(effect, "/creditsBefore"), said(effect, "/creditsAfter")),
            "credits had": both(said(effect, "/allowanceBefore"), said(effect, "/allowanceAfter")),
        })
    };
    rows(impact, pointer).iter().map(row).collect()
}

fn price(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        None | Some(Value::Null) => "no such plan".into(),
        Some(money) => format!("{} {}", said(money, "/currency"), said(money, "/amount")),
    }
}

fn money_all(value: &Value, pointer: &str) -> String {
    let all: Vec<String> = rows(value, pointer).iter().map(|money| price(money, "")).collect();
    if all.is_empty() { "none".into() } else { all.join(", ") }
}
