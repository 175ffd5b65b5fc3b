//! Who holds a conversation: people take over, talk, give it back, and settle it.

use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use frontoffice_domain::{
    chat::{self, Handled, MessageText, Spoken, TakenOver},
    id::TurnId,
    identity::Permission,
};

use super::{
    Refusable, UserError, UserErrorCode,
    conversation::{conversation, done},
    once,
};
use crate::{
    context::{House, asking, house},
    error::failed,
    object::{
        conversation::Conversation,
        message::{Message, MessageLevel},
        tenant::Place,
    },
};

/// Which conversation.
#[derive(InputObject)]
pub(crate) struct ConversationTakeOverInput {
    /// The conversation.
    conversation: ID,
}

/// Whether it was taken over.
#[derive(Default, SimpleObject)]
pub(crate) struct ConversationTakeOverPayload {
    /// The conversation as it is now; null if nothing was done.
    conversation: Option<Conversation>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Which conversation.
#[derive(InputObject)]
pub(crate) struct ConversationGiveBackInput {
    /// The conversation.
    conversation: ID,
}

/// Whether it was given back.
#[derive(Default, SimpleObject)]
pub(crate) struct ConversationGiveBackPayload {
    /// The conversation as it is now; null if nothing was done.
    conversation: Option<Conversation>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Which conversation.
#[derive(InputObject)]
pub(crate) struct ConversationResolveInput {
    /// The conversation.
    conversation: ID,
}

/// Whether it is settled.
#[derive(Default, SimpleObject)]
pub(crate) struct ConversationResolvePayload {
    /// The conversation as it is now; null if nothing was done.
    conversation: Option<Conversation>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// What is to be said in which conversation.
#[derive(InputObject)]
pub(crate) struct ConversationReplyInput {
    /// The conversation.
    conversation: ID,
    /// What is to be said, 1 to 8,000 characters.
    text: String,
    /// A key of the caller's own, 1 to 128 characters: asked again under it, it is not said again.
    idempotency_key: Option<String>,
}

/// What was said.
#[derive(Default, SimpleObject)]
pub(crate) struct ConversationReplyPayload {
    /// The message; null if nothing was said.
    message: Option<Message>,
    /// The conversation as it is now; null if nothing was said.
    conversation: Option<Conversation>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Who holds a conversation.
#[derive(Default)]
pub(crate) struct People;

/// What somebody of the team does about who holds a conversation.
#[derive(Clone, Copy)]
enum Act {
    TakeOver,
    GiveBack,
    Resolve,
}

async fn act(ctx: &Context<'_>, id: &ID, act: Act) -> Result<Refusable<Option<Conversation>>> {
    let (place, id) = match conversation(ctx, id).await? {
        Ok(found) => found,
        Err(error) => return Ok(Err(error)),
    };
    let (house, now) = (house(ctx)?, asking(ctx)?.now);
    let handled = house
        .write(&place.scope, async move |mut conn, scope| match act {
            Act::TakeOver => chat::take_over(&mut conn, &scope, id.into(), now).await,
            Act::GiveBack => chat::give_back(&mut conn, &scope, id.into(), now).await.map(without_turns),
            Act::Resolve => chat::resolve(&mut conn, &scope, id.into(), now).await.map(without_turns),
        })
        .await?;
    Ok(done(handled).map(|TakenOver { conversation, ended }| {
        announce(house, &place, &conversation, &ended);
        Conversation::alone(&place, conversation)
    }))
}

fn without_turns(handled: Handled<chat::Conversation>) -> Handled<TakenOver> {
    match handled {
        Handled::Done(conversation) => Handled::Done(TakenOver { conversation, ended: Vec::new() }),
        Handled::Unknown => Handled::Unknown,
        Handled::NotOnTeam => Handled::NotOnTeam,
        Handled::TooMany => Handled::TooMany,
        Handled::KeyReused => Handled::KeyReused,
    }
}

/// Commit came first; now everyone may know.
fn announce(house: &House, place: &Place, conversation: &chat::Conversation, ended: &[TurnId]) {
    for turn in ended {
        house.bus.void(*turn);
    }
    house.bus.tell(place.scope.tenant(), Some(conversation.id));
    house.bus.ring();
}

/// Who holds a conversation.
#[Object]
impl People {
    /// A person takes over from the assistant, which is silent from then on, also in the middle of an answer; the visitor is told. Who
    /// takes over looks after the conversation. Needs `chat.manage`.
    async fn conversation_take_over(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: ConversationTakeOverInput,
    ) -> Result<Option<ConversationTakeOverPayload>> {
        Ok(Some(match act(ctx, &input.conversation, Act::TakeOver).await? {
            Ok(conversation) => ConversationTakeOverPayload { conversation, user_errors: Vec::new() },
            Err(error) => ConversationTakeOverPayload { user_errors: vec![error], ..Default::default() },
        }))
    }

    /// Gives a conversation back to the assistant; the visitor is told. Needs `chat.manage`.
    async fn conversation_give_back(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: ConversationGiveBackInput,
    ) -> Result<Option<ConversationGiveBackPayload>> {
        Ok(Some(match act(ctx, &input.conversation, Act::GiveBack).await? {
            Ok(conversation) => ConversationGiveBackPayload { conversation, user_errors: Vec::new() },
            Err(error) => ConversationGiveBackPayload { user_errors: vec![error], ..Default::default() },
        }))
    }

    /// Settles a conversation. It is open again when its visitor writes again. Needs `chat.manage`.
    async fn conversation_resolve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: ConversationResolveInput,
    ) -> Result<Option<ConversationResolvePayload>> {
        Ok(Some(match act(ctx, &input.conversation, Act::Resolve).await? {
            Ok(conversation) => ConversationResolvePayload { conversation, user_errors: Vec::new() },
            Err(error) => ConversationResolvePayload { user_errors: vec![error], ..Default::default() },
        }))
    }

    /// Says something to the visitor of a conversation, as a person. Who does takes over, if nobody has. Needs `chat.manage`.
    async fn conversation_reply(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be said, and where.")] input: ConversationReplyInput,
    ) -> Result<Option<ConversationReplyPayload>> {
        let refuse = |error| Ok(Some(ConversationReplyPayload { user_errors: vec![error], ..Default::default() }));
        let (place, id) = match conversation(ctx, &input.conversation).await? {
            Ok(found) => found,
            Err(error) => return refuse(error),
        };
        place.scope.require(Permission::ChatManage).map_err(failed)?;
        let text = match MessageText::parse(input.text) {
            Ok(text) => text,
            Err(fault) => return refuse(UserError::at("text", UserErrorCode::Invalid, format!("It {fault}."))),
        };
        let once = match once(ctx, input.idempotency_key.as_deref())? {
            Ok(once) => once,
            Err(error) => return refuse(error),
        };
        let (house, now) = (house(ctx)?, asking(ctx)?.now);
        let handled = house
            .write(&place.scope, async move |mut conn, scope| {
                chat::reply(&mut conn, &scope, id.into(), &text, once.as_ref(), now).await
            })
            .await?;
        match done(handled) {
            Ok(Spoken { message, conversation, ended }) => {
                announce(house, &place, &conversation, &ended);
                Ok(Some(ConversationReplyPayload {
                    message: MessageLevel::of(&place, vec![message]).next(),
                    conversation: Conversation::alone(&place, conversation),
                    user_errors: Vec::new(),
                }))
            }
            Err(error) => refuse(error),
        }
    }
}
