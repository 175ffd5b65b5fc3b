//! The draft: begun, changed, submitted, reopened, thrown away.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use frontoffice_domain::{
    identity::Permission,
    pricing::{self, DraftRefusal, Edit},
    tenancy::Platform,
};

use super::{
    super::{Refusable, UserError, UserErrorCode, optional},
    input::{Parts, PlanInput, PlanOverageInput, PlanRolloverInput, RateInput, RefundRuleInput, Said, TopUpInput, TrialInput},
    refusal::Outcome,
};
use crate::{
    context::{asking, house, platform},
    error::failed,
    kind::PricebookPolicy,
    object::{
        pricebook_draft::{PricebookDifference, PricebookDraft},
        pricebook_step::PricebookStep,
    },
};

/// What a draft is to begin as.
#[derive(InputObject)]
pub(crate) struct PricebookDraftCreateInput {
    /// The number of an earlier version that is to be brought back; the last live version if nothing is said.
    restore: Option<i32>,
}

/// The draft that was begun.
#[derive(SimpleObject)]
pub(crate) struct PricebookDraftCreatePayload {
    /// The draft, also where there was one already; null if there is none.
    draft: Option<PricebookDraft>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// What is to be different. What is left out stays; at least one of them must be said.
#[derive(InputObject)]
pub(crate) struct PricebookDraftUpdateInput {
    /// The revision that was looked at: if there is a newer one, nothing is changed.
    expected_revision: i64,
    /// All plans, cheapest first.
    plans: Option<Vec<PlanInput>>,
    /// All rates.
    rates: Option<Vec<RateInput>>,
    /// What new tenants may try.
    trial: Option<TrialInput>,
    /// All that plans sell beyond their credits.
    overage: Option<Vec<PlanOverageInput>>,
    /// All that plans carry from one month into the next.
    rollover: Option<Vec<PlanRolloverInput>>,
    /// All that can be bought besides a plan.
    top_ups: Option<Vec<TopUpInput>>,
    /// All that is given back of charges.
    refunds: Option<Vec<RefundRuleInput>>,
    /// Why prices change, at most 2,000 characters.
    note: Option<String>,
    /// Whom of those who are customers already it is to reach.
    policy: Option<PricebookPolicy>,
}

/// Whether it was changed.
#[derive(SimpleObject)]
pub(crate) struct PricebookDraftUpdatePayload {
    /// The draft as it is now, also where somebody else has changed it meanwhile; null if there is none.
    draft: Option<PricebookDraft>,
    /// What was done with it since the revision that was said, the newest first; empty unless there was a conflict.
    since: Vec<PricebookStep>,
    /// What is different from the draft as it is now in the prices that were wanted; null unless there was a conflict.
    differences: Option<Vec<PricebookDifference>>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Which revision is submitted.
#[derive(InputObject)]
pub(crate) struct PricebookDraftSubmitInput {
    /// The revision that was looked at: if there is a newer one, nothing is done.
    expected_revision: i64,
}

/// Whether it was submitted.
#[derive(SimpleObject)]
pub(crate) struct PricebookDraftSubmitPayload {
    /// The draft as it is now, also where somebody else has changed it meanwhile; null if there is none.
    draft: Option<PricebookDraft>,
    /// What was done with it since the revision that was said, the newest first; empty unless there was a conflict.
    since: Vec<PricebookStep>,
    /// Why not; for each flaw, the field is where in the draft it is: `plans`, `pro`, `list_price`.
    user_errors: Vec<UserError>,
}

/// Which revision is reopened, and why.
#[derive(InputObject)]
pub(crate) struct PricebookDraftReopenInput {
    /// The revision that was looked at: if there is a newer one, nothing is done.
    expected_revision: i64,
    /// Why, at most 500 characters; it stays in the history.
    comment: Option<String>,
}

/// Whether it was reopened.
#[derive(SimpleObject)]
pub(crate) struct PricebookDraftReopenPayload {
    /// The draft as it is now, also where somebody else has changed it meanwhile; null if there is none.
    draft: Option<PricebookDraft>,
    /// What was done with it since the revision that was said, the newest first; empty unless there was a conflict.
    since: Vec<PricebookStep>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Which revision is thrown away.
#[derive(InputObject)]
pub(crate) struct PricebookDraftDiscardInput {
    /// The revision that was looked at: if there is a newer one, nothing is done.
    expected_revision: i64,
}

/// Whether it was thrown away.
#[derive(SimpleObject)]
pub(crate) struct PricebookDraftDiscardPayload {
    /// The draft, as it was when it was thrown away, or as it is now where somebody else has changed it meanwhile; null if there is none.
    draft: Option<PricebookDraft>,
    /// What was done with it since the revision that was said, the newest first; empty unless there was a conflict.
    since: Vec<PricebookStep>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Changes the draft.
#[derive(Default)]
pub(crate) struct Drafts;

/// Whoever drafts prices. Who may not is told that first.
fn author(ctx: &Context<'_>) -> Result<Platform> {
    let platform = platform(ctx, Permission::PricebookDraft)?;
    platform.require(Permission::PricebookDraft).map_err(failed)?;
    Ok(platform)
}

/// What is to be changed besides the prices, and what of the prices.
fn change(input: PricebookDraftUpdateInput) -> Refusable<(Edit, Parts)> {
    let PricebookDraftUpdateInput {
        expected_revision: _,
        plans,
        rates,
        trial,
        overage,
        rollover,
        top_ups,
        refunds,
        note,
        policy,
    } = input;
    let parts = Parts::read(Said { plans, rates, trial, overage, rollover, top_ups, refunds })?;
    if parts.are_none() && note.is_none() && policy.is_none() {
        let message = "At least one of `plans`, `rates`, `trial`, `overage`, `rollover`, `topUps`, `refunds`, `note` and `policy` must be said.";
        return Err(UserError { code: UserErrorCode::Invalid, message: message.into(), field: Some(vec!["input".into()]) });
    }
    let note = note.map(|note| optional("note", &note, 2_000)).transpose()?.map(Option::unwrap_or_default);
    Ok((Edit { pricebook: None, note, policy: policy.map(Into::into) }, parts))
}

/// Changes the draft.
#[Object]
impl Drafts {
    /// Begins a draft as what the last live version says, or as an earlier version, to bring that back. There is one draft at most. Needs
    /// `pricebook.draft`.
    async fn pricebook_draft_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to begin as.")] input: PricebookDraftCreateInput,
    ) -> Result<Option<PricebookDraftCreatePayload>> {
        let (platform, now) = (author(ctx)?, asking(ctx)?.now);
        let begin = async move |mut conn, platform| pricing::begin(&mut conn, &platform, input.restore, now).await;
        let done = house(ctx)?.write_all(platform.clone(), begin).await?;
        let Outcome { draft, user_errors, .. } = Outcome::of(ctx, &platform, done, None).await?;
        Ok(Some(PricebookDraftCreatePayload { draft, user_errors }))
    }

