//! Answers as JSON. Where an answer is wide, its parts are written as soon as they are there, instead of becoming a tree first that is
//! written afterwards: such a part stands in the tree as bytes, complete and in the document's order.

use async_graphql::{
    Name, Value,
    parser::types::{Selection, SelectionSet},
    resolver_utils::EnumType,
};
use frontoffice_domain::clock::Instant;

use crate::{
    complete::{Fragments, KEPT},
    global_id::GlobalId,
};

/// What was written already, as a part of an answer.
pub(crate) fn written(json: Vec<u8>) -> Value {
    Value::Binary(json.into())
}

/// Writes a value. Bytes in it are JSON already; no scalar of the schema is bytes.
pub(crate) fn write(value: &Value, out: &mut Vec<u8>) -> serde_json::Result<()> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Boolean(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Value::Number(number) => serde_json::to_writer(out, number)?,
        Value::String(text) => serde_json::to_writer(out, text)?,
        Value::Enum(name) => text(name, out)?,
        Value::Binary(json) => out.extend_from_slice(json),
        Value::List(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
        }
        Value::Object(fields) => {
            out.push(b'{');
            for (index, (name, value)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                text(name, out)?;
                out.push(b':');
                write(value, out)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

/// Writes what the library made of selections, in the document's order: it gives what came back in the order in which it came. Nothing of
/// it may have failed.
pub(crate) fn write_ordered(
    value: &Value,
    of: &[&SelectionSet],
    fragments: &Fragments,
    out: &mut Vec<u8>,
) -> serde_json::Result<()> {
    match value {
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                out.push(if index == 0 { b'[' } else { b',' });
                write_ordered(item, of, fragments, out)?;
            }
            out.extend_from_slice(if items.is_empty() { b"[]" } else { b"]" });
        }
        Value::Object(fields) => {
            let (mut asked, mut is_empty) = (Vec::new(), true);
            of.iter().for_each(|set| gather(set, fragments, &mut asked));
            for (name, inside) in asked {
                let Some(value) = fields.get(name) else { continue };
                out.push(if is_empty { b'{' } else { b',' });
                is_empty = false;
                text(name, out)?;
                out.push(b':');
                write_ordered(value, &inside, fragments, out)?;
            }
            out.extend_from_slice(if is_empty { b"{}" } else { b"}" });
        }
        leaf => write(leaf, out)?,
    }
    Ok(())
}

/// The names that an answer to a selection may have, in order, each with what is asked inside it, perhaps at several places.
type Asked<'d> = Vec<(&'d Name, Vec<&'d SelectionSet>)>;

fn gather<'d>(set: &'d SelectionSet, fragments: &'d Fragments, asked: &mut Asked<'d>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                let (name, inside) = (&field.node.response_key().node, &field.node.selection_set.node);
                match asked.iter_mut().find(|(seen, _)| *seen == name) {
                    Some((_, others)) => others.push(inside),
                    None if name == KEPT => {}
                    None => asked.push((name, vec![inside])),
                }
            }
            Selection::InlineFragment(inline) => gather(&inline.node.selection_set.node, fragments, asked),
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = fragments.get(&spread.node.fragment_name.node) {
                    gather(&fragment.node.selection_set.node, fragments, asked);
                }
            }
        }
    }
}

/// Writes a text.
pub(crate) fn text(text: &str, out: &mut Vec<u8>) -> serde_json::Result<()> {
    serde_json::to_writer(out, text)
}

/// Writes a text that may not be there.
pub(crate) fn text_if_any(text: Option<&str>, out: &mut Vec<u8>) -> serde_json::Result<()> {
    serde_json::to_writer(out, &text)
}

/// Writes a number.
pub(crate) fn number(number: i64, out: &mut Vec<u8>) -> serde_json::Result<()> {
    serde_json::to_writer(out, &number)
}

/// Writes an instant, in which nothing has to be escaped.
pub(crate) fn instant(at: Instant, out: &mut Vec<u8>) -> serde_json::Result<()> {
    out.push(b'"');
    at.write(out);
    out.push(b'"');
    Ok(())
}

/// Writes an id, in which nothing has to be escaped.
pub(crate) fn id(id: GlobalId, out: &mut Vec<u8>) -> serde_json::Result<()> {
    out.push(b'"');
    out.extend_from_slice(id.encode().as_bytes());
    out.push(b'"');
    Ok(())
}

/// Writes a word of an enum.
pub(crate) fn word<T: EnumType>(value: T, out: &mut Vec<u8>) -> serde_json::Result<()> {
    match T::items().iter().find(|item| item.value == value) {
        Some(item) => text(item.name, out),
        None => write(&Value::Null, out),
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{parser::parse_query, value};

    use super::*;

    #[test]
    fn it_is_the_json_of_the_library() {
        let plain = value!({"a": [1, 2.5, "x\"\n\u{1F600}", null, true, {}], "b": {"c": [], "d": false}});
        let mut out = Vec::new();
        write(&plain, &mut out).unwrap();
        assert_eq!(out, serde_json::to_vec(&plain).unwrap());
        let mut outer = Vec::new();
        write(&Value::List(vec![written(out.clone()), Value::Enum(Name::new("E"))]), &mut outer).unwrap();
        assert_eq!(outer, [b"[", out.as_slice(), b",\"E\"]"].concat());
    }

    #[test]
    fn what_came_in_any_order_is_written_in_the_documents() {
        let query = "{ b { ...F x } a ...G __kept: __typename } fragment F on B { y } fragment G on Q { b { z } c { d } }";
        let document = parse_query(query).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let value = value!({"c": [{"d": 1}, {}], "__kept": "Q", "a": null, "b": {"z": 3, "x": 2, "y": 1}});
        let mut out = Vec::new();
        write_ordered(&value, &[&operation.node.selection_set.node], &document.fragments, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), r#"{"b":{"y":1,"x":2,"z":3},"a":null,"c":[{"d":1},{}]}"#);
    }
}
