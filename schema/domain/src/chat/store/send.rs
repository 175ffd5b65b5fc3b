//! Taking a visitor's message in.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::try_join;

use crate::{
    chat::{
        model::{AnswerTurn, Channel, ConversationState, Incoming, MessageStatus, Receipt, Role, Sent, SessionId, TurnState},
        rules::{self, OpenTurn, Place},
    },
    clock::Instant,
    credit,
    db::{Conn, Prepare},
    fault::Fault,
    id::{ConversationId, MessageId, TurnId, VisitorId},
    identity::Permission,
    job, knowledge,
    locale::Locale,
    money::Credits,
    persona, run,
    tables::{conversations, idempotency_keys, messages, turns, visitors},
    tenancy::{Scope, Tenant},
    words,
};

/// Takes a visitor's message in: stores it, and sees to it that it will be answered; by the `tenant`, whom the visitor has entered.
///
/// # Errors
/// If the store fails; then nothing is stored.
pub async fn send(conn: &mut Conn, scope: &Scope, incoming: &Incoming, tenant: &Tenant, now: Instant) -> Result<Sent, Fault> {
    scope.require(Permission::ChatVisit)?;
    conn.transaction("chat.send", async |tx| {
        let (visitor, spent) = meet(tx, scope, now).await?;
        if let Some(sent) = repeated(tx, scope, visitor, incoming).await? {
            return Ok(sent);
        }
        if spent >= incoming.daily {
            return Ok(Sent::Spent { until: credit::rules::day_of(now).after(credit::rules::DAY) });
        }
        let conversation = open(tx, scope, visitor, tenant, incoming, now).await?;
        let message_id = MessageId::new();
        let (mut beside, mut third) = (tx.beside(), tx.beside());
        let ((), (), open) = try_join!(
            receive(tx, scope, &conversation, message_id, incoming.text.as_str(), now),
            remember(&mut beside, scope, visitor, incoming, message_id, now),
            open_turns(&mut third, scope, &conversation),
        )?;
        let placed = place(tx, scope, &conversation, &open, message_id, incoming, now).await?;
        let receipt = |turn_id| Receipt {
            conversation_id: conversation.id,
            session_id: conversation.session_id.clone(),
            message_id,
            turn_id,
            created_at: now,
        };
        Ok(match placed {
            Placed::New(turn) => Sent::Accepted(receipt(Some(turn))),
            Placed::Joined(turn) => Sent::Joined(receipt(turn)),
            Placed::Human => Sent::HumanWillAnswer(receipt(None)),
            Placed::OutOfCredits(turn) => Sent::OutOfCredits(receipt(Some(turn))),
        })
    })
    .await
}

/// The visitor's row, and what their answers took today. Updating it makes two requests of one visitor wait for each other, so that a
/// key sent twice at once is seen.
async fn meet(tx: &mut Conn, scope: &Scope, now: Instant) -> Result<(VisitorId, Credits), Fault> {
    let key = scope.visitor()?;
    let (id, spent_on, spent): (VisitorId, Option<Instant>, i64) = run!(tx, |c| {
        diesel::insert_into(visitors::table)
            .values((
                visitors::id.eq(VisitorId::new()),
                visitors::tenant_id.eq(scope.tenant()),
                visitors::channel.eq(Channel::Public),
                visitors::key.eq(key.as_bytes()),
                visitors::created_at.eq(now),
                visitors::seen_at.eq(now),
            ))
            .on_conflict((visitors::tenant_id, visitors::channel, visitors::key))
            .do_update()
            .set(visitors::seen_at.eq(now))
            .returning((visitors::id, visitors::spent_on, visitors::spent))
            .prepared()
            .get_result(c)
    })?;
    let is_today = spent_on == Some(credit::rules::day_of(now));
    Ok((id, Credits::from_micro(if is_today { spent } else { 0 })))
}

