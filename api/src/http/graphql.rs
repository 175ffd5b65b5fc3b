//! `/graphql`: GraphQL over HTTP, as its specification has it. One operation a request; only JSON is read, so that no page of
//! another site can send one without asking; `GET` only reads.

use axum::{
    extract::{FromRef, Query, Request, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use frontoffice_graphql::{Answer, Ask, Caller, Graph, House, Ready};
use serde::Deserialize;
use serde_json::{Map, Value};
use tracing::Instrument;

use super::live::{self, Live};
use crate::{
    Api,
    caller::{self, Incoming},
    limits::json_object,
    problem::Problem,
    signed_in,
};

/// The largest body: a document and its variables.
const BODY: usize = 128 * 1024;

/// What the route stands on.
#[derive(Clone)]
pub(crate) struct Door {
    pub(super) api: Api,
    pub(super) graph: Graph,
    pub(super) live: Live,
}

impl Door {
    pub(crate) fn new(api: Api) -> Self {
        let graph = Graph::new(House {
            bus: api.bus.clone(),
            db: api.db.clone(),
            clock: api.clock.clone(),
            key: api.key.clone(),
            pulse: api.pulse.clone(),
            model: api.config.model.clone(),
            accounts: api.accounts.clone(),
            open_sign_up: api.config.open_sign_up,
            budgets: api.config.budgets.clone(),
            models: api.config.models.clone(),
            key_overlap: api.config.key_overlap,
            stop: api.stop.clone(),
        });
        let live = Live::of(&api);
        Self { api, graph, live }
    }
}

impl FromRef<Door> for Api {
    fn from_ref(door: &Door) -> Self {
        door.api.clone()
    }
}

/// The form of an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The specification's own: the status says whether the request was refused.
    Graphql,
    /// The older one: every request that could be read gets 200.
    Json,
}

impl Form {
    const ALL: [(Self, &'static str); 2] =
        [(Self::Json, "application/json; charset=utf-8"), (Self::Graphql, "application/graphql-response+json; charset=utf-8")];

    fn media_type(self) -> &'static str {
        Self::ALL.iter().find(|(form, _)| *form == self).map_or("", |(_, media_type)| media_type)
    }

    /// The one the client likes best. Who names both alike gets the specification's own, who names neither the older.
    fn wanted(headers: &HeaderMap) -> Result<Self, Problem> {
        let said: Vec<&str> = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
        if said.is_empty() {
            return Ok(Self::Json);
        }
        let liking = |form: Self| said.iter().flat_map(|value| value.split(',')).filter_map(|range| liking(range, form)).max();
        let best = Self::ALL.iter().filter_map(|(form, _)| Some((liking(*form)?, *form))).filter(|((_, liking), _)| *liking > 0);
        best.max_by_key(|((named, liking), form)| (*liking, *named, (*form == Self::Graphql) == (*named == BY_NAME)))
            .map(|(_, form)| form)
            .ok_or_else(|| {
                Problem::new(
                    "not_acceptable",
                    "Answers are `application/graphql-response+json` or `application/json`; the `Accept` header allows neither.",
                )
            })
    }
}

/// A media range that names a form exactly.
const BY_NAME: u8 = 2;

/// How much a media range of an `Accept` header likes a form, in thousandths, and how exactly it names it; `None` if not at all.
fn liking(range: &str, form: Form) -> Option<(u8, u16)> {
    let mut parts = range.split(';').map(str::trim);
    let media_type = parts.next()?.to_ascii_lowercase();
    let named = match (media_type.as_str(), form) {
        ("application/graphql-response+json", Form::Graphql) | ("application/json", Form::Json) => BY_NAME,
        ("application/*", _) => 1,
        ("*/*", _) => 0,
        _ => return None,
    };
    let quality = parts.find_map(|part| part.strip_prefix("q=")).unwrap_or("1");
    Some((named, thousandths(quality)?))
}

/// `0.5` is 500; nothing is above 1000.
fn thousandths(quality: &str) -> Option<u16> {
    let (whole, part) = quality.split_once('.').unwrap_or((quality, "0"));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    let (whole, part): (u16, u16) = (whole.parse().ok()?, part.parse().ok()?);
    Some(whole.saturating_mul(1_000).saturating_add(part).min(1_000))
}

/// `POST /graphql`.
pub(crate) async fn post(State(door): State<Door>, incoming: Incoming, request: Request) -> Result<Response, Problem> {
    let listens = live::is_wanted(&incoming.headers);
    let form = if listens { Form::Json } else { Form::wanted(&incoming.headers)? };
    let mut fields = json_object(request, BODY).await?;
    let Some(Value::String(query)) = fields.remove("query") else { return Err(wrong("`query` must be a text: the document.")) };
    let operation_name = match fields.remove("operationName") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name),
        Some(_) => return Err(wrong("`operationName` must be a text or null.")),
    };
    let variables = object("variables", fields.remove("variables"))?;
    object("extensions", fields.remove("extensions"))?;
    let way = if listens { Way::Events } else { Way::Post };
    answer(door, Asked { query, operation_name, variables, way }, form, incoming).await
}

