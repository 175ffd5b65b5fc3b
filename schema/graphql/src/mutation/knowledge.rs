//! Changing what a tenant's assistant may say.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use frontoffice_domain::{
    identity::Permission,
    knowledge::{self, Change, EntryFault, NewEntry},
    once::Kept,
    revision::Changed,
};

use super::{Refusable, UserError, UserErrorCode, conflict, key_reused, language, no_room, once, place, within};
use crate::{
    context::{asking, house},
    error::failed,
    global_id::GlobalId,
    object::{knowledge::KnowledgeEntry, tenant::Place},
};

/// An entry to be written.
#[derive(InputObject)]
pub(crate) struct KnowledgeEntryCreateInput {
    /// The tenant; the caller's own if nothing is said.
    tenant: Option<ID>,
    /// What it is called, 1 to 300 characters.
    title: String,
    /// What it says, in Markdown, 1 to 100,000 characters.
    text: String,
    /// Where a reader can check it: an `http` or `https` address.
    source_url: Option<String>,
    /// The language it is written in, as a BCP 47 tag; the tenant's own if nothing is said.
    locale: Option<String>,
    /// The caller's own key for writing it: sent again, the same entry comes back.
    idempotency_key: Option<String>,
}

/// The entry that was written, as a draft.
#[derive(Default, SimpleObject)]
pub(crate) struct KnowledgeEntryCreatePayload {
    /// The entry; null if there is none.
    entry: Option<KnowledgeEntry>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// What is to be different. What is left out stays.
#[derive(InputObject)]
pub(crate) struct KnowledgeEntryUpdateInput {
    /// The entry.
    entry: ID,
    /// The revision that was looked at: if there is a newer one, nothing is changed.
    expected_revision: Option<i64>,
    /// What it is called, 1 to 300 characters.
    title: Option<String>,
    /// What it says, in Markdown, 1 to 100,000 characters.
    text: Option<String>,
    /// Where a reader can check it: an `http` or `https` address; null takes it away.
    source_url: MaybeUndefined<String>,
    /// The language it is written in, as a BCP 47 tag.
    locale: Option<String>,
    /// Whether it is approved as it is then. If not, what was approved is a draft again and is not said any more.
    approve: Option<bool>,
}

/// Whether it was changed.
#[derive(Default, SimpleObject)]
pub(crate) struct KnowledgeEntryUpdatePayload {
    /// The entry as it is now, also where somebody else has changed it meanwhile; null if there is none.
    entry: Option<KnowledgeEntry>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Which entry is approved.
#[derive(InputObject)]
pub(crate) struct KnowledgeEntryApproveInput {
    /// The entry.
    entry: ID,
    /// The revision that was looked at: if there is a newer one, nothing is approved.
    expected_revision: Option<i64>,
}

/// Whether it is approved.
#[derive(Default, SimpleObject)]
pub(crate) struct KnowledgeEntryApprovePayload {
    /// The entry as it is now, also where somebody else has changed it meanwhile; null if there is none.
    entry: Option<KnowledgeEntry>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Which entry is withdrawn.
#[derive(InputObject)]
pub(crate) struct KnowledgeEntryArchiveInput {
    /// The entry.
    entry: ID,
    /// The revision that was looked at: if there is a newer one, nothing is withdrawn.
    expected_revision: Option<i64>,
}

/// Whether it is withdrawn.
#[derive(Default, SimpleObject)]
pub(crate) struct KnowledgeEntryArchivePayload {
    /// The entry as it is now, also where somebody else has changed it meanwhile; null if there is none.
    entry: Option<KnowledgeEntry>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Changes knowledge.
#[derive(Default)]
pub(crate) struct Knowledge;

/// The entry an id names, and its place, for who may change it.
async fn entry(ctx: &Context<'_>, id: &ID) -> Result<Refusable<(Arc<Place>, uuid::Uuid)>> {
    let found =
        within(ctx, "entry", id, |id| if let GlobalId::KnowledgeEntry(tenant, id) = id { Some((tenant, id)) } else { None })
            .await?;
    if let Ok((place, _)) = &found {
        place.scope.require(Permission::KnowledgeManage).map_err(failed)?;
    }
    Ok(found)
}

fn checked(entry: NewEntry) -> Refusable<NewEntry> {
    let (field, message) = match knowledge::fault(&entry) {
        None => return Ok(entry),
        Some(EntryFault::Title) => ("title", "It must have 1 to 300 characters on one line."),
        Some(EntryFault::Text) => {
            ("text", "It must have 1 to 100,000 characters, with something to read in them and not in more than 2,000 pieces.")
        }
        Some(EntryFault::SourceUrl) => ("sourceUrl", "It must be an `http` or `https` address of at most 2,000 characters."),
    };
    Err(UserError::at(field, UserErrorCode::Invalid, message))
}

/// What a change may be: every text that it has would have to be good in an entry.
fn change(input: &KnowledgeEntryUpdateInput, place: &Place) -> Refusable<Change> {
    let locale = input.locale.as_deref().map(|tag| language("locale", tag)).transpose()?;
    let source_url = match &input.source_url {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(url) => Some(Some(url.clone())),
    };
    let title = input.title.as_deref().map(|title| title.trim().to_owned());
    let or = |text: &Option<String>| text.clone().unwrap_or_else(|| "as it is".to_owned());
    checked(NewEntry {
        title: or(&title),
        text: or(&input.text),
        source_url: source_url.clone().flatten(),
        locale: locale.unwrap_or(place.tenant.default_locale),
    })?;
    Ok(Change { title, text: input.text.clone(), source_url, locale })
}

/// The entry after a change, and why it was not changed.
fn outcome(place: &Arc<Place>, kept: Kept<Changed<knowledge::Entry>>) -> (Option<KnowledgeEntry>, Vec<UserError>) {
    match kept {
        Kept::Now(Changed::Done(entry)) | Kept::Before(Changed::Done(entry)) => {
            (Some(KnowledgeEntry::new(place, entry)), Vec::new())
        }
        Kept::Now(Changed::Stale(entry)) | Kept::Before(Changed::Stale(entry)) => {
            (Some(KnowledgeEntry::new(place, entry)), vec![conflict()])
        }
        Kept::Now(Changed::Unknown) | Kept::Before(Changed::Unknown) => (None, vec![UserError::not_found("entry")]),
        Kept::Full(full) => (None, vec![no_room("entry", &full)]),
        Kept::KeyReused => (None, vec![key_reused()]),
    }
}

/// Changes knowledge.
#[Object]
impl Knowledge {
    /// Writes an entry, as a draft: it is not said before it is approved. Needs `knowledge.manage`.
    async fn knowledge_entry_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The entry.")] input: KnowledgeEntryCreateInput,
    ) -> Result<Option<KnowledgeEntryCreatePayload>> {
        let refuse = |error| Ok(Some(KnowledgeEntryCreatePayload { user_errors: vec![error], ..Default::default() }));
        let place = match place(ctx, input.tenant.as_ref()).await? {
            Ok(place) => place,
            Err(error) => return refuse(error),
        };
        place.scope.require(Permission::KnowledgeManage).map_err(failed)?;
        let locale = input.locale.as_deref().map_or(Ok(place.tenant.default_locale), |tag| language("locale", tag));
        let new = locale.and_then(|locale| {
            let title = input.title.trim().to_owned();
            checked(NewEntry { title, text: input.text.clone(), source_url: input.source_url.clone(), locale })
        });
        let (new, once) = match (new, once(ctx, input.idempotency_key.as_deref())?) {
            (Ok(new), Ok(once)) => (new, once),
            (Err(error), _) | (_, Err(error)) => return refuse(error),
        };
        let (house, now) = (house(ctx)?, asking(ctx)?.now);
        let made = house
            .write(&place.scope, async move |mut conn, scope| {
                knowledge::create(&mut conn, &scope, &new, once.as_ref(), now).await
            })
            .await?;
        match made {
            Kept::Now(entry) | Kept::Before(entry) => {
                Ok(Some(KnowledgeEntryCreatePayload { entry: Some(KnowledgeEntry::new(&place, entry)), user_errors: Vec::new() }))
            }
            Kept::Full(full) => refuse(no_room("tenant", &full)),
            Kept::KeyReused => refuse(key_reused()),
        }
    }

