use proptest::prelude::*;

use super::*;
use crate::pricing::rules;

/// Texts with everything that some format has to write in a special way.
fn text() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "'",
        "''=x",
        "'=x",
        "\t=x",
        "\r",
        "\n",
        "\r\n",
        "\"",
        ";",
        ",",
        "\\",
        "\u{7f}",
        "\u{1}",
        "\0",
        "\u{fffe}",
        "\u{ffff}",
        "\u{feff}",
        "_x0041_",
        "_x005F_x0041_",
        "_x",
        " ",
        "  ",
        "&amp;",
        "]]>",
        "<b>",
        "#",
        "é",
        "語",
        "🦀",
        "\u{202e}",
        "unlimited",
        "007",
        "1e5",
        "1,5",
        "TRUE",
        "＝1",
        "\u{85}",
        "\u{2028}",
        "'''",
        "null",
    ]);
    prop_oneof![
        3 => prop::collection::vec(odd, 0..6).prop_map(|parts| parts.concat()),
        2 => any::<String>(),
        3 => "[ -~]{0,20}",
    ]
}

fn credits() -> impl Strategy<Value = Credits> {
    prop_oneof![0..=1_000_000_000_000_000_i64, 0..10_000_000_i64].prop_map(Credits::from_micro)
}

fn limit() -> impl Strategy<Value = Option<u32>> {
    prop_oneof![Just(None), any::<u32>().prop_map(Some), Just(Some(0)), Just(Some(u32::MAX))]
}

fn price() -> impl Strategy<Value = Money> {
    let code = prop::sample::select(vec!["USD", "EUR", "JPY", "KWD"]).prop_map(currency);
    (prop_oneof![0..=i64::MAX, 0..10_000_000_i64, Just(i64::MAX)], code).prop_map(|(minor, currency)| Money { minor, currency })
}

prop_compose! {
    fn a_plan()(
        name in text().prop_filter("a name", |name| !name.trim().is_empty()), list_price in price(), credits in credits(),
        limits in (limit(), limit(), limit(), limit(), limit()), support in text(),
    ) -> Plan {
        let (seats, standard_integrations, personas, knowledge_items, retention_days) = limits;
        Plan { key: String::new(), name, list_price, credits, seats, standard_integrations, support, personas, knowledge_items, retention_days }
    }
}

prop_compose! {
    fn a_rate(action: Action, model: Option<String>)(credits in credits(), per_tokens in prop::option::of(1..=u32::MAX), minimum in credits()) -> Rate {
        Rate { action, model: model.clone(), credits, per_tokens, minimum }
    }
}

fn rates() -> impl Strategy<Value = Vec<Rate>> {
    let model = text().prop_filter("a model", |model| !model.is_empty() && model.len() <= 200);
    prop::collection::btree_set(model, 0..4).prop_flat_map(|models| {
        let every: Vec<_> = Action::ALL.iter().map(|action| a_rate(*action, None)).collect();
        let named: Vec<_> = models.into_iter().map(|model| a_rate(Action::AnswerWritten, Some(model))).collect();
        (every, named).prop_map(|(every, named)| [every, named].concat())
    })
}

