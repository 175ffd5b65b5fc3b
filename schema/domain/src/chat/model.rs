//! Shapes of chat.

use serde::{Deserialize, Serialize};

use super::{
    people::Thumb,
    rules::{self, TextFault},
};
use crate::{
    clock::Instant,
    credit::Budgets,
    id::{ConversationId, MessageId, TurnId, WidgetKeyId},
    identity::{Caller, InstanceKey},
    job::Job,
    locale::Locale,
    money::Credits,
    persona::PersonaVersion,
    text_enum::text_enum,
};

text_enum! {
    /// The way a conversation came in.
    Channel {
        /// A page of this host.
        Public = "public",
        /// A page with the widget on it.
        Widget = "widget",
        /// Somebody of the team, who tries the assistant.
        Portal = "portal",
        /// A tenant's server.
        Api = "api",
    }
}

impl Channel {
    /// The way somebody comes in who talks to the assistant.
    pub(crate) fn of(caller: &Caller) -> Self {
        match caller {
            Caller::Operator(operator) if operator.is_server => Self::Api,
            Caller::Operator(_) => Self::Portal,
            Caller::WidgetVisitor(_) => Self::Widget,
            Caller::PublicVisitor(_) | Caller::SignedIn(_) | Caller::Job | Caller::Platform => Self::Public,
        }
    }
}

text_enum! {
    /// Who holds a conversation.
    ConversationState {
        /// The assistant.
        Ai = "AI",
        /// The assistant still, but a person has been asked for.
        HandoffRequested = "HANDOFF_REQUESTED",
        /// A person; the assistant is silent.
        Human = "HUMAN",
        /// Nobody: it is settled, until the visitor writes again.
        Resolved = "RESOLVED",
    }
}

text_enum! {
    /// Who said something.
    Role {
        /// The visitor.
        Visitor = "visitor",
        /// The assistant.
        Assistant = "assistant",
        /// Somebody of the team.
        Agent = "agent",
        /// The house: what happens in the conversation.
        System = "system",
    }
}

text_enum! {
    /// What a message is.
    MessageStatus {
        /// From the visitor.
        Received = "received",
        /// An answer from approved knowledge.
        Answered = "answered",
        /// Nothing approved answers; a person is offered.
        Refused = "refused",
        /// Nothing approved answers again; a person has been asked for.
        HandedOff = "handed_off",
        /// The answer failed; a person has been asked for.
        Failed = "failed",
        /// Nobody could pay for an answer; a person has been asked for.
        OutOfCredits = "out_of_credits",
        /// What was written of an answer until the visitor stopped it.
        Stopped = "stopped",
        /// From somebody of the team, or from the house.
        Sent = "sent",
    }
}

text_enum! {
    /// How far a turn is.
    TurnState {
        /// Behind the live one.
        Waiting = "waiting",
        /// Being answered.
        Live = "live",
        /// Ended with an answer.
        Answered = "answered",
        /// Ended with a refusal.
        Refused = "refused",
        /// Ended with a refusal, and a person asked for.
        HandedOff = "handed_off",
        /// Ended with an apology.
        Failed = "failed",
        /// Ended at once, because nobody could pay for an answer.
        OutOfCredits = "out_of_credits",
        /// Ended by its visitor.
        Stopped = "stopped",
        /// Ended without an answer, because a person took over.
        Human = "human",
    }
}

/// What a visitor wrote: 1 to 8,000 characters, not only white space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageText(String);

