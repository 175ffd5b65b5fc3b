//! Conversations that somebody of the team, or a tenant's server, has with the assistant themselves.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    send::meet,
    visit::{self, New},
};
use crate::{
    chat::{
        model::SessionId,
        people::{Addressed, NewSession, Own},
        rules,
    },
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::{ConversationId, VisitorId},
    identity::Permission,
    persona, run,
    tables::{conversations, visitors},
    tenancy::{Scope, Tenant},
};

/// Opens a conversation of the caller's own with the assistant; `None` if there is no such persona in use.
///
/// # Errors
/// If the store fails.
pub async fn open_session(
    conn: &mut Conn,
    scope: &Scope,
    new: &NewSession,
    tenant: &Tenant,
    now: Instant,
) -> Result<Option<Own>, Fault> {
    scope.require(Permission::ChatManage)?;
    let operator = scope.as_visitor()?;
    conn.transaction("chat.open_session", async |tx| {
        if let Some(persona) = new.persona
            && persona::usable(tx, scope, persona).await?.is_none()
        {
            return Ok(None);
        }
        let (visitor, _) = meet(tx, &operator, operator.visitor()?, now).await?;
        let session = SessionId::issue();
        let locale = rules::locale(&[], None, new.locale, tenant.default_locale);
        let (persona, title) = (new.persona, new.title.as_deref());
        let opened = New { visitor, session_id: session.as_str(), locale, last_sequence: 0, persona, draft: None, title };
        visit::open(tx, &operator, opened, now).await?;
        visit::own_conversation(tx, &operator, Some(&session)).await
    })
    .await
}

/// The conversation that somebody of the team names by its session id: one we gave, or one a caller chose, if it stands for one only.
///
/// # Errors
/// If the store fails.
pub async fn addressed(conn: &mut Conn, scope: &Scope, session: &SessionId) -> Result<Addressed, Fault> {
    scope.require(Permission::ChatManage)?;
    let (tenant, operator) = (scope.tenant(), scope.as_visitor()?.visitor()?);
    let found: Vec<(ConversationId, VisitorId)> = run!(conn, |c| {
        conversations::table
            .filter(conversations::tenant_id.eq(tenant).and(conversations::session_id.eq(session.as_str())))
            .filter(conversations::draft.is_null())
            .limit(2)
            .select((conversations::id, conversations::visitor_id))
            .load(c)
    })?;
    let (conversation, visitor) = match found.as_slice() {
        [] => return Ok(Addressed::Unknown),
        [one] => *one,
        _ => return Ok(Addressed::Ambiguous),
    };
    let key: Vec<u8> = run!(conn, |c| {
        visitors::table.filter(visitors::tenant_id.eq(tenant).and(visitors::id.eq(visitor))).select(visitors::key).first(c)
    })?;
    Ok(if key == operator.as_bytes() { Addressed::Own } else { Addressed::Visitors(conversation) })
}
