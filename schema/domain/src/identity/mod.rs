//! Who calls, and what a caller may be allowed to do.
//!
//! Invariants: nothing here grants anything. A [`Caller`] becomes authority only in [`tenancy`](crate::tenancy), which makes the
//! [`Scope`](crate::tenancy::Scope) that acts ask for. Tokens are stored as their hash and passwords as argon2id's; e-mails that somebody
//! tried and addresses as keyed hashes. A guess is counted before the password is looked at.
//! What a role may do stands in one table, [`rules`].

mod account;
mod key;
mod login;
mod model;
mod password;
pub mod rules;
pub(crate) mod secret;
pub mod store;
mod talker;
pub mod throttle;

pub use self::account::{Accounts, Changed, Chosen, Invited as InvitedTo, Stranger, email};
pub use self::key::{InstanceKey, KeyError, SealError, hash, new_session_id};
pub use self::login::{LogIn, LoggedIn, Shown, log_in, log_out, signed_in};
pub use self::model::{
    ApiKey, Audience, Caller, Choice, Colleague, Invitation, JoinAs, KeyHolder, Member, MemberRole, Membership, NewApiKey,
    Permission, Principal, Session, SessionKind, SessionLengths, SignedIn, Staff, StaffRole, User,
};
pub use self::password::{Password, Passwords};
pub use self::rules::PasswordFault;
pub use self::secret::Token;
pub use self::store::{
    Invited, KeyMade, Made, NewInvitation, TeamChange, colleagues, colleagues_by_id, create_key, create_owner, has_owner,
    invitations, invitations_by_id, invite, invite_staff, keys, keys_by_id, local_owner, members, members_by_id, memberships_of,
    remove_member, remove_staff, revoke_invitation, revoke_key, revoke_staff_invitation, staff_invitations,
    staff_invitations_by_id, standing, team, update_member, update_staff,
};
pub(crate) use self::store::{ask_owner, seats_taken};
pub use self::talker::{Operator, VisitorKey, WidgetVisitor};
