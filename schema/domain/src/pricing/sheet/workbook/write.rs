//! Writes a workbook.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use serde_json::Value;

use super::{DIGITS, about};
use crate::pricing::sheet::{
    SheetFault,
    book::cells,
    columns::{Column, SHEETS, Sheet},
    content::{Cell, Manner},
    marks::{Marks, Number},
    text::is_risky,
};

pub(in crate::pricing::sheet) fn write(content: &Value, manner: Manner) -> Result<Vec<u8>, SheetFault> {
    let mut workbook = Workbook::new();
    // Equal pricebooks make equal files; else the moment would be written in.
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?));
    for sheet in SHEETS {
        let lines = cells(content, sheet)?;
        page(workbook.add_worksheet(), sheet, &lines, manner.marks)?;
    }
    about::write(&mut workbook, manner)?;
    Ok(workbook.save_to_buffer()?)
}

fn page(page: &mut Worksheet, sheet: &Sheet, lines: &[Vec<Cell>], marks: Marks) -> Result<(), XlsxError> {
    page.set_name(sheet.title)?;
    page.set_freeze_panes(1, 0)?;
    let bold = Format::new().set_bold();
    for (index, column) in (0_u16..).zip(sheet.columns) {
        page.set_column_width(index, width(column, index, lines))?;
        if column.content.is_text() {
            // What people add below is taken as they write it: `007` stays what it is.
            page.set_column_format(index, &text_format(""))?;
        }
        page.write_string_with_format(0, index, column.name, &bold)?;
    }
    for (row, line) in (1_u32..).zip(lines) {
        for (column, cell) in (0_u16..).zip(line) {
            match cell {
                Cell::Nothing => {}
                Cell::Word(word) => {
                    page.write_string(row, column, *word)?;
                }
                Cell::Text(text) => {
                    page.write_string_with_format(row, column, text.as_str(), &text_format(text))?;
                }
                Cell::Number(number) => write_number(page, (row, column), number, marks)?,
            }
        }
    }
    Ok(())
}

/// A cell's format says that it is text, and of a text that might be taken for a formula also what an apostrophe says that is typed before
/// one: that it stays text when somebody edits it.
fn text_format(text: &str) -> Format {
    let format = Format::new().set_num_format("@");
    if is_risky(text.trim_start_matches('\'')) || text.starts_with('\'') { format.set_quote_prefix() } else { format }
}

/// As a number, which every spreadsheet shows as its user writes numbers, if it survives as one; else as text, digit for digit.
fn write_number(page: &mut Worksheet, (row, column): (u32, u16), number: &Number, marks: Marks) -> Result<(), XlsxError> {
    match number.written(Marks::Point).parse::<f64>() {
        Ok(float) if number.significant() <= DIGITS => {
            let decimals = match number.decimals() {
                0 => String::new(),
                many => format!(".{}", "0".repeat(many)),
            };
            let format = Format::new().set_num_format(format!("#,##0{decimals}"));
            page.write_number_with_format(row, column, float, &format)?;
        }
        _ => {
            page.write_string_with_format(row, column, number.written(marks), &text_format(""))?;
        }
    }
    Ok(())
}

/// Wide enough for what stands in it, within reason.
fn width(column: &Column, index: u16, lines: &[Vec<Cell>]) -> u32 {
    let length = |line: &Vec<Cell>| match line.get(usize::from(index)) {
        Some(Cell::Text(text)) => text.chars().count(),
        Some(Cell::Word(word)) => word.len(),
        // Thousands marks are shown.
        Some(Cell::Number(number)) => number.written(Marks::Point).len().saturating_add(4),
        Some(Cell::Nothing) | None => 0,
    };
    let longest = lines.iter().map(length).chain([column.name.len()]).max().unwrap_or(0);
    u32::try_from(longest.saturating_add(2)).unwrap_or(u32::MAX).clamp(10, 50)
}
