//! What breaks the rules of credits. The two visitors' messages have been paid for: each tenant has a grant, a hold and two entries.

use super::Breach::{self, Do, Like};

/// A refund of another charge, which is made for it.
macro_rules! second_refund {
    ($reason:literal, $percent:literal, $amount:literal, $version:literal) => {
        concat!(
            "INSERT INTO credit_charges (tenant_id, usage_key, turn_id, hold_id, action, estimated, rated, captured, absorbed, pricebook_version, \
             content_hash, created_at) SELECT tenant_id, 'l', (SELECT id FROM turns WHERE tenant_id = {platform} AND state = 'answered'), hold_id, \
             action, estimated, rated, captured, absorbed, pricebook_version, content_hash, created_at FROM credit_charges; \
             INSERT INTO credit_refunds (tenant_id, turn_id, reason, percent, amount, pricebook_version, actor, created_at) \
             SELECT tenant_id, turn_id, ",
            $reason,
            ", ",
            $percent,
            ", ",
            $amount,
            ", ",
            $version,
            ", 'process', created_at FROM credit_charges WHERE usage_key = 'l'"
        )
    };
}

/// What must be there besides: a charge, and what was given back of it.
pub(super) const BASE: &[Breach] = &[Do("INSERT INTO credit_charges (tenant_id, usage_key, turn_id, hold_id, action, estimated, rated, captured,
        absorbed, pricebook_version, content_hash, created_at)
    SELECT tenant_id, 'k', turn_id, id, 'refusal', false, 1, 1, 0, pricebook_version, {hash}, created_at FROM credit_holds WHERE tenant_id = {platform};
    INSERT INTO credit_refunds (tenant_id, turn_id, reason, percent, amount, pricebook_version, actor, created_at)
    SELECT tenant_id, turn_id, 'failed', 100, 1, pricebook_version, 'process', created_at FROM credit_charges;
    INSERT INTO alerts (id, tenant_id, kind, unique_key, occurred_at, created_at)
    SELECT {new}, id, 'credits_exhausted', 'k', created_at, created_at FROM tenants WHERE id = {platform};
    INSERT INTO provider_costs (id, model, currency, prompt_micro, completion_micro, effective_from, actor, created_at)
    SELECT {new}, 'm', 'USD', 1, 1, created_at, 'process', created_at FROM tenants WHERE id = {platform};
    INSERT INTO charge_checks (day, checked, differing, finished_at)
    SELECT created_at, 1, 0, created_at FROM tenants WHERE id = {platform};
    INSERT INTO credit_caps (tenant_id, kind, subject_id, credits, created_at)
    SELECT id, 'visitor_day', id, 1, created_at FROM tenants WHERE id = {platform};
    INSERT INTO credit_spending (tenant_id, kind, subject_id, began, spent)
    SELECT id, 'persona_month', {new}, created_at, 1 FROM tenants WHERE id = {platform};
    INSERT INTO turn_widget_keys (tenant_id, turn_id, widget_key_id)
    SELECT tenant_id, turn_id, (SELECT w.id FROM widget_keys w WHERE w.tenant_id = credit_charges.tenant_id ORDER BY w.id LIMIT 1) FROM credit_charges")];

/// For every rule with a name, what breaks it and nothing else.
pub(super) const RULES: &[(&str, Breach)] = &[
    ("messages_tokens_counted", Do("UPDATE messages SET prompt_tokens = 1 WHERE role = 'assistant'")),
    (
        "messages_tokens_counted",
        Do("UPDATE messages SET prompt_tokens = -1, completion_tokens = 1, tokens_estimated = false WHERE role = 'assistant'"),
    ),
    ("turns_tenant_unique", Like("turns", "tenant_id = {platform} AND state = 'live'", &[("state", "'waiting'")])),
    ("subscriptions_pkey", Like("subscriptions", "tenant_id = {other}", &[("tenant_id", "{platform}")])),
    ("subscriptions_tenant_fkey", Like("subscriptions", "tenant_id = {other}", &[("tenant_id", "{new}")])),
    (
        "subscriptions_version_fkey",
        Do(
            "DELETE FROM subscriptions WHERE tenant_id = {other}; INSERT INTO subscriptions (tenant_id, plan, pricebook_version, trial, anchor_day, started_at) SELECT {other}, plan, 99, trial, anchor_day, started_at FROM subscriptions",
        ),
    ),
    ("subscriptions_anchor_day_exists", Do("UPDATE subscriptions SET anchor_day = 32")),
    ("subscriptions_anchor_day_exists", Do("UPDATE subscriptions SET anchor_day = 0")),
    ("subscriptions_trial_ends", Do("UPDATE subscriptions SET trial = true WHERE ends_at IS NULL")),
    ("subscriptions_ends_after_start", Do("UPDATE subscriptions SET ends_at = started_at")),
    ("credit_accounts_pkey", Like("credit_accounts", "tenant_id = {other}", &[("tenant_id", "{platform}")])),
    ("credit_accounts_tenant_fkey", Like("credit_accounts", "tenant_id = {other}", &[("tenant_id", "{new}")])),
    ("credit_accounts_covered", Do("UPDATE credit_accounts SET held = -1")),
    ("credit_accounts_covered", Do("UPDATE credit_accounts SET held = balance + 1")),
    ("credit_accounts_covered", Do("UPDATE credit_accounts SET balance = -1")),
    ("credit_accounts_entries_counted", Do("UPDATE credit_accounts SET last_entry = -1")),
    ("credit_accounts_period_order", Do("UPDATE credit_accounts SET period_to = period_from")),
    (
        "credit_grants_pkey",
        Like(
            "credit_grants",
            "tenant_id = {other}",
            &[("id", "(SELECT id FROM credit_grants WHERE tenant_id = {platform})"), ("period_from", "NULL")],
        ),
    ),
    ("credit_grants_account_fkey", Like("credit_grants", "tenant_id = {platform}", &[("id", "{new}"), ("tenant_id", "{new}")])),
    (
        "credit_grants_version_fkey",
        Like("credit_grants", "tenant_id = {platform}", &[("id", "{new}"), ("period_from", "NULL"), ("pricebook_version", "99")]),
    ),
    ("credit_grants_tenant_unique", Like("credit_grants", "tenant_id = {platform}", &[("period_from", "NULL")])),
    ("credit_grants_period_unique", Like("credit_grants", "tenant_id = {platform}", &[("id", "{new}")])),
    ("credit_grants_kind_known", Do("UPDATE credit_grants SET kind = 'gift'")),
    ("credit_grants_product_known", Do("UPDATE credit_grants SET kind = 'top_up'")),
    ("credit_grants_product_known", Do("UPDATE credit_grants SET kind = 'overage', product = 'p', pricebook_version = NULL")),
    ("credit_grants_amount_positive", Do("UPDATE credit_grants SET amount = 0, remaining = 0, held = 0")),
    ("credit_grants_covered", Do("UPDATE credit_grants SET held = -1")),
    ("credit_grants_covered", Do("UPDATE credit_grants SET remaining = amount + 1")),
    ("credit_grants_covered", Do("UPDATE credit_grants SET held = remaining + 1")),
    ("credit_grants_expires_later", Do("UPDATE credit_grants SET expires_at = effective_from")),
    (
        "credit_holds_pkey",
        Like(
            "credit_holds",
            "tenant_id = {platform}",
            &[
                ("id", "(SELECT id FROM credit_holds WHERE tenant_id = {other})"),
                ("turn_id", "(SELECT id FROM turns WHERE tenant_id = {platform} AND state = 'answered')"),
            ],
        ),
    ),
    (
        "credit_holds_tenant_unique",
        Like(
            "credit_holds",
            "tenant_id = {platform}",
            &[("turn_id", "(SELECT id FROM turns WHERE tenant_id = {platform} AND state = 'answered')")],
        ),
    ),
    ("credit_holds_turn_unique", Like("credit_holds", "tenant_id = {platform}", &[("id", "{new}")])),
    (
        "credit_holds_turn_fkey",
        Like(
            "credit_holds",
            "tenant_id = {platform}",
            &[("id", "{new}"), ("turn_id", "(SELECT id FROM turns WHERE tenant_id = {other} AND state = 'waiting')")],
        ),
    ),
    (
        "credit_holds_version_fkey",
        Like(
            "credit_holds",
            "tenant_id = {platform}",
            &[
                ("id", "{new}"),
                ("turn_id", "(SELECT id FROM turns WHERE tenant_id = {platform} AND state = 'answered')"),
                ("pricebook_version", "99"),
            ],
        ),
    ),
    (
        "credit_holds_amount_counts",
        Like(
            "credit_holds",
            "tenant_id = {platform}",
            &[
                ("id", "{new}"),
                ("turn_id", "(SELECT id FROM turns WHERE tenant_id = {platform} AND state = 'answered')"),
                ("amount", "-1"),
            ],
        ),
    ),
    (
        "credit_holds_settled_final",
        Do("UPDATE credit_holds SET settled_at = created_at; UPDATE credit_holds SET settled_at = NULL"),
    ),
    ("credit_holds_terms_fixed", Do("UPDATE credit_holds SET amount = 1")),
    ("credit_holds_terms_fixed", Do("DELETE FROM credit_holds WHERE tenant_id = {other}")),
    (
        "credit_charges_pkey",
        Like(
            "credit_charges",
            "tenant_id = {platform}",
            &[("turn_id", "(SELECT id FROM turns WHERE tenant_id = {platform} AND state = 'answered')")],
        ),
    ),
    ("credit_charges_turn_unique", Like("credit_charges", "tenant_id = {platform}", &[("usage_key", "'l'")])),
    (
        "credit_charges_turn_fkey",
        Like(
            "credit_charges",
            "tenant_id = {platform}",
            &[("usage_key", "'l'"), ("turn_id", "(SELECT id FROM turns WHERE tenant_id = {other} AND state = 'waiting')")],
        ),
    ),
    (
        "credit_charges_hold_fkey",
        Like(
            "credit_charges",
            "tenant_id = {platform}",
            &[
                ("usage_key", "'l'"),
                ("turn_id", "(SELECT id FROM turns WHERE tenant_id = {platform} AND state = 'answered')"),
                ("hold_id", "(SELECT id FROM credit_holds WHERE tenant_id = {other})"),
            ],
        ),
    ),
    (
        "credit_charges_version_fkey",
        Like(
            "credit_charges",
            "tenant_id = {platform}",
            &[
                ("usage_key", "'l'"),
                ("turn_id", "(SELECT id FROM turns WHERE tenant_id = {platform} AND state = 'answered')"),
                ("pricebook_version", "99"),
            ],
        ),
    ),
    (
        "credit_charges_action_known",
        Like(
            "credit_charges",
            "tenant_id = {platform}",
            &[
                ("usage_key", "'l'"),
                ("turn_id", "(SELECT id FROM turns WHERE tenant_id = {platform} AND state = 'answered')"),
                ("action", "'joke'"),
            ],
        ),
    ),
    (
        "credit_charges_amounts_add_up",
        Like(
            "credit_charges",
            "tenant_id = {platform}",
            &[
                ("usage_key", "'l'"),
                ("turn_id", "(SELECT id FROM turns WHERE tenant_id = {platform} AND state = 'answered')"),
                ("rated", "2"),
            ],
        ),
    ),
    (
        "credit_charges_amounts_add_up",
        Like(
            "credit_charges",
            "tenant_id = {platform}",
            &[
                ("usage_key", "'l'"),
                ("turn_id", "(SELECT id FROM turns WHERE tenant_id = {platform} AND state = 'answered')"),
                ("captured", "-1"),
                ("absorbed", "2"),
            ],
        ),
    ),
    (
        "credit_charges_amounts_add_up",
        Like(
            "credit_charges",
            "tenant_id = {platform}",
            &[
                ("usage_key", "'l'"),
                ("turn_id", "(SELECT id FROM turns WHERE tenant_id = {platform} AND state = 'answered')"),
                ("overage", "-1"),
                ("absorbed", "1"),
            ],
        ),
    ),
    (
        "credit_charges_hash_length",
        Like(
            "credit_charges",
            "tenant_id = {platform}",
            &[
                ("usage_key", "'l'"),
                ("turn_id", "(SELECT id FROM turns WHERE tenant_id = {platform} AND state = 'answered')"),
                ("content_hash", "substr(content_hash, 1, 31)"),
            ],
        ),
    ),
    (
        "credit_charges_within_hold",
        Like(
            "credit_charges",
            "tenant_id = {platform}",
            &[
                ("usage_key", "'l'"),
                ("turn_id", "(SELECT id FROM turns WHERE tenant_id = {platform} AND state = 'answered')"),
                ("rated", "1000001"),
                ("captured", "1000001"),
            ],
        ),
    ),
    ("credit_charges_append_only", Do("UPDATE credit_charges SET captured = 0")),
    ("credit_charges_append_only", Do("DELETE FROM credit_charges")),
    ("credit_entries_pkey", Like("credit_entries", "tenant_id = {platform} AND number = 2", &[])),
    (
        "credit_entries_grant_fkey",
        Like(
            "credit_entries",
            "tenant_id = {platform} AND number = 2",
            &[
                ("number", "3"),
                ("held_before", "held_after"),
                ("held_after", "held_after + amount"),
                ("grant_id", "(SELECT id FROM credit_grants WHERE tenant_id = {other})"),
            ],
        ),
    ),
    (
        "credit_entries_hold_fkey",
        Like(
            "credit_entries",
            "tenant_id = {platform} AND number = 2",
            &[
                ("number", "3"),
                ("held_before", "held_after"),
                ("held_after", "held_after + amount"),
                ("hold_id", "(SELECT id FROM credit_holds WHERE tenant_id = {other})"),
            ],
        ),
    ),
    (
        "credit_entries_turn_fkey",
        Like(
            "credit_entries",
            "tenant_id = {platform} AND number = 2",
            &[
                ("number", "3"),
                ("held_before", "held_after"),
                ("held_after", "held_after + amount"),
                ("turn_id", "(SELECT id FROM turns WHERE tenant_id = {other} AND state = 'waiting')"),
            ],
        ),
    ),
    (
        "credit_entries_version_fkey",
        Like(
            "credit_entries",
            "tenant_id = {platform} AND number = 2",
            &[("number", "3"), ("held_before", "held_after"), ("held_after", "held_after + amount"), ("pricebook_version", "99")],
        ),
    ),
    (
        "credit_entries_kind_known",
        Like(
            "credit_entries",
            "tenant_id = {platform} AND number = 2",
            &[("number", "3"), ("kind", "'gift'"), ("held_before", "held_after"), ("balance_after", "balance_after + amount")],
        ),
    ),
    (
        "credit_entries_amount_positive",
        Like(
            "credit_entries",
            "tenant_id = {platform} AND number = 2",
            &[("number", "3"), ("amount", "0"), ("held_before", "held_after")],
        ),
    ),
    (
        "credit_entries_add_up",
        Like(
            "credit_entries",
            "tenant_id = {platform} AND number = 2",
            &[("number", "3"), ("held_before", "held_after"), ("held_after", "held_after + 1")],
        ),
    ),
    (
        "credit_entries_add_up",
        Like(
            "credit_entries",
            "tenant_id = {platform} AND number = 2",
            &[("number", "3"), ("kind", "'capture'"), ("held_before", "held_after")],
        ),
    ),
    (
        "credit_entries_hash_length",
        Like(
            "credit_entries",
            "tenant_id = {platform} AND number = 2",
            &[
                ("number", "3"),
                ("held_before", "held_after"),
                ("held_after", "held_after + amount"),
                ("content_hash", "substr(content_hash, 1, 31)"),
            ],
        ),
    ),
    ("credit_entries_follow", Like("credit_entries", "tenant_id = {platform} AND number = 2", &[("number", "3")])),
    (
        "credit_entries_follow",
        Like(
            "credit_entries",
            "tenant_id = {platform} AND number = 2",
            &[("number", "9"), ("held_before", "held_after"), ("held_after", "held_after + amount")],
        ),
    ),
    (
        "credit_entries_reason_length",
        Like(
            "credit_entries",
            "tenant_id = {platform} AND number = 2",
            &[("number", "3"), ("held_before", "held_after"), ("held_after", "held_after + amount"), ("reason", "''")],
        ),
    ),
    (
        "credit_entries_corrected_by",
        Like(
            "credit_entries",
            "tenant_id = {platform} AND number = 2",
            &[
                ("number", "3"),
                ("kind", "'adjust'"),
                ("held_before", "held_after"),
                ("balance_before", "balance_after"),
                ("balance_after", "balance_after + amount"),
                ("reason", "'a slip'"),
            ],
        ),
    ),
    (
        "credit_entries_add_up",
        Like(
            "credit_entries",
            "tenant_id = {platform} AND number = 2",
            &[("number", "3"), ("kind", "'overage'"), ("held_before", "held_after")],
        ),
    ),
    ("credit_refunds_pkey", Like("credit_refunds", "tenant_id = {platform}", &[])),
    (
        "credit_refunds_charge_fkey",
        Like(
            "credit_refunds",
            "tenant_id = {platform}",
            &[("turn_id", "(SELECT id FROM turns WHERE tenant_id = {platform} AND state = 'answered')")],
        ),
    ),
    ("credit_refunds_version_fkey", Do(second_refund!("'failed'", "1", "1", "99"))),
    ("credit_refunds_reason_known", Do(second_refund!("'mood'", "1", "1", "pricebook_version"))),
    ("credit_refunds_percent_bounded", Do(second_refund!("'failed'", "101", "1", "pricebook_version"))),
    ("credit_refunds_percent_bounded", Do(second_refund!("'failed'", "0", "1", "pricebook_version"))),
    ("credit_refunds_amount_positive", Do(second_refund!("'failed'", "1", "0", "pricebook_version"))),
    ("credit_refunds_within_charge", Do(second_refund!("'failed'", "1", "2", "pricebook_version"))),
    ("credit_refunds_append_only", Do("UPDATE credit_refunds SET percent = 1")),
    ("credit_refunds_append_only", Do("DELETE FROM credit_refunds")),
    ("alerts_pkey", Like("alerts", "true", &[("unique_key", "'l'")])),
    ("alerts_once", Like("alerts", "true", &[("id", "{new}")])),
    ("alerts_tenant_fkey", Like("alerts", "true", &[("id", "{new}"), ("tenant_id", "{new}")])),
    (
        "alerts_version_fkey",
        Like(
            "alerts",
            "true",
            &[("id", "{new}"), ("unique_key", "'l'"), ("kind", "'prices_changed'"), ("pricebook_version", "99")],
        ),
    ),
    ("alerts_kind_known", Like("alerts", "true", &[("id", "{new}"), ("kind", "'mood'")])),
    ("alerts_percent_bounded", Like("alerts", "true", &[("id", "{new}"), ("kind", "'credits_threshold'"), ("percent", "101")])),
    ("alerts_percent_bounded", Like("alerts", "true", &[("id", "{new}"), ("kind", "'credits_threshold'")])),
    ("alerts_percent_bounded", Like("alerts", "true", &[("id", "{new}"), ("unique_key", "'l'"), ("percent", "50")])),
    ("alerts_version_said", Like("alerts", "true", &[("id", "{new}"), ("kind", "'prices_changed'")])),
    ("alerts_version_said", Like("alerts", "true", &[("id", "{new}"), ("unique_key", "'l'"), ("pricebook_version", "1")])),
    ("alerts_append_only", Do("UPDATE alerts SET unique_key = 'l'")),
    ("alerts_append_only", Do("DELETE FROM alerts")),
    ("credit_caps_pkey", Like("credit_caps", "true", &[])),
    ("credit_caps_tenant_fkey", Like("credit_caps", "true", &[("tenant_id", "{new}")])),
    ("credit_caps_kind_known", Like("credit_caps", "true", &[("kind", "'mood'")])),
    ("credit_caps_not_negative", Do("UPDATE credit_caps SET credits = -1")),
    ("credit_spending_pkey", Like("credit_spending", "true", &[])),
    ("credit_spending_tenant_fkey", Like("credit_spending", "true", &[("tenant_id", "{new}")])),
    ("credit_spending_kind_known", Like("credit_spending", "true", &[("kind", "'visitor_day'")])),
    ("credit_spending_not_negative", Do("UPDATE credit_spending SET spent = -1")),
    ("turn_widget_keys_pkey", Like("turn_widget_keys", "true", &[])),
    ("turn_widget_keys_turn_fkey", Like("turn_widget_keys", "true", &[("turn_id", "{new}")])),
    (
        "turn_widget_keys_key_fkey",
        Do(
            "DELETE FROM turn_widget_keys; INSERT INTO turn_widget_keys (tenant_id, turn_id, widget_key_id) SELECT tenant_id, turn_id, {new} FROM credit_charges",
        ),
    ),
    ("provider_costs_pkey", Like("provider_costs", "true", &[])),
    ("provider_costs_model_present", Like("provider_costs", "true", &[("id", "{new}"), ("model", "''")])),
    ("provider_costs_model_present", Like("provider_costs", "true", &[("id", "{new}"), ("model", "'{x201}'")])),
    ("provider_costs_currency_form", Like("provider_costs", "true", &[("id", "{new}"), ("currency", "'US'")])),
    ("provider_costs_not_negative", Like("provider_costs", "true", &[("id", "{new}"), ("prompt_micro", "-1")])),
    ("provider_costs_not_negative", Like("provider_costs", "true", &[("id", "{new}"), ("completion_micro", "-1")])),
    ("provider_costs_append_only", Do("UPDATE provider_costs SET prompt_micro = 2")),
    ("provider_costs_append_only", Do("DELETE FROM provider_costs")),
    ("charge_checks_pkey", Like("charge_checks", "true", &[])),
    ("charge_checks_counted", Like("charge_checks", "true", &[("checked", "0"), ("differing", "1")])),
    ("charge_checks_counted", Like("charge_checks", "true", &[("differing", "-1")])),
    ("charge_checks_append_only", Do("UPDATE charge_checks SET checked = 2")),
    ("charge_checks_append_only", Do("DELETE FROM charge_checks")),
    ("credit_entries_append_only", Do("UPDATE credit_entries SET amount = 1")),
    ("credit_entries_append_only", Do("DELETE FROM credit_entries")),
];
