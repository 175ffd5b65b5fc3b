//! What a draft would do: by examples, and against a model that keeps everything.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow in a test is a failure")]

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::{
    id::TenantId,
    pricing::{
        Rate, TopUp,
        rules::samples::{any_pricebook, currency, seed},
    },
};

/// The first pricebook, and one that was changed.
fn draft(change: impl FnOnce(&mut Pricebook)) -> Pricebook {
    let mut draft = seed();
    change(&mut draft);
    draft
}

fn usd(minor: i64) -> Money {
    Money { minor, currency: currency("USD") }
}

fn whole(credits: i64) -> Credits {
    Credits::whole(credits).unwrap()
}

/// Somebody on the first pricebook who used so many answers of 1,500 tokens, which is two blocks.
fn customer(plan: &str, answers: u64) -> Customer {
    Customer {
        tenant: TenantId::new(),
        name: "Shop".into(),
        plan: plan.into(),
        trial: false,
        before: Arc::new(seed()),
        used: vec![Used { action: Action::AnswerWritten, model: Some("gpt-4o".into()), tokens: 1_500, count: answers }],
    }
}

#[test]
fn usage_costs_what_it_would_have_at_other_rates() {
    let dearer = draft(|book| {
        book.plans[0].list_price = usd(9_900);
        book.plans[0].credits = whole(20_000);
        book.rates.push(Rate { model: Some("gpt-4o".into()), credits: whole(3), ..book.rates[0].clone() });
    });
    let shop = customer("starter", 5_000);
    let found = effect(&shop, &dearer);
    assert_eq!((found.price_before, found.price_after), (Some(usd(7_900)), Some(usd(9_900))));
    assert_eq!((found.credits_before, found.credits_after), (whole(10_000), whole(30_000)));
    assert_eq!((found.allowance_before, found.allowance_after), (whole(15_000), whole(20_000)));
    assert_eq!((found.runs_out_before, found.runs_out_after), (false, true));
    let all = effect(&customer("starter", 7_500), &seed());
    assert_eq!((all.credits_after, all.runs_out_after), (all.allowance_after, false), "who used up all has been served");
}

#[test]
fn whose_plan_is_dropped_stays_with_everything() {
    let without = draft(|book| {
        book.plans.remove(1);
        book.rates[0].credits = whole(9);
    });
    let found = effect(&customer("pro", 100), &without);
    assert_eq!((found.price_before, found.price_after), (Some(usd(24_900)), None));
    assert_eq!((found.credits_after, found.allowance_after, found.runs_out_after), (whole(200), whole(75_000), false));
    let mut tally = Tally::default();
    tally.add(found);
    let summary = tally.summary();
    assert_eq!((summary.tenants, summary.kept, summary.affected), (1, 1, 0));
    assert_eq!((summary.revenue_before, summary.revenue_after), (vec![usd(24_900)], vec![usd(24_900)]));
}

#[test]
fn who_tries_it_pays_nothing_and_has_a_trials_credits() {
    let changed = draft(|book| {
        book.plans[0].list_price = usd(9_900);
        book.trial.credits = whole(300);
    });
    let trying = Customer { trial: true, ..customer("starter", 200) };
    let found = effect(&trying, &changed);
    assert_eq!((found.price_before, found.price_after), (Some(usd(0)), Some(usd(0))));
    assert_eq!((found.allowance_before, found.allowance_after), (whole(500), whole(300)));
    assert!(found.runs_out_after && !found.runs_out_before);
    let mut tally = Tally::default();
    tally.add(found.clone());
    let summary = tally.summary();
    assert_eq!((summary.affected, summary.revenue_before, summary.revenue_after), (1, vec![], vec![]));
    assert_eq!((summary.largest, summary.running_out), (vec![found.clone()], vec![found]));
}

#[test]
fn of_what_cannot_be_written_down_the_nearest_is_told() {
    let most = Credits::from_micro(i64::MAX);
    assert_eq!(effect(&customer("starter", u64::MAX), &seed()).credits_before, most);
    let more = draft(|book| book.rates[0].credits = most);
    let found = effect(&customer("starter", 1), &more);
    assert_eq!((found.credits_before, found.credits_after, found.runs_out_after), (whole(2), most, true));
    let none = effect(&customer("starter", 1), &draft(|book| book.rates.clear()));
    assert_eq!(none.credits_after, Credits::ZERO, "a draft need not have a rate");
}

