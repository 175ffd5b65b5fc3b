-- The plan a subscription goes on with from its next period.
ALTER TABLE subscriptions ADD COLUMN next_plan text CONSTRAINT subscriptions_next_plan_paid CHECK (next_plan IS NULL OR (NOT trial AND ends_at IS NULL));
ALTER TABLE subscriptions ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;

-- What a tenant was on, from when: what periods are billed by. The price of a plan is that of its version, which never changes.
CREATE TABLE subscription_segments (
    tenant_id BLOB NOT NULL CONSTRAINT subscription_segments_tenant_fkey REFERENCES tenants (id),
    number INTEGER NOT NULL,
    plan text NOT NULL,
    pricebook_version INTEGER NOT NULL CONSTRAINT subscription_segments_version_fkey REFERENCES pricebook_versions (number),
    trial INTEGER NOT NULL,
    ends INTEGER NOT NULL,
    effective_from INTEGER NOT NULL,
    reason text NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT subscription_segments_pkey PRIMARY KEY (tenant_id, number),
    CONSTRAINT subscription_segments_number_positive CHECK (number > 0),
    CONSTRAINT subscription_segments_reason_known CHECK (reason IN ('started', 'changed', 'renewed', 'ended')),
    CONSTRAINT subscription_segments_ended CHECK (ends = (reason = 'ended'))
) STRICT;
CREATE TRIGGER subscription_segments_tenant_fkey BEFORE INSERT ON subscription_segments
WHEN NEW.tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tenants WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'subscription_segments_tenant_fkey'); END;
CREATE TRIGGER subscription_segments_version_fkey BEFORE INSERT ON subscription_segments
WHEN NEW.pricebook_version IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pricebook_versions WHERE number = NEW.pricebook_version)
BEGIN SELECT RAISE(ABORT, 'subscription_segments_version_fkey'); END;
CREATE TRIGGER subscription_segments_append_only_update BEFORE UPDATE ON subscription_segments
BEGIN SELECT RAISE(ABORT, 'subscription_segments_append_only'); END;
CREATE TRIGGER subscription_segments_append_only_delete BEFORE DELETE ON subscription_segments
BEGIN SELECT RAISE(ABORT, 'subscription_segments_append_only'); END;
CREATE TRIGGER subscription_segments_follow BEFORE INSERT ON subscription_segments
WHEN NEW.number > 1 AND NOT EXISTS (
    SELECT 1 FROM subscription_segments s WHERE s.tenant_id = NEW.tenant_id AND s.number = NEW.number - 1 AND s.effective_from <= NEW.effective_from
)
BEGIN SELECT RAISE(ABORT, 'subscription_segments_follow'); END;
INSERT INTO subscription_segments (tenant_id, number, plan, pricebook_version, trial, ends, effective_from, reason, created_at)
SELECT tenant_id, 1, plan, pricebook_version, trial, 0, started_at, 'started', started_at FROM subscriptions;

-- What a period cost, written when it is over. Amounts are in minor units of the currency.
CREATE TABLE statements (
    tenant_id BLOB NOT NULL CONSTRAINT statements_tenant_fkey REFERENCES tenants (id),
    period_from INTEGER NOT NULL,
    period_to INTEGER NOT NULL,
    currency text NOT NULL,
    total INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT statements_pkey PRIMARY KEY (tenant_id, period_from),
    CONSTRAINT statements_period_order CHECK (period_from < period_to),
    CONSTRAINT statements_currency_length CHECK (length(currency) = 3)
) STRICT;
CREATE TRIGGER statements_tenant_fkey BEFORE INSERT ON statements
WHEN NEW.tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tenants WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'statements_tenant_fkey'); END;
CREATE TRIGGER statements_append_only_update BEFORE UPDATE ON statements
BEGIN SELECT RAISE(ABORT, 'statements_append_only'); END;
CREATE TRIGGER statements_append_only_delete BEFORE DELETE ON statements
BEGIN SELECT RAISE(ABORT, 'statements_append_only'); END;
CREATE TABLE statement_lines (
    tenant_id BLOB NOT NULL,
    period_from INTEGER NOT NULL,
    number INTEGER NOT NULL,
    kind text NOT NULL,
    plan text,
    pricebook_version INTEGER CONSTRAINT statement_lines_version_fkey REFERENCES pricebook_versions (number),
    line_from INTEGER NOT NULL,
    line_to INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    quantity INTEGER,
    CONSTRAINT statement_lines_pkey PRIMARY KEY (tenant_id, period_from, number),
    CONSTRAINT statement_lines_statement_fkey FOREIGN KEY (tenant_id, period_from) REFERENCES statements (tenant_id, period_from),
    CONSTRAINT statement_lines_number_positive CHECK (number > 0),
    CONSTRAINT statement_lines_kind_known CHECK (kind IN ('plan', 'proration', 'overage', 'top_up')),
    CONSTRAINT statement_lines_order CHECK (line_from <= line_to)
) STRICT;
CREATE TRIGGER statement_lines_version_fkey BEFORE INSERT ON statement_lines
WHEN NEW.pricebook_version IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pricebook_versions WHERE number = NEW.pricebook_version)
BEGIN SELECT RAISE(ABORT, 'statement_lines_version_fkey'); END;
CREATE TRIGGER statement_lines_statement_fkey BEFORE INSERT ON statement_lines
WHEN NOT EXISTS (SELECT 1 FROM statements WHERE tenant_id = NEW.tenant_id AND period_from = NEW.period_from)
BEGIN SELECT RAISE(ABORT, 'statement_lines_statement_fkey'); END;
CREATE TRIGGER statement_lines_append_only_update BEFORE UPDATE ON statement_lines
BEGIN SELECT RAISE(ABORT, 'statement_lines_append_only'); END;
CREATE TRIGGER statement_lines_append_only_delete BEFORE DELETE ON statement_lines
BEGIN SELECT RAISE(ABORT, 'statement_lines_append_only'); END;
