//! Writing down that customers are on a version.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::standing::live;
use crate::{
    clock::Instant, credit::rules::standing::candidates, db::Conn, fault::Fault, id::TenantId, pricing::rules::pinned::in_force,
    run, tables::subscriptions, tenancy::Platform,
};

/// What became of a stretch of subscriptions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moved {
    /// How many there were.
    pub(crate) seen: i64,
    /// How many of them were on an earlier version than they are.
    pub(crate) moved: i64,
    /// The last of them.
    pub(crate) last: Option<TenantId>,
}

/// How many subscriptions there are.
pub(crate) async fn subscribed(tx: &mut Conn, _platform: &Platform) -> Result<i64, Fault> {
    Ok(run!(tx, |c| subscriptions::table.count().get_result(c))?)
}

/// Writes down for the next so many subscriptions, by their tenants' ids, the version whose prices hold for them at `now` anyway.
pub(crate) async fn move_on(
    tx: &mut Conn,
    _platform: &Platform,
    after: Option<TenantId>,
    most: i64,
    now: Instant,
) -> Result<Moved, Fault> {
    let rows: Vec<(TenantId, String, i32)> = run!(tx, |c| {
        subscriptions::table
            .filter(subscriptions::tenant_id.gt(after.unwrap_or_else(|| TenantId::from(uuid::Uuid::nil()))))
            .order(subscriptions::tenant_id)
            .limit(most)
            .select((subscriptions::tenant_id, subscriptions::plan, subscriptions::pricebook_version))
            .load(c)
    })?;
    let live = live(tx, now).await?;
    let mut behind: BTreeMap<(i32, i32), Vec<TenantId>> = BTreeMap::new();
    for (tenant, plan, pinned) in &rows {
        let number = in_force(*pinned, &candidates(&live, plan), now);
        if number != *pinned {
            behind.entry((*pinned, number)).or_default().push(*tenant);
        }
    }
    let mut moved = 0_i64;
    for ((from, to), tenants) in behind {
        // Who was moved meanwhile, by a renewal or another plan, is where they belong.
        let count = run!(tx, |c| {
            diesel::update(subscriptions::table)
                .filter(subscriptions::tenant_id.eq_any(&tenants).and(subscriptions::pricebook_version.eq(from)))
                .set(subscriptions::pricebook_version.eq(to))
                .execute(c)
        })?;
        moved = moved.saturating_add(i64::try_from(count).unwrap_or(i64::MAX));
    }
    let seen = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    Ok(Moved { seen, moved, last: rows.last().map(|(tenant, ..)| *tenant) })
}
