//! What somebody shows who is signed in: a bearer token or a cookie, and what a browser must show besides when it changes something.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use frontoffice_domain::identity::{Audience, Session, Shown, Token};

use crate::{Api, Config, caller, origin::Origin, problem::Problem};

const CSRF_TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");

/// The cookie of an audience's sessions.
const fn session_cookie(audience: Audience) -> CookieName {
    match audience {
        Audience::Staff => CookieName { plain: "fo_staff", prefixed: "__Host-fo_staff" },
        Audience::Member => CookieName { plain: "fo_member", prefixed: "__Host-fo_member" },
    }
}

/// The cookie of a device somebody has signed in from.
const DEVICE_COOKIE: CookieName = CookieName { plain: "fo_device", prefixed: "__Host-fo_device" };
/// How long a browser keeps the latter, in seconds: a year.
const DEVICE_COOKIE_AGE: u64 = 31_536_000;

/// A cookie that a browser takes from nobody but this very host, if it is reached by https. Where it is not, browsers would not
/// keep it under that name.
struct CookieName {
    plain: &'static str,
    prefixed: &'static str,
}

impl CookieName {
    fn on(&self, config: &Config) -> &'static str {
        if config.public_url.is_https() { self.prefixed } else { self.plain }
    }

    fn set(&self, value: &str, age: u64, config: &Config) -> Option<HeaderValue> {
        let secure = if config.public_url.is_https() { "; Secure" } else { "" };
        let name = self.on(config);
        HeaderValue::from_str(&format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}")).ok()
    }
}

pub(crate) fn not_signed_in(detail: &str) -> Problem {
    Problem::new("not_signed_in", detail).header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}

/// The bearer token that came; `None` if none did.
///
/// # Errors
/// What is wrong with the header.
pub(crate) fn bearer(headers: &HeaderMap) -> Result<Option<&str>, &'static str> {
    let mut shown = headers.get_all(header::AUTHORIZATION).iter();
    match (shown.next(), shown.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => {
            let said = value.to_str().ok().and_then(|text| text.split_once(' '));
            let token = said.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
            token.map(|(_, token)| Some(token.trim())).ok_or("`Authorization` must be `Bearer` and a token.")
        }
        (Some(_), Some(_)) => Err("`Authorization` stands there twice."),
    }
}

/// What the caller shows. Whoever sends a bearer token is nobody else, whatever cookies came along; a browser may have a cookie of each
/// audience, but one that shows a portal of another host has none here.
pub(crate) fn credentials<'h>(headers: &'h HeaderMap, config: &Config) -> Result<Vec<Shown<'h>>, Problem> {
    if let Some(token) = bearer(headers).map_err(not_signed_in)? {
        return Ok(vec![Shown::Bearer(token)]);
    }
    if caller::is_of_portal(headers, config) {
        return Ok(Vec::new());
    }
    let cookie = |audience: &Audience| {
        let token = caller::cookies(headers, session_cookie(*audience).on(config)).next()?;
        Some(Shown::Cookie(*audience, token.trim_matches('"')))
    };
    Ok(Audience::ALL.iter().filter_map(cookie).collect())
}

/// Whether the CSRF token that came is this session's.
pub(crate) fn shows_csrf(headers: &HeaderMap, api: &Api, session: &Session) -> bool {
    let shown = headers.get(CSRF_TOKEN).and_then(|value| value.to_str().ok());
    shown.is_some_and(|token| api.key.is_csrf_token(session.id, token))
}

/// A page of another site can make a browser send the cookie, but knows no token that is bound to the session, and cannot make the
/// browser say that the request comes from here.
pub(crate) fn require_csrf(headers: &HeaderMap, api: &Api, session: &Session) -> Result<(), Problem> {
    if !shows_csrf(headers, api, session) {
        return Err(Problem::new(
            "csrf_failed",
            "With a cookie, a change needs the header `X-CSRF-Token` with the `csrf_token` that login gave, or `GET /api/auth/me` gives.",
        ));
    }
    if caller::require_same_origin(headers, &api.config).is_err() || !says_same_origin(headers, &api.config) {
        return Err(Problem::new(
            "csrf_failed",
            format!("With a cookie, a change must come from a page of `{}`, and say so.", api.config.public_url),
        ));
    }
    Ok(())
}

/// Whether the browser says that the request comes from a page of ours; that nothing speaks against it is not enough.
fn says_same_origin(headers: &HeaderMap, config: &Config) -> bool {
    let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<Origin>().ok());
    headers.get(caller::SEC_FETCH_SITE).is_some_and(|site| site == "same-origin")
        || origin.is_some_and(|origin| config.public_url.same(&origin))
}

/// The device a browser has signed in from before.
pub(crate) fn device(headers: &HeaderMap, config: &Config) -> Option<String> {
    caller::cookies(headers, DEVICE_COOKIE.on(config)).next().map(|token| token.trim_matches('"').to_owned())
}

/// The headers that give a browser its session and let it be known again.
pub(crate) fn set_cookies(audience: Audience, token: &Token, device: &Token, config: &Config) -> Vec<HeaderValue> {
    let session = session_cookie(audience).set(token.reveal(), config.sessions.longest.as_secs(), config);
    let device = DEVICE_COOKIE.set(device.reveal(), DEVICE_COOKIE_AGE, config);
    session.into_iter().chain(device).collect()
}

/// The header that takes the session from a browser. It stays a known device.
pub(crate) fn clear_cookie(audience: Audience, config: &Config) -> Option<HeaderValue> {
    session_cookie(audience).set("", 0, config)
}
