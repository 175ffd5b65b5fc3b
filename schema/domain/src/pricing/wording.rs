//! The pricebook in words: what the assistant may say of prices is what is in force, in every language.

use super::model::{Plan, Pricebook};
use crate::{
    locale::Locale,
    words::{grouped, say},
};

/// The pricebook as knowledge: titles and texts, one of all plans and one of each.
#[must_use]
pub fn entries(pricebook: &Pricebook, locale: Locale) -> Vec<(String, String)> {
    let listed: Vec<String> = pricebook
        .plans
        .iter()
        .map(|plan| say(locale, "plan-in-list", &[("name", &plan.name), ("price", &price(plan, locale))]))
        .collect();
    let joiner = if locale == Locale::Ja { "、" } else { ", " };
    let count = listed.len().to_string();
    let all = say(locale, "plans-text", &[("count", &count), ("plans", &listed.join(joiner))]);
    let mut entries = vec![(say(locale, "plans-title", &[]), all)];
    for plan in &pricebook.plans {
        let limit = |limit: Option<u32>| match limit {
            Some(limit) => grouped(&limit.to_string(), locale),
            None => say(locale, "unlimited", &[]),
        };
        let credits = grouped(&plan.credits.decimal(), locale);
        let costs = say(locale, "plan-price", &[("name", &plan.name), ("price", &price(plan, locale)), ("credits", &credits)]);
        let includes = say(
            locale,
            "plan-includes",
            &[
                ("seats", &limit(plan.seats)),
                ("integrations", &limit(plan.standard_integrations)),
                ("personas", &limit(plan.personas)),
                ("items", &limit(plan.knowledge_items)),
                ("support", &plan.support),
                ("days", &limit(plan.retention_days)),
            ],
        );
        let joiner = if locale == Locale::Ja { "" } else { " " };
        entries.push((say(locale, "plan-title", &[("name", &plan.name)]), format!("{costs}{joiner}{includes}")));
    }
    entries
}

/// `USD 249`: round amounts without decimals.
fn price(plan: &Plan, locale: Locale) -> String {
    let amount = plan.list_price.decimal();
    let amount = amount.strip_suffix(".00").unwrap_or(&amount);
    format!("{} {}", plan.list_price.currency.code(), grouped(amount, locale))
}
