//! Those who listen: what goes on after its request was let in ends when its session does. And GraphQL by server-sent events, one operation
//! a connection, as graphql-sse has it.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use frontoffice_domain::{
    clock::Clock,
    db::{Conn, Db, with_causes},
    identity::{self, SessionLengths, SignedIn},
    tenancy::Platform,
};
use frontoffice_graphql::{Caller, Ready};
use futures_util::{StreamExt, stream};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::graphql::Door;
use crate::Api;

/// How often it is asked who is still let in.
const LOOK: Duration = Duration::from_millis(700);
const PING: Duration = Duration::from_secs(10);

/// All who listen in this process. They are asked for together.
#[derive(Clone)]
pub(crate) struct Live(Arc<Inner>);

struct Inner {
    db: Db,
    clock: Clock,
    lengths: SessionLengths,
    guests: Mutex<Guests>,
}

#[derive(Default)]
struct Guests {
    next: u64,
    here: HashMap<u64, (Uuid, String, CancellationToken)>,
    /// Whether somebody looks after them.
    watched: bool,
}

/// Somebody who listens, until this is dropped.
pub(crate) struct Guest {
    live: Live,
    number: Option<u64>,
    over: CancellationToken,
}

impl Guest {
    /// Returns when they are let in no more, or no more as they were.
    pub(crate) async fn over(&self) {
        self.over.cancelled().await;
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.live.0.guests().here.remove(&number);
        }
    }
}

impl Inner {
    fn guests(&self) -> std::sync::MutexGuard<'_, Guests> {
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    pub(crate) fn of(api: &Api) -> Self {
        let (db, clock, lengths) = (api.db.clone(), api.clock.clone(), api.config.sessions);
        Self(Arc::new(Inner { db, clock, lengths, guests: Mutex::default() }))
    }

    /// Somebody begins to listen. Strangers have nothing that could end.
    pub(crate) fn enter(&self, who: Option<&SignedIn>) -> Guest {
        let over = CancellationToken::new();
        let Some((id, words)) = who.and_then(SignedIn::standing) else { return Guest { live: self.clone(), number: None, over } };
        let mut guests = self.0.guests();
        let number = guests.next;
        guests.next = number.wrapping_add(1);
        guests.here.insert(number, (id, words, over.clone()));
        if !std::mem::replace(&mut guests.watched, true) {
            tokio::spawn(watch(Arc::downgrade(&self.0)));
        }
        Guest { live: self.clone(), number: Some(number), over }
    }
}

/// Looks after those who listen, while there are any.
async fn watch(live: Weak<Inner>) {
    let mut beat = tokio::time::interval(LOOK);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        let Some(live) = live.upgrade() else { return };
        let ids: Vec<Uuid> = {
            let mut guests = live.guests();
            if guests.here.is_empty() {
                guests.watched = false;
                return;
            }
            let mut ids: Vec<Uuid> = guests.here.values().map(|(id, ..)| *id).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        let (platform, lengths, now) = (Platform::of_this_process(), live.lengths, live.clock.now());
        let (this, asked) = (platform.clone(), ids.clone());
        let read = async move |mut conn: Conn| identity::standing(&mut conn, &this, &ids, lengths, now).await;
        match live.db.platform_read(&platform, read).await {
            Ok(standing) => {
                // Whoever came meanwhile was not asked for.
                for (id, words, over) in live.guests().here.values() {
                    if asked.binary_search(id).is_ok() && standing.get(id) != Some(words) {
                        over.cancel();
                    }
                }
            }
            // Whoever cannot be asked for is not sent away: the store is back in a moment, or nothing can be told anyway.
            Err(fault) => tracing::warn!(error = %with_causes(&fault), "who is still signed in could not be asked"),
        }
    }
}

/// Whether a client wants events.
pub(crate) fn is_wanted(headers: &HeaderMap) -> bool {
    let ranges =
        headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let types = ranges.filter_map(|range| range.split(';').next());
    types.into_iter().any(|named| named.trim().eq_ignore_ascii_case("text/event-stream"))
}

/// Answers by events: `next` for each answer, `complete` after the last one, and nothing after the session has ended.
pub(crate) fn events(door: &Door, ready: Ready, caller: Caller) -> Response {
    let (guest, stop) = (door.live.enter(caller.signed_in.as_ref()), door.api.stop.clone());
    let answers = door.graph.listen(ready, caller);
    let ended = async move {
        tokio::select! {
            () = guest.over() => {}
            () = stop.cancelled() => {}
        }
    };
    let told = answers.map(|answer| event("next", &String::from_utf8_lossy(&answer.body)));
    let last = stream::once(std::future::ready(event("complete", "")));
    let events = told.take_until(Box::pin(ended)).chain(last).map(Ok::<_, Infallible>);
    let mut response = Sse::new(events).keep_alive(KeepAlive::new().interval(PING).text("ping")).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

fn event(name: &str, data: &str) -> Event {
    Event::default().event(name).data(data)
}
