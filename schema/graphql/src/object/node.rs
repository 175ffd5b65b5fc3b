//! Everything that has an id, and finding it by that.

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use async_graphql::{
    Context, ContextSelectionSet, ID, Interface, OutputType, Positioned, Result, ServerResult, Value, parser::types::Field,
    registry::Registry,
};
use frontoffice_domain::{
    chat,
    id::TenantId,
    identity, job, knowledge,
    page::Slice,
    persona, pricing,
    tenancy::{self, Platform},
    widget,
};
use uuid::Uuid;

use super::{
    api_key::ApiKey,
    author::Authors,
    conversation::{Conversation, ConversationLevel},
    job::Job,
    knowledge::KnowledgeEntry,
    member::{Invitation, Member, StaffInvitation, StaffMember},
    message::{Message, MessageLevel},
    persona::{Persona, PersonaLevel, PersonaVersion},
    preview::PersonaPreview,
    pricebook::PricebookVersion,
    tenant::{Place, Tenant},
    viewer::Viewer,
    visitor::Visitor,
    widget_key::WidgetKey,
};
use crate::{
    context::{House, asking, house, sight, signed_in},
    error::{failed, refuse},
    global_id::GlobalId,
    row,
};

/// Something that has an id.
#[derive(Clone, Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Its id among all objects."))]
pub(crate) enum Node {
    Tenant(Tenant),
    Persona(Persona),
    PersonaVersion(PersonaVersion),
    PersonaPreview(PersonaPreview),
    Conversation(Conversation),
    Message(Message),
    Member(Member),
    Invitation(Invitation),
    ApiKey(ApiKey),
    KnowledgeEntry(KnowledgeEntry),
    WidgetKey(WidgetKey),
    Visitor(Visitor),
    StaffMember(StaffMember),
    StaffInvitation(StaffInvitation),
    Job(Job),
    PricebookVersion(PricebookVersion),
    Viewer(Viewer),
}

/// Something that was found by its id, resolved as a row.
pub(crate) struct Found(Node);

impl Found {
    /// If it is a conversation.
    pub(crate) fn conversation(self) -> Option<Conversation> {
        match self.0 {
            Node::Conversation(conversation) => Some(conversation),
            _ => None,
        }
    }
}

/// Resolves whatever a node is.
macro_rules! resolved {
    ($node:expr, $ctx:expr, $($kind:ident)+) => {
        match $node {
            $(Node::$kind(object) => row::resolve($ctx, object),)+
        }
    };
}

impl OutputType for Found {
    fn type_name() -> Cow<'static, str> {
        Node::type_name()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        self.0.introspection_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Node::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        let resolving = resolved!(&self.0, ctx, Tenant Persona PersonaVersion PersonaPreview Conversation Message Member Invitation ApiKey
            KnowledgeEntry WidgetKey Visitor StaffMember StaffInvitation Job PricebookVersion Viewer);
        resolving.await
    }
}

type ById = HashMap<GlobalId, Node>;

/// What the ids name, in their order. What is not there and what the caller may not know of look alike. One statement for each
/// kind of object and tenant.
pub(crate) async fn find(ctx: &Context<'_>, ids: &[ID]) -> Result<Vec<Option<Found>>> {
    let wrong = || refuse("INPUT_INVALID", "One of the ids was never handed out here.");
    let ids: Vec<GlobalId> = ids.iter().map(|id| GlobalId::decode(id).ok_or_else(wrong)).collect::<Result<_>>()?;
    let house = house(ctx)?;
    let mut found = pricebooks(ctx, house, &ids).await?;
    if ids.iter().any(|id| !matches!(id, GlobalId::PricebookVersion(_))) {
        let me = signed_in(ctx)?;
        let viewer = Viewer(me.clone());
        found.insert(viewer.global_id(), Node::Viewer(viewer));
        if let Some(platform) = Platform::of(me) {
            jobs(house, &platform, &ids, &mut found).await?;
            colleagues(ctx, house, &platform, &ids, &mut found).await?;
        }
        for place in places(ctx, house, &ids).await? {
            of_tenant(house, &place, &ids, &mut found).await?;
            team_of_tenant(ctx, house, &place, &ids, &mut found).await?;
            found.insert(GlobalId::Tenant(place.uuid()), Node::Tenant(Tenant(place)));
        }
    }
    Ok(ids.iter().map(|id| found.get(id).cloned().map(Found)).collect())
}

