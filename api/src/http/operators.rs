//! `POST /api/chat/session` and `POST /api/chat/message`: where operators speak. In a conversation of their own the assistant answers them;
//! in a visitor's they speak as the person they are. Whoever is not signed in is told where visitors speak.

use axum::{
    Json,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use frontoffice_domain::{
    chat::{self, Addressed, Handled, Incoming as Message, NewSession, SessionId, Spoken},
    id::{ConversationId, PersonaId},
    identity::{Permission, SignedIn},
    once::OnceKey,
    tenancy::{self, Scope, Tenant},
};

use super::{
    answer::ChatAnswer,
    chat::{Asked, answered, asked, body_hash, business_unknown, key_reused, may_be_business},
    visitor::Standing,
};
use crate::{
    Api,
    caller::{self, Incoming},
    guest::Way,
    limits::{CHAT_BODY, Fields, SMALL_BODY, json_object},
    problem::Problem,
    signed_in,
};

/// Who is calling, if anybody is signed in.
async fn operator(incoming: &Incoming, api: &Api) -> Result<SignedIn, Problem> {
    caller::signed_in_if_any(incoming, api, true).await?.ok_or_else(|| {
        signed_in::not_signed_in(
            "This is where operators speak, and needs a session or an API key. Visitors talk to the assistant with `POST /api/chat`, without signing in.",
        )
    })
}

/// Lets them into the business they name, or their own.
async fn enter(api: &Api, who: &SignedIn, business: Option<String>) -> Result<(Tenant, Scope), Problem> {
    let entered = tenancy::enter_named(&api.db, who, business, api.clock.now()).await?.ok_or_else(business_unknown)?;
    entered.1.require(Permission::ChatManage)?;
    Ok(entered)
}

/// `POST /api/chat/session`: a conversation of the operator's own with the assistant.
pub(crate) async fn open(State(api): State<Api>, incoming: Incoming, request: Request) -> Result<Response, Problem> {
    let who = operator(&incoming, &api).await?;
    let mut fields = Fields::new(json_object(request, SMALL_BODY).await?);
    let business = fields.optional("business_id", |text| {
        if may_be_business(&text) { Ok(text) } else { Err("must be a business' UUID or slug".to_owned()) }
    });
    let unknown = "must be the UUID of a persona of the business that is in use";
    let persona = fields.optional("persona_id", |text| text.parse::<PersonaId>().map_err(|_| unknown.to_owned()));
    let title = fields.optional("title", |text| {
        let title = text.trim().to_owned();
        chat::rules::check_label(&title, 200).map(|()| title).map_err(|fault| fault.to_string())
    });
    if !fields.is_fine() {
        return Err(fields.problem());
    }
    let (tenant, scope) = enter(&api, &who, business).await?;
    let new = NewSession { persona, title, locale: caller::locale(&incoming.headers) };
    let (writer, now) = (scope.clone(), api.clock.now());
    let open = async move |mut conn| chat::open_session(&mut conn, &writer, &new, &tenant, now).await;
    let Some(own) = api.db.write(&scope, open).await? else {
        fields.wrong("persona_id", unknown);
        return Err(fields.problem());
    };
    api.bus.tell(scope.tenant(), Some(own.id));
    Ok((StatusCode::CREATED, Json(Standing::of(&own, &Way::of_operator(None)))).into_response())
}

/// `POST /api/chat/message`: the operator says something.
pub(crate) async fn message(State(api): State<Api>, incoming: Incoming, request: Request) -> Result<Response, Problem> {
    let who = operator(&incoming, &api).await?;
    let asked = asked(&api, &incoming.headers, json_object(request, CHAT_BODY).await?)?;
    let Some(session) = asked.session_id.clone() else {
        let mut fields = Fields::new(serde_json::Map::new());
        fields.wrong("session_id", "is required: one that `POST /api/chat/session` gave, or a visitor's");
        return Err(fields.problem());
    };
    let (tenant, scope) = enter(&api, &who, asked.business_id.clone()).await?;
    let (reader, named) = (scope.clone(), session.clone());
    let addressed = async move |mut conn| chat::addressed(&mut conn, &reader, &named).await;
    match api.db.read(&scope, addressed).await? {
        Addressed::Own => ask(&api, &incoming, scope.as_visitor()?, tenant, asked).await,
        Addressed::Visitors(conversation) => reply(&api, scope, conversation, &session, &asked).await,
        Addressed::Unknown => {
            Err(Problem::new("session_unknown", "There is no conversation with this session id in this business."))
        }
        Addressed::Ambiguous => Err(Problem::new(
            "session_ambiguous",
            "Several visitors chose this session id, so it names no single conversation. The ids we give are unique.",
        )),
    }
}

/// The operator asks the assistant.
async fn ask(api: &Api, incoming: &Incoming, scope: Scope, tenant: Tenant, asked: Asked) -> Result<Response, Problem> {
    let message = Message {
        text: asked.text.clone(),
        session_id: asked.session_id.clone(),
        key: asked.key.clone().map(|key| (key, body_hash(&asked, asked.business_id.as_deref()))),
        locale: caller::locale(&incoming.headers),
        budgets: api.config.budgets.clone(),
        // What a day may take is a limit for strangers.
        daily: None,
        widget_key: None,
        span: Some(incoming.request.to_string()),
    };
    let (writer, now) = (scope.clone(), api.clock.now());
    let send = async move |mut conn| chat::send(&mut conn, &writer, &message, &tenant, now).await;
    let sent = api.db.write(&scope, send).await?;
    answered(api, scope, sent, &asked, &Way::of_operator(asked.business_id.clone()), now).await
}

/// The operator speaks to a visitor.
async fn reply(
    api: &Api,
    scope: Scope,
    conversation: ConversationId,
    session: &SessionId,
    asked: &Asked,
) -> Result<Response, Problem> {
    let key = asked
        .key
        .as_ref()
        .map(|key| OnceKey { key: key.as_str().to_owned(), body: body_hash(asked, asked.business_id.as_deref()) });
    let (writer, text, now) = (scope.clone(), asked.text.clone(), api.clock.now());
    let reply = async move |mut conn| chat::reply(&mut conn, &writer, conversation, &text, key.as_ref(), now).await;
    let Spoken { message, ended, .. } = match api.db.write(&scope, reply).await? {
        Handled::Done(spoken) => spoken,
        Handled::KeyReused => return Err(key_reused()),
        Handled::Unknown | Handled::NotOnTeam | Handled::TooMany => {
            return Err(Problem::new("session_unknown", "There is no conversation with this session id in this business."));
        }
    };
    for turn in ended {
        api.bus.void(turn);
    }
    api.bus.tell(scope.tenant(), Some(conversation));
    api.bus.ring();
    Ok(Json(ChatAnswer::by_person(session.as_str(), message.id, message.created_at)).into_response())
}
