//! Reading keys, with what stands beside them.

use std::{collections::HashMap, hash::Hash};

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::WidgetKeyId,
    identity::Permission,
    page::{Page, Slice},
    run,
    tables::{widget_apps, widget_former_keys, widget_keys, widget_origins, widget_refused_origins},
    tenancy::Scope,
    widget::{
        model::{Former, Refused, WidgetKey},
        rules::{AllowedOrigin, app::AppName},
    },
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
    last_used_at: Option<Instant>,
}

/// In alphabetical order, each once.
pub(super) fn ordered<T: Clone + Ord>(all: &[T]) -> Vec<T> {
    let mut all = all.to_vec();
    all.sort();
    all.dedup();
    all
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
    let items = whole(conn, slice.items).await?;
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
    whole(conn, rows).await
}

/// The keys with what stands beside them.
async fn whole(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<WidgetKey>, Fault> {
    let ids: Vec<WidgetKeyId> = rows.iter().map(|row| row.id).collect();
    let mut origins = grouped(origins_of(conn, &ids).await?);
    let mut apps = grouped(apps_of(conn, &ids).await?);
    let mut former = grouped(former_of(conn, &ids).await?);
    let mut refused = grouped(refused_of(conn, &ids).await?);
    let key = |row: Row| {
        let Row { id, name, key, revision, created_at, disabled_at, last_used_at } = row;
        WidgetKey {
            id,
            name,
            key,
            // The two stores do not sort alike.
            origins: ordered(&origins.remove(&id).unwrap_or_default()),
            apps: ordered(&apps.remove(&id).unwrap_or_default()),
            former: former.remove(&id).unwrap_or_default(),
            refused: refused.remove(&id).unwrap_or_default(),
            revision,
            created_at,
            disabled_at,
            last_used_at,
        }
    };
    Ok(rows.into_iter().map(key).collect())
}

fn grouped<K: Eq + Hash, V>(pairs: Vec<(K, V)>) -> HashMap<K, Vec<V>> {
    let mut of: HashMap<K, Vec<V>> = HashMap::new();
    for (key, value) in pairs {
        of.entry(key).or_default().push(value);
    }
    of
}

async fn origins_of(conn: &mut Conn, ids: &[WidgetKeyId]) -> Result<Vec<(WidgetKeyId, AllowedOrigin)>, Fault> {
    let rows: Vec<(WidgetKeyId, String)> = run!(conn, |c| {
        widget_origins::table
            .filter(widget_origins::widget_key_id.eq_any(ids))
            .select((widget_origins::widget_key_id, widget_origins::origin))
            .load(c)
    })?;
    Ok(rows.into_iter().map(|(id, origin)| (id, AllowedOrigin::stored(origin))).collect())
}

async fn apps_of(conn: &mut Conn, ids: &[WidgetKeyId]) -> Result<Vec<(WidgetKeyId, AppName)>, Fault> {
    let rows: Vec<(WidgetKeyId, String)> = run!(conn, |c| {
        widget_apps::table
            .filter(widget_apps::widget_key_id.eq_any(ids))
            .select((widget_apps::widget_key_id, widget_apps::app))
            .load(c)
    })?;
    Ok(rows.into_iter().map(|(id, app)| (id, AppName::stored(app))).collect())
}

async fn former_of(conn: &mut Conn, ids: &[WidgetKeyId]) -> Result<Vec<(WidgetKeyId, Former)>, Fault> {
    let rows: Vec<(WidgetKeyId, String, Instant)> = run!(conn, |c| {
        widget_former_keys::table
            .filter(widget_former_keys::widget_key_id.eq_any(ids))
            .order(widget_former_keys::good_until.desc())
            .select((widget_former_keys::widget_key_id, widget_former_keys::key, widget_former_keys::good_until))
            .load(c)
    })?;
    Ok(rows.into_iter().map(|(id, key, good_until)| (id, Former { key, good_until })).collect())
}

async fn refused_of(conn: &mut Conn, ids: &[WidgetKeyId]) -> Result<Vec<(WidgetKeyId, Refused)>, Fault> {
    let rows: Vec<(WidgetKeyId, String, i64, Instant, Instant)> = run!(conn, |c| {
        widget_refused_origins::table
            .filter(widget_refused_origins::widget_key_id.eq_any(ids))
            .order((widget_refused_origins::last_at.desc(), widget_refused_origins::origin))
            .select((
                widget_refused_origins::widget_key_id,
                widget_refused_origins::origin,
                widget_refused_origins::times,
                widget_refused_origins::first_at,
                widget_refused_origins::last_at,
            ))
            .load(c)
    })?;
    Ok(rows
        .into_iter()
        .map(|(id, origin, times, first_at, last_at)| (id, Refused { origin, times, first_at, last_at }))
        .collect())
}
