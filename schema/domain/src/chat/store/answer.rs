//! Answering a turn.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    chat::{
        model::{
            Answer, AnswerTurn, Answered, Begun, ConversationState, Finish, MessageStatus, Past, Role, Speak, TurnState, Usage,
            Work,
        },
        rules,
    },
    clock::Instant,
    credit::MeterUsage,
    db::{Conn, Prepare},
    fault::Fault,
    id::{ConversationId, MessageId, PersonaVersionId, TurnId},
    identity::Permission,
    job::{self, Lease},
    locale::Locale,
    persona, run,
    tables::{conversations, messages, tenants, turns},
    tenancy::Scope,
    words,
};

/// What there is to do for a turn.
///
/// # Errors
/// If the store fails.
pub async fn begin(conn: &mut Conn, scope: &Scope, turn_id: TurnId) -> Result<Begun, Fault> {
    scope.require(Permission::ChatAnswer)?;
    let tenant = scope.tenant();
    let live: Option<(ConversationId, MessageId, i64, i64, Locale)> = run!(conn, |c| {
        turns::table
            .filter(turns::tenant_id.eq(tenant).and(turns::id.eq(turn_id)).and(turns::state.eq(TurnState::Live)))
            .select((turns::conversation_id, turns::question_id, turns::first_sequence, turns::last_sequence, turns::locale))
            .first(c)
    })
    .optional()?;
    let Some((conversation_id, question_id, first, last, locale)) = live else { return Ok(Begun::Over) };
    let asked: Vec<String> = run!(conn, |c| {
        messages::table
            .filter(messages::tenant_id.eq(tenant).and(messages::conversation_id.eq(conversation_id)))
            .filter(messages::sequence.between(first, last).and(messages::role.eq(Role::Visitor)))
            .order(messages::sequence)
            .select(messages::text)
            .load(c)
    })?;
    let mut history: Vec<(Role, String)> = run!(conn, |c| {
        messages::table
            .filter(messages::tenant_id.eq(tenant).and(messages::conversation_id.eq(conversation_id)))
            // A turn that waited comes after the answer that was given meanwhile.
            .filter(messages::sequence.lt(first).or(messages::role.ne(Role::Visitor)))
            .order(messages::sequence.desc())
            .limit(100)
            .select((messages::role, messages::text))
            .load(c)
    })?;
    history.reverse();
    let history = history.into_iter().map(|(role, text)| Past { role, text }).collect();
    let fallback: Locale = run!(conn, |c| tenants::table.find(tenant).select(tenants::default_locale).first(c))?;
    let persona = persona::current(conn, scope).await?;
    Ok(Begun::Work(Box::new(Work { turn_id, conversation_id, question_id, history, messages: asked, locale, fallback, persona })))
}

/// Asks leave to show the first words of an answer that has seen `work`'s messages. Once given, later messages wait.
///
/// # Errors
/// If the store fails.
pub async fn speak(conn: &mut Conn, scope: &Scope, lease: &Lease, work: &Work, now: Instant) -> Result<Speak, Fault> {
    scope.require(Permission::ChatAnswer)?;
    let (tenant, turn_id, seen) = (scope.tenant(), work.turn_id, work.question_id);
    conn.transaction("chat.speak", async |tx| {
        if !job::hold(tx, lease).await? {
            return Ok(Speak::Over);
        }
        lock(tx, scope, work.conversation_id).await?;
        let granted = run!(tx, |c| {
            diesel::update(turns::table)
                .filter(turns::tenant_id.eq(tenant).and(turns::id.eq(turn_id)))
                .filter(turns::state.eq(TurnState::Live).and(turns::question_id.eq(seen)))
                .set(turns::speaking_at.eq(now))
                .prepared()
                .execute(c)
        })?;
        if granted == 1 {
            return Ok(Speak::Go);
        }
        let live: Option<TurnId> = run!(tx, |c| {
            turns::table
                .filter(turns::tenant_id.eq(tenant).and(turns::id.eq(turn_id)).and(turns::state.eq(TurnState::Live)))
                .select(turns::id)
                .first(c)
        })
        .optional()?;
        Ok(if live.is_some() { Speak::Restart } else { Speak::Over })
    })
    .await
}

/// What undoes the transaction without being a fault.
enum Undone {
    Outcome(Finish),
    Fault(Fault),
}

