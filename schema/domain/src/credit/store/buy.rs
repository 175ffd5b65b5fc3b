//! Credits that are bought besides a plan, given away, put right or taken back: by a person, with a reason, and each as an entry of its own.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    catch_up::{Granted, catch_up, grant},
    ledger::{About, Ledger, Prices},
    segments::Segments,
    standing::prices,
    statement,
};
use crate::{
    audit::{Action, Change},
    clock::Instant,
    credit::{
        correction::{Bought, Correction, Given, Refusal},
        model::{EntryKind, Grant, GrantKind},
        rules::{self, Block, DAY, Draw},
    },
    db::{Conn, Undone},
    fault::Fault,
    id::GrantId,
    identity::Permission,
    money::Credits,
    once::{self, Once, OnceKey},
    run,
    tables::credit_grants,
    tenancy::Scope,
};

/// Buys a top-up, as the prices offer it that the tenant's period was agreed on by. It stands on the period's statement.
///
/// # Errors
/// If the caller may not change the tenant, or the store fails.
pub async fn top_up(conn: &mut Conn, scope: &Scope, key: &str, once: Option<&OnceKey>, now: Instant) -> Result<Bought, Fault> {
    scope.require(Permission::TenantManage)?;
    conn.undoable("credit.top_up", async |tx| {
        let id = GrantId::new();
        let mut ledger = match begin(tx, scope, once, id, now).await? {
            Begun::Taken(ledger) => ledger,
            Begun::Outcome(outcome) => return outcome,
        };
        let now = now.max(ledger.period.0);
        let segments = Segments::of(tx, scope.tenant()).await?;
        if segments.are_over() || segments.is_trial() {
            return refuse(Refusal::NoPlan);
        }
        let Some((prices, _)) = segments.agreed(tx).await? else { return refuse(Refusal::NoPlan) };
        let Some(offer) = prices.pricebook.top_up(key).cloned() else {
            return refuse(Refusal::NoSuchTopUp(prices.pricebook.top_ups.iter().map(|offer| offer.key.clone()).collect()));
        };
        let to = offer.days.map(|days| now.after(DAY.saturating_mul(days)));
        let block = Granted::new(GrantKind::TopUp, offer.credits, now, to);
        let actor = scope.actor();
        let block = Granted { id, product: Some(offer.key), by: actor.id.map(|_| (actor, None)), ..block };
        grant(tx, scope, &mut ledger, &block, &prices).await?;
        let period = ledger.period;
        ledger.close(tx).await?;
        // What cannot be added up must not be sold.
        statement::add_up(tx, scope, &segments, period).await?;
        scope.record(tx, Change::of(Action::TopUpBought, id.uuid(), &["top_up"]), now).await?;
        found(tx, scope, id).await
    })
    .await
}

/// Gives credits to a tenant: to promote the product, or to make something good.
///
/// # Errors
/// If the caller may not adjust credits, or the store fails.
pub async fn give(conn: &mut Conn, scope: &Scope, given: &Given, once: Option<&OnceKey>, now: Instant) -> Result<Bought, Fault> {
    scope.require(Permission::CreditAdjust)?;
    conn.undoable("credit.give", async |tx| {
        let id = GrantId::new();
        let mut ledger = match begin(tx, scope, once, id, now).await? {
            Begun::Taken(ledger) => ledger,
            Begun::Outcome(outcome) => return outcome,
        };
        let now = now.max(ledger.period.0);
        if given.expires_at.is_some_and(|end| end <= now) {
            return refuse(Refusal::EndsBefore);
        }
        let Some(prices) = prices(tx, scope, now).await? else { return refuse(Refusal::NoPlan) };
        let block = Granted::new(given.kind, given.amount, now, given.expires_at);
        let block = Granted { id, priority: given.priority, by: Some((scope.actor(), Some(given.reason.clone()))), ..block };
        grant(tx, scope, &mut ledger, &block, &prices).await?;
        ledger.close(tx).await?;
        scope.record(tx, Change::of(Action::CreditsGranted, id.uuid(), &["amount"]), now).await?;
        found(tx, scope, id).await
    })
    .await
}

/// Puts an account right: adds credits as a block without an end, or takes some away, in the order they are used up; not what is held, and not what is
/// sold beyond a plan's credits.
///
/// # Errors
/// If the caller may not adjust credits, or the store fails.
pub async fn adjust(
    conn: &mut Conn,
    scope: &Scope,
    correction: &Correction,
    once: Option<&OnceKey>,
    now: Instant,
) -> Result<Result<(), Refusal>, Fault> {
    scope.require(Permission::CreditAdjust)?;
    conn.undoable("credit.adjust", async |tx| {
        let id = GrantId::new();
        let mut ledger = match begin(tx, scope, once, id, now).await? {
            Begun::Taken(ledger) => ledger,
            Begun::Outcome(Ok(_)) => return Ok(Ok(())),
            Begun::Outcome(Err(Undone::Outcome(outcome))) => return Err(Undone::Outcome(outcome.map(drop))),
            Begun::Outcome(Err(Undone::Fault(fault))) => return Err(Undone::Fault(fault)),
        };
        let now = now.max(ledger.period.0);
        let Some(prices) = prices(tx, scope, now).await? else { return Err(Undone::Outcome(Err(Refusal::NoPlan))) };
        let by = Some((scope.actor(), Some(correction.reason.clone())));
        if correction.amount > Credits::ZERO {
            let block = Granted::new(GrantKind::Correction, correction.amount, now, None);
            let block = Granted { id, by, entry: EntryKind::Adjust, ..block };
            grant(tx, scope, &mut ledger, &block, &prices).await?;
        } else if let Err(has) = take_away(tx, &mut ledger, &prices, correction, by, now).await? {
            return Err(Undone::Outcome(Err(Refusal::NotSoMuch(has))));
        }
        ledger.close(tx).await?;
        scope.record(tx, Change::of(Action::CreditsAdjusted, scope.tenant().uuid(), &["amount"]), now).await?;
        Ok(Ok(()))
    })
    .await
}

