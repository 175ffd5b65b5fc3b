//! What may break a client between the schema as it was released and the one of the code is listed with its reason.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::{
    parse_schema,
    types::{TypeKind, TypeSystemDefinition},
};

const RELEASED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/graphql/released.graphql");
const CHANGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/graphql/CHANGES.md");

/// What a schema promises, by name; each with what it must be (a type, a kind) and whether a client has to give it.
#[derive(Default)]
struct Promises {
    /// What can be asked for: types, fields, members of unions, interfaces, values of enums.
    given: BTreeMap<String, String>,
    /// What can be said: arguments and fields of inputs.
    taken: BTreeMap<String, String>,
}

fn promises(sdl: &str) -> Promises {
    let mut promises = Promises::default();
    for definition in parse_schema(sdl).unwrap().definitions {
        let TypeSystemDefinition::Type(ty) = definition else { continue };
        let (name, ty) = (ty.node.name.node.to_string(), ty.node.kind);
        let (kind, implements, fields) = match ty {
            TypeKind::Scalar => ("scalar", Vec::new(), Vec::new()),
            TypeKind::Object(object) => ("type", object.implements, object.fields),
            TypeKind::Interface(interface) => ("interface", interface.implements, interface.fields),
            TypeKind::Union(union) => {
                for member in union.members {
                    promises.given.insert(format!("{name} | {}", member.node), "member".into());
                }
                ("union", Vec::new(), Vec::new())
            }
            TypeKind::Enum(kind) => {
                for value in kind.values {
                    promises.given.insert(format!("{name}.{}", value.node.value.node), "value".into());
                }
                ("enum", Vec::new(), Vec::new())
            }
            TypeKind::InputObject(input) => {
                for field in input.fields {
                    let default = if field.node.default_value.is_some() { " = …" } else { "" };
                    promises.taken.insert(format!("{name}.{}", field.node.name.node), format!("{}{default}", field.node.ty.node));
                }
                ("input", Vec::new(), Vec::new())
            }
        };
        for interface in implements {
            promises.given.insert(format!("{name} implements {}", interface.node), "interface".into());
        }
        for field in fields {
            let path = format!("{name}.{}", field.node.name.node);
            for argument in field.node.arguments {
                let default = if argument.node.default_value.is_some() { " = …" } else { "" };
                let path = format!("{path}({})", argument.node.name.node);
                promises.taken.insert(path, format!("{}{default}", argument.node.ty.node));
            }
            promises.given.insert(path, field.node.ty.node.to_string());
        }
        promises.given.insert(name, kind.into());
    }
    promises
}

/// Whether what is given as `now` is good where `before` was given: it may have become sure to be there.
fn still_good(before: &str, now: &str) -> bool {
    let inner = |ty: &str| ty.strip_prefix('[').and_then(|ty| ty.strip_suffix(']')).map(str::to_owned);
    match (before.strip_suffix('!'), now.strip_suffix('!')) {
        (Some(_), None) => false,
        (before_sure, now_sure) => {
            let (before, now) = (before_sure.unwrap_or(before), now_sure.unwrap_or(now));
            match (inner(before), inner(now)) {
                (Some(before), Some(now)) => still_good(&before, &now),
                _ => before == now,
            }
        }
    }
}

/// What breaks clients that know the one schema and meet the other.
fn breaking(before: &str, now: &str) -> BTreeSet<String> {
    let (before, now) = (promises(before), promises(now));
    let mut broken = BTreeSet::new();
    for (path, was) in &before.given {
        match now.given.get(path) {
            None => broken.insert(format!("`{path}` is gone")),
            Some(is) if !still_good(was, is) => broken.insert(format!("`{path}` was `{was}` and is `{is}`")),
            Some(_) => false,
        };
    }
    for (path, was) in &before.taken {
        match now.taken.get(path) {
            None => broken.insert(format!("`{path}` is gone")),
            // What is taken may become less strict: the other way round.
            Some(is) if !still_good(is.trim_end_matches(" = …"), was.trim_end_matches(" = …")) => {
                broken.insert(format!("`{path}` was `{was}` and is `{is}`"))
            }
            Some(_) => false,
        };
    }
    for (path, is) in now.taken.iter().filter(|(path, _)| !before.taken.contains_key(*path)) {
        // A new argument of a new field, or a new field of a new input, is nobody's trouble.
        let owner = path.split(['(']).next().unwrap();
        let owner = if path.contains('(') { owner } else { path.split('.').next().unwrap() };
        if is.ends_with('!') && before.given.contains_key(owner) {
            broken.insert(format!("`{path}` is new and must be said"));
        }
    }
    broken
}

#[test]
fn what_breaks_clients_is_listed_with_its_reason() {
    let broken = breaking(&std::fs::read_to_string(RELEASED).unwrap(), &frontoffice_graphql::sdl());
    let changes = std::fs::read_to_string(CHANGES).unwrap();
    let since = changes.split_once("## Since the last release").unwrap().1.split("\n## ").next().unwrap();
    let listed: BTreeSet<String> = since
        .lines()
        .filter_map(|line| line.strip_prefix("- "))
        .map(|line| {
            let (what, why) = line.split_once(": ").unwrap_or_else(|| panic!("no reason: {line}"));
            assert!(why.len() > 10, "no reason: {line}");
            what.to_owned()
        })
        .collect();
    assert_eq!(broken, listed, "what breaks clients, then what schema/graphql/CHANGES.md lists");
}

#[test]
fn what_breaks_is_known_from_what_does_not() {
    let before = "type Query { a: Int b: [T!] c(x: Int, y: Int!): T! } type T implements N { id: ID! } interface N { id: ID! } \
        enum E { ONE TWO } union U = T | Query input I { a: Int b: Int! }";
    for (now, expected) in [
        (before, vec![]),
        // What is only more, or surer.
        (
            "type Query { a: Int! b: [T!]! c(x: Int, y: Int, z: Int): T! d(x: Int!): T } type T implements N { id: ID! } interface N { id: ID! } \
            enum E { ONE TWO THREE } union U = T | Query input I { a: Int b: Int c: Int } input J { a: Int! }",
            vec![],
        ),
        (
            "type Query { b: [T] c(x: Int!, y: Int!, z: Int!): T } type T { id: ID! } interface N { id: ID! } enum E { ONE } union U = T \
                input I { b: Int! c: Int! }",
            vec![
                "`E.TWO` is gone",
                "`I.a` is gone",
                "`I.c` is new and must be said",
                "`Query.a` is gone",
                "`Query.b` was `[T!]` and is `[T]`",
                "`Query.c(x)` was `Int` and is `Int!`",
                "`Query.c(z)` is new and must be said",
                "`Query.c` was `T!` and is `T`",
                "`T implements N` is gone",
                "`U | Query` is gone",
            ],
        ),
    ] {
        assert_eq!(breaking(before, now).iter().map(String::as_str).collect::<Vec<_>>(), expected);
    }
}
