//! Asking people to join: a tenant's team, or those who work for the platform.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    member::TeamChange,
    tally::{self, Counter},
};
use crate::{
    audit::{Action, Change},
    clock::Instant,
    credit::{self, Entitled, Entitlement},
    db::Conn,
    fault::Fault,
    id::{InvitationId, TenantId},
    identity::{
        key::InstanceKey,
        model::{Audience, Invitation, JoinAs, MemberRole, Permission, StaffRole},
        rules::{self, RoleFault},
        throttle,
    },
    locale::Locale,
    mail::{self, Kind, NewMail},
    page::{Page, Slice},
    run,
    tables::{invitations, memberships, staff, tenants, users},
    tenancy::{self, Platform, Scope},
};

/// An invitation to be sent.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// To whom: an e-mail that may be somebody's.
    pub email: String,
    /// How long it is good.
    pub lasts: Duration,
}

/// What became of asking somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invited {
    /// A letter is on its way.
    Sent(Invitation),
    /// They are there already.
    AlreadyThere,
    /// The caller may not give this role.
    NotYours(RoleFault),
    /// They got too many letters already; the next may be sent after this.
    TooOften(Duration),
    /// The plan has no seat left.
    NoSeat(Entitled),
}

/// Asks somebody to join a tenant's team. Asking again takes the place of what was asked before.
///
/// # Errors
/// If a rule about invitations (`invitations_email_form`, …) would be broken, or the store fails.
pub async fn invite(
    conn: &mut Conn,
    scope: &Scope,
    key: &InstanceKey,
    new: &NewInvitation,
    role: MemberRole,
    now: Instant,
) -> Result<Invited, Fault> {
    scope.require(Permission::MemberManage)?;
    if let Err(fault) = rules::may_give(scope.caller(), role) {
        return Ok(Invited::NotYours(fault));
    }
    let (tenant, email) = (scope.tenant(), new.email.as_str());
    conn.transaction("identity.invite", async |tx| {
        tenancy::lock(tx, tenant).await?;
        let there: i64 = run!(tx, |c| {
            memberships::table
                .inner_join(users::table)
                .filter(memberships::tenant_id.eq(tenant).and(users::email.eq(email)))
                .count()
                .get_result(c)
        })?;
        if there > 0 {
            return Ok(Invited::AlreadyThere);
        }
        // What was asked before is undone by this, which is for those alone who may ask it.
        let before = asked_before(tx, tenant, Audience::Member, email).await?;
        if let Some((_, JoinAs::Member(role))) = before
            && let Err(fault) = rules::may_give(scope.caller(), role)
        {
            return Ok(Invited::NotYours(fault));
        }
        if let Some(full) = seats(tx, scope, Some(email), now).await?.filter(Entitled::is_used_up) {
            return Ok(Invited::NoSeat(full));
        }
        if let Some(wait) = too_often(tx, key, tenant, email, now).await? {
            return Ok(Invited::TooOften(wait));
        }
        if let Some((before, _)) = before {
            end(tx, before, now).await?;
            scope.record(tx, Change::of(Action::InvitationRevoked, before.uuid(), &["revoked_at"]), now).await?;
        }
        let invitation = ask(tx, scope, key, new, JoinAs::Member(role), now).await?;
        scope.record(tx, Change::of(Action::InvitationCreated, invitation.id.uuid(), &["email", "role"]), now).await?;
        Ok(Invited::Sent(invitation))
    })
    .await
}

