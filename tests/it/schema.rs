//! The two stores have one schema, and every rule that has a name is kept.

mod access;
mod credits;
mod portal;
mod prices;
mod privacy;
mod widget;

use std::collections::{BTreeMap, BTreeSet};

use frontoffice_domain::db::rule;
use serde_json::json;

use crate::harness::{
    app::Office,
    on_both_stores,
    store::{Database, Store, TABLES},
};

/// What a store says of itself, part by part, in words that are the same for both engines.
type Catalog = BTreeMap<&'static str, BTreeSet<String>>;

struct Part {
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

/// Our tables are `m` on SQLite and `t` on Postgres. Left out are the tables of the engine, of diesel and of SQLite's full-text
/// index, which Postgres keeps in an index of the same name.
const OURS_ON_SQLITE: &str =
    "m.type = 'table' AND m.name NOT GLOB 'sqlite_*' AND m.name NOT GLOB 'passage_search*' AND m.name NOT GLOB '__diesel*'";
const OURS_ON_POSTGRES: &str =
    "t.relnamespace = 'public'::regnamespace AND t.relkind = 'r' AND left(t.relname::text, 8) <> '__diesel'";

/// `{ours}` stands for the condition above.
const PARTS: &[Part] = &[
    Part {
        name: "tables",
        sqlite: "SELECT m.name AS value FROM sqlite_master m WHERE {ours}",
        postgres: "SELECT t.relname::text AS value FROM pg_class t WHERE {ours}",
    },
    // SQLite has fewer types: a UUID, bytes and JSONB are all BLOB, and whatever can be counted is INTEGER.
    Part {
        name: "columns",
        sqlite: "SELECT m.name || ' ' || (c.cid + 1) || ' ' || c.name || ' ' || lower(c.type)
                || CASE c.\"notnull\" WHEN 0 THEN ' NULL' ELSE ' NOT NULL' END AS value
            FROM sqlite_master m, pragma_table_info(m.name) c WHERE {ours}",
        postgres: "SELECT concat_ws(' ', t.relname, c.attnum, c.attname,
                CASE
                    WHEN format_type(c.atttypid, NULL) IN ('uuid', 'bytea', 'jsonb') THEN 'blob'
                    WHEN format_type(c.atttypid, NULL) IN ('bigint', 'integer', 'smallint', 'boolean', 'timestamp with time zone') THEN 'integer'
                    ELSE format_type(c.atttypid, NULL)
                END,
                CASE WHEN c.attnotnull THEN 'NOT NULL' ELSE 'NULL' END) AS value
            FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped WHERE {ours}",
    },
    Part {
        name: "primary keys",
        sqlite: "SELECT m.name || ' (' || group_concat(c.name, ', ' ORDER BY c.pk) || ')' AS value
            FROM sqlite_master m, pragma_table_info(m.name) c WHERE {ours} AND c.pk > 0 GROUP BY m.name",
        postgres: "SELECT concat(t.relname, ' (', string_agg(c.attname::text, ', ' ORDER BY k.n), ')') AS value
            FROM pg_class t JOIN pg_constraint p ON p.conrelid = t.oid AND p.contype = 'p'
                CROSS JOIN LATERAL unnest(p.conkey) WITH ORDINALITY AS k (number, n)
                JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum = k.number
            WHERE {ours} GROUP BY t.relname, p.oid",
    },
    // SQLite forgets the name of a unique constraint's index; the names are compared as they were written, under `constraints`.
    Part {
        name: "unique constraints",
        sqlite: "SELECT m.name || ' (' || group_concat(c.name, ', ' ORDER BY c.seqno) || ')' AS value
            FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) c
            WHERE {ours} AND i.origin = 'u' GROUP BY m.name, i.name",
        postgres: "SELECT concat(t.relname, ' (', string_agg(c.attname::text, ', ' ORDER BY k.n), ')') AS value
            FROM pg_class t JOIN pg_constraint u ON u.conrelid = t.oid AND u.contype = 'u'
                CROSS JOIN LATERAL unnest(u.conkey) WITH ORDINALITY AS k (number, n)
                JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum = k.number
            WHERE {ours} GROUP BY t.relname, u.oid",
    },
    Part {
        name: "indexes",
        sqlite: "SELECT m.name || CASE i.\"unique\" WHEN 0 THEN ' INDEX ' ELSE ' UNIQUE ' END || i.name || ' ('
                || group_concat(c.name, ', ' ORDER BY c.seqno) || ')' || CASE i.partial WHEN 0 THEN '' ELSE ' WHERE' END AS value
            FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) c
            WHERE {ours} AND i.origin = 'c' GROUP BY m.name, i.name",
        postgres: "SELECT concat(t.relname, CASE WHEN i.indisunique THEN ' UNIQUE ' ELSE ' INDEX ' END, x.relname, ' (',
                string_agg(c.attname::text, ', ' ORDER BY k.n), ')', CASE WHEN i.indpred IS NOT NULL THEN ' WHERE' END) AS value
            FROM pg_class t JOIN pg_index i ON i.indrelid = t.oid JOIN pg_class x ON x.oid = i.indexrelid
                CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, n)
                JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum = k.number
            WHERE {ours} AND x.relname <> 'passage_search'
                AND NOT EXISTS (SELECT 1 FROM pg_constraint o WHERE o.conindid = x.oid AND o.contype IN ('p', 'u'))
            GROUP BY t.relname, x.relname, i.indisunique, i.indexrelid, i.indpred IS NOT NULL",
    },
    Part {
        name: "foreign keys",
        sqlite: "SELECT m.name || ' (' || group_concat(f.\"from\", ', ' ORDER BY f.seq) || ') -> ' || f.\"table\" || ' ('
                || group_concat(f.\"to\", ', ' ORDER BY f.seq) || ')' AS value
            FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE {ours} GROUP BY m.name, f.id, f.\"table\"",
        postgres: "SELECT concat(t.relname, ' (', string_agg(c.attname::text, ', ' ORDER BY k.n), ') -> ', p.relname, ' (',
                string_agg(d.attname::text, ', ' ORDER BY k.n), ')') AS value
            FROM pg_class t JOIN pg_constraint f ON f.conrelid = t.oid AND f.contype = 'f' JOIN pg_class p ON p.oid = f.confrelid
                CROSS JOIN LATERAL unnest(f.conkey, f.confkey) WITH ORDINALITY AS k (number, parent_number, n)
                JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum = k.number
                JOIN pg_attribute d ON d.attrelid = p.oid AND d.attnum = k.parent_number
            WHERE {ours} GROUP BY t.relname, p.relname, f.oid",
    },
    // SQLite's catalog keeps these names nowhere but in the table's own text.
    Part {
        name: "constraints",
        sqlite: "SELECT m.name || ' ' || m.sql AS value FROM sqlite_master m WHERE {ours}",
        postgres: "SELECT concat_ws(' ', t.relname,
                CASE r.contype WHEN 'c' THEN 'CHECK' WHEN 'f' THEN 'FOREIGN' WHEN 'p' THEN 'PRIMARY' WHEN 'u' THEN 'UNIQUE' END,
                r.conname) AS value
            FROM pg_class t JOIN pg_constraint r ON r.conrelid = t.oid AND r.contype IN ('c', 'f', 'p', 'u') WHERE {ours}",
    },
    // What refuses by a name of its own. SQLite does not say which foreign key was broken, so a trigger beside each one does; on
    // Postgres the foreign key itself is such a name. The upkeep of SQLite's full-text index refuses nothing.
    Part {
        name: "refusals",
        sqlite: "SELECT g.tbl_name || ' ' || g.sql AS value FROM sqlite_master g WHERE g.type = 'trigger' AND g.name NOT GLOB 'passage_search_*'",
        postgres: "SELECT concat_ws(' ', t.relname, 'REFUSES', g.tgname) AS value
            FROM pg_class t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal AND (g.tgtype & 32) = 0 WHERE {ours}
            UNION ALL
            SELECT concat_ws(' ', t.relname, 'REFUSES', f.conname) AS value
            FROM pg_class t JOIN pg_constraint f ON f.conrelid = t.oid AND f.contype = 'f' WHERE {ours}",
    },
];

