//! Changing tenants, and what becomes of them.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::enter::platform_tenant;
use crate::{
    audit::{self, Action},
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::TenantId,
    identity::Permission,
    revision::Changed,
    run,
    tables::tenants,
    tenancy::{
        model::{Change, Closing, Profile, Tenant},
        rules,
        scope::{Platform, Scope},
    },
};

/// Keeps others from changing what is counted in a tenant (its team, its personas, its knowledge) until this transaction ends.
pub(crate) async fn lock(tx: &mut Conn, tenant: TenantId) -> Result<(), Fault> {
    run!(tx, |c| diesel::update(tenants::table.find(tenant)).set(tenants::name.eq(tenants::name)).execute(c))?;
    Ok(())
}

async fn read(conn: &mut Conn, id: TenantId) -> Result<Tenant, Fault> {
    Ok(run!(conn, |c| tenants::table.find(id).select(Tenant::as_select()).first(c))?)
}

/// Changes a tenant, if it is at the `expected` revision, or whatever it is at.
///
/// # Errors
/// If a rule about tenants (`tenants_name_present`, …) would be broken, or the store fails.
pub async fn update(
    conn: &mut Conn,
    scope: &Scope,
    change: &Change,
    expected: Option<i64>,
    now: Instant,
) -> Result<Changed<Tenant>, Fault> {
    scope.require(Permission::TenantManage)?;
    conn.transaction("tenancy.update", async |tx| {
        lock(tx, scope.tenant()).await?;
        let before = read(tx, scope.tenant()).await?;
        if expected.is_some_and(|expected| expected != before.revision) {
            return Ok(Changed::Stale(before));
        }
        let stored = |source| Fault::Stored { what: "profile", source };
        let profile = Profile::read(before.profile.as_deref()).map_err(stored)?;
        let (after, fields) = rules::changed(&before, profile, change);
        if fields.is_empty() {
            return Ok(Changed::Done(before));
        }
        run!(tx, |c| {
            diesel::update(tenants::table.find(after.id))
                .set((
                    tenants::name.eq(&after.name),
                    tenants::default_locale.eq(after.default_locale),
                    tenants::public_chat.eq(after.public_chat),
                    tenants::profile.eq(&after.profile),
                    tenants::away_text.eq(&after.away_text),
                    tenants::office_hours.eq(&after.office_hours),
                    tenants::wait_seconds.eq(after.wait_seconds),
                    tenants::ai_notice.eq(&after.ai_notice),
                    tenants::mask_prompts.eq(after.mask_prompts),
                    tenants::revision.eq(after.revision),
                ))
                .execute(c)
        })?;
        note(tx, scope, Action::TenantUpdated, &after, &fields, now).await?;
        Ok(Changed::Done(after))
    })
    .await
}

async fn note(
    tx: &mut Conn,
    scope: &Scope,
    action: Action,
    tenant: &Tenant,
    fields: &[&'static str],
    now: Instant,
) -> Result<(), Fault> {
    let revision = Some(tenant.revision);
    let change = audit::Change { revision, ..audit::Change::of(action, tenant.public_id.uuid(), fields) };
    scope.record(tx, change, now).await
}

/// From now on visitors get the away text and nothing is charged; reading works as before. `None` for the platform's own tenant. One
/// that is suspended or closed stays as it is.
///
/// # Errors
/// If the store fails.
pub async fn suspend(conn: &mut Conn, platform: &Platform, scope: &Scope, now: Instant) -> Result<Option<Tenant>, Fault> {
    scope.require(Permission::TenantManage)?;
    platform.require(Permission::TenantManage)?;
    set_suspended(conn, scope, Some(now), Action::TenantSuspended, now).await
}

/// Takes that back.
///
/// # Errors
/// If the store fails.
pub async fn resume(conn: &mut Conn, platform: &Platform, scope: &Scope, now: Instant) -> Result<Option<Tenant>, Fault> {
    scope.require(Permission::TenantManage)?;
    platform.require(Permission::TenantManage)?;
    set_suspended(conn, scope, None, Action::TenantResumed, now).await
}

async fn set_suspended(
    conn: &mut Conn,
    scope: &Scope,
    since: Option<Instant>,
    action: Action,
    now: Instant,
) -> Result<Option<Tenant>, Fault> {
    conn.transaction("tenancy.suspend", async |tx| {
        lock(tx, scope.tenant()).await?;
        let before = read(tx, scope.tenant()).await?;
        if platform_tenant(tx).await?.is_some_and(|own| own.id == before.id) {
            return Ok(None);
        }
        if before.suspended_at.is_some() == since.is_some() || before.closed_at.is_some() {
            return Ok(Some(before));
        }
        let after = Tenant { suspended_at: since, revision: before.revision.saturating_add(1), ..before };
        run!(tx, |c| {
            diesel::update(tenants::table.find(after.id))
                .set((tenants::suspended_at.eq(after.suspended_at), tenants::revision.eq(after.revision)))
                .execute(c)
        })?;
        note(tx, scope, action, &after, &["suspended_at"], now).await?;
        Ok(Some(after))
    })
    .await
}

/// Closes a tenant for good: visitors find it no more, its members and keys get in no more.
///
/// # Errors
/// If the store fails.
pub async fn close(conn: &mut Conn, scope: &Scope, now: Instant) -> Result<Closing, Fault> {
    scope.require(Permission::TenantManage)?;
    if !rules::may_close(scope.caller()) {
        return Ok(Closing::OwnersOnly);
    }
    conn.transaction("tenancy.close", async |tx| {
        lock(tx, scope.tenant()).await?;
        let before = read(tx, scope.tenant()).await?;
        if platform_tenant(tx).await?.is_some_and(|own| own.id == before.id) {
            return Ok(Closing::Platforms);
        }
        if before.closed_at.is_some() {
            return Ok(Closing::Done(Box::new(before)));
        }
        let after = Tenant { closed_at: Some(now), revision: before.revision.saturating_add(1), ..before };
        run!(tx, |c| {
            diesel::update(tenants::table.find(after.id))
                .set((tenants::closed_at.eq(after.closed_at), tenants::revision.eq(after.revision)))
                .execute(c)
        })?;
        note(tx, scope, Action::TenantClosed, &after, &["closed_at"], now).await?;
        Ok(Closing::Done(Box::new(after)))
    })
    .await
}

/// Takes away what a closed tenant says of itself, as part of the act that erases the rest of what was its own; `is_last` notes that
/// nothing of that is left. Whether there was anything to take away.
#[expect(clippy::arithmetic_side_effects, reason = "the store counts, in SQL")]
pub(crate) async fn blank(tx: &mut Conn, scope: &Scope, is_last: bool, now: Instant) -> Result<bool, Fault> {
    let closed = tenants::id.eq(scope.tenant()).and(tenants::closed_at.is_not_null());
    let says = tenants::profile.is_not_null().or(tenants::away_text.is_not_null()).or(tenants::ai_notice.is_not_null());
    let blanked = run!(tx, |c| {
        diesel::update(tenants::table.filter(closed).filter(says))
            .set((
                tenants::profile.eq(None::<&str>),
                tenants::away_text.eq(None::<&str>),
                tenants::ai_notice.eq(None::<&str>),
                tenants::revision.eq(tenants::revision + 1),
            ))
            .execute(c)
    })?;
    if is_last {
        let left = tenants::table.filter(closed).filter(tenants::erased_at.is_null());
        run!(tx, |c| diesel::update(left).set(tenants::erased_at.eq(now)).execute(c))?;
    }
    Ok(blanked == 1)
}
