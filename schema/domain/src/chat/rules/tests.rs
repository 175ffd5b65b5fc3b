//! Decisions of chat by themselves, and what they come to when one follows the other in whatever order.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow in a test is a failure")]

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
        assert_eq!(state_after(ConversationState::Resolved, status), HandoffRequested, "nobody is promised who is not asked for");
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

#[test]
fn what_people_do_decides_who_holds_a_conversation() {
    use ConversationState::{Ai, HandoffRequested, Human, Resolved};
    for (before, asked_for, given_back) in [
        (Ai, HandoffRequested, Ai),
        (HandoffRequested, HandoffRequested, Ai),
        (Human, Human, Ai),
        (Resolved, HandoffRequested, Resolved),
    ] {
        assert_eq!(state_on(Deed::PersonAskedFor, before), asked_for, "{before}");
        assert_eq!(state_on(Deed::GivenBack, before), given_back, "{before}");
        assert_eq!(state_on(Deed::TakenOver, before), Human, "{before}");
        assert_eq!(state_on(Deed::Resolved, before), Resolved, "{before}");
    }
}

/// Something that happens in a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    /// The visitor writes; whether there are credits for an answer.
    Writes {
        paid: bool,
    },
    /// The live turn says its first word.
    Speaks,
    /// The live turn ends with an answer, a refusal, a hand-over or an apology.
    Answers,
    Refuses,
    HandsOver,
    Fails,
    /// The visitor stops the live turn, or the one behind it.
    StopsLive,
    StopsWaiting,
    /// What people do.
    Does(Deed),
    /// Somebody of the team says something.
    Replies,
}

const EVENTS: [Event; 14] = [
    Event::Writes { paid: true },
    Event::Writes { paid: false },
    Event::Speaks,
    Event::Answers,
    Event::Refuses,
    Event::HandsOver,
    Event::Fails,
    Event::StopsLive,
    Event::StopsWaiting,
    Event::Does(Deed::PersonAskedFor),
    Event::Does(Deed::TakenOver),
    Event::Does(Deed::GivenBack),
    Event::Does(Deed::Resolved),
    Event::Replies,
];

/// A turn: from which message to which, and how it ended.
#[derive(Clone, Debug)]
struct Turn {
    first: u32,
    last: u32,
    open: OpenTurn,
    ended: bool,
}

/// A conversation that does at each event what the acts of the store do, with the same decisions.
#[derive(Debug)]
struct Talk {
    state: ConversationState,
    turns: Vec<Turn>,
    /// The number of the newest message.
    sequence: u32,
    /// Those that the visitor wrote.
    written: Vec<u32>,
    /// What the assistant said last.
    previous: Option<MessageStatus>,
}

impl Talk {
    fn begun() -> Self {
        Self { state: ConversationState::Ai, turns: Vec::new(), sequence: 0, written: Vec::new(), previous: None }
    }

    fn open(&self) -> Vec<OpenTurn> {
        self.turns.iter().filter(|turn| !turn.ended).map(|turn| turn.open).collect()
    }

    fn first_open(&mut self, waiting: bool) -> Option<&mut Turn> {
        self.turns.iter_mut().find(|turn| !turn.ended && turn.open.waiting == waiting)
    }

    fn says(&mut self, status: MessageStatus) {
        self.sequence += 1;
        self.state = state_after(self.state, status);
        self.previous = Some(status);
    }

    fn writes(&mut self, paid: bool) {
        self.sequence += 1;
        self.written.push(self.sequence);
        self.state = state_on_message(self.state);
        let (first, last, place) = (self.sequence, self.sequence, place(self.state, &self.open()));
        match place {
            Place::JoinLive | Place::JoinWaiting => {
                let turn = self.first_open(place == Place::JoinWaiting).unwrap();
                turn.last = last;
                turn.open.restarts += i32::from(place == Place::JoinLive);
            }
            Place::Human => self.turns.push(Turn { first, last, open: LIVE, ended: true }),
            Place::NewTurn | Place::NewWaiting => {
                let open = OpenTurn { waiting: place == Place::NewWaiting, ..LIVE };
                self.turns.push(Turn { first, last, open, ended: !paid });
                if !paid {
                    self.says(MessageStatus::OutOfCredits);
                }
            }
        }
    }

    /// The live turn ends, if there is one, and the one that waits follows.
    fn ends(&mut self, status: Option<MessageStatus>) {
        let Some(live) = self.first_open(false) else { return };
        live.ended = true;
        if let Some(status) = status {
            self.says(status);
        }
        if let Some(next) = self.first_open(true) {
            next.open.waiting = false;
        }
    }

    fn is_taken_over(&mut self) {
        if self.state != ConversationState::Human {
            self.turns.iter_mut().for_each(|turn| turn.ended = true);
            self.state = state_on(Deed::TakenOver, self.state);
            self.sequence += 1;
        }
    }

