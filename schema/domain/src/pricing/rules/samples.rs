//! Pricebooks to try decisions on.

use proptest::prelude::*;

use crate::{
    money::{Credits, Currency},
    pricing::{Action, Overage, Plan, Pricebook, Rate, RefundReason, RefundRule, Rollover, TopUp, Trial},
};

/// The first pricebook.
pub(crate) fn seed() -> Pricebook {
    serde_json::from_str(include_str!("../../../../../src/seed/pricebook.json")).unwrap()
}

pub(super) fn currency(code: &str) -> Currency {
    code.to_owned().try_into().unwrap()
}

fn limit() -> impl Strategy<Value = Option<u32>> {
    prop::option::of(0_u32..3)
}

fn credits() -> impl Strategy<Value = Credits> {
    (0_i64..4).prop_map(|halves| Credits::from_micro(halves.saturating_mul(500_000)))
}

fn any_plan() -> impl Strategy<Value = Plan> {
    let money = (0_i64..200, prop::sample::select(vec!["USD", "USD", "EUR"]));
    (0_usize..4, "[A-B]", money, credits(), [limit(), limit(), limit(), limit(), limit()], "[S-T]").prop_map(
        |(
            key,
            name,
            (minor, code),
            credits,
            [seats, standard_integrations, personas, knowledge_items, retention_days],
            support,
        )| Plan {
            key: ["basic", "pro", "max", "free"][key].into(),
            name,
            list_price: crate::money::Money { minor, currency: currency(code) },
            credits,
            seats,
            standard_integrations,
            support,
            personas,
            knowledge_items,
            retention_days,
        },
    )
}

fn any_rate() -> impl Strategy<Value = Rate> {
    let model = prop::option::of(prop::sample::select(vec!["gpt".to_owned(), "llama".to_owned()]));
    (0_usize..5, model, credits(), prop::option::of(1_u32..3), credits()).prop_map(
        |(action, model, credits, per_tokens, minimum)| Rate { action: Action::ALL[action], model, credits, per_tokens, minimum },
    )
}

/// A pricebook as it may be drafted, flawed or not: plans and rates may be missing or stand twice. Two of them often have much in
/// common.
pub(super) fn any_pricebook() -> impl Strategy<Value = Pricebook> {
    let trial = ("[a-b]", 0_u32..2, credits()).prop_map(|(plan, days, credits)| Trial { plan, days, credits });
    (prop::collection::vec(any_plan(), 0..4), prop::collection::vec(any_rate(), 0..4), trial, besides()).prop_map(
        |(plans, rates, trial, (overage, rollover, top_ups, refunds))| Pricebook {
            plans,
            rates,
            trial,
            overage,
            rollover,
            top_ups,
            refunds,
        },
    )
}

type Besides = (Vec<Overage>, Vec<Rollover>, Vec<TopUp>, Vec<RefundRule>);

/// What may be drafted besides plans, flawed or not.
fn besides() -> impl Strategy<Value = Besides> {
    let key = || prop::sample::select(vec!["basic".to_owned(), "pro".to_owned(), "No".to_owned()]);
    let price = || {
        (-1_i64..3, prop::sample::select(vec!["USD", "EUR"]))
            .prop_map(|(minor, code)| crate::money::Money { minor, currency: currency(code) })
    };
    let overage =
        (key(), price(), credits(), credits()).prop_map(|(plan, price, credits, limit)| Overage { plan, price, credits, limit });
    let rollover = (key(), credits(), credits()).prop_map(|(plan, maximum, minimum)| Rollover { plan, maximum, minimum });
    let top_up = (key(), "[A-B]", price(), credits(), limit()).prop_map(|(key, name, price, credits, days)| TopUp {
        key,
        name,
        price,
        credits,
        days,
    });
    let refund = (0_usize..4, 0_u32..3, limit()).prop_map(|(reason, percent, days)| RefundRule {
        reason: RefundReason::ALL[reason],
        percent,
        days,
    });
    (
        prop::collection::vec(overage, 0..3),
        prop::collection::vec(rollover, 0..3),
        prop::collection::vec(top_up, 0..3),
        prop::collection::vec(refund, 0..3),
    )
}
