//! What is different between two pricebooks.

use std::collections::HashMap;

use super::written::{credits, limit, money};
use crate::{
    pricing::model::{Overage, Plan, Pricebook, Rate, RefundRule, Rollover, TopUp, Trial},
    text_enum::text_enum,
};

text_enum! {
    /// What happened to something.
    DifferenceKind {
        /// It was not there before.
        Added = "ADDED",
        /// It is not there any more.
        Removed = "REMOVED",
        /// It is another one.
        Changed = "CHANGED",
        /// What it consists of stands in another order.
        Moved = "MOVED",
    }
}

/// Something that is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Of what: `plans/pro/list_price`, `rates/answer_written/gpt-4o/credits`, `trial/days`; `plans/basic` for a whole plan, `rates/refusal`
    /// for a whole rate; `plans` or `rates` for their order. Likewise `overage/pro/price`, `rollover/pro`, `top_ups/small/price`, `refunds/failed`.
    pub path: String,
    /// What happened to it.
    pub kind: DifferenceKind,
    /// What it was, as people write it: `USD 249.00`, `75000`, `unlimited`. `None` if it was not there.
    pub before: Option<String>,
    /// What it is. `None` if it is not there any more.
    pub after: Option<String>,
}

/// Everything that is different: of plans, in the order they stand in before, then those that were added; then of rates, likewise; then of
/// the trial; then of overage, rollover, top-ups and refunds. Nothing, if and only if the two are equal. Plans are the same by their key, rates by their action and model; of several with
/// one key (which may not be published, but drafted) the first is compared with the first, and so on.
#[must_use]
pub fn differences(before: &Pricebook, after: &Pricebook) -> Vec<Difference> {
    // Named one by one, so that what is added to a pricebook cannot be forgotten here.
    let Pricebook { plans, rates, trial, overage, rollover, top_ups, refunds } = before;
    let mut differences = Vec::new();
    listed(&mut differences, "plans", (plans, &after.plans), |plan| plan.key.clone(), whole_plan, plan_fields);
    listed(&mut differences, "rates", (rates, &after.rates), of_rate, whole_rate, rate_fields);
    changed(&mut differences, "trial", &trial_fields(trial), &trial_fields(&after.trial));
    let all = &mut differences;
    listed(all, "overage", (overage, &after.overage), |overage| overage.plan.clone(), whole_overage, overage_fields);
    listed(all, "rollover", (rollover, &after.rollover), |rollover| rollover.plan.clone(), whole_rollover, rollover_fields);
    listed(all, "top_ups", (top_ups, &after.top_ups), |top_up| top_up.key.clone(), whole_top_up, top_up_fields);
    listed(all, "refunds", (refunds, &after.refunds), |rule| rule.reason.to_string(), whole_refund, refund_fields);
    differences
}

/// `answer_written`, or `answer_written/gpt-4o`.
fn of_rate(rate: &Rate) -> String {
    match &rate.model {
        None => rate.action.to_string(),
        Some(model) => format!("{}/{model}", rate.action),
    }
}

