//! Approving the draft, and publishing what was approved.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    draft::{again, at, note_change, remove},
    govern,
    publish::{New as NewVersion, append_version, live},
    read::newest_live,
    step, written,
};
use crate::{
    audit::Action,
    clock::{Clock, Instant},
    credit,
    db::Conn,
    fault::Fault,
    identity::Permission,
    pricing::{
        impact::{Guard, Warning},
        model::{Policy, Pricebook},
        publishing::{DraftRefusal, Drafted, Effective, StepKind},
        rules,
    },
    run,
    tables::pricebook_drafts,
    tenancy::Platform,
};

/// So long back usage is looked at to tell how a model's tokens are read and written.
const LATELY: Duration = Duration::from_secs(30 * 86_400);

/// Approves what was submitted, by the hash of what it says and by whom it reaches, to take effect at an instant; everything that it moves by much has to be
/// acknowledged by name. Who has written of it cannot, unless the platform's owner has waived that. An approval may be given anew for another
/// instant.
///
/// # Errors
/// If the caller may not approve prices, or the store fails.
pub async fn approve(
    conn: &mut Conn,
    platform: &Platform,
    (content_hash, policy): (&[u8], Policy),
    effective: Effective,
    acknowledged: &[Guard],
    now: Instant,
) -> Result<Drafted, Fault> {
    platform.require(Permission::PricebookApprove)?;
    conn.undoable("pricing.approve", async |tx| {
        let draft = at(tx, None).await?;
        if draft.submitted_at.is_none() {
            return Ok(Err(DraftRefusal::NotSubmitted(Box::new(draft))));
        }
        if draft.content_hash.as_slice() != content_hash {
            return Ok(Err(DraftRefusal::OtherContent(Box::new(draft))));
        }
        // Who pays is not in the hash: versions that say the same have the same one, whomever they reach.
        if draft.policy != policy {
            return Ok(Err(DraftRefusal::OtherPolicy(Box::new(draft))));
        }
        let four_eyes = govern::are_needed(tx).await?;
        if four_eyes && step::has_written(tx, draft.id, &platform.actor()).await? {
            return Ok(Err(DraftRefusal::OwnWork));
        }
        let (live, _) = live(tx).await?;
        // What could not be published as it is approved needs no approval.
        if !rules::may_take_effect(effective.named().unwrap_or(now), &live, now) {
            return Ok(Err(DraftRefusal::TooEarly(live.into_iter().max())));
        }
        let warnings = warned(tx, &draft.pricebook, now).await?;
        if warnings.iter().any(|warning| !acknowledged.contains(&warning.guard)) {
            return Ok(Err(DraftRefusal::Unacknowledged(warnings)));
        }
        let mut named: Vec<Guard> = Guard::ALL.to_vec();
        named.retain(|guard| warnings.iter().any(|warning| warning.guard == *guard));
        let revision = draft.revision.saturating_add(1);
        run!(tx, |c| {
            diesel::update(pricebook_drafts::table.filter(pricebook_drafts::id.eq(draft.id)))
                .set((
                    pricebook_drafts::approved_at.eq(now),
                    pricebook_drafts::approved_hash.eq(draft.content_hash.as_slice()),
                    pricebook_drafts::approved_for.eq(effective.named()),
                    pricebook_drafts::revision.eq(revision),
                ))
                .execute(c)
        })?;
        let new = step::New {
            draft: Some(draft.id),
            revision: Some(revision),
            effective_from: effective.named(),
            four_eyes: Some(four_eyes),
            acknowledged: &named,
            ..step::New::of(StepKind::Approved, draft.content_hash)
        };
        step::write(tx, platform, &new, now).await?;
        let action = if four_eyes { Action::PricebookApproved } else { Action::PricebookApprovedAlone };
        note_change(tx, platform, action, draft.id, &[], revision, now).await?;
        Ok(Ok(again(tx).await?))
    })
    .await
}

/// What prices would move by much, of the version that is published last; and where they would not cover what providers take now. Each has to be
/// acknowledged by name before they are approved.
///
/// # Errors
/// If the caller may not read drafts, or the store fails.
pub async fn warnings(conn: &mut Conn, platform: &Platform, prices: &Pricebook, now: Instant) -> Result<Vec<Warning>, Fault> {
    platform.require(Permission::PricebookRead)?;
    warned(conn, prices, now).await
}

async fn warned(tx: &mut Conn, prices: &Pricebook, now: Instant) -> Result<Vec<Warning>, Fault> {
    let before = newest_live(tx).await?;
    let before = before.map(|(_, content)| serde_json::from_str::<Pricebook>(&content)).transpose();
    let before = before.map_err(|source| Fault::Stored { what: "pricebook", source })?;
    let costs = credit::mixes(tx, now.before(LATELY), now).await?;
    let mut warnings = before.as_ref().map(|before| rules::impact::warnings(before, prices)).unwrap_or_default();
    warnings.extend(credit::rules::margin::below_cost(before.as_ref(), prices, &costs));
    Ok(warnings)
}

/// Publishes what was approved, to take effect when the approval says; its number. From then on there is no draft.
///
/// What version it comes after may be another than when it was approved, if that one was taken back: what it moves by much has to have been
/// acknowledged all the same. The moment is that at which this act has the book: it may have waited for it.
///
/// # Errors
/// If the caller may not publish prices, or the store fails.
pub async fn release(
    conn: &mut Conn,
    platform: &Platform,
    content_hash: &[u8],
    clock: &Clock,
) -> Result<Result<i32, DraftRefusal>, Fault> {
    platform.require(Permission::PricebookPublish)?;
    conn.undoable("pricing.release", async |tx| {
        let draft = at(tx, None).await?;
        let Some(approval) = draft.approval else { return Ok(Err(DraftRefusal::NotApproved(Box::new(draft)))) };
        if draft.content_hash.as_slice() != content_hash {
            return Ok(Err(DraftRefusal::OtherContent(Box::new(draft))));
        }
        let now = clock.now();
        let (content, hash) = written(&draft.pricebook)?;
        if newest_live(tx).await?.is_some_and(|(_, newest)| newest == content) {
            return Ok(Err(DraftRefusal::Unchanged));
        }
        let acknowledged = step::acknowledged(tx, draft.id).await?;
        let warnings = warned(tx, &draft.pricebook, now).await?;
        if warnings.iter().any(|warning| !acknowledged.contains(&warning.guard)) {
            return Ok(Err(DraftRefusal::Unacknowledged(warnings)));
        }
        let effective_from = approval.effective.named().unwrap_or(now);
        let new = NewVersion {
            content: &content,
            hash,
            note: &draft.note,
            policy: draft.policy,
            restored_from: draft.restored_from,
            draft: Some(draft.id),
            effective_from,
        };
        let Some(number) = append_version(tx, platform, &new, now).await? else {
            return Ok(Err(DraftRefusal::TooEarly(live(tx).await?.0.into_iter().max())));
        };
        let new = step::New {
            draft: Some(draft.id),
            number: Some(number),
            revision: Some(draft.revision),
            effective_from: Some(effective_from),
            ..step::New::of(StepKind::Published, hash)
        };
        step::write(tx, platform, &new, now).await?;
        note_change(tx, platform, Action::PricebookPublished, draft.id, &[], draft.revision, now).await?;
        remove(tx, draft.id).await?;
        Ok(Ok(number))
    })
    .await
}