async fn pricebooks(ctx: &Context<'_>, house: &House, ids: &[GlobalId]) -> Result<ById> {
    let numbers: Vec<i32> =
        ids.iter().filter_map(|id| if let GlobalId::PricebookVersion(number) = id { Some(*number) } else { None }).collect();
    if numbers.is_empty() {
        return Ok(ById::new());
    }
    let (now, sight) = (asking(ctx)?.now, sight(ctx)?);
    let versions = house
        .read_all(Platform::of_this_process(), async move |mut conn, _| {
            pricing::versions_by_number(&mut conn, &sight, &numbers, now).await
        })
        .await?;
    let entry = |version: PricebookVersion| (GlobalId::PricebookVersion(version.place()), Node::PricebookVersion(version));
    Ok(PricebookVersion::all(versions).into_iter().map(entry).collect())
}

async fn jobs(house: &House, platform: &Platform, ids: &[GlobalId], found: &mut ById) -> Result<()> {
    let wanted: Vec<_> = ids.iter().filter_map(|id| if let GlobalId::Job(id) = id { Some((*id).into()) } else { None }).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let records =
        house.read_all(platform.clone(), async move |mut conn, platform| job::by_id(&mut conn, &platform, &wanted).await).await?;
    found.extend(records.into_iter().map(|record| (GlobalId::Job(record.id.uuid()), Node::Job(Job(record)))));
    Ok(())
}

async fn colleagues(ctx: &Context<'_>, house: &House, platform: &Platform, ids: &[GlobalId], found: &mut ById) -> Result<()> {
    let wanted: Vec<_> =
        ids.iter().filter_map(|id| if let GlobalId::StaffMember(id) = id { Some((*id).into()) } else { None }).collect();
    if !wanted.is_empty() {
        let read = async move |mut conn, platform| identity::colleagues_by_id(&mut conn, &platform, &wanted).await;
        let items = house.read_all(platform.clone(), read).await?;
        found.extend(
            items.into_iter().map(|item| (GlobalId::StaffMember(item.user.id.uuid()), Node::StaffMember(StaffMember(item)))),
        );
    }
    let wanted: Vec<_> =
        ids.iter().filter_map(|id| if let GlobalId::StaffInvitation(id) = id { Some((*id).into()) } else { None }).collect();
    if !wanted.is_empty() {
        let now = asking(ctx)?.now;
        let read = async move |mut conn, platform| identity::staff_invitations_by_id(&mut conn, &platform, &wanted, now).await;
        let items = house.read_all(platform.clone(), read).await?;
        found.extend(
            items
                .into_iter()
                .map(|item| (GlobalId::StaffInvitation(item.id.uuid()), Node::StaffInvitation(StaffInvitation(item)))),
        );
    }
    Ok(())
}

/// The tenants that the ids belong to.
async fn places(ctx: &Context<'_>, house: &House, ids: &[GlobalId]) -> Result<Vec<Arc<Place>>> {
    let mut tenants: Vec<TenantId> = ids.iter().filter_map(|id| id.tenant()).map(Into::into).collect();
    tenants.sort_unstable();
    tenants.dedup();
    if tenants.is_empty() {
        return Ok(Vec::new());
    }
    let entered = tenancy::enter_each(&house.db, signed_in(ctx)?, tenants, asking(ctx)?.now).await.map_err(failed)?;
    Ok(entered.into_iter().map(Place::new).collect())
}

