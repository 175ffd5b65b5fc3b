//! What a tenant has of AI credits.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use frontoffice_domain::{credit, pricing::Action};

use super::tenant::Place;
use crate::{
    connection::Connection,
    context::{asking, house},
    kind::{ChargedAction, CreditEntryKind, CreditGrantKind},
    paging::{Window, connection},
    scalar::{Credits, DateTime, Uuid},
};

/// The list of an account's entries, in cursors.
const ENTRIES: &str = "creditEntries";

/// What a tenant has and is on.
pub(crate) struct CreditAccount {
    place: Arc<Place>,
    summary: credit::Summary,
}

impl CreditAccount {
    /// The account as it is now; what is due by now happens first.
    pub(crate) async fn of(ctx: &Context<'_>, place: &Arc<Place>) -> Result<Option<Self>> {
        let now = asking(ctx)?.now;
        let summary =
            house(ctx)?.write(&place.scope, async move |mut conn, scope| credit::summary(&mut conn, &scope, now).await).await?;
        Ok(summary.map(|summary| Self { place: Arc::clone(place), summary }))
    }
}

/// A block of credits that still has something.
#[derive(SimpleObject)]
pub(crate) struct CreditGrant {
    /// Why it was granted.
    kind: CreditGrantKind,
    /// How much was granted.
    amount: Credits,
    /// What was neither taken nor has expired.
    remaining: Credits,
    /// What of that is set aside for turns at work.
    held: Credits,
    /// Lower is used up first.
    priority: i32,
    /// From when it may be used.
    effective_from: DateTime,
    /// Until when; null is for ever.
    expires_at: Option<DateTime>,
}

impl From<credit::Grant> for CreditGrant {
    fn from(grant: credit::Grant) -> Self {
        Self {
            kind: grant.kind.into(),
            amount: Credits(grant.amount),
            remaining: Credits(grant.remaining),
            held: Credits(grant.held),
            priority: grant.priority.into(),
            effective_from: DateTime(grant.effective_from),
            expires_at: grant.expires_at.map(DateTime),
        }
    }
}

/// An entry of the ledger; it never changes.
#[derive(SimpleObject)]
pub(crate) struct CreditEntry {
    /// Its number in the account, from 1 and without a gap.
    number: i64,
    /// What it did.
    kind: CreditEntryKind,
    /// With how much.
    amount: Credits,
    /// The balance after it.
    balance_after: Credits,
    /// What is held after it.
    held_after: Credits,
    /// The turn it is about.
    turn_id: Option<Uuid>,
    /// The version of the pricebook it follows from.
    pricebook_version: Option<i32>,
    /// When it took effect.
    occurred_at: DateTime,
}

impl CreditEntry {
    fn place(&self) -> i64 {
        self.number
    }
}

impl From<credit::Entry> for CreditEntry {
    fn from(entry: credit::Entry) -> Self {
        Self {
            number: entry.number,
            kind: entry.kind.into(),
            amount: Credits(entry.amount),
            balance_after: Credits(entry.balance_after),
            held_after: Credits(entry.held_after),
            turn_id: entry.turn_id.map(|id| Uuid(id.uuid())),
            pricebook_version: entry.pricebook_version,
            occurred_at: DateTime(entry.occurred_at),
        }
    }
}

/// What a turn was charged; it never changes.
#[derive(SimpleObject)]
pub(crate) struct Charge {
    /// What it was charged as.
    action: ChargedAction,
    /// What was charged.
    credits: Credits,
    /// What it costs by the prices.
    rated: Credits,
    /// What of that was not charged, because it is more than was held.
    absorbed: Credits,
    /// Tokens read; null if no language model was asked.
    prompt_tokens: Option<i32>,
    /// Tokens written; null if no language model was asked.
    completion_tokens: Option<i32>,
    /// Whether the tokens are our own count, because the provider did not say.
    estimated: bool,
    /// The version of the pricebook it was rated by.
    pricebook_version: i32,
    /// When it was metered.
    created_at: DateTime,
}

impl From<credit::Charge> for Charge {
    fn from(charge: credit::Charge) -> Self {
        let action: Action = charge.action;
        Self {
            action: action.into(),
            credits: Credits(charge.captured),
            rated: Credits(charge.rated),
            absorbed: Credits(charge.absorbed),
            prompt_tokens: charge.prompt_tokens,
            completion_tokens: charge.completion_tokens,
            estimated: charge.estimated,
            pricebook_version: charge.pricebook_version,
            created_at: DateTime(charge.created_at),
        }
    }
}

/// What a tenant has of AI credits, and what it is on.
#[Object]
impl CreditAccount {
    /// The key of the plan it is on.
    async fn plan(&self) -> &str {
        &self.summary.plan
    }

    /// Whether the plan is only tried.
    async fn trial(&self) -> bool {
        self.summary.trial
    }

    /// The version of the pricebook it is on.
    async fn pricebook_version(&self) -> i32 {
        self.summary.pricebook_version
    }

    /// When the running period began.
    async fn period_start(&self) -> DateTime {
        DateTime(self.summary.period_from)
    }

    /// When it ends; then a plan's credits are granted anew.
    async fn period_end(&self) -> DateTime {
        DateTime(self.summary.period_to)
    }

    /// What it has, set aside or not.
    async fn balance(&self) -> Credits {
        Credits(self.summary.balance)
    }

    /// What of that is set aside for turns at work.
    async fn held(&self) -> Credits {
        Credits(self.summary.held)
    }

    /// What can be set aside for further turns.
    async fn available(&self) -> Credits {
        Credits(self.summary.available)
    }

    /// The blocks that still have something, the oldest first.
    #[graphql(complexity = "20 * child_complexity")]
    async fn grants(&self, ctx: &Context<'_>) -> Result<Vec<CreditGrant>> {
        let grants = house(ctx)?.read(&self.place.scope, async |mut conn, scope| credit::grants(&mut conn, &scope).await).await?;
        Ok(grants.into_iter().map(Into::into).collect())
    }

    /// The ledger, the newest entry first.
    async fn entries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<CreditEntry>>> {
        let house = house(ctx)?;
        let page = Window { first, last, after, before }.page(&house.key, &self.place.list(ENTRIES))?;
        let slice =
            house.read(&self.place.scope, async move |mut conn, scope| credit::entries(&mut conn, &scope, page).await).await?;
        Ok(Some(connection(slice.map(CreditEntry::from), &house.key, &self.place.list(ENTRIES), CreditEntry::place)))
    }

    /// What a turn was charged; null until it was metered.
    async fn charge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The turn, as answers and entries name it.")] turn_id: Uuid,
    ) -> Result<Option<Charge>> {
        let charge = house(ctx)?
            .read(&self.place.scope, async move |mut conn, scope| credit::charge_of(&mut conn, &scope, turn_id.0.into()).await)
            .await?;
        Ok(charge.map(Into::into))
    }
}
