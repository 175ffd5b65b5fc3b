//! Keys: making and changing them.

mod read;

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use self::read::ordered;
pub use self::read::{by_id, list};
use crate::{
    audit::{self, Action},
    clock::Instant,
    db::{Conn, Db},
    fault::Fault,
    id::WidgetKeyId,
    identity::Permission,
    revision::Changed,
    run,
    tables::{tenants, widget_apps, widget_former_keys, widget_keys, widget_origins},
    tenancy::{Platform, Scope, Tenant},
    widget::{
        model::{Change, NewKey, WidgetKey},
        rules::{self, AllowedOrigin, app::AppName},
    },
};

/// What the first key of a tenant is called until the tenant says otherwise.
const FIRST: &str = "Website";

/// Makes a tenant's first key. It is good nowhere until its tenant says where.
///
/// # Errors
/// If the store fails.
pub async fn create_first(conn: &mut Conn, scope: &Scope, now: Instant) -> Result<(), Fault> {
    scope.require(Permission::WidgetManage)?;
    let new = NewKey { name: FIRST.to_owned(), origins: Vec::new(), apps: Vec::new() };
    insert(conn, scope, &new, now).await?;
    Ok(())
}

/// Makes another key.
///
/// # Errors
/// If a rule about keys (`widget_keys_name_present`, …) would be broken, or the store fails.
pub async fn create(conn: &mut Conn, scope: &Scope, new: &NewKey, now: Instant) -> Result<WidgetKey, Fault> {
    scope.require(Permission::WidgetManage)?;
    conn.transaction("widget.create", async |tx| {
        let id = insert(tx, scope, new, now).await?;
        let change = audit::Change::of(Action::WidgetKeyCreated, id.uuid(), &["name", "origins", "apps"]);
        scope.record(tx, audit::Change { revision: Some(1), ..change }, now).await?;
        one(tx, scope, id).await
    })
    .await
}

async fn insert(conn: &mut Conn, scope: &Scope, new: &NewKey, now: Instant) -> Result<WidgetKeyId, Fault> {
    let (id, key) = (WidgetKeyId::new(), rules::new_key());
    run!(conn, |c| {
        diesel::insert_into(widget_keys::table)
            .values((
                widget_keys::id.eq(id),
                widget_keys::tenant_id.eq(scope.tenant()),
                widget_keys::name.eq(&new.name),
                widget_keys::key.eq(&key),
                widget_keys::revision.eq(1_i64),
                widget_keys::created_at.eq(now),
            ))
            .execute(c)
    })?;
    add_origins(conn, scope, id, &ordered(&new.origins)).await?;
    add_apps(conn, scope, id, &ordered(&new.apps)).await?;
    Ok(id)
}

async fn add_origins(conn: &mut Conn, scope: &Scope, id: WidgetKeyId, origins: &[AllowedOrigin]) -> Result<(), Fault> {
    for origin in origins {
        run!(conn, |c| {
            diesel::insert_into(widget_origins::table)
                .values((
                    widget_origins::tenant_id.eq(scope.tenant()),
                    widget_origins::widget_key_id.eq(id),
                    widget_origins::origin.eq(origin.as_str()),
                ))
                .execute(c)
        })?;
    }
    Ok(())
}

async fn add_apps(conn: &mut Conn, scope: &Scope, id: WidgetKeyId, apps: &[AppName]) -> Result<(), Fault> {
    for app in apps {
        run!(conn, |c| {
            diesel::insert_into(widget_apps::table)
                .values((
                    widget_apps::tenant_id.eq(scope.tenant()),
                    widget_apps::widget_key_id.eq(id),
                    widget_apps::app.eq(app.as_str()),
                ))
                .execute(c)
        })?;
    }
    Ok(())
}

/// Gives each tenant that has none its first key: those that a process of an earlier version has made.
///
/// # Errors
/// If the store fails.
pub async fn create_missing(db: &Db, now: Instant) -> Result<(), Fault> {
    let platform = Platform::of_this_process();
    let this = platform.clone();
    let create = async move |mut conn: Conn| {
        conn.transaction("widget.create_missing", async |tx| {
            for tenant in without_key(tx).await? {
                create_first(tx, &this.within(&tenant), now).await?;
            }
            Ok(())
        })
        .await
    };
    let missing = db.platform_read(&platform, async |mut conn: Conn| Ok(!without_key(&mut conn).await?.is_empty())).await?;
    if missing { db.platform(&platform, create).await } else { Ok(()) }
}

async fn without_key(conn: &mut Conn) -> Result<Vec<Tenant>, Fault> {
    let has_key = widget_keys::table.filter(widget_keys::tenant_id.eq(tenants::id));
    Ok(run!(conn, |c| {
        tenants::table
            .filter(diesel::dsl::not(diesel::dsl::exists(has_key)))
            .filter(tenants::closed_at.is_null())
            .select(Tenant::as_select())
            .load(c)
    })?)
}

