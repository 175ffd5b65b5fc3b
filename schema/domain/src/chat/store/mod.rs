//! Acts of chat. Whoever writes to a conversation updates its row first, so that writers of one conversation wait for each other
//! and nobody else.

mod answer;
mod history;
mod inbox;
mod preview;
mod read;
mod send;
mod turn;

pub use self::answer::{begin, finish, give_up, speak};
pub use self::history::history;
pub use self::inbox::{Handled, assign, conversations, note, notes_of, resolve, turns_of, visitors};
pub use self::preview::{preview, previews};
pub use self::read::{conversations_by_id, messages_by_id, messages_of};
pub use self::send::send;
