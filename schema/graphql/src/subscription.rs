//! The roots of listening. What is told is a hint that something is new; what it is the store says, so that a lost hint loses nothing.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use async_graphql::{Context, Error, ID, Result, SimpleObject, Subscription as Listening, Union};
use frontoffice_domain::{
    bus::{self, NewsOf},
    chat,
    clock::Instant,
    id::ConversationId,
    identity::Permission,
    page::{Page, Take},
    tenancy,
};
use futures_util::{Stream, stream};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::{
    context::{House, asking, house, signed_in},
    error::{failed, refuse},
    global_id::GlobalId,
    object::{
        conversation::Conversation,
        message::{Message, MessageLevel},
        tenant::Place,
    },
};

/// How often the store is looked at without a hint: while the bus reaches everyone, and while it does not.
const SELDOM: Duration = Duration::from_secs(30);
const OFTEN: Duration = Duration::from_secs(1);
/// At most so much is told at once; the rest follows.
const AT_ONCE: u16 = 50;

/// Something was said.
#[derive(SimpleObject)]
pub(crate) struct MessageAdded {
    /// What was said.
    message: Message,
    /// The conversation, as it is since.
    conversation: Conversation,
}

/// Who holds a conversation, or who looks after it, is another.
#[derive(SimpleObject)]
pub(crate) struct ConversationChanged {
    /// The conversation, as it is since.
    conversation: Conversation,
}

/// A conversation began.
#[derive(SimpleObject)]
pub(crate) struct ConversationStarted {
    /// The conversation.
    conversation: Conversation,
}

/// A person is asked for in a conversation.
#[derive(SimpleObject)]
pub(crate) struct HandoffRequested {
    /// The conversation.
    conversation: Conversation,
}

/// What happens in a conversation.
#[derive(Union)]
pub(crate) enum ConversationEvent {
    /// Something was said.
    MessageAdded(MessageAdded),
    /// Who holds it, or who looks after it, is another.
    ConversationChanged(ConversationChanged),
}

/// What happens in a tenant's conversations.
#[derive(Union)]
pub(crate) enum TenantEvent {
    /// One began.
    ConversationStarted(ConversationStarted),
    /// A person is asked for in one.
    HandoffRequested(HandoffRequested),
    /// Something else happened in one: something was said, or who holds it or looks after it is another.
    ConversationChanged(ConversationChanged),
}

/// What can be listened to.
pub(crate) struct Subscription;

