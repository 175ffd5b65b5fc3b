//! What is wrong with a pricebook.

use std::{collections::HashSet, ops::RangeInclusive};

use super::written::{credits, money};
use crate::{
    money::{Credits, Currency},
    pricing::model::{Action, Plan, Pricebook, Rate, Trial},
};

/// Something wrong with a pricebook, and how to put it right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Where: `plans/pro/list_price`. Of several plans with one key it is the key's; of a rate, `rates/answer_written/gpt-4o/credits`.
    pub path: String,
    /// What was found there, as people write it; cut if it is long.
    pub found: String,
    /// What is allowed there.
    pub allowed: String,
    /// What to do, as an instruction: one thing.
    pub fix: String,
}

impl Flaw {
    /// All but where, in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let Self { path: _, found, allowed, fix } = self;
        format!("found {found}, where {allowed} is allowed: {fix}.")
    }
}

/// More than this (a billion credits) is a slip of the pen, and sums of it could not be written down.
const MOST: Credits = Credits::from_micro(1_000_000_000_000_000);
/// A price of more than this, in minor units, is one too.
const DEAREST: i64 = 1_000_000_000_000;
/// How many plans people can choose among at most.
const PLANS: usize = 50;
/// How many rates can be read at most.
const RATES: usize = 500;
/// How many characters a plan's key may have.
const KEY: usize = 64;
/// How many characters of what people read may have: the names of plans, and their support.
const NAME: usize = 100;
/// How many characters a model's name may have.
const MODEL: usize = 200;
/// For how many days a product may be tried.
const TRIAL_DAYS: RangeInclusive<u32> = 1..=3_650;
/// How much of what was found is told.
const TOLD: usize = 60;

/// Everything wrong with a pricebook; nothing, if it may be published.
#[must_use]
pub fn flaws(pricebook: &Pricebook) -> Vec<Flaw> {
    let Pricebook { plans, rates, trial } = pricebook;
    let mut flaws = Flaws(Vec::new());
    flaws.amount("plans", "plans", plans.len(), 1..=PLANS);
    let mut keys = HashSet::new();
    let currency = plans.first().map(|plan| plan.list_price.currency);
    for plan in plans {
        let path = format!("plans/{}", plan.key);
        if !keys.insert(plan.key.as_str()) {
            flaws.add(
                format!("{path}/key"),
                format!("{} twice", quoted(&plan.key)),
                "a key for each plan alone",
                "give one of the plans another key",
            );
        }
        flaws.plan(&path, plan, currency);
    }
    flaws.amount("rates", "rates", rates.len(), 0..=RATES);
    let mut rated = HashSet::new();
    for rate in rates {
        let path = match &rate.model {
            None => format!("rates/{}", rate.action),
            Some(model) => format!("rates/{}/{model}", rate.action),
        };
        if !rated.insert((rate.action, rate.model.as_deref())) {
            let allowed = "one rate of an action, and one for each model that is named";
            flaws.add(path.clone(), "it twice", allowed, "remove one of the rates");
        }
        flaws.rate(&path, rate);
    }
    for action in Action::ALL.iter().filter(|action| !rated.contains(&(**action, None))) {
        let fix = "add a rate without a model, if only of 0 credits";
        flaws.add(format!("rates/{action}"), "no rate", "a rate for every action", fix);
    }
    flaws.trial(trial, plans);
    flaws.0
}

struct Flaws(Vec<Flaw>);

