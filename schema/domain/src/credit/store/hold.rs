//! Setting credits aside before a turn's work begins.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::try_join;

use super::{
    beyond,
    catch_up::catch_up,
    ledger::{About, Ledger, Prices, blocks},
};
use crate::{
    clock::Instant,
    credit::{
        model::{EntryKind, Taking},
        rules,
    },
    db::{Conn, Prepare},
    fault::Fault,
    id::{HoldId, TurnId},
    money::Credits,
    run,
    tables::credit_holds,
    tenancy::Scope,
};

/// What is set aside for a turn, and still to be written.
pub(crate) struct Reserved {
    ledger: Ledger,
    hold: HoldId,
    turn: TurnId,
    amount: Credits,
    version: i32,
    now: Instant,
}

/// Sets aside what a turn may take at most, as part of the act that opens the turn, which has asked for its caller's permission. One conditional update decides, so that
/// of many who race for the last credits exactly as many get some as there are credits for. `None` if there are not enough.
///
/// # Errors
/// If the store fails.
pub(crate) async fn reserve(
    tx: &mut Conn,
    scope: &Scope,
    turn: TurnId,
    prices: Option<&Prices>,
    taking: Taking<'_>,
    now: Instant,
) -> Result<Option<Reserved>, Fault> {
    let Some(prices) = prices else { return Ok(None) };
    let amount = rules::budget(&prices.pricebook, &taking).ok_or(Fault::Amount { what: "a turn's budget" })?;
    let (mut beside, tenant) = (tx.beside(), scope.tenant());
    let (taken, seen) = try_join!(Ledger::take_and_hold(tx, scope, amount, now), blocks(&mut beside, tenant))?;
    let (mut ledger, blocks) = match taken {
        Some(ledger) => (ledger, seen),
        // Something is due before, or there is not enough.
        None => {
            let Some(mut ledger) = Ledger::take(tx, scope, now).await? else { return Ok(None) };
            catch_up(tx, scope, &mut ledger, now).await?;
            let blocks = ledger.blocks(tx).await?;
            (ledger, blocks)
        }
    };
    // The account's time never runs backwards: who waited for its row may come from before a period that has begun meanwhile.
    let now = now.max(ledger.period.0);
    let mut draws = rules::draw(&blocks, amount, now);
    if draws.is_none() && beyond::begin(tx, scope, &mut ledger, now).await? {
        draws = rules::draw(&ledger.blocks(tx).await?, amount, now);
    }
    let Some(draws) = draws else {
        // What the conditional update may have set aside is given back by this.
        ledger.close(tx).await?;
        return Ok(None);
    };
    let hold = HoldId::new();
    let about = About { hold: Some(hold), turn: Some(turn), version: Some((prices.number, prices.hash)), by: None };
    for draw in draws {
        ledger.change_block(draw.id, 0, draw.amount.micro());
        ledger.post(EntryKind::Hold, draw, &about, now)?;
    }
    Ok(Some(Reserved { ledger, hold, turn, amount, version: prices.number, now }))
}

impl Reserved {
    /// Writes it. Many wait for the account from [`reserve`] on until the transaction ends, so this is its last step.
    pub(crate) async fn write(self, tx: &Conn, scope: &Scope) -> Result<(), Fault> {
        let Self { ledger, hold, turn, amount, version, now } = self;
        let mut first = tx.beside();
        try_join!(store(&mut first, scope, hold, turn, amount, version, now), ledger.close(tx))?;
        Ok(())
    }
}

async fn store(
    tx: &mut Conn,
    scope: &Scope,
    id: HoldId,
    turn: TurnId,
    amount: Credits,
    version: i32,
    now: Instant,
) -> Result<(), Fault> {
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
    Ok(())
}
