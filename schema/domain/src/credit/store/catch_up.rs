//! What is due by now: blocks that have expired, periods that have begun. It happens in the transaction of whoever looks first, as of the
//! moment it was due, so that no answer depends on a job having run.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    ledger::{About as Concerning, Ledger, Prices},
    segments::{self, Reason, Segments},
    standing::recorded,
    statement,
};
use crate::{
    alert::{self, About},
    audit::Actor,
    clock::Instant,
    credit::{
        model::{EntryKind, GrantKind},
        rules::{self, Block, Draw},
    },
    db::Conn,
    fault::Fault,
    id::{GrantId, TurnId},
    money::Credits,
    run,
    tables::{credit_accounts, credit_grants, subscriptions},
    tenancy::Scope,
};

/// Lets happen what is due by now, if anything is, before a tenant's numbers are read.
pub(super) async fn bring_up(conn: &mut Conn, scope: &Scope, now: Instant) -> Result<(), Fault> {
    let tenant = scope.tenant();
    let due: Option<Option<Instant>> =
        run!(conn, |c| credit_accounts::table.find(tenant).select(credit_accounts::next_event_at).first(c)).optional()?;
    if due.flatten().is_none_or(|due| due > now) {
        return Ok(());
    }
    conn.transaction("credit.bring_up", async |tx| {
        let Some(mut ledger) = Ledger::take(tx, scope, now).await? else { return Ok::<_, Fault>(()) };
        catch_up(tx, scope, &mut ledger, now).await?;
        ledger.close(tx).await
    })
    .await
}

/// Brings an account up to `now`. The caller closes the ledger.
pub(super) async fn catch_up(tx: &mut Conn, scope: &Scope, ledger: &mut Ledger, now: Instant) -> Result<(), Fault> {
    while let Some(due) = ledger.next_event_at.filter(|due| *due <= now) {
        let ending = ledger.blocks(tx).await?;
        for block in &ending {
            expire(ledger, block, due)?;
        }
        let mut goes_on = true;
        if due >= ledger.period.1 {
            goes_on = end_period(tx, scope, ledger, left_of(&ending, ledger.period.1)?).await?;
        }
        // Nothing that is due now may be due again.
        let blocks = ledger.blocks(tx).await?;
        ledger.next_event_at = next_event(ledger, &blocks, goes_on).filter(|next| *next > due);
    }
    Ok(())
}

/// What is left at a period's end, and nobody holds, of what the period brought.
fn left_of(blocks: &[Block], end: Instant) -> Result<Credits, Fault> {
    let of_period =
        |block: &&Block| matches!(block.kind, GrantKind::Allowance | GrantKind::Rollover) && block.expires_at == Some(end);
    let mut left = blocks.iter().filter(of_period).map(|block| block.available);
    left.try_fold(Credits::ZERO, Credits::plus).ok_or(Fault::Amount { what: "what is left of a period" })
}

/// The account's period is over: what it cost is written down, and the next one begins as the subscription is by then. Whether it does.
async fn end_period(tx: &mut Conn, scope: &Scope, ledger: &mut Ledger, left: Credits) -> Result<bool, Fault> {
    let boundary = ledger.period.1;
    let Some(mut recorded) = recorded(tx, scope.tenant(), boundary).await? else { return Ok(false) };
    // The row may be behind what this transaction knows already.
    recorded.on.period = ledger.period;
    let mut segments = Segments::to_write(tx, scope).await?;
    if segments.are_over() {
        return Ok(false);
    }
    // What is billed of it has to be written first.
    ledger.write(tx).await?;
    statement::write(tx, scope, &segments, ledger.period, ledger.now()).await?;
    let agreed = if segments.is_trial() { None } else { segments.agreed(tx).await? };
    let standing = recorded.standing(boundary)?;
    let prices = Prices::of(standing.version);
    if standing.is_over {
        let new = segments::New::of(Reason::Ended, &standing.plan, &prices, boundary);
        segments.append(tx, scope, &new, ledger.now()).await?;
        alert::raise(tx, scope, About::PlanEnded { at: boundary }, true, boundary, ledger.now()).await?;
        return Ok(false);
    }
    if prices.number != recorded.on.pinned {
        alert::raise(tx, scope, About::Prices { number: prices.number }, false, boundary, ledger.now()).await?;
    }
    if standing.plan != recorded.on.plan || prices.number != recorded.on.pinned || recorded.on.next_plan.is_some() {
        settle_on(tx, scope, &standing.plan, prices.number).await?;
    }
    if !segments.end_on(&standing.plan, prices.number) {
        let new = segments::New::of(Reason::Renewed, &standing.plan, &prices, boundary);
        segments.append(tx, scope, &new, ledger.now()).await?;
    }
    let stays_on = agreed.as_ref().filter(|(_, plan)| plan.key == standing.plan);
    ledger.period = standing.period;
    grant_allowance(tx, scope, ledger, &standing.plan, &prices).await?;
    // Under the terms the period was agreed on by, and not where another plan begins: its price is for its own credits.
    if let Some(rollover) = stays_on.and_then(|(agreed, plan)| agreed.pricebook.rollover_of(&plan.key)) {
        let amount = rules::carried(rollover, left);
        if amount > Credits::ZERO {
            let granted = Granted::of_period(GrantKind::Rollover, amount, ledger.period);
            grant(tx, scope, ledger, &granted, &prices).await?;
        }
    }
    Ok(true)
}