    /// Changes the draft, unless it was submitted. It may have flaws until it is. Needs `pricebook.draft`.
    async fn pricebook_draft_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be different.")] input: PricebookDraftUpdateInput,
    ) -> Result<Option<PricebookDraftUpdatePayload>> {
        let (platform, now, expected) = (author(ctx)?, asking(ctx)?.now, input.expected_revision);
        let outcome = match change(input) {
            Err(error) => Outcome::refused(error),
            Ok((edit, parts)) => {
                let wanted = parts.clone();
                let work = async move |mut conn, platform| {
                    // The parts that stay are those of the revision that is expected; if it is another, nothing is changed.
                    let there = pricing::draft(&mut conn, &platform).await?.filter(|_| !parts.are_none());
                    let pricebook = there.map(|draft| parts.over(&draft.pricebook));
                    pricing::edit(&mut conn, &platform, &Edit { pricebook, ..edit }, expected, now).await
                };
                let done = house(ctx)?.write_all(platform.clone(), work).await?;
                let differences = match &done {
                    Err(DraftRefusal::Stale(draft)) => {
                        Some(PricebookDifference::between(&draft.pricebook, &wanted.over(&draft.pricebook)))
                    }
                    _ => None,
                };
                Outcome { differences, ..Outcome::of(ctx, &platform, done, Some(expected)).await? }
            }
        };
        let Outcome { draft, since, differences, user_errors } = outcome;
        Ok(Some(PricebookDraftUpdatePayload { draft, since, differences, user_errors }))
    }

    /// Submits the draft for approval, if it is as it must be and says something new: from then on it is frozen. Needs `pricebook.draft`.
    async fn pricebook_draft_submit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which revision.")] input: PricebookDraftSubmitInput,
    ) -> Result<Option<PricebookDraftSubmitPayload>> {
        let (platform, now, expected) = (author(ctx)?, asking(ctx)?.now, input.expected_revision);
        let submit = async move |mut conn, platform| pricing::submit(&mut conn, &platform, expected, now).await;
        let done = house(ctx)?.write_all(platform.clone(), submit).await?;
        let Outcome { draft, since, user_errors, .. } = Outcome::of(ctx, &platform, done, Some(expected)).await?;
        Ok(Some(PricebookDraftSubmitPayload { draft, since, user_errors }))
    }

    /// Opens a submitted draft for changes again; an approval is void from then on. Needs `pricebook.draft` or `pricebook.approve`.
    async fn pricebook_draft_reopen(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which revision, and why.")] input: PricebookDraftReopenInput,
    ) -> Result<Option<PricebookDraftReopenPayload>> {
        let (platform, now, expected) = (platform(ctx, Permission::PricebookDraft)?, asking(ctx)?.now, input.expected_revision);
        if platform.require(Permission::PricebookApprove).is_err() {
            platform.require(Permission::PricebookDraft).map_err(failed)?;
        }
        let outcome = match optional("comment", input.comment.as_deref().unwrap_or_default(), 500) {
            Err(error) => Outcome::refused(error),
            Ok(comment) => {
                let work = async move |mut conn, platform| {
                    pricing::reopen(&mut conn, &platform, expected, comment.as_deref(), now).await
                };
                let done = house(ctx)?.write_all(platform.clone(), work).await?;
                Outcome::of(ctx, &platform, done, Some(expected)).await?
            }
        };
        let Outcome { draft, since, user_errors, .. } = outcome;
        Ok(Some(PricebookDraftReopenPayload { draft, since, user_errors }))
    }

    /// Throws the draft away; what was done with it stays in the history. Needs `pricebook.draft`.
    async fn pricebook_draft_discard(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which revision.")] input: PricebookDraftDiscardInput,
    ) -> Result<Option<PricebookDraftDiscardPayload>> {
        let (platform, now, expected) = (author(ctx)?, asking(ctx)?.now, input.expected_revision);
        let discard = async move |mut conn, platform| pricing::discard(&mut conn, &platform, expected, now).await;
        let done = house(ctx)?.write_all(platform.clone(), discard).await?;
        let Outcome { draft, since, user_errors, .. } = Outcome::of(ctx, &platform, done, Some(expected)).await?;
        Ok(Some(PricebookDraftDiscardPayload { draft, since, user_errors }))
    }
}
