//! What breaks the rules of the widget: its keys, its look, who visitors are, and looks at pages.

use super::Breach::{self, Do, Like};

/// What must be there besides: of each thing one, of the other tenant.
pub(super) const BASE: &[Breach] = &[
    Do("INSERT INTO widget_former_keys (key, tenant_id, widget_key_id, good_until)
        SELECT 'pk_live_yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy', tenant_id, id, created_at FROM widget_keys WHERE tenant_id = {other}"),
    Do("INSERT INTO widget_apps (tenant_id, widget_key_id, app)
        SELECT tenant_id, id, 'com.example.shop' FROM widget_keys WHERE tenant_id = {other}"),
    Do("INSERT INTO widget_refused_origins (tenant_id, widget_key_id, origin, times, first_at, last_at)
        SELECT tenant_id, id, 'https://evil.example', 1, created_at, created_at FROM widget_keys WHERE tenant_id = {other}"),
    Do("INSERT INTO widget_looks (tenant_id, color, position, launcher, label, greeting, avatar_url, offline_text, consent, revision, updated_at)
        SELECT id, '#1d4ed8', 'end', 'bubble', 'Chat', 'Hello!', 'https://a.example/b.png', 'Away.', 'local', 1, created_at FROM tenants WHERE id = {other}"),
    Do("INSERT INTO widget_identities (tenant_id, required, secret, secret_made_at, former_secret, former_made_at, former_until, revision)
        SELECT id, false, {hash}, created_at, {hash}, created_at, created_at, 1 FROM tenants WHERE id = {other}"),
    Do("INSERT INTO widget_checks (id, tenant_id, url, requested_at, ended_at, findings)
        SELECT {new}, id, 'https://a.example/', created_at, created_at, '[]' FROM tenants WHERE id = {other}"),
    Do("INSERT INTO widget_scripts (version, script, created_at) SELECT '0123456789abcdef', '//', created_at FROM tenants WHERE id = {other}"),
];

/// For every rule with a name, what breaks it and nothing else.
pub(super) const RULES: &[(&str, Breach)] = &[
    ("widget_former_keys_pkey", Like("widget_former_keys", "true", &[])),
    (
        "widget_former_keys_key_fkey",
        Like("widget_former_keys", "true", &[("key", "'pk_live_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz'"), ("tenant_id", "{platform}")]),
    ),
    ("widget_former_keys_key_form", Do("UPDATE widget_former_keys SET key = 'pk_test_yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy'")),
    ("widget_former_keys_key_form", Do("UPDATE widget_former_keys SET key = 'pk_live_yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy'")),
    ("widget_apps_pkey", Like("widget_apps", "true", &[])),
    ("widget_apps_key_fkey", Like("widget_apps", "true", &[("app", "'b'"), ("tenant_id", "{platform}")])),
    ("widget_apps_app_form", Do("UPDATE widget_apps SET app = ''")),
    ("widget_apps_app_form", Do("UPDATE widget_apps SET app = '{x129}'")),
    ("widget_apps_app_form", Do("UPDATE widget_apps SET app = 'a b'")),
    ("widget_apps_app_form", Do("UPDATE widget_apps SET app = 'ä'")),
    ("widget_refused_origins_pkey", Like("widget_refused_origins", "true", &[])),
    (
        "widget_refused_origins_key_fkey",
        Like("widget_refused_origins", "true", &[("origin", "'https://b.example'"), ("tenant_id", "{platform}")]),
    ),
    ("widget_refused_origins_origin_form", Do("UPDATE widget_refused_origins SET origin = 'null'")),
    ("widget_refused_origins_origin_form", Do("UPDATE widget_refused_origins SET origin = 'https://{x501}'")),
    ("widget_refused_origins_counted", Do("UPDATE widget_refused_origins SET times = 0")),
    ("widget_looks_pkey", Like("widget_looks", "true", &[])),
    ("widget_looks_tenant_fkey", Like("widget_looks", "true", &[("tenant_id", "{new}")])),
    ("widget_looks_color_form", Do("UPDATE widget_looks SET color = '#fff'")),
    ("widget_looks_color_form", Do("UPDATE widget_looks SET color = '#1D4ED8'")),
    ("widget_looks_color_form", Do("UPDATE widget_looks SET color = '#1d4ed8\n'")),
    ("widget_looks_position_known", Do("UPDATE widget_looks SET position = 'left'")),
    ("widget_looks_launcher_known", Do("UPDATE widget_looks SET launcher = 'banner'")),
    ("widget_looks_label_length", Do("UPDATE widget_looks SET label = ''")),
    ("widget_looks_label_length", Do("UPDATE widget_looks SET label = '{x64}'")),
    ("widget_looks_greeting_length", Do("UPDATE widget_looks SET greeting = ''")),
    ("widget_looks_greeting_length", Do("UPDATE widget_looks SET greeting = '{x501}'")),
    ("widget_looks_avatar_form", Do("UPDATE widget_looks SET avatar_url = 'http://a.example/b.png'")),
    ("widget_looks_avatar_form", Do("UPDATE widget_looks SET avatar_url = 'https://{x501}'")),
    ("widget_looks_offline_length", Do("UPDATE widget_looks SET offline_text = ''")),
    ("widget_looks_offline_length", Do("UPDATE widget_looks SET offline_text = '{x501}'")),
    ("widget_looks_consent_known", Do("UPDATE widget_looks SET consent = 'cookies'")),
    ("widget_looks_revision_positive", Do("UPDATE widget_looks SET revision = 0")),
    ("widget_identities_pkey", Like("widget_identities", "true", &[])),
    ("widget_identities_tenant_fkey", Like("widget_identities", "true", &[("tenant_id", "{new}")])),
    ("widget_identities_secret_dated", Do("UPDATE widget_identities SET secret_made_at = NULL")),
    ("widget_identities_former_dated", Do("UPDATE widget_identities SET former_made_at = NULL")),
    ("widget_identities_former_dated", Do("UPDATE widget_identities SET former_until = NULL")),
    (
        "widget_identities_required_provable",
        Do("UPDATE widget_identities SET secret = NULL, secret_made_at = NULL, required = true"),
    ),
    ("widget_identities_revision_positive", Do("UPDATE widget_identities SET revision = 0")),
    ("visitors_name_length", Do("UPDATE visitors SET verified_at = created_at, name = '' WHERE tenant_id = {platform}")),
    ("visitors_name_length", Do("UPDATE visitors SET verified_at = created_at, name = '{x201}' WHERE tenant_id = {platform}")),
    ("visitors_email_length", Do("UPDATE visitors SET verified_at = created_at, email = '' WHERE tenant_id = {platform}")),
    ("visitors_email_length", Do("UPDATE visitors SET verified_at = created_at, email = '{x255}' WHERE tenant_id = {platform}")),
    ("visitors_named_if_verified", Do("UPDATE visitors SET name = 'Vi' WHERE tenant_id = {platform}")),
    ("visitors_named_if_verified", Do("UPDATE visitors SET email = 'vi@example.com' WHERE tenant_id = {platform}")),
    (
        "visitors_erased_nameless",
        Do("UPDATE visitors SET verified_at = created_at, erased_at = created_at, name = 'Vi' WHERE tenant_id = {platform}"),
    ),
    (
        "visitors_erased_nameless",
        Do("UPDATE visitors SET verified_at = created_at, erased_at = created_at, email = 'v@x' WHERE tenant_id = {platform}"),
    ),
    ("widget_checks_pkey", Like("widget_checks", "true", &[])),
    ("widget_checks_tenant_fkey", Like("widget_checks", "true", &[("id", "{new}"), ("tenant_id", "{new}")])),
    ("widget_checks_url_length", Do("UPDATE widget_checks SET url = ''")),
    ("widget_checks_url_length", Do("UPDATE widget_checks SET url = '{x4001}'")),
    ("widget_checks_found_when_ended", Do("UPDATE widget_checks SET findings = NULL")),
    ("widget_checks_found_when_ended", Do("UPDATE widget_checks SET ended_at = NULL")),
    ("widget_scripts_pkey", Like("widget_scripts", "version = '0123456789abcdef'", &[])),
    (
        "widget_scripts_version_length",
        Like("widget_scripts", "version = '0123456789abcdef'", &[("version", "'0123456789abcde'")]),
    ),
    (
        "widget_scripts_script_length",
        Like("widget_scripts", "version = '0123456789abcdef'", &[("version", "'fedcba9876543210'"), ("script", "''")]),
    ),
    ("widget_scripts_append_only", Do("UPDATE widget_scripts SET script = '//'")),
    ("widget_scripts_append_only", Do("DELETE FROM widget_scripts")),
];
