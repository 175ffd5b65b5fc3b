//! What is sold beyond a plan's credits. Overage is a block like others: it begins when it is first needed in a period, ends with it, is used
//! last, and is billed by what was taken of it. So an account never goes below zero, and what is held of it races as everything else does.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};
use diesel_async::RunQueryDsl;

use super::{
    catch_up::{Granted, grant},
    ledger::{Ledger, of_version},
    segments::Segments,
};
use crate::{
    clock::Instant,
    credit::{
        model::{GrantKind, OverageLeft},
        rules::{self, Block},
    },
    db::{Conn, Prepare, sql},
    fault::Fault,
    id::{GrantId, TenantId},
    money::{Credits, Money},
    pricing::{Extra, LineKind, Overage},
    run,
    tables::{credit_grants, pricebook_versions},
    tenancy::Scope,
};

/// What comes after every other block.
const LAST: i16 = i16::MAX;

/// Begins what the tenant's plan sells beyond its credits, for the account's period: under the terms the period was agreed on by. Whether there is
/// something more to be drawn from; not if the plan sells nothing, it is only tried, or it has begun already.
pub(super) async fn begin(tx: &mut Conn, scope: &Scope, ledger: &mut Ledger, now: Instant) -> Result<bool, Fault> {
    let segments = Segments::of(tx, scope.tenant()).await?;
    let (from, to) = ledger.period;
    if segments.are_over() || segments.is_trial() || now >= to {
        return Ok(false);
    }
    let Some((prices, plan)) = segments.agreed(tx).await? else { return Ok(false) };
    let Some(limit) = prices.pricebook.overage_of(&plan.key).map(|overage| overage.limit) else { return Ok(false) };
    ledger.write(tx).await?;
    if of_period(tx, scope.tenant(), from).await?.is_some() {
        return Ok(false);
    }
    let block = Granted::new(GrantKind::Overage, limit, now.max(from), Some(to));
    let block = Granted { priority: LAST, period: Some(from), product: Some(plan.key), ..block };
    grant(tx, scope, ledger, &block, &prices).await?;
    Ok(true)
}

/// The block out of which more can be taken than was held, if the plan sells that and there is some left of it; begun if it was not needed before.
pub(super) async fn block(tx: &mut Conn, scope: &Scope, ledger: &mut Ledger, now: Instant) -> Result<Option<Block>, Fault> {
    let usable = |block: &Block| {
        block.kind == GrantKind::Overage && block.available > Credits::ZERO && block.expires_at.is_none_or(|end| now < end)
    };
    if let Some(block) = ledger.blocks(tx).await?.into_iter().find(usable) {
        return Ok(Some(block));
    }
    if begin(tx, scope, ledger, now).await? { Ok(ledger.blocks(tx).await?.into_iter().find(usable)) } else { Ok(None) }
}

/// The block of a period that began at an instant.
async fn of_period(conn: &mut Conn, tenant: TenantId, from: Instant) -> Result<Option<GrantId>, Fault> {
    Ok(run!(conn, |c| {
        credit_grants::table
            .filter(credit_grants::tenant_id.eq(tenant).and(credit_grants::kind.eq(GrantKind::Overage)))
            .filter(credit_grants::period_from.eq(from))
            .select(credit_grants::id)
            .first(c)
    })
    .optional()?)
}

/// A top-up that is billed, as it is read: what it is, when it was bought, and at which version.
type Sold = (Option<String>, i64, Instant, i32, Vec<u8>);

/// What was used or bought besides a plan in a period, as bills have it: top-ups when they were bought; overage of each block, by what was taken of it
/// and not given back. A block of credits that was begun in a period before was billed with that: what is taken of it late costs what it makes more.
pub(super) async fn extras(conn: &mut Conn, tenant: TenantId, (from, to): (Instant, Instant)) -> Result<Vec<Extra>, Fault> {
    let bought: Vec<Sold> = run!(conn, |c| {
        credit_grants::table
            .inner_join(pricebook_versions::table.on(pricebook_versions::number.nullable().eq(credit_grants::pricebook_version)))
            .filter(credit_grants::tenant_id.eq(tenant).and(credit_grants::kind.eq(GrantKind::TopUp)))
            .filter(credit_grants::effective_from.ge(from).and(credit_grants::effective_from.lt(to)))
            .select((
                credit_grants::product,
                credit_grants::amount,
                credit_grants::effective_from,
                pricebook_versions::number,
                pricebook_versions::content_hash,
            ))
            .load(c)
    })?;
    let mut extras = Vec::new();
    for (product, amount, at, version, hash) in bought {
        let prices = of_version(conn, version, &hash).await?;
        let offer = product.and_then(|product| prices.pricebook.top_up(&product).cloned());
        let price = offer.map(|offer| offer.price).ok_or(Fault::Amount { what: "a top-up's price" })?;
        extras.push(Extra { kind: LineKind::TopUp, at, amount: price, quantity: Credits::from_micro(amount), version });
    }
    for taken in taken(conn, tenant, (from, to)).await? {
        let cannot = || Fault::Amount { what: "the price of overage" };
        let (overage, version) = terms(conn, tenant, taken.grant_id).await?;
        let [before, by_now] = [taken.before, taken.until].map(|used| Credits::from_micro(used.max(0)));
        let price = |used| rules::overage_price(&overage, used).ok_or_else(cannot);
        let minor = price(by_now)?.minor.checked_sub(price(before)?.minor).ok_or_else(cannot)?;
        let quantity = by_now.minus(before).ok_or_else(cannot)?;
        if quantity <= Credits::ZERO {
            continue;
        }
        let (at, amount) = (taken.first.unwrap_or(from), Money { minor, ..overage.price });
        extras.push(Extra { kind: LineKind::Overage, at, amount, quantity, version });
    }
    Ok(extras)
}

