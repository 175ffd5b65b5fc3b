//! What breaks the rules of access. The owner has signed in, which the audit log knows.

use super::Breach::{self, Do, Like};

/// What must be there besides: a membership, an invitation with its letter, and a key, in the other tenant.
pub(super) const BASE: &[Breach] = &[
    Do("INSERT INTO memberships (tenant_id, user_id, role, created_at)
        SELECT {other}, id, 'owner', created_at FROM users WHERE email = 'second@example.com'"),
    Do("INSERT INTO invitations (id, tenant_id, audience, email, role, created_at, expires_at)
        SELECT {new}, {other}, 'member', 'third@example.com', 'agent', created_at, expires_at FROM sessions"),
    Do("INSERT INTO mails (id, tenant_id, kind, email, locale, business, user_id, invitation_id, nonce, token_hash, created_at, expires_at)
        SELECT {new}, {other}, 'invitation', email, 'en', 'Other', NULL, id, {hash}, {hash}, created_at, expires_at FROM invitations"),
    Do("INSERT INTO api_keys (id, tenant_id, name, token_hash, hint, permissions, created_at, expires_at)
        SELECT {new}, {other}, 'Server', {hash}, 'abcd', 'chat.read', created_at, expires_at FROM sessions"),
];

/// For every rule with a name, what breaks it and nothing else. `{hash}` is taken by the rows above; the owner's session has another.
pub(super) const RULES: &[(&str, Breach)] = &[
    (
        "sessions_tenant_fkey",
        Like("sessions", "true", &[("id", "{new}"), ("token_hash", "{hash}"), ("audience", "'member'"), ("tenant_id", "{new}")]),
    ),
    ("sessions_members_alone", Do("UPDATE sessions SET tenant_id = {other}")),
    ("sessions_members_alone", Do("UPDATE sessions SET audience = 'member'")),
    ("memberships_pkey", Like("memberships", "true", &[])),
    ("memberships_tenant_fkey", Like("memberships", "true", &[("tenant_id", "{new}")])),
    ("memberships_user_fkey", Like("memberships", "true", &[("user_id", "{new}")])),
    ("memberships_role_known", Do("UPDATE memberships SET role = 'auditor'")),
    ("invitations_pkey", Like("invitations", "true", &[("tenant_id", "{platform}")])),
    ("invitations_tenant_unique", Like("invitations", "true", &[("email", "'fourth@example.com'")])),
    ("invitations_one_open", Like("invitations", "true", &[("id", "{new}")])),
    ("invitations_tenant_fkey", Like("invitations", "true", &[("id", "{new}"), ("tenant_id", "{new}")])),
    ("invitations_email_form", Do("UPDATE invitations SET email = 'Third@example.com'")),
    ("invitations_email_form", Do("UPDATE invitations SET email = 'third'")),
    ("invitations_email_form", Do("UPDATE invitations SET email = '{x255}@localhost'")),
    ("invitations_role_known", Do("UPDATE invitations SET role = 'auditor'")),
    ("invitations_role_known", Do("UPDATE invitations SET audience = 'staff'")),
    ("invitations_end_after_beginning", Do("UPDATE invitations SET expires_at = created_at")),
    ("invitations_end_once", Do("UPDATE invitations SET accepted_at = created_at, revoked_at = created_at")),
    ("mails_pkey", Like("mails", "true", &[("token_hash", "(SELECT token_hash FROM sessions)")])),
    ("mails_token_unique", Like("mails", "true", &[("id", "{new}")])),
    (
        "mails_tenant_fkey",
        Like(
            "mails",
            "true",
            &[
                ("id", "{new}"),
                ("token_hash", "(SELECT token_hash FROM sessions)"),
                ("tenant_id", "{new}"),
                ("invitation_id", "NULL"),
            ],
        ),
    ),
    (
        "mails_user_fkey",
        Like("mails", "true", &[("id", "{new}"), ("token_hash", "(SELECT token_hash FROM sessions)"), ("user_id", "{new}")]),
    ),
    (
        "mails_invitation_fkey",
        Like(
            "mails",
            "true",
            &[("id", "{new}"), ("token_hash", "(SELECT token_hash FROM sessions)"), ("tenant_id", "{platform}")],
        ),
    ),
    ("mails_kind_known", Do("UPDATE mails SET kind = 'chain'")),
    ("mails_locale_known", Do("UPDATE mails SET locale = 'pt-br'")),
    ("mails_business_present", Do("UPDATE mails SET business = ''")),
    ("mails_business_present", Do("UPDATE mails SET business = '{x201}'")),
    ("mails_secret_length", Do("UPDATE mails SET nonce = substr(nonce, 1, 31)")),
    ("mails_secret_length", Do("UPDATE mails SET token_hash = substr(token_hash, 1, 31)")),
    ("mails_end_after_beginning", Do("UPDATE mails SET expires_at = created_at")),
    ("api_keys_pkey", Like("api_keys", "true", &[("token_hash", "(SELECT token_hash FROM sessions)")])),
    ("api_keys_token_unique", Like("api_keys", "true", &[("id", "{new}")])),
    (
        "api_keys_tenant_fkey",
        Like("api_keys", "true", &[("id", "{new}"), ("token_hash", "(SELECT token_hash FROM sessions)"), ("tenant_id", "{new}")]),
    ),
    ("api_keys_token_length", Do("UPDATE api_keys SET token_hash = substr(token_hash, 1, 31)")),
    ("api_keys_name_present", Do("UPDATE api_keys SET name = ''")),
    ("api_keys_name_present", Do("UPDATE api_keys SET name = '{x201}'")),
    ("api_keys_end_after_beginning", Do("UPDATE api_keys SET expires_at = created_at")),
    ("audit_entries_pkey", Like("audit_entries", "true", &[])),
    ("audit_entries_tenant_fkey", Like("audit_entries", "true", &[("id", "{new}"), ("tenant_id", "{new}")])),
    ("audit_entries_actor_known", Like("audit_entries", "true", &[("id", "{new}"), ("actor", "'somebody'")])),
    ("audit_entries_actor_named", Like("audit_entries", "true", &[("id", "{new}"), ("actor_id", "NULL")])),
    ("audit_entries_reason_length", Like("audit_entries", "true", &[("id", "{new}"), ("reason", "''")])),
    ("audit_entries_append_only", Do("UPDATE audit_entries SET reason = 'another'")),
    ("audit_entries_append_only", Do("DELETE FROM audit_entries")),
];
