//! Finding the tenants that keep something longer than they may.

use diesel::{
    prelude::*,
    sql_types::{BigInt, Binary, Integer, Nullable, Text},
};
use diesel_async::RunQueryDsl;

use crate::{
    clock::Instant,
    credit,
    db::{Conn, Db, Prepare, sql, with_causes},
    fault::Fault,
    id::TenantId,
    job,
    privacy::{model::ApplyRetention, rules},
    run,
    tables::tenants,
    tenancy::{Platform, Tenant},
};

/// So many tenants are looked at with one statement.
const PAGE: i64 = 500;

/// What is looked at of a tenant.
#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct Looked {
    #[diesel(sql_type = sql::Id)]
    id: TenantId,
    #[diesel(sql_type = Nullable<sql::Instant>)]
    closed_at: Option<Instant>,
    #[diesel(sql_type = Nullable<sql::Instant>)]
    erased_at: Option<Instant>,
    #[diesel(sql_type = Nullable<Text>)]
    plan: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    number: Option<i32>,
    #[diesel(sql_type = Nullable<Binary>)]
    content_hash: Option<Vec<u8>>,
    /// When something was last said in the conversation that is silent for longest.
    #[diesel(sql_type = Nullable<sql::Instant>)]
    oldest: Option<Instant>,
    /// When the visitor was last said to be there who has been silent for longest.
    #[diesel(sql_type = Nullable<sql::Instant>)]
    silent: Option<Instant>,
}

/// Calls for today's job for every tenant that keeps something longer than it may; how many those are. Any number of processes may do this,
/// however often: a tenant has one such job a day, and none where nothing is due. A page of tenants is one act, so that nobody waits long.
///
/// # Errors
/// If the store fails; then it is to be done again.
pub async fn sweep(db: &Db, now: Instant) -> Result<usize, Fault> {
    let (platform, mut last, mut count) = (Platform::of_this_process(), TenantId::from(uuid::Uuid::nil()), 0_usize);
    loop {
        let (end, due) = db.platform_read(&platform, async move |mut conn: Conn| page(&mut conn, last, now).await).await?;
        let Some(end) = end else { return Ok(count) };
        last = end;
        if due.is_empty() {
            continue;
        }
        count = count.saturating_add(due.len());
        let this = platform.clone();
        let call_all = async move |mut conn: Conn| {
            conn.transaction("privacy.sweep", async |tx| {
                for (tenant, before) in &due {
                    call(tx, &this, *tenant, *before, now).await?;
                }
                Ok(())
            })
            .await
        };
        db.platform(&platform, call_all).await?;
    }
}

/// The last tenant of the next page, if there is one, and those of it that have something due.
async fn page(conn: &mut Conn, after: TenantId, now: Instant) -> Result<(Option<TenantId>, Vec<(TenantId, Instant)>), Fault> {
    let looked = look(conn, after).await?;
    let mut found = Vec::new();
    for tenant in &looked {
        match due(conn, tenant, now).await {
            Ok(Some(before)) => found.push((tenant.id, before)),
            Ok(None) => {}
            // One whose plan cannot be read must not keep all behind it from their turn.
            Err(fault) => {
                tracing::error!(tenant = %tenant.id, error = %with_causes(&fault), "what a tenant keeps cannot be told")
            }
        }
    }
    Ok((looked.last().map(|tenant| tenant.id), found))
}

/// The next tenants. Of the conversations of each, one is read, by an index that has none that was erased.
async fn look(conn: &mut Conn, after: TenantId) -> Result<Vec<Looked>, Fault> {
    let text = "SELECT t.id, t.closed_at, t.erased_at, s.plan, v.number, v.content_hash, \
            (SELECT c.last_message_at FROM conversations c WHERE c.tenant_id = t.id AND c.erased_at IS NULL \
             ORDER BY c.last_message_at LIMIT 1) AS oldest, \
            (SELECT w.verified_at FROM visitors w WHERE w.tenant_id = t.id AND w.silent \
             ORDER BY w.verified_at LIMIT 1) AS silent \
         FROM tenants t LEFT JOIN subscriptions s ON s.tenant_id = t.id \
         LEFT JOIN pricebook_versions v ON v.number = s.pricebook_version \
         WHERE t.id > $1 ORDER BY t.id LIMIT $2";
    Ok(run!(conn, |c| { diesel::sql_query(text).bind::<sql::Id, _>(after).bind::<BigInt, _>(PAGE).prepared().load(c) })?)
}

/// The day before which it is over for a tenant, if there is anything from before that.
async fn due(conn: &mut Conn, of: &Looked, now: Instant) -> Result<Option<Instant>, Fault> {
    let days = match (&of.plan, of.number, &of.content_hash) {
        (Some(plan), Some(number), Some(hash)) => credit::retention_of(conn, plan, number, hash).await?,
        _ => None,
    };
    let is_left = of.closed_at.is_some() && of.erased_at.is_none();
    let is_due = |before: &Instant| is_left || of.oldest.into_iter().chain(of.silent).any(|oldest| oldest < *before);
    Ok(rules::over_before(of.closed_at.is_some(), days, now).filter(is_due))
}

async fn call(conn: &mut Conn, platform: &Platform, id: TenantId, before: Instant, now: Instant) -> Result<(), Fault> {
    let tenant: Tenant = run!(conn, |c| tenants::table.find(id).select(Tenant::as_select()).first(c))?;
    job::enqueue(conn, &platform.within(&tenant), &ApplyRetention::new(id, before), None, now).await
}