/// What was taken of a block of overage, less what was given back.
#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct Taken {
    #[diesel(sql_type = sql::Id)]
    grant_id: GrantId,
    /// Before a period.
    #[diesel(sql_type = BigInt)]
    before: i64,
    /// Before its end.
    #[diesel(sql_type = BigInt)]
    until: i64,
    /// Since when in it.
    #[diesel(sql_type = Nullable<sql::Instant>)]
    first: Option<Instant>,
}

/// What was taken of each block of overage of which something was in a period. Each entry is in one period: what a hold of the period before takes
/// later is billed later.
async fn taken(conn: &mut Conn, tenant: TenantId, (from, to): (Instant, Instant)) -> Result<Vec<Taken>, Fault> {
    let text = "SELECT e.grant_id, \
            CAST(SUM(CASE WHEN e.occurred_at >= $1 THEN 0 WHEN e.kind = 'refund' THEN -e.amount ELSE e.amount END) AS bigint) AS before, \
            CAST(SUM(CASE WHEN e.kind = 'refund' THEN -e.amount ELSE e.amount END) AS bigint) AS until, \
            MIN(CASE WHEN e.occurred_at >= $1 THEN e.occurred_at END) AS first \
         FROM credit_grants g JOIN credit_entries e ON e.tenant_id = g.tenant_id AND e.grant_id = g.id \
         WHERE g.tenant_id = $2 AND g.kind = 'overage' AND e.occurred_at < $3 AND e.kind IN ('capture', 'overage', 'refund') \
         GROUP BY e.grant_id HAVING MAX(e.occurred_at) >= $1 ORDER BY e.grant_id";
    Ok(run!(conn, |c| {
        diesel::sql_query(text)
            .bind::<sql::Instant, _>(from)
            .bind::<sql::Id, _>(tenant)
            .bind::<sql::Instant, _>(to)
            .prepared()
            .load(c)
    })?)
}

/// The terms of a block of overage, and the version that has them.
async fn terms(conn: &mut Conn, tenant: TenantId, grant: GrantId) -> Result<(Overage, i32), Fault> {
    let (plan, version, hash): (Option<String>, i32, Vec<u8>) = run!(conn, |c| {
        credit_grants::table
            .inner_join(pricebook_versions::table.on(pricebook_versions::number.nullable().eq(credit_grants::pricebook_version)))
            .filter(credit_grants::tenant_id.eq(tenant).and(credit_grants::id.eq(grant)))
            .select((credit_grants::product, pricebook_versions::number, pricebook_versions::content_hash))
            .first(c)
    })?;
    let prices = of_version(conn, version, &hash).await?;
    let overage = plan.and_then(|plan| prices.pricebook.overage_of(&plan).cloned());
    Ok((overage.ok_or(Fault::Amount { what: "the price of overage" })?, version))
}

/// The block of the running period, if it has begun: what of it is in the account's numbers, and what of that is held.
#[derive(Clone, Copy)]
pub(super) struct Begun {
    pub(super) grant: GrantId,
    pub(super) remaining: Credits,
    pub(super) held: Credits,
}

/// How what a plan sells beyond its credits stands in the running period; `None` if it sells nothing.
pub(super) async fn left(
    conn: &mut Conn,
    tenant: TenantId,
    period: (Instant, Instant),
    begun: Option<Begun>,
) -> Result<Option<OverageLeft>, Fault> {
    let Some(Begun { grant, held, .. }) = begun else {
        let segments = Segments::of(conn, tenant).await?;
        if segments.are_over() || segments.is_trial() {
            return Ok(None);
        }
        let agreed = segments.agreed(conn).await?;
        let overage = agreed.and_then(|(prices, plan)| prices.pricebook.overage_of(&plan.key).cloned());
        return Ok(overage.map(|overage| OverageLeft {
            limit: overage.limit,
            used: Credits::ZERO,
            held: Credits::ZERO,
            due: Money { minor: 0, ..overage.price },
        }));
    };
    let (overage, _) = terms(conn, tenant, grant).await?;
    let used = taken(conn, tenant, period).await?.iter().find(|taken| taken.grant_id == grant).map_or(0, |taken| taken.until);
    let used = Credits::from_micro(used.max(0));
    let due = rules::overage_price(&overage, used).ok_or(Fault::Amount { what: "the price of overage" })?;
    Ok(Some(OverageLeft { limit: overage.limit, used, held, due }))
}
