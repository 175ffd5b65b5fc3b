//! Shapes of drafts, of what is done with them, and of how far a publication is.

use serde::{Deserialize, Serialize};

use super::{
    impact::{Guard, Warning},
    model::{Policy, Pricebook, Status},
    rules::Flaw,
};
use crate::{
    audit::Actor,
    clock::Instant,
    id::{DraftId, PricebookStepId},
    job::Job,
    text_enum::text_enum,
};

/// The prices somebody is working on. There is one at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The draft.
    pub id: DraftId,
    /// One more with each change, whoever makes it.
    pub revision: i64,
    /// What it says.
    pub pricebook: Pricebook,
    /// SHA-256 over the canonical JSON of that.
    pub content_hash: [u8; 32],
    /// Why prices change, for finance staff; at most 2,000 characters.
    pub note: String,
    /// Whom of those who are customers already it is to reach.
    pub policy: Policy,
    /// The version it began as.
    pub based_on: i32,
    /// The earlier version that it brings back.
    pub restored_from: Option<i32>,
    /// When it was begun.
    pub created_at: Instant,
    /// When its content, note or policy was last changed.
    pub changed_at: Instant,
    /// When it was submitted; frozen since.
    pub submitted_at: Option<Instant>,
    /// That it was approved as it is.
    pub approval: Option<Approval>,
}

impl Draft {
    /// How far it is.
    #[must_use]
    pub fn status(&self) -> Status {
        match (self.submitted_at, self.approval) {
            (_, Some(_)) => Status::Approved,
            (Some(_), None) => Status::InReview,
            (None, None) => Status::Draft,
        }
    }
}

/// An approval: of a content, to take effect at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Approval {
    /// When.
    pub at: Instant,
    /// From when it may be in force.
    pub effective: Effective,
}

/// From when a version is to be in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effective {
    /// From the instant on at which it is published.
    OnPublication,
    /// From this instant on.
    At(Instant),
}

impl Effective {
    /// From no instant: on publication.
    #[must_use]
    pub fn of(at: Option<Instant>) -> Self {
        at.map_or(Self::OnPublication, Self::At)
    }

    /// The instant, if one is named.
    #[must_use]
    pub fn named(self) -> Option<Instant> {
        match self {
            Self::OnPublication => None,
            Self::At(at) => Some(at),
        }
    }
}

/// What of a draft is to be changed; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Edit {
    /// The prices, whole.
    pub pricebook: Option<Pricebook>,
    /// The note.
    pub note: Option<String>,
    /// Whom it is to reach.
    pub policy: Option<Policy>,
}

/// Why nothing was done with a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DraftRefusal {
    /// There is no draft.
    NoDraft,
    /// There is one already.
    Exists(Box<Draft>),
    /// There are no such prices to begin with.
    NoSuchVersion,
    /// Somebody has changed it meanwhile; this is how it is.
    Stale(Box<Draft>),
    /// It was submitted: it has to be reopened first, which voids an approval.
    Frozen(Box<Draft>),
    /// It was not submitted.
    NotSubmitted(Box<Draft>),
    /// It was not approved.
    NotApproved(Box<Draft>),
    /// It is not as it must be.
    Flawed(Vec<Flaw>),
    /// It says what the version before it says, word for word.
    Unchanged,
    /// Who approves must not have written it.
    OwnWork,
    /// What was to be approved is not what the draft says.
    OtherContent(Box<Draft>),
    /// It reaches others than who approves has seen.
    OtherPolicy(Box<Draft>),
    /// It would take effect in the past, or not after every live version, of which this is the latest.
    TooEarly(Option<Instant>),
    /// These have to be acknowledged by name.
    Unacknowledged(Vec<Warning>),
}

/// What became of an act on a draft.
pub type Drafted = Result<Draft, DraftRefusal>;

/// What became of taking a version back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Withdrawn {
    /// It never takes effect.
    Now,
    /// It was taken back before.
    Already,
    /// It has taken effect: bring an earlier one back instead.
    InForce,
    /// There is no such version.
    Unknown,
}

text_enum! {
    /// What was done with a draft or a version.
    StepKind {
        /// It was begun.
        Created = "CREATED",
        /// It was changed.
        Edited = "EDITED",
        /// It was submitted.
        Submitted = "SUBMITTED",
        /// It was opened for changes again; an approval was void from then on.
        Reopened = "REOPENED",
        /// It was approved.
        Approved = "APPROVED",
        /// It was published.
        Published = "PUBLISHED",
        /// It was taken back before it took effect.
        Withdrawn = "WITHDRAWN",
        /// It was thrown away.
        Discarded = "DISCARDED",
    }
}

/// A step on the way of prices; it never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The step.
    pub id: PricebookStepId,
    /// Of which draft; none: of prices that the program itself published.
    pub draft: Option<DraftId>,
    /// Of which version, once there is one.
    pub number: Option<i32>,
    /// What was done.
    pub kind: StepKind,
    /// By whom.
    pub actor: Actor,
    /// What they are called.
    pub actor_name: Option<String>,
    /// At which revision of the draft.
    pub revision: Option<i64>,
    /// What it said, as a hash.
    pub content_hash: [u8; 32],
    /// From when it was to be in force.
    pub effective_from: Option<Instant>,
    /// Whether approving took somebody who had not written it; none: this is no approval.
    pub four_eyes: Option<bool>,
    /// What was acknowledged by name.
    pub acknowledged: Vec<Guard>,
    /// What was said with it.
    pub comment: Option<String>,
    /// When.
    pub at: Instant,
}

text_enum! {
    /// How far it is that those who are customers already are on a version.
    PublicationState {
        /// It takes effect later.
        Waiting = "WAITING",
        /// Customers are being moved.
        Running = "RUNNING",
        /// Everybody it reaches is on it.
        Finished = "FINISHED",
        /// It was taken back and reaches nobody.
        Withdrawn = "WITHDRAWN",
    }
}

/// How far it is that those who are customers already are on a version. Nobody's price waits for that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// The version.
    pub number: i32,
    /// Whom it reaches.
    pub policy: Policy,
    /// From when it is in force.
    pub effective_from: Instant,
    /// How far that is.
    pub state: PublicationState,
    /// How many subscriptions there are to look at; none before it takes effect.
    pub total: Option<i64>,
    /// How many were looked at.
    pub seen: i64,
    /// How many of those are on the version now that were on an earlier one.
    pub moved: i64,
    /// When it was finished.
    pub finished_at: Option<Instant>,
}

/// The job that writes down for customers that they are on a version, batch by batch, once it takes effect.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PublishPricebook {
    /// The version.
    pub number: i32,
}

impl Job for PublishPricebook {
    const NAME: &'static str = "publish_pricebook";
    const MAX_ATTEMPTS: i32 = 25;

    fn key(&self) -> String {
        self.number.to_string()
    }
}

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advanced {
    /// There is more to do.
    More(Publication),
    /// It is done.
    Done(Publication),
    /// Another worker has the job; nothing was changed.
    Late,
}
