//! Who is on a tenant's team.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::session;
use crate::{
    audit::{Action, Change},
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::{TenantId, UserId},
    identity::{
        model::{Audience, Choice, MemberRole, Membership, Permission, Session, User},
        rules::{self, RoleFault},
    },
    page::{Page, Slice},
    run,
    tables::{conversations, memberships, tenants, users},
    tenancy::{self, Scope},
};

type Row = (UserId, String, String, MemberRole, Instant);

fn membership((id, email, name, role, joined_at): Row) -> Membership {
    Membership { user: User { id, email, name }, role, joined_at }
}

/// A page of a tenant's members, in the order their accounts were made.
///
/// # Errors
/// If the store fails.
pub async fn members(conn: &mut Conn, scope: &Scope, page: Page<UserId>) -> Result<Slice<Membership>, Fault> {
    scope.require(Permission::MemberManage)?;
    let tenant = scope.tenant();
    let rows: Vec<Row> = run!(conn, |c| {
        let mut query = memberships::table
            .inner_join(users::table)
            .filter(memberships::tenant_id.eq(tenant))
            .select((users::id, users::email, users::name, memberships::role, memberships::created_at))
            .into_boxed();
        if let Some(after) = page.after {
            query = query.filter(users::id.gt(after));
        }
        if let Some(before) = page.before {
            query = query.filter(users::id.lt(before));
        }
        if page.backwards() {
            query = query.order(users::id.desc());
        } else {
            query = query.order(users::id.asc());
        }
        query.limit(page.limit()).load(c)
    })?;
    Ok(page.slice(rows.into_iter().map(membership).collect()))
}

/// Those of the people who are members of the tenant.
///
/// # Errors
/// If the store fails.
pub async fn members_by_id(conn: &mut Conn, scope: &Scope, ids: &[UserId]) -> Result<Vec<Membership>, Fault> {
    scope.require(Permission::MemberManage)?;
    by_id(conn, scope, ids).await
}

/// At most so many of a team are shown at once.
const TEAM: i64 = 500;

/// Who is on the tenant's team, by name: for those who work with conversations. E-mails are not theirs to see.
///
/// # Errors
/// If the store fails.
pub async fn team(conn: &mut Conn, scope: &Scope) -> Result<Vec<(UserId, String, MemberRole)>, Fault> {
    scope.require(Permission::ChatRead)?;
    let tenant = scope.tenant();
    Ok(run!(conn, |c| {
        memberships::table
            .inner_join(users::table)
            .filter(memberships::tenant_id.eq(tenant))
            .order((users::name, users::id))
            .limit(TEAM)
            .select((users::id, users::name, memberships::role))
            .load(c)
    })?)
}

async fn by_id(conn: &mut Conn, scope: &Scope, ids: &[UserId]) -> Result<Vec<Membership>, Fault> {
    let tenant = scope.tenant();
    let rows: Vec<Row> = run!(conn, |c| {
        memberships::table
            .inner_join(users::table)
            .filter(memberships::tenant_id.eq(tenant).and(memberships::user_id.eq_any(ids)))
            .select((users::id, users::email, users::name, memberships::role, memberships::created_at))
            .load(c)
    })?;
    Ok(rows.into_iter().map(membership).collect())
}

/// The tenants somebody is a member of, by their slugs. Their own session is authority enough.
///
/// # Errors
/// If the store fails.
pub async fn memberships_of(conn: &mut Conn, session: &Session) -> Result<Vec<Choice>, Fault> {
    let user = session.user.id;
    let rows: Vec<(TenantId, String, String, MemberRole)> = run!(conn, |c| {
        memberships::table
            .inner_join(tenants::table)
            .filter(memberships::user_id.eq(user).and(tenants::closed_at.is_null()))
            .order(tenants::slug)
            .select((tenants::public_id, tenants::slug, tenants::name, memberships::role))
            .load(c)
    })?;
    Ok(rows.into_iter().map(|(id, slug, name, role)| Choice { id, slug, name, role }).collect())
}

/// What became of changing the team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TeamChange<T> {
    /// It is as was wanted.
    Done(T),
    /// There is nobody of this id.
    Unknown,
    /// The caller may not give this role, or take it away.
    NotYours(RoleFault),
    /// Somebody must be the owner, and they are the last one.
    LastOwner,
}

/// Gives a member another role. It counts from their next request on.
///
/// # Errors
/// If the store fails.
pub async fn update_member(
    conn: &mut Conn,
    scope: &Scope,
    user: UserId,
    role: MemberRole,
    now: Instant,
) -> Result<TeamChange<Membership>, Fault> {
    scope.require(Permission::MemberManage)?;
    conn.transaction("identity.update_member", async |tx| {
        let before = match may_change(tx, scope, user, Some(role)).await? {
            TeamChange::Done(before) => before,
            refused => return Ok(refused),
        };
        if before.role != role {
            run!(tx, |c| diesel::update(memberships::table.find((scope.tenant(), user)))
                .set(memberships::role.eq(role))
                .execute(c))?;
            scope.record(tx, Change::of(Action::MemberUpdated, user.uuid(), &["role"]), now).await?;
        }
        Ok(TeamChange::Done(Membership { role, ..before }))
    })
    .await
}

/// Takes somebody off the team. Their sessions in this tenant end at once.
///
/// # Errors
/// If the store fails.
pub async fn remove_member(conn: &mut Conn, scope: &Scope, user: UserId, now: Instant) -> Result<TeamChange<Membership>, Fault> {
    scope.require(Permission::MemberManage)?;
    conn.transaction("identity.remove_member", async |tx| {
        let before = match may_change(tx, scope, user, None).await? {
            TeamChange::Done(before) => before,
            refused => return Ok(refused),
        };
        let tenant = scope.tenant();
        run!(tx, |c| diesel::delete(memberships::table.find((tenant, user))).execute(c))?;
        session::end_former(tx, user, Audience::Member, Some(tenant)).await?;
        // What they looked after is nobody's until somebody else takes it.
        let theirs = conversations::table.filter(conversations::tenant_id.eq(tenant).and(conversations::assignee_id.eq(user)));
        run!(tx, |c| diesel::update(theirs).set(conversations::assignee_id.eq(None::<UserId>)).execute(c))?;
        scope.record(tx, Change::of(Action::MemberRemoved, user.uuid(), &["role"]), now).await?;
        Ok(TeamChange::Done(before))
    })
    .await
}

/// Whether the caller may give a member a role, or (`None`) send them away; the member as they are. Whoever changes a tenant's team
/// waits here for each other, so that two last owners cannot both leave.
async fn may_change(
    tx: &mut Conn,
    scope: &Scope,
    user: UserId,
    role: Option<MemberRole>,
) -> Result<TeamChange<Membership>, Fault> {
    let tenant = scope.tenant();
    tenancy::lock(tx, tenant).await?;
    let Some(before) = by_id(tx, scope, &[user]).await?.pop() else { return Ok(TeamChange::Unknown) };
    for touched in [Some(before.role), role].into_iter().flatten() {
        if let Err(fault) = rules::may_give(scope.caller(), touched) {
            return Ok(TeamChange::NotYours(fault));
        }
    }
    if before.role == MemberRole::Owner && role != Some(MemberRole::Owner) {
        let owners: i64 = run!(tx, |c| {
            memberships::table
                .filter(memberships::tenant_id.eq(tenant).and(memberships::role.eq(MemberRole::Owner)))
                .count()
                .get_result(c)
        })?;
        if owners < 2 {
            return Ok(TeamChange::LastOwner);
        }
    }
    Ok(TeamChange::Done(before))
}
