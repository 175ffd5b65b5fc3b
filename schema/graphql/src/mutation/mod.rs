//! The roots of changing. A refusal that its caller could expect is a user error, with a code and the field it is about; everything else
//! is an error of the request.

mod account;
mod api_key;
mod member;
mod staff;

use std::{sync::Arc, time::Duration};

use async_graphql::{Context, Enum, Error, ErrorExtensions, ID, MergedObject, Result, SimpleObject};
use frontoffice_domain::{credit::Seats, identity, tenancy};

use crate::{
    context::{asking, house, signed_in},
    error::{failed, refuse},
    global_id::GlobalId,
    object::tenant::Place,
};

/// What can be changed.
#[derive(Default, MergedObject)]
pub(crate) struct Mutation(account::Accounts, api_key::ApiKeys, member::Members, staff::Staff);

/// Why something was not done.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
pub(crate) enum UserErrorCode {
    /// They are on the team already.
    AlreadyMember,
    /// It is not as it must be; the message says what is allowed.
    Invalid,
    /// Somebody must be the owner, and this is the last one.
    LastOwner,
    /// The link is not good, or no longer.
    LinkInvalid,
    /// There is no such thing that the caller may know of.
    NotFound,
    /// Only an owner may do this to an owner, or make one.
    OwnersOnly,
    /// A new account needs a password.
    PasswordRequired,
    /// The caller lacks a permission that was to be handed on, by a key or a role.
    PermissionNotYours,
    /// The plan has no seat left; the message names the plan, its limit and the way up.
    SeatsTaken,
    /// Businesses do not sign up by themselves here.
    SignupClosed,
}

/// Why something was not done, and which field of the input is the reason.
#[derive(Clone, SimpleObject)]
pub(crate) struct UserError {
    /// Why.
    code: UserErrorCode,
    /// A sentence for people.
    message: String,
    /// The path of the field in the input; null if it is no single field.
    field: Option<Vec<String>>,
}

impl UserError {
    /// About one field.
    fn at(field: &str, code: UserErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: Some(vec!["input".to_owned(), field.to_owned()]) }
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

/// No seat is left: the plan, its limit and the way up.
fn seats_taken(field: &str, seats: &Seats) -> UserError {
    let limit = seats.limit.unwrap_or_default();
    let way_up = match &seats.more_in {
        Some((plan, Some(more))) => format!("The plan {plan} has {more}."),
        Some((plan, None)) => format!("The plan {plan} has as many as you need."),
        None => "No plan has more.".to_owned(),
    };
    let message = format!(
        "The plan {} has {limit} seats, and {} are taken or promised. {way_up} Or take somebody off the team, or an invitation back.",
        seats.plan, seats.taken
    );
    UserError::at(field, UserErrorCode::SeatsTaken, message)
}