/// Asks somebody to work for the platform.
///
/// # Errors
/// As [`invite`].
pub async fn invite_staff(
    conn: &mut Conn,
    platform: &Platform,
    key: &InstanceKey,
    new: &NewInvitation,
    role: StaffRole,
    now: Instant,
) -> Result<Invited, Fault> {
    platform.require(Permission::MemberManage)?;
    let email = new.email.as_str();
    conn.transaction("identity.invite_staff", async |tx| {
        let own = tenancy::platform_tenant(tx).await?.ok_or(Fault::NotSetUp)?;
        let scope = platform.within(&own);
        tenancy::lock(tx, own.id).await?;
        let there: i64 =
            run!(tx, |c| staff::table.inner_join(users::table).filter(users::email.eq(email)).count().get_result(c))?;
        if there > 0 {
            return Ok(Invited::AlreadyThere);
        }
        if let Some(wait) = too_often(tx, key, own.id, email, now).await? {
            return Ok(Invited::TooOften(wait));
        }
        if let Some((before, _)) = asked_before(tx, own.id, Audience::Staff, email).await? {
            end(tx, before, now).await?;
            platform.record(tx, Change::of(Action::InvitationRevoked, before.uuid(), &["revoked_at"]), now).await?;
        }
        let invitation = ask(tx, &scope, key, new, JoinAs::Staff(role), now).await?;
        platform.record(tx, Change::of(Action::InvitationCreated, invitation.id.uuid(), &["email", "role"]), now).await?;
        Ok(Invited::Sent(invitation))
    })
    .await
}

/// How long somebody is left alone who was asked again and again. Each tenant is counted for itself, and not with what people ask for
/// themselves: nobody can keep another's letters from them.
async fn too_often(
    tx: &mut Conn,
    key: &InstanceKey,
    tenant: TenantId,
    email: &str,
    now: Instant,
) -> Result<Option<Duration>, Fault> {
    let of = Counter::own(key, "invitations of", &tenant.to_string(), &throttle::INVITATIONS_OF);
    let to = Counter::own(key, "invitations to", &format!("{tenant} {email}"), &throttle::LETTERS_TO);
    tally::count(tx, &[of, to], now).await
}

/// The invitation that somebody has already and may still accept.
async fn asked_before(
    tx: &mut Conn,
    tenant: TenantId,
    audience: Audience,
    email: &str,
) -> Result<Option<(InvitationId, JoinAs)>, Fault> {
    let row: Option<(InvitationId, String)> = run!(tx, |c| {
        invitations::table
            .filter(invitations::tenant_id.eq(tenant).and(invitations::audience.eq(audience)).and(invitations::email.eq(email)))
            .filter(invitations::accepted_at.is_null().and(invitations::revoked_at.is_null()))
            .select((invitations::id, invitations::role))
            .first(c)
    })
    .optional()?;
    Ok(row.and_then(|(id, role)| Some((id, joins_as(audience, &role)?))))
}

async fn end(tx: &mut Conn, id: InvitationId, now: Instant) -> Result<(), Fault> {
    run!(tx, |c| diesel::update(invitations::table.find(id)).set(invitations::revoked_at.eq(now)).execute(c))?;
    Ok(())
}

async fn ask(
    tx: &mut Conn,
    scope: &Scope,
    key: &InstanceKey,
    new: &NewInvitation,
    join_as: JoinAs,
    now: Instant,
) -> Result<Invitation, Fault> {
    let (tenant, email, id) = (scope.tenant(), new.email.as_str(), InvitationId::new());
    let (audience, role) = match join_as {
        JoinAs::Member(role) => (Audience::Member, role.as_str()),
        JoinAs::Staff(role) => (Audience::Staff, role.as_str()),
    };
    let expires_at = now.after(new.lasts);
    run!(tx, |c| {
        diesel::insert_into(invitations::table)
            .values((
                invitations::id.eq(id),
                invitations::tenant_id.eq(tenant),
                invitations::audience.eq(audience),
                invitations::email.eq(email),
                invitations::role.eq(role),
                invitations::created_at.eq(now),
                invitations::expires_at.eq(expires_at),
            ))
            .execute(c)
    })?;
    let (business, locale): (String, Locale) =
        run!(tx, |c| tenants::table.find(tenant).select((tenants::name, tenants::default_locale)).first(c))?;
    let letter = NewMail {
        kind: Kind::Invitation,
        email,
        locale,
        business: &business,
        user: None,
        invitation: Some(id),
        lasts: new.lasts,
    };
    mail::write(tx, scope, key, letter, now).await?;
    Ok(Invitation { id, email: email.to_owned(), join_as, created_at: now, expires_at })
}

