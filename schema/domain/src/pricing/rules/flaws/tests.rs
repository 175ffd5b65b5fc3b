//! What is wrong with a pricebook: each rule by what breaks it, and what is true of whatever is drafted.

use proptest::prelude::*;

use super::*;
use crate::pricing::{
    Overage, RefundReason, RefundRule, Rollover, TopUp,
    rules::samples::{any_pricebook, currency, seed},
};

fn of(change: impl FnOnce(&mut Pricebook)) -> Vec<Flaw> {
    let mut book = seed();
    change(&mut book);
    flaws(&book)
}

/// The only flaw after a change: where, found, allowed, what to do.
fn told(change: impl FnOnce(&mut Pricebook)) -> [String; 4] {
    let found = of(change);
    let [Flaw { path, found, allowed, fix }] = <[Flaw; 1]>::try_from(found).unwrap();
    [path, found, allowed, fix]
}

#[test]
fn the_first_pricebook_has_none() {
    assert_eq!(flaws(&seed()), []);
}

#[test]
fn each_flaw_says_where_it_is_what_was_found_what_is_allowed_and_what_to_do() {
    let dear = |book: &mut Pricebook| book.plans[1].list_price.minor = 1_000_000_000_001;
    assert_eq!(
        told(dear),
        ["plans/pro/list_price", "USD 10000000000.01", "a price of up to USD 10000000000.00", "look for digits too many"]
    );
    let euros = told(|book| book.plans[2].list_price.currency = currency("EUR"));
    assert_eq!(
        euros,
        ["plans/enterprise/list_price", "EUR 899.00", "USD, which the first plan is priced in,", "write the price in USD"]
    );
    let owed = told(|book| book.plans[0].list_price.minor = -1);
    assert_eq!(owed, ["plans/starter/list_price", "USD -0.01", "a price of 0 or more", "write 0 for a plan that costs nothing"]);
    let key = told(|book| book.plans[1].key = "Pro plan".into());
    assert_eq!(key, ["plans/Pro plan/key", "`Pro plan`", "a key of 1 to 64 of a-z, 0-9 and underscores", "write `pro_plan`"]);
    let twice = told(|book| book.plans[1].key = "starter".into());
    assert_eq!(twice, ["plans/starter/key", "`starter` twice", "a key for each plan alone", "give one of the plans another key"]);
    let trial = told(|book| book.trial.plan = "entrprise".into());
    assert_eq!(trial, ["trial/plan", "`entrprise`", "the key of a plan of this pricebook", "write `enterprise`"]);
    let days = told(|book| book.trial.days = 4_000);
    assert_eq!(days, ["trial/days", "4000", "1 to 3650 days", "write 3650"]);
    let refusal = told(|book| drop(book.rates.remove(2)));
    assert_eq!(
        refusal,
        ["rates/refusal", "no rate", "a rate for every action", "add a rate without a model, if only of 0 credits"]
    );
    let seats = of(|book| book.plans[0].seats = Some(0));
    assert_eq!(seats[0].sentence(), "found 0, where 1 or more, or unlimited, is allowed: write 1 for the least there is.");
}

/// One of everything that is sold or given back besides plans.
fn with_besides(book: &mut Pricebook) {
    let (price, some) = (book.plans[0].list_price, Credits::from_micro(1_000_000));
    let key = || "pro".to_owned();
    book.overage = vec![Overage { plan: key(), price, credits: some, limit: some }];
    book.rollover = vec![Rollover { plan: key(), maximum: some, minimum: some }];
    book.top_ups = vec![TopUp { key: "small".into(), name: "Small".into(), price, credits: some, days: None }];
    book.refunds = vec![
        RefundRule { reason: RefundReason::Failed, percent: 100, days: None },
        RefundRule { reason: RefundReason::RatedWrong, percent: 1, days: Some(7) },
    ];
}

