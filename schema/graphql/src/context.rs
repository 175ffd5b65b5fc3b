//! What resolvers stand on: the house, and who is asking.

use std::{net::IpAddr, time::Duration};

use async_graphql::{Context, Error};
use frontoffice_domain::{
    audit::Trace,
    bus::Bus,
    clock::{Clock, Instant},
    credit::Budgets,
    db::{Conn, Db},
    fault::Fault,
    identity::{Accounts, InstanceKey, Permission, SignedIn},
    locale::Locale,
    pricing::Sight,
    pulse::Pulse,
    tenancy::{Platform, Scope},
};
use tokio_util::sync::CancellationToken;

use crate::error::{failed, not_signed_in, refuse};

/// What the schema opens to.
#[derive(Clone)]
pub struct House {
    /// The store.
    pub db: Db,
    /// The bus.
    pub bus: Bus,
    /// The time.
    pub clock: Clock,
    /// Signs cursors.
    pub key: InstanceKey,
    /// When this process' workers last looked at the queue; `None` where no workers run.
    pub pulse: Option<Pulse>,
    /// The model's name.
    pub model: String,
    /// Makes accounts.
    pub accounts: Accounts,
    /// Whether businesses may sign up by themselves.
    pub open_sign_up: bool,
    /// What answers may take at most.
    pub budgets: Budgets,
    /// Whom personas may name, the usual one first.
    pub models: Vec<String>,
    /// How long what a widget key was is good still once it is another, unless something else is said.
    pub key_overlap: Duration,
    /// Cancelled when the process is to stop.
    pub stop: CancellationToken,
}

/// Who asks, and when.
pub(crate) struct Asking {
    pub(crate) by: Option<SignedIn>,
    pub(crate) trace: Trace,
    pub(crate) address: IpAddr,
    pub(crate) locale: Locale,
    pub(crate) now: Instant,
}

pub(crate) fn house<'c>(ctx: &Context<'c>) -> Result<&'c House, Error> {
    ctx.data::<House>()
}

pub(crate) fn asking<'c>(ctx: &Context<'c>) -> Result<&'c Asking, Error> {
    ctx.data::<Asking>()
}

/// Who is signed in.
pub(crate) fn signed_in<'c>(ctx: &Context<'c>) -> Result<&'c SignedIn, Error> {
    asking(ctx)?.by.as_ref().ok_or_else(not_signed_in)
}

/// Who works for the platform. Everybody else lacks the permission that is asked for, whatever they may do in their own tenant.
pub(crate) fn platform(ctx: &Context<'_>, permission: Permission) -> Result<Platform, Error> {
    Platform::of(signed_in(ctx)?).ok_or_else(|| {
        refuse("NOT_ALLOWED", format!("This is for those who work for the platform and have the permission `{permission}`."))
    })
}

/// How much of the pricebook who asks may see: what is to come only by those who may read drafts.
pub(crate) fn sight(ctx: &Context<'_>) -> Result<Sight, Error> {
    let platform = asking(ctx)?.by.as_ref().and_then(Platform::of);
    let platform = platform.filter(|platform| platform.require(Permission::PricebookRead).is_ok());
    Ok(platform.map_or(Sight::Public, Sight::Inside))
}

impl House {
    /// Reads in one tenant.
    pub(crate) async fn read<T: Send + 'static, Fut: Future<Output = Result<T, Fault>> + Send + 'static>(
        &self,
        scope: &Scope,
        work: impl FnOnce(Conn, Scope) -> Fut + Send + 'static,
    ) -> Result<T, Error> {
        let reader = scope.clone();
        self.db.read(scope, move |conn| work(conn, reader)).await.map_err(failed)
    }

    /// Changes something in one tenant, or reads what may first have to be brought up to now.
    pub(crate) async fn write<T: Send + 'static, Fut: Future<Output = Result<T, Fault>> + Send + 'static>(
        &self,
        scope: &Scope,
        work: impl FnOnce(Conn, Scope) -> Fut + Send + 'static,
    ) -> Result<T, Error> {
        let writer = scope.clone();
        self.db.write(scope, move |conn| work(conn, writer)).await.map_err(failed)
    }

    /// Reads over all tenants.
    pub(crate) async fn read_all<T: Send + 'static, Fut: Future<Output = Result<T, Fault>> + Send + 'static>(
        &self,
        platform: Platform,
        work: impl FnOnce(Conn, Platform) -> Fut + Send + 'static,
    ) -> Result<T, Error> {
        let reader = platform.clone();
        self.db.platform_read(&platform, move |conn| work(conn, reader)).await.map_err(failed)
    }

    /// Changes something over all tenants.
    pub(crate) async fn write_all<T: Send + 'static, Fut: Future<Output = Result<T, Fault>> + Send + 'static>(
        &self,
        platform: Platform,
        work: impl FnOnce(Conn, Platform) -> Fut + Send + 'static,
    ) -> Result<T, Error> {
        let writer = platform.clone();
        self.db.platform(&platform, move |conn| work(conn, writer)).await.map_err(failed)
    }
}
