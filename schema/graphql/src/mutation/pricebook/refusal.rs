//! Why nothing was done with a draft, as user errors.

use async_graphql::{Context, Result};
use frontoffice_domain::{
    pricing::{self, Draft, DraftRefusal, Guard, rules::Flaw},
    tenancy::Platform,
};

use super::super::{UserError, UserErrorCode, conflict};
use crate::{
    context::house,
    object::{
        pricebook_draft::{PricebookDifference, PricebookDraft},
        pricebook_step::PricebookStep,
    },
};

/// What a payload of a draft consists of.
#[derive(Default)]
pub(super) struct Outcome {
    /// The draft as it is now, where there is one.
    pub(super) draft: Option<PricebookDraft>,
    /// What was done with it since the revision that was said, if there was a conflict.
    pub(super) since: Vec<PricebookStep>,
    /// Where what was wanted differs from it, if there was a conflict.
    pub(super) differences: Option<Vec<PricebookDifference>>,
    pub(super) user_errors: Vec<UserError>,
}

impl Outcome {
    /// A refusal that has nothing to do with how the draft is.
    pub(super) fn refused(error: UserError) -> Self {
        Self { user_errors: vec![error], ..Self::default() }
    }

    /// What became of an act, at the revision that was expected.
    pub(super) async fn of(
        ctx: &Context<'_>,
        platform: &Platform,
        done: pricing::Drafted,
        expected: Option<i64>,
    ) -> Result<Self> {
        let refusal = match done {
            Ok(draft) => return Ok(Self { draft: Some(PricebookDraft::new(platform, draft)), ..Self::default() }),
            Err(refusal) => refusal,
        };
        let user_errors = errors(&refusal, &[]);
        let mut since = Vec::new();
        if let (DraftRefusal::Stale(draft), Some(expected)) = (&refusal, expected) {
            let id = draft.id;
            let read = async move |mut conn, platform| pricing::steps_of(&mut conn, &platform, id).await;
            let steps = house(ctx)?.read_all(platform.clone(), read).await?;
            since = steps.into_iter().filter(|step| step.revision > Some(expected)).map(PricebookStep).collect();
        }
        let draft = shown(refusal).map(|draft| PricebookDraft::new(platform, *draft));
        Ok(Self { draft, since, differences: None, user_errors })
    }
}

/// The draft that a refusal shows beside itself.
pub(super) fn shown(refusal: DraftRefusal) -> Option<Box<Draft>> {
    match refusal {
        DraftRefusal::Exists(draft)
        | DraftRefusal::Stale(draft)
        | DraftRefusal::Frozen(draft)
        | DraftRefusal::NotSubmitted(draft)
        | DraftRefusal::NotApproved(draft)
        | DraftRefusal::OtherContent(draft)
        | DraftRefusal::OtherPolicy(draft) => Some(draft),
        DraftRefusal::NoDraft
        | DraftRefusal::NoSuchVersion
        | DraftRefusal::Flawed(_)
        | DraftRefusal::Unchanged
        | DraftRefusal::OwnWork
        | DraftRefusal::TooEarly(_)
        | DraftRefusal::Unacknowledged(_) => None,
    }
}

/// What nobody can put right by another input.
fn about_it(code: UserErrorCode, message: impl Into<String>) -> UserError {
    UserError { code, message: message.into(), field: None }
}

fn flaw(flaw: &Flaw) -> UserError {
    let field = Some(flaw.path.split('/').map(str::to_owned).collect());
    UserError { code: UserErrorCode::Flawed, message: flaw.sentence(), field }
}

/// Why nothing was done. What was acknowledged already need not be told again.
pub(super) fn errors(refusal: &DraftRefusal, acknowledged: &[Guard]) -> Vec<UserError> {
    let one = match refusal {
        DraftRefusal::NoDraft => about_it(UserErrorCode::NoDraft, "There is no draft; begin one first."),
        DraftRefusal::Exists(_) => {
            about_it(UserErrorCode::DraftExists, "There is a draft already; go on with it, or discard it.")
        }
        DraftRefusal::NoSuchVersion => {
            let message = "There is no version of this number that is or was in force.";
            UserError::at("restore", UserErrorCode::NotFound, message)
        }
        DraftRefusal::Stale(_) => conflict(),
        DraftRefusal::Frozen(_) => {
            let message = "It was submitted, and is frozen since. Reopen it first; an approval is void then.";
            about_it(UserErrorCode::Frozen, message)
        }
        DraftRefusal::NotSubmitted(_) => about_it(UserErrorCode::NotSubmitted, "It was not submitted yet."),
        DraftRefusal::NotApproved(_) => about_it(UserErrorCode::NotApproved, "It was not approved yet."),
        DraftRefusal::Flawed(flaws) => return flaws.iter().map(flaw).collect(),
        DraftRefusal::Unchanged => {
            about_it(UserErrorCode::Unchanged, "It says what the last live version says, word for word; change something first.")
        }
        DraftRefusal::OwnWork => {
            about_it(UserErrorCode::OwnWork, "Who has written of a draft does not approve it; ask somebody else to.")
        }
        DraftRefusal::OtherContent(_) => {
            let message = "The draft says something else. Look at it, and say the hash of what you have looked at.";
            UserError::at("contentHash", UserErrorCode::OtherContent, message)
        }
        DraftRefusal::OtherPolicy(draft) => {
            let message = format!("It reaches others: its policy is `{}`. Look whom it reaches, and say that.", draft.policy);
            UserError::at("policy", UserErrorCode::OtherContent, message)
        }
        DraftRefusal::TooEarly(latest) => {
            let latest = latest.map(|latest| format!(" The last one does at {latest}.")).unwrap_or_default();
            let message = format!("It must take effect now or later, and after every live version.{latest}");
            UserError::at("effectiveFrom", UserErrorCode::TooEarly, message)
        }
        DraftRefusal::Unacknowledged(warnings) => {
            let missing = warnings.iter().filter(|warning| !acknowledged.contains(&warning.guard));
            let told = |warning: &pricing::Warning| {
                let pricing::Warning { guard, path, before, after } = warning;
                let message = format!("`{path}` was {before} and is {after}: acknowledge `{guard}` if that is meant.");
                UserError::at("acknowledge", UserErrorCode::Unacknowledged, message)
            };
            return missing.map(told).collect();
        }
    };
    vec![one]
}
