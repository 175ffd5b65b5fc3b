//! The archive that a workbook is, and the XML in it. What it may unpack to is bounded, whatever it says of itself.

use std::io::{Cursor, Read};

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};
use zip::ZipArchive;

use crate::pricing::sheet::{MOST_LINES, WHOLE, book::Book, content::Found};

/// The most files of a workbook.
const MOST_FILES: usize = 500;
/// The most that a workbook's files may have together, in bytes.
pub(super) const LARGEST_SUM: u64 = 8 * 1024 * 1024;

/// Why a workbook cannot be read at all.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// It is no archive, or a part cannot be unpacked.
    NoWorkbook,
    /// It has more in it than is allowed.
    TooLarge,
    /// A part is missing or not as it must be.
    Part(String),
}

impl Broken {
    pub(super) fn tell(self, book: &mut Book) {
        let again = "export the pricebook again and begin with that file";
        match self {
            Self::NoWorkbook => {
                let found = Found::Other("a file that is no workbook, or one with a password", String::new());
                book.flaw(
                    WHOLE,
                    &found,
                    "an xlsx workbook without a password",
                    "save it as “Excel workbook (.xlsx)”, without a password",
                );
            }
            Self::TooLarge => {
                let found = Found::Other("a workbook that unpacks to too much", String::new());
                let allowed = format!("at most {LARGEST_SUM} bytes in {MOST_FILES} parts, and {MOST_LINES} lines a sheet");
                book.flaw(WHOLE, &found, allowed, again);
            }
            Self::Part(part) => {
                let found = Found::Other("a part that is missing or damaged", part);
                book.flaw(WHOLE, &found, "a workbook as spreadsheets write it", again);
            }
        }
    }
}

/// A workbook's files.
pub(super) struct Package<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// How much may still be unpacked, in bytes.
    room: u64,
}

impl<'a> Package<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Broken> {
        let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Broken::NoWorkbook)?;
        if archive.len() > MOST_FILES {
            return Err(Broken::TooLarge);
        }
        let mut sum = 0_u64;
        for index in 0..archive.len() {
            sum = sum.saturating_add(archive.by_index_raw(index).map_err(|_| Broken::NoWorkbook)?.size());
        }
        if sum > LARGEST_SUM { Err(Broken::TooLarge) } else { Ok(Self { archive, room: LARGEST_SUM }) }
    }

    /// The text of a part; `None` if there is none of this name. Only what is asked for is unpacked: macros, pictures and what links to
    /// other files are not.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<String>, Broken> {
        let Some(index) = self.archive.index_for_name(name.trim_start_matches('/')) else { return Ok(None) };
        let file = self.archive.by_index(index).map_err(|_| Broken::NoWorkbook)?;
        let mut bytes = Vec::new();
        // What it says its size is need not be true.
        file.take(self.room.saturating_add(1)).read_to_end(&mut bytes).map_err(|_| Broken::NoWorkbook)?;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.room = self.room.checked_sub(length).ok_or(Broken::TooLarge)?;
        let text = String::from_utf8(bytes).map_err(|_| Broken::Part(name.to_owned()))?;
        Ok(Some(text))
    }
}

/// The XML of a part.
pub(super) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    part: &'a str,
}

impl<'a> Xml<'a> {
    pub(super) fn new(text: &'a str, part: &'a str) -> Self {
        let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
        reader.config_mut().expand_empty_elements = true;
        Self { reader, part }
    }

    /// Says that the part is not as it must be.
    pub(super) fn broken(&self) -> Broken {
        Broken::Part(self.part.to_owned())
    }

    /// The next event; `None` at the end. Definitions of entities are refused: nothing good has any.
    pub(super) fn next(&mut self) -> Result<Option<Event<'a>>, Broken> {
        match self.reader.read_event() {
            Ok(Event::Eof) => Ok(None),
            Ok(Event::DocType(_)) | Err(_) => Err(self.broken()),
            Ok(event) => Ok(Some(event)),
        }
    }

    /// All text up to the end of the element that just began. With `only`, just that in elements of this name, without what says how it is
    /// pronounced.
    pub(super) fn text(&mut self, element: &str, only: Option<&str>) -> Result<String, Broken> {
        let (mut text, mut inside, mut aside) = (String::new(), only.is_none(), false);
        loop {
            match self.next()?.ok_or_else(|| self.broken())? {
                Event::Start(tag) if tag.local_name().as_ref() == "rPh" => aside = true,
                Event::End(tag) if tag.local_name().as_ref() == "rPh" => aside = false,
                Event::Start(tag) if Some(tag.local_name().as_ref()) == only => inside = true,
                Event::End(tag) if Some(tag.local_name().as_ref()) == only => inside = false,
                Event::End(tag) if tag.local_name().as_ref() == element => return Ok(text),
                Event::Text(part) if inside && !aside => text.push_str(&part.xml10_content()),
                Event::CData(part) if inside && !aside => text.push_str(&part.xml10_content()),
                Event::GeneralRef(name) if inside && !aside => {
                    let letter = name.resolve_char_ref().map_err(|_| self.broken())?;
                    match (letter, name.as_ref()) {
                        (Some(letter), _) => text.push(letter),
                        (None, "amp") => text.push('&'),
                        (None, "lt") => text.push('<'),
                        (None, "gt") => text.push('>'),
                        (None, "quot") => text.push('"'),
                        (None, "apos") => text.push('\''),
                        (None, _) => return Err(self.broken()),
                    }
                }
                _ => {}
            }
        }
    }

    /// Skips to the end of the element that just began.
    pub(super) fn skip(&mut self, element: &str) -> Result<(), Broken> {
        let mut depth = 1_usize;
        loop {
            match self.next()?.ok_or_else(|| self.broken())? {
                Event::Start(tag) if tag.local_name().as_ref() == element => depth = depth.saturating_add(1),
                Event::End(tag) if tag.local_name().as_ref() == element => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }
}

/// An element's attribute, by its name without what stands before a colon.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute =
        tag.attributes().with_checks(false).flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(std::borrow::Cow::into_owned)
}
