//! A chat answer: its shape, and waiting for it.

use std::time::Duration;

use frontoffice_domain::{
    bus::TurnEvent,
    chat::{self, Ended, MessageStatus, Receipt, Reply, Source, View},
    clock::Instant,
    id::{MessageId, TurnId},
    tenancy::Scope,
};
use serde::Serialize;

use crate::{Api, problem::Problem};

/// A chat answer, as every chat route gives it. The fields are always there; what does not apply is `null`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ChatAnswer {
    session_id: String,
    message_id: String,
    turn_id: Option<String>,
    status: &'static str,
    reply: Option<String>,
    ai: bool,
    notice: Option<String>,
    persona: Option<PersonaName>,
    sources: Vec<Source>,
    handoff: Option<Handoff>,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) events_url: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct PersonaName {
    name: String,
}

/// `offered`: a person can be asked for. `requested`: one has been.
#[derive(Clone, Debug, Serialize)]
struct Handoff {
    state: &'static str,
}

impl ChatAnswer {
    /// The answer to the visitor's message.
    pub(crate) fn of(reply: Reply) -> Self {
        let handoff = match reply.status {
            MessageStatus::Received | MessageStatus::Answered | MessageStatus::Stopped | MessageStatus::Sent => None,
            MessageStatus::Refused => Some(Handoff { state: "offered" }),
            MessageStatus::HandedOff | MessageStatus::Failed | MessageStatus::OutOfCredits => {
                Some(Handoff { state: "requested" })
            }
        };
        Self {
            session_id: reply.session_id,
            message_id: reply.message_id.to_string(),
            turn_id: Some(reply.turn_id.to_string()),
            status: reply.status.as_str(),
            reply: Some(reply.text),
            ai: true,
            notice: reply.notice,
            persona: Some(PersonaName { name: reply.persona }),
            sources: reply.sources,
            handoff,
            created_at: reply.created_at.to_string(),
            events_url: None,
        }
    }

    /// No answer, and there will be none: a person took over, or the visitor stopped it.
    fn ended(ended: Ended) -> Self {
        let Ended { session_id, message_id, turn_id, state, ended_at } = ended;
        Self::bare(session_id, message_id, Some(turn_id), state.as_str(), ended_at)
    }

    /// Where the answer comes from.
    pub(crate) fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// No answer (yet): the message itself, and why.
    pub(crate) fn without(receipt: &Receipt, status: &'static str) -> Self {
        Self::bare(receipt.session_id.clone(), receipt.message_id, receipt.turn_id, status, receipt.created_at)
    }

    /// What a person said is on its way.
    pub(crate) fn by_person(session_id: &str, message_id: MessageId, created_at: Instant) -> Self {
        Self::bare(session_id.to_owned(), message_id, None, "human", created_at)
    }

    fn bare(
        session_id: String,
        message_id: MessageId,
        turn_id: Option<TurnId>,
        status: &'static str,
        created_at: Instant,
    ) -> Self {
        Self {
            session_id,
            message_id: message_id.to_string(),
            turn_id: turn_id.map(|id| id.to_string()),
            status,
            reply: None,
            ai: status != "human",
            notice: None,
            persona: None,
            sources: Vec::new(),
            handoff: None,
            created_at: created_at.to_string(),
            events_url: None,
        }
    }
}

/// Waits for the answer: on the bus, and by looking itself now and then, because the bus may lose what it hears. `None` when time is
/// over or the process is to stop; the answer is not lost.
///
/// The answer to a new message cannot be there yet, so nobody looks before it was heard of, which nobody is too late for.
pub(crate) async fn wait_for(api: &Api, scope: &Scope, whose: &Whose, is_new: bool, wait: Duration) -> Option<ChatAnswer> {
    // The message is stored: that its answer cannot be read right now is no failure of the request.
    let seen = async || look(api, scope, whose).await.ok().flatten();
    let now = tokio::time::Instant::now();
    let deadline = now.checked_add(wait).unwrap_or(now);
    let mut listener = whose.turn().map(|turn| api.bus.subscribe(turn, None));
    let mut may_be_there = !is_new;
    loop {
        if may_be_there && let Some(answer) = seen().await {
            return Some(answer);
        }
        may_be_there = true;
        loop {
            let heard = async {
                match &mut listener {
                    Some(listener) => listener.next().await.1,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                event = heard => if matches!(event, TurnEvent::Done | TurnEvent::Superseded { .. }) { break },
                () = tokio::time::sleep(Duration::from_secs(1)) => break,
                () = tokio::time::sleep_until(deadline) => return seen().await,
                () = api.stop.cancelled() => return seen().await,
            }
        }
    }
}

/// What somebody waits for.
#[derive(Clone, Debug)]
pub(crate) enum Whose {
    /// The answer to a message.
    Message(Receipt),
    /// The answer of a turn.
    Turn(TurnId),
}

impl Whose {
    pub(crate) fn turn(&self) -> Option<TurnId> {
        match self {
            Self::Message(receipt) => receipt.turn_id,
            Self::Turn(turn) => Some(*turn),
        }
    }
}

/// What became of it so far; `None` while there is no answer.
pub(crate) async fn look(api: &Api, scope: &Scope, whose: &Whose) -> Result<Option<ChatAnswer>, Problem> {
    let (reader, asked) = (scope.clone(), whose.clone());
    let look = async move |mut conn| match &asked {
        Whose::Message(receipt) => chat::look(&mut conn, &reader, receipt.message_id).await,
        Whose::Turn(turn) => chat::look_at_turn(&mut conn, &reader, *turn).await,
    };
    Ok(match (api.db.read(scope, look).await?, whose) {
        (View::Answered(reply), _) => Some(ChatAnswer::of(*reply)),
        (View::Ended(ended), _) => Some(ChatAnswer::ended(ended)),
        (View::Joined, Whose::Message(receipt)) => Some(ChatAnswer::without(receipt, "joined")),
        (View::Pending | View::Unknown | View::Joined, _) => None,
    })
}
