//! Acts on the widget.

mod admit;
mod check;
mod erase;
mod identity;
mod key;
mod look;
mod notice;
mod script;

pub(crate) use self::erase::erase;
pub use self::{
    admit::{admit, admit_page, is_allowed_for, is_allowed_somewhere, shown},
    check::{check_page, checks, end_check, give_up_check, request_check},
    identity::{identity, is_vouched_still, require_identity, rotate_secret, vouch},
    key::{by_id, create, create_first, create_missing, list, rotate, update},
    look::{look, look_shown, update_look},
    notice::{note_refused, note_used},
    script::{keep_script, kept_script},
};
