//! The roots of listening. What is told is a hint that something is new; what it is the store says, so that a lost hint loses nothing.

mod publication;
mod tenant;

use std::{collections::VecDeque, sync::Arc, time::Duration};

use async_graphql::{Context, Error, ID, MergedSubscription, Result, SimpleObject, Subscription as Listening, Union};
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

use self::tenant::InTenant;
use crate::{
    context::{House, asking, house, signed_in},
    error::{failed, refuse},
    global_id::GlobalId,
    object::{
        alert::Alert,
        conversation::Conversation,
        message::{Message, MessageLevel},
        tenant::Place,
    },
};

/// How often the store is looked at without a hint: while the bus reaches everyone, and while it does not.
const SELDOM: Duration = Duration::from_secs(30);
const OFTEN: Duration = Duration::from_secs(1);
/// At most so much is read at once; the rest follows.
const AT_ONCE: u16 = 50;
/// What is written at one time may be seen only so much later, when something later was seen already.
const OVERLAP: Duration = Duration::from_secs(10);
/// Before everything.
const BEGINNING: Instant = Instant::from_micros(i64::MIN);

/// Something was said.
#[derive(SimpleObject)]
pub(crate) struct MessageAdded {
    /// What was said.
    message: Message,
    /// The conversation, as it is since.
    conversation: Conversation,
}

/// Something about a conversation is another: who holds it, who looks after it, whether it is overdue, what its visitor left behind.
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
    /// Something about it is another: who holds it, who looks after it, whether it is overdue, what its visitor left behind.
    ConversationChanged(ConversationChanged),
}

/// Something that somebody has to know of the tenant.
#[derive(SimpleObject)]
pub(crate) struct AlertRaised {
    /// What it is.
    alert: Alert,
}

/// What happens in a tenant's conversations, and what somebody has to know of it.
#[derive(Union)]
pub(crate) enum TenantEvent {
    /// One began.
    ConversationStarted(ConversationStarted),
    /// A person is asked for in one.
    HandoffRequested(HandoffRequested),
    /// Something else happened in one: something was said, or something about it is another.
    ConversationChanged(ConversationChanged),
    /// Somebody has to know something of the tenant. Told to those who have `usage.read` besides.
    AlertRaised(AlertRaised),
}

/// What can be listened to.
#[derive(Default, MergedSubscription)]
pub(crate) struct Subscription(ConversationNews, publication::PublicationNews);

/// Conversations.
#[derive(Default)]
pub(crate) struct ConversationNews;

/// What can be listened to.
#[Listening]
impl ConversationNews {
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
        let listening = InConversation { ears: Ears::new(house, news), place, seen, after, ready: VecDeque::new(), ended: false };
        Ok(stream::unfold(listening, async |mut listening| Some((listening.next().await?, listening))))
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
        let listening = InTenant::begin(house, place, news, now).await?;
        Ok(stream::unfold(listening, async |mut listening| Some((Ok(listening.next().await), listening))))
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

    /// Where to look next.
    async fn hear(&mut self) -> Look {
        loop {
            tokio::select! {
                hint = self.news.next() => return hint.map_or(Look::Everywhere, Look::In),
                _ = self.beat.tick() => {
                    self.quiet = self.quiet.saturating_add(OFTEN);
                    if self.quiet >= SELDOM {
                        self.quiet = Duration::ZERO;
                        return Look::Everywhere;
                    }
                    if self.house.bus.state() == bus::State::Degraded {
                        return Look::AtNewest;
                    }
                }
            }
        }
    }

    /// Until it is worth trying again what the store did not do.
    async fn wait(&mut self) {
        self.beat.reset();
        self.beat.tick().await;
    }
}

/// Where something may be new.
enum Look {
    /// In this conversation.
    In(ConversationId),
    /// Where something was said of late.
    AtNewest,
    /// Anywhere that is remembered, too.
    Everywhere,
}

async fn conversation(house: &House, place: &Arc<Place>, id: ConversationId) -> Result<Option<chat::Conversation>> {
    Ok(conversations(house, place, vec![id]).await?.pop())
}

async fn conversations(house: &House, place: &Arc<Place>, ids: Vec<ConversationId>) -> Result<Vec<chat::Conversation>> {
    let read = async move |mut conn, scope| chat::conversations_by_id(&mut conn, &scope, &ids).await;
    house.read(&place.scope, read).await
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
    /// Whether there is nothing more to tell.
    ended: bool,
}

impl InConversation {
    async fn next(&mut self) -> Option<Result<ConversationEvent>> {
        while !self.ended {
            if let Some(event) = self.ready.pop_front() {
                return Some(Ok(event));
            }
            // What is known to be there is told before anything is waited for.
            if self.after >= self.seen.last_sequence {
                let look = self.ears.hear().await;
                if matches!(look, Look::In(id) if id != self.seen.id) {
                    continue;
                }
            }
            match self.look().await {
                Ok(true) => {}
                Ok(false) => {
                    self.ended = true;
                    return Some(Err(gone()));
                }
                // What could not be read is still to be told.
                Err(_) => self.ears.wait().await,
            }
        }
        None
    }

    /// Whether the conversation is still there.
    async fn look(&mut self) -> Result<bool> {
        let Some(now) = conversation(&self.ears.house, &self.place, self.seen.id).await? else { return Ok(false) };
        let mut said = Vec::new();
        if self.after < now.last_sequence {
            let stretch = now.stretch(&Page { take: Take::First(AT_ONCE), after: Some(self.after), before: None });
            let read = async move |mut conn, scope| chat::messages_of(&mut conn, &scope, &[stretch]).await;
            said = self.ears.house.read(&self.place.scope, read).await?;
        }
        let (before, is) = (Known::of(&self.seen), Known::of(&now));
        let changed = Known { messages: is.messages, ..before } != is;
        self.seen = now;
        for message in MessageLevel::of(&self.place, said) {
            self.after = message.place();
            if let Some(conversation) = self.conversation() {
                self.ready.push_back(ConversationEvent::MessageAdded(MessageAdded { message, conversation }));
            }
        }
        if let Some(conversation) = self.conversation().filter(|_| changed) {
            self.ready.push_back(ConversationEvent::ConversationChanged(ConversationChanged { conversation }));
        }
        Ok(true)
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
    overdue: bool,
    contact: bool,
    rating: Option<chat::Thumb>,
    messages: i64,
}

impl Known {
    fn of(conversation: &chat::Conversation) -> Self {
        let &chat::Conversation { id, state, assignee_id: assignee, last_sequence: messages, rating, .. } = conversation;
        let (overdue, contact) = (conversation.overdue_at.is_some(), conversation.contact_email.is_some());
        Self { id, state, assignee, overdue, contact, rating, messages }
    }
}
