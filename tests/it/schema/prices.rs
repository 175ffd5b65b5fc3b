//! What breaks the rules of drafts, publications, subscriptions and statements.

use super::Breach::{self, Do, Like};

/// What must be there besides: a draft that somebody began, a publication, and a statement of the other tenant's first period.
pub(super) const BASE: &[Breach] = &[
    Do("INSERT INTO pricebook_drafts (slot, id, revision, content, content_hash, note, policy, based_on, created_at, changed_at)
        SELECT 1, {new}, 1, content, content_hash, '', 'AT_RENEWAL', 1, published_at, published_at FROM pricebook_versions"),
    Do("INSERT INTO pricebook_steps (id, draft_id, kind, actor, actor_id, revision, content_hash, created_at)
        SELECT {new}, id, 'CREATED', 'staff', {new}, 1, content_hash, created_at FROM pricebook_drafts"),
    Do("INSERT INTO pricebook_governance (slot, four_eyes, changed_at) SELECT 1, true, created_at FROM pricebook_drafts"),
    Do("INSERT INTO pricebook_publications (number, seen, moved, created_at) SELECT 1, 0, 0, created_at FROM pricebook_drafts"),
    Do("INSERT INTO statements (tenant_id, period_from, period_to, currency, total, created_at)
        SELECT tenant_id, period_from, period_to, 'USD', 1, period_to FROM credit_accounts WHERE tenant_id = {other}"),
    Do("INSERT INTO statement_lines (tenant_id, period_from, number, kind, plan, pricebook_version, line_from, line_to, amount)
        SELECT tenant_id, period_from, 1, 'plan', 'pro', 1, period_from, period_to, 1 FROM statements"),
];

/// For every rule with a name, what breaks it and nothing else.
pub(super) const RULES: &[(&str, Breach)] = &[
    (
        "pricebook_versions_policy_known",
        Like(
            "pricebook_versions",
            "number = 1",
            &[("number", "9"), ("effective_from", "published_at + {hour}"), ("policy", "'NOBODY'")],
        ),
    ),
    (
        "pricebook_versions_restored_earlier",
        Like(
            "pricebook_versions",
            "number = 1",
            &[("number", "9"), ("effective_from", "published_at + {hour}"), ("restored_from", "9")],
        ),
    ),
    // Not approved; then approved, but for other customers.
    (
        "pricebook_versions_approved",
        Like(
            "pricebook_versions",
            "number = 1",
            &[
                ("number", "9"),
                ("effective_from", "published_at + {hour}"),
                ("policy", "'AT_RENEWAL'"),
                ("draft_id", "(SELECT id FROM pricebook_drafts)"),
            ],
        ),
    ),
    (
        "pricebook_versions_approved",
        Do(
            "UPDATE pricebook_drafts SET submitted_at = created_at, approved_at = created_at, approved_hash = content_hash; INSERT INTO pricebook_versions (number, content, content_hash, note, effective_from, published_at, policy, draft_id) SELECT 9, content, content_hash, note, effective_from + {hour}, published_at, 'ALL_CUSTOMERS', (SELECT id FROM pricebook_drafts) FROM pricebook_versions",
        ),
    ),
    ("pricebook_versions_immutable", Do("UPDATE pricebook_versions SET policy = 'ALL_CUSTOMERS'")),
    ("pricebook_versions_immutable", Do("UPDATE pricebook_versions SET restored_from = 0")),
    ("pricebook_versions_immutable", Do("UPDATE pricebook_versions SET draft_id = {new}")),
    ("pricebook_drafts_pkey", Like("pricebook_drafts", "true", &[("id", "{new}")])),
    ("pricebook_drafts_one_at_most", Like("pricebook_drafts", "true", &[("slot", "2")])),
    ("pricebook_drafts_revision_positive", Do("UPDATE pricebook_drafts SET revision = 0")),
    ("pricebook_drafts_hash_length", Do("UPDATE pricebook_drafts SET content_hash = substr(content_hash, 1, 31)")),
    ("pricebook_drafts_note_length", Do("UPDATE pricebook_drafts SET note = '{x2001}'")),
    ("pricebook_drafts_policy_known", Do("UPDATE pricebook_drafts SET policy = 'NOBODY'")),
    (
        "pricebook_drafts_based_on_fkey",
        Do(
            "DELETE FROM pricebook_drafts; INSERT INTO pricebook_drafts (slot, id, revision, content, content_hash, note, policy, based_on, created_at, changed_at) SELECT 1, {new}, 1, content, content_hash, '', 'AT_RENEWAL', 9, published_at, published_at FROM pricebook_versions",
        ),
    ),
    (
        "pricebook_drafts_restored_from_fkey",
        Do(
            "DELETE FROM pricebook_drafts; INSERT INTO pricebook_drafts (slot, id, revision, content, content_hash, note, policy, based_on, restored_from, created_at, changed_at) SELECT 1, {new}, 1, content, content_hash, '', 'AT_RENEWAL', 1, 9, published_at, published_at FROM pricebook_versions",
        ),
    ),
    (
        "pricebook_drafts_approved_in_review",
        Do("UPDATE pricebook_drafts SET approved_at = created_at, approved_hash = content_hash"),
    ),
    ("pricebook_drafts_approved_as_is", Do("UPDATE pricebook_drafts SET submitted_at = created_at, approved_at = created_at")),
    (
        "pricebook_drafts_approved_as_is",
        Do("UPDATE pricebook_drafts SET submitted_at = created_at, approved_hash = content_hash"),
    ),
    (
        "pricebook_drafts_approved_as_is",
        Do("UPDATE pricebook_drafts SET submitted_at = created_at, approved_at = created_at, approved_hash = {hash}"),
    ),
    ("pricebook_drafts_approved_for_instant", Do("UPDATE pricebook_drafts SET approved_for = created_at")),
    (
        "pricebook_drafts_frozen",
        Do("UPDATE pricebook_drafts SET submitted_at = created_at; UPDATE pricebook_drafts SET content = '{}'"),
    ),
    (
        "pricebook_drafts_frozen",
        Do("UPDATE pricebook_drafts SET submitted_at = created_at; UPDATE pricebook_drafts SET note = 'x'"),
    ),
    (
        "pricebook_drafts_frozen",
        Do("UPDATE pricebook_drafts SET submitted_at = created_at; UPDATE pricebook_drafts SET policy = 'ALL_CUSTOMERS'"),
    ),
    ("pricebook_steps_pkey", Like("pricebook_steps", "true", &[])),
    (
        "pricebook_steps_version_fkey",
        Like("pricebook_steps", "true", &[("id", "{new}"), ("kind", "'PUBLISHED'"), ("number", "9")]),
    ),
    ("pricebook_steps_kind_known", Like("pricebook_steps", "true", &[("id", "{new}"), ("kind", "'FORGOTTEN'")])),
    ("pricebook_steps_actor_known", Like("pricebook_steps", "true", &[("id", "{new}"), ("actor", "'member'")])),
    ("pricebook_steps_actor_named", Like("pricebook_steps", "true", &[("id", "{new}"), ("actor_id", "NULL")])),
    (
        "pricebook_steps_hash_length",
        Like("pricebook_steps", "true", &[("id", "{new}"), ("content_hash", "substr(content_hash, 1, 31)")]),
    ),
    ("pricebook_steps_version_named", Like("pricebook_steps", "true", &[("id", "{new}"), ("number", "1")])),
    ("pricebook_steps_version_named", Like("pricebook_steps", "true", &[("id", "{new}"), ("kind", "'WITHDRAWN'")])),
    ("pricebook_steps_comment_length", Like("pricebook_steps", "true", &[("id", "{new}"), ("comment", "''")])),
    ("pricebook_steps_comment_length", Like("pricebook_steps", "true", &[("id", "{new}"), ("comment", "'{x501}'")])),
    ("pricebook_steps_eyes_counted", Like("pricebook_steps", "true", &[("id", "{new}"), ("kind", "'APPROVED'")])),
    ("pricebook_steps_eyes_counted", Like("pricebook_steps", "true", &[("id", "{new}"), ("four_eyes", "false")])),
    (
        "pricebook_steps_four_eyes",
        Like("pricebook_steps", "true", &[("id", "{new}"), ("kind", "'APPROVED'"), ("four_eyes", "true")]),
    ),
    // The same person at a terminal.
    (
        "pricebook_steps_four_eyes",
        Like("pricebook_steps", "true", &[("id", "{new}"), ("kind", "'APPROVED'"), ("four_eyes", "true"), ("actor", "'local'")]),
    ),
    ("pricebook_steps_append_only", Do("UPDATE pricebook_steps SET revision = 2")),
    ("pricebook_steps_append_only", Do("DELETE FROM pricebook_steps")),
    ("pricebook_governance_pkey", Like("pricebook_governance", "true", &[])),
    ("pricebook_governance_one_at_most", Like("pricebook_governance", "true", &[("slot", "2")])),
    ("pricebook_publications_pkey", Like("pricebook_publications", "true", &[])),
    ("pricebook_publications_version_fkey", Like("pricebook_publications", "true", &[("number", "9")])),
    ("pricebook_publications_counted", Do("UPDATE pricebook_publications SET moved = 1")),
    ("pricebook_publications_counted", Do("UPDATE pricebook_publications SET moved = -1")),
    ("pricebook_publications_counted", Do("UPDATE pricebook_publications SET total = -1")),
    ("pricebook_publications_finished_counted", Do("UPDATE pricebook_publications SET finished_at = created_at")),
    (
        "pricebook_publications_finished",
        Do(
            "UPDATE pricebook_publications SET total = 0, finished_at = created_at; UPDATE pricebook_publications SET finished_at = NULL",
        ),
    ),
    ("subscriptions_next_plan_paid", Do("UPDATE subscriptions SET next_plan = 'pro', ends_at = started_at + {hour}")),
    ("subscription_segments_pkey", Like("subscription_segments", "tenant_id = {other}", &[])),
    ("subscription_segments_tenant_fkey", Like("subscription_segments", "tenant_id = {other}", &[("tenant_id", "{new}")])),
    (
        "subscription_segments_version_fkey",
        Like("subscription_segments", "tenant_id = {other}", &[("number", "2"), ("pricebook_version", "99")]),
    ),
    ("subscription_segments_number_positive", Like("subscription_segments", "tenant_id = {other}", &[("number", "0")])),
    (
        "subscription_segments_reason_known",
        Like("subscription_segments", "tenant_id = {other}", &[("number", "2"), ("reason", "'forgotten'")]),
    ),
    ("subscription_segments_ended", Like("subscription_segments", "tenant_id = {other}", &[("number", "2"), ("ends", "true")])),
    (
        "subscription_segments_ended",
        Like("subscription_segments", "tenant_id = {other}", &[("number", "2"), ("reason", "'ended'")]),
    ),
    ("subscription_segments_append_only", Do("UPDATE subscription_segments SET plan = 'pro'")),
    ("subscription_segments_append_only", Do("DELETE FROM subscription_segments")),
    ("subscription_segments_follow", Like("subscription_segments", "tenant_id = {other}", &[("number", "3")])),
    (
        "subscription_segments_follow",
        Like("subscription_segments", "tenant_id = {other}", &[("number", "2"), ("effective_from", "effective_from - {hour}")]),
    ),
    ("statements_pkey", Like("statements", "true", &[])),
    ("statements_tenant_fkey", Like("statements", "true", &[("tenant_id", "{new}")])),
    ("statements_period_order", Like("statements", "true", &[("tenant_id", "{platform}"), ("period_to", "period_from")])),
    ("statements_currency_length", Like("statements", "true", &[("tenant_id", "{platform}"), ("currency", "'US'")])),
    ("statements_append_only", Do("UPDATE statements SET total = 2")),
    ("statements_append_only", Do("DELETE FROM statements")),
    ("statement_lines_pkey", Like("statement_lines", "true", &[])),
    ("statement_lines_version_fkey", Like("statement_lines", "true", &[("number", "2"), ("pricebook_version", "99")])),
    ("statement_lines_statement_fkey", Like("statement_lines", "true", &[("tenant_id", "{platform}")])),
    ("statement_lines_number_positive", Like("statement_lines", "true", &[("number", "0")])),
    ("statement_lines_kind_known", Like("statement_lines", "true", &[("number", "2"), ("kind", "'gift'")])),
    ("statement_lines_order", Like("statement_lines", "true", &[("number", "2"), ("line_to", "line_from - {hour}")])),
    ("statement_lines_append_only", Do("UPDATE statement_lines SET amount = 2")),
    ("statement_lines_append_only", Do("DELETE FROM statement_lines")),
];
