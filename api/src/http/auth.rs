//! Signing in and out, and who is signed in.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Json,
    body::HttpBody,
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use frontoffice_domain::{
    db::Conn,
    identity::{self, LogIn, LoggedIn, Password, Permission, SessionKind, SignedIn, Token, rules},
    tenancy::Platform,
};
use serde::Serialize;

use crate::{
    Api, caller,
    limits::{Fields, SMALL_BODY, json_object},
    problem::Problem,
    signed_in,
};

/// The most characters of an e-mail.
const EMAIL: usize = 254;
/// The most characters of a password.
const PASSWORD: usize = 1_000;

/// A person on staff.
#[derive(Serialize)]
struct Who {
    id: String,
    email: String,
    name: String,
    role: &'static str,
}

impl Who {
    fn of(signed_in: &SignedIn) -> Self {
        Self {
            id: signed_in.user.id.to_string(),
            email: signed_in.user.email.clone(),
            name: signed_in.user.name.clone(),
            role: signed_in.staff.role().as_str(),
        }
    }
}

/// What a program is given that signed in.
#[derive(Serialize)]
struct BearerSession<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_at: String,
    user: Who,
    device: &'a str,
}

/// What a page is given; the token itself is in the cookie, where no script reads it.
#[derive(Serialize)]
struct CookieSession {
    csrf_token: String,
    expires_at: String,
    user: Who,
}

/// `POST /api/auth/login`: signs somebody in who works for the platform.
pub(crate) async fn log_in(
    State(api): State<Api>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Result<Response, Problem> {
    caller::require_same_origin(request.headers(), &api.config)?;
    let headers = request.headers().clone();
    let mut fields = Fields::new(json_object(request, SMALL_BODY).await?);
    let email = fields.required("email", |text| short(text, EMAIL));
    let password = fields.required("password", |text| short(text, PASSWORD));
    let kind = fields.optional("session", |text| match text.as_str() {
        "bearer" => Ok(SessionKind::Bearer),
        "cookie" => Ok(SessionKind::Cookie),
        _ => Err("must be `bearer` or `cookie`".to_owned()),
    });
    let device = fields.optional("device", Ok);
    let (Some(email), Some(password), true) = (email, password, fields.is_fine()) else { return Err(fields.problem()) };
    let kind = kind.unwrap_or(SessionKind::Bearer);
    let device = device.or_else(|| (kind == SessionKind::Cookie).then(|| signed_in::device(&headers, &api.config)).flatten());
    let address = caller::address(peer.ip(), &headers, &api.config.trusted_proxies);
    let asked = LogIn { email, password: Password::typed(password), kind, device, address };
    match identity::log_in(&api.db, &api.key, &api.passwords, asked, api.config.sessions, api.clock.now()).await? {
        LoggedIn::In { signed_in, token, device } => Ok(opened(&api, &signed_in, &token, &device)),
        LoggedIn::Failed => Err(Problem::new("login_failed", "E-mail or password are wrong.")
            .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
        LoggedIn::Throttled(wait) => Err(throttled(wait)),
        LoggedIn::Busy => Err(Problem::new("unavailable", "Many are signing in right now; please try again in a moment.")
            .header(header::RETRY_AFTER, HeaderValue::from_static("2"))),
    }
}

fn short(text: String, longest: usize) -> Result<String, String> {
    if text.is_empty() {
        Err("must not be empty".into())
    } else if text.chars().count() > longest {
        Err(format!("must have at most {longest} characters"))
    } else if text.contains('\0') {
        Err("contains the character U+0000, which is not allowed".into())
    } else {
        Ok(text)
    }
}

fn opened(api: &Api, signed_in: &SignedIn, token: &Token, device: &Token) -> Response {
    let (user, expires_at) = (Who::of(signed_in), signed_in.expires_at.to_string());
    match signed_in.kind {
        SessionKind::Bearer => {
            Json(BearerSession { access_token: token.reveal(), token_type: "Bearer", expires_at, user, device: device.reveal() })
                .into_response()
        }
        SessionKind::Cookie => {
            let csrf_token = api.key.csrf_token(signed_in.session);
            let mut response = Json(CookieSession { csrf_token, expires_at, user }).into_response();
            for cookie in signed_in::set_cookies(token, device, &api.config) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
    }
}

/// Whole seconds, and one too many rather than one too few.
fn throttled(wait: Duration) -> Problem {
    let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1);
    Problem::new("login_throttled", format!("There were too many attempts to sign in. Please try again in {seconds} seconds."))
        .header(header::RETRY_AFTER, HeaderValue::from(seconds))
}

/// `POST /api/auth/logout`: ends this session, or with `{"everywhere": true}` every one of the caller's.
pub(crate) async fn log_out(State(api): State<Api>, request: Request) -> Result<Response, Problem> {
    let headers = request.headers().clone();
    let signed_in = caller::staff(&headers, &api, true).await?;
    let everywhere = everywhere(request).await?;
    let (whose, now, platform) = (signed_in.clone(), api.clock.now(), Platform::of_this_process());
    api.db
        .platform(&platform, async move |mut conn: Conn| {
            if everywhere {
                identity::log_out_everywhere(&mut conn, &whose, now).await
            } else {
                identity::log_out(&mut conn, &whose, now).await
            }
        })
        .await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    if signed_in.kind == SessionKind::Cookie
        && let Some(cookie) = signed_in::clear_cookie(&api.config)
    {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Whoever sends no body and says nothing of its type means this session alone.
async fn everywhere(request: Request) -> Result<bool, Problem> {
    if request.body().is_end_stream() && !request.headers().contains_key(header::CONTENT_TYPE) {
        return Ok(false);
    }
    let mut fields = Fields::new(json_object(request, SMALL_BODY).await?);
    let everywhere = fields.flag("everywhere");
    if fields.is_fine() { Ok(everywhere) } else { Err(fields.problem()) }
}

/// Who is signed in and what they may do.
#[derive(Serialize)]
pub(crate) struct Me {
    user: Who,
    permissions: Vec<Permission>,
    expires_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf_token: Option<String>,
}

/// `GET /api/auth/me`.
pub(crate) async fn me(State(api): State<Api>, headers: HeaderMap) -> Result<Json<Me>, Problem> {
    let signed_in = caller::staff(&headers, &api, false).await?;
    let role = signed_in.staff.role();
    Ok(Json(Me {
        user: Who::of(&signed_in),
        permissions: Permission::ALL.iter().copied().filter(|permission| rules::staff_may(role, *permission)).collect(),
        expires_at: signed_in.expires_at.to_string(),
        csrf_token: (signed_in.kind == SessionKind::Cookie).then(|| api.key.csrf_token(signed_in.session)),
    }))
}
