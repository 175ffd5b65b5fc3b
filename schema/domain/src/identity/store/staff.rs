//! Who works for the platform.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{member::TeamChange, session};
use crate::{
    audit::{Action, Change},
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::UserId,
    identity::model::{Audience, Colleague, Permission, Principal, SignedIn, Staff, StaffRole, User},
    page::{Page, Slice},
    run,
    tables::{staff, users},
    tenancy::Platform,
};

/// Whether the platform has an owner.
///
/// # Errors
/// If the store fails.
pub async fn has_owner(conn: &mut Conn, _platform: &Platform) -> Result<bool, Fault> {
    let owner: Option<UserId> =
        run!(conn, |c| staff::table.filter(staff::role.eq(StaffRole::Owner)).select(staff::user_id).first(c)).optional()?;
    Ok(owner.is_some())
}

/// Gives the platform its owner, unless it has one. `true` if this one is it now.
///
/// # Errors
/// If a rule about people (`users_email_unique`, …) would be broken, or the store fails.
pub async fn create_owner(
    conn: &mut Conn,
    platform: &Platform,
    email: &str,
    password_hash: &str,
    now: Instant,
) -> Result<bool, Fault> {
    conn.transaction("identity.create_owner", async |tx| {
        if tx.is_postgres() {
            // Several first starts wait for each other here; SQLite has one writer anyway.
            tx.batch("LOCK TABLE staff IN SHARE ROW EXCLUSIVE MODE").await?;
        }
        if has_owner(tx, platform).await? {
            return Ok(false);
        }
        let user = UserId::new();
        run!(tx, |c| {
            diesel::insert_into(users::table)
                .values((
                    users::id.eq(user),
                    users::email.eq(email),
                    users::name.eq("Owner"),
                    users::password_hash.eq(password_hash),
                    users::created_at.eq(now),
                    users::password_changed_at.eq(now),
                ))
                .execute(c)
        })?;
        run!(tx, |c| {
            diesel::insert_into(staff::table).values((staff::user_id.eq(user), staff::role.eq(StaffRole::Owner))).execute(c)
        })?;
        Ok(true)
    })
    .await
}

type Row = (UserId, String, String, StaffRole);

fn colleague((id, email, name, role): Row) -> Colleague {
    Colleague { user: User { id, email, name }, role }
}

/// A page of those who work for the platform, in the order their accounts were made.
///
/// # Errors
/// If the store fails.
pub async fn colleagues(conn: &mut Conn, platform: &Platform, page: Page<UserId>) -> Result<Slice<Colleague>, Fault> {
    platform.require(Permission::MemberManage)?;
    let rows: Vec<Row> = run!(conn, |c| {
        let mut query =
            staff::table.inner_join(users::table).select((users::id, users::email, users::name, staff::role)).into_boxed();
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
    Ok(page.slice(rows.into_iter().map(colleague).collect()))
}

/// Those of the people who work for the platform.
///
/// # Errors
/// If the store fails.
pub async fn colleagues_by_id(conn: &mut Conn, platform: &Platform, ids: &[UserId]) -> Result<Vec<Colleague>, Fault> {
    platform.require(Permission::MemberManage)?;
    by_id(conn, ids).await
}

async fn by_id(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<Colleague>, Fault> {
    let rows: Vec<Row> = run!(conn, |c| {
        staff::table
            .inner_join(users::table)
            .filter(users::id.eq_any(ids))
            .select((users::id, users::email, users::name, staff::role))
            .load(c)
    })?;
    Ok(rows.into_iter().map(colleague).collect())
}

/// Gives somebody another role. It counts from their next request on.
///
/// # Errors
/// If the store fails.
pub async fn update_staff(
    conn: &mut Conn,
    platform: &Platform,
    user: UserId,
    role: StaffRole,
    now: Instant,
) -> Result<TeamChange<Colleague>, Fault> {
    platform.require(Permission::MemberManage)?;
    conn.transaction("identity.update_staff", async |tx| {
        let before = match may_change(tx, user, Some(role)).await? {
            TeamChange::Done(before) => before,
            refused => return Ok(refused),
        };
        if before.role != role {
            run!(tx, |c| diesel::update(staff::table.find(user)).set(staff::role.eq(role)).execute(c))?;
            platform.record(tx, Change::of(Action::StaffUpdated, user.uuid(), &["role"]), now).await?;
        }
        Ok(TeamChange::Done(Colleague { role, ..before }))
    })
    .await
}

/// Somebody no longer works for the platform. Their sessions here are worth nothing from now on.
///
/// # Errors
/// If the store fails.
pub async fn remove_staff(
    conn: &mut Conn,
    platform: &Platform,
    user: UserId,
    now: Instant,
) -> Result<TeamChange<Colleague>, Fault> {
    platform.require(Permission::MemberManage)?;
    conn.transaction("identity.remove_staff", async |tx| {
        let before = match may_change(tx, user, None).await? {
            TeamChange::Done(before) => before,
            refused => return Ok(refused),
        };
        run!(tx, |c| diesel::delete(staff::table.find(user)).execute(c))?;
        session::end_former(tx, user, Audience::Staff, None).await?;
        platform.record(tx, Change::of(Action::StaffRemoved, user.uuid(), &["role"]), now).await?;
        Ok(TeamChange::Done(before))
    })
    .await
}

/// Whether somebody may be given a role, or (`None`) sent away; they as they are. Two last owners cannot both leave.
async fn may_change(tx: &mut Conn, user: UserId, role: Option<StaffRole>) -> Result<TeamChange<Colleague>, Fault> {
    if tx.is_postgres() {
        tx.batch("LOCK TABLE staff IN SHARE ROW EXCLUSIVE MODE").await?;
    }
    let Some(before) = by_id(tx, &[user]).await?.pop() else { return Ok(TeamChange::Unknown) };
    if before.role == StaffRole::Owner && role != Some(StaffRole::Owner) {
        let owners: i64 = run!(tx, |c| staff::table.filter(staff::role.eq(StaffRole::Owner)).count().get_result(c))?;
        if owners < 2 {
            return Ok(TeamChange::LastOwner);
        }
    }
    Ok(TeamChange::Done(before))
}

/// The platform's first owner, as who works beside the store without signing in; `None` before set-up.
///
/// # Errors
/// If the store fails.
pub async fn local_owner(conn: &mut Conn, _platform: &Platform) -> Result<Option<SignedIn>, Fault> {
    let owner: Option<UserId> = run!(conn, |c| {
        staff::table.filter(staff::role.eq(StaffRole::Owner)).order(staff::user_id).select(staff::user_id).first(c)
    })
    .optional()?;
    Ok(owner.map(|user| SignedIn {
        principal: Principal::Staff(Staff { user, role: StaffRole::Owner, local: true }),
        session: None,
        trace: crate::audit::Trace::default(),
    }))
}
