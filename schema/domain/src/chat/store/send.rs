//! Taking a visitor's message in.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::try_join;

use super::turn::{Call, Open, Placed, open_turns, place, receive};
use crate::{
    chat::{
        model::{Channel, ConversationState, Incoming, Receipt, Sent, SessionId},
        rules,
    },
    clock::Instant,
    credit::{self, Cap, CapKind},
    db::{Conn, Prepare},
    fault::Fault,
    id::{ConversationId, MessageId, PersonaId, TurnId, VisitorId},
    identity::{Permission, VisitorKey},
    knowledge,
    locale::Locale,
    money::Credits,
    run,
    tables::{conversations, idempotency_keys, messages, turns, visitors},
    tenancy::{Scope, Tenant},
};

/// Takes a visitor's message in: stores it, and sees to it that it will be answered; by the `tenant`, whom the visitor has entered.
///
/// # Errors
/// If the store fails; then nothing is stored.
pub async fn send(conn: &mut Conn, scope: &Scope, incoming: &Incoming, tenant: &Tenant, now: Instant) -> Result<Sent, Fault> {
    scope.require(Permission::ChatVisit)?;
    conn.transaction("chat.send", async |tx| {
        let (visitor, spent) = meet(tx, scope, scope.visitor()?, now).await?;
        if let Some(sent) = repeated(tx, scope, visitor, incoming).await? {
            return Ok(sent);
        }
        let caps = credit::capped(tx, scope, now).await?;
        if let Some(of) = spent_up(&caps, spent, incoming) {
            return Ok(Sent::Spent { of, until: credit::rules::day_of(now).after(credit::rules::DAY) });
        }
        let conversation = open(tx, scope, visitor, tenant, incoming, now).await?;
        let message_id = MessageId::new();
        let (mut beside, mut third) = (tx.beside(), tx.beside());
        let ((), (), open) = try_join!(
            receive(tx, scope, &conversation, message_id, incoming.text.as_str(), now),
            remember(&mut beside, scope, visitor, incoming, message_id, now),
            open_turns(&mut third, scope, &conversation),
        )?;
        let call = Call {
            turn_id: TurnId::new(),
            budgets: &incoming.budgets,
            model: None,
            span: incoming.span.as_deref(),
            caps: &caps,
            widget_key: incoming.widget_key,
        };
        let placed = place(tx, scope, &conversation, &open, message_id, call, now).await?;
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
            Placed::Human(turn) => Sent::HumanWillAnswer(receipt(Some(turn))),
            Placed::OutOfCredits(turn) => Sent::OutOfCredits(receipt(Some(turn))),
        })
    })
    .await
}

/// How much may be taken in a day, of what nothing more may be: by the visitor, or of the widget key they write through.
fn spent_up(caps: &[Cap], spent: Credits, incoming: &Incoming) -> Option<Credits> {
    let of = |kind: CapKind| caps.iter().filter(move |cap| cap.kind == kind);
    let own = of(CapKind::VisitorDay).map(|cap| cap.credits);
    if let Some(daily) = incoming.daily.map(|daily| own.fold(daily, Credits::min)).filter(|daily| spent >= *daily) {
        return Some(daily);
    }
    let key = incoming.widget_key.map(|key| key.uuid());
    of(CapKind::WidgetKeyDay).find(|cap| Some(cap.subject.uuid()) == key && cap.is_reached()).map(|cap| cap.credits)
}

/// The visitor's row, and what their answers took today. Updating it makes two requests of one visitor wait for each other, so that a
/// key sent twice at once is seen.
pub(super) async fn meet(tx: &mut Conn, scope: &Scope, key: VisitorKey, now: Instant) -> Result<(VisitorId, Credits), Fault> {
    let (id, spent_on, spent): (VisitorId, Option<Instant>, i64) = run!(tx, |c| {
        diesel::insert_into(visitors::table)
            .values((
                visitors::id.eq(VisitorId::new()),
                visitors::tenant_id.eq(scope.tenant()),
                visitors::channel.eq(Channel::of(scope.caller())),
                visitors::key.eq(key.as_bytes()),
                visitors::created_at.eq(now),
                visitors::seen_at.eq(now),
            ))
            .on_conflict((visitors::tenant_id, visitors::channel, visitors::key))
            .do_update()
            .set((visitors::seen_at.eq(now), visitors::silent.eq(false)))
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

/// What a conversation is when a message is counted in it: its id, the message's number, its language, who holds it, who answers.
type Before = (ConversationId, i64, Locale, ConversationState, Option<PersonaId>);

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
    let (tenant, channel, fallback) = (scope.tenant(), Channel::of(scope.caller()), business.default_locale);
    let session_id = match &incoming.session_id {
        Some(session) => session.as_str().to_owned(),
        None => {
            let newest: Option<String> = run!(tx, |c| {
                conversations::table
                    .filter(conversations::tenant_id.eq(tenant).and(conversations::visitor_id.eq(visitor)))
                    .filter(conversations::channel.eq(channel).and(conversations::state.ne(ConversationState::Resolved)))
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
    let (id, sequence, before, state, persona): Before = run!(tx, |c| {
        diesel::insert_into(conversations::table)
            .values((
                conversations::id.eq(ConversationId::new()),
                conversations::tenant_id.eq(tenant),
                conversations::visitor_id.eq(visitor),
                conversations::channel.eq(channel),
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
            .returning((
                conversations::id,
                conversations::last_sequence,
                conversations::locale,
                conversations::state,
                conversations::persona_id,
            ))
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
    Ok(Open { business, id, session_id, sequence, state: after, locale, persona })
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
