//! CSV: one table for all kinds of lines. Its first column says of which kind a line is, and its head has the columns of all kinds, so
//! that a line leaves those empty that are none of its own.
//!
//! Blocks with a head of their own, one below the other, would be narrower. But sorting or filtering them in a spreadsheet, or losing
//! the empty line between them, destroys them; here every line says by itself what it is.

use csv::{ReaderBuilder, StringRecord, Terminator, WriterBuilder};
use serde_json::Value;

use super::{
    MOST_COLUMNS, SheetFault, WHOLE,
    book::{Book, Given, Line, cells, names},
    columns::{Lines, SHEETS, Sheet},
    content::{Cell, Found, Manner},
    marks::Marks,
    text::{bared, guarded, listed, nearest},
};

/// The head of the column that says what a line is.
const KIND: &str = "kind";

/// What spreadsheets know UTF-8 by.
const MARK: &str = "\u{feff}";

/// The heads of all kinds' columns, each once.
fn heads() -> Vec<&'static str> {
    let mut heads = vec![KIND];
    for name in SHEETS.iter().flat_map(names) {
        if !heads.contains(&name) {
            heads.push(name);
        }
    }
    heads
}

pub(super) fn write(content: &Value, manner: Manner) -> Result<Vec<u8>, SheetFault> {
    let delimiter = u8::try_from(manner.marks.delimiter()).unwrap_or(b',');
    let mut writer = WriterBuilder::new().delimiter(delimiter).terminator(Terminator::CRLF).from_writer(MARK.as_bytes().to_vec());
    let heads = heads();
    writer.write_record(&heads)?;
    for sheet in SHEETS {
        for line in cells(content, sheet)? {
            let written = |head: &&str| {
                let own = sheet.columns.iter().zip(&line).find(|(column, _)| column.name == *head);
                match own.map(|(_, cell)| cell) {
                    _ if *head == KIND => sheet.kind.to_owned(),
                    None | Some(Cell::Nothing) => String::new(),
                    Some(Cell::Text(text)) => guarded(text),
                    Some(Cell::Word(word)) => (*word).to_owned(),
                    Some(Cell::Number(number)) => number.written(manner.marks),
                }
            };
            writer.write_record(heads.iter().map(written))?;
        }
    }
    writer.into_inner().map_err(|error| SheetFault::Csv(error.into_error().into()))
}

pub(super) fn read(bytes: &[u8], book: &mut Book) {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.strip_prefix(MARK).unwrap_or(text),
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = good.iter().filter(|byte| **byte == b'\n').count().saturating_add(1);
            let found = Found::Other("bytes that are no UTF-8", String::new());
            return book.flaw(format!("line {line}"), &found, "UTF-8", "save the file as “CSV UTF-8”");
        }
    };
    let marks = book.manner.marks;
    let delimiter = u8::try_from(marks.delimiter()).unwrap_or(b',');
    // The head is a line like any other here: what is wrong with it is said in our words.
    let mut reader = ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut lines = Numbers { text, at: 0, number: 1 };
    let mut record = StringRecord::new();
    let mut head: Option<Head> = None;
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                book.flaw(WHOLE, &Found::Text(error.to_string()), "CSV", "export the pricebook again and begin with that file");
                break;
            }
        }
        let number = lines.of(record.position().map_or(0, csv::Position::byte));
        if book.is_hopeless() {
            return;
        }
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        match &head {
            None => match Head::read(&record, number, marks, book) {
                Some(read) => head = Some(read),
                None => return,
            },
            Some(head) => line(&record, number, head, book),
        }
    }
    if head.is_none() {
        let delimiter = marks.delimiter();
        book.flaw("line 1", &Found::Nothing, listed(&heads()), format!("write these heads with `{delimiter}` between them"));
        return;
    }
    for sheet in SHEETS {
        book.end(sheet, &format!("column {KIND}"));
    }
}

/// Which line a byte is in, for bytes that come in order. The reader's own count does not know which of several empty lines a record
/// begins after.
struct Numbers<'a> {
    text: &'a str,
    at: usize,
    number: usize,
}

impl Numbers<'_> {
    fn of(&mut self, byte: u64) -> usize {
        let start = usize::try_from(byte).unwrap_or(usize::MAX);
        let rest = self.text.as_bytes().get(start..).unwrap_or_default();
        let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let end = start.saturating_add(ends);
        let between = self.text.as_bytes().get(self.at..end).unwrap_or_default();
        self.number = self.number.saturating_add(between.iter().filter(|byte| **byte == b'\n').count());
        self.at = end;
        self.number
    }
}

/// What stands over the cells of a line.
struct Head {
    /// The heads; nothing where there is none, or one that was refused.
    names: Vec<Option<&'static str>>,
    /// Which of them says what a line is.
    kind: usize,
}

