//! Connections: pages of lists as objects. They look as the library's do, whose types they are in the schema, but their nodes are rows.

use std::borrow::Cow;

use async_graphql::{
    ContainerType, ContextSelectionSet, OutputType, Positioned, ServerResult, TypeName, Value,
    connection::{Connection as Library, Edge, EmptyFields, PageInfo},
    parser::types::Field,
    registry::Registry,
    resolver_utils::resolve_container,
};
use futures_util::FutureExt;

use crate::{
    json::{self, written},
    row::{Columns, Plain, has_failed, write},
};

/// How many bytes a node takes in an answer, or more.
const NODE: usize = 512;

/// A page of a list.
pub(crate) struct Connection<T> {
    nodes: Vec<T>,
    has_previous: bool,
    has_next: bool,
    /// The cursor of a node. It is signed only if somebody asks for it.
    cursor: Box<dyn Fn(&T) -> String + Send + Sync>,
}

impl<T: OutputType> Connection<T> {
    pub(crate) fn new(
        nodes: Vec<T>,
        has_previous: bool,
        has_next: bool,
        cursor: impl Fn(&T) -> String + Send + Sync + 'static,
    ) -> Self {
        Self { nodes, has_previous, has_next, cursor: Box::new(cursor) }
    }

    fn page_info(&self) -> PageInfo {
        PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: self.nodes.first().map(&self.cursor),
            end_cursor: self.nodes.last().map(&self.cursor),
        }
    }

    /// As the library would have it.
    fn library(&self) -> Library<String, &T> {
        let mut library = Library::new(self.has_previous, self.has_next);
        library.edges.extend(self.nodes.iter().map(|node| Edge::new((self.cursor)(node), node)));
        library
    }
}

impl<T: ContainerType + Plain> Connection<T> {
    /// Writes what is asked of it; `None` if something failed.
    async fn write(&self, ctx: &ContextSelectionSet<'_>, asked: &Columns<'_>, out: &mut Vec<u8>) -> Option<()> {
        for (field, head) in asked.each() {
            out.extend_from_slice(head);
            let ctx = ctx.with_field(field);
            let inside = ctx.with_selection_set(&field.node.selection_set);
            match field.node.name.node.as_str() {
                "edges" => self.write_edges(&inside, out).await?,
                "nodes" => self.write_nodes(&inside, out).await?,
                "pageInfo" => {
                    let info = self.page_info().resolve(&inside, field).await.ok()?;
                    write(&inside, &info, &field.node.selection_set, out)?;
                }
                _ => json::write(&Value::String(Self::type_name().into_owned()), out).ok()?,
            }
        }
        out.extend_from_slice(asked.end());
        (!has_failed(ctx)).then_some(())
    }

    async fn write_edges(&self, ctx: &ContextSelectionSet<'_>, out: &mut Vec<u8>) -> Option<()> {
        let its_name = <Edge<String, T, EmptyFields> as TypeName>::type_name();
        let asked = Columns::named(ctx, &its_name)?;
        // The same for every edge.
        let inside = |set| Columns::of::<T>(&ctx.with_selection_set(set));
        let nodes = asked.each().map(|(field, _)| inside(&field.node.selection_set)).collect::<Option<Vec<_>>>()?;
        for (index, node) in self.nodes.iter().enumerate() {
            out.push(if index == 0 { b'[' } else { b',' });
            let ctx = ctx.with_index(index);
            for ((field, head), columns) in asked.each().zip(&nodes) {
                out.extend_from_slice(head);
                match field.node.name.node.as_str() {
                    "cursor" => json::write(&Value::String((self.cursor)(node)), out).ok()?,
                    "node" => {
                        let ctx = ctx.with_field(field);
                        self.write_node(&ctx.with_selection_set(&field.node.selection_set), columns, index, node, out).await?;
                    }
                    _ => json::write(&Value::String(its_name.to_string()), out).ok()?,
                }
            }
            out.extend_from_slice(asked.end());
        }
        out.extend_from_slice(if self.nodes.is_empty() { b"[]" } else { b"]" });
        Some(())
    }

    async fn write_nodes(&self, ctx: &ContextSelectionSet<'_>, out: &mut Vec<u8>) -> Option<()> {
        let columns = Columns::of::<T>(ctx)?;
        for (index, node) in self.nodes.iter().enumerate() {
            out.push(if index == 0 { b'[' } else { b',' });
            self.write_node(&ctx.with_index(index), &columns, index, node, out).await?;
        }
        out.extend_from_slice(if self.nodes.is_empty() { b"[]" } else { b"]" });
        Some(())
    }

    async fn write_node(
        &self,
        ctx: &ContextSelectionSet<'_>,
        columns: &Columns<'_>,
        index: usize,
        node: &T,
        out: &mut Vec<u8>,
    ) -> Option<()> {
        // With the first, everything that their level needs is asked for at once.
        if index == 0 && columns.are_wide() {
            let first = resolve_container(ctx, node).await.ok()?;
            return write(ctx, &first, ctx.item, out);
        }
        columns.write(ctx, node, out).await
    }
}

impl<T: ContainerType + Plain> OutputType for Connection<T> {
    fn type_name() -> Cow<'static, str> {
        <Library<String, T> as TypeName>::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Library::<String, T>::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, field: &Positioned<Field>) -> ServerResult<Value> {
        if let Some(asked) = Columns::named(ctx, &Self::type_name()) {
            // Room for short nodes at once, so that what was written is not moved again and again.
            let mut out = Vec::with_capacity(self.nodes.len().saturating_mul(NODE));
            // In a box, so that what leads here is not as large as all that is behind it.
            if self.write(ctx, &asked, &mut out).boxed().await.is_some() {
                return Ok(written(out));
            }
        }
        self.library().resolve(ctx, field).await
    }
}
