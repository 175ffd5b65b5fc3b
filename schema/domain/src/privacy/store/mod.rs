//! Acts of privacy. Whoever erases takes visitors' rows first and conversations' then, as those do who talk.

mod erase;
mod export;
mod receipt;
mod retain;
mod sweep;

pub use self::{erase::erase_visitor, export::export_visitor, receipt::receipts, retain::retain, sweep::sweep};
