//! Charging what turns took.
//!
//! A turn is metered by a job of its own. Where a tenant has many of them waiting, the first takes the others along: they are settled one after
//! the other in one transaction, and the ledger says what it would say if each had been alone. What a letter tells of, it tells once for all of them.

use std::collections::BTreeMap;

use diesel::{dsl::case_when, prelude::*};
use diesel_async::RunQueryDsl;
use futures_util::try_join;

use super::{
    alerts, beyond, caps,
    catch_up::catch_up,
    ledger::{About, Ledger},
    refund,
    took::{Drawn, Hold, Took, drawn, open_holds, took},
};
use crate::{
    clock::Instant,
    credit::{
        caps::CapKind,
        model::{EntryKind, MeterUsage, Metered},
        rules::{self, Draw, Settlement},
    },
    db::{Conn, Prepare, Undone},
    fault::Fault,
    id::{HoldId, TurnId, VisitorId},
    identity::Permission,
    job::{self, Lease},
    money::Credits,
    pricing, run,
    tables::{credit_charges, credit_holds, visitors},
    tenancy::Scope,
};

/// So many turns are taken along at most: what a transaction holds up is a fraction of a second.
const ALONG: usize = 63;

/// Charges what a turn that has ended took, by the prices its hold was made at, gives back the rest of the hold, and ends the job; and so for others
/// of the tenant that wait to be metered and were not tried yet. All of it or nothing; done again, it changes nothing. What failed once is tried
/// alone, so that it holds up nobody else.
///
/// # Errors
/// If the store fails.
pub async fn meter(conn: &mut Conn, scope: &Scope, lease: &Lease, turn: TurnId, now: Instant) -> Result<Metered, Fault> {
    scope.require(Permission::UsageMeter)?;
    conn.undoable("credit.meter", async |tx| {
        let (mut second, mut third, mut fourth) = (tx.beside(), tx.beside(), tx.beside());
        let own = [turn];
        let along = async {
            if lease.attempt() == 1 {
                job::take_along::<MeterUsage>(&mut fourth, lease, ALONG, now).await
            } else {
                Ok(Vec::new())
            }
        };
        let (ours, mut holds, mut took_by, along) =
            try_join!(job::complete(tx, lease, now), open_holds(&mut second, scope, &own), took(&mut third, scope, &own), along)?;
        if !ours {
            return Err(Undone::Outcome(Metered::Late));
        }
        if !along.is_empty() {
            let turn = |key: &String| key.parse().map_err(|_| Fault::Amount { what: "the turn a job is about" });
            let turns: Vec<TurnId> = along.iter().map(turn).collect::<Result<_, _>>()?;
            let (others, took_by_them) = try_join!(open_holds(&mut second, scope, &turns), took(&mut third, scope, &turns))?;
            let mut others: Vec<Hold> = others;
            others.sort_by_key(|hold| turns.iter().position(|turn| *turn == hold.turn));
            holds.extend(others);
            took_by.extend(took_by_them);
        }
        let ended: Vec<(Hold, Took)> =
            holds.into_iter().filter_map(|hold| took_by.remove(&hold.turn).map(|took| (hold, took))).collect();
        if ended.is_empty() {
            return Ok(Metered::Nothing);
        }
        let news = settle(tx, scope, &ended, now).await?;
        Ok(Metered::Charged { news })
    })
    .await
}

fn cannot() -> Fault {
    Fault::Amount { what: "what a turn is charged" }
}

/// What a turn costs by the prices its hold was made at.
fn rated(hold: &Hold, took: &Took) -> Result<Credits, Fault> {
    let count = |tokens: i32| u64::try_from(tokens).unwrap_or(0);
    let tokens = took.tokens.map_or(0, |(read, written)| count(read).saturating_add(count(written)));
    pricing::rules::rate(&hold.prices.pricebook, took.action, took.model.as_deref(), tokens).ok_or_else(cannot)
}

