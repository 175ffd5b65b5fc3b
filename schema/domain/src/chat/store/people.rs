//! People of the team in a conversation: they are asked for, take over, answer, and give it back.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    answer::after_turn,
    inbox::{Handled, take},
    read,
};
use crate::{
    audit::{Action, ActorKind, Change},
    chat::{
        model::{ConversationState, MessageStatus, MessageText, Role, TurnState},
        people::{RemindWaiting, Reminded, Spoken, TakenOver},
        read::Conversation,
        rules::{self, Deed},
    },
    clock::Instant,
    db::{Conn, Undone},
    fault::Fault,
    id::{AuditEntryId, ConversationId, MessageId, TurnId, UserId},
    identity::Permission,
    job::{self, Lease},
    locale::Locale,
    once::{self, Once, OnceKey},
    run,
    tables::{conversations, messages, tenants, turns},
    tenancy::{OfficeHours, Scope, Tenant},
    words,
};

/// When a tenant's people are there, how long they let anybody wait, and what is said while they are away.
pub(super) struct People {
    hours: Option<OfficeHours>,
    wait: Duration,
    away: Option<String>,
}

impl People {
    pub(super) fn of(tenant: &Tenant) -> Result<Self, Fault> {
        Self::new(tenant.office_hours.as_deref(), tenant.wait_seconds, tenant.away_text.clone())
    }

    fn new(hours: Option<&str>, seconds: i32, away: Option<String>) -> Result<Self, Fault> {
        let stored = |source| Fault::Stored { what: "office hours", source };
        let hours = hours.map(OfficeHours::read).transpose().map_err(stored)?;
        Ok(Self { hours, wait: Duration::from_secs(u64::try_from(seconds).unwrap_or(0)), away })
    }

    async fn read(tx: &mut Conn, scope: &Scope) -> Result<Self, Fault> {
        let tenant = scope.tenant();
        let (hours, seconds, away): (Option<String>, i32, Option<String>) = run!(tx, |c| {
            tenants::table.find(tenant).select((tenants::office_hours, tenants::wait_seconds, tenants::away_text)).first(c)
        })?;
        Self::new(hours.as_deref(), seconds, away)
    }

    /// Whether people are there. A tenant that says nothing about it always has somebody.
    fn are_there(&self, at: Instant) -> bool {
        self.hours.as_ref().is_none_or(|hours| hours.are_open(at))
    }

    /// Until when somebody who waits since then is to be answered; the time until people are there does not count. `None` where nobody
    /// ever is.
    fn due(&self, since: Instant) -> Option<Instant> {
        let from = self.hours.as_ref().map_or(Some(since), |hours| hours.open_from(since));
        from.map(|from| from.after(self.wait))
    }

    /// What a visitor who asks for a person is told.
    pub(super) fn told(&self, locale: Locale, now: Instant) -> String {
        if self.are_there(now) { words::person_asked(locale) } else { self.away_words(locale) }
    }

    fn away_words(&self, locale: Locale) -> String {
        self.away.clone().unwrap_or_else(|| words::person_away(locale))
    }
}

/// Notes that somebody waits for a person, unless it was noted before, and sees to it that they are not forgotten.
pub(super) async fn wait(
    tx: &mut Conn,
    scope: &Scope,
    conversation_id: ConversationId,
    people: &People,
    now: Instant,
) -> Result<(), Fault> {
    let begun = run!(tx, |c| {
        diesel::update(conversations::table.find(conversation_id))
            .filter(conversations::waiting_since.is_null())
            .set(conversations::waiting_since.eq(now))
            .execute(c)
    })?;
    if let Some(due) = people.due(now).filter(|_| begun == 1) {
        job::enqueue_at(tx, scope, &RemindWaiting { conversation_id, since: now.as_micros() }, None, due, now).await?;
    }
    Ok(())
}

async fn waits_no_more(tx: &mut Conn, id: ConversationId) -> Result<(), Fault> {
    run!(tx, |c| {
        diesel::update(conversations::table.find(id))
            .set((conversations::waiting_since.eq(None::<Instant>), conversations::overdue_at.eq(None::<Instant>)))
            .execute(c)
    })?;
    Ok(())
}

/// A person is asked for by what the assistant said. Where nobody is there, the visitor is told.
pub(super) async fn ask(tx: &mut Conn, scope: &Scope, id: ConversationId, locale: Locale, now: Instant) -> Result<(), Fault> {
    let people = People::read(tx, scope).await?;
    wait(tx, scope, id, &people, now).await?;
    if people.are_there(now) {
        return Ok(());
    }
    say(tx, scope, id, &people.away_words(locale), now).await
}

