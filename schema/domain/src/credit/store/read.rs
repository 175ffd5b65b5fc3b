//! What a tenant's staff sees of its credits.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{beyond, catch_up::bring_up, refund::refunds, standing::recorded};
use crate::{
    audit::{Actor, ActorKind},
    clock::Instant,
    credit::{
        correction::Refund,
        model::{Charge, Entry, EntryKind, Grant, GrantKind, Summary},
    },
    db::Conn,
    fault::Fault,
    id::{AuditEntryId, GrantId, TenantId, TurnId},
    identity::Permission,
    money::Credits,
    page::{Page, Slice},
    pricing::Action,
    run,
    tables::{credit_accounts, credit_charges, credit_entries, credit_grants},
    tenancy::Scope,
};

/// What a tenant has and is on, as of now; `None` if it has no subscription. What is due by now happens first, so this needs a
/// connection that may write.
///
/// # Errors
/// If the store fails.
pub async fn summary(conn: &mut Conn, scope: &Scope, now: Instant) -> Result<Option<Summary>, Fault> {
    scope.require(Permission::UsageRead)?;
    let tenant = scope.tenant();
    bring_up(conn, scope, now).await?;
    let Some(recorded) = recorded(conn, tenant, now).await? else { return Ok(None) };
    let standing = recorded.standing(now)?;
    let (account, begun) = account(conn, tenant).await?;
    let cannot = || Fault::Amount { what: "what is available" };
    let overage = beyond::left(conn, tenant, recorded.on.period, begun).await?;
    // What a plan sells beyond its credits is nobody's yet.
    let (beyond, beyond_held) = begun.map_or((Credits::ZERO, Credits::ZERO), |begun| (begun.remaining, begun.held));
    let balance = account.0.minus(beyond).ok_or_else(cannot)?;
    let held = account.1.minus(beyond_held).ok_or_else(cannot)?;
    let available = balance.minus(held).ok_or_else(cannot)?;
    Ok(Some(Summary {
        plan: standing.plan,
        trial: recorded.on.trial,
        pricebook_version: standing.version.number,
        period_from: standing.period.0,
        period_to: standing.period.1,
        balance,
        held,
        available,
        overage,
    }))
}

/// An account's balance and held, and the overage of its period that is in both: read at once, so that they are of one moment.
async fn account(conn: &mut Conn, tenant: TenantId) -> Result<((Credits, Credits), Option<beyond::Begun>), Fault> {
    type Row = (i64, i64, Option<(GrantId, i64, i64)>);
    let (balance, held, begun): Row = run!(conn, |c| {
        credit_accounts::table
            .left_join(
                credit_grants::table.on(credit_grants::tenant_id
                    .eq(credit_accounts::tenant_id)
                    .and(credit_grants::kind.eq(GrantKind::Overage))
                    .and(credit_grants::period_from.eq(credit_accounts::period_from.nullable()))),
            )
            .filter(credit_accounts::tenant_id.eq(tenant))
            .select((
                credit_accounts::balance,
                credit_accounts::held,
                (credit_grants::id, credit_grants::remaining, credit_grants::held).nullable(),
            ))
            .first(c)
    })?;
    let micro = Credits::from_micro;
    let begun = begun.map(|(grant, remaining, held)| beyond::Begun { grant, remaining: micro(remaining), held: micro(held) });
    Ok(((micro(balance), micro(held)), begun))
}

/// A tenant's blocks of credits that still have something, oldest first.
///
/// # Errors
/// If the store fails.
pub async fn grants(conn: &mut Conn, scope: &Scope) -> Result<Vec<Grant>, Fault> {
    scope.require(Permission::UsageRead)?;
    let tenant = scope.tenant();
    let rows: Vec<GrantRow> = run!(conn, |c| {
        credit_grants::table
            .filter(credit_grants::tenant_id.eq(tenant).and(credit_grants::remaining.gt(0)))
            .order(credit_grants::id)
            .select(grant_columns())
            .load(c)
    })?;
    Ok(rows.into_iter().map(of_row).collect())
}

/// A block as it is read.
type GrantRow = (GrantId, GrantKind, i64, i64, i64, i16, Instant, Option<Instant>);

#[diesel::dsl::auto_type]
fn grant_columns() -> _ {
    (
        credit_grants::id,
        credit_grants::kind,
        credit_grants::amount,
        credit_grants::remaining,
        credit_grants::held,
        credit_grants::priority,
        credit_grants::effective_from,
        credit_grants::expires_at,
    )
}

fn of_row((id, kind, amount, remaining, held, priority, effective_from, expires_at): GrantRow) -> Grant {
    let [amount, remaining, held] = [amount, remaining, held].map(Credits::from_micro);
    Grant { id, kind, amount, remaining, held, priority, effective_from, expires_at }
}

/// Those of some blocks that are the tenant's, as part of another act.
pub(super) async fn grants_by_id(conn: &mut Conn, scope: &Scope, ids: &[GrantId]) -> Result<Vec<Grant>, Fault> {
    let rows: Vec<GrantRow> = run!(conn, |c| {
        credit_grants::table
            .filter(credit_grants::tenant_id.eq(scope.tenant()).and(credit_grants::id.eq_any(ids)))
            .select(grant_columns())
            .load(c)
    })?;
    Ok(rows.into_iter().map(of_row).collect())
}

