-- Credits beyond a plan's: blocks that are billed by what was taken of them (overage), carried into the next period (rollover) or bought
-- (top-up); what corrections and refunds were for, and by whom. Rules of tables that are there cannot be changed here, so the three are made
-- anew (foreign keys are off while the schema is brought up to date, and checked after).
CREATE TABLE credit_grants_anew (
    id BLOB NOT NULL CONSTRAINT credit_grants_pkey PRIMARY KEY,
    tenant_id BLOB NOT NULL CONSTRAINT credit_grants_account_fkey REFERENCES credit_accounts (tenant_id),
    kind text NOT NULL,
    amount INTEGER NOT NULL,
    remaining INTEGER NOT NULL,
    held INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    effective_from INTEGER NOT NULL,
    expires_at INTEGER,
    pricebook_version INTEGER CONSTRAINT credit_grants_version_fkey REFERENCES pricebook_versions (number),
    period_from INTEGER,
    created_at INTEGER NOT NULL,
    product text,
    CONSTRAINT credit_grants_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT credit_grants_period_unique UNIQUE (tenant_id, kind, period_from),
    CONSTRAINT credit_grants_kind_known CHECK (kind IN ('allowance', 'trial', 'top_up', 'promotion', 'correction', 'rollover', 'overage')),
    CONSTRAINT credit_grants_amount_positive CHECK (amount > 0),
    CONSTRAINT credit_grants_covered CHECK (held >= 0 AND remaining >= held AND amount >= remaining),
    CONSTRAINT credit_grants_product_known CHECK (kind NOT IN ('top_up', 'overage') OR (product IS NOT NULL AND pricebook_version IS NOT NULL)),
    CONSTRAINT credit_grants_expires_later CHECK (expires_at IS NULL OR expires_at > effective_from)
) STRICT;
INSERT INTO credit_grants_anew SELECT *, NULL FROM credit_grants;
DROP TABLE credit_grants;
ALTER TABLE credit_grants_anew RENAME TO credit_grants;
CREATE INDEX credit_grants_usable ON credit_grants (tenant_id) WHERE remaining > 0;
CREATE TRIGGER credit_grants_account_fkey BEFORE INSERT ON credit_grants
WHEN NEW.tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM credit_accounts WHERE tenant_id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'credit_grants_account_fkey'); END;
CREATE TRIGGER credit_grants_version_fkey BEFORE INSERT ON credit_grants
WHEN NEW.pricebook_version IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pricebook_versions WHERE number = NEW.pricebook_version)
BEGIN SELECT RAISE(ABORT, 'credit_grants_version_fkey'); END;

CREATE TABLE credit_charges_anew (
    tenant_id BLOB NOT NULL,
    usage_key text NOT NULL,
    turn_id BLOB NOT NULL,
    hold_id BLOB NOT NULL,
    action text NOT NULL,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    estimated INTEGER NOT NULL,
    rated INTEGER NOT NULL,
    captured INTEGER NOT NULL,
    absorbed INTEGER NOT NULL,
    pricebook_version INTEGER NOT NULL CONSTRAINT credit_charges_version_fkey REFERENCES pricebook_versions (number),
    content_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    overage INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT credit_charges_pkey PRIMARY KEY (tenant_id, usage_key),
    CONSTRAINT credit_charges_turn_unique UNIQUE (tenant_id, turn_id),
    CONSTRAINT credit_charges_turn_fkey FOREIGN KEY (tenant_id, turn_id) REFERENCES turns (tenant_id, id),
    CONSTRAINT credit_charges_hold_fkey FOREIGN KEY (tenant_id, hold_id) REFERENCES credit_holds (tenant_id, id),
    CONSTRAINT credit_charges_action_known CHECK (action IN ('answer_written', 'answer_quoted', 'refusal', 'handoff', 'failure')),
    CONSTRAINT credit_charges_amounts_add_up CHECK (captured >= 0 AND absorbed >= 0 AND overage >= 0 AND rated = captured + absorbed + overage),
    CONSTRAINT credit_charges_hash_length CHECK (length(content_hash) = 32)
) STRICT;
INSERT INTO credit_charges_anew SELECT *, 0 FROM credit_charges;
DROP TABLE credit_charges;
ALTER TABLE credit_charges_anew RENAME TO credit_charges;
CREATE INDEX credit_charges_by_time ON credit_charges (tenant_id, created_at);
CREATE TRIGGER credit_charges_version_fkey BEFORE INSERT ON credit_charges
WHEN NEW.pricebook_version IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pricebook_versions WHERE number = NEW.pricebook_version)
BEGIN SELECT RAISE(ABORT, 'credit_charges_version_fkey'); END;
CREATE TRIGGER credit_charges_turn_fkey BEFORE INSERT ON credit_charges
WHEN NEW.turn_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM turns WHERE tenant_id = NEW.tenant_id AND id = NEW.turn_id)
BEGIN SELECT RAISE(ABORT, 'credit_charges_turn_fkey'); END;
CREATE TRIGGER credit_charges_hold_fkey BEFORE INSERT ON credit_charges
WHEN NEW.hold_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM credit_holds WHERE tenant_id = NEW.tenant_id AND id = NEW.hold_id)
BEGIN SELECT RAISE(ABORT, 'credit_charges_hold_fkey'); END;
CREATE TRIGGER credit_charges_within_hold BEFORE INSERT ON credit_charges
WHEN NEW.captured > (SELECT h.amount FROM credit_holds h WHERE h.id = NEW.hold_id)
BEGIN SELECT RAISE(ABORT, 'credit_charges_within_hold'); END;
CREATE TRIGGER credit_charges_append_only_update BEFORE UPDATE ON credit_charges
BEGIN SELECT RAISE(ABORT, 'credit_charges_append_only'); END;
CREATE TRIGGER credit_charges_append_only_delete BEFORE DELETE ON credit_charges
BEGIN SELECT RAISE(ABORT, 'credit_charges_append_only'); END;

