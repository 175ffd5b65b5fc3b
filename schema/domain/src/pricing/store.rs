//! Acts on the pricebook.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use diesel::prelude::*;
use diesel::sql_types::{Binary, Integer, Nullable, Text};
use diesel_async::RunQueryDsl;

use super::{
    model::{LogKind, LogLine, Pricebook, Version},
    rules::{self, Flaw},
};
use crate::{
    clock::Instant,
    db::{Conn, sql},
    fault::Fault,
    page::{Page, Slice},
    run,
    tables::{pricebook_log, pricebook_versions},
    tenancy::Platform,
};

/// What is read of a live version.
type Row = (i32, String, Vec<u8>, Instant);
type Columns = (
    pricebook_versions::number,
    pricebook_versions::content,
    pricebook_versions::content_hash,
    pricebook_versions::effective_from,
);
const COLUMNS: Columns = (
    pricebook_versions::number,
    pricebook_versions::content,
    pricebook_versions::content_hash,
    pricebook_versions::effective_from,
);

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

/// Publishes a pricebook to take effect at `effective_from`, and writes it into the log. All of it or nothing.
///
/// # Errors
/// If the store fails.
pub async fn publish(
    conn: &mut Conn,
    _platform: &Platform,
    pricebook: &Pricebook,
    note: &str,
    effective_from: Instant,
    now: Instant,
) -> Result<Published, Fault> {
    let flaws = rules::flaws(pricebook);
    if !flaws.is_empty() {
        return Ok(Published::Flawed(flaws));
    }
    let content = rules::canonical(pricebook).map_err(|source| Fault::Stored { what: "pricebook", source })?;
    let hash = rules::content_hash(&content);
    conn.transaction("pricing.publish", async |tx| {
        lock(tx).await?;
        let versions: Vec<(i32, Instant, Option<Instant>)> = run!(tx, |c| {
            pricebook_versions::table
                .order(pricebook_versions::number)
                .select((pricebook_versions::number, pricebook_versions::effective_from, pricebook_versions::withdrawn_at))
                .load(c)
        })?;
        let live: Vec<Instant> =
            versions.as_slice().iter().filter(|(.., withdrawn)| withdrawn.is_none()).map(|(_, from, _)| *from).collect();
        if !rules::may_take_effect(effective_from, &live, now) {
            return Ok(Published::TooEarly);
        }
        let number = versions.as_slice().last().map_or(1, |(number, ..)| number.saturating_add(1));
        run!(tx, |c| {
            diesel::insert_into(pricebook_versions::table)
                .values((
                    pricebook_versions::number.eq(number),
                    pricebook_versions::content.eq(&content),
                    pricebook_versions::content_hash.eq(hash.as_slice()),
                    pricebook_versions::note.eq(note),
                    pricebook_versions::effective_from.eq(effective_from),
                    pricebook_versions::published_at.eq(now),
                ))
                .execute(c)
        })?;
        append(tx, LogKind::Published, number, hash, effective_from).await?;
        Ok(Published::As(number))
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
            publish(tx, platform, pricebook, "The first prices.", now, now).await?;
        }
        Ok(())
    })
    .await
}

/// One publisher at a time; readers go on. SQLite has one writer anyway.
async fn lock(tx: &mut Conn) -> Result<(), Fault> {
    if tx.is_postgres() {
        tx.batch("LOCK TABLE pricebook_versions IN SHARE ROW EXCLUSIVE MODE").await?;
    }
    Ok(())
}

async fn append(tx: &mut Conn, kind: LogKind, number: i32, content: [u8; 32], effective_from: Instant) -> Result<(), Fault> {
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

/// The version in force at an instant; `None` before the first. Prices are public, so this asks for no authority; nothing that is
/// not in force yet can be asked for through it, because the caller passes no instant later than now.
///
/// # Errors
/// If the store fails.
pub async fn resolve(conn: &mut Conn, at: Instant) -> Result<Option<Version>, Fault> {
    let row: Option<Row> = run!(conn, |c| {
        pricebook_versions::table
            .filter(pricebook_versions::withdrawn_at.is_null().and(pricebook_versions::effective_from.le(at)))
            .order(pricebook_versions::effective_from.desc())
            .select(COLUMNS)
            .first(c)
    })
    .optional()?;
    read(conn, row, at).await
}

/// A version by its number, if it has taken effect by `now`.
///
/// # Errors
/// If the store fails.
pub async fn version(conn: &mut Conn, number: i32, now: Instant) -> Result<Option<Version>, Fault> {
    let row: Option<Row> = run!(conn, |c| {
        pricebook_versions::table
            .filter(pricebook_versions::number.eq(number).and(pricebook_versions::effective_from.le(now)))
            .filter(pricebook_versions::withdrawn_at.is_null())
            .select(COLUMNS)
            .first(c)
    })
    .optional()?;
    read(conn, row, now).await
}

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct Listed {
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = Text)]
    content: String,
    #[diesel(sql_type = Binary)]
    content_hash: Vec<u8>,
    #[diesel(sql_type = sql::Instant)]
    effective_from: Instant,
    #[diesel(sql_type = Nullable<sql::Instant>)]
    effective_to: Option<Instant>,
}

/// A page of the versions that have taken effect by `now`, the newest first. Prices are public, so this asks for no authority.
///
/// # Errors
/// If the store fails.
pub async fn versions(conn: &mut Conn, page: Page<i32>, now: Instant) -> Result<Slice<Version>, Fault> {
    let after = page.after.map_or_else(|| "true".into(), |number| format!("number < {number}"));
    let before = page.before.map_or_else(|| "true".into(), |number| format!("number > {number}"));
    let order = if page.backwards() { "ASC" } else { "DESC" };
    let rest = format!("{after} AND {before} ORDER BY number {order} LIMIT {}", page.limit());
    Ok(page.slice(in_force_by(conn, &rest, now).await?))
}

