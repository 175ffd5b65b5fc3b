//! Approving, publishing and taking back, and whether approving takes somebody else.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use frontoffice_domain::{
    identity::Permission,
    pricing::{self, DraftRefusal, Effective, Guard, Sight, Withdrawn},
    tenancy::{self, Platform},
};

use super::{
    super::{Refusable, UserError, UserErrorCode, short},
    refusal::{errors, shown},
};
use crate::{
    context::{asking, house, platform},
    error::failed,
    kind::{PricebookGuard, PricebookPolicy},
    object::{pricebook::PricebookVersion, pricebook_draft::PricebookDraft},
    scalar::DateTime,
};

/// What is approved.
#[derive(InputObject)]
pub(crate) struct PricebookDraftApproveInput {
    /// The hash of what was looked at: if the draft says something else, nothing is approved.
    content_hash: String,
    /// Whom it reaches, as it was looked at: if the draft reaches others, nothing is approved.
    policy: PricebookPolicy,
    /// From when it is to be in force: now or later, and after every live version; null: from when it is published.
    effective_from: Option<DateTime>,
    /// What of its `warnings` is meant, by name.
    acknowledge: Option<Vec<PricebookGuard>>,
}

/// Whether it was approved.
#[derive(SimpleObject)]
pub(crate) struct PricebookDraftApprovePayload {
    /// The draft as it is now, also where it says something else than what was to be approved; null if nothing was done.
    draft: Option<PricebookDraft>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// What is published.
#[derive(InputObject)]
pub(crate) struct PricebookDraftPublishInput {
    /// The hash of what was looked at: if the draft says something else, nothing is published.
    content_hash: String,
}

/// The version that was published.
#[derive(Default, SimpleObject)]
pub(crate) struct PricebookDraftPublishPayload {
    /// The version; null if nothing was done.
    version: Option<PricebookVersion>,
    /// The draft as it is now, where that is why nothing was done.
    draft: Option<PricebookDraft>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Which version is taken back, and why.
#[derive(InputObject)]
pub(crate) struct PricebookWithdrawInput {
    /// The version's number.
    number: i32,
    /// Why, 1 to 500 characters on one line; it stays in the history.
    reason: String,
}

/// Whether it was taken back.
#[derive(Default, SimpleObject)]
pub(crate) struct PricebookWithdrawPayload {
    /// The version as it is now; null if there is none.
    version: Option<PricebookVersion>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Whether approving prices is to take somebody else.
#[derive(InputObject)]
pub(crate) struct PricebookFourEyesUpdateInput {
    /// Whether it is.
    required: bool,
}

/// Whether approving prices takes somebody else.
#[derive(SimpleObject)]
pub(crate) struct PricebookFourEyesUpdatePayload {
    /// Whether it does now.
    required: Option<bool>,
    /// Why nothing was changed.
    user_errors: Vec<UserError>,
}

/// Approves and publishes prices.
#[derive(Default)]
pub(crate) struct Releases;

/// A hash, as it is shown.
fn hash(text: &str) -> Refusable<[u8; 32]> {
    pricing::rules::unhex(text).ok_or_else(|| {
        let message = "It must be the `contentHash` of the draft: 64 hexadecimal digits.";
        UserError::at("contentHash", UserErrorCode::Invalid, message)
    })
}

/// Calls for what follows from a change of versions, and tells those who watch.
async fn tell(ctx: &Context<'_>) -> Result<()> {
    let house = house(ctx)?;
    let home = async |mut conn, _| tenancy::platform_tenant(&mut conn).await;
    if let Some(home) = house.read_all(Platform::of_this_process(), home).await? {
        house.bus.tell(home.id, None);
    }
    house.bus.ring();
    Ok(())
}

/// Why nothing was done, and the draft that shows why.
fn refusal(platform: &Platform, refusal: DraftRefusal, acknowledged: &[Guard]) -> (Option<PricebookDraft>, Vec<UserError>) {
    let user_errors = errors(&refusal, acknowledged);
    (shown(refusal).map(|draft| PricebookDraft::new(platform, *draft)), user_errors)
}

/// Approves and publishes prices.
#[Object]
impl Releases {
    /// Approves what was submitted, as it is, to take effect at an instant. Who has written of it cannot, unless that is waived; everything that
    /// it moves by much has to be acknowledged by name. Needs `pricebook.approve`.
    async fn pricebook_draft_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is approved.")] input: PricebookDraftApproveInput,
    ) -> Result<Option<PricebookDraftApprovePayload>> {
        let (platform, now) = (platform(ctx, Permission::PricebookApprove)?, asking(ctx)?.now);
        platform.require(Permission::PricebookApprove).map_err(failed)?;
        let hash = match hash(&input.content_hash) {
            Ok(hash) => hash,
            Err(error) => return Ok(Some(PricebookDraftApprovePayload { draft: None, user_errors: vec![error] })),
        };
        let effective = Effective::of(input.effective_from.map(|at| at.0));
        let acknowledged: Vec<Guard> = input.acknowledge.unwrap_or_default().into_iter().map(Into::into).collect();
        let (named, policy) = (acknowledged.clone(), input.policy.into());
        let work =
            async move |mut conn, platform| pricing::approve(&mut conn, &platform, (&hash, policy), effective, &named, now).await;
        let done = house(ctx)?.write_all(platform.clone(), work).await?;
        let (draft, user_errors) = match done {
            Ok(draft) => (Some(PricebookDraft::new(&platform, draft)), Vec::new()),
            Err(why) => refusal(&platform, why, &acknowledged),
        };
        Ok(Some(PricebookDraftApprovePayload { draft, user_errors }))
    }

