//! Privacy: copies of what is known of a visitor, its erasure, and how long conversations are kept.
//!
//! Invariants: what is erased is blanked where it stands, so that numbers, moments, tokens and charges stay and go on adding up; nothing is
//! written into an erased conversation any more, and no token finds an erased visitor; every copy, every erasure and every run of the
//! retention job that erased something has a receipt, written in its own transaction and only ever added; a visitor is erased once.

mod masking;
mod model;
pub mod rules;
pub mod store;

pub use self::model::{
    ApplyRetention, ConversationCopy, Document, Erasure, Export, ExportPage, MessageCopy, Place, Receipt, ReceiptKind, Retained,
    VisitorCopy,
};
pub use self::store::{erase_visitor, export_visitor, receipts, retain, sweep};