#[test]
fn what_is_used_beyond_a_plan_is_paid_for_as_far_as_it_is_sold() {
    let overage = |limit: i64| {
        draft(|book| {
            book.overage = vec![Overage { plan: "starter".into(), price: usd(500), credits: whole(1_000), limit: whole(limit) }]
        })
    };
    // Starter has 15,000; this uses 16,002.
    let found = effect(&customer("starter", 8_001), &overage(5_000));
    assert_eq!((found.price_before, found.price_after), (Some(usd(7_900)), Some(usd(8_900))), "two blocks were begun");
    assert_eq!((found.runs_out_before, found.runs_out_after), (true, false));
    let found = effect(&customer("starter", 8_001), &overage(1_000));
    assert_eq!((found.price_after, found.runs_out_after), (Some(usd(8_400)), true), "no more is sold");
    let trying = Customer { trial: true, ..customer("starter", 8_001) };
    assert_eq!(effect(&trying, &overage(5_000)).price_after, Some(usd(0)));
}

#[test]
fn what_answers_cost_and_what_is_sold_beside_plans_is_guarded() {
    let paths = |change: fn(&mut Pricebook)| -> Vec<(Guard, String)> {
        warned(change).into_iter().map(|(guard, path, ..)| (guard, path)).collect()
    };
    assert_eq!(paths(|book| book.rates[0].credits = whole(1)), []);
    let dearer = warned(|book| book.rates[0].credits = whole(2));
    assert_eq!(
        dearer,
        [(
            Guard::RateMove,
            "rates/answer_written".into(),
            "1 credits per 1000 tokens, at least 1".into(),
            "2 credits per 1000 tokens, at least 1".into()
        )]
    );
    // As much for half the tokens, and a least that is more.
    assert_eq!(paths(|book| book.rates[0].per_tokens = Some(500)), [(Guard::RateMove, "rates/answer_written".into())]);
    assert_eq!(paths(|book| book.rates[0].minimum = whole(2)), [(Guard::RateMove, "rates/answer_written".into())]);
    assert_eq!(paths(|book| book.rates[2].credits = whole(1)), [(Guard::RateMove, "rates/refusal".into())]);
    // A model that had every model's rate gets its own.
    let own = paths(|book| book.rates.push(Rate { model: Some("gpt-4o".into()), credits: whole(9), ..book.rates[0].clone() }));
    assert_eq!(own, [(Guard::RateMove, "rates/answer_written/gpt-4o".into())]);
    let sold = |price: i64, credits: i64| {
        draft(|book| {
            book.overage = vec![Overage { plan: "pro".into(), price: usd(price), credits: whole(credits), limit: whole(9) }];
            let name = || "small".to_owned();
            book.top_ups = vec![TopUp { key: name(), name: name(), price: usd(price), credits: whole(credits), days: None }];
        })
    };
    let moved =
        |from: &Pricebook, to: &Pricebook| -> Vec<String> { warnings(from, to).into_iter().map(|found| found.path).collect() };
    assert_eq!(moved(&sold(400, 1_000), &sold(500, 1_000)), Vec::<String>::new(), "exactly a quarter");
    assert_eq!(moved(&sold(400, 1_000), &sold(400, 700)), ["overage/pro/price", "top_ups/small/price"], "as dear for fewer");
}

/// The guards that warn, and of what.
fn warned(change: impl FnOnce(&mut Pricebook)) -> Vec<(Guard, String, String, String)> {
    let found = warnings(&seed(), &draft(change));
    found.into_iter().map(|Warning { guard, path, before, after }| (guard, path, before, after)).collect()
}

fn warning(guard: Guard, path: &str, before: &str, after: &str) -> (Guard, String, String, String) {
    (guard, path.into(), before.into(), after.into())
}

