//! The prices somebody is working on.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use frontoffice_domain::{
    pricing::{self, Sight, rules, rules::hex},
    tenancy::Platform,
};
use futures_util::FutureExt;

use super::{
    pricebook::{Plan, PlanOverage, PlanRollover, Rate, RefundRule, TopUp, Trial},
    pricebook_step::PricebookStep,
};
use crate::{
    context::{asking, house},
    kind::{PricebookDifferenceKind, PricebookGuard, PricebookPolicy, PricebookStatus},
    level::Loaded,
    scalar::DateTime,
};

/// Something wrong with a draft, and how to put it right.
#[derive(SimpleObject)]
pub(crate) struct PricebookFlaw {
    /// Where: `plans/pro/list_price`, `rates/answer_written/credits`, `trial/days`.
    path: String,
    /// What was found there, as people write it.
    found: String,
    /// What is allowed there.
    allowed: String,
    /// What to do.
    fix: String,
}

impl From<rules::Flaw> for PricebookFlaw {
    fn from(rules::Flaw { path, found, allowed, fix }: rules::Flaw) -> Self {
        Self { path, found, allowed, fix }
    }
}

/// Something a draft does that people may not have meant.
#[derive(SimpleObject)]
pub(crate) struct PricebookWarning {
    /// What, by the name it is acknowledged by.
    guard: PricebookGuard,
    /// To what: `plans/pro/list_price`, `plans/pro/credits`, `plans/pro`.
    path: String,
    /// What it was, as people write it.
    before: String,
    /// What it is in the draft.
    after: String,
}

impl From<pricing::Warning> for PricebookWarning {
    fn from(pricing::Warning { guard, path, before, after }: pricing::Warning) -> Self {
        Self { guard: guard.into(), path, before, after }
    }
}

/// Something that is different between two pricebooks.
#[derive(SimpleObject)]
pub(crate) struct PricebookDifference {
    /// Of what: `plans/pro/list_price`; `plans/basic` for a whole plan; `plans` for their order.
    path: String,
    /// What happened to it.
    kind: PricebookDifferenceKind,
    /// What it was, as people write it: `USD 249.00`, `75000`, `unlimited`; null if it was not there.
    before: Option<String>,
    /// What it is; null if it is not there any more.
    after: Option<String>,
}

impl From<rules::Difference> for PricebookDifference {
    fn from(rules::Difference { path, kind, before, after }: rules::Difference) -> Self {
        Self { path, kind: kind.into(), before, after }
    }
}

impl PricebookDifference {
    /// Everything that is different.
    pub(crate) fn between(before: &pricing::Pricebook, after: &pricing::Pricebook) -> Vec<Self> {
        rules::differences(before, after).into_iter().map(Into::into).collect()
    }
}

/// The prices somebody is working on.
pub(crate) struct PricebookDraft {
    its: pricing::Draft,
    platform: Platform,
    latest: Loaded<(), Option<pricing::Version>>,
}

impl PricebookDraft {
    /// As who asks may see it.
    pub(crate) fn new(platform: &Platform, its: pricing::Draft) -> Self {
        Self { its, platform: platform.clone(), latest: Loaded::default() }
    }

    /// The version it is compared with: the last that is live, whether or not it has taken effect.
    async fn latest(&self, ctx: &Context<'_>) -> Result<Arc<Option<pricing::Version>>> {
        let (house, now) = (house(ctx)?, asking(ctx)?.now);
        let load = || {
            let read = async move |mut conn, platform| pricing::latest(&mut conn, &Sight::Inside(platform), now).await;
            house.read_all(self.platform.clone(), read).boxed()
        };
        self.latest.get((), load).await
    }
}

/// The prices somebody is working on. There is one draft at most.
#[Object]
impl PricebookDraft {
    /// Which revision it is, for `expectedRevision`: one more with each step.
    async fn revision(&self) -> i64 {
        self.its.revision
    }

    /// How far it is: `DRAFT`, `IN_REVIEW` or `APPROVED`.
    async fn status(&self) -> PricebookStatus {
        self.its.status().into()
    }

    /// SHA-256 over the canonical JSON of what it says, in hexadecimal: what is approved and published.
    async fn content_hash(&self) -> String {
        hex(&self.its.content_hash)
    }