/// What stands in the query string of a `GET`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InQuery {
    query: Option<String>,
    operation_name: Option<String>,
    variables: Option<String>,
    extensions: Option<String>,
}

/// `GET /graphql`.
pub(crate) async fn get(
    State(door): State<Door>,
    asked: Result<Query<InQuery>, QueryRejection>,
    incoming: Incoming,
) -> Result<Response, Problem> {
    let form = Form::wanted(&incoming.headers)?;
    let Query(asked) = asked.map_err(Problem::query)?;
    let Some(query) = asked.query else { return Err(wrong("`query` must be in the query string: the document.")) };
    let parse = |name, text: Option<String>| match text.filter(|text| !text.is_empty()) {
        None => Ok(Map::new()),
        Some(text) => match serde_json::from_str(&text) {
            Ok(value) => object(name, Some(value)),
            Err(_) => Err(wrong(&format!("`{name}` must be JSON."))),
        },
    };
    let variables = parse("variables", asked.variables)?;
    parse("extensions", asked.extensions)?;
    let operation_name = asked.operation_name.filter(|name| !name.is_empty());
    answer(door, Asked { query, operation_name, variables, way: Way::Get }, form, incoming).await
}

/// What a request asks, however it came.
struct Asked {
    query: String,
    operation_name: Option<String>,
    variables: Map<String, Value>,
    way: Way,
}

/// How a request came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Post,
    /// By `POST`, to be answered by events.
    Events,
    Get,
}

async fn answer(door: Door, asked: Asked, form: Form, incoming: Incoming) -> Result<Response, Problem> {
    let ask = Ask {
        query: asked.query,
        operation_name: asked.operation_name,
        variables: asked.variables,
        request_id: incoming.request.to_string(),
        with_credentials: !signed_in::credentials(&incoming.headers, &door.api.config)?.is_empty(),
    };
    let ready = match door.graph.read(ask) {
        Ok(ready) => ready,
        Err(refused) => return Ok(respond(refused, form)),
    };
    if asked.way == Way::Get && !ready.is_query() {
        let problem = Problem::new("method_not_allowed", "`GET` only reads; send other operations with `POST`.");
        return Err(problem.header(header::ALLOW, HeaderValue::from_static("POST")));
    }
    if asked.way == Way::Events {
        let caller = asker(&door, &ready, &incoming).await?;
        return Ok(live::events(&door, ready, caller));
    }
    let (is_query, db) = (ready.is_query(), door.api.db.clone());
    let answered = async move {
        let caller = asker(&door, &ready, &incoming).await?;
        Ok(respond(door.graph.answer(ready, caller).await, form))
    };
    // What only reads, reads much; what changes something may wait for more than the store.
    if is_query { db.together(answered.in_current_span()).await? } else { answered.await }
}

async fn asker(door: &Door, ready: &Ready, incoming: &Incoming) -> Result<Caller, Problem> {
    let signed_in = caller::signed_in_if_any(incoming, &door.api, !ready.is_query()).await?;
    Ok(Caller { signed_in, ..stranger(incoming, &door.api)? })
}

/// Who asks, as far as it is known before anything was shown.
pub(super) fn stranger(incoming: &Incoming, api: &Api) -> Result<Caller, Problem> {
    Ok(Caller {
        signed_in: None,
        trace: incoming.trace(api)?,
        address: incoming.address,
        locale: incoming.locale(),
        now: api.clock.now(),
        open_introspection: !api.config.public_url.is_https(),
    })
}

fn respond(answer: Answer, form: Form) -> Response {
    let status = if answer.refused && form == Form::Graphql { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static(form.media_type()))], answer.body).into_response()
}

fn object(name: &str, value: Option<Value>) -> Result<Map<String, Value>, Problem> {
    match value {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(fields)) => Ok(fields),
        Some(_) => Err(wrong(&format!("`{name}` must be a JSON object or null."))),
    }
}

fn wrong(detail: &str) -> Problem {
    Problem::new("graphql_request_invalid", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_the_one_the_client_likes_best() {
        let wanted = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            Form::wanted(&headers).ok()
        };
        let (own, json) = ("application/graphql-response+json", "application/json");
        for (accept, form) in [
            (own, Some(Form::Graphql)),
            (json, Some(Form::Json)),
            ("*/*", Some(Form::Json)),
            ("application/*", Some(Form::Json)),
            ("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", Some(Form::Graphql)),
            ("application/json, application/graphql-response+json", Some(Form::Graphql)),
            ("application/graphql-response+json;q=0.5, application/json", Some(Form::Json)),
            ("application/graphql-response+json, */*;q=0.1", Some(Form::Graphql)),
            ("application/json;q=0.2, application/graphql-response+json;q=0.9", Some(Form::Graphql)),
            ("application/json, multipart/mixed", Some(Form::Json)),
            ("text/html", None),
            ("application/json;q=0", None),
        ] {
            assert!(wanted(accept) == form, "{accept}");
        }
        assert!(Form::wanted(&HeaderMap::new()).ok() == Some(Form::Json));
    }
}
