//! Changing tenants, and setting them up.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use frontoffice_domain::{
    identity::{NewInvitation, Permission},
    locale::Locale,
    revision::Changed,
    tenancy::{self, Closing, NewBusiness, Opened},
};

use super::{Refusable, UserError, UserErrorCode, conflict, email, key_reused, language, once, optional, place, short};
use crate::{
    context::{asking, house, platform},
    error::{failed, internal},
    kind::Weekday,
    object::tenant::{Place, Tenant},
};

/// A business to be set up.
#[derive(InputObject)]
pub(crate) struct TenantCreateInput {
    /// Its name for people, 1 to 200 characters.
    name: String,
    /// Its short name in addresses: 2 to 63 of `a-z`, `0-9` and inner hyphens; made of the name if nothing is said. It never changes.
    slug: Option<String>,
    /// The language when a visitor's cannot be told, as a BCP 47 tag; English if nothing is said.
    default_locale: Option<String>,
    /// Whether strangers may chat with it on this host's own pages; not if nothing is said.
    public_chat: Option<bool>,
    /// The plan it is on, by its key in the pricebook in force; on trial if nothing is said.
    plan: Option<String>,
    /// Who is to be its first owner: they get a letter that asks them to join.
    owner_email: Option<String>,
    /// The caller's own key for setting it up: sent again, the same tenant comes back.
    idempotency_key: Option<String>,
}

