//! What lets pages with the widget in: the key they show and the origin their browser names, or the tenant they name and that origin; and
//! apps, which say their own name.
//!
//! Invariants: no page reads anything here whose origin no key allows, and none is ever asked for cookies.

pub(crate) mod code;
pub(crate) mod script;
pub(crate) mod session;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use frontoffice_domain::{
    id::TenantId,
    identity::WidgetVisitor,
    widget::{self, Admission, Admitted, AppName, CameFrom, PageAdmission},
};

use super::chat::business_unknown;
use crate::{Api, caller::SEC_FETCH_SITE, problem::Problem, signed_in};

const WIDGET_KEY: HeaderName = HeaderName::from_static("x-widget-key");
const WIDGET_APP: HeaderName = HeaderName::from_static("x-widget-app");

/// What pages may send, and read of the answers' headers.
const ASKED: &str = "authorization, content-type, idempotency-key, last-event-id, prefer, x-widget-key";
const TOLD: &str = "location, preference-applied, ratelimit, ratelimit-policy, retry-after, x-request-id";

pub(crate) fn key_missing() -> Problem {
    Problem::new("widget_key_missing", "This needs the widget's key, `pk_live_…`, in the header `X-Widget-Key`.")
}

/// Lets a page in that shows a key, or says why not; and lets the pages of allowed origins read the answers.
pub(crate) async fn admit(State(api): State<Api>, request: Request, next: Next) -> Response {
    let origin = origin(request.headers());
    if request.method() == Method::OPTIONS {
        let allowed = match &origin {
            Some(origin) => widget::is_allowed_somewhere(&api.db, origin, &api.config.own_pages).await,
            None => Ok(false),
        };
        return varying(asked_before(allowed.map_err(Problem::from), origin.as_deref()));
    }
    let admitted = admitted(&api, request.headers()).await;
    varying(let_through(&api, admitted, origin, request, next).await)
}

/// The same for a page that names the tenant in the address and shows no key.
pub(crate) async fn admit_page(State(api): State<Api>, request: Request, next: Next) -> Response {
    let origin = origin(request.headers());
    let business = request.uri().path().split('/').nth(2).and_then(business_in_path);
    let Some(business) = business else { return no_such_widget().into_response() };
    if request.method() == Method::OPTIONS {
        let allowed = match &origin {
            Some(origin) => widget::is_allowed_for(&api.db, business, origin, &api.config.own_pages).await,
            None => Ok(false),
        };
        return varying(asked_before(allowed.map_err(Problem::from), origin.as_deref()));
    }
    let admitted = page_admitted(&api, request.headers(), business).await;
    varying(let_through(&api, admitted, origin, request, next).await)
}

/// The UUID in an address, written as it is printed.
pub(crate) fn business_in_path(text: &str) -> Option<TenantId> {
    // Other ways to write one would be other addresses of the same thing, for caches as for people.
    text.parse::<TenantId>().ok().filter(|id| id.to_string().eq_ignore_ascii_case(text))
}

pub(crate) fn no_such_widget() -> Problem {
    Problem::new("not_found", "There is nothing here: `/widget/` is followed by a business' UUID.")
}

async fn let_through(
    api: &Api,
    admitted: Result<Admitted, Problem>,
    origin: Option<String>,
    mut request: Request,
    next: Next,
) -> Response {
    match admitted {
        Ok(admitted) => {
            api.sightings.used(api, admitted.id());
            request.extensions_mut().insert(admitted);
            readable(next.run(request).await, origin.as_deref())
        }
        Err(problem) => {
            let is_known = match &origin {
                Some(origin) => widget::is_allowed_somewhere(&api.db, origin, &api.config.own_pages).await.unwrap_or(false),
                None => false,
            };
            readable(problem.into_response(), origin.as_deref().filter(|_| is_known))
        }
    }
}

/// What the browser says where a page is from; `None` if it says nothing, several things, or nothing readable.
fn origin(headers: &HeaderMap) -> Option<String> {
    single(headers, &header::ORIGIN)
}

fn single(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let mut said = headers.get_all(name).iter();
    match (said.next(), said.next()) {
        (Some(value), None) => value.to_str().ok().map(str::to_owned),
        _ => None,
    }
}

