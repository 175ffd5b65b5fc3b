//! The routes, one file per family.

pub(crate) mod answer;
pub(crate) mod audit;
pub(crate) mod auth;
pub(crate) mod chat;
pub(crate) mod conversation;
pub(crate) mod events;
pub(crate) mod graphiql;
pub(crate) mod graphql;
pub(crate) mod health;
pub(crate) mod history;
pub(crate) mod knowledge;
pub(crate) mod live;
pub(crate) mod operators;
pub(crate) mod password;
pub(crate) mod pricebook;
pub(crate) mod socket;
pub(crate) mod statement;
pub(crate) mod usage;
pub(crate) mod visitor;
pub(crate) mod widget;
