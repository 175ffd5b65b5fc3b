//! What turns took that have ended, and what was drawn for them: read for several at once.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::ledger::{Prices, of_version};
use crate::{
    chat::TurnState,
    clock::Instant,
    credit::{model::EntryKind, rules::Draw},
    db::{Conn, Prepare},
    fault::Fault,
    id::{GrantId, HoldId, PersonaId, TurnId, VisitorId, WidgetKeyId},
    money::Credits,
    pricing::{Action, RefundReason},
    run,
    tables::{
        conversations, credit_entries, credit_grants, credit_holds, messages, persona_versions, pricebook_versions,
        turn_widget_keys, turns,
    },
    tenancy::Scope,
};

/// A hold that is still to be settled.
pub(super) struct Hold {
    pub(super) id: HoldId,
    pub(super) turn: TurnId,
    pub(super) prices: Prices,
}

/// Those of the turns' holds that are still to be settled.
pub(super) async fn open_holds(tx: &mut Conn, scope: &Scope, turns: &[TurnId]) -> Result<Vec<Hold>, Fault> {
    let tenant = scope.tenant();
    let rows: Vec<(HoldId, TurnId, i32, Vec<u8>)> = run!(tx, |c| {
        credit_holds::table
            .inner_join(pricebook_versions::table)
            .filter(credit_holds::tenant_id.eq(tenant).and(credit_holds::turn_id.eq_any(turns)))
            .filter(credit_holds::settled_at.is_null())
            .select((credit_holds::id, credit_holds::turn_id, pricebook_versions::number, pricebook_versions::content_hash))
            // There are no more texts of it than turns are metered at once.
            .prepared()
            .load(c)
    })?;
    let mut holds = Vec::with_capacity(rows.len());
    for (id, turn, number, hash) in rows {
        holds.push(Hold { id, turn, prices: of_version(tx, number, &hash).await? });
    }
    Ok(holds)
}

/// What a turn that has ended took.
pub(super) struct Took {
    pub(super) visitor: VisitorId,
    pub(super) action: Action,
    /// Who answered.
    pub(super) model: Option<String>,
    pub(super) tokens: Option<(i32, i32)>,
    pub(super) estimated: bool,
    /// Who answered.
    pub(super) persona: Option<PersonaId>,
    /// Through which widget key it was asked for.
    pub(super) widget_key: Option<WidgetKeyId>,
    /// Why what it is charged may be given back at once.
    pub(super) refunded_for: Option<RefundReason>,
}

/// A turn as it is read.
type Row = (
    (TurnId, VisitorId, TurnState, Option<i32>, Option<i32>, Option<bool>, Option<String>),
    (Option<PersonaId>, Option<WidgetKeyId>),
);

/// What those of the turns took that have ended.
pub(super) async fn took(tx: &mut Conn, scope: &Scope, wanted: &[TurnId]) -> Result<HashMap<TurnId, Took>, Fault> {
    let tenant = scope.tenant();
    let rows: Vec<Row> = run!(tx, |c| {
        turns::table
            .left_join(
                messages::table.on(messages::tenant_id.eq(turns::tenant_id).and(messages::id.nullable().eq(turns::answer_id))),
            )
            .inner_join(
                conversations::table
                    .on(conversations::tenant_id.eq(turns::tenant_id).and(conversations::id.eq(turns::conversation_id))),
            )
            .left_join(
                persona_versions::table.on(persona_versions::tenant_id
                    .eq(turns::tenant_id)
                    .and(persona_versions::id.nullable().eq(messages::persona_version_id))),
            )
            .left_join(
                turn_widget_keys::table
                    .on(turn_widget_keys::tenant_id.eq(turns::tenant_id).and(turn_widget_keys::turn_id.eq(turns::id))),
            )
            .filter(turns::tenant_id.eq(tenant).and(turns::id.eq_any(wanted)))
            .select((
                (
                    turns::id,
                    conversations::visitor_id,
                    turns::state,
                    messages::prompt_tokens.nullable(),
                    messages::completion_tokens.nullable(),
                    messages::tokens_estimated.nullable(),
                    messages::model.nullable(),
                ),
                (persona_versions::persona_id.nullable(), turn_widget_keys::widget_key_id.nullable()),
            ))
            .prepared()
            .load(c)
    })?;
    Ok(rows.into_iter().filter_map(of_row).collect())
}

/// `None` while it has not ended.
fn of_row(((turn, visitor, state, read, written, estimated, model), (persona, widget_key)): Row) -> Option<(TurnId, Took)> {
    let tokens = read.zip(written);
    let action = match state {
        TurnState::Waiting | TurnState::Live => return None,
        TurnState::Answered if tokens.is_some() => Action::AnswerWritten,
        TurnState::Answered => Action::AnswerQuoted,
        TurnState::Refused => Action::Refusal,
        TurnState::HandedOff | TurnState::OutOfCredits | TurnState::Human => Action::Handoff,
        // What was written until then is paid for.
        TurnState::Stopped if tokens.is_some() => Action::AnswerWritten,
        TurnState::Stopped => Action::Failure,
        TurnState::Failed => Action::Failure,
    };
    let refunded_for = match state {
        TurnState::Failed => Some(RefundReason::Failed),
        TurnState::HandedOff | TurnState::OutOfCredits | TurnState::Human => Some(RefundReason::HandedOver),
        TurnState::Stopped if tokens.is_none() => Some(RefundReason::Stopped),
        _ => None,
    };
    let estimated = estimated.unwrap_or(false);
    Some((turn, Took { visitor, action, model, tokens, estimated, persona, widget_key, refunded_for }))
}

/// What a hold drew, in its order, and when each block ends.
pub(super) type Drawn = Vec<(Draw, Option<Instant>)>;

/// What holds drew.
pub(super) async fn drawn(tx: &mut Conn, scope: &Scope, turns: &[TurnId]) -> Result<HashMap<HoldId, Drawn>, Fault> {
    let tenant = scope.tenant();
    let rows: Vec<(Option<HoldId>, GrantId, i64, Option<Instant>)> = run!(tx, |c| {
        credit_entries::table
            .inner_join(credit_grants::table.on(credit_grants::id.eq(credit_entries::grant_id)))
            .filter(credit_entries::tenant_id.eq(tenant).and(credit_entries::turn_id.eq_any(turns)))
            .filter(credit_entries::kind.eq(EntryKind::Hold))
            .order(credit_entries::number)
            .select((credit_entries::hold_id, credit_entries::grant_id, credit_entries::amount, credit_grants::expires_at))
            .prepared()
            .load(c)
    })?;
    let mut drawn: HashMap<HoldId, Drawn> = HashMap::new();
    for (hold, id, amount, end) in rows {
        if let Some(hold) = hold {
            drawn.entry(hold).or_default().push((Draw { id, amount: Credits::from_micro(amount) }, end));
        }
    }
    Ok(drawn)
}
