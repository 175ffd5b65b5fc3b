-- What somebody has to know of a tenant: how far its credits are used up, that its plan has ended, that other prices hold for it. Each once:
-- `unique_key` says of which period, version or day it is.
CREATE TABLE alerts (
    id uuid NOT NULL CONSTRAINT alerts_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL CONSTRAINT alerts_tenant_fkey REFERENCES tenants (id),
    kind text NOT NULL,
    unique_key text NOT NULL,
    -- squawk-ignore prefer-bigint-over-int
    percent integer,
    -- squawk-ignore prefer-bigint-over-int
    pricebook_version integer CONSTRAINT alerts_version_fkey REFERENCES pricebook_versions (number),
    occurred_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT alerts_once UNIQUE (tenant_id, kind, unique_key),
    CONSTRAINT alerts_kind_known CHECK (kind IN ('credits_threshold', 'credits_exhausted', 'plan_ended', 'prices_changed', 'charges_differ')),
    CONSTRAINT alerts_percent_bounded CHECK ((kind = 'credits_threshold') = (percent IS NOT NULL) AND (percent IS NULL OR percent BETWEEN 1 AND 100)),
    CONSTRAINT alerts_version_said CHECK ((kind = 'prices_changed') = (pricebook_version IS NOT NULL))
);
CREATE INDEX alerts_newest ON alerts (tenant_id, created_at);
CREATE TRIGGER alerts_append_only BEFORE UPDATE OR DELETE ON alerts FOR EACH ROW EXECUTE FUNCTION broken_rule('alerts_append_only');
CREATE TRIGGER alerts_append_only_truncate BEFORE TRUNCATE ON alerts FOR EACH STATEMENT EXECUTE FUNCTION broken_rule('alerts_append_only');

-- Letters tell of them. The rule that goes is replaced at once by one that allows what it allowed.
-- squawk-ignore ban-drop-constraint
ALTER TABLE mails DROP CONSTRAINT mails_kind_known;
ALTER TABLE mails ADD CONSTRAINT mails_kind_known CHECK (kind IN (
    'invitation', 'signup', 'known', 'reset', 'changed', 'credits_50', 'credits_80', 'credits_100', 'credits_exhausted', 'plan_ended', 'charges_differ'
)) NOT VALID;

-- Whose block expires or period ends next, for the job that looks after accounts nobody else looks at.
-- Made while nobody writes: accounts are few, and a step that is taken as a whole can be undone as a whole.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX credit_accounts_due ON credit_accounts (next_event_at) WHERE next_event_at IS NOT NULL;
