//! Shapes of what happens in a conversation besides questions and answers: people are asked for and take over, visitors look, stop an answer,
//! say what they think.

use serde::{Deserialize, Serialize};

use super::{
    model::{ConversationState, SessionId},
    read::{Conversation, Message},
};
use crate::{
    clock::Instant,
    id::{ConversationId, MessageId, PersonaId, TurnId},
    job::Job,
    locale::Locale,
    text_enum::text_enum,
};

text_enum! {
    /// What somebody thinks of an answer, or of a conversation.
    Thumb {
        /// It helped.
        Up = "up",
        /// It did not.
        Down = "down",
    }
}

/// A visitor's conversation, as the visitor sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// Its row.
    pub id: ConversationId,
    /// What the client calls it.
    pub session_id: String,
    /// Who holds it.
    pub state: ConversationState,
    /// The number of its newest message.
    pub last_sequence: i64,
    /// Its language.
    pub locale: Locale,
    /// Since when the visitor waits for a person.
    pub waiting_since: Option<Instant>,
    /// Since when that takes longer than it should.
    pub overdue_at: Option<Instant>,
    /// The turn that is being answered.
    pub live: Option<TurnId>,
}

/// In which of their conversations a visitor wants something, and in which language if it is a new one.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The conversation; without it, the visitor's newest that is not settled.
    pub session_id: Option<SessionId>,
    /// The language the client asks for.
    pub locale: Option<Locale>,
}

/// What a visitor thinks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opinion {
    /// Of an answer, by the assistant or by somebody of the team; nothing any more if none.
    Answer(MessageId, Option<Thumb>),
    /// Of the conversation as a whole, in words too; nothing any more if none.
    Conversation(Option<Thumb>, Option<String>),
}

/// What became of taking that down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rated {
    /// It is done.
    Done(Own),
    /// There is no such conversation of this visitor.
    NoConversation,
    /// There is no such answer in it.
    NoAnswer,
}

/// A conversation that somebody of the team wants to have with the assistant.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Who is to answer; the default persona if nobody is named.
    pub persona: Option<PersonaId>,
    /// What it is to be called.
    pub title: Option<String>,
    /// The language the client asks for.
    pub locale: Option<Locale>,
}

/// Whose conversation somebody of the team has named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addressed {
    /// Their own with the assistant.
    Own,
    /// A visitor's.
    Visitors(ConversationId),
    /// There is none of this name in the tenant.
    Unknown,
    /// There are several.
    Ambiguous,
}

/// What became of stopping an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It has ended, without a word.
    Now(ConversationId),
    /// Some of it was said already; whoever makes it ends it in a moment.
    Soon(ConversationId),
    /// It had ended before.
    Before(ConversationId),
    /// There is no such turn for this visitor.
    Unknown,
}

/// What somebody of the team said.
#[derive(Clone, Debug)]
pub struct Spoken {
    /// The message.
    pub message: Message,
    /// Its conversation, as it is since.
    pub conversation: Conversation,
    /// The turns that ended, because a person answers now.
    pub ended: Vec<TurnId>,
}

/// A conversation that a person has taken over.
#[derive(Clone, Debug)]
pub struct TakenOver {
    /// As it is since.
    pub conversation: Conversation,
    /// The turns that ended, because a person answers now.
    pub ended: Vec<TurnId>,
}

/// Looks after somebody who waits for a person, when the tenant's time for that is over.
#[derive(Debug, Serialize, Deserialize)]
pub struct RemindWaiting {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Since when, in microseconds since 1970: whoever was answered meanwhile waits anew.
    pub since: i64,
}

impl Job for RemindWaiting {
    const NAME: &'static str = "remind_waiting";
    const PRIORITY: i16 = 1;

    fn key(&self) -> String {
        format!("{} {}", self.conversation_id, self.since)
    }
}

/// What became of looking after somebody who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reminded {
    /// They were told, and the conversation is flagged.
    Told,
    /// Nobody waits any more.
    InVain,
    /// Another worker has the job; nothing was changed.
    Late,
}
