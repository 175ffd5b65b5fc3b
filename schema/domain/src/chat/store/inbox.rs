//! The list of conversations, and what the team does with one besides talking: looking after it, writing beside it, settling it.

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    audit::{Action, Change},
    chat::{
        read::{Conversation, Filter, Note, Order, Place, Turn, Visitor},
        rules::{self, Deed},
    },
    clock::Instant,
    db::{Conn, containing, literal, load, sought, sql},
    fault::Fault,
    id::{AuditEntryId, ConversationId, NoteId, UserId, VisitorId},
    identity::Permission,
    page::{Page, Slice, Take},
    run,
    tables::{conversation_notes, conversations, memberships, messages, persona_versions, visitors},
    tenancy::Scope,
};

impl Conversation {
    /// Where it is in the list of conversations.
    #[must_use]
    pub fn place(&self, order: Order) -> Place {
        let active = match order {
            Order::Created => Instant::from_micros(0),
            Order::Active => self.last_message_at,
        };
        Place { active, id: self.id }
    }
}

/// A page of the tenant's conversations.
///
/// # Errors
/// If the store fails.
pub async fn conversations(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter,
    order: Order,
    page: Page<Place>,
) -> Result<Slice<Conversation>, Fault> {
    scope.require(Permission::ChatRead)?;
    let tenant = scope.tenant();
    let (postgres, text) = (conn.is_postgres(), filter.text.as_deref().map(sought));
    let rows = load!(conn, {
        let mut query = conversations::table
            .filter(conversations::tenant_id.eq(tenant).and(conversations::draft.is_null()))
            .select(Conversation::as_select())
            .into_boxed();
        if let Some(states) = filter.states.clone() {
            query = query.filter(conversations::state.eq_any(states));
        }
        if let Some(channel) = filter.channel {
            query = query.filter(conversations::channel.eq(channel));
        }
        if let Some(persona) = filter.persona {
            let its = messages::table
                .inner_join(persona_versions::table.on(persona_versions::id.nullable().eq(messages::persona_version_id)))
                .filter(messages::tenant_id.eq(tenant).and(messages::conversation_id.eq(conversations::id)))
                .filter(persona_versions::persona_id.eq(persona));
            query = query.filter(exists(its));
        }
        query = match filter.assignee {
            None => query,
            Some(None) => query.filter(conversations::assignee_id.is_null()),
            Some(Some(user)) => query.filter(conversations::assignee_id.eq(user)),
        };
        query = match filter.overdue {
            None => query,
            Some(true) => query.filter(conversations::overdue_at.is_not_null()),
            Some(false) => query.filter(conversations::overdue_at.is_null()),
        };
        if let Some(from) = filter.active_from {
            query = query.filter(conversations::last_message_at.ge(from));
        }
        if let Some(to) = filter.active_to {
            query = query.filter(conversations::last_message_at.lt(to));
        }
        if let Some(text) = &text {
            let having = messages::table
                .filter(messages::tenant_id.eq(tenant).and(messages::conversation_id.eq(conversations::id)))
                .filter(containing!(postgres, "messages.text", text.clone()));
            query = query.filter(exists(having));
        }
        // The newest comes first, so what is after a place is older. Ids of rows sort by birth.
        query = match (order, page.after) {
            (_, None) => query,
            (Order::Created, Some(after)) => query.filter(conversations::id.lt(after.id)),
            (Order::Active, Some(Place { active, id })) => query.filter(
                conversations::last_message_at
                    .lt(active)
                    .or(conversations::last_message_at.eq(active).and(conversations::id.lt(id))),
            ),
        };
        query = match (order, page.before) {
            (_, None) => query,
            (Order::Created, Some(before)) => query.filter(conversations::id.gt(before.id)),
            (Order::Active, Some(Place { active, id })) => query.filter(
                conversations::last_message_at
                    .gt(active)
                    .or(conversations::last_message_at.eq(active).and(conversations::id.gt(id))),
            ),
        };
        query = match (order, page.backwards()) {
            (Order::Created, false) => query.order(conversations::id.desc()),
            (Order::Created, true) => query.order(conversations::id.asc()),
            (Order::Active, false) => query.order((conversations::last_message_at.desc(), conversations::id.desc())),
            (Order::Active, true) => query.order((conversations::last_message_at.asc(), conversations::id.asc())),
        };
        query.limit(page.limit())
    })?;
    Ok(page.slice(rows))
}

