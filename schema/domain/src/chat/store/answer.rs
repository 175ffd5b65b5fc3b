//! Answering a turn.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::try_join;

use super::{
    begin::{live, opened},
    people,
};
use crate::{
    chat::{
        answer::{Answer, Answered, Usage},
        model::{AnswerTurn, ConversationState, Finish, MessageStatus, Role, Speak, TurnState, Work},
        rules,
        verdict::Verdict,
    },
    clock::Instant,
    credit::MeterUsage,
    db::{Conn, Prepare, Undone},
    fault::Fault,
    id::{ConversationId, MessageId, PersonaVersionId, TurnId},
    identity::Permission,
    job::{self, Lease},
    locale::Locale,
    persona, run,
    tables::{conversations, messages, turns},
    tenancy::Scope,
    words,
};

/// Asks leave to show the first words of an answer that has seen `work`'s messages. Once given, later messages wait.
///
/// # Errors
/// If the store fails.
pub async fn speak(conn: &mut Conn, scope: &Scope, lease: &Lease, work: &Work, now: Instant) -> Result<Speak, Fault> {
    scope.require(Permission::ChatAnswer)?;
    conn.undoable("chat.speak", async |tx| {
        let (mut second, mut third) = (tx.beside(), tx.beside());
        let (ours, _, granted) = try_join!(
            job::hold(tx, lease),
            lock(&mut second, scope, work.conversation_id),
            grant(&mut third, scope, work, now),
        )?;
        match (ours, granted) {
            (true, true) => Ok(Speak::Go),
            (true, false) if live(tx, scope, work.turn_id).await?.is_some() => Ok(Speak::Restart),
            _ => Err(Undone::Outcome(Speak::Over)),
        }
    })
    .await
}

/// Notes that a turn speaks, if it is live and has no newer message than was seen.
async fn grant(tx: &mut Conn, scope: &Scope, work: &Work, now: Instant) -> Result<bool, Fault> {
    let (tenant, turn_id, seen) = (scope.tenant(), work.turn_id, work.question_id);
    let granted = run!(tx, |c| {
        diesel::update(turns::table)
            .filter(turns::tenant_id.eq(tenant).and(turns::id.eq(turn_id)))
            .filter(turns::state.eq(TurnState::Live).and(turns::question_id.eq(seen)))
            .set(turns::speaking_at.eq(now))
            .prepared()
            .execute(c)
    })?;
    Ok(granted == 1)
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
    conn.undoable("chat.finish", async |tx| {
        let Answered { answer, model, usage } = answered;
        let (turn_id, conversation, seen) = (work.turn_id, work.conversation_id, Some(work.question_id));
        let ending = Ending { turn_id, conversation, persona: work.persona.id, model, usage: *usage, seen };
        let mut beside = tx.beside();
        let (ours, found) = try_join!(job::complete(tx, lease, now), take(&mut beside, scope, &ending))?;
        let Some(found) = found.filter(|_| ours) else { return Err(Undone::Outcome(Finish::Late)) };
        end_turn(tx, scope, &ending, found, answer_or_refusal(answer), now).await
    })
    .await
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
    conn.undoable("chat.give_up", async |tx| {
        if job::fail(tx, lease, error, None::<Duration>, now).await? == job::Failed::Late {
            return Err(Undone::Outcome(Finish::Late));
        }
        // The turn may be over already; the job still has to be.
        let Some(turn_id) = turn_id else { return Ok(Finish::Stored) };
        let Some(((conversation, ..), (chosen, _), _)) = opened(tx, scope, turn_id).await? else { return Ok(Finish::Stored) };
        let persona = persona::answering(tx, scope, chosen).await?.id;
        let ending = Ending { turn_id, conversation, persona, model, usage: None, seen: None };
        let Some(found) = take(tx, scope, &ending).await? else { return Ok(Finish::Stored) };
        end_turn(tx, scope, &ending, found, Said::Apology, now).await
    })
    .await
}

