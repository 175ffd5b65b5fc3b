//! An answer as the specification wants it: in the order of the document, and null where something failed. The library gives what
//! came back in the order in which it came, and leaves out what did not.

use std::collections::HashMap;

use async_graphql::{
    Name, PathSegment, Positioned, Value,
    indexmap::{self, IndexMap},
    parser::types::{DocumentOperations, ExecutableDocument, Field, FragmentDefinition, Selection, SelectionSet},
};

use crate::measure::Shapes;

pub(crate) type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// What an object may have, in order.
#[derive(Default)]
pub(crate) struct Plan(IndexMap<Name, Expected>);

#[derive(Default)]
struct Expected {
    must_be: bool,
    inside: Plan,
}

impl Plan {
    /// What the answer to a selection may have, and how often something that is asked for with more inside is asked for again: the
    /// library looks for it each time, and puts what it found together afterwards.
    pub(crate) fn of(set: &SelectionSet, parent: &str, fragments: &Fragments, shapes: &Shapes) -> (Self, usize) {
        let (mut plan, mut repeats) = (Self::default(), 0);
        plan.add(set, parent, fragments, shapes, &mut repeats);
        (plan, repeats)
    }

    /// How many fields there are at the root.
    pub(crate) fn width(&self) -> usize {
        self.0.len()
    }

    fn add(&mut self, set: &SelectionSet, parent: &str, fragments: &Fragments, shapes: &Shapes, repeats: &mut usize) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    let (to, must_be) = shapes.leads_to(parent, &field.node.name.node);
                    let inside = !field.node.selection_set.node.items.is_empty();
                    let entry = self.0.entry(field.node.response_key().node.clone());
                    if inside && matches!(entry, indexmap::map::Entry::Occupied(_)) {
                        *repeats = repeats.saturating_add(1);
                    }
                    let expected = entry.or_default();
                    expected.must_be |= must_be;
                    expected.inside.add(&field.node.selection_set.node, to, fragments, shapes, repeats);
                }
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map_or(parent, |condition| condition.node.on.node.as_str());
                    self.add(&inline.node.selection_set.node, on, fragments, shapes, repeats);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = fragments.get(&spread.node.fragment_name.node) {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.add(&fragment.node.selection_set.node, on, fragments, shapes, repeats);
                    }
                }
            }
        }
    }

    /// The answer. What failed is named by the paths of the errors.
    pub(crate) fn complete(&self, value: Value, failed: &[&[PathSegment]]) -> Value {
        match value {
            Value::Object(fields) => self.object(fields, failed),
            // An object of which everything failed.
            Value::Null if failed.iter().any(|path| matches!(path.first(), Some(PathSegment::Field(_)))) => {
                self.object(IndexMap::new(), failed)
            }
            Value::List(items) => {
                let item = |(index, value)| {
                    let is_it = |segment: &PathSegment| matches!(segment, PathSegment::Index(at) if *at == index);
                    self.complete(value, &below(failed, is_it))
                };
                Value::List(items.into_iter().enumerate().map(item).collect())
            }
            leaf => leaf,
        }
    }

    fn object(&self, mut fields: IndexMap<Name, Value>, failed: &[&[PathSegment]]) -> Value {
        let mut ordered = IndexMap::with_capacity(fields.len());
        for (name, expected) in &self.0 {
            let its = below(failed, |segment| matches!(segment, PathSegment::Field(field) if field.as_str() == name.as_str()));
            let value = match fields.swap_remove(name) {
                None if its.is_empty() => continue,
                found => expected.inside.complete(found.unwrap_or_default(), &its),
            };
            // Something that must be there and failed takes what it is part of with it.
            if value == Value::Null && expected.must_be {
                return Value::Null;
            }
            ordered.insert(name.clone(), value);
        }
        Value::Object(ordered)
    }
}

/// The name in the answer of what keeps an object that may be empty.
pub(crate) const KEPT: &str = "__kept";

