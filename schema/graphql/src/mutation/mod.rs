//! The roots of changing. A refusal that its caller could expect is a user error, with a code and the field it is about; everything else
//! is an error of the request.

mod account;
mod api_key;
mod conversation;
mod credit;
mod credit_cap;
mod job;
mod knowledge;
mod member;
mod people;
mod persona;
mod preview;
mod pricebook;
mod privacy;
mod provider_cost;
mod staff;
mod subscription;
mod tenant;
mod widget;
mod widget_key;

use std::{sync::Arc, time::Duration};

use async_graphql::{Context, Enum, Error, ErrorExtensions, ID, MergedObject, Result, SimpleObject};
use frontoffice_domain::{
    credit::{Entitled, Entitlement},
    identity,
    locale::Locale,
    once::OnceKey,
    tenancy,
};
use sha2::{Digest, Sha256};

use crate::{
    context::{asking, house, signed_in},
    error::{failed, refuse},
    global_id::GlobalId,
    object::tenant::Place,
};

/// What can be changed.
// In parts, because each one that is merged lies in all that come after it, and compilers follow only so deep.
#[derive(Default, MergedObject)]
pub(crate) struct Mutation(Business, Access, Prices);

/// What a business is and does.
#[derive(Default, MergedObject)]
pub(crate) struct Business(
    conversation::Conversations,
    people::People,
    knowledge::Knowledge,
    persona::Personas,
    preview::Previews,
    tenant::Tenants,
    widget::Widgets,
    widget_key::WidgetKeys,
);

/// Who may do what, what becomes of what is known of visitors, and the queue.
#[derive(Default, MergedObject)]
pub(crate) struct Access(account::Accounts, api_key::ApiKeys, job::Jobs, member::Members, privacy::Privacy, staff::Staff);

/// What everything costs, and what tenants are on.
#[derive(Default, MergedObject)]
pub(crate) struct Prices(
    pricebook::Drafts,
    pricebook::Releases,
    subscription::Subscriptions,
    credit::CreditChanges,
    provider_cost::ProviderCosts,
    credit_cap::CreditCaps,
);

/// Why something was not done.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum UserErrorCode {
    /// They are on the team already.
    AlreadyMember,
    /// The subscription was cancelled; that has to be taken back first.
    Cancelled,
    /// It has been changed meanwhile; what it is now stands beside.
    Conflict,
    /// Credits are held for an answer until this job is done.
    CreditsHeld,
    /// There is a draft already.
    DraftExists,
    /// It ends by itself, so there is nothing to cancel.
    EndsAnyway,
    /// The draft is not as it must be; the message says what to do.
    Flawed,
    /// The draft was submitted; it has to be reopened first.
    Frozen,
    /// The key came before with something else.
    IdempotencyKeyReused,
    /// The version has taken effect, so it cannot be taken back.
    InForce,
    /// It is not as it must be; the message says what is allowed.
    Invalid,
    /// This persona is the default; another one must be first.
    IsDefault,
    /// Somebody must be the owner, and this is the last one.
    LastOwner,
    /// The plan has no room for it; the message names the plan, its limit and the way up.
    LimitReached,
    /// The link is not good, or no longer.
    LinkInvalid,
    /// There is no draft.
    NoDraft,
    /// The draft was not approved.
    NotApproved,
    /// The subscription was not cancelled.
    NotCancelled,
    /// The job was not given up, so there is nothing to retry or discard.
    NotDead,
    /// There is no such thing that the caller may know of.
    NotFound,
    /// The prices give nothing back for this.
    NotRefunded,
    /// There is not so much.
    NotSoMuch,
    /// The draft was not submitted.
    NotSubmitted,
    /// Nothing of it is left.
    NothingLeft,
    /// The plan can only begin with the next period.
    OnlyAtRenewal,
    /// The plan can only begin now.
    OnlyNow,
    /// The draft says something else than what was looked at.
    OtherContent,
    /// Only an owner may do this to an owner, or make one.
    OwnersOnly,
    /// Who approves must not have written it.
    OwnWork,
    /// A new account needs a password.
    PasswordRequired,
    /// The prices in force have no such plan.
    PlanUnknown,
    /// This is the platform's own tenant, which is never suspended or closed.
    PlatformTenant,
    /// The caller lacks a permission that was to be handed on, by a key or a role.
    PermissionNotYours,
    /// The plan has no seat left; the message names the plan, its limit and the way up.
    SeatsTaken,
    /// Businesses do not sign up by themselves here.
    SignupClosed,
    /// The slug is another tenant's.
    SlugTaken,
    /// Other prices are in force than those that were looked at.
    PricesChanged,
    /// It would take effect in the past, or not after every live version.
    TooEarly,
    /// It could only be done until a time that is over.
    TooLate,
    /// The prices have no such top-up.
    TopUpUnknown,
    /// It has to be acknowledged by name.
    Unacknowledged,
    /// It would be as it is already.
    Unchanged,
}

/// Why something was not done, and which field of the input is the reason.
#[derive(Clone, SimpleObject)]
pub(crate) struct UserError {
    /// Why.
    code: UserErrorCode,
    /// A sentence for people.
    message: String,
    /// The path of the field in the input, or of what is wrong in a draft; null if it is no single field.
    field: Option<Vec<String>>,
}