CREATE TABLE credit_entries_anew (
    tenant_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    kind text NOT NULL,
    amount INTEGER NOT NULL,
    balance_before INTEGER NOT NULL,
    balance_after INTEGER NOT NULL,
    held_before INTEGER NOT NULL,
    held_after INTEGER NOT NULL,
    grant_id BLOB NOT NULL,
    hold_id BLOB,
    turn_id BLOB,
    pricebook_version INTEGER CONSTRAINT credit_entries_version_fkey REFERENCES pricebook_versions (number),
    content_hash BLOB,
    occurred_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    actor text,
    actor_id BLOB,
    reason text,
    CONSTRAINT credit_entries_pkey PRIMARY KEY (tenant_id, number),
    CONSTRAINT credit_entries_grant_fkey FOREIGN KEY (tenant_id, grant_id) REFERENCES credit_grants (tenant_id, id),
    CONSTRAINT credit_entries_hold_fkey FOREIGN KEY (tenant_id, hold_id) REFERENCES credit_holds (tenant_id, id),
    CONSTRAINT credit_entries_turn_fkey FOREIGN KEY (tenant_id, turn_id) REFERENCES turns (tenant_id, id),
    CONSTRAINT credit_entries_kind_known CHECK (kind IN ('grant', 'hold', 'capture', 'release', 'expire', 'void', 'adjust', 'refund', 'overage')),
    CONSTRAINT credit_entries_amount_positive CHECK (amount > 0 OR (kind = 'adjust' AND amount < 0)),
    CONSTRAINT credit_entries_add_up CHECK (CASE kind
        WHEN 'hold' THEN balance_after = balance_before AND held_after = held_before + amount
        WHEN 'release' THEN balance_after = balance_before AND held_after = held_before - amount
        WHEN 'capture' THEN balance_after = balance_before - amount AND held_after = held_before - amount
        WHEN 'expire' THEN balance_after = balance_before - amount AND held_after = held_before
        WHEN 'void' THEN balance_after = balance_before - amount AND held_after = held_before
        WHEN 'overage' THEN balance_after = balance_before - amount AND held_after = held_before
        ELSE balance_after = balance_before + amount AND held_after = held_before END),
    CONSTRAINT credit_entries_reason_length CHECK (length(reason) BETWEEN 1 AND 500),
    CONSTRAINT credit_entries_corrected_by CHECK (kind NOT IN ('adjust', 'void') OR (actor IS NOT NULL AND reason IS NOT NULL)),
    CONSTRAINT credit_entries_hash_length CHECK (content_hash IS NULL OR length(content_hash) = 32)
) STRICT;
INSERT INTO credit_entries_anew SELECT *, NULL, NULL, NULL FROM credit_entries;
DROP TABLE credit_entries;
ALTER TABLE credit_entries_anew RENAME TO credit_entries;
CREATE INDEX credit_entries_of_turn ON credit_entries (tenant_id, turn_id, number);
-- What is billed of a period.
CREATE INDEX credit_entries_of_grant ON credit_entries (tenant_id, grant_id, occurred_at);
CREATE TRIGGER credit_entries_version_fkey BEFORE INSERT ON credit_entries
WHEN NEW.pricebook_version IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pricebook_versions WHERE number = NEW.pricebook_version)
BEGIN SELECT RAISE(ABORT, 'credit_entries_version_fkey'); END;
CREATE TRIGGER credit_entries_grant_fkey BEFORE INSERT ON credit_entries
WHEN NEW.grant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM credit_grants WHERE tenant_id = NEW.tenant_id AND id = NEW.grant_id)
BEGIN SELECT RAISE(ABORT, 'credit_entries_grant_fkey'); END;
CREATE TRIGGER credit_entries_hold_fkey BEFORE INSERT ON credit_entries
WHEN NEW.hold_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM credit_holds WHERE tenant_id = NEW.tenant_id AND id = NEW.hold_id)
BEGIN SELECT RAISE(ABORT, 'credit_entries_hold_fkey'); END;
CREATE TRIGGER credit_entries_turn_fkey BEFORE INSERT ON credit_entries
WHEN NEW.turn_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM turns WHERE tenant_id = NEW.tenant_id AND id = NEW.turn_id)
BEGIN SELECT RAISE(ABORT, 'credit_entries_turn_fkey'); END;
CREATE TRIGGER credit_entries_append_only_update BEFORE UPDATE ON credit_entries
BEGIN SELECT RAISE(ABORT, 'credit_entries_append_only'); END;
CREATE TRIGGER credit_entries_append_only_delete BEFORE DELETE ON credit_entries
BEGIN SELECT RAISE(ABORT, 'credit_entries_append_only'); END;
CREATE TRIGGER credit_entries_follow BEFORE INSERT ON credit_entries
WHEN NOT (NEW.number = 1 AND NEW.balance_before = 0 AND NEW.held_before = 0) AND NOT EXISTS (
    SELECT 1 FROM credit_entries e WHERE e.tenant_id = NEW.tenant_id AND e.number = NEW.number - 1
        AND e.balance_after = NEW.balance_before AND e.held_after = NEW.held_before
)
BEGIN SELECT RAISE(ABORT, 'credit_entries_follow'); END;

