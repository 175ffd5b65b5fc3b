//! What breaks the rules of what a portal works with.

use super::Breach::{self, Do, Like};

/// What must be there besides: a key for something that was made, and a note.
pub(super) const BASE: &[Breach] = &[
    Do("INSERT INTO mutation_keys (tenant_id, caller, key, body_hash, subject_id, created_at)
        SELECT {other}, 'staff', 'k', {hash}, {new}, created_at FROM tenants WHERE id = {other}"),
    Do("INSERT INTO conversation_notes (id, tenant_id, conversation_id, author, author_id, text, created_at)
        SELECT {new}, tenant_id, id, 'member', {new}, 'Ask again.', created_at FROM conversations WHERE tenant_id = {other}"),
    Do("INSERT INTO widget_origins (tenant_id, widget_key_id, origin)
        SELECT tenant_id, id, 'https://shop.example.com' FROM widget_keys WHERE tenant_id = {platform}"),
];

/// A key that nothing else has.
const OTHER_KEY: (&str, &str) = ("key", "'pk_live_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'");

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
    ("conversations_overdue_waits", Do("UPDATE conversations SET overdue_at = created_at WHERE tenant_id = {other}")),
    ("conversations_title_length", Do("UPDATE conversations SET title = '' WHERE tenant_id = {other}")),
    ("conversations_contact_length", Do("UPDATE conversations SET contact_email = 'a@' WHERE tenant_id = {other}")),
    ("conversations_rating_known", Do("UPDATE conversations SET rating = 'fine' WHERE tenant_id = {other}")),
    ("conversations_comment_on_rating", Do("UPDATE conversations SET rating_comment = 'x' WHERE tenant_id = {other}")),
    ("tenants_wait_bounded", Do("UPDATE tenants SET wait_seconds = 29 WHERE id = {other}")),
    ("tenants_wait_bounded", Do("UPDATE tenants SET wait_seconds = 86401 WHERE id = {other}")),
    ("messages_verdict_on_answer", Do("UPDATE messages SET verdict = sources WHERE role = 'visitor'")),
    (
        "persona_versions_grounding_known",
        Like("persona_versions", "tenant_id = {platform}", &[("id", "{new}"), ("number", "99"), ("grounding", "'LOOSE'")]),
    ),
    ("messages_written_by_agent", Do("UPDATE messages SET author = 'member' WHERE role = 'visitor'")),
    (
        "messages_written_by_agent",
        Like(
            "messages",
            "role = 'visitor' AND tenant_id = {other}",
            &[("id", "{new}"), ("sequence", "99"), ("role", "'agent'"), ("status", "'sent'")],
        ),
    ),
    (
        "messages_author_known",
        Like(
            "messages",
            "role = 'visitor' AND tenant_id = {other}",
            &[("id", "{new}"), ("sequence", "99"), ("role", "'agent'"), ("status", "'sent'"), ("author", "'visitor'")],
        ),
    ),
    ("messages_rating_known", Do("UPDATE messages SET rating = 'up' WHERE role = 'visitor'")),
    ("messages_rating_known", Do("UPDATE messages SET rating = 'fine' WHERE role = 'assistant'")),
    ("turns_stopped_by_visitor", Do("UPDATE turns SET state = 'stopped', ended_at = created_at WHERE state = 'live'")),
    ("turns_ended_with_answer", Do("UPDATE turns SET state = 'human' WHERE state = 'live'")),
    (
        "turns_ended_with_answer",
        Do(
            "UPDATE turns SET state = 'human', ended_at = created_at, answer_id = question_id WHERE tenant_id = {platform} AND state = 'live'",
        ),
    ),
    ("conversation_notes_pkey", Like("conversation_notes", "true", &[])),
    ("conversation_notes_conversation_fkey", Like("conversation_notes", "true", &[("id", "{new}"), ("tenant_id", "{platform}")])),
    ("conversation_notes_author_known", Do("UPDATE conversation_notes SET author = 'visitor'")),
    ("conversation_notes_text_length", Do("UPDATE conversation_notes SET text = ''")),
    ("conversation_notes_text_length", Do("UPDATE conversation_notes SET text = '{x4001}'")),
    ("tenants_ai_notice_length", Do("UPDATE tenants SET ai_notice = '' WHERE id = {other}")),
    ("tenants_ai_notice_length", Do("UPDATE tenants SET ai_notice = '{x501}' WHERE id = {other}")),
    ("widget_keys_pkey", Like("widget_keys", "tenant_id = {platform}", &[OTHER_KEY, ("tenant_id", "{other}")])),
    ("widget_keys_tenant_unique", Like("widget_keys", "tenant_id = {platform}", &[OTHER_KEY])),
    ("widget_keys_key_unique", Like("widget_keys", "tenant_id = {platform}", &[("id", "{new}")])),
    (
        "widget_keys_tenant_fkey",
        Like("widget_keys", "tenant_id = {platform}", &[OTHER_KEY, ("id", "{new}"), ("tenant_id", "{new}")]),
    ),
    ("widget_keys_key_form", Do("UPDATE widget_keys SET key = 'pk_test_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'")),
    ("widget_keys_key_form", Do("UPDATE widget_keys SET key = 'pk_live_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'")),
    ("widget_keys_name_present", Do("UPDATE widget_keys SET name = ''")),
    ("widget_keys_name_present", Do("UPDATE widget_keys SET name = '{x201}'")),
    ("widget_keys_revision_positive", Do("UPDATE widget_keys SET revision = 0")),
    ("widget_origins_pkey", Like("widget_origins", "true", &[])),
    (
        "widget_origins_key_fkey",
        Like("widget_origins", "true", &[("tenant_id", "{other}"), ("origin", "'https://b.example.com'")]),
    ),
    ("widget_origins_key_fkey", Like("widget_origins", "true", &[("widget_key_id", "{new}")])),
    ("widget_origins_origin_form", Do("UPDATE widget_origins SET origin = 'shop.example.com'")),
    ("widget_origins_origin_form", Do("UPDATE widget_origins SET origin = 'https://{x501}'")),
    (
        "persona_versions_model_length",
        Like("persona_versions", "tenant_id = {platform}", &[("id", "{new}"), ("number", "99"), ("model", "''")]),
    ),
    (
        "persona_versions_temperature_bounded",
        Like("persona_versions", "tenant_id = {platform}", &[("id", "{new}"), ("number", "99"), ("temperature", "201")]),
    ),
    (
        "persona_versions_temperature_bounded",
        Like("persona_versions", "tenant_id = {platform}", &[("id", "{new}"), ("number", "99"), ("temperature", "-1")]),
    ),
    (
        "persona_versions_language_known",
        Like("persona_versions", "tenant_id = {platform}", &[("id", "{new}"), ("number", "99"), ("language", "'tlh'")]),
    ),
    ("jobs_lane_length", Do("UPDATE jobs SET lane = ''")),
    ("turns_model_length", Do("UPDATE turns SET model = '' WHERE state = 'live'")),
];