/// The house says something in a conversation that is ours.
pub(super) async fn say(tx: &mut Conn, scope: &Scope, id: ConversationId, text: &str, now: Instant) -> Result<(), Fault> {
    add(tx, scope, id, &New { id: MessageId::new(), role: Role::System, text, author: None }, now).await
}

/// Something that is said by somebody else than the visitor and the assistant.
struct New<'a> {
    id: MessageId,
    role: Role,
    text: &'a str,
    author: Option<(ActorKind, Option<AuditEntryId>)>,
}

/// Adds it as the newest message of a conversation that is ours.
#[expect(clippy::arithmetic_side_effects, reason = "the store counts, in SQL")]
async fn add(tx: &mut Conn, scope: &Scope, conversation: ConversationId, new: &New<'_>, now: Instant) -> Result<(), Fault> {
    let sequence: i64 = run!(tx, |c| {
        diesel::update(conversations::table.find(conversation))
            .set((conversations::last_sequence.eq(conversations::last_sequence + 1), conversations::last_message_at.eq(now)))
            .returning(conversations::last_sequence)
            .get_result(c)
    })?;
    run!(tx, |c| {
        diesel::insert_into(messages::table)
            .values((
                messages::id.eq(new.id),
                messages::tenant_id.eq(scope.tenant()),
                messages::conversation_id.eq(conversation),
                messages::sequence.eq(sequence),
                messages::role.eq(new.role),
                messages::text.eq(new.text),
                messages::status.eq(MessageStatus::Sent),
                messages::sources.eq(serde_json::Value::Array(Vec::new())),
                messages::created_at.eq(now),
                messages::author.eq(new.author.map(|(kind, _)| kind)),
                messages::author_id.eq(new.author.and_then(|(_, id)| id)),
            ))
            .execute(c)
    })?;
    Ok(())
}

/// A person takes over from the assistant, which is silent from then on, also in the middle of an answer. The visitor is told.
///
/// # Errors
/// If the store fails.
pub async fn take_over(conn: &mut Conn, scope: &Scope, id: ConversationId, now: Instant) -> Result<Handled<TakenOver>, Fault> {
    scope.require(Permission::ChatManage)?;
    conn.transaction("chat.take_over", async |tx| {
        let Some(before) = take(tx, scope, id).await? else { return Ok(Handled::Unknown) };
        if before.state == ConversationState::Human && who(scope).is_none_or(|user| before.assignee_id == Some(user)) {
            return Ok(Handled::Done(TakenOver { conversation: before, ended: Vec::new() }));
        }
        let ended = taken_over(tx, scope, before, now).await?;
        let after = take(tx, scope, id).await?;
        Ok(after.map_or(Handled::Unknown, |conversation| Handled::Done(TakenOver { conversation, ended })))
    })
    .await
}

/// Who of the team is calling, if it is a member.
fn who(scope: &Scope) -> Option<UserId> {
    let actor = scope.actor();
    actor.id.filter(|_| actor.kind == ActorKind::Member).map(UserId::from)
}

/// Takes a conversation over that is ours; the turns that end with that.
async fn taken_over(tx: &mut Conn, scope: &Scope, before: Conversation, now: Instant) -> Result<Vec<TurnId>, Fault> {
    let (tenant, id) = (scope.tenant(), before.id);
    let (state, assignee) = (rules::state_on(Deed::TakenOver, before.state), who(scope).or(before.assignee_id));
    run!(tx, |c| {
        diesel::update(conversations::table.find(id))
            .set((conversations::state.eq(state), conversations::assignee_id.eq(assignee)))
            .execute(c)
    })?;
    scope.record(tx, Change::of(Action::ConversationTakenOver, id.uuid(), &["state", "assignee"]), now).await?;
    if before.state == ConversationState::Human {
        return Ok(Vec::new());
    }
    // What was being answered is a person's to answer now. All at once, so that none that waits takes the place of the live one.
    let ended: Vec<TurnId> = run!(tx, |c| {
        diesel::update(turns::table)
            .filter(turns::tenant_id.eq(tenant).and(turns::conversation_id.eq(id)).and(turns::ended_at.is_null()))
            .set((turns::state.eq(TurnState::Human), turns::ended_at.eq(now)))
            .returning(turns::id)
            .load(c)
    })?;
    for turn in &ended {
        after_turn(tx, scope, *turn, id, false, now).await?;
    }
    if !ended.is_empty() {
        let people = People::read(tx, scope).await?;
        wait(tx, scope, id, &people, now).await?;
    }
    say(tx, scope, id, &words::person_joined(before.locale), now).await?;
    Ok(ended)
}

