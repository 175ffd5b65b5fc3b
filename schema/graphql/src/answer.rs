//! From a request to an answer: what is too much is refused before anything is read.

use std::{collections::HashSet, net::IpAddr, sync::Arc};

use async_graphql::{
    ErrorExtensionValues, PathSegment, Pos, Request, Response, ServerError, Value, Variables, parser::types::OperationType,
};
use frontoffice_domain::{audit::Trace, clock::Instant, identity::SignedIn, locale::Locale};
use futures_util::{
    FutureExt, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use serde::Serialize;

use crate::{Graph, complete::Plan, context::Asking, document::Document, error::internal, json, kept, measure::Measure};

/// What an operation of somebody who is signed in may cost.
const COST_SIGNED_IN: u64 = 10_000;
/// What a stranger's may.
const COST_STRANGER: u64 = 1_000;

/// What is asked.
pub struct Ask {
    /// The document.
    pub query: String,
    /// Which of its operations, if it has several.
    pub operation_name: Option<String>,
    /// The variables.
    pub variables: serde_json::Map<String, serde_json::Value>,
    /// What the request is known by in the logs.
    pub request_id: String,
    /// Whether the request carries credentials, good or not. Without any it is held to a stranger's limits at once; with some the
    /// store must be asked first whose they are.
    pub with_credentials: bool,
}

/// Who asks.
pub struct Caller {
    /// Who is signed in.
    pub signed_in: Option<SignedIn>,
    /// From where and why, as the audit log notes it.
    pub trace: Trace,
    /// The client's address.
    pub address: IpAddr,
    /// The language the client asks for.
    pub locale: Locale,
    /// When.
    pub now: Instant,
    /// Whether strangers may ask for the schema.
    pub open_introspection: bool,
}

/// An operation that may be answered.
pub struct Ready {
    /// What its document is kept under.
    key: String,
    document: Arc<Document>,
    variables: Variables,
    operation_name: Option<String>,
    measure: Measure,
    request_id: String,
}

impl Ready {
    /// Whether it only reads.
    #[must_use]
    pub fn is_query(&self) -> bool {
        self.document.kind() == OperationType::Query
    }
}

/// An operation that is answered for somebody.
struct Admitted {
    ready: Ready,
    asking: Asking,
    sees_schema: bool,
    cost: Cost,
}

impl Admitted {
    /// As the library takes it, and what its document is kept under.
    fn request(self) -> (Request, String) {
        let Ready { key, document, variables, operation_name, .. } = self.ready;
        // The text itself is not looked at where it was read already.
        let mut request = Request::new("").variables(variables).data(self.asking);
        request.operation_name = operation_name;
        request.set_parsed_query(document.for_library());
        (if self.sees_schema { request } else { request.disable_introspection() }, key)
    }
}

/// What is answered.
pub struct Answer {
    /// JSON.
    pub body: Vec<u8>,
    /// Whether the request was refused as a whole, so that there is no data at all.
    pub refused: bool,
}

#[derive(Clone, Copy, Serialize)]
struct Cost {
    requested: u64,
    maximum: u64,
}

/// Something that is wrong with a request as a whole.
pub(crate) struct Refusal {
    code: &'static str,
    message: String,
    at: Option<Pos>,
    limit: Option<&'static str>,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), at: None, limit: None }
    }

    pub(crate) fn at(self, at: Option<Pos>) -> Self {
        Self { at, ..self }
    }

    pub(crate) fn limit(limit: &'static str, found: impl TryInto<u64>, most: impl TryInto<u64>) -> Self {
        let (found, most) = (found.try_into().unwrap_or(u64::MAX), most.try_into().unwrap_or(u64::MAX));
        let message = format!("The document's {limit} is {found}; at most {most} is allowed.");
        Self { limit: Some(limit), ..Self::new("LIMIT_EXCEEDED", message) }
    }

    fn answer(self, cost: Cost, request_id: &str) -> Answer {
        let mut error = ServerError::new(self.message, self.at);
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code);
        if let Some(limit) = self.limit {
            extensions.set("limit", limit);
        }
        error.extensions = Some(extensions);
        answer(Response::from_errors(vec![error]), &Plan::default(), cost, request_id)
    }
}

/// The answer as it goes out: every error has a code and the request's id.
fn answer(mut response: Response, plan: &Plan, cost: Cost, request_id: &str) -> Answer {
    // What fails before anything was executed has no place in the answer.
    let refused =
        response.data == Value::Null && !response.errors.is_empty() && response.errors.iter().all(|e| e.path.is_empty());
    // What is resolved anew because something failed fails anew.
    let mut seen = HashSet::new();
    response.errors.retain(|error| seen.insert(format!("{:?} {}", error.path, error.message)));
    for error in &mut response.errors {
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            extensions.set("code", if error.path.is_empty() { "GRAPHQL_VALIDATION_FAILED" } else { "INPUT_INVALID" });
        }
        extensions.set("requestId", request_id);
    }
    let failed: Vec<&[PathSegment]> = response.errors.iter().map(|error| error.path.as_slice()).collect();
    let data = (!refused).then(|| plan.complete(response.data, &failed));
    match body(data.as_ref(), &response.errors, cost) {
        Ok(body) => Answer { body, refused },
        Err(error) => {
            tracing::error!(%error, "an answer cannot be written down");
            let message = internal().message;
            let body = serde_json::json!({"errors": [{"message": message, "extensions": {"code": "INTERNAL", "requestId": request_id}}]});
            Answer { body: body.to_string().into_bytes(), refused: false }
        }
    }
}

