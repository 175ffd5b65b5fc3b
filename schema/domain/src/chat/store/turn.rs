//! Putting a message into a turn, or opening one for it: credits are set aside and the answer is called for.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::try_join;

use super::people::{self, People};
use crate::{
    chat::{
        model::{AnswerTurn, ConversationState, MessageStatus, Role, TurnState},
        rules::{self, OpenTurn, Place},
    },
    clock::Instant,
    credit::{self, Budgets, Cap, CapKind},
    db::{Conn, Prepare},
    fault::Fault,
    id::{ConversationId, MessageId, PersonaId, TurnId, WidgetKeyId},
    job,
    locale::Locale,
    persona, run,
    tables::{conversations, messages, persona_versions, turn_widget_keys, turns},
    tenancy::{Scope, Tenant},
    words,
};

/// A conversation as it is once a message was counted in it.
pub(super) struct Open<'t> {
    pub(super) business: &'t Tenant,
    pub(super) id: ConversationId,
    pub(super) session_id: String,
    pub(super) sequence: i64,
    pub(super) state: ConversationState,
    pub(super) locale: Locale,
    /// Who answers, if it is not the default persona.
    pub(super) persona: Option<PersonaId>,
}

/// What a new turn is to be called, what its answer may take at most, and what the request is known by in the logs.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) turn_id: TurnId,
    pub(super) budgets: &'a Budgets,
    /// What answers may take at most besides.
    pub(super) caps: &'a [Cap],
    /// The widget key it came through.
    pub(super) widget_key: Option<WidgetKeyId>,
    /// Another model than the persona's, which is tried out.
    pub(super) model: Option<Option<&'a str>>,
    pub(super) span: Option<&'a str>,
}

/// Stores what a visitor wrote.
pub(super) async fn receive(
    tx: &mut Conn,
    scope: &Scope,
    conversation: &Open<'_>,
    id: MessageId,
    text: &str,
    now: Instant,
) -> Result<(), Fault> {
    run!(tx, |c| {
        diesel::insert_into(messages::table)
            .values((
                messages::id.eq(id),
                messages::tenant_id.eq(scope.tenant()),
                messages::conversation_id.eq(conversation.id),
                messages::sequence.eq(conversation.sequence),
                messages::role.eq(Role::Visitor),
                messages::text.eq(text),
                messages::status.eq(MessageStatus::Received),
                messages::sources.eq(serde_json::Value::Array(Vec::new())),
                messages::created_at.eq(now),
            ))
            .prepared()
            .execute(c)
    })?;
    Ok(())
}

/// Where a message was put.
pub(super) enum Placed {
    New(TurnId),
    Joined(Option<TurnId>),
    Human(TurnId),
    OutOfCredits(TurnId),
}

/// A turn that is not over: its id, whether it is live, when it began to speak, and how often it was restarted.
pub(super) type OpenRow = (TurnId, TurnState, Option<Instant>, i32);

/// A conversation's turns that are not over, in their order.
pub(super) async fn open_turns(tx: &mut Conn, scope: &Scope, conversation: &Open<'_>) -> Result<Vec<OpenRow>, Fault> {
    let tenant = scope.tenant();
    Ok(run!(tx, |c| {
        turns::table
            .filter(turns::tenant_id.eq(tenant).and(turns::conversation_id.eq(conversation.id)))
            .filter(turns::ended_at.is_null())
            .order(turns::first_sequence)
            .select((turns::id, turns::state, turns::speaking_at, turns::restarts))
            .load(c)
    })?)
}

