//! The sheet that explains the others. It is written for people; nothing in it is read.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::pricing::sheet::{
    FORMAT_VERSION,
    columns::SHEETS,
    content::{Content, Manner},
    text::listed,
};

/// What it is called.
pub(super) const TITLE: &str = "About";

pub(super) fn write(workbook: &mut Workbook, manner: Manner) -> Result<(), XlsxError> {
    let marks = manner.marks;
    let bold = Format::new().set_bold();
    let wrapped = Format::new().set_text_wrap();
    let page = workbook.add_worksheet();
    page.set_name(TITLE)?;
    for (column, width) in [(0, 16), (1, 24), (2, 70), (3, 60)] {
        page.set_column_width(column, width)?;
    }
    let version = FORMAT_VERSION.to_string();
    let about = [
        ("Format version", version.as_str()),
        ("Numbers as text", marks.example()),
        ("Marks", marks.as_str()),
        ("How to edit", "Change the cells below the heads of the other sheets and import the file again."),
        ("Heads", "Keep the names of the sheets and the heads; their order does not matter."),
        ("Formulas", "Write values, not formulas: a formula is refused."),
        ("Numbers", "Nothing is rounded: a number with more decimals than are allowed is refused."),
    ];
    let mut row = 0_u32;
    for (name, text) in about {
        page.write_string_with_format(row, 0, name, &bold)?;
        page.write_string(row, 1, text)?;
        row = row.saturating_add(1);
    }
    row = row.saturating_add(1);
    for (column, head) in (0_u16..).zip(["Sheet", "Column", "What it means", "What may stand in it"]) {
        page.write_string_with_format(row, column, head, &bold)?;
    }
    for sheet in SHEETS {
        row = row.saturating_add(1);
        page.write_string_with_format(row, 0, sheet.title, &bold)?;
        page.write_string_with_format(row, 2, sheet.explanation, &wrapped)?;
        for column in sheet.columns {
            row = row.saturating_add(1);
            page.write_string(row, 0, sheet.title)?;
            page.write_string(row, 1, column.name)?;
            page.write_string_with_format(row, 2, column.explanation, &wrapped)?;
            page.write_string_with_format(row, 3, allowed(&column.content), &wrapped)?;
        }
    }
    Ok(())
}

fn allowed(content: &Content) -> String {
    match content {
        Content::Text => "A text.".into(),
        Content::TextOrNothing => "A text, or nothing.".into(),
        Content::Word { words } => format!("One of {}.", listed(&words())),
        Content::Currency => "Three capital letters, such as USD.".into(),
        Content::Money { currency } => format!("An amount in the currency of the column `{currency}`."),
        Content::Credits => "Credits.".into(),
        Content::Count => "A whole number.".into(),
        Content::CountOr { word } => format!("A whole number, or `{word}`."),
    }
}