/// Settles turns, one after the other. Whether there is something that somebody has to know since.
async fn settle(tx: &mut Conn, scope: &Scope, ended: &[(Hold, Took)], now: Instant) -> Result<bool, Fault> {
    // The visitors' rows before the account's, and in their order, as everybody takes them.
    let mut spent: BTreeMap<VisitorId, Credits> = BTreeMap::new();
    let mut costs = Vec::with_capacity(ended.len());
    for (hold, took) in ended {
        let rated = rated(hold, took)?;
        let sum = spent.entry(took.visitor).or_insert(Credits::ZERO);
        *sum = sum.plus(rated).ok_or_else(cannot)?;
        costs.push(rated);
    }
    let turns: Vec<TurnId> = ended.iter().map(|(hold, _)| hold.turn).collect();
    let (mut beside, mut third) = (tx.beside(), tx.beside());
    let last = spent.pop_last();
    for (visitor, amount) in spent {
        spend(tx, visitor, amount, now).await?;
    }
    let spending = async { if let Some((visitor, amount)) = last { spend(tx, visitor, amount, now).await } else { Ok(()) } };
    let ((), ledger, mut drawn) = try_join!(spending, Ledger::take(&mut beside, scope, now), drawn(&mut third, scope, &turns))?;
    // Without an account there would be no hold.
    let mut ledger = ledger.ok_or_else(cannot)?;
    catch_up(tx, scope, &mut ledger, now).await?;
    // A period that is billed has ended: what is metered by a clock that is behind belongs to the one that runs.
    let now = now.max(ledger.period.0);
    let mut charged = false;
    for ((hold, took), rated) in ended.iter().zip(costs) {
        let drawn = drawn.remove(&hold.id).unwrap_or_default();
        let captured = settle_one(tx, scope, &mut ledger, (hold, took), (rated, &drawn), now).await?;
        charged |= captured > Credits::ZERO;
    }
    let news = if charged { alerts::thresholds(tx, scope, &mut ledger, now).await? } else { false };
    ledger.close(tx).await?;
    Ok(news)
}

/// Counts what answers took against what the visitor's answers may take in a day.
#[expect(clippy::arithmetic_side_effects, reason = "the store counts, in SQL")]
async fn spend(tx: &mut Conn, visitor: VisitorId, amount: Credits, now: Instant) -> Result<(), Fault> {
    if amount.micro() == 0 {
        return Ok(());
    }
    let today = rules::day_of(now);
    run!(tx, |c| {
        // A clock that is behind, or who waited across midnight, does not bring back the day before.
        let before = case_when(visitors::spent_on.ge(today), visitors::spent).otherwise(0);
        let day = case_when(visitors::spent_on.gt(today), visitors::spent_on).otherwise(Some(today));
        diesel::update(visitors::table.find(visitor))
            .set((visitors::spent.eq(before + amount.micro()), visitors::spent_on.eq(day)))
            .prepared()
            .execute(c)
    })?;
    Ok(())
}

/// Charges one turn out of what was drawn for it, and gives back the rest. What was captured.
async fn settle_one(
    tx: &mut Conn,
    scope: &Scope,
    ledger: &mut Ledger,
    (hold, took): (&Hold, &Took),
    (rated, drawn): (Credits, &Drawn),
    now: Instant,
) -> Result<Credits, Fault> {
    let ends = |id| drawn.iter().find(|(draw, _)| draw.id == id).and_then(|(_, end)| *end);
    let draws: Vec<Draw> = drawn.iter().map(|(draw, _)| *draw).collect();
    let settlement = rules::settle(&draws, rated).ok_or_else(cannot)?;
    let version = Some((hold.prices.number, hold.prices.hash));
    let about = About { hold: Some(hold.id), turn: Some(hold.turn), version, by: None };
    let less = |amount: Credits| amount.micro().checked_neg().ok_or_else(cannot);
    for draw in &settlement.captures {
        ledger.change_block(draw.id, less(draw.amount)?, less(draw.amount)?);
        ledger.post(EntryKind::Capture, *draw, &about, now)?;
    }
    for draw in &settlement.releases {
        let end = ends(draw.id);
        // What comes back after its block's end has nothing left to be used for.
        let over = end.is_some_and(|end| end <= now);
        ledger.change_block(draw.id, if over { less(draw.amount)? } else { 0 }, less(draw.amount)?);
        ledger.post(EntryKind::Release, *draw, &about, now)?;
        if over {
            ledger.post(EntryKind::Expire, *draw, &About::default(), now)?;
        } else {
            // A block that was wholly held has something again that may expire.
            ledger.expects(end);
        }
    }
    let over = beyond_hold(tx, scope, ledger, &settlement, &about, now).await?;
    let overage = over.map_or(Credits::ZERO, |draw| draw.amount);
    let charged = Charged { rated, captured: settlement.captured, overage };
    let sum = charged.captured.plus(overage).ok_or_else(cannot)?;
    let mut beside = tx.beside();
    try_join!(charge(tx, scope, hold, took, charged, now), settled(&mut beside, scope, hold.id, now))?;
    if let Some(rule) =
        took.refunded_for.and_then(|reason| hold.prices.pricebook.refund_for(reason)).filter(|rule| rule.days.is_none())
    {
        let captured = settlement.captures.iter().map(|draw| (*draw, ends(draw.id)));
        let taken: Drawn = captured.chain(over.map(|draw| (draw, Some(ledger.period.1)))).collect();
        let giving = refund::Giving { turn: hold.turn, rule, charged: sum, taken: &taken, prices: &hold.prices };
        refund::give_back(tx, scope, ledger, giving, now).await?;
    }
    if sum > Credits::ZERO {
        if let Some(persona) = took.persona {
            caps::count(tx, scope, (CapKind::PersonaMonth, persona.uuid().into()), sum, now).await?;
        }
        if let Some(key) = took.widget_key {
            caps::count(tx, scope, (CapKind::WidgetKeyDay, key.uuid().into()), sum, now).await?;
        }
    }
    Ok(charged.captured)
}

