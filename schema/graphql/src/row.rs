//! Rows: objects whose fields are resolved and written down one after the other, in the order of the document.
//!
//! The library gives each field of each object a future on the heap, waits for all of them at once and makes a tree of what they say. Where
//! an answer is wide, what its objects have is there already, and all that costs more than the values do. So the objects of a page share
//! one future, which writes. If anything fails, what was written is thrown away and the library does all of it in its way: what an error
//! takes along with it is known only in the end.

use std::{
    borrow::Cow,
    sync::{Mutex, PoisonError},
};

use async_graphql::{
    ContainerType, ContextSelectionSet, OutputType, Pos, Positioned, ServerResult, Value,
    parser::types::{Field, Selection, SelectionSet},
    registry::Registry,
    resolver_utils::resolve_container,
};
use futures_util::{FutureExt, future::BoxFuture};

use crate::{
    complete::KEPT,
    json::{self, written},
};

/// What writes some of its fields by itself: those that need nothing to be loaded and stand in every row of wide lists. For each of them the
/// library would make a future and a value that is written afterwards.
pub(crate) trait Plain {
    /// Writes a field as JSON, as the library would; `None` if it has to be resolved.
    fn write(&self, _field: &str, _out: &mut Vec<u8>) -> Option<serde_json::Result<()>> {
        None
    }
}

impl<T: Plain> Plain for &T {
    fn write(&self, field: &str, out: &mut Vec<u8>) -> Option<serde_json::Result<()>> {
        T::write(self, field, out)
    }
}

/// An object that is resolved as a row.
pub(crate) struct Row<T>(pub(crate) T);

impl<T: ContainerType + Plain> OutputType for Row<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        resolve(ctx, &self.0).await
    }
}

/// Resolves an object as a row. What may have to load several things is left to the library, which waits for them together. In a box,
/// because types lead back to themselves.
pub(crate) fn resolve<'r, T: ContainerType + Plain>(
    ctx: &'r ContextSelectionSet<'_>,
    object: &'r T,
) -> BoxFuture<'r, ServerResult<Value>> {
    async move {
        if let Some(columns) = Columns::of::<T>(ctx).filter(|columns| !columns.are_wide()) {
            let mut out = Vec::new();
            if columns.write(ctx, object, &mut out).await.is_some() {
                return Ok(written(out));
            }
        }
        resolve_container(ctx, object).await
    }
    .boxed()
}

/// An object that stands in many rows of one answer. What is asked of it at one place of the document is written once.
pub(crate) struct Repeated<T> {
    object: T,
    written: Mutex<Vec<(Pos, Value)>>,
}

impl<T> Repeated<T> {
    pub(crate) fn new(object: T) -> Self {
        Self { object, written: Mutex::default() }
    }
}

impl<T: ContainerType + Plain> OutputType for Repeated<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        let of_place = |(place, value): &(Pos, Value)| (*place == ctx.item.pos).then(|| value.clone());
        let known = self.written.lock().unwrap_or_else(PoisonError::into_inner).iter().find_map(of_place);
        if let Some(known) = known {
            return Ok(known);
        }
        let value = resolve(ctx, &self.object).await?;
        // What is not written is no answer yet: something of it failed, or has to be put together.
        if matches!(value, Value::Binary(_)) {
            self.written.lock().unwrap_or_else(PoisonError::into_inner).push((ctx.item.pos, value.clone()));
        }
        Ok(value)
    }
}

/// The fields that are asked of an object of a type, in order; `None` if the library has to put together what is asked of one of them in
/// several places.
fn fields<'d>(ctx: &ContextSelectionSet<'d>, type_name: &str) -> Option<Vec<&'d Positioned<Field>>> {
    let mut fields = Vec::with_capacity(ctx.item.node.items.len());
    gather(ctx, type_name, &mut fields).then_some(fields)
}

