//! A tenant's first subscription, and with it its account.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    catch_up::{Granted, grant, grant_allowance, next_event},
    ledger::{Ledger, of_version},
    segments::{self, Reason, Segments},
};
use crate::{
    clock::Instant,
    credit::{
        model::{GrantKind, Subscribed, Terms},
        rules,
    },
    db::Conn,
    fault::Fault,
    id::TenantId,
    identity::Permission,
    money::Credits,
    pricing, run,
    tables::{credit_accounts, subscriptions},
    tenancy::Scope,
};

/// Subscribes a tenant to a plan or to the trial, at the prices in force, and grants the first credits. All of it or nothing.
///
/// # Errors
/// If the store fails.
pub async fn subscribe(conn: &mut Conn, scope: &Scope, terms: &Terms, now: Instant) -> Result<Subscribed, Fault> {
    scope.require(Permission::TenantManage)?;
    conn.transaction("credit.subscribe", async |tx| {
        let tenant = scope.tenant();
        let known: Option<TenantId> =
            run!(tx, |c| subscriptions::table.find(tenant).select(subscriptions::tenant_id).first(c)).optional()?;
        if known.is_some() {
            return Ok(Subscribed::Already);
        }
        let Some(version) = pricing::resolve(tx, now).await? else { return Ok(Subscribed::NoSuchPlan) };
        let book = &version.pricebook;
        let (plan, trial) = match terms {
            Terms::Plan(key) => (key, false),
            Terms::Trial => (&book.trial.plan, true),
        };
        if !book.plans.iter().any(|known| known.key == *plan) {
            return Ok(Subscribed::NoSuchPlan);
        }
        let day = Duration::from_secs(86_400);
        let anchor_day = rules::anchor_day(now);
        let to = if trial { Some(now.after(day.saturating_mul(book.trial.days))) } else { rules::next_period(anchor_day, now) };
        let to = to.ok_or(Fault::Amount { what: "the end of a period" })?;
        run!(tx, |c| {
            diesel::insert_into(subscriptions::table)
                .values((
                    subscriptions::tenant_id.eq(tenant),
                    subscriptions::plan.eq(plan),
                    subscriptions::pricebook_version.eq(version.number),
                    subscriptions::trial.eq(trial),
                    subscriptions::anchor_day.eq(anchor_day),
                    subscriptions::started_at.eq(now),
                    subscriptions::ends_at.eq(trial.then_some(to)),
                ))
                .execute(c)
        })?;
        run!(tx, |c| {
            diesel::insert_into(credit_accounts::table)
                .values((
                    credit_accounts::tenant_id.eq(tenant),
                    credit_accounts::balance.eq(0_i64),
                    credit_accounts::held.eq(0_i64),
                    credit_accounts::last_entry.eq(0_i64),
                    credit_accounts::period_from.eq(now),
                    credit_accounts::period_to.eq(to),
                ))
                .execute(c)
        })?;
        let mut ledger = Ledger::new(scope, (now, to), now);
        let prices = of_version(tx, version.number, &version.content_hash).await?;
        if !trial {
            grant_allowance(tx, scope, &mut ledger, plan, &prices).await?;
        } else if book.trial.credits > Credits::ZERO {
            let granted = Granted::of_period(GrantKind::Trial, book.trial.credits, (now, to));
            grant(tx, scope, &mut ledger, &granted, &prices).await?;
        }
        let new = segments::New::of(Reason::Started, plan, &prices, now).tried(trial);
        Segments::none().append(tx, scope, &new, now).await?;
        let blocks = ledger.blocks(tx).await?;
        ledger.next_event_at = next_event(&ledger, &blocks, true);
        ledger.close(tx).await?;
        Ok(Subscribed::Now)
    })
    .await
}
