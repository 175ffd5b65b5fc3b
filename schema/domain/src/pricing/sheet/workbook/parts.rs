//! The parts of a workbook: which sheets there are, their texts, how numbers are shown, and what stands in cells.

use std::collections::{BTreeMap, HashMap};

use quick_xml::events::Event;

use super::{
    DIGITS,
    package::{Broken, LARGEST_SUM, Package, Xml, attribute},
};
use crate::pricing::sheet::{
    MOST_COLUMNS, MOST_LINES,
    content::{Found, INEXACT},
    marks::Number,
};

/// The most different texts of a workbook: more than its cells can show.
const MOST_TEXTS: usize = 200_000;

/// How a number is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Number,
    /// As a date or a time; it is a count of days.
    Date,
    /// As a percentage; it is the hundredth of what is seen.
    Percentage,
}

/// What cells refer to.
#[derive(Debug, Default)]
pub(super) struct Shared {
    texts: Vec<String>,
    formats: Vec<Shown>,
}

/// A workbook that has been opened.
pub(super) struct Opened {
    /// The sheets: what each is called, and in which part it is.
    pub(super) sheets: Vec<(String, String)>,
    pub(super) shared: Shared,
}

/// What stands in a sheet's cells, those left out in which nothing does. Rows and columns are counted from 0.
#[derive(Debug, Default)]
pub(super) struct Cells {
    pub(super) rows: BTreeMap<u32, BTreeMap<u32, Found>>,
    /// The first cell beyond the last row or column that is read, and what stands in it.
    pub(super) beyond: Option<((u32, u32), Found)>,
}

pub(super) fn open(package: &mut Package<'_>) -> Result<Opened, Broken> {
    let workbook = relations(package, "_rels/.rels", "")?
        .into_values()
        .find(|(kind, _)| kind.ends_with("/officeDocument"))
        .map_or_else(|| "xl/workbook.xml".to_owned(), |(_, part)| part);
    let (folder, file) = workbook.rsplit_once('/').map_or(("", workbook.as_str()), |(folder, file)| (folder, file));
    let folder = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let relations = relations(package, &format!("{folder}_rels/{file}.rels"), &folder)?;
    let text = package.part(&workbook)?.ok_or_else(|| Broken::Part(workbook.clone()))?;
    let mut xml = Xml::new(&text, &workbook);
    let mut sheets = Vec::new();
    while let Some(event) = xml.next()? {
        let Event::Start(tag) = event else { continue };
        if tag.local_name().as_ref() == "sheet" {
            let name = attribute(&tag, "name").ok_or_else(|| xml.broken())?;
            let part = attribute(&tag, "id").and_then(|id| relations.get(&id)).ok_or_else(|| xml.broken())?;
            sheets.push((name, part.1.clone()));
        }
    }
    let of = |kind: &str| relations.values().find(|(own, _)| own.ends_with(kind)).map(|(_, part)| part.clone());
    let mut shared = Shared::default();
    if let Some(part) = of("/sharedStrings") {
        shared.texts = texts(&package.part(&part)?.unwrap_or_default(), &part)?;
    }
    if let Some(part) = of("/styles") {
        shared.formats = formats(&package.part(&part)?.unwrap_or_default(), &part)?;
    }
    Ok(Opened { sheets, shared })
}

/// What a part refers to inside the workbook: by an id, a kind and the other part. What is outside is left alone.
fn relations(package: &mut Package<'_>, part: &str, folder: &str) -> Result<HashMap<String, (String, String)>, Broken> {
    let text = package.part(part)?.ok_or_else(|| Broken::Part(part.to_owned()))?;
    let mut xml = Xml::new(&text, part);
    let mut relations = HashMap::new();
    while let Some(event) = xml.next()? {
        let Event::Start(tag) = event else { continue };
        if tag.local_name().as_ref() != "Relationship" || attribute(&tag, "TargetMode").is_some_and(|mode| mode == "External") {
            continue;
        }
        let (id, kind, target) = (attribute(&tag, "Id"), attribute(&tag, "Type"), attribute(&tag, "Target"));
        let (Some(id), Some(kind), Some(target)) = (id, kind, target) else { return Err(xml.broken()) };
        let target = target.strip_prefix('/').map_or_else(|| format!("{folder}{target}"), str::to_owned);
        relations.insert(id, (kind, target));
    }
    Ok(relations)
}

