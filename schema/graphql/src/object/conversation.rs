//! Conversations.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, ID, Object, Result, connection::Connection};
use frontoffice_domain::{
    chat,
    id::ConversationId,
    page::{Page, Slice},
};

use super::{
    message::{Message, MessageLevel},
    persona::Persona,
    tenant::Place,
};
use crate::{
    context::{House, house},
    global_id::GlobalId,
    kind::{Channel, ConversationState},
    level::Loaded,
    paging::{Cursor, Window, connection},
    scalar::DateTime,
};

/// Conversations of one tenant that were loaded together.
pub(crate) struct ConversationLevel {
    place: Arc<Place>,
    conversations: Vec<chat::Conversation>,
    messages: Loaded<Page<i64>, HashMap<ConversationId, Vec<Message>>>,
}

impl ConversationLevel {
    /// A page of conversations that share a level.
    pub(crate) fn of(place: &Arc<Place>, slice: Slice<chat::Conversation>) -> Slice<Conversation> {
        let conversations = slice.items.clone();
        let level = Arc::new(Self { place: Arc::clone(place), conversations, messages: Loaded::default() });
        slice.map(|conversation| Conversation { level: Arc::clone(&level), conversation })
    }

    /// The same page of messages of every conversation of the level.
    async fn messages(&self, house: &House, page: Page<i64>) -> Result<Arc<HashMap<ConversationId, Vec<Message>>>> {
        let load = async {
            let stretches: Vec<_> = self.conversations.iter().map(|conversation| conversation.stretch(&page)).collect();
            let messages = house
                .read(&self.place.scope, async move |mut conn, scope| chat::messages_of(&mut conn, &scope, &stretches).await)
                .await?;
            let mut by_conversation: HashMap<_, Vec<_>> = HashMap::new();
            for message in MessageLevel::of(&self.place, messages) {
                by_conversation.entry(message.conversation_id()).or_default().push(message);
            }
            Ok(by_conversation)
        };
        self.messages.get(page, load).await
    }
}

/// A conversation.
#[derive(Clone)]
pub(crate) struct Conversation {
    level: Arc<ConversationLevel>,
    conversation: chat::Conversation,
}

impl Conversation {
    /// Where it is in the list of its tenant's conversations.
    pub(crate) fn place(&self) -> ConversationId {
        self.conversation.id
    }
}

/// The list of a conversation's messages, in cursors.
const MESSAGES: &str = "messages";

/// A conversation of a visitor with a tenant's assistant.
#[Object]
impl Conversation {
    /// Its id among all objects.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Conversation(self.level.place.uuid(), self.conversation.id.uuid()).encode()
    }

    /// What the visitor's client calls it.
    async fn session_id(&self) -> &str {
        &self.conversation.session_id
    }

    /// The way it came in.
    async fn channel(&self) -> Channel {
        self.conversation.channel.into()
    }

    /// Who holds it.
    async fn state(&self) -> ConversationState {
        self.conversation.state.into()
    }

    /// Its language, as a BCP 47 tag.
    async fn locale(&self) -> &str {
        self.conversation.locale.as_str()
    }

    /// When it began.
    async fn created_at(&self) -> DateTime {
        DateTime(self.conversation.created_at)
    }

    /// How many messages it has.
    async fn message_count(&self) -> i64 {
        self.conversation.last_sequence
    }

    /// Who answers in it.
    async fn persona(&self, ctx: &Context<'_>) -> Result<Option<Persona>> {
        self.level.place.default_persona(ctx).await
    }

    /// What was said, the oldest first.
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Cursor, Message>>> {
        let house = house(ctx)?;
        let page = Window { first, last, after, before }.page(&house.key, &self.level.place.list(MESSAGES))?;
        let stretch = self.conversation.stretch(&page);
        let loaded = self.level.messages(house, page).await?;
        let slice = Slice {
            items: loaded.get(&self.conversation.id).cloned().unwrap_or_default(),
            has_previous: stretch.from > 1,
            has_next: stretch.to < self.conversation.last_sequence,
        };
        Ok(Some(connection(slice, &house.key, &self.level.place.list(MESSAGES), Message::place)))
    }
}
