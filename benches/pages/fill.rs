//! Conversations of ten messages each, all of the platform's own tenant.

use crate::{
    harness::store::{Database, Store},
    rows::{id, series},
};

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
    let (numbers, sequences) = (series(database.store, "n", low, high), series(database.store, "s", 1, 10));
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
