//! Answers to documents that were asked before and found good: what the library makes ready for each request (a copy of the document, the
//! check of it against the schema) is left out, and its resolvers are called as it would call them. That rests on hidden parts of the library,
//! whose version is pinned for that.

use std::{
    borrow::Cow,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, Data, IntrospectionMode, ObjectType, OutputType, Positioned, QueryEnv,
    QueryEnvInner, Request, Response, Schema, SchemaEnv, ServerResult, SubscriptionType, Value, Variables,
    extensions::Extensions,
    indexmap::IndexMap,
    parser::types::{Field, Selection},
    registry::Registry,
    resolver_utils::resolve_container,
};
use futures_util::{FutureExt, future::BoxFuture};

use crate::{context::Asking, document::Document, query::Query};

/// What the library resolves with, besides what belongs to a request.
#[derive(Clone)]
pub(crate) struct Direct {
    schema: SchemaEnv,
    extensions: Extensions,
    nothing: Arc<Data>,
}

/// Where [`Root`] leaves what the library resolves with.
#[derive(Clone, Default)]
struct Slot(Arc<OnceLock<(SchemaEnv, Extensions)>>);

impl Direct {
    /// `None` if the library does not give away what it resolves with; it is then asked for everything.
    pub(crate) fn of<M: ObjectType + 'static, S: SubscriptionType + 'static>(schema: &Schema<Root, M, S>) -> Option<Self> {
        let slot = Slot::default();
        // Nothing is read, so nothing is waited for.
        schema.execute(Request::new("{ viewer { id } }").data(slot.clone())).now_or_never()?;
        let (schema, extensions) = slot.0.get()?.clone();
        Some(Self { schema, extensions, nothing: Arc::default() })
    }

    /// Answers an operation that reads, by a document that is good with these variables and does not ask for the schema.
    pub(crate) async fn answer(&self, document: &Document, variables: Variables, asking: Asking) -> Response {
        let mut data = Data::default();
        data.insert(asking);
        let env = QueryEnv::new(QueryEnvInner {
            extensions: self.extensions.clone(),
            variables,
            operation_name: None,
            operation: document.head().clone(),
            fragments: document.fragments().clone(),
            uploads: Vec::new(),
            session_data: Arc::clone(&self.nothing),
            query_data: Arc::new(data),
            http_headers: Mutex::default(),
            introspection_mode: IntrospectionMode::Disabled,
            errors: Mutex::default(),
        });
        let ctx = env.create_context(&self.schema, None, document.set(), None);
        let mut response = Response::new(root(&ctx).await);
        response.errors = std::mem::take(&mut *env.errors.lock().unwrap_or_else(PoisonError::into_inner));
        response
    }
}

/// What is asked of the root. Mostly that is one thing, which needs not be put together with others.
async fn root(ctx: &ContextSelectionSet<'_>) -> Value {
    let field = match ctx.item.node.items.as_slice() {
        [Positioned { node: Selection::Field(field), .. }] if field.node.name.node != "__typename" => field,
        _ => {
            return resolve_container(ctx, &Root).await.unwrap_or_else(|error| {
                ctx.add_error(error);
                Value::Null
            });
        }
    };
    match field_of_root(&ctx.with_field(field)).await {
        Ok(value) => Value::Object(IndexMap::from([(field.node.response_key().node.clone(), value.unwrap_or_default())])),
        Err(error) => {
            ctx.add_error(error);
            Value::Null
        }
    }
}

/// Resolves a field of the root. In a box, so that all that is below it is compiled once.
fn field_of_root<'c>(ctx: &'c Context<'_>) -> BoxFuture<'c, ServerResult<Option<Value>>> {
    async { Query::default().resolve_field(ctx).await }.boxed()
}

/// The root of reading, as the library has it: [`Query`], but whoever brings a [`Slot`] is told what the library resolves with.
pub(crate) struct Root;

impl ContainerType for Root {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        if let Some(Slot(slot)) = ctx.data_opt::<Slot>() {
            let _ = slot.set((ctx.schema_env.clone(), ctx.query_env.extensions.clone()));
            return Ok(None);
        }
        field_of_root(ctx).await
    }
}

impl OutputType for Root {
    fn type_name() -> Cow<'static, str> {
        Query::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Query::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl ObjectType for Root {}
