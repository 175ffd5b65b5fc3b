//! Signing in and out, and who is signed in.

use std::time::Duration;

use axum::{
    Json,
    body::HttpBody,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use frontoffice_domain::{
    identity::{self, Audience, LogIn, LoggedIn, Password, Permission, Principal, SessionKind, SignedIn, Token, rules},
    tenancy::{self, Tenant},
};
use serde::Serialize;

use crate::{
    Api,
    caller::{self, Incoming},
    limits::{Fields, SMALL_BODY, json_object},
    problem::{Problem, TenantChoice},
    signed_in,
};

/// The most characters of an e-mail.
pub(super) const EMAIL: usize = 254;
/// The most characters of a password.
pub(super) const PASSWORD: usize = 1_000;
/// The most characters of a tenant's UUID or slug.
const TENANT: usize = 63;

/// A person.
#[derive(Serialize)]
struct Who {
    id: String,
    email: String,
    name: String,
    role: &'static str,
}

impl Who {
    /// `None` for an API key, which is nobody.
    fn of(signed_in: &SignedIn) -> Option<Self> {
        let user = &signed_in.session.as_ref()?.user;
        let role = match &signed_in.principal {
            Principal::Staff(staff) => staff.role().as_str(),
            Principal::Member(member) => member.role().as_str(),
            Principal::Key(_) => return None,
        };
        Some(Self { id: user.id.to_string(), email: user.email.clone(), name: user.name.clone(), role })
    }
}

/// The tenant a member is in.
#[derive(Serialize)]
struct Where {
    id: String,
    slug: String,
    name: String,
}

impl Where {
    /// `None` for who works for the platform.
    async fn of(api: &Api, signed_in: &SignedIn) -> Result<Option<Self>, Problem> {
        if signed_in.principal.tenant().is_none() {
            return Ok(None);
        }
        let entered = tenancy::enter_named(&api.db, signed_in, None, api.clock.now()).await?;
        Ok(entered.map(|(Tenant { public_id, slug, name, .. }, _)| Self { id: public_id.to_string(), slug, name }))
    }
}

/// What a program is given that signed in.
#[derive(Serialize)]
struct BearerSession<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_at: String,
    user: Option<Who>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<Where>,
    device: &'a str,
}

/// What a page is given; the token itself is in the cookie, where no script reads it.
#[derive(Serialize)]
struct CookieSession {
    csrf_token: String,
    expires_at: String,
    user: Option<Who>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<Where>,
}

/// `POST /api/auth/login`: signs somebody in who works for the platform.
pub(crate) async fn staff(State(api): State<Api>, incoming: Incoming, request: Request) -> Result<Response, Problem> {
    log_in(api, incoming, request, Audience::Staff).await
}

/// `POST /api/customers/auth/login`, and the same with `customer`: signs a member of a tenant in.
pub(crate) async fn member(State(api): State<Api>, incoming: Incoming, request: Request) -> Result<Response, Problem> {
    log_in(api, incoming, request, Audience::Member).await
}