/// What can be listened to.
#[Listening]
impl Subscription {
    /// What happens in a conversation from now on, or after a message: nothing is missed and nothing told twice, also where one listens
    /// again. Needs `chat.read`.
    async fn conversation_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The conversation.")] id: ID,
        #[graphql(desc = "The number of the last message that is known already; the newest there is if nothing is said.")]
        after_sequence: Option<i64>,
    ) -> Result<impl Stream<Item = Result<ConversationEvent>> + use<>> {
        let (house, who, now) = (house(ctx)?.clone(), signed_in(ctx)?, asking(ctx)?.now);
        let Some(GlobalId::Conversation(tenant, row)) = GlobalId::decode(&id) else {
            return Err(refuse("INPUT_INVALID", "`id` must be the id of a conversation."));
        };
        let entered = tenancy::enter_each(&house.db, who, vec![tenant.into()], now).await.map_err(failed)?.pop();
        let unknown = || refuse("NOT_FOUND", "There is no such conversation that you may know of.");
        let place = entered.map(Place::new).ok_or_else(unknown)?;
        // Before the first look, so that nothing between the two is missed.
        let news = house.bus.news(place.scope.tenant());
        let seen = conversation(&house, &place, row.into()).await?.ok_or_else(unknown)?;
        let after = after_sequence.unwrap_or(seen.last_sequence).max(0);
        let listening = InConversation { ears: Ears::new(house, news), place, seen, after, ready: VecDeque::new() };
        Ok(stream::unfold(listening, async |mut listening| Some((listening.next().await, listening))))
    }

    /// What happens in a tenant's conversations from now on. Whoever listens again reads the list first. Needs `chat.read`.
    async fn tenant_events(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tenant; the caller's own if nothing is said.")] tenant_id: Option<ID>,
    ) -> Result<impl Stream<Item = Result<TenantEvent>> + use<>> {
        let (house, who, now) = (house(ctx)?.clone(), signed_in(ctx)?, asking(ctx)?.now);
        let entered = match tenant_id.as_ref().map(|id| GlobalId::decode(id)) {
            None => tenancy::enter_named(&house.db, who, None, now).await.map_err(failed)?,
            Some(Some(GlobalId::Tenant(id))) => {
                tenancy::enter_each(&house.db, who, vec![id.into()], now).await.map_err(failed)?.pop()
            }
            Some(_) => return Err(refuse("INPUT_INVALID", "`tenantId` must be the id of a tenant.")),
        };
        let place =
            entered.map(Place::new).ok_or_else(|| refuse("NOT_FOUND", "There is no such tenant that you may know of."))?;
        place.scope.require(Permission::ChatRead).map_err(failed)?;
        let news = house.bus.news(place.scope.tenant());
        let newest = newest(&house, &place, None).await?;
        let since = newest.first().map(|newest| newest.place(chat::Order::Active));
        let known = newest.into_iter().map(Known::of).collect();
        let listening = InTenant { ears: Ears::new(house, news), place, since, known, ready: VecDeque::new() };
        Ok(stream::unfold(listening, async |mut listening| Some((listening.next().await, listening))))
    }
}

/// Hears hints, and now and then the clock.
struct Ears {
    house: House,
    news: NewsOf,
    beat: Interval,
    quiet: Duration,
}

impl Ears {
    fn new(house: House, news: NewsOf) -> Self {
        let mut beat = interval(OFTEN);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.reset();
        Self { house, news, beat, quiet: Duration::ZERO }
    }

    /// Where to look next: in this conversation, or anywhere.
    async fn hear(&mut self) -> Option<ConversationId> {
        loop {
            tokio::select! {
                hint = self.news.next() => return hint,
                _ = self.beat.tick() => {
                    self.quiet = self.quiet.saturating_add(OFTEN);
                    if self.quiet >= SELDOM || self.house.bus.state() == bus::State::Degraded {
                        self.quiet = Duration::ZERO;
                        return None;
                    }
                }
            }
        }
    }
}

async fn conversation(house: &House, place: &Arc<Place>, id: ConversationId) -> Result<Option<chat::Conversation>> {
    let read = async move |mut conn, scope| chat::conversations_by_id(&mut conn, &scope, &[id]).await;
    Ok(house.read(&place.scope, read).await?.pop())
}

/// Those in which something was said after a place, or the newest; the one in which something was said last first.
async fn newest(house: &House, place: &Arc<Place>, since: Option<chat::Place>) -> Result<Vec<chat::Conversation>> {
    let page = Page { take: since.map_or(Take::First(AT_ONCE), |_| Take::Last(AT_ONCE)), after: None, before: since };
    let read = async move |mut conn, scope| {
        chat::conversations(&mut conn, &scope, &chat::Filter::default(), chat::Order::Active, page).await
    };
    Ok(house.read(&place.scope, read).await?.items)
}

fn gone() -> Error {
    refuse("NOT_FOUND", "The conversation is not there any more.")
}

struct InConversation {
    ears: Ears,
    place: Arc<Place>,
    seen: chat::Conversation,
    /// The number of the last message that was told.
    after: i64,
    ready: VecDeque<ConversationEvent>,
}

