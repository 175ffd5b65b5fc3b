//! Sessions that are open.

use std::time::Duration;

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::{
    audit::{Action, Change, Trace},
    clock::Instant,
    db::{Conn, load},
    fault::Fault,
    id::{ApiKeyId, LoginId, TenantId, UserId},
    identity::{
        model::{Audience, Member, MemberRole, Principal, Session, SessionKind, SessionLengths, Staff, StaffRole, User},
        secret::Token,
    },
    run,
    tables::{api_keys, memberships, sessions, staff, tenants, users},
    tenancy::Platform,
};

/// That a session or a key is used is noted at most this often.
const NOTED: Duration = Duration::from_secs(60);

/// A session that was found, and when its use was last noted.
pub(in crate::identity) struct Found {
    pub(in crate::identity) principal: Principal,
    pub(in crate::identity) session: Session,
    pub(in crate::identity) seen_at: Instant,
}

/// Whose session a token is, if it is good now. A token makes its own authority.
pub(in crate::identity) async fn session(
    conn: &mut Conn,
    audience: Audience,
    kind: SessionKind,
    token: &Token,
    lengths: SessionLengths,
    now: Instant,
) -> Result<Option<Found>, Fault> {
    type Of = (LoginId, Instant, Instant, UserId, String, String);
    let (hash, idle_since) = (token.hash().to_vec(), now.before(lengths.idle));
    // The role is read with the session, so that whoever lost it is out at once.
    let found: Option<(Of, Principal)> = match audience {
        Audience::Staff => {
            let mut rows: Vec<(Of, StaffRole)> = load!(conn, {
                sessions::table
                    .inner_join(users::table)
                    .inner_join(staff::table.on(staff::user_id.eq(sessions::user_id)))
                    .filter(sessions::token_hash.eq(hash))
                    .filter(sessions::audience.eq(audience).and(sessions::kind.eq(kind)))
                    .filter(
                        sessions::revoked_at.is_null().and(sessions::expires_at.gt(now)).and(sessions::seen_at.gt(idle_since)),
                    )
                    .select((
                        (sessions::id, sessions::seen_at, sessions::expires_at, users::id, users::email, users::name),
                        staff::role,
                    ))
            })?;
            rows.pop().map(|(of, role)| {
                let user = of.3;
                (of, Principal::Staff(Staff { user, role, local: false }))
            })
        }
        Audience::Member => {
            let mut rows: Vec<(Of, (TenantId, MemberRole))> = load!(conn, {
                let its =
                    memberships::tenant_id.nullable().eq(sessions::tenant_id).and(memberships::user_id.eq(sessions::user_id));
                sessions::table
                    .inner_join(users::table)
                    .inner_join(memberships::table.on(its))
                    .filter(sessions::token_hash.eq(hash))
                    .filter(sessions::audience.eq(audience).and(sessions::kind.eq(kind)))
                    .filter(
                        sessions::revoked_at.is_null().and(sessions::expires_at.gt(now)).and(sessions::seen_at.gt(idle_since)),
                    )
                    .select((
                        (sessions::id, sessions::seen_at, sessions::expires_at, users::id, users::email, users::name),
                        (memberships::tenant_id, memberships::role),
                    ))
            })?;
            rows.pop().map(|(of, (tenant, role))| {
                let user = of.3;
                (of, Principal::Member(Member { user, tenant, role }))
            })
        }
    };
    Ok(found.map(|((id, seen_at, expires_at, user, email, name), principal)| {
        let session = Session { id, user: User { id: user, email, name }, kind, expires_at };
        Found { principal, session, seen_at }
    }))
}

/// Whether it is time to note that a session or a key is used.
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
pub(in crate::identity) async fn end(
    conn: &mut Conn,
    principal: &Principal,
    session: LoginId,
    trace: &Trace,
    now: Instant,
) -> Result<(), Fault> {
    conn.transaction("identity.log_out", async |tx| {
        let open = sessions::table.find(session).filter(sessions::revoked_at.is_null());
        run!(tx, |c| diesel::update(open).set(sessions::revoked_at.eq(now)).execute(c))?;
        principal.record(tx, trace, Change::of(Action::SessionEnded, session.uuid(), &[]), now).await
    })
    .await
}

