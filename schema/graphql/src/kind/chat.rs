//! The enums of conversations, as the domain has them.

use async_graphql::Enum;
use frontoffice_domain::chat;

/// The way a conversation came in.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "chat::Channel")]
pub(crate) enum Channel {
    /// A page of this host.
    Public,
    /// A page with the widget on it.
    Widget,
    /// Somebody of the team, who tries the assistant.
    Portal,
    /// A tenant's server.
    Api,
}

/// Who holds a conversation.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "chat::ConversationState")]
pub(crate) enum ConversationState {
    /// The assistant.
    Ai,
    /// The assistant still, but a person has been asked for.
    HandoffRequested,
    /// A person; the assistant is silent.
    Human,
    /// Nobody: it is settled, until the visitor writes again.
    Resolved,
}

/// Who said something.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "chat::Role")]
pub(crate) enum MessageRole {
    /// The visitor.
    Visitor,
    /// The assistant.
    Assistant,
    /// Somebody of the team.
    Agent,
    /// The house: what happens in the conversation.
    System,
}

/// What somebody thinks of an answer, or of a conversation.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "chat::Thumb")]
pub(crate) enum Rating {
    /// It helped.
    Up,
    /// It did not.
    Down,
}

/// What a message is.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "chat::MessageStatus")]
pub(crate) enum MessageStatus {
    /// From the visitor.
    Received,
    /// An answer from approved knowledge.
    Answered,
    /// Nothing approved answers; a person is offered.
    Refused,
    /// Nothing approved answers again; a person has been asked for.
    HandedOff,
    /// The answer failed; a person has been asked for.
    Failed,
    /// Nobody could pay for an answer; a person has been asked for.
    OutOfCredits,
    /// What was written of an answer until the visitor stopped it.
    Stopped,
    /// From somebody of the team, or from the house.
    Sent,
}

/// In which order conversations are listed.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "chat::Order")]
pub(crate) enum ConversationOrder {
    /// The newest first.
    Created,
    /// The one in which something was last said first.
    Active,
}

/// How far a turn is.
#[derive(Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "chat::TurnState")]
pub(crate) enum TurnState {
    /// Behind the live one.
    Waiting,
    /// Being answered.
    Live,
    /// Ended with an answer.
    Answered,
    /// Ended with a refusal.
    Refused,
    /// Ended with a refusal, and a person asked for.
    HandedOff,
    /// Ended with an apology.
    Failed,
    /// Ended at once, because nobody could pay for an answer.
    OutOfCredits,
    /// Ended by its visitor.
    Stopped,
    /// Ended without an answer, because a person took over.
    Human,
}