async fn catalog(database: &Database) -> Catalog {
    let mut catalog = Catalog::new();
    for part in PARTS {
        let query = match database.store {
            Store::Sqlite => part.sqlite.replace("{ours}", OURS_ON_SQLITE),
            Store::Postgres => part.postgres.replace("{ours}", OURS_ON_POSTGRES),
        };
        let mut found = database.db_texts(&query).await;
        if database.store == Store::Sqlite {
            found = match part.name {
                "constraints" => found.iter().flat_map(|row| named_constraints(row)).collect(),
                "refusals" => found.iter().map(|row| refusal(row)).collect(),
                _ => found,
            };
        }
        catalog.insert(part.name, found.into_iter().collect());
    }
    catalog
}

/// From a table's name and its text, every `CONSTRAINT name KIND …`.
fn named_constraints(row: &str) -> Vec<String> {
    let (table, text) = row.split_once(' ').unwrap();
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || "(),".contains(c)).filter(|word| !word.is_empty()).collect();
    let mut found = Vec::new();
    for three in words.windows(3) {
        if let ["CONSTRAINT", name, kind] = three {
            // A foreign key of one column is written beside the column.
            let kind = if *kind == "REFERENCES" { "FOREIGN" } else { *kind };
            found.push(format!("{table} {kind} {name}"));
        }
    }
    found
}

/// From a trigger's table and its text, the name it refuses with.
fn refusal(row: &str) -> String {
    let (table, text) = row.split_once(' ').unwrap();
    let name = text.split_once("RAISE(ABORT, '").and_then(|(_, rest)| rest.split_once('\''));
    let (name, _) = name.unwrap_or_else(|| panic!("a trigger that refuses nothing: {row}"));
    format!("{table} REFUSES {name}")
}

