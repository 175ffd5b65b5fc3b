//! Looking at whether the widget can work on a page.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use url::Url;

use super::look;
use crate::{
    audit::{self, Action},
    clock::Instant,
    db::Conn,
    fault::Fault,
    id::{TenantId, WidgetCheckId},
    identity::Permission,
    job::{self, Failed, Lease},
    run,
    tables::{tenants, widget_checks, widget_keys, widget_origins},
    tenancy::{self, Scope},
    widget::{
        model::{Check, CheckAsked, CheckPage, Finding, FindingCode},
        rules::{
            self,
            page::{Expected, Looked, findings},
        },
    },
};

/// How many looks a tenant may ask for in an hour: each makes us load a page of somebody's choice.
const MOST_AN_HOUR: i64 = 20;
const HOUR: Duration = Duration::from_secs(3_600);

/// How many are kept of a tenant, the newest.
const KEPT: i64 = 20;

#[derive(Queryable, Selectable)]
#[diesel(table_name = widget_checks, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
struct Row {
    id: WidgetCheckId,
    url: String,
    requested_at: Instant,
    ended_at: Option<Instant>,
    findings: Option<String>,
}

impl Row {
    fn check(self) -> Result<Check, Fault> {
        let stored = |source| Fault::Stored { what: "findings", source };
        let findings = self.findings.as_deref().map(serde_json::from_str).transpose().map_err(stored)?;
        Ok(Check { id: self.id, url: self.url, requested_at: self.requested_at, ended_at: self.ended_at, findings })
    }
}

/// Asks for a look at a page.
///
/// # Errors
/// If a rule about looks (`widget_checks_url_length`) would be broken, or the store fails.
pub async fn request_check(conn: &mut Conn, scope: &Scope, url: &Url, now: Instant) -> Result<CheckAsked, Fault> {
    scope.require(Permission::WidgetManage)?;
    let tenant = scope.tenant();
    conn.transaction("widget.request_check", async |tx| {
        tenancy::lock(tx, tenant).await?;
        let its = || widget_checks::table.filter(widget_checks::tenant_id.eq(tenant));
        let lately: Vec<Instant> = run!(tx, |c| {
            its()
                .filter(widget_checks::requested_at.gt(now.before(HOUR)))
                .order(widget_checks::requested_at.desc())
                .limit(MOST_AN_HOUR)
                .select(widget_checks::requested_at)
                .load(c)
        })?;
        if let Some(oldest) = lately.get(usize::try_from(MOST_AN_HOUR.saturating_sub(1)).unwrap_or(usize::MAX)) {
            return Ok(CheckAsked::TooOften(oldest.after(HOUR)));
        }
        let id = WidgetCheckId::new();
        run!(tx, |c| {
            diesel::insert_into(widget_checks::table)
                .values((
                    widget_checks::id.eq(id),
                    widget_checks::tenant_id.eq(tenant),
                    widget_checks::url.eq(url.as_str()),
                    widget_checks::requested_at.eq(now),
                ))
                .execute(c)
        })?;
        let old: Vec<WidgetCheckId> =
            run!(tx, |c| { its().order(widget_checks::id.desc()).offset(KEPT).limit(KEPT).select(widget_checks::id).load(c) })?;
        run!(tx, |c| diesel::delete(its().filter(widget_checks::id.eq_any(&old))).execute(c))?;
        job::enqueue(tx, scope, &CheckPage { check_id: id }, scope.span().as_deref(), now).await?;
        scope.record(tx, audit::Change::of(Action::WidgetCheckRequested, id.uuid(), &[]), now).await?;
        Ok(CheckAsked::Now(Check { id, url: url.to_string(), requested_at: now, ended_at: None, findings: None }))
    })
    .await
}

/// The tenant's looks, the newest first; of one of them, that alone.
///
/// # Errors
/// If the store fails.
pub async fn checks(conn: &mut Conn, scope: &Scope, only: Option<WidgetCheckId>) -> Result<Vec<Check>, Fault> {
    scope.require(Permission::WidgetManage)?;
    let tenant = scope.tenant();
    let rows: Vec<Row> = run!(conn, |c| {
        let mut query = widget_checks::table
            .filter(widget_checks::tenant_id.eq(tenant))
            .order(widget_checks::id.desc())
            .limit(KEPT)
            .select(Row::as_select())
            .into_boxed();
        if let Some(id) = only {
            query = query.filter(widget_checks::id.eq(id));
        }
        query.load(c)
    })?;
    rows.into_iter().map(Row::check).collect()
}

