//! Making an account and getting back into one: what the links in letters do, and changing one's password.

use std::{net::IpAddr, time::Duration};

use diesel::{dsl::exists, prelude::*};
use diesel_async::RunQueryDsl;

use super::{
    invitation::{joins_as, seats},
    session,
    tally::{self, Counter},
};
use crate::{
    audit::{Action, Change, Trace},
    clock::Instant,
    credit::Entitled,
    db::Conn,
    fault::Fault,
    id::{TenantId, UserId},
    identity::{
        key::InstanceKey,
        model::{Audience, JoinAs, Member, MemberRole, Principal, Session, Staff},
        rules,
        secret::Token,
        throttle,
    },
    locale::Locale,
    mail::{self, Kind, Link, NewMail},
    run,
    tables::{invitations, memberships, staff, tenants, users},
    tenancy::{self, Platform, Scope},
};

/// A letter that somebody asks for who is not signed in.
pub(in crate::identity) struct LetterWanted {
    /// To choose a new password, or to sign up.
    pub(in crate::identity) kind: Kind,
    pub(in crate::identity) email: String,
    /// Without it, the platform's.
    pub(in crate::identity) business: Option<String>,
    pub(in crate::identity) locale: Locale,
    pub(in crate::identity) address: IpAddr,
    pub(in crate::identity) lasts: Duration,
}

/// Writes a letter to somebody who is not signed in; or says how long the next has to wait. As much is done whether anybody has the
/// e-mail or not, and it is the letter alone that tells.
pub(in crate::identity) async fn ask_for_letter(
    conn: &mut Conn,
    key: &InstanceKey,
    wanted: &LetterWanted,
    now: Instant,
) -> Result<Option<Duration>, Fault> {
    let email = wanted.email.as_str();
    let throttled = conn
        .transaction("identity.ask_for_letter", async |tx| {
            let counters = [
                Counter::shared(key, "letters from", &throttle::network(wanted.address), &throttle::LETTERS_FROM),
                // Each kind by itself: whoever asks for one in another's name keeps no other from them.
                Counter::shared(key, "letters to", &format!("{} {email}", wanted.kind), &throttle::LETTERS_TO),
            ];
            if let Some(wait) = tally::count(tx, &counters, now).await? {
                return Ok(Some(wait));
            }
            let user: Option<UserId> =
                run!(tx, |c| users::table.filter(users::email.eq(email)).select(users::id).first(c)).optional()?;
            let own = tenancy::platform_tenant(tx).await?.ok_or(Fault::NotSetUp)?;
            let letter = NewMail {
                kind: if wanted.kind == Kind::Signup && user.is_some() { Kind::Known } else { wanted.kind },
                email,
                locale: wanted.locale,
                business: wanted.business.as_deref().unwrap_or(&own.name),
                user,
                invitation: None,
                lasts: wanted.lasts,
            };
            mail::write(tx, &Platform::of_this_process().within(&own), key, letter, now).await?;
            Ok::<_, Fault>(None)
        })
        .await?;
    tally::forget(conn, now).await?;
    Ok(throttled)
}

/// A link somebody followed.
pub(in crate::identity) struct Followed {
    pub(in crate::identity) link: Link,
    /// Whether there is an account with the e-mail it was sent to.
    pub(in crate::identity) has_account: bool,
}

/// The link that carries this token, if it is of this kind and good now.
pub(in crate::identity) async fn follow(
    conn: &mut Conn,
    token: &Token,
    kind: Kind,
    now: Instant,
) -> Result<Option<Followed>, Fault> {
    let Some(link) = mail::link(conn, token, kind, now).await? else { return Ok(None) };
    if let Some(invitation) = link.invitation {
        let open: bool = run!(conn, |c| {
            let its = invitations::table.find(invitation);
            diesel::select(exists(its.filter(invitations::accepted_at.is_null().and(invitations::revoked_at.is_null()))))
                .get_result(c)
        })?;
        if !open {
            return Ok(None);
        }
    }
    let email = link.email.as_str();
    let has_account = run!(conn, |c| diesel::select(exists(users::table.filter(users::email.eq(email)))).get_result(c))?;
    Ok(Some(Followed { link, has_account }))
}

/// What became of what a link was followed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// It is done.
    Done,
    /// The link is not good, or no longer.
    Over,
    /// A new account needs a password.
    PasswordNeeded,
    /// The plan has no seat left.
    NoSeat(Entitled),
}

/// A person who is new here.
pub(in crate::identity) struct NewPerson {
    pub(in crate::identity) name: Option<String>,
    pub(in crate::identity) password_hash: String,
}

async fn create(tx: &mut Conn, email: &str, person: &NewPerson, now: Instant) -> Result<UserId, Fault> {
    let id = UserId::new();
    let name = person.name.clone().unwrap_or_else(|| rules::name_of(email));
    run!(tx, |c| {
        diesel::insert_into(users::table)
            .values((
                users::id.eq(id),
                users::email.eq(email),
                users::name.eq(&name),
                users::password_hash.eq(&person.password_hash),
                users::created_at.eq(now),
                users::password_changed_at.eq(now),
            ))
            .execute(c)
    })?;
    Ok(id)
}

