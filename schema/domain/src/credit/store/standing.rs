//! Reading what a tenant is on.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Nullable, SmallInt, Text};
use diesel_async::RunQueryDsl;

use super::ledger::Prices;
use crate::{
    clock::Instant,
    credit::rules::standing::{self, Known, OnRecord, Standing},
    db::{Conn, Prepare, sql},
    fault::Fault,
    id::TenantId,
    pricing::{self, Policy},
    run,
    tables::pricebook_versions,
    tenancy::Scope,
};

/// A subscription together with one of the versions whose prices may hold for it.
#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct Row {
    #[diesel(sql_type = Text)]
    plan: String,
    #[diesel(sql_type = Nullable<Text>)]
    next_plan: Option<String>,
    #[diesel(sql_type = Bool)]
    trial: bool,
    #[diesel(sql_type = SmallInt)]
    anchor_day: i16,
    #[diesel(sql_type = sql::Instant)]
    started_at: Instant,
    #[diesel(sql_type = Nullable<sql::Instant>)]
    ends_at: Option<Instant>,
    #[diesel(sql_type = BigInt)]
    revision: i64,
    #[diesel(sql_type = Integer)]
    pinned: i32,
    #[diesel(sql_type = sql::Instant)]
    period_from: Instant,
    #[diesel(sql_type = sql::Instant)]
    period_to: Instant,
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = Binary)]
    content_hash: Vec<u8>,
    #[diesel(sql_type = sql::Instant)]
    effective_from: Instant,
    #[diesel(sql_type = Text)]
    policy: Policy,
}

/// A subscription as it is written down, with all that decides what it is at a moment.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    pub(super) on: OnRecord,
    pub(super) started_at: Instant,
    pub(super) revision: i64,
    pub(super) live: Vec<Known>,
}

impl Recorded {
    /// What the tenant is on at `now`, which is not later than what this was read for.
    pub(super) fn standing(&self, now: Instant) -> Result<Standing, Fault> {
        standing::standing(&self.on, &self.live, now).ok_or(Fault::Amount { what: "what a tenant is on" })
    }
}

/// Reads a subscription, with the versions that may hold by `now`. One statement: whoever sends a message waits for it.
pub(super) async fn recorded(conn: &mut Conn, tenant: TenantId, now: Instant) -> Result<Option<Recorded>, Fault> {
    // SQLite numbers parameters by where they come first.
    let text = "SELECT s.plan, s.next_plan, s.trial, s.anchor_day, s.started_at, s.ends_at, s.revision, s.pricebook_version AS pinned, \
            a.period_from, a.period_to, v.number, v.content_hash, v.effective_from, v.policy \
         FROM subscriptions s JOIN credit_accounts a ON a.tenant_id = s.tenant_id \
         JOIN pricebook_versions p ON p.number = s.pricebook_version \
         JOIN pricebook_versions v ON v.number = p.number \
            OR (v.withdrawn_at IS NULL AND v.effective_from > p.effective_from AND v.effective_from <= $1) \
         WHERE s.tenant_id = $2";
    let rows: Vec<Row> =
        run!(conn, |c| diesel::sql_query(text).bind::<sql::Instant, _>(now).bind::<sql::Id, _>(tenant).prepared().load(c))?;
    let Some(first) = rows.as_slice().first() else { return Ok(None) };
    let on = OnRecord {
        plan: first.plan.clone(),
        next_plan: first.next_plan.clone(),
        trial: first.trial,
        anchor_day: first.anchor_day,
        ends_at: first.ends_at,
        pinned: first.pinned,
        period: (first.period_from, first.period_to),
    };
    let (started_at, revision) = (first.started_at, first.revision);
    let mut live = Vec::with_capacity(rows.len());
    for row in rows {
        live.push(known(conn, row.number, &row.content_hash, row.effective_from, row.policy).await?);
    }
    Ok(Some(Recorded { on, started_at, revision, live }))
}

async fn known(conn: &mut Conn, number: i32, hash: &[u8], effective_from: Instant, policy: Policy) -> Result<Known, Fault> {
    let (pricebook, hash) = pricing::content(conn, number, hash).await?;
    Ok(Known { number, hash, effective_from, policy, pricebook })
}

/// All live versions that have taken effect by `now`.
pub(super) async fn live(conn: &mut Conn, now: Instant) -> Result<Vec<Known>, Fault> {
    let rows: Vec<(i32, Vec<u8>, Instant, Policy)> = run!(conn, |c| {
        pricebook_versions::table
            .filter(pricebook_versions::withdrawn_at.is_null().and(pricebook_versions::effective_from.le(now)))
            .select((
                pricebook_versions::number,
                pricebook_versions::content_hash,
                pricebook_versions::effective_from,
                pricebook_versions::policy,
            ))
            .load(c)
    })?;
    let mut live = Vec::with_capacity(rows.len());
    for (number, hash, effective_from, policy) in rows {
        live.push(known(conn, number, &hash, effective_from, policy).await?);
    }
    Ok(live)
}

/// The prices that hold for a tenant at `now`; `None` if it has no subscription.
pub(crate) async fn prices(conn: &mut Conn, scope: &Scope, now: Instant) -> Result<Option<Prices>, Fault> {
    let Some(recorded) = recorded(conn, scope.tenant(), now).await? else { return Ok(None) };
    Ok(Some(Prices::of(recorded.standing(now)?.version)))
}
