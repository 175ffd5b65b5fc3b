//! Changing what a tenant is on.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use frontoffice_domain::{
    credit::{self, Switch, SwitchRefusal, Switched},
    identity::Permission,
};

use super::{UserError, UserErrorCode, conflict, key_reused, once, place};
use crate::{
    context::{asking, house},
    error::failed,
    kind::SubscriptionTiming,
    object::{subscription::Subscription, tenant::Place},
};

/// To which plan a tenant goes over, and when.
#[derive(InputObject)]
pub(crate) struct SubscriptionChangeInput {
    /// The tenant.
    tenant: ID,
    /// The plan, by its key in the pricebook in force. The one it is on takes back that it was to go over to another at renewal.
    plan: String,
    /// When. Now, the rest of the period is charged and granted in proportion; a plan that costs or gives less waits for the renewal.
    timing: SubscriptionTiming,
    /// The revision that was looked at: if there is a newer one, nothing is changed.
    expected_revision: Option<i64>,
    /// The version of the pricebook whose offer was looked at, as `changePreview` says it: if another is in force by now, nothing is changed.
    expected_pricebook_version: Option<i32>,
    /// The caller's own key for this change: sent again, it is not made twice.
    idempotency_key: Option<String>,
}

/// Whether it was changed.
#[derive(Default, SimpleObject)]
pub(crate) struct SubscriptionChangePayload {
    /// The subscription as it is now, also where somebody else has changed it meanwhile; null if nothing was done.
    subscription: Option<Subscription>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Whose subscription is to end.
#[derive(InputObject)]
pub(crate) struct SubscriptionCancelInput {
    /// The tenant.
    tenant: ID,
    /// The revision that was looked at: if there is a newer one, nothing is changed.
    expected_revision: Option<i64>,
}

/// Whether it ends.
#[derive(Default, SimpleObject)]
pub(crate) struct SubscriptionCancelPayload {
    /// The subscription as it is now, also where somebody else has changed it meanwhile; null if nothing was done.
    subscription: Option<Subscription>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Whose subscription is to go on.
#[derive(InputObject)]
pub(crate) struct SubscriptionResumeInput {
    /// The tenant.
    tenant: ID,
    /// The revision that was looked at: if there is a newer one, nothing is changed.
    expected_revision: Option<i64>,
}

/// Whether it goes on.
#[derive(Default, SimpleObject)]
pub(crate) struct SubscriptionResumePayload {
    /// The subscription as it is now, also where somebody else has changed it meanwhile; null if nothing was done.
    subscription: Option<Subscription>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Changes what tenants are on.
#[derive(Default)]
pub(crate) struct Subscriptions;

impl UserError {
    /// Why a subscription was not changed.
    pub(crate) fn of_switch(refusal: &SwitchRefusal) -> Self {
        use UserErrorCode as Code;
        match refusal {
            SwitchRefusal::NoSubscription => Self::at("tenant", Code::NotFound, "The tenant has no subscription."),
            SwitchRefusal::NoSuchPlan(plans) => {
                let plans = plans.iter().map(|plan| format!("`{plan}`")).collect::<Vec<_>>().join(", ");
                Self::at("plan", Code::PlanUnknown, format!("The prices in force have no plan of this key; they have {plans}."))
            }
            SwitchRefusal::Stale(_) => conflict(),
            SwitchRefusal::OtherPrices(number) => {
                let message = format!(
                    "The prices in force are those of version {number} by now: look at what the change comes to once more."
                );
                Self::at("expectedPricebookVersion", Code::PricesChanged, message)
            }
            SwitchRefusal::OnItAlready => Self::at("plan", Code::Unchanged, "The tenant is on this plan already."),
            SwitchRefusal::OnlyAtRenewal => {
                let message = "It costs less, gives fewer credits or is priced in another currency than the plan the tenant is on: that can \
                    only begin with the next period.";
                Self::at("timing", Code::OnlyAtRenewal, message)
            }
            SwitchRefusal::OnlyNow => {
                Self::at("timing", Code::OnlyNow, "A trial, or what has ended, has no next period: the plan can only begin now.")
            }
            SwitchRefusal::Cancelled => {
                Self::at("tenant", Code::Cancelled, "The subscription was cancelled and ends with its period: resume it first.")
            }
            SwitchRefusal::EndsAnyway => Self::at(
                "tenant",
                Code::EndsAnyway,
                "A trial ends by itself, and so does what has ended: there is nothing to cancel.",
            ),
            SwitchRefusal::NotCancelled => Self::at(
                "tenant",
                Code::NotCancelled,
                "The subscription was not cancelled, or has ended: there is nothing to resume.",
            ),
            SwitchRefusal::KeyReused => key_reused(),
        }
    }
}

/// The subscription after a change, and why it was not changed.
fn outcome(place: &std::sync::Arc<Place>, done: Switched) -> (Option<Subscription>, Vec<UserError>) {
    match done {
        Ok(its) => (Some(Subscription::new(place, its)), Vec::new()),
        Err(refusal) => {
            let errors = vec![UserError::of_switch(&refusal)];
            let there = if let SwitchRefusal::Stale(its) = refusal { Some(Subscription::new(place, *its)) } else { None };
            (there, errors)
        }
    }
}

/// Cancels, or takes that back.
async fn set_end(
    ctx: &Context<'_>,
    tenant: &ID,
    expected: Option<i64>,
    ends: bool,
) -> Result<(Option<Subscription>, Vec<UserError>)> {
    let place = match place(ctx, Some(tenant)).await? {
        Ok(place) => place,
        Err(error) => return Ok((None, vec![error])),
    };
    let now = asking(ctx)?.now;
    let work = async move |mut conn, scope| {
        if ends {
            credit::cancel(&mut conn, &scope, expected, now).await
        } else {
            credit::resume_plan(&mut conn, &scope, expected, now).await
        }
    };
    Ok(outcome(&place, house(ctx)?.write(&place.scope, work).await?))
}

/// Changes what tenants are on.
#[Object]
impl Subscriptions {
    /// Goes over to another plan, as it is offered now: at once, or when the next period begins. `PlanSubscription.changePreview` says first what
    /// that comes to. Needs `tenant.manage`.
    async fn subscription_change(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To which plan, and when.")] input: SubscriptionChangeInput,
    ) -> Result<Option<SubscriptionChangePayload>> {
        let refuse = |error| Ok(Some(SubscriptionChangePayload { user_errors: vec![error], ..Default::default() }));
        let place = match place(ctx, Some(&input.tenant)).await? {
            Ok(place) => place,
            Err(error) => return refuse(error),
        };
        place.scope.require(Permission::TenantManage).map_err(failed)?;
        let once = match once(ctx, input.idempotency_key.as_deref())? {
            Ok(once) => once,
            Err(error) => return refuse(error),
        };
        let now = asking(ctx)?.now;
        let switch = Switch {
            plan: input.plan,
            when: input.timing.into(),
            expected: input.expected_revision,
            seen: input.expected_pricebook_version,
            once,
        };
        let work = async move |mut conn, scope| credit::switch(&mut conn, &scope, &switch, now).await;
        let (subscription, user_errors) = outcome(&place, house(ctx)?.write(&place.scope, work).await?);
        Ok(Some(SubscriptionChangePayload { subscription, user_errors }))
    }

    /// Ends a subscription with its running period; asked again, nothing changes. Needs `tenant.manage`.
    async fn subscription_cancel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] input: SubscriptionCancelInput,
    ) -> Result<Option<SubscriptionCancelPayload>> {
        let (subscription, user_errors) = set_end(ctx, &input.tenant, input.expected_revision, true).await?;
        Ok(Some(SubscriptionCancelPayload { subscription, user_errors }))
    }

    /// Takes that back, as long as the period runs. Needs `tenant.manage`.
    async fn subscription_resume(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] input: SubscriptionResumeInput,
    ) -> Result<Option<SubscriptionResumePayload>> {
        let (subscription, user_errors) = set_end(ctx, &input.tenant, input.expected_revision, false).await?;
        Ok(Some(SubscriptionResumePayload { subscription, user_errors }))
    }
}
