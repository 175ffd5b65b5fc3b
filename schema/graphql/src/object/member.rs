//! Who is on a team, and who is asked to join one.

use std::sync::Arc;

use async_graphql::{ID, Object};
use frontoffice_domain::{
    id::{InvitationId, UserId},
    identity::{self, JoinAs},
};

use super::tenant::{Place, Tenant};
use crate::{
    global_id::GlobalId,
    kind::{MemberRole, StaffRole},
    scalar::DateTime,
};

/// Somebody on a tenant's team.
#[derive(Clone)]
pub(crate) struct Member {
    place: Arc<Place>,
    membership: identity::Membership,
}

impl Member {
    pub(crate) fn new(place: &Arc<Place>, membership: identity::Membership) -> Self {
        Self { place: Arc::clone(place), membership }
    }

    /// Where they are in the list of members.
    pub(crate) fn place(&self) -> UserId {
        self.membership.user.id
    }
}

/// Somebody on a tenant's team.
#[Object]
impl Member {
    /// The member's id among all objects.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Member(self.place.uuid(), self.membership.user.id.uuid()).encode()
    }

    /// Their e-mail address.
    async fn email(&self) -> &str {
        &self.membership.user.email
    }

    /// Their name.
    async fn name(&self) -> &str {
        &self.membership.user.name
    }

    /// What they may do in this tenant.
    async fn role(&self) -> MemberRole {
        self.membership.role.into()
    }

    /// Since when they are on the team.
    async fn joined_at(&self) -> DateTime {
        DateTime(self.membership.joined_at)
    }

    /// Whose team it is.
    async fn tenant(&self) -> Tenant {
        Tenant(Arc::clone(&self.place))
    }
}

/// Somebody is asked to join a tenant's team.
#[derive(Clone)]
pub(crate) struct Invitation {
    place: Arc<Place>,
    invitation: identity::Invitation,
}

impl Invitation {
    pub(crate) fn new(place: &Arc<Place>, invitation: identity::Invitation) -> Self {
        Self { place: Arc::clone(place), invitation }
    }

    /// Where it is in the list of invitations.
    pub(crate) fn place(&self) -> InvitationId {
        self.invitation.id
    }
}

/// Somebody is asked to join a tenant's team. It is gone once they have joined, it was taken back or its time is over.
#[Object]
impl Invitation {
    /// The invitation's id among all objects.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Invitation(self.place.uuid(), self.invitation.id.uuid()).encode()
    }

    /// Who is asked.
    async fn email(&self) -> &str {
        &self.invitation.email
    }

    /// As what.
    async fn role(&self) -> Option<MemberRole> {
        match self.invitation.join_as {
            JoinAs::Member(role) => Some(role.into()),
            JoinAs::Staff(_) => None,
        }
    }

    /// When they were asked.
    async fn created_at(&self) -> DateTime {
        DateTime(self.invitation.created_at)
    }

    /// Until when they may say yes.
    async fn expires_at(&self) -> DateTime {
        DateTime(self.invitation.expires_at)
    }

    /// Whose team they are to join.
    async fn tenant(&self) -> Tenant {
        Tenant(Arc::clone(&self.place))
    }
}

/// Somebody who works for the platform.
#[derive(Clone)]
pub(crate) struct StaffMember(pub(crate) identity::Colleague);

impl StaffMember {
    /// Where they are in the list of those who work for the platform.
    pub(crate) fn place(&self) -> UserId {
        self.0.user.id
    }
}

/// Somebody who works for the platform.
#[Object]
impl StaffMember {
    /// Their id among all objects.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::StaffMember(self.0.user.id.uuid()).encode()
    }

    /// Their e-mail address.
    async fn email(&self) -> &str {
        &self.0.user.email
    }

    /// Their name.
    async fn name(&self) -> &str {
        &self.0.user.name
    }

    /// What they are there for.
    async fn role(&self) -> StaffRole {
        self.0.role.into()
    }
}

/// Somebody is asked to work for the platform.
#[derive(Clone)]
pub(crate) struct StaffInvitation(pub(crate) identity::Invitation);

impl StaffInvitation {
    /// Where it is in the list of invitations.
    pub(crate) fn place(&self) -> InvitationId {
        self.0.id
    }
}

/// Somebody is asked to work for the platform. It is gone once they have joined, it was taken back or its time is over.
#[Object]
impl StaffInvitation {
    /// The invitation's id among all objects.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::StaffInvitation(self.0.id.uuid()).encode()
    }

    /// Who is asked.
    async fn email(&self) -> &str {
        &self.0.email
    }

    /// As what.
    async fn role(&self) -> Option<StaffRole> {
        match self.0.join_as {
            JoinAs::Staff(role) => Some(role.into()),
            JoinAs::Member(_) => None,
        }
    }

    /// When they were asked.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// Until when they may say yes.
    async fn expires_at(&self) -> DateTime {
        DateTime(self.0.expires_at)
    }
}
