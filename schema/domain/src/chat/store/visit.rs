//! What visitors do in their own conversations besides writing: they ask for a person, stop an answer, read what was said.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    answer::after_turn,
    history::{self, Which},
    people::{self, People},
    send::meet,
};
use crate::{
    chat::{
        model::{Channel, ConversationState, Role, Said, SessionId, TurnState},
        people::{Opinion, Own, Rated, Stopped, Wish},
        rules::{self, Deed},
    },
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::{ConversationId, PersonaId, TurnId, VisitorId},
    identity::Permission,
    locale::Locale,
    run,
    tables::{conversations, messages, turns, visitors},
    tenancy::{Scope, Tenant},
};

/// A conversation that begins with something else than a message of its visitor.
pub(super) struct New<'a> {
    pub(super) visitor: VisitorId,
    pub(super) session_id: &'a str,
    pub(super) locale: Locale,
    pub(super) last_sequence: i64,
    pub(super) persona: Option<PersonaId>,
    pub(super) draft: Option<&'a str>,
    pub(super) title: Option<&'a str>,
}

/// Opens a conversation.
pub(super) async fn open(tx: &mut Conn, scope: &Scope, new: New<'_>, now: Instant) -> Result<ConversationId, Fault> {
    let id = ConversationId::new();
    run!(tx, |c| {
        diesel::insert_into(conversations::table)
            .values((
                conversations::id.eq(id),
                conversations::tenant_id.eq(scope.tenant()),
                conversations::visitor_id.eq(new.visitor),
                conversations::channel.eq(Channel::of(scope.caller())),
                conversations::session_id.eq(new.session_id),
                conversations::locale.eq(new.locale),
                conversations::state.eq(ConversationState::Ai),
                conversations::last_sequence.eq(new.last_sequence),
                conversations::created_at.eq(now),
                conversations::last_message_at.eq(now),
                conversations::persona_id.eq(new.persona),
                conversations::draft.eq(new.draft),
                conversations::title.eq(new.title),
            ))
            .execute(c)
    })?;
    Ok(id)
}

/// The calling visitor's conversation of this name, or the newest that is not settled.
///
/// # Errors
/// If the store fails.
pub async fn own_conversation(conn: &mut Conn, scope: &Scope, session: Option<&SessionId>) -> Result<Option<Own>, Fault> {
    scope.require(Permission::ChatVisit)?;
    let (tenant, channel, key) = (scope.tenant(), Channel::of(scope.caller()), scope.visitor()?);
    type Row = (ConversationId, String, ConversationState, i64, Locale, Option<Instant>, Option<Instant>);
    let row: Option<Row> = run!(conn, |c| {
        let mut query = conversations::table
            .inner_join(visitors::table.on(visitors::id.eq(conversations::visitor_id)))
            .filter(conversations::tenant_id.eq(tenant).and(visitors::tenant_id.eq(tenant)))
            .filter(visitors::channel.eq(channel).and(visitors::key.eq(key.as_bytes())))
            .order((conversations::created_at.desc(), conversations::id.desc()))
            .select((
                conversations::id,
                conversations::session_id,
                conversations::state,
                conversations::last_sequence,
                conversations::locale,
                conversations::waiting_since,
                conversations::overdue_at,
            ))
            .into_boxed();
        query = match session {
            Some(session) => query.filter(conversations::session_id.eq(session.as_str())),
            None => query.filter(conversations::state.ne(ConversationState::Resolved)),
        };
        query.first(c)
    })
    .optional()?;
    let Some((id, session_id, state, last_sequence, locale, waiting_since, overdue_at)) = row else { return Ok(None) };
    let live: Option<TurnId> = run!(conn, |c| {
        turns::table
            .filter(turns::tenant_id.eq(tenant).and(turns::conversation_id.eq(id)).and(turns::state.eq(TurnState::Live)))
            .select(turns::id)
            .first(c)
    })
    .optional()?;
    Ok(Some(Own { id, session_id, state, last_sequence, locale, waiting_since, overdue_at, live }))
}

/// What was said in a conversation that is the calling visitor's own.
///
/// # Errors
/// If the store fails.
pub async fn own_messages(conn: &mut Conn, scope: &Scope, own: &Own, which: Which) -> Result<Vec<Said>, Fault> {
    scope.require(Permission::ChatVisit)?;
    history::said(conn, scope, own.id, which).await
}

/// The calling visitor asks for a person; a conversation that is not there yet begins with that. The visitor is told, once.
///
/// # Errors
/// If the store fails; then nothing is stored.
pub async fn ask_for_person(conn: &mut Conn, scope: &Scope, wish: &Wish, tenant: &Tenant, now: Instant) -> Result<Own, Fault> {
    scope.require(Permission::ChatVisit)?;
    conn.transaction("chat.ask_for_person", async |tx| {
        // The visitor's row first: of two requests of one visitor the second sees what the first did.
        let (visitor, _) = meet(tx, scope, scope.visitor()?, now).await?;
        let id = match own_conversation(tx, scope, wish.session_id.as_ref()).await? {
            Some(own) => own.id,
            None => {
                let issued = SessionId::issue();
                let session_id = wish.session_id.as_ref().unwrap_or(&issued).as_str();
                let locale = rules::locale(&[], None, wish.locale, tenant.default_locale);
                let new = New { visitor, session_id, locale, last_sequence: 0, persona: None, draft: None, title: None };
                open(tx, scope, new, now).await?
            }
        };
        // Ours until the end, and as it is from then on.
        let (state, locale, session_id): (ConversationState, Locale, String) = run!(tx, |c| {
            diesel::update(conversations::table.find(id))
                .set(conversations::last_sequence.eq(conversations::last_sequence))
                .returning((conversations::state, conversations::locale, conversations::session_id))
                .get_result(c)
        })?;
        let after = rules::state_on(Deed::PersonAskedFor, state);
        if after != state {
            let people = People::of(tenant)?;
            run!(tx, |c| { diesel::update(conversations::table.find(id)).set(conversations::state.eq(after)).execute(c) })?;
            people::wait(tx, scope, id, &people, now).await?;
            people::say(tx, scope, id, &people.told(locale, now), now).await?;
        }
        let session = SessionId::parse(session_id).ok();
        own_conversation(tx, scope, session.as_ref()).await?.ok_or(Fault::Denied(Permission::ChatVisit))
    })
    .await
}

