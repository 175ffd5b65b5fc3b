-- What somebody may do in a business. One person may be in several.
CREATE TABLE memberships (
    tenant_id BLOB NOT NULL CONSTRAINT memberships_tenant_fkey REFERENCES tenants (id),
    user_id BLOB NOT NULL CONSTRAINT memberships_user_fkey REFERENCES users (id),
    role text NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT memberships_pkey PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT memberships_role_known CHECK (role IN ('owner', 'admin', 'agent', 'viewer'))
) STRICT;
CREATE TRIGGER memberships_tenant_fkey BEFORE INSERT ON memberships
WHEN NEW.tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tenants WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'memberships_tenant_fkey'); END;
CREATE TRIGGER memberships_user_fkey BEFORE INSERT ON memberships
WHEN NEW.user_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM users WHERE id = NEW.user_id)
BEGIN SELECT RAISE(ABORT, 'memberships_user_fkey'); END;
CREATE INDEX memberships_of_user ON memberships (user_id);

-- A member's session is in one business. The rule is not asked of the rows there are: they are staff's, and have none.
ALTER TABLE sessions ADD COLUMN tenant_id BLOB CONSTRAINT sessions_tenant_fkey REFERENCES tenants (id)
    CONSTRAINT sessions_members_alone CHECK ((audience = 'member') = (tenant_id IS NOT NULL));
CREATE TRIGGER sessions_tenant_fkey BEFORE INSERT ON sessions
WHEN NEW.tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tenants WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'sessions_tenant_fkey'); END;

-- Somebody is asked to join: the team of a business, or (audience `staff`) those who work for the platform, under its own tenant.
CREATE TABLE invitations (
    id BLOB NOT NULL CONSTRAINT invitations_pkey PRIMARY KEY,
    tenant_id BLOB NOT NULL CONSTRAINT invitations_tenant_fkey REFERENCES tenants (id),
    audience text NOT NULL,
    email text NOT NULL,
    role text NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    accepted_at INTEGER,
    revoked_at INTEGER,
    CONSTRAINT invitations_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT invitations_email_form CHECK (length(email) BETWEEN 3 AND 254 AND email = lower(trim(email)) AND email LIKE '%_@_%'),
    CONSTRAINT invitations_role_known CHECK (
        audience = 'member' AND role IN ('owner', 'admin', 'agent', 'viewer')
        OR audience = 'staff' AND role IN ('owner', 'finance_author', 'finance_approver', 'support', 'auditor')
    ),
    CONSTRAINT invitations_end_after_beginning CHECK (expires_at > created_at),
    CONSTRAINT invitations_end_once CHECK (accepted_at IS NULL OR revoked_at IS NULL)
) STRICT;
CREATE TRIGGER invitations_tenant_fkey BEFORE INSERT ON invitations
WHEN NEW.tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tenants WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'invitations_tenant_fkey'); END;
CREATE UNIQUE INDEX invitations_one_open ON invitations (tenant_id, audience, email) WHERE accepted_at IS NULL AND revoked_at IS NULL;

