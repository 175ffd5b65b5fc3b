//! Acts on tenants.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    model::{NewRow, NewTenant, Tenant},
    rules,
    scope::{Platform, Scope},
};
use crate::{
    clock::Instant,
    db::{Conn, Db},
    fault::Fault,
    id::TenantId,
    identity::{Caller, Staff},
    run,
    tables::{installation, tenants},
};

/// Whether a stranger may come in.
#[derive(Debug)]
pub enum Entered<T> {
    /// In.
    In(T),
    /// There is no such tenant.
    Unknown,
    /// The tenant does not chat with strangers.
    NotPublic,
}

/// Lets a public visitor into the tenant called `business` (UUID or slug), or into the platform's own.
///
/// A tenant's UUID is public (it stands in its script tag), so saying that one is closed gives nothing away.
///
/// # Errors
/// If the store fails.
pub async fn enter(db: &Db, business: Option<String>, caller: Caller) -> Result<Entered<(Tenant, Scope)>, Fault> {
    let enter = async move |mut conn: Conn| enter_by(&mut conn, business, caller).await;
    db.platform_read(&Platform::of_this_process(), enter).await
}

/// As [`enter`], and at once does there what the visitor came to write.
///
/// # Errors
/// What `work` says, or if the store fails.
pub async fn enter_to_write<T, F, Fut>(
    db: &Db,
    business: Option<String>,
    caller: Caller,
    work: F,
) -> Result<Entered<(Scope, T)>, Fault>
where
    T: Send + 'static,
    F: FnOnce(Conn, Tenant, Scope) -> Fut + Send + 'static,
    Fut: Future<Output = Result<T, Fault>> + Send + 'static,
{
    let enter = async move |mut conn: Conn| {
        Ok(match enter_by(&mut conn, business, caller).await? {
            Entered::In((tenant, scope)) => {
                let done = work(conn, tenant, scope.clone()).await?;
                Entered::In((scope, done))
            }
            Entered::Unknown => Entered::Unknown,
            Entered::NotPublic => Entered::NotPublic,
        })
    };
    db.platform(&Platform::of_this_process(), enter).await
}

async fn enter_by(conn: &mut Conn, business: Option<String>, caller: Caller) -> Result<Entered<(Tenant, Scope)>, Fault> {
    Ok(match named(conn, business.as_deref()).await? {
        None => Entered::Unknown,
        Some(tenant) if !tenant.public_chat => Entered::NotPublic,
        Some(tenant) => {
            let scope = Scope::new(tenant.id, caller);
            Entered::In((tenant, scope))
        }
    })
}

/// Lets staff into the tenant called `business` (UUID or slug), or into the platform's own; `None` if there is none. What they may do
/// there, each act asks.
///
/// # Errors
/// If the store fails.
pub async fn enter_as_staff(conn: &mut Conn, staff: &Staff, business: Option<&str>) -> Result<Option<(Tenant, Scope)>, Fault> {
    let tenant = named(conn, business).await?;
    Ok(tenant.map(|tenant| {
        let scope = Scope::new(tenant.id, Caller::Staff(staff.clone()));
        (tenant, scope)
    }))
}

/// Lets staff into those of the tenants, called by their UUIDs, that there are. What they may do there, each act asks.
///
/// # Errors
/// If the store fails.
pub async fn enter_each_as_staff(conn: &mut Conn, staff: &Staff, businesses: &[TenantId]) -> Result<Vec<(Tenant, Scope)>, Fault> {
    let tenants: Vec<Tenant> =
        run!(conn, |c| { tenants::table.filter(tenants::public_id.eq_any(businesses)).select(Tenant::as_select()).load(c) })?;
    let entered = tenants.into_iter().map(|tenant| {
        let scope = Scope::new(tenant.id, Caller::Staff(staff.clone()));
        (tenant, scope)
    });
    Ok(entered.collect())
}

async fn named(conn: &mut Conn, business: Option<&str>) -> Result<Option<Tenant>, Fault> {
    Ok(match business {
        None => platform_tenant(conn).await?,
        Some(name) => match name.parse::<TenantId>() {
            Ok(id) => run!(conn, |c| { tenants::table.filter(tenants::public_id.eq(id)).select(Tenant::as_select()).first(c) })
                .optional()?,
            Err(_) if !rules::slug_allowed(name) => None,
            Err(_) => run!(conn, |c| { tenants::table.filter(tenants::slug.eq(name)).select(Tenant::as_select()).first(c) })
                .optional()?,
        },
    })
}

/// The platform's own tenant; `None` before set-up.
///
/// # Errors
/// If the store fails.
pub async fn platform_tenant(conn: &mut Conn) -> Result<Option<Tenant>, Fault> {
    Ok(run!(conn, |c| { installation::table.inner_join(tenants::table).select(Tenant::as_select()).first(c) }).optional()?)
}

/// Creates a tenant.
///
/// # Errors
/// If a rule about tenants (`tenants_slug_unique`, `tenants_slug_form`, …) would be broken, or the store fails.
pub async fn create(conn: &mut Conn, _platform: &Platform, new: &NewTenant, now: Instant) -> Result<Tenant, Fault> {
    let row = NewRow {
        id: TenantId::new(),
        public_id: TenantId::random(),
        slug: &new.slug,
        name: &new.name,
        default_locale: new.default_locale,
        public_chat: new.public_chat,
        created_at: now,
    };
    Ok(run!(conn, |c| { diesel::insert_into(tenants::table).values(&row).returning(Tenant::as_returning()).get_result(c) })?)
}

/// Notes that set-up has happened, with `tenant` as the platform's own.
///
/// # Errors
/// If it happened before (`installation_pkey`), or the store fails.
pub async fn install(conn: &mut Conn, _platform: &Platform, tenant: &Tenant, now: Instant) -> Result<(), Fault> {
    run!(conn, |c| {
        diesel::insert_into(installation::table)
            .values((installation::id.eq(1_i16), installation::platform_tenant_id.eq(tenant.id), installation::set_up_at.eq(now)))
            .execute(c)
    })?;
    Ok(())
}