#[test]
fn every_rule_is_broken_in_its_place() {
    type Change = fn(&mut Pricebook);
    let copied = |book: &mut Pricebook, plans: u32| {
        let copies = (0..plans).map(|number| Plan { key: format!("p{number}"), ..book.plans[0].clone() }).collect::<Vec<_>>();
        book.plans.extend(copies);
    };
    assert_eq!(of(|book| copied(book, 47)), []);
    assert_eq!(told(|book| copied(book, 49)), ["plans", "52 plans", "1 to 50 plans", "remove 2 of them"]);
    let rates = |book: &mut Pricebook, rates: u32| {
        let more = (0..rates).map(|number| Rate { model: Some(number.to_string()), ..book.rates[0].clone() }).collect::<Vec<_>>();
        book.rates.extend(more);
    };
    assert_eq!(of(|book| rates(book, 495)), []);
    assert_eq!(told(|book| rates(book, 496))[..2], ["rates", "501 rates"]);
    let broken: &[(&str, Change)] = &[
        ("plans//key", |book| book.plans[1].key.clear()),
        ("plans/pro/name", |book| book.plans[1].name = " ".into()),
        ("plans/pro/name", |book| book.plans[1].name = "é".repeat(101)),
        ("plans/pro/name", |book| book.plans[1].name = "two\nlines".into()),
        ("plans/pro/name", |book| book.plans[1].name = "two\u{2028}lines".into()),
        ("plans/pro/name", |book| book.plans[1].name = "\u{7}".into()),
        ("plans/pro/support", |book| book.plans[1].support.clear()),
        ("plans/pro/support", |book| book.plans[1].support = "s".repeat(101)),
        ("plans/pro/support", |book| book.plans[1].support = "a\0b".into()),
        ("plans/pro/credits", |book| book.plans[1].credits = Credits::from_micro(-1)),
        ("plans/pro/credits", |book| book.plans[1].credits = Credits::from_micro(1_000_000_000_000_001)),
        ("plans/pro/seats", |book| book.plans[1].seats = Some(0)),
        ("plans/pro/personas", |book| book.plans[1].personas = Some(0)),
        ("plans/pro/retention_days", |book| book.plans[1].retention_days = Some(0)),
        ("rates/refusal", |book| book.rates[2].action = Action::Handoff),
        ("rates/refusal/gpt", |book| book.rates.push(Rate { model: Some("gpt".into()), ..book.rates[2].clone() })),
        ("rates/answer_written/gpt", |book| {
            let rate = Rate { model: Some("gpt".into()), ..book.rates[0].clone() };
            book.rates.extend([rate.clone(), rate]);
        }),
        ("rates/answer_written//model", |book| book.rates.push(Rate { model: Some(String::new()), ..book.rates[0].clone() })),
        ("rates/answer_written/credits", |book| book.rates[0].credits = Credits::from_micro(-1)),
        ("rates/answer_written/minimum", |book| book.rates[0].minimum = Credits::from_micro(i64::MAX)),
        ("rates/answer_written/per_tokens", |book| book.rates[0].per_tokens = Some(0)),
        ("trial/days", |book| book.trial.days = 0),
        ("trial/credits", |book| book.trial.credits = Credits::from_micro(-1)),
        ("trial/credits", |book| book.trial.credits = Credits::from_micro(i64::MAX)),
    ];
    for (path, change) in broken {
        let found = of(*change);
        assert!(found.iter().any(|flaw| flaw.path == *path), "{path}: {found:?}");
    }
    let besides: &[(&str, Change)] = &[
        ("overage/pro", |book| book.overage.push(book.overage[0].clone())),
        ("overage/no/plan", |book| book.overage[0].plan = "no".into()),
        ("overage/pro/price", |book| book.overage[0].price.currency = currency("EUR")),
        ("overage/pro/price", |book| book.overage[0].price.minor = -1),
        ("overage/pro/credits", |book| book.overage[0].credits = Credits::ZERO),
        ("overage/pro/limit", |book| book.overage[0].limit = Credits::ZERO),
        ("overage/pro/limit", |book| book.overage[0].limit = Credits::from_micro(-1)),
        ("rollover/pro", |book| book.rollover.push(book.rollover[0].clone())),
        ("rollover/no/plan", |book| book.rollover[0].plan = "no".into()),
        ("rollover/pro/maximum", |book| (book.rollover[0].maximum, book.rollover[0].minimum) = (Credits::ZERO, Credits::ZERO)),
        ("rollover/pro/minimum", |book| {
            book.rollover[0].minimum = book.rollover[0].maximum.plus(Credits::from_micro(1)).unwrap()
        }),
        ("top_ups/small/key", |book| book.top_ups.push(book.top_ups[0].clone())),
        ("top_ups/Small one/key", |book| book.top_ups[0].key = "Small one".into()),
        ("top_ups/small/name", |book| book.top_ups[0].name.clear()),
        ("top_ups/small/price", |book| book.top_ups[0].price.minor = 1_000_000_000_001),
        ("top_ups/small/credits", |book| book.top_ups[0].credits = Credits::ZERO),
        ("top_ups/small/days", |book| book.top_ups[0].days = Some(0)),
        ("refunds/failed", |book| book.refunds.push(book.refunds[0].clone())),
        ("refunds/failed/percent", |book| book.refunds[0].percent = 0),
        ("refunds/failed/percent", |book| book.refunds[0].percent = 101),
        ("refunds/failed/days", |book| book.refunds[0].days = Some(1)),
        ("refunds/rated_wrong/days", |book| book.refunds[1].days = None),
        ("refunds/rated_wrong/days", |book| book.refunds[1].days = Some(3_651)),
    ];
    assert_eq!(of(with_besides), []);
    for (path, change) in besides {
        let found = of(|book| {
            with_besides(book);
            change(book);
        });
        assert_eq!(found.iter().map(|flaw| flaw.path.as_str()).collect::<Vec<_>>(), [*path]);
    }
    let none = of(|book| book.plans.clear());
    assert_eq!(none.iter().map(|flaw| flaw.path.as_str()).collect::<Vec<_>>(), ["plans", "trial/plan"]);
}

