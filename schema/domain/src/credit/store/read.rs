//! What a tenant's staff sees of its credits.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{catch_up::bring_up, standing::recorded};
use crate::{
    clock::Instant,
    credit::model::{Charge, Entry, EntryKind, Grant, GrantKind, Summary},
    db::Conn,
    fault::Fault,
    id::{GrantId, TurnId},
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
    let account: (i64, i64) = run!(conn, |c| {
        credit_accounts::table.find(tenant).select((credit_accounts::balance, credit_accounts::held)).first(c)
    })?;
    let (balance, held) = (Credits::from_micro(account.0), Credits::from_micro(account.1));
    let available = balance.minus(held).ok_or(Fault::Amount { what: "what is available" })?;
    Ok(Some(Summary {
        plan: standing.plan,
        trial: recorded.on.trial,
        pricebook_version: standing.version.number,
        period_from: standing.period.0,
        period_to: standing.period.1,
        balance,
        held,
        available,
    }))
}

/// A tenant's blocks of credits that still have something, oldest first.
///
/// # Errors
/// If the store fails.
pub async fn grants(conn: &mut Conn, scope: &Scope) -> Result<Vec<Grant>, Fault> {
    scope.require(Permission::UsageRead)?;
    let tenant = scope.tenant();
    type Row = (GrantId, GrantKind, i64, i64, i64, i16, Instant, Option<Instant>);
    let rows: Vec<Row> = run!(conn, |c| {
        credit_grants::table
            .filter(credit_grants::tenant_id.eq(tenant).and(credit_grants::remaining.gt(0)))
            .order(credit_grants::id)
            .select((
                credit_grants::id,
                credit_grants::kind,
                credit_grants::amount,
                credit_grants::remaining,
                credit_grants::held,
                credit_grants::priority,
                credit_grants::effective_from,
                credit_grants::expires_at,
            ))
            .load(c)
    })?;
    let grants = rows.into_iter().map(|(id, kind, amount, remaining, held, priority, effective_from, expires_at)| {
        let [amount, remaining, held] = [amount, remaining, held].map(Credits::from_micro);
        Grant { id, kind, amount, remaining, held, priority, effective_from, expires_at }
    });
    Ok(grants.collect())
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
    type Row = (i64, EntryKind, i64, i64, i64, GrantId, Option<TurnId>, Option<i32>, Instant);
    let rows: Vec<Row> = run!(conn, |c| {
        let listed = credit_entries::table
            .filter(credit_entries::tenant_id.eq(tenant))
            .filter(credit_entries::number.gt(above).and(credit_entries::number.lt(below)))
            .limit(page.limit())
            .select((
                credit_entries::number,
                credit_entries::kind,
                credit_entries::amount,
                credit_entries::balance_after,
                credit_entries::held_after,
                credit_entries::grant_id,
                credit_entries::turn_id,
                credit_entries::pricebook_version,
                credit_entries::occurred_at,
            ))
            .into_boxed();
        if backwards { listed.order(credit_entries::number.asc()) } else { listed.order(credit_entries::number.desc()) }.load(c)
    })?;
    let entries =
        rows.into_iter().map(|(number, kind, amount, balance, held, grant_id, turn_id, pricebook_version, occurred_at)| {
            let [amount, balance_after, held_after] = [amount, balance, held].map(Credits::from_micro);
            Entry { number, kind, amount, balance_after, held_after, grant_id, turn_id, pricebook_version, occurred_at }
        });
    Ok(page.slice(entries.collect()))
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
    type Row = (TurnId, Action, Option<i32>, Option<i32>, bool, i64, i64, i64, i32, Vec<u8>, Instant);
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
                credit_charges::absorbed,
                credit_charges::pricebook_version,
                credit_charges::content_hash,
                credit_charges::created_at,
            ))
            .load(c)
    })?;
    let charge = |row: Row| {
        let (turn_id, action, read, written, estimated, rated, captured, absorbed, pricebook_version, hash, created_at) = row;
        let [rated, captured, absorbed] = [rated, captured, absorbed].map(Credits::from_micro);
        Charge {
            turn_id,
            action,
            prompt_tokens: read,
            completion_tokens: written,
            estimated,
            rated,
            captured,
            absorbed,
            pricebook_version,
            content_hash: hash.try_into().unwrap_or([0; 32]),
            created_at,
        }
    };
    Ok(rows.into_iter().map(charge).collect())
}
