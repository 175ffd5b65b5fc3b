//! Who did what on the way of prices.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::bytes;
use crate::{
    audit::{Actor, ActorKind},
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::{AuditEntryId, DraftId, PricebookStepId},
    identity::Permission,
    page::{Page, Slice},
    pricing::{
        impact::Guard,
        publishing::{Step, StepKind},
    },
    run,
    tables::{pricebook_steps, users},
    tenancy::Platform,
};

/// What a step says.
pub(super) struct New<'a> {
    pub(super) kind: StepKind,
    pub(super) draft: Option<DraftId>,
    pub(super) number: Option<i32>,
    pub(super) revision: Option<i64>,
    pub(super) content_hash: [u8; 32],
    pub(super) effective_from: Option<Instant>,
    pub(super) four_eyes: Option<bool>,
    pub(super) acknowledged: &'a [Guard],
    pub(super) comment: Option<&'a str>,
}

impl New<'_> {
    pub(super) fn of(kind: StepKind, content_hash: [u8; 32]) -> Self {
        Self {
            kind,
            draft: None,
            number: None,
            revision: None,
            content_hash,
            effective_from: None,
            four_eyes: None,
            acknowledged: &[],
            comment: None,
        }
    }
}

/// Writes a step, in the transaction that takes it.
pub(super) async fn write(tx: &mut Conn, platform: &Platform, new: &New<'_>, now: Instant) -> Result<(), Fault> {
    let actor = platform.actor();
    let acknowledged = (!new.acknowledged.is_empty()).then(|| {
        let names: Vec<&str> = new.acknowledged.iter().map(|guard| guard.as_str()).collect();
        names.join(",")
    });
    run!(tx, |c| {
        diesel::insert_into(pricebook_steps::table)
            .values((
                pricebook_steps::id.eq(PricebookStepId::new()),
                pricebook_steps::draft_id.eq(new.draft),
                pricebook_steps::number.eq(new.number),
                pricebook_steps::kind.eq(new.kind),
                pricebook_steps::actor.eq(actor.kind),
                pricebook_steps::actor_id.eq(actor.id.map(AuditEntryId::from)),
                pricebook_steps::revision.eq(new.revision),
                pricebook_steps::content_hash.eq(new.content_hash.as_slice()),
                pricebook_steps::effective_from.eq(new.effective_from),
                pricebook_steps::four_eyes.eq(new.four_eyes),
                pricebook_steps::acknowledged.eq(acknowledged.as_deref()),
                pricebook_steps::comment.eq(new.comment.filter(|comment| !comment.is_empty())),
                pricebook_steps::created_at.eq(now),
            ))
            .execute(c)
    })?;
    Ok(())
}

/// Whether somebody has written of a draft.
pub(super) async fn has_written(tx: &mut Conn, draft: DraftId, actor: &Actor) -> Result<bool, Fault> {
    let writers: Vec<Option<AuditEntryId>> = run!(tx, |c| {
        pricebook_steps::table
            .filter(pricebook_steps::draft_id.eq(draft))
            .filter(pricebook_steps::kind.eq_any([StepKind::Created, StepKind::Edited]))
            .select(pricebook_steps::actor_id)
            .distinct()
            .load(c)
    })?;
    // Whichever way they came in: a person is the same at a terminal and in a portal.
    Ok(writers.into_iter().any(|id| id.map(|id| id.uuid()) == actor.id))
}

/// What was acknowledged when a draft was approved last.
pub(super) async fn acknowledged(tx: &mut Conn, draft: DraftId) -> Result<Vec<Guard>, Fault> {
    let last: Option<Option<String>> = run!(tx, |c| {
        pricebook_steps::table
            .filter(pricebook_steps::draft_id.eq(draft).and(pricebook_steps::kind.eq(StepKind::Approved)))
            .order(pricebook_steps::id.desc())
            .select(pricebook_steps::acknowledged)
            .first(c)
    })
    .optional()?;
    Ok(guards(last.flatten().as_deref()))
}

/// Guards as they are stored, by their names.
fn guards(stored: Option<&str>) -> Vec<Guard> {
    stored.iter().flat_map(|names| names.split(',')).filter_map(|name| name.parse().ok()).collect()
}

