//! Acts on alerts.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::model::{About, Alert, AlertKind, TellOfAlert};
use crate::{
    clock::Instant,
    db::{Conn, Prepare},
    fault::Fault,
    id::{AlertId, UserId},
    identity::{InstanceKey, MemberRole, Permission, StaffRole},
    job::{self, Lease},
    locale::Locale,
    mail::{self, NewMail},
    run,
    tables::{alerts, memberships, staff, tenants, users},
    tenancy::{self, Scope},
};

/// At most so many are shown at once.
const SHOWN: i64 = 100;

/// Writes an alert, unless there is one of its kind for that period, version or day. Whether there was none. Who is to have a letter of it gets
/// one if `by_letter`.
pub(crate) async fn raise(
    tx: &mut Conn,
    scope: &Scope,
    about: About,
    by_letter: bool,
    occurred_at: Instant,
    now: Instant,
) -> Result<bool, Fault> {
    let (id, tenant) = (AlertId::new(), scope.tenant());
    let written = run!(tx, |c| {
        diesel::insert_into(alerts::table)
            .values((
                alerts::id.eq(id),
                alerts::tenant_id.eq(tenant),
                alerts::kind.eq(about.kind()),
                alerts::unique_key.eq(about.key()),
                alerts::percent.eq(about.percent()),
                alerts::pricebook_version.eq(about.version()),
                alerts::occurred_at.eq(occurred_at),
                alerts::created_at.eq(now),
            ))
            .on_conflict((alerts::tenant_id, alerts::kind, alerts::unique_key))
            .do_nothing()
            .prepared()
            .execute(c)
    })?;
    if written == 1 && by_letter {
        job::enqueue(tx, scope, &TellOfAlert { alert_id: id }, scope.span().as_deref(), now).await?;
    }
    Ok(written == 1)
}

/// Which of these were raised before, in their order.
pub(crate) async fn raised(tx: &mut Conn, scope: &Scope, some: &[About]) -> Result<Vec<bool>, Fault> {
    let keys: Vec<String> = some.iter().map(|about| about.key()).collect();
    let known: Vec<(AlertKind, String)> = run!(tx, |c| {
        alerts::table
            .filter(alerts::tenant_id.eq(scope.tenant()).and(alerts::unique_key.eq_any(&keys)))
            .select((alerts::kind, alerts::unique_key))
            .load(c)
    })?;
    Ok(some.iter().map(|about| known.contains(&(about.kind(), about.key()))).collect())
}

/// An alert as it is read.
type Row = (AlertId, AlertKind, Option<i32>, Option<i32>, Instant, Instant);

fn of_row((id, kind, percent, pricebook_version, occurred_at, created_at): Row) -> Alert {
    Alert { id, kind, percent, pricebook_version, occurred_at, created_at }
}

type Columns = (alerts::id, alerts::kind, alerts::percent, alerts::pricebook_version, alerts::occurred_at, alerts::created_at);
const COLUMNS: Columns =
    (alerts::id, alerts::kind, alerts::percent, alerts::pricebook_version, alerts::occurred_at, alerts::created_at);

/// A tenant's newest alerts, the newest first, a hundred at most.
///
/// # Errors
/// If the caller may not read usage, or the store fails.
pub async fn list(conn: &mut Conn, scope: &Scope) -> Result<Vec<Alert>, Fault> {
    scope.require(Permission::UsageRead)?;
    let rows: Vec<Row> = run!(conn, |c| {
        alerts::table
            .filter(alerts::tenant_id.eq(scope.tenant()))
            .order((alerts::created_at.desc(), alerts::id.desc()))
            .limit(SHOWN)
            .select(COLUMNS)
            .load(c)
    })?;
    Ok(rows.into_iter().map(of_row).collect())
}

/// A tenant's alerts that were written at a moment or later, the oldest first, a hundred at most.
///
/// # Errors
/// If the caller may not read usage, or the store fails.
pub async fn since(conn: &mut Conn, scope: &Scope, at: Instant) -> Result<Vec<Alert>, Fault> {
    scope.require(Permission::UsageRead)?;
    let rows: Vec<Row> = run!(conn, |c| {
        alerts::table
            .filter(alerts::tenant_id.eq(scope.tenant()).and(alerts::created_at.ge(at)))
            .order((alerts::created_at.asc(), alerts::id.asc()))
            .limit(SHOWN)
            .select(COLUMNS)
            .load(c)
    })?;
    Ok(rows.into_iter().map(of_row).collect())
}

/// Writes the letters that tell of an alert, to those who look after the tenant, and ends the job: to its owners and admins; where the tenant is
/// the platform's own, to the platform's owners. All of them or none; whether the job was still ours.
///
/// # Errors
/// If the store fails.
pub async fn tell(
    conn: &mut Conn,
    scope: &Scope,
    key: &InstanceKey,
    lease: &Lease,
    alert: AlertId,
    now: Instant,
) -> Result<bool, Fault> {
    scope.require(Permission::MailSend)?;
    let tenant = scope.tenant();
    conn.transaction("alert.tell", async |tx| {
        if !job::complete(tx, lease, now).await? {
            return Ok(false);
        }
        let its = alerts::table.filter(alerts::tenant_id.eq(tenant).and(alerts::id.eq(alert)));
        let found: Option<Row> = run!(tx, |c| its.select(COLUMNS).first(c)).optional()?;
        let Some(kind) = found.and_then(|row| of_row(row).letter()) else { return Ok(true) };
        let (business, locale): (String, Locale) =
            run!(tx, |c| tenants::table.find(tenant).select((tenants::name, tenants::default_locale)).first(c))?;
        for (user, email) in who(tx, scope).await? {
            let letter = NewMail {
                kind,
                email: &email,
                locale,
                business: &business,
                user: Some(user),
                invitation: None,
                lasts: mail::NOTICE,
            };
            mail::write(tx, scope, key, letter, now).await?;
        }
        Ok(true)
    })
    .await
}

/// Who looks after a tenant.
async fn who(tx: &mut Conn, scope: &Scope) -> Result<Vec<(UserId, String)>, Fault> {
    let tenant = scope.tenant();
    let is_platform = tenancy::platform_tenant(tx).await?.is_some_and(|own| own.id == tenant);
    let mut who: Vec<(UserId, String)> = run!(tx, |c| {
        memberships::table
            .inner_join(users::table)
            .filter(memberships::tenant_id.eq(tenant))
            .filter(memberships::role.eq_any([MemberRole::Owner, MemberRole::Admin]))
            .order(users::id)
            .select((users::id, users::email))
            .load(c)
    })?;
    if is_platform {
        let owners: Vec<(UserId, String)> = run!(tx, |c| {
            staff::table
                .inner_join(users::table)
                .filter(staff::role.eq(StaffRole::Owner))
                .order(users::id)
                .select((users::id, users::email))
                .load(c)
        })?;
        who.extend(owners.into_iter().filter(|(id, _)| !who.iter().any(|(known, _)| known == id)).collect::<Vec<_>>());
    }
    Ok(who)
}