async fn repeated(tx: &mut Conn, scope: &Scope, visitor: VisitorId, incoming: &Incoming) -> Result<Option<Sent>, Fault> {
    let Some((key, hash)) = &incoming.key else { return Ok(None) };
    let tenant = scope.tenant();
    let known: Option<(Vec<u8>, MessageId)> = run!(tx, |c| {
        idempotency_keys::table
            .find((tenant, visitor, key.as_str()))
            .select((idempotency_keys::body_hash, idempotency_keys::message_id))
            .first(c)
    })
    .optional()?;
    let Some((stored, message_id)) = known else { return Ok(None) };
    if stored != hash {
        return Ok(Some(Sent::KeyReused));
    }
    let (conversation, sequence, created_at, session_id): (ConversationId, i64, Instant, String) = run!(tx, |c| {
        messages::table
            .inner_join(conversations::table.on(conversations::id.eq(messages::conversation_id)))
            .filter(messages::tenant_id.eq(tenant).and(messages::id.eq(message_id)))
            .select((messages::conversation_id, messages::sequence, messages::created_at, conversations::session_id))
            .first(c)
    })?;
    let turn_id = turn_of(tx, scope, conversation, sequence).await?;
    Ok(Some(Sent::Repeated(Receipt { conversation_id: conversation, session_id, message_id, turn_id, created_at })))
}

/// The turn a visitor's message belongs to.
async fn turn_of(conn: &mut Conn, scope: &Scope, conversation: ConversationId, sequence: i64) -> Result<Option<TurnId>, Fault> {
    let tenant = scope.tenant();
    Ok(run!(conn, |c| {
        turns::table
            .filter(turns::tenant_id.eq(tenant).and(turns::conversation_id.eq(conversation)))
            .filter(turns::first_sequence.le(sequence).and(turns::last_sequence.ge(sequence)))
            .order(turns::last_sequence)
            .select(turns::id)
            .first(c)
    })
    .optional()?)
}

struct Open<'t> {
    business: &'t Tenant,
    id: ConversationId,
    session_id: String,
    sequence: i64,
    state: ConversationState,
    locale: Locale,
}

/// Finds or opens the conversation and counts the message in it.
#[expect(clippy::arithmetic_side_effects, reason = "the store counts, in SQL")]
async fn open<'t>(
    tx: &mut Conn,
    scope: &Scope,
    visitor: VisitorId,
    business: &'t Tenant,
    incoming: &Incoming,
    now: Instant,
) -> Result<Open<'t>, Fault> {
    let (tenant, fallback) = (scope.tenant(), business.default_locale);
    let session_id = match &incoming.session_id {
        Some(session) => session.as_str().to_owned(),
        None => {
            let newest: Option<String> = run!(tx, |c| {
                conversations::table
                    .filter(conversations::tenant_id.eq(tenant).and(conversations::visitor_id.eq(visitor)))
                    .filter(conversations::channel.eq(Channel::Public).and(conversations::state.ne(ConversationState::Resolved)))
                    .order((conversations::created_at.desc(), conversations::id.desc()))
                    .select(conversations::session_id)
                    .first(c)
            })
            .optional()?;
            newest.unwrap_or_else(|| SessionId::issue().as_str().to_owned())
        }
    };
    let plausible = knowledge::plausible(incoming.text.as_str());
    let locale = rules::locale(&plausible, None, incoming.locale, fallback);
    // What the conversation was is read by the statement that takes its row: read before, it could be outdated by then.
    let (id, sequence, before, state): (ConversationId, i64, Locale, ConversationState) = run!(tx, |c| {
        diesel::insert_into(conversations::table)
            .values((
                conversations::id.eq(ConversationId::new()),
                conversations::tenant_id.eq(tenant),
                conversations::visitor_id.eq(visitor),
                conversations::channel.eq(Channel::Public),
                conversations::session_id.eq(&session_id),
                conversations::locale.eq(locale),
                conversations::state.eq(ConversationState::Ai),
                conversations::last_sequence.eq(1_i64),
                conversations::created_at.eq(now),
                conversations::last_message_at.eq(now),
            ))
            .on_conflict((conversations::tenant_id, conversations::channel, conversations::visitor_id, conversations::session_id))
            .do_update()
            .set((conversations::last_sequence.eq(conversations::last_sequence + 1), conversations::last_message_at.eq(now)))
            .returning((conversations::id, conversations::last_sequence, conversations::locale, conversations::state))
            .prepared()
            .get_result(c)
    })?;
    let (locale, after) = (rules::locale(&plausible, Some(before), incoming.locale, fallback), rules::state_on_message(state));
    if (locale, after) != (before, state) {
        run!(tx, |c| {
            diesel::update(conversations::table.find(id))
                .set((conversations::locale.eq(locale), conversations::state.eq(after)))
                .prepared()
                .execute(c)
        })?;
    }
    Ok(Open { business, id, session_id, sequence, state: after, locale })
}