/// Opens the business whose sign-up a link confirms: the tenant on trial, its owner and what both need, as a whole.
pub(in crate::identity) async fn confirm_sign_up(
    conn: &mut Conn,
    link: &Link,
    person: &NewPerson,
    trace: &Trace,
    now: Instant,
) -> Result<Made, Fault> {
    conn.transaction("identity.confirm_sign_up", async |tx| {
        // Two links of one e-mail wait here for each other, and not for each other's letters.
        tenancy::lock(tx, link.tenant).await?;
        if !mail::use_link(tx, link, now).await? {
            return Ok(Made::Over);
        }
        mail::void(tx, Kind::Signup, &link.email, now).await?;
        let platform = Platform::of_this_process();
        let tenant = tenancy::open(tx, &platform, &link.business, link.locale, now).await?.ok_or(Fault::NotSetUp)?;
        let user = create(tx, &link.email, person, now).await?;
        let member = Member { user, tenant: tenant.id, role: MemberRole::Owner };
        add_member(tx, &member, now).await?;
        let change = Change::of(Action::TenantCreated, tenant.public_id.uuid(), &["name", "slug"]);
        Principal::Member(member).record(tx, trace, change, now).await?;
        Ok(Made::Done)
    })
    .await
}

async fn add_member(tx: &mut Conn, member: &Member, now: Instant) -> Result<(), Fault> {
    run!(tx, |c| {
        diesel::insert_into(memberships::table)
            .values((
                memberships::tenant_id.eq(member.tenant),
                memberships::user_id.eq(member.user),
                memberships::role.eq(member.role),
                memberships::created_at.eq(now),
            ))
            .execute(c)
    })?;
    Ok(())
}

/// Lets somebody join who was asked to. Whoever reads the mailbox may say yes; who has no account gets one.
pub(in crate::identity) async fn join(
    conn: &mut Conn,
    link: &Link,
    person: Option<&NewPerson>,
    trace: &Trace,
    now: Instant,
) -> Result<Made, Fault> {
    let Some(id) = link.invitation else { return Ok(Made::Over) };
    let email = link.email.as_str();
    conn.transaction("identity.join", async |tx| {
        tenancy::lock(tx, link.tenant).await?;
        let row: Option<(Audience, String)> = run!(tx, |c| {
            invitations::table
                .find(id)
                .filter(invitations::accepted_at.is_null().and(invitations::revoked_at.is_null()))
                .filter(invitations::expires_at.gt(now))
                .select((invitations::audience, invitations::role))
                .first(c)
        })
        .optional()?;
        let Some(join_as) = row.and_then(|(audience, role)| joins_as(audience, &role)) else { return Ok(Made::Over) };
        let known: Option<UserId> =
            run!(tx, |c| users::table.filter(users::email.eq(email)).select(users::id).first(c)).optional()?;
        if known.is_none() && person.is_none() {
            return Ok(Made::PasswordNeeded);
        }
        if let JoinAs::Member(_) = join_as {
            let tenant = run!(tx, |c| tenants::table.find(link.tenant).select(tenancy::Tenant::as_select()).first(c))?;
            if tenant.closed_at.is_some() {
                return Ok(Made::Over);
            }
            let scope = Platform::of_this_process().within(&tenant);
            if let Some(full) = taken(tx, &scope, email, now).await? {
                return Ok(Made::NoSeat(full));
            }
        }
        if !mail::use_link(tx, link, now).await? {
            return Ok(Made::Over);
        }
        run!(tx, |c| diesel::update(invitations::table.find(id)).set(invitations::accepted_at.eq(now)).execute(c))?;
        let user = match (known, person) {
            (Some(user), _) => user,
            (None, Some(person)) => create(tx, email, person, now).await?,
            (None, None) => return Ok(Made::PasswordNeeded),
        };
        // What is left of an earlier time here opens nothing now.
        let (audience, there) = match join_as {
            JoinAs::Member(_) => (Audience::Member, Some(link.tenant)),
            JoinAs::Staff(_) => (Audience::Staff, None),
        };
        session::end_former(tx, user, audience, there).await?;
        let principal = match join_as {
            JoinAs::Member(role) => {
                let member = Member { user, tenant: link.tenant, role };
                add_member(tx, &member, now).await?;
                Principal::Member(member)
            }
            JoinAs::Staff(role) => {
                run!(tx, |c| diesel::insert_into(staff::table)
                    .values((staff::user_id.eq(user), staff::role.eq(role)))
                    .execute(c))?;
                Principal::Staff(Staff { user, role, local: false })
            }
        };
        principal.record(tx, trace, Change::of(Action::InvitationAccepted, id.uuid(), &["accepted_at"]), now).await?;
        Ok(Made::Done)
    })
    .await
}

/// The seats, if there is none for who was asked; the plan may have become smaller since.
async fn taken(tx: &mut Conn, scope: &Scope, email: &str, now: Instant) -> Result<Option<Entitled>, Fault> {
    Ok(seats(tx, scope, Some(email), now).await?.filter(Entitled::is_used_up))
}

