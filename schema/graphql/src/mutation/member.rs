//! Changing who is on a tenant's team.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use frontoffice_domain::identity::{self, Invited, NewInvitation, TeamChange, rules::RoleFault};

use super::{UserError, UserErrorCode, email, no_room, place, throttled, within};
use crate::{
    context::{asking, house},
    global_id::GlobalId,
    kind::MemberRole,
    object::member::{Invitation, Member},
};

/// Who is asked to join, and as what.
#[derive(InputObject)]
pub(crate) struct MemberInviteInput {
    /// The tenant; the caller's own if nothing is said.
    tenant: Option<ID>,
    /// To whom the letter goes.
    email: String,
    /// What they are to be allowed.
    role: MemberRole,
}

/// Whether somebody was asked.
#[derive(Default, SimpleObject)]
pub(crate) struct MemberInvitePayload {
    /// The invitation; null if there is none.
    invitation: Option<Invitation>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Which invitation.
#[derive(InputObject)]
pub(crate) struct InvitationRevokeInput {
    /// The invitation.
    invitation: ID,
}

/// Whether it was taken back.
#[derive(Default, SimpleObject)]
pub(crate) struct InvitationRevokePayload {
    /// The invitation, as it was; null if nothing was done.
    invitation: Option<Invitation>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Who gets which role.
#[derive(InputObject)]
pub(crate) struct MemberUpdateInput {
    /// The member.
    member: ID,
    /// What they are to be allowed.
    role: MemberRole,
}

/// Whether it was changed.
#[derive(Default, SimpleObject)]
pub(crate) struct MemberUpdatePayload {
    /// The member as they are now; null if nothing was done.
    member: Option<Member>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Who is to leave.
#[derive(InputObject)]
pub(crate) struct MemberRemoveInput {
    /// The member.
    member: ID,
}

/// Whether they are gone.
#[derive(Default, SimpleObject)]
pub(crate) struct MemberRemovePayload {
    /// The member as they were; null if nothing was done.
    member: Option<Member>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Changes who is on a tenant's team.
#[derive(Default)]
pub(crate) struct Members;

/// Why a role may not be given or taken away.
fn not_yours(fault: RoleFault, field: &str) -> UserError {
    match fault {
        RoleFault::OwnersOnly => {
            UserError::at(field, UserErrorCode::OwnersOnly, "Only an owner makes an owner, changes one or sends one away.")
        }
        RoleFault::MoreThanYours(permission) => {
            let message = format!("This role has `{permission}`, which you lack, and nobody can give more than they have.");
            UserError::at(field, UserErrorCode::PermissionNotYours, message)
        }
    }
}

/// Why the team was not changed; `field` names the member.
pub(super) fn refused<T>(change: TeamChange<T>, field: &str) -> std::result::Result<T, UserError> {
    match change {
        TeamChange::Done(done) => Ok(done),
        TeamChange::Unknown => Err(UserError::not_found(field)),
        TeamChange::NotYours(fault) => Err(not_yours(fault, field)),
        TeamChange::LastOwner => {
            Err(UserError::at(field, UserErrorCode::LastOwner, "This is the last owner; make somebody else an owner first."))
        }
    }
}

fn member(id: GlobalId) -> Option<(uuid::Uuid, uuid::Uuid)> {
    if let GlobalId::Member(tenant, id) = id { Some((tenant, id)) } else { None }
}

fn invitation(id: GlobalId) -> Option<(uuid::Uuid, uuid::Uuid)> {
    if let GlobalId::Invitation(tenant, id) = id { Some((tenant, id)) } else { None }
}

/// Changes who is on a tenant's team.
#[Object]
impl Members {
    /// Asks somebody to join a tenant's team: they get a letter with a link. Asking again takes the place of what was asked before. Needs
    /// `member.manage`.
    async fn member_invite(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who is asked, and as what.")] input: MemberInviteInput,
    ) -> Result<Option<MemberInvitePayload>> {
        let refuse = |error| Some(MemberInvitePayload { user_errors: vec![error], ..Default::default() });
        let place = match place(ctx, input.tenant.as_ref()).await? {
            Ok(place) => place,
            Err(error) => return Ok(refuse(error)),
        };
        let email = match email(&input.email) {
            Ok(email) => email,
            Err(error) => {
                // Who may not ask anybody is told that first.
                place.scope.require(identity::Permission::MemberManage).map_err(crate::error::failed)?;
                return Ok(refuse(error));
            }
        };
        let (house, now) = (house(ctx)?, asking(ctx)?.now);
        let (key, role) = (house.key.clone(), input.role.into());
        let new = NewInvitation { email, lasts: house.accounts.lengths.invitation };
        let invited = house
            .write(&place.scope, async move |mut conn, scope| identity::invite(&mut conn, &scope, &key, &new, role, now).await)
            .await?;
        Ok(match invited {
            Invited::Sent(invitation) => {
                house.bus.ring();
                Some(MemberInvitePayload { invitation: Some(Invitation::new(&place, invitation)), user_errors: Vec::new() })
            }
            Invited::AlreadyThere => {
                refuse(UserError::at("email", UserErrorCode::AlreadyMember, "Somebody with this e-mail is on the team already."))
            }
            Invited::NotYours(fault) => refuse(not_yours(fault, "role")),
            Invited::TooOften(wait) => return Err(throttled(wait)),
            Invited::NoSeat(seats) => refuse(no_room("email", &seats)),
        })
    }

