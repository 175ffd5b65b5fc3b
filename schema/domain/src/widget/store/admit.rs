//! Letting pages and apps in.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    clock::Instant,
    db::{Conn, Db},
    fault::Fault,
    id::{TenantId, WidgetKeyId},
    run,
    tables::{installation, tenants, widget_apps, widget_former_keys, widget_identities, widget_keys, widget_origins},
    tenancy::{Platform, Tenant},
    widget::{
        model::{Admission, Admitted, CameFrom, PageAdmission, Shown},
        rules,
        store::look::read as look_of,
    },
};

/// Whether somebody who shows this key, and comes from there, may speak for the tenant's website. Pages of the origins in `own` are this
/// program's, which show the widget of the platform's own tenant: its keys are good there whatever their lists say.
///
/// # Errors
/// If the store fails.
pub async fn admit(db: &Db, key: &str, from: Option<CameFrom>, own: &[String], now: Instant) -> Result<Admission, Fault> {
    if !rules::may_be_key(key) {
        return Ok(Admission::KeyInvalid);
    }
    let (key, is_own) = (key.to_owned(), from.as_ref().and_then(CameFrom::origin).is_some_and(|origin| is_among(own, origin)));
    let look = async move |mut conn: Conn| admitted(&mut conn, &key, from, is_own, now).await;
    db.platform_read(&Platform::of_this_process(), look).await
}

fn is_among(own: &[String], origin: &str) -> bool {
    own.iter().any(|one| one == origin)
}

/// Whether a tenant is the platform's own.
async fn is_platforms(conn: &mut Conn, tenant: TenantId) -> Result<bool, Fault> {
    let its = installation::table.filter(installation::platform_tenant_id.eq(tenant));
    Ok(run!(conn, |c| diesel::select(diesel::dsl::exists(its)).get_result::<bool>(c))?)
}

/// A key that is good, as it is by now, whose it is, and whether that tenant wants to know who visitors are.
type Good = (WidgetKeyId, TenantId, String, Option<bool>);

async fn admitted(conn: &mut Conn, text: &str, from: Option<CameFrom>, is_own: bool, now: Instant) -> Result<Admission, Fault> {
    let good = match by_text(conn, text).await? {
        Some(good) => Some(good),
        None => by_former_text(conn, text, now).await?,
    };
    let Some((id, tenant, key, required)) = good else { return Ok(Admission::KeyInvalid) };
    let origins = origins_of(conn, &[id]).await?;
    let anywhere = !origins.is_empty();
    let is_good = match &from {
        Some(CameFrom::Origin(origin)) => {
            let any = rules::letting_in(origin);
            origins.iter().any(|(_, one)| any.contains(one)) || (is_own && is_platforms(conn, tenant).await?)
        }
        Some(CameFrom::App(app)) => {
            let its = widget_apps::table.filter(widget_apps::widget_key_id.eq(id).and(widget_apps::app.eq(app)));
            run!(conn, |c| diesel::select(diesel::dsl::exists(its)).get_result::<bool>(c))?
        }
        None => false,
    };
    Ok(match from.filter(|_| is_good) {
        Some(from) => Admission::In(Admitted { tenant, id, key, from, needs_identity: required.unwrap_or(false) }),
        None => Admission::NotThere { id, anywhere },
    })
}

async fn by_text(conn: &mut Conn, text: &str) -> Result<Option<Good>, Fault> {
    Ok(run!(conn, |c| {
        widget_keys::table
            .inner_join(tenants::table)
            .left_join(widget_identities::table.on(widget_identities::tenant_id.eq(widget_keys::tenant_id)))
            .filter(widget_keys::key.eq(text).and(widget_keys::disabled_at.is_null()).and(tenants::closed_at.is_null()))
            .select((widget_keys::id, widget_keys::tenant_id, widget_keys::key, widget_identities::required.nullable()))
            .first(c)
    })
    .optional()?)
}

/// The key that was this text until it was changed for another, while that is good.
async fn by_former_text(conn: &mut Conn, text: &str, now: Instant) -> Result<Option<Good>, Fault> {
    Ok(run!(conn, |c| {
        widget_former_keys::table
            .inner_join(widget_keys::table)
            .inner_join(tenants::table.on(tenants::id.eq(widget_keys::tenant_id)))
            .left_join(widget_identities::table.on(widget_identities::tenant_id.eq(widget_keys::tenant_id)))
            .filter(widget_former_keys::key.eq(text).and(widget_former_keys::good_until.gt(now)))
            .filter(widget_keys::disabled_at.is_null().and(tenants::closed_at.is_null()))
            .select((widget_keys::id, widget_keys::tenant_id, widget_keys::key, widget_identities::required.nullable()))
            .first(c)
    })
    .optional()?)
}

async fn origins_of(conn: &mut Conn, ids: &[WidgetKeyId]) -> Result<Vec<(WidgetKeyId, String)>, Fault> {
    Ok(run!(conn, |c| {
        widget_origins::table
            .filter(widget_origins::widget_key_id.eq_any(ids))
            .select((widget_origins::widget_key_id, widget_origins::origin))
            .load(c)
    })?)
}

