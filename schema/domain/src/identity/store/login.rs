//! Signing in, before and after the password is looked at. Nobody has authority yet, so none is asked for.

use std::{net::IpAddr, time::Duration};

use diesel::{dsl::exists, prelude::*};
use diesel_async::RunQueryDsl;

use super::tally::{self, Counter};
use crate::{
    audit::{Action, Change, Trace},
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::{DeviceId, LoginId, TenantId, UserId},
    identity::{
        key::InstanceKey,
        model::{Audience, Choice, Member, MemberRole, Principal, Session, SessionKind, SessionLengths, SignedIn, Staff, User},
        secret::{self, Token},
        throttle,
    },
    run,
    tables::{devices, memberships, sessions, staff, tenants, users},
};

/// So many devices of a person are known.
const DEVICES: usize = 20;

/// Whether a guess is let in.
pub(in crate::identity) enum Admission {
    /// It is, and has been counted.
    Admitted(Admitted),
    /// It is not, and has not; after this the next is.
    Throttled(Duration),
}

/// A guess that was let in.
pub(in crate::identity) struct Admitted {
    person: Option<Person>,
    device: Option<(DeviceId, Token)>,
    counted: Vec<Counter>,
}

impl Admitted {
    /// Whether it comes from a device that is known.
    pub(in crate::identity) fn has_device(&self) -> bool {
        self.device.is_some()
    }

    /// What the password must be the one of, if there is anybody.
    pub(in crate::identity) fn password_hash(&self) -> Option<&str> {
        self.person.as_ref().map(|person| person.password_hash.as_str())
    }
}

struct Person {
    user: User,
    password_hash: String,
}

/// Counts a guess, and lets it in or not.
pub(in crate::identity) async fn admit(
    conn: &mut Conn,
    key: &InstanceKey,
    audience: Audience,
    email: &str,
    address: IpAddr,
    device: Option<Token>,
    now: Instant,
) -> Result<Admission, Fault> {
    conn.transaction("identity.admit", async |tx| {
        let person = person(tx, audience, email).await?;
        let device = match device {
            Some(token) => known(tx, person.as_ref(), token).await?,
            None => None,
        };
        let counted = counters(key, email, address, device.as_ref().map(|(id, _)| *id));
        Ok(match tally::count(tx, &counted, now).await? {
            Some(wait) => Admission::Throttled(wait),
            None => Admission::Admitted(Admitted { person, device, counted }),
        })
    })
    .await
}

/// Whoever has this e-mail and comes through this door at all.
async fn person(tx: &mut Conn, audience: Audience, email: &str) -> Result<Option<Person>, Fault> {
    let row: Option<(UserId, String, String, String)> = match audience {
        Audience::Staff => run!(tx, |c| {
            users::table
                .filter(users::email.eq(email).and(exists(staff::table.filter(staff::user_id.eq(users::id)))))
                .select((users::id, users::email, users::name, users::password_hash))
                .first(c)
        }),
        Audience::Member => run!(tx, |c| {
            users::table
                .filter(users::email.eq(email).and(exists(memberships::table.filter(memberships::user_id.eq(users::id)))))
                .select((users::id, users::email, users::name, users::password_hash))
                .first(c)
        }),
    }
    .optional()?;
    Ok(row.map(|(id, email, name, password_hash)| Person { user: User { id, email, name }, password_hash }))
}

/// The device, if this person has signed in from it. It is looked for even if there is nobody, so that this takes as long.
async fn known(tx: &mut Conn, person: Option<&Person>, token: Token) -> Result<Option<(DeviceId, Token)>, Fault> {
    let hash = token.hash();
    let device: Option<(DeviceId, UserId)> = run!(tx, |c| {
        devices::table.filter(devices::token_hash.eq(hash.as_slice())).select((devices::id, devices::user_id)).first(c)
    })
    .optional()?;
    let its = device.filter(|(_, user)| person.is_some_and(|person| person.user.id == *user));
    Ok(its.map(|(id, _)| (id, token)))
}

/// What a guess is counted by, always in this order, so that nobody waits for somebody who waits for them. By the address first:
/// whoever may not come in leaves no row for every e-mail they think of.
fn counters(key: &InstanceKey, email: &str, address: IpAddr, device: Option<DeviceId>) -> Vec<Counter> {
    match device {
        None => vec![
            Counter::shared(key, "address", &throttle::network(address), &throttle::ADDRESS),
            Counter::own(key, "email", email, &throttle::STRANGER),
        ],
        Some(device) => vec![
            Counter::own(key, "device", &device.to_string(), &throttle::DEVICE),
            Counter::own(key, "devices", email, &throttle::DEVICES),
        ],
    }
}