impl From<Fault> for Undone {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
impl From<diesel::result::Error> for Undone {
    fn from(error: diesel::result::Error) -> Self {
        Self::Fault(error.into())
    }
}

/// Stores an answer that has seen `work`'s messages, ends its turn and job, and lets a waiting turn follow. All of it or nothing.
///
/// # Errors
/// If the store fails.
pub async fn finish(
    conn: &mut Conn,
    scope: &Scope,
    lease: &Lease,
    work: &Work,
    answered: &Answered,
    now: Instant,
) -> Result<Finish, Fault> {
    scope.require(Permission::ChatAnswer)?;
    let done = conn
        .transaction("chat.finish", async |tx| {
            if !job::complete(tx, lease, now).await? {
                return Err(Undone::Outcome(Finish::Late));
            }
            let Answered { answer, model, usage } = answered;
            let seen = Some(work.question_id);
            let ending = Ending { turn_id: work.turn_id, persona: work.persona.id, model, usage: *usage, seen };
            end_turn(tx, scope, &ending, answer_or_refusal(answer), now).await
        })
        .await;
    match done {
        Ok(finish) | Err(Undone::Outcome(finish)) => Ok(finish),
        Err(Undone::Fault(fault)) => Err(fault),
    }
}

/// Ends a turn whose job has failed for good: an apology is stored, a person asked for, and the job is dead. All of it or nothing.
///
/// # Errors
/// If the store fails.
pub async fn give_up(
    conn: &mut Conn,
    scope: &Scope,
    lease: &Lease,
    turn_id: Option<TurnId>,
    model: &str,
    error: &str,
    now: Instant,
) -> Result<Finish, Fault> {
    scope.require(Permission::ChatAnswer)?;
    let done = conn
        .transaction("chat.give_up", async |tx| {
            if job::fail(tx, lease, error, None::<Duration>, now).await? == job::Failed::Late {
                return Err(Undone::Outcome(Finish::Late));
            }
            let Some(turn_id) = turn_id else { return Ok(Finish::Stored) };
            let persona = persona::current(tx, scope).await?.id;
            let ending = Ending { turn_id, persona, model, usage: None, seen: None };
            match end_turn(tx, scope, &ending, Said::Apology, now).await {
                // The turn is over already; the job still has to be.
                Err(Undone::Outcome(_)) => Ok(Finish::Stored),
                other => other,
            }
        })
        .await;
    match done {
        Ok(finish) | Err(Undone::Outcome(finish)) => Ok(finish),
        Err(Undone::Fault(fault)) => Err(fault),
    }
}

struct Ending<'a> {
    turn_id: TurnId,
    persona: PersonaVersionId,
    model: &'a str,
    usage: Option<Usage>,
    /// The newest message the answer has seen; none for an apology, which holds whatever was asked.
    seen: Option<MessageId>,
}

enum Said<'a> {
    Answer(&'a str, serde_json::Value),
    Refusal,
    Apology,
}

fn answer_or_refusal(answer: &Answer) -> Said<'_> {
    match answer {
        Answer::Answered { text, sources } => Said::Answer(text, serde_json::json!(sources)),
        Answer::Refused => Said::Refusal,
    }
}

/// Makes the conversation ours until the transaction ends: others who write to it wait for its row.
async fn lock(tx: &mut Conn, scope: &Scope, conversation: ConversationId) -> Result<(i64, ConversationState), Fault> {
    let tenant = scope.tenant();
    Ok(run!(tx, |c| {
        diesel::update(conversations::table)
            .filter(conversations::tenant_id.eq(tenant).and(conversations::id.eq(conversation)))
            .set(conversations::last_sequence.eq(conversations::last_sequence))
            .returning((conversations::last_sequence, conversations::state))
            .prepared()
            .get_result(c)
    })?)
}