    /// Takes an invitation back that nobody has accepted. Needs `member.manage`.
    async fn invitation_revoke(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which invitation.")] input: InvitationRevokeInput,
    ) -> Result<Option<InvitationRevokePayload>> {
        let refuse = |error| Some(InvitationRevokePayload { user_errors: vec![error], ..Default::default() });
        let (place, id) = match within(ctx, "invitation", &input.invitation, invitation).await? {
            Ok(found) => found,
            Err(error) => return Ok(refuse(error)),
        };
        let now = asking(ctx)?.now;
        let revoked = house(ctx)?
            .write(&place.scope, async move |mut conn, scope| {
                identity::revoke_invitation(&mut conn, &scope, id.into(), now).await
            })
            .await?;
        Ok(match refused(revoked, "invitation") {
            Ok(invitation) => {
                Some(InvitationRevokePayload { invitation: Some(Invitation::new(&place, invitation)), user_errors: Vec::new() })
            }
            Err(error) => refuse(error),
        })
    }

    /// Gives a member another role; it counts from their next request on. Needs `member.manage`.
    async fn member_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who gets which role.")] input: MemberUpdateInput,
    ) -> Result<Option<MemberUpdatePayload>> {
        let refuse = |error| Some(MemberUpdatePayload { user_errors: vec![error], ..Default::default() });
        let (place, id) = match within(ctx, "member", &input.member, member).await? {
            Ok(found) => found,
            Err(error) => return Ok(refuse(error)),
        };
        let (now, role) = (asking(ctx)?.now, input.role.into());
        let change = house(ctx)?
            .write(&place.scope, async move |mut conn, scope| {
                identity::update_member(&mut conn, &scope, id.into(), role, now).await
            })
            .await?;
        Ok(match refused(change, "member") {
            Ok(membership) => {
                Some(MemberUpdatePayload { member: Some(Member::new(&place, membership)), user_errors: Vec::new() })
            }
            Err(error) => refuse(error),
        })
    }

    /// Takes somebody off the team; their sessions in this tenant end at once. Needs `member.manage`.
    async fn member_remove(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who is to leave.")] input: MemberRemoveInput,
    ) -> Result<Option<MemberRemovePayload>> {
        let refuse = |error| Some(MemberRemovePayload { user_errors: vec![error], ..Default::default() });
        let (place, id) = match within(ctx, "member", &input.member, member).await? {
            Ok(found) => found,
            Err(error) => return Ok(refuse(error)),
        };
        let now = asking(ctx)?.now;
        let change = house(ctx)?
            .write(&place.scope, async move |mut conn, scope| identity::remove_member(&mut conn, &scope, id.into(), now).await)
            .await?;
        Ok(match refused(change, "member") {
            Ok(membership) => {
                Some(MemberRemovePayload { member: Some(Member::new(&place, membership)), user_errors: Vec::new() })
            }
            Err(error) => refuse(error),
        })
    }
}
