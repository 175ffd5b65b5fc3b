//! Credits that are bought, given, put right, taken back, or given back.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use frontoffice_domain::{
    credit::{self, Bought, Correction, Given, GrantKind, Refunded, Refusal},
    identity::Permission,
    money,
};

use super::{Refusable, UserError, UserErrorCode as Code, key_reused, once, place, short};
use crate::{
    context::{asking, house},
    error::failed,
    object::credits::{CreditAccount, CreditGrant, Refund},
    scalar::{Credits, DateTime, Uuid},
};

/// Which top-up is bought.
#[derive(InputObject)]
pub(crate) struct TopUpCreateInput {
    /// The tenant.
    tenant: ID,
    /// The top-up, by its key in the version the tenant's period is billed by.
    top_up: String,
    /// The caller's own key for this purchase: sent again, nothing is bought twice.
    idempotency_key: String,
}

/// What was bought.
#[derive(Default, SimpleObject)]
pub(crate) struct TopUpCreatePayload {
    /// The credits; null if nothing was bought.
    grant: Option<CreditGrant>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Credits that nobody pays for.
#[derive(InputObject)]
pub(crate) struct CreditGrantCreateInput {
    /// The tenant.
    tenant: ID,
    /// How many; more than 0.
    credits: Credits,
    /// Whether they make something good; else they are given away.
    correction: Option<bool>,
    /// Until when they can be used; null is without end.
    expires_at: Option<DateTime>,
    /// Lower is used up first, -1000 to 1000; a plan's own credits have 0.
    priority: Option<i32>,
    /// Why, 1 to 500 characters on one line; the ledger says it.
    reason: String,
    /// The caller's own key for this: sent again, nothing is given twice.
    idempotency_key: String,
}

/// What was given.
#[derive(Default, SimpleObject)]
pub(crate) struct CreditGrantCreatePayload {
    /// The credits; null if nothing was given.
    grant: Option<CreditGrant>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// What of a block is taken back.
#[derive(InputObject)]
pub(crate) struct CreditGrantVoidInput {
    /// The tenant.
    tenant: ID,
    /// The block.
    grant_uuid: Uuid,
    /// Why, 1 to 500 characters on one line; the ledger says it.
    reason: String,
}

/// Whether it was taken back.
#[derive(Default, SimpleObject)]
pub(crate) struct CreditGrantVoidPayload {
    /// The block as it is now; null if nothing was done.
    grant: Option<CreditGrant>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// What puts an account right.
#[derive(InputObject)]
pub(crate) struct CreditAdjustInput {
    /// The tenant.
    tenant: ID,
    /// How many credits are added; less than 0 takes them away.
    credits: Credits,
    /// Why, 1 to 500 characters on one line; the ledger says it.
    reason: String,
    /// The caller's own key for this: sent again, nothing is done twice.
    idempotency_key: String,
}

/// Whether it was put right.
#[derive(Default, SimpleObject)]
pub(crate) struct CreditAdjustPayload {
    /// The account as it is now; null if nothing was done.
    credits: Option<CreditAccount>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Which answer was found wrong.
#[derive(InputObject)]
pub(crate) struct ChargeRefundInput {
    /// The tenant.
    tenant: ID,
    /// The turn that gave it.
    turn_id: Uuid,
}

/// What was given back.
#[derive(Default, SimpleObject)]
pub(crate) struct ChargeRefundPayload {
    /// What was given back of the charge, now or before; null if nothing was.
    refund: Option<Refund>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Changes what tenants have of credits.
#[derive(Default)]
pub(crate) struct CreditChanges;

impl UserError {
    fn of_account(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::NoPlan => Self::at("tenant", Code::NotFound, "The tenant has no plan now, or only tries one."),
            Refusal::NoSuchTopUp(keys) => {
                let keys = keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
                let there = if keys.is_empty() { "no top-ups".to_owned() } else { keys };
                Self::at(
                    "topUp",
                    Code::TopUpUnknown,
                    format!("The prices of the tenant's period have no such top-up; they have {there}."),
                )
            }
            Refusal::NoSuchGrant => Self::not_found("grantUuid"),
            Refusal::NothingLeft => {
                Self::at("grantUuid", Code::NothingLeft, "Nothing of it is left, or turns at work hold all of that.")
            }
            Refusal::EndsBefore => Self::at("expiresAt", Code::Invalid, "It must be later than now."),
            Refusal::NotSoMuch(has) => {
                let message = format!("There are only {} credits that nobody holds.", has.decimal());
                Self::at("credits", Code::NotSoMuch, message)
            }
            Refusal::KeyReused => key_reused(),
        }
    }
}

/// What a block became, and why nothing was done.
fn outcome(done: Bought) -> (Option<CreditGrant>, Vec<UserError>) {
    match done {
        Ok(grant) => (grant.map(Into::into), Vec::new()),
        Err(refusal) => (None, vec![UserError::of_account(&refusal)]),
    }
}

/// The most that is given or put right at once: more is a slip of the pen, and sums of it could not be written down.
const MOST: money::Credits = money::Credits::from_micro(1_000_000_000_000_000);

fn credits(amount: &Credits, negative: bool) -> Refusable<money::Credits> {
    let (amount, least) = (amount.0, money::Credits::from_micro(if negative { MOST.micro().saturating_neg() } else { 0 }));
    if amount == money::Credits::ZERO || amount < least || amount > MOST {
        let message = format!("It must be another number than 0, from {} to {}.", least.decimal(), MOST.decimal());
        return Err(UserError::at("credits", Code::Invalid, message));
    }
    Ok(amount)
}

fn priority(priority: Option<i32>) -> Refusable<i16> {
    let given = i16::try_from(priority.unwrap_or(0)).ok().filter(|given| (-1_000..=1_000).contains(given));
    given.ok_or_else(|| UserError::at("priority", Code::Invalid, "It must be -1000 to 1000."))
}

fn given(input: &CreditGrantCreateInput) -> Refusable<Given> {
    Ok(Given {
        kind: if input.correction.unwrap_or(false) { GrantKind::Correction } else { GrantKind::Promotion },
        amount: credits(&input.credits, false)?,
        expires_at: input.expires_at.as_ref().map(|at| at.0),
        priority: priority(input.priority)?,
        reason: short("reason", &input.reason, 500)?,
    })
}

/// Changes what tenants have of credits.
#[Object]
impl CreditChanges {
    /// Buys a top-up; it stands on the statement of the running period. Needs `tenant.manage`.
    async fn top_up_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, for whom.")] input: TopUpCreateInput,
    ) -> Result<Option<TopUpCreatePayload>> {
        let refuse = |error| Ok(Some(TopUpCreatePayload { user_errors: vec![error], ..Default::default() }));
        let place = match place(ctx, Some(&input.tenant)).await? {
            Ok(place) => place,
            Err(error) => return refuse(error),
        };
        place.scope.require(Permission::TenantManage).map_err(failed)?;
        let once = match once(ctx, Some(&input.idempotency_key))? {
            Ok(once) => once,
            Err(error) => return refuse(error),
        };
        let (now, key) = (asking(ctx)?.now, input.top_up);
        let work = async move |mut conn, scope| credit::top_up(&mut conn, &scope, &key, once.as_ref(), now).await;
        let (grant, user_errors) = outcome(house(ctx)?.write(&place.scope, work).await?);
        Ok(Some(TopUpCreatePayload { grant, user_errors }))
    }

