//! Behaviour, through the doors, on both stores. One binary.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "in a test, a panic is the report"
)]
#[path = "../harness/mod.rs"]
mod harness;

mod access;
mod bad_input;
mod beyond;
mod canary;
mod caps;
mod chat;
mod commands;
mod credits;
mod deploy;
mod documents;
mod evolution;
mod examples;
mod golden;
mod graphql;
mod graphql_http;
mod grounding;
mod history;
mod imports;
mod inbox;
mod injections;
mod jobs;
mod knowledge;
mod laws;
mod ledger;
mod live;
mod login;
mod many;
mod matrix;
mod model;
mod moving;
mod operations;
mod operators;
mod pages;
mod people;
mod personas;
mod previews;
mod pricebook;
mod pricebook_commands;
mod pricebook_drafts;
mod pricebook_files;
mod pricebook_laptop;
mod pricebook_life;
mod privacy;
mod program;
mod publishers;
mod races;
mod rates;
mod schema;
mod secrets;
mod spending;
mod streams;
mod subscriptions;
mod tenants;
mod voices;
mod widget;
mod widget_checks;
mod widget_identity;
mod widget_keys;
mod widget_opening;
