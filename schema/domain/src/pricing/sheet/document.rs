//! TOML and JSON. Amounts are text there, with a point before decimals whatever marks are declared: no program on the way turns text into a
//! float, and both languages write a point themselves.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, SeqAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::Value;

use super::{
    SheetFault, WHOLE,
    book::{Book, Given, Line, cells},
    columns::{Column, Lines, SHEETS, Sheet},
    content::{Cell, Found},
    marks::Marks,
    text::{listed, nearest, shown},
};

/// What stands in a document, with the keys of its tables in their order, and all of them where one stands twice.
#[derive(Clone, Debug)]
enum Node {
    Null,
    Truth(bool),
    Number(String),
    Text(String),
    List(Vec<Node>),
    Table(Vec<(String, Node)>),
}

/// What a date in TOML is given as: a table with this key.
const DATE: &str = "$__toml_private_datetime";

impl Node {
    fn found(&self) -> Found {
        match self {
            Self::Null => Found::Other("null", String::new()),
            Self::Truth(truth) => Found::Other("a truth value", truth.to_string()),
            Self::Number(number) => Found::Number(number.clone()),
            Self::Text(text) => Found::Text(text.clone()),
            Self::List(_) => Found::Other("a list", String::new()),
            Self::Table(entries) => match entries.as_slice() {
                [(key, Self::Text(date))] if key == DATE => Found::Other("a date", date.clone()),
                _ => Found::Other("a table", String::new()),
            },
        }
    }

