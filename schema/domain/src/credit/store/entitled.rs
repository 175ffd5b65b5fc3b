//! What the plan a tenant is on entitles it to.

use super::{ledger::of_version, standing::recorded};
use crate::{
    clock::Instant,
    credit::{
        entitlement::{Entitled, Entitlement},
        rules,
    },
    db::Conn,
    fault::Fault,
    pricing::{self, Plan},
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

/// For how many days the tenant's plan keeps conversations at `now`; `None` is for ever, and what holds without a subscription.
pub(crate) async fn retention_days(conn: &mut Conn, scope: &Scope, now: Instant) -> Result<Option<u32>, Fault> {
    let Some(recorded) = recorded(conn, scope.tenant(), now).await? else { return Ok(None) };
    let standing = recorded.standing(now)?;
    Ok(standing.version.pricebook.plan(&standing.plan).and_then(|plan| rules::limit(plan, Entitlement::RetentionDays)))
}

/// The same of a plan as a version of the pricebook has it.
pub(crate) async fn retention_of(conn: &mut Conn, plan: &str, number: i32, hash: &[u8]) -> Result<Option<u32>, Fault> {
    let prices = of_version(conn, number, hash).await?;
    Ok(prices.pricebook.plan(plan).and_then(|plan| rules::limit(plan, Entitlement::RetentionDays)))
}

/// How several stand, by how many of each are used; none without a subscription.
pub(crate) async fn entitlements(
    conn: &mut Conn,
    scope: &Scope,
    used: &[(Entitlement, Option<i64>)],
    now: Instant,
) -> Result<Vec<Entitled>, Fault> {
    let Some(recorded) = recorded(conn, scope.tenant(), now).await? else { return Ok(Vec::new()) };
    let standing = recorded.standing(now)?;
    let Some(plan) = standing.version.pricebook.plan(&standing.plan) else { return Ok(Vec::new()) };
    let today = pricing::resolve(conn, now).await?;
    let offered: &[Plan] = today.as_ref().map_or(&standing.version.pricebook.plans, |version| &version.pricebook.plans);
    let stands = |(what, used): &(Entitlement, Option<i64>)| {
        let limit = rules::limit(plan, *what);
        let more_in = rules::more_in(offered, *what, limit).map(|more| (more.name.clone(), rules::limit(more, *what)));
        Entitled { what: *what, plan: plan.name.clone(), limit, used: *used, more_in }
    };
    Ok(used.iter().map(stands).collect())
}
