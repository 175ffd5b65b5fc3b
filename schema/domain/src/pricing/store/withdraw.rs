//! Taking a version back before it takes effect.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{bytes, lock, publish::append_line, step};
use crate::{
    audit::{Action, Change},
    clock::{Clock, Instant},
    db::Conn,
    fault::Fault,
    id::DraftId,
    identity::Permission,
    pricing::{
        model::LogKind,
        publishing::{StepKind, Withdrawn},
    },
    run,
    tables::pricebook_versions,
    tenancy::Platform,
};

/// What is read of a version.
type Row = (Vec<u8>, Instant, Option<Instant>, Option<DraftId>);

/// Takes a version back that has not taken effect yet, for a reason of 1 to 500 characters. The moment is that at which this act has the book: it
/// may have waited for it until the version was in force.
///
/// # Errors
/// If the caller may not publish, or the store fails.
pub async fn withdraw(
    conn: &mut Conn,
    platform: &Platform,
    number: i32,
    reason: &str,
    clock: &Clock,
) -> Result<Withdrawn, Fault> {
    platform.require(Permission::PricebookPublish)?;
    conn.transaction("pricing.withdraw", async |tx| {
        lock(tx).await?;
        let now = clock.now();
        let row: Option<Row> = run!(tx, |c| {
            pricebook_versions::table
                .find(number)
                .select((
                    pricebook_versions::content_hash,
                    pricebook_versions::effective_from,
                    pricebook_versions::withdrawn_at,
                    pricebook_versions::draft_id,
                ))
                .first(c)
        })
        .optional()?;
        let Some((hash, effective_from, withdrawn_at, draft)) = row else { return Ok(Withdrawn::Unknown) };
        if withdrawn_at.is_some() {
            return Ok(Withdrawn::Already);
        }
        if now >= effective_from {
            return Ok(Withdrawn::InForce);
        }
        run!(tx, |c| {
            diesel::update(pricebook_versions::table.find(number)).set(pricebook_versions::withdrawn_at.eq(now)).execute(c)
        })?;
        let content_hash = bytes(&hash);
        append_line(tx, LogKind::Withdrawn, number, content_hash, effective_from).await?;
        let new = step::New {
            draft,
            number: Some(number),
            effective_from: Some(effective_from),
            comment: Some(reason),
            ..step::New::of(StepKind::Withdrawn, content_hash)
        };
        step::write(tx, platform, &new, now).await?;
        let change = Change {
            action: Action::PricebookWithdrawn,
            subject: None,
            fields: &["withdrawn_at"],
            revision: Some(number.into()),
        };
        platform.record(tx, change, now).await?;
        Ok(Withdrawn::Now)
    })
    .await
}
