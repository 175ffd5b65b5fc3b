//! Keys for the widget.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result, SimpleObject};
use frontoffice_domain::{id::WidgetKeyId, widget};

use super::tenant::{Place, Tenant};
use crate::{context::asking, global_id::GlobalId, scalar::DateTime};

/// What a widget key was before it was changed for another.
#[derive(SimpleObject)]
pub(crate) struct WidgetFormerKey {
    /// The text that pages may still show.
    key: String,
    /// Until when they may.
    good_until: DateTime,
}

/// A website that showed a widget key that is not good there.
#[derive(SimpleObject)]
pub(crate) struct WidgetRefusedOrigin {
    /// As its visitors' browsers write it.
    origin: String,
    /// How often, at least.
    times: i64,
    /// When first.
    first_at: DateTime,
    /// When last.
    last_at: DateTime,
}

/// What the widget on a tenant's websites shows.
#[derive(Clone)]
pub(crate) struct WidgetKey {
    place: Arc<Place>,
    key: widget::WidgetKey,
}

impl WidgetKey {
    pub(crate) fn new(place: &Arc<Place>, key: widget::WidgetKey) -> Self {
        Self { place: Arc::clone(place), key }
    }

    /// Where it is in the list of keys.
    pub(crate) fn place(&self) -> WidgetKeyId {
        self.key.id
    }
}

/// What the widget on a tenant's websites shows. Every visitor's browser has it: what protects it is the list of websites it is good on.
#[Object]
impl WidgetKey {
    /// The key's id among all objects.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::WidgetKey(self.place.uuid(), self.key.id.uuid()).encode()
    }

    /// What the tenant calls it.
    async fn name(&self) -> &str {
        &self.key.name
    }

    /// The key itself: `pk_live_…`.
    async fn key(&self) -> &str {
        &self.key.key
    }

    /// The websites it is good on, in alphabetical order; none: it is good nowhere.
    async fn origins(&self) -> Vec<&str> {
        self.key.origins.iter().map(widget::AllowedOrigin::as_str).collect()
    }

    /// The apps that may show it, which come from no website and say their name in `X-Widget-App`; in alphabetical order.
    async fn apps(&self) -> Vec<&str> {
        self.key.apps.iter().map(widget::AppName::as_str).collect()
    }

    /// What the key was before and is good still; what ends last comes first.
    async fn former_keys(&self, ctx: &Context<'_>) -> Result<Vec<WidgetFormerKey>> {
        let now = asking(ctx)?.now;
        let good = self.key.former.iter().filter(|former| former.good_until > now);
        Ok(good.map(|former| WidgetFormerKey { key: former.key.clone(), good_until: DateTime(former.good_until) }).collect())
    }

    /// Where pages showed it lately and were refused, because it is not good there; at most 50, the newest first.
    async fn refused_origins(&self) -> Vec<WidgetRefusedOrigin> {
        let told = |refused: &widget::Refused| WidgetRefusedOrigin {
            origin: refused.origin.clone(),
            times: refused.times,
            first_at: DateTime(refused.first_at),
            last_at: DateTime(refused.last_at),
        };
        self.key.refused.iter().map(told).collect()
    }

    /// When it last let somebody in, to the minute; null if it never did.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.key.last_used_at.map(DateTime)
    }

    /// One more at each change.
    async fn revision(&self) -> i64 {
        self.key.revision
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.key.created_at)
    }

    /// Since when it is not good; null while it is.
    async fn disabled_at(&self) -> Option<DateTime> {
        self.key.disabled_at.map(DateTime)
    }

    /// Whose it is.
    async fn tenant(&self) -> Tenant {
        Tenant(Arc::clone(&self.place))
    }
}
