//! Shapes of what a tenant is on, how that changes, and what it costs.

use crate::{
    clock::Instant,
    money::{Credits, Money},
    once::OnceKey,
    pricing::Line,
};

/// What a tenant is on, as of a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// The plan's key.
    pub plan: String,
    /// The plan's name for people.
    pub plan_name: String,
    /// What a month of it costs at the version it is on.
    pub list_price: Money,
    /// The version of the pricebook it is on.
    pub pricebook_version: i32,
    /// Whether the plan is only tried.
    pub trial: bool,
    /// The day of the month on which periods begin; the last day where a month has no such day.
    pub anchor_day: i16,
    /// Since when.
    pub started_at: Instant,
    /// Until when; `None` is until somebody ends it.
    pub ends_at: Option<Instant>,
    /// Whether that is over.
    pub is_over: bool,
    /// The plan it goes on with from the next period.
    pub next_plan: Option<String>,
    /// The running period, half-open; the last one, if it is over.
    pub period: (Instant, Instant),
    /// One more with each change.
    pub revision: i64,
}

/// When a tenant goes over to another plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Now; for the rest of the period the difference is charged.
    Now,
    /// When the next period begins.
    AtRenewal,
}

/// A change of plan.
#[derive(Clone, Debug)]
pub struct Switch {
    /// The plan's key.
    pub plan: String,
    /// When.
    pub when: When,
    /// The revision that was seen, if that matters.
    pub expected: Option<i64>,
    /// The version of the pricebook whose offer was seen, if that matters.
    pub seen: Option<i32>,
    /// What makes it happen once.
    pub once: Option<OnceKey>,
}

/// Why a subscription was not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SwitchRefusal {
    /// The tenant has no subscription.
    NoSubscription,
    /// No such plan is offered now; these are.
    NoSuchPlan(Vec<String>),
    /// Somebody has changed it meanwhile; this is how it is.
    Stale(Box<Subscription>),
    /// The prices that are offered are those of this version, and not those that were looked at.
    OtherPrices(i32),
    /// It is on that plan already.
    OnItAlready,
    /// The plan costs less, gives fewer credits or is priced in another currency: it can only be gone over to when the next period begins.
    OnlyAtRenewal,
    /// A trial, or what has ended, has no next period: a plan begins now.
    OnlyNow,
    /// It was cancelled: that has to be taken back first.
    Cancelled,
    /// A trial ends by itself, and so does what has ended.
    EndsAnyway,
    /// It was not cancelled.
    NotCancelled,
    /// The key came before with something else.
    KeyReused,
}

/// What became of changing a subscription.
pub type Switched = Result<Subscription, SwitchRefusal>;

/// What a change of plan would come to, had it been made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwitchPreview {
    /// From when the plan would be on.
    pub effective_from: Instant,
    /// What a month of it costs as it is offered now.
    pub list_price: Money,
    /// The version of the pricebook that offers it.
    pub pricebook_version: i32,
    /// What would be added to the running period's bill, line by line.
    pub lines: Vec<Line>,
    /// The sum of that.
    pub due: Money,
    /// How many credits would be granted at once.
    pub credits: Credits,
}

/// What a period costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The beginning of the period.
    pub from: Instant,
    /// Its end, which is not part of it.
    pub to: Instant,
    /// The sum of the lines.
    pub total: Money,
    /// What for.
    pub lines: Vec<Line>,
    /// Whether the period is over, so that this never changes.
    pub is_final: bool,
}
