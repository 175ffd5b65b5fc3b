//! Pricing: the pricebook, in versions.
//!
//! Invariants: a published version never changes; at any instant after the first there is exactly one version in force, and which one
//! depends on nothing but the instants at which versions take effect; the publication log verifies from its first line. There is one draft
//! at most; what is published of it was approved as it is, by somebody who had not written it unless that is waived. All of it is held by the
//! database too.

mod billing;
mod impact;
mod model;
mod publishing;
pub mod rules;
pub mod sheet;
pub mod store;
mod subject;
mod wording;

pub use self::billing::{Bill, BillFault, Extra, Line, LineKind, Segment};
pub use self::impact::{Customer, Effect, Guard, Summary, Used, Warning};
pub use self::model::{
    Action, Inside, LogKind, LogLine, Overage, Plan, Policy, Pricebook, Rate, RefundReason, RefundRule, Rollover, Sight, Status,
    TopUp, Trial, Version,
};
pub use self::publishing::{
    Advanced, Approval, Draft, DraftRefusal, Drafted, Edit, Effective, Publication, PublicationState, PublishPricebook, Step,
    StepKind, Withdrawn,
};
pub(crate) use self::store::content;
pub use self::store::{
    PlanNames, Published, advance, approve, begin, discard, draft, edit, foresee, four_eyes, history, latest, log, plan_names,
    publication, publications, publish, publish_first, release, reopen, resolve, resolve_at, set_four_eyes, steps_of,
    steps_of_each, subject, submit, version, versions, versions_by_number, warnings, withdraw,
};
pub use self::subject::{Foreseen, Of, Subject};
pub use self::wording::entries;