/// Writes down what a subscription went on with.
#[expect(clippy::arithmetic_side_effects, reason = "the store counts, in SQL")]
async fn settle_on(tx: &mut Conn, scope: &Scope, plan: &str, version: i32) -> Result<(), Fault> {
    let tenant = scope.tenant();
    run!(tx, |c| {
        diesel::update(subscriptions::table.find(tenant))
            .set((
                subscriptions::plan.eq(plan),
                subscriptions::next_plan.eq(None::<String>),
                subscriptions::pricebook_version.eq(version),
                subscriptions::revision.eq(subscriptions::revision + 1),
            ))
            .execute(c)
    })?;
    Ok(())
}

/// The next moment at which something is due.
pub(super) fn next_event(ledger: &Ledger, blocks: &[Block], goes_on: bool) -> Option<Instant> {
    let expiries = blocks.iter().filter(|block| block.available > Credits::ZERO).filter_map(|block| block.expires_at);
    expiries.chain(goes_on.then_some(ledger.period.1)).min()
}

/// Takes away what a block has and nobody holds, if its end has come. What a hold has drawn stays usable by that hold.
fn expire(ledger: &mut Ledger, block: &Block, due: Instant) -> Result<(), Fault> {
    let Some(end) = block.expires_at.filter(|end| *end <= due && block.available > Credits::ZERO) else { return Ok(()) };
    let micro = block.available.micro().checked_neg().ok_or(Fault::Amount { what: "what expires" })?;
    ledger.change_block(block.id, micro, 0);
    ledger.post(EntryKind::Expire, Draw { id: block.id, amount: block.available }, &Concerning::default(), end)
}

/// Grants a plan's credits for the account's period; they end with it.
pub(super) async fn grant_allowance(
    tx: &mut Conn,
    scope: &Scope,
    ledger: &mut Ledger,
    plan: &str,
    prices: &Prices,
) -> Result<(), Fault> {
    let Some(amount) = prices.pricebook.plan(plan).map(|plan| plan.credits).filter(|amount| *amount > Credits::ZERO) else {
        return Ok(());
    };
    let granted = Granted::of_period(GrantKind::Allowance, amount, ledger.period);
    grant(tx, scope, ledger, &granted, prices).await
}

/// What is granted, and for how long.
pub(super) struct Granted {
    pub(super) id: GrantId,
    pub(super) kind: GrantKind,
    pub(super) amount: Credits,
    pub(super) from: Instant,
    pub(super) to: Option<Instant>,
    /// Lower is used up first.
    pub(super) priority: i16,
    /// When the period began whose own it is; of a kind there is one of those.
    pub(super) period: Option<Instant>,
    /// The turn it is given back for.
    pub(super) turn: Option<TurnId>,
    /// The top-up that was bought, or the plan whose overage it is.
    pub(super) product: Option<String>,
    /// Who is behind it, if a person is, and why.
    pub(super) by: Option<(Actor, Option<String>)>,
    /// What the ledger says of it.
    pub(super) entry: EntryKind,
}

impl Granted {
    /// A block from an instant on.
    pub(super) fn new(kind: GrantKind, amount: Credits, from: Instant, to: Option<Instant>) -> Self {
        Self {
            id: GrantId::new(),
            kind,
            amount,
            from,
            to,
            priority: 0,
            period: None,
            turn: None,
            product: None,
            by: None,
            entry: EntryKind::Grant,
        }
    }

    /// A period's own, which ends with it.
    pub(super) fn of_period(kind: GrantKind, amount: Credits, (from, to): (Instant, Instant)) -> Self {
        Self { period: Some(from), ..Self::new(kind, amount, from, Some(to)) }
    }
}

/// Grants a block of credits.
pub(super) async fn grant(
    tx: &mut Conn,
    scope: &Scope,
    ledger: &mut Ledger,
    granted: &Granted,
    prices: &Prices,
) -> Result<(), Fault> {
    let Granted { id, kind, amount, from, to, priority, period, turn, product, by, entry } = granted;
    run!(tx, |c| {
        diesel::insert_into(credit_grants::table)
            .values((
                credit_grants::id.eq(id),
                credit_grants::tenant_id.eq(scope.tenant()),
                credit_grants::kind.eq(*kind),
                credit_grants::amount.eq(amount.micro()),
                credit_grants::remaining.eq(amount.micro()),
                credit_grants::held.eq(0_i64),
                credit_grants::priority.eq(priority),
                credit_grants::effective_from.eq(from),
                credit_grants::expires_at.eq(to),
                credit_grants::pricebook_version.eq(prices.number),
                credit_grants::period_from.eq(period),
                credit_grants::created_at.eq(ledger.now()),
                credit_grants::product.eq(product),
            ))
            .execute(c)
    })?;
    let about = Concerning { turn: *turn, version: Some((prices.number, prices.hash)), by: by.clone(), hold: None };
    ledger.post(*entry, Draw { id: *id, amount: *amount }, &about, *from)?;
    ledger.expects(*to);
    Ok(())
}
