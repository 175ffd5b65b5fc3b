//! Giving back what was charged, as the pricebook says it is: at once where an answer came to nothing, or when an agent has found one wrong.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    catch_up::{Granted, catch_up, grant},
    ledger::{About, Ledger, Prices, of_version},
};
use crate::{
    audit::{Action, Change},
    clock::Instant,
    credit::{
        correction::{Refund, Refunded},
        model::{EntryKind, GrantKind},
        rules::{self, DAY, Draw},
    },
    db::{Conn, Undone},
    fault::Fault,
    id::{AuditEntryId, GrantId, TurnId},
    identity::Permission,
    money::Credits,
    pricing::{RefundReason, RefundRule},
    run,
    tables::{credit_charges, credit_entries, credit_grants, credit_refunds},
    tenancy::Scope,
};

/// What is given back.
pub(super) struct Giving<'a> {
    pub(super) turn: TurnId,
    pub(super) rule: &'a RefundRule,
    /// What was charged in all.
    pub(super) charged: Credits,
    /// Of which blocks, in that order, and when each ends.
    pub(super) taken: &'a [(Draw, Option<Instant>)],
    /// The prices it was charged by.
    pub(super) prices: &'a Prices,
}

/// Gives back what a rule says of a charge: into the blocks it was taken from, what was taken last first. What was taken from a block that has
/// ended since comes back as a block without an end, so that it is worth something. How much; nothing, if nothing was charged.
pub(super) async fn give_back(
    tx: &mut Conn,
    scope: &Scope,
    ledger: &mut Ledger,
    giving: Giving<'_>,
    now: Instant,
) -> Result<Option<Refund>, Fault> {
    let cannot = || Fault::Amount { what: "what is given back" };
    let Giving { turn, rule, charged, taken, prices } = giving;
    let amount = rules::refunded(charged, rule.percent).ok_or_else(cannot)?;
    if amount <= Credits::ZERO {
        return Ok(None);
    }
    let actor = scope.actor();
    let by = actor.id.map(|_| (actor.clone(), Some(rule.reason.to_string())));
    let about = About { turn: Some(turn), version: Some((prices.number, prices.hash)), by: by.clone(), ..About::default() };
    let draws: Vec<Draw> = taken.iter().map(|(draw, _)| *draw).collect();
    let mut lost = Credits::ZERO;
    for back in rules::give_back(&draws, amount).ok_or_else(cannot)? {
        let end = taken.iter().find(|(draw, _)| draw.id == back.id).and_then(|(_, end)| *end);
        if end.is_some_and(|end| end <= now) {
            lost = lost.plus(back.amount).ok_or_else(cannot)?;
        } else {
            ledger.change_block(back.id, back.amount.micro(), 0);
            ledger.post(EntryKind::Refund, back, &about, now)?;
            ledger.expects(end);
        }
    }
    if lost > Credits::ZERO {
        let block =
            Granted { entry: EntryKind::Refund, by, turn: Some(turn), ..Granted::new(GrantKind::Correction, lost, now, None) };
        grant(tx, scope, ledger, &block, prices).await?;
    }
    run!(tx, |c| {
        diesel::insert_into(credit_refunds::table)
            .values((
                credit_refunds::tenant_id.eq(scope.tenant()),
                credit_refunds::turn_id.eq(turn),
                credit_refunds::reason.eq(rule.reason),
                credit_refunds::percent.eq(i32::try_from(rule.percent).unwrap_or(100)),
                credit_refunds::amount.eq(amount.micro()),
                credit_refunds::pricebook_version.eq(prices.number),
                credit_refunds::actor.eq(actor.kind),
                credit_refunds::actor_id.eq(actor.id.map(AuditEntryId::from)),
                credit_refunds::created_at.eq(now),
            ))
            .execute(c)
    })?;
    Ok(Some(Refund { turn_id: turn, reason: rule.reason, percent: rule.percent, amount, created_at: now }))
}

