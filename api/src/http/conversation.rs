//! `GET …/conversation/events` of both families: everything that happens in a visitor's conversation, as server-sent events.
//!
//! `state` says how it stands: at first, and whenever that is another. `message` is something that was said, each once, in order. The id of
//! an event is the number of the last message that was told, so whoever comes back with it misses nothing and is told nothing twice. An
//! answer that is being made is heard word by word where `state` says.

use std::{collections::VecDeque, convert::Infallible, time::Duration};

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::{Response, sse::Event},
};
use frontoffice_domain::{
    bus::{self, NewsOf},
    chat::{self, Own, SessionId, Which},
    tenancy::Scope,
};
use futures_util::stream;
use serde_json::json;
use tokio::time::Instant;

use super::{
    history,
    visitor::{InQuery, Standing, asking, session_unknown},
};
use crate::{
    Api,
    guest::{Arrival, Family, Stay, Way},
    problem::Problem,
    sse,
};

/// How often the store is looked at without a hint: while the bus reaches everyone, and while it does not.
const SELDOM: Duration = Duration::from_secs(15);
const OFTEN: Duration = Duration::from_secs(1);
/// So many messages are read at once; the rest follows.
const AT_ONCE: u8 = 50;

struct Listening {
    api: Api,
    scope: Scope,
    way: Way,
    stay: Stay,
    session: SessionId,
    news: NewsOf,
    own: Own,
    /// What was told last.
    told: Option<Standing>,
    /// The number of the last message that was told.
    after: i64,
    ready: VecDeque<Event>,
}

/// Handles the routes.
pub(crate) async fn events<F: Family>(
    State(api): State<Api>,
    arrival: Arrival<F>,
    query: Result<Query<InQuery>, QueryRejection>,
) -> Result<Response, Problem> {
    let (guest, query) = asking(&api, &arrival, query)?;
    let last = arrival.incoming.headers.get("last-event-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let after: Option<i64> = match last.filter(|last| !last.is_empty()).or(query.after) {
        None => None,
        Some(text) => Some(text.parse().ok().filter(|after| *after >= 0).ok_or_else(|| {
            Problem::new("query_invalid", "`after` and `Last-Event-ID` must be the number of a message, from 0.")
        })?),
    };
    let scope = guest.enter(&api).await?;
    let stay = arrival.stay(&api)?;
    // Before the first look, so that nothing between the two is missed.
    let news = api.bus.news(scope.tenant());
    let own = own(&api, &scope, guest.named).await?.ok_or_else(session_unknown)?;
    let session = SessionId::parse(own.session_id.clone()).map_err(|_| session_unknown())?;
    let after = after.unwrap_or(own.last_sequence).min(own.last_sequence);
    let mut listening =
        Listening { api, scope, way: guest.way, stay, session, news, own, told: None, after, ready: VecDeque::new() };
    listening.tell_state();
    let events = stream::unfold(listening, |mut listening| async move {
        let event = listening.next().await?;
        Some((Ok::<_, Infallible>(event), listening))
    });
    Ok(sse::stream(events))
}

async fn own(api: &Api, scope: &Scope, session: Option<SessionId>) -> Result<Option<Own>, Problem> {
    let reader = scope.clone();
    let read = async move |mut conn| chat::own_conversation(&mut conn, &reader, session.as_ref()).await;
    Ok(api.db.read(scope, read).await?)
}

impl Listening {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            // What is known to be there is told before anything is waited for.
            if self.after >= self.own.last_sequence && !self.hear().await {
                return None;
            }
            match self.look().await {
                Ok(true) => {}
                Ok(false) => return None,
                // What could not be read is still to be told.
                Err(_) => tokio::time::sleep(OFTEN).await,
            }
        }
    }

    /// Waits until something may be new; `false` if the process is to stop.
    async fn hear(&mut self) -> bool {
        let patience = if self.api.bus.state() == bus::State::Ok { SELDOM } else { OFTEN };
        let now = Instant::now();
        let until = now.checked_add(patience).unwrap_or(now);
        loop {
            tokio::select! {
                () = self.api.stop.cancelled() => return false,
                hint = self.news.next() => if hint.is_none_or(|id| id == self.own.id) { return true },
                () = tokio::time::sleep_until(until) => return true,
            }
        }
    }

    /// Whether the conversation is still there.
    async fn look(&mut self) -> Result<bool, Problem> {
        if !self.stay.lasts(&self.api).await? {
            return Ok(false);
        }
        let Some(now) = own(&self.api, &self.scope, Some(self.session.clone())).await? else { return Ok(false) };
        if self.after < now.last_sequence {
            let (reader, of, which) = (self.scope.clone(), now.clone(), Which::After(self.after, AT_ONCE));
            let read = async move |mut conn| chat::own_messages(&mut conn, &reader, &of, which).await;
            for said in self.api.db.read(&self.scope, read).await? {
                self.after = said.sequence;
                let data = json!(history::Message::of_visitor(said));
                self.ready.push_back(Event::default().event("message").id(self.after.to_string()).data(data.to_string()));
            }
        }
        self.own = now;
        self.tell_state();
        Ok(true)
    }

    fn tell_state(&mut self) {
        let standing = Standing::of(&self.own, &self.way);
        if self.told.as_ref() == Some(&standing) {
            return;
        }
        let data = json!(standing).to_string();
        self.ready.push_back(Event::default().event("state").id(self.after.to_string()).data(data));
        self.told = Some(standing);
    }
}