struct Ending<'a> {
    turn_id: TurnId,
    conversation: ConversationId,
    persona: PersonaVersionId,
    model: &'a str,
    usage: Option<Usage>,
    /// The newest message the answer has seen; none for an apology, which holds whatever was asked.
    seen: Option<MessageId>,
}

enum Said<'a> {
    Answer(&'a str, serde_json::Value, Option<&'a Verdict>),
    Refusal(Option<&'a Verdict>),
    Handoff,
    Apology,
    Stopped(&'a str),
}

fn answer_or_refusal(answer: &Answer) -> Said<'_> {
    match answer {
        Answer::Answered { text, sources, verdict } => Said::Answer(text, serde_json::json!(sources), verdict.as_ref()),
        Answer::Refused { verdict } => Said::Refusal(verdict.as_ref()),
        Answer::HandedOff => Said::Handoff,
        Answer::Stopped { text } => Said::Stopped(text),
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

/// A conversation and its live turn, as they are while both are ours.
struct Taken {
    last_sequence: i64,
    state: ConversationState,
    question: MessageId,
    locale: Locale,
}

/// Makes a turn's conversation ours, and reads what is there from then on; `None` if the turn is over.
async fn take(tx: &mut Conn, scope: &Scope, ending: &Ending<'_>) -> Result<Option<Taken>, Fault> {
    let mut beside = tx.beside();
    let ((last_sequence, state), turn) =
        try_join!(lock(tx, scope, ending.conversation), live(&mut beside, scope, ending.turn_id))?;
    Ok(turn.map(|(_, question, _, _, locale)| Taken { last_sequence, state, question, locale }))
}

async fn end_turn(
    tx: &mut Conn,
    scope: &Scope,
    ending: &Ending<'_>,
    taken: Taken,
    said: Said<'_>,
    now: Instant,
) -> Result<Finish, Undone<Finish>> {
    let Taken { last_sequence, state, question, locale } = taken;
    let (conversation, sequence) = (ending.conversation, last_sequence.saturating_add(1));
    if ending.seen.is_some_and(|seen| seen != question) {
        return Err(Undone::Outcome(Finish::Restart));
    }
    let verdict = match &said {
        Said::Answer(_, _, verdict) | Said::Refusal(verdict) => verdict.map(|verdict| serde_json::json!(verdict)),
        Said::Handoff | Said::Apology | Said::Stopped(_) => None,
    };
    let (status, text, sources) = match said {
        // Nothing was said yet, so there is nothing to keep.
        Said::Stopped("") => {
            end(tx, ending.turn_id, TurnState::Stopped, None, now).await?;
            after_turn(tx, scope, ending.turn_id, conversation, true, now).await?;
            return Ok(Finish::Stored);
        }
        Said::Stopped(text) => (MessageStatus::Stopped, text.to_owned(), serde_json::json!([])),
        Said::Answer(text, sources, _) => (MessageStatus::Answered, text.to_owned(), sources),
        Said::Apology => (MessageStatus::Failed, words::failure(locale), serde_json::json!([])),
        Said::Handoff => (MessageStatus::HandedOff, words::person_asked(locale), serde_json::json!([])),
        Said::Refusal(_) => {
            let status = rules::refusal(state, previous(tx, scope, conversation).await?);
            let text = if status == MessageStatus::HandedOff { words::refusal_handoff(locale) } else { words::refusal(locale) };
            (status, text, serde_json::json!([]))
        }
    };
    let (id, after) = (MessageId::new(), rules::state_after(state, status));
    let (mut second, mut third, mut fourth) = (tx.beside(), tx.beside(), tx.beside());
    try_join!(
        store(tx, scope, ending, Stored { id, sequence, status, text: &text, sources: &sources, verdict: verdict.as_ref() }, now),
        end(&mut second, ending.turn_id, ended(status), Some(id), now),
        count_in(&mut third, conversation, sequence, after, now),
        after_turn(&mut fourth, scope, ending.turn_id, conversation, true, now),
    )?;
    if after != state && after == ConversationState::HandoffRequested {
        people::ask(tx, scope, conversation, locale, now).await?;
    }
    Ok(Finish::Stored)
}

/// What follows from the end of a turn: it is metered, and, if it was the live one, the one that waits has its turn.
pub(super) async fn after_turn(
    tx: &mut Conn,
    scope: &Scope,
    turn_id: TurnId,
    conversation: ConversationId,
    was_live: bool,
    now: Instant,
) -> Result<(), Fault> {
    let (mut beside, metering) = (tx.beside(), MeterUsage { turn_id });
    let promote = async { if was_live { promote(&mut beside, scope, conversation, now).await } else { Ok(()) } };
    try_join!(job::enqueue(tx, scope, &metering, None, now), promote)?;
    Ok(())
}

/// An answer as it is stored.
struct Stored<'a> {
    id: MessageId,
    sequence: i64,
    status: MessageStatus,
    text: &'a str,
    sources: &'a serde_json::Value,
    verdict: Option<&'a serde_json::Value>,
}

async fn store(tx: &mut Conn, scope: &Scope, ending: &Ending<'_>, answer: Stored<'_>, now: Instant) -> Result<(), Fault> {
    run!(tx, |c| {
        diesel::insert_into(messages::table)
            .values((
                messages::id.eq(answer.id),
                messages::tenant_id.eq(scope.tenant()),
                messages::conversation_id.eq(ending.conversation),
                messages::sequence.eq(answer.sequence),
                messages::role.eq(Role::Assistant),
                messages::text.eq(answer.text),
                messages::status.eq(answer.status),
                messages::persona_version_id.eq(ending.persona),
                messages::model.eq(ending.model),
                messages::sources.eq(answer.sources),
                messages::created_at.eq(now),
                (
                    messages::prompt_tokens.eq(ending.usage.map(|usage| count(usage.prompt_tokens))),
                    messages::completion_tokens.eq(ending.usage.map(|usage| count(usage.completion_tokens))),
                    messages::tokens_estimated.eq(ending.usage.map(|usage| usage.estimated)),
                    messages::verdict.eq(answer.verdict),
                ),
            ))
            .prepared()
            .execute(c)
    })?;
    Ok(())
}

async fn end(tx: &mut Conn, turn: TurnId, state: TurnState, answer: Option<MessageId>, now: Instant) -> Result<(), Fault> {
    run!(tx, |c| {
        diesel::update(turns::table.find(turn))
            .set((turns::state.eq(state), turns::answer_id.eq(answer), turns::ended_at.eq(now)))
            .prepared()
            .execute(c)
    })?;
    Ok(())
}

async fn count_in(tx: &mut Conn, id: ConversationId, sequence: i64, state: ConversationState, now: Instant) -> Result<(), Fault> {
    run!(tx, |c| {
        diesel::update(conversations::table.find(id))
            .set((
                conversations::last_sequence.eq(sequence),
                conversations::state.eq(state),
                conversations::last_message_at.eq(now),
            ))
            .prepared()
            .execute(c)
    })?;
    Ok(())
}

/// A count of tokens as it is stored.
fn count(tokens: u32) -> i32 {
    i32::try_from(tokens).unwrap_or(i32::MAX)
}

fn ended(status: MessageStatus) -> TurnState {
    match status {
        MessageStatus::Received | MessageStatus::Answered | MessageStatus::Sent => TurnState::Answered,
        MessageStatus::Stopped => TurnState::Stopped,
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
    let waiting: Option<(TurnId, Option<String>)> = run!(tx, |c| {
        diesel::update(turns::table)
            .filter(turns::tenant_id.eq(tenant).and(turns::conversation_id.eq(conversation)))
            .filter(turns::state.eq(TurnState::Waiting))
            .set(turns::state.eq(TurnState::Live))
            .returning((turns::id, turns::model))
            .prepared()
            .get_result(c)
    })
    .optional()?;
    match waiting {
        Some((turn_id, model)) => job::enqueue(tx, scope, &AnswerTurn::by(turn_id, model.as_deref()), None, now).await,
        None => Ok(()),
    }
}
