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
#[expect(clippy::arithmetic_side_effects, reason = "an overflow in a test is a failure")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIVE: OpenTurn = OpenTurn { waiting: false, speaking: false, restarts: 0 };

    #[test]
    fn a_message_belongs_where_the_answer_can_still_see_it() {
        let (ai, waiting) = (ConversationState::Ai, OpenTurn { waiting: true, ..LIVE });
        let speaking = OpenTurn { speaking: true, ..LIVE };
        assert_eq!(place(ai, &[]), Place::NewTurn);
        assert_eq!(place(ai, &[LIVE]), Place::JoinLive);
        assert_eq!(place(ai, &[OpenTurn { restarts: 7, ..LIVE }]), Place::JoinLive);
        assert_eq!(place(ai, &[OpenTurn { restarts: 8, ..LIVE }]), Place::NewWaiting);
        assert_eq!(place(ai, &[speaking]), Place::NewWaiting);
        assert_eq!(place(ai, &[speaking, waiting]), Place::JoinWaiting);
        assert_eq!(place(ConversationState::Human, &[]), Place::Human);
    }

    #[test]
    fn two_refusals_in_a_row_hand_over() {
        use ConversationState::{Ai, HandoffRequested};
        use MessageStatus::{Answered, Failed, HandedOff, Refused};
        assert_eq!(refusal(Ai, None), Refused);
        assert_eq!(refusal(Ai, Some(Answered)), Refused);
        assert_eq!(refusal(Ai, Some(Refused)), HandedOff);
        assert_eq!(refusal(HandoffRequested, Some(Answered)), HandedOff);
        assert_eq!(state_after(Ai, Refused), Ai);
        assert_eq!(state_after(Ai, HandedOff), HandoffRequested);
        assert_eq!(state_after(Ai, Failed), HandoffRequested);
        assert_eq!(state_after(HandoffRequested, Answered), HandoffRequested);
        for status in [HandedOff, Failed, MessageStatus::OutOfCredits] {
            assert_eq!(
                state_after(ConversationState::Resolved, status),
                HandoffRequested,
                "nobody is promised who is not asked for"
            );
        }
        assert_eq!(state_after(ConversationState::Resolved, Answered), ConversationState::Resolved);
    }

    #[test]
    fn the_language_is_the_texts_unless_it_does_not_tell() {
        use Locale::{De, En, Fr, Nl};
        assert_eq!(locale(&[De], Some(Nl), Some(Fr), En), De);
        assert_eq!(locale(&[Nl, De], None, Some(De), En), De);
        assert_eq!(locale(&[Nl, De], Some(De), Some(Nl), En), De);
        assert_eq!(locale(&[Nl, De], None, Some(Fr), En), Nl);
        assert_eq!(locale(&[], Some(Nl), Some(Fr), En), Nl);
        assert_eq!(locale(&[], None, Some(Fr), En), Fr);
        assert_eq!(locale(&[], None, None, En), En);
    }

    #[test]
    fn texts_are_checked_by_characters() {
        assert_eq!(check_text(&"é".repeat(8_000), 8_000), Ok(()));
        assert_eq!(check_text(&"é".repeat(8_001), 8_000), Err(TextFault::TooLong { found: 8_001, allowed: 8_000 }));
        assert_eq!(check_text(" \n\u{3000}", 8_000), Err(TextFault::Empty));
        assert_eq!(check_text("a\0b", 8_000), Err(TextFault::Nul));
        assert_eq!(check_label("a\nb", 128), Err(TextFault::Control));
    }

    proptest! {
        #[test]
        fn there_is_never_more_than_one_live_and_one_waiting(joins in prop::collection::vec(0_u8..3, 0..60)) {
            // 0: the visitor writes; 1: the live turn begins to speak; 2: it ends and the waiting one follows.
            let mut open: Vec<OpenTurn> = Vec::new();
            for step in joins {
                match step {
                    0 => match place(ConversationState::Ai, &open) {
                        Place::NewTurn => { prop_assert!(open.is_empty()); open.push(LIVE); }
                        Place::JoinLive => { prop_assert!(!open[0].speaking); open[0].restarts += 1; }
                        Place::NewWaiting => { prop_assert_eq!(open.len(), 1); open.push(OpenTurn { waiting: true, ..LIVE }); }
                        Place::JoinWaiting => prop_assert_eq!(open.len(), 2),
                        Place::Human => prop_assert!(false),
                    },
                    1 => if let Some(live) = open.first_mut() { live.speaking = true; },
                    _ => {
                        open = open.split_off(open.len().min(1));
                        if let Some(next) = open.first_mut() { next.waiting = false; }
                    }
                }
                prop_assert!(open.len() <= 2);
                prop_assert!(open.iter().all(|turn| turn.restarts <= RESTARTS));
            }
        }
    }
}
