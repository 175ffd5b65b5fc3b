//! Who works for the platform.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::UserId,
    identity::model::StaffRole,
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
