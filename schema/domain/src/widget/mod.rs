//! The widget: the keys that pages of tenants' websites show, and on which websites they may.
//!
//! Invariants: a key is good for the origins in its list and for no others, and for none if there are none; only [`admit`] makes an
//! [`Admitted`], without which nobody enters a tenant by a key.

mod model;
pub mod rules;
pub mod store;

pub use self::model::{Admission, Admitted, Change, WidgetKey};
pub use self::rules::{AllowedOrigin, OriginFault};
pub use self::store::{admit, by_id, create_first, create_missing, is_allowed_somewhere, list, update};
