//! How much an operation asks for, told from the document alone: its depth, its cost and its aliases.
//!
//! Invariant: the work is linear in the document. A fragment is measured once, however often it is spread, so that fragments that
//! double each other cost nothing to refuse.

use std::{cell::Cell, collections::HashMap, convert::Infallible};

use async_graphql::{
    Name, Positioned, Value, Variables,
    parser::types::{
        BaseType, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet, ServiceDocument, Type,
        TypeKind, TypeSystemDefinition,
    },
};

use crate::paging::{DEFAULT, MOST};

/// The object that holds the roots of a kind of operation.
pub(crate) fn root(kind: OperationType) -> &'static str {
    match kind {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    }
}

/// A list that is no connection is taken to be this long.
const LIST: u64 = 5;

/// Lists that are no connections and longer than that.
const LONGER: [(&str, &str, u64); 11] = [
    ("Conversation", "notes", 100),
    ("PricebookDraft", "differences", 20),
    ("PricebookDraft", "flaws", 20),
    ("PricebookDraft", "rates", 10),
    ("PricebookDraft", "steps", 100),
    ("PricebookDraft", "warnings", 10),
    ("PricebookImpact", "largest", 20),
    ("PricebookImpact", "runningOut", 20),
    ("PricebookVersion", "steps", 100),
    ("Query", "pricebookDiff", 20),
    ("Verdict", "sentences", 10),
];

/// Fields that cost more than one: texts by how long they may be, and what takes work.
const WEIGHTS: [(&str, &str, u64); 14] = [
    ("ConversationNote", "text", 3),
    ("KnowledgeEntry", "text", 50),
    ("KnowledgeFinding", "text", 3),
    ("Persona", "difference", 100),
    ("Persona", "systemPrompt", 5),
    ("PersonaVersion", "systemPrompt", 5),
    ("PlanSubscription", "changePreview", 50),
    ("PlanSubscription", "runningStatement", 20),
    ("PlanSubscription", "statements", 20),
    ("PricebookDraft", "flaws", 20),
    ("Query", "pricebookImpact", 500),
    ("Tenant", "knowledgeCoverage", 100),
    ("Tenant", "knowledgeSearch", 100),
    ("VisitorExportPayload", "document", 500),
];

/// The fields of the introspection schema that multiply.
const WIDENING: [&str; 4] = ["fields", "inputFields", "interfaces", "possibleTypes"];

/// What a field is, as far as measuring goes.
struct Shape {
    /// The object it leads to.
    to: String,
    is_list: bool,
    must_be: bool,
    is_connection: bool,
    takes_ids: bool,
    /// What it costs itself.
    weight: u64,
    /// How long it is if it is a list and no connection.
    length: u64,
}

/// The fields of every type.
#[derive(Default)]
pub(crate) struct Shapes(HashMap<String, HashMap<String, Shape>>);

impl Shapes {
    /// Read off the schema as it is published.
    pub(crate) fn of(schema: ServiceDocument) -> Self {
        let mut types = HashMap::new();
        for definition in schema.definitions {
            let TypeSystemDefinition::Type(definition) = definition else { continue };
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => continue,
            };
            let parent = definition.node.name.node.to_string();
            let said = |table: &[(&str, &str, u64)], field: &str| {
                table.iter().find(|(on, name, _)| *on == parent && *name == field).map(|(_, _, number)| *number)
            };
            let shape = |field: Positioned<async_graphql::parser::types::FieldDefinition>| {
                let takes = |name: &str| field.node.arguments.iter().any(|argument| argument.node.name.node == name);
                let (to, is_list) = named(&field.node.ty.node);
                let shape = Shape {
                    to,
                    is_list,
                    must_be: !field.node.ty.node.nullable,
                    is_connection: takes("first"),
                    takes_ids: takes("ids"),
                    weight: said(&WEIGHTS, &field.node.name.node).unwrap_or(1),
                    length: said(&LONGER, &field.node.name.node).unwrap_or(LIST),
                };
                (field.node.name.node.to_string(), shape)
            };
            let fields = fields.into_iter().map(shape).collect();
            types.insert(parent, fields);
        }
        Self(types)
    }

    /// The object that a field leads to, and whether it must be there.
    pub(crate) fn leads_to(&self, parent: &str, field: &str) -> (&str, bool) {
        self.of_field(parent, field).map_or(("", false), |shape| (shape.to.as_str(), shape.must_be))
    }

    fn of_field(&self, parent: &str, field: &str) -> Option<&Shape> {
        self.0.get(parent)?.get(field)
    }
}

