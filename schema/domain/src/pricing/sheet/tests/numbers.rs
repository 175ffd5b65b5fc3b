use proptest::prelude::*;

use super::*;
use crate::pricing::sheet::marks::{Number, Unfit};

fn units(text: &str, marks: Marks, decimals: u32) -> Option<i64> {
    Number::read(text, marks)?.units(decimals).ok()
}

#[test]
fn marks_are_declared_by_a_locale() {
    for (tag, marks) in [
        ("en", Marks::Point),
        ("ja", Marks::Point),
        ("ja-JP", Marks::Point),
        ("de", Marks::Comma),
        ("nl", Marks::Comma),
        ("es", Marks::Comma),
        ("it", Marks::Comma),
        ("pt-BR", Marks::Comma),
        ("pt_br", Marks::Comma),
        ("pl", Marks::CommaSpace),
        ("fr", Marks::CommaSpace),
        ("fr-FR", Marks::CommaSpace),
        ("de-CH", Marks::Apostrophe),
        ("de-Latn-CH", Marks::Apostrophe),
        ("es-MX", Marks::Point),
    ] {
        assert_eq!(Marks::of_locale(tag), Some(marks), "{tag}");
    }
    assert_eq!((Marks::of_locale("sv"), Marks::of_locale("")), (None, None));
    for marks in Marks::ALL {
        assert_eq!(units(marks.example(), *marks, 2), Some(123_450), "{marks}");
        assert_eq!(marks.as_str().parse::<Marks>().unwrap(), *marks);
    }
}

#[test]
fn a_decimal_comma_is_read_only_where_it_is_declared() {
    for marks in Marks::ALL {
        let is_comma = marks.decimal() == ',';
        assert_eq!(units("79,50", *marks, 2), is_comma.then_some(7_950), "{marks}");
        assert_eq!(units("79.50", *marks, 2), (!is_comma).then_some(7_950), "{marks}");
    }
    assert_eq!(units("1.234,50", Marks::Comma, 2), Some(123_450));
    assert_eq!(units("1.234,50", Marks::Point, 2), None);
}

#[test]
fn thousands_marks_stand_where_they_must_or_not_at_all() {
    for (text, marks) in [
        ("1,234,567.5", Marks::Point),
        ("1234567.5", Marks::Point),
        ("1.234.567,5", Marks::Comma),
        ("1 234 567,5", Marks::CommaSpace),
        ("1\u{a0}234\u{a0}567,5", Marks::CommaSpace),
        ("1\u{202f}234\u{202f}567,5", Marks::CommaSpace),
        ("1'234'567.5", Marks::Apostrophe),
        ("1’234’567.5", Marks::Apostrophe),
        (" \u{a0}1234567,5 ", Marks::Comma),
    ] {
        assert_eq!(units(text, marks, 1), Some(12_345_675), "{text}");
    }
    for (text, marks) in [
        ("12,34", Marks::Point),
        ("1,23,456", Marks::Point),
        ("1234,567", Marks::Point),
        (",123", Marks::Point),
        ("1,,234", Marks::Point),
        // Not 123: it is how others write a fraction.
        ("0.123", Marks::Comma),
        ("1 234\u{a0}567", Marks::CommaSpace),
        ("1.234'567", Marks::Apostrophe),
        ("1.234,567", Marks::Point),
        ("1,5.5", Marks::Comma),
    ] {
        assert_eq!(Number::read(text, marks), None, "{text}");
    }
}

#[test]
fn only_digits_and_marks_are_numbers() {
    for text in ["", "-", "1e3", "1E3", "$1", "1 €", "10%", "NaN", "inf", "+1", "1.", ".5", "--1", "٣", "0x10", "1_000", "1 2"]
    {
        assert_eq!(Number::read(text, Marks::Point), None, "{text}");
    }
    let read = |text: &str, decimals| Number::read(text, Marks::Point).unwrap().units(decimals);
    assert_eq!(read("1.234", 2), Err(Unfit::Decimals));
    assert_eq!(read("1.00", 0), Err(Unfit::Decimals));
    assert_eq!(read("9223372036854775808", 0), Err(Unfit::Large));
    assert_eq!(read("-9223372036854775.808", 3), Ok(i64::MIN));
    assert_eq!(Number::read(&"9".repeat(41), Marks::Point), None);
}

#[test]
fn a_flaw_says_what_would_be_meant_under_other_marks() {
    assert_eq!(Number::meant("1.234,50", Marks::Point), ["1234.50"]);
    assert_eq!(Number::meant("79.00", Marks::Comma), ["79,00"]);
    assert_eq!(Number::meant("1.234", Marks::CommaSpace), ["1,234", "1234"]);
    assert_eq!(Number::meant("what", Marks::Point), Vec::<String>::new());
}

