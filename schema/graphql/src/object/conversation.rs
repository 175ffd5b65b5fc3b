//! Conversations.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use frontoffice_domain::{
    chat,
    id::{AuditEntryId, ConversationId, UserId, VisitorId},
    identity,
    page::{Page, Slice},
};
use futures_util::FutureExt;

use super::{
    audit::AuditActor,
    author::Authors,
    message::{Message, MessageLevel},
    persona::Persona,
    tenant::Place,
    turn::Turn,
    visitor::Visitor,
};
use crate::{
    connection::Connection,
    context::{House, house},
    error::refuse,
    global_id::GlobalId,
    json,
    kind::{Channel, ConversationState, MemberRole, Rating},
    level::Loaded,
    paging::{Window, connection},
    row::Plain,
    scalar::{DateTime, Uuid},
};

/// Which conversations are wanted. What is left out does not matter.
#[derive(InputObject)]
pub(crate) struct ConversationFilter {
    /// Who holds them.
    state: Option<ConversationState>,
    /// The way they came in.
    channel: Option<Channel>,
    /// A persona that has answered in them, by its id.
    persona: Option<ID>,
    /// Who of the team looks after them, by the id that `team` calls `member`.
    assignee: Option<ID>,
    /// Whether nobody of the team looks after them.
    unassigned: Option<bool>,
    /// Something was said in them at this instant or after it.
    active_from: Option<DateTime>,
    /// Nothing was said in them at this instant or after it.
    active_to: Option<DateTime>,
    /// What a message in them has in it; A to Z in whatever case.
    text: Option<String>,
    /// Whether somebody waits in them for a person longer than the tenant wants anybody to.
    overdue: Option<bool>,
}

impl ConversationFilter {
    /// As the domain has it. An id of another tenant's is one of nothing.
    pub(crate) fn read(self, place: &Place) -> Result<chat::Filter> {
        let here = place.uuid();
        let nothing = uuid::Uuid::nil();
        let persona = match self.persona.as_ref().map(|id| GlobalId::decode(id)) {
            None => None,
            Some(Some(GlobalId::Persona(tenant, id))) => Some(if tenant == here { id } else { nothing }),
            Some(_) => return Err(refuse("INPUT_INVALID", "`persona` must be the id of a persona.")),
        };
        let assignee = match self.assignee.as_ref().map(|id| GlobalId::decode(id)) {
            None => None,
            Some(Some(GlobalId::Member(tenant, id))) => Some(if tenant == here { id } else { nothing }),
            Some(_) => return Err(refuse("INPUT_INVALID", "`assignee` must be the id of a member.")),
        };
        let assignee = match (assignee, self.unassigned) {
            (Some(_), Some(true)) => return Err(refuse("INPUT_INVALID", "`assignee` and `unassigned` exclude each other.")),
            (Some(user), _) => Some(Some(user.into())),
            (None, Some(true)) => Some(None),
            (None, _) => None,
        };
        Ok(chat::Filter {
            states: self.state.map(|state| vec![state.into()]),
            channel: self.channel.map(Into::into),
            persona: persona.map(Into::into),
            assignee,
            active_from: self.active_from.map(|at| at.0),
            active_to: self.active_to.map(|at| at.0),
            text: self.text.filter(|text| !text.is_empty()),
            overdue: self.overdue,
        })
    }
}

/// Somebody on a tenant's team, as those see them who work with conversations.
#[derive(SimpleObject)]
pub(crate) struct TeamMember {
    /// Their id as a member, by which a conversation is given to them.
    member: ID,
    /// Their name; null for who is gone.
    name: Option<String>,
    /// What they may do; null where that is not told.
    role: Option<MemberRole>,
}

impl TeamMember {
    pub(crate) fn new(place: &Place, user: UserId, name: Option<String>, role: Option<identity::MemberRole>) -> Self {
        Self { member: GlobalId::Member(place.uuid(), user.uuid()).encode(), name, role: role.map(Into::into) }
    }
}

/// Something the team wrote beside a conversation. Its visitor never sees it.
#[derive(Clone)]
pub(crate) struct ConversationNote {
    place: Arc<Place>,
    authors: Arc<Authors>,
    note: chat::Note,
}

impl ConversationNote {
    pub(crate) fn alone(place: &Arc<Place>, note: chat::Note) -> Self {
        let authors = Arc::new(Authors::of([note.author_id]));
        Self { place: Arc::clone(place), authors, note }
    }
}

/// Something the team wrote beside a conversation. Its visitor never sees it.
#[Object]
impl ConversationNote {
    /// The UUID it is known by.
    async fn uuid(&self) -> Uuid {
        Uuid(self.note.id.uuid())
    }

    /// What it says.
    async fn text(&self) -> &str {
        &self.note.text
    }

    /// Who wrote it.
    async fn author(&self, ctx: &Context<'_>) -> Result<AuditActor> {
        self.authors.actor(ctx, &self.place, self.note.author, self.note.author_id).await
    }