    /// Gives a tenant credits that nobody pays for. Needs `credit.adjust`.
    async fn credit_grant_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, for whom, and why.")] input: CreditGrantCreateInput,
    ) -> Result<Option<CreditGrantCreatePayload>> {
        let refuse = |error| Ok(Some(CreditGrantCreatePayload { user_errors: vec![error], ..Default::default() }));
        let place = match place(ctx, Some(&input.tenant)).await? {
            Ok(place) => place,
            Err(error) => return refuse(error),
        };
        place.scope.require(Permission::CreditAdjust).map_err(failed)?;
        let once = match once(ctx, Some(&input.idempotency_key))? {
            Ok(once) => once,
            Err(error) => return refuse(error),
        };
        let given = match given(&input) {
            Ok(given) => given,
            Err(error) => return refuse(error),
        };
        let now = asking(ctx)?.now;
        let work = async move |mut conn, scope| credit::give(&mut conn, &scope, &given, once.as_ref(), now).await;
        let (grant, user_errors) = outcome(house(ctx)?.write(&place.scope, work).await?);
        Ok(Some(CreditGrantCreatePayload { grant, user_errors }))
    }

    /// Takes back what a block of credits still has and no turn holds: it should not have been granted. Needs `credit.adjust`.
    async fn credit_grant_void(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which block, and why.")] input: CreditGrantVoidInput,
    ) -> Result<Option<CreditGrantVoidPayload>> {
        let refuse = |error| Ok(Some(CreditGrantVoidPayload { user_errors: vec![error], ..Default::default() }));
        let place = match place(ctx, Some(&input.tenant)).await? {
            Ok(place) => place,
            Err(error) => return refuse(error),
        };
        place.scope.require(Permission::CreditAdjust).map_err(failed)?;
        let reason = match short("reason", &input.reason, 500) {
            Ok(reason) => reason,
            Err(error) => return refuse(error),
        };
        let (now, id) = (asking(ctx)?.now, input.grant_uuid.0);
        let work = async move |mut conn, scope| credit::void(&mut conn, &scope, id.into(), &reason, now).await;
        let (grant, user_errors) = outcome(house(ctx)?.write(&place.scope, work).await?);
        Ok(Some(CreditGrantVoidPayload { grant, user_errors }))
    }