/// Puts the message where it belongs ([`rules::place`]) and, for a new turn, sets credits aside and calls for its answer.
#[expect(clippy::arithmetic_side_effects, reason = "the store counts, in SQL")]
pub(super) async fn place(
    tx: &mut Conn,
    scope: &Scope,
    conversation: &Open<'_>,
    open: &[OpenRow],
    message_id: MessageId,
    call: Call<'_>,
    now: Instant,
) -> Result<Placed, Fault> {
    let sequence = conversation.sequence;
    let known: Vec<OpenTurn> = open
        .iter()
        .map(|(_, state, speaking, restarts)| OpenTurn {
            waiting: *state == TurnState::Waiting,
            speaking: speaking.is_some(),
            restarts: *restarts,
        })
        .collect();
    let place = rules::place(conversation.state, &known);
    let joined = match place {
        Place::Human => {
            begin_turn(tx, scope, conversation, call.turn_id, message_id, (TurnState::Human, None), now).await?;
            people::wait(tx, scope, conversation.id, &People::of(conversation.business)?, now).await?;
            return Ok(Placed::Human(call.turn_id));
        }
        Place::NewTurn => return open_turn(tx, scope, conversation, message_id, call, TurnState::Live, now).await,
        Place::NewWaiting => return open_turn(tx, scope, conversation, message_id, call, TurnState::Waiting, now).await,
        Place::JoinLive => open.first().map(|turn| turn.0),
        Place::JoinWaiting => open.last().map(|turn| turn.0),
    };
    if let Some(turn_id) = joined {
        let restarted = i32::from(place == Place::JoinLive);
        run!(tx, |c| {
            diesel::update(turns::table.find(turn_id))
                .set((
                    turns::question_id.eq(message_id),
                    turns::last_sequence.eq(sequence),
                    turns::locale.eq(conversation.locale),
                    turns::restarts.eq(turns::restarts + restarted),
                ))
                .prepared()
                .execute(c)
        })?;
    }
    Ok(Placed::Joined(joined))
}

/// Opens a turn for a message: sets credits aside and calls for its answer, or says at once that there are none.
pub(super) async fn open_turn(
    tx: &mut Conn,
    scope: &Scope,
    conversation: &Open<'_>,
    message_id: MessageId,
    call: Call<'_>,
    state: TurnState,
    now: Instant,
) -> Result<Placed, Fault> {
    let (turn_id, mut beside) = (call.turn_id, tx.beside());
    let (prices, model) = try_join!(credit::prices(&mut beside, scope, now), persona::model(tx, scope, conversation.persona))?;
    let model = call.model.map_or(model, |tried| tried.map(str::to_owned));
    let taking = call.budgets.of(model.as_deref());
    // The account's row is what many may wait for, so it is taken as late as can be. Who is suspended is charged nothing.
    let prices = prices.as_ref().filter(|_| conversation.business.suspended_at.is_none());
    // A persona whose month is used up answers no more until the next, and its visitors are looked after as if nothing could be paid.
    let is_used_up = is_used_up(tx, scope, conversation.persona, call.caps).await?;
    let prices = prices.filter(|_| !is_used_up);
    let ((), reserved) = try_join!(
        begin_turn(tx, scope, conversation, turn_id, message_id, (state, taking.named), now),
        credit::reserve(&mut beside, scope, turn_id, prices, taking, now),
    )?;
    let Some(reserved) = reserved else {
        if conversation.business.suspended_at.is_none() && !is_used_up {
            credit::exhausted(tx, scope, now).await?;
        }
        send_away(tx, scope, conversation, turn_id, now).await?;
        return Ok(Placed::OutOfCredits(turn_id));
    };
    note_key(tx, scope, turn_id, call.widget_key).await?;
    let job = AnswerTurn::by(turn_id, taking.named);
    let call = async {
        match state {
            TurnState::Live => job::enqueue(&mut beside, scope, &job, call.span, now).await,
            _ => Ok(()),
        }
    };
    try_join!(reserved.write(tx, scope), call)?;
    Ok(Placed::New(turn_id))
}

/// Whether the persona that would answer has taken what it may in this month.
async fn is_used_up(tx: &mut Conn, scope: &Scope, persona: Option<PersonaId>, caps: &[Cap]) -> Result<bool, Fault> {
    let mut reached = Vec::new();
    for cap in caps {
        if cap.kind == CapKind::PersonaMonth && cap.is_reached() {
            reached.push(cap.subject.uuid());
        }
    }
    if reached.is_empty() {
        return Ok(false);
    }
    let version = persona::answering(tx, scope, persona).await?.id;
    let persona: PersonaId = run!(tx, |c| persona_versions::table.find(version).select(persona_versions::persona_id).first(c))?;
    Ok(reached.contains(&persona.uuid()))
}

