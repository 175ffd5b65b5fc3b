//! Businesses.

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use frontoffice_domain::{
    alert, chat, credit,
    id::{KnowledgeEntryId, PersonaId, PrivacyReceiptId, TenantId, WidgetKeyId},
    identity, knowledge, persona, privacy, tenancy, widget,
};

pub(crate) use super::place::Place;
use super::{
    alert::Alert,
    api_key::ApiKey,
    conversation::{Conversation, ConversationFilter, ConversationLevel, TeamMember},
    credits::CreditAccount,
    knowledge::{Coverage, KnowledgeEntry, KnowledgeFilter, KnowledgeFinding},
    member::{Invitation, Member},
    persona::{Persona, PersonaLevel},
    privacy::PrivacyReceipt,
    profile::{Entitlement, OfficeHours, TenantProfile},
    subscription::Subscription,
    widget::{WidgetCheck, WidgetIdentity, WidgetLook},
    widget_key::WidgetKey,
};
use crate::{
    connection::Connection,
    context::{asking, house},
    error::{internal, refuse},
    global_id::GlobalId,
    kind::{ConversationOrder, TenantStatus},
    paging::{Window, connection},
    scalar::{DateTime, Uuid, locale},
};

/// A business.
#[derive(Clone)]
pub(crate) struct Tenant(pub(crate) Arc<Place>);

impl Tenant {
    /// Where it is in the list of all tenants.
    pub(crate) fn place(&self) -> TenantId {
        self.0.tenant.id
    }
}

