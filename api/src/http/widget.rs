//! What lets pages with the widget in: the key they show and the origin their browser names. And `POST /api/widget/session`, where a
//! visitor gets the token they are known by.
//!
//! Invariant: no page reads anything here whose origin no key allows, and none is ever asked for cookies.

use std::time::Duration;

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use frontoffice_domain::{
    chat,
    clock::Instant,
    identity::{Caller, WidgetVisitor},
    locale::Locale,
    tenancy::{self, Door},
    widget::{self, Admission, Admitted},
};
use serde::Serialize;

use super::chat::let_in;
use crate::{
    Api, caller,
    guest::{Arrival, Widget},
    limits::{Fields, SMALL_BODY, json_object},
    problem::Problem,
    rates, signed_in,
};

const WIDGET_KEY: HeaderName = HeaderName::from_static("x-widget-key");

/// How long a visitor's token is good.
const TOKEN: Duration = Duration::from_secs(3_600);

/// How long after its end a token can still be changed for a new one of the same visitor: who comes back within that time finds what was
/// said.
const RENEWABLE: Duration = Duration::from_secs(30 * 86_400);

/// What pages may send, and read of the answers' headers.
const ASKED: &str = "authorization, content-type, idempotency-key, last-event-id, prefer, x-widget-key";
const TOLD: &str = "location, preference-applied, ratelimit, ratelimit-policy, retry-after, x-request-id";

pub(crate) fn key_missing() -> Problem {
    Problem::new("widget_key_missing", "This needs the widget's key, `pk_live_…`, in the header `X-Widget-Key`.")
}

/// Lets a page in, or says why not; and lets the pages of allowed origins read the answers.
pub(crate) async fn admit(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    let origin = origin(request.headers());
    let mut response = if request.method() == Method::OPTIONS {
        match asked_before(&api, origin.as_deref()).await {
            Ok(response) => response,
            Err(problem) => problem.into_response(),
        }
    } else {
        match admitted(&api, request.headers(), origin.as_deref()).await {
            Ok(admitted) => {
                request.extensions_mut().insert(admitted);
                readable(next.run(request).await, origin.as_deref())
            }
            Err(problem) => {
                let is_known = match &origin {
                    Some(origin) => widget::is_allowed_somewhere(&api.db, origin).await.unwrap_or(false),
                    None => false,
                };
                readable(problem.into_response(), origin.as_deref().filter(|_| is_known))
            }
        }
    };
    response.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
    response
}

/// What the browser says where a page is from; `None` if it says nothing, several things, or nothing readable.
fn origin(headers: &HeaderMap) -> Option<String> {
    let mut said = headers.get_all(header::ORIGIN).iter();
    match (said.next(), said.next()) {
        (Some(origin), None) => origin.to_str().ok().map(str::to_owned),
        _ => None,
    }
}

/// The answer to a browser that asks first, for a page.
async fn asked_before(api: &Api, origin: Option<&str>) -> Result<Response, Problem> {
    let allowed = match origin {
        Some(origin) => widget::is_allowed_somewhere(&api.db, origin).await?,
        None => false,
    };
    if !allowed {
        return Err(not_allowed(origin, true));
    }
    let told = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, ASKED),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    Ok(readable((StatusCode::NO_CONTENT, told).into_response(), origin))
}

async fn admitted(api: &Api, headers: &HeaderMap, origin: Option<&str>) -> Result<Admitted, Problem> {
    let mut shown = headers.get_all(WIDGET_KEY).iter();
    let key = match (shown.next(), shown.next()) {
        (None, _) => return Err(key_missing()),
        (Some(key), None) => key.to_str().unwrap_or_default().trim(),
        (Some(_), Some(_)) => "",
    };
    match widget::admit(&api.db, key, origin).await? {
        Admission::In(admitted) => Ok(admitted),
        Admission::KeyInvalid => Err(Problem::new("widget_key_invalid", "There is no such widget key, or it is disabled.")),
        Admission::NotThere { anywhere } => Err(not_allowed(origin, anywhere)),
    }
}

