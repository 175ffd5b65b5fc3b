//! What visitors do in their own conversations besides writing, under `conversation/…` and `turns/{turn_id}/stop` of both families: read them,
//! ask for a person, stop an answer, say what they think, leave an address.

use std::time::Duration;

use axum::{
    Json,
    extract::{
        Path, Query, Request, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::StatusCode,
    response::{IntoResponse, Response},
};
use frontoffice_domain::{
    chat::{self, Opinion, Own, Rated, SessionId, Stopped, Thumb, Which, Wish},
    id::{MessageId, TurnId},
    identity,
    rate::Taken,
    tenancy::{self, Tenant},
};
use serde::{Deserialize, Serialize};

use super::{
    answer::{Whose, wait_for},
    chat::{let_in, may_be_business, with_cookie},
    events,
    history::{self, Page},
};
use crate::{
    Api, caller,
    guest::{Arrival, Family, Guest, Named, Way},
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

impl Standing {
    /// How a conversation stands, for somebody who comes this way.
    pub(crate) fn of(own: &Own, way: &Way) -> Self {
        let answering = |turn: TurnId| Answering { turn_id: turn.to_string(), events_url: way.events_url(turn, &own.session_id) };
        Self {
            session_id: own.session_id.clone(),
            state: own.state.as_str(),
            waiting_since: own.waiting_since.map(|since| since.to_string()),
            overdue: own.overdue_at.is_some(),
            turn: own.live.map(answering),
        }
    }
}

/// Which conversation of which business, and which page of it.
#[derive(Deserialize)]
pub(crate) struct InQuery {
    pub(crate) session_id: Option<String>,
    pub(crate) business_id: Option<String>,
    before: Option<String>,
    limit: Option<String>,
    /// Only for events: the number of the last message that is known already.
    pub(crate) after: Option<String>,
}

pub(crate) fn session_unknown() -> Problem {
    Problem::new("session_unknown", "This visitor has no such conversation with this business.")
}

/// Who asks by a query string, and the rest of it.
pub(crate) fn asking<F: Family>(
    api: &Api,
    arrival: &Arrival<F>,
    query: Result<Query<InQuery>, QueryRejection>,
) -> Result<(Guest, InQuery), Problem> {
    let Query(mut query) = query.map_err(Problem::query)?;
    let session = query.session_id.take().map(SessionId::parse).transpose().map_err(|_| session_unknown())?;
    let guest = arrival.guest(api, Named { session, business: query.business_id.take(), key: None })?;
    Ok((guest, query))
}

/// Somebody who wants something changed, with the fields of the body that are left.
struct Doing<F: Family> {
    arrival: Arrival<F>,
    guest: Guest,
    fields: Fields,
    taken: Taken,
}

impl<F: Family> Doing<F> {
    async fn read(api: &Api, arrival: Arrival<F>, request: Request) -> Result<Self, Problem> {
        let mut fields = Fields::new(arrival.fields(json_object(request, SMALL_BODY).await?));
        let session = fields.optional("session_id", |text| SessionId::parse(text).map_err(|fault| fault.to_string()));
        let business = fields.optional("business_id", |text| {
            if may_be_business(&text) { Ok(text) } else { Err("must be a business' UUID or slug".to_owned()) }
        });
        let guest = arrival.guest(api, Named { session, business, key: None })?;
        let taken = api.rates.take(&guest.counted).await;
        if let Some(refused) = rates::refused(&taken) {
            return Err(refused);
        }
        Ok(Self { arrival, guest, fields, taken })
    }

    /// The answer, once something was done.
    fn done(self, api: &Api, body: impl IntoResponse) -> Response {
        rates::told(with_cookie::<F>(body.into_response(), &self.guest.visitor, api), &self.taken)
    }

    /// The same, where it is how the conversation stands since.
    fn stands(self, api: &Api, own: &Own) -> Response {
        let standing = Standing::of(own, &self.guest.way);
        self.done(api, Json(standing))
    }
}

/// `GET …/conversation/history`: what was said, newest page first.
pub(crate) async fn history<F: Family>(
    State(api): State<Api>,
    arrival: Arrival<F>,
    query: Result<Query<InQuery>, QueryRejection>,
) -> Result<Json<Page>, Problem> {
    let (guest, query) = asking(&api, &arrival, query)?;
    let (limit, before) = (history::limit(query.limit.as_deref())?, history::before(query.before.as_deref(), &api.key)?);
    let scope = guest.enter(&api).await?;
    let (reader, session) = (scope.clone(), guest.named);
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

/// `POST …/conversation/handoff`: the visitor asks for a person.
pub(crate) async fn hand_off<F: Family>(
    State(api): State<Api>,
    arrival: Arrival<F>,
    request: Request,
) -> Result<Response, Problem> {
    let doing = Doing::read(&api, arrival, request).await?;
    if !doing.fields.is_fine() {
        return Err(doing.fields.problem());
    }
    let guest = &doing.guest;
    // A visitor who came with nothing has a conversation of their own from here on.
    let wish = Wish { session_id: guest.visitor.session_id.clone(), locale: caller::locale(&doing.arrival.incoming.headers) };
    let (door, caller, now) = (guest.door.clone(), guest.caller.clone(), api.clock.now());
    let ask = async move |mut conn, tenant: Tenant, scope| chat::ask_for_person(&mut conn, &scope, &wish, &tenant, now).await;
    let (scope, own) = let_in(tenancy::enter_to_write(&api.db, door, caller, ask).await?)?;
    api.bus.tell(scope.tenant(), Some(own.id));
    Ok(doing.stands(&api, &own))
}

/// `POST …/conversation/rating`: what the visitor thinks of an answer, or of the conversation.
pub(crate) async fn rate<F: Family>(State(api): State<Api>, arrival: Arrival<F>, request: Request) -> Result<Response, Problem> {
    let mut doing = Doing::read(&api, arrival, request).await?;
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
    let scope = doing.guest.enter(&api).await?;
    let (writer, session) = (scope.clone(), doing.guest.named.clone());
    let rate = async move |mut conn| chat::rate(&mut conn, &writer, session.as_ref(), &opinion).await;
    let own = match api.db.write(&scope, rate).await? {
        Rated::Done(own) => own,
        Rated::NoConversation => return Err(session_unknown()),
        Rated::NoAnswer => {
            return Err(Problem::new("message_unknown", "There is no such answer in this visitor's conversation."));
        }
    };
    api.bus.tell(scope.tenant(), Some(own.id));
    Ok(doing.stands(&api, &own))
}

/// `POST …/conversation/contact`: where the visitor wants to be written to.
pub(crate) async fn contact<F: Family>(
    State(api): State<Api>,
    arrival: Arrival<F>,
    request: Request,
) -> Result<Response, Problem> {
    let mut doing = Doing::read(&api, arrival, request).await?;
    let email = doing.fields.required("email", |text| {
        identity::email(&text).ok_or_else(|| "must be an e-mail address: NAME@HOST, at most 254 characters".to_owned())
    });
    let Some(email) = email.filter(|_| doing.fields.is_fine()) else { return Err(doing.fields.problem()) };
    let scope = doing.guest.enter(&api).await?;
    let (writer, session) = (scope.clone(), doing.guest.named.clone());
    let leave = async move |mut conn| chat::leave_contact(&mut conn, &writer, session.as_ref(), &email).await;
    let own = api.db.write(&scope, leave).await?.ok_or_else(session_unknown)?;
    api.bus.tell(scope.tenant(), Some(own.id));
    Ok(doing.stands(&api, &own))
}

/// `POST …/turns/{turn_id}/stop`: the visitor stops an answer. What was written stays, and is the answer.
pub(crate) async fn stop<F: Family>(
    State(api): State<Api>,
    turn: Result<Path<String>, PathRejection>,
    arrival: Arrival<F>,
    request: Request,
) -> Result<Response, Problem> {
    let turn = events::turn(turn)?;
    let doing = Doing::read(&api, arrival, request).await?;
    if !doing.fields.is_fine() {
        return Err(doing.fields.problem());
    }
    let guest = &doing.guest;
    let scope = doing.arrival.scope_with(&api, guest, turn, true).await?;
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
            let named = guest.visitor.session_id.as_ref().map_or("", SessionId::as_str);
            let events_url = guest.way.events_url(turn, named);
            let body = serde_json::json!({"turn_id": turn.to_string(), "status": "pending", "events_url": events_url});
            Ok(doing.done(&api, (StatusCode::ACCEPTED, Json(body))))
        }
    }
}
