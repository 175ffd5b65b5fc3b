//! Looking after the queue: reading it, and what becomes of jobs that were given up.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    audit::{Action, Change},
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::{JobId, TenantId, TurnId},
    identity::Permission,
    job::model::{Filter, JobState, Record},
    page::{Page, Slice},
    run,
    tables::{credit_holds, jobs, tenants},
    tenancy::Platform,
};

/// A page of the jobs of all tenants, the newest first.
///
/// # Errors
/// If the store fails.
pub async fn list(conn: &mut Conn, platform: &Platform, filter: &Filter, page: Page<JobId>) -> Result<Slice<Record>, Fault> {
    platform.require(Permission::JobManage)?;
    let rows = run!(conn, |c| {
        let mut query = jobs::table.inner_join(tenants::table).select(Record::as_select()).into_boxed();
        if let Some(state) = filter.state {
            query = query.filter(jobs::state.eq(state));
        }
        if let Some(name) = &filter.name {
            // No name has this character, and no store takes it.
            query = query.filter(jobs::name.eq(name.replace('\0', "?")));
        }
        if let Some(tenant) = filter.tenant {
            query = query.filter(tenants::public_id.eq(tenant));
        }
        // Ids of rows sort by birth.
        if let Some(after) = page.after {
            query = query.filter(jobs::id.lt(after));
        }
        if let Some(before) = page.before {
            query = query.filter(jobs::id.gt(before));
        }
        if page.backwards() {
            query = query.order(jobs::id.asc());
        } else {
            query = query.order(jobs::id.desc());
        }
        query.limit(page.limit()).load(c)
    })?;
    Ok(page.slice(rows))
}

/// Those of the jobs that there are.
///
/// # Errors
/// If the store fails.
pub async fn by_id(conn: &mut Conn, platform: &Platform, ids: &[JobId]) -> Result<Vec<Record>, Fault> {
    platform.require(Permission::JobManage)?;
    Ok(run!(conn, |c| {
        jobs::table.inner_join(tenants::table).filter(jobs::id.eq_any(ids)).select(Record::as_select()).load(c)
    })?)
}

/// What became of looking after a job.
#[derive(Clone, Debug)]
pub enum Tended {
    /// It is done; the job as it is, or was.
    Done(Record),
    /// It was not given up, so there is nothing to do.
    NotDead(Record),
    /// Credits are held for the answer it is about; only doing it charges them or gives them back.
    Holding(Record),
    /// There is no such job.
    Unknown,
}

/// Tries a job that was given up again, from its first attempt on.
///
/// # Errors
/// If the store fails.
pub async fn retry(conn: &mut Conn, platform: &Platform, id: JobId, now: Instant) -> Result<Tended, Fault> {
    platform.require(Permission::JobManage)?;
    conn.transaction("job.retry", async |tx| {
        let dead = jobs::table.filter(jobs::id.eq(id).and(jobs::state.eq(JobState::Dead)));
        let again =
            (jobs::state.eq(JobState::Queued), jobs::attempt.eq(0), jobs::run_at.eq(now), jobs::ended_at.eq(None::<Instant>));
        let of: Option<TenantId> =
            run!(tx, |c| diesel::update(dead).set(again).returning(jobs::tenant_id).get_result(c)).optional()?;
        tended(tx, platform, id, of, Action::JobRetried, now).await
    })
    .await
}

/// Throws a job that was given up away; not one for whose answer credits are held, which nothing else would settle.
///
/// # Errors
/// If the store fails.
pub async fn discard(conn: &mut Conn, platform: &Platform, id: JobId, now: Instant) -> Result<Tended, Fault> {
    platform.require(Permission::JobManage)?;
    conn.transaction("job.discard", async |tx| {
        let Some(before) = by_id(tx, platform, &[id]).await?.pop() else { return Ok(Tended::Unknown) };
        if before.state == JobState::Dead && holds(tx, id).await? {
            return Ok(Tended::Holding(before));
        }
        let dead = jobs::table.filter(jobs::id.eq(id).and(jobs::state.eq(JobState::Dead)));
        let of: Option<TenantId> = run!(tx, |c| diesel::delete(dead).returning(jobs::tenant_id).get_result(c)).optional()?;
        Ok(match tended(tx, platform, id, of, Action::JobDiscarded, now).await? {
            Tended::NotDead(record) => Tended::NotDead(record),
            Tended::Done(_) | Tended::Unknown if of.is_some() => Tended::Done(before),
            other => other,
        })
    })
    .await
}

/// Whether credits are held for the turn that a job is about.
async fn holds(tx: &mut Conn, id: JobId) -> Result<bool, Fault> {
    let about = jobs::table.filter(jobs::id.eq(id)).select((jobs::tenant_id, jobs::unique_key));
    let (tenant, key): (TenantId, String) = run!(tx, |c| about.first(c))?;
    let Ok(turn) = key.parse::<TurnId>() else { return Ok(false) };
    let open = credit_holds::table
        .filter(credit_holds::tenant_id.eq(tenant).and(credit_holds::turn_id.eq(turn)).and(credit_holds::settled_at.is_null()));
    let count: i64 = run!(tx, |c| open.count().get_result(c))?;
    Ok(count > 0)
}

async fn tended(
    tx: &mut Conn,
    platform: &Platform,
    id: JobId,
    of: Option<TenantId>,
    action: Action,
    now: Instant,
) -> Result<Tended, Fault> {
    if let Some(tenant) = of {
        platform.record_within(tx, tenant, Change::of(action, id.uuid(), &["state"]), now).await?;
    }
    Ok(match (by_id(tx, platform, &[id]).await?.pop(), of) {
        (Some(record), Some(_)) => Tended::Done(record),
        (Some(record), None) => Tended::NotDead(record),
        (None, _) => Tended::Unknown,
    })
}
