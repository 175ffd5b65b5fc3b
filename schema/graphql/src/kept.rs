//! Documents that are kept for requests to come: clients ask the same few again and again, with other variables.
//!
//! Invariants: nothing that depends on who asks is kept, or on what was found in the store; what is kept is bounded in number and in size; only what
//! somebody who is signed in asked, and what was answered, is kept, so that strangers put nothing in and throw nothing out.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::document::Document;

/// How many documents are kept.
const DOCUMENTS: usize = 500;
/// How long their texts may be together, in bytes. Read, a document takes some twenty times as much.
const BYTES: usize = 512 * 1024;

/// The documents that are kept.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Shelf>);

#[derive(Default)]
struct Shelf {
    documents: HashMap<String, Entry>,
    bytes: usize,
    /// Counts how often something was looked for.
    looked: u64,
}

struct Entry {
    document: Arc<Document>,
    /// When it was last looked for, as [`Shelf::looked`] counted.
    used: u64,
}

/// What an operation of a document is kept under. What is called how comes first, with its length, so that no two share a key.
pub(crate) fn key(document: &str, operation: Option<&str>) -> String {
    match operation {
        None => format!("-{document}"),
        Some(name) => format!("{}:{name}{document}", name.len()),
    }
}

impl Kept {
    /// What is kept under a key.
    pub(crate) fn get(&self, key: &str) -> Option<Arc<Document>> {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.looked = shelf.looked.saturating_add(1);
        let now = shelf.looked;
        let entry = shelf.documents.get_mut(key)?;
        entry.used = now;
        Some(Arc::clone(&entry.document))
    }

    /// Keeps a document, in the place of those that were not looked for the longest.
    pub(crate) fn keep(&self, key: String, document: &Arc<Document>) {
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if shelf.documents.contains_key(&key) || key.len() > BYTES {
            return;
        }
        while shelf.documents.len() >= DOCUMENTS || shelf.bytes.saturating_add(key.len()) > BYTES {
            let oldest = shelf.documents.iter().min_by_key(|(_, entry)| entry.used).map(|(key, _)| key.clone());
            let Some(oldest) = oldest else { return };
            shelf.documents.remove(&oldest);
            shelf.bytes = shelf.bytes.saturating_sub(oldest.len());
        }
        shelf.bytes = shelf.bytes.saturating_add(key.len());
        let used = shelf.looked;
        shelf.documents.insert(key, Entry { document: Arc::clone(document), used });
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{Variables, parser::parse_schema};

    use super::*;
    use crate::measure::Shapes;

    fn document() -> Arc<Document> {
        let shapes = Shapes::of(parse_schema("type Query { a: Int }").unwrap());
        let read = Document::read("{ a }", None, &Variables::default(), &shapes, 1_000);
        Arc::new(read.map_err(drop).unwrap().0)
    }

    #[test]
    fn what_was_not_looked_for_the_longest_makes_room() {
        let (kept, document) = (Kept::default(), document());
        kept.keep("first".into(), &document);
        for number in 0..DOCUMENTS * 2 {
            kept.keep(format!("document {number}"), &document);
            assert!(kept.get("first").is_some(), "{number}");
        }
        let shelf = kept.0.lock().unwrap();
        assert_eq!(shelf.documents.len(), DOCUMENTS);
        assert_eq!(shelf.bytes, shelf.documents.keys().map(String::len).sum::<usize>());
    }

    #[test]
    fn long_documents_are_fewer() {
        let (kept, document) = (Kept::default(), document());
        for number in 0..100 {
            kept.keep(format!("{number}{}", "x".repeat(32 * 1024)), &document);
        }
        kept.keep("x".repeat(BYTES * 2), &document);
        let shelf = kept.0.lock().unwrap();
        assert!(shelf.bytes <= BYTES && shelf.documents.len() < 16, "{}", shelf.documents.len());
    }

    #[test]
    fn no_two_share_a_key() {
        let asked = [
            ("a", None),
            ("a", Some("")),
            ("", Some("a")),
            ("-a", None),
            ("1:a", None),
            ("a", Some("a")),
            ("aa", None),
            ("", Some("1:a")),
        ];
        let keys: std::collections::HashSet<_> = asked.iter().map(|(document, name)| key(document, *name)).collect();
        assert_eq!(keys.len(), asked.len());
    }
}
