//! The widget: the keys that pages of tenants' websites show and on which websites they may, how it looks there, how websites tell who
//! their visitors are, and whether it can work on a page.
//!
//! Invariants: a key is good for the origins and apps in its lists and for no others, and for none if there are none; only [`admit`] and
//! [`admit_page`] make an [`Admitted`], without which nobody enters a tenant by a key; a secret that proves who visitors are is in the store
//! only as the instance key encrypts it.

mod model;
pub mod rules;
pub mod store;

pub use self::model::{
    Admission, Admitted, CameFrom, Change, Check, CheckAsked, CheckPage, Finding, FindingCode, Former, Identity, Look,
    LookChange, NewKey, PageAdmission, Refused, Required, SecretMade, Shown, Vouched, Vouching, WidgetKey,
};
pub use self::rules::{
    AllowedOrigin, OriginFault,
    app::{AppFault, AppName},
    look::{Color, ColorFault, Consent, Launcher, Position},
    page::{Fetched, Looked},
};
pub(crate) use self::store::erase;
pub use self::store::{
    admit, admit_page, by_id, check_page, checks, create, create_first, create_missing, end_check, give_up_check, identity,
    is_allowed_for, is_allowed_somewhere, is_vouched_still, keep_script, kept_script, list, look, look_shown, note_refused,
    note_used, request_check, require_identity, rotate, rotate_secret, shown, update, update_look, vouch,
};
