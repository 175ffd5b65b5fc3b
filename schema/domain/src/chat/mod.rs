//! Chat: conversations, messages and turns.
//!
//! Invariants: a conversation's messages are counted without a gap; at most one of its turns is live, and at most one waits behind
//! it; a turn that ended never changes; every message of a visitor belongs to exactly one turn; an answer is stored together with
//! the end of its turn and of its job, or not at all.

mod answer;
mod asking;
mod behind;
mod model;
mod people;
mod preview;
mod read;
pub mod rules;
pub mod store;
mod verdict;
mod view;

pub use self::answer::{Answer, Answered, Usage};
pub use self::asking::asks_for_person;
pub use self::behind::{Behind, behind};
pub use self::model::{
    AnswerTurn, Begun, Channel, ConversationState, Finish, History, HistoryPage, IdempotencyKey, Incoming, MessageStatus,
    MessageText, PageOf, Past, Receipt, Role, Said, Sent, SessionId, Source, Speak, Standing, TurnState, Work,
};
pub use self::people::{
    Addressed, NewSession, Opinion, Own, Rated, RemindWaiting, Reminded, Spoken, Stopped, TakenOver, Thumb, Wish,
};
pub use self::preview::{NewPreview, Preview, Previewed};
pub use self::read::{Conversation, Filter, Message, Note, Order, Place, Stretch, Turn, Visitor};
pub use self::store::{
    Handled, Which, addressed, ask_for_person, assign, begin, conversations, conversations_by_id, finish, give_back, give_up,
    history, leave_contact, messages_by_id, messages_of, note, notes_of, open_session, own_conversation, own_messages, preview,
    previews, rate, remind, reply, resolve, send, speak, standing, stop, take_over, turns_of, visitors,
};
pub(crate) use self::store::{end_turns, erase, know, take_all_of};
pub use self::verdict::{Finding, Sentence, Verdict};
pub use self::view::{Ended, Reply, View, Welcome, look, look_at_turn, welcome};