/// Those of the versions that have taken effect by `now`.
///
/// # Errors
/// If the store fails.
pub async fn versions_by_number(conn: &mut Conn, numbers: &[i32], now: Instant) -> Result<Vec<Version>, Fault> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let numbers = numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    in_force_by(conn, &format!("number IN ({numbers})"), now).await
}

async fn in_force_by(conn: &mut Conn, rest: &str, now: Instant) -> Result<Vec<Version>, Fault> {
    let text = format!(
        "SELECT number, content, content_hash, effective_from, effective_to FROM \
         (SELECT number, content, content_hash, effective_from, lead(effective_from) OVER (ORDER BY effective_from) AS effective_to \
         FROM pricebook_versions WHERE withdrawn_at IS NULL AND effective_from <= $1) live WHERE {rest}"
    );
    let rows: Vec<Listed> = run!(conn, |c| diesel::sql_query(&text).bind::<sql::Instant, _>(now).load(c))?;
    let read = |row: Listed| {
        let pricebook = serde_json::from_str(&row.content).map_err(|source| Fault::Stored { what: "pricebook", source })?;
        Ok(Version {
            number: row.number,
            pricebook,
            content_hash: bytes(&row.content_hash),
            effective_from: row.effective_from,
            effective_to: row.effective_to,
            status: rules::status(row.effective_from, false, row.effective_to, now),
        })
    };
    rows.into_iter().map(read).collect()
}

/// Reads a live version's row; where the version ends is told only once the next one has begun.
async fn read(conn: &mut Conn, row: Option<Row>, now: Instant) -> Result<Option<Version>, Fault> {
    let Some((number, content, hash, effective_from)) = row else { return Ok(None) };
    let next: Option<Instant> = run!(conn, |c| {
        pricebook_versions::table
            .filter(pricebook_versions::withdrawn_at.is_null())
            .filter(pricebook_versions::effective_from.gt(effective_from).and(pricebook_versions::effective_from.le(now)))
            .order(pricebook_versions::effective_from)
            .select(pricebook_versions::effective_from)
            .first(c)
    })
    .optional()?;
    let pricebook = serde_json::from_str(&content).map_err(|source| Fault::Stored { what: "pricebook", source })?;
    Ok(Some(Version {
        number,
        pricebook,
        content_hash: bytes(&hash),
        effective_from,
        effective_to: next,
        status: rules::status(effective_from, false, next, now),
    }))
}

/// Contents by their hash. They never change, so what was read once need not be read again.
static CONTENTS: Mutex<BTreeMap<[u8; 32], Arc<Pricebook>>> = Mutex::new(BTreeMap::new());
/// How many contents are remembered; there are rarely two in use.
const REMEMBERED: usize = 64;

/// The content of a published version, whose hash the caller has read.
///
/// # Errors
/// If the store fails.
pub(crate) async fn content(conn: &mut Conn, number: i32, hash: &[u8]) -> Result<(Arc<Pricebook>, [u8; 32]), Fault> {
    let hash = bytes(hash);
    let remembered = || CONTENTS.lock().unwrap_or_else(PoisonError::into_inner);
    let known = remembered().get(&hash).cloned();
    if let Some(known) = known {
        return Ok((known, hash));
    }
    let text: String = run!(conn, |c| { pricebook_versions::table.find(number).select(pricebook_versions::content).first(c) })?;
    let pricebook: Pricebook = serde_json::from_str(&text).map_err(|source| Fault::Stored { what: "pricebook", source })?;
    let pricebook = Arc::new(pricebook);
    let mut contents = remembered();
    if contents.len() >= REMEMBERED {
        contents.clear();
    }
    contents.insert(hash, Arc::clone(&pricebook));
    Ok((pricebook, hash))
}

/// The versions whose hash is not their content's.
///
/// # Errors
/// If the store fails.
pub(crate) async fn not_as_hashed(conn: &mut Conn) -> Result<Vec<i32>, Fault> {
    let versions: Vec<(i32, String, Vec<u8>)> = run!(conn, |c| {
        pricebook_versions::table
            .select((pricebook_versions::number, pricebook_versions::content, pricebook_versions::content_hash))
            .load(c)
    })?;
    let wrong = versions.into_iter().filter(|(_, content, hash)| *hash != rules::content_hash(content));
    Ok(wrong.map(|(number, ..)| number).collect())
}

/// The publication log, whole. It is public: what it says of the future are hashes.
///
/// # Errors
/// If the store fails.
pub async fn log(conn: &mut Conn) -> Result<Vec<LogLine>, Fault> {
    type Line = (i32, LogKind, i32, Vec<u8>, Instant, Vec<u8>, Vec<u8>);
    let lines: Vec<Line> = run!(conn, |c| pricebook_log::table.order(pricebook_log::line).load(c))?;
    Ok(lines
        .into_iter()
        .map(|(line, kind, number, content, effective_from, previous, hash)| LogLine {
            line,
            kind,
            number,
            content_hash: bytes(&content),
            effective_from,
            previous_hash: bytes(&previous),
            hash: bytes(&hash),
        })
        .collect())
}

/// Thirty-two bytes, as the store's own rule promises; zeros, which match no hash, if it broke its promise.
fn bytes(stored: &[u8]) -> [u8; 32] {
    stored.try_into().unwrap_or([0; 32])
}