/// The list of a tenant's conversations, in cursors.
const CONVERSATIONS: &str = "conversations";
/// The same in the order of what was last said.
const CONVERSATIONS_BY_ACTIVITY: &str = "conversations by activity";
/// The list of a tenant's members, in cursors.
const MEMBERS: &str = "members";
/// The list of a tenant's invitations, in cursors.
const INVITATIONS: &str = "invitations";
/// The list of a tenant's keys, in cursors.
const API_KEYS: &str = "apiKeys";
/// The list of a tenant's widget keys, in cursors.
const WIDGET_KEYS: &str = "widgetKeys";
/// The list of a tenant's personas, in cursors.
const PERSONAS: &str = "personas";
/// The list of a tenant's knowledge, in cursors.
const KNOWLEDGE: &str = "knowledge";
/// The list of a tenant's receipts, in cursors.
const PRIVACY_RECEIPTS: &str = "privacyReceipts";

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

    /// What it is.
    async fn status(&self, ctx: &Context<'_>) -> Result<TenantStatus> {
        Ok(self.0.status(ctx).await?.into())
    }

    /// Since when visitors get the away text and nothing is charged; null if they do not.
    async fn suspended_at(&self) -> Option<DateTime> {
        self.0.tenant.suspended_at.map(DateTime)
    }

    /// Since when it is over; null if it is not.
    async fn closed_at(&self) -> Option<DateTime> {
        self.0.tenant.closed_at.map(DateTime)
    }

    /// What it says of itself.
    async fn profile(&self) -> Result<TenantProfile> {
        let stored = |error| {
            tracing::error!(%error, "a stored profile cannot be read");
            internal()
        };
        Ok(tenancy::Profile::read(self.0.tenant.profile.as_deref()).map_err(stored)?.into())
    }

    /// What visitors are told when nobody can answer; null: words of ours, in their language.
    async fn away_text(&self) -> Option<&str> {
        self.0.tenant.away_text.as_deref()
    }

    /// How visitors are told that they talk to an AI, with `{persona}` for the persona's name; null: words of ours, in their language.
    async fn ai_notice(&self) -> Option<&str> {
        self.0.tenant.ai_notice.as_deref()
    }

    /// The models its personas may name, the one that answers where none is named first.
    async fn models(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(house(ctx)?.models.clone())
    }

    /// Whether language models are told what visitors write without e-mail addresses, and the numbers of phones, cards and bank accounts.
    async fn mask_prompts(&self) -> bool {
        self.0.tenant.mask_prompts
    }

    /// How many seconds a visitor may wait for a person before they are told that it takes longer, and the conversation is overdue.
    async fn wait_seconds(&self) -> i32 {
        self.0.tenant.wait_seconds
    }

    /// When people are there; null if it did not say.
    async fn office_hours(&self, ctx: &Context<'_>) -> Result<Option<OfficeHours>> {
        OfficeHours::of(self.0.tenant.office_hours.as_deref(), asking(ctx)?.now)
    }

    /// Which revision it is, for `expectedRevision`.
    async fn revision(&self) -> i64 {
        self.0.tenant.revision
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.tenant.created_at)
    }

    /// What its plan entitles it to, and how much of that is used; empty without a subscription. Needs `usage.read`.
    async fn entitlements(&self, ctx: &Context<'_>) -> Result<Option<Vec<Entitlement>>> {
        let (house, now) = (house(ctx)?, asking(ctx)?.now);
        let read = async move |mut conn, scope| tenancy::entitlements(&mut conn, &scope, now).await;
        Ok(Some(house.read(&self.0.scope, read).await?.into_iter().map(Entitlement::from).collect()))
    }

    /// What it is on; null if it has no subscription. Needs `billing.read`.
    async fn subscription(&self, ctx: &Context<'_>) -> Result<Option<Subscription>> {
        let now = asking(ctx)?.now;
        let read = async move |mut conn, scope| credit::subscription(&mut conn, &scope, now).await;
        Ok(house(ctx)?.read(&self.0.scope, read).await?.map(|its| Subscription::new(&self.0, its)))
    }

    /// Who is on its team, by name: whom a conversation can be given to. Needs `chat.read`.
    async fn team(&self, ctx: &Context<'_>) -> Result<Option<Vec<TeamMember>>> {
        let read = async |mut conn, scope| identity::team(&mut conn, &scope).await;
        let team = house(ctx)?.read(&self.0.scope, read).await?;
        Ok(Some(team.into_iter().map(|(user, name, role)| TeamMember::new(&self.0, user, Some(name), Some(role))).collect()))
    }

    /// Its knowledge, the newest first. Needs `chat.read`.
    async fn knowledge(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entries; all of them if nothing is said.")] filter: Option<KnowledgeFilter>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<KnowledgeEntry>>> {
        let house = house(ctx)?;
        let page = Window { first, last, after, before }.page::<KnowledgeEntryId>(&house.key, &self.0.list(KNOWLEDGE))?;
        let filter = filter.map(KnowledgeFilter::read).transpose()?.unwrap_or_default();
        let read = async move |mut conn, scope| knowledge::list(&mut conn, &scope, &filter, page).await;
        let slice = house.read(&self.0.scope, read).await?.map(|entry| KnowledgeEntry::new(&self.0, entry));
        Ok(Some(connection(slice, &house.key, &self.0.list(KNOWLEDGE), KnowledgeEntry::place)))
    }

    /// What of its approved knowledge would answer a question, best first, with the reasons; also what does not answer it well enough. Needs
    /// `knowledge.manage`.
    async fn knowledge_search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The question, 1 to 8,000 characters.")] question: String,
        #[graphql(desc = "The visitor's language, as a BCP 47 tag; the tenant's own if nothing is said.")] locale: Option<String>,
    ) -> Result<Option<Vec<KnowledgeFinding>>> {
        let now = asking(ctx)?.now;
        let fallback = self.0.tenant.default_locale;
        let asked = locale.as_deref().map(self::locale).transpose()?.unwrap_or(fallback);
        let question =
            chat::MessageText::parse(question).map_err(|fault| refuse("INPUT_INVALID", format!("`question` {fault}.")))?;
        let read =
            async move |mut conn, scope| knowledge::explain(&mut conn, &scope, question.as_str(), asked, fallback, now).await;
        let found = house(ctx)?.read(&self.0.scope, read).await?;
        Ok(Some(KnowledgeFinding::all(&self.0, found)))
    }

    /// What visitors asked, and what of it was not answered. Needs `chat.read`.
    #[graphql(complexity = "10 + child_complexity")]
    async fn knowledge_coverage(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From this instant on; thirty days ago if nothing is said.")] from: Option<DateTime>,
        #[graphql(desc = "Before this instant; now if nothing is said.")] to: Option<DateTime>,
    ) -> Result<Option<Coverage>> {
        Coverage::of(ctx, &self.0, from, to).await.map(Some)
    }

    /// Its personas that are in use, the oldest first. Needs `chat.read`.
    async fn personas(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whether those that are archived are wanted too.")] include_archived: Option<bool>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Persona>>> {
        let house = house(ctx)?;
        let page = Window { first, last, after, before }.page::<PersonaId>(&house.key, &self.0.list(PERSONAS))?;
        let archived = include_archived.unwrap_or(false);
        let read = async move |mut conn, scope| persona::list(&mut conn, &scope, archived, page).await;
        let slice = PersonaLevel::page(&self.0, house.read(&self.0.scope, read).await?);
        Ok(Some(connection(slice, &house.key, &self.0.list(PERSONAS), Persona::place)))
    }

    /// The persona that answers unless another is chosen. Needs `chat.read`.
    async fn default_persona(&self, ctx: &Context<'_>) -> Result<Option<Persona>> {
        self.0.default_persona(ctx).await
    }

    /// Its conversations. Needs `chat.read`.
    #[expect(clippy::too_many_arguments, reason = "a page of a filtered list in some order")]
    async fn conversations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which ones; all of them if nothing is said.")] filter: Option<ConversationFilter>,
        #[graphql(desc = "In which order; the newest first if nothing is said.")] order_by: Option<ConversationOrder>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Conversation>>> {
        let house = house(ctx)?;
        let order = order_by.map_or(chat::Order::Created, Into::into);
        let list = match order {
            chat::Order::Created => self.0.list(CONVERSATIONS),
            chat::Order::Active => self.0.list(CONVERSATIONS_BY_ACTIVITY),
        };
        let page = Window { first, last, after, before }.page(&house.key, &list)?;
        let filter = filter.map(|filter| filter.read(&self.0)).transpose()?.unwrap_or_default();
        let read = async move |mut conn, scope| chat::conversations(&mut conn, &scope, &filter, order, page).await;
        let slice = ConversationLevel::of(&self.0, house.read(&self.0.scope, read).await?);
        Ok(Some(connection(slice, &house.key, &list, move |conversation| conversation.place(order))))
    }

    /// Who is on its team, in the order their accounts were made. Needs `member.manage`.
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<Member>>> {
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
    ) -> Result<Option<Connection<Invitation>>> {
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
    ) -> Result<Option<Connection<ApiKey>>> {
        let house = house(ctx)?;
        let page = Window { first, last, after, before }.page(&house.key, &self.0.list(API_KEYS))?;
        let slice = house.read(&self.0.scope, async move |mut conn, scope| identity::keys(&mut conn, &scope, page).await).await?;
        let slice = slice.map(|key| ApiKey::new(&self.0, key));
        Ok(Some(connection(slice, &house.key, &self.0.list(API_KEYS), ApiKey::place)))
    }

    /// The keys of its widget, the oldest first. Needs `widget.manage`.
    async fn widget_keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<WidgetKey>>> {
        let house = house(ctx)?;
        let page = Window { first, last, after, before }.page::<WidgetKeyId>(&house.key, &self.0.list(WIDGET_KEYS))?;
        let slice = house.read(&self.0.scope, async move |mut conn, scope| widget::list(&mut conn, &scope, page).await).await?;
        let slice = slice.map(|key| WidgetKey::new(&self.0, key));
        Ok(Some(connection(slice, &house.key, &self.0.list(WIDGET_KEYS), WidgetKey::place)))
    }

    /// How its widget looks on its websites. Needs `widget.manage`.
    async fn widget_look(&self, ctx: &Context<'_>) -> Result<Option<WidgetLook>> {
        let read = async |mut conn, scope| widget::look(&mut conn, &scope).await;
        Ok(Some(house(ctx)?.read(&self.0.scope, read).await?.into()))
    }

    /// How its websites tell who their visitors are. Needs `widget.manage`.
    async fn widget_identity(&self, ctx: &Context<'_>) -> Result<Option<WidgetIdentity>> {
        let read = async |mut conn, scope| widget::identity(&mut conn, &scope).await;
        Ok(Some(WidgetIdentity::new(house(ctx)?.read(&self.0.scope, read).await?, asking(ctx)?.now)))
    }

    /// The last looks at whether its widget can work on a page, at most 20, the newest first. Needs `widget.manage`.
    #[graphql(complexity = "20 * child_complexity")]
    async fn widget_checks(&self, ctx: &Context<'_>) -> Result<Option<Vec<WidgetCheck>>> {
        let read = async |mut conn, scope| widget::checks(&mut conn, &scope, None).await;
        Ok(Some(house(ctx)?.read(&self.0.scope, read).await?.into_iter().map(WidgetCheck::from).collect()))
    }

    /// One of them; null if there is none. Needs `widget.manage`.
    async fn widget_check(&self, ctx: &Context<'_>, #[graphql(desc = "Which one.")] uuid: Uuid) -> Result<Option<WidgetCheck>> {
        let id = uuid.0.into();
        let read = async move |mut conn, scope| widget::checks(&mut conn, &scope, Some(id)).await;
        Ok(house(ctx)?.read(&self.0.scope, read).await?.pop().map(WidgetCheck::from))
    }

    /// What became of what its visitors said: who took copies of what is known of one, who was erased, and what was because its time was
    /// over; the newest first. Needs `privacy.manage`.
    async fn privacy_receipts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the beginning, 1 to 100; 20 unless `last` is said.")] first: Option<i32>,
        #[graphql(desc = "So many from the end, 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<Connection<PrivacyReceipt>>> {
        let (house, list) = (house(ctx)?, self.0.list(PRIVACY_RECEIPTS));
        let page = Window { first, last, after, before }.page::<PrivacyReceiptId>(&house.key, &list)?;
        let read = async move |mut conn, scope| privacy::receipts(&mut conn, &scope, page).await;
        let slice = house.read(&self.0.scope, read).await?.map(PrivacyReceipt);
        Ok(Some(connection(slice, &house.key, &list, PrivacyReceipt::place)))
    }

    /// What somebody has to know of it, the newest first, 100 at most. Needs `usage.read`.
    #[graphql(complexity = "50 * child_complexity")]
    async fn alerts(&self, ctx: &Context<'_>) -> Result<Vec<Alert>> {
        let list = async |mut conn, scope| alert::list(&mut conn, &scope).await;
        Ok(house(ctx)?.read(&self.0.scope, list).await?.into_iter().map(Into::into).collect())
    }

    /// What it has of AI credits; null where it has no subscription. Needs `usage.read`.
    async fn credits(&self, ctx: &Context<'_>) -> Result<Option<CreditAccount>> {
        CreditAccount::of(ctx, &self.0).await
    }
}
