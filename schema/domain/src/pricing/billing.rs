//! Shapes of what a period costs.

use crate::{
    clock::Instant,
    money::{Credits, Money},
    text_enum::text_enum,
};

/// What is subscribed from an instant until the next segment begins. Its price was fixed when it began; what is published later
/// does not touch it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// From when.
    pub from: Instant,
    /// The key of the plan.
    pub plan: String,
    /// What people call the plan.
    pub name: String,
    /// The version of the pricebook it is of.
    pub version: i32,
    /// What one whole period costs, however long periods are.
    pub list_price: Money,
    /// Whether it is tried, and so costs nothing.
    pub trial: bool,
    /// Whether nothing is subscribed from here on. What else it says counts for nothing then.
    pub ends: bool,
}

text_enum! {
    /// What a line of a bill is for.
    LineKind {
        /// A plan for the period, in advance; or a trial of it, of 0.
        Plan = "plan",
        /// The rest of a period: charged at what is new, or credited at what was before.
        Proration = "proration",
        /// Credits used beyond those a plan has.
        Overage = "overage",
        /// Credits bought besides.
        TopUp = "top_up",
    }
}

/// A line of a bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is for.
    pub kind: LineKind,
    /// The key of the plan, if it is of one.
    pub plan: Option<String>,
    /// The version of the pricebook that says what it costs.
    pub version: Option<i32>,
    /// The beginning of what it pays for.
    pub from: Instant,
    /// The end of what it pays for, which is not part of it; the same instant for what was used or bought at one.
    pub to: Instant,
    /// What it costs; negative for a credit.
    pub amount: Money,
    /// How many credits were used or bought.
    pub quantity: Option<Credits>,
}

/// What was used or bought besides a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extra {
    /// What it is: overage or a top-up.
    pub kind: LineKind,
    /// When.
    pub at: Instant,
    /// What it costs.
    pub amount: Money,
    /// How many credits.
    pub quantity: Credits,
    /// The version of the pricebook that says what it costs.
    pub version: i32,
}

/// What a period costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// For what: the plans in the order of time, a credit before the charge that replaces it; then what came besides, in the order of time.
    pub lines: Vec<Line>,
    /// The sum of the lines.
    pub total: Money,
}

/// Why there is no bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BillFault {
    /// What is billed is priced in several currencies.
    #[error("what is billed is priced in several currencies, which cannot be summed")]
    MixedCurrencies,
    /// An amount cannot be written down.
    #[error("an amount is beyond what can be written down")]
    Amount,
    /// The period ends before or when it begins.
    #[error("the period has no length")]
    NoPeriod,
    /// There never was anything, so that not even the currency of a bill of 0 is known.
    #[error("nothing was ever subscribed or bought")]
    Nothing,
}
