//! Letters, as they are in the folder they are written to.

use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};

/// A letter.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub to: String,
    /// As it stands in the header, which is encoded if it is not plain.
    pub subject: String,
    pub text: String,
}

impl Letter {
    /// What its link carries.
    pub(crate) fn token(&self) -> String {
        let (_, rest) = self.text.split_once("#token=").unwrap_or_else(|| panic!("no link in {}", self.text));
        rest.split_whitespace().next().unwrap().to_owned()
    }
}

/// Every letter in a folder, the oldest first: their names are ids, which sort by birth.
pub(crate) fn letters(folder: &Path) -> Vec<Letter> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<_> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "eml")).collect();
    files.sort();
    files.iter().map(|path| letter(&std::fs::read_to_string(path).unwrap())).collect()
}

fn letter(file: &str) -> Letter {
    let (head, body) = file.split_once("\r\n\r\n").unwrap();
    let field = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_default().trim().to_owned()
    };
    let text = match field("Content-Transfer-Encoding").as_str() {
        "7bit" | "8bit" => body.to_owned(),
        "quoted-printable" => quoted(body),
        "base64" => String::from_utf8(STANDARD.decode(body.split_whitespace().collect::<String>()).unwrap()).unwrap(),
        other => panic!("a letter in {other}"),
    };
    Letter { to: field("To"), subject: field("Subject"), text }
}

/// RFC 2045, section 6.7.
fn quoted(body: &str) -> String {
    let joined = body.replace("=\r\n", "");
    let (mut bytes, mut rest) = (Vec::new(), joined.as_bytes());
    while let Some((first, more)) = rest.split_first() {
        match (first, more.get(..2)) {
            (b'=', Some(hex)) => {
                bytes.push(u8::from_str_radix(std::str::from_utf8(hex).unwrap(), 16).unwrap());
                rest = &more[2..];
            }
            _ => {
                bytes.push(*first);
                rest = more;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}
