//! Writing down that customers are on a version.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    catch_up::catch_up,
    ledger::Ledger,
    standing::{live, recorded},
};
use crate::{
    alert::{self, About},
    clock::Instant,
    credit::rules::standing::candidates,
    db::Conn,
    fault::Fault,
    id::TenantId,
    pricing::rules::pinned::in_force,
    run,
    tables::{subscriptions, tenants},
    tenancy::{Platform, Scope, Tenant},
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
///
/// What was due before happens first: a period that nobody has looked at yet began at the prices of its own time.
pub(crate) async fn move_on(
    tx: &mut Conn,
    platform: &Platform,
    after: Option<TenantId>,
    most: i64,
    now: Instant,
) -> Result<Moved, Fault> {
    let rows: Vec<(Tenant, String, i32)> = run!(tx, |c| {
        subscriptions::table
            .inner_join(tenants::table.on(tenants::id.eq(subscriptions::tenant_id)))
            .filter(subscriptions::tenant_id.gt(after.unwrap_or_else(|| TenantId::from(uuid::Uuid::nil()))))
            .order(subscriptions::tenant_id)
            .limit(most)
            .select((Tenant::as_select(), subscriptions::plan, subscriptions::pricebook_version))
            .load(c)
    })?;
    let live = live(tx, now).await?;
    let mut moved = 0_i64;
    for (tenant, plan, pinned) in &rows {
        if in_force(*pinned, &candidates(&live, plan), now) != *pinned
            && move_one(tx, &platform.within(tenant), *pinned, now).await?
        {
            moved = moved.saturating_add(1);
        }
    }
    let seen = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    Ok(Moved { seen, moved, last: rows.last().map(|(tenant, ..)| tenant.id) })
}

/// Whether this, or somebody meanwhile, has written down another version than the tenant was seen at. Its account is taken first, as by
/// everybody who changes what a tenant is on.
async fn move_one(tx: &mut Conn, scope: &Scope, was: i32, now: Instant) -> Result<bool, Fault> {
    let Some(mut ledger) = Ledger::take(tx, scope, now).await? else { return Ok(false) };
    catch_up(tx, scope, &mut ledger, now).await?;
    ledger.close(tx).await?;
    let Some(recorded) = recorded(tx, scope.tenant(), now).await? else { return Ok(false) };
    let number = recorded.standing(now)?.version.number;
    if number != recorded.on.pinned {
        run!(tx, |c| {
            diesel::update(subscriptions::table.find(scope.tenant())).set(subscriptions::pricebook_version.eq(number)).execute(c)
        })?;
        alert::raise(tx, scope, About::Prices { number }, false, now, now).await?;
    }
    Ok(number != was)
}