impl UserError {
    /// About one field.
    fn at(field: &str, code: UserErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: Some(vec!["input".to_owned(), field.to_owned()]) }
    }

    /// The same, where there is no input but arguments.
    pub(crate) fn of_argument(self) -> Self {
        let field = self.field.map(|path| path.into_iter().skip_while(|part| part == "input").collect());
        Self { field, ..self }
    }

    /// There is no such thing; what is not there and what is not the caller's look alike.
    fn not_found(field: &str) -> Self {
        Self::at(field, UserErrorCode::NotFound, "There is no such thing that you may know of.")
    }
}

/// What a mutation wanted to work on, or why it cannot.
type Refusable<T> = std::result::Result<T, UserError>;

/// The tenant an id names; without one the caller's own.
async fn place(ctx: &Context<'_>, id: Option<&ID>) -> Result<Refusable<Arc<Place>>> {
    let (house, who, now) = (house(ctx)?, signed_in(ctx)?, asking(ctx)?.now);
    let entered = match id.map(|id| GlobalId::decode(id)) {
        None => tenancy::enter_named(&house.db, who, None, now).await.map_err(failed)?,
        Some(Some(GlobalId::Tenant(id))) => {
            tenancy::enter_each(&house.db, who, vec![id.into()], now).await.map_err(failed)?.pop()
        }
        Some(_) => None,
    };
    Ok(entered.map(Place::new).ok_or_else(|| UserError::not_found("tenant")))
}

/// The tenant a thing belongs to, and the thing's own id in it. `pick` says what kind of thing it must be.
async fn within(
    ctx: &Context<'_>,
    field: &str,
    id: &ID,
    pick: fn(GlobalId) -> Option<(uuid::Uuid, uuid::Uuid)>,
) -> Result<Refusable<(Arc<Place>, uuid::Uuid)>> {
    let (house, who, now) = (house(ctx)?, signed_in(ctx)?, asking(ctx)?.now);
    let Some((tenant, id)) = GlobalId::decode(id).and_then(pick) else { return Ok(Err(UserError::not_found(field))) };
    let entered = tenancy::enter_each(&house.db, who, vec![tenant.into()], now).await.map_err(failed)?.pop();
    Ok(entered.map(|entered| (Place::new(entered), id)).ok_or_else(|| UserError::not_found(field)))
}

/// A text of so many characters.
fn short(field: &str, text: &str, longest: usize) -> Refusable<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > longest || text.chars().any(char::is_control) {
        let message = format!("It must have 1 to {longest} characters on one line.");
        return Err(UserError::at(field, UserErrorCode::Invalid, message));
    }
    Ok(text.to_owned())
}

/// An e-mail that may be somebody's.
fn email(text: &str) -> Refusable<String> {
    identity::email(text).ok_or_else(|| {
        UserError::at("email", UserErrorCode::Invalid, "It must be an e-mail address: NAME@HOST, at most 254 characters.")
    })
}

/// Somebody asks too often.
fn throttled(wait: Duration) -> Error {
    let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1);
    let message = format!("There were too many letters already. Please try again in {seconds} seconds.");
    refuse("RATE_LIMITED", message).extend_with(|_, extensions| extensions.set("retryAfter", seconds))
}

/// The plan has no room: the plan, its limit and the way up.
fn no_room(field: &str, its: &Entitled) -> UserError {
    let code = if its.what == Entitlement::Seats { UserErrorCode::SeatsTaken } else { UserErrorCode::LimitReached };
    UserError::at(field, code, its.sentence())
}

/// Somebody else has changed it meanwhile.
fn conflict() -> UserError {
    let message = "It has been changed meanwhile. Look at what it is now and say that revision, or none.";
    UserError::at("expectedRevision", UserErrorCode::Conflict, message)
}

/// The key came before with something else.
fn key_reused() -> UserError {
    let message = "This key came before with something else. Use a new key for each thing that is made.";
    UserError::at("idempotencyKey", UserErrorCode::IdempotencyKeyReused, message)
}

/// A caller's own key, with a hash over the field that is asked for and all that it was given.
fn once(ctx: &Context<'_>, key: Option<&str>) -> Result<Refusable<Option<OnceKey>>> {
    let Some(key) = key else { return Ok(Ok(None)) };
    if key.is_empty() || key.chars().count() > 128 || key.chars().any(char::is_control) {
        let message = "It must have 1 to 128 printable characters.";
        return Ok(Err(UserError::at("idempotencyKey", UserErrorCode::Invalid, message)));
    }
    let field = ctx.field();
    let mut body = Sha256::new_with_prefix(field.name());
    for (name, value) in field.arguments().map_err(|error| refuse("INPUT_INVALID", error.message))? {
        body.update(format!("\0{name}\0{value}"));
    }
    Ok(Ok(Some(OnceKey { key: key.to_owned(), body: body.finalize().into() })))
}

/// A text that may be left out, of so many characters. White space around it, and nothing but it, is no text.
fn optional(field: &str, text: &str, longest: usize) -> Refusable<Option<String>> {
    let text = text.trim();
    if text.chars().count() > longest || text.contains('\0') {
        return Err(UserError::at(field, UserErrorCode::Invalid, format!("It may have {longest} characters.")));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// A language there is, by its tag.
fn language(field: &str, tag: &str) -> Refusable<Locale> {
    tag.parse().map_err(|_| {
        let known = Locale::ALL.iter().map(|locale| locale.as_str()).collect::<Vec<_>>().join(", ");
        UserError::at(field, UserErrorCode::Invalid, format!("It must be one of {known}."))
    })
}
