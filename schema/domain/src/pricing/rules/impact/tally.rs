//! The effects on all customers, taken one after the other.

use std::{cmp::Reverse, collections::BTreeMap};

use super::{Effect, Summary};
use crate::{
    id::TenantId,
    money::{Credits, Currency, Money},
};

/// How many of the largest moves, and of those who would run out, are kept.
const KEPT: usize = 20;

/// Counts effects without keeping them: it holds no more than those it shows. In whatever order they are added, the summary is the same.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    tenants: u64,
    affected: u64,
    kept: u64,
    revenue_before: Revenue,
    revenue_after: Revenue,
    credits_before: i128,
    credits_after: i128,
    run_out_before: u64,
    run_out_after: u64,
    largest: Vec<(Size, Effect)>,
    running_out: Vec<(Lack, Effect)>,
}

/// Minor units by the code of their currency. Wide, so that the order in which amounts are added decides nothing.
type Revenue = BTreeMap<String, (Currency, i128)>;

/// How large a move is: the smallest of these is the largest move. No two customers have the same.
type Size = (bool, Reverse<u64>, Reverse<u64>, Reverse<u64>, TenantId);
/// What somebody would lack, in micro-credits; the smallest of these lacks most.
type Lack = (Reverse<u64>, TenantId);

impl Tally {
    /// One more customer.
    pub fn add(&mut self, effect: Effect) {
        count(&mut self.tenants, true);
        count(&mut self.kept, effect.price_after.is_none());
        count(&mut self.run_out_before, effect.runs_out_before);
        count(&mut self.run_out_after, effect.runs_out_after);
        self.credits_before = self.credits_before.saturating_add(effect.credits_before.micro().into());
        self.credits_after = self.credits_after.saturating_add(effect.credits_after.micro().into());
        if !effect.trial {
            earn(&mut self.revenue_before, effect.price_before);
            earn(&mut self.revenue_after, effect.price_after.or(effect.price_before));
        }
        if effect.runs_out_after && !effect.runs_out_before {
            let lack = effect.credits_after.micro().abs_diff(effect.allowance_after.micro());
            keep(&mut self.running_out, (Reverse(lack), effect.tenant), &effect);
        }
        if let Some(size) = size(&effect) {
            count(&mut self.affected, true);
            keep(&mut self.largest, size, &effect);
        }
    }

    /// What all of it comes to.
    #[must_use]
    pub fn summary(self) -> Summary {
        let shown = |credits: i128| Credits::from_micro(written(credits));
        Summary {
            tenants: self.tenants,
            affected: self.affected,
            kept: self.kept,
            revenue_before: sums(self.revenue_before),
            revenue_after: sums(self.revenue_after),
            credits_before: shown(self.credits_before),
            credits_after: shown(self.credits_after),
            run_out_before: self.run_out_before,
            run_out_after: self.run_out_after,
            largest: self.largest.into_iter().map(|(_, effect)| effect).collect(),
            running_out: self.running_out.into_iter().map(|(_, effect)| effect).collect(),
        }
    }
}

/// How large a move is; `None` if nothing moves.
fn size(effect: &Effect) -> Option<Size> {
    let (exchanged, price) = match (effect.price_before, effect.price_after) {
        (Some(before), Some(after)) => (before.currency != after.currency, before.minor.abs_diff(after.minor)),
        // Who stays pays what they paid. Who had a plan that was not for sale has no price that could move.
        _ => (false, 0),
    };
    let used = effect.credits_before.micro().abs_diff(effect.credits_after.micro());
    let allowance = effect.allowance_before.micro().abs_diff(effect.allowance_after.micro());
    let moved = exchanged || price > 0 || used > 0 || allowance > 0;
    moved.then_some((!exchanged, Reverse(price), Reverse(used), Reverse(allowance), effect.tenant))
}

fn count(counter: &mut u64, one: bool) {
    *counter = counter.saturating_add(u64::from(one));
}

fn earn(revenue: &mut Revenue, price: Option<Money>) {
    if let Some(Money { minor, currency }) = price {
        let (_, sum) = revenue.entry(currency.code()).or_insert((currency, 0));
        *sum = sum.saturating_add(minor.into());
    }
}

fn sums(revenue: Revenue) -> Vec<Money> {
    revenue.into_values().map(|(currency, sum)| Money { minor: written(sum), currency }).collect()
}

/// The nearest that can be written down.
fn written(sum: i128) -> i64 {
    i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX })
}

/// Keeps an effect if it is among the first; the list stays in order.
fn keep<K: Ord>(list: &mut Vec<(K, Effect)>, key: K, effect: &Effect) {
    let place = list.partition_point(|(other, _)| *other <= key);
    if place < KEPT {
        list.insert(place, (key, effect.clone()));
        list.truncate(KEPT);
    }
}
