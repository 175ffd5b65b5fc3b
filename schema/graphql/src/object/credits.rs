//! What a tenant has of AI credits.

use std::sync::Arc;

use async_graphql::{Context, Object, Result, SimpleObject};
use frontoffice_domain::{
    clock::Instant,
    credit,
    pricing::{Action, rules::hex},
};

use super::tenant::Place;
use crate::{
    connection::Connection,
    context::{asking, house},
    error::refuse,
    kind::{AuditActorKind, ChargedAction, CreditEntryKind, CreditGrantKind, CreditUsageBy, RefundReason},
    object::{
        pricebook::Rate,
        spending::{CreditCap, CreditProjection, CreditUsage},
    },
    paging::{Window, connection},
    scalar::{Credits, DateTime, Money, Uuid},
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

/// A stretch of time that can be asked for.
pub(crate) fn stretch(from: DateTime, to: DateTime) -> Result<(Instant, Instant)> {
    let (from, to) = (from.0, to.0);
    if from >= to || to.since(from) > credit::LONGEST_USAGE {
        return Err(refuse("INPUT_INVALID", "`to` must be later than `from`, by 400 days at most."));
    }
    Ok((from, to))
}

/// A block of credits that still has something.
#[derive(SimpleObject)]
pub(crate) struct CreditGrant {
    /// Which one it is.
    uuid: Uuid,
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
            uuid: Uuid(grant.id.uuid()),
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
    /// The block it is about.
    grant_uuid: Uuid,
    /// When it took effect.
    occurred_at: DateTime,
    /// What kind of caller is behind it; null where nobody is.
    actor: Option<AuditActorKind>,
    /// Who that is.
    actor_uuid: Option<Uuid>,
    /// Why, if somebody said so.
    reason: Option<String>,
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
            grant_uuid: Uuid(entry.grant_id.uuid()),
            occurred_at: DateTime(entry.occurred_at),
            actor: entry.actor.as_ref().map(|actor| actor.kind.into()),
            actor_uuid: entry.actor.and_then(|actor| actor.id).map(Uuid),
            reason: entry.reason,
        }
    }
}

/// What a turn was charged; it never changes.
#[derive(SimpleObject)]
pub(crate) struct Charge {
    /// What it was charged as.
    action: ChargedAction,
    /// What was charged, `overage` included.
    credits: Credits,
    /// What of that was beyond what was held, because the plan sells it.
    overage: Credits,
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
    /// SHA-256 over the canonical JSON of that version, in hexadecimal.
    content_hash: String,
    /// When it was metered.
    created_at: DateTime,
    /// What was given back of it; null if nothing was.
    refund: Option<Refund>,
}

/// What was given back of a charge.
#[derive(SimpleObject)]
pub(crate) struct Refund {
    /// Why.
    reason: RefundReason,
    /// How much of the charge, in percent.
    percent: u32,
    /// How much that is.
    credits: Credits,
    /// When.
    created_at: DateTime,
}

impl From<credit::Refund> for Refund {
    fn from(refund: credit::Refund) -> Self {
        let credit::Refund { turn_id: _, reason, percent, amount, created_at } = refund;
        Self { reason: reason.into(), percent, credits: Credits(amount), created_at: DateTime(created_at) }
    }
}

/// What was taken of a block of credits.
#[derive(SimpleObject)]
pub(crate) struct CreditDraw {
    /// The block.
    grant_uuid: Uuid,
    /// Why it was granted.
    kind: CreditGrantKind,
    /// How much of it.
    credits: Credits,
}

/// How a charge came to be, reckoned once more from what it was made of.
#[derive(SimpleObject)]
pub(crate) struct ChargeExplanation {
    /// The charge.
    charge: Charge,
    /// The visitor's message that was answered; null if it is no more.
    question_uuid: Option<Uuid>,
    /// The answer.
    answer_uuid: Option<Uuid>,
    /// The model that answered; null if none did.
    model: Option<String>,
    /// The rate it was charged by, as the version says it.
    rate: Rate,
    /// What was set aside for it.
    held: Credits,
    /// Out of which blocks it was taken, in that order.
    draws: Vec<CreditDraw>,
    /// Everything the ledger says of it, in its order.
    entries: Vec<CreditEntry>,
    /// What it costs, reckoned anew by that rate.
    recomputed: Credits,
    /// Whether that is what was rated then, and what was charged follows from it.
    matches: bool,
}

