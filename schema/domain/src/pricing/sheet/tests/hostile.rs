use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

static FILES: LazyLock<Vec<(Format, Vec<u8>)>> =
    LazyLock::new(|| FORMATS.iter().map(|format| (*format, write(&sample(), *format, Marks::Comma).unwrap())).collect());

const PARTS: [&str; 7] = [
    "xl/workbook.xml",
    "xl/worksheets/sheet1.xml",
    "xl/worksheets/sheet3.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/_rels/workbook.xml.rels",
    "_rels/.rels",
];

/// What is read either is a pricebook or has flaws, few enough and short enough to be shown.
fn holds(bytes: &[u8], format: Format, marks: Marks) -> Result<(), TestCaseError> {
    if let Err(flaws) = read(bytes, format, marks) {
        prop_assert!((1..=MOST_FLAWS).contains(&flaws.len()));
        for flaw in flaws {
            prop_assert!(flaw.found.chars().count() <= 80 && !flaw.found.chars().any(char::is_control), "{}", flaw.found);
            prop_assert!(!flaw.path.is_empty() && !flaw.path.chars().any(char::is_control), "{}", flaw.path);
            prop_assert!(!flaw.allowed.is_empty() && !flaw.fix.is_empty());
        }
    }
    Ok(())
}

fn mutated(bytes: &[u8], flips: &[(prop::sample::Index, u8)], cut: Option<prop::sample::Index>) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (at, byte) in flips {
        let at = at.index(bytes.len());
        bytes[at] = *byte;
    }
    if let Some(cut) = cut {
        bytes.truncate(cut.index(bytes.len()));
    }
    bytes
}

proptest! {
    #[test]
    fn no_bytes_break_it(bytes: Vec<u8>, text: String) {
        for format in FORMATS {
            for marks in Marks::ALL {
                holds(&bytes, format, *marks)?;
                holds(text.as_bytes(), format, *marks)?;
            }
        }
    }

    #[test]
    fn no_damage_breaks_it(
        flips in prop::collection::vec((any::<prop::sample::Index>(), prop_oneof![any::<u8>(), b' '..=b'~']), 0..6),
        cut in prop::option::weighted(0.3, any::<prop::sample::Index>()),
    ) {
        for (format, file) in FILES.iter() {
            holds(&mutated(file, &flips, cut), *format, Marks::Comma)?;
        }
    }

    /// The archive checks itself, so that damage to it does not reach what is inside; here it does.
    #[test]
    fn no_damage_to_a_part_breaks_it(
        part in prop::sample::select(PARTS.to_vec()),
        flips in prop::collection::vec((any::<prop::sample::Index>(), b' '..=b'~'), 1..6),
        cut in prop::option::weighted(0.1, any::<prop::sample::Index>()),
    ) {
        let change = |text: &str| String::from_utf8(mutated(text.as_bytes(), &flips, cut)).unwrap();
        holds(&repacked(&FILES[0].1, part, change), Format::Xlsx, Marks::Point)?;
    }

    #[test]
    fn no_table_breaks_csv(cells in prop::collection::vec(prop::collection::vec(
        prop_oneof![Just("plan".to_owned()), Just("kind".to_owned()), Just("key".to_owned()), "[0-9.,' -]{0,8}", any::<String>()], 0..8), 0..8)) {
        let lines: Vec<String> = cells.iter().map(|line| line.join(";")).collect();
        holds(lines.join("\n").as_bytes(), Format::Csv, Marks::Comma)?;
    }
}

#[test]
fn formulas_are_neutralised_and_read_back_exactly() {
    for trigger in ["=", "+", "-", "@", "\t", "\r", "'=", "''-", "＝"] {
        let mut book = sample();
        let name = format!("{trigger}cmd|' /C calc'!A0");
        book.plans[0].name.clone_from(&name);
        let csv = write(&book, Format::Csv, Marks::Point).unwrap();
        let mut reader = ::csv::Reader::from_reader(csv.as_slice());
        let first = reader.records().next().unwrap().unwrap();
        assert_eq!(first.get(2).unwrap(), format!("'{name}"));
        let xlsx = write(&book, Format::Xlsx, Marks::Point).unwrap();
        assert!(!part(&xlsx, "xl/worksheets/sheet1.xml").contains("<f"));
        assert!(part(&xlsx, "xl/styles.xml").contains("quotePrefix=\"1\""));
        for (bytes, format) in [(csv, Format::Csv), (xlsx, Format::Xlsx)] {
            assert_eq!(read(&bytes, format, Marks::Point).unwrap(), book, "{trigger:?}");
        }
    }
    // An apostrophe that guards nothing is a part of the text.
    let text = edited(Format::Csv, Marks::Point, "Starter", "'tis");
    assert_eq!(read(&text, Format::Csv, Marks::Point).unwrap().plans[0].name, "'tis");
}

