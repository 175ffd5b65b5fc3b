-- Credits beyond a plan's: blocks that are billed by what was taken of them (overage), carried into the next period (rollover) or bought
-- (top-up); what corrections and refunds were for, and by whom. Each rule that goes is replaced at once by one that allows what it allowed.
-- squawk-ignore-file ban-drop-constraint
ALTER TABLE credit_grants ADD COLUMN product text;
ALTER TABLE credit_grants DROP CONSTRAINT credit_grants_kind_known;
ALTER TABLE credit_grants ADD CONSTRAINT credit_grants_kind_known
    CHECK (kind IN ('allowance', 'trial', 'top_up', 'promotion', 'correction', 'rollover', 'overage')) NOT VALID;
ALTER TABLE credit_grants ADD CONSTRAINT credit_grants_product_known
    CHECK (kind NOT IN ('top_up', 'overage') OR (product IS NOT NULL AND pricebook_version IS NOT NULL)) NOT VALID;

ALTER TABLE credit_charges ADD COLUMN overage bigint NOT NULL DEFAULT 0;
ALTER TABLE credit_charges DROP CONSTRAINT credit_charges_amounts_add_up;
ALTER TABLE credit_charges ADD CONSTRAINT credit_charges_amounts_add_up
    CHECK (captured >= 0 AND absorbed >= 0 AND overage >= 0 AND rated = captured + absorbed + overage) NOT VALID;

ALTER TABLE credit_entries ADD COLUMN actor text;
ALTER TABLE credit_entries ADD COLUMN actor_id uuid;
ALTER TABLE credit_entries ADD COLUMN reason text;
ALTER TABLE credit_entries DROP CONSTRAINT credit_entries_amount_positive;
ALTER TABLE credit_entries ADD CONSTRAINT credit_entries_amount_positive CHECK (amount > 0 OR (kind = 'adjust' AND amount < 0)) NOT VALID;
ALTER TABLE credit_entries DROP CONSTRAINT credit_entries_add_up;
ALTER TABLE credit_entries ADD CONSTRAINT credit_entries_add_up CHECK (CASE kind
    WHEN 'hold' THEN balance_after = balance_before AND held_after = held_before + amount
    WHEN 'release' THEN balance_after = balance_before AND held_after = held_before - amount
    WHEN 'capture' THEN balance_after = balance_before - amount AND held_after = held_before - amount
    WHEN 'expire' THEN balance_after = balance_before - amount AND held_after = held_before
    WHEN 'void' THEN balance_after = balance_before - amount AND held_after = held_before
    WHEN 'overage' THEN balance_after = balance_before - amount AND held_after = held_before
    ELSE balance_after = balance_before + amount AND held_after = held_before END) NOT VALID;
ALTER TABLE credit_entries ADD CONSTRAINT credit_entries_reason_length CHECK (length(reason) BETWEEN 1 AND 500) NOT VALID;
ALTER TABLE credit_entries ADD CONSTRAINT credit_entries_corrected_by
    CHECK (kind NOT IN ('adjust', 'void') OR (actor IS NOT NULL AND reason IS NOT NULL)) NOT VALID;

-- What was given back of a charge: once for a turn.
CREATE TABLE credit_refunds (
    tenant_id uuid NOT NULL,
    turn_id uuid NOT NULL,
    reason text NOT NULL,
    -- squawk-ignore prefer-bigint-over-int
    percent integer NOT NULL,
    amount bigint NOT NULL,
    -- squawk-ignore prefer-bigint-over-int
    pricebook_version integer NOT NULL CONSTRAINT credit_refunds_version_fkey REFERENCES pricebook_versions (number),
    actor text NOT NULL,
    actor_id uuid,
    created_at timestamptz NOT NULL,
    CONSTRAINT credit_refunds_pkey PRIMARY KEY (tenant_id, turn_id),
    CONSTRAINT credit_refunds_charge_fkey FOREIGN KEY (tenant_id, turn_id) REFERENCES credit_charges (tenant_id, turn_id),
    CONSTRAINT credit_refunds_reason_known CHECK (reason IN ('failed', 'handed_over', 'stopped', 'rated_wrong')),
    CONSTRAINT credit_refunds_percent_bounded CHECK (percent BETWEEN 1 AND 100),
    CONSTRAINT credit_refunds_amount_positive CHECK (amount > 0)
);
CREATE FUNCTION credit_refund_within_charge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.amount > (SELECT c.captured + c.overage FROM credit_charges c WHERE c.tenant_id = NEW.tenant_id AND c.turn_id = NEW.turn_id) THEN
        RAISE EXCEPTION 'credit_refunds_within_charge' USING ERRCODE = 'check_violation', CONSTRAINT = 'credit_refunds_within_charge';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_refunds_within_charge BEFORE INSERT ON credit_refunds FOR EACH ROW EXECUTE FUNCTION credit_refund_within_charge();
CREATE TRIGGER credit_refunds_append_only BEFORE UPDATE OR DELETE ON credit_refunds
FOR EACH ROW EXECUTE FUNCTION broken_rule('credit_refunds_append_only');
CREATE TRIGGER credit_refunds_append_only_truncate BEFORE TRUNCATE ON credit_refunds
FOR EACH STATEMENT EXECUTE FUNCTION broken_rule('credit_refunds_append_only');
-- What is billed of a period.
-- Made while nobody writes: a ledger's table is locked for seconds at most, and a step that is taken as a whole can be undone as a whole.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX credit_entries_of_grant ON credit_entries (tenant_id, grant_id, occurred_at);