/// Takes a guess back that was let in and not looked at.
pub(in crate::identity) async fn give_back(conn: &mut Conn, admitted: &Admitted, now: Instant) -> Result<(), Fault> {
    conn.transaction("identity.give_back", async |tx| tally::refund(tx, &admitted.counted, now).await).await
}

/// What became of a login whose password was right.
pub(in crate::identity) enum Opening {
    /// A session was opened.
    Opened(Box<Opened>),
    /// They are a member of several tenants and named none.
    Choose(Vec<Choice>),
    /// They are no member of the tenant they named.
    NotThere,
    /// The password was changed since it was looked at, or they may no longer come in.
    Gone,
}

/// A session that was opened, with what its owner is handed.
pub(in crate::identity) struct Opened {
    pub(in crate::identity) signed_in: SignedIn,
    pub(in crate::identity) token: Token,
    pub(in crate::identity) device: Token,
}

/// What a session is to be like.
pub(in crate::identity) struct Wanted {
    pub(in crate::identity) audience: Audience,
    /// In which tenant, by its UUID or slug; only members say.
    pub(in crate::identity) tenant: Option<String>,
    pub(in crate::identity) kind: SessionKind,
    pub(in crate::identity) lengths: SessionLengths,
    pub(in crate::identity) trace: Trace,
}

/// Opens a session for somebody whose password was right, knows the device from now on, and forgets the guesses.
pub(in crate::identity) async fn open(
    conn: &mut Conn,
    admitted: &Admitted,
    rehashed: Option<&str>,
    wanted: &Wanted,
    now: Instant,
) -> Result<Opening, Fault> {
    let Some(person) = &admitted.person else { return Ok(Opening::Gone) };
    let opening = conn
        .transaction("identity.open", async |tx| {
            if !still(tx, person, rehashed).await? {
                return Ok(Opening::Gone);
            }
            let principal = match principal(tx, person.user.id, wanted).await? {
                Ok(principal) => principal,
                Err(opening) => {
                    // It was the right password, whatever follows.
                    tally::succeeded(tx, &admitted.counted, now).await?;
                    return Ok(opening);
                }
            };
            let (session, token) = open_session(tx, &person.user, &principal, wanted, now).await?;
            let device = remember(tx, person.user.id, admitted.device.as_ref(), now).await?;
            tally::succeeded(tx, &admitted.counted, now).await?;
            let signed_in = SignedIn { principal, session: Some(session), trace: wanted.trace.clone() };
            Ok::<_, Fault>(Opening::Opened(Box::new(Opened { signed_in, token, device })))
        })
        .await?;
    tally::forget(conn, now).await?;
    Ok(opening)
}

/// Whether the password that was looked at is still theirs; it is stored anew if it was hashed anew. Taking the row makes a change of
/// the password wait, or be seen.
async fn still(tx: &mut Conn, person: &Person, rehashed: Option<&str>) -> Result<bool, Fault> {
    let looked_at = person.password_hash.as_str();
    let same = run!(tx, |c| {
        diesel::update(users::table.find(person.user.id).filter(users::password_hash.eq(looked_at)))
            .set(users::password_hash.eq(rehashed.unwrap_or(looked_at)))
            .execute(c)
    })?;
    Ok(same == 1)
}

/// What they come in as, or why they do not.
async fn principal(tx: &mut Conn, user: UserId, wanted: &Wanted) -> Result<Result<Principal, Opening>, Fault> {
    if wanted.audience == Audience::Staff {
        let role = run!(tx, |c| staff::table.find(user).select(staff::role).first(c)).optional()?;
        return Ok(role.map(|role| Principal::Staff(Staff { user, role, local: false })).ok_or(Opening::Gone));
    }
    type Row = (TenantId, MemberRole, TenantId, String, String);
    let mut all: Vec<Row> = run!(tx, |c| {
        memberships::table
            .inner_join(tenants::table)
            .filter(memberships::user_id.eq(user).and(tenants::closed_at.is_null()))
            .order(tenants::slug)
            .select((tenants::id, memberships::role, tenants::public_id, tenants::slug, tenants::name))
            .load(c)
    })?;
    if let Some(named) = &wanted.tenant {
        all.retain(|(_, _, uuid, slug, _)| slug == named || named.parse().is_ok_and(|named: TenantId| named == *uuid));
    }
    Ok(match all.as_slice() {
        [(tenant, role, ..)] => Ok(Principal::Member(Member { user, tenant: *tenant, role: *role })),
        [] if wanted.tenant.is_some() => Err(Opening::NotThere),
        [] => Err(Opening::Gone),
        _ => Err(Opening::Choose(all.into_iter().map(|(_, role, id, slug, name)| Choice { id, slug, name, role }).collect())),
    })
}

