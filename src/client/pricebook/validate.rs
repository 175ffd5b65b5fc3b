//! `validate`: whether a file or the draft is as it must be.

use std::{path::Path, process::ExitCode};

use frontoffice_domain::pricing::{rules, sheet};
use serde_json::{Value, json};

use super::{Reach, Way, command::Reading, export_import, rows, show, the_draft};

/// A file, here and without a front office.
pub(super) fn file(path: &Path, reading: &Reading, reach: &Reach) -> anyhow::Result<ExitCode> {
    let (format, bytes) = export_import::file(path, reading)?;
    let flaws: Vec<Value> = match sheet::read(&bytes, format, reading.marks()) {
        Err(flaws) => flaws.iter().map(|flaw| row(&flaw.path, &flaw.found, &flaw.allowed, &flaw.fix)).collect(),
        Ok(pricebook) => {
            rules::flaws(&pricebook).iter().map(|flaw| row(&flaw.path, &flaw.found, &flaw.allowed, &flaw.fix)).collect()
        }
    };
    told(&flaws, &path.display().to_string(), reach.json)
}

/// The draft, as it is kept.
pub(super) async fn draft(way: &Way, reach: &Reach) -> anyhow::Result<ExitCode> {
    let draft = the_draft(way).await?;
    let field = |flaw: &Value, name: &str| flaw.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let flaws = rows(&draft, "/flaws");
    let flaws: Vec<Value> = flaws
        .iter()
        .map(|flaw| row(&field(flaw, "path"), &field(flaw, "found"), &field(flaw, "allowed"), &field(flaw, "fix")))
        .collect();
    told(&flaws, "the draft", reach.json)
}

fn row(path: &str, found: &str, allowed: &str, fix: &str) -> Value {
    json!({"where": path, "found": found, "allowed": allowed, "fix": fix})
}

fn told(flaws: &[Value], what: &str, json: bool) -> anyhow::Result<ExitCode> {
    if json || !flaws.is_empty() {
        show(flaws, &["where", "found", "allowed", "fix"], json)?;
    } else {
        crate::print(&format!("Nothing is wrong with {what}."));
    }
    Ok(if flaws.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
