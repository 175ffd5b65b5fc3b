//! What a draft would do to those who are customers: last month once more, at other prices.

mod tally;

pub use self::tally::Tally;
use super::{
    diff::whole_rate,
    rate, rate_of,
    written::{credits, money},
};
pub use crate::pricing::impact::{Customer, Effect, Guard, Summary, Used, Warning};
use crate::{
    money::{Credits, Money},
    pricing::model::{Action, Overage, Plan, Pricebook},
};

/// What a draft would have done to a customer's month.
///
/// Who only tries the product pays nothing and has a trial's credits, before and after. Who has a plan that the draft has not stays at
/// what they are on, with everything. To run out is to use more than one has, with what the plan sells beyond that: who used up all to the last has been
/// served. Of what cannot be written down the nearest is told that can.
#[must_use]
pub fn effect(customer: &Customer, draft: &Pricebook) -> Effect {
    let Customer { tenant, name, plan, trial, before, used } = customer;
    let (old, new) = (before.plan(plan), draft.plan(plan));
    let allowance = |book: &Pricebook, plan: Option<&Plan>| {
        if *trial { book.trial.credits } else { plan.map_or(Credits::ZERO, |plan| plan.credits) }
    };
    let (credits_before, allowance_before) = (cost(before, used), allowance(before, old));
    let (then, credits_after, allowance_after) = match new {
        None => (&**before, credits_before, allowance_before),
        Some(_) => (draft, cost(draft, used), allowance(draft, new)),
    };
    let beyond_before = Beyond::of(before.overage_of(plan).filter(|_| !trial), credits_before, allowance_before);
    let beyond_after = Beyond::of(then.overage_of(plan).filter(|_| !trial), credits_after, allowance_after);
    let price = |plan: &Plan, beyond: &Beyond| {
        let minor = if *trial { 0 } else { plan.list_price.minor.saturating_add(beyond.minor) };
        Money { minor, ..plan.list_price }
    };
    Effect {
        tenant: *tenant,
        name: name.clone(),
        plan: plan.clone(),
        trial: *trial,
        price_before: old.map(|plan| price(plan, &beyond_before)),
        price_after: new.map(|plan| price(plan, &beyond_after)),
        credits_before,
        credits_after,
        allowance_before,
        allowance_after,
        runs_out_before: beyond_before.runs_out,
        runs_out_after: beyond_after.runs_out,
    }
}

/// What of somebody's usage is beyond their credits.
struct Beyond {
    /// What it costs, in minor units.
    minor: i64,
    /// Whether it is more than their plan sells.
    runs_out: bool,
}

impl Beyond {
    fn of(overage: Option<&Overage>, used: Credits, allowance: Credits) -> Self {
        let over = used.micro().saturating_sub(allowance.micro()).max(0);
        let Some(overage) = overage else { return Self { minor: 0, runs_out: over > 0 } };
        let sold = over.min(overage.limit.micro());
        let block = overage.credits.micro().max(1);
        let begun = sold.div_euclid(block).saturating_add(i64::from(sold.rem_euclid(block) > 0));
        Self { minor: overage.price.minor.saturating_mul(begun), runs_out: over > overage.limit.micro() }
    }
}

/// What usage costs.
fn cost(book: &Pricebook, used: &[Used]) -> Credits {
    let one = |used: &Used| {
        // What has no rate cannot be charged; that is a flaw of its own.
        let unwritable = rate_of(book, used.action, used.model.as_deref()).map_or(0, |_| i64::MAX);
        let each = rate(book, used.action, used.model.as_deref(), used.tokens).map_or(unwritable, Credits::micro);
        i128::from(each).saturating_mul(used.count.into())
    };
    let sum = used.iter().map(one).fold(0_i128, i128::saturating_add);
    Credits::from_micro(i64::try_from(sum).unwrap_or(i64::MAX))
}

