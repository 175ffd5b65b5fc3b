//! Rows in numbers, as both engines make them.

use crate::harness::store::Store;

/// An id of a row, born in the order of its number.
pub(crate) fn id(store: Store, kind: &str, number: &str) -> String {
    match store {
        Store::Postgres => format!("('01900000-0000-{kind}-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"),
        Store::Sqlite => format!("unhex(printf('019000000000{kind}8000%012x', {number}))"),
    }
}

/// The numbers from one to another, as a table of one column that is called as the table.
pub(crate) fn series(store: Store, name: &str, low: u32, high: u32) -> String {
    match store {
        Store::Postgres => format!("(SELECT {name} FROM generate_series({low}::bigint, {high}::bigint) AS {name}) AS {name}"),
        Store::Sqlite => format!(
            "(WITH RECURSIVE c({name}) AS (SELECT {low} UNION ALL SELECT {name} + 1 FROM c WHERE {name} < {high}) SELECT {name} FROM c) AS {name}"
        ),
    }
}
