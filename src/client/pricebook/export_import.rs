//! `export` and `import`: prices as files.

use std::path::Path;

use anyhow::{Context, bail};
use frontoffice_domain::pricing::{
    Pricebook,
    sheet::{self, LARGEST_FILE},
};
use serde_json::{Value, json};

use super::{
    DIFFERENCE, FLAW, Reach, WARNING, Way, change,
    command::{Expect, Reading, Which},
    draft_if_any,
    files::flawed,
    list, said, short, text,
};

/// The number of the version in force.
const CURRENT: &str = "{ pricebook { number } }";

/// What `current` stands for.
pub(super) async fn current(way: &Way) -> anyhow::Result<i32> {
    let data = way.ask(CURRENT, json!({})).await?;
    let number = data.pointer("/pricebook/number").and_then(Value::as_i64).context("no prices are in force")?;
    Ok(i32::try_from(number)?)
}

pub(super) async fn export(way: &Way, reach: &Reach, of: Which, reading: &Reading, out: Option<&Path>) -> anyhow::Result<()> {
    let number = match of {
        Which::Draft => None,
        Which::Number(number) => Some(number),
        Which::Current => Some(current(way).await?),
    };
    let named = out.and_then(|path| sheet::Format::of_name(&path.to_string_lossy()));
    let format = reading.format.map(Into::into).or(named).unwrap_or(sheet::Format::Xlsx);
    let locale = reading.locale_or_english();
    let (name, bytes) = way.export(number, format, &locale).await?;
    let path = match out {
        Some(out) if out == Path::new("-") => {
            use std::io::Write;
            return std::io::stdout().write_all(&bytes).context("it cannot be printed");
        }
        Some(out) => out.to_owned(),
        None => Path::new(&name).into(),
    };
    std::fs::write(&path, &bytes).with_context(|| format!("{} cannot be written", path.display()))?;
    let told = json!({"file": path.to_string_lossy(), "bytes": bytes.len(), "format": format.as_str(), "locale": locale.tag});
    super::tell(&told, &format!("Written to {}.", path.display()), reach.json)
}

/// A file's bytes and what it is.
pub(super) fn file(path: &Path, reading: &Reading) -> anyhow::Result<(sheet::Format, Vec<u8>)> {
    let format = match reading.format {
        Some(format) => format.into(),
        None => sheet::Format::of_name(&path.to_string_lossy()).with_context(|| {
            format!("{}: its name must end in .xlsx, .csv, .toml or .json, or `--format` must say what it is", path.display())
        })?,
    };
    let unreadable = || format!("{} cannot be read", path.display());
    let size = std::fs::metadata(path).with_context(unreadable)?.len();
    if usize::try_from(size).is_ok_and(|size| size > LARGEST_FILE) {
        bail!("{} has {size} bytes; at most {LARGEST_FILE} are allowed", path.display());
    }
    Ok((format, std::fs::read(path).with_context(unreadable)?))
}

/// A file that can be read.
pub(super) struct Prices {
    pub(super) format: sheet::Format,
    pub(super) bytes: Vec<u8>,
    /// What it says.
    pub(super) pricebook: Pricebook,
}

pub(super) async fn import(
    way: &Way,
    reach: &Reach,
    path: &Path,
    reading: &Reading,
    new: bool,
    expect: &Expect,
) -> anyhow::Result<()> {
    let (format, bytes) = file(path, reading)?;
    // Looked at here first: a file that cannot be read must not leave a draft behind that was begun for it.
    let pricebook = sheet::read(&bytes, format, reading.marks()).map_err(|flaws| flawed(&flaws))?;
    let prices = Prices { format, bytes, pricebook };
    let there = draft_if_any(way).await?;
    let there = match there {
        Some(there) => there,
        None if new => {
            if let Some(revision) = expect.revision {
                bail!(
                    "there is no draft, and so none at revision {revision}: leave `--expect-revision` out. Nothing was changed"
                );
            }
            let made = change(way, "pricebookDraftCreate", "draft { revision }", json!({"restore": null})).await?;
            made.get("draft").cloned().context("the answer cannot be read")?
        }
        None => {
            bail!("there is no draft to import it into: add `--new` to begin one as what is published last. Nothing was changed")
        }
    };
    let found = there.get("revision").and_then(Value::as_i64).context("the answer cannot be read")?;
    let answer = way.import_prices(prices, reading.locale.as_ref(), expect.revision.unwrap_or(found)).await?;
    if reach.json {
        crate::print(&serde_json::to_string_pretty(&answer)?);
        return Ok(());
    }
    let (revision, hash) = (said(&answer, "/revision"), short(text(&answer, "/content_hash")));
    if super::rows(&answer, "/differences").is_empty() {
        crate::print(&format!("The draft says all that {} says: it stays at revision {revision}, hash {hash}.", path.display()));
    } else {
        crate::print(&format!("Imported {}: the draft is at revision {revision} now, hash {hash}.", path.display()));
    }
    list(&answer, "/differences", "What it changed:", DIFFERENCE)?;
    list(&answer, "/warnings", "To be acknowledged by name when it is approved:", WARNING)?;
    list(&answer, "/flaws", "To be put right before it can be submitted:", FLAW)
}
