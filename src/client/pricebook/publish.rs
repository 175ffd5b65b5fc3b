//! Approving, publishing, taking back, and who may approve.

use std::time::Duration;

use anyhow::{Context, bail};
use frontoffice_domain::pricing::Guard;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::{
    Reach, Way, change,
    command::{Effective, Policy, Switch},
    said, tell, text,
};

const PUBLICATION: &str = "query($number: Int!) { pricebookPublication(number: $number) { number policy effectiveFrom state total seen moved finishedAt } }";

/// How often is looked how far a publication is.
const LOOK: Duration = Duration::from_millis(500);

pub(super) async fn approve(
    way: &Way,
    reach: &Reach,
    (hash, policy): (&str, Policy),
    effective: Effective,
    acknowledge: &[Guard],
) -> anyhow::Result<()> {
    let acknowledge: Vec<&str> = acknowledge.iter().map(|guard| guard.as_str()).collect();
    let from = effective.0.map(|at| at.to_string());
    let input = json!({"contentHash": hash, "policy": policy.word(), "effectiveFrom": from, "acknowledge": acknowledge});
    let made =
        change(way, "pricebookDraftApprove", "draft { revision status contentHash approvedAt approvedFor }", input).await?;
    let draft = made.get("draft").unwrap_or(&Value::Null);
    let when = from.map_or_else(|| "as soon as it is published".into(), |from| format!("at {from}"));
    let next = format!("Publish it: `frontoffice pricebook publish --hash {hash}`.");
    tell(draft, &format!("Approved, to take effect {when}.\n{next}"), reach.json)
}

pub(super) async fn publish(way: &Way, reach: &Reach, hash: &str, wait: bool) -> anyhow::Result<()> {
    let wanted = "version { number status effectiveFrom contentHash }";
    let made = change(way, "pricebookDraftPublish", wanted, json!({"contentHash": hash})).await?;
    let version = made.get("version").context("the answer cannot be read")?;
    let number = version.get("number").and_then(Value::as_i64).context("the answer cannot be read")?;
    if !wait {
        let sentence = format!(
            "Published as version {number}, {}, in force from {}.",
            text(version, "/status"),
            text(version, "/effectiveFrom")
        );
        return tell(version, &sentence, reach.json);
    }
    if !reach.json {
        crate::print(&format!("Published as version {number}, in force from {}.", text(version, "/effectiveFrom")));
    }
    let publication = finished(way, number, reach.json).await?;
    if text(&publication, "/state") == "WITHDRAWN" {
        bail!("version {number} was taken back meanwhile: it reaches nobody");
    }
    let sentence = format!(
        "Finished: {} subscriptions looked at, {} moved to version {number}.",
        said(&publication, "/seen"),
        said(&publication, "/moved")
    );
    tell(&publication, &sentence, reach.json)
}

/// Waits until a publication is finished or taken back; how it is then. Nothing, if there was nobody it could have reached.
async fn finished(way: &Way, number: i64, json: bool) -> anyhow::Result<Value> {
    let bar = bar(json);
    loop {
        let data = way.ask(PUBLICATION, json!({"number": number})).await?;
        let publication = data.get("pricebookPublication").cloned().unwrap_or_default();
        let count = |pointer: &str| publication.pointer(pointer).and_then(Value::as_u64);
        if let Some(total) = count("/total") {
            bar.set_length(total);
        }
        bar.set_position(count("/seen").unwrap_or(0));
        match text(&publication, "/state") {
            "WAITING" => bar.set_message(format!("waits until {}", text(&publication, "/effectiveFrom"))),
            "RUNNING" => bar.set_message(format!("{} moved", said(&publication, "/moved"))),
            // Finished, taken back, or nobody is there.
            _ => {
                bar.finish_and_clear();
                return Ok(if publication.is_null() {
                    json!({"number": number, "state": "FINISHED", "seen": 0, "moved": 0})
                } else {
                    publication
                });
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// A bar where somebody looks on.
fn bar(json: bool) -> ProgressBar {
    let target = if json { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(None, target);
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len}  {wide_msg}");
    if let Ok(style) = style { bar.with_style(style) } else { bar }
}

pub(super) async fn withdraw(way: &Way, reach: &Reach, number: i32, reason: &str) -> anyhow::Result<()> {
    let wanted = "version { number status effectiveFrom contentHash }";
    let made = change(way, "pricebookWithdraw", wanted, json!({"number": number, "reason": reason})).await?;
    let version = made.get("version").unwrap_or(&Value::Null);
    tell(version, &format!("Version {number} was taken back: it never takes effect."), reach.json)
}

pub(super) async fn four_eyes(way: &Way, reach: &Reach, switch: Switch) -> anyhow::Result<()> {
    let required = switch == Switch::On;
    let made = change(way, "pricebookFourEyesUpdate", "required", json!({"required": required})).await?;
    let sentence = match made.get("required").and_then(Value::as_bool) {
        Some(true) => "Approving takes somebody who has not written the draft.",
        Some(false) => "Who has written a draft may approve it; the audit log says that you decided so.",
        None => bail!("the answer cannot be read"),
    };
    tell(&made, sentence, reach.json)
}
