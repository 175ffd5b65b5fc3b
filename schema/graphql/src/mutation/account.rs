//! Signing up and joining: for those who have no account yet.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use frontoffice_domain::{
    identity::{Chosen, Made, Stranger},
    locale::Locale,
};

use super::{Refusable, UserError, UserErrorCode, email, no_room, short, throttled};
use crate::{
    context::{asking, house},
    error::{failed, refuse},
};

/// The most characters of a name, of a person or of a business.
const NAME: usize = 200;

/// A business that wants to sign up.
#[derive(InputObject)]
pub(crate) struct TenantSignupInput {
    /// The owner's e-mail address; the letter goes there.
    email: String,
    /// What the business is called, 1 to 200 characters.
    business_name: String,
    /// Its language as a BCP 47 tag: one of `en nl de es it pl pt-BR ja fr`; the one the client asks for if nothing is said.
    locale: Option<String>,
}

/// Whether a letter is on its way.
#[derive(Default, SimpleObject)]
pub(crate) struct TenantSignupPayload {
    /// Whether it is. It is the same for who has an account already: the letter says so.
    sent: bool,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// The link in the letter, followed.
#[derive(InputObject)]
pub(crate) struct TenantSignupConfirmInput {
    /// What the link carries.
    token: String,
    /// The owner's password, 8 to 1,000 characters.
    password: String,
    /// The owner's name; what stands before the `@` of the e-mail if nothing is said.
    name: Option<String>,
}

/// Whether the business is there.
#[derive(Default, SimpleObject)]
pub(crate) struct TenantSignupConfirmPayload {
    /// Whether it is, with its trial begun and its owner able to sign in.
    confirmed: bool,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// The link in an invitation, followed.
#[derive(InputObject)]
pub(crate) struct InvitationAcceptInput {
    /// What the link carries.
    token: String,
    /// A password for a new account, 8 to 1,000 characters; who has an account keeps theirs.
    password: Option<String>,
    /// A name for a new account; what stands before the `@` of the e-mail if nothing is said.
    name: Option<String>,
}

/// Whether they have joined.
#[derive(Default, SimpleObject)]
pub(crate) struct InvitationAcceptPayload {
    /// Whether they have, and can sign in.
    accepted: bool,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Signing up and joining.
#[derive(Default)]
pub(crate) struct Accounts;

fn closed() -> UserError {
    let message = "Businesses do not sign up by themselves here.".to_owned();
    UserError { code: UserErrorCode::SignupClosed, message, field: None }
}

fn link_invalid() -> UserError {
    UserError::at("token", UserErrorCode::LinkInvalid, "This link is not good, or no longer: it was used, or its time is over.")
}

/// What became of a link, but for its being done.
fn chosen(chosen: Chosen) -> Result<Refusable<()>> {
    Ok(match chosen {
        Chosen::Made(Made::Done) => Ok(()),
        Chosen::Made(Made::Over) => Err(link_invalid()),
        Chosen::Made(Made::PasswordNeeded) => {
            Err(UserError::at("password", UserErrorCode::PasswordRequired, "A new account needs a password."))
        }
        Chosen::Made(Made::NoSeat(seats)) => Err(no_room("token", &seats)),
        Chosen::Refused(fault) => Err(UserError::at("password", UserErrorCode::Invalid, format!("It {fault}."))),
        Chosen::Busy => return Err(refuse("UNAVAILABLE", "Many are signing in right now; please try again in a moment.")),
    })
}

fn name(text: Option<&str>) -> Refusable<Option<String>> {
    text.map(|text| short("name", text, NAME)).transpose()
}

fn business(input: &TenantSignupInput) -> Refusable<(String, String, Option<Locale>)> {
    let locale = match input.locale.as_deref().map(str::parse) {
        None => None,
        Some(Ok(locale)) => Some(locale),
        Some(Err(_)) => {
            let known = Locale::ALL.iter().map(|locale| locale.as_str()).collect::<Vec<_>>().join(" ");
            return Err(UserError::at("locale", UserErrorCode::Invalid, format!("It must be one of {known}.")));
        }
    };
    Ok((email(&input.email)?, short("businessName", &input.business_name, NAME)?, locale))
}

/// Signing up and joining.
#[Object]
impl Accounts {
    /// Begins a business' sign-up: a letter with a link goes to the e-mail address. Nothing is set up before that link is followed.
    async fn tenant_signup(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The business.")] input: TenantSignupInput,
    ) -> Result<Option<TenantSignupPayload>> {
        let refused = |error| Some(TenantSignupPayload { user_errors: vec![error], ..Default::default() });
        let (house, asking) = (house(ctx)?, asking(ctx)?);
        if !house.open_sign_up {
            return Ok(refused(closed()));
        }
        let (email, business, locale) = match business(&input) {
            Ok(checked) => checked,
            Err(error) => return Ok(refused(error)),
        };
        let who = Stranger { email, locale: locale.unwrap_or(asking.locale), address: asking.address };
        match house.accounts.sign_up(who, business, asking.now).await.map_err(failed)? {
            None => {
                house.bus.ring();
                Ok(Some(TenantSignupPayload { sent: true, user_errors: Vec::new() }))
            }
            Some(wait) => Err(throttled(wait)),
        }
    }

    /// Sets the business up whose sign-up the link confirms: the tenant on trial, and its owner.
    async fn tenant_signup_confirm(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link in the letter, followed.")] input: TenantSignupConfirmInput,
    ) -> Result<Option<TenantSignupConfirmPayload>> {
        let refused = |error| Some(TenantSignupConfirmPayload { user_errors: vec![error], ..Default::default() });
        let (house, asking) = (house(ctx)?, asking(ctx)?);
        // Links that were sent before sign-up was closed open nothing.
        if !house.open_sign_up {
            return Ok(refused(closed()));
        }
        let name = match name(input.name.as_deref()) {
            Ok(name) => name,
            Err(error) => return Ok(refused(error)),
        };
        let confirmed =
            house.accounts.confirm_sign_up(&input.token, name, input.password, asking.trace.clone(), asking.now).await;
        Ok(match chosen(confirmed.map_err(failed)?)? {
            Ok(()) => Some(TenantSignupConfirmPayload { confirmed: true, user_errors: Vec::new() }),
            Err(error) => refused(error),
        })
    }

    /// Joins the team that the link of an invitation leads to.
    async fn invitation_accept(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The link in the letter, followed.")] input: InvitationAcceptInput,
    ) -> Result<Option<InvitationAcceptPayload>> {
        let refused = |error| Some(InvitationAcceptPayload { user_errors: vec![error], ..Default::default() });
        let (house, asking) = (house(ctx)?, asking(ctx)?);
        let name = match name(input.name.as_deref()) {
            Ok(name) => name,
            Err(error) => return Ok(refused(error)),
        };
        let joined = house.accounts.join(&input.token, name, input.password, asking.trace.clone(), asking.now).await;
        Ok(match chosen(joined.map_err(failed)?)? {
            Ok(()) => Some(InvitationAcceptPayload { accepted: true, user_errors: Vec::new() }),
            Err(error) => refused(error),
        })
    }
}
