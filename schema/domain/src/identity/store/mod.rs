//! Acts on people, their sessions, the teams they are on, and the keys of tenants' servers.

mod account;
mod invitation;
mod key;
mod login;
mod member;
mod session;
mod staff;
mod tally;

pub use self::account::Made;
pub(super) use self::account::{
    Followed, LetterWanted, NewPassword, NewPerson, admit_change, ask_for_letter, change_password, confirm_sign_up, follow, join,
    reset_password,
};
pub use self::invitation::{
    Invited, NewInvitation, invitations, invitations_by_id, invite, invite_staff, revoke_invitation, revoke_staff_invitation,
    staff_invitations, staff_invitations_by_id,
};
pub(crate) use self::invitation::{ask_owner, seats_taken};
pub use self::key::{KeyMade, create_key, keys, keys_by_id, revoke_key};
pub(super) use self::key::{key_holder, note_key_use};
pub(super) use self::login::{Admission, Opened, Opening, Wanted, admit, give_back, open};
pub use self::member::{TeamChange, members, members_by_id, memberships_of, remove_member, team, update_member};
pub use self::session::standing;
pub(super) use self::session::{Found, end, end_all, note_use, session, to_be_noted};
pub use self::staff::{colleagues, colleagues_by_id, create_owner, has_owner, local_owner, remove_staff, update_staff};