/// The business that was set up.
#[derive(Default, SimpleObject)]
pub(crate) struct TenantCreatePayload {
    /// The tenant; null if there is none.
    tenant: Option<Tenant>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// What is to be different. What is left out stays; null takes away what may be missing.
#[derive(InputObject)]
pub(crate) struct TenantUpdateInput {
    /// The tenant; the caller's own if nothing is said.
    tenant: Option<ID>,
    /// The revision that was looked at: if there is a newer one, nothing is changed.
    expected_revision: Option<i64>,
    /// The name for people, 1 to 200 characters.
    name: Option<String>,
    /// The language when a visitor's cannot be told, as a BCP 47 tag.
    default_locale: Option<String>,
    /// Whether strangers may chat with it on this host's own pages.
    public_chat: Option<bool>,
    /// What it does, at most 2,000 characters.
    about: MaybeUndefined<String>,
    /// Its website: an `http` or `https` address of at most 500 characters.
    website: MaybeUndefined<String>,
    /// Where people write to.
    contact_email: MaybeUndefined<String>,
    /// Where people call, at most 50 characters.
    phone: MaybeUndefined<String>,
    /// Where it is, at most 500 characters on several lines.
    postal_address: MaybeUndefined<String>,
    /// What visitors are told when nobody can answer, at most 1,000 characters; null: words of ours, in their language.
    away_text: MaybeUndefined<String>,
    /// How visitors are told that they talk to an AI, at most 500 characters; it must say so. `{persona}` stands for the persona's name. Null:
    /// words of ours, in their language.
    ai_notice: MaybeUndefined<String>,
    /// When people are there.
    office_hours: MaybeUndefined<OfficeHoursInput>,
    /// How many seconds a visitor may wait for a person before they are told that it takes longer, 30 to 86,400.
    wait_seconds: Option<i32>,
    /// Whether language models are to be told what visitors write without e-mail addresses, and the numbers of phones, cards and bank
    /// accounts.
    mask_prompts: Option<bool>,
}

/// When people are there to talk to visitors.
#[derive(InputObject)]
pub(crate) struct OfficeHoursInput {
    /// The IANA time zone the hours are in, such as `Europe/Amsterdam`.
    time_zone: String,
    /// The stretches of the week, at most 21; those of one day must not overlap.
    week: Vec<OfficeStretchInput>,
}

/// A stretch of a day on which people are there.
#[derive(InputObject)]
pub(crate) struct OfficeStretchInput {
    /// The day.
    day: Weekday,
    /// From when on: `09:00`.
    from: String,
    /// Until when: `17:30`; `24:00` is midnight.
    to: String,
}

/// Whether it was changed.
#[derive(Default, SimpleObject)]
pub(crate) struct TenantUpdatePayload {
    /// The tenant as it is now, also where somebody else has changed it meanwhile; null if there is none.
    tenant: Option<Tenant>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Which tenant.
#[derive(InputObject)]
pub(crate) struct TenantSuspendInput {
    /// The tenant.
    tenant: ID,
}

/// Whether it is suspended.
#[derive(Default, SimpleObject)]
pub(crate) struct TenantSuspendPayload {
    /// The tenant as it is now; null if nothing was done.
    tenant: Option<Tenant>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Which tenant.
#[derive(InputObject)]
pub(crate) struct TenantResumeInput {
    /// The tenant.
    tenant: ID,
}

/// Whether it goes on.
#[derive(Default, SimpleObject)]
pub(crate) struct TenantResumePayload {
    /// The tenant as it is now; null if nothing was done.
    tenant: Option<Tenant>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Which tenant.
#[derive(InputObject)]
pub(crate) struct TenantCloseInput {
    /// The tenant; the caller's own if nothing is said.
    tenant: Option<ID>,
    /// Its slug once more, so that nobody closes another than they mean: it cannot be undone.
    slug: String,
}

/// Whether it is closed.
#[derive(Default, SimpleObject)]
pub(crate) struct TenantClosePayload {
    /// The tenant as it is now; null if nothing was done.
    tenant: Option<Tenant>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Changes tenants.
#[derive(Default)]
pub(crate) struct Tenants;

fn invalid(field: &str, message: &str) -> UserError {
    UserError::at(field, UserErrorCode::Invalid, message)
}

/// A text that may be taken away.
fn text(field: &str, value: MaybeUndefined<String>, longest: usize) -> Refusable<Option<Option<String>>> {
    Ok(match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(text) => Some(optional(field, &text, longest)?),
    })
}

fn business(input: &TenantCreateInput) -> Refusable<NewBusiness> {
    if input.slug.as_deref().is_some_and(|slug| !tenancy::rules::slug_allowed(slug)) {
        return Err(invalid("slug", "It must have 2 to 63 of `a-z`, `0-9` and hyphens, none of them first or last."));
    }
    Ok(NewBusiness {
        name: short("name", &input.name, 200)?,
        slug: input.slug.clone(),
        locale: input.default_locale.as_deref().map_or(Ok(Locale::En), |tag| language("defaultLocale", tag))?,
        public_chat: input.public_chat.unwrap_or(false),
        plan: input.plan.clone(),
    })
}

fn office_hours(value: MaybeUndefined<OfficeHoursInput>) -> Refusable<Option<Option<String>>> {
    let hours = match value {
        MaybeUndefined::Undefined => return Ok(None),
        MaybeUndefined::Null => return Ok(Some(None)),
        MaybeUndefined::Value(hours) => hours,
    };
    let time = |text: &str| {
        tenancy::minute(text).ok_or_else(|| invalid("officeHours", "Times must be written like `09:30`, up to `24:00`."))
    };
    let week = hours
        .week
        .iter()
        .map(|stretch| Ok(tenancy::Stretch { day: stretch.day.into(), from: time(&stretch.from)?, to: time(&stretch.to)? }))
        .collect::<Refusable<Vec<_>>>()?;
    match tenancy::OfficeHours::new(&hours.time_zone, week) {
        Ok(hours) => Ok(Some(Some(hours.written()))),
        Err(fault) => Err(invalid("officeHours", &format!("It cannot be: {fault}."))),
    }
}

fn change(input: TenantUpdateInput) -> Refusable<tenancy::Change> {
    let website = text("website", input.website, 500)?;
    let is_address =
        |url: &String| url.parse::<url::Url>().is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if website.as_ref().and_then(Option::as_ref).is_some_and(|url| !is_address(url)) {
        return Err(invalid("website", "It must be an `http` or `https` address."));
    }
    let contact_email = match text("contactEmail", input.contact_email, 254)? {
        Some(Some(address)) => {
            let wrong = |error: UserError| UserError { field: invalid("contactEmail", "").field, ..error };
            Some(Some(email(&address).map_err(wrong)?))
        }
        other => other,
    };
    if input.wait_seconds.is_some_and(|seconds| !(30..=86_400).contains(&seconds)) {
        return Err(invalid("waitSeconds", "It must be 30 to 86,400."));
    }
    let ai_notice = text("aiNotice", input.ai_notice, 500)?;
    if ai_notice.as_ref().and_then(Option::as_ref).is_some_and(|notice| !tenancy::rules::says_ai(notice)) {
        let message = "It must say that this is an AI, for example: \u{201c}You are talking to an AI.\u{201d}";
        return Err(invalid("aiNotice", message));
    }
    Ok(tenancy::Change {
        name: input.name.map(|name| short("name", &name, 200)).transpose()?,
        default_locale: input.default_locale.map(|tag| language("defaultLocale", &tag)).transpose()?,
        public_chat: input.public_chat,
        about: text("about", input.about, 2_000)?,
        website,
        contact_email,
        phone: text("phone", input.phone, 50)?,
        postal_address: text("postalAddress", input.postal_address, 500)?,
        away_text: text("awayText", input.away_text, 1_000)?,
        office_hours: office_hours(input.office_hours)?,
        wait_seconds: input.wait_seconds,
        ai_notice,
        mask_prompts: input.mask_prompts,
    })
}

/// The tenant as it is after a change.
fn changed(place: &Place, tenant: tenancy::Tenant) -> Tenant {
    Tenant(Place::new((tenant, place.scope.clone())))
}

fn platforms() -> UserError {
    let message = "This is the platform's own tenant, which is never suspended or closed.";
    UserError::at("tenant", UserErrorCode::PlatformTenant, message)
}

/// Changes tenants.
#[Object]
impl Tenants {
    /// Sets a business up: the tenant, its default persona, what it is on, and a letter to its first owner. For those who work for the
    /// platform. Needs `tenant.manage`.
    async fn tenant_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The business.")] input: TenantCreateInput,
    ) -> Result<Option<TenantCreatePayload>> {
        let refuse = |error| Ok(Some(TenantCreatePayload { user_errors: vec![error], ..Default::default() }));
        let (house, platform, now) = (house(ctx)?, platform(ctx, Permission::TenantManage)?, asking(ctx)?.now);
        platform.require(Permission::TenantManage).map_err(failed)?;
        let owner = input.owner_email.as_deref().map(email).transpose();
        let owner = owner.map_err(|error| UserError { field: invalid("ownerEmail", "").field, ..error });
        let (business, owner, once) = match (business(&input), owner, once(ctx, input.idempotency_key.as_deref())?) {
            (Ok(business), Ok(owner), Ok(once)) => (business, owner, once),
            (Err(error), _, _) | (_, Err(error), _) | (_, _, Err(error)) => return refuse(error),
        };
        let owner = owner.map(|email| NewInvitation { email, lasts: house.accounts.lengths.invitation });
        let (key, by) = (house.key.clone(), platform.clone());
        let opened = house
            .write_all(platform, async move |mut conn, platform| {
                tenancy::establish(&mut conn, &platform, &key, &business, owner.as_ref(), once.as_ref(), now).await
            })
            .await?;
        match opened {
            Opened::Now(tenant) | Opened::Before(tenant) => {
                house.bus.ring();
                let tenant = Some(Tenant(Place::new(by.entered(tenant))));
                Ok(Some(TenantCreatePayload { tenant, user_errors: Vec::new() }))
            }
            Opened::SlugTaken => refuse(UserError::at("slug", UserErrorCode::SlugTaken, "This slug is another tenant's.")),
            Opened::NoSuchPlan => {
                let message = "The prices in force have no plan of this key; `pricebook { plans { key } }` lists them.";
                refuse(UserError::at("plan", UserErrorCode::PlanUnknown, message))
            }
            Opened::KeyReused => refuse(key_reused()),
        }
    }

