//! What a pricebook's sheets are, and the columns of each: the one place where a column or a sheet is added.

use super::content::Content;
use crate::pricing::model::{Action, RefundReason};

/// A kind of line, and where it stands in each kind of file.
#[derive(Debug)]
pub(super) struct Sheet {
    /// What its sheet in a workbook is called.
    pub(super) title: &'static str,
    /// What says in a CSV line that the line is one of it.
    pub(super) kind: &'static str,
    /// What it is called in TOML, in JSON, and in the pricebook's own JSON.
    pub(super) key: &'static str,
    /// How many lines it has.
    pub(super) lines: Lines,
    /// What it is for, in plain words.
    pub(super) explanation: &'static str,
    /// Its columns, in the order they are written in.
    pub(super) columns: &'static [Column],
}

/// How many lines a sheet has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lines {
    /// Any number.
    Many,
    /// Exactly one.
    One,
    /// Any number, and files that were written before there was such a sheet do not have it.
    Later,
}

/// A column.
#[derive(Debug)]
pub(super) struct Column {
    /// What stands at its head.
    pub(super) name: &'static str,
    /// The keys that lead to it from its line's table in TOML and JSON. In the pricebook's own JSON they are the same, but for what
    /// [`Content::inner`] says, so that this is how a value is got and set.
    pub(super) at: &'static [&'static str],
    /// What may stand in it.
    pub(super) content: Content,
    /// What it means, in plain words.
    pub(super) explanation: &'static str,
}

/// The sheets, in the order they are written in.
pub(super) const SHEETS: &[Sheet] = &[
    Sheet {
        title: "Plans",
        kind: "plan",
        key: "plans",
        lines: Lines::Many,
        explanation: "The plans customers can choose, one a line, cheapest first.",
        columns: PLAN,
    },
    Sheet {
        title: "Rates",
        kind: "rate",
        key: "rates",
        lines: Lines::Many,
        explanation: "How many credits an action costs, one a line.",
        columns: RATE,
    },
    Sheet {
        title: "Trial",
        kind: "trial",
        key: "trial",
        lines: Lines::One,
        explanation: "What a new customer may try; one line.",
        columns: TRIAL,
    },
    Sheet {
        title: "Overage",
        kind: "overage",
        key: "overage",
        lines: Lines::Later,
        explanation: "What a plan sells beyond its credits, billed by what was used; a plan without a line stops at its credits.",
        columns: OVERAGE,
    },
    Sheet {
        title: "Rollover",
        kind: "rollover",
        key: "rollover",
        lines: Lines::Later,
        explanation: "What a plan carries into its next month; a plan without a line carries nothing.",
        columns: ROLLOVER,
    },
    Sheet {
        title: "Top-ups",
        kind: "top-up",
        key: "top_ups",
        lines: Lines::Later,
        explanation: "Credits that can be bought besides a plan, one offer a line.",
        columns: TOP_UP,
    },
    Sheet {
        title: "Refunds",
        kind: "refund",
        key: "refunds",
        lines: Lines::Later,
        explanation: "What of a charge is given back, one reason a line.",
        columns: REFUND,
    },
];

const PLAN: &[Column] = &[
    Column {
        name: "key",
        at: &["key"],
        content: Content::Text,
        explanation: "What programs call the plan: letters a-z, digits and underscores. Keep it when the name changes.",
    },
    Column { name: "name", at: &["name"], content: Content::Text, explanation: "What people call the plan." },
    Column {
        name: "list_price",
        at: &["list_price", "amount"],
        content: Content::Money { currency: "currency" },
        explanation: "The price of a month, with no more decimals than the currency has.",
    },
    Column {
        name: "currency",
        at: &["list_price", "currency"],
        content: Content::Currency,
        explanation: "The currency of the list price, by its three capital letters.",
    },
    Column {
        name: "credits",
        at: &["credits"],
        content: Content::Credits,
        explanation: "The credits of a month, with up to six decimals.",
    },
    Column { name: "seats", at: &["seats"], content: LIMIT, explanation: "How many members." },
    Column {
        name: "standard_integrations",
        at: &["standard_integrations"],
        content: LIMIT,
        explanation: "How many webhooks and inbound endpoints.",
    },
    Column { name: "support", at: &["support"], content: Content::Text, explanation: "What kind of support." },
    Column { name: "personas", at: &["personas"], content: LIMIT, explanation: "How many personas." },
    Column { name: "knowledge_items", at: &["knowledge_items"], content: LIMIT, explanation: "How many knowledge entries." },
    Column {
        name: "retention_days",
        at: &["retention_days"],
        content: LIMIT,
        explanation: "For how many days conversations are kept.",
    },
];

