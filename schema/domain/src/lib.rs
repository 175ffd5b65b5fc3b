//! What both sides of Frontoffice agree on: the tables, typed ids, the clock, the store, the bus, the jobs, and the acts of each noun.
//!
//! Each noun has a folder with the same files: `mod.rs` (its door and its invariants), `model.rs` (shapes), `rules.rs` (pure
//! decisions) and `store.rs` (acts: one named transaction each, over a connection and a proof of authority).

pub mod alert;
pub mod audit;
pub mod bus;
pub mod chat;
pub mod clock;
pub mod credit;
pub mod db;
pub mod fault;
pub mod health;
pub mod id;
pub mod identity;
pub mod invariants;
pub mod job;
pub mod knowledge;
pub mod locale;
pub mod mail;
pub mod memory;
pub mod money;
pub mod once;
pub mod page;
pub mod persona;
pub mod pricing;
pub mod privacy;
pub mod process;
pub mod pulse;
pub mod rate;
pub mod revision;
pub(crate) mod tables;
pub mod tenancy;
pub mod text_enum;
pub mod widget;
pub mod words;

use db::run;
