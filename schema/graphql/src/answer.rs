//! From a request to an answer: what is too much is refused before anything is read.

use std::{collections::HashSet, net::IpAddr};

use async_graphql::{
    ErrorExtensionValues, PathSegment, Pos, Request, Response, ServerError, Value, Variables,
    parser::{
        parse_query,
        types::{ExecutableDocument, OperationDefinition, OperationType},
    },
};
use frontoffice_domain::{audit::Trace, clock::Instant, identity::SignedIn, locale::Locale};
use futures_util::{
    FutureExt, StreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use serde::Serialize;

use crate::{
    Graph,
    complete::{Plan, keep_empty_objects},
    context::Asking,
    error::internal,
    json,
    measure::{Circle, Measure, Measuring, aliases, root},
    tokens::lex,
};

/// The largest document, in bytes.
const DOCUMENT: usize = 32 * 1024;
/// The most tokens of a document.
const TOKENS: usize = 2_000;
/// The most directives of a document.
const DIRECTIVES: usize = 50;
/// The most aliases of a document.
const ALIASES: usize = 30;
/// How often fields with more inside may be asked for again under the same name. Fragments do that, but not without end.
const REPEATS: usize = 30;
/// How many brackets may be open at once. Lists in arguments nest too, so this is more than any depth.
const NESTING: usize = 64;
/// How deep an operation may be.
const DEPTH: usize = 12;
/// How deep one may be that asks only for the schema.
const INTROSPECTION_DEPTH: usize = 16;
/// How many of the fields of the introspection schema that multiply may be inside each other.
const WIDENING: usize = 2;
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
    request: Request,
    measure: Measure,
    plan: Plan,
    kind: OperationType,
    request_id: String,
}

impl Ready {
    /// Whether it only reads.
    #[must_use]
    pub fn is_query(&self) -> bool {
        self.kind == OperationType::Query
    }
}