/// Whether a page of this origin may speak for the website of the tenant known by this UUID, by any of its keys; of several the oldest.
/// `own` is as for [`admit`].
///
/// # Errors
/// If the store fails.
pub async fn admit_page(db: &Db, business: TenantId, origin: Option<&str>, own: &[String]) -> Result<PageAdmission, Fault> {
    let is_own = origin.is_some_and(|origin| is_among(own, origin));
    let origin = origin.map(str::to_owned);
    let look = async move |mut conn: Conn| page_admitted(&mut conn, business, origin, is_own).await;
    db.platform_read(&Platform::of_this_process(), look).await
}

async fn page_admitted(
    conn: &mut Conn,
    business: TenantId,
    origin: Option<String>,
    is_own: bool,
) -> Result<PageAdmission, Fault> {
    let tenant: Option<(TenantId, Option<bool>)> = run!(conn, |c| {
        tenants::table
            .left_join(widget_identities::table.on(widget_identities::tenant_id.eq(tenants::id)))
            .filter(tenants::public_id.eq(business).and(tenants::closed_at.is_null()))
            .select((tenants::id, widget_identities::required.nullable()))
            .first(c)
    })
    .optional()?;
    let Some((tenant, required)) = tenant else { return Ok(PageAdmission::Unknown) };
    let keys: Vec<(WidgetKeyId, String)> = run!(conn, |c| {
        widget_keys::table
            .filter(widget_keys::tenant_id.eq(tenant).and(widget_keys::disabled_at.is_null()))
            .order((widget_keys::created_at, widget_keys::id))
            .select((widget_keys::id, widget_keys::key))
            .load(c)
    })?;
    let origins = origins_of(conn, &keys.iter().map(|(id, _)| *id).collect::<Vec<_>>()).await?;
    let any = origin.as_deref().map(rules::letting_in).unwrap_or_default();
    let is_own = is_own && is_platforms(conn, tenant).await?;
    let is_good = |id: WidgetKeyId| is_own || origins.iter().any(|(of, one)| *of == id && any.contains(one));
    let first = keys.as_slice().first().map(|(id, _)| *id);
    let good = keys.into_iter().find(|(id, _)| is_good(*id));
    Ok(match good.zip(origin) {
        Some(((id, key), origin)) => {
            let needs_identity = required.unwrap_or(false);
            PageAdmission::In(Admitted { tenant, id, key, from: CameFrom::Origin(origin), needs_identity })
        }
        None => PageAdmission::NotThere { id: first, anywhere: !origins.is_empty() },
    })
}

/// Whether pages of this origin may show any good key: what a browser asks before it shows one.
///
/// # Errors
/// If the store fails.
pub async fn is_allowed_somewhere(db: &Db, origin: &str, own: &[String]) -> Result<bool, Fault> {
    // The platform's own tenant is never closed, and what its keys are is found out when one is shown.
    if is_among(own, origin) {
        return Ok(true);
    }
    is_allowed(db, origin, None).await
}

/// Whether pages of this origin may show any good key of the tenant known by this UUID.
///
/// # Errors
/// If the store fails.
pub async fn is_allowed_for(db: &Db, business: TenantId, origin: &str, own: &[String]) -> Result<bool, Fault> {
    if is_among(own, origin) {
        return Ok(matches!(admit_page(db, business, Some(origin), own).await?, PageAdmission::In(_)));
    }
    is_allowed(db, origin, Some(business)).await
}

async fn is_allowed(db: &Db, origin: &str, business: Option<TenantId>) -> Result<bool, Fault> {
    let any = rules::letting_in(origin);
    if any.is_empty() {
        return Ok(false);
    }
    let look = async move |mut conn: Conn| any_key_on(&mut conn, any, business).await;
    db.platform_read(&Platform::of_this_process(), look).await
}

async fn any_key_on(conn: &mut Conn, origins: Vec<String>, business: Option<TenantId>) -> Result<bool, Fault> {
    let found: i64 = run!(conn, |c| {
        let mut query = widget_origins::table
            .inner_join(widget_keys::table)
            .inner_join(tenants::table.on(tenants::id.eq(widget_keys::tenant_id)))
            .filter(widget_origins::origin.eq_any(&origins).and(widget_keys::disabled_at.is_null()))
            .filter(tenants::closed_at.is_null())
            .count()
            .into_boxed();
        if let Some(business) = business {
            query = query.filter(tenants::public_id.eq(business));
        }
        query.get_result(c)
    })?;
    Ok(found > 0)
}

/// What the script of the tenant known by this UUID shows before anybody has opened it.
///
/// # Errors
/// If the store fails.
pub async fn shown(db: &Db, business: TenantId) -> Result<Shown, Fault> {
    let look = async move |mut conn: Conn| {
        let tenant: Option<Tenant> =
            run!(conn, |c| { tenants::table.filter(tenants::public_id.eq(business)).select(Tenant::as_select()).first(c) })
                .optional()?;
        let Some(tenant) = tenant.filter(|tenant| tenant.closed_at.is_none()) else {
            return Ok(Shown::Nothing("there is no such business"));
        };
        if tenant.suspended_at.is_some() {
            return Ok(Shown::Nothing("this business is suspended"));
        }
        let enabled = widget_keys::table.filter(widget_keys::tenant_id.eq(tenant.id).and(widget_keys::disabled_at.is_null()));
        if !run!(conn, |c| diesel::select(diesel::dsl::exists(enabled)).get_result::<bool>(c))? {
            return Ok(Shown::Nothing("this business has switched its widget off"));
        }
        Ok(Shown::Look(Box::new(look_of(&mut conn, tenant.id).await?), tenant.default_locale))
    };
    db.platform_read(&Platform::of_this_process(), look).await
}
