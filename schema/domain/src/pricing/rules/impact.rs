//! What a draft would do to those who are customers: last month once more, at other prices.

mod tally;

pub use self::tally::Tally;
use super::{
    rate,
    written::{credits, money},
};
pub use crate::pricing::impact::{Customer, Effect, Guard, Summary, Used, Warning};
use crate::{
    money::{Credits, Money},
    pricing::model::{Plan, Pricebook},
};

/// What a draft would have done to a customer's month. `None` if what it costs cannot be written down.
///
/// Who only tries the product pays nothing and has a trial's credits, before and after. Who has a plan that the draft has not stays at
/// what they are on, with everything. To run out is to use more than one has: who used up all to the last has been served.
#[must_use]
pub fn effect(customer: &Customer, draft: &Pricebook) -> Option<Effect> {
    let Customer { tenant, name, plan, trial, before, used } = customer;
    let (old, new) = (before.plan(plan), draft.plan(plan));
    let price = |plan: &Plan| if *trial { Money { minor: 0, ..plan.list_price } } else { plan.list_price };
    let allowance = |book: &Pricebook, plan: Option<&Plan>| {
        if *trial { book.trial.credits } else { plan.map_or(Credits::ZERO, |plan| plan.credits) }
    };
    let (credits_before, allowance_before) = (cost(before, used)?, allowance(before, old));
    let (credits_after, allowance_after) = match new {
        None => (credits_before, allowance_before),
        Some(_) => (cost(draft, used)?, allowance(draft, new)),
    };
    Some(Effect {
        tenant: *tenant,
        name: name.clone(),
        plan: plan.clone(),
        trial: *trial,
        price_before: old.map(price),
        price_after: new.map(price),
        credits_before,
        credits_after,
        allowance_before,
        allowance_after,
        runs_out_before: credits_before > allowance_before,
        runs_out_after: credits_after > allowance_after,
    })
}

/// What usage costs; `None` if that cannot be written down.
fn cost(book: &Pricebook, used: &[Used]) -> Option<Credits> {
    used.iter().try_fold(Credits::ZERO, |sum, used| {
        let each = rate(book, used.action, used.model.as_deref(), used.tokens)?;
        let all = each.micro().checked_mul(i64::try_from(used.count).ok()?)?;
        sum.plus(Credits::from_micro(all))
    })
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

/// Whether an amount moves by more than a quarter of what it was.
fn beyond_a_quarter(before: i64, after: i64) -> bool {
    // Four times the distance of two 64-bit integers fits into 128 bits.
    u128::from(before.abs_diff(after)).saturating_mul(4) > u128::from(before.unsigned_abs())
}

#[cfg(test)]
mod tests;