async fn log_in(api: Api, incoming: Incoming, request: Request, audience: Audience) -> Result<Response, Problem> {
    let of_portal = caller::is_of_portal(&incoming.headers, &api.config);
    if !of_portal {
        caller::require_same_origin(&incoming.headers, &api.config)?;
    }
    let mut fields = Fields::new(json_object(request, SMALL_BODY).await?);
    let email = fields.required("email", |text| short(text, EMAIL));
    let password = fields.required("password", |text| short(text, PASSWORD));
    let kind = fields.optional("session", |text| match text.as_str() {
        "bearer" => Ok(SessionKind::Bearer),
        "cookie" if of_portal => Err("must be `bearer` for a portal on another host, which never gets a cookie".to_owned()),
        "cookie" => Ok(SessionKind::Cookie),
        _ => Err("must be `bearer` or `cookie`".to_owned()),
    });
    let device = fields.optional("device", Ok);
    let tenant = match audience {
        Audience::Member => fields.optional("tenant", |text| short(text, TENANT)),
        Audience::Staff => None,
    };
    let (Some(email), Some(password), true) = (email, password, fields.is_fine()) else { return Err(fields.problem()) };
    let kind = kind.unwrap_or(SessionKind::Bearer);
    let of_browser = || signed_in::device(&incoming.headers, &api.config);
    let device = device.or_else(|| (kind == SessionKind::Cookie).then(of_browser).flatten());
    let (address, trace) = (incoming.address, incoming.trace(&api)?);
    let asked = LogIn { audience, tenant, email, password: Password::typed(password), kind, device, address, trace };
    match identity::log_in(&api.db, &api.accounts.key, &api.accounts.passwords, asked, api.config.sessions, api.clock.now())
        .await?
    {
        LoggedIn::In { signed_in, token, device } => opened(&api, audience, &signed_in, &token, &device).await,
        LoggedIn::Failed => Err(Problem::new("login_failed", "E-mail or password are wrong.")
            .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
        LoggedIn::Choose(choices) => {
            let choices = choices
                .into_iter()
                .map(|choice| TenantChoice { id: choice.id.to_string(), slug: choice.slug, name: choice.name })
                .collect();
            Err(Problem::new(
                "tenant_required",
                "This account is on several teams: say in `tenant` which one is meant, by its id or slug.",
            )
            .choices(choices))
        }
        LoggedIn::NotThere => Err(Problem::new("not_a_member", "This account is not on the team that `tenant` names.")),
        LoggedIn::Throttled(wait) => Err(throttled(wait, "to sign in")),
        LoggedIn::Busy => Err(busy()),
    }
}

pub(super) fn short(text: String, longest: usize) -> Result<String, String> {
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

async fn opened(api: &Api, audience: Audience, signed_in: &SignedIn, token: &Token, device: &Token) -> Result<Response, Problem> {
    let (user, tenant) = (Who::of(signed_in), Where::of(api, signed_in).await?);
    let Some(session) = &signed_in.session else { return Err(session_required()) };
    let expires_at = session.expires_at.to_string();
    Ok(match session.kind {
        SessionKind::Bearer => {
            let (access_token, device) = (token.reveal(), device.reveal());
            Json(BearerSession { access_token, token_type: "Bearer", expires_at, user, tenant, device }).into_response()
        }
        SessionKind::Cookie => {
            let csrf_token = api.key.csrf_token(session.id);
            let mut response = Json(CookieSession { csrf_token, expires_at, user, tenant }).into_response();
            for cookie in signed_in::set_cookies(audience, token, device, &api.config) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
    })
}

/// Whole seconds, and one too many rather than one too few.
pub(super) fn throttled(wait: Duration, doing: &str) -> Problem {
    let seconds = wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1);
    Problem::new("login_throttled", format!("There were too many attempts {doing}. Please try again in {seconds} seconds."))
        .header(header::RETRY_AFTER, HeaderValue::from(seconds))
}

pub(super) fn busy() -> Problem {
    Problem::new("unavailable", "Many are signing in right now; please try again in a moment.")
        .header(header::RETRY_AFTER, HeaderValue::from_static("2"))
}

pub(super) fn session_required() -> Problem {
    Problem::new("session_required", "This is for people who are signed in; an API key has no session.")
}

/// `POST /api/auth/logout`: ends this session, or with `{"everywhere": true}` every one of the caller's.
pub(crate) async fn log_out(State(api): State<Api>, incoming: Incoming, request: Request) -> Result<Response, Problem> {
    let who = caller::signed_in(&incoming, &api, true).await?;
    let Some(session) = &who.session else { return Err(session_required()) };
    let everywhere = everywhere(request).await?;
    identity::log_out(&api.db, &who, everywhere, api.clock.now()).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    let audience = if matches!(who.principal, Principal::Staff(_)) { Audience::Staff } else { Audience::Member };
    if session.kind == SessionKind::Cookie
        && let Some(cookie) = signed_in::clear_cookie(audience, &api.config)
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

/// An API key, as it is called.
#[derive(Serialize)]
struct KeyName {
    id: String,
    name: String,
}

/// Who is calling and what they may do.
#[derive(Serialize)]
pub(crate) struct Me {
    audience: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<Who>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<KeyName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<Where>,
    permissions: Vec<Permission>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    csrf_token: Option<String>,
}

/// `GET /api/auth/me`.
pub(crate) async fn me(State(api): State<Api>, incoming: Incoming) -> Result<Json<Me>, Problem> {
    let who = caller::signed_in(&incoming, &api, false).await?;
    let session = who.session.as_ref();
    Ok(Json(Me {
        audience: match &who.principal {
            Principal::Staff(_) => "staff",
            Principal::Member(_) => "member",
            Principal::Key(_) => "api_key",
        },
        user: Who::of(&who),
        api_key: match &who.principal {
            Principal::Key(key) => Some(KeyName { id: key.key().to_string(), name: key.name().to_owned() }),
            Principal::Staff(_) | Principal::Member(_) => None,
        },
        tenant: Where::of(&api, &who).await?,
        permissions: Permission::ALL.iter().copied().filter(|permission| rules::has(&who.principal, *permission)).collect(),
        expires_at: session.map(|session| session.expires_at.to_string()),
        csrf_token: session.filter(|session| session.kind == SessionKind::Cookie).map(|session| api.key.csrf_token(session.id)),
    }))
}
