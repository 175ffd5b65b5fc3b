//! Reads a workbook.

use std::collections::BTreeMap;

use super::{
    about,
    package::{Broken, Package},
    parts::{Cells, cells, open},
};
use crate::pricing::sheet::{
    MOST_COLUMNS, MOST_LINES,
    book::{Book, Given, Line, names},
    columns::{Column, Lines, SHEETS, Sheet},
    content::Found,
    text::{listed, nearest, shown},
};

pub(in crate::pricing::sheet) fn read(bytes: &[u8], book: &mut Book) {
    if let Err(broken) = workbook(bytes, book) {
        broken.tell(book);
    }
}

fn workbook(bytes: &[u8], book: &mut Book) -> Result<(), Broken> {
    let mut package = Package::open(bytes)?;
    let opened = open(&mut package)?;
    let titles: Vec<&str> = SHEETS.iter().map(|sheet| sheet.title).chain([about::TITLE]).collect();
    let mut seen: Vec<&str> = Vec::new();
    for (name, part) in &opened.sheets {
        if book.is_hopeless() {
            return Ok(());
        }
        if name.trim().eq_ignore_ascii_case(about::TITLE) {
            continue;
        }
        match SHEETS.iter().find(|sheet| sheet.title.eq_ignore_ascii_case(name.trim())) {
            Some(sheet) if !seen.contains(&sheet.title) => {
                seen.push(sheet.title);
                let text = package.part(part)?.ok_or_else(|| Broken::Part(part.clone()))?;
                page(sheet, cells(&text, part, &opened.shared)?, book);
            }
            Some(_) => {
                book.flaw(
                    shown(name),
                    &Found::Other("a second sheet of this name", String::new()),
                    "each sheet once",
                    "remove one of the two",
                );
            }
            None => {
                let fix = nearest(name, &titles)
                    .map_or_else(|| "remove the sheet".to_owned(), |title| format!("call it `{title}`, or remove the sheet"));
                book.flaw(shown(name), &Found::Text(name.clone()), format!("the sheets {}", listed(&titles)), fix);
            }
        }
    }
    for sheet in SHEETS.iter().filter(|sheet| sheet.lines != Lines::Later && !seen.contains(&sheet.title)) {
        let fix = format!("add a sheet `{}` with the heads {}", sheet.title, listed(&names(sheet)));
        book.flaw(sheet.title, &Found::Nothing, format!("a sheet `{}`", sheet.title), fix);
    }
    Ok(())
}

/// What stands over a column.
enum Head {
    Known(&'static Column),
    /// Something that has been refused, so that nothing below it needs to be.
    Refused,
}

fn page(sheet: &'static Sheet, mut cells: Cells, book: &mut Book) {
    let heads = heads(sheet, cells.rows.remove(&0).unwrap_or_default(), book);
    // Where a head is missing, so is everything below it; that has been said.
    let mut columns: Vec<(u32, &'static Column)> = Vec::new();
    for (at, head) in &heads {
        if let Head::Known(column) = head {
            columns.push((*at, column));
        }
    }
    for (row, mut found) in cells.rows {
        if book.is_hopeless() {
            return;
        }
        if found.values().all(|found| matches!(found, Found::Text(text) if text.trim().is_empty())) {
            continue;
        }
        let unheaded = found.iter().filter(|(at, _)| !heads.contains_key(at)).map(|(at, found)| (*at, found.clone()));
        for (at, found) in unheaded.collect::<Vec<_>>() {
            let allowed = format!("nothing: no head stands over it; there are {}", listed(&names(sheet)));
            book.flaw(place(sheet, row, at), &found, allowed, "write a head over it, or leave the cell empty");
        }
        let given = |(at, column): &(u32, &'static Column)| {
            let found = found.remove(at).unwrap_or(Found::Nothing);
            Given { column, place: place(sheet, row, *at), found }
        };
        let cells = columns.iter().map(given).collect();
        book.line(&Line { sheet, place: place(sheet, row, 0), cells });
    }
    if let Some(((row, column), found)) = &cells.beyond {
        let allowed = format!("at most {MOST_LINES} lines below the heads, and {MOST_COLUMNS} columns");
        book.flaw(place(sheet, *row, *column), found, allowed, "leave the cell empty");
    }
    book.end(sheet, sheet.title);
}

fn heads(sheet: &'static Sheet, row: BTreeMap<u32, Found>, book: &mut Book) -> BTreeMap<u32, Head> {
    let (known, mut heads) = (names(sheet), BTreeMap::new());
    let mut seen: Vec<&str> = Vec::new();
    for (at, found) in row {
        let text = if let Found::Text(text) = &found { text.trim() } else { "" };
        if text.is_empty() && matches!(found, Found::Text(_)) {
            continue;
        }
        let head = match sheet.column(text) {
            Some(column) if !seen.contains(&column.name) => {
                seen.push(column.name);
                Head::Known(column)
            }
            Some(_) => {
                book.flaw(place(sheet, 0, at), &found, "each column once", "remove one of the two columns");
                Head::Refused
            }
            None => {
                let fix = nearest(text, &known)
                    .map_or_else(|| "remove the column".to_owned(), |name| format!("write `{name}`, or remove the column"));
                book.flaw(place(sheet, 0, at), &found, listed(&known), fix);
                Head::Refused
            }
        };
        heads.insert(at, head);
    }
    for missing in known.iter().filter(|name| !seen.contains(*name)) {
        let allowed = format!("a column `{missing}`");
        book.flaw(
            format!("{}!A1", sheet.title),
            &Found::Nothing,
            allowed,
            format!("write `{missing}` over a column in the first row"),
        );
    }
    heads
}

/// `Plans!C4`.
fn place(sheet: &Sheet, row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = Some(column);
    while let Some(column) = rest {
        let letter = char::from_digit(column.checked_rem(26).unwrap_or(0).saturating_add(10), 36).unwrap_or('a');
        letters.push(letter.to_ascii_uppercase());
        rest = column.checked_div(26).and_then(|left| left.checked_sub(1));
    }
    let letters: String = letters.iter().rev().collect();
    format!("{}!{letters}{}", sheet.title, row.saturating_add(1))
}