const RATE: &[Column] = &[
    Column {
        name: "action",
        at: &["action"],
        content: Content::Word { words: || Action::ALL.iter().map(|action| action.as_str()).collect() },
        explanation: "What is charged for.",
    },
    Column {
        name: "model",
        at: &["model"],
        content: Content::TextOrNothing,
        explanation: "The model whose answers cost this; left out or empty: every model that has no rate of its own.",
    },
    Column {
        name: "credits",
        at: &["credits"],
        content: Content::Credits,
        explanation: "The price of one, or of each block of tokens begun, with up to six decimals.",
    },
    Column {
        name: "per_tokens",
        at: &["per_tokens"],
        content: Content::CountOr { word: "none" },
        explanation: "How many tokens a block has; `none` where tokens do not count.",
    },
    Column {
        name: "minimum",
        at: &["minimum"],
        content: Content::Credits,
        explanation: "The least it costs, in credits with up to six decimals.",
    },
];

const TRIAL: &[Column] = &[
    Column { name: "plan", at: &["plan"], content: Content::Text, explanation: "The key of the plan that may be tried." },
    Column { name: "days", at: &["days"], content: Content::Count, explanation: "For how many days." },
    Column {
        name: "credits",
        at: &["credits"],
        content: Content::Credits,
        explanation: "With how many credits, with up to six decimals.",
    },
];

const OVERAGE: &[Column] = &[
    Column { name: "plan", at: &["plan"], content: Content::Text, explanation: "The key of the plan." },
    Column {
        name: "price",
        at: &["price", "amount"],
        content: Content::Money { currency: "currency" },
        explanation: "The price of each block of credits begun.",
    },
    Column {
        name: "currency",
        at: &["price", "currency"],
        content: Content::Currency,
        explanation: "The currency of the price.",
    },
    Column { name: "credits", at: &["credits"], content: Content::Credits, explanation: "How many credits a block has." },
    Column {
        name: "limit",
        at: &["limit"],
        content: Content::Credits,
        explanation: "The most that can be used beyond a month's credits.",
    },
];

const ROLLOVER: &[Column] = &[
    Column { name: "plan", at: &["plan"], content: Content::Text, explanation: "The key of the plan." },
    Column {
        name: "maximum",
        at: &["maximum"],
        content: Content::Credits,
        explanation: "At most so many credits are carried into the next month.",
    },
    Column {
        name: "minimum",
        at: &["minimum"],
        content: Content::Credits,
        explanation: "At least so many are, even if fewer are left; mostly 0.",
    },
];

const TOP_UP: &[Column] = &[
    Column {
        name: "key",
        at: &["key"],
        content: Content::Text,
        explanation: "What programs call the offer: letters a-z, digits and underscores.",
    },
    Column { name: "name", at: &["name"], content: Content::Text, explanation: "What people call the offer." },
    Column {
        name: "price",
        at: &["price", "amount"],
        content: Content::Money { currency: "currency" },
        explanation: "What it costs.",
    },
    Column {
        name: "currency",
        at: &["price", "currency"],
        content: Content::Currency,
        explanation: "The currency of the price.",
    },
    Column { name: "credits", at: &["credits"], content: Content::Credits, explanation: "How many credits it is." },
    Column { name: "days", at: &["days"], content: LIMIT, explanation: "For how many days they can be used." },
];

const REFUND: &[Column] = &[
    Column {
        name: "reason",
        at: &["reason"],
        content: Content::Word { words: || RefundReason::ALL.iter().map(|reason| reason.as_str()).collect() },
        explanation: "Why a charge is given back.",
    },
    Column { name: "percent", at: &["percent"], content: Content::Count, explanation: "How much of it, in percent." },
    Column {
        name: "days",
        at: &["days"],
        content: Content::CountOr { word: "none" },
        explanation: "For how many days it can be asked for; `none` where it is given back at once.",
    },
];

/// A limit, or none.
const LIMIT: Content = Content::CountOr { word: "unlimited" };

impl Sheet {
    /// The column of a head, whatever its capitals and the space around it.
    pub(super) fn column(&self, head: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(head.trim()))
    }
}
