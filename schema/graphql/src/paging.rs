//! Connections: pages of lists, with signed cursors.

use async_graphql::{Error, OutputType};
use frontoffice_domain::{
    chat,
    clock::Instant,
    id::Id,
    identity::InstanceKey,
    page::{Page, Slice, Take},
};

use crate::{connection::Connection, error::refuse};

/// How many a page has if nothing is said.
pub(crate) const DEFAULT: u16 = 20;
/// How many a page may have.
pub(crate) const MOST: u16 = 100;

/// A place in a list, as the text its cursor carries.
pub(crate) trait Place: Sized {
    fn write(&self) -> String;
    fn read(text: &str) -> Option<Self>;
}

macro_rules! places {
    ($([$($of:tt)*] $place:ty;)+) => {
        $(impl<$($of)*> Place for $place {
            fn write(&self) -> String {
                self.to_string()
            }

            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        })+
    };
}
places! {
    [K] Id<K>;
    [] i64;
    [] i32;
    [] chat::Place;
    [] Instant;
}

/// What a connection's arguments say.
pub(crate) struct Window {
    pub(crate) first: Option<i32>,
    pub(crate) last: Option<i32>,
    pub(crate) after: Option<String>,
    pub(crate) before: Option<String>,
}

impl Window {
    /// The page that is meant of the list called `list`.
    pub(crate) fn page<K: Place>(&self, key: &InstanceKey, list: &str) -> Result<Page<K>, Error> {
        let take = match (self.first, self.last) {
            (None, None) => Take::First(DEFAULT),
            (Some(first), None) => Take::First(count("first", first)?),
            (None, Some(last)) => Take::Last(count("last", last)?),
            (Some(_), Some(_)) => return Err(refuse("INPUT_INVALID", "`first` and `last` cannot be asked for at once.")),
        };
        let place = |name: &str, cursor: &Option<String>| match cursor {
            None => Ok(None),
            Some(cursor) => match key.place(list, cursor).and_then(|place| K::read(&place)) {
                Some(place) => Ok(Some(place)),
                None => Err(refuse(
                    "CURSOR_INVALID",
                    format!("`{name}` is no cursor that was handed out for this list; begin anew without it."),
                )),
            },
        };
        Ok(Page { take, after: place("after", &self.after)?, before: place("before", &self.before)? })
    }
}

fn count(name: &str, value: i32) -> Result<u16, Error> {
    u16::try_from(value)
        .ok()
        .filter(|count| (1..=MOST).contains(count))
        .ok_or_else(|| refuse("INPUT_INVALID", format!("`{name}` must be 1 to {MOST}, not {value}.")))
}

/// The connection that a page is; `place` says where in the list called `list` each of its nodes is.
pub(crate) fn connection<T: OutputType, P: Place>(
    slice: Slice<T>,
    key: &InstanceKey,
    list: &str,
    place: impl Fn(&T) -> P + Send + Sync + 'static,
) -> Connection<T> {
    let (key, list) = (key.clone(), list.to_owned());
    let cursor = move |node: &T| key.cursor(&list, &place(node).write());
    Connection::new(slice.items, slice.has_previous, slice.has_next, cursor)
}
