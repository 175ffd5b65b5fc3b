//! Writing entries, approving them, and reading them.

use std::collections::HashSet;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::search::tenant_term;
use crate::{
    audit::{self, Action},
    clock::Instant,
    credit::{self, Entitled, Entitlement},
    db::{Conn, Undone, containing, sought},
    fault::Fault,
    id::KnowledgeEntryId,
    identity::{Caller, Permission},
    knowledge::{
        entry,
        model::{Change, Entry, EntryState, Filter, Imported, NewEntry},
        split,
        terms::terms,
    },
    locale::Locale,
    once::{self, Kept, Once, OnceKey},
    page::{Page, Slice},
    revision::Changed,
    run,
    tables::{knowledge_entries, passages},
    tenancy::{self, Scope},
};

/// Writes an entry down, as a draft: for who sets a tenant up. [`create`] asks the plan.
///
/// # Errors
/// If a rule about entries would be broken, or the store fails.
pub async fn draft(conn: &mut Conn, scope: &Scope, new: &NewEntry, now: Instant) -> Result<KnowledgeEntryId, Fault> {
    scope.require(Permission::KnowledgeManage)?;
    Ok(insert(conn, scope, KnowledgeEntryId::new(), new, now).await?.id)
}

async fn insert(conn: &mut Conn, scope: &Scope, id: KnowledgeEntryId, new: &NewEntry, now: Instant) -> Result<Entry, Fault> {
    let tenant = scope.tenant();
    Ok(run!(conn, |c| {
        diesel::insert_into(knowledge_entries::table)
            .values((
                knowledge_entries::id.eq(id),
                knowledge_entries::tenant_id.eq(tenant),
                knowledge_entries::title.eq(&new.title),
                knowledge_entries::text.eq(&new.text),
                knowledge_entries::source_url.eq(&new.source_url),
                knowledge_entries::locale.eq(new.locale),
                knowledge_entries::state.eq(EntryState::Draft),
                knowledge_entries::created_at.eq(now),
            ))
            .returning(Entry::as_returning())
            .get_result(c)
    })?)
}

/// Writes an entry down, as a draft, if the plan has room for it. Under the same key it is written once.
///
/// # Errors
/// If a rule about entries (`knowledge_entries_title_present`, …) would be broken, or the store fails.
pub async fn create(
    conn: &mut Conn,
    scope: &Scope,
    new: &NewEntry,
    once: Option<&OnceKey>,
    now: Instant,
) -> Result<Kept<Entry>, Fault> {
    scope.require(Permission::KnowledgeManage)?;
    conn.undoable("knowledge.create", async |tx| {
        tenancy::lock(tx, scope.tenant()).await?;
        let id = KnowledgeEntryId::new();
        match once::claim(tx, scope.tenant(), &scope.actor(), once, id.uuid(), now).await? {
            Once::Now => {}
            Once::Before(id) => return Ok(Kept::Before(one(tx, scope, id.into()).await?)),
            Once::Reused => return Ok(Kept::KeyReused),
        }
        if let Some(full) = no_room(tx, scope, 1, now).await? {
            return Err(Undone::Outcome(Kept::Full(full)));
        }
        let made = insert(tx, scope, id, new, now).await?;
        note(tx, scope, Action::KnowledgeCreated, &made, &["title", "text", "source_url", "locale"], now).await?;
        Ok(Kept::Now(made))
    })
    .await
}

/// Writes several entries down, as drafts: all that are not there yet word for word, if the plan has room for them.
///
/// # Errors
/// As [`create`].
pub async fn import(conn: &mut Conn, scope: &Scope, new: &[NewEntry], now: Instant) -> Result<Imported, Fault> {
    scope.require(Permission::KnowledgeManage)?;
    conn.transaction("knowledge.import", async |tx| {
        tenancy::lock(tx, scope.tenant()).await?;
        let mut known = there(tx, scope, new).await?;
        let is_new = |entry: &NewEntry| known.insert((entry.title.clone(), entry.locale, entry.text.clone()));
        let new: Vec<(&NewEntry, bool)> = new.iter().zip(new.iter().map(is_new)).collect();
        let more = new.iter().filter(|(_, is_new)| *is_new).count();
        // What is there already needs no room, whatever the plan has become.
        if more > 0
            && let Some(entitled) = no_room(tx, scope, i64::try_from(more).unwrap_or(i64::MAX), now).await?
        {
            return Ok(Imported::Full { entitled, more });
        }
        let mut made = Vec::new();
        for (entry, is_new) in new {
            if !is_new {
                made.push(None);
                continue;
            }
            let entry = insert(tx, scope, KnowledgeEntryId::new(), entry, now).await?;
            note(tx, scope, Action::KnowledgeImported, &entry, &["title", "text", "source_url", "locale"], now).await?;
            made.push(Some(entry));
        }
        Ok(Imported::Done(made))
    })
    .await
}