impl MessageText {
    /// Takes a text if it may be a message.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: String) -> Result<Self, TextFault> {
        rules::check_text(&text, 8_000)?;
        Ok(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A client's name for a conversation: 1 to 128 printable characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionId(String);

/// A client's key for one message: 1 to 128 printable characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

macro_rules! label {
    ($name:ident) => {
        impl $name {
            /// Takes a text if it may be one.
            ///
            /// # Errors
            /// What is wrong with it.
            pub fn parse(text: String) -> Result<Self, TextFault> {
                rules::check_label(&text, 128)?;
                Ok(Self(text))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}
label!(SessionId);
label!(IdempotencyKey);

impl SessionId {
    /// A new one of our own: 160 random bits.
    #[must_use]
    pub fn issue() -> Self {
        Self(crate::identity::new_session_id())
    }

    /// One of our own for a visitor who sent only a key with a message, so that sending it again finds the first. Only for keys
    /// that nobody else at the same address comes up with, that is, long ones; a short one gives a new id each time.
    #[must_use]
    pub fn for_key(instance: &InstanceKey, address: &str, key: &IdempotencyKey) -> Self {
        if key.as_str().len() >= 22 { Self(instance.session_for(address, key.as_str())) } else { Self::issue() }
    }
}

/// A message as it comes in.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// What the visitor wrote.
    pub text: MessageText,
    /// The conversation it belongs to; without it, the visitor's newest that is not settled.
    pub session_id: Option<SessionId>,
    /// The client's key for this very message, and a hash over all that was sent under it.
    pub key: Option<(IdempotencyKey, [u8; 32])>,
    /// The language the client asks for.
    pub locale: Option<Locale>,
    /// What an answer may take at most.
    pub budgets: Budgets,
    /// What all answers to the visitor may take in a day, if that is limited; the tenant may say less.
    pub daily: Option<Credits>,
    /// The widget key it came through, if it came through one.
    pub widget_key: Option<WidgetKeyId>,
    /// What the request is known by in the logs.
    pub span: Option<String>,
}

/// What became of an incoming message.
#[derive(Clone, Debug)]
pub enum Sent {
    /// Stored; a turn will answer it.
    Accepted(Receipt),
    /// Stored; a turn that has not begun to speak takes it in, and it gets the answer.
    Joined(Receipt),
    /// This very message came before; nothing was changed.
    Repeated(Receipt),
    /// Stored; a person holds the conversation and will answer.
    HumanWillAnswer(Receipt),
    /// Stored, and answered with the tenant's away text: there are no credits for an answer. A person has been asked for.
    OutOfCredits(Receipt),
    /// The key came before with another body; nothing was changed.
    KeyReused,
    /// The visitor's answers took as much today as they may; nothing was changed.
    Spent {
        /// What may be taken until then.
        of: Credits,
        /// When the next day begins.
        until: Instant,
    },
}

/// Where a stored message is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// Its conversation, as the client knows it.
    pub session_id: String,
    /// The message.
    pub message_id: MessageId,
    /// The turn that answers it.
    pub turn_id: Option<TurnId>,
    /// When it was stored.
    pub created_at: Instant,
}

/// Answers a turn.
#[derive(Debug, Serialize, Deserialize)]
pub struct AnswerTurn {
    /// The turn.
    pub turn_id: TurnId,
    /// Who is to answer, as far as that is known when it is called for.
    #[serde(skip)]
    lane: Option<String>,
}

impl AnswerTurn {
    /// A turn to be answered by a model, or by the usual one.
    #[must_use]
    pub fn by(turn_id: TurnId, model: Option<&str>) -> Self {
        Self { turn_id, lane: Some(model.unwrap_or("usual").to_owned()) }
    }
}

impl Job for AnswerTurn {
    const NAME: &'static str = "answer_turn";
    /// A person is waiting.
    const PRIORITY: i16 = 0;

    fn key(&self) -> String {
        self.turn_id.to_string()
    }

    fn lane(&self) -> Option<&str> {
        self.lane.as_deref()
    }
}

/// Where an answer comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The entry's title.
    pub title: String,
    /// Where it can be checked.
    pub url: Option<String>,
}

/// Something that was said earlier in a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// Who said it.
    pub role: Role,
    /// What was said.
    pub text: String,
}

/// What a turn needs to be answered.
#[derive(Clone, Debug)]
pub struct Work {
    /// The turn.
    pub turn_id: TurnId,
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// The newest message that this answer will have seen.
    pub question_id: MessageId,
    /// What was said before them, oldest first; the newest hundred messages at most.
    pub history: Vec<Past>,
    /// The messages to answer, oldest first.
    pub messages: Vec<String>,
    /// The visitor's language.
    pub locale: Locale,
    /// The tenant's language.
    pub fallback: Locale,
    /// Who answers.
    pub persona: PersonaVersion,
    /// Whether the visitor has stopped it, so that it is only to be ended.
    pub stopped: bool,
    /// Whether the tenant wants models to be told what visitors write without e-mails and the numbers of phones, cards and accounts.
    pub mask: bool,
}

/// How a turn that is being answered stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// As it was, or with another message, which [`Speak`] tells of.
    Goes,
    /// The visitor has stopped it.
    Stopped,
    /// It has ended: a person took over, or another worker had the job.
    Over,
}

/// Whether there is anything to do for a turn.
#[derive(Clone, Debug)]
pub enum Begun {
    /// This.
    Work(Box<Work>),
    /// It has ended, or was never there.
    Over,
}

/// Whether the answer may be shown to the visitor from here on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speak {
    /// Yes.
    Go,
    /// No: another message came; the answer must see it first.
    Restart,
    /// No: the turn has ended, or another worker has the job.
    Over,
}

/// What became of a finished answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// Stored, the turn ended; a turn that waited is live now.
    Stored,
    /// Not stored: another message came meanwhile; the answer must see it first.
    Restart,
    /// Not stored: another worker has the job, or the turn has ended.
    Late,
}

/// Which page of a conversation.
#[derive(Clone, Copy, Debug)]
pub struct PageOf {
    /// Only what was said before this place, which is one of this conversation.
    pub before: Option<(ConversationId, i64)>,
    /// At most so many messages.
    pub limit: u8,
}

/// A message, as those read it who may read a tenant's conversations.
#[derive(Clone, Debug)]
pub struct Said {
    /// The message.
    pub message_id: MessageId,
    /// Its place in the conversation.
    pub sequence: i64,
    /// Who said it.
    pub role: Role,
    /// What was said.
    pub text: String,
    /// What it is.
    pub status: MessageStatus,
    /// The persona's name, if the assistant said it.
    pub persona: Option<String>,
    /// The name of who of the team said it, if they have one.
    pub agent: Option<String>,
    /// What made it, if the assistant said it.
    pub model: Option<String>,
    /// Where it comes from.
    pub sources: Vec<Source>,
    /// When it was stored.
    pub created_at: Instant,
    /// What its visitor thinks of it.
    pub rating: Option<Thumb>,
}

/// A page of a conversation.
#[derive(Clone, Debug)]
pub struct HistoryPage {
    /// Who holds the conversation.
    pub state: ConversationState,
    /// What was said, newest first.
    pub messages: Vec<Said>,
    /// Where the next page begins, if there is more.
    pub next: Option<(ConversationId, i64)>,
}

/// What asking for a conversation found.
#[derive(Clone, Debug)]
pub enum History {
    /// A page of it.
    Page(HistoryPage),
    /// There is none of this name in the tenant.
    Unknown,
    /// There are several.
    Ambiguous,
    /// The place asked for is in another one.
    OtherConversation,
}
