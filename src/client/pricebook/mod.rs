//! `frontoffice pricebook`: what everything costs, from a spreadsheet to the version in force.

mod command;
mod draft;
mod export_import;
mod files;
mod impact;
mod overview;
mod publish;
mod validate;
mod verify;

use std::{path::Path, process::ExitCode};

use anyhow::Context;
use serde_json::{Value, json};

pub(crate) use self::command::PricebookCommand;
use super::{
    Reach, show,
    way::{Refused, Way},
};

/// The draft, as most commands want it.
const DRAFT: &str = "{ pricebookDraft { revision status contentHash note policy basedOn restoredFrom createdAt changedAt submittedAt \
    approvedAt approvedFor flaws { path found allowed fix } warnings { guard path before after } differences { path kind before after } } }";

/// Runs a command on prices.
///
/// # Errors
/// What was refused, a sentence a line.
pub(crate) async fn run(command: PricebookCommand, config: Option<&Path>) -> anyhow::Result<ExitCode> {
    use PricebookCommand as C;
    match command {
        // Nobody has to be signed in for these two.
        C::Validate { file: Some(file), reading, reach } => return validate::file(&file, &reading, &reach),
        C::Verify { reach } => return verify::run(&reach, config).await,
        C::Validate { file: None, reading: _, reach } => return validate::draft(&Way::open(&reach, config).await?, &reach).await,
        C::Export { of, reading, out, reach } => {
            export_import::export(&Way::open(&reach, config).await?, &reach, of, &reading, out.as_deref()).await?;
        }
        C::Import { file, reading, new, expect, reach } => {
            export_import::import(&Way::open(&reach, config).await?, &reach, &file, &reading, new, &expect).await?;
        }
        C::Diff { from, to, reach } => impact::diff(&Way::open(&reach, config).await?, &reach, from, to).await?,
        C::Impact { number, note, reach } => {
            impact::impact(&Way::open(&reach, config).await?, &reach, number, note.as_deref()).await?;
        }
        C::Edit { note, policy, expect, reach } => {
            draft::edit(&Way::open(&reach, config).await?, &reach, note.as_deref(), policy, &expect).await?;
        }
        C::Submit { expect, reach } => draft::submit(&Way::open(&reach, config).await?, &reach, &expect).await?,
        C::Reopen { comment, expect, reach } => {
            draft::reopen(&Way::open(&reach, config).await?, &reach, comment.as_deref(), &expect).await?;
        }
        C::Discard { expect, reach } => draft::discard(&Way::open(&reach, config).await?, &reach, &expect).await?,
        C::Rollback { number, reach } => draft::roll_back(&Way::open(&reach, config).await?, &reach, number).await?,
        C::Approve { hash, policy, effective, acknowledge, reach } => {
            publish::approve(&Way::open(&reach, config).await?, &reach, (&hash, policy), effective, &acknowledge).await?;
        }
        C::Publish { hash, wait, reach } => publish::publish(&Way::open(&reach, config).await?, &reach, &hash, wait).await?,
        C::Withdraw { number, reason, reach } => {
            publish::withdraw(&Way::open(&reach, config).await?, &reach, number, &reason).await?;
        }
        C::FourEyes { switch, reach } => publish::four_eyes(&Way::open(&reach, config).await?, &reach, switch).await?,
        C::Status { reach } => overview::status(&Way::open(&reach, config).await?, &reach).await?,
        C::History { reach } => overview::history(&Way::open(&reach, config).await?, &reach).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The draft, if there is one.
async fn draft_if_any(way: &Way) -> anyhow::Result<Option<Value>> {
    let data = way.ask(DRAFT, json!({})).await?;
    Ok(data.get("pricebookDraft").filter(|draft| !draft.is_null()).cloned())
}

/// The draft, which there must be.
async fn the_draft(way: &Way) -> anyhow::Result<Value> {
    draft_if_any(way).await?.context(
        "there is no draft: `frontoffice pricebook import FILE --new` begins one, `frontoffice pricebook rollback N` one that restores a version",
    )
}

/// The revision that is to be changed: the one that is expected, or the one that is there.
async fn revision(way: &Way, expect: &command::Expect) -> anyhow::Result<i64> {
    match expect.revision {
        Some(revision) => Ok(revision),
        None => the_draft(way).await?.get("revision").and_then(Value::as_i64).context("the answer cannot be read"),
    }
}

/// What a mutation gives back; why not, where it was refused, and that nothing was changed where somebody was faster.
async fn change(way: &Way, name: &str, wanted: &str, input: Value) -> anyhow::Result<Value> {
    way.change(name, wanted, input).await.map_err(|error| match error.downcast::<Refused>() {
        Ok(refused) if refused.is_conflict() => {
            refused.and("Nothing was changed. `frontoffice pricebook status` shows how the draft is now.").into()
        }
        Ok(refused) => refused.into(),
        Err(error) => error,
    })
}

/// A value's text; nothing, if it has none.
fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// A value as it is shown in a sentence.
fn said(value: &Value, pointer: &str) -> String {
    super::cell(value.pointer(pointer))
}

/// So much of a hash is shown where it is only to be known again. Nothing is decided by that: another content with the same first digits
/// can be made.
fn short(hash: &str) -> String {
    let rest = if hash.len() > SHORT { "…" } else { "" };
    hash.chars().take(SHORT).chain(rest.chars()).collect()
}

/// So many digits of a hash are shown then.
const SHORT: usize = 12;

/// Prints one value as JSON, or a sentence.
fn tell(value: &Value, sentence: &str, json: bool) -> anyhow::Result<()> {
    if json {
        crate::print(&serde_json::to_string_pretty(value)?);
    } else {
        crate::print(sentence);
    }
    Ok(())
}

/// Prints a list of the payload as a table, under a heading, if there is anything in it.
fn list(value: &Value, pointer: &str, heading: &str, columns: &[&str]) -> anyhow::Result<()> {
    let rows = rows(value, pointer);
    if rows.is_empty() {
        return Ok(());
    }
    crate::print(&format!("\n{heading}"));
    show(&rows, columns, false)
}

/// A list of the payload.
fn rows(value: &Value, pointer: &str) -> Vec<Value> {
    value.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// How a difference, a flaw and a warning are shown.
const DIFFERENCE: &[&str] = &["path", "kind", "before", "after"];
const FLAW: &[&str] = &["path", "found", "allowed", "fix"];
const WARNING: &[&str] = &["guard", "path", "before", "after"];
