//! Erasing what a tenant has written down, as part of acts of privacy.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::KnowledgeEntryId,
    knowledge::model::EntryState,
    run,
    tables::{knowledge_entries, passages},
    tenancy::Scope,
};

/// What an entry is called of which nothing else is left: each has a title.
const ERASED: &str = "Erased";

/// Blanks so many entries at most: they are withdrawn, their passages are gone, and nothing stands in them. How many there were.
#[expect(clippy::arithmetic_side_effects, reason = "the store counts, in SQL")]
pub(crate) async fn erase(tx: &mut Conn, scope: &Scope, most: i64, now: Instant) -> Result<usize, Fault> {
    let tenant = scope.tenant();
    let ids: Vec<KnowledgeEntryId> = run!(tx, |c| {
        let says = knowledge_entries::title
            .ne(ERASED)
            .or(knowledge_entries::text.ne(""))
            .or(knowledge_entries::source_url.is_not_null())
            .or(knowledge_entries::state.ne(EntryState::Archived));
        knowledge_entries::table
            .filter(knowledge_entries::tenant_id.eq(tenant))
            .filter(says)
            .order(knowledge_entries::id)
            .limit(most)
            .select(knowledge_entries::id)
            .load(c)
    })?;
    if ids.is_empty() {
        return Ok(0);
    }
    let its = passages::table.filter(passages::tenant_id.eq(tenant).and(passages::entry_id.eq_any(&ids)));
    run!(tx, |c| diesel::delete(its).execute(c))?;
    let them = knowledge_entries::table.filter(knowledge_entries::tenant_id.eq(tenant).and(knowledge_entries::id.eq_any(&ids)));
    run!(tx, |c| {
        diesel::update(them)
            .set((
                knowledge_entries::title.eq(ERASED),
                knowledge_entries::text.eq(""),
                knowledge_entries::source_url.eq(None::<&str>),
                knowledge_entries::state.eq(EntryState::Archived),
                knowledge_entries::revision.eq(knowledge_entries::revision + 1),
                knowledge_entries::updated_at.eq(now),
            ))
            .execute(c)
    })?;
    Ok(ids.len())
}
