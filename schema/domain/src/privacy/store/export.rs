//! Copies of what is known of a visitor.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::receipt;
use crate::{
    audit::{Action, Change},
    chat::{Channel, Conversation, MessageStatus, Role, Thumb},
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::{ConversationId, VisitorId},
    identity::Permission,
    privacy::{
        model::{ConversationCopy, Document, Export, ExportPage, MessageCopy, Place, Receipt, ReceiptKind, VisitorCopy},
        rules,
    },
    run,
    tables::{conversations, messages, visitors},
    tenancy::Scope,
};

/// So many messages, and so many conversations, are on a page.
const PAGE: usize = 1_000;
/// One more shows whether there are more.
const LIMIT: i64 = 1_001;

/// A page of all that is known of a visitor, from the beginning or behind a place. Each is noted in the audit log; a receipt is written with
/// the first.
///
/// # Errors
/// If the store fails.
pub async fn export_visitor(
    conn: &mut Conn,
    scope: &Scope,
    id: VisitorId,
    after: Option<Place>,
    now: Instant,
) -> Result<Export, Fault> {
    scope.require(Permission::PrivacyManage)?;
    conn.transaction("privacy.export_visitor", async |tx| {
        let Some(visitor) = visitor(tx, scope, id).await? else { return Ok(Export::Unknown) };
        if visitor.channel == Channel::Api {
            return Ok(Export::NotAVisitor);
        }
        let found = conversations(tx, scope, &visitor, after).await?;
        let said = messages(tx, scope, &found, after).await?;
        let ends: Vec<Place> = found.iter().map(|it| Place { conversation: it.id, sequence: it.last_sequence }).collect();
        let places: Vec<Place> = said.iter().map(|(place, _)| *place).collect();
        let next = rules::page_end(&ends, &places, PAGE);
        scope.record(tx, Change::of(Action::VisitorExported, id.uuid(), &[]), now).await?;
        let receipt = if after.is_none() { Some(noted(tx, scope, &visitor, now).await?) } else { None };
        let document = document(visitor, found, said, next);
        Ok(Export::Page(Box::new(ExportPage { document, receipt, next })))
    })
    .await
}

async fn visitor(tx: &mut Conn, scope: &Scope, id: VisitorId) -> Result<Option<VisitorCopy>, Fault> {
    type Row = (VisitorId, Channel, Instant, Instant, Option<Instant>, Option<Instant>, Option<String>, Option<String>);
    let tenant = scope.tenant();
    let row: Option<Row> = run!(tx, |c| {
        visitors::table
            .filter(visitors::tenant_id.eq(tenant).and(visitors::id.eq(id)))
            .select((
                visitors::id,
                visitors::channel,
                visitors::created_at,
                visitors::seen_at,
                visitors::erased_at,
                visitors::verified_at,
                visitors::name,
                visitors::email,
            ))
            .first(c)
    })
    .optional()?;
    Ok(row.map(|(uuid, channel, created_at, seen_at, erased_at, verified_at, name, email)| VisitorCopy {
        uuid,
        channel,
        created_at,
        seen_at,
        erased_at,
        verified_at,
        name,
        email,
    }))
}

/// What of their conversations was not told before this place, by id.
async fn conversations(tx: &mut Conn, scope: &Scope, of: &VisitorCopy, after: Option<Place>) -> Result<Vec<Conversation>, Fault> {
    let tenant = scope.tenant();
    Ok(run!(tx, |c| {
        let mut query = conversations::table
            .filter(conversations::tenant_id.eq(tenant).and(conversations::channel.eq(of.channel)))
            .filter(conversations::visitor_id.eq(of.uuid))
            .select(Conversation::as_select())
            .into_boxed();
        if let Some(Place { conversation, sequence }) = after {
            let its_rest = conversations::id.eq(conversation).and(conversations::last_sequence.gt(sequence));
            query = query.filter(conversations::id.gt(conversation).or(its_rest));
        }
        query.order(conversations::id.asc()).limit(LIMIT).load(c)
    })?)
}

/// What was said in these conversations behind this place, by conversation and in order.
async fn messages(
    tx: &mut Conn,
    scope: &Scope,
    of: &[Conversation],
    after: Option<Place>,
) -> Result<Vec<(Place, MessageCopy)>, Fault> {
    type Row = (ConversationId, i64, Role, String, MessageStatus, serde_json::Value, Instant, Option<Thumb>);
    let (tenant, ids) = (scope.tenant(), of.iter().map(|it| it.id).collect::<Vec<_>>());
    let rows: Vec<Row> = run!(tx, |c| {
        let mut query = messages::table
            .filter(messages::tenant_id.eq(tenant).and(messages::conversation_id.eq_any(&ids)))
            .select((
                messages::conversation_id,
                messages::sequence,
                messages::role,
                messages::text,
                messages::status,
                messages::sources,
                messages::created_at,
                messages::rating,
            ))
            .into_boxed();
        if let Some(Place { conversation, sequence }) = after {
            query = query.filter(messages::conversation_id.ne(conversation).or(messages::sequence.gt(sequence)));
        }
        query.order((messages::conversation_id.asc(), messages::sequence.asc())).limit(LIMIT).load(c)
    })?;
    let copied = rows.into_iter().map(|(conversation, sequence, role, text, status, sources, created_at, rating)| {
        let sources = serde_json::from_value(sources).map_err(|source| Fault::Stored { what: "sources", source })?;
        let copy = MessageCopy { sequence, role, text, status, sources, created_at, rating };
        Ok((Place { conversation, sequence }, copy))
    });
    copied.collect()
}

/// What of all this is on a page that ends there.
fn document(visitor: VisitorCopy, found: Vec<Conversation>, said: Vec<(Place, MessageCopy)>, end: Option<Place>) -> Document {
    let mut of: HashMap<ConversationId, Vec<MessageCopy>> = HashMap::new();
    for (place, message) in said.into_iter().filter(|(place, _)| end.is_none_or(|end| *place <= end)) {
        of.entry(place.conversation).or_default().push(message);
    }
    let conversations =
        found.into_iter().filter(|it| end.is_none_or(|end| it.id <= end.conversation)).map(|it| ConversationCopy {
            messages: of.remove(&it.id).unwrap_or_default(),
            session_id: it.session_id,
            channel: it.channel,
            state: it.state,
            locale: it.locale,
            created_at: it.created_at,
            title: it.title,
            rating: it.rating,
            rating_comment: it.rating_comment,
            contact_email: it.contact_email,
            erased_at: it.erased_at,
        });
    Document { visitor, conversations: conversations.collect() }
}

/// Writes down that a copy of all of it is taken, and how much that is.
async fn noted(tx: &mut Conn, scope: &Scope, of: &VisitorCopy, now: Instant) -> Result<Receipt, Fault> {
    let tenant = scope.tenant();
    let its =
        conversations::tenant_id.eq(tenant).and(conversations::channel.eq(of.channel)).and(conversations::visitor_id.eq(of.uuid));
    let conversations: i64 = run!(tx, |c| conversations::table.filter(its).count().get_result(c))?;
    let messages: i64 = run!(tx, |c| {
        messages::table
            .inner_join(conversations::table.on(conversations::id.eq(messages::conversation_id)))
            .filter(messages::tenant_id.eq(tenant))
            .filter(its)
            .count()
            .get_result(c)
    })?;
    let new = receipt::New { kind: ReceiptKind::Export, visitor: Some(of.uuid), conversations, messages, reason: None };
    let written = receipt::write(tx, scope, &new, now).await?;
    receipt::one(tx, scope, written).await
}