fn named(ty: &Type) -> (String, bool) {
    match &ty.base {
        BaseType::Named(name) => (name.to_string(), false),
        BaseType::List(inner) => (named(inner).0, true),
    }
}

/// What an operation asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Measure {
    /// Fields inside fields.
    pub(crate) depth: usize,
    /// Every field counts one, long texts and much work more; in lists as often as the list may be long.
    pub(crate) cost: u64,
    /// How many fields of the introspection schema that multiply are inside each other.
    pub(crate) widening: usize,
    /// Whether it asks for the schema.
    pub(crate) introspects: bool,
    /// Whether it asks for anything else.
    pub(crate) reads: bool,
}

impl Measure {
    /// Both of these beside each other.
    fn beside(self, other: Self) -> Self {
        Self {
            depth: self.depth.max(other.depth),
            cost: self.cost.saturating_add(other.cost),
            widening: self.widening.max(other.widening),
            introspects: self.introspects || other.introspects,
            reads: self.reads || other.reads,
        }
    }
}

/// How many fields of a document are renamed.
pub(crate) fn aliases(document: &ExecutableDocument) -> usize {
    fn within(set: &SelectionSet) -> usize {
        let of = |selection: &Positioned<Selection>| match &selection.node {
            Selection::Field(field) => {
                usize::from(field.node.alias.is_some()).saturating_add(within(&field.node.selection_set.node))
            }
            Selection::InlineFragment(inline) => within(&inline.node.selection_set.node),
            Selection::FragmentSpread(_) => 0,
        };
        set.items.iter().map(of).fold(0, usize::saturating_add)
    }
    let operations = document.operations.iter().map(|(_, operation)| &operation.node.selection_set.node);
    let fragments = document.fragments.values().map(|fragment| &fragment.node.selection_set.node);
    operations.chain(fragments).map(within).fold(0, usize::saturating_add)
}

/// What variables are if nothing is said.
type Defaults<'d> = HashMap<&'d Name, &'d Value>;

/// Fragments spread each other in a circle.
#[derive(Debug)]
pub(crate) struct Circle;

/// Measures the operations of one document.
pub(crate) struct Measuring<'d> {
    shapes: &'d Shapes,
    document: &'d ExecutableDocument,
    variables: &'d Variables,
    /// `None` while a fragment is being measured.
    fragments: HashMap<&'d Name, Option<Measure>>,
    /// Whether a variable was asked for.
    varies: Cell<bool>,
}

impl<'d> Measuring<'d> {
    pub(crate) fn new(shapes: &'d Shapes, document: &'d ExecutableDocument, variables: &'d Variables) -> Self {
        Self { shapes, document, variables, fragments: HashMap::new(), varies: Cell::new(false) }
    }

    /// Whether other variables could make a difference to what was measured.
    pub(crate) fn varies(&self) -> bool {
        self.varies.get()
    }

    /// What an operation asks for.
    pub(crate) fn operation(&mut self, operation: &'d OperationDefinition) -> Result<Measure, Circle> {
        let defaults: Defaults<'d> = operation
            .variable_definitions
            .iter()
            .filter_map(|definition| Some((&definition.node.name.node, &definition.node.default_value.as_ref()?.node)))
            .collect();
        // What a variable's default makes of a fragment differs from operation to operation.
        self.fragments.clear();
        self.selections(&operation.selection_set.node, root(operation.ty), &defaults)
    }

