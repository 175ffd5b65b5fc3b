//! From a store's refusal back to the rule that was kept.
//!
//! Constraints and triggers are named after the rule they keep. Postgres reports the name. SQLite reports a CHECK's name, the
//! text of a trigger's RAISE (we put the name there) and, for unique keys, only the columns: [`UNIQUE`] names those.

use diesel::result::{DatabaseErrorKind, Error};

/// SQLite's wording of each unique key, and the key's name on Postgres.
pub const UNIQUE: &[(&str, &str)] = &[
    ("alerts.tenant_id, alerts.kind, alerts.unique_key", "alerts_once"),
    ("api_keys.token_hash", "api_keys_token_unique"),
    ("charge_checks.day", "charge_checks_pkey"),
    ("conversations.tenant_id, conversations.id", "conversations_tenant_unique"),
    (
        "conversations.tenant_id, conversations.channel, conversations.visitor_id, conversations.session_id",
        "conversations_session_unique",
    ),
    ("credit_accounts.tenant_id", "credit_accounts_pkey"),
    ("credit_caps.tenant_id, credit_caps.kind, credit_caps.subject_id", "credit_caps_pkey"),
    ("credit_spending.tenant_id, credit_spending.kind, credit_spending.subject_id", "credit_spending_pkey"),
    ("turn_widget_keys.tenant_id, turn_widget_keys.turn_id", "turn_widget_keys_pkey"),
    ("credit_charges.tenant_id, credit_charges.usage_key", "credit_charges_pkey"),
    ("credit_charges.tenant_id, credit_charges.turn_id", "credit_charges_turn_unique"),
    ("credit_refunds.tenant_id, credit_refunds.turn_id", "credit_refunds_pkey"),
    ("credit_entries.tenant_id, credit_entries.number", "credit_entries_pkey"),
    ("credit_grants.tenant_id, credit_grants.id", "credit_grants_tenant_unique"),
    ("credit_grants.tenant_id, credit_grants.kind, credit_grants.period_from", "credit_grants_period_unique"),
    ("credit_holds.tenant_id, credit_holds.id", "credit_holds_tenant_unique"),
    ("credit_holds.tenant_id, credit_holds.turn_id", "credit_holds_turn_unique"),
    ("devices.token_hash", "devices_token_unique"),
    ("idempotency_keys.tenant_id, idempotency_keys.visitor_id, idempotency_keys.key", "idempotency_keys_pkey"),
    ("invitations.tenant_id, invitations.audience, invitations.email", "invitations_one_open"),
    ("invitations.tenant_id, invitations.id", "invitations_tenant_unique"),
    ("jobs.tenant_id, jobs.name, jobs.unique_key", "jobs_key_unique"),
    ("knowledge_entries.tenant_id, knowledge_entries.id", "knowledge_entries_tenant_unique"),
    ("login_attempts.key", "login_attempts_pkey"),
    ("mails.token_hash", "mails_token_unique"),
    ("mutation_keys.tenant_id, mutation_keys.caller, mutation_keys.key", "mutation_keys_pkey"),
    ("memberships.tenant_id, memberships.user_id", "memberships_pkey"),
    ("messages.tenant_id, messages.id", "messages_tenant_unique"),
    ("messages.tenant_id, messages.conversation_id, messages.sequence", "messages_sequence_unique"),
    ("passages.number", "passages_pkey"),
    ("passages.entry_id, passages.ordinal", "passages_ordinal_unique"),
    ("personas.tenant_id", "personas_one_default"),
    ("personas.tenant_id, personas.id", "personas_tenant_unique"),
    ("persona_versions.tenant_id, persona_versions.id", "persona_versions_tenant_unique"),
    ("persona_versions.persona_id, persona_versions.number", "persona_versions_number_unique"),
    ("pricebook_drafts.slot", "pricebook_drafts_pkey"),
    ("pricebook_governance.slot", "pricebook_governance_pkey"),
    ("pricebook_log.line", "pricebook_log_pkey"),
    ("pricebook_publications.number", "pricebook_publications_pkey"),
    ("pricebook_versions.effective_from", "pricebook_versions_one_at_a_time"),
    ("pricebook_versions.number", "pricebook_versions_pkey"),
    ("privacy_receipts.tenant_id, privacy_receipts.id", "privacy_receipts_tenant_unique"),
    ("privacy_receipts.tenant_id, privacy_receipts.visitor_id", "privacy_receipts_one_erasure"),
    ("processes.name", "processes_pkey"),
    ("statement_lines.tenant_id, statement_lines.period_from, statement_lines.number", "statement_lines_pkey"),
    ("statements.tenant_id, statements.period_from", "statements_pkey"),
    ("subscription_segments.tenant_id, subscription_segments.number", "subscription_segments_pkey"),
    ("subscriptions.tenant_id", "subscriptions_pkey"),
    ("sessions.token_hash", "sessions_token_unique"),
    ("staff.user_id", "staff_pkey"),
    ("tenants.public_id", "tenants_public_id_unique"),
    ("tenants.slug", "tenants_slug_unique"),
    ("turns.answer_id", "turns_answer_unique"),
    ("turns.conversation_id", "turns_one_live"),
    ("turns.tenant_id, turns.id", "turns_tenant_unique"),
    ("turns.tenant_id, turns.conversation_id", "turns_one_waiting"),
    ("users.email", "users_email_unique"),
    ("visitors.tenant_id, visitors.id", "visitors_tenant_unique"),
    ("visitors.tenant_id, visitors.id, visitors.channel", "visitors_channel_unique"),
    ("visitors.tenant_id, visitors.channel, visitors.key", "visitors_key_unique"),
    ("widget_apps.widget_key_id, widget_apps.app", "widget_apps_pkey"),
    ("widget_former_keys.key", "widget_former_keys_pkey"),
    ("widget_identities.tenant_id", "widget_identities_pkey"),
    ("widget_keys.key", "widget_keys_key_unique"),
    ("widget_keys.tenant_id, widget_keys.id", "widget_keys_tenant_unique"),
    ("widget_looks.tenant_id", "widget_looks_pkey"),
    ("widget_origins.widget_key_id, widget_origins.origin", "widget_origins_pkey"),
    ("widget_refused_origins.widget_key_id, widget_refused_origins.origin", "widget_refused_origins_pkey"),
    ("widget_scripts.version", "widget_scripts_pkey"),
];

/// The name of the rule an error says was broken; `None` if it is no such error or the store gives no name.
#[must_use]
pub fn broken(error: &Error) -> Option<String> {
    let Error::DatabaseError(kind, info) = error else { return None };
    if let Some(name) = info.constraint_name() {
        return Some(name.to_owned());
    }
    let message = info.message();
    if let Some(name) = message.strip_prefix("CHECK constraint failed: ") {
        return Some(name.to_owned());
    }
    if let Some(columns) = message.strip_prefix("UNIQUE constraint failed: ") {
        return unique(columns);
    }
    // A trigger's RAISE: our triggers say nothing but the rule's name, on both engines.
    let is_name = !message.is_empty() && message.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    (is_name && !matches!(kind, DatabaseErrorKind::ClosedConnection)).then(|| message.to_owned())
}

fn unique(columns: &str) -> Option<String> {
    if let Some((_, name)) = UNIQUE.iter().find(|(known, _)| *known == columns) {
        return Some((*name).to_owned());
    }
    // A primary key is named after its table on Postgres.
    let table = columns.split('.').next()?;
    (columns.ends_with(".id") && !columns.contains(',')).then(|| format!("{table}_pkey"))
}