/// Those of the visitors that are the tenant's.
///
/// # Errors
/// If the store fails.
pub async fn visitors(conn: &mut Conn, scope: &Scope, ids: &[VisitorId]) -> Result<Vec<Visitor>, Fault> {
    scope.require(Permission::ChatRead)?;
    let tenant = scope.tenant();
    Ok(run!(conn, |c| {
        visitors::table.filter(visitors::tenant_id.eq(tenant).and(visitors::id.eq_any(ids))).select(Visitor::as_select()).load(c)
    })?)
}

/// The same page of the turns of several conversations, and of each one more than the page has if there are more, by conversation and in
/// order: one statement for all of them. A turn's place is the number of its first message.
///
/// # Errors
/// If the store fails.
pub async fn turns_of(conn: &mut Conn, scope: &Scope, of: &[ConversationId], page: Page<i64>) -> Result<Vec<Turn>, Fault> {
    scope.require(Permission::ChatRead)?;
    if of.is_empty() {
        return Ok(Vec::new());
    }
    let ids = of.iter().map(|id| literal(conn, *id)).collect::<Vec<_>>().join(", ");
    let (direction, count) = match page.take {
        Take::First(count) => ("ASC", count),
        Take::Last(count) => ("DESC", count),
    };
    let after = page.after.map_or_else(String::new, |after| format!(" AND first_sequence > {after}"));
    let before = page.before.map_or_else(String::new, |before| format!(" AND first_sequence < {before}"));
    let text = format!(
        "SELECT id, conversation_id, first_sequence, last_sequence, state, restarts, answer_id, created_at, speaking_at, ended_at FROM ( \
            SELECT *, row_number() OVER (PARTITION BY conversation_id ORDER BY first_sequence {direction}) AS place \
            FROM turns WHERE tenant_id = $1 AND conversation_id IN ({ids}){after}{before} \
         ) AS placed WHERE place <= {count} + 1 ORDER BY conversation_id, first_sequence {direction}"
    );
    let tenant = scope.tenant();
    Ok(run!(conn, |c| diesel::sql_query(&text).bind::<sql::Id, _>(tenant).load(c))?)
}

/// What the team wrote beside several conversations, the oldest first.
///
/// # Errors
/// If the store fails.
pub async fn notes_of(conn: &mut Conn, scope: &Scope, of: &[ConversationId]) -> Result<Vec<Note>, Fault> {
    scope.require(Permission::ChatRead)?;
    let tenant = scope.tenant();
    Ok(run!(conn, |c| {
        conversation_notes::table
            .filter(conversation_notes::tenant_id.eq(tenant).and(conversation_notes::conversation_id.eq_any(of)))
            .order(conversation_notes::id)
            .select(Note::as_select())
            .load(c)
    })?)
}

/// At most so many notes stand beside a conversation.
const NOTES: i64 = 200;

/// What became of doing something with a conversation.
#[derive(Clone, Debug)]
pub enum Handled<T> {
    /// It is done.
    Done(T),
    /// There is no such conversation.
    Unknown,
    /// Whoever was named is not on the team.
    NotOnTeam,
    /// There are too many notes beside it.
    TooMany,
    /// The key came before with something else.
    KeyReused,
}

/// Makes a conversation ours until the transaction ends, and reads it. One that was erased can be looked at, and is nobody's any more.
pub(super) async fn take(tx: &mut Conn, scope: &Scope, id: ConversationId) -> Result<Option<Conversation>, Fault> {
    let tenant = scope.tenant();
    Ok(run!(tx, |c| {
        diesel::update(conversations::table)
            .filter(conversations::tenant_id.eq(tenant).and(conversations::id.eq(id)).and(conversations::draft.is_null()))
            .filter(conversations::erased_at.is_null())
            .set(conversations::last_sequence.eq(conversations::last_sequence))
            .returning(Conversation::as_returning())
            .get_result(c)
    })
    .optional()?)
}