fn texts(text: &str, part: &str) -> Result<Vec<String>, Broken> {
    let mut xml = Xml::new(text, part);
    let mut texts = Vec::new();
    while let Some(event) = xml.next()? {
        let Event::Start(tag) = event else { continue };
        if tag.local_name().as_ref() == "si" {
            if texts.len() >= MOST_TEXTS {
                return Err(Broken::TooLarge);
            }
            texts.push(unescaped(&xml.text("si", Some("t"))?));
        }
    }
    Ok(texts)
}

/// How the cells of each style show numbers.
fn formats(text: &str, part: &str) -> Result<Vec<Shown>, Broken> {
    let mut xml = Xml::new(text, part);
    let (mut own, mut formats, mut in_cells) = (HashMap::new(), Vec::new(), false);
    while let Some(event) = xml.next()? {
        match event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "numFmt" => {
                    if let (Some(id), Some(code)) = (attribute(&tag, "numFmtId"), attribute(&tag, "formatCode")) {
                        own.insert(id, by_code(&code));
                    }
                }
                "cellXfs" => in_cells = true,
                "xf" if in_cells => {
                    let id = attribute(&tag, "numFmtId").unwrap_or_default();
                    formats.push(own.get(&id).copied().unwrap_or_else(|| by_number(&id)));
                }
                _ => {}
            },
            Event::End(tag) if tag.local_name().as_ref() == "cellXfs" => in_cells = false,
            _ => {}
        }
    }
    Ok(formats)
}

/// The formats that every spreadsheet has (ECMA-376 part 1, 18.8.30).
fn by_number(id: &str) -> Shown {
    match id.parse::<u32>() {
        Ok(9 | 10) => Shown::Percentage,
        Ok(14..=22 | 27..=36 | 45..=47 | 50..=58) => Shown::Date,
        _ => Shown::Number,
    }
}

/// A format of the file's own, by the letters that are neither quoted nor a colour or a currency in brackets.
fn by_code(code: &str) -> Shown {
    let mut letters = code.chars();
    let mut shown = Shown::Number;
    while let Some(letter) = letters.next() {
        match letter.to_ascii_lowercase() {
            '"' => letters.by_ref().take_while(|c| *c != '"').for_each(drop),
            '[' => {
                let inside: String = letters.by_ref().take_while(|c| *c != ']').collect();
                // Hours, minutes or seconds that have passed.
                if !inside.is_empty() && inside.chars().all(|c| "hms".contains(c.to_ascii_lowercase())) {
                    return Shown::Date;
                }
            }
            '\\' | '_' | '*' => {
                letters.next();
            }
            'd' | 'm' | 'y' | 'h' | 's' => return Shown::Date,
            '%' => shown = Shown::Percentage,
            _ => {}
        }
    }
    shown
}

/// What stands in the cells of a sheet.
pub(super) fn cells(text: &str, part: &str, shared: &Shared) -> Result<Cells, Broken> {
    let mut xml = Xml::new(text, part);
    let mut cells = Cells::default();
    let (mut row, mut column) = (0_u32, 0_u32);
    let mut room = usize::try_from(LARGEST_SUM).unwrap_or(usize::MAX);
    while let Some(event) = xml.next()? {
        let Event::Start(tag) = event else {
            if matches!(&event, Event::End(tag) if tag.local_name().as_ref() == "row") {
                (row, column) = (row.saturating_add(1), 0);
            }
            continue;
        };
        match tag.local_name().as_ref() {
            "row" => {
                if let Some(number) = attribute(&tag, "r") {
                    row = number.parse::<u32>().ok().and_then(|number| number.checked_sub(1)).ok_or_else(|| xml.broken())?;
                }
                column = 0;
            }
            "c" => {
                if let Some(place) = attribute(&tag, "r") {
                    (row, column) = spot(&place).ok_or_else(|| xml.broken())?;
                }
                let (kind, style) = (attribute(&tag, "t").unwrap_or_default(), attribute(&tag, "s"));
                let shown = style.and_then(|style| shared.formats.get(style.parse::<usize>().ok()?)).copied();
                let found = cell(&mut xml, &kind, shown.unwrap_or(Shown::Number), shared)?;
                let is_beyond = usize::try_from(row).is_ok_and(|row| row > MOST_LINES)
                    || usize::try_from(column).is_ok_and(|column| column >= MOST_COLUMNS);
                match found {
                    Found::Nothing => {}
                    found if is_beyond => {
                        cells.beyond.get_or_insert(((row, column), found));
                    }
                    found => {
                        // A text that cells share is kept once in the file, but once a cell here.
                        if let Found::Text(text) | Found::Other(_, text) = &found {
                            room = room.checked_sub(text.len()).ok_or(Broken::TooLarge)?;
                        }
                        cells.rows.entry(row).or_default().insert(column, found);
                    }
                }
                column = column.saturating_add(1);
            }
            _ => {}
        }
    }
    Ok(cells)
}