    /// Puts an account right: adds credits, or takes some away that no turn holds. Needs `credit.adjust`.
    async fn credit_adjust(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By how much, whose, and why.")] input: CreditAdjustInput,
    ) -> Result<Option<CreditAdjustPayload>> {
        let refuse = |error| Ok(Some(CreditAdjustPayload { user_errors: vec![error], ..Default::default() }));
        let place = match place(ctx, Some(&input.tenant)).await? {
            Ok(place) => place,
            Err(error) => return refuse(error),
        };
        place.scope.require(Permission::CreditAdjust).map_err(failed)?;
        let once = match once(ctx, Some(&input.idempotency_key))? {
            Ok(once) => once,
            Err(error) => return refuse(error),
        };
        let correction = credits(&input.credits, true)
            .and_then(|amount| Ok(Correction { amount, reason: short("reason", &input.reason, 500)? }));
        let correction = match correction {
            Ok(correction) => correction,
            Err(error) => return refuse(error),
        };
        let now = asking(ctx)?.now;
        let work = async move |mut conn, scope| credit::adjust(&mut conn, &scope, &correction, once.as_ref(), now).await;
        if let Err(refusal) = house(ctx)?.write(&place.scope, work).await? {
            return refuse(UserError::of_account(&refusal));
        }
        Ok(Some(CreditAdjustPayload { credits: CreditAccount::of(ctx, &place).await?, user_errors: Vec::new() }))
    }

    /// Gives back what an answer cost that was found wrong, as far and as long as the prices say it was charged by. Once: asked again, it says what
    /// was given back. Needs `chat.manage`.
    async fn charge_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which answer.")] input: ChargeRefundInput,
    ) -> Result<Option<ChargeRefundPayload>> {
        let refuse = |error| Ok(Some(ChargeRefundPayload { user_errors: vec![error], ..Default::default() }));
        let place = match place(ctx, Some(&input.tenant)).await? {
            Ok(place) => place,
            Err(error) => return refuse(error),
        };
        let (now, turn) = (asking(ctx)?.now, input.turn_id.0);
        let work = async move |mut conn, scope| credit::refund_wrong(&mut conn, &scope, turn.into(), now).await;
        match house(ctx)?.write(&place.scope, work).await? {
            Refunded::Now(refund) | Refunded::Before(refund) => {
                Ok(Some(ChargeRefundPayload { refund: Some(refund.into()), user_errors: Vec::new() }))
            }
            Refunded::NotCharged => refuse(UserError::not_found("turnId")),
            Refunded::NotSaid => {
                let message = "The prices it was charged by give nothing back for a wrong answer.";
                refuse(UserError::at("turnId", Code::NotRefunded, message))
            }
            Refunded::TooLate(until) => {
                refuse(UserError::at("turnId", Code::TooLate, format!("It could be given back until {until}.")))
            }
        }
    }
}