/// Ends every session of a person, on every door.
///
/// # Errors
/// If the store fails.
pub(in crate::identity) async fn end_all(
    conn: &mut Conn,
    principal: &Principal,
    user: UserId,
    trace: &Trace,
    now: Instant,
) -> Result<(), Fault> {
    conn.transaction("identity.log_out_everywhere", async |tx| {
        revoke_all(tx, user, None, now).await?;
        principal.record(tx, trace, Change::of(Action::SessionsEnded, user.uuid(), &[]), now).await
    })
    .await
}

/// Revokes the sessions of a person, but for one.
pub(super) async fn revoke_all(tx: &mut Conn, user: UserId, but: Option<LoginId>, now: Instant) -> Result<(), Fault> {
    run!(tx, |c| {
        let mut open = diesel::update(sessions::table.filter(sessions::user_id.eq(user)))
            .set(sessions::revoked_at.eq(now))
            .into_boxed()
            .filter(sessions::revoked_at.is_null());
        if let Some(kept) = but {
            open = open.filter(sessions::id.ne(kept));
        }
        open.execute(c)
    })?;
    Ok(())
}

/// Ends the sessions of somebody as whom they no longer come in, or not yet again: as staff, or in one tenant.
pub(super) async fn end_former(tx: &mut Conn, user: UserId, audience: Audience, tenant: Option<TenantId>) -> Result<(), Fault> {
    let theirs = sessions::table.filter(sessions::user_id.eq(user).and(sessions::audience.eq(audience)));
    match tenant {
        Some(tenant) => run!(tx, |c| diesel::delete(theirs.filter(sessions::tenant_id.eq(tenant))).execute(c))?,
        None => run!(tx, |c| diesel::delete(theirs).execute(c))?,
    };
    Ok(())
}

/// What those who are still let in may do, by their sessions' and keys' ids, each in words that differ where that differs. For what goes on
/// after its request was let in; a process asks for all of them at once.
///
/// # Errors
/// If the store fails.
pub async fn standing(
    conn: &mut Conn,
    _platform: &Platform,
    of: &[Uuid],
    lengths: SessionLengths,
    now: Instant,
) -> Result<HashMap<Uuid, String>, Fault> {
    let (logins, idle_since): (Vec<LoginId>, _) = (of.iter().copied().map(Into::into).collect(), now.before(lengths.idle));
    let keys: Vec<ApiKeyId> = of.iter().copied().map(Into::into).collect();
    let open = || {
        sessions::id
            .eq_any(&logins)
            .and(sessions::revoked_at.is_null().and(sessions::expires_at.gt(now)).and(sessions::seen_at.gt(idle_since)))
    };
    let staff: Vec<(LoginId, StaffRole)> = run!(conn, |c| {
        sessions::table
            .inner_join(staff::table.on(staff::user_id.eq(sessions::user_id)))
            .filter(open().and(sessions::audience.eq(Audience::Staff)))
            .select((sessions::id, staff::role))
            .load(c)
    })?;
    let members: Vec<(LoginId, MemberRole)> = run!(conn, |c| {
        let its = memberships::tenant_id.nullable().eq(sessions::tenant_id).and(memberships::user_id.eq(sessions::user_id));
        sessions::table
            .inner_join(memberships::table.on(its))
            .inner_join(tenants::table.on(tenants::id.eq(memberships::tenant_id)))
            .filter(open().and(sessions::audience.eq(Audience::Member)).and(tenants::closed_at.is_null()))
            .select((sessions::id, memberships::role))
            .load(c)
    })?;
    let keys: Vec<(ApiKeyId, String)> = run!(conn, |c| {
        api_keys::table
            .inner_join(tenants::table)
            .filter(api_keys::id.eq_any(&keys).and(api_keys::revoked_at.is_null()).and(tenants::closed_at.is_null()))
            .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(now)))
            .select((api_keys::id, api_keys::permissions))
            .load(c)
    })?;
    let staff = staff.into_iter().map(|(id, role)| (id.uuid(), role.as_str().to_owned()));
    let members = members.into_iter().map(|(id, role)| (id.uuid(), role.as_str().to_owned()));
    Ok(staff.chain(members).chain(keys.into_iter().map(|(id, words)| (id.uuid(), words))).collect())
}
