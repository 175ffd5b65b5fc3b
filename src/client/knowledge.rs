//! `frontoffice knowledge`: what a tenant's assistant may say.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use frontoffice_domain::{
    knowledge::document::{Format, LARGEST_FILE},
    locale::Locale,
};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use super::{Reach, show, way::Way};

/// A file to be sent.
pub(super) struct File {
    pub(super) format: Format,
    /// What it is called there.
    pub(super) name: String,
    path: PathBuf,
}

/// What became of a file, or of each file of an archive.
pub(super) async fn import(way: &Way, reach: &Reach, paths: &[PathBuf], locale: Option<Locale>) -> anyhow::Result<()> {
    let files = files(paths)?;
    let bar = bar(files.len(), reach.json);
    let (mut rows, mut failed) = (Vec::new(), 0_usize);
    for file in &files {
        bar.set_message(file.name.clone());
        match send(way, reach, file, locale).await {
            Ok(answer) => rows.extend(told(file, &answer)),
            Err(error) => {
                failed = failed.saturating_add(1);
                rows.push(json!({"file": file.name, "became": "refused", "note": format!("{error:#}")}));
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    show(&rows, &["file", "became", "title", "locale", "id", "note"], reach.json)?;
    match failed {
        0 => Ok(()),
        failed => {
            bail!("{failed} of {} files were refused; the others are there, and can be sent again without harm", files.len())
        }
    }
}

async fn send(way: &Way, reach: &Reach, file: &File, locale: Option<Locale>) -> anyhow::Result<Value> {
    let bytes = std::fs::read(&file.path).with_context(|| format!("{} cannot be read", file.path.display()))?;
    if file.format != Format::Zip && bytes.len() > LARGEST_FILE {
        bail!("it has {} bytes; at most {LARGEST_FILE} are allowed", bytes.len());
    }
    way.import(file, bytes, reach.tenant.as_deref(), locale).await
}

/// A row for each entry and each file that was left out.
fn told(file: &File, answer: &Value) -> Vec<Value> {
    // A file of an archive is named with that.
    let name = |row: &Value| match (file.format, row.get("file").and_then(Value::as_str)) {
        (Format::Zip, Some(inner)) => format!("{}/{inner}", file.name),
        _ => file.name.clone(),
    };
    let rows = |list: &str, became: &str| -> Vec<Value> {
        let rows = answer.get(list).and_then(Value::as_array);
        let row = |row: &Value| {
            let said = |field: &str| row.get(field).cloned().unwrap_or_default();
            json!({"file": name(row), "became": became, "title": said("title"), "locale": said("locale"), "id": said("id"), "note": said("reason")})
        };
        rows.into_iter().flatten().map(row).collect()
    };
    [rows("imported", "draft"), rows("unchanged", "there already"), rows("skipped", "left out")].concat()
}

/// A bar where somebody looks on.
fn bar(files: usize, json: bool) -> ProgressBar {
    let target = if json { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(u64::try_from(files).ok(), target);
    let style = ProgressStyle::with_template("{bar:30} {pos} of {len}  {wide_msg}");
    if let Ok(style) = style { bar.with_style(style) } else { bar }
}

/// The files that are named, and those in the folders that are named: what can be knowledge there, in their order.
fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<File>> {
    let mut found = BTreeSet::new();
    for path in paths {
        let about = std::fs::metadata(path).with_context(|| format!("{} cannot be read", path.display()))?;
        if about.is_dir() {
            gather(path, path, &mut found)?;
        } else {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            if Format::of_name(&name).is_none() {
                bail!(
                    "{} is neither Markdown nor HTML nor a zip: its name must end in .md, .markdown, .txt, .html, .htm, .xhtml or .zip",
                    path.display()
                );
            }
            found.insert((name, path.clone()));
        }
    }
    if found.is_empty() {
        bail!("there is no Markdown or HTML file there");
    }
    let file = |(name, path): (String, PathBuf)| Format::of_name(&name).map(|format| File { format, name, path });
    Ok(found.into_iter().filter_map(file).collect())
}

fn gather(top: &Path, folder: &Path, found: &mut BTreeSet<(String, PathBuf)>) -> anyhow::Result<()> {
    let unreadable = || format!("{} cannot be read", folder.display());
    for entry in std::fs::read_dir(folder).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        let name = path.strip_prefix(top).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        // A link may lead round in a circle.
        if is_hidden || path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            gather(top, &path, found)?;
        } else if Format::of_name(&name).is_some() {
            found.insert((name, path));
        }
    }
    Ok(())
}