/// Every name a refusal may have.
fn names(catalog: &Catalog) -> BTreeSet<String> {
    let unique_indexes = catalog["indexes"].iter().filter(|index| index.contains(" UNIQUE "));
    let all = catalog["constraints"].iter().chain(&catalog["refusals"]).chain(unique_indexes);
    all.map(|entry| entry.split(' ').nth(2).unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_stores_have_the_same_tables_columns_keys_and_rules() {
    let on_sqlite = Office::new(Store::Sqlite).start().await;
    let on_postgres = Office::new(Store::Postgres).start().await;
    let (sqlite, postgres) = (catalog(&on_sqlite.database).await, catalog(&on_postgres.database).await);
    for part in PARTS {
        assert!(!sqlite[part.name].is_empty(), "SQLite has no {}", part.name);
        assert_eq!(sqlite[part.name], postgres[part.name], "{}: SQLite, then Postgres", part.name);
    }
    let tables: BTreeSet<String> = TABLES.iter().map(|table| (*table).to_owned()).collect();
    assert_eq!(sqlite["tables"], tables);
    on_sqlite.finish().await;
    on_postgres.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tables_in_rust_are_those_of_the_stores() {
    let office = Office::new(Store::Sqlite).start().await;
    let catalog = catalog(&office.database).await;
    let read =
        |path: &str| std::fs::read_to_string(format!("{}/schema/domain/src/{path}.rs", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let source = ["tables", "tables/credit", "tables/widget"].map(read).concat();
    let (mut columns, mut keys) = (BTreeSet::new(), BTreeSet::new());
    for block in source.split("table! {").skip(1) {
        let lines = block.lines().map(str::trim).filter(|line| !line.starts_with("use ") && !line.starts_with("//"));
        let text = lines.collect::<Vec<_>>().join(" ");
        let (head, rest) = text.split_once('{').unwrap();
        let (table, key) = head.trim().split_once(' ').unwrap();
        keys.insert(format!("{table} {key}"));
        let listed = rest.split_once('}').unwrap().0.split(',').map(str::trim).filter(|column| !column.is_empty());
        for (position, column) in (1..).zip(listed) {
            let (name, kind) = column.split_once(" -> ").unwrap();
            let inner = kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>'));
            let kind_in_sql = match inner.unwrap_or(kind) {
                "Id" | "Binary" | "Jsonb" => "blob",
                "Text" => "text",
                "Bool" | "SmallInt" | "Integer" | "BigInt" | "Instant" => "integer",
                other => panic!("{table}.{name} has a type this test does not know: {other}"),
            };
            let null = if inner.is_some() { "NULL" } else { "NOT NULL" };
            columns.insert(format!("{table} {position} {name} {kind_in_sql} {null}"));
        }
    }
    assert_eq!(columns, catalog["columns"], "tables.rs, then the store");
    assert_eq!(keys, catalog["primary keys"], "tables.rs, then the store");
    office.finish().await;
}

/// How a rule is broken.
enum Breach {
    /// A new row like one of this table that fulfils this condition, but for these columns.
    Like(&'static str, &'static str, &'static [(&'static str, &'static str)]),
    /// A statement.
    Do(&'static str),
}

use Breach::{Do, Like};

/// What must be there to be broken, besides the owner, signed in, and what two visitors leave behind who ask two tenants and are not answered: in the
/// platform's conversation two answers of which one ended a turn, in the other tenant's a waiting turn, and a draft.
const BASE: &[Breach] = &[
    Like("knowledge_entries", "tenant_id = {other}", &[("id", "{new}"), ("state", "'DRAFT'"), ("approved_at", "NULL")]),
    Like(
        "messages",
        "tenant_id = {platform}",
        &[
            ("id", "{new}"),
            ("sequence", "2"),
            ("role", "'assistant'"),
            ("status", "'answered'"),
            ("persona_version_id", "(SELECT id FROM persona_versions WHERE tenant_id = {platform})"),
            ("model", "'somebody'"),
        ],
    ),
    Like("messages", "tenant_id = {platform} AND sequence = 2", &[("id", "{new}"), ("sequence", "3")]),
    Like(
        "turns",
        "tenant_id = {platform}",
        &[
            ("id", "{new}"),
            ("state", "'answered'"),
            ("answer_id", "(SELECT id FROM messages WHERE sequence = 2)"),
            ("ended_at", "created_at"),
        ],
    ),
    Like("turns", "tenant_id = {other}", &[("id", "{new}"), ("state", "'waiting'")]),
    Like("users", "true", &[("id", "{new}"), ("email", "'second@example.com'")]),
];

/// For every rule with a name, what breaks it and nothing else. `{new}` is a new id, `{hash}` 32 bytes, `{x64}` 64 letters,
/// `{platform}` and `{other}` are the ids of the two tenants, `{overriding}` is what Postgres wants said when a number is given
/// that it would give itself.
///
/// Foreign keys are broken by new rows: on SQLite only a new row is refused by name, and no act ever changes where a row belongs.
const RULES: &[(&str, Breach)] = &[
    ("tenants_pkey", Like("tenants", "id = {other}", &[("public_id", "{new}"), ("slug", "'third'")])),
    ("tenants_public_id_unique", Like("tenants", "id = {other}", &[("id", "{new}"), ("slug", "'third'")])),
    ("tenants_slug_unique", Like("tenants", "id = {other}", &[("id", "{new}"), ("public_id", "{new}")])),
    // The engines say this one in different words, so it is tried from every side.
    ("tenants_slug_form", Do("UPDATE tenants SET slug = '' WHERE id = {other}")),
    ("tenants_slug_form", Do("UPDATE tenants SET slug = 'a' WHERE id = {other}")),
    ("tenants_slug_form", Do("UPDATE tenants SET slug = '{x64}' WHERE id = {other}")),
    ("tenants_slug_form", Do("UPDATE tenants SET slug = '-ab' WHERE id = {other}")),
    ("tenants_slug_form", Do("UPDATE tenants SET slug = 'ab-' WHERE id = {other}")),
    ("tenants_slug_form", Do("UPDATE tenants SET slug = 'Ab' WHERE id = {other}")),
    ("tenants_slug_form", Do("UPDATE tenants SET slug = 'a_b' WHERE id = {other}")),
    ("tenants_slug_form", Do("UPDATE tenants SET slug = 'a b' WHERE id = {other}")),
    ("tenants_slug_form", Do("UPDATE tenants SET slug = 'äb' WHERE id = {other}")),
    ("tenants_slug_form", Do("UPDATE tenants SET slug = 'ab\n' WHERE id = {other}")),
    ("tenants_name_present", Do("UPDATE tenants SET name = '' WHERE id = {other}")),
    ("tenants_name_present", Do("UPDATE tenants SET name = '{x201}' WHERE id = {other}")),
    ("tenants_locale_known", Do("UPDATE tenants SET default_locale = 'pt-br' WHERE id = {other}")),
    ("installation_pkey", Like("installation", "id = 1", &[])),
    // The only row there may be has to make room first.
    (
        "installation_tenant_fkey",
        Do("DELETE FROM installation;
            INSERT INTO installation (id, platform_tenant_id, set_up_at) SELECT 1, {new}, created_at FROM tenants WHERE id = {other}"),
    ),
    ("installation_single", Like("installation", "id = 1", &[("id", "2")])),
    (
        "personas_pkey",
        Like("personas", "tenant_id = {other}", &[("id", "(SELECT id FROM personas WHERE tenant_id = {platform})"), ("is_default", "false")]),
    ),
    ("personas_tenant_unique", Like("personas", "tenant_id = {platform}", &[("is_default", "false")])),
    ("personas_tenant_fkey", Like("personas", "tenant_id = {platform}", &[("id", "{new}"), ("tenant_id", "{new}")])),
    ("personas_one_default", Like("personas", "tenant_id = {platform}", &[("id", "{new}")])),
    (
        "persona_versions_pkey",
        Like(
            "persona_versions",
            "tenant_id = {other}",
            &[("id", "(SELECT id FROM persona_versions WHERE tenant_id = {platform})"), ("number", "99")],
        ),
    ),
    ("persona_versions_tenant_unique", Like("persona_versions", "tenant_id = {platform}", &[("number", "99")])),
    ("persona_versions_number_unique", Like("persona_versions", "tenant_id = {platform}", &[("id", "{new}")])),
    (
        "persona_versions_persona_fkey",
        Like("persona_versions", "tenant_id = {platform}", &[("id", "{new}"), ("tenant_id", "{other}"), ("number", "99")]),
    ),
    ("persona_versions_number_positive", Like("persona_versions", "tenant_id = {platform}", &[("id", "{new}"), ("number", "0")])),
    (
        "persona_versions_name_present",
        Like("persona_versions", "tenant_id = {platform}", &[("id", "{new}"), ("number", "99"), ("name", "''")]),
    ),
    (
        "persona_versions_name_present",
        Like("persona_versions", "tenant_id = {platform}", &[("id", "{new}"), ("number", "99"), ("name", "'{x101}'")]),
    ),
    ("persona_versions_immutable", Do("UPDATE persona_versions SET tone = 'rude' WHERE tenant_id = {other}")),
    ("persona_versions_immutable", Do("DELETE FROM persona_versions WHERE tenant_id = {other}")),
    ("knowledge_entries_pkey", Like("knowledge_entries", "tenant_id = {platform}", &[("tenant_id", "{other}")])),
    ("knowledge_entries_tenant_unique", Like("knowledge_entries", "tenant_id = {platform}", &[])),
    ("knowledge_entries_tenant_fkey", Like("knowledge_entries", "tenant_id = {platform}", &[("id", "{new}"), ("tenant_id", "{new}")])),
    ("knowledge_entries_title_present", Do("UPDATE knowledge_entries SET title = '' WHERE tenant_id = {other}")),
    ("knowledge_entries_title_present", Do("UPDATE knowledge_entries SET title = '{x301}' WHERE tenant_id = {other}")),
    ("knowledge_entries_locale_known", Do("UPDATE knowledge_entries SET locale = 'xx' WHERE tenant_id = {other}")),
    ("knowledge_entries_state_known", Do("UPDATE knowledge_entries SET state = 'approved' WHERE tenant_id = {other}")),
    ("knowledge_entries_approved_when", Do("UPDATE knowledge_entries SET state = 'APPROVED' WHERE state = 'DRAFT'")),
    (
        "passages_pkey",
        Do("INSERT INTO passages (number, tenant_id, entry_id, ordinal, text, terms) {overriding}
            SELECT number, tenant_id, entry_id, 99, text, terms FROM passages WHERE tenant_id = {other}"),
    ),
    ("passages_ordinal_unique", Like("passages", "tenant_id = {other}", &[])),
    ("passages_entry_fkey", Like("passages", "tenant_id = {other}", &[("tenant_id", "{platform}"), ("ordinal", "99")])),
    ("passages_ordinal_positive", Like("passages", "tenant_id = {other}", &[("ordinal", "0")])),
    (
        "passages_of_approved",
        Like("passages", "tenant_id = {other}", &[("entry_id", "(SELECT id FROM knowledge_entries WHERE state = 'DRAFT')")]),
    ),
    ("jobs_pkey", Like("jobs", "tenant_id = {platform}", &[("unique_key", "'another'")])),
    ("jobs_tenant_fkey", Like("jobs", "tenant_id = {platform}", &[("id", "{new}"), ("tenant_id", "{new}"), ("unique_key", "'another'")])),
    ("jobs_key_unique", Like("jobs", "tenant_id = {platform}", &[("id", "{new}")])),
    ("jobs_state_known", Do("UPDATE jobs SET state = 'running' WHERE tenant_id = {platform}")),
    ("jobs_attempt_counts", Do("UPDATE jobs SET attempt = -1 WHERE tenant_id = {platform}")),
    ("jobs_attempt_counts", Do("UPDATE jobs SET max_attempts = 0 WHERE tenant_id = {platform}")),
    ("jobs_attempt_counts", Do("UPDATE jobs SET lease_token = -1 WHERE tenant_id = {platform}")),
    ("jobs_lease_when_leased", Do("UPDATE jobs SET state = 'leased' WHERE tenant_id = {platform}")),
    ("jobs_lease_when_leased", Do("UPDATE jobs SET lease_until = created_at WHERE tenant_id = {platform}")),
    ("jobs_ended_when_over", Do("UPDATE jobs SET state = 'done' WHERE tenant_id = {platform}")),
    ("jobs_ended_when_over", Do("UPDATE jobs SET state = 'dead' WHERE tenant_id = {platform}")),
    ("jobs_ended_when_over", Do("UPDATE jobs SET ended_at = created_at WHERE tenant_id = {platform}")),
    (
        "visitors_pkey",
        Like("visitors", "tenant_id = {other}", &[("id", "(SELECT id FROM visitors WHERE tenant_id = {platform})"), ("key", "{hash}")]),
    ),
    ("visitors_tenant_fkey", Like("visitors", "tenant_id = {platform}", &[("id", "{new}"), ("tenant_id", "{new}")])),
    ("visitors_key_unique", Like("visitors", "tenant_id = {platform}", &[("id", "{new}")])),
    ("visitors_channel_unique", Like("visitors", "tenant_id = {platform}", &[("key", "{hash}")])),
    ("visitors_tenant_unique", Like("visitors", "tenant_id = {platform}", &[("key", "{hash}"), ("channel", "'widget'")])),
    ("visitors_channel_known", Like("visitors", "tenant_id = {platform}", &[("id", "{new}"), ("channel", "'pigeon'")])),
    ("visitors_key_length", Do("UPDATE visitors SET key = substr(key, 1, 31) WHERE tenant_id = {platform}")),
    (
        "conversations_pkey",
        Like(
            "conversations",
            "tenant_id = {other}",
            &[("id", "(SELECT id FROM conversations WHERE tenant_id = {platform})"), ("session_id", "'another'")],
        ),
    ),
    ("conversations_tenant_unique", Like("conversations", "tenant_id = {platform}", &[("session_id", "'another'")])),
    ("conversations_session_unique", Like("conversations", "tenant_id = {platform}", &[("id", "{new}")])),
    ("conversations_visitor_fkey", Like("conversations", "tenant_id = {platform}", &[("id", "{new}"), ("tenant_id", "{other}")])),
    ("conversations_visitor_fkey", Like("conversations", "tenant_id = {platform}", &[("id", "{new}"), ("channel", "'widget'")])),
    ("conversations_session_length", Do("UPDATE conversations SET session_id = '' WHERE tenant_id = {platform}")),
    ("conversations_session_length", Do("UPDATE conversations SET session_id = '{x129}' WHERE tenant_id = {platform}")),
    ("conversations_state_known", Do("UPDATE conversations SET state = 'ai' WHERE tenant_id = {platform}")),
    ("conversations_sequence_counts", Do("UPDATE conversations SET last_sequence = -1 WHERE tenant_id = {platform}")),
    (
        "messages_pkey",
        Like(
            "messages",
            "tenant_id = {other}",
            &[("id", "(SELECT id FROM messages WHERE tenant_id = {platform} AND sequence = 1)"), ("sequence", "99")],
        ),
    ),
    ("messages_tenant_unique", Like("messages", "tenant_id = {platform}", &[("sequence", "99")])),
    ("messages_sequence_unique", Like("messages", "tenant_id = {platform}", &[("id", "{new}")])),
    (
        "messages_conversation_fkey",
        Like("messages", "tenant_id = {platform} AND sequence = 1", &[("id", "{new}"), ("tenant_id", "{other}"), ("sequence", "99")]),
    ),
    (
        "messages_persona_version_fkey",
        Like(
            "messages",
            "tenant_id = {platform} AND sequence = 2",
            &[("id", "{new}"), ("sequence", "99"), ("persona_version_id", "(SELECT id FROM persona_versions WHERE tenant_id = {other})")],
        ),
    ),
    ("messages_sequence_positive", Do("UPDATE messages SET sequence = 0 WHERE tenant_id = {other}")),
    ("messages_role_known", Do("UPDATE messages SET role = 'oracle', status = 'sent' WHERE tenant_id = {other}")),
    ("messages_status_fits", Do("UPDATE messages SET status = 'answered' WHERE role = 'visitor'")),
    ("messages_status_fits", Do("UPDATE messages SET status = 'received' WHERE role = 'assistant'")),
    ("messages_status_fits", Do("UPDATE messages SET role = 'agent' WHERE tenant_id = {other}")),
    ("messages_answer_by_persona", Do("UPDATE messages SET persona_version_id = NULL WHERE role = 'assistant'")),
    ("messages_answer_by_persona", Do("UPDATE messages SET model = NULL WHERE role = 'assistant'")),
    (
        "turns_pkey",
        Like(
            "turns",
            "tenant_id = {platform} AND state = 'live'",
            &[("id", "(SELECT id FROM turns WHERE tenant_id = {other} AND state = 'live')"), ("state", "'waiting'")],
        ),
    ),
    ("turns_answer_unique", Like("turns", "ended_at IS NOT NULL", &[("id", "{new}")])),
    (
        "turns_conversation_fkey",
        Like(
            "turns",
            "tenant_id = {other} AND state = 'waiting'",
            &[("id", "{new}"), ("conversation_id", "(SELECT id FROM conversations WHERE tenant_id = {platform})")],
        ),
    ),
    (
        "turns_question_fkey",
        Like(
            "turns",
            "tenant_id = {platform} AND state = 'live'",
            &[("id", "{new}"), ("question_id", "(SELECT id FROM messages WHERE tenant_id = {other})"), ("state", "'waiting'")],
        ),
    ),
    (
        "turns_answer_fkey",
        Like(
            "turns",
            "ended_at IS NOT NULL",
            &[("id", "{new}"), ("answer_id", "(SELECT id FROM messages WHERE tenant_id = {other})")],
        ),
    ),
    (
        "turns_state_known",
        Like(
            "turns",
            "ended_at IS NOT NULL",
            &[("id", "{new}"), ("state", "'forgotten'"), ("answer_id", "(SELECT id FROM messages WHERE sequence = 3)")],
        ),
    ),
    ("turns_sequence_order", Do("UPDATE turns SET first_sequence = 0 WHERE tenant_id = {other}")),
    ("turns_sequence_order", Do("UPDATE turns SET first_sequence = last_sequence + 1 WHERE tenant_id = {other}")),
    ("turns_restarts_counted", Do("UPDATE turns SET restarts = -1 WHERE tenant_id = {other}")),
    ("turns_ended_with_answer", Do("UPDATE turns SET state = 'answered' WHERE state = 'live'")),
    ("turns_ended_with_answer", Do("UPDATE turns SET ended_at = created_at WHERE state = 'live'")),
    ("turns_ended_with_answer", Do("UPDATE turns SET state = 'failed', ended_at = created_at WHERE state = 'live'")),
    ("turns_ended_with_answer", Do("UPDATE turns SET answer_id = question_id WHERE tenant_id = {platform} AND state = 'live'")),
    ("turns_one_live", Like("turns", "tenant_id = {platform} AND state = 'live'", &[("id", "{new}")])),
    ("turns_one_waiting", Like("turns", "tenant_id = {other} AND state = 'waiting'", &[("id", "{new}")])),
    ("conversations_locale_known", Do("UPDATE conversations SET locale = 'xx' WHERE tenant_id = {platform}")),
    ("turns_locale_known", Do("UPDATE turns SET locale = 'xx' WHERE tenant_id = {platform} AND state = 'live'")),
    ("turns_end_final", Do("UPDATE turns SET restarts = restarts + 1 WHERE ended_at IS NOT NULL")),
    (
        "turns_end_final",
        Do("UPDATE turns SET state = 'live', ended_at = NULL, answer_id = NULL, first_sequence = 1 WHERE ended_at IS NOT NULL"),
    ),
    ("visitors_spent_counts", Do("UPDATE visitors SET spent = -1")),
    (
        "processes_pkey",
        Do("INSERT INTO processes (name, role, version, started_at, seen_at) SELECT 'one', 'api', '1', created_at, created_at FROM tenants"),
    ),
    (
        "processes_role_known",
        Do("INSERT INTO processes (name, role, version, started_at, seen_at) SELECT slug, 'boss', '1', created_at, created_at FROM tenants"),
    ),
    (
        "processes_look_by_workers",
        Do("INSERT INTO processes (name, role, version, started_at, seen_at, last_look_at)
            SELECT slug, 'api', '1', created_at, created_at, created_at FROM tenants"),
    ),
    ("pricebook_versions_pkey", Like("pricebook_versions", "number = 1", &[("effective_from", "(SELECT max(published_at) + {hour} FROM pricebook_versions)")])),
    ("pricebook_versions_one_at_a_time", Like("pricebook_versions", "number = 1", &[("number", "9")])),
    ("pricebook_versions_number_positive", Like("pricebook_versions", "number = 1", &[("number", "0"), ("withdrawn_at", "published_at - {hour}")])),
    ("pricebook_versions_hash_length", Like("pricebook_versions", "number = 1", &[("number", "9"), ("effective_from", "published_at + {hour}"), ("content_hash", "substr(content_hash, 1, 31)")])),
    ("pricebook_versions_effective_after_publication", Like("pricebook_versions", "number = 1", &[("number", "9"), ("effective_from", "published_at - {hour}")])),
    ("pricebook_versions_withdrawn_before_effect", Do("UPDATE pricebook_versions SET withdrawn_at = effective_from")),
    ("pricebook_versions_immutable", Do("UPDATE pricebook_versions SET content = '{}'")),
    ("pricebook_versions_immutable", Do("UPDATE pricebook_versions SET effective_from = effective_from + {hour}")),
    ("pricebook_versions_immutable", Do("DELETE FROM pricebook_versions")),
    (
        "pricebook_versions_withdrawn_once",
        Do("UPDATE pricebook_versions SET withdrawn_at = effective_from - {hour}; UPDATE pricebook_versions SET withdrawn_at = NULL"),
    ),
    ("pricebook_log_pkey", Like("pricebook_log", "line = 1", &[])),
    ("pricebook_log_version_fkey", Like("pricebook_log", "line = 1", &[("line", "9"), ("number", "9")])),
    ("pricebook_log_line_positive", Like("pricebook_log", "line = 1", &[("line", "0")])),
    ("pricebook_log_kind_known", Like("pricebook_log", "line = 1", &[("line", "9"), ("kind", "'FORGOTTEN'")])),
    ("pricebook_log_hash_length", Like("pricebook_log", "line = 1", &[("line", "9"), ("hash", "substr(hash, 1, 31)")])),
    ("pricebook_log_append_only", Do("UPDATE pricebook_log SET line = 2")),
    ("pricebook_log_append_only", Do("DELETE FROM pricebook_log")),
    ("users_pkey", Like("users", "email = 'owner@localhost'", &[("email", "'third@example.com'")])),
    ("users_email_unique", Like("users", "email = 'owner@localhost'", &[("id", "{new}")])),
    ("users_email_form", Do("UPDATE users SET email = 'Owner@localhost' WHERE email = 'owner@localhost'")),
    ("users_email_form", Do("UPDATE users SET email = ' owner@localhost' WHERE email = 'owner@localhost'")),
    ("users_email_form", Do("UPDATE users SET email = 'owner' WHERE email = 'owner@localhost'")),
    ("users_email_form", Do("UPDATE users SET email = '{x255}@localhost' WHERE email = 'owner@localhost'")),
    ("users_name_present", Do("UPDATE users SET name = ''")),
    ("users_name_present", Do("UPDATE users SET name = '{x201}'")),
    ("users_password_hashed", Do("UPDATE users SET password_hash = 'an owner''s own words'")),
    ("staff_pkey", Like("staff", "true", &[])),
    ("staff_user_fkey", Like("staff", "true", &[("user_id", "{new}")])),
    ("staff_role_known", Do("UPDATE staff SET role = 'emperor'")),
    ("sessions_pkey", Like("sessions", "true", &[("token_hash", "{hash}")])),
    ("sessions_token_unique", Like("sessions", "true", &[("id", "{new}")])),
    ("sessions_user_fkey", Like("sessions", "true", &[("id", "{new}"), ("token_hash", "{hash}"), ("user_id", "{new}")])),
    ("sessions_token_length", Do("UPDATE sessions SET token_hash = substr(token_hash, 1, 31)")),
    ("sessions_audience_known", Do("UPDATE sessions SET audience = 'everybody'")),
    ("sessions_kind_known", Do("UPDATE sessions SET kind = 'ticket'")),
    ("sessions_end_after_beginning", Do("UPDATE sessions SET expires_at = created_at")),
    ("devices_pkey", Like("devices", "true", &[("token_hash", "{hash}")])),
    ("devices_token_unique", Like("devices", "true", &[("id", "{new}")])),
    ("devices_user_fkey", Like("devices", "true", &[("id", "{new}"), ("token_hash", "{hash}"), ("user_id", "{new}")])),
    ("devices_token_length", Do("UPDATE devices SET token_hash = substr(token_hash, 1, 31)")),
    ("login_attempts_pkey", Like("login_attempts", "true", &[])),
    ("login_attempts_key_length", Do("UPDATE login_attempts SET key = substr(key, 1, 31)")),
    ("login_attempts_counted", Do("UPDATE login_attempts SET count = -1")),
    ("idempotency_keys_pkey", Like("idempotency_keys", "tenant_id = {platform}", &[])),
    (
        "idempotency_keys_visitor_fkey",
        Like("idempotency_keys", "tenant_id = {platform}", &[("visitor_id", "(SELECT id FROM visitors WHERE tenant_id = {other} LIMIT 1)")]),
    ),
    (
        "idempotency_keys_message_fkey",
        Like(
            "idempotency_keys",
            "tenant_id = {platform}",
            &[("key", "'another'"), ("message_id", "(SELECT id FROM messages WHERE tenant_id = {other})")],
        ),
    ),
    ("idempotency_keys_key_length", Do("UPDATE idempotency_keys SET key = '' WHERE tenant_id = {platform}")),
    ("idempotency_keys_key_length", Do("UPDATE idempotency_keys SET key = '{x129}' WHERE tenant_id = {platform}")),
    ("idempotency_keys_hash_length", Do("UPDATE idempotency_keys SET body_hash = substr(body_hash, 1, 31) WHERE tenant_id = {platform}")),
];

/// Keys that are there for foreign keys to point at. They hold an id that is unique by itself, so the primary key is broken
/// whenever they are, and the engine may name either.
const IMPLIED: &[(&str, &str)] = &[
    ("conversations_tenant_unique", "conversations_pkey"),
    ("credit_grants_tenant_unique", "credit_grants_pkey"),
    ("credit_holds_tenant_unique", "credit_holds_pkey"),
    ("invitations_tenant_unique", "invitations_pkey"),
    ("widget_keys_tenant_unique", "widget_keys_pkey"),
    ("knowledge_entries_tenant_unique", "knowledge_entries_pkey"),
    ("messages_tenant_unique", "messages_pkey"),
    ("persona_versions_tenant_unique", "persona_versions_pkey"),
    ("personas_tenant_unique", "personas_pkey"),
    ("privacy_receipts_tenant_unique", "privacy_receipts_pkey"),
    ("turns_tenant_unique", "turns_pkey"),
    ("visitors_channel_unique", "visitors_pkey"),
    ("visitors_tenant_unique", "visitors_pkey"),
];

/// The names a broken rule may be reported under; `None` is no name.
fn reports(name: &'static str) -> Vec<Option<&'static str>> {
    let mut accepted = vec![Some(name)];
    accepted.extend(IMPLIED.iter().filter(|(implied, _)| *implied == name).map(|(_, key)| Some(*key)));
    accepted
}

/// The statement for an engine.
fn statement(store: Store, catalog: &Catalog, breach: &Breach) -> String {
    let text = match breach {
        Do(text) => (*text).to_owned(),
        Like(table, condition, changes) => {
            let columns: Vec<&str> = catalog["columns"]
                .iter()
                .map(|line| line.split(' ').collect::<Vec<_>>())
                // Passages are numbered by the store.
                .filter(|words| words[0] == *table && (words[0], words[2]) != ("passages", "number"))
                .map(|words| words[2])
                .collect();
            for (column, _) in *changes {
                assert!(columns.contains(column), "{table} has no column {column}");
            }
            let values: Vec<&str> = columns
                .iter()
                .map(|column| changes.iter().find(|(changed, _)| changed == column).map_or(*column, |(_, value)| *value))
                .collect();
            format!(
                "INSERT INTO {table} ({}) SELECT {} FROM {table} WHERE {condition} LIMIT 1",
                columns.join(", "),
                values.join(", ")
            )
        }
    };
    let (new, hash, overriding, hour) = match store {
        Store::Sqlite => ("randomblob(16)", "zeroblob(32)", "", "3600000000"),
        Store::Postgres => {
            ("gen_random_uuid()", "decode(repeat('00', 32), 'hex')", "OVERRIDING SYSTEM VALUE", "interval '1 hour'")
        }
    };
    let mut text = text
        .replace("{new}", new)
        .replace("{hash}", hash)
        .replace("{overriding}", overriding)
        .replace("{hour}", hour)
        .replace("{platform}", "(SELECT platform_tenant_id FROM installation)")
        .replace("{other}", "(SELECT id FROM tenants WHERE slug = 'other')");
    for length in [64, 101, 129, 201, 255, 301, 501, 1001, 2001, 4001] {
        text = text.replace(&format!("{{x{length}}}"), &"x".repeat(length));
    }
    text
}

on_both_stores! {
    async fn every_named_rule_refuses_on_both_stores(store) {
        let mut office = Office::new(store).idle().start().await;
        office.db_tenant("other", true, &[("A title", "Some text here.")]).await;
        let mine = json!({"message": "hi", "session_id": "s", "client_message_id": "k"});
        assert_eq!(office.visitor().drop_off(mine).await.status, 202);
        let theirs = json!({"message": "hi", "session_id": "s", "business_id": "other"});
        assert_eq!(office.visitor().drop_off(theirs).await.status, 202);
        office.owner().await;
        let catalog = catalog(&office.database).await;
        for breach in BASE.iter().chain(credits::BASE).chain(access::BASE).chain(portal::BASE).chain(privacy::BASE).chain(prices::BASE).chain(widget::BASE) {
            office.database.db_do(&statement(store, &catalog, breach)).await;
        }
        let before = office.database.db_dump().await;
        let mut wrong = Vec::new();
        for (name, breach) in RULES.iter().chain(credits::RULES).chain(access::RULES).chain(portal::RULES).chain(privacy::RULES).chain(prices::RULES).chain(widget::RULES) {
            let statement = statement(store, &catalog, breach);
            // Never committed, so that a rule that lets something through spoils nothing for those after it.
            match office.database.db_try(&format!("BEGIN; {statement}")).await {
                Ok(()) => wrong.push(format!("{name} let this through: {statement}")),
                Err(error) => {
                    let reported = rule::broken(&error);
                    if !reports(name).contains(&reported.as_deref()) {
                        wrong.push(format!("{name} was reported as {reported:?} ({error}): {statement}"));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!(office.database.db_dump().await, before);
        let tried: BTreeSet<String> = RULES.iter().chain(credits::RULES).chain(access::RULES).chain(portal::RULES).chain(privacy::RULES).chain(prices::RULES).chain(widget::RULES).map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(tried, names(&catalog), "the rules tried here, then those of the store");
        // Nobody works here, so the queue is not empty and the turns made by hand have no jobs.
        office.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_names_given_to_unique_keys_are_those_postgres_has() {
    let office = Office::new(Store::Postgres).start().await;
    // Every unique key but the ids rows have by themselves, as the names are given: columns, then name.
    let query = format!(
        "SELECT concat(string_agg(concat(t.relname, '.', c.attname), ', ' ORDER BY k.n), ' = ', x.relname) AS value
         FROM pg_class t JOIN pg_index i ON i.indrelid = t.oid AND i.indisunique JOIN pg_class x ON x.oid = i.indexrelid
             CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, n)
             JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum = k.number
         WHERE {OURS_ON_POSTGRES}
         GROUP BY x.relname, i.indexrelid, i.indisprimary
         HAVING NOT (i.indisprimary AND count(*) = 1 AND min(c.attname::text) IN ('id'))"
    );
    let keys: BTreeSet<String> = office.database.db_texts(&query).await.into_iter().collect();
    let given: BTreeSet<String> = rule::UNIQUE.iter().map(|(columns, name)| format!("{columns} = {name}")).collect();
    assert_eq!(given.len(), rule::UNIQUE.len(), "no key is named twice");
    assert_eq!(given.difference(&keys).collect::<Vec<_>>(), Vec::<&String>::new(), "names of keys that are not there");
    let nameless = keys.iter().filter(|key| !given.contains(*key));
    assert_eq!(nameless.collect::<Vec<_>>(), Vec::<&String>::new(), "keys without a name");
    office.finish().await;
}
