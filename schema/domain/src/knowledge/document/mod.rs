//! From files to entries: Markdown, HTML, or a zip of such files. Values in, values out; what a file costs is bounded by its size.

mod archive;
mod html;
mod markdown;

use super::{entry, model::NewEntry};
use crate::locale::Locale;

/// The largest text file, in bytes.
pub const LARGEST_FILE: usize = 1024 * 1024;
/// The most files of one import.
pub const MOST_FILES: usize = 1_000;
/// So many files that cannot be taken are named; then the rest is not looked at.
pub const MOST_FAULTS: usize = 50;
/// The most that an archive's files may have together, in bytes.
const LARGEST_SUM: usize = 32 * 1024 * 1024;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Markdown, or plain text. `title`, `url` and `lang` may stand in front matter.
    Markdown,
    /// HTML. What stands in `main` is taken, if there is one; navigation, forms and scripts are not.
    Html,
    /// A zip of Markdown and HTML files.
    Zip,
}

impl Format {
    /// What a file of this name is; `None` if it is nothing that is read.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        Some(match extension.to_ascii_lowercase().as_str() {
            "md" | "markdown" | "txt" => Self::Markdown,
            "html" | "htm" | "xhtml" => Self::Html,
            "zip" => Self::Zip,
            _ => return None,
        })
    }

    /// What a file of this media type is, without its parameters; `None` if it is nothing that is read.
    #[must_use]
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        Some(match media_type.trim().to_ascii_lowercase().as_str() {
            "text/markdown" | "text/plain" => Self::Markdown,
            "text/html" | "application/xhtml+xml" => Self::Html,
            "application/zip" | "application/x-zip-compressed" => Self::Zip,
            _ => return None,
        })
    }
}

/// A file as it comes in.
#[derive(Clone, Copy, Debug)]
pub struct Upload<'a> {
    /// What it is.
    pub format: Format,
    /// What it is called; empty if it has no name.
    pub name: &'a str,
    /// What is in it.
    pub bytes: &'a [u8],
    /// The language of all that is in it; without it, what each file says, else the tenant's.
    pub locale: Option<Locale>,
    /// The tenant's language.
    pub fallback: Locale,
}

/// An entry and the file it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The file.
    pub file: String,
    /// The entry.
    pub entry: NewEntry,
}

/// A file of an archive that is not knowledge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The file.
    pub file: String,
    /// Why it is left out.
    pub reason: &'static str,
}

/// A file that cannot be an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentFault {
    /// The file; empty if it has no name.
    pub file: String,
    /// What is wrong and what is allowed, to go on after the file's name.
    pub message: String,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Documents {
    /// The entries.
    pub documents: Vec<Document>,
    /// What is left out.
    pub skipped: Vec<Skipped>,
}

/// The entries in a file.
///
/// # Errors
/// Every file that cannot be one, and why; then none of them is.
pub fn read(upload: &Upload<'_>) -> Result<Documents, Vec<DocumentFault>> {
    match upload.format {
        Format::Zip => archive::read(upload),
        _ => match document(upload) {
            Ok(document) => Ok(Documents { documents: vec![document], skipped: Vec::new() }),
            Err(fault) => Err(vec![fault]),
        },
    }
}

/// What a text says of itself, and what it says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Page {
    title: Option<String>,
    url: Option<String>,
    language: Option<String>,
    /// Markdown.
    text: String,
}

/// The entry that a text file is.
fn document(upload: &Upload<'_>) -> Result<Document, DocumentFault> {
    let file = upload.name.to_owned();
    let wrong = |message: String| DocumentFault { file: upload.name.to_owned(), message };
    if upload.bytes.len() > LARGEST_FILE {
        return Err(wrong(format!("has {} bytes; at most {LARGEST_FILE} are allowed", upload.bytes.len())));
    }
    let text = std::str::from_utf8(upload.bytes);
    let text = text.map_err(|error| wrong(format!("must be UTF-8; byte {} is not", error.valid_up_to())))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let page = match upload.format {
        Format::Html => html::page(text).map_err(|name| wrong(format!("begins a <{name}> that never ends")))?,
        Format::Markdown | Format::Zip => markdown::page(text),
    };
    let title = page.title.map(|title| one_line(&title)).filter(|title| !title.is_empty());
    let title = title.or_else(|| of_file(upload.name));
    let title = title.ok_or_else(|| wrong("has no title: begin it with a heading, or give the file a name".into()))?;
    let locale = upload.locale.or_else(|| Locale::of_tag(page.language.as_deref()?)).unwrap_or(upload.fallback);
    let entry = NewEntry { title, text: page.text, source_url: page.url, locale };
    match entry::fault(&entry) {
        None => Ok(Document { file, entry }),
        Some(fault) => Err(wrong(fault.to_string())),
    }
}

/// White space and line ends as single spaces, and no more than a title may have.
fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|c| !c.is_control()).take(300).collect()
}

/// A title made of a file's name: `docs/opening-hours.md` is about opening hours.
fn of_file(name: &str) -> Option<String> {
    let base = name.rsplit(['/', '\\']).next()?;
    let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem);
    let words = one_line(&stem.replace(['-', '_'], " "));
    let mut letters = words.chars();
    let first = letters.next()?;
    Some(first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests;
