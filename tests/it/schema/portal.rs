//! What breaks the rules of what a portal works with.

use super::Breach::{self, Do, Like};

/// What must be there besides: a key for something that was made, and a note.
pub(super) const BASE: &[Breach] = &[
    Do("INSERT INTO mutation_keys (tenant_id, caller, key, body_hash, subject_id, created_at)
        SELECT {other}, 'staff', 'k', {hash}, {new}, created_at FROM tenants WHERE id = {other}"),
    Do("INSERT INTO conversation_notes (id, tenant_id, conversation_id, author, author_id, text, created_at)
        SELECT {new}, tenant_id, id, 'member', {new}, 'Ask again.', created_at FROM conversations WHERE tenant_id = {other}"),
];

/// For every rule with a name, what breaks it and nothing else.
pub(super) const RULES: &[(&str, Breach)] = &[
    ("tenants_away_text_length", Do("UPDATE tenants SET away_text = '' WHERE id = {other}")),
    ("tenants_away_text_length", Do("UPDATE tenants SET away_text = '{x1001}' WHERE id = {other}")),
    ("tenants_revision_counts", Do("UPDATE tenants SET revision = 0 WHERE id = {other}")),
    ("mutation_keys_pkey", Like("mutation_keys", "true", &[])),
    ("mutation_keys_tenant_fkey", Like("mutation_keys", "true", &[("tenant_id", "{new}")])),
    ("mutation_keys_key_length", Like("mutation_keys", "true", &[("key", "''")])),
    ("mutation_keys_key_length", Like("mutation_keys", "true", &[("key", "'{x129}'")])),
    ("mutation_keys_hash_length", Like("mutation_keys", "true", &[("key", "'l'"), ("body_hash", "substr(body_hash, 1, 31)")])),
    ("personas_default_in_use", Do("UPDATE personas SET archived_at = created_at WHERE tenant_id = {other}")),
    (
        "persona_versions_author_known",
        Like("persona_versions", "tenant_id = {platform}", &[("id", "{new}"), ("number", "99"), ("author", "'somebody'")]),
    ),
    (
        "persona_versions_note_length",
        Like("persona_versions", "tenant_id = {platform}", &[("id", "{new}"), ("number", "99"), ("note", "''")]),
    ),
    (
        "persona_versions_note_length",
        Like("persona_versions", "tenant_id = {platform}", &[("id", "{new}"), ("number", "99"), ("note", "'{x501}'")]),
    ),
    (
        "persona_versions_restored_earlier",
        Like("persona_versions", "tenant_id = {platform}", &[("id", "{new}"), ("number", "99"), ("restored_from", "99")]),
    ),
    (
        "persona_versions_restored_earlier",
        Like("persona_versions", "tenant_id = {platform}", &[("id", "{new}"), ("number", "99"), ("restored_from", "0")]),
    ),
    ("knowledge_entries_revision_counts", Do("UPDATE knowledge_entries SET revision = 0 WHERE tenant_id = {other}")),
    (
        "conversations_assignee_fkey",
        Like("conversations", "tenant_id = {other}", &[("id", "{new}"), ("session_id", "'t'"), ("assignee_id", "{new}")]),
    ),
    (
        "conversations_persona_fkey",
        Like(
            "conversations",
            "tenant_id = {other}",
            &[("id", "{new}"), ("session_id", "'t'"), ("persona_id", "(SELECT id FROM personas WHERE tenant_id = {platform})")],
        ),
    ),
    ("conversations_draft_of_persona", Do("UPDATE conversations SET draft = '{}' WHERE tenant_id = {other}")),
    ("conversation_notes_pkey", Like("conversation_notes", "true", &[])),
    ("conversation_notes_conversation_fkey", Like("conversation_notes", "true", &[("id", "{new}"), ("tenant_id", "{platform}")])),
    ("conversation_notes_author_known", Do("UPDATE conversation_notes SET author = 'visitor'")),
    ("conversation_notes_text_length", Do("UPDATE conversation_notes SET text = ''")),
    ("conversation_notes_text_length", Do("UPDATE conversation_notes SET text = '{x4001}'")),
];