/// Changes a key, if it is at the `expected` revision, or whatever it is at.
///
/// # Errors
/// If a rule about keys (`widget_keys_name_present`, …) would be broken, or the store fails.
pub async fn update(
    conn: &mut Conn,
    scope: &Scope,
    id: WidgetKeyId,
    change: &Change,
    expected: Option<i64>,
    now: Instant,
) -> Result<Changed<WidgetKey>, Fault> {
    scope.require(Permission::WidgetManage)?;
    conn.transaction("widget.update", async |tx| {
        let Some(before) = take(tx, scope, id).await? else { return Ok(Changed::Unknown) };
        if expected.is_some_and(|expected| expected != before.revision) {
            return Ok(Changed::Stale(before));
        }
        let (after, fields) = changed(&before, change, now);
        if fields.is_empty() {
            return Ok(Changed::Done(before));
        }
        run!(tx, |c| {
            diesel::update(widget_keys::table.find(id))
                .set((
                    widget_keys::name.eq(&after.name),
                    widget_keys::disabled_at.eq(after.disabled_at),
                    widget_keys::revision.eq(after.revision),
                ))
                .execute(c)
        })?;
        if after.origins != before.origins {
            run!(tx, |c| diesel::delete(widget_origins::table.filter(widget_origins::widget_key_id.eq(id))).execute(c))?;
            add_origins(tx, scope, id, &after.origins).await?;
        }
        if after.apps != before.apps {
            run!(tx, |c| diesel::delete(widget_apps::table.filter(widget_apps::widget_key_id.eq(id))).execute(c))?;
            add_apps(tx, scope, id, &after.apps).await?;
        }
        let change = audit::Change::of(Action::WidgetKeyUpdated, id.uuid(), &fields);
        scope.record(tx, audit::Change { revision: Some(after.revision), ..change }, now).await?;
        Ok(Changed::Done(after))
    })
    .await
}

/// Makes a key another text. The one it was stays good for the `overlap`, and none that it was before for longer than that.
///
/// # Errors
/// If the store fails.
pub async fn rotate(
    conn: &mut Conn,
    scope: &Scope,
    id: WidgetKeyId,
    overlap: Duration,
    expected: Option<i64>,
    now: Instant,
) -> Result<Changed<WidgetKey>, Fault> {
    scope.require(Permission::WidgetManage)?;
    let (tenant, until) = (scope.tenant(), now.after(overlap));
    conn.transaction("widget.rotate", async |tx| {
        let Some(before) = take(tx, scope, id).await? else { return Ok(Changed::Unknown) };
        if expected.is_some_and(|expected| expected != before.revision) {
            return Ok(Changed::Stale(before));
        }
        let its = || widget_former_keys::table.filter(widget_former_keys::widget_key_id.eq(id));
        let too_long = its().filter(widget_former_keys::good_until.gt(until));
        run!(tx, |c| diesel::update(too_long).set(widget_former_keys::good_until.eq(until)).execute(c))?;
        // What is over need not be known: it is refused like what never was.
        run!(tx, |c| diesel::delete(its().filter(widget_former_keys::good_until.le(now))).execute(c))?;
        if until > now {
            run!(tx, |c| {
                diesel::insert_into(widget_former_keys::table)
                    .values((
                        widget_former_keys::key.eq(&before.key),
                        widget_former_keys::tenant_id.eq(tenant),
                        widget_former_keys::widget_key_id.eq(id),
                        widget_former_keys::good_until.eq(until),
                    ))
                    .execute(c)
            })?;
        }
        let (key, revision) = (rules::new_key(), before.revision.saturating_add(1));
        run!(tx, |c| {
            diesel::update(widget_keys::table.find(id))
                .set((widget_keys::key.eq(&key), widget_keys::revision.eq(revision)))
                .execute(c)
        })?;
        let change = audit::Change::of(Action::WidgetKeyRotated, id.uuid(), &["key"]);
        scope.record(tx, audit::Change { revision: Some(revision), ..change }, now).await?;
        Ok(Changed::Done(one(tx, scope, id).await?))
    })
    .await
}

/// Makes a key ours until the transaction ends: of two changes the second sees what the first did.
async fn take(tx: &mut Conn, scope: &Scope, id: WidgetKeyId) -> Result<Option<WidgetKey>, Fault> {
    let its = widget_keys::table.filter(widget_keys::tenant_id.eq(scope.tenant()).and(widget_keys::id.eq(id)));
    run!(tx, |c| diesel::update(its).set(widget_keys::name.eq(widget_keys::name)).execute(c))?;
    Ok(by_id(tx, scope, &[id]).await?.pop())
}

/// A key that is there.
async fn one(tx: &mut Conn, scope: &Scope, id: WidgetKeyId) -> Result<WidgetKey, Fault> {
    by_id(tx, scope, &[id]).await?.pop().ok_or(Fault::Denied(Permission::WidgetManage))
}

/// What a change makes of a key, one revision on, and the names of the fields that are different.
fn changed(before: &WidgetKey, change: &Change, now: Instant) -> (WidgetKey, Vec<&'static str>) {
    let (mut after, mut fields) = (before.clone(), Vec::new());
    if let Some(name) = change.name.as_ref().filter(|name| **name != before.name) {
        after.name.clone_from(name);
        fields.push("name");
    }
    if let Some(origins) = change.origins.as_deref().map(ordered).filter(|origins| *origins != before.origins) {
        after.origins = origins;
        fields.push("origins");
    }
    if let Some(apps) = change.apps.as_deref().map(ordered).filter(|apps| *apps != before.apps) {
        after.apps = apps;
        fields.push("apps");
    }
    if let Some(enabled) = change.enabled.filter(|enabled| *enabled == before.disabled_at.is_some()) {
        after.disabled_at = (!enabled).then_some(now);
        fields.push("disabled_at");
    }
    if !fields.is_empty() {
        after.revision = after.revision.saturating_add(1);
    }
    (after, fields)
}
