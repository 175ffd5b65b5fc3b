//! Whether approving prices takes somebody who has not written them.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::lock;
use crate::{
    audit::{Action, Change},
    clock::Instant,
    db::Conn,
    fault::Fault,
    identity::Permission,
    run,
    tables::pricebook_governance,
    tenancy::Platform,
};

/// There is one row at most.
const SLOT: i16 = 1;

/// Whether approving takes somebody else.
///
/// # Errors
/// If the caller may not read drafts, or the store fails.
pub async fn four_eyes(conn: &mut Conn, platform: &Platform) -> Result<bool, Fault> {
    platform.require(Permission::PricebookRead)?;
    are_needed(conn).await
}

pub(super) async fn are_needed(conn: &mut Conn) -> Result<bool, Fault> {
    let stored: Option<bool> =
        run!(conn, |c| pricebook_governance::table.find(SLOT).select(pricebook_governance::four_eyes).first(c)).optional()?;
    Ok(stored.unwrap_or(true))
}

/// Decides whether approving takes somebody else; the audit log says who did.
///
/// # Errors
/// If the caller is not the platform's owner, or the store fails.
pub async fn set_four_eyes(conn: &mut Conn, platform: &Platform, needed: bool, now: Instant) -> Result<bool, Fault> {
    platform.require(Permission::PricebookGovern)?;
    conn.transaction("pricing.set_four_eyes", async |tx| {
        lock(tx).await?;
        if are_needed(tx).await? == needed {
            return Ok(needed);
        }
        run!(tx, |c| {
            diesel::insert_into(pricebook_governance::table)
                .values((
                    pricebook_governance::slot.eq(SLOT),
                    pricebook_governance::four_eyes.eq(needed),
                    pricebook_governance::changed_at.eq(now),
                ))
                .on_conflict(pricebook_governance::slot)
                .do_update()
                .set((pricebook_governance::four_eyes.eq(needed), pricebook_governance::changed_at.eq(now)))
                .execute(c)
        })?;
        let action = if needed { Action::PricebookFourEyesRequired } else { Action::PricebookFourEyesWaived };
        platform.record(tx, Change { action, subject: None, fields: &["four_eyes"], revision: None }, now).await?;
        Ok(needed)
    })
    .await
}
