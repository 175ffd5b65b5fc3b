//! Why an attempt at a job failed, and whether another makes sense. Classified once, here, so that every `?` in a job says it.

use std::time::Duration;

use frontoffice_domain::{db::with_causes, fault::Fault};

/// A failed attempt.
#[derive(Debug)]
pub struct Failure {
    pub(crate) error: String,
    pub(crate) verdict: Verdict,
}

/// What follows from a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Try again, after the backoff or after what the other side asked for.
    Again(Option<Duration>),
    /// Trying again cannot help.
    Never,
    /// Nothing failed: the process stops, and somebody else will do the job.
    HandBack,
    /// Somebody else has the job already.
    Lost,
}

impl Failure {
    /// Worth another attempt, not before `after`.
    pub fn again(error: impl Into<String>, after: Option<Duration>) -> Self {
        Self { error: error.into(), verdict: Verdict::Again(after) }
    }

    /// Not worth another attempt.
    pub fn never(error: impl Into<String>) -> Self {
        Self { error: error.into(), verdict: Verdict::Never }
    }

    /// The handler panicked. What it said is not kept: it may hold what somebody wrote.
    #[must_use]
    pub fn panicked() -> Self {
        Self::again("the handler panicked", None)
    }

    pub(crate) fn hand_back() -> Self {
        Self { error: "the process is stopping".into(), verdict: Verdict::HandBack }
    }

    pub(crate) fn lost() -> Self {
        Self { error: "the lease was lost".into(), verdict: Verdict::Lost }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.error)
    }
}

impl std::error::Error for Failure {}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let error = with_causes(&fault);
        match fault {
            Fault::Denied(_) | Fault::Stored { .. } => Self::never(error),
            _ => Self::again(error, None),
        }
    }
}
