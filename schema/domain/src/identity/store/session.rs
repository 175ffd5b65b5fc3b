//! Sessions that are open.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::{LoginId, UserId},
    identity::{
        model::{Audience, SessionKind, SessionLengths, SignedIn, Staff, StaffRole, User},
        secret::Token,
    },
    run,
    tables::{sessions, staff, users},
};

/// That a session is used is noted at most this often.
const NOTED: Duration = Duration::from_secs(60);

/// Whose session a token is and when its use was last noted, if it is good now. A token makes its own authority.
pub(in crate::identity) async fn session(
    conn: &mut Conn,
    kind: SessionKind,
    token: &Token,
    lengths: SessionLengths,
    now: Instant,
) -> Result<Option<(SignedIn, Instant)>, Fault> {
    type Row = (LoginId, Instant, Instant, UserId, String, String, StaffRole);
    let (hash, idle_since) = (token.hash(), now.before(lengths.idle));
    let row: Option<Row> = run!(conn, |c| {
        sessions::table
            .inner_join(users::table)
            .inner_join(staff::table.on(staff::user_id.eq(sessions::user_id)))
            .filter(sessions::token_hash.eq(hash.as_slice()))
            .filter(sessions::audience.eq(Audience::Staff).and(sessions::kind.eq(kind)))
            .filter(sessions::revoked_at.is_null().and(sessions::expires_at.gt(now)).and(sessions::seen_at.gt(idle_since)))
            .select((sessions::id, sessions::seen_at, sessions::expires_at, users::id, users::email, users::name, staff::role))
            .first(c)
    })
    .optional()?;
    Ok(row.map(|(session, seen_at, expires_at, id, email, name, role)| {
        (SignedIn { staff: Staff::new(id, role), user: User { id, email, name }, session, kind, expires_at }, seen_at)
    }))
}

/// Whether it is time to note that a session is used.
pub(in crate::identity) fn to_be_noted(seen_at: Instant, now: Instant) -> bool {
    now.since(seen_at) >= NOTED
}

/// Notes that a session is used.
pub(in crate::identity) async fn note_use(conn: &mut Conn, session: LoginId, now: Instant) -> Result<(), Fault> {
    run!(conn, |c| {
        diesel::update(sessions::table.find(session)).filter(sessions::seen_at.lt(now)).set(sessions::seen_at.eq(now)).execute(c)
    })?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
/// If the store fails.
pub async fn log_out(conn: &mut Conn, signed_in: &SignedIn, now: Instant) -> Result<(), Fault> {
    run!(conn, |c| {
        diesel::update(sessions::table.find(signed_in.session))
            .filter(sessions::revoked_at.is_null())
            .set(sessions::revoked_at.eq(now))
            .execute(c)
    })?;
    Ok(())
}

/// Ends every session of a person.
///
/// # Errors
/// If the store fails.
pub async fn log_out_everywhere(conn: &mut Conn, signed_in: &SignedIn, now: Instant) -> Result<(), Fault> {
    run!(conn, |c| {
        diesel::update(sessions::table)
            .filter(sessions::user_id.eq(signed_in.user.id).and(sessions::revoked_at.is_null()))
            .set(sessions::revoked_at.eq(now))
            .execute(c)
    })?;
    Ok(())
}