impl Head {
    /// `None` if lines cannot be read below it.
    fn read(record: &StringRecord, number: usize, marks: Marks, book: &mut Book) -> Option<Self> {
        let (place, known) = (format!("line {number}"), heads());
        let has_kind = record.iter().any(|head| head.trim().eq_ignore_ascii_case(KIND));
        if !has_kind {
            let fix = match record.iter().next() {
                // All heads in one cell: the file was written under other marks.
                Some(first) if record.len() == 1 && first.contains([';', ',', '\t']) => format!(
                    "declare the marks that the file was written with, or save it with `{}` between cells",
                    marks.delimiter()
                ),
                _ => format!("write `{KIND}` over the column that says what each line is"),
            };
            book.flaw(place, &Found::Text(record.iter().collect::<Vec<_>>().join(" ")), format!("a column `{KIND}`"), fix);
            return None;
        }
        let mut names: Vec<Option<&'static str>> = Vec::new();
        for head in record {
            let (column, head) = (names.len().saturating_add(1), head.trim());
            let place = format!("line {number}, column {column}");
            let own = known.iter().copied().find(|name| name.eq_ignore_ascii_case(head));
            if names.len() >= MOST_COLUMNS {
                if head.is_empty() {
                    // Each line is looked at under each of them, so they are not even counted.
                    continue;
                }
                book.flaw(place, &Found::Text(head.into()), format!("at most {MOST_COLUMNS} columns"), "leave the others out");
                return None;
            }
            match own {
                Some(name) if names.contains(&Some(name)) => {
                    book.flaw(place, &Found::Text(head.into()), "each column once", "remove one of the two columns");
                    names.push(None);
                }
                None if !head.is_empty() => {
                    let fix = nearest(head, &known)
                        .map_or_else(|| "remove the column".to_owned(), |name| format!("write `{name}`, or remove the column"));
                    book.flaw(place, &Found::Text(head.into()), listed(&known), fix);
                    names.push(None);
                }
                own => names.push(own),
            }
        }
        let needed: Vec<&str> = SHEETS.iter().filter(|sheet| sheet.lines != Lines::Later).flat_map(self::names).collect();
        let is_needed = |name: &str| name == KIND || needed.contains(&name);
        for missing in known.iter().filter(|name| is_needed(name) && !names.contains(&Some(**name))) {
            let fix = format!("add a column `{missing}`");
            book.flaw(&place, &Found::Nothing, format!("a column `{missing}`"), fix);
        }
        let kind = names.iter().position(|name| *name == Some(KIND))?;
        Some(Self { names, kind })
    }
}

fn line(record: &StringRecord, number: usize, head: &Head, book: &mut Book) {
    let kind = record.get(head.kind).unwrap_or_default().trim();
    let Some(sheet) = SHEETS.iter().find(|sheet| sheet.kind.eq_ignore_ascii_case(kind)) else {
        let kinds: Vec<&str> = SHEETS.iter().map(|sheet| sheet.kind).collect();
        let fix = nearest(kind, &kinds).map_or_else(|| "write one of them".to_owned(), |kind| format!("write `{kind}`"));
        let found = if kind.is_empty() { Found::Nothing } else { Found::Text(kind.to_owned()) };
        return book.flaw(format!("line {number}, column {KIND}"), &found, format!("one of {}", listed(&kinds)), fix);
    };
    for missing in names(sheet).into_iter().filter(|name| !head.names.contains(&Some(*name))) {
        // Of what every file has, the head itself lacks it, which is said there.
        if sheet.lines == Lines::Later {
            book.flaw(
                place(number, missing, sheet),
                &Found::Nothing,
                format!("a column `{missing}`"),
                format!("add a column `{missing}`"),
            );
        }
    }
    let mut given = Vec::new();
    // Some programs leave out empty cells at a line's end.
    for (index, name) in head.names.iter().enumerate() {
        let text = bared(record.get(index).unwrap_or_default());
        match name.and_then(|name| sheet.column(name)) {
            Some(column) => {
                let found = if text.is_empty() { Found::Nothing } else { Found::Text(text.to_owned()) };
                given.push(Given { column, place: place(number, column.name, sheet), found });
            }
            None if *name == Some(KIND) || text.trim().is_empty() => {}
            None => none_here(number, *name, index, text, sheet, book),
        }
    }
    for (index, text) in record.iter().enumerate().skip(head.names.len()).filter(|(_, text)| !text.trim().is_empty()) {
        if book.is_hopeless() {
            return;
        }
        none_here(number, None, index, text, sheet, book);
    }
    book.line(&Line { sheet, place: format!("line {number}"), cells: given });
}

fn place(number: usize, column: &str, sheet: &Sheet) -> String {
    format!("line {number}, column {column} ({})", sheet.kind)
}

/// A text stands where this kind of line has nothing.
fn none_here(number: usize, name: Option<&str>, index: usize, text: &str, sheet: &Sheet, book: &mut Book) {
    let column = name.map_or_else(|| index.saturating_add(1).to_string(), str::to_owned);
    let allowed = format!("nothing: a {} line has {}", sheet.kind, listed(&names(sheet)));
    book.flaw(place(number, &column, sheet), &Found::Text(text.to_owned()), allowed, "leave the cell empty");
}
