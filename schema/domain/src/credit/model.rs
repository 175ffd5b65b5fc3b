//! Shapes of credits.

use serde::{Deserialize, Serialize};

use super::{correction::Refund, rules::Draw};
use crate::{
    audit::Actor,
    clock::Instant,
    id::{GrantId, MessageId, TurnId},
    job::Job,
    money::{Credits, Money},
    pricing::{Action, Rate},
    text_enum::text_enum,
};

text_enum! {
    /// Why credits were granted.
    GrantKind {
        /// A plan's credits for a period.
        Allowance = "allowance",
        /// To try the product.
        Trial = "trial",
        /// Bought besides.
        TopUp = "top_up",
        /// Given away.
        Promotion = "promotion",
        /// To make something good.
        Correction = "correction",
        /// Carried over from the period before.
        Rollover = "rollover",
        /// What a plan sells beyond its credits: billed after the period by what was taken of it, and used last.
        Overage = "overage",
    }
}

text_enum! {
    /// What an entry of the ledger did.
    EntryKind {
        /// Added a block.
        Grant = "grant",
        /// Set some aside for a turn.
        Hold = "hold",
        /// Took what a turn cost out of what was held for it.
        Capture = "capture",
        /// Gave back what was held and not needed.
        Release = "release",
        /// Took away what a block still had at its end.
        Expire = "expire",
        /// Took away what a block still had that should not have been granted.
        Void = "void",
        /// Added or took away, to put something right.
        Adjust = "adjust",
        /// Gave back what was charged.
        Refund = "refund",
        /// Took what a turn cost beyond what was held for it out of what the plan sells beyond its credits.
        Overage = "overage",
    }
}

/// What a turn may take at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// It is answered without a language model.
    Quoted,
    /// A language model may read and write so many tokens.
    Written {
        /// Prompt and completion together.
        tokens: u32,
    },
}

/// What answers may take at most, by who gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budgets {
    /// The model that answers where a persona names none, or one that is not listed; none if no language model does.
    pub usual: Option<String>,
    /// The others that personas may name.
    pub others: Vec<String>,
    /// Who may stand in for a language model that fails.
    pub fallback: Option<String>,
    /// What a language model may read and write, in tokens.
    pub tokens: u32,
}

/// What an answer may take, and as whose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taking<'a> {
    /// What it may take.
    pub budget: Budget,
    /// The models it may be charged as; none if no language model answers.
    pub models: [Option<&'a str>; 2],
    /// The one that is asked, by the name personas know it by; `None` for the usual one.
    pub named: Option<&'a str>,
}

/// What stands for answering without a language model where a model is named.
pub const EXTRACTIVE: &str = "extractive";

impl Budgets {
    /// What an answer may take whose persona names this model.
    #[must_use]
    pub fn of(&self, named: Option<&str>) -> Taking<'_> {
        let named = self.others.iter().map(String::as_str).find(|other| Some(*other) == named);
        match named.or(self.usual.as_deref()) {
            None | Some(EXTRACTIVE) => Taking { budget: Budget::Quoted, models: [None; 2], named },
            Some(model) => {
                let models = [Some(model), self.fallback.as_deref()];
                Taking { budget: Budget::Written { tokens: self.tokens }, models, named }
            }
        }
    }
}

/// What a tenant subscribes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Terms {
    /// A plan, by its key, from now on.
    Plan(String),
    /// The pricebook's trial.
    Trial,
}

/// What became of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subscribed {
    /// Subscribed, and the first credits granted.
    Now,
    /// The tenant has a subscription; nothing was changed.
    Already,
    /// No prices are in force, or they have no such plan; nothing was changed.
    NoSuchPlan,
}

/// Meters what a turn took, once it has ended: charges it and gives back the rest of what was held for it.
#[derive(Debug, Serialize, Deserialize)]
pub struct MeterUsage {
    /// The turn.
    pub turn_id: TurnId,
}

impl Job for MeterUsage {
    const NAME: &'static str = "meter_usage";
    /// Before any answer: it takes milliseconds, and until it is done credits are held that the next answers may need.
    const PRIORITY: i16 = -1;
    /// Nobody else would give back what is held.
    const MAX_ATTEMPTS: i32 = 25;

    fn key(&self) -> String {
        self.turn_id.to_string()
    }
}

/// What became of metering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metered {
    /// Charged, and the rest given back.
    Charged {
        /// Whether there is something that somebody has to know since.
        news: bool,
    },
    /// There was nothing to meter: it was done before, or nothing was held.
    Nothing,
    /// Another worker has the job; nothing was changed.
    Late,
}

/// The numbers of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// What the tenant has, held or not.
    pub balance: Credits,
    /// What of it is set aside.
    pub held: Credits,
    /// How many entries its ledger has.
    pub last_entry: i64,
}