-- A letter to be sent, or sent. Its link works once; of the token in it only the hash is here, and the nonce from which the instance
-- key makes it again for another attempt to send. A sign-up is nothing but a letter until its link is used.
CREATE TABLE mails (
    id BLOB NOT NULL CONSTRAINT mails_pkey PRIMARY KEY,
    tenant_id BLOB NOT NULL CONSTRAINT mails_tenant_fkey REFERENCES tenants (id),
    kind text NOT NULL,
    email text NOT NULL,
    locale text NOT NULL,
    business text NOT NULL,
    user_id BLOB CONSTRAINT mails_user_fkey REFERENCES users (id),
    invitation_id BLOB,
    nonce BLOB NOT NULL,
    token_hash BLOB NOT NULL CONSTRAINT mails_token_unique UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    sent_at INTEGER,
    used_at INTEGER,
    CONSTRAINT mails_invitation_fkey FOREIGN KEY (tenant_id, invitation_id) REFERENCES invitations (tenant_id, id),
    CONSTRAINT mails_kind_known CHECK (kind IN ('invitation', 'signup', 'known', 'reset', 'changed')),
    CONSTRAINT mails_locale_known CHECK (locale IN ('en', 'nl', 'de', 'es', 'it', 'pl', 'pt-BR', 'ja', 'fr')),
    CONSTRAINT mails_business_present CHECK (length(business) BETWEEN 1 AND 200),
    CONSTRAINT mails_secret_length CHECK (length(nonce) = 32 AND length(token_hash) = 32),
    CONSTRAINT mails_end_after_beginning CHECK (expires_at > created_at)
) STRICT;
CREATE TRIGGER mails_tenant_fkey BEFORE INSERT ON mails
WHEN NEW.tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tenants WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'mails_tenant_fkey'); END;
CREATE TRIGGER mails_user_fkey BEFORE INSERT ON mails
WHEN NEW.user_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM users WHERE id = NEW.user_id)
BEGIN SELECT RAISE(ABORT, 'mails_user_fkey'); END;
CREATE TRIGGER mails_invitation_fkey BEFORE INSERT ON mails
WHEN NEW.invitation_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM invitations WHERE tenant_id = NEW.tenant_id AND id = NEW.invitation_id)
BEGIN SELECT RAISE(ABORT, 'mails_invitation_fkey'); END;
CREATE INDEX mails_by_end ON mails (expires_at);

-- What a business' own server shows. `permissions` are words with one space between.
CREATE TABLE api_keys (
    id BLOB NOT NULL CONSTRAINT api_keys_pkey PRIMARY KEY,
    tenant_id BLOB NOT NULL CONSTRAINT api_keys_tenant_fkey REFERENCES tenants (id),
    name text NOT NULL,
    token_hash BLOB NOT NULL CONSTRAINT api_keys_token_unique UNIQUE,
    hint text NOT NULL,
    permissions text NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    used_at INTEGER,
    revoked_at INTEGER,
    CONSTRAINT api_keys_token_length CHECK (length(token_hash) = 32),
    CONSTRAINT api_keys_name_present CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT api_keys_end_after_beginning CHECK (expires_at > created_at)
) STRICT;
CREATE TRIGGER api_keys_tenant_fkey BEFORE INSERT ON api_keys
WHEN NEW.tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tenants WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'api_keys_tenant_fkey'); END;
CREATE INDEX api_keys_of_tenant ON api_keys (tenant_id, id);

-- Who changed what, from where and why. Never what it was changed to. `fields` are names with one space between.
CREATE TABLE audit_entries (
    id BLOB NOT NULL CONSTRAINT audit_entries_pkey PRIMARY KEY,
    tenant_id BLOB CONSTRAINT audit_entries_tenant_fkey REFERENCES tenants (id),
    actor text NOT NULL,
    actor_id BLOB,
    address_hash BLOB,
    action text NOT NULL,
    subject_id BLOB,
    fields text NOT NULL,
    revision INTEGER,
    reason text,
    request_id BLOB,
    occurred_at INTEGER NOT NULL,
    CONSTRAINT audit_entries_actor_known CHECK (actor IN ('staff', 'member', 'api_key', 'local', 'process')),
    CONSTRAINT audit_entries_actor_named CHECK (actor_id IS NOT NULL OR actor IN ('local', 'process')),
    CONSTRAINT audit_entries_reason_length CHECK (length(reason) BETWEEN 1 AND 500)
) STRICT;
CREATE TRIGGER audit_entries_tenant_fkey BEFORE INSERT ON audit_entries
WHEN NEW.tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tenants WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'audit_entries_tenant_fkey'); END;
CREATE INDEX audit_entries_of_tenant ON audit_entries (tenant_id, id);
CREATE TRIGGER audit_entries_append_only_update BEFORE UPDATE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit_entries_append_only'); END;
CREATE TRIGGER audit_entries_append_only_delete BEFORE DELETE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit_entries_append_only'); END;