/// Where somebody comes from: a page, as its browser says, or an app, as it says itself.
fn came_from(api: &Api, headers: &HeaderMap) -> Option<CameFrom> {
    if headers.contains_key(header::ORIGIN) {
        return origin(headers).map(CameFrom::Origin);
    }
    // Of what a page reads from its own host a browser tells no origin, but that it is so; and no script can change what it tells.
    if headers.get(SEC_FETCH_SITE).is_some_and(|site| site == "same-origin") {
        let scheme = if api.config.public_url.is_https() { "https" } else { "http" };
        return single(headers, &header::HOST).map(|host| CameFrom::Origin(format!("{scheme}://{host}")));
    }
    let app = single(headers, &WIDGET_APP)?.parse::<AppName>().ok()?;
    Some(CameFrom::App(app.to_string()))
}

/// The answer to a browser that asks first, for a page.
fn asked_before(allowed: Result<bool, Problem>, origin: Option<&str>) -> Response {
    match allowed {
        Ok(true) => {}
        Ok(false) => return not_allowed(origin.map(|origin| CameFrom::Origin(origin.to_owned())).as_ref(), true).into_response(),
        Err(problem) => return problem.into_response(),
    }
    let told = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, ASKED),
        (header::ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    readable((StatusCode::NO_CONTENT, told).into_response(), origin)
}

async fn admitted(api: &Api, headers: &HeaderMap) -> Result<Admitted, Problem> {
    let mut shown = headers.get_all(WIDGET_KEY).iter();
    let key = match (shown.next(), shown.next()) {
        (None, _) => return Err(key_missing()),
        (Some(key), None) => key.to_str().unwrap_or_default().trim(),
        (Some(_), Some(_)) => "",
    };
    let from = came_from(api, headers);
    match widget::admit(&api.db, key, from.clone(), &api.config.own_pages, api.clock.now()).await? {
        Admission::In(admitted) => Ok(admitted),
        Admission::KeyInvalid => Err(Problem::new("widget_key_invalid", "There is no such widget key, or it is disabled.")),
        Admission::NotThere { id, anywhere } => {
            if let Some(origin) = from.as_ref().and_then(CameFrom::origin) {
                api.sightings.refused(api, id, origin);
            }
            Err(not_allowed(from.as_ref(), anywhere))
        }
    }
}

async fn page_admitted(api: &Api, headers: &HeaderMap, business: TenantId) -> Result<Admitted, Problem> {
    // An app has a key of its own to show.
    let from = came_from(api, headers).filter(|from| from.origin().is_some());
    let origin = from.as_ref().and_then(CameFrom::origin);
    match widget::admit_page(&api.db, business, origin, &api.config.own_pages).await? {
        PageAdmission::In(admitted) => Ok(admitted),
        PageAdmission::Unknown => Err(business_unknown()),
        PageAdmission::NotThere { id, anywhere } => {
            if let Some((id, origin)) = id.zip(origin) {
                api.sightings.refused(api, id, origin);
            }
            Err(not_allowed(from.as_ref(), anywhere))
        }
    }
}

/// An origin is repeated as it came only if it can be one: what else came may be anything.
fn not_allowed(from: Option<&CameFrom>, anywhere: bool) -> Problem {
    let seen = match from {
        None => "no single readable origin".to_owned(),
        Some(CameFrom::App(name)) => format!("the app `{name}`"),
        Some(CameFrom::Origin(origin)) if widget::rules::letting_in(origin).is_empty() => {
            "an origin that is none of a website".to_owned()
        }
        Some(CameFrom::Origin(origin)) => format!("`{origin}`"),
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

/// The response, for caches not to give to pages of other origins.
fn varying(mut response: Response) -> Response {
    response.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
    response
}

fn token_invalid() -> Problem {
    Problem::new(
        "visitor_token_invalid",
        "This visitor token is not good here, or no longer. `POST /api/widget/session` renews one that ended, or gives a new one.",
    )
    .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}

/// The tenant wants to know who visitors are, and nobody says who this one is.
pub(crate) fn identification_required() -> Problem {
    Problem::new(
        "identification_required",
        "This business answers only those whose website says who they are: `identity` in the body of `POST /api/widget/session`, or `POST /api/widget/conversation/identify`.",
    )
}

/// The token a visitor shows; `None` if none came.
pub(crate) fn token(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    signed_in::bearer(headers).map_err(|_| token_invalid())
}

/// The visitor a token names that is good now.
pub(crate) fn shown(api: &Api, admitted: &Admitted, token: &str) -> Result<WidgetVisitor, Problem> {
    let visitor = api.key.widget_visitor(token, admitted.id(), &admitted.from().bound()).ok_or_else(token_invalid)?;
    if visitor.until() > api.clock.now() { Ok(visitor) } else { Err(token_invalid()) }
}
