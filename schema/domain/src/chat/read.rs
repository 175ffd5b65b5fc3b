//! Shapes of conversations as those see them who work with them.

use diesel::prelude::*;

use super::model::{Channel, ConversationState, MessageStatus, Role, Source};
use crate::{
    clock::Instant,
    id::{ConversationId, MessageId, PersonaVersionId},
    locale::Locale,
    page::{Page, Take},
    tables::conversations,
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
}

/// Which conversations are wanted; what is `None` does not matter.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Who holds them.
    pub state: Option<ConversationState>,
    /// The way they came in.
    pub channel: Option<Channel>,
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
                locale: Locale::En, last_sequence: last, created_at: Instant::from_micros(0),
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
