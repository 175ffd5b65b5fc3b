//! Pages of long lists. A place in a list is a key of its order, never a count, so that what is added or removed elsewhere moves nothing.

/// Which end of the stretch is wanted, and how much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Take {
    /// From its beginning.
    First(u16),
    /// From its end; what comes back is in the list's order all the same.
    Last(u16),
}

/// A page of a list whose places are `K`s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Page<K> {
    /// How much.
    pub take: Take,
    /// Only what comes after this place.
    pub after: Option<K>,
    /// Only what comes before this place.
    pub before: Option<K>,
}

impl<K> Page<K> {
    /// So many from the beginning of the list.
    #[must_use]
    pub fn first(count: u16) -> Self {
        Self { take: Take::First(count), after: None, before: None }
    }

    /// Whether the stretch is to be read from its end.
    #[must_use]
    pub fn backwards(&self) -> bool {
        matches!(self.take, Take::Last(_))
    }

    /// How many rows to ask for: one more than wanted shows whether the list goes on.
    #[must_use]
    pub fn limit(&self) -> i64 {
        i64::try_from(self.count()).unwrap_or(i64::MAX).saturating_add(1)
    }

    /// The page, made of at most [`Page::limit`] rows in the order they were read in.
    #[must_use]
    pub fn slice<T>(&self, mut rows: Vec<T>) -> Slice<T> {
        let more = rows.len() > self.count();
        rows.truncate(self.count());
        if self.backwards() {
            rows.reverse();
            Slice { items: rows, has_previous: more, has_next: self.before.is_some() }
        } else {
            Slice { items: rows, has_previous: self.after.is_some(), has_next: more }
        }
    }

    fn count(&self) -> usize {
        let (Take::First(count) | Take::Last(count)) = self.take;
        count.into()
    }
}

/// What a page holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice<T> {
    /// In the list's order.
    pub items: Vec<T>,
    /// Whether the list has something before them.
    pub has_previous: bool,
    /// Whether the list goes on after them.
    pub has_next: bool,
}

impl<T> Slice<T> {
    /// The same page of something made of each item.
    #[must_use]
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Slice<U> {
        Slice { items: self.items.into_iter().map(make).collect(), has_previous: self.has_previous, has_next: self.has_next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_too_many_is_not_shown_but_told() {
        let first = Page::<u8>::first(2);
        assert_eq!(first.slice(vec![1, 2, 3]), Slice { items: vec![1, 2], has_previous: false, has_next: true });
        assert_eq!(first.slice(vec![1, 2]), Slice { items: vec![1, 2], has_previous: false, has_next: false });
        let last = Page { take: Take::Last(2), after: None, before: Some(9_u8) };
        assert_eq!(last.slice(vec![8, 7, 6]), Slice { items: vec![7, 8], has_previous: true, has_next: true });
        assert_eq!((first.limit(), last.limit()), (3, 3));
    }
}
