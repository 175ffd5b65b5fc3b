use super::*;

fn sheet_cell(cell: &str, xml: &str) -> CellFlaw {
    flaw(&with_cell("sheet1", cell, xml), Format::Xlsx, Marks::Point)
}

#[test]
fn flaws_point_to_sheet_and_cell() {
    // C is `list_price`, D `currency`, F `seats`.
    let text = |text: &str| format!("<c r=\"C3\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let wrong = sheet_cell("C3", &text("249,50"));
    assert_eq!((wrong.path.as_str(), wrong.found.as_str()), ("Plans!C3", "249,50"));
    assert_eq!(wrong.fix, "write `249.50`, if that is the number that is meant");
    assert!(wrong.allowed.contains("`1,234.5`") && wrong.allowed.contains("at most 2 decimals"), "{}", wrong.allowed);
    for (cell, xml, found, fix) in [
        ("C2", "<c r=\"C2\"><v>79.005</v></c>", "79.005", "decide how to round it: that is not done here"),
        (
            "C2",
            "<c r=\"C2\"><f>1+1</f><v>2</v></c>",
            "a formula: =1+1",
            "write the number itself instead of a formula, such as `1234.50`",
        ),
        (
            "C2",
            "<c r=\"C2\"><f t=\"shared\" si=\"0\"/><v>2</v></c>",
            "a formula",
            "write the number itself instead of a formula, such as `1234.50`",
        ),
        (
            "C2",
            "<c r=\"C2\" t=\"e\"><v>#REF!</v></c>",
            "an error: #REF!",
            "write the number itself instead of an error, such as `1234.50`",
        ),
        (
            "C2",
            "<c r=\"C2\"><v>0.30000000000000004</v></c>",
            "a number of more digits than a spreadsheet keeps: 0.30000000000000004",
            "round it, or write it as text, such as `1234.50`",
        ),
        (
            "F2",
            "<c r=\"F2\" t=\"b\"><v>1</v></c>",
            "a truth value: TRUE",
            "write the number itself instead of a truth value, such as `10`",
        ),
        ("F2", "<c r=\"F2\"/><c r=\"F2\"></c>", "nothing", "write a number such as `10`, or `unlimited`"),
        ("F2", "<c r=\"F2\"><v>2.5</v></c>", "2.5", "write a whole number such as `10`, or `unlimited`"),
        ("F2", "<c r=\"F2\"><v>-1</v></c>", "-1", "write a whole number such as `10`, or `unlimited`"),
        ("B2", "<c r=\"B2\"><v>365</v></c>", "365", "format the cell as text and write it again"),
        ("D2", "<c r=\"D2\" t=\"inlineStr\"><is><t>usd</t></is></c>", "usd", "write `USD`"),
    ] {
        let wrong = sheet_cell(cell, xml);
        assert_eq!((wrong.path, wrong.found.as_str(), wrong.fix.as_str()), (format!("Plans!{cell}"), found, fix), "{xml}");
    }
    let wrong = flaw(&with_cell("sheet2", "A2", "<c r=\"A2\" t=\"str\"><v>answer_writen</v></c>"), Format::Xlsx, Marks::Point);
    assert_eq!((wrong.path.as_str(), wrong.fix.as_str()), ("Rates!A2", "write `answer_written`"));
}

#[test]
fn a_number_is_taken_as_it_was_typed() {
    for (value, minor) in [("79.099999999999994", 7_910), ("7.91E1", 7_910), ("79", 7_900), ("-0", 0)] {
        let book =
            read(&with_cell("sheet1", "C2", &format!("<c r=\"C2\"><v>{value}</v></c>")), Format::Xlsx, Marks::Comma).unwrap();
        assert_eq!(book.plans[0].list_price.minor, minor, "{value}");
    }
    // The text of a cell is read by the declared marks, its number is not.
    let text = with_cell(
        "sheet1",
        "C2",
        "<c r=\"C2\" t=\"inlineStr\"><is><r><t>1.0</t></r><r><t>79,10</t></r><rPh><t>9</t></rPh></is></c>",
    );
    assert_eq!(read(&text, Format::Xlsx, Marks::Comma).unwrap().plans[0].list_price.minor, 107_910);
}

#[test]
fn what_is_shown_as_a_date_or_a_percentage_is_no_number() {
    let workbook = with_cell("sheet1", "F2", "<c r=\"F2\" s=\"1\"><v>3</v></c>");
    for (code, found) in [
        ("yyyy\\-mm\\-dd", "a date: 3"),
        ("[h]:mm", "a date: 3"),
        ("0%", "a percentage: 3"),
        ("[Red]0\"%d\"", ""),
        ("#,##0\\ \"days\"", ""),
    ] {
        let code = code.replace('"', "&quot;");
        let styles = format!(
            "<styleSheet><numFmts><numFmt numFmtId=\"200\" formatCode=\"{code}\"/></numFmts>\
             <cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"200\"/></cellXfs></styleSheet>"
        );
        let workbook = repacked(&workbook, "xl/styles.xml", |_| styles.clone());
        match read(&workbook, Format::Xlsx, Marks::Point) {
            Ok(_) => assert_eq!(found, "", "{code}"),
            Err(flaws) => assert!(flaws.iter().any(|flaw| flaw.path == "Plans!F2" && flaw.found == found), "{code}: {flaws:?}"),
        }
    }
}

#[test]
fn unknown_missing_and_duplicate_columns_are_named() {
    let heads = |cell: &str, text: &str| {
        with_cell("sheet1", cell, &format!("<c r=\"{cell}\" t=\"inlineStr\"><is><t>{text}</t></is></c>"))
    };
    let found = flaws(&heads("F1", "seets"), Format::Xlsx, Marks::Point);
    assert_eq!(found[0], ("Plans!F1".into(), "seets".into(), "write `seats`, or remove the column".into()));
    assert_eq!(found[1], ("Plans!A1".into(), "nothing".into(), "write `seats` over a column in the first row".into()));
    let found = flaws(&heads("F1", "Credits "), Format::Xlsx, Marks::Point);
    assert_eq!(found[0], ("Plans!F1".into(), "Credits ".into(), "remove one of the two columns".into()));
    let csv = |from: &str, to: &str| flaws(&edited(Format::Csv, Marks::Point, from, to), Format::Csv, Marks::Point);
    let found = csv(",seats,", ",seets,");
    assert_eq!(found[0], ("line 1, column 7".into(), "seets".into(), "write `seats`, or remove the column".into()));
    assert_eq!((found[1].0.as_str(), found[1].1.as_str()), ("line 1", "nothing"));
    assert_eq!(csv(",seats,", ",key,")[0].2, "remove one of the two columns");
    // The order of columns, capitals, and empty lines do not matter.
    let other = edited(Format::Csv, Marks::Point, "kind,key,name", "KIND, Key ,Name");
    assert_eq!(read(&other, Format::Csv, Marks::Point).unwrap(), sample());
}

#[test]
fn unknown_missing_and_duplicate_sheets_are_named() {
    let workbook = write(&sample(), Format::Xlsx, Marks::Point).unwrap();
    let renamed = |from: &str, to: &str| {
        let change = |text: &str| text.replace(&format!("name=\"{from}\""), &format!("name=\"{to}\""));
        flaws(&repacked(&workbook, "xl/workbook.xml", change), Format::Xlsx, Marks::Point)
    };
    let found = renamed("Trial", "Trail");
    assert_eq!(found[0], ("Trail".into(), "Trail".into(), "call it `Trial`, or remove the sheet".into()));
    assert_eq!(
        found[1],
        ("Trial".into(), "nothing".into(), "add a sheet `Trial` with the heads `plan`, `days`, `credits`".into())
    );
    assert_eq!(renamed("Trial", "Plans")[0].1, "a second sheet of this name");
    // The sheet for people may be missing.
    let change = |text: &str| text.replace("name=\"About\"", "name=\"about \"");
    assert_eq!(read(&repacked(&workbook, "xl/workbook.xml", change), Format::Xlsx, Marks::Point).unwrap(), sample());
}

#[test]
fn flaws_point_to_line_and_column() {
    let csv = |from: &str, to: &str, marks| flaw(&edited(Format::Csv, marks, from, to), Format::Csv, marks);
    let wrong = csv("249,50", "249.50", Marks::Comma);
    assert_eq!((wrong.path.as_str(), wrong.found.as_str()), ("line 3, column list_price (plan)", "249.50"));
    assert_eq!(wrong.fix, "write `249,50`, if that is the number that is meant");
    // Lines are counted as an editor does, with empty ones and those inside of texts.
    let csv_after = edited(Format::Csv, Marks::Point, "plan,pro,Pro,", ",,,,\r\n\r\n\nplan,pro,\"Pro\nand more\",");
    assert!(read(&csv_after, Format::Csv, Marks::Point).is_ok());
    let text = String::from_utf8(csv_after).unwrap().replacen("answer_quoted", "quoted", 1);
    assert_eq!(flaw(text.as_bytes(), Format::Csv, Marks::Point).path, "line 9, column action (rate)");
    for (from, to, path, fix) in [
        ("plan,pro", "plans,pro", "line 3, column kind", "write `plan`"),
        (",unlimited,", ",,", "line 2, column standard_integrations (plan)", "write a number such as `10`, or `unlimited`"),
        ("79.00", "79.001", "line 2, column list_price (plan)", "decide how to round it: that is not done here"),
        ("79.00", "79.000", "line 2, column list_price (plan)", "write `79.00`"),
        ("79.00", "$79", "line 2, column list_price (plan)", "write a number such as `1234.50`"),
        ("starter,14", "starter,14,x", "line 10, column price (trial)", "leave the cell empty"),
        ("failed,100", "failed,100,x", "line 14, column 24 (refund)", "leave the cell empty"),
        ("top-up,small", "topup,small", "line 13, column kind", "write `top-up`"),
    ] {
        let bytes = edited(Format::Csv, Marks::Point, from, to);
        let found = flaws(&bytes, Format::Csv, Marks::Point);
        assert!(found.iter().any(|found| found.0 == path && found.2 == fix), "{to}: {found:?}");
    }
    // A cell in a column that this kind of line has not.
    let wrong = csv("trial;;;", "trial;x;;", Marks::Comma);
    assert_eq!((wrong.path.as_str(), wrong.fix.as_str()), ("line 10, column key (trial)", "leave the cell empty"));
}

/// Whoever kept a file from before there was overage can still import it, as what it said then.
#[test]
fn a_file_from_before_a_sheet_was_added_is_still_read() {
    let was = Pricebook { overage: vec![], rollover: vec![], top_ups: vec![], refunds: vec![], ..sample() };
    let csv = String::from_utf8(write(&was, Format::Csv, Marks::Point).unwrap()).unwrap();
    let (before, after) = ("price,limit,maximum,reason,percent", "plan,days");
    let narrow: String = csv.replace(&format!(",{before}"), "").replace(",,,,,\r\n", "\r\n");
    assert!(narrow.contains(after) && !narrow.contains(before));
    assert_eq!(read(narrow.as_bytes(), Format::Csv, Marks::Point).unwrap(), was);
    let with_one = format!("{narrow}rollover,,,,,,,,,,,,,,,0,pro\r\n");
    let wrong = flaw(with_one.as_bytes(), Format::Csv, Marks::Point);
    assert_eq!((wrong.path.as_str(), wrong.fix.as_str()), ("line 11, column maximum (rollover)", "add a column `maximum`"));
    let mut json: serde_json::Value = serde_json::from_slice(&write(&was, Format::Json, Marks::Point).unwrap()).unwrap();
    for key in ["overage", "rollover", "top_ups", "refunds"] {
        json.as_object_mut().unwrap().remove(key).unwrap();
    }
    assert_eq!(read(json.to_string().as_bytes(), Format::Json, Marks::Point).unwrap(), was);
    let toml = String::from_utf8(write(&was, Format::Toml, Marks::Point).unwrap()).unwrap();
    let toml: String = toml.lines().filter(|line| !line.ends_with("= []")).map(|line| format!("{line}\n")).collect();
    assert_eq!(read(toml.as_bytes(), Format::Toml, Marks::Point).unwrap(), was);
    let workbook = write(&was, Format::Xlsx, Marks::Point).unwrap();
    let change = |text: &str| {
        let (before, rest) = text.split_once("<sheet name=\"Overage\"").unwrap();
        let (_, after) = rest.split_once("<sheet name=\"About\"").unwrap();
        format!("{before}<sheet name=\"About\"{after}")
    };
    assert_eq!(read(&repacked(&workbook, "xl/workbook.xml", change), Format::Xlsx, Marks::Point).unwrap(), was);
}

#[test]
fn a_file_of_other_marks_is_refused_as_a_whole() {
    for (written, declared) in [(Marks::Comma, Marks::Point), (Marks::Point, Marks::CommaSpace)] {
        let bytes = write(&sample(), Format::Csv, written).unwrap();
        let wrong = flaw(&bytes, Format::Csv, declared);
        assert_eq!((wrong.path.as_str(), wrong.allowed.as_str()), ("line 1", "a column `kind`"));
        assert!(wrong.fix.starts_with("declare the marks that the file was written with"), "{}", wrong.fix);
    }
}

#[test]
fn csv_is_read_as_others_write_it() {
    let text = String::from_utf8(write(&sample(), Format::Csv, Marks::Point).unwrap()).unwrap();
    let bare = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    // Some leave out what is empty at a line's end.
    let short: String = bare.lines().map(|line| format!("{}\n", line.trim_end_matches(','))).collect();
    for text in [&bare, &short] {
        assert_eq!(read(text.as_bytes(), Format::Csv, Marks::Point).unwrap(), sample());
    }
    let latin = [bare.replace("Starter", "Start").as_bytes(), b"plan,\xe9"].concat();
    let wrong = flaw(&latin, Format::Csv, Marks::Point);
    assert_eq!((wrong.path.as_str(), wrong.allowed.as_str()), ("line 16", "UTF-8"));
    let two = format!("{bare}{}", bare.lines().find(|line| line.starts_with("trial")).unwrap());
    assert_eq!(flaw(two.as_bytes(), Format::Csv, Marks::Point).fix, "leave one of them");
    let (none, _) = bare.split_once("trial,").unwrap();
    assert_eq!(flaw(none.as_bytes(), Format::Csv, Marks::Point).allowed, "one trial line");
}

#[test]
fn flaws_of_documents_have_paths_and_all_are_named() {
    let json = r#"{
        "plans": [{ "key": "pro", "name": 7, "list_price": { "amount": 79.5, "currency": "usd", "vat": 1 }, "credits": "1,5", "seats": "3",
            "standard_integrations": null, "support": "x", "personas": 1.5, "knowledge_items": "Unlimited", "colour": "red", "key": "b" }, []],
        "rates": {}, "trail": 1, "trial": { "plan": "pro", "days": -1 }
    }"#;
    let found: Vec<String> = flaws(json.as_bytes(), Format::Json, Marks::Comma)
        .into_iter()
        .map(|(path, found, fix)| format!("{path}: {found}: {fix}"))
        .collect();
    let expected = ["trail: trail: write `trial`, or remove the key", "plans/pro/colour: red: remove the key"];
    assert_eq!(found[0], expected[0], "{found:#?}");
    for line in [
        "plans/pro/colour: colour: remove the key",
        "plans/pro/key: the key a second time: remove one of the two",
        "plans/pro/retention_days: nothing: add `retention_days`",
        "plans/pro/name: 7: write \"7\"",
        "plans/pro/list_price/vat: vat: remove the key",
        "plans/pro/list_price/amount: 79.5: write \"79.5\"",
        "plans/pro/list_price/currency: usd: write \"USD\"",
        "plans/pro/credits: 1,5: write \"1.5\", if that is the number that is meant",
        "plans/pro/seats: 3: write 3 without quotation marks",
        "plans/2: a list: write a table",
        "rates: a table: write a list, if only of one rate",
        "trial/credits: nothing: add `credits`",
        "trial/days: -1: write a whole number such as `10`",
    ] {
        assert!(found.iter().any(|found| found == line), "{line} in {found:#?}");
    }
}