    /// When it was written.
    async fn created_at(&self) -> DateTime {
        DateTime(self.note.created_at)
    }
}

/// Conversations of one tenant that were loaded together.
pub(crate) struct ConversationLevel {
    place: Arc<Place>,
    conversations: Vec<chat::Conversation>,
    messages: Loaded<Page<i64>, HashMap<ConversationId, Vec<Message>>>,
    turns: Loaded<Page<i64>, HashMap<ConversationId, Vec<chat::Turn>>>,
    notes: Loaded<(), HashMap<ConversationId, Vec<ConversationNote>>>,
    visitors: Loaded<(), HashMap<VisitorId, chat::Visitor>>,
    assignees: Authors,
}

impl ConversationLevel {
    /// A page of conversations that share a level.
    pub(crate) fn of(place: &Arc<Place>, slice: Slice<chat::Conversation>) -> Slice<Conversation> {
        let conversations = slice.items.clone();
        let looked_after_by = conversations.iter().map(|conversation| conversation.assignee_id.map(person));
        let level = Arc::new(Self {
            place: Arc::clone(place),
            assignees: Authors::of(looked_after_by),
            conversations,
            messages: Loaded::default(),
            turns: Loaded::default(),
            notes: Loaded::default(),
            visitors: Loaded::default(),
        });
        slice.map(|conversation| Conversation { level: Arc::clone(&level), conversation })
    }

    fn ids(&self) -> Vec<ConversationId> {
        self.conversations.iter().map(|conversation| conversation.id).collect()
    }

    /// The same page of turns of every conversation of the level, each with the turn too many that shows whether there are more.
    async fn turns(&self, house: &House, page: Page<i64>) -> Result<Arc<HashMap<ConversationId, Vec<chat::Turn>>>> {
        let load = move || {
            async move {
                let ids = self.ids();
                let read = async move |mut conn, scope| chat::turns_of(&mut conn, &scope, &ids, page).await;
                let mut by_conversation: HashMap<_, Vec<_>> = HashMap::new();
                for turn in house.read(&self.place.scope, read).await? {
                    by_conversation.entry(turn.conversation_id).or_default().push(turn);
                }
                Ok(by_conversation)
            }
            .boxed()
        };
        self.turns.get(page, load).await
    }

    /// The notes beside every conversation of the level.
    async fn notes(&self, house: &House) -> Result<Arc<HashMap<ConversationId, Vec<ConversationNote>>>> {
        let load = move || {
            async move {
                let ids = self.ids();
                let read = async move |mut conn, scope| chat::notes_of(&mut conn, &scope, &ids).await;
                let found = house.read(&self.place.scope, read).await?;
                let authors = Arc::new(Authors::of(found.iter().map(|note| note.author_id)));
                let mut by_conversation: HashMap<_, Vec<_>> = HashMap::new();
                for note in found {
                    let (place, authors) = (Arc::clone(&self.place), Arc::clone(&authors));
                    by_conversation.entry(note.conversation_id).or_default().push(ConversationNote { place, authors, note });
                }
                Ok(by_conversation)
            }
            .boxed()
        };
        self.notes.get((), load).await
    }

    /// The visitors of every conversation of the level.
    async fn visitors(&self, house: &House) -> Result<Arc<HashMap<VisitorId, chat::Visitor>>> {
        let load = move || {
            async move {
                let ids: Vec<_> = self.conversations.iter().map(|conversation| conversation.visitor_id).collect();
                let read = async move |mut conn, scope| chat::visitors(&mut conn, &scope, &ids).await;
                let found = house.read(&self.place.scope, read).await?;
                Ok(found.into_iter().map(|visitor| (visitor.id, visitor)).collect())
            }
            .boxed()
        };
        self.visitors.get((), load).await
    }

    /// The same page of messages of every conversation of the level.
    async fn messages(&self, house: &House, page: Page<i64>) -> Result<Arc<HashMap<ConversationId, Vec<Message>>>> {
        let load = move || {
            async move {
                let stretches: Vec<_> = self.conversations.iter().map(|conversation| conversation.stretch(&page)).collect();
                let messages = house
                    .read(&self.place.scope, async move |mut conn, scope| chat::messages_of(&mut conn, &scope, &stretches).await)
                    .await?;
                // Those of one conversation come one after the other.
                let messages: Vec<_> = MessageLevel::of(&self.place, messages).collect();
                let of_one = messages.chunk_by(|one, next| one.conversation_id() == next.conversation_id());
                Ok(of_one.filter_map(|said| Some((said.first()?.conversation_id(), said.to_vec()))).collect())
            }
            .boxed()
        };
        self.messages.get(page, load).await
    }
}

/// Somebody, as authors are named.
fn person(user: UserId) -> AuditEntryId {
    user.uuid().into()
}

/// A conversation.
#[derive(Clone)]
pub(crate) struct Conversation {
    level: Arc<ConversationLevel>,
    conversation: chat::Conversation,
}