#[test]
fn what_people_may_not_have_meant_is_warned_of() {
    use Guard::{CreditsMove, CurrencyChange, PlanRemoved, PriceMove};
    let price = |minor| move |book: &mut Pricebook| book.plans[0].list_price.minor = minor;
    for exactly in [7_900, 9_875, 5_925] {
        assert_eq!(warned(price(exactly)), [], "{exactly}: a quarter of 79.00 is 19.75");
    }
    assert_eq!(warned(price(9_876)), [warning(PriceMove, "plans/starter/list_price", "USD 79.00", "USD 98.76")]);
    assert_eq!(warned(price(5_924)), [warning(PriceMove, "plans/starter/list_price", "USD 79.00", "USD 59.24")]);
    let credits = |micro| move |book: &mut Pricebook| book.plans[1].credits = Credits::from_micro(micro);
    assert_eq!(warned(credits(56_250_000_000)), []);
    assert_eq!(warned(credits(900_000_000_000)), [], "more credits harm nobody");
    assert_eq!(warned(credits(56_249_999_999)), [warning(CreditsMove, "plans/pro/credits", "75000", "56249.999999")]);
    let currency_change = warned(|book| book.plans[0].list_price.currency = currency("JPY"));
    assert_eq!(currency_change, [warning(CurrencyChange, "plans/starter/list_price", "USD 79.00", "JPY 7900")]);
    let replaced = warned(|book| {
        book.plans[2].key = "max".into();
        book.plans[2].list_price.currency = currency("EUR");
    });
    let expected = [
        warning(PlanRemoved, "plans/enterprise", "Enterprise, USD 899.00", "not in the draft"),
        warning(CurrencyChange, "plans/max/list_price", "USD", "EUR 899.00"),
    ];
    assert_eq!(replaced, expected);
    let free = draft(price(0));
    assert_eq!(warnings(&free, &free), []);
    assert_eq!(warnings(&free, &draft(price(1))).len(), 1, "whatever is not 0 is more than a quarter of 0");
    assert!(beyond_a_quarter(i64::MIN, i64::MAX) && beyond_a_quarter(i64::MAX, i64::MIN));
}

fn any_effect() -> impl Strategy<Value = Effect> {
    let price = || prop::option::of((0_i64..4, prop::sample::select(vec!["USD", "USD", "EUR", "JPY"])));
    let few = || prop::sample::select(vec![0, 1, 2, i64::MAX]);
    (any::<u128>(), any::<bool>(), price(), price(), [few(), few(), few(), few()]).prop_map(
        |(id, trial, before, after, [credits_before, credits_after, allowance_before, allowance_after])| {
            let money = |(minor, code): (i64, &str)| Money { minor: if trial { 0 } else { minor }, currency: currency(code) };
            Effect {
                tenant: uuid::Uuid::from_u128(id).into(),
                name: id.to_string(),
                plan: "pro".into(),
                trial,
                price_before: before.map(money),
                price_after: after.map(money),
                credits_before: Credits::from_micro(credits_before),
                credits_after: Credits::from_micro(credits_after),
                allowance_before: Credits::from_micro(allowance_before),
                allowance_after: Credits::from_micro(allowance_after),
                runs_out_before: credits_before > allowance_before,
                runs_out_after: credits_after > allowance_after,
            }
        },
    )
}

fn summed(effects: &[Effect]) -> Summary {
    let mut tally = Tally::default();
    effects.iter().cloned().for_each(|effect| tally.add(effect));
    tally.summary()
}