/// The calling visitor stops the answer that is being made in a turn. One that was not begun to be said ends at once; what was said of
/// another stays, and whoever makes it ends it.
///
/// # Errors
/// If the store fails.
pub async fn stop(conn: &mut Conn, scope: &Scope, turn: TurnId, now: Instant) -> Result<Stopped, Fault> {
    scope.require(Permission::ChatVisit)?;
    let (tenant, channel, key) = (scope.tenant(), Channel::of(scope.caller()), scope.visitor()?);
    conn.transaction("chat.stop", async |tx| {
        let of: Option<ConversationId> = run!(tx, |c| {
            turns::table
                .inner_join(conversations::table)
                .inner_join(visitors::table.on(visitors::id.eq(conversations::visitor_id)))
                .filter(turns::tenant_id.eq(tenant).and(turns::id.eq(turn)))
                .filter(visitors::channel.eq(channel).and(visitors::key.eq(key.as_bytes())))
                .select(turns::conversation_id)
                .first(c)
        })
        .optional()?;
        let Some(id) = of else { return Ok(Stopped::Unknown) };
        run!(tx, |c| {
            diesel::update(conversations::table.find(id))
                .set(conversations::last_sequence.eq(conversations::last_sequence))
                .execute(c)
        })?;
        type Row = (TurnState, Option<Instant>, Option<Instant>);
        let (state, speaking_at, stopped_at): Row =
            run!(tx, |c| { turns::table.find(turn).select((turns::state, turns::speaking_at, turns::stopped_at)).first(c) })?;
        match (state, speaking_at) {
            (TurnState::Live, Some(_)) => {
                if stopped_at.is_none() {
                    run!(tx, |c| diesel::update(turns::table.find(turn)).set(turns::stopped_at.eq(now)).execute(c))?;
                }
                Ok(Stopped::Soon(id))
            }
            (TurnState::Live | TurnState::Waiting, _) => {
                let stopped = (turns::state.eq(TurnState::Stopped), turns::stopped_at.eq(now), turns::ended_at.eq(now));
                run!(tx, |c| diesel::update(turns::table.find(turn)).set(stopped).execute(c))?;
                after_turn(tx, scope, turn, id, state == TurnState::Live, now).await?;
                Ok(Stopped::Now(id))
            }
            _ => Ok(Stopped::Before(id)),
        }
    })
    .await
}

/// Takes down what the calling visitor thinks of a conversation of theirs, or of one answer in it.
///
/// # Errors
/// If a rule about comments (`conversations_comment_on_rating`) would be broken, or the store fails.
pub async fn rate(conn: &mut Conn, scope: &Scope, session: Option<&SessionId>, opinion: &Opinion) -> Result<Rated, Fault> {
    scope.require(Permission::ChatVisit)?;
    let tenant = scope.tenant();
    conn.transaction("chat.rate", async |tx| {
        let Some(own) = own_conversation(tx, scope, session).await? else { return Ok(Rated::NoConversation) };
        let changed = match opinion {
            Opinion::Answer(message, thumb) => {
                let said_to_them = messages::role.eq_any([Role::Assistant, Role::Agent]);
                run!(tx, |c| {
                    diesel::update(messages::table)
                        .filter(messages::tenant_id.eq(tenant).and(messages::conversation_id.eq(own.id)))
                        .filter(messages::id.eq(*message).and(said_to_them))
                        .set(messages::rating.eq(*thumb))
                        .execute(c)
                })?
            }
            Opinion::Conversation(thumb, comment) => run!(tx, |c| {
                diesel::update(conversations::table.find(own.id))
                    .filter(conversations::erased_at.is_null())
                    .set((conversations::rating.eq(*thumb), conversations::rating_comment.eq(comment.as_deref())))
                    .execute(c)
            })?,
        };
        Ok(if changed == 1 { Rated::Done(own) } else { Rated::NoAnswer })
    })
    .await
}

/// Takes down where the calling visitor wants to be written to.
///
/// # Errors
/// If the store fails.
pub async fn leave_contact(
    conn: &mut Conn,
    scope: &Scope,
    session: Option<&SessionId>,
    email: &str,
) -> Result<Option<Own>, Fault> {
    scope.require(Permission::ChatVisit)?;
    conn.transaction("chat.leave_contact", async |tx| {
        let Some(own) = own_conversation(tx, scope, session).await? else { return Ok(None) };
        let noted = run!(tx, |c| {
            diesel::update(conversations::table.find(own.id))
                // It may have been erased since it was found.
                .filter(conversations::erased_at.is_null())
                .set(conversations::contact_email.eq(email))
                .execute(c)
        })?;
        Ok((noted == 1).then_some(own))
    })
    .await
}
