//! Shapes of conversations as those see them who work with them.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};

use super::{
    model::{Channel, ConversationState, MessageStatus, Role, Source, TurnState},
    people::Thumb,
    verdict::Verdict,
};
use crate::{
    audit::ActorKind,
    clock::Instant,
    db::sql,
    id::{AuditEntryId, ConversationId, MessageId, NoteId, PersonaId, PersonaVersionId, TurnId, UserId, VisitorId},
    locale::Locale,
    page::{Page, Take},
    tables::{conversation_notes, conversations, visitors},
};

/// A conversation.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = conversations, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Conversation {
    /// Its row.
    pub id: ConversationId,
    /// What the client calls it.
    pub session_id: String,
    /// The way it came in.
    pub channel: Channel,
    /// Who holds it.
    pub state: ConversationState,
    /// Its language.
    pub locale: Locale,
    /// The number of its newest message, which is also how many it has.
    pub last_sequence: i64,
    /// When it began.
    pub created_at: Instant,
    /// When something was last said in it.
    pub last_message_at: Instant,
    /// Who of the team looks after it.
    pub assignee_id: Option<UserId>,
    /// Whose it is.
    pub visitor_id: VisitorId,
    /// Since when somebody waits for a person.
    pub waiting_since: Option<Instant>,
    /// Since when that is longer than the tenant wants anybody to wait.
    pub overdue_at: Option<Instant>,
    /// What the team calls it.
    pub title: Option<String>,
    /// Where its visitor wants to be written to.
    pub contact_email: Option<String>,
    /// What its visitor thinks of it.
    pub rating: Option<Thumb>,
    /// And says about it.
    pub rating_comment: Option<String>,
    /// Since when nothing of what was said in it is left.
    pub erased_at: Option<Instant>,
}

/// Which conversations are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Who holds them: one of these.
    pub states: Option<Vec<ConversationState>>,
    /// The way they came in.
    pub channel: Option<Channel>,
    /// A persona that has answered in them.
    pub persona: Option<PersonaId>,
    /// Who looks after them; `Some(None)`: nobody does.
    pub assignee: Option<Option<UserId>>,
    /// Something was said in them at this instant or after it.
    pub active_from: Option<Instant>,
    /// Nothing was said in them at this instant or after it.
    pub active_to: Option<Instant>,
    /// What a message in them has in it, A to Z in whatever case.
    pub text: Option<String>,
    /// Whether somebody waits for a person longer than the tenant wants anybody to.
    pub overdue: Option<bool>,
}

/// In which order conversations are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The newest first.
    Created,
    /// The one in which something was last said first.
    Active,
}

/// A place in the list of conversations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When something was last said; the beginning of time where that is not the order.
    pub active: Instant,
    /// The conversation.
    pub id: ConversationId,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.active.as_micros(), self.id)
    }
}

impl std::str::FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (active, id) = text.split_once('.').ok_or(())?;
        Ok(Self { active: Instant::from_micros(active.parse().map_err(|_| ())?), id: id.parse().map_err(|_| ())? })
    }
}

/// A visitor, as those see them who work with conversations: nothing says who it is, unless their own website does.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = visitors, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Visitor {
    /// Their row.
    pub id: VisitorId,
    /// When they first wrote.
    pub created_at: Instant,
    /// When they last wrote.
    pub seen_at: Instant,
    /// Since when nothing is left of what they said, and no token finds them.
    pub erased_at: Option<Instant>,
    /// When their website last said who they are; none: nobody did.
    pub verified_at: Option<Instant>,
    /// What it calls them.
    pub name: Option<String>,
    /// Where it says they are written to.
    pub email: Option<String>,
}

/// Something the team wrote beside a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = conversation_notes, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Note {
    /// Its row.
    pub id: NoteId,
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// What kind of caller wrote it.
    pub author: ActorKind,
    /// The person or the key.
    pub author_id: Option<AuditEntryId>,
    /// What it says.
    pub text: String,
    /// When it was written.
    pub created_at: Instant,
}