/// What stands in the cell that just began.
fn cell(xml: &mut Xml<'_>, kind: &str, shown: Shown, shared: &Shared) -> Result<Found, Broken> {
    let (mut formula, mut value, mut inline) = (None, String::new(), None);
    loop {
        match xml.next()?.ok_or_else(|| xml.broken())? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "f" => formula = Some(xml.text("f", None)?),
                "v" => value = xml.text("v", None)?,
                "is" => inline = Some(unescaped(&xml.text("is", Some("t"))?)),
                other => xml.skip(other)?,
            },
            Event::End(tag) if tag.local_name().as_ref() == "c" => break,
            _ => {}
        }
    }
    if let Some(formula) = formula {
        // Neither it nor what it came to the last time is taken: that depends on what nobody sees here.
        return Ok(Found::Other("a formula", if formula.is_empty() { formula } else { format!("={formula}") }));
    }
    let text = |text: String| if text.is_empty() { Found::Nothing } else { Found::Text(text) };
    Ok(match kind {
        "inlineStr" => text(inline.unwrap_or_default()),
        _ if value.is_empty() => Found::Nothing,
        "s" => {
            let shared = value.trim().parse::<usize>().ok().and_then(|index| shared.texts.get(index));
            text(shared.ok_or_else(|| xml.broken())?.clone())
        }
        "str" => text(unescaped(&value)),
        "b" => Found::Other("a truth value", if value.trim() == "1" { "TRUE".into() } else { "FALSE".into() }),
        "e" => Found::Other("an error", value),
        "d" => Found::Other("a date", value),
        "" | "n" => number(&value, shown),
        _ => return Err(xml.broken()),
    })
}

/// A number that a spreadsheet has kept: the shortest decimal that is the same float. That is what was typed if it has no more digits than
/// spreadsheets keep; with more, it is what came of calculating.
fn number(value: &str, shown: Shown) -> Found {
    match shown {
        Shown::Date => return Found::Other("a date", value.to_owned()),
        Shown::Percentage => return Found::Other("a percentage", value.to_owned()),
        Shown::Number => {}
    }
    let text = value.trim().parse::<f64>().ok().filter(|float| float.is_finite()).map(|float| float.to_string());
    match text.as_deref().and_then(Number::plain) {
        Some(number) if number.significant() <= DIGITS => Found::Number(number.written(crate::pricing::sheet::Marks::Point)),
        _ => Found::Other(INEXACT, value.to_owned()),
    }
}

/// Where a cell is by its name, such as `C4`: row and column, counted from 0.
fn spot(place: &str) -> Option<(u32, u32)> {
    let digits = place.find(|c: char| c.is_ascii_digit())?;
    let (letters, digits) = place.split_at_checked(digits)?;
    if letters.is_empty() || letters.len() > 3 {
        return None;
    }
    let mut column = 0_u32;
    for letter in letters.chars() {
        column = column.checked_mul(26)?.checked_add(letter.to_ascii_uppercase().to_digit(36)?.checked_sub(9)?)?;
    }
    Some((digits.parse::<u32>().ok()?.checked_sub(1)?, column.checked_sub(1)?))
}

/// A text with the characters that XML cannot hold: they are written as `_x0001_` (ECMA-376 part 1, 22.9.2.19).
fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("_x") {
        plain.push_str(before);
        let code = after.get(..4).filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let letter = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        match (letter, after.get(4..).and_then(|rest| rest.strip_prefix('_'))) {
            (Some(letter), Some(rest_of_it)) => {
                plain.push(letter);
                rest = rest_of_it;
            }
            _ => {
                plain.push_str("_x");
                rest = after;
            }
        }
    }
    plain + rest
}
