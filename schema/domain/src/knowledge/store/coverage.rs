//! What was asked and not answered.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    chat::TurnState,
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::ConversationId,
    identity::Permission,
    knowledge::{
        coverage::gaps,
        model::{Coverage, Unanswered},
    },
    locale::Locale,
    run,
    tables::{conversations, messages, turns},
    tenancy::Scope,
};

/// At most so many refusals are looked at, the newest ones.
const LOOKED_AT: i64 = 5_000;

/// What visitors asked from an instant on and before another that was not answered: questions that ask for the same together, most asked
/// first, `most` of them.
///
/// # Errors
/// If the store fails.
pub async fn coverage(conn: &mut Conn, scope: &Scope, from: Instant, to: Instant, most: usize) -> Result<Coverage, Fault> {
    scope.require(Permission::ChatRead)?;
    let tenant = scope.tenant();
    let within = turns::tenant_id.eq(tenant).and(turns::created_at.ge(from)).and(turns::created_at.lt(to));
    let refused = [TurnState::Refused, TurnState::HandedOff];
    let count = async |conn: &mut Conn, states: &[TurnState]| -> Result<i64, Fault> {
        Ok(run!(conn, |c| {
            turns::table
                .inner_join(conversations::table)
                .filter(within)
                .filter(turns::state.eq_any(states).and(conversations::draft.is_null()))
                .count()
                .get_result(c)
        })?)
    };
    let answers = count(conn, &[TurnState::Answered]).await?;
    let refusals = count(conn, &refused).await?;
    let rows: Vec<(String, Locale, ConversationId, Instant)> = run!(conn, |c| {
        turns::table
            .inner_join(messages::table.on(messages::tenant_id.eq(turns::tenant_id).and(messages::id.eq(turns::question_id))))
            .inner_join(conversations::table)
            .filter(within)
            .filter(turns::state.eq_any(&refused).and(conversations::draft.is_null()))
            // What was asked there is no more.
            .filter(conversations::erased_at.is_null())
            .order(turns::id.desc())
            .limit(LOOKED_AT)
            .select((messages::text, turns::locale, turns::conversation_id, turns::created_at))
            .load(c)
    })?;
    let question = |(text, locale, conversation_id, at)| Unanswered { text, locale, conversation_id, at };
    let unanswered: Vec<Unanswered> = rows.into_iter().map(question).collect();
    Ok(Coverage { answered: answers, refused: refusals, gaps: gaps(&unanswered, most), cut: refusals > LOOKED_AT })
}
