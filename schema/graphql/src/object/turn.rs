//! Attempts to answer.

use std::sync::Arc;

use async_graphql::{ID, Object};
use frontoffice_domain::chat;

use super::tenant::Place;
use crate::{
    global_id::GlobalId,
    kind::TurnState,
    scalar::{DateTime, Uuid},
};

/// A turn of a conversation.
#[derive(Clone)]
pub(crate) struct Turn {
    place: Arc<Place>,
    turn: chat::Turn,
}

impl Turn {
    pub(crate) fn new(place: &Arc<Place>, turn: chat::Turn) -> Self {
        Self { place: Arc::clone(place), turn }
    }

    /// Where it is in its conversation.
    pub(crate) fn place(&self) -> i64 {
        self.turn.first_sequence
    }
}

/// One attempt to answer one or several messages of a visitor.
#[Object]
impl Turn {
    /// The UUID it is known by: answers, charges and entries of the ledger name it.
    async fn uuid(&self) -> Uuid {
        Uuid(self.turn.id.uuid())
    }

    /// How far it is.
    async fn state(&self) -> TurnState {
        self.turn.state.into()
    }

    /// The number of the first message it answers.
    async fn first_sequence(&self) -> i64 {
        self.turn.first_sequence
    }

    /// The number of the last message it answers.
    async fn last_sequence(&self) -> i64 {
        self.turn.last_sequence
    }

    /// How often further messages restarted it.
    async fn restarts(&self) -> i32 {
        self.turn.restarts
    }

    /// The id of the message that is the answer; null while there is none.
    async fn answer(&self) -> Option<ID> {
        self.turn.answer_id.map(|id| GlobalId::Message(self.place.uuid(), id.uuid()).encode())
    }

    /// When it began.
    async fn created_at(&self) -> DateTime {
        DateTime(self.turn.created_at)
    }

    /// When its first words were said; null if it was not said in pieces.
    async fn speaking_at(&self) -> Option<DateTime> {
        self.turn.speaking_at.map(DateTime)
    }

    /// When it ended; null while it has not.
    async fn ended_at(&self) -> Option<DateTime> {
        self.turn.ended_at.map(DateTime)
    }
}
