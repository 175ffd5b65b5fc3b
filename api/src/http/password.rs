//! Changing a password, and choosing a new one when it is forgotten.

use axum::{
    extract::{Request, State},
    http::StatusCode,
};
use frontoffice_domain::identity::{self, Changed, Chosen, Made, Stranger};

use super::auth::{EMAIL, PASSWORD, busy, session_required, short, throttled};
use crate::{
    Api,
    caller::{self, Incoming},
    limits::{Fields, SMALL_BODY, json_object},
    problem::Problem,
};

/// `POST /api/auth/password`: changes the caller's password; all their other sessions end.
pub(crate) async fn change(State(api): State<Api>, incoming: Incoming, request: Request) -> Result<StatusCode, Problem> {
    let who = caller::signed_in(&incoming, &api, true).await?;
    if who.session.is_none() {
        return Err(session_required());
    }
    let mut fields = Fields::new(json_object(request, SMALL_BODY).await?);
    let present = fields.required("current_password", |text| short(text, PASSWORD));
    let new = fields.required("new_password", |text| short(text, PASSWORD));
    let (Some(present), Some(new), true) = (present, new, fields.is_fine()) else { return Err(fields.problem()) };
    match api.accounts.change_password(&who, present, new, incoming.locale(), api.clock.now()).await? {
        Changed::Done => Ok(StatusCode::NO_CONTENT),
        Changed::Wrong => Err(Problem::new("password_wrong", "`current_password` is not the present password.")),
        Changed::Refused(fault) => Err(Problem::field("new_password", fault.to_string())),
        Changed::Throttled(wait) => Err(throttled(wait, "to change the password")),
        Changed::Busy => Err(busy()),
    }
}

/// `POST /api/auth/password/reset`: sends a letter with a link, if somebody has the e-mail. The answer is the same if nobody has.
pub(crate) async fn forgot(State(api): State<Api>, incoming: Incoming, request: Request) -> Result<StatusCode, Problem> {
    require_page(&api, &incoming)?;
    let mut fields = Fields::new(json_object(request, SMALL_BODY).await?);
    let email = fields.required("email", |text| {
        identity::email(&short(text, EMAIL)?).ok_or_else(|| "must be an e-mail address: NAME@HOST".to_owned())
    });
    let (Some(email), true) = (email, fields.is_fine()) else { return Err(fields.problem()) };
    let who = Stranger { email, locale: incoming.locale(), address: incoming.address };
    match api.accounts.forgot(who, api.clock.now()).await? {
        None => {
            api.bus.ring();
            Ok(StatusCode::ACCEPTED)
        }
        Some(wait) => Err(throttled(wait, "to have a link sent")),
    }
}

/// `POST /api/auth/password/reset/confirm`: gives somebody the password they chose by a link. All their sessions end.
pub(crate) async fn reset(State(api): State<Api>, incoming: Incoming, request: Request) -> Result<StatusCode, Problem> {
    require_page(&api, &incoming)?;
    let mut fields = Fields::new(json_object(request, SMALL_BODY).await?);
    let token = fields.required("token", |text| short(text, PASSWORD));
    let password = fields.required("password", |text| short(text, PASSWORD));
    let (Some(token), Some(password), true) = (token, password, fields.is_fine()) else { return Err(fields.problem()) };
    match api.accounts.reset(&token, password, incoming.trace(&api)?, api.clock.now()).await? {
        Chosen::Made(Made::Done) => {
            api.bus.ring();
            Ok(StatusCode::NO_CONTENT)
        }
        Chosen::Made(Made::Over | Made::PasswordNeeded | Made::NoSeat(_)) => {
            Err(Problem::new("reset_link_invalid", "This link is not good, or no longer: it was used, or its time is over."))
        }
        Chosen::Refused(fault) => Err(Problem::field("password", fault.to_string())),
        Chosen::Busy => Err(busy()),
    }
}

/// Pages of this host, and portals that may call.
fn require_page(api: &Api, incoming: &Incoming) -> Result<(), Problem> {
    if caller::is_of_portal(&incoming.headers, &api.config) {
        return Ok(());
    }
    caller::require_same_origin(&incoming.headers, &api.config)
}