    fn selections(&mut self, set: &'d SelectionSet, parent: &str, defaults: &Defaults<'d>) -> Result<Measure, Circle> {
        let mut all = Measure::default();
        for selection in &set.items {
            let one = match &selection.node {
                Selection::Field(field) => self.field(&field.node, parent, defaults)?,
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map_or(parent, |condition| condition.node.on.node.as_str());
                    self.selections(&inline.node.selection_set.node, on, defaults)?
                }
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node, defaults)?,
            };
            all = all.beside(one);
        }
        Ok(all)
    }

    fn fragment(&mut self, name: &'d Name, defaults: &Defaults<'d>) -> Result<Measure, Circle> {
        match self.fragments.get(name) {
            Some(Some(measured)) => return Ok(*measured),
            Some(None) => return Err(Circle),
            None => {}
        }
        // One that is not there is the validator's to refuse.
        let Some(fragment) = self.document.fragments.get(name) else { return Ok(Measure::default()) };
        self.fragments.insert(name, None);
        let on = fragment.node.type_condition.node.on.node.as_str();
        let mut measured = self.selections(&fragment.node.selection_set.node, on, defaults)?;
        // A spread costs something too, so that even empty circles of work are counted.
        measured.cost = measured.cost.max(1);
        self.fragments.insert(name, Some(measured));
        Ok(measured)
    }

    fn field(&mut self, field: &'d Field, parent: &str, defaults: &Defaults<'d>) -> Result<Measure, Circle> {
        let name = field.name.node.as_str();
        let shape = self.shapes.of_field(parent, name);
        let to = shape.map_or("", |shape| shape.to.as_str());
        let inner = self.selections(&field.selection_set.node, to, defaults)?;
        let times = shape.map_or(1, |shape| self.times(shape, parent, field, defaults));
        let introspects = matches!(name, "__schema" | "__type");
        Ok(Measure {
            depth: inner.depth.saturating_add(1),
            cost: inner.cost.saturating_mul(times).saturating_add(shape.map_or(1, |shape| shape.weight)),
            widening: inner.widening.saturating_add(usize::from(shape.is_none() && WIDENING.contains(&name))),
            introspects: introspects || inner.introspects,
            reads: !introspects && name != "__typename",
        })
    }

    /// How often what is inside a field may be there.
    fn times(&self, shape: &Shape, parent: &str, field: &Field, defaults: &Defaults<'d>) -> u64 {
        let known = |variable: Name| -> Result<Value, Infallible> {
            self.varies.set(true);
            let given = self.variables.get(&variable).or_else(|| defaults.get(&variable).copied());
            Ok(given.cloned().unwrap_or_default())
        };
        let said = |name: &str| {
            let (_, value) = field.arguments.iter().find(|(argument, _)| argument.node == name)?;
            value.node.clone().into_const_with(known).ok()
        };
        if shape.is_connection {
            return match said("first").filter(|value| *value != Value::Null).or_else(|| said("last")) {
                None | Some(Value::Null) => DEFAULT.into(),
                Some(Value::Number(count)) => count.as_u64().unwrap_or(1).clamp(1, MOST.into()),
                Some(_) => MOST.into(),
            };
        }
        if shape.takes_ids {
            return match said("ids") {
                Some(Value::List(ids)) => u64::try_from(ids.len()).unwrap_or(u64::MAX).max(1),
                _ => 1,
            };
        }
        // The lists inside a connection are as long as it said.
        if shape.is_list && !parent.ends_with("Connection") { shape.length } else { 1 }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_schema;

    use super::*;

    #[test]
    fn what_costs_more_is_there() {
        let shapes = Shapes::of(parse_schema(crate::sdl()).unwrap());
        for (on, field, _) in LONGER.iter().chain(&WEIGHTS) {
            assert!(shapes.of_field(on, field).is_some(), "{on}.{field}");
        }
    }
}
