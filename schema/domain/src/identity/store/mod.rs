//! Acts on people and their sessions.

mod login;
mod session;
mod staff;

pub(super) use self::login::{Admission, Opened, admit, open};
pub use self::session::{log_out, log_out_everywhere};
pub(super) use self::session::{note_use, session, to_be_noted};
pub use self::staff::{create_owner, has_owner};