/// Counts a guess at the password of somebody who is signed in, and lets it in or not.
pub(in crate::identity) async fn admit_change(
    conn: &mut Conn,
    key: &InstanceKey,
    session: &Session,
    now: Instant,
) -> Result<Result<String, Duration>, Fault> {
    conn.transaction("identity.admit_change", async |tx| {
        if let Some(wait) = tally::count(tx, &of_change(key, session), now).await? {
            return Ok(Err(wait));
        }
        let user = session.user.id;
        Ok(Ok(run!(tx, |c| users::table.find(user).select(users::password_hash).first(c))?))
    })
    .await
}

/// By the person and with their known devices, not with what strangers try: that does not hold up who is signed in.
fn of_change(key: &InstanceKey, session: &Session) -> [Counter; 2] {
    [
        Counter::own(key, "change", &session.user.id.to_string(), &throttle::DEVICE),
        Counter::own(key, "devices", &session.user.email, &throttle::DEVICES),
    ]
}

/// A new password, and what is told of it.
pub(in crate::identity) struct NewPassword {
    pub(in crate::identity) hash: String,
    pub(in crate::identity) locale: Locale,
    pub(in crate::identity) lasts: Duration,
}

/// Changes the password of somebody who is signed in. All their other sessions end. `false` if it was changed since it was looked at.
pub(in crate::identity) async fn change_password(
    conn: &mut Conn,
    key: &InstanceKey,
    (principal, session, trace): (&Principal, &Session, &Trace),
    looked_at: &str,
    new: &NewPassword,
    now: Instant,
) -> Result<bool, Fault> {
    let user = session.user.id;
    conn.transaction("identity.change_password", async |tx| {
        let same = run!(tx, |c| {
            diesel::update(users::table.find(user).filter(users::password_hash.eq(looked_at)))
                .set((users::password_hash.eq(&new.hash), users::password_changed_at.eq(now)))
                .execute(c)
        })?;
        if same == 0 {
            return Ok(false);
        }
        session::revoke_all(tx, user, Some(session.id), now).await?;
        // A link that somebody else asked for, and read, is good for nothing from now on.
        mail::void(tx, Kind::Reset, &session.user.email, now).await?;
        tally::succeeded(tx, &of_change(key, session), now).await?;
        tell(tx, key, user, &session.user.email, new, now).await?;
        principal.record(tx, trace, Change::of(Action::PasswordChanged, user.uuid(), &["password"]), now).await?;
        Ok(true)
    })
    .await
}

/// Gives somebody the password they chose by a link. All their sessions end.
pub(in crate::identity) async fn reset_password(
    conn: &mut Conn,
    key: &InstanceKey,
    link: &Link,
    new: &NewPassword,
    trace: &Trace,
    now: Instant,
) -> Result<Made, Fault> {
    let Some(user) = link.user else { return Ok(Made::Over) };
    conn.transaction("identity.reset_password", async |tx| {
        // Two links of one person wait here for each other, and not for each other's letters.
        run!(tx, |c| diesel::update(users::table.find(user)).set(users::email.eq(users::email)).execute(c))?;
        if !mail::use_link(tx, link, now).await? {
            return Ok(Made::Over);
        }
        mail::void(tx, Kind::Reset, &link.email, now).await?;
        run!(tx, |c| {
            diesel::update(users::table.find(user))
                .set((users::password_hash.eq(&new.hash), users::password_changed_at.eq(now)))
                .execute(c)
        })?;
        session::revoke_all(tx, user, None, now).await?;
        tell(tx, key, user, &link.email, new, now).await?;
        let role = run!(tx, |c| staff::table.find(user).select(staff::role).first(c)).optional()?;
        let change = Change::of(Action::PasswordReset, user.uuid(), &["password"]);
        match role {
            Some(role) => Principal::Staff(Staff { user, role, local: false }).record(tx, trace, change, now).await?,
            // They may be a member of several tenants, or of none any more.
            None => record_person(tx, user, trace, change, now).await?,
        }
        Ok(Made::Done)
    })
    .await
}

/// Notes what a person did who is in no tenant at this moment.
async fn record_person(tx: &mut Conn, user: UserId, trace: &Trace, change: Change<'_>, now: Instant) -> Result<(), Fault> {
    let actor = crate::audit::Actor { kind: crate::audit::ActorKind::Member, id: Some(user.uuid()) };
    crate::audit::record(tx, &actor, None::<TenantId>, trace, change, now).await
}

/// A letter that the password was changed.
async fn tell(tx: &mut Conn, key: &InstanceKey, user: UserId, email: &str, new: &NewPassword, now: Instant) -> Result<(), Fault> {
    let own = tenancy::platform_tenant(tx).await?.ok_or(Fault::NotSetUp)?;
    let letter = NewMail {
        kind: Kind::Changed,
        email,
        locale: new.locale,
        business: &own.name,
        user: Some(user),
        invitation: None,
        lasts: new.lasts,
    };
    mail::write(tx, &Platform::of_this_process().within(&own), key, letter, now).await?;
    Ok(())
}