#[test]
fn what_is_at_the_edge_is_allowed() {
    let edge = of(|book| {
        let plan = &mut book.plans[0];
        plan.key = "k".repeat(64);
        plan.name = "é".repeat(100);
        plan.support = "客".repeat(100);
        plan.list_price.minor = 1_000_000_000_000;
        plan.credits = Credits::from_micro(1_000_000_000_000_000);
        (plan.seats, plan.personas, plan.retention_days) = (Some(1), Some(1), Some(1));
        (plan.standard_integrations, plan.knowledge_items) = (Some(0), Some(0));
        book.plans[1].list_price.minor = 0;
        book.trial.plan.clone_from(&book.plans[0].key);
        book.trial.days = 3_650;
    });
    assert_eq!(edge, []);
    let long = told(|book| book.plans[1].key = "k".repeat(65));
    assert_eq!(long[3], format!("write `{}`", "k".repeat(64)));
    assert_eq!(long[1], format!("`{}…`", "k".repeat(60)), "what is long is cut");
}

#[test]
fn what_cannot_be_seen_is_in_no_name() {
    let unseen = [
        '\u{ad}',
        '\u{34f}',
        '\u{61c}',
        '\u{180e}',
        '\u{200b}',
        '\u{200d}',
        '\u{200f}',
        '\u{202e}',
        '\u{2060}',
        '\u{2066}',
        '\u{2800}',
        '\u{3164}',
        '\u{fe0f}',
        '\u{feff}',
        '\u{e0041}',
    ];
    for letter in unseen {
        let name = told(|book| book.plans[1].name = format!("Pro{letter}evil"));
        assert_eq!(
            name,
            [
                "plans/pro/name",
                "`Pro\u{fffd}evil`",
                "a line of 1 to 100 printable characters",
                "write it anew, on one line and without characters that cannot be seen"
            ],
            "{letter:?}"
        );
        assert_eq!(of(|book| book.plans[1].support = format!("{letter}{letter}"))[0].fix, "write a word at least");
    }
    assert_eq!(of(|book| book.plans[1].name = "Профи プロ — für 3 Büros ☎".into()), [], "letters of every script can be seen");
}

/// Does what a flaw says is to be done, where it can be done without thinking.
fn put_right(book: &mut Pricebook, flaw: &Flaw) {
    if let Some(key) = flaw.fix.strip_prefix("write `").and_then(|rest| rest.strip_suffix('`')) {
        match flaw.path.as_str() {
            "trial/plan" => book.trial.plan = key.into(),
            _ => book
                .plans
                .iter_mut()
                .filter(|plan| flaw.path == format!("plans/{}/key", plan.key))
                .for_each(|plan| plan.key = key.into()),
        }
    }
}

proptest! {
    #[test]
    fn every_flaw_says_everything_on_one_line(mut book in any_pricebook(), key in "\\PC{0,70}|[\\x00-\\x1f]{1,3}", name in any::<String>()) {
        if let Some(plan) = book.plans.first_mut() {
            (plan.key, plan.name) = (key, name);
        }
        for flaw in flaws(&book) {
            for said in [&flaw.found, &flaw.allowed, &flaw.fix, &flaw.sentence()] {
                prop_assert!(!said.trim().is_empty() && !said.contains(char::is_control), "{flaw:?}");
            }
            prop_assert!(flaw.found.chars().count() <= 100);
        }
    }

    #[test]
    fn a_key_that_is_proposed_is_one(key in "\\PC{1,70}") {
        let mut book = seed();
        book.plans[1].key = key;
        let found = flaws(&book);
        found.iter().for_each(|flaw| put_right(&mut book, flaw));
        // Of white space alone there is no key to be made.
        prop_assert!(flaws(&book).iter().all(|flaw| flaw.fix == "write a key such as `pro`"), "{found:?}");
    }

    #[test]
    fn a_plan_that_is_proposed_to_be_tried_is_there(plan in "[a-z]{0,80}") {
        let mut book = seed();
        book.trial.plan = plan;
        let found = flaws(&book);
        found.iter().for_each(|flaw| put_right(&mut book, flaw));
        prop_assert_eq!(flaws(&book), vec![]);
    }
}
