//! Tables as CSV (RFC 4180) that spreadsheets open as they are, and in which nothing is run.

use frontoffice_domain::pricing::sheet::guarded;

/// What it is sent as.
pub(crate) const MEDIA_TYPE: &str = "text/csv; charset=utf-8; header=present";

/// What spreadsheets know UTF-8 by.
const MARK: &str = "\u{feff}";

/// A cell.
pub(crate) enum Cell {
    /// A text, which may be anybody's.
    Text(String),
    /// What this program itself writes: a number, an instant, a word of its own.
    Own(String),
}

impl Cell {
    fn written(self) -> String {
        match self {
            Self::Text(text) => guarded(&text),
            Self::Own(text) => text,
        }
    }
}

/// A table, while it is written.
pub(crate) struct Table {
    writer: ::csv::Writer<Vec<u8>>,
}

impl Table {
    pub(crate) fn new(heads: &[&str]) -> std::io::Result<Self> {
        let mut writer = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(MARK.as_bytes().to_vec());
        writer.write_record(heads).map_err(std::io::Error::other)?;
        Ok(Self { writer })
    }

    /// A row of as many cells as there are heads.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) -> std::io::Result<()> {
        self.writer.write_record(cells.into_iter().map(Cell::written)).map_err(std::io::Error::other)
    }

    pub(crate) fn bytes(self) -> std::io::Result<Vec<u8>> {
        self.writer.into_inner().map_err(|error| std::io::Error::other(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_kept_from_it() {
        let mut table = Table::new(&["name", "amount"]).unwrap();
        table.row([Cell::Text("=1+1".into()), Cell::Own("-5.00".into())]).unwrap();
        table.row([Cell::Text("Fish, \"fresh\"".into()), Cell::Own(String::new())]).unwrap();
        let text = String::from_utf8(table.bytes().unwrap()).unwrap();
        assert_eq!(text, "\u{feff}name,amount\r\n'=1+1,-5.00\r\n\"Fish, \"\"fresh\"\"\",\r\n");
    }
}
