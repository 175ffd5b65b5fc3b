//! Receipts.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    audit::{Actor, ActorKind},
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::{AuditEntryId, PrivacyReceiptId, VisitorId},
    identity::Permission,
    page::{Page, Slice},
    privacy::model::{Receipt, ReceiptKind},
    run,
    tables::{api_keys, privacy_receipts, users},
    tenancy::Scope,
};

/// What a receipt says.
pub(super) struct New<'a> {
    pub(super) kind: ReceiptKind,
    pub(super) visitor: Option<VisitorId>,
    pub(super) conversations: i64,
    pub(super) messages: i64,
    pub(super) reason: Option<&'a str>,
}

/// Writes a receipt, in the transaction of what it is for.
pub(super) async fn write(tx: &mut Conn, scope: &Scope, new: &New<'_>, now: Instant) -> Result<PrivacyReceiptId, Fault> {
    let (id, actor) = (PrivacyReceiptId::new(), scope.actor());
    run!(tx, |c| {
        diesel::insert_into(privacy_receipts::table)
            .values((
                privacy_receipts::id.eq(id),
                privacy_receipts::tenant_id.eq(scope.tenant()),
                privacy_receipts::kind.eq(new.kind),
                privacy_receipts::visitor_id.eq(new.visitor),
                privacy_receipts::conversations.eq(new.conversations),
                privacy_receipts::messages.eq(new.messages),
                privacy_receipts::reason.eq(new.reason),
                privacy_receipts::author.eq(actor.kind),
                privacy_receipts::author_id.eq(actor.id.map(AuditEntryId::from)),
                privacy_receipts::created_at.eq(now),
            ))
            .execute(c)
    })?;
    Ok(id)
}

/// A page of the tenant's receipts, the newest first.
///
/// # Errors
/// If the store fails.
pub async fn receipts(conn: &mut Conn, scope: &Scope, page: Page<PrivacyReceiptId>) -> Result<Slice<Receipt>, Fault> {
    scope.require(Permission::PrivacyManage)?;
    list(conn, scope, Which::All, page).await
}

/// A receipt that was just written.
pub(super) async fn one(conn: &mut Conn, scope: &Scope, id: PrivacyReceiptId) -> Result<Receipt, Fault> {
    let found = list(conn, scope, Which::One(id), Page::first(1)).await?.items.pop();
    found.ok_or(Fault::Query(diesel::result::Error::NotFound))
}

/// The receipt for a visitor's erasure, if they were erased.
pub(super) async fn of_erasure(conn: &mut Conn, scope: &Scope, visitor: VisitorId) -> Result<Option<Receipt>, Fault> {
    Ok(list(conn, scope, Which::Erasure(visitor), Page::first(1)).await?.items.pop())
}

/// Which receipts.
enum Which {
    All,
    One(PrivacyReceiptId),
    Erasure(VisitorId),
}

/// A receipt as it is read: what it is for; what is said of it; and what a person or a key of that id is called.
type Row = (What, About, Option<String>, Option<String>);
type What = (PrivacyReceiptId, ReceiptKind, Option<VisitorId>, i64, i64);
type About = (Option<String>, ActorKind, Option<AuditEntryId>, Instant);

async fn list(conn: &mut Conn, scope: &Scope, which: Which, page: Page<PrivacyReceiptId>) -> Result<Slice<Receipt>, Fault> {
    let tenant = scope.tenant();
    let rows: Vec<Row> = run!(conn, |c| {
        let mut query = privacy_receipts::table
            .left_join(users::table.on(users::id.nullable().eq(privacy_receipts::author_id)))
            .left_join(api_keys::table.on(api_keys::id.nullable().eq(privacy_receipts::author_id)))
            .filter(privacy_receipts::tenant_id.eq(tenant))
            .select((
                (
                    privacy_receipts::id,
                    privacy_receipts::kind,
                    privacy_receipts::visitor_id,
                    privacy_receipts::conversations,
                    privacy_receipts::messages,
                ),
                (privacy_receipts::reason, privacy_receipts::author, privacy_receipts::author_id, privacy_receipts::created_at),
                users::name.nullable(),
                api_keys::name.nullable(),
            ))
            .into_boxed();
        query = match &which {
            Which::All => query,
            Which::One(id) => query.filter(privacy_receipts::id.eq(*id)),
            Which::Erasure(visitor) => {
                query.filter(privacy_receipts::visitor_id.eq(*visitor)).filter(privacy_receipts::kind.eq(ReceiptKind::Erasure))
            }
        };
        // The newest comes first, so what is after a place is older. Ids of rows sort by birth.
        if let Some(after) = page.after {
            query = query.filter(privacy_receipts::id.lt(after));
        }
        if let Some(before) = page.before {
            query = query.filter(privacy_receipts::id.gt(before));
        }
        if page.backwards() {
            query = query.order(privacy_receipts::id.asc());
        } else {
            query = query.order(privacy_receipts::id.desc());
        }
        query.limit(page.limit()).load(c)
    })?;
    Ok(page.slice(rows.into_iter().map(receipt).collect()))
}

fn receipt((what, about, person, key): Row) -> Receipt {
    let (id, kind, visitor_id, conversations, messages) = what;
    let (reason, author, author_id, created_at) = about;
    Receipt {
        id,
        kind,
        visitor_id,
        conversations,
        messages,
        reason,
        author: Actor { kind: author, id: author_id.map(AuditEntryId::uuid) },
        author_name: person.or(key),
        created_at,
    }
}