/// Makes sure that an object of which everything may be left out still comes back as an object: the library says null for one of which
/// nothing is left, as for one that is not there. What is added here is in no [`Plan`], so it does not go out.
pub(crate) fn keep_empty_objects(document: &mut ExecutableDocument) {
    let operations = match &mut document.operations {
        DocumentOperations::Single(operation) => vec![&mut operation.node.selection_set],
        DocumentOperations::Multiple(several) => {
            several.values_mut().map(|operation| &mut operation.node.selection_set).collect()
        }
    };
    let fragments = document.fragments.values_mut().map(|fragment| &mut fragment.node.selection_set);
    for set in operations.into_iter().chain(fragments) {
        keep(set);
    }
}

fn keep(set: &mut Positioned<SelectionSet>) {
    let pos = set.pos;
    let conditional = |selection: &Positioned<Selection>| !selection.node.directives().is_empty();
    let any = set.node.items.iter().any(conditional);
    for selection in &mut set.node.items {
        match &mut selection.node {
            Selection::Field(field) => keep(&mut field.node.selection_set),
            Selection::InlineFragment(inline) => keep(&mut inline.node.selection_set),
            Selection::FragmentSpread(_) => {}
        }
    }
    if any {
        let kind = Field {
            alias: Some(Positioned::new(Name::new(KEPT), pos)),
            name: Positioned::new(Name::new("__typename"), pos),
            arguments: Vec::new(),
            directives: Vec::new(),
            selection_set: Positioned::default(),
        };
        set.node.items.push(Positioned::new(Selection::Field(Positioned::new(kind, pos)), pos));
    }
}

/// The rest of the paths that lead through here.
fn below<'p>(failed: &[&'p [PathSegment]], here: impl Fn(&PathSegment) -> bool) -> Vec<&'p [PathSegment]> {
    failed.iter().filter_map(|path| path.split_first().filter(|(first, _)| here(first)).map(|(_, rest)| rest)).collect()
}

#[cfg(test)]
mod tests {
    use async_graphql::{
        parser::{parse_query, parse_schema},
        value,
    };

    use super::*;

    fn completed(query: &str, value: Value, failed: &[&[PathSegment]]) -> String {
        let schema = "type Query { a: A b: Int must: Int! list: [A!] } type A { x: Int y: Int z: Int! }";
        let shapes = Shapes::of(parse_schema(schema).unwrap());
        let document = parse_query(query).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let (plan, _) = Plan::of(&operation.node.selection_set.node, "Query", &document.fragments, &shapes);
        plan.complete(value, failed).to_string()
    }

    #[test]
    fn an_answer_is_in_the_order_of_its_document() {
        let query = "{ b ...F c: b list { y x } } fragment F on Query { a { ... on A { y } x } }";
        let value = value!({"list": [{"x": 1, "y": 2}], "a": {"x": 3, "y": 4}, "c": 5, "b": 6});
        assert_eq!(completed(query, value, &[]), r#"{b: 6, a: {y: 4, x: 3}, c: 5, list: [{y: 2, x: 1}]}"#);
    }

    #[test]
    fn what_failed_is_null_and_what_must_be_takes_its_object_along() {
        let field = |name: &str| PathSegment::Field(name.to_owned());
        assert_eq!(completed("{ a { x } b }", value!({"b": 1}), &[&[field("a")]]), "{a: null, b: 1}");
        assert_eq!(completed("{ a { x y } }", value!({"a": {"y": 1}}), &[&[field("a"), field("x")]]), "{a: {x: null, y: 1}}");
        assert_eq!(completed("{ a { x } }", value!({"a": null}), &[&[field("a"), field("x")]]), "{a: {x: null}}");
        assert_eq!(completed("{ a { x z } }", value!({"a": {"x": 1}}), &[&[field("a"), field("z")]]), "{a: null}");
        assert_eq!(completed("{ must b }", value!({"b": 1}), &[&[field("must")]]), "null");
        assert_eq!(completed("{ a { x } }", value!({"a": null}), &[]), "{a: null}");
        assert_eq!(completed("{ b @skip(if: true) a { x } }", value!({"a": {"x": 1}}), &[]), "{a: {x: 1}}");
        let in_list: &[&[PathSegment]] = &[&[field("list"), PathSegment::Index(1), field("x")]];
        assert_eq!(
            completed("{ list { x y } }", value!({"list": [{"x": 1, "y": 2}, {"y": 2}]}), in_list),
            "{list: [{x: 1, y: 2}, {x: null, y: 2}]}"
        );
    }
}
