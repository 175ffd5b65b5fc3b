//! What prices would have done to what tenants used lately.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel_async::RunQueryDsl;

use super::standing::live;
use crate::{
    clock::Instant,
    credit::rules::{
        DAY,
        standing::{OnRecord, standing},
    },
    db::{Conn, Prepare, sql},
    fault::Fault,
    id::TenantId,
    identity::Permission,
    pricing::{
        Action, Customer, Pricebook, Summary, Used,
        rules::impact::{self, Tally},
    },
    run,
    tables::{credit_accounts, subscriptions, tenants},
    tenancy::Platform,
};

/// So many days of usage are looked at.
pub const DAYS: u32 = 30;
/// So many tenants are looked at with one statement.
const PAGE: i64 = 200;

/// So many charges of a tenant that each took so many tokens.
#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct Row {
    #[diesel(sql_type = sql::Id)]
    tenant_id: TenantId,
    #[diesel(sql_type = Text)]
    action: Action,
    #[diesel(sql_type = Nullable<Text>)]
    model: Option<String>,
    #[diesel(sql_type = BigInt)]
    tokens: i64,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// A tenant as it is looked at: its row, the id it is known by outside, its name, and what it is on.
type On = (TenantId, TenantId, String, OnRecord);

/// What these prices would have done to what tenants used in the last 30 days, tenant by tenant, had all of them been on them. What has ended,
/// and who is closed, does not count. Nothing is kept but sums and the largest moves, however many tenants there are.
///
/// # Errors
/// If the caller may not read drafts, or the store fails.
pub async fn impact(conn: &mut Conn, platform: &Platform, prices: &Pricebook, now: Instant) -> Result<Summary, Fault> {
    platform.require(Permission::PricebookRead)?;
    let since = now.before(DAY.saturating_mul(DAYS));
    let (live, mut tally, mut last) = (live(conn, now).await?, Tally::default(), TenantId::from(uuid::Uuid::nil()));
    loop {
        let page = page(conn, last).await?;
        let Some((end, ..)) = page.last() else { return Ok(tally.summary()) };
        let mut used = used(conn, last, *end, since).await?;
        last = *end;
        for (row, tenant, name, on) in page {
            let used = used.remove(&row).unwrap_or_default();
            let Some(standing) = standing(&on, &live, now).filter(|standing| !standing.is_over) else { continue };
            let (plan, trial, before) = (standing.plan, on.trial, standing.version.pricebook);
            let customer = Customer { tenant, name, plan, trial, before, used };
            tally.add(impact::effect(&customer, prices));
        }
    }
}

/// The next tenants that are subscribed to something.
async fn page(conn: &mut Conn, after: TenantId) -> Result<Vec<On>, Fault> {
    type Row = ((TenantId, TenantId, String, String, Option<String>, bool, i16), (Option<Instant>, i32, Instant, Instant));
    let rows: Vec<Row> = run!(conn, |c| {
        subscriptions::table
            .inner_join(tenants::table.on(tenants::id.eq(subscriptions::tenant_id)))
            .inner_join(credit_accounts::table.on(credit_accounts::tenant_id.eq(subscriptions::tenant_id)))
            .filter(subscriptions::tenant_id.gt(after).and(tenants::closed_at.is_null()))
            .order(subscriptions::tenant_id)
            .limit(PAGE)
            .select((
                (
                    subscriptions::tenant_id,
                    tenants::public_id,
                    tenants::name,
                    subscriptions::plan,
                    subscriptions::next_plan,
                    subscriptions::trial,
                    subscriptions::anchor_day,
                ),
                (
                    subscriptions::ends_at,
                    subscriptions::pricebook_version,
                    credit_accounts::period_from,
                    credit_accounts::period_to,
                ),
            ))
            .load(c)
    })?;
    let on = |((row, tenant, name, plan, next_plan, trial, anchor_day), (ends_at, pinned, from, to)): Row| {
        (row, tenant, name, OnRecord { plan, next_plan, trial, anchor_day, ends_at, pinned, period: (from, to) })
    };
    Ok(rows.into_iter().map(on).collect())
}

/// What the tenants behind one, up to another, were charged for since, alike charges counted together.
async fn used(conn: &mut Conn, after: TenantId, last: TenantId, since: Instant) -> Result<BTreeMap<TenantId, Vec<Used>>, Fault> {
    // By the model that answered, as it was charged.
    let text = "SELECT c.tenant_id, c.action, m.model, \
            CAST(COALESCE(c.prompt_tokens, 0) AS bigint) + COALESCE(c.completion_tokens, 0) AS tokens, count(*) AS count \
         FROM credit_charges c JOIN turns t ON t.tenant_id = c.tenant_id AND t.id = c.turn_id \
         LEFT JOIN messages m ON m.tenant_id = t.tenant_id AND m.id = t.answer_id \
         WHERE c.tenant_id > $1 AND c.tenant_id <= $2 AND c.created_at >= $3 GROUP BY 1, 2, 3, 4";
    let rows: Vec<Row> = run!(conn, |c| {
        diesel::sql_query(text)
            .bind::<sql::Id, _>(after)
            .bind::<sql::Id, _>(last)
            .bind::<sql::Instant, _>(since)
            .prepared()
            .load(c)
    })?;
    let mut used: BTreeMap<TenantId, Vec<Used>> = BTreeMap::new();
    for row in rows {
        let whole = |number: i64| u64::try_from(number).map_err(|_| Fault::Amount { what: "a charge" });
        let one = Used { action: row.action, model: row.model, tokens: whole(row.tokens)?, count: whole(row.count)? };
        used.entry(row.tenant_id).or_default().push(one);
    }
    Ok(used)
}
