//! Shapes of credits.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Instant,
    id::{GrantId, TurnId},
    job::Job,
    money::Credits,
    pricing::Action,
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
    Charged,
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
    /// What was not, because it is more than was held.
    pub absorbed: Credits,
    /// The version of the pricebook it was rated by.
    pub pricebook_version: i32,
    /// The hash of that version.
    pub content_hash: [u8; 32],
    /// When it was metered.
    pub created_at: Instant,
}

text_enum! {
    /// What a plan entitles a tenant to, so many of it.
    Entitlement {
        /// Members, and those who are asked to join.
        Seats = "seats",
        /// Webhooks and inbound endpoints.
        StandardIntegrations = "standard_integrations",
        /// Personas in use.
        Personas = "personas",
        /// Knowledge entries that are not archived.
        KnowledgeItems = "knowledge_items",
        /// For how many days conversations are kept.
        RetentionDays = "retention_days",
    }
}

/// How an entitlement of a tenant's plan stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entitled {
    /// To what.
    pub what: Entitlement,
    /// The plan's name for people.
    pub plan: String,
    /// How many it has; `None` is unlimited.
    pub limit: Option<u32>,
    /// How many are used or promised; `None` where nothing is used up.
    pub used: Option<i64>,
    /// The first plan of today's that has more, by name and number.
    pub more_in: Option<(String, Option<u32>)>,
}

impl Entitled {
    /// Whether there is none left.
    #[must_use]
    pub fn is_used_up(&self) -> bool {
        self.lacks(1)
    }

    /// Whether there are not so many left.
    #[must_use]
    pub fn lacks(&self, more: i64) -> bool {
        let wanted = self.used.unwrap_or(0).saturating_add(more);
        self.limit.is_some_and(|limit| wanted > i64::from(limit))
    }

    /// Why there is no room for more: the plan, its limit, and the way up.
    #[must_use]
    pub fn sentence(&self) -> String {
        let limit = self.limit.unwrap_or_default();
        let way_up = match &self.more_in {
            Some((plan, Some(more))) => format!("The plan {plan} has {more}."),
            Some((plan, None)) => format!("The plan {plan} has as many as you need."),
            None => "No plan has more.".to_owned(),
        };
        let used = self.used.unwrap_or_default();
        let (things, or) = match self.what {
            Entitlement::Seats => (
                format!("{limit} seats, and {used} are taken or promised"),
                "Or take somebody off the team, or an invitation back.",
            ),
            Entitlement::Personas => (format!("{limit} personas, and {used} are in use"), "Or archive one."),
            Entitlement::KnowledgeItems => (format!("{limit} knowledge entries, and {used} are kept"), "Or archive some."),
            Entitlement::StandardIntegrations | Entitlement::RetentionDays => {
                (format!("{limit} of these, and {used} are used"), "")
            }
        };
        format!("The plan {} has {things}. {way_up} {or}", self.plan).trim_end().to_owned()
    }
}
