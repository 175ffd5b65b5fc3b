//! `POST /widget/{tenant_uuid}/session` and `POST /api/widget/session`: a visitor opens the widget and gets the token they are known by, and
//! all that its window needs. `POST /api/widget/conversation/identify`: their website says who they are.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use frontoffice_domain::{
    chat,
    clock::Instant,
    identity::{Caller, WidgetVisitor},
    locale::Locale,
    tenancy::{self, Door},
    widget::{self, Admitted, Look, Vouching},
    words,
};
use serde::Serialize;

use super::{identification_required, shown, token};
use crate::{
    Api, caller,
    guest::{Arrival, Widget},
    http::chat::let_in,
    limits::{Fields, SMALL_BODY, json_object},
    problem::Problem,
    rates,
};

/// How long a visitor's token is good.
const TOKEN: Duration = Duration::from_secs(3_600);

/// How long after its end a token can still be changed for a new one of the same visitor: who comes back within that time finds what was
/// said.
const RENEWABLE: Duration = Duration::from_secs(30 * 86_400);

/// The same for who is known by what their website said: it says so again whenever they are signed in there, and who comes later may have
/// signed out.
const RENEWABLE_IF_VOUCHED: Duration = Duration::from_secs(86_400);

/// What a visitor gets who opens the widget.
#[derive(Serialize)]
struct Session {
    widget_key: String,
    #[serde(flatten)]
    token: GivenToken,
    locale: &'static str,
    dir: &'static str,
    business: Name,
    persona: Name,
    notice: String,
    look: PublicLook,
    consent: &'static str,
    strings: &'static BTreeMap<String, String>,
}

/// The token a visitor is known by from now on.
#[derive(Serialize)]
struct GivenToken {
    visitor_token: String,
    token_type: &'static str,
    expires_at: String,
    verified: bool,
}

impl GivenToken {
    fn to(api: &Api, visitor: WidgetVisitor, admitted: &Admitted) -> Self {
        Self {
            visitor_token: api.key.widget_token(visitor, admitted.id(), &admitted.from().bound()),
            token_type: "Bearer",
            expires_at: visitor.until().to_string(),
            verified: visitor.vouched_by().is_some(),
        }
    }
}

#[derive(Serialize)]
struct Name {
    name: String,
}

/// How the widget looks, as its script reads it.
#[derive(Serialize)]
struct PublicLook {
    color: String,
    text_color: String,
    position: &'static str,
    launcher: &'static str,
    label: String,
    greeting: Option<String>,
    avatar_url: Option<String>,
    offline_text: Option<String>,
}

impl PublicLook {
    fn of(look: Look, locale: Locale) -> Self {
        Self {
            color: look.color.to_string(),
            text_color: look.color.of_text().to_string(),
            position: look.position.as_str(),
            launcher: look.launcher.as_str(),
            label: look.label.unwrap_or_else(|| words::launcher_label(locale)),
            greeting: look.greeting,
            avatar_url: look.avatar_url,
            offline_text: look.offline_text,
        }
    }
}

/// A token that a website signed, as far as its length goes.
fn signed(text: String) -> Result<String, String> {
    if text.len() <= 8 * 1024 { Ok(text) } else { Err("may have at most 8 KiB".to_owned()) }
}