/// Pricebooks as they may be drafted, whether or not they may be published.
fn drafted() -> impl Strategy<Value = Pricebook> {
    let plans = prop::collection::btree_map("[a-z0-9_]{1,12}", a_plan(), 1..6);
    let plans = plans.prop_map(|plans| plans.into_iter().map(|(key, plan)| Plan { key, ..plan }).collect::<Vec<_>>());
    let besides = (price(), credits(), limit(), text());
    (plans, rates(), 1..=3_650_u32, credits(), besides).prop_map(
        |(plans, rates, days, credits, (price, amount, days_left, name))| {
            let trial = Trial { plan: plans[0].key.clone(), days, credits };
            let mut book = Pricebook { plans, rates, trial, ..sample() };
            book.overage.push(Overage { plan: "p".into(), price, credits: amount, limit: credits });
            book.rollover.push(Rollover { plan: "p".into(), maximum: credits, minimum: amount });
            book.top_ups.push(TopUp { key: "k".into(), name, price, credits: amount, days: days_left });
            book.refunds.push(RefundRule { reason: RefundReason::Stopped, percent: days, days: days_left });
            book
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_round_trip_changes_nothing(pricebook in drafted()) {
        for format in FORMATS {
            for marks in Marks::ALL {
                let bytes = write(&pricebook, format, *marks).unwrap();
                prop_assert_eq!(read(&bytes, format, *marks).unwrap(), pricebook.clone());
            }
        }
    }

    #[test]
    fn a_text_is_guarded_in_one_way_only(text in text()) {
        let guarded = text::guarded(&text);
        prop_assert!(!text::is_risky(&guarded));
        prop_assert_eq!(text::bared(&guarded), text);
    }
}

#[test]
fn lists_may_be_empty_and_amounts_negative() {
    // Whether that is good is for the pricebook's rules to say.
    let mut book = sample();
    book.plans[0].list_price.minor = -5;
    book.rates[0].credits = Credits::from_micro(i64::MIN);
    let none = Pricebook { overage: vec![], rollover: vec![], top_ups: vec![], refunds: vec![], ..sample() };
    let empty = Pricebook { plans: vec![], rates: vec![], ..none.clone() };
    for format in FORMATS {
        for book in [&book, &none, &empty] {
            assert_eq!(read(&write(book, format, Marks::Comma).unwrap(), format, Marks::Comma).unwrap(), *book);
        }
    }
}

#[test]
fn a_duplicate_plan_key_is_left_to_the_rules() {
    let mut book = sample();
    book.plans[1].key = "starter".into();
    for format in FORMATS {
        assert_eq!(read(&write(&book, format, Marks::Point).unwrap(), format, Marks::Point).unwrap(), book);
    }
    assert!(rules::flaws(&book).iter().any(|flaw| flaw.path == "plans/starter/key"));
}

#[test]
fn equal_pricebooks_make_equal_files() {
    for format in FORMATS {
        let files = [(); 2].map(|()| write(&sample(), format, Marks::Comma).unwrap());
        assert_eq!(files[0], files[1], "{format}");
    }
}

#[test]
fn what_would_not_be_read_back_is_not_written() {
    let mut book = sample();
    // Two hands write one escape here, and no reader can tell.
    book.plans[0].name = "_x0041\u{1}".into();
    assert!(matches!(write(&book, Format::Xlsx, Marks::Point), Err(SheetFault::Lossy)));
    assert!(write(&book, Format::Csv, Marks::Point).is_ok());
    book.plans = (0..=MOST_LINES).map(|number| plan(&format!("p{number}"), "P", 1, "USD")).collect();
    for format in FORMATS {
        assert!(matches!(write(&book, format, Marks::Point), Err(SheetFault::Unreadable(_))), "{format}");
    }
    book.plans.pop();
    for format in FORMATS {
        assert!(write(&book, format, Marks::Point).is_ok(), "{format}");
    }
}

#[test]
fn text_files_are_what_people_expect() {
    let csv = String::from_utf8(write(&sample(), Format::Csv, Marks::Comma).unwrap()).unwrap();
    let mut lines = csv.split("\r\n");
    let head = "\u{feff}kind;key;name;list_price;currency;credits;seats;standard_integrations;support;personas;knowledge_items;\
                retention_days;action;model;per_tokens;minimum;plan;days;price;limit;maximum;reason;percent";
    assert_eq!(lines.next().unwrap(), head);
    assert_eq!(lines.next().unwrap(), "plan;starter;Starter;79,00;USD;15000,5;3;unlimited;Standard;1;100;unlimited;;;;;;;;;;;");
    let toml = String::from_utf8(write(&sample(), Format::Toml, Marks::Comma).unwrap()).unwrap();
    for line in [
        "[[plans]]",
        "list_price = { amount = \"79.00\", currency = \"USD\" }",
        "seats = 3",
        "standard_integrations = \"unlimited\"",
        "[trial]",
    ] {
        assert!(toml.lines().any(|own| own == line), "{line} in {toml}");
    }
    let json: serde_json::Value = serde_json::from_slice(&write(&sample(), Format::Json, Marks::Comma).unwrap()).unwrap();
    assert_eq!(json["plans"][0]["list_price"], serde_json::json!({ "amount": "79.00", "currency": "USD" }));
    assert_eq!(json["plans"][0]["credits"], "15000.5");
    assert_eq!(json["rates"][0].get("model"), None);
}

#[test]
fn every_field_of_a_pricebook_has_a_column() {
    let content = serde_json::to_value(sample()).unwrap();
    for sheet in columns::SHEETS {
        let record = match &content[sheet.key] {
            serde_json::Value::Array(lines) => lines.last().unwrap(),
            record => record,
        };
        for key in record.as_object().unwrap().keys() {
            assert!(sheet.columns.iter().any(|column| column.at[0] == key), "{}/{key}", sheet.key);
        }
        for column in sheet.columns {
            assert!(!column.explanation.is_empty() && column.name == column.name.to_ascii_lowercase());
        }
    }
}