/// How the seats of a tenant's plan stand: members, and those who were asked and may still say yes, but for one. `None` without a
/// subscription, and so without a plan.
pub(super) async fn seats(tx: &mut Conn, scope: &Scope, but: Option<&str>, now: Instant) -> Result<Option<Entitled>, Fault> {
    let taken = seats_taken(tx, scope, but, now).await?;
    credit::entitled(tx, scope, Entitlement::Seats, taken, now).await
}

/// How many seats are taken or promised, but for one.
pub(crate) async fn seats_taken(conn: &mut Conn, scope: &Scope, but: Option<&str>, now: Instant) -> Result<i64, Fault> {
    let tenant = scope.tenant();
    let members: i64 = run!(conn, |c| memberships::table.filter(memberships::tenant_id.eq(tenant)).count().get_result(c))?;
    let asked: i64 = run!(conn, |c| {
        let mut open = invitations::table
            .filter(invitations::tenant_id.eq(tenant).and(invitations::audience.eq(Audience::Member)))
            .filter(invitations::accepted_at.is_null().and(invitations::revoked_at.is_null()))
            .filter(invitations::expires_at.gt(now))
            .count()
            .into_boxed();
        if let Some(email) = but {
            open = open.filter(invitations::email.ne(email));
        }
        open.get_result(c)
    })?;
    Ok(members.saturating_add(asked))
}

/// Asks a business' first owner to join it: part of setting it up, by who may do that.
pub(crate) async fn ask_owner(
    tx: &mut Conn,
    scope: &Scope,
    key: &InstanceKey,
    new: &NewInvitation,
    now: Instant,
) -> Result<Invitation, Fault> {
    scope.require(Permission::TenantManage)?;
    ask(tx, scope, key, new, JoinAs::Member(MemberRole::Owner), now).await
}

/// Takes back an invitation that nobody has accepted; one as an owner is for owners alone to take back.
///
/// # Errors
/// If the store fails.
pub async fn revoke_invitation(
    conn: &mut Conn,
    scope: &Scope,
    id: InvitationId,
    now: Instant,
) -> Result<TeamChange<Invitation>, Fault> {
    scope.require(Permission::MemberManage)?;
    let tenant = scope.tenant();
    conn.transaction("identity.revoke_invitation", async |tx| {
        tenancy::lock(tx, tenant).await?;
        let found = open(tx, tenant, Audience::Member, Some(&[id]), Page::first(1), now).await?.items.pop();
        let Some(invitation) = found else { return Ok(TeamChange::Unknown) };
        if let JoinAs::Member(role) = invitation.join_as
            && let Err(fault) = rules::may_give(scope.caller(), role)
        {
            return Ok(TeamChange::NotYours(fault));
        }
        end(tx, id, now).await?;
        scope.record(tx, Change::of(Action::InvitationRevoked, id.uuid(), &["revoked_at"]), now).await?;
        Ok(TeamChange::Done(invitation))
    })
    .await
}

/// The same with an invitation to work for the platform.
///
/// # Errors
/// If the store fails.
pub async fn revoke_staff_invitation(
    conn: &mut Conn,
    platform: &Platform,
    id: InvitationId,
    now: Instant,
) -> Result<Option<Invitation>, Fault> {
    platform.require(Permission::MemberManage)?;
    conn.transaction("identity.revoke_staff_invitation", async |tx| {
        let own = tenancy::platform_tenant(tx).await?.ok_or(Fault::NotSetUp)?;
        tenancy::lock(tx, own.id).await?;
        let found = open(tx, own.id, Audience::Staff, Some(&[id]), Page::first(1), now).await?.items.pop();
        if found.is_some() {
            end(tx, id, now).await?;
            platform.record(tx, Change::of(Action::InvitationRevoked, id.uuid(), &["revoked_at"]), now).await?;
        }
        Ok(found)
    })
    .await
}