/// A step as it is read: what was done, and with what; and what a person of that id is called.
type Row = (What, With, Option<String>);
type What = (PricebookStepId, Option<DraftId>, Option<i32>, StepKind, ActorKind, Option<AuditEntryId>, Option<i64>);
type With = (Vec<u8>, Option<Instant>, Option<bool>, Option<String>, Option<String>, Instant);

/// A page of everything that was done with prices, the newest first.
///
/// # Errors
/// If the caller may not read drafts, or the store fails.
pub async fn history(conn: &mut Conn, platform: &Platform, page: Page<PricebookStepId>) -> Result<Slice<Step>, Fault> {
    list(conn, platform, None, page).await
}

/// What was done with one draft, the newest first: at most a hundred steps.
///
/// # Errors
/// If the caller may not read drafts, or the store fails.
pub async fn steps_of(conn: &mut Conn, platform: &Platform, draft: DraftId) -> Result<Vec<Step>, Fault> {
    steps_of_each(conn, platform, &[draft]).await
}

/// What was done with each of some drafts, the newest first: at most a hundred steps of each.
///
/// # Errors
/// If the caller may not read drafts, or the store fails.
pub async fn steps_of_each(conn: &mut Conn, platform: &Platform, drafts: &[DraftId]) -> Result<Vec<Step>, Fault> {
    let most = u16::try_from(drafts.len().saturating_mul(100)).unwrap_or(u16::MAX);
    Ok(list(conn, platform, Some(drafts), Page::first(most)).await?.items)
}

/// The hundred newest steps of each draft.
const NEWEST: &str = "pricebook_steps.id IN (SELECT ranked.id FROM (SELECT s.id, \
    row_number() OVER (PARTITION BY s.draft_id ORDER BY s.id DESC) AS place FROM pricebook_steps s) ranked WHERE ranked.place <= 100)";

async fn list(
    conn: &mut Conn,
    platform: &Platform,
    of: Option<&[DraftId]>,
    page: Page<PricebookStepId>,
) -> Result<Slice<Step>, Fault> {
    platform.require(Permission::PricebookRead)?;
    let rows: Vec<Row> = run!(conn, |c| {
        let mut query = pricebook_steps::table
            .left_join(users::table.on(users::id.nullable().eq(pricebook_steps::actor_id)))
            .select((
                (
                    pricebook_steps::id,
                    pricebook_steps::draft_id,
                    pricebook_steps::number,
                    pricebook_steps::kind,
                    pricebook_steps::actor,
                    pricebook_steps::actor_id,
                    pricebook_steps::revision,
                ),
                (
                    pricebook_steps::content_hash,
                    pricebook_steps::effective_from,
                    pricebook_steps::four_eyes,
                    pricebook_steps::acknowledged,
                    pricebook_steps::comment,
                    pricebook_steps::created_at,
                ),
                users::name.nullable(),
            ))
            .into_boxed();
        if let Some(drafts) = of {
            let drafts: Vec<Option<DraftId>> = drafts.iter().copied().map(Some).collect();
            query = query
                .filter(pricebook_steps::draft_id.eq_any(drafts))
                .filter(diesel::dsl::sql::<diesel::sql_types::Bool>(NEWEST));
        }
        // Ids of rows sort by birth.
        if let Some(after) = page.after {
            query = query.filter(pricebook_steps::id.lt(after));
        }
        if let Some(before) = page.before {
            query = query.filter(pricebook_steps::id.gt(before));
        }
        if page.backwards() {
            query = query.order(pricebook_steps::id.asc());
        } else {
            query = query.order(pricebook_steps::id.desc());
        }
        query.limit(page.limit()).load(c)
    })?;
    Ok(page.slice(rows).map(read))
}

fn read(((id, draft, number, kind, actor, actor_id, revision), with, actor_name): Row) -> Step {
    let (hash, effective_from, four_eyes, acknowledged, comment, at) = with;
    Step {
        id,
        draft,
        number,
        kind,
        actor: Actor { kind: actor, id: actor_id.map(|id| id.uuid()) },
        actor_name,
        revision,
        content_hash: bytes(&hash),
        effective_from,
        four_eyes,
        acknowledged: guards(acknowledged.as_deref()),
        comment,
        at,
    }
}
