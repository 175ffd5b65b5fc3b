//! What is new in a tenant's conversations, as a hint: whoever listens looks at the store. That a hint is lost costs a moment, never a fact.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use tokio::sync::broadcast;

use super::lock;
use crate::id::{ConversationId, TenantId};

/// So many hints wait for one listener; who falls further behind is told to look at everything.
const WAITING: usize = 256;

/// Where to look. `None` is anywhere in the tenant.
pub(super) type Hint = (TenantId, Option<ConversationId>);

type Sender = broadcast::Sender<Option<ConversationId>>;

/// Who listens to which tenant in this process.
#[derive(Debug, Default)]
pub(super) struct News(Mutex<HashMap<TenantId, Sender>>);

impl News {
    /// Tells who listens here.
    pub(super) fn spread(&self, (tenant, conversation): Hint) {
        let mut senders = lock(&self.0);
        // Whom nobody listens to any more is forgotten.
        if senders.get(&tenant).is_some_and(|sender| sender.send(conversation).is_err()) {
            senders.remove(&tenant);
        }
    }

    /// Tells everybody to look at everything: what was told meanwhile was not heard here.
    pub(super) fn missed(&self) {
        lock(&self.0).retain(|_, sender| sender.send(None).is_ok());
    }

    pub(super) fn listen(self: &Arc<Self>, tenant: TenantId) -> NewsOf {
        let receiver = lock(&self.0).entry(tenant).or_insert_with(|| broadcast::channel(WAITING).0).subscribe();
        NewsOf { tenant, news: Arc::clone(self), receiver: Some(receiver) }
    }

    /// How many tenants somebody listens to.
    #[cfg(test)]
    pub(super) fn listened_to(&self) -> usize {
        lock(&self.0).len()
    }
}

/// Hears what is new in one tenant.
#[derive(Debug)]
pub struct NewsOf {
    tenant: TenantId,
    news: Arc<News>,
    receiver: Option<broadcast::Receiver<Option<ConversationId>>>,
}

impl NewsOf {
    /// The conversation in which something is new; `None` if it may be any.
    pub async fn next(&mut self) -> Option<ConversationId> {
        let Some(receiver) = &mut self.receiver else { return std::future::pending().await };
        match receiver.recv().await {
            Ok(conversation) => conversation,
            Err(broadcast::error::RecvError::Lagged(_)) => None,
            // The bus is gone, and with it the process.
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

impl Drop for NewsOf {
    fn drop(&mut self) {
        let mut senders = lock(&self.news.0);
        self.receiver = None;
        if senders.get(&self.tenant).is_some_and(|sender| sender.receiver_count() == 0) {
            senders.remove(&self.tenant);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_listens_to_a_tenant_hears_its_news_alone_and_leaves_nothing_behind() {
        let (news, one, two) = (Arc::<News>::default(), TenantId::new(), TenantId::new());
        let mut listener = news.listen(one);
        let conversation = ConversationId::new();
        news.spread((two, None));
        news.spread((one, Some(conversation)));
        assert_eq!(listener.next().await, Some(conversation));
        for _ in 0..WAITING + 10 {
            news.spread((one, Some(conversation)));
        }
        assert_eq!(listener.next().await, None, "who falls behind looks at everything");
        for _ in 0..10_000 {
            drop(news.listen(two));
        }
        drop(listener);
        assert_eq!(news.listened_to(), 0);
    }
}