    fn goes_on(&mut self, event: Event) {
        match event {
            Event::Writes { paid } => self.writes(paid),
            Event::Speaks => self.first_open(false).into_iter().for_each(|live| live.open.speaking = true),
            Event::Answers => self.ends(Some(MessageStatus::Answered)),
            Event::Refuses => self.ends(Some(refusal(self.state, self.previous))),
            Event::HandsOver => self.ends(Some(MessageStatus::HandedOff)),
            Event::Fails => self.ends(Some(MessageStatus::Failed)),
            Event::StopsLive => {
                // What was said of it stays.
                let speaks = self.first_open(false).is_some_and(|live| live.open.speaking);
                self.ends(speaks.then_some(MessageStatus::Stopped));
            }
            Event::StopsWaiting => self.first_open(true).into_iter().for_each(|waiting| waiting.ended = true),
            Event::Does(Deed::TakenOver) => self.is_taken_over(),
            Event::Does(deed) => {
                let after = state_on(deed, self.state);
                // Of a settled conversation nobody is told.
                self.sequence += u32::from(after != self.state && deed != Deed::Resolved);
                self.state = after;
            }
            Event::Replies => {
                self.is_taken_over();
                self.sequence += 1;
            }
        }
    }
}

/// What must hold of a conversation after an event, whatever came before, said without any of the decisions.
fn check(
    before: &(ConversationState, Option<MessageStatus>, usize, u32),
    event: Event,
    talk: &Talk,
) -> Result<(), TestCaseError> {
    use ConversationState::{Ai, HandoffRequested, Human, Resolved};
    let &(was, previous, open_before, sequence) = before;
    let open = talk.open();
    prop_assert!(open.iter().filter(|turn| !turn.waiting).count() <= 1, "two live turns");
    prop_assert!(open.iter().filter(|turn| turn.waiting).count() <= 1, "two waiting turns");
    prop_assert!(open.first().is_none_or(|turn| !turn.waiting), "a turn waits behind none");
    prop_assert!(talk.turns.iter().all(|turn| turn.open.restarts <= RESTARTS), "restarted too often");
    for message in &talk.written {
        let its = talk.turns.iter().filter(|turn| (turn.first..=turn.last).contains(message)).count();
        prop_assert_eq!(its, 1, "message {} is in {} turns", message, its);
    }
    if talk.state == Human {
        prop_assert!(open.is_empty(), "the assistant answers what is a person's to answer");
    }
    if was == Human && talk.state == Human {
        prop_assert_eq!(talk.previous, previous, "the assistant is silent");
    }
    if was == HandoffRequested && talk.state != HandoffRequested {
        let leads_to = match event {
            Event::Does(Deed::TakenOver) | Event::Replies => Some(Human),
            Event::Does(Deed::GivenBack) => Some(Ai),
            Event::Does(Deed::Resolved) => Some(Resolved),
            _ => None,
        };
        prop_assert_eq!(leads_to, Some(talk.state), "who waits for a person is forgotten");
    }
    if let Event::Writes { .. } = event {
        prop_assert!(talk.state != Resolved, "the visitor wrote, and it is settled");
        prop_assert!(was != Resolved || talk.previous == Some(MessageStatus::OutOfCredits) || talk.state == Ai);
    }
    if event == Event::Refuses && open_before > 0 {
        let again = previous == Some(MessageStatus::Refused);
        prop_assert!(!again || talk.previous == Some(MessageStatus::HandedOff), "refused twice, and not handed over");
        prop_assert!(!again || talk.state == HandoffRequested, "refused twice, and nobody is asked for");
        prop_assert!(talk.previous != Some(MessageStatus::Refused) || was != HandoffRequested, "offered what was asked for");
    }
    let promised = [MessageStatus::HandedOff, MessageStatus::Failed, MessageStatus::OutOfCredits];
    if talk.sequence > sequence && talk.previous != previous && talk.previous.is_some_and(|status| promised.contains(&status)) {
        prop_assert_eq!(talk.state, HandoffRequested, "a person is promised, and nobody is asked for");
    }
    prop_assert!(talk.sequence - sequence <= 2, "at most a message and an answer");
    Ok(())
}

fn holds(events: &[Event]) -> Result<(), TestCaseError> {
    let mut talk = Talk::begun();
    for event in events {
        let before = (talk.state, talk.previous, talk.open().len(), talk.sequence);
        talk.goes_on(*event);
        check(&before, *event, &talk)?;
    }
    Ok(())
}

#[test]
fn whatever_four_things_happen_a_conversation_is_in_order() {
    let every = EVENTS.len();
    for number in 0..every.pow(4) {
        let events = [1, every, every * every, every.pow(3)].map(|place| EVENTS[number / place % every]);
        holds(&events).unwrap_or_else(|fault| panic!("{events:?}: {fault}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_a_conversation_is_in_order(events in prop::collection::vec(prop::sample::select(EVENTS.to_vec()), 0..120)) {
        holds(&events)?;
    }

    /// Bursts, which happen by chance too seldom: nine messages before a word is said, and again.
    #[test]
    fn a_burst_restarts_a_turn_so_often_and_no_more(bursts in prop::collection::vec((0_usize..25, prop::sample::select(EVENTS.to_vec())), 0..12)) {
        let burst = |(length, then): &(usize, Event)| [vec![Event::Writes { paid: true }; *length], vec![*then]].concat();
        holds(&bursts.iter().flat_map(burst).collect::<Vec<_>>())?;
    }
}
