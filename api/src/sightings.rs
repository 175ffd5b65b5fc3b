//! What is noted beside requests: that a widget key was used, and where it was refused. At most once a minute for each, so that no
//! stranger makes the store write as often as they like.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use frontoffice_domain::{clock::Instant, db::with_causes, id::WidgetKeyId, widget};

use crate::Api;

/// How long nothing is written again.
const PAUSE: Duration = Duration::from_secs(60);

/// How many origins of a key are kept an eye on at once. What comes beyond that within the pause is not noted.
const ORIGINS: usize = 50;

/// So many keys are kept in mind before those are forgotten of which nothing was seen lately.
const KEYS: usize = 10_000;

/// What was seen lately. Clones are the same.
#[derive(Clone, Default)]
pub struct Sightings(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    /// When it was last written that a key was used.
    used: HashMap<WidgetKeyId, Instant>,
    refused: HashMap<WidgetKeyId, HashMap<String, Tally>>,
}

/// How often a key was refused on an origin since that was last written.
struct Tally {
    written_at: Instant,
    since: i64,
}

impl Tally {
    fn is_due(&self, now: Instant) -> bool {
        self.written_at.after(PAUSE) <= now
    }
}

impl Sightings {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A key let somebody in.
    pub(crate) fn used(&self, api: &Api, key: WidgetKeyId) {
        let now = api.clock.now();
        {
            let mut seen = self.seen();
            if seen.used.get(&key).is_some_and(|last| last.after(PAUSE) > now) {
                return;
            }
            if seen.used.len() >= KEYS {
                seen.used.retain(|_, last| last.after(PAUSE) > now);
            }
            seen.used.insert(key, now);
        }
        let db = api.db.clone();
        tokio::spawn(async move {
            if let Err(fault) = widget::note_used(&db, key, now).await {
                tracing::debug!(error = %with_causes(&fault), "that a widget key was used could not be noted");
            }
        });
    }

    /// A key was refused on an origin. What can be none is not noted.
    pub(crate) fn refused(&self, api: &Api, key: WidgetKeyId, origin: &str) {
        if widget::rules::letting_in(origin).is_empty() {
            return;
        }
        let now = api.clock.now();
        let next = self.seen().refusal(key, origin, now);
        match next {
            Next::Write(times) => write(api, key, origin.to_owned(), times, now),
            Next::WriteLater => self.write_later(api, key, origin.to_owned()),
            Next::Nothing => {}
        }
    }

    /// Writes what is waiting once the pause is over, if nothing else has by then. What waits when the process ends is lost.
    fn write_later(&self, api: &Api, key: WidgetKeyId, origin: String) {
        let (this, api) = (self.clone(), api.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = api.stop.cancelled() => return,
            }
            let now = api.clock.now();
            let times = this.seen().waiting(key, &origin, now);
            if times > 0 {
                write(&api, key, origin, times, now);
            }
        });
    }
}

/// What is to be done about a refusal.
enum Next {
    /// It is written now, with those that waited.
    Write(i64),
    /// It is the first that waits.
    WriteLater,
    /// It waits with others, or is one too many.
    Nothing,
}

impl Seen {
    fn refusal(&mut self, key: WidgetKeyId, origin: &str, now: Instant) -> Next {
        if self.refused.len() >= KEYS {
            self.refused.retain(|_, all| all.values().any(|tally| tally.since > 0 || !tally.is_due(now)));
        }
        let all = self.refused.entry(key).or_default();
        if let Some(tally) = all.get_mut(origin) {
            tally.since = tally.since.saturating_add(1);
            return match (tally.is_due(now), tally.since) {
                (true, times) => {
                    *tally = Tally { written_at: now, since: 0 };
                    Next::Write(times)
                }
                (false, 1) => Next::WriteLater,
                (false, _) => Next::Nothing,
            };
        }
        if all.len() >= ORIGINS {
            all.retain(|_, tally| tally.since > 0 || !tally.is_due(now));
        }
        if all.len() >= ORIGINS {
            return Next::Nothing;
        }
        all.insert(origin.to_owned(), Tally { written_at: now, since: 0 });
        Next::Write(1)
    }

    /// How many wait to be written; none from then on.
    fn waiting(&mut self, key: WidgetKeyId, origin: &str, now: Instant) -> i64 {
        let Some(tally) = self.refused.get_mut(&key).and_then(|all| all.get_mut(origin)) else { return 0 };
        let times = tally.since;
        if times > 0 {
            *tally = Tally { written_at: now, since: 0 };
        }
        times
    }
}

fn write(api: &Api, key: WidgetKeyId, origin: String, times: i64, now: Instant) {
    let db = api.db.clone();
    tokio::spawn(async move {
        if let Err(fault) = widget::note_refused(&db, key, origin, times, now).await {
            tracing::debug!(error = %with_causes(&fault), "where a widget key was refused could not be noted");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_micros(seconds.saturating_mul(1_000_000))
    }

    #[test]
    fn an_origin_is_written_once_a_minute_with_all_that_waited() {
        let (mut seen, key) = (Seen::default(), WidgetKeyId::new());
        let mut next = |second| match seen.refusal(key, "https://a.example", at(second)) {
            Next::Write(times) => format!("write {times}"),
            Next::WriteLater => "later".to_owned(),
            Next::Nothing => "nothing".to_owned(),
        };
        let all: Vec<String> = [0, 1, 2, 59, 60, 61].into_iter().map(&mut next).collect();
        assert_eq!(all, ["write 1", "later", "nothing", "nothing", "write 4", "later"]);
        assert_eq!(seen.waiting(key, "https://a.example", at(121)), 1);
        assert_eq!(seen.waiting(key, "https://a.example", at(122)), 0);
    }

    #[test]
    fn strangers_fill_neither_the_store_nor_the_memory() {
        let (mut seen, key) = (Seen::default(), WidgetKeyId::new());
        let mut writes = |second| {
            let tried = (0..1_000).filter(|number| {
                matches!(seen.refusal(key, &format!("https://{second}-{number}.example"), at(second)), Next::Write(_))
            });
            tried.count()
        };
        assert_eq!((writes(0), writes(30), writes(60)), (ORIGINS, 0, ORIGINS));
        assert_eq!(seen.refused[&key].len(), ORIGINS);
    }
}
