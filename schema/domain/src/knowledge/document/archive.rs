//! A zip of files. What it may unpack to is bounded, whatever it says of itself.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::{
    Document, DocumentFault, Documents, Format, LARGEST_FILE, LARGEST_SUM, MOST_FAULTS, MOST_FILES, Skipped, Upload, document,
};

/// The entries in an archive.
pub(super) fn read(upload: &Upload<'_>) -> Result<Documents, Vec<DocumentFault>> {
    let wrong = |message: String| vec![DocumentFault { file: upload.name.to_owned(), message }];
    let too_many = |files: usize| wrong(format!("has {files} files; at most {MOST_FILES} are allowed"));
    // Each file costs memory before the first one is read, so their number is asked for first.
    if let Some(files) = declared(upload.bytes).filter(|files| *files > MOST_FILES) {
        return Err(too_many(files));
    }
    let mut archive =
        ZipArchive::new(Cursor::new(upload.bytes)).map_err(|error| wrong(format!("cannot be read as a zip: {error}")))?;
    if archive.len() > MOST_FILES {
        return Err(too_many(archive.len()));
    }
    let (mut found, mut faults, mut room) = (Documents::default(), Vec::new(), LARGEST_SUM);
    for index in 0..archive.len() {
        match one(&mut archive, index, upload, &mut room) {
            Ok(One::Nothing) => {}
            Ok(One::Skipped(skipped)) => found.skipped.push(skipped),
            Ok(One::Document(document)) => found.documents.push(document),
            Ok(One::TooMuch) => {
                return Err(wrong(format!("unpacks to more than {LARGEST_SUM} bytes, which is the most that is allowed")));
            }
            Err(fault) => faults.push(fault),
        }
        // Nobody mends more of them at once.
        if faults.len() >= MOST_FAULTS {
            break;
        }
    }
    if faults.is_empty() && found.documents.is_empty() {
        return Err(wrong("has no Markdown or HTML file in it".into()));
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

/// What a file of an archive is.
enum One {
    /// A folder, or what an operating system leaves behind.
    Nothing,
    Skipped(Skipped),
    Document(Document),
    /// With it, the archive has more in it than is allowed.
    TooMuch,
}

/// How many files an archive says it has, by the record at its end: two bytes, or eight in one of the larger kind.
fn declared(bytes: &[u8]) -> Option<usize> {
    let after = |mark: &[u8], skip: usize| {
        let at = bytes.windows(mark.len()).rposition(|found| found == mark)?;
        bytes.get(at.checked_add(skip)?..)
    };
    let small = after(b"PK\x05\x06", 10)?.first_chunk().map(|count| usize::from(u16::from_le_bytes(*count)))?;
    let large = after(b"PK\x06\x06", 32).and_then(|rest| rest.first_chunk()).map(|count| u64::from_le_bytes(*count));
    Some(large.map_or(small, |count| usize::try_from(count).unwrap_or(usize::MAX).max(small)))
}

/// Reads a file; what it has in it is taken off `room`, whatever comes of it.
fn one(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    index: usize,
    upload: &Upload<'_>,
    room: &mut usize,
) -> Result<One, DocumentFault> {
    let number = index.saturating_add(1);
    let unreadable = |error| DocumentFault { file: format!("file {number}"), message: format!("cannot be unpacked: {error}") };
    let file = archive.by_index(index).map_err(unreadable)?;
    let name = file.enclosed_name().map(|name| name.to_string_lossy().replace('\\', "/"));
    let Some(name) = name.filter(|name| !name.chars().any(char::is_control)) else {
        let reason = "its name leads out of the archive or cannot be read";
        return Ok(One::Skipped(Skipped { file: format!("file {number}"), reason }));
    };
    let is_hidden = name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX");
    if file.is_dir() || is_hidden {
        return Ok(One::Nothing);
    }
    let format = match Format::of_name(&name) {
        Some(format @ (Format::Markdown | Format::Html)) => format,
        Some(Format::Zip) => return Ok(One::Skipped(Skipped { file: name, reason: "it is an archive itself" })),
        None => return Ok(One::Skipped(Skipped { file: name, reason: "it is neither Markdown nor HTML" })),
    };
    let mut bytes = Vec::new();
    // What it says its size is need not be true.
    let most = u64::try_from(LARGEST_FILE).unwrap_or(u64::MAX).saturating_add(1);
    file.take(most)
        .read_to_end(&mut bytes)
        .map_err(|error| DocumentFault { file: name.clone(), message: format!("cannot be unpacked: {error}") })?;
    match room.checked_sub(bytes.len()) {
        Some(rest) => *room = rest,
        None => return Ok(One::TooMuch),
    }
    document(&Upload { format, name: &name, bytes: &bytes, ..*upload }).map(One::Document)
}