/// Takes credits away; or says how much there is at most.
async fn take_away(
    tx: &mut Conn,
    ledger: &mut Ledger,
    prices: &Prices,
    correction: &Correction,
    by: Option<(crate::audit::Actor, Option<String>)>,
    now: Instant,
) -> Result<Result<(), Credits>, Fault> {
    let cannot = || Fault::Amount { what: "what is taken away" };
    let own = |block: &Block| block.kind != GrantKind::Overage;
    let blocks: Vec<Block> = ledger.blocks(tx).await?.into_iter().filter(own).collect();
    let wanted = correction.amount.micro().checked_neg().map(Credits::from_micro).ok_or_else(cannot)?;
    let Some(draws) = rules::draw(&blocks, wanted, now) else {
        let usable = |block: &&Block| block.effective_from <= now && block.expires_at.is_none_or(|end| now < end);
        let has = blocks.iter().filter(usable).map(|block| block.available).try_fold(Credits::ZERO, Credits::plus);
        return Ok(Err(has.ok_or_else(cannot)?));
    };
    let about = About { version: Some((prices.number, prices.hash)), by, ..About::default() };
    for draw in draws {
        let less = draw.amount.micro().checked_neg().ok_or_else(cannot)?;
        ledger.change_block(draw.id, less, 0);
        ledger.post(EntryKind::Adjust, Draw { amount: Credits::from_micro(less), ..draw }, &about, now)?;
    }
    Ok(Ok(()))
}

/// Takes back what a block still has and nobody holds: it should not have been granted.
///
/// # Errors
/// If the caller may not adjust credits, or the store fails.
pub async fn void(conn: &mut Conn, scope: &Scope, id: GrantId, reason: &str, now: Instant) -> Result<Bought, Fault> {
    scope.require(Permission::CreditAdjust)?;
    conn.undoable("credit.void", async |tx| {
        let mut ledger = match begin(tx, scope, None, id, now).await? {
            Begun::Taken(ledger) => ledger,
            Begun::Outcome(outcome) => return outcome,
        };
        let now = now.max(ledger.period.0);
        let Some(block) = ledger.blocks(tx).await?.into_iter().find(|block| block.id == id) else {
            return match grant_of(tx, scope, id).await? {
                Some(_) => refuse(Refusal::NothingLeft),
                None => refuse(Refusal::NoSuchGrant),
            };
        };
        if block.kind == GrantKind::Overage || block.available <= Credits::ZERO {
            return refuse(Refusal::NothingLeft);
        }
        let less = block.available.micro().checked_neg().ok_or(Fault::Amount { what: "what is taken back" })?;
        let about = About { by: Some((scope.actor(), Some(reason.to_owned()))), ..About::default() };
        ledger.change_block(id, less, 0);
        ledger.post(EntryKind::Void, Draw { id, amount: block.available }, &about, now)?;
        ledger.close(tx).await?;
        scope.record(tx, Change::of(Action::GrantVoided, id.uuid(), &["remaining"]), now).await?;
        found(tx, scope, id).await
    })
    .await
}

type Done = Result<Bought, Undone<Bought>>;

/// How an act on an account begins.
enum Begun {
    /// The account is taken, and what was due has happened.
    Taken(Ledger),
    /// That is all there is to do.
    Outcome(Done),
}

/// Lets a key stand for the block that is about to be made, if one is, takes the account, and lets happen what is due by now.
async fn begin(tx: &mut Conn, scope: &Scope, once: Option<&OnceKey>, id: GrantId, now: Instant) -> Result<Begun, Fault> {
    // The key's row first: who comes second waits for the first, and is then told what that one did.
    match once::claim(tx, scope.tenant(), &scope.actor(), once, id.uuid(), now).await? {
        Once::Now => {}
        Once::Before(made) => {
            let made = grant_of(tx, scope, GrantId::from(made)).await?;
            return Ok(Begun::Outcome(Ok(Ok(made))));
        }
        Once::Reused => return Ok(Begun::Outcome(refuse(Refusal::KeyReused))),
    }
    let Some(mut ledger) = Ledger::take(tx, scope, now).await? else { return Ok(Begun::Outcome(refuse(Refusal::NoPlan))) };
    catch_up(tx, scope, &mut ledger, now).await?;
    Ok(Begun::Taken(ledger))
}

fn refuse(refusal: Refusal) -> Done {
    // The key stands for nothing then.
    Err(Undone::Outcome(Err(refusal)))
}

async fn found(tx: &mut Conn, scope: &Scope, id: GrantId) -> Done {
    Ok(Ok(grant_of(tx, scope, id).await?))
}

async fn grant_of(tx: &mut Conn, scope: &Scope, id: GrantId) -> Result<Option<Grant>, Fault> {
    let ids: Vec<GrantId> = run!(tx, |c| {
        credit_grants::table
            .filter(credit_grants::tenant_id.eq(scope.tenant()).and(credit_grants::id.eq(id)))
            .select(credit_grants::id)
            .load(c)
    })?;
    Ok(super::read::grants_by_id(tx, scope, &ids).await?.pop())
}
