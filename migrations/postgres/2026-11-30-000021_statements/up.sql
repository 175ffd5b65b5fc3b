-- A version's number has 32 bits in its own table, so what refers to it has too; nobody changes plans, and no period has lines, so often.
-- squawk-ignore-file prefer-bigint-over-int

-- The plan a subscription goes on with from its next period.
ALTER TABLE subscriptions
    ADD COLUMN next_plan text,
    ADD COLUMN revision bigint NOT NULL DEFAULT 1;
ALTER TABLE subscriptions
    ADD CONSTRAINT subscriptions_next_plan_paid CHECK (next_plan IS NULL OR (NOT trial AND ends_at IS NULL)) NOT VALID;

-- What a tenant was on, from when: what periods are billed by. The price of a plan is that of its version, which never changes.
CREATE TABLE subscription_segments (
    tenant_id uuid NOT NULL CONSTRAINT subscription_segments_tenant_fkey REFERENCES tenants (id),
    number integer NOT NULL,
    plan text NOT NULL,
    pricebook_version integer NOT NULL CONSTRAINT subscription_segments_version_fkey REFERENCES pricebook_versions (number),
    trial boolean NOT NULL,
    ends boolean NOT NULL,
    effective_from timestamptz NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT subscription_segments_pkey PRIMARY KEY (tenant_id, number),
    CONSTRAINT subscription_segments_number_positive CHECK (number > 0),
    CONSTRAINT subscription_segments_reason_known CHECK (reason IN ('started', 'changed', 'renewed', 'ended')),
    CONSTRAINT subscription_segments_ended CHECK (ends = (reason = 'ended'))
);
CREATE TRIGGER subscription_segments_append_only BEFORE UPDATE OR DELETE ON subscription_segments
FOR EACH ROW EXECUTE FUNCTION broken_rule('subscription_segments_append_only');
CREATE TRIGGER subscription_segments_append_only_truncate BEFORE TRUNCATE ON subscription_segments
FOR EACH STATEMENT EXECUTE FUNCTION broken_rule('subscription_segments_append_only');
CREATE FUNCTION subscription_segment_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number > 1 AND NOT EXISTS (
        SELECT 1 FROM subscription_segments s WHERE s.tenant_id = NEW.tenant_id AND s.number = NEW.number - 1 AND s.effective_from <= NEW.effective_from
    ) THEN
        RAISE EXCEPTION 'subscription_segments_follow' USING ERRCODE = 'check_violation', CONSTRAINT = 'subscription_segments_follow';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER subscription_segments_follow BEFORE INSERT ON subscription_segments FOR EACH ROW EXECUTE FUNCTION subscription_segment_follows();
INSERT INTO subscription_segments (tenant_id, number, plan, pricebook_version, trial, ends, effective_from, reason, created_at)
SELECT tenant_id, 1, plan, pricebook_version, trial, false, started_at, 'started', started_at FROM subscriptions;

-- What a period cost, written when it is over. Amounts are in minor units of the currency.
CREATE TABLE statements (
    tenant_id uuid NOT NULL CONSTRAINT statements_tenant_fkey REFERENCES tenants (id),
    period_from timestamptz NOT NULL,
    period_to timestamptz NOT NULL,
    currency text NOT NULL,
    total bigint NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT statements_pkey PRIMARY KEY (tenant_id, period_from),
    CONSTRAINT statements_period_order CHECK (period_from < period_to),
    CONSTRAINT statements_currency_length CHECK (length(currency) = 3)
);
CREATE TRIGGER statements_append_only BEFORE UPDATE OR DELETE ON statements
FOR EACH ROW EXECUTE FUNCTION broken_rule('statements_append_only');
CREATE TRIGGER statements_append_only_truncate BEFORE TRUNCATE ON statements
FOR EACH STATEMENT EXECUTE FUNCTION broken_rule('statements_append_only');
CREATE TABLE statement_lines (
    tenant_id uuid NOT NULL,
    period_from timestamptz NOT NULL,
    number integer NOT NULL,
    kind text NOT NULL,
    plan text,
    pricebook_version integer CONSTRAINT statement_lines_version_fkey REFERENCES pricebook_versions (number),
    line_from timestamptz NOT NULL,
    line_to timestamptz NOT NULL,
    amount bigint NOT NULL,
    quantity bigint,
    CONSTRAINT statement_lines_pkey PRIMARY KEY (tenant_id, period_from, number),
    CONSTRAINT statement_lines_statement_fkey FOREIGN KEY (tenant_id, period_from) REFERENCES statements (tenant_id, period_from),
    CONSTRAINT statement_lines_number_positive CHECK (number > 0),
    CONSTRAINT statement_lines_kind_known CHECK (kind IN ('plan', 'proration', 'overage', 'top_up')),
    CONSTRAINT statement_lines_order CHECK (line_from <= line_to)
);
CREATE TRIGGER statement_lines_append_only BEFORE UPDATE OR DELETE ON statement_lines
FOR EACH ROW EXECUTE FUNCTION broken_rule('statement_lines_append_only');
CREATE TRIGGER statement_lines_append_only_truncate BEFORE TRUNCATE ON statement_lines
FOR EACH STATEMENT EXECUTE FUNCTION broken_rule('statement_lines_append_only');
