//! Letting callers into tenants.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    audit::{Action, Change},
    clock::Instant,
    db::{Conn, Db, Prepare, load},
    fault::Fault,
    id::TenantId,
    identity::{Caller, Permission, SignedIn, rules as access},
    run,
    tables::{installation, tenants},
    tenancy::{
        model::Tenant,
        rules,
        scope::{Platform, Scope},
    },
    widget::Admitted,
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

/// By which door a visitor comes.
#[derive(Clone, Debug)]
pub enum Door {
    /// A page of this host: to the tenant called so (UUID or slug), or to the platform's own.
    Public(Option<String>),
    /// A page with the widget on it.
    Widget(Admitted),
}

/// Lets a visitor into a tenant.
///
/// A tenant's UUID is public (it stands in its script tag), so saying that one is closed gives nothing away.
///
/// # Errors
/// If the store fails.
pub async fn enter(db: &Db, door: Door, caller: Caller) -> Result<Entered<(Tenant, Scope)>, Fault> {
    let enter = async move |mut conn: Conn| enter_by(&mut conn, door, caller).await;
    db.platform_read(&Platform::of_this_process(), enter).await
}

/// As [`enter`], and at once does there what the visitor came to write.
///
/// # Errors
/// What `work` says, or if the store fails.
pub async fn enter_to_write<T, F, Fut>(db: &Db, door: Door, caller: Caller, work: F) -> Result<Entered<(Scope, T)>, Fault>
where
    T: Send + 'static,
    F: FnOnce(Conn, Tenant, Scope) -> Fut + Send + 'static,
    Fut: Future<Output = Result<T, Fault>> + Send + 'static,
{
    let enter = async move |mut conn: Conn| {
        Ok(match enter_by(&mut conn, door, caller).await? {
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

async fn enter_by(conn: &mut Conn, door: Door, caller: Caller) -> Result<Entered<(Tenant, Scope)>, Fault> {
    let (found, needs_public) = match door {
        Door::Public(business) => (named(conn, business.as_deref()).await?, true),
        Door::Widget(admitted) => {
            let id = admitted.tenant();
            (run!(conn, |c| tenants::table.find(id).select(Tenant::as_select()).first(c)).optional()?, false)
        }
    };
    Ok(match found {
        None => Entered::Unknown,
        Some(tenant) if tenant.closed_at.is_some() => Entered::Unknown,
        Some(tenant) if needs_public && !tenant.public_chat => Entered::NotPublic,
        Some(tenant) => {
            let scope = Scope::new(tenant.id, caller);
            Entered::In((tenant, scope))
        }
    })
}

/// Which tenants somebody wants to enter.
enum Wanted {
    /// The one called so (UUID or slug); without a name their own, or, for who works for the platform, the platform's.
    Named(Option<String>),
    /// Those called by their UUIDs.
    Each(Vec<TenantId>),
}

/// Lets somebody who is signed in into the tenant called `business` (UUID or slug); without a name into their own, or, who works for
/// the platform, into the platform's. `None` if there is none that they may know of: for a member and a key their own is the only one
/// there is. What they may do there, each act asks.
///
/// # Errors
/// If the store fails.
pub async fn enter_named(
    db: &Db,
    signed_in: &SignedIn,
    business: Option<String>,
    now: Instant,
) -> Result<Option<(Tenant, Scope)>, Fault> {
    Ok(enter_wanted(db, signed_in, Wanted::Named(business), now).await?.pop())
}

/// Lets somebody who is signed in into those of the tenants, called by their UUIDs, that there are for them.
///
/// # Errors
/// If the store fails.
pub async fn enter_each(
    db: &Db,
    signed_in: &SignedIn,
    businesses: Vec<TenantId>,
    now: Instant,
) -> Result<Vec<(Tenant, Scope)>, Fault> {
    enter_wanted(db, signed_in, Wanted::Each(businesses), now).await
}

/// Who may look only for a reason, and states one, is noted as having looked before anything is shown.
async fn enter_wanted(db: &Db, signed_in: &SignedIn, wanted: Wanted, now: Instant) -> Result<Vec<(Tenant, Scope)>, Fault> {
    let platform = Platform::of_this_process();
    let is_noted = signed_in.trace.reason.is_some() && access::needs_reason(&signed_in.principal, Permission::ChatRead);
    let signed_in = signed_in.clone();
    if !is_noted {
        return db.platform_read(&platform, async move |mut conn: Conn| for_whom(&mut conn, &signed_in, wanted).await).await;
    }
    let enter = async move |mut conn: Conn| {
        conn.transaction("tenancy.enter", async |tx| {
            let entered = for_whom(tx, &signed_in, wanted).await?;
            for (tenant, scope) in &entered {
                scope.record(tx, Change::of(Action::TenantEntered, tenant.public_id.uuid(), &[]), now).await?;
            }
            Ok(entered)
        })
        .await
    };
    db.platform(&platform, enter).await
}

async fn for_whom(conn: &mut Conn, signed_in: &SignedIn, wanted: Wanted) -> Result<Vec<(Tenant, Scope)>, Fault> {
    let home = signed_in.principal.tenant();
    let found: Vec<Tenant> = match (wanted, home) {
        (Wanted::Named(None), Some(home)) => {
            run!(conn, |c| tenants::table.filter(tenants::id.eq(home)).select(Tenant::as_select()).load(c))?
        }
        (Wanted::Named(name), _) => named(conn, name.as_deref()).await?.into_iter().collect(),
        (Wanted::Each(ids), _) => match *ids {
            // Of one, the text is always the same, so it need not be made to be known.
            [id] => load!(conn, tenants::table.filter(tenants::public_id.eq(id)).select(Tenant::as_select()))?,
            _ => load!(conn, tenants::table.filter(tenants::public_id.eq_any(ids)).select(Tenant::as_select()).prepared())?,
        },
    };
    // What is closed is there for those alone who work for the platform.
    let own = found.into_iter().filter(|tenant| home.is_none_or(|home| tenant.id == home && tenant.closed_at.is_none()));
    Ok(own
        .map(|tenant| {
            let scope = Scope::of(tenant.id, signed_in);
            (tenant, scope)
        })
        .collect())
}

async fn named(conn: &mut Conn, business: Option<&str>) -> Result<Option<Tenant>, Fault> {
    Ok(match business {
        None => platform_tenant(conn).await?,
        Some(name) => match name.parse::<TenantId>() {
            Ok(id) => load!(conn, tenants::table.filter(tenants::public_id.eq(id)).select(Tenant::as_select()))?.pop(),
            Err(_) if !rules::slug_allowed(name) => None,
            Err(_) => {
                let slug = name.to_owned();
                load!(conn, tenants::table.filter(tenants::slug.eq(slug)).select(Tenant::as_select()))?.pop()
            }
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