fn gather<'d>(ctx: &ContextSelectionSet<'d>, type_name: &str, into: &mut Vec<&'d Positioned<Field>>) -> bool {
    ctx.item.node.items.iter().all(|selection| {
        let (on, inside) = match &selection.node {
            Selection::Field(field) => {
                let name = &field.node.response_key().node;
                let again = into.iter().any(|seen| seen.node.response_key().node == *name);
                if !again {
                    into.push(field);
                }
                return !again || is_leaf(field);
            }
            Selection::InlineFragment(inline) => (inline.node.type_condition.as_ref(), &inline.node.selection_set),
            Selection::FragmentSpread(spread) => match ctx.query_env.fragments.get(&spread.node.fragment_name.node) {
                Some(fragment) => (Some(&fragment.node.type_condition), &fragment.node.selection_set),
                None => return false,
            },
        };
        let applies = on.is_none_or(|condition| {
            let condition = condition.node.on.node.as_str();
            let interfaces = ctx.schema_env.registry.implements.get(type_name);
            condition == type_name || interfaces.is_some_and(|interfaces| interfaces.contains(condition))
        });
        !applies || gather(&ctx.with_selection_set(inside), type_name, into)
    })
}

fn is_leaf(field: &Positioned<Field>) -> bool {
    field.node.selection_set.node.items.is_empty()
}

/// What is asked of each of many objects of one type.
pub(crate) struct Columns<'d>(Vec<Column<'d>>);

struct Column<'d> {
    field: &'d Positioned<Field>,
    /// The field's name in the answer, as JSON, with what stands around it.
    head: Vec<u8>,
}

impl<'d> Columns<'d> {
    /// `None` if objects cannot be written down one field after the other: something may be put together of several places, or failed
    /// already, so that the answer is not what was asked for anyway.
    pub(crate) fn of<T: ContainerType>(ctx: &ContextSelectionSet<'d>) -> Option<Self> {
        Self::named(ctx, &T::type_name())
    }

    pub(crate) fn named(ctx: &ContextSelectionSet<'d>, type_name: &str) -> Option<Self> {
        if has_failed(ctx) {
            return None;
        }
        let asked = fields(ctx, type_name)?.into_iter().filter(|field| field.node.response_key().node != KEPT);
        let mut columns = Vec::new();
        for (index, field) in asked.enumerate() {
            let mut head = vec![if index == 0 { b'{' } else { b',' }];
            serde_json::to_writer(&mut head, field.node.response_key().node.as_str()).ok()?;
            head.push(b':');
            columns.push(Column { field, head });
        }
        Some(Self(columns))
    }

    /// Writes what is asked of one object; `None` if something of it failed. What was written then is of no use.
    pub(crate) async fn write<T: ContainerType + Plain>(
        &self,
        ctx: &ContextSelectionSet<'_>,
        object: &T,
        out: &mut Vec<u8>,
    ) -> Option<()> {
        for Column { field, head } in &self.0 {
            out.extend_from_slice(head);
            if let Some(written) = object.write(&field.node.name.node, out) {
                written.ok()?;
                continue;
            }
            let value = if field.node.name.node == "__typename" {
                Value::String(T::type_name().into_owned())
            } else {
                object.resolve_field(&ctx.with_field(field)).await.ok()?.unwrap_or_default()
            };
            write(ctx, &value, &field.node.selection_set, out)?;
        }
        out.extend_from_slice(self.end());
        (!has_failed(ctx)).then_some(())
    }

    /// What closes an object.
    pub(crate) fn end(&self) -> &'static [u8] {
        if self.0.is_empty() { b"{}" } else { b"}" }
    }

    /// The fields, each with what stands before its value.
    pub(crate) fn each(&self) -> impl Iterator<Item = (&'d Positioned<Field>, &[u8])> {
        self.0.iter().map(|column| (column.field, column.head.as_slice()))
    }

    /// Whether there is more than one thing that may have to be loaded.
    pub(crate) fn are_wide(&self) -> bool {
        self.0.iter().filter(|column| !is_leaf(column.field)).count() > 1
    }
}

/// Writes what was made of a selection.
pub(crate) fn write(
    ctx: &ContextSelectionSet<'_>,
    value: &Value,
    of: &Positioned<SelectionSet>,
    out: &mut Vec<u8>,
) -> Option<()> {
    json::write_ordered(value, &[&of.node], &ctx.query_env.fragments, out).ok()
}

/// Whether anything of the answer failed so far.
pub(crate) fn has_failed(ctx: &ContextSelectionSet<'_>) -> bool {
    !ctx.query_env.errors.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
}
