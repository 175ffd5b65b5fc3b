//! Erasing what was kept as long as it may be, step by step.

use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use diesel_async::RunQueryDsl;

use super::{erase::forget, receipt};
use crate::{
    chat::{self, Channel},
    clock::Instant,
    credit,
    db::{Conn, Undone},
    fault::Fault,
    id::{ConversationId, VisitorId},
    identity::Permission,
    job::{self, Lease},
    knowledge,
    privacy::{
        model::{ApplyRetention, ReceiptKind, Retained},
        rules,
    },
    run,
    tables::{conversations, idempotency_keys, tenants, turns, visitors},
    tenancy::{self, Scope},
    widget,
};

/// So many conversations, or entries, are erased in one step, so that nobody waits long for their rows.
const STEP: i64 = 100;

/// Does the next step of erasing what the tenant keeps longer than its plan does, or what is left of a closed one's; with the last, the job
/// is done and has its receipt. All of a step or nothing. Conversations in which a turn is open are left for another day.
///
/// # Errors
/// If the store fails.
pub async fn retain(
    conn: &mut Conn,
    scope: &Scope,
    lease: &Lease,
    job: &ApplyRetention,
    now: Instant,
) -> Result<Retained, Fault> {
    scope.require(Permission::RetentionApply)?;
    conn.undoable("privacy.retain", async |tx| {
        if !job::hold(tx, lease).await? {
            return Err(Undone::Outcome(Retained::Late));
        }
        let mut job = job.clone();
        let is_closed = is_closed(tx, scope).await?;
        // As it is now: a plan may keep more than it did when the job was called for.
        let days = credit::retention_days(tx, scope, now).await?;
        let Some(before) = rules::over_before(is_closed, days, now) else { return finish(tx, scope, lease, &job, now).await };
        let due = due(tx, scope, before).await?;
        let silent = forget_silent(tx, scope, before, now).await?;
        let is_all = due.len().max(silent) < usize::try_from(STEP).unwrap_or(usize::MAX);
        let (conversations, messages) = erase(tx, scope, &due, before, now).await?;
        job.conversations = job.conversations.saturating_add(conversations);
        job.messages = job.messages.saturating_add(messages);
        let is_last = is_all && (!is_closed || is_rest_erased(tx, scope, &mut job, now).await?);
        if is_last {
            return finish(tx, scope, lease, &job, now).await;
        }
        if !job::go_on(tx, lease, &job).await? {
            return Err(Undone::Outcome(Retained::Late));
        }
        Ok(Retained::More(job))
    })
    .await
}

/// Ends the job, with a receipt if it has erased anything.
async fn finish(
    tx: &mut Conn,
    scope: &Scope,
    lease: &Lease,
    job: &ApplyRetention,
    now: Instant,
) -> Result<Retained, Undone<Retained>> {
    if !job::complete(tx, lease, now).await? {
        return Err(Undone::Outcome(Retained::Late));
    }
    if job.has_erased() {
        let (conversations, messages) = (job.conversations, job.messages);
        let new = receipt::New { kind: ReceiptKind::Retention, visitor: None, conversations, messages, reason: None };
        receipt::write(tx, scope, &new, now).await?;
    }
    Ok(Retained::Done(job.has_erased()))
}

async fn is_closed(tx: &mut Conn, scope: &Scope) -> Result<bool, Fault> {
    let tenant = scope.tenant();
    let closed_at: Option<Instant> = run!(tx, |c| tenants::table.find(tenant).select(tenants::closed_at).first(c))?;
    Ok(closed_at.is_some())
}

/// The conversations whose time is over, with their visitors, the longest silent first: as many as are erased in one step.
async fn due(tx: &mut Conn, scope: &Scope, before: Instant) -> Result<Vec<(ConversationId, VisitorId)>, Fault> {
    let tenant = scope.tenant();
    Ok(run!(tx, |c| {
        let open = turns::table
            .filter(turns::tenant_id.eq(tenant).and(turns::conversation_id.eq(conversations::id)))
            .filter(turns::ended_at.is_null());
        conversations::table
            .filter(conversations::tenant_id.eq(tenant).and(conversations::erased_at.is_null()))
            .filter(conversations::last_message_at.lt(before))
            .filter(not(exists(open)))
            .order((conversations::last_message_at.asc(), conversations::id.asc()))
            .limit(STEP)
            .select((conversations::id, conversations::visitor_id))
            .load(c)
    })?)
}

