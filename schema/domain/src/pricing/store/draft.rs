//! The draft: begun, changed, submitted, reopened, thrown away. There is one at most, so whoever has the book has it too.

use diesel::{dsl::max, prelude::*};
use diesel_async::RunQueryDsl;

use super::{bytes, lock, read::newest_live, step, written};
use crate::{
    audit::{Action, Change},
    clock::Instant,
    db::{Conn, Undone},
    fault::Fault,
    id::DraftId,
    identity::Permission,
    pricing::{
        model::Policy,
        publishing::{Approval, Draft, DraftRefusal, Drafted, Edit, Effective, StepKind},
        rules,
    },
    run,
    tables::{pricebook_drafts, pricebook_steps, pricebook_versions},
    tenancy::Platform,
};

/// There is one draft at most.
const SLOT: i16 = 1;

/// What is read of a draft: what it says, and how far it is.
type Row = (Says, IsAt);
type Says = (DraftId, i64, String, Vec<u8>, String, Policy, i32, Option<i32>);
type IsAt = (Instant, Instant, Option<Instant>, Option<Instant>, Option<Instant>);

/// The draft, if there is one.
///
/// # Errors
/// If the caller may not read drafts, or the store fails.
pub async fn draft(conn: &mut Conn, platform: &Platform) -> Result<Option<Draft>, Fault> {
    platform.require(Permission::PricebookRead)?;
    read(conn).await
}

async fn read(conn: &mut Conn) -> Result<Option<Draft>, Fault> {
    let row: Option<Row> = run!(conn, |c| {
        pricebook_drafts::table
            .select((
                (
                    pricebook_drafts::id,
                    pricebook_drafts::revision,
                    pricebook_drafts::content,
                    pricebook_drafts::content_hash,
                    pricebook_drafts::note,
                    pricebook_drafts::policy,
                    pricebook_drafts::based_on,
                    pricebook_drafts::restored_from,
                ),
                (
                    pricebook_drafts::created_at,
                    pricebook_drafts::changed_at,
                    pricebook_drafts::submitted_at,
                    pricebook_drafts::approved_at,
                    pricebook_drafts::approved_for,
                ),
            ))
            .first(c)
    })
    .optional()?;
    let Some((says, (created_at, changed_at, submitted_at, approved_at, approved_for))) = row else { return Ok(None) };
    let (id, revision, content, hash, note, policy, based_on, restored_from) = says;
    let pricebook = serde_json::from_str(&content).map_err(|source| Fault::Stored { what: "pricebook", source })?;
    Ok(Some(Draft {
        id,
        revision,
        pricebook,
        content_hash: bytes(&hash),
        note,
        policy,
        based_on,
        restored_from,
        created_at,
        changed_at,
        submitted_at,
        approval: approved_at.map(|at| Approval { at, effective: Effective::of(approved_for) }),
    }))
}

/// Begins a draft as what the latest live version says, or as an earlier version, to bring that back.
///
/// # Errors
/// If the caller may not draft prices, or the store fails.
pub async fn begin(conn: &mut Conn, platform: &Platform, restore: Option<i32>, now: Instant) -> Result<Drafted, Fault> {
    platform.require(Permission::PricebookDraft)?;
    conn.transaction("pricing.begin", async |tx| {
        lock(tx).await?;
        if let Some(there) = read(tx).await? {
            return Ok(Err(DraftRefusal::Exists(Box::new(there))));
        }
        let Some((based_on, latest)) = newest_live(tx).await? else { return Ok(Err(DraftRefusal::NoSuchVersion)) };
        let content = match restore {
            None => Some(latest),
            Some(number) => run!(tx, |c| {
                // What was taken back never was in force.
                pricebook_versions::table
                    .filter(pricebook_versions::number.eq(number).and(pricebook_versions::withdrawn_at.is_null()))
                    .filter(pricebook_versions::effective_from.le(now))
                    .select(pricebook_versions::content)
                    .first(c)
            })
            .optional()?,
        };
        let Some(content) = content else { return Ok(Err(DraftRefusal::NoSuchVersion)) };
        let (id, hash) = (DraftId::new(), rules::content_hash(&content));
        // It goes on where the draft before it ended, so that who still looks at that one is told of a conflict.
        let last: Option<i64> = run!(tx, |c| pricebook_steps::table.select(max(pricebook_steps::revision)).first(c))?;
        let revision = last.unwrap_or(0).saturating_add(1);
        let note = restore.map_or_else(String::new, |number| format!("Brings back version {number}."));
        run!(tx, |c| {
            diesel::insert_into(pricebook_drafts::table)
                .values((
                    pricebook_drafts::id.eq(id),
                    pricebook_drafts::slot.eq(SLOT),
                    pricebook_drafts::revision.eq(revision),
                    pricebook_drafts::content.eq(&content),
                    pricebook_drafts::content_hash.eq(hash.as_slice()),
                    pricebook_drafts::note.eq(&note),
                    pricebook_drafts::policy.eq(Policy::AtRenewal),
                    pricebook_drafts::based_on.eq(based_on),
                    pricebook_drafts::restored_from.eq(restore),
                    pricebook_drafts::created_at.eq(now),
                    pricebook_drafts::changed_at.eq(now),
                ))
                .execute(c)
        })?;
        let new = step::New { draft: Some(id), revision: Some(revision), ..step::New::of(StepKind::Created, hash) };
        step::write(tx, platform, &new, now).await?;
        note_change(tx, platform, Action::PricebookDrafted, id, &[], revision, now).await?;
        Ok(Ok(again(tx).await?))
    })
    .await
}

