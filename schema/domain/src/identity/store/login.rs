//! Signing in, before and after the password is looked at. Nobody has authority yet, so none is asked for.

use std::{net::IpAddr, time::Duration};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::{DeviceId, LoginId, UserId},
    identity::{
        key::InstanceKey,
        model::{Audience, SessionKind, SessionLengths, SignedIn, Staff, StaffRole, User},
        secret::{self, Token},
        throttle::{self, Allowance, Tally},
    },
    run,
    tables::{devices, login_attempts, sessions, staff, users},
};

/// So many devices of a person are known.
const DEVICES: usize = 20;
/// Attempts are forgotten after this: by then nothing of them holds anybody up.
const FORGOTTEN: Duration = Duration::from_secs(2 * 86_400);

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

/// Something that guesses are counted by.
struct Counter {
    key: [u8; 32],
    allowance: &'static Allowance,
    /// Whether a login ends the counting. Under one that others share it only takes its own guess back.
    own: bool,
}

/// Counts a guess, and lets it in or not. Everybody who counts by the same key waits here for each other, on every process.
pub(in crate::identity) async fn admit(
    conn: &mut Conn,
    key: &InstanceKey,
    email: &str,
    address: IpAddr,
    device: Option<Token>,
    now: Instant,
) -> Result<Admission, Fault> {
    conn.transaction("identity.admit", async |tx| {
        let person = person(tx, email).await?;
        let device = match device {
            Some(token) => known(tx, person.as_ref(), token).await?,
            None => None,
        };
        let counted = counters(key, email, address, device.as_ref().map(|(id, _)| *id));
        let mut tallies = Vec::new();
        for counter in &counted {
            let tally = take(tx, &counter.key, now).await?;
            if let Some(wait) = tally.wait(now) {
                return Ok(Admission::Throttled(wait));
            }
            tallies.push(tally);
        }
        for (counter, tally) in counted.iter().zip(tallies) {
            put(tx, &counter.key, tally.counted(counter.allowance, now)).await?;
        }
        Ok(Admission::Admitted(Admitted { person, device, counted }))
    })
    .await
}

async fn person(tx: &mut Conn, email: &str) -> Result<Option<Person>, Fault> {
    let row: Option<(UserId, String, String, String)> = run!(tx, |c| {
        users::table
            .inner_join(staff::table)
            .filter(users::email.eq(email))
            .select((users::id, users::email, users::name, users::password_hash))
            .first(c)
    })
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
    let counter = |kind: &str, text: &str, allowance, own| Counter { key: key.counter(kind, text), allowance, own };
    match device {
        None => vec![
            counter("address", &throttle::network(address), &throttle::ADDRESS, false),
            counter("email", email, &throttle::STRANGER, true),
        ],
        Some(device) => vec![
            counter("device", &device.to_string(), &throttle::DEVICE, true),
            counter("devices", email, &throttle::DEVICES, true),
        ],
    }
}

/// The tally under a key. Its row is written to even if nothing changes, which keeps others from it until this transaction ends.
async fn take(tx: &mut Conn, key: &[u8; 32], now: Instant) -> Result<Tally, Fault> {
    let none = Tally::none(now);
    let (count, counted_at, open_at) = run!(tx, |c| {
        diesel::insert_into(login_attempts::table)
            .values((
                login_attempts::key.eq(key.as_slice()),
                login_attempts::count.eq(none.count),
                login_attempts::counted_at.eq(none.counted_at),
                login_attempts::open_at.eq(none.open_at),
                login_attempts::tried_at.eq(now),
            ))
            .on_conflict(login_attempts::key)
            .do_update()
            .set(login_attempts::tried_at.eq(now))
            .returning((login_attempts::count, login_attempts::counted_at, login_attempts::open_at))
            .get_result(c)
    })?;
    Ok(Tally { count, counted_at, open_at })
}

async fn put(tx: &mut Conn, key: &[u8; 32], tally: Tally) -> Result<(), Fault> {
    run!(tx, |c| {
        diesel::update(login_attempts::table.find(key.as_slice()))
            .set((
                login_attempts::count.eq(tally.count),
                login_attempts::counted_at.eq(tally.counted_at),
                login_attempts::open_at.eq(tally.open_at),
            ))
            .execute(c)
    })?;
    Ok(())
}

/// A session that was opened, with what its owner is handed.
pub(in crate::identity) struct Opened {
    pub(in crate::identity) signed_in: SignedIn,
    pub(in crate::identity) token: Token,
    pub(in crate::identity) device: Token,
}

/// Opens a session for somebody whose password was right, knows the device from now on, and forgets the guesses. `None` if the
/// password was changed since it was looked at, or they no longer work here.
pub(in crate::identity) async fn open(
    conn: &mut Conn,
    admitted: &Admitted,
    rehashed: Option<&str>,
    kind: SessionKind,
    lengths: SessionLengths,
    now: Instant,
) -> Result<Option<Opened>, Fault> {
    let Some(person) = &admitted.person else { return Ok(None) };
    let user = person.user.id;
    let opened = conn
        .transaction("identity.open", async |tx| {
            let Some(role) = still(tx, person, rehashed).await? else { return Ok(None) };
            forget_ended(tx, user, lengths, now).await?;
            let (token, session, expires_at) = (Token::issue(secret::STAFF), LoginId::new(), now.after(lengths.longest));
            let hash = token.hash();
            run!(tx, |c| {
                diesel::insert_into(sessions::table)
                    .values((
                        sessions::id.eq(session),
                        sessions::token_hash.eq(hash.as_slice()),
                        sessions::user_id.eq(user),
                        sessions::audience.eq(Audience::Staff),
                        sessions::kind.eq(kind),
                        sessions::created_at.eq(now),
                        sessions::seen_at.eq(now),
                        sessions::expires_at.eq(expires_at),
                    ))
                    .execute(c)
            })?;
            let device = remember(tx, user, admitted.device.as_ref(), now).await?;
            for counter in &admitted.counted {
                let tally = take(tx, &counter.key, now).await?;
                let after = if counter.own { Tally::none(now) } else { tally.refunded(counter.allowance, now) };
                put(tx, &counter.key, after).await?;
            }
            let signed_in = SignedIn { staff: Staff::new(user, role), user: person.user.clone(), session, kind, expires_at };
            Ok::<_, Fault>(Some(Opened { signed_in, token, device }))
        })
        .await?;
    let long_ago = now.before(FORGOTTEN);
    run!(conn, |c| diesel::delete(login_attempts::table.filter(login_attempts::tried_at.lt(long_ago))).execute(c))?;
    Ok(opened)
}

/// What they work as, if the password that was looked at is still theirs; it is stored anew if it was hashed anew. Taking the row
/// makes a change of the password wait, or be seen.
async fn still(tx: &mut Conn, person: &Person, rehashed: Option<&str>) -> Result<Option<StaffRole>, Fault> {
    let (looked_at, user) = (person.password_hash.as_str(), person.user.id);
    let same = run!(tx, |c| {
        diesel::update(users::table.find(user).filter(users::password_hash.eq(looked_at)))
            .set(users::password_hash.eq(rehashed.unwrap_or(looked_at)))
            .execute(c)
    })?;
    if same == 0 {
        return Ok(None);
    }
    Ok(run!(tx, |c| staff::table.find(user).select(staff::role).first(c)).optional()?)
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
