//! Erasing a visitor.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::receipt;
use crate::{
    audit::{Action, Change},
    chat::{self, Channel},
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::VisitorId,
    identity::Permission,
    privacy::model::{Erasure, ReceiptKind},
    run,
    tables::{idempotency_keys, visitors},
    tenancy::Scope,
};

/// Erases what is known of a visitor: what was said in their conversations, what stands beside it, and by what they are recognised. An
/// answer that is being made is ended first. What was charged, and that something was said, stays. All of it or nothing, once.
///
/// # Errors
/// If a rule about receipts (`privacy_receipts_reason_length`) would be broken, or the store fails.
pub async fn erase_visitor(conn: &mut Conn, scope: &Scope, id: VisitorId, reason: &str, now: Instant) -> Result<Erasure, Fault> {
    scope.require(Permission::PrivacyManage)?;
    conn.transaction("privacy.erase_visitor", async |tx| {
        let Some(channel) = take(tx, scope, id).await? else { return Ok(Erasure::Unknown) };
        if channel == Channel::Api {
            return Ok(Erasure::NotAVisitor);
        }
        if let Some(receipt) = receipt::of_erasure(tx, scope, id).await? {
            return Ok(Erasure::AlreadyErased(receipt));
        }
        let all = chat::take_all_of(tx, scope, id, channel).await?;
        let ended = chat::end_turns(tx, scope, &all, now).await?;
        let messages = chat::erase(tx, scope, &all, now).await?;
        let keys = idempotency_keys::table
            .filter(idempotency_keys::tenant_id.eq(scope.tenant()).and(idempotency_keys::visitor_id.eq(id)));
        run!(tx, |c| diesel::delete(keys).execute(c))?;
        forget(tx, id, now).await?;
        scope
            .record(
                tx,
                Change::of(Action::VisitorErased, id.uuid(), &["key", "name", "email", "conversations", "messages", "notes"]),
                now,
            )
            .await?;
        let conversations = i64::try_from(all.len()).unwrap_or(i64::MAX);
        let kind = ReceiptKind::Erasure;
        let new = receipt::New { kind, visitor: Some(id), conversations, messages, reason: Some(reason) };
        let written = receipt::write(tx, scope, &new, now).await?;
        Ok(Erasure::Done { receipt: receipt::one(tx, scope, written).await?, ended })
    })
    .await
}

/// Makes a visitor ours until the transaction ends; the way they came in.
async fn take(tx: &mut Conn, scope: &Scope, id: VisitorId) -> Result<Option<Channel>, Fault> {
    let tenant = scope.tenant();
    Ok(run!(tx, |c| {
        diesel::update(visitors::table)
            .filter(visitors::tenant_id.eq(tenant).and(visitors::id.eq(id)))
            .set(visitors::seen_at.eq(visitors::seen_at))
            .returning(visitors::channel)
            .get_result(c)
    })
    .optional()?)
}

/// Makes a visitor who is ours somebody whom no token finds any more.
pub(super) async fn forget(tx: &mut Conn, id: VisitorId, now: Instant) -> Result<(), Fault> {
    let key: [u8; 32] = rand::random();
    run!(tx, |c| {
        diesel::update(visitors::table.find(id))
            .set((
                visitors::key.eq(key.as_slice()),
                visitors::erased_at.eq(now),
                visitors::name.eq(None::<&str>),
                visitors::email.eq(None::<&str>),
                visitors::silent.eq(false),
            ))
            .execute(c)
    })?;
    Ok(())
}
