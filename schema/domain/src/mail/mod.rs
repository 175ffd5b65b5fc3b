//! Letters: what they say, and the links in them.
//!
//! Invariants: a letter is a job, called for in the transaction of the fact it tells of. What opens something in a link is in no store: it
//! is made again from a nonce and the instance key whenever the letter is sent, and known by its hash. A link works once, and not for ever.

mod model;
pub mod rules;
mod store;

pub(crate) use self::model::NOTICE;
pub use self::model::{Kind, Letter, LinkLengths, SendMail};
pub(crate) use self::model::{Link, NewMail};
pub(crate) use self::store::{link, use_link, void, write};
pub use self::store::{sent, take};