    /// The plans, cheapest first.
    async fn plans(&self) -> Vec<Plan> {
        self.its.pricebook.plans.iter().cloned().map(Into::into).collect()
    }

    /// What actions cost.
    async fn rates(&self) -> Vec<Rate> {
        self.its.pricebook.rates.iter().cloned().map(Into::into).collect()
    }

    /// What new tenants may try.
    async fn trial(&self) -> Trial {
        self.its.pricebook.trial.clone().into()
    }

    /// What plans sell beyond their credits; a plan that is not listed stops at its credits.
    async fn overage(&self) -> Vec<PlanOverage> {
        self.its.pricebook.overage.iter().cloned().map(Into::into).collect()
    }

    /// What plans carry from one month into the next; a plan that is not listed carries nothing.
    async fn rollover(&self) -> Vec<PlanRollover> {
        self.its.pricebook.rollover.iter().cloned().map(Into::into).collect()
    }

    /// What can be bought besides a plan.
    async fn top_ups(&self) -> Vec<TopUp> {
        self.its.pricebook.top_ups.iter().cloned().map(Into::into).collect()
    }

    /// What of a charge is given back, and when.
    async fn refunds(&self) -> Vec<RefundRule> {
        self.its.pricebook.refunds.iter().cloned().map(Into::into).collect()
    }

    /// Why prices change.
    async fn note(&self) -> &str {
        &self.its.note
    }

    /// Whom of those who are customers already it is to reach.
    async fn policy(&self) -> PricebookPolicy {
        self.its.policy.into()
    }

    /// The number of the version it began as.
    async fn based_on(&self) -> i32 {
        self.its.based_on
    }

    /// The number of the earlier version that it brings back; null if it brings back none.
    async fn restored_from(&self) -> Option<i32> {
        self.its.restored_from
    }

    /// When it was begun.
    async fn created_at(&self) -> DateTime {
        DateTime(self.its.created_at)
    }

    /// When its content, note or policy was last changed.
    async fn changed_at(&self) -> DateTime {
        DateTime(self.its.changed_at)
    }

    /// When it was submitted; it is frozen since.
    async fn submitted_at(&self) -> Option<DateTime> {
        self.its.submitted_at.map(DateTime)
    }

    /// When it was approved.
    async fn approved_at(&self) -> Option<DateTime> {
        self.its.approval.map(|approval| DateTime(approval.at))
    }

    /// From when it may be in force, as it was approved; null until it is approved, or if that is when it is published.
    async fn approved_for(&self) -> Option<DateTime> {
        self.its.approval.and_then(|approval| approval.effective.named()).map(DateTime)
    }

    /// Everything wrong with it; empty if it may be submitted.
    async fn flaws(&self) -> Vec<PricebookFlaw> {
        rules::flaws(&self.its.pricebook).into_iter().map(Into::into).collect()
    }

    /// What it does, compared with the last live version and with what providers take, that has to be acknowledged by name.
    async fn warnings(&self, ctx: &Context<'_>) -> Result<Vec<PricebookWarning>> {
        let (now, prices) = (asking(ctx)?.now, self.its.pricebook.clone());
        let read = async move |mut conn, platform| pricing::warnings(&mut conn, &platform, &prices, now).await;
        let warnings = house(ctx)?.read_all(self.platform.clone(), read).await?;
        Ok(warnings.into_iter().map(Into::into).collect())
    }

    /// What is different from the last live version.
    async fn differences(&self, ctx: &Context<'_>) -> Result<Vec<PricebookDifference>> {
        let latest = self.latest(ctx).await?;
        Ok(latest
            .as_ref()
            .as_ref()
            .map(|latest| PricebookDifference::between(&latest.pricebook, &self.its.pricebook))
            .unwrap_or_default())
    }

    /// What was done with it, the newest first, at most 100 of it.
    async fn steps(&self, ctx: &Context<'_>) -> Result<Vec<PricebookStep>> {
        let draft = self.its.id;
        let read = async move |mut conn, platform| pricing::steps_of(&mut conn, &platform, draft).await;
        let steps = house(ctx)?.read_all(self.platform.clone(), read).await?;
        Ok(steps.into_iter().map(PricebookStep).collect())
    }
}