/// What a turn cost beyond what was held for it, as far as its plan sells that: out of which block, and how much.
async fn beyond_hold(
    tx: &mut Conn,
    scope: &Scope,
    ledger: &mut Ledger,
    settlement: &Settlement,
    about: &About,
    now: Instant,
) -> Result<Option<Draw>, Fault> {
    if settlement.absorbed <= Credits::ZERO {
        return Ok(None);
    }
    let Some(block) = beyond::block(tx, scope, ledger, now).await? else { return Ok(None) };
    let draw = Draw { id: block.id, amount: settlement.absorbed.min(block.available) };
    let less = draw.amount.micro().checked_neg().ok_or(Fault::Amount { what: "what is used beyond a plan's credits" })?;
    ledger.change_block(draw.id, less, 0);
    ledger.post(EntryKind::Overage, draw, about, now)?;
    Ok(Some(draw))
}

/// What a turn cost, and what of that was charged.
#[derive(Clone, Copy)]
struct Charged {
    rated: Credits,
    captured: Credits,
    overage: Credits,
}

async fn settled(tx: &mut Conn, scope: &Scope, hold: HoldId, now: Instant) -> Result<(), Fault> {
    run!(tx, |c| {
        diesel::update(credit_holds::table.find(hold))
            .filter(credit_holds::tenant_id.eq(scope.tenant()))
            .set(credit_holds::settled_at.eq(now))
            .prepared()
            .execute(c)
    })?;
    Ok(())
}

async fn charge(
    tx: &mut Conn,
    scope: &Scope,
    hold: &Hold,
    took: &Took,
    Charged { rated, captured, overage }: Charged,
    now: Instant,
) -> Result<(), Fault> {
    let absorbed =
        rated.minus(captured).and_then(|rest| rest.minus(overage)).ok_or(Fault::Amount { what: "what is absorbed" })?;
    run!(tx, |c| {
        diesel::insert_into(credit_charges::table)
            .values((
                credit_charges::tenant_id.eq(scope.tenant()),
                credit_charges::usage_key.eq(hold.turn.to_string()),
                credit_charges::turn_id.eq(hold.turn),
                credit_charges::hold_id.eq(hold.id),
                credit_charges::action.eq(took.action),
                credit_charges::prompt_tokens.eq(took.tokens.map(|(read, _)| read)),
                credit_charges::completion_tokens.eq(took.tokens.map(|(_, written)| written)),
                credit_charges::estimated.eq(took.estimated),
                credit_charges::rated.eq(rated.micro()),
                credit_charges::captured.eq(captured.micro()),
                credit_charges::overage.eq(overage.micro()),
                credit_charges::absorbed.eq(absorbed.micro()),
                credit_charges::pricebook_version.eq(hold.prices.number),
                credit_charges::content_hash.eq(hold.prices.hash.as_slice()),
                credit_charges::created_at.eq(now),
            ))
            .prepared()
            .execute(c)
    })?;
    Ok(())
}
