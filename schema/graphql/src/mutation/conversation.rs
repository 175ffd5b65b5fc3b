//! What the team does with a conversation besides talking.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use frontoffice_domain::{
    chat::{self, Handled},
    identity::Permission,
};

use super::{Refusable, UserError, UserErrorCode, key_reused, within};
use crate::{
    context::{asking, house},
    error::failed,
    global_id::GlobalId,
    object::{
        conversation::{Conversation, ConversationNote},
        tenant::Place,
    },
};

/// Who looks after which conversation.
#[derive(InputObject)]
pub(crate) struct ConversationAssignInput {
    /// The conversation.
    conversation: ID,
    /// Who looks after it, by their id as a member; nobody if nothing is said.
    member: Option<ID>,
}

/// Whether it was given to them.
#[derive(Default, SimpleObject)]
pub(crate) struct ConversationAssignPayload {
    /// The conversation as it is now; null if nothing was done.
    conversation: Option<Conversation>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// What is to be written beside which conversation.
#[derive(InputObject)]
pub(crate) struct ConversationNoteCreateInput {
    /// The conversation.
    conversation: ID,
    /// What is to be written, 1 to 4,000 characters.
    text: String,
}

/// What was written.
#[derive(Default, SimpleObject)]
pub(crate) struct ConversationNoteCreatePayload {
    /// The note; null if there is none.
    note: Option<ConversationNote>,
    /// The conversation it stands beside; null if nothing was done.
    conversation: Option<Conversation>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Works with conversations.
#[derive(Default)]
pub(crate) struct Conversations;

/// The conversation an id names, and its place.
pub(super) async fn conversation(ctx: &Context<'_>, id: &ID) -> Result<Refusable<(Arc<Place>, uuid::Uuid)>> {
    within(ctx, "conversation", id, |id| if let GlobalId::Conversation(tenant, id) = id { Some((tenant, id)) } else { None })
        .await
}

pub(super) fn done<T>(handled: Handled<T>) -> Refusable<T> {
    match handled {
        Handled::Done(done) => Ok(done),
        Handled::Unknown => Err(UserError::not_found("conversation")),
        Handled::NotOnTeam => Err(UserError::not_found("member")),
        Handled::TooMany => {
            let message = "Two hundred notes stand beside this conversation, which is as many as there can be.";
            Err(UserError::at("conversation", UserErrorCode::LimitReached, message))
        }
        Handled::KeyReused => Err(key_reused()),
    }
}

/// Works with conversations.
#[Object]
impl Conversations {
    /// Has somebody of the team look after a conversation, or nobody. Needs `chat.manage`.
    async fn conversation_assign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who looks after which.")] input: ConversationAssignInput,
    ) -> Result<Option<ConversationAssignPayload>> {
        let refuse = |error| Ok(Some(ConversationAssignPayload { user_errors: vec![error], ..Default::default() }));
        let (place, id) = match conversation(ctx, &input.conversation).await? {
            Ok(found) => found,
            Err(error) => return refuse(error),
        };
        place.scope.require(Permission::ChatManage).map_err(failed)?;
        let to = match input.member.as_ref().map(|id| GlobalId::decode(id)) {
            None => None,
            Some(Some(GlobalId::Member(tenant, user))) if tenant == place.uuid() => Some(user.into()),
            Some(_) => return refuse(UserError::not_found("member")),
        };
        let (house, now) = (house(ctx)?, asking(ctx)?.now);
        let handled = house
            .write(&place.scope, async move |mut conn, scope| chat::assign(&mut conn, &scope, id.into(), to, now).await)
            .await?;
        house.bus.tell(place.scope.tenant(), Some(id.into()));
        match done(handled) {
            Ok(it) => {
                Ok(Some(ConversationAssignPayload { conversation: Conversation::alone(&place, it), user_errors: Vec::new() }))
            }
            Err(error) => refuse(error),
        }
    }

    /// Writes something beside a conversation that its visitor never sees. Needs `chat.manage`.
    async fn conversation_note_create(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be written, and where.")] input: ConversationNoteCreateInput,
    ) -> Result<Option<ConversationNoteCreatePayload>> {
        let refuse = |error| Ok(Some(ConversationNoteCreatePayload { user_errors: vec![error], ..Default::default() }));
        let (place, id) = match conversation(ctx, &input.conversation).await? {
            Ok(found) => found,
            Err(error) => return refuse(error),
        };
        place.scope.require(Permission::ChatManage).map_err(failed)?;
        let text = match super::optional("text", &input.text, 4_000) {
            Ok(Some(text)) => text,
            _ => {
                let message = "It must have 1 to 4,000 characters, not only white space.";
                return refuse(UserError::at("text", UserErrorCode::Invalid, message));
            }
        };
        let (house, now) = (house(ctx)?, asking(ctx)?.now);
        let handled = house
            .write(&place.scope, async move |mut conn, scope| chat::note(&mut conn, &scope, id.into(), &text, now).await)
            .await?;
        house.bus.tell(place.scope.tenant(), Some(id.into()));
        match done(handled) {
            Ok((it, note)) => Ok(Some(ConversationNoteCreatePayload {
                note: Some(ConversationNote::alone(&place, note)),
                conversation: Conversation::alone(&place, it),
                user_errors: Vec::new(),
            })),
            Err(error) => refuse(error),
        }
    }
}
