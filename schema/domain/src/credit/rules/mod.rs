//! Decisions of credits: what a turn may take, which blocks are used up first, what is charged, and when periods begin.

pub mod margin;
pub mod projection;
pub mod standing;

use std::time::Duration;

use chrono::{Datelike, Months, NaiveDate};

use super::{
    entitlement::Entitlement,
    model::{Account, Budget, EntryKind, GrantKind, Taking},
};
use crate::{
    clock::Instant,
    id::GrantId,
    money::{Credits, Money},
    pricing::{Action, Overage, Plan, Pricebook, Rollover, rules::rate},
};

/// What a turn may take at most, at these prices, whoever of those answers that may: what the dearest way it can end costs. `None` if that cannot be written down.
#[must_use]
pub fn budget(pricebook: &Pricebook, taking: &Taking<'_>) -> Option<Credits> {
    let budget = taking.budget;
    let tokens = match budget {
        Budget::Quoted => 0,
        Budget::Written { tokens } => u64::from(tokens),
    };
    let endings = Action::ALL.iter().filter(|action| **action != Action::AnswerWritten || budget != Budget::Quoted);
    let ways = endings.flat_map(|action| taking.models.map(|model| rate(pricebook, *action, model, tokens)));
    ways.collect::<Option<Vec<_>>>()?.into_iter().max()
}

/// What can be drawn of a block of credits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The grant.
    pub id: GrantId,
    /// Why it was granted.
    pub kind: GrantKind,
    /// Lower is used up first.
    pub priority: i16,
    /// From when it may be used.
    pub effective_from: Instant,
    /// Until when.
    pub expires_at: Option<Instant>,
    /// What it still has and no hold has drawn.
    pub available: Credits,
}

/// Part of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The block.
    pub id: GrantId,
    /// How much of it.
    pub amount: Credits,
}

/// Draws an amount from the blocks that may be used now, in the order they are used up: priority, earliest expiry, given before paid
/// for, earliest effective, oldest. `None` if they do not have that much.
#[must_use]
pub fn draw(blocks: &[Block], amount: Credits, now: Instant) -> Option<Vec<Draw>> {
    let usable = |block: &&Block| block.effective_from <= now && block.expires_at.is_none_or(|end| now < end);
    let mut usable: Vec<&Block> = blocks.iter().filter(usable).collect();
    let paid = |block: &Block| block.kind == GrantKind::TopUp;
    usable.sort_by_key(|block| {
        // A block without an end comes after all that have one.
        (block.priority, block.expires_at.is_none(), block.expires_at, paid(block), block.effective_from, block.id)
    });
    let (mut left, mut draws) = (amount, Vec::new());
    for block in usable {
        if left == Credits::ZERO {
            break;
        }
        let part = block.available.min(left);
        if part > Credits::ZERO {
            draws.push(Draw { id: block.id, amount: part });
            left = left.minus(part)?;
        }
    }
    (left == Credits::ZERO).then_some(draws)
}

/// How a hold ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// What is charged.
    pub captured: Credits,
    /// What the turn cost beyond what was held.
    pub absorbed: Credits,
    /// What is taken of each draw, in their order.
    pub captures: Vec<Draw>,
    /// What is given back of each draw, in their order.
    pub releases: Vec<Draw>,
}

/// Charges what a turn is rated at out of what was drawn for it, in the order it was drawn, and gives back the rest. `None` if that
/// cannot be written down.
#[must_use]
pub fn settle(draws: &[Draw], rated: Credits) -> Option<Settlement> {
    let mut left = rated.max(Credits::ZERO);
    let (mut captured, mut captures, mut releases) = (Credits::ZERO, Vec::new(), Vec::new());
    for draw in draws {
        let taken = draw.amount.min(left);
        let back = draw.amount.minus(taken)?;
        left = left.minus(taken)?;
        captured = captured.plus(taken)?;
        if taken > Credits::ZERO {
            captures.push(Draw { id: draw.id, amount: taken });
        }
        if back > Credits::ZERO {
            releases.push(Draw { id: draw.id, amount: back });
        }
    }
    Some(Settlement { captured, absorbed: left, captures, releases })
}