/// Erases those that are due still once they are ours, and the visitors of whom nothing else is left. How many conversations and messages
/// that were.
async fn erase(
    tx: &mut Conn,
    scope: &Scope,
    due: &[(ConversationId, VisitorId)],
    before: Instant,
    now: Instant,
) -> Result<(i64, i64), Fault> {
    if due.is_empty() {
        return Ok((0, 0));
    }
    let tenant = scope.tenant();
    let mut of: Vec<VisitorId> = due.iter().map(|(_, visitor)| *visitor).collect();
    of.sort_unstable();
    of.dedup();
    let ids: Vec<ConversationId> = due.iter().map(|(id, _)| *id).collect();
    run!(tx, |c| {
        diesel::update(visitors::table)
            .filter(visitors::tenant_id.eq(tenant).and(visitors::id.eq_any(&of)))
            .set(visitors::seen_at.eq(visitors::seen_at))
            .execute(c)
    })?;
    let mut taken: Vec<ConversationId> = run!(tx, |c| {
        diesel::update(conversations::table)
            .filter(conversations::tenant_id.eq(tenant).and(conversations::id.eq_any(&ids)))
            .filter(conversations::erased_at.is_null().and(conversations::last_message_at.lt(before)))
            .set(conversations::last_sequence.eq(conversations::last_sequence))
            .returning(conversations::id)
            .load(c)
    })?;
    let busy: Vec<ConversationId> = run!(tx, |c| {
        turns::table
            .filter(turns::tenant_id.eq(tenant).and(turns::conversation_id.eq_any(&ids)))
            .filter(turns::ended_at.is_null())
            .select(turns::conversation_id)
            .load(c)
    })?;
    taken.retain(|id| !busy.contains(id));
    let messages = chat::erase(tx, scope, &taken, now).await?;
    run!(tx, |c| {
        diesel::delete(idempotency_keys::table)
            .filter(idempotency_keys::tenant_id.eq(tenant).and(idempotency_keys::visitor_id.eq_any(&of)))
            .filter(idempotency_keys::created_at.lt(before))
            .execute(c)
    })?;
    forget_those_without(tx, scope, &of, now).await?;
    Ok((i64::try_from(taken.len()).unwrap_or(i64::MAX), messages))
}

/// Forgets visitors who were said to be there before that, and have written nothing: as many as in one step. How many that were.
async fn forget_silent(tx: &mut Conn, scope: &Scope, before: Instant, now: Instant) -> Result<usize, Fault> {
    let tenant = scope.tenant();
    let due: Vec<VisitorId> = run!(tx, |c| {
        visitors::table
            .filter(visitors::tenant_id.eq(tenant).and(visitors::silent).and(visitors::verified_at.lt(before)))
            .order(visitors::verified_at)
            .limit(STEP)
            .select(visitors::id)
            .load(c)
    })?;
    let mut count = 0_usize;
    for id in due {
        // Ours, if they have not begun to write meanwhile.
        let its = visitors::table.filter(visitors::tenant_id.eq(tenant).and(visitors::id.eq(id)).and(visitors::silent));
        if run!(tx, |c| diesel::update(its).set(visitors::silent.eq(visitors::silent)).execute(c))? == 1 {
            forget(tx, id, now).await?;
        }
        count = count.saturating_add(1);
    }
    Ok(count)
}

/// Forgets those of the visitors, who are ours, of whom every conversation is erased.
async fn forget_those_without(tx: &mut Conn, scope: &Scope, of: &[VisitorId], now: Instant) -> Result<(), Fault> {
    let tenant = scope.tenant();
    let kept: Vec<VisitorId> = run!(tx, |c| {
        conversations::table
            // By the way they came in too, which is how visitors' conversations are found.
            .filter(conversations::tenant_id.eq(tenant).and(conversations::channel.eq_any(Channel::ALL)))
            .filter(conversations::visitor_id.eq_any(of).and(conversations::erased_at.is_null()))
            .select(conversations::visitor_id)
            .distinct()
            .load(c)
    })?;
    for visitor in of.iter().filter(|visitor| !kept.contains(visitor)) {
        forget(tx, *visitor, now).await?;
    }
    Ok(())
}

/// Erases what a closed tenant has written down and says of itself; `false` if not all of that fits into this step.
async fn is_rest_erased(tx: &mut Conn, scope: &Scope, job: &mut ApplyRetention, now: Instant) -> Result<bool, Fault> {
    let entries = knowledge::erase(tx, scope, STEP, now).await?;
    job.others |= entries > 0;
    if entries >= usize::try_from(STEP).unwrap_or(usize::MAX) {
        return Ok(false);
    }
    let tenant = scope.tenant();
    let left = conversations::table.filter(conversations::tenant_id.eq(tenant).and(conversations::erased_at.is_null()));
    let is_left: bool = run!(tx, |c| diesel::select(exists(left)).get_result(c))?;
    job.others |= widget::erase(tx, scope).await?;
    job.others |= tenancy::blank(tx, scope, !is_left, now).await?;
    Ok(true)
}
