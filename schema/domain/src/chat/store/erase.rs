//! Erasing what was said, as part of acts of privacy. Blanked where it stands, a conversation keeps its numbers, moments and tokens, so
//! that charges and counts go on adding up.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::answer::after_turn;
use crate::{
    chat::model::{Channel, ConversationState, SessionId, TurnState},
    clock::Instant,
    db::{Conn, Prepare},
    fault::Fault,
    id::{ConversationId, TurnId, VisitorId},
    run,
    tables::{conversation_notes, conversations, messages, mutation_keys, turns},
    tenancy::Scope,
};

/// So many conversations are named in one statement.
const TOGETHER: usize = 500;

/// Makes the conversations of a visitor that are not erased ours until the transaction ends. The visitor has to be ours already.
pub(crate) async fn take_all_of(
    tx: &mut Conn,
    scope: &Scope,
    visitor: VisitorId,
    channel: Channel,
) -> Result<Vec<ConversationId>, Fault> {
    let tenant = scope.tenant();
    Ok(run!(tx, |c| {
        diesel::update(conversations::table)
            .filter(conversations::tenant_id.eq(tenant).and(conversations::channel.eq(channel)))
            .filter(conversations::visitor_id.eq(visitor).and(conversations::erased_at.is_null()))
            .set(conversations::last_sequence.eq(conversations::last_sequence))
            .returning(conversations::id)
            .load(c)
    })?)
}

/// Ends the turns that are open in conversations that are ours, so that no answer comes any more; what is held for them is given back. All
/// at once, so that none that waits takes the place of a live one.
pub(crate) async fn end_turns(tx: &mut Conn, scope: &Scope, of: &[ConversationId], now: Instant) -> Result<Vec<TurnId>, Fault> {
    let tenant = scope.tenant();
    let mut all = Vec::new();
    for some in of.chunks(TOGETHER) {
        let ended: Vec<(TurnId, ConversationId)> = run!(tx, |c| {
            diesel::update(turns::table)
                .filter(turns::tenant_id.eq(tenant).and(turns::conversation_id.eq_any(some)))
                .filter(turns::ended_at.is_null())
                .set((turns::state.eq(TurnState::Stopped), turns::stopped_at.eq(now), turns::ended_at.eq(now)))
                .returning((turns::id, turns::conversation_id))
                .load(c)
        })?;
        for (turn, conversation) in ended {
            after_turn(tx, scope, turn, conversation, false, now).await?;
            all.push(turn);
        }
    }
    Ok(all)
}

/// Blanks conversations that are ours and in which no turn is open: what was said, where it came from, and what stands beside it. They are
/// found under their names no more. How many messages that were.
pub(crate) async fn erase(tx: &mut Conn, scope: &Scope, of: &[ConversationId], now: Instant) -> Result<i64, Fault> {
    let mut count = 0_usize;
    for some in of.chunks(TOGETHER) {
        count = count.saturating_add(erase_some(tx, scope, some, now).await?);
    }
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

async fn erase_some(tx: &mut Conn, scope: &Scope, of: &[ConversationId], now: Instant) -> Result<usize, Fault> {
    let tenant = scope.tenant();
    let count = run!(tx, |c| {
        diesel::update(messages::table)
            .filter(messages::tenant_id.eq(tenant).and(messages::conversation_id.eq_any(of)))
            .set((
                messages::text.eq(""),
                messages::sources.eq(serde_json::Value::Array(Vec::new())),
                messages::verdict.eq(None::<&serde_json::Value>),
            ))
            .execute(c)
    })?;
    // Who said or asked something under a key of their own left a hash of it there.
    let said =
        messages::table.filter(messages::tenant_id.eq(tenant).and(messages::conversation_id.eq_any(of))).select(messages::id);
    let asked = turns::table.filter(turns::tenant_id.eq(tenant).and(turns::conversation_id.eq_any(of))).select(turns::id);
    let kept = mutation_keys::table.filter(mutation_keys::tenant_id.eq(tenant));
    run!(tx, |c| diesel::delete(kept.filter(mutation_keys::subject_id.eq_any(said))).execute(c))?;
    run!(tx, |c| diesel::delete(kept.filter(mutation_keys::subject_id.eq_any(asked))).execute(c))?;
    let notes = conversation_notes::table
        .filter(conversation_notes::tenant_id.eq(tenant).and(conversation_notes::conversation_id.eq_any(of)));
    run!(tx, |c| diesel::delete(notes).execute(c))?;
    // Without any draft it would be a conversation like all others, and be listed.
    let drafts = conversations::table
        .filter(conversations::tenant_id.eq(tenant).and(conversations::id.eq_any(of)).and(conversations::draft.is_not_null()));
    run!(tx, |c| diesel::update(drafts).set(conversations::draft.eq("{}")).execute(c))?;
    for id in of {
        let session = SessionId::issue();
        run!(tx, |c| {
            diesel::update(conversations::table.find(*id))
                .set((
                    conversations::session_id.eq(session.as_str()),
                    conversations::state.eq(ConversationState::Resolved),
                    conversations::title.eq(None::<&str>),
                    conversations::contact_email.eq(None::<&str>),
                    conversations::rating_comment.eq(None::<&str>),
                    conversations::waiting_since.eq(None::<Instant>),
                    conversations::overdue_at.eq(None::<Instant>),
                    conversations::erased_at.eq(now),
                ))
                .prepared()
                .execute(c)
        })?;
    }
    Ok(count)
}