/// Has somebody of the team look after a conversation, or nobody.
///
/// # Errors
/// If the store fails.
pub async fn assign(
    conn: &mut Conn,
    scope: &Scope,
    id: ConversationId,
    to: Option<UserId>,
    now: Instant,
) -> Result<Handled<Conversation>, Fault> {
    scope.require(Permission::ChatManage)?;
    conn.transaction("chat.assign", async |tx| {
        let Some(before) = take(tx, scope, id).await? else { return Ok(Handled::Unknown) };
        if let Some(user) = to {
            let tenant = scope.tenant();
            let member = memberships::table.find((tenant, user));
            let is_member: bool = run!(tx, |c| diesel::select(exists(member)).get_result(c))?;
            if !is_member {
                return Ok(Handled::NotOnTeam);
            }
        }
        if before.assignee_id == to {
            return Ok(Handled::Done(before));
        }
        run!(tx, |c| diesel::update(conversations::table.find(id)).set(conversations::assignee_id.eq(to)).execute(c))?;
        scope.record(tx, Change::of(Action::ConversationAssigned, id.uuid(), &["assignee"]), now).await?;
        Ok(Handled::Done(Conversation { assignee_id: to, ..before }))
    })
    .await
}

/// Writes something beside a conversation that its visitor never sees.
///
/// # Errors
/// If a rule about notes (`conversation_notes_text_length`) would be broken, or the store fails.
pub async fn note(
    conn: &mut Conn,
    scope: &Scope,
    id: ConversationId,
    text: &str,
    now: Instant,
) -> Result<Handled<(Conversation, Note)>, Fault> {
    scope.require(Permission::ChatManage)?;
    conn.transaction("chat.note", async |tx| {
        let Some(conversation) = take(tx, scope, id).await? else { return Ok(Handled::Unknown) };
        let (tenant, actor) = (scope.tenant(), scope.actor());
        let there: i64 = run!(tx, |c| {
            conversation_notes::table
                .filter(conversation_notes::tenant_id.eq(tenant).and(conversation_notes::conversation_id.eq(id)))
                .count()
                .get_result(c)
        })?;
        if there >= NOTES {
            return Ok(Handled::TooMany);
        }
        let note: Note = run!(tx, |c| {
            diesel::insert_into(conversation_notes::table)
                .values((
                    conversation_notes::id.eq(NoteId::new()),
                    conversation_notes::tenant_id.eq(tenant),
                    conversation_notes::conversation_id.eq(id),
                    conversation_notes::author.eq(actor.kind),
                    conversation_notes::author_id.eq(actor.id.map(AuditEntryId::from)),
                    conversation_notes::text.eq(text),
                    conversation_notes::created_at.eq(now),
                ))
                .returning(Note::as_returning())
                .get_result(c)
        })?;
        scope.record(tx, Change::of(Action::ConversationNoted, id.uuid(), &["note"]), now).await?;
        Ok(Handled::Done((conversation, note)))
    })
    .await
}

/// Settles a conversation. It is open again when its visitor writes again.
///
/// # Errors
/// If the store fails.
pub async fn resolve(conn: &mut Conn, scope: &Scope, id: ConversationId, now: Instant) -> Result<Handled<Conversation>, Fault> {
    scope.require(Permission::ChatManage)?;
    conn.transaction("chat.resolve", async |tx| {
        let Some(before) = take(tx, scope, id).await? else { return Ok(Handled::Unknown) };
        let state = rules::state_on(Deed::Resolved, before.state);
        if state == before.state {
            return Ok(Handled::Done(before));
        }
        run!(tx, |c| {
            diesel::update(conversations::table.find(id))
                .set((
                    conversations::state.eq(state),
                    conversations::waiting_since.eq(None::<Instant>),
                    conversations::overdue_at.eq(None::<Instant>),
                ))
                .execute(c)
        })?;
        let after = Conversation { state, waiting_since: None, overdue_at: None, ..before };
        scope.record(tx, Change::of(Action::ConversationResolved, id.uuid(), &["state"]), now).await?;
        Ok(Handled::Done(after))
    })
    .await
}
