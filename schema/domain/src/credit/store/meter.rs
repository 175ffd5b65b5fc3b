//! Charging what a turn took.

use diesel::{dsl::case_when, prelude::*};
use diesel_async::RunQueryDsl;
use futures_util::try_join;

use super::{
    catch_up::catch_up,
    ledger::{About, Ledger, Prices, of_version},
};
use crate::{
    chat::TurnState,
    clock::Instant,
    credit::{
        model::{EntryKind, Metered},
        rules::{self, Draw, Settlement},
    },
    db::{Conn, Prepare, Undone},
    fault::Fault,
    id::{GrantId, HoldId, TurnId, VisitorId},
    identity::Permission,
    job::{self, Lease},
    money::Credits,
    pricing::{self, Action},
    run,
    tables::{
        conversations, credit_charges, credit_entries, credit_grants, credit_holds, messages, pricebook_versions, turns, visitors,
    },
    tenancy::Scope,
};

/// Charges what a turn that has ended took, by the prices its hold was made at, gives back the rest of the hold, and ends the job. All
/// of it or nothing; done again, it changes nothing.
///
/// # Errors
/// If the store fails.
pub async fn meter(conn: &mut Conn, scope: &Scope, lease: &Lease, turn: TurnId, now: Instant) -> Result<Metered, Fault> {
    scope.require(Permission::UsageMeter)?;
    conn.undoable("credit.meter", async |tx| {
        let (mut second, mut third) = (tx.beside(), tx.beside());
        let (ours, hold, took) =
            try_join!(job::complete(tx, lease, now), open_hold(&mut second, scope, turn), took(&mut third, scope, turn))?;
        if !ours {
            return Err(Undone::Outcome(Metered::Late));
        }
        let (Some(hold), Some(took)) = (hold, took) else { return Ok(Metered::Nothing) };
        settle(tx, scope, &hold, &took, now).await?;
        Ok(Metered::Charged)
    })
    .await
}

/// A hold that is still to be settled.
struct Hold {
    id: HoldId,
    turn: TurnId,
    prices: Prices,
}

async fn open_hold(tx: &mut Conn, scope: &Scope, turn: TurnId) -> Result<Option<Hold>, Fault> {
    let tenant = scope.tenant();
    let row: Option<(HoldId, i32, Vec<u8>)> = run!(tx, |c| {
        credit_holds::table
            .inner_join(pricebook_versions::table)
            .filter(credit_holds::tenant_id.eq(tenant).and(credit_holds::turn_id.eq(turn)))
            .filter(credit_holds::settled_at.is_null())
            .select((credit_holds::id, pricebook_versions::number, pricebook_versions::content_hash))
            .first(c)
    })
    .optional()?;
    let Some((id, number, hash)) = row else { return Ok(None) };
    Ok(Some(Hold { id, turn, prices: of_version(tx, number, &hash).await? }))
}

/// What a turn that has ended took.
struct Took {
    visitor: VisitorId,
    action: Action,
    /// Who answered.
    model: Option<String>,
    tokens: Option<(i32, i32)>,
    estimated: bool,
}

async fn took(tx: &mut Conn, scope: &Scope, turn: TurnId) -> Result<Option<Took>, Fault> {
    let tenant = scope.tenant();
    type Row = (VisitorId, TurnState, Option<i32>, Option<i32>, Option<bool>, Option<String>);
    let row: Option<Row> = run!(tx, |c| {
        turns::table
            .left_join(
                messages::table.on(messages::tenant_id.eq(turns::tenant_id).and(messages::id.nullable().eq(turns::answer_id))),
            )
            .inner_join(
                conversations::table
                    .on(conversations::tenant_id.eq(turns::tenant_id).and(conversations::id.eq(turns::conversation_id))),
            )
            .filter(turns::tenant_id.eq(tenant).and(turns::id.eq(turn)))
            .select((
                conversations::visitor_id,
                turns::state,
                messages::prompt_tokens.nullable(),
                messages::completion_tokens.nullable(),
                messages::tokens_estimated.nullable(),
                messages::model.nullable(),
            ))
            .first(c)
    })
    .optional()?;
    let Some((visitor, state, read, written, estimated, model)) = row else { return Ok(None) };
    let tokens = read.zip(written);
    let action = match state {
        TurnState::Waiting | TurnState::Live => return Ok(None),
        TurnState::Answered if tokens.is_some() => Action::AnswerWritten,
        TurnState::Answered => Action::AnswerQuoted,
        TurnState::Refused => Action::Refusal,
        TurnState::HandedOff | TurnState::OutOfCredits | TurnState::Human => Action::Handoff,
        // What was written until then is paid for.
        TurnState::Stopped if tokens.is_some() => Action::AnswerWritten,
        TurnState::Stopped => Action::Failure,
        TurnState::Failed => Action::Failure,
    };
    Ok(Some(Took { visitor, action, model, tokens, estimated: estimated.unwrap_or(false) }))
}

