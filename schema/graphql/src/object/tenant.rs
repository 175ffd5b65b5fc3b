//! Businesses.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, Result, connection::Connection};
use frontoffice_domain::{chat, id::PersonaId, identity, persona, tenancy};

use super::{
    api_key::ApiKey,
    conversation::{Conversation, ConversationLevel},
    credits::CreditAccount,
    member::{Invitation, Member},
    persona::Persona,
};
use crate::{
    context::{asking, house},
    global_id::GlobalId,
    kind::{Channel, ConversationState},
    level::Loaded,
    paging::{Cursor, Window, connection},
    scalar::{DateTime, Uuid},
};

/// What everything of a tenant is read with: the tenant, the caller's authority in it, and what was loaded already.
pub(crate) struct Place {
    pub(crate) tenant: tenancy::Tenant,
    pub(crate) scope: tenancy::Scope,
    default_persona: Loaded<(), Option<persona::Persona>>,
}

impl Place {
    pub(crate) fn new((tenant, scope): (tenancy::Tenant, tenancy::Scope)) -> Arc<Self> {
        Arc::new(Self { tenant, scope, default_persona: Loaded::default() })
    }

    /// The tenant's UUID as it is known outside.
    pub(crate) fn uuid(&self) -> uuid::Uuid {
        self.tenant.public_id.uuid()
    }

    /// A list of this tenant's, in cursors: one of another tenant's is none here.
    pub(crate) fn list(&self, name: &str) -> String {
        format!("{name} of {}", self.uuid())
    }

    pub(crate) async fn default_persona(self: &Arc<Self>, ctx: &Context<'_>) -> Result<Option<Persona>> {
        let house = house(ctx)?;
        let load = house.read(&self.scope, async |mut conn, scope| persona::default(&mut conn, &scope).await);
        let found = self.default_persona.get((), load).await?;
        Ok(found.as_ref().clone().map(|persona| Persona::new(Arc::clone(self), persona)))
    }
}

/// A business.
#[derive(Clone)]
pub(crate) struct Tenant(pub(crate) Arc<Place>);

/// Which conversations are wanted. What is left out does not matter.
#[derive(InputObject)]
pub(crate) struct ConversationFilter {
    /// Who holds them.
    state: Option<ConversationState>,
    /// The way they came in.
    channel: Option<Channel>,
}

/// The list of a tenant's conversations, in cursors.
const CONVERSATIONS: &str = "conversations";
/// The list of a tenant's members, in cursors.
const MEMBERS: &str = "members";
/// The list of a tenant's invitations, in cursors.
const INVITATIONS: &str = "invitations";
/// The list of a tenant's keys, in cursors.
const API_KEYS: &str = "apiKeys";
/// The list of a tenant's personas, in cursors.
const PERSONAS: &str = "personas";

/// A business.
#[Object]
impl Tenant {
    /// Its id among all objects.
    pub(crate) async fn id(&self) -> ID {
        GlobalId::Tenant(self.0.uuid()).encode()
    }

    /// The UUID it is known by; it stands in its script tag.
    async fn uuid(&self) -> Uuid {
        Uuid(self.0.uuid())
    }

    /// Its short name in addresses.
    async fn slug(&self) -> &str {
        &self.0.tenant.slug
    }

    /// Its name for people.
    async fn name(&self) -> &str {
        &self.0.tenant.name
    }

    /// The language when a visitor's cannot be told, as a BCP 47 tag.
    async fn default_locale(&self) -> &str {
        self.0.tenant.default_locale.as_str()
    }

    /// Whether strangers may chat with it on this host's own pages.
    async fn public_chat(&self) -> bool {
        self.0.tenant.public_chat
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.tenant.created_at)
    }

    /// Its personas, the oldest first. Needs `chat.read`.
    async fn personas(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Cursor, Persona>>> {
        let house = house(ctx)?;
        let page = Window { first, last, after, before }.page::<PersonaId>(&house.key, &self.0.list(PERSONAS))?;
        let slice = house.read(&self.0.scope, async move |mut conn, scope| persona::list(&mut conn, &scope, page).await).await?;
        let slice = slice.map(|persona| Persona::new(Arc::clone(&self.0), persona));
        Ok(Some(connection(slice, &house.key, &self.0.list(PERSONAS), Persona::place)))
    }

    /// The persona that answers unless another is chosen. Needs `chat.read`.
    async fn default_persona(&self, ctx: &Context<'_>) -> Result<Option<Persona>> {
        self.0.default_persona(ctx).await
    }

    /// Its conversations, the newest first. Needs `chat.read`.
    async fn conversations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all of them if nothing is said.")] filter: Option<ConversationFilter>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Cursor, Conversation>>> {
        let house = house(ctx)?;
        let page = Window { first, last, after, before }.page(&house.key, &self.0.list(CONVERSATIONS))?;
        let filter = filter.map_or_else(chat::Filter::default, |filter| chat::Filter {
            state: filter.state.map(Into::into),
            channel: filter.channel.map(Into::into),
        });
        let slice = house
            .read(&self.0.scope, async move |mut conn, scope| chat::conversations(&mut conn, &scope, filter, page).await)
            .await?;
        let slice = ConversationLevel::of(&self.0, slice);
        Ok(Some(connection(slice, &house.key, &self.0.list(CONVERSATIONS), Conversation::place)))
    }

    /// Who is on its team, in the order their accounts were made. Needs `member.manage`.
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Cursor, Member>>> {
        let house = house(ctx)?;
        let page = Window { first, last, after, before }.page(&house.key, &self.0.list(MEMBERS))?;
        let slice =
            house.read(&self.0.scope, async move |mut conn, scope| identity::members(&mut conn, &scope, page).await).await?;
        let slice = slice.map(|membership| Member::new(&self.0, membership));
        Ok(Some(connection(slice, &house.key, &self.0.list(MEMBERS), Member::place)))
    }

    /// Who is asked to join its team and may still say yes, the newest first. Needs `member.manage`.
    async fn invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Cursor, Invitation>>> {
        let (house, now) = (house(ctx)?, asking(ctx)?.now);
        let page = Window { first, last, after, before }.page(&house.key, &self.0.list(INVITATIONS))?;
        let slice = house
            .read(&self.0.scope, async move |mut conn, scope| identity::invitations(&mut conn, &scope, page, now).await)
            .await?;
        let slice = slice.map(|invitation| Invitation::new(&self.0, invitation));
        Ok(Some(connection(slice, &house.key, &self.0.list(INVITATIONS), Invitation::place)))
    }

    /// Its API keys, the newest first, also those that were revoked. Needs `apikey.manage`.
    async fn api_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Cursor, ApiKey>>> {
        let house = house(ctx)?;
        let page = Window { first, last, after, before }.page(&house.key, &self.0.list(API_KEYS))?;
        let slice = house.read(&self.0.scope, async move |mut conn, scope| identity::keys(&mut conn, &scope, page).await).await?;
        let slice = slice.map(|key| ApiKey::new(&self.0, key));
        Ok(Some(connection(slice, &house.key, &self.0.list(API_KEYS), ApiKey::place)))
    }

    /// What it has of AI credits; null where it has no subscription. Needs `usage.read`.
    async fn credits(&self, ctx: &Context<'_>) -> Result<Option<CreditAccount>> {
        CreditAccount::of(ctx, &self.0).await
    }
}