/// Who and what of its team and keys the ids name in one tenant.
async fn team_of_tenant(ctx: &Context<'_>, house: &House, place: &Arc<Place>, ids: &[GlobalId], found: &mut ById) -> Result<()> {
    let here = place.uuid();
    let wanted = |pick: fn(&GlobalId) -> Option<(Uuid, Uuid)>| -> Vec<Uuid> {
        ids.iter().filter_map(pick).filter(|(tenant, _)| *tenant == here).map(|(_, id)| id).collect()
    };
    let members = wanted(|id| if let GlobalId::Member(tenant, id) = id { Some((*tenant, *id)) } else { None });
    if !members.is_empty() {
        let ids: Vec<_> = members.into_iter().map(Into::into).collect();
        let items =
            house.read(&place.scope, async move |mut conn, scope| identity::members_by_id(&mut conn, &scope, &ids).await).await?;
        let node = |item| {
            let member = Member::new(place, item);
            (GlobalId::Member(here, member.place().uuid()), Node::Member(member))
        };
        found.extend(items.into_iter().map(node));
    }
    let invitations = wanted(|id| if let GlobalId::Invitation(tenant, id) = id { Some((*tenant, *id)) } else { None });
    if !invitations.is_empty() {
        let (ids, now): (Vec<_>, _) = (invitations.into_iter().map(Into::into).collect(), asking(ctx)?.now);
        let read = async move |mut conn, scope| identity::invitations_by_id(&mut conn, &scope, &ids, now).await;
        let items = house.read(&place.scope, read).await?;
        let node = |item| {
            let invitation = Invitation::new(place, item);
            (GlobalId::Invitation(here, invitation.place().uuid()), Node::Invitation(invitation))
        };
        found.extend(items.into_iter().map(node));
    }
    let keys = wanted(|id| if let GlobalId::ApiKey(tenant, id) = id { Some((*tenant, *id)) } else { None });
    if !keys.is_empty() {
        let ids: Vec<_> = keys.into_iter().map(Into::into).collect();
        let items =
            house.read(&place.scope, async move |mut conn, scope| identity::keys_by_id(&mut conn, &scope, &ids).await).await?;
        let node = |item| {
            let key = ApiKey::new(place, item);
            (GlobalId::ApiKey(here, key.place().uuid()), Node::ApiKey(key))
        };
        found.extend(items.into_iter().map(node));
    }
    let keys = wanted(|id| if let GlobalId::WidgetKey(tenant, id) = id { Some((*tenant, *id)) } else { None });
    if !keys.is_empty() {
        let ids: Vec<_> = keys.into_iter().map(Into::into).collect();
        let items = house.read(&place.scope, async move |mut conn, scope| widget::by_id(&mut conn, &scope, &ids).await).await?;
        let node = |item| {
            let key = WidgetKey::new(place, item);
            (GlobalId::WidgetKey(here, key.place().uuid()), Node::WidgetKey(key))
        };
        found.extend(items.into_iter().map(node));
    }
    Ok(())
}