/// Notes through which widget key a turn was asked for: what it takes counts against what that key may.
async fn note_key(tx: &mut Conn, scope: &Scope, turn: TurnId, key: Option<WidgetKeyId>) -> Result<(), Fault> {
    let Some(key) = key else { return Ok(()) };
    run!(tx, |c| {
        diesel::insert_into(turn_widget_keys::table)
            .values((
                turn_widget_keys::tenant_id.eq(scope.tenant()),
                turn_widget_keys::turn_id.eq(turn),
                turn_widget_keys::widget_key_id.eq(key),
            ))
            .prepared()
            .execute(c)
    })?;
    Ok(())
}

async fn begin_turn(
    tx: &mut Conn,
    scope: &Scope,
    conversation: &Open<'_>,
    turn_id: TurnId,
    message_id: MessageId,
    (state, model): (TurnState, Option<&str>),
    now: Instant,
) -> Result<(), Fault> {
    let (tenant, sequence) = (scope.tenant(), conversation.sequence);
    run!(tx, |c| {
        diesel::insert_into(turns::table)
            .values((
                turns::id.eq(turn_id),
                turns::tenant_id.eq(tenant),
                turns::conversation_id.eq(conversation.id),
                turns::question_id.eq(message_id),
                turns::first_sequence.eq(sequence),
                turns::last_sequence.eq(sequence),
                turns::locale.eq(conversation.locale),
                turns::state.eq(state),
                turns::model.eq(model),
                turns::restarts.eq(0),
                turns::created_at.eq(now),
                turns::ended_at.eq((state == TurnState::Human).then_some(now)),
            ))
            .prepared()
            .execute(c)
    })?;
    Ok(())
}

/// Nobody can pay for an answer: the visitor gets the tenant's away text at once, or ours, and a person is asked for.
async fn send_away(tx: &mut Conn, scope: &Scope, conversation: &Open<'_>, turn_id: TurnId, now: Instant) -> Result<(), Fault> {
    let (status, answer_id, sequence) = (MessageStatus::OutOfCredits, MessageId::new(), conversation.sequence.saturating_add(1));
    let persona = persona::answering(tx, scope, conversation.persona).await?.id;
    let text = conversation.business.away_text.clone().unwrap_or_else(|| words::away(conversation.locale));
    run!(tx, |c| {
        diesel::insert_into(messages::table)
            .values((
                messages::id.eq(answer_id),
                messages::tenant_id.eq(scope.tenant()),
                messages::conversation_id.eq(conversation.id),
                messages::sequence.eq(sequence),
                messages::role.eq(Role::Assistant),
                messages::text.eq(&text),
                messages::status.eq(status),
                messages::persona_version_id.eq(persona),
                messages::model.eq(NO_MODEL),
                messages::sources.eq(serde_json::Value::Array(Vec::new())),
                messages::created_at.eq(now),
            ))
            .prepared()
            .execute(c)
    })?;
    run!(tx, |c| {
        diesel::update(turns::table.find(turn_id))
            .set((turns::state.eq(TurnState::OutOfCredits), turns::answer_id.eq(answer_id), turns::ended_at.eq(now)))
            .prepared()
            .execute(c)
    })?;
    run!(tx, |c| {
        diesel::update(conversations::table.find(conversation.id))
            .set((
                conversations::last_sequence.eq(sequence),
                conversations::state.eq(rules::state_after(conversation.state, status)),
            ))
            .prepared()
            .execute(c)
    })?;
    people::wait(tx, scope, conversation.id, &People::of(conversation.business)?, now).await
}

/// What stands where an answer's model does, if none was asked.
const NO_MODEL: &str = "none";
