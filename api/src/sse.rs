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
    bus::{Listener, Position, TurnEvent},
    chat::{self, Receipt, View},
    id::TurnId,
    tenancy::Scope,
};
use futures_util::stream;
use serde_json::json;

use crate::{
    Api,
    http::chat::{ChatAnswer, look},
};

/// The id of the last event of every stream.
pub(crate) const DONE_ID: &str = "done";

const PING: Duration = Duration::from_secs(10);
/// How often the store is looked at while the bus is silent.
const LOOK: Duration = Duration::from_secs(2);

enum Whose {
    Message(Receipt),
    Turn(TurnId),
}

struct Streaming {
    api: Api,
    scope: Scope,
    whose: Whose,
    listener: Option<Listener>,
    ready: VecDeque<Event>,
    over: bool,
    /// How long to listen before the store is looked at: at first not at all, for the answer may be long there.
    patience: Duration,
}

/// The answer to a message that has just come in.
pub(crate) fn of_message(api: Api, scope: Scope, receipt: Receipt) -> Response {
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
        ready: VecDeque::from([event("accepted", "accepted", &accepted)]),
        over: false,
        patience: Duration::ZERO,
    })
}

/// The answer of a turn, after `last` or from its beginning.
pub(crate) fn of_turn(api: Api, scope: Scope, turn: TurnId, last: Option<Position>) -> Response {
    let listener = api.bus.subscribe(turn, last);
    let ready = if last.is_none() {
        VecDeque::from([event("accepted", "accepted", &json!({"turn_id": turn.to_string()}))])
    } else {
        VecDeque::new()
    };
    respond(Streaming {
        api,
        scope,
        whose: Whose::Turn(turn),
        listener: Some(listener),
        ready,
        over: false,
        patience: Duration::ZERO,
    })
}

fn respond(streaming: Streaming) -> Response {
    let events = stream::unfold(streaming, |mut streaming| async move {
        let event = streaming.next().await?;
        Some((Ok::<_, Infallible>(event), streaming))
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(PING).text("ping")).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

fn event(name: &str, id: &str, data: &serde_json::Value) -> Event {
    Event::default().event(name).id(id).data(data.to_string())
}

impl Streaming {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.over {
                return None;
            }
            // What was said is told in order before the store is asked, so that an answer's words precede its end.
            match self.hear().await {
                Heard::Said(position, said @ (TurnEvent::Delta(_) | TurnEvent::Reset)) => self.tell(position, said),
                Heard::Said(position, TurnEvent::Done | TurnEvent::Superseded { .. }) => self.look(Some(position)).await,
                Heard::Nothing => {
                    self.patience = LOOK;
                    self.look(None).await;
                }
                Heard::Stop => return None,
            }
        }
    }

    fn tell(&mut self, position: Position, said: TurnEvent) {
        let (name, data) = match said {
            TurnEvent::Delta(text) => ("delta", json!({ "text": text })),
            TurnEvent::Reset => ("reset", json!({})),
            TurnEvent::Done | TurnEvent::Superseded { .. } => return,
        };
        self.ready.push_back(event(name, &position.to_string(), &data));
    }

    async fn hear(&mut self) -> Heard {
        let patience = self.patience;
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

    /// Ends the stream if the store has the answer.
    async fn look(&mut self, position: Option<Position>) {
        let found = match &self.whose {
            Whose::Message(receipt) => look(&self.api, &self.scope, receipt).await,
            Whose::Turn(turn) => {
                let (reader, turn) = (self.scope.clone(), *turn);
                let view =
                    self.api.db.read(&self.scope, async move |mut conn| chat::look_at_turn(&mut conn, &reader, turn).await).await;
                view.map_err(Into::into).map(|view| match view {
                    View::Answered(reply) => Some(ChatAnswer::of(*reply)),
                    View::Pending | View::Joined | View::Human | View::Unknown => None,
                })
            }
        };
        match found {
            Ok(Some(answer)) => {
                // The words were said before the answer was stored, so those not heard yet are at hand.
                while let Some((position, said)) = self.listener.as_mut().and_then(Listener::at_hand) {
                    self.tell(position, said);
                }
                if !answer.sources().is_empty() {
                    let id = position.map_or_else(|| "sources".to_owned(), |position| position.to_string());
                    self.ready.push_back(event("sources", &id, &json!(answer.sources())));
                }
                self.ready.push_back(event("done", DONE_ID, &json!(answer)));
                self.over = true;
            }
            Ok(None) => {}
            // The stream ends; the client comes back and finds the answer, or a problem that says more.
            Err(_) => {
                let data = json!({"code": "unavailable", "detail": "The answer cannot be read right now; it is not lost."});
                self.ready.push_back(event("error", "error", &data));
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
