//! Listening to a tenant: what happens in its conversations, and what it has to know.

use std::{collections::VecDeque, sync::Arc};

use async_graphql::Result;
use frontoffice_domain::{alert, bus::NewsOf, chat, clock::Instant, id::AlertId, identity::Permission};

use super::{
    AT_ONCE, AlertRaised, BEGINNING, ConversationChanged, ConversationStarted, Ears, HandoffRequested, Known, Look, OVERLAP,
    SELDOM, TenantEvent, conversation, conversations, newest,
};
use crate::{
    context::House,
    object::{conversation::Conversation, tenant::Place},
};

/// So many conversations are remembered.
const REMEMBERED: usize = 500;

pub(super) struct InTenant {
    ears: Ears,
    place: Arc<Place>,
    /// When something was last said, as far as everything was looked at.
    since: Instant,
    /// Since when there is somebody who listens.
    began: Instant,
    known: VecDeque<Known>,
    /// Where alerts are looked for; `None` where they are not told.
    alerts: Option<Alerts>,
    ready: VecDeque<TenantEvent>,
}

/// Up to where alerts were looked for, and which of the last ones were told.
struct Alerts {
    from: Instant,
    told: VecDeque<AlertId>,
}

impl InTenant {
    /// Begins to listen: to what is said from now on, and to what has to be known, for who may know it.
    pub(super) async fn begin(house: House, place: Arc<Place>, news: NewsOf, now: Instant) -> Result<Self> {
        let newest = newest(&house, &place, None).await?;
        let since = newest.first().map_or(BEGINNING, |newest| newest.last_message_at);
        let known = newest.iter().map(Known::of).collect();
        let alerts = if place.scope.require(Permission::UsageRead).is_ok() {
            let told = alerts(&house, &place, now.before(OVERLAP)).await?;
            Some(Alerts { from: now, told: told.into_iter().map(|alert| alert.id).collect() })
        } else {
            None
        };
        let (ears, began) = (Ears::new(house, news), now.before(OVERLAP));
        Ok(Self { ears, place, since, began, known, alerts, ready: VecDeque::new() })
    }

    pub(super) async fn next(&mut self) -> TenantEvent {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return event;
            }
            let look = self.ears.hear().await;
            // What could not be read is found by a later look.
            if self.look(look).await.is_err() {
                self.ears.wait().await;
                self.ears.quiet = SELDOM;
            }
        }
    }

    /// What has to be known since the last look.
    async fn look_for_alerts(&mut self) -> Result<()> {
        let Some(known) = &mut self.alerts else { return Ok(()) };
        let found = alerts(&self.ears.house, &self.place, known.from.before(OVERLAP)).await?;
        for alert in found {
            if known.told.contains(&alert.id) {
                continue;
            }
            known.from = known.from.max(alert.created_at);
            known.told.push_back(alert.id);
            if known.told.len() > REMEMBERED {
                known.told.pop_front();
            }
            self.ready.push_back(TenantEvent::AlertRaised(AlertRaised { alert: alert.into() }));
        }
        Ok(())
    }

    async fn look(&mut self, look: Look) -> Result<()> {
        self.look_for_alerts().await?;
        let everywhere = match look {
            Look::In(id) => {
                if let Some(now) = conversation(&self.ears.house, &self.place, id).await? {
                    self.tell(now);
                }
                return Ok(());
            }
            Look::AtNewest => false,
            Look::Everywhere => true,
        };
        // A conversation may be given to somebody, or settled, without a word being said.
        if everywhere {
            let ids = self.known.iter().map(|known| known.id).collect();
            for now in conversations(&self.ears.house, &self.place, ids).await? {
                self.tell(now);
            }
        }
        let from = self.since.before(OVERLAP);
        let mut after = chat::Place { active: from, id: uuid::Uuid::nil().into() };
        loop {
            let found = newest(&self.ears.house, &self.place, Some(after)).await?;
            let Some(last) = found.first().map(|last| last.place(chat::Order::Active)) else { return Ok(()) };
            let all = found.len() < usize::from(AT_ONCE);
            // The oldest first, as they happened.
            for now in found.into_iter().rev() {
                self.since = self.since.max(now.last_message_at);
                self.tell(now);
            }
            if all {
                return Ok(());
            }
            after = last;
        }
    }

    fn tell(&mut self, now: chat::Conversation) {
        let is = Known::of(&now);
        let before = self.known.iter().position(|known| known.id == is.id).and_then(|at| self.known.remove(at));
        self.known.push_front(is);
        self.known.truncate(REMEMBERED);
        if before == Some(is) {
            return;
        }
        let began = now.created_at >= self.began;
        let Some(conversation) = Conversation::alone(&self.place, now) else { return };
        let asks = is.state == chat::ConversationState::HandoffRequested;
        let asked = before.is_some_and(|before| before.state == is.state);
        let begins = before.is_none() && began;
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

/// What somebody has to know of the tenant that was written down since.
async fn alerts(house: &House, place: &Arc<Place>, since: Instant) -> Result<Vec<alert::Alert>> {
    let read = async move |mut conn, scope| alert::since(&mut conn, &scope, since).await;
    house.read(&place.scope, read).await
}