fn body(data: Option<&Value>, errors: &[ServerError], cost: Cost) -> serde_json::Result<Vec<u8>> {
    let mut out = b"{".to_vec();
    if let Some(data) = data {
        out.extend_from_slice(b"\"data\":");
        json::write(data, &mut out)?;
        out.push(b',');
    }
    if !errors.is_empty() {
        out.extend_from_slice(b"\"errors\":");
        serde_json::to_writer(&mut out, errors)?;
        out.push(b',');
    }
    out.extend_from_slice(b"\"extensions\":{\"cost\":");
    serde_json::to_writer(&mut out, &cost)?;
    out.extend_from_slice(b"}}");
    Ok(out)
}

impl Graph {
    /// Reads a request and measures it; nothing is asked of the store.
    ///
    /// # Errors
    /// The answer that says what is wrong with it.
    pub fn read(&self, ask: Ask) -> Result<Ready, Answer> {
        let maximum = if ask.with_credentials { COST_SIGNED_IN } else { COST_STRANGER };
        let (name, variables) = (ask.operation_name.as_deref(), Variables::from_json(ask.variables.into()));
        let key = kept::key(&ask.query, name);
        let read = match self.kept.get(&key) {
            Some(document) => document.measure(name, &variables, &self.shapes, maximum).map(|measure| (document, measure)),
            None => Document::read(&ask.query, name, &variables, &self.shapes, maximum)
                .map(|(document, measure)| (Arc::new(document), measure)),
        };
        let (document, measure) =
            read.map_err(|(refusal, requested)| refusal.answer(Cost { requested, maximum }, &ask.request_id))?;
        Ok(Ready { key, document, variables, operation_name: ask.operation_name, measure, request_id: ask.request_id })
    }

    /// Answers for a caller. In a box, so that all that resolves is compiled here and not once more in each crate that asks.
    pub fn answer(&self, ready: Ready, caller: Caller) -> BoxFuture<'_, Answer> {
        match self.admit(ready, caller) {
            Ok(admitted) => self.execute(admitted).boxed(),
            Err(refused) => std::future::ready(refused).boxed(),
        }
    }

    async fn execute(&self, admitted: Admitted) -> Answer {
        let Ready { document, variables, request_id, measure, .. } = &admitted.ready;
        let is_plain = document.kind() == OperationType::Query && !measure.introspects && document.is_good_with(variables);
        if let Some(direct) = self.direct.as_ref().filter(|_| is_plain) {
            let response = direct.answer(document, variables.clone(), admitted.asking).await;
            return answer(response, document.plan(), admitted.cost, request_id);
        }
        let (cost, may_be_kept) = (admitted.cost, admitted.asking.by.is_some() && document.kind() == OperationType::Query);
        let (document, variables, request_id) = (Arc::clone(document), variables.clone(), request_id.clone());
        let (request, key) = admitted.request();
        let answer = answer(self.schema.execute(request).await, document.plan(), cost, &request_id);
        if may_be_kept && !answer.refused {
            document.passed(&variables);
            self.kept.keep(key, &document);
        }
        answer
    }

    /// Answers for a caller again and again, as long as there is something to tell. An operation that is not listened to is answered once.
    pub fn listen(&self, ready: Ready, caller: Caller) -> BoxStream<'static, Answer> {
        match self.admit(ready, caller) {
            Ok(admitted) => {
                let (cost, document) = (admitted.cost, Arc::clone(&admitted.ready.document));
                let request_id = admitted.ready.request_id.clone();
                let responses = self.schema.execute_stream(admitted.request().0);
                responses.map(move |response| answer(response, document.plan(), cost, &request_id)).boxed()
            }
            Err(refused) => stream::once(std::future::ready(refused)).boxed(),
        }
    }

    /// Whether an operation may be answered for a caller.
    fn admit(&self, ready: Ready, caller: Caller) -> Result<Admitted, Answer> {
        let Ready { measure, request_id, .. } = &ready;
        let maximum = if caller.signed_in.is_some() { COST_SIGNED_IN } else { COST_STRANGER };
        let cost = Cost { requested: measure.cost, maximum };
        if measure.cost > maximum {
            return Err(Refusal::limit("complexity", measure.cost, maximum).answer(cost, request_id));
        }
        let sees_schema = caller.signed_in.is_some() || caller.open_introspection;
        if !sees_schema && measure.introspects {
            let message = "The schema is shown here only to those who are signed in.";
            return Err(Refusal::new("INTROSPECTION_DISABLED", message).answer(cost, request_id));
        }
        let Caller { signed_in: by, trace, address, locale, now, .. } = caller;
        Ok(Admitted { ready, sees_schema, asking: Asking { by, trace, address, locale, now }, cost })
    }
}