    /// Publishes what was approved, to take effect when the approval says. From then on there is no draft. Needs `pricebook.publish`.
    async fn pricebook_draft_publish(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is published.")] input: PricebookDraftPublishInput,
    ) -> Result<Option<PricebookDraftPublishPayload>> {
        let (platform, clock) = (platform(ctx, Permission::PricebookPublish)?, house(ctx)?.clock.clone());
        platform.require(Permission::PricebookPublish).map_err(failed)?;
        let hash = match hash(&input.content_hash) {
            Ok(hash) => hash,
            Err(error) => return Ok(Some(PricebookDraftPublishPayload { user_errors: vec![error], ..Default::default() })),
        };
        let work = async move |mut conn, platform: Platform| {
            Ok(match pricing::release(&mut conn, &platform, &hash, &clock).await? {
                Err(refusal) => Err(refusal),
                Ok(number) => Ok(pricing::version(&mut conn, &Sight::Inside(platform), number, clock.now()).await?),
            })
        };
        let done = house(ctx)?.write_all(platform.clone(), work).await?;
        Ok(Some(match done {
            Ok(version) => {
                tell(ctx).await?;
                let version = version.and_then(PricebookVersion::alone);
                PricebookDraftPublishPayload { version, ..Default::default() }
            }
            Err(why) => {
                let (draft, user_errors) = refusal(&platform, why, &[]);
                PricebookDraftPublishPayload { version: None, draft, user_errors }
            }
        }))
    }

    /// Takes a version back that has not taken effect yet; asked again, nothing changes. Needs `pricebook.publish`.
    async fn pricebook_withdraw(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which version, and why.")] input: PricebookWithdrawInput,
    ) -> Result<Option<PricebookWithdrawPayload>> {
        let (platform, clock) = (platform(ctx, Permission::PricebookPublish)?, house(ctx)?.clock.clone());
        platform.require(Permission::PricebookPublish).map_err(failed)?;
        let (number, reason) = match short("reason", &input.reason, 500) {
            Ok(reason) => (input.number, reason),
            Err(error) => return Ok(Some(PricebookWithdrawPayload { user_errors: vec![error], ..Default::default() })),
        };
        let work = async move |mut conn, platform: Platform| {
            let done = pricing::withdraw(&mut conn, &platform, number, &reason, &clock).await?;
            Ok((done, pricing::version(&mut conn, &Sight::Inside(platform), number, clock.now()).await?))
        };
        let (done, version) = house(ctx)?.write_all(platform, work).await?;
        let error = match done {
            Withdrawn::Now => {
                tell(ctx).await?;
                None
            }
            Withdrawn::Already => None,
            Withdrawn::InForce => {
                let message = "It has taken effect; bring an earlier one back instead, as a draft that restores it.";
                Some(UserError::at("number", UserErrorCode::InForce, message))
            }
            Withdrawn::Unknown => Some(UserError::not_found("number")),
        };
        let version = version.and_then(PricebookVersion::alone);
        Ok(Some(PricebookWithdrawPayload { version, user_errors: error.into_iter().collect() }))
    }

    /// Decides whether approving prices takes somebody who has not written them; the audit log says who did. Needs `pricebook.govern`.
    async fn pricebook_four_eyes_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whether it is to.")] input: PricebookFourEyesUpdateInput,
    ) -> Result<Option<PricebookFourEyesUpdatePayload>> {
        let (platform, now) = (platform(ctx, Permission::PricebookGovern)?, asking(ctx)?.now);
        let work = async move |mut conn, platform| pricing::set_four_eyes(&mut conn, &platform, input.required, now).await;
        let required = Some(house(ctx)?.write_all(platform, work).await?);
        Ok(Some(PricebookFourEyesUpdatePayload { required, user_errors: Vec::new() }))
    }
}