/// What the ids name in one tenant.
async fn of_tenant(house: &House, place: &Arc<Place>, ids: &[GlobalId], found: &mut ById) -> Result<()> {
    let here = place.uuid();
    let wanted = |pick: fn(&GlobalId) -> Option<(Uuid, Uuid)>| -> Vec<Uuid> {
        ids.iter().filter_map(pick).filter(|(tenant, _)| *tenant == here).map(|(_, id)| id).collect()
    };
    let conversations = wanted(|id| if let GlobalId::Conversation(tenant, id) = id { Some((*tenant, *id)) } else { None });
    if !conversations.is_empty() {
        let ids: Vec<_> = conversations.into_iter().map(Into::into).collect();
        let items =
            house.read(&place.scope, async move |mut conn, scope| chat::conversations_by_id(&mut conn, &scope, &ids).await);
        let slice = ConversationLevel::of(place, Slice { items: items.await?, has_previous: false, has_next: false });
        found.extend(
            slice.items.into_iter().map(|node| (GlobalId::Conversation(here, node.row().uuid()), Node::Conversation(node))),
        );
    }
    let messages = wanted(|id| if let GlobalId::Message(tenant, id) = id { Some((*tenant, *id)) } else { None });
    if !messages.is_empty() {
        let ids: Vec<_> = messages.into_iter().map(Into::into).collect();
        let items = house.read(&place.scope, async move |mut conn, scope| chat::messages_by_id(&mut conn, &scope, &ids).await);
        found.extend(
            MessageLevel::of(place, items.await?).map(|node| (GlobalId::Message(here, node.uuid()), Node::Message(node))),
        );
    }
    let visitors = wanted(|id| if let GlobalId::Visitor(tenant, id) = id { Some((*tenant, *id)) } else { None });
    if !visitors.is_empty() {
        let ids: Vec<_> = visitors.into_iter().map(Into::into).collect();
        let items = house.read(&place.scope, async move |mut conn, scope| chat::visitors(&mut conn, &scope, &ids).await);
        found.extend(items.await?.into_iter().map(|item| {
            let node = Visitor::new(place, item);
            (GlobalId::Visitor(here, node.row().uuid()), Node::Visitor(node))
        }));
    }
    let personas = wanted(|id| if let GlobalId::Persona(tenant, id) = id { Some((*tenant, *id)) } else { None });
    if !personas.is_empty() {
        let ids: Vec<_> = personas.into_iter().map(Into::into).collect();
        let items = house.read(&place.scope, async move |mut conn, scope| persona::by_id(&mut conn, &scope, &ids).await);
        let items = PersonaLevel::of(place, items.await?);
        found.extend(items.into_iter().map(|item| (GlobalId::Persona(here, item.place().uuid()), Node::Persona(item))));
    }
    let versions = wanted(|id| if let GlobalId::PersonaVersion(tenant, id) = id { Some((*tenant, *id)) } else { None });
    if !versions.is_empty() {
        let ids: Vec<_> = versions.into_iter().map(Into::into).collect();
        let items = house.read(&place.scope, async move |mut conn, scope| persona::versions(&mut conn, &scope, &ids).await);
        let items = items.await?;
        let authors = Arc::new(Authors::of(items.iter().map(|item| item.made.author_id)));
        found.extend(items.into_iter().map(|item| {
            let id = GlobalId::PersonaVersion(here, item.id.uuid());
            (id, Node::PersonaVersion(PersonaVersion::new(place, item, &authors)))
        }));
    }
    let previews = wanted(|id| if let GlobalId::PersonaPreview(tenant, id) = id { Some((*tenant, *id)) } else { None });
    if !previews.is_empty() {
        let ids: Vec<_> = previews.into_iter().map(Into::into).collect();
        let items = house.read(&place.scope, async move |mut conn, scope| chat::previews(&mut conn, &scope, &ids).await);
        found.extend(items.await?.into_iter().map(|item| {
            let node = PersonaPreview::new(place, item);
            (GlobalId::PersonaPreview(here, node.uuid()), Node::PersonaPreview(node))
        }));
    }
    let entries = wanted(|id| if let GlobalId::KnowledgeEntry(tenant, id) = id { Some((*tenant, *id)) } else { None });
    if !entries.is_empty() {
        let ids: Vec<_> = entries.into_iter().map(Into::into).collect();
        let items = house.read(&place.scope, async move |mut conn, scope| knowledge::by_id(&mut conn, &scope, &ids).await);
        found.extend(items.await?.into_iter().map(|item| {
            let id = GlobalId::KnowledgeEntry(here, item.id.uuid());
            (id, Node::KnowledgeEntry(KnowledgeEntry::new(place, item)))
        }));
    }
    Ok(())
}