/// What a draft does that people may not have meant: of plans, in the order they stand in before, then of those that are new. What is
/// exactly a quarter is still allowed; whatever is not 0 is more than a quarter of 0.
#[must_use]
pub fn warnings(before: &Pricebook, draft: &Pricebook) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let mut warn = |guard, path: String, before: String, after: String| warnings.push(Warning { guard, path, before, after });
    for old in &before.plans {
        let path = format!("plans/{}", old.key);
        let Some(new) = draft.plan(&old.key) else {
            warn(Guard::PlanRemoved, path, format!("{}, {}", old.name, money(old.list_price)), "not in the draft".into());
            continue;
        };
        let (was, is) = (old.list_price, new.list_price);
        let guard = if was.currency != is.currency {
            Some(Guard::CurrencyChange)
        } else {
            beyond_a_quarter(was.minor, is.minor).then_some(Guard::PriceMove)
        };
        if let Some(guard) = guard {
            warn(guard, format!("{path}/list_price"), money(was), money(is));
        }
        let (had, has) = (old.credits, new.credits);
        if has < had && beyond_a_quarter(had.micro(), has.micro()) {
            warn(Guard::CreditsMove, format!("{path}/credits"), credits(had), credits(has));
        }
    }
    for (path, was, is) in per_credit(before, draft) {
        if was.currency == is.currency && beyond_a_quarter(was.minor, is.minor) {
            warn(
                Guard::PriceMove,
                path,
                format!("{} per million credits", money(was)),
                format!("{} per million credits", money(is)),
            );
        }
    }
    rate_moves(before, draft, &mut warn);
    let mut currencies: Vec<String> = before.plans.iter().map(|plan| plan.list_price.currency.code()).collect();
    currencies.sort();
    currencies.dedup();
    for new in draft.plans.iter().filter(|plan| before.plan(&plan.key).is_none()) {
        // A book that had no prices at all had none in another currency.
        if !currencies.is_empty() && !currencies.contains(&new.list_price.currency.code()) {
            let path = format!("plans/{}/list_price", new.key);
            warn(Guard::CurrencyChange, path, currencies.join(", "), money(new.list_price));
        }
    }
    warnings
}

/// What a million credits cost that are sold beside plans, in both: of overage and of top-ups that both have.
fn per_credit(before: &Pricebook, draft: &Pricebook) -> Vec<(String, Money, Money)> {
    let million = |price: Money, credits: Credits| {
        let minor = i128::from(price.minor)
            .saturating_mul(1_000_000_000_000)
            .checked_div(credits.micro().max(1).into())
            .unwrap_or(i128::MAX);
        Money { minor: i64::try_from(minor).unwrap_or(i64::MAX), ..price }
    };
    let overage = before.overage.iter().filter_map(|old| {
        let new = draft.overage_of(&old.plan)?;
        Some((format!("overage/{}/price", old.plan), million(old.price, old.credits), million(new.price, new.credits)))
    });
    let top_ups = before.top_ups.iter().filter_map(|old| {
        let new = draft.top_up(&old.key)?;
        Some((format!("top_ups/{}/price", old.key), million(old.price, old.credits), million(new.price, new.credits)))
    });
    overage.chain(top_ups).collect()
}

/// Answers of these sizes, in tokens, are looked at: the least, a short one, a usual one, a long one.
const SIZES: [u64; 4] = [0, 500, 5_000, 50_000];

/// Every rate of either, by what an answer costs by it, or costs by the one that stands in for it.
fn rate_moves(before: &Pricebook, draft: &Pricebook, warn: &mut impl FnMut(Guard, String, String, String)) {
    let mut seen: Vec<(Action, Option<&str>)> = Vec::new();
    for one in before.rates.iter().chain(&draft.rates) {
        let (action, model) = (one.action, one.model.as_deref());
        let (Some(old), Some(new)) = (rate_of(before, action, model), rate_of(draft, action, model)) else { continue };
        if seen.contains(&(action, model)) {
            continue;
        }
        seen.push((action, model));
        let cost = |book: &Pricebook, tokens: u64| rate(book, action, model, tokens).map_or(i64::MAX, Credits::micro);
        if SIZES.iter().any(|tokens| beyond_a_quarter(cost(before, *tokens), cost(draft, *tokens))) {
            let path = model.map_or_else(|| format!("rates/{action}"), |model| format!("rates/{action}/{model}"));
            warn(Guard::RateMove, path, whole_rate(old), whole_rate(new));
        }
    }
}

/// Whether an amount moves by more than a quarter of what it was.
fn beyond_a_quarter(before: i64, after: i64) -> bool {
    // Four times the distance of two 64-bit integers fits into 128 bits.
    u128::from(before.abs_diff(after)).saturating_mul(4) > u128::from(before.unsigned_abs())
}

#[cfg(test)]
mod tests;