#[test]
fn what_a_workbook_unpacks_to_is_bounded() {
    let workbook = &FILES[0].1;
    let large = repacked(workbook, "xl/styles.xml", |_| " ".repeat(9 * 1024 * 1024));
    assert!(large.len() < LARGEST_FILE);
    assert_eq!(flaw(&large, Format::Xlsx, Marks::Point).found, "a workbook that unpacks to too much");
    // It may say that it is small.
    let mut lying = large.clone();
    let size = u32::try_from(9 * 1024 * 1024).unwrap().to_le_bytes();
    for at in 0..lying.len() - 4 {
        if lying[at..at + 4] == size {
            lying[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
        }
    }
    assert_ne!(lying, large);
    assert_eq!(read(&lying, Format::Xlsx, Marks::Point).unwrap_err().len(), 1);
    // A text is shared by many cells.
    let shared = repacked(workbook, "xl/sharedStrings.xml", |text| {
        text.replacen("<si><t>key</t></si>", &format!("<si><t>{}</t></si>", "x".repeat(1_000_000)), 1)
    });
    let cells: String = (2..=1_000).map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\" t=\"s\"><v>0</v></c></row>")).collect();
    let shared =
        repacked(&shared, "xl/worksheets/sheet1.xml", |text| text.replacen("</sheetData>", &format!("{cells}</sheetData>"), 1));
    assert_eq!(flaw(&shared, Format::Xlsx, Marks::Point).found, "a workbook that unpacks to too much");
    let bytes = vec![b' '; LARGEST_FILE + 1];
    for format in FORMATS {
        assert_eq!(flaw(&bytes, format, Marks::Point).path, "the file");
    }
}

#[test]
fn what_a_workbook_says_it_needs_is_not_reserved() {
    let count =
        repacked(&FILES[0].1, "xl/sharedStrings.xml", |text| text.replacen("uniqueCount=\"", "uniqueCount=\"99999999999", 1));
    assert_eq!(read(&count, Format::Xlsx, Marks::Point).unwrap(), sample());
    let entity = repacked(&FILES[0].1, "xl/sharedStrings.xml", |text| {
        text.replacen("<sst", "<!DOCTYPE sst [<!ENTITY a \"aaaaaaaaaa\">]><sst", 1).replacen("Starter", "&a;", 1)
    });
    assert_eq!(flaw(&entity, Format::Xlsx, Marks::Point).found, "a part that is missing or damaged: xl/sharedStrings.xml");
}

#[test]
fn cells_far_away_are_flaws_unless_they_are_empty() {
    let far = |xml: &str| {
        repacked(&FILES[0].1, "xl/worksheets/sheet1.xml", |text| text.replacen("</sheetData>", &format!("{xml}</sheetData>"), 1))
    };
    let empty = far("<row r=\"1048576\"><c r=\"XFD1048576\" s=\"1\"/></row>");
    assert_eq!(read(&empty, Format::Xlsx, Marks::Point).unwrap(), sample());
    for (cell, row) in [("XFD1048576", 1_048_576), ("A1002", 1_002), ("AY2", 2)] {
        let wrong = flaw(&far(&format!("<row r=\"{row}\"><c r=\"{cell}\"><v>1</v></c></row>")), Format::Xlsx, Marks::Point);
        assert_eq!(wrong.path, format!("Plans!{cell}"));
    }
    // Within reach, but with no head above.
    let wrong = flaw(&far("<row r=\"3\"><c r=\"AB3\"><v>1</v></c></row>"), Format::Xlsx, Marks::Point);
    assert_eq!((wrong.path.as_str(), wrong.fix.as_str()), ("Plans!AB3", "write a head over it, or leave the cell empty"));
}

#[test]
fn deep_and_wide_documents_are_refused() {
    for text in
        ["[".repeat(100_000), "{\"a\":".repeat(100_000), format!("a = {}", "[".repeat(100_000)), "a.".repeat(100_000) + "b = 1"]
    {
        for format in [Format::Json, Format::Toml] {
            assert!(!read(text.as_bytes(), format, Marks::Point).unwrap_err().is_empty());
        }
    }
    let wide = format!("{{\"plans\": [{}]}}", vec!["1"; 500_000].join(","));
    assert_eq!(read(wide.as_bytes(), Format::Json, Marks::Point).unwrap_err().len(), MOST_FLAWS);
}

#[test]
fn wide_and_long_tables_are_refused() {
    let (wide, long) = (";".repeat(900_000), "plan\n".repeat(200_000));
    let head = "kind;key;name;list_price;currency;credits;seats;standard_integrations;support;personas;knowledge_items;retention_days;action;\
                model;per_tokens;minimum;plan;days";
    for text in [format!("{head}{wide}\n{long}"), format!("{head}{wide}x\n"), format!("{head}\nplan{}", wide.replace(';', ";x"))]
    {
        let flaws = read(text.as_bytes(), Format::Csv, Marks::Comma).unwrap_err();
        assert!(!flaws.is_empty());
    }
}