/// Gives back what an answer cost that an agent has found wrong, if the prices it was charged by say so and it is not too long ago. Once: done
/// again, it changes nothing.
///
/// # Errors
/// If the caller may not speak for the tenant's people, or the store fails.
pub async fn refund_wrong(conn: &mut Conn, scope: &Scope, turn: TurnId, now: Instant) -> Result<Refunded, Fault> {
    scope.require(Permission::ChatManage)?;
    conn.undoable("credit.refund_wrong", async |tx| {
        let undone = |outcome| Err(Undone::Outcome(outcome));
        // The account first, as everybody: who comes second sees what the first gave back.
        let Some(mut ledger) = Ledger::take(tx, scope, now).await? else { return undone(Refunded::NotCharged) };
        catch_up(tx, scope, &mut ledger, now).await?;
        let Some((charged, charged_at, prices)) = charge(tx, scope, turn).await? else { return undone(Refunded::NotCharged) };
        if let Some(before) = refunds(tx, scope, &[turn]).await?.pop() {
            return undone(Refunded::Before(before));
        }
        let rule = prices.pricebook.refund_for(RefundReason::RatedWrong).cloned();
        let Some((rule, days)) = rule.and_then(|rule| rule.days.map(|days| (rule, days))) else {
            return undone(Refunded::NotSaid);
        };
        let until = charged_at.after(DAY.saturating_mul(days));
        if now >= until {
            return undone(Refunded::TooLate(until));
        }
        let taken = taken(tx, scope, turn).await?;
        let now = now.max(ledger.period.0);
        let giving = Giving { turn, rule: &rule, charged, taken: &taken, prices: &prices };
        let Some(refund) = give_back(tx, scope, &mut ledger, giving, now).await? else { return undone(Refunded::NotCharged) };
        ledger.close(tx).await?;
        scope.record(tx, Change::of(Action::ChargeRefunded, turn.uuid(), &["refund"]), now).await?;
        Ok(Refunded::Now(refund))
    })
    .await
}

/// What a turn was charged in all, when, and by which prices.
async fn charge(tx: &mut Conn, scope: &Scope, turn: TurnId) -> Result<Option<(Credits, Instant, Prices)>, Fault> {
    type Row = (i64, i64, Instant, i32, Vec<u8>);
    let row: Option<Row> = run!(tx, |c| {
        credit_charges::table
            .filter(credit_charges::tenant_id.eq(scope.tenant()).and(credit_charges::turn_id.eq(turn)))
            .select((
                credit_charges::captured,
                credit_charges::overage,
                credit_charges::created_at,
                credit_charges::pricebook_version,
                credit_charges::content_hash,
            ))
            .first(c)
    })
    .optional()?;
    let Some((captured, overage, at, version, hash)) = row else { return Ok(None) };
    let charged = Credits::from_micro(captured).plus(Credits::from_micro(overage)).ok_or(Fault::Amount { what: "a charge" })?;
    Ok(Some((charged, at, of_version(tx, version, &hash).await?)))
}

/// Of which blocks a turn's charge was taken, in that order, and when each ends.
async fn taken(tx: &mut Conn, scope: &Scope, turn: TurnId) -> Result<Vec<(Draw, Option<Instant>)>, Fault> {
    let rows: Vec<(GrantId, i64, Option<Instant>)> = run!(tx, |c| {
        credit_entries::table
            .inner_join(credit_grants::table.on(credit_grants::id.eq(credit_entries::grant_id)))
            .filter(credit_entries::tenant_id.eq(scope.tenant()).and(credit_entries::turn_id.eq(turn)))
            .filter(credit_entries::kind.eq_any([EntryKind::Capture, EntryKind::Overage]))
            .order(credit_entries::number)
            .select((credit_entries::grant_id, credit_entries::amount, credit_grants::expires_at))
            .load(c)
    })?;
    Ok(rows.into_iter().map(|(id, amount, end)| (Draw { id, amount: Credits::from_micro(amount) }, end)).collect())
}

/// What was given back of the charges of turns, as part of another act.
pub(super) async fn refunds(conn: &mut Conn, scope: &Scope, turns: &[TurnId]) -> Result<Vec<Refund>, Fault> {
    let rows: Vec<(TurnId, RefundReason, i32, i64, Instant)> = run!(conn, |c| {
        credit_refunds::table
            .filter(credit_refunds::tenant_id.eq(scope.tenant()).and(credit_refunds::turn_id.eq_any(turns)))
            .select((
                credit_refunds::turn_id,
                credit_refunds::reason,
                credit_refunds::percent,
                credit_refunds::amount,
                credit_refunds::created_at,
            ))
            .load(c)
    })?;
    let refund = |(turn_id, reason, percent, amount, created_at)| Refund {
        turn_id,
        reason,
        percent: u32::try_from(percent).unwrap_or(0),
        amount: Credits::from_micro(amount),
        created_at,
    };
    Ok(rows.into_iter().map(refund).collect())
}
