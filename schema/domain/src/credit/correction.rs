//! Shapes of what changes an account besides turns and periods: what is bought, given, put right and given back.

use super::model::{Grant, GrantKind};
use crate::{clock::Instant, id::TurnId, money::Credits, pricing::RefundReason};

/// Credits for a tenant that nobody pays for.
#[derive(Clone, Debug)]
pub struct Given {
    /// Why they are granted: [`GrantKind::Promotion`] or [`GrantKind::Correction`].
    pub kind: GrantKind,
    /// How many; more than 0.
    pub amount: Credits,
    /// Until when they can be used; `None` is without end.
    pub expires_at: Option<Instant>,
    /// Lower is used up first; a plan's own have 0.
    pub priority: i16,
    /// Why, 1 to 500 characters.
    pub reason: String,
}

/// What puts an account right.
#[derive(Clone, Debug)]
pub struct Correction {
    /// More than 0 to add, less to take away.
    pub amount: Credits,
    /// Why, 1 to 500 characters.
    pub reason: String,
}

/// What became of something that adds to an account; the block, where there is one.
pub type Bought = Result<Option<Grant>, Refusal>;

/// Why nothing was done with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The tenant has no subscription, it has ended, or it only tries a plan.
    NoPlan,
    /// There is no such top-up; these there are.
    NoSuchTopUp(Vec<String>),
    /// There is no such block.
    NoSuchGrant,
    /// Nothing is left of it, or all of that is held.
    NothingLeft,
    /// It would end before it begins.
    EndsBefore,
    /// There is not so much to be taken away; this much there is.
    NotSoMuch(Credits),
    /// The key came before with something else.
    KeyReused,
}

/// What was given back of a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// The turn that was charged.
    pub turn_id: TurnId,
    /// Why.
    pub reason: RefundReason,
    /// How much of the charge, in percent.
    pub percent: u32,
    /// How much that is.
    pub amount: Credits,
    /// When.
    pub created_at: Instant,
}

/// What became of giving back what a wrong answer cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refunded {
    /// It was given back.
    Now(Refund),
    /// Something was given back of it before; nothing was changed.
    Before(Refund),
    /// There is no such turn, or it cost nothing.
    NotCharged,
    /// The prices it was charged by give nothing back for that.
    NotSaid,
    /// It could be asked for until then.
    TooLate(Instant),
}