/// Changes the draft, if it is at the `expected` revision and not frozen. What changes nothing is no change.
///
/// # Errors
/// If the caller may not draft prices, or the store fails.
pub async fn edit(conn: &mut Conn, platform: &Platform, edit: &Edit, expected: i64, now: Instant) -> Result<Drafted, Fault> {
    platform.require(Permission::PricebookDraft)?;
    conn.undoable("pricing.edit", async |tx| {
        let draft = at(tx, Some(expected)).await?;
        if draft.submitted_at.is_some() {
            return Ok(Err(DraftRefusal::Frozen(Box::new(draft))));
        }
        let (pricebook, note, policy) = (
            edit.pricebook.as_ref().unwrap_or(&draft.pricebook),
            edit.note.as_ref().unwrap_or(&draft.note),
            edit.policy.unwrap_or(draft.policy),
        );
        let mut fields = Vec::new();
        for (field, changed) in
            [("content", *pricebook != draft.pricebook), ("note", *note != draft.note), ("policy", policy != draft.policy)]
        {
            if changed {
                fields.push(field);
            }
        }
        if fields.is_empty() {
            return Ok(Ok(draft));
        }
        let ((content, hash), revision) = (written(pricebook)?, draft.revision.saturating_add(1));
        run!(tx, |c| {
            diesel::update(pricebook_drafts::table.filter(pricebook_drafts::id.eq(draft.id)))
                .set((
                    pricebook_drafts::content.eq(&content),
                    pricebook_drafts::content_hash.eq(hash.as_slice()),
                    pricebook_drafts::note.eq(note),
                    pricebook_drafts::policy.eq(policy),
                    pricebook_drafts::revision.eq(revision),
                    pricebook_drafts::changed_at.eq(now),
                ))
                .execute(c)
        })?;
        let new = step::New { draft: Some(draft.id), revision: Some(revision), ..step::New::of(StepKind::Edited, hash) };
        step::write(tx, platform, &new, now).await?;
        note_change(tx, platform, Action::PricebookEdited, draft.id, &fields, revision, now).await?;
        Ok(Ok(again(tx).await?))
    })
    .await
}

/// Submits the draft, if it is as it must be: from now on it is frozen.
///
/// # Errors
/// If the caller may not draft prices, or the store fails.
pub async fn submit(conn: &mut Conn, platform: &Platform, expected: i64, now: Instant) -> Result<Drafted, Fault> {
    platform.require(Permission::PricebookDraft)?;
    conn.undoable("pricing.submit", async |tx| {
        let draft = at(tx, Some(expected)).await?;
        if draft.submitted_at.is_some() {
            return Ok(Err(DraftRefusal::Frozen(Box::new(draft))));
        }
        let flaws = rules::flaws(&draft.pricebook);
        if !flaws.is_empty() {
            return Ok(Err(DraftRefusal::Flawed(flaws)));
        }
        let latest = newest_live(tx).await?;
        if latest.is_some_and(|(_, content)| rules::content_hash(&content) == draft.content_hash) {
            return Ok(Err(DraftRefusal::Unchanged));
        }
        let revision = draft.revision.saturating_add(1);
        run!(tx, |c| {
            diesel::update(pricebook_drafts::table.filter(pricebook_drafts::id.eq(draft.id)))
                .set((pricebook_drafts::submitted_at.eq(now), pricebook_drafts::revision.eq(revision)))
                .execute(c)
        })?;
        take(tx, platform, &draft, StepKind::Submitted, Action::PricebookSubmitted, revision, None, now).await?;
        Ok(Ok(again(tx).await?))
    })
    .await
}

