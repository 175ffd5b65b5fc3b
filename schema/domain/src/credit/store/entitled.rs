//! What the plan a tenant is on entitles it to.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::ledger::prices;
use crate::{
    clock::Instant,
    credit::{
        model::{Entitled, Entitlement},
        rules,
    },
    db::Conn,
    fault::Fault,
    pricing::{self, Plan},
    run,
    tables::subscriptions,
    tenancy::Scope,
};

/// How an entitlement of the tenant's plan stands if so many are used; `None` without a subscription.
pub(crate) async fn entitled(
    conn: &mut Conn,
    scope: &Scope,
    what: Entitlement,
    used: i64,
    now: Instant,
) -> Result<Option<Entitled>, Fault> {
    Ok(entitlements(conn, scope, &[(what, Some(used))], now).await?.pop())
}

/// How several stand, by how many of each are used; none without a subscription.
pub(crate) async fn entitlements(
    conn: &mut Conn,
    scope: &Scope,
    used: &[(Entitlement, Option<i64>)],
    now: Instant,
) -> Result<Vec<Entitled>, Fault> {
    let tenant = scope.tenant();
    let key: Option<String> =
        run!(conn, |c| subscriptions::table.find(tenant).select(subscriptions::plan).first(c)).optional()?;
    let (Some(key), Some(prices)) = (key, prices(conn, scope).await?) else { return Ok(Vec::new()) };
    let Some(plan) = prices.pricebook.plans.iter().find(|known| known.key == key) else { return Ok(Vec::new()) };
    let today = pricing::resolve(conn, now).await?;
    let offered: &[Plan] = today.as_ref().map_or(&prices.pricebook.plans, |version| &version.pricebook.plans);
    let stands = |(what, used): &(Entitlement, Option<i64>)| {
        let limit = rules::limit(plan, *what);
        let more_in = rules::more_in(offered, *what, limit).map(|more| (more.name.clone(), rules::limit(more, *what)));
        Entitled { what: *what, plan: plan.name.clone(), limit, used: *used, more_in }
    };
    Ok(used.iter().map(stands).collect())
}
