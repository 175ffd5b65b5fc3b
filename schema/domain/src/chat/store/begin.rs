//! What there is to do for a turn.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::try_join;

use crate::{
    chat::model::{Begun, Past, Role, Standing, TurnState, Work},
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::{ConversationId, MessageId, PersonaId, TurnId},
    identity::Permission,
    locale::Locale,
    persona::{self, Change, NewVersion, PersonaVersion},
    run,
    tables::{conversations, messages, tenants, turns},
    tenancy::Scope,
};

/// What there is to do for a turn.
///
/// # Errors
/// If the store fails.
pub async fn begin(conn: &mut Conn, scope: &Scope, turn_id: TurnId) -> Result<Begun, Fault> {
    scope.require(Permission::ChatAnswer)?;
    let (mut second, mut third) = (conn.beside(), conn.beside());
    let (live, (fallback, mask), default) =
        try_join!(opened(conn, scope, turn_id), wishes(&mut second, scope), persona::answering(&mut third, scope, None))?;
    let Some(((conversation_id, question_id, first, last, locale), chosen, (model, stopped))) = live else {
        return Ok(Begun::Over);
    };
    let mut persona = match chosen {
        (None, _) => default,
        (chosen, draft) => drafted(persona::answering(conn, scope, chosen).await?, draft)?,
    };
    // The one that credits were set aside for, whatever the persona names by now.
    persona.voice.model = model;
    let (messages, history) =
        try_join!(asked(conn, scope, conversation_id, first, last), history(&mut second, scope, conversation_id, first))?;
    Ok(Begun::Work(Box::new(Work {
        turn_id,
        conversation_id,
        question_id,
        history,
        messages,
        locale: persona.voice.language.unwrap_or(locale),
        fallback,
        persona,
        stopped,
        mask,
    })))
}

/// The locale a tenant speaks if nothing says another one, and whether it wants prompts masked.
async fn wishes(conn: &mut Conn, scope: &Scope) -> Result<(Locale, bool), Fault> {
    let tenant = scope.tenant();
    Ok(run!(conn, |c| tenants::table.find(tenant).select((tenants::default_locale, tenants::mask_prompts)).first(c))?)
}

/// A turn's conversation, its newest question, its first and last message, and its language.
pub(super) type Live = (ConversationId, MessageId, i64, i64, Locale);

pub(super) async fn live(conn: &mut Conn, scope: &Scope, turn_id: TurnId) -> Result<Option<Live>, Fault> {
    let tenant = scope.tenant();
    Ok(run!(conn, |c| {
        turns::table
            .filter(turns::tenant_id.eq(tenant).and(turns::id.eq(turn_id)).and(turns::state.eq(TurnState::Live)))
            .select((turns::conversation_id, turns::question_id, turns::first_sequence, turns::last_sequence, turns::locale))
            .first(c)
    })
    .optional()?)
}

/// Who answers in a conversation if it is not the default persona, and what is tried out of it, as JSON.
pub(super) type Chosen = (Option<PersonaId>, Option<String>);

/// As [`Live`], who answers, by which model, and whether it has been stopped.
pub(super) type Opened = (Live, Chosen, (Option<String>, bool));

/// As [`live`], with all of that.
pub(super) async fn opened(conn: &mut Conn, scope: &Scope, turn_id: TurnId) -> Result<Option<Opened>, Fault> {
    let tenant = scope.tenant();
    Ok(run!(conn, |c| {
        turns::table
            .inner_join(conversations::table)
            .filter(turns::tenant_id.eq(tenant).and(turns::id.eq(turn_id)).and(turns::state.eq(TurnState::Live)))
            .select((
                (turns::conversation_id, turns::question_id, turns::first_sequence, turns::last_sequence, turns::locale),
                (conversations::persona_id, conversations::draft),
                (turns::model, turns::stopped_at.is_not_null()),
            ))
            .first(c)
    })
    .optional()?)
}

/// A persona's version as it would be with what is tried out.
fn drafted(mut version: PersonaVersion, draft: Option<String>) -> Result<PersonaVersion, Fault> {
    let Some(draft) = draft else { return Ok(version) };
    let change: Change = serde_json::from_str(&draft).map_err(|source| Fault::Stored { what: "a persona's draft", source })?;
    let NewVersion { name, description, tone, system_prompt, grounding, voice } = persona::rules::changed(&version, &change);
    (version.name, version.description, version.tone, version.system_prompt) = (name, description, tone, system_prompt);
    (version.grounding, version.voice) = (grounding, voice);
    Ok(version)
}

/// What the visitor said in a turn.
async fn asked(
    conn: &mut Conn,
    scope: &Scope,
    conversation_id: ConversationId,
    first: i64,
    last: i64,
) -> Result<Vec<String>, Fault> {
    let tenant = scope.tenant();
    Ok(run!(conn, |c| {
        messages::table
            .filter(messages::tenant_id.eq(tenant).and(messages::conversation_id.eq(conversation_id)))
            .filter(messages::sequence.between(first, last).and(messages::role.eq(Role::Visitor)))
            .order(messages::sequence)
            .select(messages::text)
            .load(c)
    })?)
}

/// What was said before a turn.
async fn history(conn: &mut Conn, scope: &Scope, conversation_id: ConversationId, first: i64) -> Result<Vec<Past>, Fault> {
    let tenant = scope.tenant();
    let mut history: Vec<(Role, String)> = run!(conn, |c| {
        messages::table
            .filter(messages::tenant_id.eq(tenant).and(messages::conversation_id.eq(conversation_id)))
            // A turn that waited comes after the answer that was given meanwhile.
            .filter(messages::sequence.lt(first).or(messages::role.ne(Role::Visitor)))
            // What the house says about the conversation is not part of it.
            .filter(messages::role.ne(Role::System))
            .order(messages::sequence.desc())
            .limit(100)
            .select((messages::role, messages::text))
            .load(c)
    })?;
    history.reverse();
    Ok(history.into_iter().map(|(role, text)| Past { role, text }).collect())
}

/// How a turn stands whose answer is being made.
///
/// # Errors
/// If the store fails.
pub async fn standing(conn: &mut Conn, scope: &Scope, turn_id: TurnId) -> Result<Standing, Fault> {
    scope.require(Permission::ChatAnswer)?;
    let tenant = scope.tenant();
    let row: Option<(TurnState, Option<Instant>)> = run!(conn, |c| {
        turns::table
            .filter(turns::tenant_id.eq(tenant).and(turns::id.eq(turn_id)))
            .select((turns::state, turns::stopped_at))
            .first(c)
    })
    .optional()?;
    Ok(match row {
        Some((TurnState::Live, Some(_))) => Standing::Stopped,
        Some((TurnState::Live, None)) => Standing::Goes,
        _ => Standing::Over,
    })
}
