//! What the plan a tenant is on entitles it to.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::ledger::prices;
use crate::{
    clock::Instant,
    credit::{model::Seats, rules},
    db::Conn,
    fault::Fault,
    pricing, run,
    tables::subscriptions,
    tenancy::Scope,
};

/// How the seats of the tenant's plan stand if so many are taken; `None` without a subscription.
pub(crate) async fn seats(conn: &mut Conn, scope: &Scope, taken: i64, now: Instant) -> Result<Option<Seats>, Fault> {
    let tenant = scope.tenant();
    let plan: Option<String> =
        run!(conn, |c| subscriptions::table.find(tenant).select(subscriptions::plan).first(c)).optional()?;
    let (Some(plan), Some(prices)) = (plan, prices(conn, scope).await?) else { return Ok(None) };
    let Some(plan) = prices.pricebook.plans.iter().find(|known| known.key == plan) else { return Ok(None) };
    let today = pricing::resolve(conn, now).await?;
    let offered = today.as_ref().map_or(prices.pricebook.plans.as_slice(), |version| version.pricebook.plans.as_slice());
    let more_in = rules::more_seats(offered, plan.seats).map(|plan| (plan.name.clone(), plan.seats));
    Ok(Some(Seats { plan: plan.name.clone(), limit: plan.seats, taken, more_in }))
}