/// Somebody of the team says something to the visitor; who does takes over. Under a key it is said once.
///
/// # Errors
/// If the store fails.
pub async fn reply(
    conn: &mut Conn,
    scope: &Scope,
    id: ConversationId,
    text: &MessageText,
    key: Option<&OnceKey>,
    now: Instant,
) -> Result<Handled<Spoken>, Fault> {
    scope.require(Permission::ChatManage)?;
    conn.transaction("chat.reply", async |tx| {
        let Some(before) = take(tx, scope, id).await? else { return Ok(Handled::Unknown) };
        let (actor, message) = (scope.actor(), MessageId::new());
        match once::claim(tx, scope.tenant(), &actor, key, message.uuid(), now).await? {
            Once::Now => {}
            Once::Before(message) => return spoken(tx, scope, message.into(), before, Vec::new()).await,
            Once::Reused => return Ok(Handled::KeyReused),
        }
        let ended =
            if before.state == ConversationState::Human { Vec::new() } else { taken_over(tx, scope, before, now).await? };
        let author = Some((actor.kind, actor.id.map(AuditEntryId::from)));
        add(tx, scope, id, &New { id: message, role: Role::Agent, text: text.as_str(), author }, now).await?;
        waits_no_more(tx, id).await?;
        scope.record(tx, Change::of(Action::ConversationReplied, id.uuid(), &["message"]), now).await?;
        match take(tx, scope, id).await? {
            Some(after) => spoken(tx, scope, message, after, ended).await,
            None => Ok(Handled::Unknown),
        }
    })
    .await
}

async fn spoken(
    tx: &mut Conn,
    scope: &Scope,
    message: MessageId,
    conversation: Conversation,
    ended: Vec<TurnId>,
) -> Result<Handled<Spoken>, Fault> {
    let found = read::by_id(tx, scope, &[message]).await?.pop();
    Ok(found.map_or(Handled::Unknown, |message| Handled::Done(Spoken { message, conversation, ended })))
}

/// Gives a conversation that a person holds, or is asked for in, back to the assistant. The visitor is told.
///
/// # Errors
/// If the store fails.
pub async fn give_back(conn: &mut Conn, scope: &Scope, id: ConversationId, now: Instant) -> Result<Handled<Conversation>, Fault> {
    scope.require(Permission::ChatManage)?;
    conn.transaction("chat.give_back", async |tx| {
        let Some(before) = take(tx, scope, id).await? else { return Ok(Handled::Unknown) };
        let state = rules::state_on(Deed::GivenBack, before.state);
        if state == before.state {
            return Ok(Handled::Done(before));
        }
        run!(tx, |c| { diesel::update(conversations::table.find(id)).set(conversations::state.eq(state)).execute(c) })?;
        waits_no_more(tx, id).await?;
        scope.record(tx, Change::of(Action::ConversationGivenBack, id.uuid(), &["state"]), now).await?;
        say(tx, scope, id, &words::person_left(before.locale), now).await?;
        Ok(take(tx, scope, id).await?.map_or(Handled::Unknown, Handled::Done))
    })
    .await
}

/// Flags a conversation in which somebody waits for a person still, tells the visitor, and ends the job. All of it or nothing.
///
/// # Errors
/// If the store fails.
pub async fn remind(conn: &mut Conn, scope: &Scope, lease: &Lease, job: &RemindWaiting, now: Instant) -> Result<Reminded, Fault> {
    scope.require(Permission::ChatAnswer)?;
    let (id, since) = (job.conversation_id, Instant::from_micros(job.since));
    conn.undoable("chat.remind", async |tx| {
        if !job::complete(tx, lease, now).await? {
            return Err(Undone::Outcome(Reminded::Late));
        }
        let found = take(tx, scope, id).await?;
        let waits = |it: &Conversation| it.waiting_since == Some(since) && it.overdue_at.is_none() && rules::may_wait(it.state);
        let Some(before) = found.filter(waits) else { return Ok(Reminded::InVain) };
        run!(tx, |c| diesel::update(conversations::table.find(id)).set(conversations::overdue_at.eq(now)).execute(c))?;
        say(tx, scope, id, &words::person_late(before.locale), now).await?;
        Ok(Reminded::Told)
    })
    .await
}