/// Those of the invitations to a tenant's team that may still be accepted.
///
/// # Errors
/// If the store fails.
pub async fn invitations_by_id(
    conn: &mut Conn,
    scope: &Scope,
    ids: &[InvitationId],
    now: Instant,
) -> Result<Vec<Invitation>, Fault> {
    scope.require(Permission::MemberManage)?;
    Ok(open(conn, scope.tenant(), Audience::Member, Some(ids), Page::first(u16::MAX), now).await?.items)
}

/// The same of those who are asked to work for the platform.
///
/// # Errors
/// If the store fails.
pub async fn staff_invitations_by_id(
    conn: &mut Conn,
    platform: &Platform,
    ids: &[InvitationId],
    now: Instant,
) -> Result<Vec<Invitation>, Fault> {
    platform.require(Permission::MemberManage)?;
    let own = tenancy::platform_tenant(conn).await?.ok_or(Fault::NotSetUp)?;
    Ok(open(conn, own.id, Audience::Staff, Some(ids), Page::first(u16::MAX), now).await?.items)
}

/// A page of the invitations to a tenant's team that may still be accepted, the newest first.
///
/// # Errors
/// If the store fails.
pub async fn invitations(
    conn: &mut Conn,
    scope: &Scope,
    page: Page<InvitationId>,
    now: Instant,
) -> Result<Slice<Invitation>, Fault> {
    scope.require(Permission::MemberManage)?;
    open(conn, scope.tenant(), Audience::Member, None, page, now).await
}

/// The same of those who are asked to work for the platform.
///
/// # Errors
/// If the store fails.
pub async fn staff_invitations(
    conn: &mut Conn,
    platform: &Platform,
    page: Page<InvitationId>,
    now: Instant,
) -> Result<Slice<Invitation>, Fault> {
    platform.require(Permission::MemberManage)?;
    let own = tenancy::platform_tenant(conn).await?.ok_or(Fault::NotSetUp)?;
    open(conn, own.id, Audience::Staff, None, page, now).await
}

async fn open(
    conn: &mut Conn,
    tenant: TenantId,
    audience: Audience,
    only: Option<&[InvitationId]>,
    page: Page<InvitationId>,
    now: Instant,
) -> Result<Slice<Invitation>, Fault> {
    let rows: Vec<(InvitationId, String, String, Instant, Instant)> = run!(conn, |c| {
        let mut query = invitations::table
            .filter(invitations::tenant_id.eq(tenant).and(invitations::audience.eq(audience)))
            .filter(invitations::accepted_at.is_null().and(invitations::revoked_at.is_null()))
            .filter(invitations::expires_at.gt(now))
            .select((invitations::id, invitations::email, invitations::role, invitations::created_at, invitations::expires_at))
            .into_boxed();
        if let Some(only) = only {
            query = query.filter(invitations::id.eq_any(only));
        }
        if let Some(after) = page.after {
            query = query.filter(invitations::id.lt(after));
        }
        if let Some(before) = page.before {
            query = query.filter(invitations::id.gt(before));
        }
        if page.backwards() {
            query = query.order(invitations::id.asc());
        } else {
            query = query.order(invitations::id.desc());
        }
        query.limit(page.limit()).load(c)
    })?;
    let made = rows.into_iter().filter_map(|(id, email, role, created_at, expires_at)| {
        let join_as = joins_as(audience, &role)?;
        Some(Invitation { id, email, join_as, created_at, expires_at })
    });
    Ok(page.slice(made.collect()))
}

/// A role of an audience; a rule of the store keeps others out.
pub(super) fn joins_as(audience: Audience, role: &str) -> Option<JoinAs> {
    match audience {
        Audience::Member => role.parse().ok().map(JoinAs::Member),
        Audience::Staff => role.parse().ok().map(JoinAs::Staff),
    }
}
