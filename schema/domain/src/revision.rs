//! Changing what several people may change: whoever says which revision they saw is told if it is not the newest any more.

/// What became of changing something that has revisions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed<T> {
    /// It is as was wanted.
    Done(T),
    /// Somebody else has changed it meanwhile; this is how it is.
    Stale(T),
    /// There is no such thing.
    Unknown,
}