    /// Changes a tenant: its name, its profile, what visitors are told and when people are there. Needs `tenant.manage`.
    async fn tenant_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be different.")] input: TenantUpdateInput,
    ) -> Result<Option<TenantUpdatePayload>> {
        let refuse = |error| Ok(Some(TenantUpdatePayload { user_errors: vec![error], ..Default::default() }));
        let place = match place(ctx, input.tenant.as_ref()).await? {
            Ok(place) => place,
            Err(error) => return refuse(error),
        };
        place.scope.require(Permission::TenantManage).map_err(failed)?;
        let (now, expected) = (asking(ctx)?.now, input.expected_revision);
        let change = match change(input) {
            Ok(change) => change,
            Err(error) => return refuse(error),
        };
        let done = house(ctx)?
            .write(&place.scope, async move |mut conn, scope| tenancy::update(&mut conn, &scope, &change, expected, now).await)
            .await?;
        Ok(Some(match done {
            Changed::Done(tenant) => TenantUpdatePayload { tenant: Some(changed(&place, tenant)), user_errors: Vec::new() },
            Changed::Stale(tenant) => {
                TenantUpdatePayload { tenant: Some(changed(&place, tenant)), user_errors: vec![conflict()] }
            }
            Changed::Unknown => return Err(internal()),
        }))
    }

