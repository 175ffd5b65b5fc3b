//! Telling a tenant how far a period's own credits are used up: once for each share, whoever finds it.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::ledger::Ledger;
use crate::{
    alert::{self, About},
    clock::Instant,
    credit::{model::GrantKind, rules},
    db::{Conn, Prepare},
    fault::Fault,
    money::Credits,
    run,
    tables::{credit_accounts, credit_grants},
    tenancy::Scope,
};

/// Raises what a tenant has to know of how far its period's own credits are used up: what the plan, the trial or the period before brought, not
/// what was bought or given besides. Of several at once only the furthest is told by letter. Whether there was something new.
pub(super) async fn thresholds(tx: &mut Conn, scope: &Scope, ledger: &mut Ledger, now: Instant) -> Result<bool, Fault> {
    let period_from = ledger.period.0;
    // What was noted is not in the rows yet.
    ledger.write(tx).await?;
    let rows: Vec<(i64, i64)> = run!(tx, |c| {
        credit_grants::table
            // A way up in the middle of the period brings its share without being the period's one allowance: it ends with it, too.
            .filter(credit_grants::tenant_id.eq(scope.tenant()).and(credit_grants::expires_at.eq(ledger.period.1)))
            .filter(credit_grants::kind.eq_any([GrantKind::Allowance, GrantKind::Rollover, GrantKind::Trial]))
            .select((credit_grants::amount, credit_grants::remaining))
            .prepared()
            .load(c)
    })?;
    let mut of_period = (Credits::ZERO, Credits::ZERO);
    for (amount, remaining) in rows {
        let sum =
            |sum: Credits, more: i64| sum.plus(Credits::from_micro(more)).ok_or(Fault::Amount { what: "a period's credits" });
        of_period = (sum(of_period.0, amount)?, sum(of_period.1, remaining)?);
    }
    let reached: Vec<i32> = rules::thresholds(of_period.0, of_period.1).collect();
    if reached.is_empty() {
        return Ok(false);
    }
    let about: Vec<About> = reached.iter().map(|percent| About::Threshold { percent: *percent, period_from }).collect();
    let known = alert::raised(tx, scope, &about).await?;
    let new: Vec<About> = about.into_iter().zip(known).filter(|(_, known)| !known).map(|(about, _)| about).collect();
    let mut is_new = false;
    for (place, about) in new.iter().enumerate() {
        let is_furthest = place.saturating_add(1) == new.len();
        is_new |= alert::raise(tx, scope, *about, is_furthest, now, ledger.now()).await?;
    }
    Ok(is_new)
}

/// Raises that a visitor was sent away because there were no credits: once in a period. As part of the act that sends them away.
pub(crate) async fn exhausted(tx: &mut Conn, scope: &Scope, now: Instant) -> Result<(), Fault> {
    let period: Option<Instant> =
        run!(tx, |c| { credit_accounts::table.find(scope.tenant()).select(credit_accounts::period_from).first(c) }).optional()?;
    if let Some(period_from) = period {
        alert::raise(tx, scope, About::Exhausted { period_from }, true, now, now).await?;
    }
    Ok(())
}
