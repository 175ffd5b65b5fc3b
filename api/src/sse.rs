//! Streams of server-sent events: one answer, from its first word to its end.
//!
//! What is missed is replayed from the bus; when the bus has forgotten, the store still has the answer and `done` alone is sent.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use frontoffice_domain::{
    bus::{self, Listener, Position, TurnEvent},
    chat::Receipt,
    id::TurnId,
    tenancy::Scope,
};
use futures_util::{Stream, stream::unfold};
use serde_json::json;

use crate::{
    Api,
    http::answer::{Whose, look},
};

/// The id of the last event of every stream, and of the two others that are not counted by the bus.
pub(crate) const DONE_ID: &str = "done";
const ACCEPTED_ID: &str = "accepted";
const SOURCES_ID: &str = "sources";

/// Where a listener wants to go on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Resume {
    /// It has heard nothing.
    Beginning,
    /// It knows that the message was accepted.
    Accepted,
    /// It has heard everything up to here.
    After(Position),
    /// It knows everything but the end.
    Sources,
}

impl Resume {
    /// After a `Last-Event-ID`. One that is none of ours says only that something was heard: the stream begins with `reset`.
    pub(crate) fn after(last: Option<&str>) -> Self {
        match last {
            None | Some("") => Self::Beginning,
            Some(ACCEPTED_ID) => Self::Accepted,
            Some(SOURCES_ID) => Self::Sources,
            Some(id) => Self::After(id.parse().unwrap_or(Position::ELSEWHERE)),
        }
    }
}

const PING: Duration = Duration::from_secs(10);
/// How long to wait for words that were said in another process.
const SAID_ELSEWHERE: Duration = Duration::from_millis(300);
/// How often the store is looked at while the bus is silent.
const LOOK: Duration = Duration::from_secs(2);
/// How long the store may be away before whoever listens is sent away: words still come, and it is mostly back in a moment.
const ABSENCE: Duration = Duration::from_secs(15);

struct Streaming {
    api: Api,
    scope: Scope,
    whose: Whose,
    listener: Option<Listener>,
    ready: VecDeque<Telling>,
    over: bool,
    /// The id of the last event that was sent.
    last: String,
    sources_told: bool,
    /// Whether words were told that are not void, and not yet that they are all.
    speaking: bool,
    /// How long to listen before the store is looked at: at first not at all, for the answer may be long there.
    patience: Duration,
    /// Since when the store cannot be read.
    absent_since: Option<tokio::time::Instant>,
}

/// The answer to a message that has just come in.
///
/// The answer to a new message cannot be there yet, so the store is not looked at before it was heard of.
pub(crate) fn of_message(api: Api, scope: Scope, receipt: Receipt, is_new: bool) -> Response {
    let listener = receipt.turn_id.map(|turn| api.bus.subscribe(turn, None));
    let accepted = json!({
        "session_id": receipt.session_id,
        "message_id": receipt.message_id.to_string(),
        "turn_id": receipt.turn_id.map(|turn| turn.to_string()),
    });
    respond(Streaming {
        api,
        scope,
        whose: Whose::Message(receipt),
        listener,
        ready: VecDeque::from([Telling::new("accepted", ACCEPTED_ID, accepted)]),
        over: false,
        last: ACCEPTED_ID.to_owned(),
        sources_told: false,
        speaking: false,
        patience: if is_new { LOOK } else { Duration::ZERO },
        absent_since: None,
    })
}

/// The answer of a turn, from where the listener left it.
pub(crate) fn of_turn(api: Api, scope: Scope, turn: TurnId, resume: Resume) -> Response {
    let (after, sources_told) = match resume {
        Resume::Beginning | Resume::Accepted => (None, false),
        Resume::After(position) => (Some(position), false),
        Resume::Sources => (None, true),
    };
    // Who knows the sources has heard every word.
    let listener = (!sources_told).then(|| api.bus.subscribe(turn, after));
    let mut ready = VecDeque::new();
    if matches!(resume, Resume::Beginning) {
        ready.push_back(Telling::new("accepted", ACCEPTED_ID, json!({"turn_id": turn.to_string()})));
    }
    let last = ACCEPTED_ID.to_owned();
    respond(Streaming {
        api,
        scope,
        whose: Whose::Turn(turn),
        listener,
        ready,
        over: false,
        last,
        sources_told,
        speaking: false,
        patience: Duration::ZERO,
        absent_since: None,
    })
}

