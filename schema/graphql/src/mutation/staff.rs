//! Changing who works for the platform.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use frontoffice_domain::identity::{self, Invited, NewInvitation, Permission};

use super::{UserError, UserErrorCode, email, member::refused, throttled};
use crate::{
    context::{asking, house, platform},
    error::{failed, internal},
    global_id::GlobalId,
    kind::StaffRole,
    object::member::{StaffInvitation, StaffMember},
};

/// Who is asked to work for the platform, and as what.
#[derive(InputObject)]
pub(crate) struct StaffInviteInput {
    /// To whom the letter goes.
    email: String,
    /// What they are to be there for.
    role: StaffRole,
}

/// Whether somebody was asked.
#[derive(Default, SimpleObject)]
pub(crate) struct StaffInvitePayload {
    /// The invitation; null if there is none.
    invitation: Option<StaffInvitation>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Which invitation.
#[derive(InputObject)]
pub(crate) struct StaffInvitationRevokeInput {
    /// The invitation.
    invitation: ID,
}

/// Whether it was taken back.
#[derive(Default, SimpleObject)]
pub(crate) struct StaffInvitationRevokePayload {
    /// The invitation, as it was; null if nothing was done.
    invitation: Option<StaffInvitation>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Who gets which role.
#[derive(InputObject)]
pub(crate) struct StaffUpdateInput {
    /// Who.
    staff_member: ID,
    /// What they are to be there for.
    role: StaffRole,
}

/// Whether it was changed.
#[derive(Default, SimpleObject)]
pub(crate) struct StaffUpdatePayload {
    /// They as they are now; null if nothing was done.
    staff_member: Option<StaffMember>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Who is to leave.
#[derive(InputObject)]
pub(crate) struct StaffRemoveInput {
    /// Who.
    staff_member: ID,
}

/// Whether they are gone.
#[derive(Default, SimpleObject)]
pub(crate) struct StaffRemovePayload {
    /// They as they were; null if nothing was done.
    staff_member: Option<StaffMember>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Changes who works for the platform.
#[derive(Default)]
pub(crate) struct Staff;

fn staff_member(id: &ID) -> Option<uuid::Uuid> {
    if let Some(GlobalId::StaffMember(id)) = GlobalId::decode(id) { Some(id) } else { None }
}

/// Changes who works for the platform.
#[Object]
impl Staff {
    /// Asks somebody to work for the platform: they get a letter with a link. For those who work for it. Needs `member.manage`.
    async fn staff_invite(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who is asked, and as what.")] input: StaffInviteInput,
    ) -> Result<Option<StaffInvitePayload>> {
        let refuse = |error| Some(StaffInvitePayload { user_errors: vec![error], ..Default::default() });
        let (house, platform, now) = (house(ctx)?, platform(ctx, Permission::MemberManage)?, asking(ctx)?.now);
        let email = match email(&input.email) {
            Ok(email) => email,
            Err(error) => {
                platform.require(Permission::MemberManage).map_err(failed)?;
                return Ok(refuse(error));
            }
        };
        let (key, role) = (house.key.clone(), input.role.into());
        let new = NewInvitation { email, lasts: house.accounts.lengths.invitation };
        let invited = house
            .write_all(platform, async move |mut conn, platform| {
                identity::invite_staff(&mut conn, &platform, &key, &new, role, now).await
            })
            .await?;
        match invited {
            Invited::Sent(invitation) => {
                house.bus.ring();
                Ok(Some(StaffInvitePayload { invitation: Some(StaffInvitation(invitation)), user_errors: Vec::new() }))
            }
            Invited::AlreadyThere => Ok(refuse(UserError::at(
                "email",
                UserErrorCode::AlreadyMember,
                "Somebody with this e-mail works for the platform already.",
            ))),
            // There are no seats to count, and who may ask at all may ask owners.
            Invited::NotYours(_) | Invited::NoSeat(_) => Err(internal()),
            Invited::TooOften(wait) => Err(throttled(wait)),
        }
    }

    /// Takes an invitation to work for the platform back. Needs `member.manage`.
    async fn staff_invitation_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which invitation.")] input: StaffInvitationRevokeInput,
    ) -> Result<Option<StaffInvitationRevokePayload>> {
        let refuse = |error| Some(StaffInvitationRevokePayload { user_errors: vec![error], ..Default::default() });
        let (platform, now) = (platform(ctx, Permission::MemberManage)?, asking(ctx)?.now);
        let Some(GlobalId::StaffInvitation(id)) = GlobalId::decode(&input.invitation) else {
            platform.require(Permission::MemberManage).map_err(failed)?;
            return Ok(refuse(UserError::not_found("invitation")));
        };
        let revoked = house(ctx)?
            .write_all(platform, async move |mut conn, platform| {
                identity::revoke_staff_invitation(&mut conn, &platform, id.into(), now).await
            })
            .await?;
        Ok(match revoked {
            Some(invitation) => {
                Some(StaffInvitationRevokePayload { invitation: Some(StaffInvitation(invitation)), user_errors: Vec::new() })
            }
            None => refuse(UserError::not_found("invitation")),
        })
    }

    /// Gives somebody who works for the platform another role; it counts from their next request on. Needs `member.manage`.
    async fn staff_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who gets which role.")] input: StaffUpdateInput,
    ) -> Result<Option<StaffUpdatePayload>> {
        let refuse = |error| Some(StaffUpdatePayload { user_errors: vec![error], ..Default::default() });
        let (platform, now, role) = (platform(ctx, Permission::MemberManage)?, asking(ctx)?.now, input.role.into());
        let Some(id) = staff_member(&input.staff_member) else {
            platform.require(Permission::MemberManage).map_err(failed)?;
            return Ok(refuse(UserError::not_found("staffMember")));
        };
        let change = house(ctx)?
            .write_all(platform, async move |mut conn, platform| {
                identity::update_staff(&mut conn, &platform, id.into(), role, now).await
            })
            .await?;
        Ok(match refused(change, "staffMember") {
            Ok(colleague) => Some(StaffUpdatePayload { staff_member: Some(StaffMember(colleague)), user_errors: Vec::new() }),
            Err(error) => refuse(error),
        })
    }

    /// Somebody no longer works for the platform; their sessions here are worth nothing at once. Needs `member.manage`.
    async fn staff_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who is to leave.")] input: StaffRemoveInput,
    ) -> Result<Option<StaffRemovePayload>> {
        let refuse = |error| Some(StaffRemovePayload { user_errors: vec![error], ..Default::default() });
        let (platform, now) = (platform(ctx, Permission::MemberManage)?, asking(ctx)?.now);
        let Some(id) = staff_member(&input.staff_member) else {
            platform.require(Permission::MemberManage).map_err(failed)?;
            return Ok(refuse(UserError::not_found("staffMember")));
        };
        let change = house(ctx)?
            .write_all(platform, async move |mut conn, platform| {
                identity::remove_staff(&mut conn, &platform, id.into(), now).await
            })
            .await?;
        Ok(match refused(change, "staffMember") {
            Ok(colleague) => Some(StaffRemovePayload { staff_member: Some(StaffMember(colleague)), user_errors: Vec::new() }),
            Err(error) => refuse(error),
        })
    }
}
