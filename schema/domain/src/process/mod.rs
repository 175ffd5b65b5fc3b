//! The processes of this front office: which ones run, as what, and how they are.
//!
//! Invariants: each says so itself, under a name that no other ever had; who falls silent is gone, whatever it said last.

mod model;
pub mod rules;
mod store;

pub use self::{
    model::{Name, Process, Role},
    store::{beat, last_look, leave, list, running},
};
