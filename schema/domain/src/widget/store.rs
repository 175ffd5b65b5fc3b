//! Acts on widget keys.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    model::{Admission, Admitted, Change, WidgetKey},
    rules::{self, AllowedOrigin},
};
use crate::{
    audit::{self, Action},
    clock::Instant,
    db::{Conn, Db},
    fault::Fault,
    id::{TenantId, WidgetKeyId},
    identity::Permission,
    page::{Page, Slice},
    revision::Changed,
    run,
    tables::{tenants, widget_keys, widget_origins},
    tenancy::{Platform, Scope, Tenant},
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = widget_keys, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct Row {
    id: WidgetKeyId,
    name: String,
    key: String,
    revision: i64,
    created_at: Instant,
    disabled_at: Option<Instant>,
}

/// What the first key of a tenant is called until the tenant says otherwise.
const FIRST: &str = "Website";

/// Makes a tenant's first key. It is good nowhere until its tenant says where.
///
/// # Errors
/// If the store fails.
pub async fn create_first(conn: &mut Conn, scope: &Scope, now: Instant) -> Result<(), Fault> {
    scope.require(Permission::WidgetManage)?;
    let (id, tenant, key) = (WidgetKeyId::new(), scope.tenant(), rules::new_key());
    run!(conn, |c| {
        diesel::insert_into(widget_keys::table)
            .values((
                widget_keys::id.eq(id),
                widget_keys::tenant_id.eq(tenant),
                widget_keys::name.eq(FIRST),
                widget_keys::key.eq(&key),
                widget_keys::revision.eq(1_i64),
                widget_keys::created_at.eq(now),
            ))
            .execute(c)
    })?;
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
    let tenant = scope.tenant();
    conn.transaction("widget.update", async |tx| {
        // Ours until the end: of two changes the second sees what the first did.
        let its = widget_keys::table.filter(widget_keys::tenant_id.eq(tenant).and(widget_keys::id.eq(id)));
        run!(tx, |c| diesel::update(its).set(widget_keys::name.eq(widget_keys::name)).execute(c))?;
        let Some(before) = by_id(tx, scope, &[id]).await?.pop() else { return Ok(Changed::Unknown) };
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
            for origin in &after.origins {
                run!(tx, |c| {
                    diesel::insert_into(widget_origins::table)
                        .values((
                            widget_origins::tenant_id.eq(tenant),
                            widget_origins::widget_key_id.eq(id),
                            widget_origins::origin.eq(origin.as_str()),
                        ))
                        .execute(c)
                })?;
            }
        }
        let change = audit::Change::of(Action::WidgetKeyUpdated, id.uuid(), &fields);
        scope.record(tx, audit::Change { revision: Some(after.revision), ..change }, now).await?;
        Ok(Changed::Done(after))
    })
    .await
}