/// Counts what an answer took against what the visitor's answers may take in a day.
#[expect(clippy::arithmetic_side_effects, reason = "the store counts, in SQL")]
async fn spend(tx: &mut Conn, visitor: VisitorId, amount: Credits, now: Instant) -> Result<(), Fault> {
    if amount.micro() == 0 {
        return Ok(());
    }
    let today = rules::day_of(now);
    run!(tx, |c| {
        let before = case_when(visitors::spent_on.eq(today), visitors::spent).otherwise(0);
        diesel::update(visitors::table.find(visitor))
            .set((visitors::spent.eq(before + amount.micro()), visitors::spent_on.eq(today)))
            .prepared()
            .execute(c)
    })?;
    Ok(())
}

async fn settle(tx: &mut Conn, scope: &Scope, hold: &Hold, took: &Took, now: Instant) -> Result<(), Fault> {
    let cannot = || Fault::Amount { what: "what a turn is charged" };
    let count = |tokens: i32| u64::try_from(tokens).unwrap_or(0);
    let tokens = took.tokens.map_or(0, |(read, written)| count(read).saturating_add(count(written)));
    let rated = pricing::rules::rate(&hold.prices.pricebook, took.action, took.model.as_deref(), tokens).ok_or_else(cannot)?;
    let (mut beside, mut third) = (tx.beside(), tx.beside());
    // The visitor's row before the account's, as everybody takes them.
    let ((), ledger, drawn) =
        try_join!(spend(tx, took.visitor, rated, now), Ledger::take(&mut beside, scope, now), drawn(&mut third, scope, hold))?;
    // Without an account there would be no hold.
    let mut ledger = ledger.ok_or_else(cannot)?;
    catch_up(tx, scope, &mut ledger, now).await?;
    let draws: Vec<Draw> = drawn.iter().map(|(draw, _)| *draw).collect();
    let settlement = rules::settle(&draws, rated).ok_or_else(cannot)?;
    let about = About { hold: Some(hold.id), turn: Some(hold.turn), version: Some((hold.prices.number, hold.prices.hash)) };
    let less = |amount: Credits| amount.micro().checked_neg().ok_or_else(cannot);
    for draw in &settlement.captures {
        ledger.change_block(draw.id, less(draw.amount)?, less(draw.amount)?);
        ledger.post(EntryKind::Capture, *draw, &about, now)?;
    }
    for draw in &settlement.releases {
        let end = drawn.iter().find(|(other, _)| other.id == draw.id).and_then(|(_, end)| *end);
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
    let mut last = tx.beside();
    try_join!(
        charge(&mut beside, scope, hold, took, rated, &settlement, now),
        ledger.close(tx),
        settled(&mut last, scope, hold.id, now),
    )?;
    Ok(())
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

/// What a hold drew, in its order, and when each block ends.
async fn drawn(tx: &mut Conn, scope: &Scope, hold: &Hold) -> Result<Vec<(Draw, Option<Instant>)>, Fault> {
    let tenant = scope.tenant();
    let rows: Vec<(GrantId, i64, Option<Instant>)> = run!(tx, |c| {
        credit_entries::table
            .inner_join(credit_grants::table.on(credit_grants::id.eq(credit_entries::grant_id)))
            .filter(credit_entries::tenant_id.eq(tenant).and(credit_entries::turn_id.eq(hold.turn)))
            .filter(credit_entries::hold_id.eq(hold.id))
            .filter(credit_entries::kind.eq(EntryKind::Hold))
            .order(credit_entries::number)
            .select((credit_entries::grant_id, credit_entries::amount, credit_grants::expires_at))
            .load(c)
    })?;
    Ok(rows.into_iter().map(|(id, amount, end)| (Draw { id, amount: Credits::from_micro(amount) }, end)).collect())
}

async fn charge(
    tx: &mut Conn,
    scope: &Scope,
    hold: &Hold,
    took: &Took,
    rated: Credits,
    settlement: &Settlement,
    now: Instant,
) -> Result<(), Fault> {
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
                credit_charges::captured.eq(settlement.captured.micro()),
                credit_charges::absorbed.eq(settlement.absorbed.micro()),
                credit_charges::pricebook_version.eq(hold.prices.number),
                credit_charges::content_hash.eq(hold.prices.hash.as_slice()),
                credit_charges::created_at.eq(now),
            ))
            .prepared()
            .execute(c)
    })?;
    Ok(())
}
