//! What is different between two pricebooks, by examples and by what is true of any two.

use proptest::prelude::*;

use super::*;
use crate::pricing::{
    RefundReason,
    rules::samples::{any_pricebook, seed},
};

/// The differences of the first pricebook and one that was changed.
fn after(change: impl FnOnce(&mut Pricebook)) -> Vec<Difference> {
    let (before, mut after) = (seed(), seed());
    change(&mut after);
    differences(&before, &after)
}

fn difference(path: &str, kind: DifferenceKind, before: Option<&str>, after: Option<&str>) -> Difference {
    Difference { path: path.into(), kind, before: before.map(Into::into), after: after.map(Into::into) }
}

#[test]
fn what_changed_is_told_as_people_write_it() {
    use DifferenceKind::Changed;
    let found = after(|book| {
        book.plans[1].list_price.minor = 29_950;
        book.plans[2].seats = Some(100);
        book.plans[2].support = "By telephone".into();
        book.rates[0].credits = crate::money::Credits::from_micro(1_500_000);
        book.rates[1].per_tokens = Some(10);
        book.trial.days = 30;
    });
    let expected = [
        difference("plans/pro/list_price", Changed, Some("USD 249.00"), Some("USD 299.50")),
        difference("plans/enterprise/seats", Changed, Some("unlimited"), Some("100")),
        difference("plans/enterprise/support", Changed, Some("Dedicated"), Some("By telephone")),
        difference("rates/answer_written/credits", Changed, Some("1"), Some("1.5")),
        difference("rates/answer_quoted/per_tokens", Changed, Some("tokens do not count"), Some("10")),
        difference("trial/days", Changed, Some("14"), Some("30")),
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_comes_and_goes_is_told_whole() {
    use DifferenceKind::{Added, Changed, Removed};
    let found = after(|book| {
        let starter = book.plans.remove(0);
        book.plans.insert(0, Plan { key: "basic".into(), name: "Basic".into(), ..starter });
        book.rates.push(Rate { model: Some("meta/llama-4".into()), ..book.rates[0].clone() });
        book.trial.plan = "basic".into();
    });
    let expected = [
        difference("plans/starter", Removed, Some("Starter, USD 79.00, 15000 credits"), None),
        difference("plans/basic", Added, None, Some("Basic, USD 79.00, 15000 credits")),
        difference("rates/answer_written/meta/llama-4", Added, None, Some("1 credits per 1000 tokens, at least 1")),
        difference("trial/plan", Changed, Some("starter"), Some("basic")),
    ];
    assert_eq!(found, expected);
}

#[test]
fn what_is_sold_or_given_back_besides_plans_is_compared_too() {
    use DifferenceKind::{Added, Changed, Removed};
    let (price, some) = (seed().plans[0].list_price, crate::money::Credits::from_micro(1_000_000));
    let with = |book: &mut Pricebook| {
        book.overage = vec![Overage { plan: "pro".into(), price, credits: some, limit: some }];
        book.rollover = vec![Rollover { plan: "pro".into(), maximum: some, minimum: some }];
        book.top_ups = vec![TopUp { key: "small".into(), name: "Small".into(), price, credits: some, days: None }];
        book.refunds = vec![RefundRule { reason: RefundReason::Failed, percent: 50, days: None }];
    };
    let added = |path, after| difference(path, Added, None, Some(after));
    let all = [
        added("overage/pro", "USD 79.00 per 1 credits, up to 1"),
        added("rollover/pro", "1 to 1 credits"),
        added("top_ups/small", "Small, USD 79.00, 1 credits"),
        added("refunds/failed", "50 percent"),
    ];
    assert_eq!(after(with), all);
    let (mut before, mut changed) = (seed(), seed());
    with(&mut before);
    with(&mut changed);
    changed.overage.clear();
    changed.rollover[0].minimum = crate::money::Credits::ZERO;
    changed.top_ups[0].days = Some(30);
    changed.refunds[0].days = Some(7);
    let expected = [
        difference("overage/pro", Removed, Some("USD 79.00 per 1 credits, up to 1"), None),
        difference("rollover/pro/minimum", Changed, Some("1"), Some("0")),
        difference("top_ups/small/days", Changed, Some("unlimited"), Some("30")),
        difference("refunds/failed/days", Changed, Some("at once"), Some("7")),
    ];
    assert_eq!(differences(&before, &changed), expected);
}

#[test]
fn another_order_is_told_once() {
    let found = after(|book| book.plans.swap(0, 2));
    let (was, is) = (Some("starter, pro, enterprise"), Some("enterprise, pro, starter"));
    assert_eq!(found, [difference("plans", DifferenceKind::Moved, was, is)]);
    let found = after(|book| book.rates.swap(3, 4));
    assert_eq!(
        found.iter().map(|found| (found.path.as_str(), found.kind)).collect::<Vec<_>>(),
        [("rates", DifferenceKind::Moved)]
    );
    let removed = after(|book| drop(book.plans.remove(1)));
    assert_eq!(removed.len(), 1, "what stands behind a plan that went has not moved: {removed:?}");
}

#[test]
fn a_key_that_stands_twice_is_compared_one_by_one() {
    let found = after(|book| book.plans.push(Plan { name: "Again".into(), ..book.plans[1].clone() }));
    assert_eq!(found, [difference("plans/pro", DifferenceKind::Added, None, Some("Again, USD 249.00, 75000 credits"))]);
}

/// A pricebook, and another that has some of it.
fn related() -> impl Strategy<Value = (Pricebook, Pricebook)> {
    (any_pricebook(), any_pricebook(), any::<[bool; 3]>(), any::<[bool; 9]>()).prop_map(|(book, mut other, same, fields)| {
        let [plans, rates, trial] = same;
        if plans {
            // Of the same plans, each has some of what another has.
            let some = book.plans.iter().zip(other.plans.iter().cycle()).map(|(plan, other)| {
                let mut plan = plan.clone();
                let [a, b, c, d, e, f, g, h, i] = fields;
                a.then(|| plan.name.clone_from(&other.name));
                b.then(|| plan.list_price = other.list_price);
                c.then(|| plan.credits = other.credits);
                d.then(|| plan.seats = other.seats);
                e.then(|| plan.standard_integrations = other.standard_integrations);
                f.then(|| plan.support.clone_from(&other.support));
                g.then(|| plan.personas = other.personas);
                h.then(|| plan.knowledge_items = other.knowledge_items);
                i.then(|| plan.retention_days = other.retention_days);
                plan
            });
            other.plans = some.collect();
        }
        if rates {
            other.rates.clone_from(&book.rates);
        }
        if trial {
            other.trial.clone_from(&book.trial);
        }
        (book, other)
    })
}

proptest! {
    #[test]
    fn nothing_is_different_if_and_only_if_all_is_equal((before, after) in related()) {
        prop_assert_eq!(differences(&before, &after).is_empty(), before == after);
        prop_assert_eq!(differences(&before, &before.clone()), vec![]);
    }

    #[test]
    fn the_other_way_round_before_is_after((before, after) in related()) {
        let sorted = |mut found: Vec<Difference>| {
            found.sort_by(|a, b| (&a.path, a.kind.as_str(), &a.before, &a.after).cmp(&(&b.path, b.kind.as_str(), &b.before, &b.after)));
            found
        };
        let back = differences(&after, &before).into_iter().map(|found| {
            let kind = match found.kind {
                DifferenceKind::Added => DifferenceKind::Removed,
                DifferenceKind::Removed => DifferenceKind::Added,
                same => same,
            };
            Difference { kind, before: found.after, after: found.before, ..found }
        });
        prop_assert_eq!(sorted(differences(&before, &after)), sorted(back.collect()));
    }

    #[test]
    fn what_is_told_is_different((before, after) in related()) {
        for found in differences(&before, &after) {
            prop_assert_ne!(&found.before, &found.after);
            prop_assert_eq!(found.before.is_none(), found.kind == DifferenceKind::Added);
            prop_assert_eq!(found.after.is_none(), found.kind == DifferenceKind::Removed);
        }
    }
}