async fn open_session(
    tx: &mut Conn,
    user: &User,
    principal: &Principal,
    wanted: &Wanted,
    now: Instant,
) -> Result<(Session, Token), Fault> {
    forget_ended(tx, user.id, wanted.lengths, now).await?;
    let (token, id) = (Token::issue(secret::of_session(wanted.audience)), LoginId::new());
    let (hash, expires_at) = (token.hash(), now.after(wanted.lengths.longest));
    let tenant = principal.tenant();
    run!(tx, |c| {
        diesel::insert_into(sessions::table)
            .values((
                sessions::id.eq(id),
                sessions::token_hash.eq(hash.as_slice()),
                sessions::user_id.eq(user.id),
                sessions::audience.eq(wanted.audience),
                sessions::kind.eq(wanted.kind),
                sessions::created_at.eq(now),
                sessions::seen_at.eq(now),
                sessions::expires_at.eq(expires_at),
                sessions::tenant_id.eq(tenant),
            ))
            .execute(c)
    })?;
    principal.record(tx, &wanted.trace, Change::of(Action::SessionOpened, id.uuid(), &[]), now).await?;
    Ok((Session { id, user: user.clone(), kind: wanted.kind, expires_at }, token))
}

/// Sessions that are over are of no use to anybody.
async fn forget_ended(tx: &mut Conn, user: UserId, lengths: SessionLengths, now: Instant) -> Result<(), Fault> {
    let idle_since = now.before(lengths.idle);
    run!(tx, |c| {
        diesel::delete(sessions::table)
            .filter(sessions::user_id.eq(user))
            .filter(sessions::expires_at.le(now).or(sessions::seen_at.le(idle_since)).or(sessions::revoked_at.is_not_null()))
            .execute(c)
    })?;
    Ok(())
}

/// Knows the device from now on: the one that was known, or a new one.
async fn remember(tx: &mut Conn, user: UserId, known: Option<&(DeviceId, Token)>, now: Instant) -> Result<Token, Fault> {
    if let Some((id, token)) = known {
        let seen = run!(tx, |c| diesel::update(devices::table.find(*id)).set(devices::seen_at.eq(now)).execute(c))?;
        if seen == 1 {
            return Ok(token.clone());
        }
    }
    let token = Token::issue(secret::DEVICE);
    let hash = token.hash();
    run!(tx, |c| {
        diesel::insert_into(devices::table)
            .values((
                devices::id.eq(DeviceId::new()),
                devices::token_hash.eq(hash.as_slice()),
                devices::user_id.eq(user),
                devices::created_at.eq(now),
                devices::seen_at.eq(now),
            ))
            .execute(c)
    })?;
    let known: Vec<(DeviceId, Instant, Instant)> = run!(tx, |c| {
        devices::table
            .filter(devices::user_id.eq(user))
            .order((devices::seen_at.asc(), devices::id.asc()))
            .select((devices::id, devices::created_at, devices::seen_at))
            .load(c)
    })?;
    let too_many = forgotten(&known);
    if !too_many.is_empty() {
        run!(tx, |c| diesel::delete(devices::table.filter(devices::id.eq_any(&too_many))).execute(c))?;
    }
    Ok(token)
}

/// Which devices make room, given all of a person's, the one that was seen longest ago first: those that were never sent back before
/// those that were, so that programs which forget theirs push nobody's browser out. The last one is never among them: it is the new one.
fn forgotten(known: &[(DeviceId, Instant, Instant)]) -> Vec<DeviceId> {
    let Some((_, others)) = known.split_last() else { return Vec::new() };
    let mut others: Vec<_> = others.iter().collect();
    others.sort_by_key(|(_, created, seen)| created != seen);
    let count = known.len().saturating_sub(DEVICES);
    others.into_iter().take(count).map(|(id, ..)| *id).collect()
}
