mod flaws;
mod hostile;
mod numbers;
mod round_trip;

use std::io::{Cursor, Read, Write};

use super::*;
use crate::{
    money::{Credits, Currency, Money},
    pricing::model::{Action, Overage, Plan, Rate, RefundReason, RefundRule, Rollover, TopUp, Trial},
};

const FORMATS: [Format; 4] = [Format::Xlsx, Format::Csv, Format::Toml, Format::Json];

fn currency(code: &str) -> Currency {
    code.to_owned().try_into().unwrap()
}

fn plan(key: &str, name: &str, minor: i64, code: &str) -> Plan {
    Plan {
        key: key.into(),
        name: name.into(),
        list_price: Money { minor, currency: currency(code) },
        credits: Credits::from_micro(15_000_500_000),
        seats: Some(3),
        standard_integrations: None,
        support: "Standard".into(),
        personas: Some(1),
        knowledge_items: Some(100),
        retention_days: None,
    }
}

fn sample() -> Pricebook {
    let rate = |action, model: Option<&str>, per_tokens| Rate {
        action,
        model: model.map(str::to_owned),
        credits: Credits::from_micro(1_000_001),
        per_tokens,
        minimum: Credits::ZERO,
    };
    let mut rates: Vec<Rate> = Action::ALL.iter().map(|action| rate(*action, None, None)).collect();
    rates.push(rate(Action::AnswerWritten, Some("gpt-4.1"), Some(1_000)));
    Pricebook {
        plans: vec![plan("starter", "Starter", 7_900, "USD"), plan("pro", "Pro", 24_950, "USD")],
        rates,
        trial: Trial { plan: "starter".into(), days: 14, credits: Credits::from_micro(500_000_000) },
        overage: vec![Overage {
            plan: "pro".into(),
            price: Money { minor: 500, currency: currency("USD") },
            credits: Credits::from_micro(1_000_000_000),
            limit: Credits::from_micro(20_000_000_000),
        }],
        rollover: vec![Rollover { plan: "pro".into(), maximum: Credits::from_micro(5_000_000_000), minimum: Credits::ZERO }],
        top_ups: vec![TopUp {
            key: "small".into(),
            name: "Small".into(),
            price: Money { minor: 4_900, currency: currency("USD") },
            credits: Credits::from_micro(10_000_000_000),
            days: None,
        }],
        refunds: vec![
            RefundRule { reason: RefundReason::Failed, percent: 100, days: None },
            RefundRule { reason: RefundReason::RatedWrong, percent: 50, days: Some(7) },
        ],
    }
}

/// A text file of the sample, with one piece of it replaced.
fn edited(format: Format, marks: Marks, from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(write(&sample(), format, marks).unwrap()).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    text.replacen(from, to, 1).into_bytes()
}

/// The flaws of a file, as where and what to do.
fn flaws(bytes: &[u8], format: Format, marks: Marks) -> Vec<(String, String, String)> {
    let flaws = read(bytes, format, marks).unwrap_err();
    flaws.into_iter().map(|flaw| (flaw.path, flaw.found, flaw.fix)).collect()
}

/// The one flaw of a file.
fn flaw(bytes: &[u8], format: Format, marks: Marks) -> CellFlaw {
    let mut flaws = read(bytes, format, marks).unwrap_err();
    assert_eq!(flaws.len(), 1, "{flaws:?}");
    flaws.remove(0)
}

/// What a workbook's parts are, after `change` of the one called `part`.
fn repacked(workbook: &[u8], part: &str, change: impl Fn(&str) -> String) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let (name, mut text) = (file.name().unwrap().into_owned(), String::new());
        file.read_to_string(&mut text).unwrap();
        writer.start_file(&name, zip::write::SimpleFileOptions::default()).unwrap();
        let text = if name == part { change(&text) } else { text };
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn part(workbook: &[u8], part: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut text = String::new();
    archive.by_name(part).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// The sample as a workbook in which one cell is something else.
fn with_cell(sheet: &str, cell: &str, xml: &str) -> Vec<u8> {
    let workbook = write(&sample(), Format::Xlsx, Marks::Point).unwrap();
    repacked(&workbook, &format!("xl/worksheets/{sheet}.xml"), |text| {
        let start = format!("<c r=\"{cell}\"");
        let (before, from) = text.split_once(&start).unwrap();
        let (_, after) = from.split_once("</c>").unwrap();
        format!("{before}{xml}{after}")
    })
}
