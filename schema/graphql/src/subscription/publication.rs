//! How far a publication is, as it goes on.

use async_graphql::{Context, Result, Subscription as Listening};
use frontoffice_domain::{
    fault::Fault,
    identity::Permission,
    pricing::{self, Publication, PublicationState},
    tenancy::{self, Platform},
};
use futures_util::{Stream, stream};

use super::Ears;
use crate::{
    context::{House, house, platform},
    error::{internal, refuse},
    object::pricebook_publication::PricebookPublication,
};

/// Publications.
#[derive(Default)]
pub(crate) struct PublicationNews;

/// What can be listened to.
#[Listening]
impl PublicationNews {
    /// How far it is that those who are customers already are on a version: as it is, and again whenever something of it is another, until it
    /// is finished or the version was taken back. Needs `pricebook.read`.
    async fn pricebook_publication(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The version's number, from 1.")] number: i32,
    ) -> Result<impl Stream<Item = Result<PricebookPublication>> + use<>> {
        let (house, platform) = (house(ctx)?.clone(), platform(ctx, Permission::PricebookRead)?);
        let home = async |mut conn, _| tenancy::platform_tenant(&mut conn).await;
        let home = house.read_all(Platform::of_this_process(), home).await?.ok_or_else(internal)?;
        // Before the first look, so that nothing between the two is missed.
        let news = house.bus.news(home.id);
        let unknown = || refuse("NOT_FOUND", "There is no such version, or nobody whom it could have reached.");
        let first = publication(&house, &platform, number).await?.ok_or_else(unknown)?;
        let listening = Watching { ears: Ears::new(house, news), platform, ready: Some(first.clone()), told: first };
        Ok(stream::unfold(listening, async |mut listening| Some((Ok(listening.next().await?.into()), listening))))
    }
}

async fn publication(house: &House, platform: &Platform, number: i32) -> Result<Option<Publication>> {
    let now = house.clock.now();
    let read = async move |mut conn, platform: Platform| -> std::result::Result<_, Fault> {
        pricing::publication(&mut conn, &platform, number, now).await
    };
    house.read_all(platform.clone(), read).await
}

struct Watching {
    ears: Ears,
    platform: Platform,
    /// What is still to be told.
    ready: Option<Publication>,
    told: Publication,
}

impl Watching {
    /// What is told next; `None` if nothing more will change.
    async fn next(&mut self) -> Option<Publication> {
        if let Some(first) = self.ready.take() {
            return Some(first);
        }
        while !matches!(self.told.state, PublicationState::Finished | PublicationState::Withdrawn) {
            self.ears.hear().await;
            match publication(&self.ears.house, &self.platform, self.told.number).await {
                Ok(Some(now)) if now != self.told => {
                    self.told = now.clone();
                    return Some(now);
                }
                Ok(_) => {}
                // What could not be read is found by a later look.
                Err(_) => self.ears.wait().await,
            }
        }
        None
    }
}