/// An operation that is answered for somebody.
struct Admitted {
    request: Request,
    plan: Plan,
    cost: Cost,
    request_id: String,
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
struct Refusal {
    code: &'static str,
    message: String,
    at: Option<Pos>,
    limit: Option<&'static str>,
}

impl Refusal {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), at: None, limit: None }
    }

    fn limit(limit: &'static str, found: impl TryInto<u64>, most: impl TryInto<u64>) -> Self {
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
        let nothing = Cost { requested: 0, maximum };
        let document = parse(&ask.query).map_err(|refusal| refusal.answer(nothing, &ask.request_id))?;
        let variables = Variables::from_json(ask.variables.into());
        let (measure, meant) = self
            .measure(&document, &variables, ask.operation_name.as_deref())
            .map_err(|refusal| refusal.answer(nothing, &ask.request_id))?;
        let cost = Cost { requested: measure.cost, maximum };
        allowed(&measure, &document, maximum).map_err(|refusal| refusal.answer(cost, &ask.request_id))?;
        let (plan, repeats) = Plan::of(&meant.selection_set.node, root(meant.ty), &document.fragments, &self.shapes);
        if repeats > REPEATS {
            return Err(Refusal::limit("number of repeated fields", repeats, REPEATS).answer(cost, &ask.request_id));
        }
        let kind = meant.ty;
        if kind == OperationType::Subscription && plan.width() != 1 {
            let message = "A subscription has one field: listen to others by operations of their own.";
            return Err(Refusal::new("GRAPHQL_VALIDATION_FAILED", message).answer(cost, &ask.request_id));
        }
        let mut document = document;
        keep_empty_objects(&mut document);
        let mut request = Request::new(ask.query).variables(variables);
        request.operation_name = ask.operation_name;
        request.set_parsed_query(document);
        Ok(Ready { request, measure, plan, kind, request_id: ask.request_id })
    }

    /// What the whole document asks for at most, and the operation that is meant. The others are measured too: the
    /// validator walks through all of them.
    fn measure<'d>(
        &self,
        document: &'d ExecutableDocument,
        variables: &Variables,
        name: Option<&str>,
    ) -> Result<(Measure, &'d OperationDefinition), Refusal> {
        let mut measuring = Measuring::new(&self.shapes, document, variables);
        let (mut most, mut meant, mut count) = (Measure::default(), None, 0_usize);
        for (its_name, operation) in document.operations.iter() {
            let measure = measuring.operation(&operation.node).map_err(|Circle| {
                Refusal::new("GRAPHQL_VALIDATION_FAILED", "Fragments must not spread each other in a circle.")
            })?;
            most = Measure {
                depth: most.depth.max(measure.depth),
                cost: most.cost.max(measure.cost),
                widening: most.widening.max(measure.widening),
                introspects: most.introspects || measure.introspects,
                reads: most.reads || measure.reads,
            };
            count = count.saturating_add(1);
            if name.is_none() || its_name.is_some_and(|its| Some(its.as_str()) == name) {
                meant = Some(&operation.node);
            }
        }
        match meant {
            Some(operation) if name.is_some() || count == 1 => Ok((most, operation)),
            _ if name.is_some() => Err(Refusal::new("OPERATION_UNKNOWN", "The document has no operation of that name.")),
            _ => Err(Refusal::new("OPERATION_UNKNOWN", "The document has several operations; `operationName` must say which.")),
        }
    }

    /// Answers for a caller. In a box, so that all that resolves is compiled here and not once more in each crate that asks.
    pub fn answer(&self, ready: Ready, caller: Caller) -> BoxFuture<'_, Answer> {
        match self.admit(ready, caller) {
            Ok(Admitted { request, plan, cost, request_id }) => {
                async move { answer(self.schema.execute(request).await, &plan, cost, &request_id) }.boxed()
            }
            Err(refused) => std::future::ready(refused).boxed(),
        }
    }

    /// Answers for a caller again and again, as long as there is something to tell. An operation that is not listened to is answered once.
    pub fn listen(&self, ready: Ready, caller: Caller) -> BoxStream<'static, Answer> {
        match self.admit(ready, caller) {
            Ok(Admitted { request, plan, cost, request_id }) => {
                let responses = self.schema.execute_stream(request);
                responses.map(move |response| answer(response, &plan, cost, &request_id)).boxed()
            }
            Err(refused) => stream::once(std::future::ready(refused)).boxed(),
        }
    }

    /// Whether an operation may be answered for a caller.
    fn admit(&self, ready: Ready, caller: Caller) -> Result<Admitted, Answer> {
        let Ready { mut request, measure, plan, request_id, .. } = ready;
        let maximum = if caller.signed_in.is_some() { COST_SIGNED_IN } else { COST_STRANGER };
        let cost = Cost { requested: measure.cost, maximum };
        if measure.cost > maximum {
            return Err(Refusal::limit("complexity", measure.cost, maximum).answer(cost, &request_id));
        }
        if caller.signed_in.is_none() && !caller.open_introspection {
            request = request.disable_introspection();
            if measure.introspects {
                let message = "The schema is shown here only to those who are signed in.";
                return Err(Refusal::new("INTROSPECTION_DISABLED", message).answer(cost, &request_id));
            }
        }
        let Caller { signed_in: by, trace, address, locale, now, .. } = caller;
        let asking = Asking { by, trace, address, locale, now };
        Ok(Admitted { request: request.data(asking), plan, cost, request_id })
    }
}

fn parse(query: &str) -> Result<ExecutableDocument, Refusal> {
    if query.len() > DOCUMENT {
        return Err(Refusal::limit("size in bytes", query.len(), DOCUMENT));
    }
    let seen = lex(query);
    for (limit, found, most) in
        [("tokens", seen.tokens, TOKENS), ("directives", seen.directives, DIRECTIVES), ("depth", seen.nesting, NESTING)]
    {
        if found > most {
            return Err(Refusal::limit(limit, found, most));
        }
    }
    parse_query(query).map_err(|error| {
        let error = ServerError::from(error);
        // The parser repeats the line it stumbled over, which may hold anything; where that is and what it wanted is enough.
        let wanted =
            error.message.lines().filter_map(|line| line.trim().strip_prefix("= ")).next_back().unwrap_or("something else");
        let message = format!("This is no GraphQL document: {wanted}.");
        Refusal { at: error.locations.first().copied(), ..Refusal::new("GRAPHQL_PARSE_FAILED", message) }
    })
}

fn allowed(measure: &Measure, document: &ExecutableDocument, maximum: u64) -> Result<(), Refusal> {
    let deepest = if measure.reads { DEPTH } else { INTROSPECTION_DEPTH };
    let aliases = aliases(document);
    if measure.depth > deepest {
        return Err(Refusal::limit("depth", measure.depth, deepest));
    }
    if measure.widening > WIDENING {
        return Err(Refusal::limit("depth of introspection", measure.widening, WIDENING));
    }
    if aliases > ALIASES {
        return Err(Refusal::limit("aliases", aliases, ALIASES));
    }
    if measure.cost > maximum {
        return Err(Refusal::limit("complexity", measure.cost, maximum));
    }
    Ok(())
}
