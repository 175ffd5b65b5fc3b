//! What visitors do in their own conversations besides writing, under `/api/chat/conversation/…` and `/api/chat/turns/{turn_id}/stop`: read
//! them, ask for a person, stop an answer, say what they think, leave an address.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Json,
    extract::{
        ConnectInfo, Path, Query, Request, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use frontoffice_domain::{
    chat::{self, Opinion, Own, Rated, SessionId, Stopped, Thumb, Which, Wish},
    id::MessageId,
    identity::{self, Caller},
    rate::{Kind, Taken},
    tenancy::{self, Scope, Tenant},
};
use serde::{Deserialize, Serialize};

use super::{
    answer::{Whose, wait_for},
    chat::{enter, let_in, may_be_business, with_cookie},
    events,
    history::{self, Page},
};
use crate::{
    Api,
    caller::{self, Incoming},
    limits::{Fields, SMALL_BODY, json_object},
    problem::Problem,
    rates,
};

/// How long whoever stops an answer waits for what was written of it.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// A conversation, as its visitor may know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Standing {
    session_id: String,
    state: &'static str,
    /// Since when the visitor waits for a person.
    waiting_since: Option<String>,
    /// Whether that takes longer than it should.
    overdue: bool,
    /// The answer that is being made.
    turn: Option<Answering>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Answering {
    turn_id: String,
    events_url: String,
}

impl From<&Own> for Standing {
    fn from(own: &Own) -> Self {
        let turn =
            own.live.map(|turn| Answering { turn_id: turn.to_string(), events_url: format!("/api/chat/turns/{turn}/events") });
        Self {
            session_id: own.session_id.clone(),
            state: own.state.as_str(),
            waiting_since: own.waiting_since.map(|since| since.to_string()),
            overdue: own.overdue_at.is_some(),
            turn,
        }
    }
}

/// Which conversation of which business, and which page of it.
#[derive(Deserialize)]
pub(crate) struct Named {
    pub(crate) session_id: Option<String>,
    pub(crate) business_id: Option<String>,
    before: Option<String>,
    limit: Option<String>,
    /// Only for events: the number of the last message that is known already.
    pub(crate) after: Option<String>,
}

/// Whoever calls, and which of their conversations they mean.
pub(crate) struct Visiting {
    visitor: caller::Visitor,
    business: Option<String>,
    /// What the caller named; the newest conversation if nothing.
    pub(crate) session: Option<SessionId>,
}

pub(crate) fn session_unknown() -> Problem {
    Problem::new("session_unknown", "This visitor has no such conversation with this business.")
}

/// Who asks by a query string.
pub(crate) fn asking(
    api: &Api,
    peer: SocketAddr,
    headers: &HeaderMap,
    named: Result<Query<Named>, QueryRejection>,
) -> Result<(Visiting, Named), Problem> {
    caller::require_same_origin(headers, &api.config)?;
    let Query(mut named) =
        named.map_err(|_| Problem::new("query_invalid", "A name stands twice in the query string, or it cannot be read."))?;
    let session = named.session_id.take().map(SessionId::parse).transpose().map_err(|_| session_unknown())?;
    let address = caller::address(peer.ip(), headers, &api.config.trusted_proxies);
    // A cookie says who the caller is; a session id beside it cannot make it somebody else.
    let visitor = caller::visitor(headers, &api.key, address, session.clone(), None);
    Ok((Visiting { visitor, business: named.business_id.take(), session }, named))
}

impl Visiting {
    /// Lets the visitor into the tenant.
    pub(crate) async fn enter(&self, api: &Api) -> Result<Scope, Problem> {
        enter(api, self.business.clone(), Caller::PublicVisitor(self.visitor.key)).await
    }
}

/// Somebody who wants something changed, with the fields of the body that are left.
struct Doing {
    visiting: Visiting,
    fields: Fields,
    headers: HeaderMap,
    taken: Taken,
}

async fn doing(api: &Api, peer: SocketAddr, request: Request) -> Result<Doing, Problem> {
    caller::require_same_origin(request.headers(), &api.config)?;
    let headers = request.headers().clone();
    let mut fields = Fields::new(json_object(request, SMALL_BODY).await?);
    let session = fields.optional("session_id", |text| SessionId::parse(text).map_err(|fault| fault.to_string()));
    let business = fields.optional("business_id", |text| {
        if may_be_business(&text) { Ok(text) } else { Err("must be a business' UUID or slug".to_owned()) }
    });
    let address = caller::address(peer.ip(), &headers, &api.config.trusted_proxies);
    let visitor = caller::visitor(&headers, &api.key, address, session.clone(), None);
    let counted = [(Kind::Visitor, *visitor.key.as_bytes()), (Kind::Address, api.key.address_key(address))];
    let taken = api.rates.take(&counted).await;
    if let Some(refused) = rates::refused(&taken) {
        return Err(refused);
    }
    Ok(Doing { visiting: Visiting { visitor, business, session }, fields, headers, taken })
}

impl Doing {
    /// The answer, once something was done.
    fn done(self, api: &Api, body: impl IntoResponse) -> Response {
        rates::told(with_cookie(body.into_response(), &self.visiting.visitor, api), &self.taken)
    }
}

/// `GET /api/chat/conversation/history`: what was said, newest page first.
pub(crate) async fn history(
    State(api): State<Api>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    named: Result<Query<Named>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Json<Page>, Problem> {
    let (visiting, named) = asking(&api, peer, &headers, named)?;
    let (limit, before) = (history::limit(named.limit.as_deref())?, history::before(named.before.as_deref(), &api.key)?);
    let scope = visiting.enter(&api).await?;
    let (reader, session) = (scope.clone(), visiting.session);
    let read = async move |mut conn| {
        let Some(own) = chat::own_conversation(&mut conn, &reader, session.as_ref()).await? else { return Ok(None) };
        let before = match before {
            None => Some(i64::MAX),
            Some((of, sequence)) => (of == own.id).then_some(sequence),
        };
        let Some(before) = before else { return Ok(Some((own, None))) };
        let said = chat::own_messages(&mut conn, &reader, &own, Which::Before(before, limit)).await?;
        Ok(Some((own, Some(said))))
    };
    let (own, said) = api.db.read(&scope, read).await?.ok_or_else(session_unknown)?;
    let said = said.ok_or_else(history::cursor_invalid)?;
    Ok(Json(history::of_visitor(&own, said, &api.key)))
}

/// `POST /api/chat/conversation/handoff`: the visitor asks for a person.
pub(crate) async fn hand_off(
    State(api): State<Api>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Result<Response, Problem> {
    let doing = doing(&api, peer, request).await?;
    if !doing.fields.is_fine() {
        return Err(doing.fields.problem());
    }
    let visiting = &doing.visiting;
    let wish = Wish { session_id: visiting.session.clone(), locale: caller::locale(&doing.headers) };
    let (business, caller, now) = (visiting.business.clone(), Caller::PublicVisitor(visiting.visitor.key), api.clock.now());
    // A visitor who came with nothing has a conversation of their own from here on.
    let wish = Wish { session_id: wish.session_id.or_else(|| visiting.visitor.session_id.clone()), ..wish };
    let ask = async move |mut conn, tenant: Tenant, scope| chat::ask_for_person(&mut conn, &scope, &wish, &tenant, now).await;
    let (scope, own) = let_in(tenancy::enter_to_write(&api.db, business, caller, ask).await?)?;
    api.bus.tell(scope.tenant(), Some(own.id));
    Ok(doing.done(&api, Json(Standing::from(&own))))
}

/// `POST /api/chat/conversation/rating`: what the visitor thinks of an answer, or of the conversation.
pub(crate) async fn rate(
    State(api): State<Api>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Result<Response, Problem> {
    let mut doing = doing(&api, peer, request).await?;
    let message = doing
        .fields
        .optional("message_id", |text| text.parse::<MessageId>().map_err(|_| "must be the `message_id` of an answer".to_owned()));
    let thumb = doing.fields.optional("rating", |text| {
        text.parse::<Thumb>().map_err(|_| "must be `up`, `down` or null, which takes it back".to_owned())
    });
    let comment = doing.fields.optional("comment", |text| {
        chat::rules::check_text(&text, 2_000).map(|()| text.trim().to_owned()).map_err(|fault| fault.to_string())
    });
    if comment.is_some() && (message.is_some() || thumb.is_none()) {
        doing.fields.wrong("comment", "goes with a `rating` of the whole conversation, without `message_id`");
    }
    if !doing.fields.is_fine() {
        return Err(doing.fields.problem());
    }
    let opinion = message.map_or_else(|| Opinion::Conversation(thumb, comment), |message| Opinion::Answer(message, thumb));
    let scope = doing.visiting.enter(&api).await?;
    let (writer, session) = (scope.clone(), doing.visiting.session.clone());
    let rate = async move |mut conn| chat::rate(&mut conn, &writer, session.as_ref(), &opinion).await;
    let own = match api.db.write(&scope, rate).await? {
        Rated::Done(own) => own,
        Rated::NoConversation => return Err(session_unknown()),
        Rated::NoAnswer => {
            return Err(Problem::new("message_unknown", "There is no such answer in this visitor's conversation."));
        }
    };
    api.bus.tell(scope.tenant(), Some(own.id));
    Ok(doing.done(&api, Json(Standing::from(&own))))
}

/// `POST /api/chat/conversation/contact`: where the visitor wants to be written to.
pub(crate) async fn contact(
    State(api): State<Api>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Result<Response, Problem> {
    let mut doing = doing(&api, peer, request).await?;
    let email = doing.fields.required("email", |text| {
        identity::email(&text).ok_or_else(|| "must be an e-mail address: NAME@HOST, at most 254 characters".to_owned())
    });
    let Some(email) = email.filter(|_| doing.fields.is_fine()) else { return Err(doing.fields.problem()) };
    let scope = doing.visiting.enter(&api).await?;
    let (writer, session) = (scope.clone(), doing.visiting.session.clone());
    let leave = async move |mut conn| chat::leave_contact(&mut conn, &writer, session.as_ref(), &email).await;
    let own = api.db.write(&scope, leave).await?.ok_or_else(session_unknown)?;
    api.bus.tell(scope.tenant(), Some(own.id));
    Ok(doing.done(&api, Json(Standing::from(&own))))
}

/// `POST /api/chat/turns/{turn_id}/stop`: the visitor stops an answer. What was written stays, and is the answer.
pub(crate) async fn stop(
    State(api): State<Api>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    turn: Result<Path<String>, PathRejection>,
    incoming: Incoming,
    request: Request,
) -> Result<Response, Problem> {
    let turn = events::turn(turn)?;
    let doing = doing(&api, peer, request).await?;
    if !doing.fields.is_fine() {
        return Err(doing.fields.problem());
    }
    let visiting = &doing.visiting;
    let scope = events::scope_with(&api, &incoming, visiting.business.clone(), visiting.visitor.key, turn, true).await?;
    let (writer, now) = (scope.clone(), api.clock.now());
    let stopped = api.db.write(&scope, async move |mut conn| chat::stop(&mut conn, &writer, turn, now).await).await?;
    let conversation = match stopped {
        Stopped::Unknown => return Err(events::turn_unknown()),
        Stopped::Now(id) => {
            api.bus.void(turn);
            api.bus.ring();
            id
        }
        Stopped::Soon(id) | Stopped::Before(id) => id,
    };
    api.bus.tell(scope.tenant(), Some(conversation));
    match wait_for(&api, &scope, &Whose::Turn(turn), false, LAST_WORDS).await {
        Some(answer) => Ok(doing.done(&api, Json(answer))),
        None => {
            let body = serde_json::json!({"turn_id": turn.to_string(), "status": "pending", "events_url": format!("/api/chat/turns/{turn}/events")});
            Ok(doing.done(&api, (StatusCode::ACCEPTED, Json(body))))
        }
    }
}