    /// From now on visitors get the away text and nothing is charged; reading works as before. For those who work for the platform. Needs
    /// `tenant.manage`.
    async fn tenant_suspend(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which tenant.")] input: TenantSuspendInput,
    ) -> Result<Option<TenantSuspendPayload>> {
        Ok(Some(match set_suspended(ctx, &input.tenant, true).await? {
            Ok(tenant) => TenantSuspendPayload { tenant: Some(tenant), user_errors: Vec::new() },
            Err(error) => TenantSuspendPayload { user_errors: vec![error], ..Default::default() },
        }))
    }

    /// Takes a suspension back. For those who work for the platform. Needs `tenant.manage`.
    async fn tenant_resume(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which tenant.")] input: TenantResumeInput,
    ) -> Result<Option<TenantResumePayload>> {
        Ok(Some(match set_suspended(ctx, &input.tenant, false).await? {
            Ok(tenant) => TenantResumePayload { tenant: Some(tenant), user_errors: Vec::new() },
            Err(error) => TenantResumePayload { user_errors: vec![error], ..Default::default() },
        }))
    }

    /// Closes a tenant for good: visitors find it no more, and its members and keys get in no more. For its owners, and those who work for
    /// the platform. Needs `tenant.manage`.
    async fn tenant_close(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which tenant.")] input: TenantCloseInput,
    ) -> Result<Option<TenantClosePayload>> {
        let refuse = |error| Ok(Some(TenantClosePayload { user_errors: vec![error], ..Default::default() }));
        let place = match place(ctx, input.tenant.as_ref()).await? {
            Ok(place) => place,
            Err(error) => return refuse(error),
        };
        place.scope.require(Permission::TenantManage).map_err(failed)?;
        if input.slug != place.tenant.slug {
            return refuse(invalid("slug", "This is not the slug of the tenant that is to be closed."));
        }
        let now = asking(ctx)?.now;
        let closing =
            house(ctx)?.write(&place.scope, async move |mut conn, scope| tenancy::close(&mut conn, &scope, now).await).await?;
        match closing {
            Closing::Done(tenant) => {
                Ok(Some(TenantClosePayload { tenant: Some(changed(&place, *tenant)), user_errors: Vec::new() }))
            }
            Closing::OwnersOnly => {
                refuse(UserError::at("tenant", UserErrorCode::OwnersOnly, "Only an owner closes their tenant."))
            }
            Closing::Platforms => refuse(platforms()),
        }
    }
}

async fn set_suspended(ctx: &Context<'_>, id: &ID, suspended: bool) -> Result<Refusable<Tenant>> {
    let (house, platform, now) = (house(ctx)?, platform(ctx, Permission::TenantManage)?, asking(ctx)?.now);
    platform.require(Permission::TenantManage).map_err(failed)?;
    let place: Arc<Place> = match place(ctx, Some(id)).await? {
        Ok(place) => place,
        Err(error) => return Ok(Err(error)),
    };
    let done = house
        .write(&place.scope, async move |mut conn, scope| match suspended {
            true => tenancy::suspend(&mut conn, &platform, &scope, now).await,
            false => tenancy::resume(&mut conn, &platform, &scope, now).await,
        })
        .await?;
    Ok(done.map(|tenant| changed(&place, tenant)).ok_or_else(platforms))
}
