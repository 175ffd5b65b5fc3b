//! What is wrong with a pricebook.

mod besides;

use std::{collections::HashSet, ops::RangeInclusive};

use super::written::{credits, money};
use crate::{
    money::{Credits, Currency, Money},
    pricing::{
        model::{Action, Plan, Pricebook, Rate, Trial},
        sheet::is_invisible,
    },
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
/// So many tokens an answer may take at least, for what it costs to be reckoned.
const LONGEST: u32 = 10_000_000;
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
    let Pricebook { plans, rates, trial, overage, rollover, top_ups, refunds } = pricebook;
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
    flaws.overage(overage, plans);
    flaws.rollover(rollover, plans);
    flaws.top_ups(top_ups, currency);
    flaws.refunds(refunds);
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
        self.price(format!("{path}/list_price"), *list_price, currency, "write 0 for a plan that costs nothing");
        self.credits(format!("{path}/credits"), *credits);
        // None of these could be used at all; without webhooks or knowledge a plan can.
        for (what, limit) in [("seats", seats), ("personas", personas), ("retention_days", retention_days)] {
            if *limit == Some(0) {
                self.add(format!("{path}/{what}"), "0", "1 or more, or unlimited,", "write 1 for the least there is");
            }
        }
        self.label(format!("{path}/support"), support, NAME);
    }

    fn price(&mut self, path: String, price: Money, currency: Option<Currency>, owed: &str) {
        let currency = currency.unwrap_or(price.currency);
        if price.currency != currency {
            let allowed = format!("{}, which the first plan is priced in,", currency.code());
            self.add(path, money(price), allowed, format!("write the price in {}", currency.code()));
        } else if price.minor < 0 {
            self.add(path, money(price), "a price of 0 or more", owed);
        } else if price.minor > DEAREST {
            let most = money(Money { minor: DEAREST, ..price });
            self.add(path, money(price), format!("a price of up to {most}"), "look for digits too many");
        }
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

    /// A text that people read as a name: not empty, of one line, and nothing in it that they cannot see.
    fn label(&mut self, path: String, text: &str, most: usize) {
        let fix = if text.chars().all(|letter| letter.is_whitespace() || is_unprintable(letter)) {
            "write a word at least".to_owned()
        } else if text.chars().count() > most {
            format!("shorten it to {most} characters")
        } else if text.contains(is_unprintable) {
            "write it anew, on one line and without characters that cannot be seen".to_owned()
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
        // Else what an answer may take could not be written down, and nobody could be answered.
        let blocks = i128::from(LONGEST.div_ceil(per_tokens.unwrap_or(u32::MAX).max(1)));
        if *credits <= MOST && i128::from(credits.micro()).saturating_mul(blocks) > i128::from(MOST.micro()) {
            let found = format!("{} credits for so few tokens", self::credits(*credits));
            let allowed = format!("up to {} credits for {LONGEST} tokens", self::credits(MOST));
            self.add(format!("{path}/credits"), found, allowed, "look for digits too many, or for tokens too few");
        }
        if *per_tokens == Some(0) {
            let fix = "leave it out where tokens do not count";
            self.add(format!("{path}/per_tokens"), "0", "a block of 1 token or more", fix);
        }
    }

    fn trial(&mut self, trial: &Trial, plans: &[Plan]) {
        let Trial { plan, days, credits } = trial;
        self.known("trial/plan".into(), plan, plans);
        if !TRIAL_DAYS.contains(days) {
            let (least, most) = TRIAL_DAYS.into_inner();
            let fix = format!("write {}", days.clamp(&least, &most));
            self.add("trial/days", days.to_string(), format!("{least} to {most} days"), fix);
        }
        self.credits("trial/credits".into(), *credits);
    }

    /// The key of a plan there is.
    fn known(&mut self, path: String, plan: &str, plans: &[Plan]) {
        if !plans.iter().any(|known| known.key == plan) {
            let near = plans.iter().min_by_key(|known| distance(&known.key, plan));
            let fix = near.map_or_else(|| "add a plan".into(), |near| format!("write {}", quoted(&near.key)));
            self.add(path, quoted(plan), "the key of a plan of this pricebook", fix);
        }
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

fn is_unprintable(letter: char) -> bool {
    letter.is_control() || is_invisible(letter)
}

/// A text as it was found: the beginning if it is long, on one line, with a mark where something cannot be seen.
fn quoted(text: &str) -> String {
    if text.is_empty() {
        return "nothing".into();
    }
    let told: String = text.chars().take(TOLD).map(|c| if is_unprintable(c) { '\u{fffd}' } else { c }).collect();
    let rest = if text.chars().nth(TOLD).is_some() { "…" } else { "" };
    format!("`{told}{rest}`")
}

#[cfg(test)]
mod tests;