fn respond(streaming: Streaming) -> Response {
    let events = unfold(streaming, |mut streaming| async move {
        let event = streaming.next().await?;
        Some((Ok::<_, Infallible>(event), streaming))
    });
    stream(events)
}

/// A stream of events, pinged, and passed on at once by whatever is in between.
pub(crate) fn stream(events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Response {
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(PING).text("ping")).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

/// An event on its way out.
struct Telling {
    name: &'static str,
    id: String,
    data: serde_json::Value,
}

impl Telling {
    fn new(name: &'static str, id: impl Into<String>, data: serde_json::Value) -> Self {
        Self { name, id: id.into(), data }
    }
}

impl Streaming {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(telling) = self.ready.pop_front() {
                let event = Event::default().event(telling.name).id(&telling.id).data(telling.data.to_string());
                self.last = telling.id;
                return Some(event);
            }
            if self.over {
                return None;
            }
            // What was said is told in order before the store is asked, so that an answer's words precede its end.
            match self.hear().await {
                Heard::Said(position, said @ (TurnEvent::Delta(_) | TurnEvent::Reset)) => self.tell(position, said),
                Heard::Said(_, TurnEvent::Done | TurnEvent::Superseded { .. }) => {
                    self.speaking = false;
                    self.look().await;
                }
                Heard::Nothing => {
                    self.patience = LOOK;
                    self.look().await;
                }
                Heard::Stop => return None,
            }
        }
    }

    fn tell(&mut self, position: Position, said: TurnEvent) {
        self.speaking = matches!(said, TurnEvent::Delta(_));
        let (name, data) = match said {
            TurnEvent::Delta(text) => ("delta", json!({ "text": text })),
            TurnEvent::Reset => ("reset", json!({})),
            TurnEvent::Done | TurnEvent::Superseded { .. } => return,
        };
        self.ready.push_back(Telling::new(name, position.to_string(), data));
    }

    async fn hear(&mut self) -> Heard {
        let patience = self.patience;
        if let Some(listener) = self.listener.as_ref().filter(|_| patience.is_zero() && self.bus_is_well()) {
            // What was said before comes before the look at the store, also where it has to be read from elsewhere.
            let _ = tokio::time::timeout(SAID_ELSEWHERE, listener.caught_up()).await;
        }
        let said = async {
            match &mut self.listener {
                Some(listener) => listener.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            (position, event) = said => Heard::Said(position, event),
            () = self.api.stop.cancelled() => Heard::Stop,
            () = tokio::time::sleep(patience) => Heard::Nothing,
        }
    }

    /// Tells the words that are at hand. They were said before the answer was stored; said in another process, they may be a moment away.
    async fn hear_the_rest(&mut self) {
        let until = tokio::time::Instant::now().checked_add(SAID_ELSEWHERE).filter(|_| self.bus_is_well());
        loop {
            let heard = match (self.listener.as_mut(), until) {
                (Some(listener), Some(until)) if self.speaking => tokio::time::timeout_at(until, listener.next()).await.ok(),
                (Some(listener), _) => listener.at_hand(),
                (None, _) => None,
            };
            match heard {
                Some((position, said)) => self.tell(position, said),
                None => return,
            }
        }
    }

    fn bus_is_well(&self) -> bool {
        self.api.bus.state() == bus::State::Ok
    }

    /// Ends the stream if the store has the answer.
    async fn look(&mut self) {
        match look(&self.api, &self.scope, &self.whose).await {
            Ok(Some(answer)) => {
                self.hear_the_rest().await;
                if !self.sources_told && !answer.sources().is_empty() {
                    self.ready.push_back(Telling::new("sources", SOURCES_ID, json!(answer.sources())));
                }
                self.ready.push_back(Telling::new("done", DONE_ID, json!(answer)));
                self.over = true;
            }
            Ok(None) => self.absent_since = None,
            Err(_) if self.absent_since.get_or_insert_with(tokio::time::Instant::now).elapsed() < ABSENCE => {}
            // The stream ends; the client comes back and finds the answer, or a problem that says more.
            Err(_) => {
                let data = json!({"code": "unavailable", "detail": "The answer cannot be read right now; it is not lost."});
                // It keeps the place: whoever comes back goes on from there.
                let place = self.ready.back().map_or_else(|| self.last.clone(), |telling| telling.id.clone());
                self.ready.push_back(Telling::new("error", place, data));
                self.over = true;
            }
        }
    }
}

enum Heard {
    Said(Position, TurnEvent),
    Nothing,
    Stop,
}
