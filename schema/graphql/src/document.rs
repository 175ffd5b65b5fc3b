//! Documents, as far as they are the same for whoever asks: read, held to the limits, and measured.

use std::sync::atomic::{AtomicBool, Ordering};

use async_graphql::{
    Positioned, ServerError, Value, Variables,
    parser::{
        parse_query,
        types::{BaseType, ExecutableDocument, OperationDefinition, OperationType, SelectionSet, Type, VariableDefinition},
    },
};

use crate::{
    answer::Refusal,
    complete::{Fragments, Plan, keep_empty_objects},
    measure::{Circle, Measure, Measuring, Shapes, aliases, root},
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

/// A document, and the operation in it that is meant.
pub(crate) struct Document {
    text: ExecutableDocument,
    /// What the operation asks for.
    set: Positioned<SelectionSet>,
    /// The rest of the operation.
    head: Positioned<OperationDefinition>,
    plan: Plan,
    aliases: usize,
    has_directives: bool,
    /// What it asks for, if no variable makes a difference.
    measure: Option<Measure>,
    /// Whether it was found to be as the schema wants it, but for what an operation is asked with.
    is_good: AtomicBool,
}

impl Document {
    /// Reads a document, and measures what it asks for at most. What is too much is refused, with what it would have cost as far as that is known.
    pub(crate) fn read(
        query: &str,
        name: Option<&str>,
        variables: &Variables,
        shapes: &Shapes,
        maximum: u64,
    ) -> Result<(Self, Measure), (Refusal, u64)> {
        let (text, directives) = parse(query).map_err(|refusal| (refusal, 0))?;
        let (measure, varies, meant) = measure(&text, name, variables, shapes).map_err(|refusal| (refusal, 0))?;
        let aliases = aliases(&text);
        allowed(&measure, aliases, maximum).map_err(|refusal| (refusal, measure.cost))?;
        // Only now: how often fragments double each other is limited by what they cost.
        let (plan, repeats) = Plan::of(&meant.node.selection_set.node, root(meant.node.ty), &text.fragments, shapes);
        if repeats > REPEATS {
            return Err((Refusal::limit("number of repeated fields", repeats, REPEATS), measure.cost));
        }
        if meant.node.ty == OperationType::Subscription && plan.width() != 1 {
            let message = "A subscription has one field: listen to others by operations of their own.";
            return Err((Refusal::new("GRAPHQL_VALIDATION_FAILED", message), measure.cost));
        }
        let head = OperationDefinition {
            ty: meant.node.ty,
            variable_definitions: meant.node.variable_definitions.clone(),
            directives: Vec::new(),
            selection_set: Positioned::default(),
        };
        let (set, head) = (meant.node.selection_set.clone(), Positioned::new(head, meant.pos));
        let document = Self {
            set,
            head,
            plan,
            aliases,
            has_directives: directives > 0,
            measure: (!varies).then_some(measure),
            is_good: AtomicBool::new(false),
            text,
        };
        Ok((document, measure))
    }

    /// What it asks for at most with other variables than it was read with.
    pub(crate) fn measure(
        &self,
        name: Option<&str>,
        variables: &Variables,
        shapes: &Shapes,
        maximum: u64,
    ) -> Result<Measure, (Refusal, u64)> {
        let measure = match self.measure {
            Some(measure) => measure,
            None => measure(&self.text, name, variables, shapes).map_err(|refusal| (refusal, 0))?.0,
        };
        allowed(&measure, self.aliases, maximum).map_err(|refusal| (refusal, measure.cost))?;
        Ok(measure)
    }

    pub(crate) fn kind(&self) -> OperationType {
        self.head.node.ty
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What is asked for.
    pub(crate) fn set(&self) -> &Positioned<SelectionSet> {
        &self.set
    }

    /// The operation, without what it asks for.
    pub(crate) fn head(&self) -> &Positioned<OperationDefinition> {
        &self.head
    }

    pub(crate) fn fragments(&self) -> &Fragments {
        &self.text.fragments
    }

    /// As the library takes it.
    pub(crate) fn for_library(&self) -> ExecutableDocument {
        let mut text = self.text.clone();
        keep_empty_objects(&mut text);
        text
    }

    /// Notes that the library found nothing wrong with it when it was asked with these variables.
    pub(crate) fn passed(&self, variables: &Variables) {
        if self.are_plain(variables) {
            self.is_good.store(true, Ordering::Relaxed);
        }
    }

    /// Whether it can be answered as it stands: it was found good, nothing in it may be left out, and none of these variables could make
    /// a difference to whether it is good.
    pub(crate) fn is_good_with(&self, variables: &Variables) -> bool {
        self.is_good.load(Ordering::Relaxed) && !self.has_directives && self.are_plain(variables)
    }

    /// Whether each of the variables is there and plainly of its type. Of those that are not, only the library can say.
    fn are_plain(&self, variables: &Variables) -> bool {
        let is_plain = |definition: &Positioned<VariableDefinition>| {
            let VariableDefinition { name, var_type, default_value, .. } = &definition.node;
            match variables.get(&name.node) {
                Some(Value::Null) => var_type.node.nullable && default_value.is_none(),
                Some(value) => is_of(value, &var_type.node),
                None => false,
            }
        };
        self.head.node.variable_definitions.iter().all(is_plain)
    }
}

fn is_of(value: &Value, expected: &Type) -> bool {
    match (&expected.base, value) {
        (BaseType::Named(name), Value::String(_)) => matches!(name.as_str(), "String" | "ID"),
        (BaseType::Named(name), Value::Boolean(_)) => name == "Boolean",
        (BaseType::Named(name), Value::Number(number)) => {
            name == "Int" && number.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
        }
        _ => false,
    }
}

/// A document, and how many directives it has.
fn parse(query: &str) -> Result<(ExecutableDocument, usize), Refusal> {
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
    let document = parse_query(query).map_err(|error| {
        let error = ServerError::from(error);
        // The parser repeats the line it stumbled over, which may hold anything; where that is and what it wanted is enough.
        let wanted =
            error.message.lines().filter_map(|line| line.trim().strip_prefix("= ")).next_back().unwrap_or("something else");
        let message = format!("This is no GraphQL document: {wanted}.");
        Refusal::new("GRAPHQL_PARSE_FAILED", message).at(error.locations.first().copied())
    })?;
    Ok((document, seen.directives))
}

/// What the whole document asks for at most, whether a variable makes a difference to that, and the operation that is meant. The others are
/// measured too: the validator walks through all of them.
fn measure<'d>(
    document: &'d ExecutableDocument,
    name: Option<&str>,
    variables: &Variables,
    shapes: &Shapes,
) -> Result<(Measure, bool, &'d Positioned<OperationDefinition>), Refusal> {
    let mut measuring = Measuring::new(shapes, document, variables);
    let (mut most, mut meant, mut count) = (Measure::default(), None, 0_usize);
    for (its_name, operation) in document.operations.iter() {
        let measure = measuring
            .operation(&operation.node)
            .map_err(|Circle| Refusal::new("GRAPHQL_VALIDATION_FAILED", "Fragments must not spread each other in a circle."))?;
        most = Measure {
            depth: most.depth.max(measure.depth),
            cost: most.cost.max(measure.cost),
            widening: most.widening.max(measure.widening),
            introspects: most.introspects || measure.introspects,
            reads: most.reads || measure.reads,
        };
        count = count.saturating_add(1);
        if name.is_none() || its_name.is_some_and(|its| Some(its.as_str()) == name) {
            meant = Some(operation);
        }
    }
    match meant {
        Some(operation) if name.is_some() || count == 1 => Ok((most, measuring.varies(), operation)),
        _ if name.is_some() => Err(Refusal::new("OPERATION_UNKNOWN", "The document has no operation of that name.")),
        _ => Err(Refusal::new("OPERATION_UNKNOWN", "The document has several operations; `operationName` must say which.")),
    }
}

fn allowed(measure: &Measure, aliases: usize, maximum: u64) -> Result<(), Refusal> {
    let deepest = if measure.reads { DEPTH } else { INTROSPECTION_DEPTH };
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