/// What becomes of the price of Pro in a file whose locale nobody said: the minor units, or what is said of it.
fn undeclared(text: &str) -> Result<i64, CellFlaw> {
    let csv = edited(Format::Csv, Marks::Point, ",249.50,", &format!(",\"{text}\","));
    let cell = with_cell("sheet1", "C3", &format!("<c r=\"C3\" t=\"inlineStr\"><is><t>{text}</t></is></c>"));
    let read = |bytes: &[u8], format| match read(bytes, format, None::<Marks>) {
        Ok(book) => Ok(book.plans[1].list_price.minor),
        Err(mut flaws) => Err((flaws.len(), flaws.remove(0))),
    };
    let (of_text, of_workbook) = (read(&csv, Format::Csv), read(&cell, Format::Xlsx));
    match (of_text, of_workbook) {
        (Ok(text), Ok(workbook)) if text == workbook => Ok(text),
        (Err((1, text)), Err((1, workbook))) => {
            assert_eq!((text.path.as_str(), workbook.path.as_str()), ("line 3, column list_price (plan)", "Plans!C3"));
            assert_eq!((&text.found, &text.allowed, &text.fix), (&workbook.found, &workbook.allowed, &workbook.fix));
            Err(workbook)
        }
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn where_nothing_is_declared_only_what_has_one_meaning_is_taken() {
    for (text, minor) in [
        ("249", 24_900),
        ("249.50", 24_950),
        ("249.5", 24_950),
        ("1249.50", 124_950),
        ("1,249.50", 124_950),
        ("1,234,567", 123_456_700),
        ("0.00", 0),
        ("-1.00", -100),
    ] {
        assert_eq!(undeclared(text), Ok(minor), "{text}");
    }
    for (text, fix) in [
        ("75.000", "declare the locale, as this may be 75000 or 75; or write `75000` or `75`, if that is meant"),
        ("75,000", "declare the locale, as this may be 75 or 75000; or write `75` or `75000`, if that is meant"),
        ("1.249", "declare the locale, as this may be 1249 or 1.249; or write `1249`, if that is meant"),
        // What English numbers are not is refused as ever.
        ("249,50", "write `249.50`, if that is the number that is meant"),
        ("1.249,50", "write `1249.50`, if that is the number that is meant"),
    ] {
        let flaw = undeclared(text).unwrap_err();
        assert_eq!((flaw.found.as_str(), flaw.fix.as_str()), (text, fix));
        assert!(flaw.allowed.starts_with("an amount, written like `1234.5` "), "{}", flaw.allowed);
    }
    // Credits, which have six decimals, become a thousandth otherwise. With marks declared all is as they say.
    let cell = with_cell("sheet1", "E3", "<c r=\"E3\" t=\"inlineStr\"><is><t>75.000</t></is></c>");
    assert_eq!(read(&cell, Format::Xlsx, None::<Marks>).unwrap_err()[0].path, "Plans!E3");
    for (marks, credits) in [(Marks::Point, 75), (Marks::Apostrophe, 75), (Marks::Comma, 75_000)] {
        assert_eq!(read(&cell, Format::Xlsx, marks).unwrap().plans[1].credits, Credits::whole(credits).unwrap(), "{marks}");
    }
    // Numbers of a workbook have no marks, and documents have their own.
    for format in FORMATS {
        let written = write(&sample(), format, Marks::Point).unwrap();
        assert_eq!(read(&written, format, None::<Marks>), Ok(sample()), "{format}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_the_same_number(minor: i64, decimals in 0_u32..7) {
        let plain = Credits::from_micro(minor).decimal();
        let number = Number::plain(&plain).unwrap();
        for marks in Marks::ALL {
            let written = number.written(*marks);
            prop_assert_eq!(Number::read(&written, *marks).unwrap().units(6), Ok(minor));
            // It is not read as another number under marks it was not written with.
            for other in Marks::ALL {
                if let Some(read) = Number::read(&written, *other) {
                    prop_assert!(read.units(6) == Ok(minor) || marks.decimal() != other.decimal());
                }
            }
        }
        let _ = number.units(decimals);
    }

    #[test]
    fn no_text_is_a_number_by_accident(text: String) {
        for marks in Marks::ALL {
            if let Some(number) = Number::read(&text, *marks) {
                prop_assert!(text.chars().any(|c| c.is_ascii_digit()));
                prop_assert_eq!(Number::read(&number.written(*marks), *marks), Some(number));
            }
        }
    }
}