/// What something has: names and values, the same names in the same order for all of its kind.
type Fields = Vec<(&'static str, String)>;

fn plan_fields(plan: &Plan) -> Fields {
    let Plan {
        key: _,
        name,
        list_price,
        credits: of_a_month,
        seats,
        standard_integrations,
        support,
        personas,
        knowledge_items,
        retention_days,
    } = plan;
    vec![
        ("name", name.clone()),
        ("list_price", money(*list_price)),
        ("credits", credits(*of_a_month)),
        ("seats", limit(*seats)),
        ("standard_integrations", limit(*standard_integrations)),
        ("support", support.clone()),
        ("personas", limit(*personas)),
        ("knowledge_items", limit(*knowledge_items)),
        ("retention_days", limit(*retention_days)),
    ]
}

fn rate_fields(rate: &Rate) -> Fields {
    let Rate { action: _, model: _, credits: each, per_tokens, minimum } = rate;
    vec![
        ("credits", credits(*each)),
        ("per_tokens", per_tokens.map_or_else(|| "tokens do not count".into(), |tokens| tokens.to_string())),
        ("minimum", credits(*minimum)),
    ]
}

fn trial_fields(trial: &Trial) -> Fields {
    let Trial { plan, days, credits: to_try } = trial;
    vec![("plan", plan.clone()), ("days", days.to_string()), ("credits", credits(*to_try))]
}

/// `Pro, USD 249.00, 75000 credits`.
fn whole_plan(plan: &Plan) -> String {
    format!("{}, {}, {} credits", plan.name, money(plan.list_price), credits(plan.credits))
}

/// `1 credits per 1000 tokens, at least 1`.
pub(super) fn whole_rate(rate: &Rate) -> String {
    let per = rate.per_tokens.map(|tokens| format!(" per {tokens} tokens, at least {}", credits(rate.minimum)));
    format!("{} credits{}", credits(rate.credits), per.unwrap_or_default())
}

fn overage_fields(overage: &Overage) -> Fields {
    let Overage { plan: _, price, credits: block, limit } = overage;
    vec![("price", money(*price)), ("credits", credits(*block)), ("limit", credits(*limit))]
}

/// `USD 5.00 per 1000 credits, up to 20000`.
fn whole_overage(overage: &Overage) -> String {
    let Overage { plan: _, price, credits: block, limit } = overage;
    format!("{} per {} credits, up to {}", money(*price), credits(*block), credits(*limit))
}

fn rollover_fields(rollover: &Rollover) -> Fields {
    let Rollover { plan: _, maximum, minimum } = rollover;
    vec![("maximum", credits(*maximum)), ("minimum", credits(*minimum))]
}

/// `0 to 5000 credits`.
fn whole_rollover(rollover: &Rollover) -> String {
    format!("{} to {} credits", credits(rollover.minimum), credits(rollover.maximum))
}

fn top_up_fields(top_up: &TopUp) -> Fields {
    let TopUp { key: _, name, price, credits: bought, days } = top_up;
    vec![("name", name.clone()), ("price", money(*price)), ("credits", credits(*bought)), ("days", limit(*days))]
}

/// `Ten thousand, USD 49.00, 10000 credits`.
fn whole_top_up(top_up: &TopUp) -> String {
    format!("{}, {}, {} credits", top_up.name, money(top_up.price), credits(top_up.credits))
}

fn refund_fields(rule: &RefundRule) -> Fields {
    let RefundRule { reason: _, percent, days } = rule;
    let days = days.map_or_else(|| "at once".into(), |days| days.to_string());
    vec![("percent", percent.to_string()), ("days", days)]
}

/// `50 percent`.
fn whole_refund(rule: &RefundRule) -> String {
    format!("{} percent", rule.percent)
}

fn changed(differences: &mut Vec<Difference>, path: &str, before: &Fields, after: &Fields) {
    for ((field, before), (_, after)) in before.iter().zip(after).filter(|(before, after)| before != after) {
        let (before, after) = (Some(before.clone()), Some(after.clone()));
        differences.push(Difference { path: format!("{path}/{field}"), kind: DifferenceKind::Changed, before, after });
    }
}

/// The differences of two lists whose entries are the same by what `identity` says.
fn listed<T>(
    differences: &mut Vec<Difference>,
    path: &str,
    (before, after): (&[T], &[T]),
    identity: fn(&T) -> String,
    whole: fn(&T) -> String,
    fields: fn(&T) -> Fields,
) {
    let (before, after) = (counted(before, identity), counted(after, identity));
    let (old, new): (HashMap<_, _>, HashMap<_, _>) = (before.iter().cloned().collect(), after.iter().cloned().collect());
    for (id, entry) in &before {
        let path = format!("{path}/{}", id.0);
        match new.get(id) {
            Some(other) => changed(differences, &path, &fields(entry), &fields(other)),
            None => differences.push(Difference { path, kind: DifferenceKind::Removed, before: Some(whole(entry)), after: None }),
        }
    }
    for (id, entry) in after.iter().filter(|(id, _)| !old.contains_key(id)) {
        let (path, kind) = (format!("{path}/{}", id.0), DifferenceKind::Added);
        differences.push(Difference { path, kind, before: None, after: Some(whole(entry)) });
    }
    // Only of those that stayed: what was added or removed has moved nothing.
    let was: Vec<&Counted> = before.iter().map(|(id, _)| id).filter(|id| new.contains_key(*id)).collect();
    let is: Vec<&Counted> = after.iter().map(|(id, _)| id).filter(|id| old.contains_key(*id)).collect();
    if was != is {
        let said = |ids: Vec<&Counted>| Some(ids.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>().join(", "));
        let (before, after) = (said(was), said(is));
        differences.push(Difference { path: path.into(), kind: DifferenceKind::Moved, before, after });
    }
}

/// An identity, and how many have it that stand before.
type Counted = (String, usize);

fn counted<T>(list: &[T], identity: fn(&T) -> String) -> Vec<(Counted, &T)> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut count = |id: String| {
        let before = seen.entry(id.clone()).or_default();
        let counted = (id, *before);
        *before = before.saturating_add(1);
        counted
    };
    list.iter().map(|entry| (count(identity(entry)), entry)).collect()
}

#[cfg(test)]
mod tests;