/// The same, by keeping everybody.
fn naive(effects: &[Effect]) -> Summary {
    let counted = |of: &dyn Fn(&&Effect) -> bool| u64::try_from(effects.iter().filter(of).count()).unwrap();
    let written = |sum: i128| i64::try_from(sum.min(i64::MAX.into())).unwrap();
    let credits = |of: fn(&Effect) -> Credits| {
        Credits::from_micro(written(effects.iter().map(|effect| i128::from(of(effect).micro())).sum()))
    };
    let revenue = |of: fn(&Effect) -> Option<Money>| -> Vec<Money> {
        let paid: Vec<Money> = effects.iter().filter(|effect| !effect.trial).filter_map(of).collect();
        let sum = |code: &str| {
            let of_it: Vec<i128> =
                paid.iter().filter(|price| price.currency == currency(code)).map(|price| price.minor.into()).collect();
            (!of_it.is_empty()).then(|| Money { minor: written(of_it.iter().sum()), currency: currency(code) })
        };
        ["EUR", "JPY", "USD"].into_iter().filter_map(sum).collect()
    };
    let price_moves = |effect: &&Effect| {
        effect.price_after.is_some() && effect.price_before.is_some() && effect.price_before != effect.price_after
    };
    let moves = |effect: &&Effect| {
        price_moves(effect) || effect.credits_before != effect.credits_after || effect.allowance_before != effect.allowance_after
    };
    let distance = |one: i64, other: i64| -(i128::from(one) - i128::from(other)).abs();
    let mut largest: Vec<Effect> = effects.iter().filter(moves).cloned().collect();
    largest.sort_by_key(|effect| {
        let both = effect.price_before.zip(effect.price_after);
        let same_currency = both.is_none_or(|(before, after)| before.currency == after.currency);
        let price = both.map_or(0, |(before, after)| distance(before.minor, after.minor));
        let used = distance(effect.credits_before.micro(), effect.credits_after.micro());
        (same_currency, price, used, distance(effect.allowance_before.micro(), effect.allowance_after.micro()), effect.tenant)
    });
    let mut running_out: Vec<Effect> =
        effects.iter().filter(|effect| effect.runs_out_after && !effect.runs_out_before).cloned().collect();
    running_out.sort_by_key(|effect| (effect.allowance_after.micro() - effect.credits_after.micro(), effect.tenant));
    let affected = u64::try_from(largest.len()).unwrap();
    largest.truncate(20);
    running_out.truncate(20);
    Summary {
        tenants: counted(&|_| true),
        affected,
        kept: counted(&|effect| effect.price_after.is_none()),
        revenue_before: revenue(|effect| effect.price_before),
        revenue_after: revenue(|effect| effect.price_after.or(effect.price_before)),
        credits_before: credits(|effect| effect.credits_before),
        credits_after: credits(|effect| effect.credits_after),
        run_out_before: counted(&|effect| effect.runs_out_before),
        run_out_after: counted(&|effect| effect.runs_out_after),
        largest,
        running_out,
    }
}

proptest! {
    #[test]
    fn a_tally_is_what_keeping_everybody_comes_to(effects in prop::collection::vec(any_effect(), 0..70)) {
        prop_assert_eq!(summed(&effects), naive(&effects));
    }

    #[test]
    fn the_order_of_the_customers_does_not_matter(
        (effects, shuffled) in prop::collection::vec(any_effect(), 0..70).prop_flat_map(|effects| (Just(effects.clone()), Just(effects).prop_shuffle())),
    ) {
        prop_assert_eq!(summed(&effects), summed(&shuffled));
    }

    #[test]
    fn what_everybody_is_on_already_affects_nobody(book in any_pricebook(), plans in prop::collection::vec((0_usize..3, any::<bool>(), 0_u64..9), 0..20)) {
        let before = Arc::new(book);
        let effects: Vec<Effect> = plans.into_iter().map(|(plan, trial, answers)| {
            let somebody = customer(["basic", "pro", "max"][plan], answers);
            effect(&Customer { trial, before: Arc::clone(&before), ..somebody }, &before)
        }).collect();
        let summary = summed(&effects);
        prop_assert_eq!((summary.affected, &summary.largest, &summary.running_out), (0, &vec![], &vec![]));
        prop_assert_eq!(summary.revenue_before, summary.revenue_after);
        prop_assert_eq!((summary.credits_before, summary.run_out_before), (summary.credits_after, summary.run_out_after));
    }

    #[test]
    fn a_quarter_is_measured_as_fractions_are(before in 0_i64..1_000_000, after in 0_i64..2_000_000) {
        let model = if after > before { 4 * after > 5 * before } else { 4 * after < 3 * before };
        prop_assert_eq!(beyond_a_quarter(before, after), model);
    }

    #[test]
    fn what_stays_as_it_is_warns_of_nothing(book in any_pricebook()) {
        let mut book = book;
        let mut keys = std::collections::HashSet::new();
        // Of a plan that stands twice only the first is sold.
        book.plans.retain(|plan| keys.insert(plan.key.clone()));
        let (mut overage, mut top_ups) = (std::collections::HashSet::new(), std::collections::HashSet::new());
        book.overage.retain(|one| overage.insert(one.plan.clone()));
        book.top_ups.retain(|one| top_ups.insert(one.key.clone()));
        prop_assert_eq!(warnings(&book, &book), vec![]);
    }
}