/// What there is under the same titles, word for word.
async fn there(tx: &mut Conn, scope: &Scope, new: &[NewEntry]) -> Result<HashSet<(String, Locale, String)>, Fault> {
    let (tenant, titles) = (scope.tenant(), new.iter().map(|entry| entry.title.as_str()).collect::<Vec<_>>());
    let rows: Vec<(String, Locale, String)> = run!(tx, |c| {
        knowledge_entries::table
            .filter(knowledge_entries::tenant_id.eq(tenant).and(knowledge_entries::state.ne(EntryState::Archived)))
            .filter(knowledge_entries::title.eq_any(&titles))
            .select((knowledge_entries::title, knowledge_entries::locale, knowledge_entries::text))
            .load(c)
    })?;
    Ok(rows.into_iter().collect())
}

/// How the plan's entries stand, if there is no room for so many more.
async fn no_room(tx: &mut Conn, scope: &Scope, more: i64, now: Instant) -> Result<Option<Entitled>, Fault> {
    let used = kept(tx, scope).await?;
    Ok(credit::entitled(tx, scope, Entitlement::KnowledgeItems, used, now).await?.filter(|its| its.lacks(more)))
}

/// How many entries are not archived.
pub(crate) async fn kept(conn: &mut Conn, scope: &Scope) -> Result<i64, Fault> {
    let tenant = scope.tenant();
    Ok(run!(conn, |c| {
        knowledge_entries::table
            .filter(knowledge_entries::tenant_id.eq(tenant).and(knowledge_entries::state.ne(EntryState::Archived)))
            .count()
            .get_result(c)
    })?)
}

