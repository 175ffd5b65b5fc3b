//! Pricebooks as files that people edit in a spreadsheet or a text editor: written, and read back with every flaw named at its place.
//!
//! What is read here is only whether something can be read; whether a pricebook is good is for [`super::rules::flaws()`] to say. Nothing is
//! rounded or guessed: how numbers are written is declared with [`Marks`], and where it is not, only what has one meaning is taken. TOML and
//! JSON have marks of their own (a point before decimals), so the declared ones do not count there.
//!
//! Invariant: what [`write()`] returns, [`read`] turns into the same pricebook, under the same format and marks.

mod book;
mod columns;
mod content;
mod delimited;
mod document;
mod marks;
mod text;
mod workbook;

pub(super) use self::text::is_invisible;
use self::{
    book::Book,
    content::{Found, Manner},
};
pub use self::{marks::Marks, text::guarded};
use super::model::Pricebook;
use crate::text_enum::text_enum;

/// The largest file, in bytes.
pub const LARGEST_FILE: usize = 2 * 1024 * 1024;
/// The most lines of a sheet, its head not counted.
pub const MOST_LINES: usize = 1_000;
/// The most columns of a sheet.
pub const MOST_COLUMNS: usize = 50;
/// So many flaws are named; nobody mends more of them at once.
pub const MOST_FLAWS: usize = 100;

/// What the files' shape is counted by; it grows when a file of the older shape can no longer be read.
const FORMAT_VERSION: u32 = 1;

text_enum! {
    /// What a file is.
    Format {
        /// A workbook, with a sheet for each kind of line.
        Xlsx = "xlsx",
        /// A text file of one table.
        Csv = "csv",
        /// TOML.
        Toml = "toml",
        /// JSON.
        Json = "json",
    }
}

impl Format {
    /// What files of it are called after the last point.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        self.as_str()
    }

    /// Its media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv => "text/csv",
            Self::Toml => "application/toml",
            Self::Json => "application/json",
        }
    }

    /// What a file of this media type is, whatever its parameters; `None` if it is nothing that is read.
    #[must_use]
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        let essence = media_type.split(';').next()?.trim();
        Self::ALL.iter().copied().find(|format| format.media_type().eq_ignore_ascii_case(essence))
    }

    /// What a file of this name is; `None` if it is nothing that is read.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, extension) = name.rsplit_once('.')?;
        Self::ALL.iter().copied().find(|format| format.extension().eq_ignore_ascii_case(extension))
    }
}

/// Something in a file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellFlaw {
    /// Where: `Plans!C4` in a workbook, `line 4, column list_price (plan)` in CSV, `plans/pro/list_price/amount` in TOML and JSON.
    pub path: String,
    /// What was found there, shortened.
    pub found: String,
    /// What is allowed there.
    pub allowed: String,
    /// What to do.
    pub fix: String,
}

/// Why a pricebook cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum SheetFault {
    /// A workbook cannot be made of it.
    #[error("the workbook cannot be written")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// CSV cannot be made of it.
    #[error("the CSV cannot be written")]
    Csv(#[from] csv::Error),
    /// JSON cannot be made of it.
    #[error("the JSON cannot be written")]
    Json(#[from] serde_json::Error),
    /// No column can hold a value of it.
    #[error("`{column}` cannot be written")]
    Value {
        /// The column.
        column: &'static str,
    },
    /// What was written could not be read again.
    #[error("at {}: found {}, but {} is allowed", .0.path, .0.found, .0.allowed)]
    Unreadable(CellFlaw),
    /// What was written would be read as another pricebook.
    #[error("the file would not say all that the pricebook says")]
    Lossy,
}

/// A pricebook as a file. Equal pricebooks make equal files.
///
/// # Errors
/// If the file could not be read back as the same pricebook: it is too large, say, or has a text that the format cannot hold.
pub fn write(pricebook: &Pricebook, format: Format, marks: Marks) -> Result<Vec<u8>, SheetFault> {
    let manner = Manner::new(format, Some(marks));
    let content = serde_json::to_value(pricebook)?;
    let bytes = match format {
        Format::Xlsx => workbook::write(&content, manner)?,
        Format::Csv => delimited::write(&content, manner)?,
        Format::Toml => document::toml(&content)?.into_bytes(),
        Format::Json => document::json(&content)?.into_bytes(),
    };
    // A part of the pricebook that no column knows, or a text that a format cannot hold, is noticed here and not after the import.
    match read(&bytes, format, marks) {
        Ok(back) if back == *pricebook => Ok(bytes),
        Ok(_) => Err(SheetFault::Lossy),
        Err(flaws) => Err(flaws.into_iter().next().map_or(SheetFault::Lossy, SheetFault::Unreadable)),
    }
}

/// The pricebook that a file says. Where no marks are declared, a workbook and CSV are read under [`Marks::Point`], but for texts that are
/// another number under other marks: these are flaws then.
///
/// # Errors
/// Everything in it that cannot be read, in the order of its places; not more than [`MOST_FLAWS`].
pub fn read(bytes: &[u8], format: Format, declared: impl Into<Option<Marks>>) -> Result<Pricebook, Vec<CellFlaw>> {
    let manner = Manner::new(format, declared.into());
    let mut book = Book::new(manner);
    if bytes.len() > LARGEST_FILE {
        let found = Found::Other("a file", format!("of {} bytes", bytes.len()));
        book.flaw(WHOLE, &found, format!("at most {LARGEST_FILE} bytes"), "leave out what is no part of the pricebook");
        return book.finish();
    }
    match format {
        Format::Xlsx => workbook::read(bytes, &mut book),
        Format::Csv => delimited::read(bytes, &mut book),
        Format::Toml => document::read_toml(bytes, &mut book),
        Format::Json => document::read_json(bytes, &mut book),
    }
    book.finish()
}

/// The place of what is wrong with a file as a whole.
const WHOLE: &str = "the file";

#[cfg(test)]
mod tests;
