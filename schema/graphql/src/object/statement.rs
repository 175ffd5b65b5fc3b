//! What a period costs.

use async_graphql::SimpleObject;
use frontoffice_domain::{clock::Instant, credit, pricing};

use crate::{
    kind::StatementLineKind,
    scalar::{Credits, DateTime, Money},
};

/// A line of a statement.
#[derive(SimpleObject)]
pub(crate) struct StatementLine {
    /// What it is for.
    kind: StatementLineKind,
    /// The key of the plan, if it is of one.
    plan: Option<String>,
    /// The version of the pricebook that says what it costs.
    pricebook_version: Option<i32>,
    /// The beginning of what it pays for.
    from: DateTime,
    /// The end of what it pays for, which is not part of it; the same instant for what was used or bought at one.
    to: DateTime,
    /// What it costs; negative for a credit.
    amount: Money,
    /// How many credits were used or bought; null where none were.
    quantity: Option<Credits>,
}

impl From<pricing::Line> for StatementLine {
    fn from(line: pricing::Line) -> Self {
        Self {
            kind: line.kind.into(),
            plan: line.plan,
            pricebook_version: line.version,
            from: DateTime(line.from),
            to: DateTime(line.to),
            amount: line.amount.into(),
            quantity: line.quantity.map(Credits),
        }
    }
}

/// What a period costs. No payment is collected here.
#[derive(SimpleObject)]
pub(crate) struct Statement {
    /// When the period began.
    period_start: DateTime,
    /// When it ends; that instant is not part of it.
    period_end: DateTime,
    /// The sum of the lines.
    total: Money,
    /// What for, in the order of time.
    lines: Vec<StatementLine>,
    /// Whether the period is over, so that this never changes.
    #[graphql(name = "final")]
    is_final: bool,
}

impl Statement {
    /// Where it is in the list of statements.
    pub(crate) fn place(&self) -> Instant {
        self.period_start.0
    }
}

impl From<credit::Statement> for Statement {
    fn from(its: credit::Statement) -> Self {
        Self {
            period_start: DateTime(its.from),
            period_end: DateTime(its.to),
            total: its.total.into(),
            lines: its.lines.into_iter().map(Into::into).collect(),
            is_final: its.is_final,
        }
    }
}
