//! The routes, one file per family.

pub(crate) mod chat;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod pricebook;