async fn receive(
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

async fn remember(
    tx: &mut Conn,
    scope: &Scope,
    visitor: VisitorId,
    incoming: &Incoming,
    message_id: MessageId,
    now: Instant,
) -> Result<(), Fault> {
    if let Some((key, hash)) = &incoming.key {
        run!(tx, |c| {
            diesel::insert_into(idempotency_keys::table)
                .values((
                    idempotency_keys::tenant_id.eq(scope.tenant()),
                    idempotency_keys::visitor_id.eq(visitor),
                    idempotency_keys::key.eq(key.as_str()),
                    idempotency_keys::body_hash.eq(hash.as_slice()),
                    idempotency_keys::message_id.eq(message_id),
                    idempotency_keys::created_at.eq(now),
                ))
                .prepared()
                .execute(c)
        })?;
    }
    Ok(())
}

/// Where a message was put.
enum Placed {
    New(TurnId),
    Joined(Option<TurnId>),
    Human,
    OutOfCredits(TurnId),
}

/// A turn that is not over: its id, whether it is live, when it began to speak, and how often it was restarted.
type OpenRow = (TurnId, TurnState, Option<Instant>, i32);

/// A conversation's turns that are not over, in their order.
async fn open_turns(tx: &mut Conn, scope: &Scope, conversation: &Open<'_>) -> Result<Vec<OpenRow>, Fault> {
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
async fn place(
    tx: &mut Conn,
    scope: &Scope,
    conversation: &Open<'_>,
    open: &[OpenRow],
    message_id: MessageId,
    incoming: &Incoming,
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
        Place::Human => return Ok(Placed::Human),
        Place::NewTurn => return open_turn(tx, scope, conversation, message_id, incoming, TurnState::Live, now).await,
        Place::NewWaiting => return open_turn(tx, scope, conversation, message_id, incoming, TurnState::Waiting, now).await,
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

async fn open_turn(
    tx: &mut Conn,
    scope: &Scope,
    conversation: &Open<'_>,
    message_id: MessageId,
    incoming: &Incoming,
    state: TurnState,
    now: Instant,
) -> Result<Placed, Fault> {
    let (turn_id, mut beside) = (TurnId::new(), tx.beside());
    let ((), prices) =
        try_join!(begin_turn(tx, scope, conversation, turn_id, message_id, state, now), credit::prices(&mut beside, scope))?;
    // The account's row is what many may wait for, so it is taken as late as can be. Who is suspended is charged nothing.
    let prices = prices.as_ref().filter(|_| conversation.business.suspended_at.is_none());
    let Some(reserved) = credit::reserve(tx, scope, turn_id, prices, incoming.budget, now).await? else {
        send_away(tx, scope, conversation, turn_id, now).await?;
        return Ok(Placed::OutOfCredits(turn_id));
    };
    let job = AnswerTurn { turn_id };
    let call = async {
        match state {
            TurnState::Live => job::enqueue(&mut beside, scope, &job, incoming.span.as_deref(), now).await,
            _ => Ok(()),
        }
    };
    try_join!(reserved.write(tx, scope), call)?;
    Ok(Placed::New(turn_id))
}

async fn begin_turn(
    tx: &mut Conn,
    scope: &Scope,
    conversation: &Open<'_>,
    turn_id: TurnId,
    message_id: MessageId,
    state: TurnState,
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
                turns::restarts.eq(0),
                turns::created_at.eq(now),
            ))
            .prepared()
            .execute(c)
    })?;
    Ok(())
}

/// Nobody can pay for an answer: the visitor gets the tenant's away text at once, or ours, and a person is asked for.
async fn send_away(tx: &mut Conn, scope: &Scope, conversation: &Open<'_>, turn_id: TurnId, now: Instant) -> Result<(), Fault> {
    let (status, answer_id, sequence) = (MessageStatus::OutOfCredits, MessageId::new(), conversation.sequence.saturating_add(1));
    let persona = persona::in_force(tx, scope).await?.id;
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
    Ok(())
}

/// What stands where an answer's model does, if none was asked.
const NO_MODEL: &str = "none";
