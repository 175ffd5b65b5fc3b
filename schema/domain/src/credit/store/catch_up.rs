//! What is due by now: blocks that have expired, periods that have begun. It happens in the transaction of whoever looks first, as of the
//! moment it was due, so that no answer depends on a job having run.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::ledger::{About, Ledger, Prices, prices};
use crate::{
    clock::Instant,
    credit::{
        model::{EntryKind, GrantKind},
        rules::{self, Block, Draw},
    },
    db::Conn,
    fault::Fault,
    id::GrantId,
    money::Credits,
    run,
    tables::{credit_grants, subscriptions},
    tenancy::Scope,
};

/// Brings an account up to `now`. The caller closes the ledger.
pub(super) async fn catch_up(tx: &mut Conn, scope: &Scope, ledger: &mut Ledger, now: Instant) -> Result<(), Fault> {
    while let Some(due) = ledger.next_event_at.filter(|due| *due <= now) {
        for block in ledger.blocks(tx).await? {
            expire(ledger, &block, due)?;
        }
        let subscription = subscription(tx, scope).await?;
        if due >= ledger.period.1
            && let Some((plan, anchor_day)) = &subscription
            && let Some(to) = rules::next_period(*anchor_day, ledger.period.1)
            && let Some(prices) = prices(tx, scope).await?
        {
            ledger.period = (ledger.period.1, to);
            grant_allowance(tx, scope, ledger, plan, &prices).await?;
        }
        // Nothing that is due now may be due again.
        let blocks = ledger.blocks(tx).await?;
        ledger.next_event_at = next_event(ledger, &blocks, subscription.is_some()).filter(|next| *next > due);
    }
    Ok(())
}

/// The next moment at which something is due.
pub(super) fn next_event(ledger: &Ledger, blocks: &[Block], renews: bool) -> Option<Instant> {
    let expiries = blocks.iter().filter(|block| block.available > Credits::ZERO).filter_map(|block| block.expires_at);
    expiries.chain(renews.then_some(ledger.period.1)).min()
}

/// Takes away what a block has and nobody holds, if its end has come. What a hold has drawn stays usable by that hold.
fn expire(ledger: &mut Ledger, block: &Block, due: Instant) -> Result<(), Fault> {
    let Some(end) = block.expires_at.filter(|end| *end <= due && block.available > Credits::ZERO) else { return Ok(()) };
    let micro = block.available.micro().checked_neg().ok_or(Fault::Amount { what: "what expires" })?;
    ledger.change_block(block.id, micro, 0);
    ledger.post(EntryKind::Expire, Draw { id: block.id, amount: block.available }, &About::default(), end)
}

/// The plan that is renewed and the day it is renewed on; none for a trial, and none where nothing is subscribed.
async fn subscription(tx: &mut Conn, scope: &Scope) -> Result<Option<(String, i16)>, Fault> {
    let tenant = scope.tenant();
    Ok(run!(tx, |c| {
        subscriptions::table
            .find(tenant)
            .filter(subscriptions::ends_at.is_null())
            .select((subscriptions::plan, subscriptions::anchor_day))
            .first(c)
    })
    .optional()?)
}

/// Grants a plan's credits for the account's period; they end with it.
pub(super) async fn grant_allowance(
    tx: &mut Conn,
    scope: &Scope,
    ledger: &mut Ledger,
    plan: &str,
    prices: &Prices,
) -> Result<(), Fault> {
    let allowance = prices.pricebook.plans.iter().find(|known| known.key == plan).map(|plan| plan.credits);
    let Some(amount) = allowance.filter(|amount| *amount > Credits::ZERO) else { return Ok(()) };
    grant(tx, scope, ledger, GrantKind::Allowance, amount, prices).await
}

/// Grants a block for the account's period, effective from its beginning.
pub(super) async fn grant(
    tx: &mut Conn,
    scope: &Scope,
    ledger: &mut Ledger,
    kind: GrantKind,
    amount: Credits,
    prices: &Prices,
) -> Result<(), Fault> {
    let id = GrantId::new();
    let (from, to) = ledger.period;
    run!(tx, |c| {
        diesel::insert_into(credit_grants::table)
            .values((
                credit_grants::id.eq(id),
                credit_grants::tenant_id.eq(scope.tenant()),
                credit_grants::kind.eq(kind),
                credit_grants::amount.eq(amount.micro()),
                credit_grants::remaining.eq(amount.micro()),
                credit_grants::held.eq(0_i64),
                credit_grants::priority.eq(0_i16),
                credit_grants::effective_from.eq(from),
                credit_grants::expires_at.eq(to),
                credit_grants::pricebook_version.eq(prices.number),
                credit_grants::period_from.eq(from),
                credit_grants::created_at.eq(ledger.now()),
            ))
            .execute(c)
    })?;
    let about = About { version: Some((prices.number, prices.hash)), ..About::default() };
    ledger.post(EntryKind::Grant, Draw { id, amount }, &about, from)
}