impl Flaws {
    fn add(&mut self, path: impl Into<String>, found: impl Into<String>, allowed: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Flaw { path: path.into(), found: found.into(), allowed: allowed.into(), fix: fix.into() });
    }

    fn plan(&mut self, path: &str, plan: &Plan, currency: Option<Currency>) {
        // Named one by one, so that what is added to a plan cannot be forgotten here.
        let Plan {
            key,
            name,
            list_price,
            credits,
            seats,
            standard_integrations: _,
            support,
            personas,
            knowledge_items: _,
            retention_days,
        } = plan;
        self.key(path, key);
        self.label(format!("{path}/name"), name, NAME);
        let (price, currency) = (format!("{path}/list_price"), currency.unwrap_or(list_price.currency));
        if list_price.currency != currency {
            let allowed = format!("{}, which the first plan is priced in,", currency.code());
            self.add(&*price, money(*list_price), allowed, format!("write the price in {}", currency.code()));
        } else if list_price.minor < 0 {
            self.add(price, money(*list_price), "a price of 0 or more", "write 0 for a plan that costs nothing");
        } else if list_price.minor > DEAREST {
            let most = money(crate::money::Money { minor: DEAREST, ..*list_price });
            self.add(price, money(*list_price), format!("a price of up to {most}"), "look for digits too many");
        }
        self.credits(format!("{path}/credits"), *credits);
        // None of these could be used at all; without webhooks or knowledge a plan can.
        for (what, limit) in [("seats", seats), ("personas", personas), ("retention_days", retention_days)] {
            if *limit == Some(0) {
                self.add(format!("{path}/{what}"), "0", "1 or more, or unlimited,", "write 1 for the least there is");
            }
        }
        self.label(format!("{path}/support"), support, NAME);
    }

    fn key(&mut self, path: &str, key: &str) {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if key.is_empty() || key.len() > KEY || !key.bytes().all(allowed) {
            let fit = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
            let fitting: String = key.trim().chars().take(KEY).map(fit).collect();
            let fix = if fitting.is_empty() { "write a key such as `pro`".into() } else { format!("write `{fitting}`") };
            self.add(format!("{path}/key"), quoted(key), format!("a key of 1 to {KEY} of a-z, 0-9 and underscores"), fix);
        }
    }

    /// A text that people read as a name: not empty, of one line.
    fn label(&mut self, path: String, text: &str, most: usize) {
        let unprintable = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
        let fix = if text.trim().is_empty() {
            "write a word at least".to_owned()
        } else if text.chars().count() > most {
            format!("shorten it to {most} characters")
        } else if text.contains(unprintable) {
            "write it on one line, with a space for each character that cannot be printed".to_owned()
        } else {
            return;
        };
        self.add(path, quoted(text), format!("a line of 1 to {most} printable characters"), fix);
    }

    fn credits(&mut self, path: String, amount: Credits) {
        let allowed = || format!("0 to {} credits", credits(MOST));
        if amount < Credits::ZERO {
            // It would make balances grow.
            self.add(path, format!("{} credits", credits(amount)), allowed(), "write 0 for none");
        } else if amount > MOST {
            self.add(path, format!("{} credits", credits(amount)), allowed(), "look for digits too many");
        }
    }

    fn rate(&mut self, path: &str, rate: &Rate) {
        let Rate { action, model, credits, per_tokens, minimum } = rate;
        if let Some(model) = model {
            if *action != Action::AnswerWritten {
                let allowed = format!("a model for {} only", Action::AnswerWritten);
                self.add(path, format!("the model {}", quoted(model)), allowed, "leave the model out");
            }
            self.label(format!("{path}/model"), model, MODEL);
        }
        self.credits(format!("{path}/credits"), *credits);
        self.credits(format!("{path}/minimum"), *minimum);
        if *per_tokens == Some(0) {
            let fix = "leave it out where tokens do not count";
            self.add(format!("{path}/per_tokens"), "0", "a block of 1 token or more", fix);
        }
    }

    fn trial(&mut self, trial: &Trial, plans: &[Plan]) {
        let Trial { plan, days, credits } = trial;
        if !plans.iter().any(|known| known.key == *plan) {
            let near = plans.iter().min_by_key(|known| distance(&known.key, plan));
            let fix = near.map_or_else(|| "add a plan".into(), |near| format!("write {}", quoted(&near.key)));
            self.add("trial/plan", quoted(plan), "the key of a plan of this pricebook", fix);
        }
        if !TRIAL_DAYS.contains(days) {
            let (least, most) = TRIAL_DAYS.into_inner();
            let fix = format!("write {}", days.clamp(&least, &most));
            self.add("trial/days", days.to_string(), format!("{least} to {most} days"), fix);
        }
        self.credits("trial/credits".into(), *credits);
    }

    /// How many there are of something.
    fn amount(&mut self, path: &str, what: &str, found: usize, allowed: RangeInclusive<usize>) {
        let (least, most) = allowed.into_inner();
        let fix = match (least.saturating_sub(found), found.saturating_sub(most)) {
            (0, 0) => return,
            (missing, 0) => format!("add {missing} or more"),
            (_, over) => format!("remove {over} of them"),
        };
        self.add(path, format!("{found} {what}"), format!("{least} to {most} {what}"), fix);
    }
}

/// How many slips of the pen make one key of another. Compared as far as keys go, so that what is no key at all costs no time.
fn distance(one: &str, other: &str) -> usize {
    let begin = |text: &str| text.chars().take(KEY).collect::<String>();
    strsim::osa_distance(&begin(one), &begin(other))
}

/// A text as it was found: the beginning if it is long, on one line.
fn quoted(text: &str) -> String {
    if text.is_empty() {
        return "nothing".into();
    }
    let told: String = text.chars().take(TOLD).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    let rest = if text.chars().nth(TOLD).is_some() { "…" } else { "" };
    format!("`{told}{rest}`")
}

#[cfg(test)]
mod tests;