/// What a tenant has and is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The plan's key.
    pub plan: String,
    /// Whether it is only tried.
    pub trial: bool,
    /// The version of the pricebook it is on.
    pub pricebook_version: i32,
    /// When the running period began.
    pub period_from: Instant,
    /// When it ends; then a plan's allowance is granted anew.
    pub period_to: Instant,
    /// What the tenant has, held or not.
    pub balance: Credits,
    /// What of it is set aside.
    pub held: Credits,
    /// What may be set aside now.
    pub available: Credits,
    /// What the plan sells beyond its credits; none of it is in the numbers above.
    pub overage: Option<OverageLeft>,
}

/// How what a plan sells beyond its credits stands in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverageLeft {
    /// The most that may be used of it.
    pub limit: Credits,
    /// What was used of it.
    pub used: Credits,
    /// What is set aside of it.
    pub held: Credits,
    /// What that comes to so far: for each block of credits begun, its price.
    pub due: Money,
}

/// A block of credits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its row.
    pub id: GrantId,
    /// Why it was granted.
    pub kind: GrantKind,
    /// How much.
    pub amount: Credits,
    /// What was neither taken nor has expired.
    pub remaining: Credits,
    /// What of that is set aside.
    pub held: Credits,
    /// Lower is used up first.
    pub priority: i16,
    /// From when it may be used.
    pub effective_from: Instant,
    /// Until when.
    pub expires_at: Option<Instant>,
}

/// An entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number in the account, from 1 without a gap.
    pub number: i64,
    /// What it did.
    pub kind: EntryKind,
    /// With how much.
    pub amount: Credits,
    /// The balance after it.
    pub balance_after: Credits,
    /// What is held after it.
    pub held_after: Credits,
    /// The block it is about.
    pub grant_id: GrantId,
    /// The turn it is about.
    pub turn_id: Option<TurnId>,
    /// The version of the pricebook it follows from.
    pub pricebook_version: Option<i32>,
    /// When it took effect.
    pub occurred_at: Instant,
    /// Who is behind it, if a person is.
    pub actor: Option<Actor>,
    /// Why, if somebody said so.
    pub reason: Option<String>,
}

/// What a turn took and how it was rated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The turn.
    pub turn_id: TurnId,
    /// What it was charged as.
    pub action: Action,
    /// Tokens read, if a language model was asked.
    pub prompt_tokens: Option<i32>,
    /// Tokens written, if a language model was asked.
    pub completion_tokens: Option<i32>,
    /// Whether the tokens are our own count.
    pub estimated: bool,
    /// What it costs by the prices.
    pub rated: Credits,
    /// What was charged.
    pub captured: Credits,
    /// What was charged beyond what was held, because the plan sells that.
    pub overage: Credits,
    /// What was not charged, because it is more than was held.
    pub absorbed: Credits,
    /// The version of the pricebook it was rated by.
    pub pricebook_version: i32,
    /// The hash of that version.
    pub content_hash: [u8; 32],
    /// When it was metered.
    pub created_at: Instant,
    /// What was given back of it.
    pub refund: Option<Refund>,
}

impl Charge {
    /// What was charged in all.
    #[must_use]
    pub fn charged(&self) -> Credits {
        // What is written down adds up to what was rated, which is written down too.
        self.captured.plus(self.overage).unwrap_or(self.captured)
    }
}

/// How a charge came to be, reckoned once more.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The charge.
    pub charge: Charge,
    /// The message that was answered.
    pub question: Option<MessageId>,
    /// The answer.
    pub answer: Option<MessageId>,
    /// The model that answered.
    pub model: Option<String>,
    /// The rate it was charged by.
    pub rate: Rate,
    /// What was set aside for it.
    pub held: Credits,
    /// Out of which blocks it was taken, in that order, and why those were granted.
    pub draws: Vec<(Draw, GrantKind)>,
    /// What the ledger says of it, in its order.
    pub entries: Vec<Entry>,
    /// What it costs, reckoned anew from its tokens by the version it was charged by.
    pub recomputed: Credits,
}

impl Explanation {
    /// Whether what is reckoned anew is what was rated, and what was charged follows from that and from what was held.
    #[must_use]
    pub fn matches(&self) -> bool {
        let Charge { rated, captured, overage, absorbed, .. } = &self.charge;
        let drawn = self.draws.iter().try_fold(Credits::ZERO, |sum, (draw, _)| sum.plus(draw.amount));
        let beyond = rated.minus(*captured);
        self.recomputed == *rated
            && *captured == self.recomputed.min(self.held)
            && overage.plus(*absorbed) == beyond
            && drawn == Some(self.charge.charged())
    }
}