    /// Changes an entry. Needs `knowledge.manage`.
    async fn knowledge_entry_update(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be different.")] input: KnowledgeEntryUpdateInput,
    ) -> Result<Option<KnowledgeEntryUpdatePayload>> {
        let refuse = |error| Ok(Some(KnowledgeEntryUpdatePayload { user_errors: vec![error], ..Default::default() }));
        let (place, id) = match entry(ctx, &input.entry).await? {
            Ok(found) => found,
            Err(error) => return refuse(error),
        };
        let change = match change(&input, &place) {
            Ok(change) => change,
            Err(error) => return refuse(error),
        };
        let (house, now) = (house(ctx)?, asking(ctx)?.now);
        let (expected, approve) = (input.expected_revision, input.approve.unwrap_or(false));
        let kept = house
            .write(&place.scope, async move |mut conn, scope| {
                knowledge::update(&mut conn, &scope, id.into(), &change, expected, approve, now).await
            })
            .await?;
        let (entry, user_errors) = outcome(&place, kept);
        Ok(Some(KnowledgeEntryUpdatePayload { entry, user_errors }))
    }

    /// Approves an entry: the assistant says it from the next message on. One that is archived is in use again. Needs `knowledge.manage`.
    async fn knowledge_entry_approve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entry.")] input: KnowledgeEntryApproveInput,
    ) -> Result<Option<KnowledgeEntryApprovePayload>> {
        let refuse = |error| Ok(Some(KnowledgeEntryApprovePayload { user_errors: vec![error], ..Default::default() }));
        let (place, id) = match entry(ctx, &input.entry).await? {
            Ok(found) => found,
            Err(error) => return refuse(error),
        };
        let (house, now, expected) = (house(ctx)?, asking(ctx)?.now, input.expected_revision);
        let kept = house
            .write(&place.scope, async move |mut conn, scope| {
                knowledge::approve(&mut conn, &scope, id.into(), expected, now).await
            })
            .await?;
        let (entry, user_errors) = outcome(&place, kept);
        Ok(Some(KnowledgeEntryApprovePayload { entry, user_errors }))
    }

    /// Withdraws an entry: the assistant does not say it any more. What was answered from it stays. Needs `knowledge.manage`.
    async fn knowledge_entry_archive(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which entry.")] input: KnowledgeEntryArchiveInput,
    ) -> Result<Option<KnowledgeEntryArchivePayload>> {
        let refuse = |error| Ok(Some(KnowledgeEntryArchivePayload { user_errors: vec![error], ..Default::default() }));
        let (place, id) = match entry(ctx, &input.entry).await? {
            Ok(found) => found,
            Err(error) => return refuse(error),
        };
        let (house, now, expected) = (house(ctx)?, asking(ctx)?.now, input.expected_revision);
        let archived = house
            .write(&place.scope, async move |mut conn, scope| {
                knowledge::archive(&mut conn, &scope, id.into(), expected, now).await
            })
            .await?;
        let (entry, user_errors) = outcome(&place, Kept::Now(archived));
        Ok(Some(KnowledgeEntryArchivePayload { entry, user_errors }))
    }
}
