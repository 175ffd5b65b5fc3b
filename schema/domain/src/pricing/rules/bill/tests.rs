//! What a period costs: each of the cases that such bills were once got wrong in, and what is true of every bill.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow in a test is a failure")]

use proptest::prelude::*;

use super::*;
use crate::money::Credits;

const DAY: i64 = 86_400_000_000;
const HOUR: i64 = 3_600_000_000;

/// So many days after the period began.
fn day(days: i64) -> Instant {
    Instant::from_micros(days * DAY)
}

fn usd(minor: i64) -> Money {
    Money { minor, currency: "USD".to_owned().try_into().unwrap() }
}

fn paid(from: Instant, plan: &str, version: i32, minor: i64) -> Segment {
    let name = plan.to_uppercase();
    Segment { from, plan: plan.into(), name, version, list_price: usd(minor), trial: false, ends: false }
}

fn tried(from: Instant, plan: &str, minor: i64) -> Segment {
    Segment { trial: true, ..paid(from, plan, 1, minor) }
}

fn ended(from: Instant) -> Segment {
    Segment { ends: true, ..paid(from, "a", 1, 99_999) }
}

/// A line, as short as it can be told: kind, plan and version, day it begins, amount.
type Short = (&'static str, String, i64, i64);

fn short(lines: &[Line]) -> Vec<Short> {
    let plan = |line: &Line| format!("{}{}", line.plan.clone().unwrap_or_default(), line.version.unwrap());
    lines.iter().map(|line| (line.kind.as_str(), plan(line), line.from.as_micros() / DAY, line.amount.minor)).collect()
}

/// The lines and the total of a period of so many days.
fn of(days: i64, segments: &[Segment]) -> (Vec<Short>, i64) {
    let bill = bill(segments, &[], day(0), day(days)).unwrap();
    assert!(bill.lines.iter().all(|line| line.to == day(days)), "a plan is paid for until the period ends");
    (short(&bill.lines), bill.total.minor)
}

fn line(kind: &'static str, plan: &str, day: i64, minor: i64) -> Short {
    (kind, plan.into(), day, minor)
}

#[test]
fn what_is_in_force_when_the_period_begins_is_billed_whole() {
    assert_eq!(of(30, &[paid(day(-45), "a", 1, 7_900)]), (vec![line("plan", "a1", 0, 7_900)], 7_900));
}

/// Once got wrong: the price the first time was remembered by the plan's name and billed again.
#[test]
fn back_on_a_plan_after_another_its_price_of_now_is_billed_and_not_that_of_then() {
    let there_and_back = [paid(day(0), "a", 1, 3_000), paid(day(10), "c", 1, 9_000), paid(day(20), "a", 2, 6_000)];
    let expected = vec![
        line("plan", "a1", 0, 3_000),
        line("proration", "a1", 10, -2_000),
        line("proration", "c1", 10, 6_000),
        line("proration", "c1", 20, -3_000),
        line("proration", "a2", 20, 2_000),
    ];
    assert_eq!(of(30, &there_and_back), (expected, 6_000));
    let next = bill(&there_and_back, &[], day(30), day(60)).unwrap();
    assert_eq!(short(&next.lines), [line("plan", "a2", 30, 6_000)]);
}

/// Once got wrong: what was published in the middle of a period changed what the whole of it cost.
#[test]
fn a_version_that_takes_effect_in_the_middle_of_a_period_does_not_reprice_it() {
    // Version 2 is in force since day 3; who subscribed to version 1 has no segment of it.
    let subscribed = [paid(day(-2), "a", 1, 3_000)];
    assert_eq!(of(30, &subscribed), (vec![line("plan", "a1", 0, 3_000)], 3_000));
    // At the next boundary they are pinned to it, which is a segment of its own; the period before stays as it was.
    let renewed = [subscribed[0].clone(), paid(day(30), "a", 2, 4_500)];
    assert_eq!(of(30, &renewed), of(30, &subscribed));
    assert_eq!(bill(&renewed, &[], day(30), day(60)).unwrap().total, usd(4_500));
}

/// Once got wrong: of two changes on one boundary the older was taken, or both were billed.
#[test]
fn of_two_changes_on_one_boundary_the_newest_is_taken() {
    let changes = [paid(day(-30), "a", 1, 3_000), paid(day(0), "b", 1, 6_000), paid(day(0), "c", 2, 9_000)];
    assert_eq!(of(30, &changes), (vec![line("plan", "c2", 0, 9_000)], 9_000));
    let inside = [paid(day(0), "a", 1, 3_000), paid(day(15), "b", 1, 6_000), paid(day(15), "c", 2, 9_000)];
    let expected = vec![line("plan", "a1", 0, 3_000), line("proration", "a1", 15, -1_500), line("proration", "c2", 15, 4_500)];
    assert_eq!(of(30, &inside), (expected, 6_000));
}

/// Once got wrong: the price of a phase that had ended, 0, was that of the next one too.
#[test]
fn after_a_trial_the_plan_is_billed() {
    let begun = [tried(day(0), "a", 3_000), paid(day(15), "a", 1, 3_000)];
    assert_eq!(of(30, &begun), (vec![line("plan", "a1", 0, 0), line("proration", "a1", 15, 1_500)], 1_500));
    assert_eq!(bill(&begun, &[], day(30), day(60)).unwrap().total, usd(3_000));
    let at_the_boundary = [tried(day(-14), "a", 3_000), paid(day(0), "a", 1, 3_000)];
    assert_eq!(of(30, &at_the_boundary), (vec![line("plan", "a1", 0, 3_000)], 3_000));
    let later = [tried(day(5), "a", 3_000), paid(day(15), "a", 1, 3_000)];
    assert_eq!(of(30, &later), (vec![line("plan", "a1", 5, 0), line("proration", "a1", 15, 1_500)], 1_500));
}

/// Once got wrong: a change in an annual period was prorated as if the price were a month's.
#[test]
fn an_annual_period_is_prorated_by_the_year() {
    let upgrade = [paid(day(0), "a", 1, 36_500), paid(day(73), "b", 1, 73_000)];
    let expected = vec![line("plan", "a1", 0, 36_500), line("proration", "a1", 73, -29_200), line("proration", "b1", 73, 58_400)];
    assert_eq!(of(365, &upgrade), (expected, 65_700));
}

#[test]
fn a_month_is_prorated_by_its_own_days() {
    for (days, rest) in [(28, 1_400), (29, 1_500), (30, 1_600), (31, 1_700)] {
        let begun = of(days, &[paid(day(14), "a", 1, days * 100)]);
        assert_eq!(begun, (vec![line("proration", "a1", 14, rest)], rest));
    }
}

/// Once got wrong: a change at the instant a period ends was billed in it, and again in the next.
#[test]
fn a_change_at_the_very_end_belongs_to_the_next_period() {
    let change = [paid(day(0), "a", 1, 3_000), paid(day(30), "b", 1, 6_000)];
    assert_eq!(of(30, &change), (vec![line("plan", "a1", 0, 3_000)], 3_000));
    assert_eq!(short(&bill(&change, &[], day(30), day(60)).unwrap().lines), [line("plan", "b1", 30, 6_000)]);
}

/// Once got wrong: a change at the instant a period begins was prorated, by the whole of it.
#[test]
fn a_change_at_the_very_beginning_is_no_proration() {
    let change = [paid(day(-30), "a", 1, 3_000), paid(day(0), "b", 1, 6_000)];
    assert_eq!(of(30, &change), (vec![line("plan", "b1", 0, 6_000)], 6_000));
}

/// Once got wrong: who cancelled for the end of a period was credited something, or billed once more.
#[test]
fn cancelled_at_the_boundary_nothing_is_given_back_and_nothing_billed() {
    let cancelled = [paid(day(0), "a", 1, 3_000), ended(day(30))];
    assert_eq!(of(30, &cancelled), (vec![line("plan", "a1", 0, 3_000)], 3_000));
    assert_eq!(bill(&cancelled, &[], day(30), day(60)), Ok(Bill { lines: vec![], total: usd(0) }));
    assert_eq!(bill(&cancelled, &[], day(60), day(90)), Ok(Bill { lines: vec![], total: usd(0) }));
}

/// Once got wrong: what had been charged for the upgrade was not given back, only what was billed when the period began.
#[test]
fn an_upgrade_and_a_cancellation_in_the_same_period_give_back_the_rest_of_the_upgrade() {
    let both = [paid(day(0), "a", 1, 3_000), paid(day(10), "b", 1, 9_000), ended(day(20))];
    let expected = vec![
        line("plan", "a1", 0, 3_000),
        line("proration", "a1", 10, -2_000),
        line("proration", "b1", 10, 6_000),
        line("proration", "b1", 20, -3_000),
    ];
    assert_eq!(of(30, &both), (expected, 4_000));
    let and_back = [both.as_slice(), &[paid(day(25), "a", 2, 6_000)]].concat();
    assert_eq!(of(30, &and_back).1, 5_000, "and who comes back pays the rest from then");
}

#[test]
fn a_trial_that_ends_gives_nothing_back() {
    assert_eq!(of(30, &[tried(day(0), "a", 3_000), ended(day(14))]), (vec![line("plan", "a1", 0, 0)], 0));
    let given_away = [paid(day(0), "a", 1, 3_000), tried(day(15), "b", 9_000)];
    let expected = vec![line("plan", "a1", 0, 3_000), line("proration", "a1", 15, -1_500), line("plan", "b1", 15, 0)];
    assert_eq!(of(30, &given_away), (expected, 1_500));
}

/// Once got wrong: each step of a change of mind within one instant left a line or a rounded minor unit behind.
#[test]
fn there_and_back_in_the_same_instant_costs_nothing() {
    let (a, when) = (paid(day(0), "a", 1, 1_001), Instant::from_micros(7 * DAY + 1));
    let steps = [a.clone(), paid(when, "b", 1, 9_999), paid(when, "c", 1, 3_333), Segment { from: when, ..a.clone() }];
    assert_eq!(of(30, &steps), of(30, &[a]));
}

#[test]
fn the_same_price_from_another_version_costs_nothing() {
    let (lines, total) = of(31, &[paid(day(0), "a", 1, 1_001), paid(Instant::from_micros(7 * DAY + HOUR), "a", 2, 1_001)]);
    assert_eq!((lines.len(), lines[1].3 + lines[2].3, total), (3, 0, 1_001));
}

#[test]
fn half_a_minor_unit_is_rounded_away_from_zero() {
    let half = [paid(day(0), "a", 1, 1), paid(day(15), "b", 1, 3)];
    let expected = vec![line("plan", "a1", 0, 1), line("proration", "a1", 15, -1), line("proration", "b1", 15, 2)];
    assert_eq!(of(30, &half), (expected, 2));
}

#[test]
fn what_comes_besides_is_billed_in_the_period_it_happens_in() {
    let extra =
        |days: i64, kind, minor| Extra { kind, at: day(days), amount: usd(minor), quantity: Credits::from_micro(5), version: 1 };
    let extras = [
        extra(29, LineKind::TopUp, 500),
        extra(30, LineKind::TopUp, 7),
        extra(0, LineKind::Overage, 40),
        extra(-1, LineKind::TopUp, 7),
    ];
    let bill = bill(&[paid(day(0), "a", 1, 3_000)], &extras, day(0), day(30)).unwrap();
    assert_eq!(short(&bill.lines), [line("plan", "a1", 0, 3_000), line("overage", "1", 0, 40), line("top_up", "1", 29, 500)]);
    let besides = &bill.lines[2];
    assert_eq!((besides.from, besides.to, besides.quantity), (day(29), day(29), Some(Credits::from_micro(5))));
    assert_eq!(bill.total, usd(3_540));
}

#[test]
fn what_cannot_be_billed_says_why() {
    let a = paid(day(0), "a", 1, 3_000);
    let of = |segments: &[Segment]| bill(segments, &[], day(0), day(30));
    assert_eq!(bill(std::slice::from_ref(&a), &[], day(0), day(0)), Err(BillFault::NoPeriod));
    assert_eq!(bill(std::slice::from_ref(&a), &[], day(1), day(0)), Err(BillFault::NoPeriod));
    assert_eq!(of(&[]), Err(BillFault::Nothing));
    assert_eq!(of(&[paid(day(31), "a", 1, 3_000)]), Ok(Bill { lines: vec![], total: usd(0) }), "not begun yet");
    let euros =
        Segment { list_price: Money { minor: 1, currency: "EUR".to_owned().try_into().unwrap() }, ..paid(day(9), "b", 1, 1) };
    assert_eq!(of(&[a.clone(), euros.clone()]), Err(BillFault::MixedCurrencies));
    assert_eq!(of(&[Segment { from: day(-9), ..euros.clone() }, a.clone()]).unwrap().total, usd(3_000), "of an earlier period");
    assert_eq!(of(&[a.clone(), Segment { ends: true, ..euros }]).unwrap().total, usd(900), "an end has no price");
    let most = paid(day(0), "a", 1, i64::MAX);
    assert_eq!(of(std::slice::from_ref(&most)).unwrap().total, usd(i64::MAX));
    let extra = Extra { kind: LineKind::TopUp, at: day(1), amount: usd(1), quantity: Credits::ZERO, version: 1 };
    assert_eq!(bill(&[most], &[extra], day(0), day(30)), Err(BillFault::Amount));
    let (first, last) = (Instant::from_micros(i64::MIN), Instant::from_micros(i64::MAX));
    let owed = paid(first, "a", 1, i64::MIN);
    let changed = [owed.clone(), paid(day(0), "a", 2, i64::MIN)];
    assert_eq!(
        bill(&changed, &[], first, last).unwrap().total,
        usd(i64::MIN),
        "the longest period of all, and the largest amount"
    );
    assert_eq!(bill(&[owed], &[], first, last).unwrap().total, usd(i64::MIN));
}

/// Where a segment begins (in hours of a period from 0), its plan, price and what it is: 0 to 5 paid, 6 tried, 7 the end.
type Step = (i64, u8, i64, u8);

fn segment((hour, plan, minor, what): Step) -> Segment {
    let plan = ["a", "b", "c"][usize::from(plan)];
    let from = Instant::from_micros(hour * HOUR + i64::from(what) * 1_234_567);
    Segment { trial: what == 6, ends: what == 7, ..paid(from, plan, i32::from(what % 2), minor) }
}

prop_compose! {
    /// Up to eight segments, each from an instant of its own, in order, and the days of the period.
    fn subscription()(
        steps in prop::collection::btree_map(-40_i64..800, (0_u8..3, 0_i64..100_000, 0_u8..8), 0..8), days in 28_i64..32,
    ) -> (Vec<Segment>, i64) {
        let mut segments: Vec<Segment> = steps.into_iter().map(|(hour, (plan, minor, what))| segment((hour, plan, minor, what))).collect();
        if segments.is_empty() {
            segments.push(ended(day(-2)));
        }
        (segments, days)
    }
}

/// What is paid for each microsecond, by looking at who is in force at it: the sum of price × time, in minor units × microseconds.
fn by_time(segments: &[Segment], end: i64) -> i128 {
    let priced = segments.iter().zip(1..).map(|(segment, next)| {
        let from = segment.from.as_micros().max(0).min(end);
        let to = segments.get(next).map_or(end, |next: &Segment| next.from.as_micros().max(0).min(end));
        let price = if segment.trial || segment.ends { 0 } else { segment.list_price.minor };
        i128::from(price) * i128::from(to - from)
    });
    priced.sum()
}

proptest! {
    #[test]
    fn a_bill_is_the_sum_of_its_lines_and_that_of_price_and_time((segments, days) in subscription()) {
        let bill = bill(&segments, &[], day(0), day(days)).unwrap();
        prop_assert_eq!(bill.total.minor, bill.lines.iter().map(|line| line.amount.minor).sum::<i64>());
        // Only a proration is rounded, by at most half a minor unit; a credit that was rounded to 0 is one too.
        let rounded = i128::try_from(bill.lines.len() + segments.len()).unwrap();
        let length = i128::from(days * DAY);
        let off = (i128::from(bill.total.minor) * length - by_time(&segments, days * DAY)).abs();
        prop_assert!(2 * off <= rounded * length, "{off} of {length}");
    }

    #[test]
    fn a_bill_is_never_below_zero_and_at_most_the_dearest_and_what_was_rounded((segments, days) in subscription()) {
        let bill = bill(&segments, &[], day(0), day(days)).unwrap();
        let dearest = segments.iter().filter(|segment| !segment.trial && !segment.ends).map(|segment| segment.list_price.minor).max();
        let prorated = bill.lines.iter().filter(|line| line.kind == LineKind::Proration).count();
        prop_assert!(bill.total.minor >= 0);
        // Half a minor unit for each line. With a single change, where two lines are rounded, not even that.
        let rounded = if prorated <= 2 { 0 } else { i64::try_from(prorated).unwrap().div_euclid(2) };
        prop_assert!(bill.total.minor <= dearest.unwrap_or(0) + rounded, "{bill:?}");
    }

    #[test]
    fn whatever_changes_at_one_price_costs_that_price((segments, days) in subscription(), minor in 0_i64..100_000) {
        let begun = paid(day(-3), "a", 1, minor);
        let alike = segments.iter().map(|segment| Segment { list_price: usd(minor), trial: false, ends: false, ..segment.clone() });
        let segments: Vec<Segment> = std::iter::once(begun).chain(alike).collect();
        prop_assert_eq!(bill(&segments, &[], day(0), day(days)).unwrap().total, usd(minor));
    }

    #[test]
    fn a_segment_in_two_parts_is_billed_as_one((segments, days) in subscription(), which in 0_usize..8, later in 1_i64..HOUR) {
        let whole = bill(&segments, &[], day(0), day(days)).unwrap();
        let which = which % segments.len();
        let from = Instant::from_micros(segments[which].from.as_micros() + later);
        prop_assume!(segments.get(which + 1).is_none_or(|next| from < next.from));
        let mut parts = segments.clone();
        parts.insert(which + 1, Segment { from, ..segments[which].clone() });
        prop_assert_eq!(bill(&parts, &[], day(0), day(days)).unwrap(), whole);
    }

    #[test]
    fn the_order_they_are_told_in_does_not_matter(
        ((segments, days), shuffled, extras, other) in subscription().prop_flat_map(|(segments, days)| {
            let extra = (-1_i64..32, 0_i64..9, any::<bool>()).prop_map(|(days, minor, overage)| Extra {
                kind: if overage { LineKind::Overage } else { LineKind::TopUp }, at: day(days), amount: usd(minor), quantity: Credits::from_micro(minor), version: 1,
            });
            let extras = prop::collection::vec(extra, 0..6).prop_flat_map(|extras| (Just(extras.clone()), Just(extras).prop_shuffle()));
            (Just((segments.clone(), days)), Just(segments).prop_shuffle(), extras).prop_map(|(told, shuffled, (extras, other))| (told, shuffled, extras, other))
        }),
    ) {
        prop_assert_eq!(bill(&segments, &extras, day(0), day(days)), bill(&shuffled, &other, day(0), day(days)));
    }

    #[test]
    fn periods_one_after_the_other_forget_nothing_and_bill_nothing_twice((segments, days) in subscription(), cut in 1_i64..28) {
        // Of the same prices, as far as each period has its own: two periods weigh their own part, so it is time that is compared.
        let (first, second) = (bill(&segments, &[], day(0), day(cut)).unwrap(), bill(&segments, &[], day(cut), day(days)).unwrap());
        prop_assert!(first.lines.iter().all(|line| day(0) <= line.from && line.from < day(cut) && line.to == day(cut)));
        prop_assert!(second.lines.iter().all(|line| day(cut) <= line.from && line.from < day(days) && line.to == day(days)));
        let in_force = segments.iter().rev().find(|segment| segment.from <= day(cut)).filter(|segment| !segment.ends);
        let begins = second.lines.iter().find(|line| line.from == day(cut) && line.kind == LineKind::Plan).and_then(|line| line.plan.clone());
        prop_assert_eq!(begins, in_force.map(|segment| segment.plan.clone()));
    }
}