/// A page of a tenant's ledger, the newest entry first.
///
/// # Errors
/// If the store fails.
pub async fn entries(conn: &mut Conn, scope: &Scope, page: Page<i64>) -> Result<Slice<Entry>, Fault> {
    scope.require(Permission::UsageRead)?;
    let (tenant, backwards) = (scope.tenant(), page.backwards());
    // The newest first: what comes after a place has a lower number.
    let (above, below) = (page.before.unwrap_or(0), page.after.unwrap_or(i64::MAX));
    let rows: Vec<EntryRow> = run!(conn, |c| {
        let listed = credit_entries::table
            .filter(credit_entries::tenant_id.eq(tenant))
            .filter(credit_entries::number.gt(above).and(credit_entries::number.lt(below)))
            .limit(page.limit())
            .select(entry_columns())
            .into_boxed();
        if backwards { listed.order(credit_entries::number.asc()) } else { listed.order(credit_entries::number.desc()) }.load(c)
    })?;
    let entries = rows.into_iter().map(entry);
    Ok(page.slice(entries.collect()))
}

/// Who is behind an entry, and why.
type By = (Option<ActorKind>, Option<AuditEntryId>, Option<String>);
/// An entry as it is read.
type EntryRow = (i64, EntryKind, i64, i64, i64, GrantId, Option<TurnId>, Option<i32>, Instant, By);

#[diesel::dsl::auto_type]
fn entry_columns() -> _ {
    (
        credit_entries::number,
        credit_entries::kind,
        credit_entries::amount,
        credit_entries::balance_after,
        credit_entries::held_after,
        credit_entries::grant_id,
        credit_entries::turn_id,
        credit_entries::pricebook_version,
        credit_entries::occurred_at,
        (credit_entries::actor, credit_entries::actor_id, credit_entries::reason),
    )
}

fn entry((number, kind, amount, balance, held, grant_id, turn_id, pricebook_version, occurred_at, by): EntryRow) -> Entry {
    let [amount, balance_after, held_after] = [amount, balance, held].map(Credits::from_micro);
    let (actor, id, reason) = by;
    let actor = actor.map(|kind| Actor { kind, id: id.map(|id| id.uuid()) });
    Entry { number, kind, amount, balance_after, held_after, grant_id, turn_id, pricebook_version, occurred_at, actor, reason }
}

/// What the ledger says of a turn, in its order, as part of another act.
pub(super) async fn entries_of(conn: &mut Conn, scope: &Scope, turn: TurnId) -> Result<Vec<Entry>, Fault> {
    let rows: Vec<EntryRow> = run!(conn, |c| {
        credit_entries::table
            .filter(credit_entries::tenant_id.eq(scope.tenant()).and(credit_entries::turn_id.eq(turn)))
            .order(credit_entries::number)
            .select(entry_columns())
            .load(c)
    })?;
    Ok(rows.into_iter().map(entry).collect())
}

/// What a turn was charged; `None` before it was metered.
///
/// # Errors
/// If the store fails.
pub async fn charge_of(conn: &mut Conn, scope: &Scope, turn: TurnId) -> Result<Option<Charge>, Fault> {
    scope.require(Permission::UsageRead)?;
    charge(conn, scope, turn).await
}

/// What a turn was charged, as part of another act.
pub(crate) async fn charge(conn: &mut Conn, scope: &Scope, turn: TurnId) -> Result<Option<Charge>, Fault> {
    Ok(charges(conn, scope, &[turn]).await?.pop())
}

/// What turns were charged that were metered, as part of another act.
pub(crate) async fn charges(conn: &mut Conn, scope: &Scope, turns: &[TurnId]) -> Result<Vec<Charge>, Fault> {
    let tenant = scope.tenant();
    type Row = (TurnId, Action, Option<i32>, Option<i32>, bool, i64, i64, i64, i64, i32, Vec<u8>, Instant);
    let rows: Vec<Row> = run!(conn, |c| {
        credit_charges::table
            .filter(credit_charges::tenant_id.eq(tenant).and(credit_charges::turn_id.eq_any(turns)))
            .select((
                credit_charges::turn_id,
                credit_charges::action,
                credit_charges::prompt_tokens,
                credit_charges::completion_tokens,
                credit_charges::estimated,
                credit_charges::rated,
                credit_charges::captured,
                credit_charges::overage,
                credit_charges::absorbed,
                credit_charges::pricebook_version,
                credit_charges::content_hash,
                credit_charges::created_at,
            ))
            .load(c)
    })?;
    let given_back = refunds(conn, scope, turns).await?;
    let mut given_back: HashMap<TurnId, Refund> = given_back.into_iter().map(|refund| (refund.turn_id, refund)).collect();
    let charge = |row: Row| {
        let (turn_id, action, read, written, estimated, rated, captured, overage, absorbed, pricebook_version, hash, created_at) =
            row;
        let [rated, captured, overage, absorbed] = [rated, captured, overage, absorbed].map(Credits::from_micro);
        Charge {
            turn_id,
            action,
            prompt_tokens: read,
            completion_tokens: written,
            estimated,
            rated,
            captured,
            overage,
            absorbed,
            pricebook_version,
            content_hash: hash.try_into().unwrap_or([0; 32]),
            created_at,
            refund: given_back.remove(&turn_id),
        }
    };
    Ok(rows.into_iter().map(charge).collect())
}
