//! The objects of the schema, one file per noun. Each is made of domain shapes and shows what it means to show, never a row.

pub(crate) mod api_key;
pub(crate) mod audit;
pub(crate) mod author;
pub(crate) mod conversation;
pub(crate) mod credits;
pub(crate) mod job;
pub(crate) mod knowledge;
pub(crate) mod member;
pub(crate) mod message;
pub(crate) mod node;
pub(crate) mod persona;
pub(crate) mod place;
pub(crate) mod preview;
pub(crate) mod pricebook;
pub(crate) mod privacy;
pub(crate) mod profile;
pub(crate) mod status;
pub(crate) mod tenant;
pub(crate) mod turn;
pub(crate) mod viewer;
pub(crate) mod visitor;
pub(crate) mod widget_key;