/// An account after one more entry; `None` if that cannot be, because less is there than the entry takes.
#[must_use]
pub fn post(account: Account, kind: EntryKind, amount: Credits) -> Option<Account> {
    let Account { balance, held, last_entry } = account;
    let (balance, held) = match kind {
        EntryKind::Grant => (balance.plus(amount)?, held),
        EntryKind::Hold => (balance, held.plus(amount)?),
        EntryKind::Release => (balance, held.minus(amount)?),
        EntryKind::Capture => (balance.minus(amount)?, held.minus(amount)?),
        EntryKind::Expire | EntryKind::Void | EntryKind::Overage => (balance.minus(amount)?, held),
        EntryKind::Refund | EntryKind::Adjust => (balance.plus(amount)?, held),
    };
    let has_size = if kind == EntryKind::Adjust { amount != Credits::ZERO } else { amount > Credits::ZERO };
    let fits = has_size && held >= Credits::ZERO && balance >= held;
    fits.then_some(Account { balance, held, last_entry: last_entry.checked_add(1)? })
}

/// What a plan carries into the next period of what is left of one.
#[must_use]
pub fn carried(rollover: &Rollover, left: Credits) -> Credits {
    rollover.maximum.min(left.max(rollover.minimum))
}

/// What was used beyond a plan's credits costs: for each block of credits begun its price. `None` if that cannot be written down.
#[must_use]
pub fn overage_price(overage: &Overage, used: Credits) -> Option<Money> {
    let (used, block) = (used.micro().max(0), overage.credits.micro().max(1));
    let whole = used.checked_div(block)?;
    let begun = whole.checked_add(i64::from(used.checked_rem(block)? > 0))?;
    Some(Money { minor: overage.price.minor.checked_mul(begun)?, ..overage.price })
}

/// How much of a charge is given back, rounded up to the micro-credit. `None` if that cannot be written down.
#[must_use]
pub fn refunded(charged: Credits, percent: u32) -> Option<Credits> {
    let micro = i128::from(charged.micro()).checked_mul(percent.min(100).into())?;
    let rounded = micro.checked_add(99)?.checked_div(100)?;
    i64::try_from(rounded).ok().map(Credits::from_micro)
}

/// Gives an amount back to what it was taken from, what was taken last first. Less than the amount only if less was taken. `None` if that cannot
/// be written down.
#[must_use]
pub fn give_back(taken: &[Draw], amount: Credits) -> Option<Vec<Draw>> {
    let (mut left, mut back) = (amount, Vec::new());
    for draw in taken.iter().rev() {
        let part = draw.amount.min(left);
        if part > Credits::ZERO {
            back.push(Draw { id: draw.id, amount: part });
            left = left.minus(part)?;
        }
    }
    Some(back)
}

/// How long a day is: days are UTC's, which has no clocks to change.
pub const DAY: Duration = Duration::from_secs(86_400);

/// At how many percent of a period's own credits a tenant is told that they are used up: letters in every language are written for these.
pub const THRESHOLDS: [i32; 3] = [50, 80, 100];

/// Which of [`THRESHOLDS`] are reached where so much was granted for a period and so much of it remains.
pub fn thresholds(granted: Credits, remaining: Credits) -> impl Iterator<Item = i32> {
    let (granted, remaining) = (i128::from(granted.micro()), i128::from(remaining.micro()));
    let used = granted.saturating_sub(remaining).saturating_mul(100);
    THRESHOLDS.into_iter().filter(move |percent| granted > 0 && used >= granted.saturating_mul(i128::from(*percent)))
}

/// When the day (UTC) of an instant began.
#[must_use]
pub fn day_of(at: Instant) -> Instant {
    let into = at.as_micros().rem_euclid(86_400_000_000);
    at.before(Duration::from_micros(u64::try_from(into).unwrap_or(0)))
}

/// When the calendar month (UTC) of an instant began.
#[must_use]
pub fn month_of(at: Instant) -> Instant {
    let before = day(at).map_or(0, |day| day.day0());
    day_of(at).before(DAY.saturating_mul(before))
}

/// The day of the month on which a subscription's periods begin.
#[must_use]
pub fn anchor_day(started_at: Instant) -> i16 {
    day(started_at).and_then(|day| i16::try_from(day.day()).ok()).unwrap_or(1)
}

fn day(at: Instant) -> Option<NaiveDate> {
    chrono::DateTime::from_timestamp_micros(at.as_micros()).map(|time| time.date_naive())
}

/// When the period after the one that began at `from` begins: midnight (UTC) of the anchor day of the next month, or of that month's
/// last day if it has no such day. Counted from the anchor, so that the 31st comes back after February. `None` beyond the calendar.
#[must_use]
pub fn next_period(anchor_day: i16, from: Instant) -> Option<Instant> {
    let month = day(from)?.with_day(1)?.checked_add_months(Months::new(1))?;
    let wanted = u32::try_from(anchor_day).ok()?.clamp(1, 31);
    let day = (28..=wanted.max(28)).rev().map(|last| last.min(wanted)).find_map(|day| month.with_day(day))?;
    Some(Instant::from_micros(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros()))
}