/// What set-up writes is nobody's change.
async fn note(
    tx: &mut Conn,
    scope: &Scope,
    action: Action,
    entry: &Entry,
    fields: &[&'static str],
    now: Instant,
) -> Result<(), Fault> {
    if !matches!(scope.caller(), Caller::SignedIn(_)) {
        return Ok(());
    }
    let revision = Some(entry.revision);
    scope.record(tx, audit::Change { revision, ..audit::Change::of(action, entry.id.uuid(), fields) }, now).await
}

/// Changes an entry, if it is at the `expected` revision, or whatever it is at. What was approved is a draft again, and not said any more,
/// until it is approved as it is now; with `approve` that happens at once.
///
/// # Errors
/// If a rule about entries (`knowledge_entries_title_present`, …) would be broken, or the store fails.
pub async fn update(
    conn: &mut Conn,
    scope: &Scope,
    id: KnowledgeEntryId,
    change: &Change,
    expected: Option<i64>,
    approve: bool,
    now: Instant,
) -> Result<Kept<Changed<Entry>>, Fault> {
    scope.require(Permission::KnowledgeManage)?;
    conn.undoable("knowledge.update", async |tx| {
        tenancy::lock(tx, scope.tenant()).await?;
        let before = match at_hand(tx, scope, id, expected).await? {
            Changed::Done(before) => before,
            other => return Ok(Kept::Now(other)),
        };
        let (wanted, fields) = entry::changed(&before, change);
        let mut after = before;
        if !fields.is_empty() {
            let NewEntry { title, text, source_url, locale } = wanted;
            let state = if after.state == EntryState::Approved { EntryState::Draft } else { after.state };
            let revision = after.revision.saturating_add(1);
            after = Entry { title, text, source_url, locale, state, revision, updated_at: Some(now), ..after };
            store(tx, &after).await?;
            forget(tx, scope, id).await?;
            note(tx, scope, Action::KnowledgeUpdated, &after, &fields, now).await?;
        }
        if !approve {
            return Ok(Kept::Now(Changed::Done(after)));
        }
        match release(tx, scope, after, now).await? {
            Kept::Now(after) => Ok(Kept::Now(Changed::Done(after))),
            Kept::Full(full) => Err(Undone::Outcome(Kept::Full(full))),
            Kept::Before(_) | Kept::KeyReused => Err(Undone::Outcome(Kept::KeyReused)),
        }
    })
    .await
}

/// Approves an entry, if it is at the `expected` revision, or whatever it is at: from now on it is searched. One that is archived is in use
/// again, if the plan has room for it.
///
/// # Errors
/// If the store fails.
pub async fn approve(
    conn: &mut Conn,
    scope: &Scope,
    id: KnowledgeEntryId,
    expected: Option<i64>,
    now: Instant,
) -> Result<Kept<Changed<Entry>>, Fault> {
    scope.require(Permission::KnowledgeManage)?;
    conn.transaction("knowledge.approve", async |tx| {
        tenancy::lock(tx, scope.tenant()).await?;
        let before = match at_hand(tx, scope, id, expected).await? {
            Changed::Done(before) => before,
            other => return Ok(Kept::Now(other)),
        };
        Ok(match release(tx, scope, before, now).await? {
            Kept::Now(after) => Kept::Now(Changed::Done(after)),
            Kept::Full(full) => Kept::Full(full),
            Kept::Before(after) => Kept::Before(Changed::Done(after)),
            Kept::KeyReused => Kept::KeyReused,
        })
    })
    .await
}

/// An entry at the revision that is expected.
async fn at_hand(tx: &mut Conn, scope: &Scope, id: KnowledgeEntryId, expected: Option<i64>) -> Result<Changed<Entry>, Fault> {
    Ok(match found(tx, scope, &[id]).await?.pop() {
        None => Changed::Unknown,
        Some(entry) if expected.is_some_and(|expected| expected != entry.revision) => Changed::Stale(entry),
        Some(entry) => Changed::Done(entry),
    })
}

/// Makes an entry approved and its passages those that are searched.
async fn release(tx: &mut Conn, scope: &Scope, before: Entry, now: Instant) -> Result<Kept<Entry>, Fault> {
    if before.state == EntryState::Approved {
        return Ok(Kept::Now(before));
    }
    if before.state == EntryState::Archived
        && let Some(full) = no_room(tx, scope, 1, now).await?
    {
        return Ok(Kept::Full(full));
    }
    let revision = before.revision.saturating_add(1);
    let after = Entry { state: EntryState::Approved, approved_at: Some(now), revision, ..before };
    store(tx, &after).await?;
    index(tx, scope, &after).await?;
    note(tx, scope, Action::KnowledgeApproved, &after, &["state"], now).await?;
    Ok(Kept::Now(after))
}

async fn index(tx: &mut Conn, scope: &Scope, entry: &Entry) -> Result<(), Fault> {
    let tenant = scope.tenant();
    for (text, ordinal) in split::passages(&entry.text).into_iter().zip(1_i32..) {
        let mut indexed = vec![tenant_term(tenant)];
        indexed.extend(terms(&entry.title, entry.locale));
        indexed.extend(terms(&text, entry.locale));
        let indexed = indexed.join(" ");
        run!(tx, |c| {
            diesel::insert_into(passages::table)
                .values((
                    passages::tenant_id.eq(tenant),
                    passages::entry_id.eq(entry.id),
                    passages::ordinal.eq(ordinal),
                    passages::text.eq(&text),
                    passages::terms.eq(&indexed),
                ))
                .execute(c)
        })?;
    }
    Ok(())
}

/// Takes an entry's passages out of what is searched.
async fn forget(tx: &mut Conn, scope: &Scope, id: KnowledgeEntryId) -> Result<(), Fault> {
    let its = passages::table.filter(passages::tenant_id.eq(scope.tenant()).and(passages::entry_id.eq(id)));
    run!(tx, |c| diesel::delete(its).execute(c))?;
    Ok(())
}

async fn store(tx: &mut Conn, entry: &Entry) -> Result<(), Fault> {
    run!(tx, |c| {
        diesel::update(knowledge_entries::table.find(entry.id))
            .set((
                knowledge_entries::title.eq(&entry.title),
                knowledge_entries::text.eq(&entry.text),
                knowledge_entries::source_url.eq(&entry.source_url),
                knowledge_entries::locale.eq(entry.locale),
                knowledge_entries::state.eq(entry.state),
                knowledge_entries::approved_at.eq(entry.approved_at),
                knowledge_entries::revision.eq(entry.revision),
                knowledge_entries::updated_at.eq(entry.updated_at),
            ))
            .execute(c)
    })?;
    Ok(())
}

/// Withdraws an entry: it is not searched any more. What was answered from it stays as it was.
///
/// # Errors
/// If the store fails.
pub async fn archive(
    conn: &mut Conn,
    scope: &Scope,
    id: KnowledgeEntryId,
    expected: Option<i64>,
    now: Instant,
) -> Result<Changed<Entry>, Fault> {
    scope.require(Permission::KnowledgeManage)?;
    conn.transaction("knowledge.archive", async |tx| {
        tenancy::lock(tx, scope.tenant()).await?;
        let before = match at_hand(tx, scope, id, expected).await? {
            Changed::Done(before) if before.state != EntryState::Archived => before,
            other => return Ok(other),
        };
        let revision = before.revision.saturating_add(1);
        let after = Entry { state: EntryState::Archived, revision, updated_at: Some(now), ..before };
        store(tx, &after).await?;
        forget(tx, scope, id).await?;
        note(tx, scope, Action::KnowledgeArchived, &after, &["state"], now).await?;
        Ok(Changed::Done(after))
    })
    .await
}

async fn one(tx: &mut Conn, scope: &Scope, id: KnowledgeEntryId) -> Result<Entry, Fault> {
    found(tx, scope, &[id]).await?.pop().ok_or(Fault::Query(diesel::result::Error::NotFound))
}

async fn found(conn: &mut Conn, scope: &Scope, ids: &[KnowledgeEntryId]) -> Result<Vec<Entry>, Fault> {
    let tenant = scope.tenant();
    Ok(run!(conn, |c| {
        knowledge_entries::table
            .filter(knowledge_entries::tenant_id.eq(tenant).and(knowledge_entries::id.eq_any(ids)))
            .select(Entry::as_select())
            .load(c)
    })?)
}

/// Those of the entries that are the tenant's.
///
/// # Errors
/// If the store fails.
pub async fn by_id(conn: &mut Conn, scope: &Scope, ids: &[KnowledgeEntryId]) -> Result<Vec<Entry>, Fault> {
    scope.require(Permission::ChatRead)?;
    found(conn, scope, ids).await
}

/// A page of the tenant's entries, the newest first.
///
/// # Errors
/// If the store fails.
pub async fn list(conn: &mut Conn, scope: &Scope, filter: &Filter, page: Page<KnowledgeEntryId>) -> Result<Slice<Entry>, Fault> {
    scope.require(Permission::ChatRead)?;
    let tenant = scope.tenant();
    let (postgres, text) = (conn.is_postgres(), filter.text.as_deref().map(sought));
    let rows = run!(conn, |c| {
        let mut query =
            knowledge_entries::table.filter(knowledge_entries::tenant_id.eq(tenant)).select(Entry::as_select()).into_boxed();
        if let Some(state) = filter.state {
            query = query.filter(knowledge_entries::state.eq(state));
        }
        if let Some(locale) = filter.locale {
            query = query.filter(knowledge_entries::locale.eq(locale));
        }
        if let Some(text) = &text {
            let titled = containing!(postgres, "knowledge_entries.title", text.clone());
            query = query.filter(titled.or(containing!(postgres, "knowledge_entries.text", text.clone())));
        }
        // Ids of rows sort by birth.
        if let Some(after) = page.after {
            query = query.filter(knowledge_entries::id.lt(after));
        }
        if let Some(before) = page.before {
            query = query.filter(knowledge_entries::id.gt(before));
        }
        if page.backwards() {
            query = query.order(knowledge_entries::id.asc());
        } else {
            query = query.order(knowledge_entries::id.desc());
        }
        query.limit(page.limit()).load(c)
    })?;
    Ok(page.slice(rows))
}
