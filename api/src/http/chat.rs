//! `POST /api/chat` and `POST /api/widget/chat`: a visitor says something and gets an answer.

use std::time::Duration;

use super::answer::{ChatAnswer, Whose, wait_for};
use crate::{
    Api, caller,
    guest::{Arrival, Family, Named, Way},
    limits::{CHAT_BODY, Fields, json_object},
    problem::Problem,
    rates, sse,
};
use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use frontoffice_domain::{
    bus::{Fence, TurnEvent},
    chat::{self, IdempotencyKey, Incoming, MessageText, Receipt, Sent, SessionId},
    clock::Instant,
    identity::Caller,
    tenancy::{self, Door, Entered, Scope, Tenant},
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const PREFER: HeaderName = HeaderName::from_static("prefer");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// What was asked for, checked.
pub(crate) struct Asked {
    pub(crate) text: MessageText,
    pub(crate) session_id: Option<SessionId>,
    pub(crate) business_id: Option<String>,
    pub(crate) key: Option<IdempotencyKey>,
    wait: Duration,
    wait_named: bool,
    at_once: bool,
    stream: bool,
}

/// Handles the routes.
pub(crate) async fn send<F: Family>(State(api): State<Api>, arrival: Arrival<F>, request: Request) -> Result<Response, Problem> {
    let headers = &arrival.incoming.headers;
    let mut asked = asked(&api, headers, arrival.fields(json_object(request, CHAT_BODY).await?))?;
    let named = Named { session: asked.session_id.clone(), business: asked.business_id.take(), key: asked.key.clone() };
    let hash = body_hash(&asked, named.business.as_deref());
    let guest = arrival.guest(&api, named)?;
    let incoming = Incoming {
        text: asked.text.clone(),
        session_id: guest.visitor.session_id.clone(),
        key: asked.key.clone().map(|key| (key, hash)),
        locale: caller::locale(headers),
        budgets: api.config.budgets.clone(),
        daily: Some(api.config.visitor_credits),
        widget_key: match &guest.door {
            Door::Widget(admitted) => Some(admitted.id()),
            Door::Public(_) => None,
        },
        span: Some(arrival.incoming.request.to_string()),
    };
    let taken = api.rates.take(&guest.counted).await;
    if let Some(refused) = rates::refused(&taken) {
        return Err(refused);
    }
    let (door, caller, now) = (guest.door.clone(), guest.caller.clone(), api.clock.now());
    let send = async move |mut conn, tenant: Tenant, scope| chat::send(&mut conn, &scope, &incoming, &tenant, now).await;
    let (scope, sent) = let_in(Box::pin(tenancy::enter_to_write(&api.db, door, caller, send)).await?)?;
    let response = answered(&api, scope, sent, &asked, &guest.way, now).await?;
    Ok(rates::told(with_cookie::<F>(response, &guest.visitor, &api), &taken))
}

/// What whoever sent a message is told: its answer, as they want it.
pub(crate) async fn answered(
    api: &Api,
    scope: Scope,
    sent: Sent,
    asked: &Asked,
    way: &Way,
    now: Instant,
) -> Result<Response, Problem> {
    let is_new = matches!(sent, Sent::Accepted(_));
    // Who asks not to wait is told where the answer will be, also when it is already there a moment later: what they are told does not
    // hang on who was faster.
    let is_later = asked.at_once && matches!(sent, Sent::Accepted(_) | Sent::Joined(_));
    let receipt = match sent {
        Sent::Accepted(receipt) => receipt,
        Sent::Joined(receipt) => {
            if let Some(turn) = receipt.turn_id {
                api.bus.publish(turn, Fence::NONE, TurnEvent::Superseded { by: receipt.message_id });
            }
            receipt
        }
        Sent::Repeated(receipt) | Sent::HumanWillAnswer(receipt) | Sent::OutOfCredits(receipt) => receipt,
        Sent::KeyReused => {
            return Err(key_reused());
        }
        Sent::Spent { of, until } => return Err(rates::spent(of, until, now)),
    };
    api.bus.ring();
    api.bus.tell(scope.tenant(), Some(receipt.conversation_id));
    if asked.stream {
        return Ok(sse::of_message(api.clone(), scope, receipt, is_new));
    }
    let answer = match is_later {
        true => None,
        false => wait_for(api, &scope, &Whose::Message(receipt.clone()), is_new, asked.wait).await,
    };
    let mut response = match answer {
        Some(answer) => Json(answer).into_response(),
        None => pending(&receipt, way),
    };
    if asked.wait_named {
        let applied = if asked.at_once { "respond-async".to_owned() } else { format!("wait={}", asked.wait.as_secs()) };
        if let Ok(value) = HeaderValue::from_str(&applied) {
            response.headers_mut().insert(PREFERENCE_APPLIED, value);
        }
    }
    Ok(response)
}

pub(crate) fn key_reused() -> Problem {
    Problem::new(
        "idempotency_key_reused",
        "A message with this key was sent before and was not the same. Use a new key for a new message.",
    )
}

/// Whatever is longer than a slug or a UUID is no business.
pub(crate) fn may_be_business(name: &str) -> bool {
    !name.is_empty() && name.len() <= 64 && !name.contains('\0')
}

pub(crate) fn business_unknown() -> Problem {
    Problem::new("business_unknown", "There is no business with this `business_id` (its UUID or its slug).")
}

/// Lets the caller into a tenant, or says why not.
pub(crate) async fn enter(api: &Api, door: Door, caller: Caller) -> Result<Scope, Problem> {
    let_in(tenancy::enter(&api.db, door, caller).await?).map(|(_, scope)| scope)
}

pub(crate) fn let_in<T>(entered: Entered<T>) -> Result<T, Problem> {
    match entered {
        Entered::In(entered) => Ok(entered),
        Entered::Unknown => Err(business_unknown()),
        Entered::NotPublic => Err(Problem::new(
            "public_chat_disabled",
            "This business has not switched on public chat; its assistant can be reached on its own website.",
        )),
    }
}

pub(crate) fn asked(api: &Api, headers: &HeaderMap, body: serde_json::Map<String, serde_json::Value>) -> Result<Asked, Problem> {
    let mut fields = Fields::new(body);
    let text = fields.required("message", |text| MessageText::parse(text).map_err(|fault| fault.to_string()));
    let session_id = fields.optional("session_id", |text| SessionId::parse(text).map_err(|fault| fault.to_string()));
    let business_id = fields.optional("business_id", |text| {
        if may_be_business(&text) { Ok(text) } else { Err("must be a business' UUID or slug".to_owned()) }
    });
    let in_body = fields.optional("client_message_id", |text| IdempotencyKey::parse(text).map_err(|fault| fault.to_string()));
    let in_header = match headers.get(IDEMPOTENCY_KEY) {
        None => None,
        Some(value) => {
            let text = value.to_str().map_err(|_| Problem::new("header_invalid", "`Idempotency-Key` may contain ASCII only."))?;
            let key = IdempotencyKey::parse(text.to_owned())
                .map_err(|fault| Problem::new("header_invalid", format!("`Idempotency-Key` {fault}.")))?;
            Some(key)
        }
    };
    if in_body.is_some() && in_header.is_some() && in_body != in_header {
        fields.wrong("client_message_id", "differs from the header `Idempotency-Key`; send one of them, or both alike");
    }
    let Some(text) = text.filter(|_| fields.is_fine()) else { return Err(fields.problem()) };
    let (wait, wait_named, at_once) = preference(headers, api);
    let stream = wants_stream(headers);
    Ok(Asked { text, session_id, business_id, key: in_body.or(in_header), wait, wait_named, at_once, stream })
}

/// Whether the client takes a stream of events (`q=0` means that it does not).
fn wants_stream(headers: &HeaderMap) -> bool {
    headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(
        |range| {
            let range = range.to_ascii_lowercase();
            let mut parts = range.split(';').map(str::trim);
            parts.next() == Some("text/event-stream") && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        },
    )
}

/// `Prefer: wait=N` and `respond-async` (RFC 7240); what cannot be honoured is ignored, as the RFC asks.
fn preference(headers: &HeaderMap, api: &Api) -> (Duration, bool, bool) {
    let preferences: Vec<String> = headers
        .get_all(PREFER)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([',', ';']))
        .map(|preference| preference.trim().to_ascii_lowercase())
        .collect();
    if let Some(seconds) = preferences
        .iter()
        .find_map(|preference| preference.strip_prefix("wait="))
        .and_then(|value| value.trim_matches('"').parse().ok())
    {
        return (Duration::from_secs(seconds).min(api.config.longest_wait), true, false);
    }
    if preferences.iter().any(|preference| preference == "respond-async") {
        return (Duration::ZERO, true, true);
    }
    (api.config.wait, false, false)
}

/// What must be the same for a message sent again to be the same message.
pub(crate) fn body_hash(asked: &Asked, business: Option<&str>) -> [u8; 32] {
    frontoffice_domain::identity::hash(&[
        asked.text.as_str(),
        asked.session_id.as_ref().map_or("", SessionId::as_str),
        business.unwrap_or(""),
    ])
}

fn pending(receipt: &Receipt, way: &Way) -> Response {
    let mut answer = ChatAnswer::without(receipt, "pending");
    answer.events_url = receipt.turn_id.map(|turn| way.events_url(turn, &receipt.session_id));
    let location = answer.events_url.as_deref().and_then(|url| HeaderValue::from_str(url).ok());
    let mut response = (StatusCode::ACCEPTED, Json(answer)).into_response();
    if let Some(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// The response, with the cookie a visitor of this host is known by from now on. Pages of other hosts get none.
pub(crate) fn with_cookie<F: Family>(mut response: Response, visitor: &caller::Visitor, api: &Api) -> Response {
    let token = visitor.new_token.as_deref().filter(|_| F::GIVES_COOKIE);
    if let Some(cookie) = token.and_then(|token| caller::set_visitor_cookie(token, &api.config)) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}
