-- What somebody may do in a business. One person may be in several.
CREATE TABLE memberships (
    tenant_id uuid NOT NULL CONSTRAINT memberships_tenant_fkey REFERENCES tenants (id),
    user_id uuid NOT NULL CONSTRAINT memberships_user_fkey REFERENCES users (id),
    role text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT memberships_pkey PRIMARY KEY (tenant_id, user_id),
    CONSTRAINT memberships_role_known CHECK (role IN ('owner', 'admin', 'agent', 'viewer'))
);
CREATE INDEX memberships_of_user ON memberships (user_id);

-- A member's session is in one business. The rule is not asked of the rows there are: they are staff's, and have none.
ALTER TABLE sessions ADD COLUMN tenant_id uuid;
ALTER TABLE sessions ADD CONSTRAINT sessions_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id) NOT VALID;
ALTER TABLE sessions ADD CONSTRAINT sessions_members_alone CHECK ((audience = 'member') = (tenant_id IS NOT NULL)) NOT VALID;

-- Somebody is asked to join: the team of a business, or (audience `staff`) those who work for the platform, under its own tenant.
CREATE TABLE invitations (
    id uuid NOT NULL CONSTRAINT invitations_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL CONSTRAINT invitations_tenant_fkey REFERENCES tenants (id),
    audience text NOT NULL,
    email text COLLATE "C" NOT NULL,
    role text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT invitations_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT invitations_email_form CHECK (length(email) BETWEEN 3 AND 254 AND email = lower(trim(email)) AND email LIKE '%_@_%'),
    CONSTRAINT invitations_role_known CHECK (
        audience = 'member' AND role IN ('owner', 'admin', 'agent', 'viewer')
        OR audience = 'staff' AND role IN ('owner', 'finance_author', 'finance_approver', 'support', 'auditor')
    ),
    CONSTRAINT invitations_end_after_beginning CHECK (expires_at > created_at),
    CONSTRAINT invitations_end_once CHECK (accepted_at IS NULL OR revoked_at IS NULL)
);
CREATE UNIQUE INDEX invitations_one_open ON invitations (tenant_id, audience, email) WHERE accepted_at IS NULL AND revoked_at IS NULL;

-- A letter to be sent, or sent. Its link works once; of the token in it only the hash is here, and the nonce from which the instance
-- key makes it again for another attempt to send. A sign-up is nothing but a letter until its link is used.
CREATE TABLE mails (
    id uuid NOT NULL CONSTRAINT mails_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL CONSTRAINT mails_tenant_fkey REFERENCES tenants (id),
    kind text NOT NULL,
    email text COLLATE "C" NOT NULL,
    locale text NOT NULL,
    business text NOT NULL,
    user_id uuid CONSTRAINT mails_user_fkey REFERENCES users (id),
    invitation_id uuid,
    nonce bytea NOT NULL,
    token_hash bytea NOT NULL CONSTRAINT mails_token_unique UNIQUE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    sent_at timestamptz,
    used_at timestamptz,
    CONSTRAINT mails_invitation_fkey FOREIGN KEY (tenant_id, invitation_id) REFERENCES invitations (tenant_id, id),
    CONSTRAINT mails_kind_known CHECK (kind IN ('invitation', 'signup', 'known', 'reset', 'changed')),
    CONSTRAINT mails_locale_known CHECK (locale IN ('en', 'nl', 'de', 'es', 'it', 'pl', 'pt-BR', 'ja', 'fr')),
    CONSTRAINT mails_business_present CHECK (length(business) BETWEEN 1 AND 200),
    CONSTRAINT mails_secret_length CHECK (length(nonce) = 32 AND length(token_hash) = 32),
    CONSTRAINT mails_end_after_beginning CHECK (expires_at > created_at)
);
CREATE INDEX mails_by_end ON mails (expires_at);

-- What a business' own server shows. `permissions` are words with one space between.
CREATE TABLE api_keys (
    id uuid NOT NULL CONSTRAINT api_keys_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL CONSTRAINT api_keys_tenant_fkey REFERENCES tenants (id),
    name text NOT NULL,
    token_hash bytea NOT NULL CONSTRAINT api_keys_token_unique UNIQUE,
    hint text NOT NULL,
    permissions text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    used_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT api_keys_token_length CHECK (length(token_hash) = 32),
    CONSTRAINT api_keys_name_present CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT api_keys_end_after_beginning CHECK (expires_at > created_at)
);
CREATE INDEX api_keys_of_tenant ON api_keys (tenant_id, id);

-- Who changed what, from where and why. Never what it was changed to. `fields` are names with one space between.
CREATE TABLE audit_entries (
    id uuid NOT NULL CONSTRAINT audit_entries_pkey PRIMARY KEY,
    tenant_id uuid CONSTRAINT audit_entries_tenant_fkey REFERENCES tenants (id),
    actor text NOT NULL,
    actor_id uuid,
    address_hash bytea,
    action text NOT NULL,
    subject_id uuid,
    fields text NOT NULL,
    revision bigint,
    reason text,
    request_id uuid,
    occurred_at timestamptz NOT NULL,
    CONSTRAINT audit_entries_actor_known CHECK (actor IN ('staff', 'member', 'api_key', 'local', 'process')),
    CONSTRAINT audit_entries_actor_named CHECK (actor_id IS NOT NULL OR actor IN ('local', 'process')),
    CONSTRAINT audit_entries_reason_length CHECK (length(reason) BETWEEN 1 AND 500)
);
CREATE INDEX audit_entries_of_tenant ON audit_entries (tenant_id, id);
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE ON audit_entries
FOR EACH ROW EXECUTE FUNCTION broken_rule('audit_entries_append_only');
