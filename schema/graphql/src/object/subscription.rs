//! What a tenant is on, and what that costs.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use frontoffice_domain::{clock::Instant, credit};

use super::{
    statement::{Statement, StatementLine},
    tenant::Place,
};
use crate::{
    connection::Connection,
    context::{asking, house},
    kind::SubscriptionTiming,
    mutation::UserError,
    paging::{Window, connection},
    scalar::{Credits, DateTime, Money},
};

/// The list of a tenant's statements, in cursors.
const STATEMENTS: &str = "statements";

/// What a change of plan would come to, had it been made.
#[derive(SimpleObject)]
pub(crate) struct SubscriptionChangePreview {
    /// From when the plan would be on.
    effective_from: DateTime,
    /// What a month of it costs as it is offered now.
    list_price: Money,
    /// The version of the pricebook that offers it: said with the change, it is made at these prices or not at all.
    pricebook_version: i32,
    /// What would be added to the running period's statement.
    lines: Vec<StatementLine>,
    /// The sum of that.
    due: Money,
    /// How many credits would be granted at once.
    credits: Credits,
}

impl From<credit::SwitchPreview> for SubscriptionChangePreview {
    fn from(its: credit::SwitchPreview) -> Self {
        Self {
            effective_from: DateTime(its.effective_from),
            list_price: its.list_price.into(),
            pricebook_version: its.pricebook_version,
            lines: its.lines.into_iter().map(Into::into).collect(),
            due: its.due.into(),
            credits: Credits(its.credits),
        }
    }
}

/// What a change of plan would come to, or why it could not be made.
#[derive(SimpleObject)]
pub(crate) struct SubscriptionChangePreviewPayload {
    /// What it would come to; null if it could not be made.
    preview: Option<SubscriptionChangePreview>,
    /// Why it could not be made, as `subscriptionChange` would say; the field is the argument.
    user_errors: Vec<UserError>,
}

/// What a tenant is on.
pub(crate) struct Subscription {
    place: Arc<Place>,
    its: credit::Subscription,
}

impl Subscription {
    pub(crate) fn new(place: &Arc<Place>, its: credit::Subscription) -> Self {
        Self { place: Arc::clone(place), its }
    }
}

/// What a tenant is on.
#[Object(name = "PlanSubscription")]
impl Subscription {
    /// The plan's key.
    async fn plan(&self) -> &str {
        &self.its.plan
    }

    /// The plan's name for people.
    async fn plan_name(&self) -> &str {
        &self.its.plan_name
    }

    /// What a month of it costs at the version it is on.
    async fn list_price(&self) -> Money {
        self.its.list_price.into()
    }

    /// The version of the pricebook it is on.
    async fn pricebook_version(&self) -> i32 {
        self.its.pricebook_version
    }

    /// Whether the plan is only tried.
    async fn trial(&self) -> bool {
        self.its.trial
    }

    /// The day of the month on which periods begin; the last day where a month has no such day.
    async fn anchor_day(&self) -> i32 {
        self.its.anchor_day.into()
    }

    /// Since when.
    async fn started_at(&self) -> DateTime {
        DateTime(self.its.started_at)
    }

    /// Until when; null is until somebody ends it.
    async fn ends_at(&self) -> Option<DateTime> {
        self.its.ends_at.map(DateTime)
    }

    /// Whether that is over.
    async fn ended(&self) -> bool {
        self.its.is_over
    }

    /// The key of the plan it goes on with from the next period; null if it stays on what it is.
    async fn next_plan(&self) -> Option<&str> {
        self.its.next_plan.as_deref()
    }

    /// When the running period began; the last one, if it is over.
    async fn period_start(&self) -> DateTime {
        DateTime(self.its.period.0)
    }

    /// When it ends; that instant is not part of it.
    async fn period_end(&self) -> DateTime {
        DateTime(self.its.period.1)
    }

    /// Which revision it is, for `expectedRevision`.
    async fn revision(&self) -> i64 {
        self.its.revision
    }

    /// What going over to a plan would come to. Nothing is changed.
    async fn change_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The plan, by its key in the pricebook in force.")] plan: String,
        #[graphql(desc = "When.")] timing: SubscriptionTiming,
    ) -> Result<Option<SubscriptionChangePreviewPayload>> {
        let now = asking(ctx)?.now;
        let preview = async move |mut conn, scope| credit::preview_switch(&mut conn, &scope, &plan, timing.into(), now).await;
        Ok(Some(match house(ctx)?.write(&self.place.scope, preview).await? {
            Ok(preview) => SubscriptionChangePreviewPayload { preview: Some(preview.into()), user_errors: Vec::new() },
            Err(refusal) => SubscriptionChangePreviewPayload {
                preview: None,
                user_errors: vec![UserError::of_switch(&refusal).of_argument()],
            },
        }))
    }

    /// What its periods cost that are over, the newest first.
    async fn statements(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Statement>>> {
        let (house, now, list) = (house(ctx)?, asking(ctx)?.now, self.place.list(STATEMENTS));
        let page = Window { first, last, after, before }.page::<Instant>(&house.key, &list)?;
        let read = async move |mut conn, scope| credit::statements(&mut conn, &scope, page, now).await;
        let slice = house.write(&self.place.scope, read).await?;
        Ok(Some(connection(slice.map(Statement::from), &house.key, &list, Statement::place)))
    }

    /// What the running period costs so far; null if nothing is subscribed any more.
    async fn running_statement(&self, ctx: &Context<'_>) -> Result<Option<Statement>> {
        let now = asking(ctx)?.now;
        let read = async move |mut conn, scope| credit::running(&mut conn, &scope, now).await;
        Ok(house(ctx)?.write(&self.place.scope, read).await?.map(Into::into))
    }
}