async fn end_turn(tx: &mut Conn, scope: &Scope, ending: &Ending<'_>, said: Said<'_>, now: Instant) -> Result<Finish, Undone> {
    let tenant = scope.tenant();
    let conversation: Option<ConversationId> = run!(tx, |c| {
        turns::table
            .filter(turns::tenant_id.eq(tenant).and(turns::id.eq(ending.turn_id)).and(turns::state.eq(TurnState::Live)))
            .select(turns::conversation_id)
            .first(c)
    })
    .optional()?;
    let Some(conversation) = conversation else { return Err(Undone::Outcome(Finish::Late)) };
    let (last_sequence, state) = lock(tx, scope, conversation).await?;
    let sequence = last_sequence.saturating_add(1);
    let turn: Option<(MessageId, Locale)> = run!(tx, |c| {
        turns::table
            .filter(turns::tenant_id.eq(tenant).and(turns::id.eq(ending.turn_id)).and(turns::state.eq(TurnState::Live)))
            .select((turns::question_id, turns::locale))
            .first(c)
    })
    .optional()?;
    let Some((question, locale)) = turn else { return Err(Undone::Outcome(Finish::Late)) };
    if ending.seen.is_some_and(|seen| seen != question) {
        return Err(Undone::Outcome(Finish::Restart));
    }
    let (status, text, sources) = match said {
        Said::Answer(text, sources) => (MessageStatus::Answered, text.to_owned(), sources),
        Said::Apology => (MessageStatus::Failed, words::failure(locale), serde_json::json!([])),
        Said::Refusal => {
            let status = rules::refusal(state, previous(tx, scope, conversation).await?);
            let text = if status == MessageStatus::HandedOff { words::refusal_handoff(locale) } else { words::refusal(locale) };
            (status, text, serde_json::json!([]))
        }
    };
    let answer_id = MessageId::new();
    run!(tx, |c| {
        diesel::insert_into(messages::table)
            .values((
                messages::id.eq(answer_id),
                messages::tenant_id.eq(tenant),
                messages::conversation_id.eq(conversation),
                messages::sequence.eq(sequence),
                messages::role.eq(Role::Assistant),
                messages::text.eq(&text),
                messages::status.eq(status),
                messages::persona_version_id.eq(ending.persona),
                messages::model.eq(ending.model),
                messages::sources.eq(&sources),
                messages::created_at.eq(now),
                (
                    messages::prompt_tokens.eq(ending.usage.map(|usage| count(usage.prompt_tokens))),
                    messages::completion_tokens.eq(ending.usage.map(|usage| count(usage.completion_tokens))),
                    messages::tokens_estimated.eq(ending.usage.map(|usage| usage.estimated)),
                ),
            ))
            .prepared()
            .execute(c)
    })?;
    run!(tx, |c| {
        diesel::update(turns::table.find(ending.turn_id))
            .set((turns::state.eq(ended(status)), turns::answer_id.eq(answer_id), turns::ended_at.eq(now)))
            .prepared()
            .execute(c)
    })?;
    run!(tx, |c| {
        diesel::update(conversations::table.find(conversation))
            .set((conversations::last_sequence.eq(sequence), conversations::state.eq(rules::state_after(state, status))))
            .prepared()
            .execute(c)
    })?;
    job::enqueue(tx, scope, &MeterUsage { turn_id: ending.turn_id }, None, now).await?;
    promote(tx, scope, conversation, now).await?;
    Ok(Finish::Stored)
}

/// A count of tokens as it is stored.
fn count(tokens: u32) -> i32 {
    i32::try_from(tokens).unwrap_or(i32::MAX)
}

fn ended(status: MessageStatus) -> TurnState {
    match status {
        MessageStatus::Received | MessageStatus::Answered => TurnState::Answered,
        MessageStatus::Refused => TurnState::Refused,
        MessageStatus::HandedOff => TurnState::HandedOff,
        MessageStatus::Failed => TurnState::Failed,
        MessageStatus::OutOfCredits => TurnState::OutOfCredits,
    }
}

/// What the assistant's previous message in the conversation was.
async fn previous(tx: &mut Conn, scope: &Scope, conversation: ConversationId) -> Result<Option<MessageStatus>, Fault> {
    let tenant = scope.tenant();
    Ok(run!(tx, |c| {
        messages::table
            .filter(messages::tenant_id.eq(tenant).and(messages::conversation_id.eq(conversation)))
            .filter(messages::role.eq(Role::Assistant))
            .order(messages::sequence.desc())
            .select(messages::status)
            .first(c)
    })
    .optional()?)
}

/// Lets the waiting turn of a conversation, if there is one, follow the one that ended.
async fn promote(tx: &mut Conn, scope: &Scope, conversation: ConversationId, now: Instant) -> Result<(), Fault> {
    let tenant = scope.tenant();
    let waiting: Option<TurnId> = run!(tx, |c| {
        diesel::update(turns::table)
            .filter(turns::tenant_id.eq(tenant).and(turns::conversation_id.eq(conversation)))
            .filter(turns::state.eq(TurnState::Waiting))
            .set(turns::state.eq(TurnState::Live))
            .returning(turns::id)
            .prepared()
            .get_result(c)
    })
    .optional()?;
    match waiting {
        Some(turn_id) => job::enqueue(tx, scope, &AnswerTurn { turn_id }, None, now).await,
        None => Ok(()),
    }
}