#[test]
fn toml_says_where_it_is_broken() {
    let toml = |from: &str, to: &str| flaw(&edited(Format::Toml, Marks::Comma, from, to), Format::Toml, Marks::Comma);
    let wrong = toml("amount = \"79.00\"", "amount = 79.00");
    assert_eq!((wrong.path.as_str(), wrong.fix.as_str()), ("plans/starter/list_price/amount", "write \"79\""));
    let wrong = toml("days = 14", "days = 2020-01-01");
    assert_eq!((wrong.path.as_str(), wrong.found.as_str()), ("trial/days", "a date: 2020-01-01"));
    let wrong = toml("days = 14", "days = 14\ndays = 15");
    assert!(wrong.path.starts_with("line ") && wrong.found.contains("duplicate key"), "{wrong:?}");
    let wrong = toml("action = \"refusal\"", "action = \"refuse\"");
    assert_eq!((wrong.path.as_str(), wrong.fix.as_str()), ("rates/refuse/action", "write \"refusal\""));
    let wrong = flaw(b"{\"plans\": [", Format::Json, Marks::Point);
    assert_eq!((wrong.path.as_str(), wrong.allowed.as_str()), ("line 1, column 11", "JSON"));
}

#[test]
fn what_was_found_is_shortened_and_made_visible() {
    let long = edited(Format::Csv, Marks::Point, "79.00", &format!("\"\u{1}\u{202e}\n{}\"", "x".repeat(500)));
    let wrong = flaw(&long, Format::Csv, Marks::Point);
    assert!(wrong.found.starts_with("\\u{1}\\u{202e}\\nxxx") && wrong.found.ends_with("x…"), "{}", wrong.found);
    assert_eq!(wrong.found.chars().count(), 80);
}

#[test]
fn formats_know_their_names() {
    for format in FORMATS {
        assert_eq!(Format::of_media_type(&format!("{}; charset=utf-8", format.media_type())), Some(format));
        assert_eq!(Format::of_name(&format!("a.b.{}", format.extension().to_uppercase())), Some(format));
        assert_eq!(format.as_str().parse::<Format>().unwrap(), format);
    }
    assert_eq!((Format::of_media_type("text/plain"), Format::of_name("xlsx")), (None, None));
}