/// Opens a submitted draft for changes again, by who drafts or who approves; an approval is void from then on. A comment, if any, has at most
/// 500 characters.
///
/// # Errors
/// If the caller may neither draft nor approve prices, or the store fails.
pub async fn reopen(
    conn: &mut Conn,
    platform: &Platform,
    expected: i64,
    comment: Option<&str>,
    now: Instant,
) -> Result<Drafted, Fault> {
    if platform.require(Permission::PricebookApprove).is_err() {
        platform.require(Permission::PricebookDraft)?;
    }
    conn.undoable("pricing.reopen", async |tx| {
        let draft = at(tx, Some(expected)).await?;
        if draft.submitted_at.is_none() {
            return Ok(Err(DraftRefusal::NotSubmitted(Box::new(draft))));
        }
        let revision = draft.revision.saturating_add(1);
        run!(tx, |c| {
            diesel::update(pricebook_drafts::table.filter(pricebook_drafts::id.eq(draft.id)))
                .set((
                    pricebook_drafts::submitted_at.eq(None::<Instant>),
                    pricebook_drafts::approved_at.eq(None::<Instant>),
                    pricebook_drafts::approved_hash.eq(None::<Vec<u8>>),
                    pricebook_drafts::approved_for.eq(None::<Instant>),
                    pricebook_drafts::revision.eq(revision),
                ))
                .execute(c)
        })?;
        take(tx, platform, &draft, StepKind::Reopened, Action::PricebookReopened, revision, comment, now).await?;
        Ok(Ok(again(tx).await?))
    })
    .await
}

/// Throws the draft away, if it is at the `expected` revision; what was done with it stays in the history.
///
/// # Errors
/// If the caller may not draft prices, or the store fails.
pub async fn discard(conn: &mut Conn, platform: &Platform, expected: i64, now: Instant) -> Result<Drafted, Fault> {
    platform.require(Permission::PricebookDraft)?;
    conn.undoable("pricing.discard", async |tx| {
        let draft = at(tx, Some(expected)).await?;
        take(tx, platform, &draft, StepKind::Discarded, Action::PricebookDiscarded, draft.revision, None, now).await?;
        remove(tx, draft.id).await?;
        Ok(Ok(draft))
    })
    .await
}

/// Takes the book, and the draft with it, if that is at the revision the caller has seen; if not, that is what the act comes to.
pub(super) async fn at<T>(tx: &mut Conn, expected: Option<i64>) -> Result<Draft, Undone<Result<T, DraftRefusal>>> {
    lock(tx).await?;
    let refuse = |refusal| Undone::Outcome(Err(refusal));
    let draft = read(tx).await?.ok_or_else(|| refuse(DraftRefusal::NoDraft))?;
    match expected {
        Some(expected) if expected != draft.revision => Err(refuse(DraftRefusal::Stale(Box::new(draft)))),
        _ => Ok(draft),
    }
}

/// The draft as it is now.
pub(super) async fn again(tx: &mut Conn) -> Result<Draft, Fault> {
    read(tx).await?.ok_or(Fault::Query(diesel::result::Error::NotFound))
}

pub(super) async fn remove(tx: &mut Conn, id: DraftId) -> Result<(), Fault> {
    run!(tx, |c| diesel::delete(pricebook_drafts::table.filter(pricebook_drafts::id.eq(id))).execute(c))?;
    Ok(())
}

/// Notes a step that says nothing but what was done, in the history and in the audit log.
#[expect(clippy::too_many_arguments, reason = "a step is who did what to which revision, why and when")]
async fn take(
    tx: &mut Conn,
    platform: &Platform,
    draft: &Draft,
    kind: StepKind,
    action: Action,
    revision: i64,
    comment: Option<&str>,
    now: Instant,
) -> Result<(), Fault> {
    let new = step::New { draft: Some(draft.id), revision: Some(revision), comment, ..step::New::of(kind, draft.content_hash) };
    step::write(tx, platform, &new, now).await?;
    note_change(tx, platform, action, draft.id, &[], revision, now).await
}

pub(super) async fn note_change(
    tx: &mut Conn,
    platform: &Platform,
    action: Action,
    id: DraftId,
    fields: &[&'static str],
    revision: i64,
    now: Instant,
) -> Result<(), Fault> {
    let change = Change { revision: Some(revision), ..Change::of(action, id.uuid(), fields) };
    platform.record(tx, change, now).await
}