impl InConversation {
    async fn next(&mut self) -> Result<ConversationEvent> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(event);
            }
            // What is known to be there is told before anything is waited for.
            if self.after >= self.seen.last_sequence {
                let hint = self.ears.hear().await;
                if hint.is_some_and(|id| id != self.seen.id) {
                    continue;
                }
            }
            self.look().await?;
        }
    }

    async fn look(&mut self) -> Result<()> {
        let Some(now) = conversation(&self.ears.house, &self.place, self.seen.id).await? else { return Err(gone()) };
        let changed = (now.state, now.assignee_id) != (self.seen.state, self.seen.assignee_id);
        self.seen = now;
        if self.after < self.seen.last_sequence {
            let stretch = self.seen.stretch(&Page { take: Take::First(AT_ONCE), after: Some(self.after), before: None });
            let read = async move |mut conn, scope| chat::messages_of(&mut conn, &scope, &[stretch]).await;
            let messages = self.ears.house.read(&self.place.scope, read).await?;
            for message in MessageLevel::of(&self.place, messages) {
                self.after = message.place();
                if let Some(conversation) = self.conversation() {
                    self.ready.push_back(ConversationEvent::MessageAdded(MessageAdded { message, conversation }));
                }
            }
        }
        if let Some(conversation) = self.conversation().filter(|_| changed) {
            self.ready.push_back(ConversationEvent::ConversationChanged(ConversationChanged { conversation }));
        }
        Ok(())
    }

    fn conversation(&self) -> Option<Conversation> {
        Conversation::alone(&self.place, self.seen.clone())
    }
}

/// What is remembered of a conversation, to tell what is new in it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Known {
    id: ConversationId,
    state: chat::ConversationState,
    assignee: Option<frontoffice_domain::id::UserId>,
    messages: i64,
}

impl Known {
    fn of(conversation: chat::Conversation) -> Self {
        let chat::Conversation { id, state, assignee_id: assignee, last_sequence: messages, .. } = conversation;
        Self { id, state, assignee, messages }
    }
}

/// So many conversations are remembered.
const REMEMBERED: usize = 500;

struct InTenant {
    ears: Ears,
    place: Arc<Place>,
    /// The conversation in which something was said last, as far as was looked.
    since: Option<chat::Place>,
    known: VecDeque<Known>,
    ready: VecDeque<TenantEvent>,
}

impl InTenant {
    async fn next(&mut self) -> Result<TenantEvent> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(event);
            }
            let found = match self.ears.hear().await {
                Some(id) => conversation(&self.ears.house, &self.place, id).await?.into_iter().collect(),
                None => {
                    // Without a place to begin at, everything is new.
                    let beginning = chat::Place { active: Instant::from_micros(i64::MIN), id: uuid::Uuid::nil().into() };
                    newest(&self.ears.house, &self.place, Some(self.since.unwrap_or(beginning))).await?
                }
            };
            // The oldest first, as they happened.
            for conversation in found.into_iter().rev() {
                self.tell(conversation);
            }
        }
    }

    fn tell(&mut self, now: chat::Conversation) {
        let place = now.place(chat::Order::Active);
        self.since = self.since.max(Some(place));
        let is = Known::of(now.clone());
        let before = self.known.iter().position(|known| known.id == is.id).and_then(|at| self.known.remove(at));
        self.known.push_front(is);
        self.known.truncate(REMEMBERED);
        if before == Some(is) {
            return;
        }
        let Some(conversation) = Conversation::alone(&self.place, now) else { return };
        let asks = is.state == chat::ConversationState::HandoffRequested;
        let asked = before.is_some_and(|before| before.state == is.state);
        // One that is not remembered began just now, unless more was said in it than a beginning has.
        let begins = before.is_none() && is.messages <= 2;
        if begins {
            self.ready.push_back(TenantEvent::ConversationStarted(ConversationStarted { conversation: conversation.clone() }));
        }
        if asks && !asked {
            self.ready.push_back(TenantEvent::HandoffRequested(HandoffRequested { conversation }));
        } else if !begins {
            self.ready.push_back(TenantEvent::ConversationChanged(ConversationChanged { conversation }));
        }
    }
}