/// What a change makes of a key, one revision on, and the names of the fields that are different.
fn changed(before: &WidgetKey, change: &Change, now: Instant) -> (WidgetKey, Vec<&'static str>) {
    let (mut after, mut fields) = (before.clone(), Vec::new());
    if let Some(name) = change.name.as_ref().filter(|name| **name != before.name) {
        after.name.clone_from(name);
        fields.push("name");
    }
    if let Some(origins) = &change.origins {
        let mut origins = origins.clone();
        origins.sort();
        origins.dedup();
        if origins != before.origins {
            after.origins = origins;
            fields.push("origins");
        }
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

/// A page of a tenant's keys, the oldest first.
///
/// # Errors
/// If the store fails.
pub async fn list(conn: &mut Conn, scope: &Scope, page: Page<WidgetKeyId>) -> Result<Slice<WidgetKey>, Fault> {
    scope.require(Permission::WidgetManage)?;
    let tenant = scope.tenant();
    let rows: Vec<Row> = run!(conn, |c| {
        let mut query = widget_keys::table.filter(widget_keys::tenant_id.eq(tenant)).select(Row::as_select()).into_boxed();
        if let Some(after) = page.after {
            query = query.filter(widget_keys::id.gt(after));
        }
        if let Some(before) = page.before {
            query = query.filter(widget_keys::id.lt(before));
        }
        if page.backwards() {
            query = query.order(widget_keys::id.desc());
        } else {
            query = query.order(widget_keys::id.asc());
        }
        query.limit(page.limit()).load(c)
    })?;
    let slice = page.slice(rows);
    let items = with_origins(conn, slice.items).await?;
    Ok(Slice { items, has_previous: slice.has_previous, has_next: slice.has_next })
}

/// Those of the keys that are the tenant's.
///
/// # Errors
/// If the store fails.
pub async fn by_id(conn: &mut Conn, scope: &Scope, ids: &[WidgetKeyId]) -> Result<Vec<WidgetKey>, Fault> {
    scope.require(Permission::WidgetManage)?;
    let tenant = scope.tenant();
    let rows: Vec<Row> = run!(conn, |c| {
        widget_keys::table
            .filter(widget_keys::tenant_id.eq(tenant).and(widget_keys::id.eq_any(ids)))
            .select(Row::as_select())
            .load(c)
    })?;
    with_origins(conn, rows).await
}

async fn with_origins(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<WidgetKey>, Fault> {
    let ids: Vec<WidgetKeyId> = rows.iter().map(|row| row.id).collect();
    let found: Vec<(WidgetKeyId, String)> = run!(conn, |c| {
        widget_origins::table
            .filter(widget_origins::widget_key_id.eq_any(&ids))
            .order(widget_origins::origin)
            .select((widget_origins::widget_key_id, widget_origins::origin))
            .load(c)
    })?;
    let mut of: HashMap<WidgetKeyId, Vec<AllowedOrigin>> = HashMap::new();
    for (key, origin) in found {
        of.entry(key).or_default().push(AllowedOrigin::stored(origin));
    }
    let key = |row: Row| {
        let Row { id, name, key, revision, created_at, disabled_at } = row;
        let mut origins = of.remove(&id).unwrap_or_default();
        // The two stores do not sort alike.
        origins.sort();
        WidgetKey { id, name, key, origins, revision, created_at, disabled_at }
    };
    Ok(rows.into_iter().map(key).collect())
}

/// Whether a page of this origin that shows this key may speak for the tenant's website.
///
/// # Errors
/// If the store fails.
pub async fn admit(db: &Db, key: &str, origin: Option<&str>) -> Result<Admission, Fault> {
    if !rules::may_be_key(key) {
        return Ok(Admission::KeyInvalid);
    }
    let (key, origin) = (key.to_owned(), origin.map(str::to_owned));
    let look = async move |mut conn: Conn| admitted(&mut conn, key, origin).await;
    db.platform_read(&Platform::of_this_process(), look).await
}

async fn admitted(conn: &mut Conn, key: String, origin: Option<String>) -> Result<Admission, Fault> {
    let good: Option<(WidgetKeyId, TenantId)> = run!(conn, |c| {
        widget_keys::table
            .inner_join(tenants::table)
            .filter(widget_keys::key.eq(&key).and(widget_keys::disabled_at.is_null()).and(tenants::closed_at.is_null()))
            .select((widget_keys::id, widget_keys::tenant_id))
            .first(c)
    })
    .optional()?;
    let Some((id, tenant)) = good else { return Ok(Admission::KeyInvalid) };
    let all: Vec<String> = run!(conn, |c| {
        widget_origins::table.filter(widget_origins::widget_key_id.eq(id)).select(widget_origins::origin).load(c)
    })?;
    let lets_in = |origin: &String| rules::letting_in(origin).iter().any(|one| all.contains(one));
    Ok(match origin.filter(lets_in) {
        Some(origin) => Admission::In(Admitted { tenant, key, origin }),
        None => Admission::NotThere { anywhere: !all.is_empty() },
    })
}

/// Whether pages of this origin may show any good key: what a browser asks before it shows one.
///
/// # Errors
/// If the store fails.
pub async fn is_allowed_somewhere(db: &Db, origin: &str) -> Result<bool, Fault> {
    let any = rules::letting_in(origin);
    if any.is_empty() {
        return Ok(false);
    }
    db.platform_read(&Platform::of_this_process(), async move |mut conn: Conn| any_key_on(&mut conn, any).await).await
}

async fn any_key_on(conn: &mut Conn, origins: Vec<String>) -> Result<bool, Fault> {
    let found: i64 = run!(conn, |c| {
        widget_origins::table
            .inner_join(widget_keys::table)
            .filter(widget_origins::origin.eq_any(&origins).and(widget_keys::disabled_at.is_null()))
            .count()
            .get_result(c)
    })?;
    Ok(found > 0)
}
