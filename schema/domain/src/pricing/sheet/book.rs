//! Lines, whatever the file they come from, and the pricebook they are.

use serde_json::{Map, Value};

use super::{
    CellFlaw, MOST_FLAWS, MOST_LINES, SheetFault, WHOLE,
    columns::{Column, Lines, SHEETS, Sheet},
    content::{Cell, Content, Found, Manner},
};
use crate::{money::Currency, pricing::model::Pricebook};

/// A line.
#[derive(Debug)]
pub(super) struct Line {
    /// What it is a line of.
    pub(super) sheet: &'static Sheet,
    /// Where it is.
    pub(super) place: String,
    /// What stands in it, in the file's order.
    pub(super) cells: Vec<Given>,
}

/// A cell of a line.
#[derive(Debug)]
pub(super) struct Given {
    /// Its column.
    pub(super) column: &'static Column,
    /// Where it is.
    pub(super) place: String,
    /// What stands in it.
    pub(super) found: Found,
}

/// What has been read of a file. It is told everything in the order of the file, so that flaws are in that order.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) manner: Manner,
    lines: Vec<(&'static Sheet, Value)>,
    flaws: Vec<CellFlaw>,
}

impl Book {
    pub(super) fn new(manner: Manner) -> Self {
        Self { manner, lines: Vec::new(), flaws: Vec::new() }
    }

    /// Whether reading on is of no use: no more flaws would be named.
    pub(super) fn is_hopeless(&self) -> bool {
        self.flaws.len() >= MOST_FLAWS
    }

    /// Whether something was wrong.
    pub(super) fn is_flawed(&self) -> bool {
        !self.flaws.is_empty()
    }

    pub(super) fn flaw(&mut self, path: impl Into<String>, found: &Found, allowed: impl Into<String>, fix: impl Into<String>) {
        if !self.is_hopeless() {
            self.flaws.push(CellFlaw { path: path.into(), found: found.shown(), allowed: allowed.into(), fix: fix.into() });
        }
    }

    /// A line was read.
    pub(super) fn line(&mut self, line: &Line) {
        let (sheet, before) = (line.sheet, self.count(line.sheet));
        // Said of the first that is too many; the file's size bounds the others.
        if sheet.lines == Lines::One && before == 1 {
            let found = Found::Other("another line", String::new());
            self.flaw(&line.place, &found, format!("one {} line", sheet.kind), "leave one of them");
        }
        if before == MOST_LINES {
            let found = Found::Other("another line", String::new());
            self.flaw(&line.place, &found, format!("at most {MOST_LINES} {} lines", sheet.kind), "leave some of them out");
        }
        let record = self.record(line);
        if before <= MOST_LINES {
            self.lines.push((sheet, Value::Object(record)));
        }
    }

    /// All lines of a sheet were read; if there had to be one, `place` is where it is missing.
    pub(super) fn end(&mut self, sheet: &'static Sheet, place: &str) {
        if sheet.lines == Lines::One && self.count(sheet) == 0 {
            let fix = format!("write a line with {}", super::text::listed(&names(sheet)));
            self.flaw(place, &Found::Nothing, format!("one {} line", sheet.kind), fix);
        }
    }

    /// The pricebook, if nothing was wrong.
    pub(super) fn finish(mut self) -> Result<Pricebook, Vec<CellFlaw>> {
        if self.is_flawed() {
            return Err(self.flaws);
        }
        let mut content = Map::new();
        for sheet in SHEETS {
            let mut lines = self.lines.iter().filter(|(of, _)| of.key == sheet.key).map(|(_, record)| record.clone());
            let value = match sheet.lines {
                Lines::Many | Lines::Later => Value::Array(lines.collect()),
                Lines::One => lines.next().unwrap_or(Value::Null),
            };
            content.insert(sheet.key.to_owned(), value);
        }
        serde_json::from_value(Value::Object(content)).map_err(|error| {
            // Only if the columns do not say all that a pricebook needs.
            self.flaw(
                WHOLE,
                &Found::Text(error.to_string()),
                "a whole pricebook",
                "export the pricebook again and begin with that file",
            );
            self.flaws
        })
    }

    fn count(&self, sheet: &Sheet) -> usize {
        self.lines.iter().filter(|(of, _)| of.key == sheet.key).count()
    }

    /// The values of a line's cells, as the pricebook's own JSON has them.
    fn record(&mut self, line: &Line) -> Map<String, Value> {
        let mut record = Map::new();
        for given in &line.cells {
            let decimals = match given.column.content {
                Content::Money { currency } => line
                    .cells
                    .iter()
                    .find(|other| other.column.name == currency)
                    .and_then(|other| other.column.content.read(&other.found, self.manner, None).ok())
                    .and_then(|code| currency_of(&code))
                    .map(Currency::decimals),
                _ => None,
            };
            match given.column.content.read(&given.found, self.manner, decimals) {
                Ok(value) => set(&mut record, given.column, value),
                Err(refusal) => self.flaw(&given.place, &given.found, refusal.allowed, refusal.fix),
            }
        }
        record
    }
}

/// The names of a sheet's columns.
pub(super) fn names(sheet: &Sheet) -> Vec<&'static str> {
    sheet.columns.iter().map(|column| column.name).collect()
}

fn currency_of(code: &Value) -> Option<Currency> {
    Currency::try_from(code.as_str()?.to_owned()).ok()
}

/// Sets a column's value in a line of the pricebook's own JSON.
fn set(record: &mut Map<String, Value>, column: &Column, value: Value) {
    let Some((last, tables)) = column.at.split_last() else { return };
    let mut table = record;
    for key in tables {
        let inner = table.entry(*key).or_insert_with(|| Value::Object(Map::new()));
        let Value::Object(inner) = inner else { return };
        table = inner;
    }
    table.insert(column.content.inner(last).to_owned(), value);
}

/// A column's value in a line of the pricebook's own JSON; null if it has none.
fn get<'a>(record: &'a Value, column: &Column) -> &'a Value {
    column.at.iter().fold(record, |value, key| value.get(column.content.inner(key)).unwrap_or(&Value::Null))
}

/// The lines of a sheet in the pricebook's own JSON, as cells in the order of its columns.
pub(super) fn cells(content: &Value, sheet: &'static Sheet) -> Result<Vec<Vec<Cell>>, SheetFault> {
    let records = match content.get(sheet.key) {
        None => &[],
        Some(Value::Array(records)) => records.as_slice(),
        Some(record) => std::slice::from_ref(record),
    };
    records.iter().map(|record| sheet.columns.iter().map(|column| cell(record, sheet, column)).collect()).collect()
}

fn cell(record: &Value, sheet: &Sheet, column: &'static Column) -> Result<Cell, SheetFault> {
    let currency = match column.content {
        Content::Money { currency } => sheet.column(currency).and_then(|column| currency_of(get(record, column))),
        _ => None,
    };
    column.content.cell(get(record, column), currency).ok_or(SheetFault::Value { column: column.name })
}