/// The part of what one plan gives more than another that is due for the rest of a period, rounded down to the micro-credit; nothing if it gives
/// no more. `None` if the period has no length.
#[must_use]
pub fn share(had: Credits, has: Credits, (from, to): (Instant, Instant), now: Instant) -> Option<Credits> {
    let more = i128::from(has.minus(had)?.micro()).max(0);
    let rest = i128::from(to.as_micros()).checked_sub(now.max(from).as_micros().into())?.max(0);
    let length = i128::from(to.as_micros()).checked_sub(from.as_micros().into())?;
    let micro = more.checked_mul(rest)?.checked_div(length)?;
    i64::try_from(micro).ok().map(Credits::from_micro)
}

/// How many of something a plan entitles to; `None` is unlimited.
#[must_use]
pub fn limit(plan: &Plan, what: Entitlement) -> Option<u32> {
    match what {
        Entitlement::Seats => plan.seats,
        Entitlement::StandardIntegrations => plan.standard_integrations,
        Entitlement::Personas => plan.personas,
        Entitlement::KnowledgeItems => plan.knowledge_items,
        Entitlement::RetentionDays => plan.retention_days,
    }
}

/// The first of the plans, as they are offered, that entitles to more than so many; `None` is unlimited.
#[must_use]
pub fn more_in(offered: &[Plan], what: Entitlement, than: Option<u32>) -> Option<&Plan> {
    let than = than?;
    offered.iter().find(|plan| limit(plan, what).is_none_or(|number| number > than))
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "in a test, a panic is the report")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Instant {
        Instant::from_micros(text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_micros())
    }

    fn micro(amount: i64) -> Credits {
        Credits::from_micro(amount)
    }

    fn block(available: i64, priority: i16, expires_at: Option<i64>, kind: GrantKind) -> Block {
        Block {
            id: GrantId::new(),
            kind,
            priority,
            effective_from: Instant::from_micros(0),
            expires_at: expires_at.map(Instant::from_micros),
            available: micro(available),
        }
    }

    #[test]
    fn periods_begin_on_the_anchor_day_and_do_not_drift() {
        let mut period = at("2027-12-31T15:00:00Z");
        let anchor = anchor_day(period);
        for expected in ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"] {
            period = next_period(anchor, period).unwrap();
            assert_eq!(period, at(&format!("{expected}T00:00:00Z")));
        }
        assert_eq!(next_period(5, at("2026-11-05T23:59:59Z")), Some(at("2026-12-05T00:00:00Z")));
    }

    #[test]
    fn blocks_are_used_up_in_order() {
        let blocks = [
            block(5, 2, Some(10), GrantKind::Promotion),
            block(5, 1, None, GrantKind::Promotion),
            block(5, 1, Some(90), GrantKind::TopUp),
            block(5, 1, Some(90), GrantKind::Promotion),
            block(5, 1, Some(50), GrantKind::TopUp),
            block(5, 0, Some(3), GrantKind::Allowance),
        ];
        let drawn: Vec<GrantId> = draw(&blocks, micro(25), Instant::from_micros(5)).unwrap().iter().map(|draw| draw.id).collect();
        assert_eq!(drawn, [4, 3, 2, 1, 0].map(|index| blocks[index].id), "the last one has expired");
        assert_eq!(draw(&blocks, micro(26), Instant::from_micros(5)), None);
    }

    proptest! {
        #[test]
        fn what_is_drawn_is_there_and_is_all_that_was_wanted(
            has in prop::collection::vec((0_i64..1_000, 0_i16..3, prop::option::of(1_i64..100)), 0..8), wanted in 0_i64..4_000, now in 0_i64..100,
        ) {
            let blocks: Vec<Block> = has.iter().map(|(has, priority, end)| block(*has, *priority, *end, GrantKind::Allowance)).collect();
            let now = Instant::from_micros(now);
            let usable: i64 = blocks.iter().filter(|block| block.expires_at.is_none_or(|end| now < end)).map(|block| block.available.micro()).sum();
            match draw(&blocks, micro(wanted), now) {
                None => prop_assert!(usable < wanted),
                Some(draws) => {
                    prop_assert_eq!(draws.iter().map(|draw| draw.amount.micro()).sum::<i64>(), wanted);
                    for draw in draws {
                        let block = blocks.iter().find(|block| block.id == draw.id).unwrap();
                        prop_assert!(draw.amount > Credits::ZERO && draw.amount <= block.available && block.expires_at.is_none_or(|end| now < end));
                    }
                }
            }
        }

        #[test]
        fn a_hold_is_captured_and_released_to_the_last_micro(amounts in prop::collection::vec(1_i64..1_000, 0..6), rated in 0_i64..6_000) {
            let draws: Vec<Draw> = amounts.iter().map(|amount| Draw { id: GrantId::new(), amount: micro(*amount) }).collect();
            let held: i64 = amounts.iter().sum();
            let settlement = settle(&draws, micro(rated)).unwrap();
            prop_assert_eq!(settlement.captured.micro(), rated.min(held));
            prop_assert_eq!(settlement.captured.micro() + settlement.absorbed.micro(), rated);
            for draw in &draws {
                let of = |parts: &[Draw]| parts.iter().filter(|part| part.id == draw.id).map(|part| part.amount.micro()).sum::<i64>();
                prop_assert_eq!(of(&settlement.captures) + of(&settlement.releases), draw.amount.micro());
            }
        }

        #[test]
        fn what_is_carried_is_between_the_bounds(left in 0_i64..1_000, maximum in 1_i64..500, minimum in 0_i64..500) {
            prop_assume!(minimum <= maximum);
            let rollover = Rollover { plan: "p".into(), maximum: micro(maximum), minimum: micro(minimum) };
            let kept = carried(&rollover, micro(left)).micro();
            prop_assert!(minimum <= kept && kept <= maximum);
            prop_assert!(kept == left || (left < minimum && kept == minimum) || (left > maximum && kept == maximum));
        }

        #[test]
        fn overage_costs_a_block_for_each_begun(used in 0_i64..10_000, block in 1_i64..500, price in 0_i64..1_000) {
            let currency = crate::money::Currency::try_from("USD".to_owned()).unwrap();
            let overage = Overage { plan: "p".into(), price: Money { minor: price, currency }, credits: micro(block), limit: micro(10_000) };
            let blocks = (0..).find(|blocks| blocks * block >= used).unwrap();
            prop_assert_eq!(overage_price(&overage, micro(used)).unwrap().minor, blocks * price);
        }

        #[test]
        fn what_is_given_back_was_taken(taken in prop::collection::vec(1_i64..100, 0..6), percent in 1_u32..=100) {
            let draws: Vec<Draw> = taken.iter().map(|amount| Draw { id: GrantId::new(), amount: micro(*amount) }).collect();
            let charged: i64 = taken.iter().sum();
            let amount = refunded(micro(charged), percent).unwrap();
            prop_assert!(amount.micro() * 100 >= charged * i64::from(percent) && amount.micro() <= charged);
            let back = give_back(&draws, amount).unwrap();
            prop_assert_eq!(back.iter().map(|draw| draw.amount.micro()).sum::<i64>(), amount.micro());
            for draw in &back {
                prop_assert!(draws.iter().any(|taken| taken.id == draw.id && draw.amount <= taken.amount));
            }
            prop_assert!(back.first().is_none_or(|first| first.id == draws.last().unwrap().id), "what was taken last comes back first");
        }

        #[test]
        fn an_account_is_the_sum_of_its_entries_and_never_below_zero(steps in prop::collection::vec((0_usize..9, -5_i64..100), 0..60)) {
            let mut account = Account { balance: Credits::ZERO, held: Credits::ZERO, last_entry: 0 };
            let (mut balance, mut held, mut entries) = (0, 0, 0);
            for (kind, amount) in steps {
                let kind = EntryKind::ALL[kind];
                let (b, h) = match kind {
                    EntryKind::Grant | EntryKind::Refund | EntryKind::Adjust => (amount, 0),
                    EntryKind::Hold => (0, amount),
                    EntryKind::Capture => (-amount, -amount),
                    EntryKind::Release => (0, -amount),
                    EntryKind::Expire | EntryKind::Void | EntryKind::Overage => (-amount, 0),
                };
                let has_size = if kind == EntryKind::Adjust { amount != 0 } else { amount > 0 };
                let possible = has_size && held + h >= 0 && balance + b >= held + h;
                let posted = post(account, kind, micro(amount));
                prop_assert_eq!(posted.is_some(), possible);
                if let Some(posted) = posted {
                    (account, balance, held, entries) = (posted, balance + b, held + h, entries + 1);
                }
                prop_assert_eq!(account, Account { balance: micro(balance), held: micro(held), last_entry: entries });
            }
        }
    }
}