/// The page that is to be looked at; `None` if it was looked at, or nobody wants to know any more.
///
/// # Errors
/// If the store fails.
pub async fn check_page(conn: &mut Conn, scope: &Scope, id: WidgetCheckId) -> Result<Option<String>, Fault> {
    scope.require(Permission::WidgetCheck)?;
    let tenant = scope.tenant();
    Ok(run!(conn, |c| {
        widget_checks::table
            .filter(widget_checks::tenant_id.eq(tenant).and(widget_checks::id.eq(id)).and(widget_checks::ended_at.is_null()))
            .select(widget_checks::url)
            .first(c)
    })
    .optional()?)
}

/// Notes what was found on a page, together with its job's end. `host` is where this program is reached. `false` if another worker has
/// the job by now.
///
/// # Errors
/// If the store fails.
pub async fn end_check(
    conn: &mut Conn,
    scope: &Scope,
    lease: &Lease,
    id: WidgetCheckId,
    looked: Option<&Looked>,
    host: &Url,
    now: Instant,
) -> Result<bool, Fault> {
    scope.require(Permission::WidgetCheck)?;
    let tenant = scope.tenant();
    conn.transaction("widget.end_check", async |tx| {
        if !job::complete(tx, lease, now).await? {
            return Ok(false);
        }
        let Some(looked) = looked else { return Ok(true) };
        let public: TenantId = run!(tx, |c| tenants::table.find(tenant).select(tenants::public_id).first(c))?;
        let avatar = look::read(tx, tenant).await?.avatar_url;
        let expected = Expected {
            host: host.clone(),
            business: public.to_string(),
            avatar: avatar.and_then(|url| url.parse().ok()),
            is_allowed: is_allowed(tx, tenant, looked).await?,
        };
        let found = findings(looked, &expected);
        let found = serde_json::to_string(&found).map_err(|source| Fault::Stored { what: "findings", source })?;
        let its = widget_checks::table
            .filter(widget_checks::tenant_id.eq(tenant).and(widget_checks::id.eq(id)).and(widget_checks::ended_at.is_null()));
        run!(tx, |c| {
            diesel::update(its).set((widget_checks::ended_at.eq(now), widget_checks::findings.eq(&found))).execute(c)
        })?;
        Ok(true)
    })
    .await
}

/// Notes that a page could not be looked at for a reason that lies with us, together with its job's end. The lease's key says which look it
/// was.
///
/// # Errors
/// If the store fails.
pub async fn give_up_check(conn: &mut Conn, scope: &Scope, lease: &Lease, error: &str, now: Instant) -> Result<(), Fault> {
    scope.require(Permission::WidgetCheck)?;
    let tenant = scope.tenant();
    conn.transaction("widget.give_up_check", async |tx| {
        // Another worker may have the job by now, and end it well.
        if job::fail(tx, lease, error, None, now).await? != Failed::Dead {
            return Ok(());
        }
        let Ok(id) = lease.key().parse::<WidgetCheckId>() else { return Ok(()) };
        let why = "The page could not be looked at, for a reason that lies with us. Please ask again.".to_owned();
        let found = [Finding { code: FindingCode::PageUnreachable, is_problem: true, message: why }];
        let found = serde_json::to_string(&found).map_err(|source| Fault::Stored { what: "findings", source })?;
        let its = widget_checks::table
            .filter(widget_checks::tenant_id.eq(tenant).and(widget_checks::id.eq(id)).and(widget_checks::ended_at.is_null()));
        let ended = (widget_checks::ended_at.eq(now), widget_checks::findings.eq(&found));
        run!(tx, |c| diesel::update(its).set(ended).execute(c))?;
        Ok(())
    })
    .await
}

/// Whether a key of the tenant that is good may be shown where the page is.
async fn is_allowed(tx: &mut Conn, tenant: TenantId, looked: &Looked) -> Result<bool, Fault> {
    let Looked::Page(page) = looked else { return Ok(false) };
    let any = rules::letting_in(&page.url.origin().ascii_serialization());
    let good = widget_origins::table
        .inner_join(widget_keys::table)
        .filter(widget_keys::tenant_id.eq(tenant).and(widget_keys::disabled_at.is_null()))
        .filter(widget_origins::origin.eq_any(&any));
    Ok(run!(tx, |c| diesel::select(diesel::dsl::exists(good)).get_result::<bool>(c))?)
}
