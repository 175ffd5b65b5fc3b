//! What breaks the rules of privacy.

use super::Breach::{self, Do, Like};

/// What must be there besides: the receipt for the erasure of the other tenant's visitor.
pub(super) const BASE: &[Breach] = &[Do("INSERT INTO privacy_receipts (id, tenant_id, kind, visitor_id, conversations, messages, reason, author,
        author_id, created_at)
    SELECT {new}, tenant_id, 'erasure', id, 1, 2, 'Asked for.', 'member', {new}, created_at FROM visitors WHERE tenant_id = {other}")];

/// For every rule with a name, what breaks it and nothing else.
pub(super) const RULES: &[(&str, Breach)] = &[
    (
        "privacy_receipts_pkey",
        Like(
            "privacy_receipts",
            "true",
            &[("tenant_id", "{platform}"), ("visitor_id", "(SELECT id FROM visitors WHERE tenant_id = {platform} LIMIT 1)")],
        ),
    ),
    ("privacy_receipts_tenant_unique", Like("privacy_receipts", "true", &[("kind", "'export'")])),
    (
        "privacy_receipts_tenant_fkey",
        Like(
            "privacy_receipts",
            "true",
            &[("id", "{new}"), ("tenant_id", "{new}"), ("kind", "'retention'"), ("visitor_id", "NULL")],
        ),
    ),
    (
        "privacy_receipts_visitor_fkey",
        Like(
            "privacy_receipts",
            "true",
            &[("id", "{new}"), ("visitor_id", "(SELECT id FROM visitors WHERE tenant_id = {platform} LIMIT 1)")],
        ),
    ),
    ("privacy_receipts_one_erasure", Like("privacy_receipts", "true", &[("id", "{new}")])),
    ("privacy_receipts_kind_known", Like("privacy_receipts", "true", &[("id", "{new}"), ("kind", "'gift'")])),
    ("privacy_receipts_visitor_named", Like("privacy_receipts", "true", &[("id", "{new}"), ("kind", "'retention'")])),
    ("privacy_receipts_visitor_named", Like("privacy_receipts", "true", &[("id", "{new}"), ("visitor_id", "NULL")])),
    (
        "privacy_receipts_counted",
        Like("privacy_receipts", "true", &[("id", "{new}"), ("kind", "'export'"), ("conversations", "-1")]),
    ),
    ("privacy_receipts_counted", Like("privacy_receipts", "true", &[("id", "{new}"), ("kind", "'export'"), ("messages", "-1")])),
    (
        "privacy_receipts_reason_length",
        Like("privacy_receipts", "true", &[("id", "{new}"), ("kind", "'export'"), ("reason", "''")]),
    ),
    (
        "privacy_receipts_reason_length",
        Like("privacy_receipts", "true", &[("id", "{new}"), ("kind", "'export'"), ("reason", "'{x501}'")]),
    ),
    (
        "privacy_receipts_author_known",
        Like("privacy_receipts", "true", &[("id", "{new}"), ("kind", "'export'"), ("author", "'visitor'")]),
    ),
    (
        "privacy_receipts_author_named",
        Like("privacy_receipts", "true", &[("id", "{new}"), ("kind", "'export'"), ("author_id", "NULL")]),
    ),
    ("privacy_receipts_append_only", Do("UPDATE privacy_receipts SET messages = 1")),
    ("privacy_receipts_append_only", Do("DELETE FROM privacy_receipts")),
    ("conversations_erased_empty", Do("UPDATE conversations SET erased_at = created_at WHERE tenant_id = {other}")),
    (
        "conversations_erased_empty",
        Do("UPDATE conversations SET state = 'RESOLVED', erased_at = created_at, title = 'Soup' WHERE tenant_id = {other}"),
    ),
    (
        "conversations_erased_empty",
        Do(
            "UPDATE conversations SET state = 'RESOLVED', erased_at = created_at, contact_email = 'a@b.example' WHERE tenant_id = {other}",
        ),
    ),
    (
        "conversations_erased_empty",
        Do(
            "UPDATE conversations SET state = 'RESOLVED', erased_at = created_at, rating = 'up', rating_comment = 'x' WHERE tenant_id = {other}",
        ),
    ),
    (
        "conversations_erased_empty",
        Do(
            "UPDATE conversations SET state = 'RESOLVED', erased_at = created_at, waiting_since = created_at WHERE tenant_id = {other}",
        ),
    ),
    (
        "conversations_erased_empty",
        Do("UPDATE conversations SET state = 'RESOLVED', erased_at = created_at, draft = '{\"tone\":\"x\"}',
            persona_id = (SELECT id FROM personas WHERE tenant_id = {other} LIMIT 1) WHERE tenant_id = {other}"),
    ),
    ("tenants_erased_closed", Do("UPDATE tenants SET erased_at = created_at WHERE id = {other}")),
];
