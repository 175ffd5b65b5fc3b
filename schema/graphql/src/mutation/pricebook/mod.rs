//! Changing what everything costs: drafts, their approval, and versions.

mod draft;
mod input;
mod refusal;
mod release;

pub(crate) use self::{draft::Drafts, release::Releases};