/// A turn, as those see it who work with conversations.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
#[diesel(check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
pub struct Turn {
    /// Its row.
    #[diesel(sql_type = sql::Id)]
    pub id: TurnId,
    /// Its conversation.
    #[diesel(sql_type = sql::Id)]
    pub conversation_id: ConversationId,
    /// The number of the first message it answers.
    #[diesel(sql_type = BigInt)]
    pub first_sequence: i64,
    /// The number of the last.
    #[diesel(sql_type = BigInt)]
    pub last_sequence: i64,
    /// How far it is.
    #[diesel(sql_type = Text)]
    pub state: TurnState,
    /// How often further messages restarted it.
    #[diesel(sql_type = Integer)]
    pub restarts: i32,
    /// The answer.
    #[diesel(sql_type = Nullable<sql::Id>)]
    pub answer_id: Option<MessageId>,
    /// When it began.
    #[diesel(sql_type = sql::Instant)]
    pub created_at: Instant,
    /// When its first words were said, if it was said in pieces.
    #[diesel(sql_type = Nullable<sql::Instant>)]
    pub speaking_at: Option<Instant>,
    /// When it ended.
    #[diesel(sql_type = Nullable<sql::Instant>)]
    pub ended_at: Option<Instant>,
}

/// A message.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its row.
    pub id: MessageId,
    /// Its conversation.
    pub conversation_id: ConversationId,
    /// Its number in the conversation, from 1.
    pub sequence: i64,
    /// Who said it.
    pub role: Role,
    /// What was said.
    pub text: String,
    /// What it is.
    pub status: MessageStatus,
    /// Who answered, in which version; none for what visitors say.
    pub persona_version_id: Option<PersonaVersionId>,
    /// The model that answered.
    pub model: Option<String>,
    /// Where the answer comes from.
    pub sources: Vec<Source>,
    /// When it was stored.
    pub created_at: Instant,
    /// What kind of caller said it, if somebody of the team did.
    pub author: Option<ActorKind>,
    /// The person or the key.
    pub author_id: Option<AuditEntryId>,
    /// What its visitor thinks of it.
    pub rating: Option<Thumb>,
    /// What was found when it was checked, if a model wrote it.
    pub verdict: Option<Verdict>,
}

/// The messages of a conversation from one number to another, both included; empty if `from` is greater than `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// The first.
    pub from: i64,
    /// The last.
    pub to: i64,
}

impl Conversation {
    /// The stretch that a page of its messages is.
    #[must_use]
    pub fn stretch(&self, page: &Page<i64>) -> Stretch {
        let lowest = page.after.map_or(1, |after| after.saturating_add(1)).max(1);
        let highest = page.before.map_or(self.last_sequence, |before| before.saturating_sub(1)).min(self.last_sequence);
        let (from, to) = match page.take {
            Take::First(count) => (lowest, highest.min(lowest.saturating_add(i64::from(count)).saturating_sub(1))),
            Take::Last(count) => (lowest.max(highest.saturating_sub(i64::from(count)).saturating_add(1)), highest),
        };
        Stretch { conversation_id: self.id, from, to }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_stretch_is_what_a_page_of_the_whole_list_would_be(
            last in 0_i64..12, after in prop::option::of(-1_i64..14), before in prop::option::of(-1_i64..14), count in 1_u16..5, backwards: bool,
        ) {
            let conversation = Conversation {
                id: ConversationId::new(), session_id: String::new(), channel: Channel::Public, state: ConversationState::Ai,
                locale: Locale::En, last_sequence: last, created_at: Instant::from_micros(0), last_message_at: Instant::from_micros(0),
                assignee_id: None, visitor_id: VisitorId::new(), waiting_since: None, overdue_at: None, title: None, contact_email: None,
                rating: None, rating_comment: None, erased_at: None,
            };
            let take = if backwards { Take::Last(count) } else { Take::First(count) };
            let mut all: Vec<i64> = (1..=last).filter(|n| after.is_none_or(|a| *n > a) && before.is_none_or(|b| *n < b)).collect();
            if backwards {
                let keep = all.len().saturating_sub(count.into());
                all.drain(..keep);
            } else {
                all.truncate(count.into());
            }
            let Stretch { from, to, .. } = conversation.stretch(&Page { take, after, before });
            prop_assert_eq!((from..=to).collect::<Vec<_>>(), all);
        }
    }
}