impl Conversation {
    /// One conversation by itself.
    pub(crate) fn alone(place: &Arc<Place>, conversation: chat::Conversation) -> Option<Self> {
        ConversationLevel::of(place, Slice { items: vec![conversation], has_previous: false, has_next: false }).items.pop()
    }

    /// Its row.
    pub(crate) fn row(&self) -> ConversationId {
        self.conversation.id
    }

    /// Where it is in the list of its tenant's conversations.
    pub(crate) fn place(&self, order: chat::Order) -> chat::Place {
        self.conversation.place(order)
    }
}

impl Plain for Conversation {
    fn write(&self, field: &str, out: &mut Vec<u8>) -> Option<serde_json::Result<()>> {
        let its = &self.conversation;
        Some(match field {
            "id" => json::id(GlobalId::Conversation(self.level.place.uuid(), its.id.uuid()), out),
            "sessionId" => json::text(&its.session_id, out),
            "channel" => json::word(Channel::from(its.channel), out),
            "state" => json::word(ConversationState::from(its.state), out),
            "locale" => json::text(its.locale.as_str(), out),
            "title" => json::text_if_any(its.title.as_deref(), out),
            "messageCount" => json::number(its.last_sequence, out),
            "createdAt" => json::instant(its.created_at, out),
            "lastMessageAt" => json::instant(its.last_message_at, out),
            _ => return None,
        })
    }
}

/// The list of a conversation's messages, in cursors.
const MESSAGES: &str = "messages";
/// The list of a conversation's turns, in cursors.
const TURNS: &str = "turns";

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

    /// When something was last said in it.
    async fn last_message_at(&self) -> DateTime {
        DateTime(self.conversation.last_message_at)
    }

    /// Who of the team looks after it; null if nobody does.
    async fn assignee(&self, ctx: &Context<'_>) -> Result<Option<TeamMember>> {
        let Some(user) = self.conversation.assignee_id else { return Ok(None) };
        let name = self.level.assignees.name(ctx, &self.level.place, person(user)).await?;
        Ok(Some(TeamMember::new(&self.level.place, user, name, None)))
    }

    /// Who talks to the assistant.
    async fn visitor(&self, ctx: &Context<'_>) -> Result<Option<Visitor>> {
        let loaded = self.level.visitors(house(ctx)?).await?;
        Ok(loaded.get(&self.conversation.visitor_id).map(|visitor| Visitor::new(&self.level.place, visitor.clone())))
    }

    /// What the team wrote beside it, the oldest first; its visitor never sees it.
    async fn notes(&self, ctx: &Context<'_>) -> Result<Option<Vec<ConversationNote>>> {
        let loaded = self.level.notes(house(ctx)?).await?;
        Ok(Some(loaded.get(&self.conversation.id).cloned().unwrap_or_default()))
    }

    /// What the team calls it; null if it was not given a title.
    async fn title(&self) -> Option<&str> {
        self.conversation.title.as_deref()
    }

    /// Since when the visitor waits for a person; null if nobody waits.
    async fn waiting_since(&self) -> Option<DateTime> {
        self.conversation.waiting_since.map(DateTime)
    }

    /// Since when that takes longer than the tenant wants anybody to wait; null if it does not.
    async fn overdue_at(&self) -> Option<DateTime> {
        self.conversation.overdue_at.map(DateTime)
    }

    /// Where the visitor wants to be written to; null if they left no address.
    async fn contact_email(&self) -> Option<&str> {
        self.conversation.contact_email.as_deref()
    }

    /// What the visitor thinks of it; null if they did not say.
    async fn rating(&self) -> Option<Rating> {
        self.conversation.rating.map(Into::into)
    }

    /// What the visitor says about it; null if nothing.
    async fn rating_comment(&self) -> Option<&str> {
        self.conversation.rating_comment.as_deref()
    }

    /// Since when nothing of what was said in it is left, so that nothing can be done with it any more; null if it was not erased.
    async fn erased_at(&self) -> Option<DateTime> {
        self.conversation.erased_at.map(DateTime)
    }

    /// How many messages it has.
    async fn message_count(&self) -> i64 {
        self.conversation.last_sequence
    }

    /// Who answers in it.
    async fn persona(&self, ctx: &Context<'_>) -> Result<Option<Persona>> {
        self.level.place.default_persona(ctx).await
    }

    /// The attempts to answer, the oldest first.
    async fn turns(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Turn>>> {
        let (house, place) = (house(ctx)?, &self.level.place);
        let page = Window { first, last, after, before }.page(&house.key, &place.list(TURNS))?;
        let loaded = self.level.turns(house, page).await?;
        let rows = loaded.get(&self.conversation.id).cloned().unwrap_or_default();
        let slice = page.slice(rows).map(|turn| Turn::new(place, turn));
        Ok(Some(connection(slice, &house.key, &place.list(TURNS), Turn::place)))
    }

    /// What was said, the oldest first.
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Message>>> {
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
