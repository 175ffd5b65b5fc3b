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
