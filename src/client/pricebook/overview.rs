//! `status` and `history`.

use anyhow::Context;
use serde_json::{Value, json};

use super::{Reach, Way, draft_if_any, rows, said, show, text};

const VERSIONS: &str = "{ pricebook { number } pricebookFourEyes pricebookVersions(first: 20) { nodes { number status contentHash effectiveFrom \
    effectiveTo note policy restoredFrom publishedAt withdrawnAt } } }";

const STEPS: &str = "query($after: String) { pricebookSteps(first: 100, after: $after) { nodes { kind number revision contentHash \
    effectiveFrom fourEyes acknowledged comment author { kind name uuid } at } pageInfo { hasNextPage endCursor } } }";

pub(super) async fn status(way: &Way, reach: &Reach) -> anyhow::Result<()> {
    let draft = draft_if_any(way).await?;
    let data = way.ask(VERSIONS, json!({})).await?;
    let in_force = data.pointer("/pricebook/number").cloned().unwrap_or_default();
    let versions = rows(&data, "/pricebookVersions/nodes");
    let current = versions.iter().find(|version| version.get("number") == Some(&in_force));
    let scheduled: Vec<&Value> = versions.iter().filter(|version| text(version, "/status") == "SCHEDULED").collect();
    let four_eyes = data.get("pricebookFourEyes").and_then(Value::as_bool);
    if reach.json {
        let told = json!({"draft": draft, "current": current, "scheduled": scheduled, "fourEyes": four_eyes});
        crate::print(&serde_json::to_string_pretty(&told)?);
        return Ok(());
    }
    let mut lines: Vec<(&str, String)> = Vec::new();
    let number = super::super::cell(Some(&in_force));
    lines.push((
        "current",
        match current {
            Some(version) => {
                format!("version {number}, hash {}, since {}", text(version, "/contentHash"), text(version, "/effectiveFrom"))
            }
            None => format!("version {number}"),
        },
    ));
    for version in scheduled {
        let (number, from, policy) = (said(version, "/number"), text(version, "/effectiveFrom"), text(version, "/policy"));
        let hash = text(version, "/contentHash");
        lines.push(("scheduled", format!("version {number}, hash {hash}, from {from}, {policy}")));
    }
    match &draft {
        None => lines.push(("draft", "none".into())),
        Some(draft) => lines.extend(of_draft(draft)),
    }
    let eyes = match four_eyes {
        Some(true) => "on: who has written a draft does not approve it",
        Some(false) => "off: who has written a draft may approve it",
        None => "unknown",
    };
    lines.push(("four eyes", eyes.into()));
    for (name, value) in lines {
        crate::print(&format!("{name:<10} {value}"));
    }
    Ok(())
}

fn of_draft(draft: &Value) -> Vec<(&'static str, String)> {
    let (status, hash, policy) = (text(draft, "/status"), text(draft, "/contentHash"), text(draft, "/policy"));
    let mut lines = vec![("draft", format!("revision {}, {status}, hash {hash}, {policy}", said(draft, "/revision")))];
    let origin = match draft.get("restoredFrom").filter(|number| !number.is_null()) {
        Some(number) => format!("begun on version {}, restores version {number}", said(draft, "/basedOn")),
        None => format!("begun on version {}", said(draft, "/basedOn")),
    };
    lines.push(("", origin));
    let note = text(draft, "/note");
    if !note.is_empty() {
        lines.push(("", note.replace(['\r', '\n'], " ")));
    }
    let (flaws, warnings) = (rows(draft, "/flaws").len(), rows(draft, "/warnings"));
    lines.push(("", format!("{} differences", rows(draft, "/differences").len())));
    if flaws > 0 {
        lines.push(("", format!("{flaws} flaws: see `frontoffice pricebook validate`")));
    }
    for warning in warnings {
        let (guard, path) = (text(&warning, "/guard"), text(&warning, "/path"));
        lines.push(("", format!("to acknowledge: {guard} {path}, {} → {}", text(&warning, "/before"), text(&warning, "/after"))));
    }
    let effective = text(draft, "/approvedFor");
    if status == "APPROVED" {
        let when = if effective.is_empty() { "as soon as it is published" } else { effective };
        lines.push(("", format!("approved to take effect {when}")));
    }
    lines
}

pub(super) async fn history(way: &Way, reach: &Reach) -> anyhow::Result<()> {
    let (mut steps, mut after) = (Vec::new(), Value::Null);
    loop {
        let data = way.ask(STEPS, json!({"after": after})).await?;
        let page = data.get("pricebookSteps").context("the answer cannot be read")?;
        steps.extend(rows(page, "/nodes"));
        if page.pointer("/pageInfo/hasNextPage") != Some(&Value::Bool(true)) {
            break;
        }
        after = page.pointer("/pageInfo/endCursor").cloned().unwrap_or_default();
    }
    if reach.json {
        return show(&steps, &[], true);
    }
    let row = |step: &Value| {
        let eyes = match step.get("fourEyes").and_then(Value::as_bool) {
            Some(true) => "four eyes",
            Some(false) => "alone",
            None => "",
        };
        let name = text(step, "/author/name");
        let author = if name.is_empty() { text(step, "/author/kind") } else { name };
        let seconds: String = text(step, "/at").chars().take(19).collect();
        let more = [eyes.to_owned(), said(step, "/acknowledged"), text(step, "/comment").replace(['\r', '\n'], " ")];
        let more: Vec<String> = more.into_iter().filter(|word| !word.is_empty()).collect();
        json!({
            "at": seconds, "what": text(step, "/kind"), "by": author, "version": step.get("number"), "revision": step.get("revision"),
            "hash": text(step, "/contentHash"), "in force from": text(step, "/effectiveFrom"), "more": more.join("; "),
        })
    };
    let columns = ["at", "what", "by", "version", "revision", "hash", "in force from", "more"];
    show(&steps.iter().map(row).collect::<Vec<_>>(), &columns, false)
}
