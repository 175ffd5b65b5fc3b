//! Trying a persona out before it is changed.

use std::{sync::Arc, time::Duration};

use async_graphql::{Context, Error, ID, InputObject, MaybeUndefined, Object, Result, SimpleObject};
use frontoffice_domain::{
    chat::{self, MessageText, NewPreview, Previewed},
    id::TurnId,
    identity::Permission,
    once::Kept,
    persona::Change,
};
use tokio::time::timeout;

use super::{
    Refusable, UserError, UserErrorCode, key_reused, language, once,
    persona::{Voice, change, persona},
};
use crate::{
    context::{House, asking, house},
    error::failed,
    kind::Grounding,
    object::{preview::PersonaPreview, tenant::Place},
};

/// What a persona is to be asked, and what is tried out of it. What is left out is as it is.
#[derive(InputObject)]
pub(crate) struct PersonaPreviewInput {
    /// The persona.
    persona: ID,
    /// What a visitor would write, 1 to 8,000 characters.
    question: String,
    /// The language the visitor's page would be in, as a BCP 47 tag.
    locale: Option<String>,
    /// A name to try out, 1 to 100 characters.
    name: Option<String>,
    /// A description to try out, at most 2,000 characters.
    description: Option<String>,
    /// A tone to try out, at most 500 characters.
    tone: Option<String>,
    /// What a model is told first, to try out, at most 8,000 characters.
    system_prompt: Option<String>,
    /// How far answers must rest on approved knowledge, to try out.
    grounding: Option<Grounding>,
    /// A model to try out, one of `Tenant.models`; null: the platform's usual one.
    model: MaybeUndefined<String>,
    /// How freely it chooses its words, to try out, 0 to 2; null: as the model does by itself.
    temperature: MaybeUndefined<f64>,
    /// The language it answers in, to try out, as a BCP 47 tag; null: the visitor's.
    language: MaybeUndefined<String>,
    /// How many seconds to wait for the answer, 0 to 30. Who does not wait asks `node` for it later.
    #[graphql(default = 20)]
    wait_seconds: u8,
    /// The caller's own key for asking: sent again, nothing is asked, or charged, again.
    idempotency_key: Option<String>,
}

/// What was asked, and what was answered if that did not take longer than the caller would wait.
#[derive(Default, SimpleObject)]
pub(crate) struct PersonaPreviewPayload {
    /// The preview; null if nothing was asked.
    preview: Option<PersonaPreview>,
    /// Why not.
    user_errors: Vec<UserError>,
}

/// Tries personas out.
#[derive(Default)]
pub(crate) struct Previews;

/// The question and what is tried out, if they may be.
fn checked(house: &House, input: &PersonaPreviewInput) -> Refusable<(MessageText, Change)> {
    let question = MessageText::parse(input.question.clone());
    let question = question.map_err(|fault| UserError::at("question", UserErrorCode::Invalid, format!("It {fault}.")))?;
    if input.wait_seconds > LONGEST {
        return Err(UserError::at("waitSeconds", UserErrorCode::Invalid, format!("It must be 0 to {LONGEST}.")));
    }
    let voice = Voice::said(house, &input.model, &input.temperature, &input.language)?;
    let change = change(voice.into_change(Change {
        name: input.name.clone(),
        description: input.description.clone(),
        tone: input.tone.clone(),
        system_prompt: input.system_prompt.clone(),
        grounding: input.grounding.map(Into::into),
        ..Change::default()
    }))?;
    Ok((question, change))
}

/// Nobody waits longer, in seconds.
const LONGEST: u8 = 30;
/// How often the store is looked at without a hint.
const OFTEN: Duration = Duration::from_secs(1);

/// Tries personas out.
#[Object]
impl Previews {
    /// Asks a persona something as it would be with changes that are not made yet, outside every conversation. It is answered and charged
    /// as a visitor's question is. Needs `persona.manage`.
    async fn persona_preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it is to be asked, and what is tried out of it.")] input: PersonaPreviewInput,
    ) -> Result<Option<PersonaPreviewPayload>> {
        let refuse = |error| Ok(Some(PersonaPreviewPayload { user_errors: vec![error], ..Default::default() }));
        let (place, id) = match persona(ctx, &input.persona).await? {
            Ok(found) => found,
            Err(error) => return refuse(error),
        };
        let house = house(ctx)?;
        let locale = input.locale.as_deref().map(|tag| language("locale", tag)).transpose();
        let ((question, change), locale, once) =
            match (checked(house, &input), locale, once(ctx, input.idempotency_key.as_deref())?) {
                (Ok(checked), Ok(locale), Ok(once)) => (checked, locale, once),
                (Err(error), _, _) | (_, Err(error), _) | (_, _, Err(error)) => return refuse(error),
            };
        let (now, longest) = (asking(ctx)?.now, Duration::from_secs(input.wait_seconds.into()));
        let span = place.scope.span();
        let new = NewPreview { persona: id.into(), change, question, locale, budgets: house.budgets.clone(), span };
        let tenant = place.tenant.clone();
        let asked = house
            .write(&place.scope, async move |mut conn, scope| {
                chat::preview(&mut conn, &scope, &new, &tenant, once.as_ref(), now).await
            })
            .await?;
        let turn = match asked {
            Previewed::Asked(Kept::Now(turn) | Kept::Before(turn)) => turn,
            Previewed::Asked(Kept::KeyReused) => return refuse(key_reused()),
            // A plan has no number of previews.
            Previewed::Asked(Kept::Full(_)) | Previewed::Unknown => return refuse(UserError::not_found("persona")),
        };
        house.bus.ring();
        let preview = answered(house, &place, turn, longest).await?;
        Ok(Some(PersonaPreviewPayload {
            preview: preview.map(|preview| PersonaPreview::new(&place, preview)),
            user_errors: Vec::new(),
        }))
    }
}

/// The preview as it is once it is answered, or after that time.
async fn answered(house: &House, place: &Arc<Place>, turn: TurnId, longest: Duration) -> Result<Option<chat::Preview>> {
    place.scope.require(Permission::PersonaManage).map_err(failed)?;
    let look = async || {
        let read = async move |mut conn, scope| chat::previews(&mut conn, &scope, &[turn]).await;
        Ok::<_, Error>(house.read(&place.scope, read).await?.pop())
    };
    // Before the first look, so that nothing between the two is missed.
    let mut news = house.bus.news(place.scope.tenant());
    let wait = async {
        while look().await?.is_some_and(|preview| preview.answer.is_none()) {
            // A hint that never comes costs a second.
            let _ = timeout(OFTEN, news.next()).await;
        }
        Ok::<_, Error>(())
    };
    tokio::select! {
        waited = timeout(longest, wait) => waited.unwrap_or(Ok(()))?,
        () = house.stop.cancelled() => {}
    }
    look().await
}
