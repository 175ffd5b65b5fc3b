//! Reading the queue, for those who look after it.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    db::Conn,
    fault::Fault,
    id::JobId,
    identity::Permission,
    job::model::{Filter, Record},
    page::{Page, Slice},
    run,
    tables::{jobs, tenants},
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
