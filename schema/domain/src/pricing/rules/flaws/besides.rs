//! What is wrong with what is sold or given back besides plans.

use std::collections::HashSet;

use super::{Flaws, NAME, TRIAL_DAYS, credits};
use crate::{
    money::{Credits, Currency},
    pricing::model::{Overage, Plan, RefundReason, RefundRule, Rollover, TopUp},
};

/// How many top-ups people can choose among at most.
const TOP_UPS: usize = 50;

impl Flaws {
    pub(super) fn overage(&mut self, all: &[Overage], plans: &[Plan]) {
        let mut seen = HashSet::new();
        for Overage { plan, price, credits, limit } in all {
            let path = format!("overage/{plan}");
            self.once(&path, "an entry for each plan alone", seen.insert(plan.as_str()));
            self.known(format!("{path}/plan"), plan, plans);
            let currency = plans.first().map(|plan| plan.list_price.currency);
            self.price(format!("{path}/price"), *price, currency, "write 0 for what costs nothing");
            self.some(format!("{path}/credits"), *credits, "write how many credits are sold at that price");
            self.some(format!("{path}/limit"), *limit, "write how many may be used at most, or remove the entry");
        }
    }

    pub(super) fn rollover(&mut self, all: &[Rollover], plans: &[Plan]) {
        let mut seen = HashSet::new();
        for Rollover { plan, maximum, minimum } in all {
            let path = format!("rollover/{plan}");
            self.once(&path, "an entry for each plan alone", seen.insert(plan.as_str()));
            self.known(format!("{path}/plan"), plan, plans);
            self.some(format!("{path}/maximum"), *maximum, "write how many are carried at most, or remove the entry");
            self.credits(format!("{path}/minimum"), *minimum);
            if minimum > maximum {
                let (found, allowed) = (credits(*minimum), format!("at most the maximum, {},", credits(*maximum)));
                self.add(format!("{path}/minimum"), found, allowed, format!("write {} or less", credits(*maximum)));
            }
        }
    }

    pub(super) fn top_ups(&mut self, all: &[TopUp], currency: Option<Currency>) {
        self.amount("top_ups", "top-ups", all.len(), 0..=TOP_UPS);
        let mut seen = HashSet::new();
        for TopUp { key, name, price, credits, days } in all {
            let path = format!("top_ups/{key}");
            self.once(&format!("{path}/key"), "a key for each top-up alone", seen.insert(key.as_str()));
            self.key(&path, key);
            self.label(format!("{path}/name"), name, NAME);
            self.price(format!("{path}/price"), *price, currency, "write 0 for what costs nothing");
            self.some(format!("{path}/credits"), *credits, "write how many credits it is");
            if let Some(days) = days {
                self.days(format!("{path}/days"), *days);
            }
        }
    }

    pub(super) fn refunds(&mut self, all: &[RefundRule]) {
        let mut seen = HashSet::new();
        for RefundRule { reason, percent, days } in all {
            let path = format!("refunds/{reason}");
            self.once(&path, "a rule for each reason alone", seen.insert(*reason));
            if !(1..=100).contains(percent) {
                let fix = if *percent == 0 { "remove the rule, if nothing is given back" } else { "write 100 for all of it" };
                self.add(format!("{path}/percent"), percent.to_string(), "1 to 100 percent", fix);
            }
            // What an agent has to look at takes time; what the program sees by itself does not.
            match (reason, days) {
                (RefundReason::RatedWrong, None) => {
                    let fix = "write for how many days an answer can be found wrong";
                    self.add(format!("{path}/days"), "nothing", "1 to 3650 days", fix);
                }
                (RefundReason::RatedWrong, Some(days)) => self.days(format!("{path}/days"), *days),
                (_, Some(days)) => {
                    self.add(format!("{path}/days"), days.to_string(), "nothing", "leave it out: it is given back at once");
                }
                (_, None) => {}
            }
        }
    }

    fn once(&mut self, path: &str, allowed: &str, is_first: bool) {
        if !is_first {
            self.add(path, "it twice", allowed, "remove one of the two");
        }
    }

    /// Credits, and not none.
    fn some(&mut self, path: String, amount: Credits, fix: &str) {
        if amount == Credits::ZERO {
            self.add(path, "0 credits", "more than 0 credits", fix);
        } else {
            self.credits(path, amount);
        }
    }

    fn days(&mut self, path: String, days: u32) {
        if !TRIAL_DAYS.contains(&days) {
            let (least, most) = TRIAL_DAYS.into_inner();
            let fix = format!("write {}", days.clamp(least, most));
            self.add(path, days.to_string(), format!("{least} to {most} days"), fix);
        }
    }
}