impl From<credit::Explanation> for ChargeExplanation {
    fn from(its: credit::Explanation) -> Self {
        let matches = its.matches();
        let draw = |(draw, kind): (credit::rules::Draw, credit::GrantKind)| CreditDraw {
            grant_uuid: Uuid(draw.id.uuid()),
            kind: kind.into(),
            credits: Credits(draw.amount),
        };
        Self {
            charge: its.charge.into(),
            question_uuid: its.question.map(|id| Uuid(id.uuid())),
            answer_uuid: its.answer.map(|id| Uuid(id.uuid())),
            model: its.model,
            rate: its.rate.into(),
            held: Credits(its.held),
            draws: its.draws.into_iter().map(draw).collect(),
            entries: its.entries.into_iter().map(Into::into).collect(),
            recomputed: Credits(its.recomputed),
            matches,
        }
    }
}

/// How what a plan sells beyond its credits stands in the running period.
#[derive(SimpleObject)]
pub(crate) struct OverageLeft {
    /// The most that may be used of it.
    limit: Credits,
    /// What was used of it.
    used: Credits,
    /// What is set aside of it for turns at work.
    held: Credits,
    /// What that comes to so far.
    due: Money,
}

impl From<credit::Charge> for Charge {
    fn from(charge: credit::Charge) -> Self {
        let action: Action = charge.action;
        Self {
            action: action.into(),
            credits: Credits(charge.charged()),
            overage: Credits(charge.overage),
            rated: Credits(charge.rated),
            absorbed: Credits(charge.absorbed),
            prompt_tokens: charge.prompt_tokens,
            completion_tokens: charge.completion_tokens,
            estimated: charge.estimated,
            pricebook_version: charge.pricebook_version,
            content_hash: hex(&charge.content_hash),
            created_at: DateTime(charge.created_at),
            refund: charge.refund.map(Into::into),
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

    /// What the plan sells beyond its credits, none of which is in the other numbers; null if it sells nothing and stops there.
    async fn overage(&self) -> Option<OverageLeft> {
        let credit::OverageLeft { limit, used, held, due } = self.summary.overage?;
        Some(OverageLeft { limit: Credits(limit), used: Credits(used), held: Credits(held), due: due.into() })
    }

    /// What credits were used for between two moments: by day in their order, by anything else those that took most first; 400 of them at most.
    #[graphql(complexity = "100 * child_complexity")]
    async fn usage(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is grouped by.")] by: CreditUsageBy,
        #[graphql(desc = "From when.")] from: DateTime,
        #[graphql(desc = "Until when, not included; at most 400 days later.")] to: DateTime,
    ) -> Result<Vec<CreditUsage>> {
        let time = stretch(from, to)?;
        let read = async move |mut conn, scope| credit::usage(&mut conn, &scope, by.into(), time).await;
        Ok(house(ctx)?.read(&self.place.scope, read).await?.into_iter().map(Into::into).collect())
    }

    /// What answers may take at most besides what there is.
    #[graphql(complexity = "20 * child_complexity")]
    async fn caps(&self, ctx: &Context<'_>) -> Result<Vec<CreditCap>> {
        let now = asking(ctx)?.now;
        let read = async move |mut conn, scope| credit::caps(&mut conn, &scope, now).await;
        let caps = house(ctx)?.read(&self.place.scope, read).await?;
        Ok(caps.into_iter().map(|cap| CreditCap::new(&self.place, cap)).collect())
    }

    /// When credits run out at the pace of the last fortnight; null where there is not one whole day to judge by.
    #[graphql(complexity = "20 + child_complexity")]
    async fn projection(&self, ctx: &Context<'_>) -> Result<Option<CreditProjection>> {
        let now = asking(ctx)?.now;
        let project = async move |mut conn, scope| credit::projection(&mut conn, &scope, now).await;
        Ok(house(ctx)?.write(&self.place.scope, project).await?.map(Into::into))
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

    /// How a turn's charge came to be: tokens, rate, version, blocks and entries, reckoned once more; null until it was metered.
    #[graphql(complexity = "20 + 20 * child_complexity")]
    async fn explain_charge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The turn, as answers and entries name it.")] turn_id: Uuid,
    ) -> Result<Option<ChargeExplanation>> {
        let explain = async move |mut conn, scope| credit::explain(&mut conn, &scope, turn_id.0.into()).await;
        Ok(house(ctx)?.read(&self.place.scope, explain).await?.map(Into::into))
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