    fn entry(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Table(entries) => entries.iter().find(|(own, _)| own == key).map(|(_, node)| node),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Node, E> {
        Ok(Node::Truth(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(Node::Number(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Number(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Node, E> {
        Ok(Node::Number(number.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Node, E> {
        Ok(Node::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut table = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            table.push(entry);
        }
        Ok(Node::Table(table))
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Truth(truth) => serializer.serialize_bool(*truth),
            // Only counts are written as numbers.
            Self::Number(number) => match number.parse::<u64>() {
                Ok(number) => serializer.serialize_u64(number),
                Err(_) => serializer.serialize_str(number),
            },
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(list) => list.serialize(serializer),
            Self::Table(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, node) in entries {
                    map.serialize_entry(key, node)?;
                }
                map.end()
            }
        }
    }
}

/// The lines of a sheet, as tables.
fn tables(content: &Value, sheet: &'static Sheet) -> Result<Vec<Vec<(String, Node)>>, SheetFault> {
    let table = |line: Vec<Cell>| {
        let mut table = Vec::new();
        for (column, cell) in sheet.columns.iter().zip(line) {
            let node = match cell {
                Cell::Nothing => continue,
                Cell::Text(text) => Node::Text(text),
                Cell::Word(word) => Node::Text(word.to_owned()),
                Cell::Number(number) if column.content.is_counted() => Node::Number(number.written(Marks::Point)),
                Cell::Number(number) => Node::Text(number.written(Marks::Point)),
            };
            put(&mut table, column.at, node);
        }
        table
    };
    Ok(cells(content, sheet)?.into_iter().map(table).collect())
}

fn put(table: &mut Vec<(String, Node)>, at: &[&str], node: Node) {
    match at {
        [] => {}
        [last] => table.push(((*last).to_owned(), node)),
        [first, rest @ ..] => {
            if let Some((_, Node::Table(inner))) = table.iter_mut().find(|(key, _)| key == first) {
                return put(inner, rest, node);
            }
            let mut inner = Vec::new();
            put(&mut inner, rest, node);
            table.push(((*first).to_owned(), Node::Table(inner)));
        }
    }
}

pub(super) fn json(content: &Value) -> Result<String, SheetFault> {
    let mut root = Vec::new();
    for sheet in SHEETS {
        let mut tables = tables(content, sheet)?.into_iter().map(Node::Table);
        let node = match sheet.lines {
            Lines::Many | Lines::Later => Node::List(tables.collect()),
            Lines::One => tables.next().unwrap_or(Node::Null),
        };
        root.push((sheet.key.to_owned(), node));
    }
    Ok(serde_json::to_string_pretty(&Node::Table(root))? + "\n")
}

/// Written here and not by a library, which would write a price as a table of its own, and no comments.
pub(super) fn toml(content: &Value) -> Result<String, SheetFault> {
    let mut text = String::from("# A pricebook. Amounts and credits are text, with a point before their decimals.\n");
    let mut sections = String::new();
    for sheet in SHEETS {
        let tables = tables(content, sheet)?;
        if tables.is_empty() {
            // Must stand before all tables, else it would belong to the last one.
            text.push_str(&format!("{} = []\n", sheet.key));
        }
        sections.push_str(&format!("\n# {}\n", sheet.explanation));
        for column in sheet.columns {
            sections.push_str(&format!("#   {}: {}\n", column.at.join("."), column.explanation));
        }
        let head = if sheet.lines != Lines::One { format!("[[{}]]", sheet.key) } else { format!("[{}]", sheet.key) };
        for table in tables {
            sections.push_str(&format!("\n{head}\n"));
            for (key, node) in table {
                sections.push_str(&format!("{key} = {}\n", inline(&node)?));
            }
        }
    }
    Ok(text + &sections)
}

/// A value on one line of TOML.
fn inline(node: &Node) -> Result<String, SheetFault> {
    Ok(match node {
        Node::Table(entries) => {
            let entry = |(key, node): &(String, Node)| Ok(format!("{key} = {}", inline(node)?));
            format!("{{ {} }}", entries.iter().map(entry).collect::<Result<Vec<String>, SheetFault>>()?.join(", "))
        }
        // JSON's escapes are TOML's too, but TOML wants one character escaped that JSON does not.
        node => serde_json::to_string(node)?.replace('\u{7f}', "\\u007F"),
    })
}

pub(super) fn read_json(bytes: &[u8], book: &mut Book) {
    let Some(text) = utf8(bytes, book) else { return };
    match serde_json::from_str(text) {
        Ok(root) => document(&root, book),
        Err(error) => {
            let place = format!("line {}, column {}", error.line(), error.column());
            book.flaw(place, &Found::Text(error.to_string()), "JSON", "mend what stands here or just before it");
        }
    }
}

pub(super) fn read_toml(bytes: &[u8], book: &mut Book) {
    let Some(text) = utf8(bytes, book) else { return };
    match toml::from_str(text) {
        Ok(root) => document(&root, book),
        Err(error) => {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count().saturating_add(1);
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
            let fix = "mend what stands here or just before it; a key stands once in its table";
            book.flaw(format!("line {line}, column {column}"), &Found::Text(error.message().to_owned()), "TOML", fix);
        }
    }
}

fn utf8<'a>(bytes: &'a [u8], book: &mut Book) -> Option<&'a str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Err(error) => {
            let found = Found::Other("bytes that are no UTF-8", format!("from byte {}", error.valid_up_to()));
            book.flaw(WHOLE, &found, "UTF-8", "save the file as UTF-8");
            None
        }
    }
}

fn document(root: &Node, book: &mut Book) {
    let keys: Vec<&str> = SHEETS.iter().map(|sheet| sheet.key).collect();
    let needed: Vec<&str> = SHEETS.iter().filter(|sheet| sheet.lines != Lines::Later).map(|sheet| sheet.key).collect();
    let Some(entries) = known(root, WHOLE, &keys, &needed, book) else { return };
    for (key, node) in entries {
        let Some(sheet) = SHEETS.iter().find(|sheet| sheet.key == key) else { continue };
        match (sheet.lines, node) {
            (Lines::One, node) => line(sheet, sheet.key.to_owned(), node, book),
            (Lines::Many | Lines::Later, Node::List(list)) => {
                for (index, node) in list.iter().enumerate() {
                    if book.is_hopeless() {
                        return;
                    }
                    let name = name(sheet, node).unwrap_or_else(|| index.saturating_add(1).to_string());
                    line(sheet, format!("{}/{name}", sheet.key), node, book);
                }
            }
            (Lines::Many | Lines::Later, node) => {
                book.flaw(sheet.key, &node.found(), "a list of tables", format!("write a list, if only of one {}", sheet.kind));
            }
        }
    }
}

/// What a line is called in paths: by its first column, and by the one after it if that is a text that may be missing.
fn name(sheet: &Sheet, node: &Node) -> Option<String> {
    let text = |column: &Column| match column.at.iter().try_fold(node, |node, key| node.entry(key)) {
        Some(Node::Text(text)) if !text.is_empty() => Some(shown(text)),
        _ => None,
    };
    let name = text(sheet.columns.first()?)?;
    let second = sheet.columns.get(1).filter(|column| column.content.may_be_left_out()).and_then(text);
    Some(second.map_or_else(|| name.clone(), |second| format!("{name}/{second}")))
}

fn line(sheet: &'static Sheet, place: String, node: &Node, book: &mut Book) {
    let mut cells = Vec::new();
    let columns: Vec<(&[&'static str], &'static Column)> = sheet.columns.iter().map(|column| (column.at, column)).collect();
    level(&place, node, &columns, &mut cells, book);
    book.line(&Line { sheet, place, cells });
}

/// Finds the columns that stand below a table, each by the keys that are left of the way to it.
fn level(
    place: &str,
    node: &Node,
    columns: &[(&'static [&'static str], &'static Column)],
    cells: &mut Vec<Given>,
    book: &mut Book,
) {
    let mut keys: Vec<&str> = Vec::new();
    let needed = columns.iter().filter(|(_, column)| !column.content.may_be_left_out());
    for (at, _) in columns {
        keys.extend(at.first().filter(|key| !keys.contains(key)));
    }
    let needed: Vec<&str> = needed.filter_map(|(at, _)| at.first().copied()).collect();
    let Some(entries) = known(node, place, &keys, &needed, book) else { return };
    for (key, node) in entries {
        let path = format!("{place}/{key}");
        let below: Vec<_> = columns
            .iter()
            .filter_map(|(at, column)| at.split_first().filter(|(first, _)| key == **first).map(|(_, rest)| (rest, *column)))
            .collect();
        match below.as_slice() {
            [([], column)] => cells.push(Given { column, place: path, found: node.found() }),
            below => level(&path, node, below, cells, book),
        }
    }
}

/// The entries of a table; those are dropped that are not known or stand twice.
fn known<'a>(node: &'a Node, place: &str, keys: &[&str], needed: &[&str], book: &mut Book) -> Option<Vec<(&'a str, &'a Node)>> {
    let entries = match (node, node.found()) {
        (Node::Table(entries), Found::Other("a table", _)) => entries,
        (_, found) => {
            book.flaw(place, &found, format!("a table with the keys {}", listed(keys)), "write a table");
            return None;
        }
    };
    let path = |key: &str| if place == WHOLE { shown(key) } else { format!("{place}/{}", shown(key)) };
    let mut found: Vec<(&str, &Node)> = Vec::new();
    for (key, node) in entries {
        if book.is_hopeless() {
            return None;
        }
        if !keys.contains(&key.as_str()) {
            let fix = nearest(key, keys)
                .map_or_else(|| "remove the key".to_owned(), |near| format!("write `{near}`, or remove the key"));
            book.flaw(path(key), &Found::Text(key.clone()), format!("the keys {}", listed(keys)), fix);
        } else if found.iter().any(|(other, _)| other == key) {
            book.flaw(path(key), &Found::Other("the key a second time", String::new()), "each key once", "remove one of the two");
        } else {
            found.push((key, node));
        }
    }
    let mut missing: Vec<&str> = needed.iter().copied().filter(|key| !found.iter().any(|(own, _)| own == key)).collect();
    missing.dedup();
    for key in missing {
        book.flaw(path(key), &Found::Nothing, format!("the key `{key}`"), format!("add `{key}`"));
    }
    Some(found)
}
