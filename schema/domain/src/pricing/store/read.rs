//! Reading versions and the publication log.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use diesel::prelude::*;
use diesel::sql_types::{Binary, Integer, Nullable, Text};
use diesel_async::RunQueryDsl;

use super::bytes;
use crate::{
    clock::Instant,
    db::{Conn, sql},
    fault::Fault,
    id::DraftId,
    identity::Permission,
    page::{Page, Slice},
    pricing::{
        model::{Inside, LogKind, LogLine, Policy, Pricebook, Sight, Version},
        rules,
    },
    run,
    tables::{pricebook_log, pricebook_versions},
};

#[derive(QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct Row {
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
    #[diesel(sql_type = Nullable<sql::Instant>)]
    withdrawn_at: Option<Instant>,
    #[diesel(sql_type = sql::Instant)]
    published_at: Instant,
    #[diesel(sql_type = Text)]
    note: String,
    #[diesel(sql_type = Text)]
    policy: Policy,
    #[diesel(sql_type = Nullable<Integer>)]
    restored_from: Option<i32>,
    #[diesel(sql_type = Nullable<sql::Id>)]
    draft_id: Option<DraftId>,
}

/// The version in force now; `None` before the first. Prices are public, so this asks for no authority; nothing that is
/// not in force yet can be asked for through it, because the caller passes no instant later than now.
///
/// # Errors
/// If the store fails.
pub async fn resolve(conn: &mut Conn, now: Instant) -> Result<Option<Version>, Fault> {
    resolve_at(conn, now, now).await
}

/// The version that was in force at an instant, which is not later than `now`; `None` before the first. Its status is the one it had then,
/// and until when it was in force is told as far as that is public now.
///
/// # Errors
/// If the store fails.
pub async fn resolve_at(conn: &mut Conn, at: Instant, now: Instant) -> Result<Option<Version>, Fault> {
    let rest = "true ORDER BY effective_from DESC LIMIT 1";
    Ok(seen_at(conn, &Sight::Public, rest, at, now).await?.pop())
}

/// The version that is in force last of all live ones, whether or not it has taken effect: what a draft begins as, and is compared with.
///
/// # Errors
/// If the caller may not read what is not in force yet, or the store fails.
pub async fn latest(conn: &mut Conn, sight: &Sight, now: Instant) -> Result<Option<Version>, Fault> {
    Ok(seen(conn, sight, "withdrawn_at IS NULL ORDER BY effective_from DESC LIMIT 1", now).await?.pop())
}

/// The same, by number and canonical JSON, for acts that have the book.
pub(super) async fn newest_live(tx: &mut Conn) -> Result<Option<(i32, String)>, Fault> {
    Ok(run!(tx, |c| {
        pricebook_versions::table
            .filter(pricebook_versions::withdrawn_at.is_null())
            .order(pricebook_versions::effective_from.desc())
            .select((pricebook_versions::number, pricebook_versions::content))
            .first(c)
    })
    .optional()?)
}

/// A version by its number, if whoever asks may see it at `now`.
///
/// # Errors
/// If the store fails.
pub async fn version(conn: &mut Conn, sight: &Sight, number: i32, now: Instant) -> Result<Option<Version>, Fault> {
    Ok(seen(conn, sight, &format!("number = {number}"), now).await?.pop())
}

/// A page of the versions that whoever asks may see at `now`, the newest first.
///
/// # Errors
/// If the store fails.
pub async fn versions(conn: &mut Conn, sight: &Sight, page: Page<i32>, now: Instant) -> Result<Slice<Version>, Fault> {
    let after = page.after.map_or_else(|| "true".into(), |number| format!("number < {number}"));
    let before = page.before.map_or_else(|| "true".into(), |number| format!("number > {number}"));
    let order = if page.backwards() { "ASC" } else { "DESC" };
    let rest = format!("{after} AND {before} ORDER BY number {order} LIMIT {}", page.limit());
    Ok(page.slice(seen(conn, sight, &rest, now).await?))
}

/// Those of the versions that whoever asks may see at `now`.
///
/// # Errors
/// If the store fails.
pub async fn versions_by_number(conn: &mut Conn, sight: &Sight, numbers: &[i32], now: Instant) -> Result<Vec<Version>, Fault> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let numbers = numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    seen(conn, sight, &format!("number IN ({numbers})"), now).await
}

/// The versions that may be seen now, as they are now.
async fn seen(conn: &mut Conn, sight: &Sight, rest: &str, now: Instant) -> Result<Vec<Version>, Fault> {
    seen_at(conn, sight, rest, now, now).await
}

/// The versions that could be seen at an instant. Prices are public, so that takes no authority; what is not in force yet, and never was,
/// takes `pricebook.read`, and so do notes and policies. Until when a version is in force is told to the public only once the next one is,
/// which by `now` may be so although at that instant it was not.
async fn seen_at(conn: &mut Conn, sight: &Sight, rest: &str, at: Instant, now: Instant) -> Result<Vec<Version>, Fault> {
    // The first that is bound stands first in the text, for SQLite numbers them by that.
    let (of, and_seen) = match sight {
        Sight::Public => ("v.withdrawn_at IS NULL AND v.effective_from <= $2", " AND n.effective_from <= $1"),
        Sight::Inside(platform) => {
            platform.require(Permission::PricebookRead)?;
            // Both instants are bound whatever is asked for.
            ("$1 IS NOT NULL AND $2 IS NOT NULL", "")
        }
    };
    let inside = matches!(sight, Sight::Inside(_));
    // What was taken back ends nothing, and nothing ends it.
    let next = format!(
        "SELECT min(n.effective_from) FROM pricebook_versions n \
         WHERE n.withdrawn_at IS NULL AND n.effective_from > v.effective_from{and_seen}"
    );
    let text = format!(
        "SELECT number, content, content_hash, effective_from, withdrawn_at, published_at, note, policy, restored_from, draft_id, \
         CASE WHEN withdrawn_at IS NULL THEN ({next}) END AS effective_to FROM pricebook_versions v WHERE {of} AND {rest}"
    );
    let rows: Vec<Row> =
        run!(conn, |c| diesel::sql_query(&text).bind::<sql::Instant, _>(now).bind::<sql::Instant, _>(at).load(c))?;
    let read = |row: Row| {
        let pricebook = serde_json::from_str(&row.content).map_err(|source| Fault::Stored { what: "pricebook", source })?;
        Ok(Version {
            number: row.number,
            pricebook,
            content_hash: bytes(&row.content_hash),
            effective_from: row.effective_from,
            effective_to: row.effective_to,
            status: rules::status(row.effective_from, row.withdrawn_at.is_some(), row.effective_to, at),
            inside: inside.then_some(Inside {
                note: row.note,
                policy: row.policy,
                restored_from: row.restored_from,
                published_at: row.published_at,
                withdrawn_at: row.withdrawn_at,
                draft: row.draft_id,
            }),
        })
    };
    rows.into_iter().map(read).collect()
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
