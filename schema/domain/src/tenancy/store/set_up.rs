//! Setting businesses up.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::enter::platform_tenant;
use crate::{
    audit::{Action, Change},
    clock::Instant,
    credit::{self, Subscribed, Terms},
    db::{Conn, Undone},
    fault::Fault,
    id::TenantId,
    identity::{self, InstanceKey, NewInvitation, Permission},
    locale::Locale,
    once::{self, Once, OnceKey},
    persona::{self, NewVersion},
    run,
    tables::{installation, tenants},
    tenancy::{
        model::{NewBusiness, NewRow, NewTenant, Opened, Tenant},
        rules,
        scope::Platform,
    },
    widget,
};

/// Creates a tenant, without what it needs to work; [`establish`] does all of it.
///
/// # Errors
/// If a rule about tenants (`tenants_slug_unique`, `tenants_slug_form`, …) would be broken, or the store fails.
pub async fn create(conn: &mut Conn, _platform: &Platform, new: &NewTenant, now: Instant) -> Result<Tenant, Fault> {
    insert(conn, TenantId::new(), new, now).await
}

async fn insert(conn: &mut Conn, id: TenantId, new: &NewTenant, now: Instant) -> Result<Tenant, Fault> {
    let row = NewRow {
        id,
        public_id: TenantId::random(),
        slug: &new.slug,
        name: &new.name,
        default_locale: new.default_locale,
        public_chat: new.public_chat,
        created_at: now,
    };
    Ok(run!(conn, |c| { diesel::insert_into(tenants::table).values(&row).returning(Tenant::as_returning()).get_result(c) })?)
}

/// Opens a business called `name` on trial: the tenant under a slug of its own, its default persona and its subscription, as a whole.
/// `None` before the first pricebook.
///
/// # Errors
/// If the store fails.
pub(crate) async fn open(
    conn: &mut Conn,
    platform: &Platform,
    name: &str,
    locale: Locale,
    now: Instant,
) -> Result<Option<Tenant>, Fault> {
    let business = NewBusiness { name: name.to_owned(), slug: None, locale, public_chat: false, plan: None };
    conn.undoable("tenancy.open", async |tx| match found(tx, platform, TenantId::new(), &business, now).await? {
        Opened::Now(tenant) => Ok(Some(tenant)),
        Opened::Before(_) | Opened::SlugTaken | Opened::NoSuchPlan | Opened::KeyReused => Err(Undone::Outcome(None)),
    })
    .await
}

/// Sets a business up, as a whole: the tenant, its default persona, its subscription, and a letter that asks its first owner to join.
/// Under the same key it is set up once.
///
/// # Errors
/// If a rule about tenants (`tenants_slug_form`, …) would be broken, or the store fails.
pub async fn establish(
    conn: &mut Conn,
    platform: &Platform,
    key: &InstanceKey,
    business: &NewBusiness,
    owner: Option<&NewInvitation>,
    once: Option<&OnceKey>,
    now: Instant,
) -> Result<Opened, Fault> {
    platform.require(Permission::TenantManage)?;
    conn.undoable("tenancy.establish", async |tx| {
        let home = platform_tenant(tx).await?.ok_or(Fault::NotSetUp)?;
        let id = TenantId::new();
        match once::claim(tx, home.id, &platform.actor(), once, id.uuid(), now).await? {
            Once::Now => {}
            Once::Before(id) => {
                let id = TenantId::from(id);
                return Ok(Opened::Before(run!(tx, |c| tenants::table.find(id).select(Tenant::as_select()).first(c))?));
            }
            Once::Reused => return Ok(Opened::KeyReused),
        }
        let opened = found(tx, platform, id, business, now).await?;
        let Opened::Now(tenant) = &opened else { return Err(Undone::Outcome(opened)) };
        let change = Change::of(Action::TenantCreated, tenant.public_id.uuid(), &["name", "slug"]);
        platform.record_within(tx, tenant.id, change, now).await?;
        if let Some(owner) = owner {
            let asked = identity::ask_owner(tx, &platform.within(tenant), key, owner, now).await?;
            let change = Change::of(Action::InvitationCreated, asked.id.uuid(), &["email", "role"]);
            platform.record_within(tx, tenant.id, change, now).await?;
        }
        Ok(opened)
    })
    .await
}

/// What makes a business one: the tenant, who answers for it, and what it is on.
async fn found(tx: &mut Conn, platform: &Platform, id: TenantId, business: &NewBusiness, now: Instant) -> Result<Opened, Fault> {
    let wished = business.slug.clone().unwrap_or_else(|| rules::slug_of(&business.name));
    let taken = run!(tx, |c| {
        diesel::select(diesel::dsl::exists(tenants::table.filter(tenants::slug.eq(&wished)))).get_result::<bool>(c)
    })?;
    // Two at once would both find it free; the second of them is then told to try again, and gets another.
    let slug = match (taken, &business.slug) {
        (false, _) => wished,
        (true, None) => format!("{wished}-{}", rules::suffix(TenantId::random().uuid())),
        (true, Some(_)) => return Ok(Opened::SlugTaken),
    };
    let new = NewTenant { slug, name: business.name.clone(), default_locale: business.locale, public_chat: business.public_chat };
    let tenant = insert(tx, id, &new, now).await?;
    let scope = platform.within(&tenant);
    persona::create_default(tx, &scope, &NewVersion::of_business(&business.name), now).await?;
    widget::create_first(tx, &scope, now).await?;
    let terms = business.plan.clone().map_or(Terms::Trial, Terms::Plan);
    Ok(match credit::subscribe(tx, &scope, &terms, now).await? {
        Subscribed::Now | Subscribed::Already => Opened::Now(tenant),
        Subscribed::NoSuchPlan => Opened::NoSuchPlan,
    })
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
