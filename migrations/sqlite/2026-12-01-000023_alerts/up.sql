-- What somebody has to know of a tenant: how far its credits are used up, that its plan has ended, that other prices hold for it. Each once:
-- `unique_key` says of which period, version or day it is.
CREATE TABLE alerts (
    id BLOB NOT NULL CONSTRAINT alerts_pkey PRIMARY KEY,
    tenant_id BLOB NOT NULL CONSTRAINT alerts_tenant_fkey REFERENCES tenants (id),
    kind text NOT NULL,
    unique_key text NOT NULL,
    percent INTEGER,
    pricebook_version INTEGER CONSTRAINT alerts_version_fkey REFERENCES pricebook_versions (number),
    occurred_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT alerts_once UNIQUE (tenant_id, kind, unique_key),
    CONSTRAINT alerts_kind_known CHECK (kind IN ('credits_threshold', 'credits_exhausted', 'plan_ended', 'prices_changed', 'charges_differ')),
    CONSTRAINT alerts_percent_bounded CHECK ((kind = 'credits_threshold') = (percent IS NOT NULL) AND (percent IS NULL OR percent BETWEEN 1 AND 100)),
    CONSTRAINT alerts_version_said CHECK ((kind = 'prices_changed') = (pricebook_version IS NOT NULL))
) STRICT;
CREATE INDEX alerts_newest ON alerts (tenant_id, created_at);
CREATE TRIGGER alerts_tenant_fkey BEFORE INSERT ON alerts
WHEN NEW.tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tenants WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'alerts_tenant_fkey'); END;
CREATE TRIGGER alerts_version_fkey BEFORE INSERT ON alerts
WHEN NEW.pricebook_version IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pricebook_versions WHERE number = NEW.pricebook_version)
BEGIN SELECT RAISE(ABORT, 'alerts_version_fkey'); END;
CREATE TRIGGER alerts_append_only_update BEFORE UPDATE ON alerts
BEGIN SELECT RAISE(ABORT, 'alerts_append_only'); END;
CREATE TRIGGER alerts_append_only_delete BEFORE DELETE ON alerts
BEGIN SELECT RAISE(ABORT, 'alerts_append_only'); END;

-- Letters tell of them. Rules of a table that is there cannot be changed here, so it is made anew (foreign keys are off while the schema is
-- brought up to date, and checked after).
CREATE TABLE mails_anew (
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
    CONSTRAINT mails_kind_known CHECK (kind IN (
        'invitation', 'signup', 'known', 'reset', 'changed', 'credits_50', 'credits_80', 'credits_100', 'credits_exhausted', 'plan_ended', 'charges_differ'
    )),
    CONSTRAINT mails_locale_known CHECK (locale IN ('en', 'nl', 'de', 'es', 'it', 'pl', 'pt-BR', 'ja', 'fr')),
    CONSTRAINT mails_business_present CHECK (length(business) BETWEEN 1 AND 200),
    CONSTRAINT mails_secret_length CHECK (length(nonce) = 32 AND length(token_hash) = 32),
    CONSTRAINT mails_end_after_beginning CHECK (expires_at > created_at)
) STRICT;
INSERT INTO mails_anew SELECT * FROM mails;
DROP TABLE mails;
ALTER TABLE mails_anew RENAME TO mails;
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

-- Whose block expires or period ends next, for the job that looks after accounts nobody else looks at.
CREATE INDEX credit_accounts_due ON credit_accounts (next_event_at) WHERE next_event_at IS NOT NULL;
