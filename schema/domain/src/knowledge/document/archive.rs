//! A zip of files. What it may unpack to is bounded, whatever it says of itself.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::{Document, DocumentFault, Documents, Format, LARGEST_FILE, LARGEST_SUM, MOST_FILES, Skipped, Upload, document};

/// The entries in an archive.
pub(super) fn read(upload: &Upload<'_>) -> Result<Documents, Vec<DocumentFault>> {
    let wrong = |message: String| vec![DocumentFault { file: upload.name.to_owned(), message }];
    let mut archive =
        ZipArchive::new(Cursor::new(upload.bytes)).map_err(|error| wrong(format!("cannot be read as a zip: {error}")))?;
    if archive.len() > MOST_FILES {
        return Err(wrong(format!("has {} files; at most {MOST_FILES} are allowed", archive.len())));
    }
    let (mut found, mut faults, mut sum) = (Documents::default(), Vec::new(), 0_usize);
    for index in 0..archive.len() {
        match one(&mut archive, index, upload) {
            Ok(One::Nothing) => {}
            Ok(One::Skipped(skipped)) => found.skipped.push(skipped),
            Ok(One::Document(document, bytes)) => {
                sum = sum.saturating_add(bytes);
                if sum > LARGEST_SUM {
                    return Err(wrong(format!("unpacks to more than {LARGEST_SUM} bytes, which is the most that is allowed")));
                }
                found.documents.push(document);
            }
            Err(fault) => faults.push(fault),
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
    Document(Document, usize),
}

fn one(archive: &mut ZipArchive<Cursor<&[u8]>>, index: usize, upload: &Upload<'_>) -> Result<One, DocumentFault> {
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
    let read = document(&Upload { format, name: &name, bytes: &bytes, ..*upload })?;
    Ok(One::Document(read, bytes.len()))
}
