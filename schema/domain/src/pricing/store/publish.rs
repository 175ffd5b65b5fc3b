//! Writing a version down for good.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{bytes, lock, publication, read::log, written};
use crate::{
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::DraftId,
    pricing::{
        model::{LogKind, Policy, Pricebook},
        rules::{self, Flaw},
    },
    run,
    tables::{pricebook_log, pricebook_versions},
    tenancy::Platform,
};

/// What became of a publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// Published, under this number.
    As(i32),
    /// It is not as it must be; nothing was changed.
    Flawed(Vec<Flaw>),
    /// It would take effect in the past, or not after every live version; nothing was changed.
    TooEarly,
}

/// What a version is.
pub(super) struct New<'a> {
    pub(super) content: &'a str,
    pub(super) hash: [u8; 32],
    pub(super) note: &'a str,
    pub(super) policy: Policy,
    pub(super) restored_from: Option<i32>,
    pub(super) draft: Option<DraftId>,
    pub(super) effective_from: Instant,
}

/// Publishes prices that the program itself brings along: the first ones, and what those who test it want. People's prices are drafted and approved
/// first. All of it or nothing.
///
/// # Errors
/// If the caller is not the program itself, or the store fails.
pub async fn publish(
    conn: &mut Conn,
    platform: &Platform,
    pricebook: &Pricebook,
    note: &str,
    policy: Policy,
    effective_from: Instant,
    now: Instant,
) -> Result<Published, Fault> {
    platform.require_process()?;
    let flaws = rules::flaws(pricebook);
    if !flaws.is_empty() {
        return Ok(Published::Flawed(flaws));
    }
    let (content, hash) = written(pricebook)?;
    conn.transaction("pricing.publish", async |tx| {
        lock(tx).await?;
        let new = New { content: &content, hash, note, policy, restored_from: None, draft: None, effective_from };
        Ok(append_version(tx, platform, &new, now).await?.map_or(Published::TooEarly, Published::As))
    })
    .await
}

/// Publishes the first prices, to be in force at once, unless there are any already.
///
/// # Errors
/// If the store fails.
pub async fn publish_first(conn: &mut Conn, platform: &Platform, pricebook: &Pricebook, now: Instant) -> Result<(), Fault> {
    conn.transaction("pricing.publish_first", async |tx| {
        lock(tx).await?;
        if log(tx).await?.is_empty() {
            publish(tx, platform, pricebook, "The first prices.", Policy::NewCustomers, now, now).await?;
        }
        Ok(())
    })
    .await
}

/// When the live versions take effect, and the highest number there is, live or not.
pub(super) async fn live(tx: &mut Conn) -> Result<(Vec<Instant>, i32), Fault> {
    let versions: Vec<(i32, Instant, Option<Instant>)> = run!(tx, |c| {
        pricebook_versions::table
            .select((pricebook_versions::number, pricebook_versions::effective_from, pricebook_versions::withdrawn_at))
            .load(c)
    })?;
    let last = versions.iter().map(|(number, ..)| *number).max().unwrap_or(0);
    Ok((versions.into_iter().filter(|(.., withdrawn)| withdrawn.is_none()).map(|(_, from, _)| from).collect(), last))
}

/// Writes a version, its line in the log, and the job that follows from it; its number. `None` if it would take effect too early. The
/// caller has the book.
pub(super) async fn append_version(
    tx: &mut Conn,
    platform: &Platform,
    new: &New<'_>,
    now: Instant,
) -> Result<Option<i32>, Fault> {
    let (live, last) = live(tx).await?;
    if !rules::may_take_effect(new.effective_from, &live, now) {
        return Ok(None);
    }
    let number = last.saturating_add(1);
    run!(tx, |c| {
        diesel::insert_into(pricebook_versions::table)
            .values((
                pricebook_versions::number.eq(number),
                pricebook_versions::content.eq(new.content),
                pricebook_versions::content_hash.eq(new.hash.as_slice()),
                pricebook_versions::note.eq(new.note),
                pricebook_versions::policy.eq(new.policy),
                pricebook_versions::restored_from.eq(new.restored_from),
                pricebook_versions::draft_id.eq(new.draft),
                pricebook_versions::effective_from.eq(new.effective_from),
                pricebook_versions::published_at.eq(now),
            ))
            .execute(c)
    })?;
    append_line(tx, LogKind::Published, number, new.hash, new.effective_from).await?;
    publication::call(tx, platform, number, new.effective_from, now).await?;
    Ok(Some(number))
}

/// Writes a line of the log.
pub(super) async fn append_line(
    tx: &mut Conn,
    kind: LogKind,
    number: i32,
    content: [u8; 32],
    effective_from: Instant,
) -> Result<(), Fault> {
    let last: Option<(i32, Vec<u8>)> = run!(tx, |c| {
        pricebook_log::table.order(pricebook_log::line.desc()).select((pricebook_log::line, pricebook_log::hash)).first(c)
    })
    .optional()?;
    let (line, previous) = match last {
        None => (1, [0; 32]),
        Some((line, hash)) => (line.saturating_add(1), bytes(&hash)),
    };
    let hash = rules::line_hash(line, kind, number, &content, effective_from, &previous);
    run!(tx, |c| {
        diesel::insert_into(pricebook_log::table)
            .values((
                pricebook_log::line.eq(line),
                pricebook_log::kind.eq(kind),
                pricebook_log::number.eq(number),
                pricebook_log::content_hash.eq(content.as_slice()),
                pricebook_log::effective_from.eq(effective_from),
                pricebook_log::previous_hash.eq(previous.as_slice()),
                pricebook_log::hash.eq(hash.as_slice()),
            ))
            .execute(c)
    })?;
    Ok(())
}
