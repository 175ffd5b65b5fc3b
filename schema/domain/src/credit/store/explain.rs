//! How a charge came to be: for any that was ever made, reckoned once more from what is written down.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    ledger::of_version,
    read::{charge, entries_of, grants_by_id},
};
use crate::{
    credit::{
        model::{EntryKind, Explanation, GrantKind},
        rules::Draw,
    },
    db::Conn,
    fault::Fault,
    id::{GrantId, MessageId, TurnId},
    identity::Permission,
    money::Credits,
    pricing::rules::{rate, rate_of},
    run,
    tables::{credit_holds, messages, turns},
    tenancy::Scope,
};

/// How a turn's charge came to be; `None` if it was not charged.
///
/// # Errors
/// If the caller may not read usage, or the store fails.
pub async fn explain(conn: &mut Conn, scope: &Scope, turn: TurnId) -> Result<Option<Explanation>, Fault> {
    scope.require(Permission::UsageRead)?;
    explained(conn, scope, turn).await
}

/// The same, as part of another act.
pub(super) async fn explained(conn: &mut Conn, scope: &Scope, turn: TurnId) -> Result<Option<Explanation>, Fault> {
    let Some(charge) = charge(conn, scope, turn).await? else { return Ok(None) };
    let cannot = || Fault::Amount { what: "what a turn was charged" };
    let tenant = scope.tenant();
    let (question, answer, model): (MessageId, Option<MessageId>, Option<String>) = run!(conn, |c| {
        turns::table
            .left_join(
                messages::table.on(messages::tenant_id.eq(turns::tenant_id).and(messages::id.nullable().eq(turns::answer_id))),
            )
            .filter(turns::tenant_id.eq(tenant).and(turns::id.eq(turn)))
            .select((turns::question_id, turns::answer_id, messages::model.nullable()))
            .first(c)
    })?;
    let held: i64 = run!(conn, |c| {
        credit_holds::table
            .filter(credit_holds::tenant_id.eq(tenant).and(credit_holds::turn_id.eq(turn)))
            .select(credit_holds::amount)
            .first(c)
    })?;
    let prices = of_version(conn, charge.pricebook_version, &charge.content_hash).await?;
    let count = |tokens: Option<i32>| u64::try_from(tokens.unwrap_or(0)).unwrap_or(0);
    let tokens = count(charge.prompt_tokens).saturating_add(count(charge.completion_tokens));
    let recomputed = rate(&prices.pricebook, charge.action, model.as_deref(), tokens).ok_or_else(cannot)?;
    let rate = rate_of(&prices.pricebook, charge.action, model.as_deref()).cloned().ok_or_else(cannot)?;
    let entries = entries_of(conn, scope, turn).await?;
    let taking = |kind: EntryKind| matches!(kind, EntryKind::Capture | EntryKind::Overage);
    let taken: Vec<Draw> = entries
        .iter()
        .filter(|entry| taking(entry.kind))
        .map(|entry| Draw { id: entry.grant_id, amount: entry.amount })
        .collect();
    let ids: Vec<GrantId> = taken.iter().map(|draw| draw.id).collect();
    let kinds: HashMap<GrantId, GrantKind> =
        grants_by_id(conn, scope, &ids).await?.into_iter().map(|grant| (grant.id, grant.kind)).collect();
    let draws = taken.into_iter().filter_map(|draw| kinds.get(&draw.id).map(|kind| (draw, *kind))).collect();
    let held = Credits::from_micro(held);
    Ok(Some(Explanation { charge, question: Some(question), answer, model, rate, held, draws, entries, recomputed }))
}
