//! Asking a persona as a draft. It is a turn like any other, held for, answered and charged like any other, in a conversation that
//! nobody but who asked can find.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    send::meet,
    turn::{Call, Open, open_turn, receive},
    visit,
};
use crate::{
    audit::{self, Action},
    chat::{
        model::{ConversationState, SessionId, TurnState},
        preview::{NewPreview, Preview, PreviewAnswer, Previewed},
        rules,
    },
    clock::Instant,
    credit::{self, Charge},
    db::{Conn, Undone},
    fault::Fault,
    id::{MessageId, PersonaId, TurnId},
    identity::Permission,
    knowledge,
    once::{self, Kept, Once, OnceKey},
    persona, run,
    tables::{conversations, messages, turns},
    tenancy::{Scope, Tenant},
};

/// Asks a persona something as it would be with a change, outside every conversation. Under the same key it is asked once.
///
/// # Errors
/// If the store fails; then nothing is stored.
pub async fn preview(
    conn: &mut Conn,
    scope: &Scope,
    new: &NewPreview,
    tenant: &Tenant,
    once: Option<&OnceKey>,
    now: Instant,
) -> Result<Previewed, Fault> {
    scope.require(Permission::PersonaManage)?;
    conn.undoable("chat.preview", async |tx| {
        let turn_id = TurnId::new();
        match once::claim(tx, scope.tenant(), &scope.actor(), once, turn_id.uuid(), now).await? {
            Once::Now => {}
            Once::Before(turn) => return Ok(Previewed::Asked(Kept::Before(turn.into()))),
            Once::Reused => return Ok(Previewed::Asked(Kept::KeyReused)),
        }
        let Some(persona) = persona::usable(tx, scope, new.persona).await? else {
            return Err(Undone::Outcome(Previewed::Unknown));
        };
        let conversation = open(tx, scope, new, tenant, now).await?;
        let message_id = MessageId::new();
        receive(tx, scope, &conversation, message_id, new.question.as_str(), now).await?;
        let call = Call {
            turn_id,
            budgets: &new.budgets,
            model: new.change.model.as_ref().map(Option::as_deref),
            span: new.span.as_deref(),
            // Who tries a persona out is no visitor.
            caps: &[],
            widget_key: None,
        };
        // Without credits it ends at once, and says so.
        open_turn(tx, scope, &conversation, message_id, call, TurnState::Live, now).await?;
        let revision = Some(i64::from(persona.version.number));
        let noted = audit::Change { revision, ..audit::Change::of(Action::PersonaPreviewed, persona.id.uuid(), &[]) };
        scope.record(tx, noted, now).await?;
        Ok(Previewed::Asked(Kept::Now(turn_id)))
    })
    .await
}

/// A conversation for one question.
async fn open<'t>(tx: &mut Conn, scope: &Scope, new: &NewPreview, business: &'t Tenant, now: Instant) -> Result<Open<'t>, Fault> {
    let asking = scope.talking();
    let (visitor, _) = meet(tx, &asking, asking.visitor()?, now).await?;
    let (session_id, state) = (SessionId::issue().as_str().to_owned(), ConversationState::Ai);
    let plausible = knowledge::plausible(new.question.as_str());
    let locale = rules::locale(&plausible, None, new.locale, business.default_locale);
    let draft = serde_json::to_string(&new.change).map_err(|source| Fault::Stored { what: "a persona's draft", source })?;
    let (persona, draft) = (Some(new.persona), Some(draft.as_str()));
    let opened = visit::New { visitor, session_id: &session_id, locale, last_sequence: 1, persona, draft, title: None };
    let id = visit::open(tx, &asking, opened, now).await?;
    Ok(Open { business, id, session_id, sequence: 1, state, locale, persona: Some(new.persona) })
}

/// A preview's turn, its persona, what is tried out of it, the question, how far it is, since when, and its answer.
type Asked = (TurnId, Option<PersonaId>, Option<String>, String, TurnState, Instant, Option<MessageId>);

/// An answer's message, text, model, sources and moment.
type Said = (MessageId, String, Option<String>, serde_json::Value, Instant);

/// Those of the previews that are the tenant's.
///
/// # Errors
/// If the store fails.
pub async fn previews(conn: &mut Conn, scope: &Scope, ids: &[TurnId]) -> Result<Vec<Preview>, Fault> {
    scope.require(Permission::PersonaManage)?;
    let tenant = scope.tenant();
    let asked: Vec<Asked> = run!(conn, |c| {
        turns::table
            .inner_join(conversations::table)
            .inner_join(messages::table.on(messages::tenant_id.eq(turns::tenant_id).and(messages::id.eq(turns::question_id))))
            .filter(turns::tenant_id.eq(tenant).and(turns::id.eq_any(ids)).and(conversations::draft.is_not_null()))
            .select((
                turns::id,
                conversations::persona_id,
                conversations::draft,
                messages::text,
                turns::state,
                turns::created_at,
                turns::answer_id,
            ))
            .load(c)
    })?;
    let answers: Vec<MessageId> = asked.iter().filter_map(|row| row.6).collect();
    let said: Vec<Said> = run!(conn, |c| {
        messages::table
            .filter(messages::tenant_id.eq(tenant).and(messages::id.eq_any(&answers)))
            .select((messages::id, messages::text, messages::model, messages::sources, messages::created_at))
            .load(c)
    })?;
    let charges = credit::charges(conn, scope, ids).await?;
    asked.into_iter().map(|row| read(row, &said, &charges)).collect()
}

fn read(
    (id, persona, draft, question, state, created_at, answer): Asked,
    said: &[Said],
    charges: &[Charge],
) -> Result<Preview, Fault> {
    let draft = draft.unwrap_or_default();
    let change = serde_json::from_str(&draft).map_err(|source| Fault::Stored { what: "a persona's draft", source })?;
    let answer = answer.and_then(|answer| said.iter().find(|(id, ..)| *id == answer)).map(|row| {
        let (_, text, model, sources, created_at) = row.clone();
        let sources = serde_json::from_value(sources).map_err(|source| Fault::Stored { what: "sources", source })?;
        Ok::<_, Fault>(PreviewAnswer { text, model, sources, created_at })
    });
    let persona = persona.unwrap_or_else(|| uuid::Uuid::nil().into());
    let charge = charges.iter().find(|charge| charge.turn_id == id).cloned();
    Ok(Preview { id, persona, change, question, state, created_at, answer: answer.transpose()?, charge })
}
