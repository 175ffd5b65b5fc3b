//! How the widget looks.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    audit::{self, Action},
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::TenantId,
    identity::Permission,
    revision::Changed,
    run,
    tables::widget_looks,
    tenancy::{self, Scope},
    widget::{
        model::{Look, LookChange},
        rules::look::{Consent, Launcher, Position},
    },
};

#[derive(Queryable, Selectable)]
#[diesel(table_name = widget_looks, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct Row {
    color: String,
    position: Position,
    launcher: Launcher,
    label: Option<String>,
    greeting: Option<String>,
    avatar_url: Option<String>,
    offline_text: Option<String>,
    consent: Consent,
    revision: i64,
    updated_at: Instant,
}

/// How it looks on the tenant's websites.
///
/// # Errors
/// If the store fails.
pub async fn look(conn: &mut Conn, scope: &Scope) -> Result<Look, Fault> {
    scope.require(Permission::WidgetManage)?;
    read(conn, scope.tenant()).await
}

/// How it looks, for a visitor who opens it.
///
/// # Errors
/// If the store fails.
pub async fn look_shown(conn: &mut Conn, scope: &Scope) -> Result<Look, Fault> {
    scope.require(Permission::ChatVisit)?;
    read(conn, scope.tenant()).await
}

/// How it looks on a tenant's websites, as part of letting somebody in there.
pub(crate) async fn read(conn: &mut Conn, tenant: TenantId) -> Result<Look, Fault> {
    let row: Option<Row> = run!(conn, |c| widget_looks::table.find(tenant).select(Row::as_select()).first(c)).optional()?;
    Ok(row.map_or_else(Look::default, |row| Look {
        // The store keeps nothing else than colors there.
        color: row.color.parse().unwrap_or_default(),
        position: row.position,
        launcher: row.launcher,
        label: row.label,
        greeting: row.greeting,
        avatar_url: row.avatar_url,
        offline_text: row.offline_text,
        consent: row.consent,
        revision: row.revision,
        updated_at: Some(row.updated_at),
    }))
}

/// Changes how it looks, if that is at the `expected` revision, or whatever it is at.
///
/// # Errors
/// If a rule about looks (`widget_looks_label_length`, …) would be broken, or the store fails.
pub async fn update_look(
    conn: &mut Conn,
    scope: &Scope,
    change: &LookChange,
    expected: Option<i64>,
    now: Instant,
) -> Result<Changed<Look>, Fault> {
    scope.require(Permission::WidgetManage)?;
    let tenant = scope.tenant();
    conn.transaction("widget.update_look", async |tx| {
        // There may be no row yet that could be ours until the end, so the tenant's is.
        tenancy::lock(tx, tenant).await?;
        let before = read(tx, tenant).await?;
        if expected.is_some_and(|expected| expected != before.revision) {
            return Ok(Changed::Stale(before));
        }
        let (after, fields) = changed(&before, change, now);
        if fields.is_empty() {
            return Ok(Changed::Done(before));
        }
        let color = after.color.to_string();
        let values = (
            widget_looks::color.eq(&color),
            widget_looks::position.eq(after.position),
            widget_looks::launcher.eq(after.launcher),
            widget_looks::label.eq(after.label.as_deref()),
            widget_looks::greeting.eq(after.greeting.as_deref()),
            widget_looks::avatar_url.eq(after.avatar_url.as_deref()),
            widget_looks::offline_text.eq(after.offline_text.as_deref()),
            widget_looks::consent.eq(after.consent),
            widget_looks::revision.eq(after.revision),
            widget_looks::updated_at.eq(now),
        );
        run!(tx, |c| {
            diesel::insert_into(widget_looks::table)
                .values((widget_looks::tenant_id.eq(tenant), values))
                .on_conflict(widget_looks::tenant_id)
                .do_update()
                .set(values)
                .execute(c)
        })?;
        let change =
            audit::Change { action: Action::WidgetLookUpdated, subject: None, fields: &fields, revision: Some(after.revision) };
        scope.record(tx, change, now).await?;
        Ok(Changed::Done(after))
    })
    .await
}

/// What a change makes of a look, one revision on, and the names of the fields that are different.
fn changed(before: &Look, change: &LookChange, now: Instant) -> (Look, Vec<&'static str>) {
    let (mut after, mut fields) = (before.clone(), Vec::new());
    set(&mut after.color, change.color.as_ref(), "color", &mut fields);
    set(&mut after.position, change.position.as_ref(), "position", &mut fields);
    set(&mut after.launcher, change.launcher.as_ref(), "launcher", &mut fields);
    set(&mut after.label, change.label.as_ref(), "label", &mut fields);
    set(&mut after.greeting, change.greeting.as_ref(), "greeting", &mut fields);
    set(&mut after.avatar_url, change.avatar_url.as_ref(), "avatar_url", &mut fields);
    set(&mut after.offline_text, change.offline_text.as_ref(), "offline_text", &mut fields);
    set(&mut after.consent, change.consent.as_ref(), "consent", &mut fields);
    if !fields.is_empty() {
        after.revision = after.revision.saturating_add(1);
        after.updated_at = Some(now);
    }
    (after, fields)
}

fn set<T: Clone + PartialEq>(field: &mut T, wanted: Option<&T>, name: &'static str, fields: &mut Vec<&'static str>) {
    if let Some(wanted) = wanted.filter(|wanted| *wanted != field) {
        field.clone_from(wanted);
        fields.push(name);
    }
}
