//! Acts on the audit log.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::model::{Action, Actor, ActorKind, Change, Entry, Filter, Trace};
use crate::{
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::{AuditEntryId, RequestId, TenantId},
    identity::Permission,
    page::{Page, Slice},
    run,
    tables::{api_keys, audit_entries, tenants, users},
    tenancy::{Platform, Scope},
};

/// Notes a change, in the transaction that makes it.
pub(crate) async fn record(
    conn: &mut Conn,
    actor: &Actor,
    tenant: Option<TenantId>,
    trace: &Trace,
    change: Change<'_>,
    now: Instant,
) -> Result<(), Fault> {
    let fields = change.fields.join(" ");
    run!(conn, |c| {
        diesel::insert_into(audit_entries::table)
            .values((
                audit_entries::id.eq(AuditEntryId::new()),
                audit_entries::tenant_id.eq(tenant),
                audit_entries::actor.eq(actor.kind),
                audit_entries::actor_id.eq(actor.id.map(AuditEntryId::from)),
                audit_entries::address_hash.eq(trace.address.as_ref().map(<[u8; 32]>::as_slice)),
                audit_entries::action.eq(change.action),
                audit_entries::subject_id.eq(change.subject.map(AuditEntryId::from)),
                audit_entries::fields.eq(&fields),
                audit_entries::revision.eq(change.revision),
                audit_entries::reason.eq(trace.reason.as_deref()),
                audit_entries::request_id.eq(trace.request),
                audit_entries::occurred_at.eq(now),
            ))
            .execute(c)
    })?;
    Ok(())
}

/// A page of a tenant's log, the newest line first.
///
/// # Errors
/// If the store fails.
pub async fn of_tenant(conn: &mut Conn, scope: &Scope, filter: Filter, page: Page<AuditEntryId>) -> Result<Slice<Entry>, Fault> {
    scope.require(Permission::AuditRead)?;
    list(conn, Filter { tenant: Some(scope.tenant()), ..filter }, page).await
}

/// A page of the log of everything, the newest line first.
///
/// # Errors
/// If the store fails.
pub async fn everywhere(
    conn: &mut Conn,
    platform: &Platform,
    filter: Filter,
    page: Page<AuditEntryId>,
) -> Result<Slice<Entry>, Fault> {
    platform.require(Permission::AuditRead)?;
    list(conn, filter, page).await
}

/// A line as it is read: who did what to what; what is said of it; and what a person or a key of that id is called.
type Row = (What, About, Option<String>, Option<String>);
type What = (AuditEntryId, Option<TenantId>, ActorKind, Option<AuditEntryId>, Option<Vec<u8>>, Action, Option<AuditEntryId>);
type About = (String, Option<i64>, Option<String>, Option<RequestId>, Instant);

async fn list(conn: &mut Conn, filter: Filter, page: Page<AuditEntryId>) -> Result<Slice<Entry>, Fault> {
    let rows: Vec<Row> = run!(conn, |c| {
        let mut query = audit_entries::table
            .left_join(tenants::table.on(tenants::id.nullable().eq(audit_entries::tenant_id)))
            .left_join(users::table.on(users::id.nullable().eq(audit_entries::actor_id)))
            .left_join(api_keys::table.on(api_keys::id.nullable().eq(audit_entries::actor_id)))
            .select((
                (
                    audit_entries::id,
                    tenants::public_id.nullable(),
                    audit_entries::actor,
                    audit_entries::actor_id,
                    audit_entries::address_hash,
                    audit_entries::action,
                    audit_entries::subject_id,
                ),
                (
                    audit_entries::fields,
                    audit_entries::revision,
                    audit_entries::reason,
                    audit_entries::request_id,
                    audit_entries::occurred_at,
                ),
                users::name.nullable(),
                api_keys::name.nullable(),
            ))
            .into_boxed();
        if let Some(tenant) = filter.tenant {
            query = query.filter(audit_entries::tenant_id.eq(tenant));
        }
        if let Some(actor) = filter.actor {
            query = query.filter(audit_entries::actor.eq(actor));
        }
        if let Some(id) = filter.actor_id {
            query = query.filter(audit_entries::actor_id.eq(AuditEntryId::from(id)));
        }
        if let Some(action) = filter.action {
            query = query.filter(audit_entries::action.eq(action));
        }
        if let Some(from) = filter.from {
            query = query.filter(audit_entries::occurred_at.ge(from));
        }
        if let Some(to) = filter.to {
            query = query.filter(audit_entries::occurred_at.lt(to));
        }
        // The newest comes first, so what is after a place is older.
        if let Some(after) = page.after {
            query = query.filter(audit_entries::id.lt(after));
        }
        if let Some(before) = page.before {
            query = query.filter(audit_entries::id.gt(before));
        }
        if page.backwards() {
            query = query.order(audit_entries::id.asc());
        } else {
            query = query.order(audit_entries::id.desc());
        }
        query.limit(page.limit()).load(c)
    })?;
    Ok(page.slice(rows.into_iter().map(entry).collect()))
}

fn entry((what, about, person, key): Row) -> Entry {
    let (id, tenant, kind, actor, address, action, subject) = what;
    let (fields, revision, reason, request, at) = about;
    Entry {
        id,
        tenant,
        actor: Actor { kind, id: actor.map(AuditEntryId::uuid) },
        actor_name: person.or(key),
        address,
        action,
        subject: subject.map(AuditEntryId::uuid),
        fields: fields.split_whitespace().map(str::to_owned).collect(),
        revision,
        reason,
        request,
        at,
    }
}

/// What people and keys are called, by their ids, for a tenant's own pages.
///
/// # Errors
/// If the store fails.
pub async fn names(conn: &mut Conn, scope: &Scope, ids: &[AuditEntryId]) -> Result<HashMap<AuditEntryId, String>, Fault> {
    scope.require(Permission::ChatRead)?;
    let tenant = scope.tenant();
    let rows: Vec<(AuditEntryId, String)> = run!(conn, |c| {
        let people = users::table.filter(users::id.eq_any(ids)).select((users::id, users::name));
        let keys = api_keys::table
            .filter(api_keys::tenant_id.eq(tenant).and(api_keys::id.eq_any(ids)))
            .select((api_keys::id, api_keys::name));
        people.union_all(keys).load(c)
    })?;
    Ok(rows.into_iter().collect())
}