/// A token for a visitor: whom their website says they are, if it says so; else the same one's where they show one that is good or ended
/// not long ago. And what they are to be told before their first message.
pub(crate) async fn open(State(api): State<Api>, arrival: Arrival<Widget>, request: Request) -> Result<Response, Problem> {
    let mut fields = Fields::new(json_object(request, SMALL_BODY).await?);
    let wanted = fields
        .optional("locale", |text| text.parse::<Locale>().map_err(|_| "must be a language we have, such as `en`".to_owned()));
    let identity = fields.optional("identity", signed);
    if !fields.is_fine() {
        return Err(fields.problem());
    }
    // Who has just come is counted by where they are, not by who they are.
    let taken = api.rates.take(&arrival.counted(&api)).await;
    if let Some(refused) = rates::refused(&taken) {
        return Err(refused);
    }
    let (admitted, now) = (arrival.pass.clone(), api.clock.now());
    let until = now.after(TOKEN);
    let visitor = match identity {
        Some(identity) => vouched(&api, &admitted, &identity, until, now).await?,
        None => {
            let known = match token(&arrival.incoming.headers)? {
                Some(token) => renewable(&api, &admitted, token, now).await?,
                None => None,
            };
            known.map_or_else(|| WidgetVisitor::new(until), |visitor| visitor.renewed(until))
        }
    };
    if admitted.needs_identity() && visitor.vouched_by().is_none() {
        return Err(identification_required());
    }
    let entered = tenancy::enter(&api.db, Door::Widget(admitted.clone()), Caller::WidgetVisitor(visitor.key())).await?;
    let (tenant, scope) = let_in(entered)?;
    let locale = wanted.or_else(|| caller::locale(&arrival.incoming.headers)).unwrap_or(tenant.default_locale);
    let reader = scope.clone();
    let read = async move |mut conn| {
        Ok((chat::welcome(&mut conn, &reader, locale).await?, widget::look_shown(&mut conn, &reader).await?))
    };
    let (welcome, look) = api.db.read(&scope, read).await?;
    let session = Session {
        widget_key: admitted.key().to_owned(),
        token: GivenToken::to(&api, visitor, &admitted),
        locale: locale.as_str(),
        // None of our languages is read from the right.
        dir: "ltr",
        business: Name { name: tenant.name },
        persona: Name { name: welcome.persona },
        notice: welcome.notice,
        consent: look.consent.as_str(),
        look: PublicLook::of(look, locale),
        strings: words::widget(locale),
    };
    Ok(rates::told(unkept(session), &taken))
}

/// A visitor's website says who they are: the token of that person. What was said by whoever showed another token stays theirs.
pub(crate) async fn identify(State(api): State<Api>, arrival: Arrival<Widget>, request: Request) -> Result<Response, Problem> {
    let mut fields = Fields::new(json_object(request, SMALL_BODY).await?);
    let identity = fields.required("token", signed);
    let Some(identity) = identity.filter(|_| fields.is_fine()) else { return Err(fields.problem()) };
    let taken = api.rates.take(&arrival.counted(&api)).await;
    if let Some(refused) = rates::refused(&taken) {
        return Err(refused);
    }
    // Who shows a token shows a good one: else the page has not noticed that it ended.
    if let Some(token) = token(&arrival.incoming.headers)? {
        shown(&api, &arrival.pass, token)?;
    }
    let now = api.clock.now();
    let visitor = vouched(&api, &arrival.pass, &identity, now.after(TOKEN), now).await?;
    Ok(rates::told(unkept(GivenToken::to(&api, visitor, &arrival.pass)), &taken))
}

fn unkept(body: impl Serialize) -> Response {
    ([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(body)).into_response()
}

async fn vouched(api: &Api, admitted: &Admitted, identity: &str, until: Instant, now: Instant) -> Result<WidgetVisitor, Problem> {
    match widget::vouch(&api.db, &api.key, admitted, identity, until, now).await? {
        Vouching::Good(visitor) => Ok(visitor),
        Vouching::Bad(why) => {
            Err(Problem::new("identity_invalid", format!("What the website says of this visitor cannot be believed. {why}")))
        }
    }
}

/// The visitor of a token that can be changed for a new one.
async fn renewable(api: &Api, admitted: &Admitted, token: &str, now: Instant) -> Result<Option<WidgetVisitor>, Problem> {
    let Some(visitor) = api.key.widget_visitor(token, admitted.id(), &admitted.from().bound()) else { return Ok(None) };
    let is_vouched = visitor.vouched_by().is_some();
    let limit = if is_vouched { RENEWABLE_IF_VOUCHED } else { RENEWABLE };
    let is_good = visitor.until().after(limit) > now
        // Once the secret is over, so is what was said by it: it may have been stolen.
        && (!is_vouched || widget::is_vouched_still(&api.db, admitted, visitor, now).await?);
    Ok(is_good.then_some(visitor))
}
