//! Conversations of ten messages each, all of the platform's own tenant.

use crate::harness::store::{Database, Store};

/// Adds to the so many messages that are there until there are that many.
pub(crate) async fn messages(database: &Database, there: u32, wanted: u32) {
    if there == 0 {
        let key = match database.store {
            Store::Postgres => "decode(repeat('ab', 32), 'hex')",
            Store::Sqlite => "unhex(printf('%064x', 1))",
        };
        let id = id(database.store, "7000", "1");
        let (from, at) = ("installation i", "(SELECT created_at FROM tenants LIMIT 1)");
        let text = format!(
            "INSERT INTO visitors (id, tenant_id, channel, key, created_at, seen_at) SELECT {id}, i.platform_tenant_id, 'public', {key}, {at}, {at} FROM {from}"
        );
        database.db_do(&text).await;
    }
    let (low, high) = (there / 10 + 1, wanted / 10);
    let (numbers, sequences) = match database.store {
        Store::Postgres => (
            format!("(SELECT n FROM generate_series({low}, {high}) AS n) AS n"),
            "(SELECT s FROM generate_series(1, 10) AS s) AS s".to_owned(),
        ),
        Store::Sqlite => (series("n", low, high), series("s", 1, 10)),
    };
    let at = "(SELECT created_at FROM tenants LIMIT 1)";
    let (conversation, message) = (id(database.store, "7001", "n.n"), id(database.store, "7002", "(n.n * 10 + s.s)"));
    let session = match database.store {
        Store::Postgres => "'session-' || n.n",
        Store::Sqlite => "printf('session-%d', n.n)",
    };
    database
        .db_do(&format!(
            "INSERT INTO conversations (id, tenant_id, visitor_id, channel, session_id, locale, state, last_sequence, created_at, last_message_at) \
             SELECT {conversation}, v.tenant_id, v.id, 'public', {session}, 'en', 'AI', 10, {at}, {at} FROM visitors v, {numbers} WHERE v.channel = 'public'"
        ))
        .await;
    let empty = match database.store {
        Store::Postgres => "'[]'::jsonb",
        Store::Sqlite => "jsonb('[]')",
    };
    let words = "The shop opens at nine in the morning and closes at six in the evening, on Saturdays at four; on Sundays nobody is there.";
    database
        .db_do(&format!(
            "INSERT INTO messages (id, tenant_id, conversation_id, sequence, role, text, status, persona_version_id, model, sources, created_at) \
             SELECT {message}, p.tenant_id, {conversation}, s.s, CASE WHEN s.s % 2 = 1 THEN 'visitor' ELSE 'assistant' END, '{words}', \
                CASE WHEN s.s % 2 = 1 THEN 'received' ELSE 'answered' END, CASE WHEN s.s % 2 = 1 THEN NULL ELSE p.id END, \
                CASE WHEN s.s % 2 = 1 THEN NULL ELSE 'bench' END, {empty}, {at} \
             FROM persona_versions p, {numbers}, {sequences} ORDER BY n.n, s.s"
        ))
        .await;
    database.db_do("ANALYZE").await;
}

/// An id of a row, born in the order of its number.
fn id(store: Store, kind: &str, number: &str) -> String {
    match store {
        Store::Postgres => format!("('01900000-0000-{kind}-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"),
        Store::Sqlite => format!("unhex(printf('019000000000{kind}8000%012x', {number}))"),
    }
}

fn series(name: &str, low: u32, high: u32) -> String {
    format!(
        "(WITH RECURSIVE c({name}) AS (SELECT {low} UNION ALL SELECT {name} + 1 FROM c WHERE {name} < {high}) SELECT {name} FROM c) AS {name}"
    )
}
