//! Decisions of chat: what may be a message, where it belongs, and who holds the conversation afterwards.

use super::model::{ConversationState, MessageStatus};
use crate::locale::Locale;

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    /// Nothing, or nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// More characters than allowed.
    #[error("has {found} characters; at most {allowed} are allowed")]
    TooLong {
        /// How many there are.
        found: usize,
        /// How many there may be.
        allowed: usize,
    },
    /// A NUL character, which cannot be stored.
    #[error("contains the character U+0000, which is not allowed")]
    Nul,
    /// A control character in what should be a plain label.
    #[error("may contain printable characters only")]
    Control,
}

/// Whether a text may be a message of up to `allowed` characters.
///
/// # Errors
/// What is wrong with it.
pub fn check_text(text: &str, allowed: usize) -> Result<(), TextFault> {
    let found = text.chars().count();
    if text.trim().is_empty() {
        return Err(TextFault::Empty);
    }
    if found > allowed {
        return Err(TextFault::TooLong { found, allowed });
    }
    if text.contains('\0') {
        return Err(TextFault::Nul);
    }
    Ok(())
}

/// Whether a text may be an id or key of up to `allowed` characters that a client chose.
///
/// # Errors
/// What is wrong with it.
pub fn check_label(text: &str, allowed: usize) -> Result<(), TextFault> {
    check_text(text, allowed)?;
    if text.chars().any(char::is_control) { Err(TextFault::Control) } else { Ok(()) }
}

/// A turn that has not ended, as far as a new message is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenTurn {
    /// Behind the live one.
    pub waiting: bool,
    /// The visitor has already read some of its answer.
    pub speaking: bool,
    /// How often it was restarted.
    pub restarts: i32,
}

/// Where a new message belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A turn of its own, live at once.
    NewTurn,
    /// Into the live turn, which starts over.
    JoinLive,
    /// A turn of its own, behind the live one.
    NewWaiting,
    /// Into the turn that waits.
    JoinWaiting,
    /// A turn of its own, which ends at once: a person answers.
    Human,
}

/// How often further messages may restart a turn; later ones start the next.
pub const RESTARTS: i32 = 8;

/// Where a new message belongs, given who holds the conversation and its turns that have not ended.
#[must_use]
pub fn place(state: ConversationState, open: &[OpenTurn]) -> Place {
    if state == ConversationState::Human {
        return Place::Human;
    }
    if open.iter().any(|turn| turn.waiting) {
        return Place::JoinWaiting;
    }
    match open.first() {
        None => Place::NewTurn,
        Some(live) if live.speaking || live.restarts >= RESTARTS => Place::NewWaiting,
        Some(_) => Place::JoinLive,
    }
}

/// Who holds a conversation once the visitor has written again: what was settled is open again.
#[must_use]
pub fn state_on_message(state: ConversationState) -> ConversationState {
    if state == ConversationState::Resolved { ConversationState::Ai } else { state }
}

/// What a refusal is: the second in a row, or one where a person has been asked for already, hands over.
#[must_use]
pub fn refusal(state: ConversationState, previous: Option<MessageStatus>) -> MessageStatus {
    let asked_for = state == ConversationState::HandoffRequested;
    if asked_for || previous == Some(MessageStatus::Refused) { MessageStatus::HandedOff } else { MessageStatus::Refused }
}

/// Who holds a conversation after an answer.
#[must_use]
pub fn state_after(state: ConversationState, answer: MessageStatus) -> ConversationState {
    match (state, answer) {
        // Also one that was settled meanwhile: the visitor is told that somebody will come.
        (
            ConversationState::Ai | ConversationState::Resolved,
            MessageStatus::HandedOff | MessageStatus::Failed | MessageStatus::OutOfCredits,
        ) => ConversationState::HandoffRequested,
        _ => state,
    }
}

/// What is done about a conversation besides writing and answering in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Its visitor asks for a person.
    PersonAskedFor,
    /// Somebody of the team takes over; whoever says something does.
    TakenOver,
    /// It is given back to the assistant.
    GivenBack,
    /// It is settled.
    Resolved,
}

/// Who holds a conversation once that was done; as before, if there was nothing to do.
#[must_use]
pub fn state_on(deed: Deed, state: ConversationState) -> ConversationState {
    match deed {
        Deed::PersonAskedFor if !may_wait(state) => ConversationState::HandoffRequested,
        Deed::GivenBack if may_wait(state) => ConversationState::Ai,
        Deed::PersonAskedFor | Deed::GivenBack => state,
        Deed::TakenOver => ConversationState::Human,
        Deed::Resolved => ConversationState::Resolved,
    }
}

/// Whether a conversation in this state is one in which a person is waited for, or may be.
#[must_use]
pub fn may_wait(state: ConversationState) -> bool {
    matches!(state, ConversationState::HandoffRequested | ConversationState::Human)
}

/// The visitor's language: what the text is in; of several it may be in, the one the conversation was in or the client asks for;
/// where the text does not tell, those two themselves, else the tenant's.
#[must_use]
pub fn locale(plausible: &[Locale], before: Option<Locale>, asked: Option<Locale>, tenant: Locale) -> Locale {
    let known = [before, asked].into_iter().flatten();
    let fitting = known.clone().find(|locale| plausible.contains(locale));
    fitting.or(plausible.first().copied()).or(known.clone().next()).unwrap_or(tenant)
}

#[cfg(test)]
mod tests;
