//! Acts of chat. Whoever writes to a conversation updates its row first, so that writers of one conversation wait for each other
//! and nobody else.

mod answer;
mod begin;
mod erase;
mod history;
mod inbox;
mod operate;
mod people;
mod preview;
mod read;
mod send;
mod turn;
mod verified;
mod visit;

pub use self::answer::{finish, give_up, speak};
pub use self::begin::{begin, standing};
pub(crate) use self::erase::{end_turns, erase, take_all_of};
pub use self::history::{Which, history};
pub use self::inbox::{Handled, assign, conversations, note, notes_of, resolve, turns_of, visitors};
pub use self::operate::{addressed, open_session};
pub use self::people::{give_back, remind, reply, take_over};
pub use self::preview::{preview, previews};
pub use self::read::{conversations_by_id, messages_by_id, messages_of};
pub use self::send::send;
pub(crate) use self::verified::know;
pub use self::visit::{ask_for_person, leave_contact, own_conversation, own_messages, rate, stop};
