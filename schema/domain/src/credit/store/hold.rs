//! Setting credits aside before a turn's work begins.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    catch_up::catch_up,
    ledger::{About, Ledger, prices},
};
use crate::{
    clock::Instant,
    credit::{
        model::{Budget, EntryKind, Held},
        rules,
    },
    db::{Conn, Prepare},
    fault::Fault,
    id::{HoldId, TurnId},
    identity::Permission,
    money::Credits,
    run,
    tables::credit_holds,
    tenancy::Scope,
};

/// Sets aside what a turn may take at most, as part of the transaction that opens the turn. One conditional update decides, so that
/// of many who race for the last credits exactly as many get some as there are credits for.
///
/// # Errors
/// If the store fails.
pub(crate) async fn hold(tx: &mut Conn, scope: &Scope, turn: TurnId, budget: Budget, now: Instant) -> Result<Held, Fault> {
    scope.require(Permission::ChatVisit)?;
    let Some(prices) = prices(tx, scope).await? else { return Ok(Held::OutOfCredits) };
    let amount = rules::budget(&prices.pricebook, budget).ok_or(Fault::Amount { what: "a turn's budget" })?;
    let mut ledger = match Ledger::take_and_hold(tx, scope, amount, now).await? {
        Some(ledger) => ledger,
        // Something is due before, or there is not enough.
        None => {
            let Some(mut ledger) = Ledger::take(tx, scope, now).await? else { return Ok(Held::OutOfCredits) };
            catch_up(tx, scope, &mut ledger, now).await?;
            ledger
        }
    };
    // The account's time never runs backwards: who waited for its row may come from before a period that has begun meanwhile.
    let now = now.max(ledger.period.0);
    let drawn = rules::draw(&ledger.blocks(tx).await?, amount, now);
    let Some(draws) = drawn else {
        // What the conditional update may have set aside is given back by this.
        ledger.close(tx).await?;
        return Ok(Held::OutOfCredits);
    };
    let id = store(tx, scope, turn, amount, prices.number, now).await?;
    let about = About { hold: Some(id), turn: Some(turn), version: Some((prices.number, prices.hash)) };
    for draw in draws {
        ledger.change_block(tx, draw.id, 0, draw.amount.micro()).await?;
        ledger.post(tx, EntryKind::Hold, draw, &about, now).await?;
    }
    ledger.close(tx).await?;
    Ok(Held::Held)
}

async fn store(tx: &mut Conn, scope: &Scope, turn: TurnId, amount: Credits, version: i32, now: Instant) -> Result<HoldId, Fault> {
    let id = HoldId::new();
    run!(tx, |c| {
        diesel::insert_into(credit_holds::table)
            .values((
                credit_holds::id.eq(id),
                credit_holds::tenant_id.eq(scope.tenant()),
                credit_holds::turn_id.eq(turn),
                credit_holds::amount.eq(amount.micro()),
                credit_holds::pricebook_version.eq(version),
                credit_holds::created_at.eq(now),
            ))
            .prepared()
            .execute(c)
    })?;
    Ok(id)
}