-- What was given back of a charge: once for a turn.
CREATE TABLE credit_refunds (
    tenant_id BLOB NOT NULL,
    turn_id BLOB NOT NULL,
    reason text NOT NULL,
    percent INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    pricebook_version INTEGER NOT NULL CONSTRAINT credit_refunds_version_fkey REFERENCES pricebook_versions (number),
    actor text NOT NULL,
    actor_id BLOB,
    created_at INTEGER NOT NULL,
    CONSTRAINT credit_refunds_pkey PRIMARY KEY (tenant_id, turn_id),
    CONSTRAINT credit_refunds_charge_fkey FOREIGN KEY (tenant_id, turn_id) REFERENCES credit_charges (tenant_id, turn_id),
    CONSTRAINT credit_refunds_reason_known CHECK (reason IN ('failed', 'handed_over', 'stopped', 'rated_wrong')),
    CONSTRAINT credit_refunds_percent_bounded CHECK (percent BETWEEN 1 AND 100),
    CONSTRAINT credit_refunds_amount_positive CHECK (amount > 0)
) STRICT;
CREATE TRIGGER credit_refunds_version_fkey BEFORE INSERT ON credit_refunds
WHEN NEW.pricebook_version IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pricebook_versions WHERE number = NEW.pricebook_version)
BEGIN SELECT RAISE(ABORT, 'credit_refunds_version_fkey'); END;
CREATE TRIGGER credit_refunds_charge_fkey BEFORE INSERT ON credit_refunds
WHEN NOT EXISTS (SELECT 1 FROM credit_charges WHERE tenant_id = NEW.tenant_id AND turn_id = NEW.turn_id)
BEGIN SELECT RAISE(ABORT, 'credit_refunds_charge_fkey'); END;
CREATE TRIGGER credit_refunds_within_charge BEFORE INSERT ON credit_refunds
WHEN NEW.amount > (SELECT c.captured + c.overage FROM credit_charges c WHERE c.tenant_id = NEW.tenant_id AND c.turn_id = NEW.turn_id)
BEGIN SELECT RAISE(ABORT, 'credit_refunds_within_charge'); END;
CREATE TRIGGER credit_refunds_append_only_update BEFORE UPDATE ON credit_refunds
BEGIN SELECT RAISE(ABORT, 'credit_refunds_append_only'); END;
CREATE TRIGGER credit_refunds_append_only_delete BEFORE DELETE ON credit_refunds
BEGIN SELECT RAISE(ABORT, 'credit_refunds_append_only'); END;