/// An origin is repeated as it came only if it can be one: what else came may be anything.
fn not_allowed(origin: Option<&str>, anywhere: bool) -> Problem {
    let seen = match origin {
        None => "no single readable origin".to_owned(),
        Some(origin) if widget::rules::letting_in(origin).is_empty() => "an origin that is none of a website".to_owned(),
        Some(origin) => format!("`{origin}`"),
    };
    let where_good = if anywhere { "is not good there" } else { "is good on no website yet" };
    let detail = format!(
        "The call came from {seen}; this widget key {where_good}. Its business says on which websites it is (`widgetKeyUpdate`)."
    );
    Problem::new("origin_not_allowed", detail)
}

/// The response, for pages of this origin to read.
fn readable(mut response: Response, origin: Option<&str>) -> Response {
    if let Some(origin) = origin.and_then(|origin| HeaderValue::from_str(origin).ok()) {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(TOLD));
    }
    response
}

fn token_invalid() -> Problem {
    Problem::new(
        "visitor_token_invalid",
        "This visitor token is not good here, or no longer. `POST /api/widget/session` renews one that ended, or gives a new one.",
    )
    .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}

/// The token a visitor shows; `None` if none came.
pub(crate) fn token(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    signed_in::bearer(headers).map_err(|_| token_invalid())
}

/// The visitor a token names that is good now.
pub(crate) fn shown(api: &Api, admitted: &Admitted, token: &str) -> Result<WidgetVisitor, Problem> {
    let visitor = api.key.widget_visitor(token, admitted.key(), admitted.origin()).ok_or_else(token_invalid)?;
    if visitor.until() > api.clock.now() { Ok(visitor) } else { Err(token_invalid()) }
}

/// What a visitor gets who opens the widget.
#[derive(Serialize)]
struct Session {
    visitor_token: String,
    token_type: &'static str,
    expires_at: String,
    locale: &'static str,
    business: Name,
    persona: Name,
    notice: String,
}

#[derive(Serialize)]
struct Name {
    name: String,
}

/// `POST /api/widget/session`: a token for a visitor, the same one's where they show one that is good or ended not long ago; and what they
/// are to be told before their first message.
pub(crate) async fn open(State(api): State<Api>, arrival: Arrival<Widget>, request: Request) -> Result<Response, Problem> {
    let mut fields = Fields::new(json_object(request, SMALL_BODY).await?);
    let wanted = fields
        .optional("locale", |text| text.parse::<Locale>().map_err(|_| "must be a language we have, such as `en`".to_owned()));
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
    let known = token(&arrival.incoming.headers)?.and_then(|token| renewable(&api, &admitted, token, now));
    let visitor = known.map_or_else(|| WidgetVisitor::new(until), |visitor| visitor.renewed(until));
    let entered = tenancy::enter(&api.db, Door::Widget(admitted.clone()), Caller::WidgetVisitor(visitor.key())).await?;
    let (tenant, scope) = let_in(entered)?;
    let locale = wanted.or_else(|| caller::locale(&arrival.incoming.headers)).unwrap_or(tenant.default_locale);
    let reader = scope.clone();
    let welcome = api.db.read(&scope, async move |mut conn| chat::welcome(&mut conn, &reader, locale).await).await?;
    let session = Session {
        visitor_token: api.key.widget_token(visitor, admitted.key(), admitted.origin()),
        token_type: "Bearer",
        expires_at: visitor.until().to_string(),
        locale: locale.as_str(),
        business: Name { name: tenant.name },
        persona: Name { name: welcome.persona },
        notice: welcome.notice,
    };
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok(rates::told((no_store, Json(session)).into_response(), &taken))
}

/// The visitor of a token that can be changed for a new one.
fn renewable(api: &Api, admitted: &Admitted, token: &str, now: Instant) -> Option<WidgetVisitor> {
    let visitor = api.key.widget_visitor(token, admitted.key(), admitted.origin())?;
    (visitor.until().after(RENEWABLE) > now).then_some(visitor)
}
