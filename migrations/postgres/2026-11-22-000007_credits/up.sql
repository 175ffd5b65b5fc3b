-- What an answer took of a language model, and the ending of a turn that nobody could pay for.
ALTER TABLE messages
    ADD COLUMN prompt_tokens integer,
    ADD COLUMN completion_tokens integer,
    ADD COLUMN tokens_estimated boolean,
    DROP CONSTRAINT messages_status_fits,
    ADD CONSTRAINT messages_status_fits CHECK (CASE role WHEN 'visitor' THEN status = 'received' WHEN 'assistant' THEN status IN ('answered', 'refused', 'handed_off', 'failed', 'out_of_credits') ELSE status = 'sent' END),
    ADD CONSTRAINT messages_tokens_counted CHECK ((prompt_tokens IS NULL) = (completion_tokens IS NULL) AND (prompt_tokens IS NULL) = (tokens_estimated IS NULL) AND COALESCE(prompt_tokens, 0) >= 0 AND COALESCE(completion_tokens, 0) >= 0);
ALTER TABLE turns
    DROP CONSTRAINT turns_state_known,
    ADD CONSTRAINT turns_state_known CHECK (state IN ('waiting', 'live', 'answered', 'refused', 'handed_off', 'failed', 'out_of_credits')),
    ADD CONSTRAINT turns_tenant_unique UNIQUE (tenant_id, id);

-- What a tenant is on: a plan, at the prices of one version.
CREATE TABLE subscriptions (
    tenant_id uuid NOT NULL CONSTRAINT subscriptions_pkey PRIMARY KEY CONSTRAINT subscriptions_tenant_fkey REFERENCES tenants (id),
    plan text NOT NULL,
    pricebook_version integer NOT NULL CONSTRAINT subscriptions_version_fkey REFERENCES pricebook_versions (number),
    trial boolean NOT NULL,
    anchor_day smallint NOT NULL,
    started_at timestamptz NOT NULL,
    ends_at timestamptz,
    CONSTRAINT subscriptions_anchor_day_exists CHECK (anchor_day BETWEEN 1 AND 31),
    CONSTRAINT subscriptions_trial_ends CHECK (NOT trial OR ends_at IS NOT NULL),
    CONSTRAINT subscriptions_ends_after_start CHECK (ends_at IS NULL OR ends_at > started_at)
);

-- What a tenant has. All amounts are micro-credits. `next_event_at`: when a block expires or a period begins next.
CREATE TABLE credit_accounts (
    tenant_id uuid NOT NULL CONSTRAINT credit_accounts_pkey PRIMARY KEY CONSTRAINT credit_accounts_tenant_fkey REFERENCES tenants (id),
    balance bigint NOT NULL,
    held bigint NOT NULL,
    last_entry bigint NOT NULL,
    period_from timestamptz NOT NULL,
    period_to timestamptz NOT NULL,
    next_event_at timestamptz,
    CONSTRAINT credit_accounts_covered CHECK (held >= 0 AND balance >= held),
    CONSTRAINT credit_accounts_entries_counted CHECK (last_entry >= 0),
    CONSTRAINT credit_accounts_period_order CHECK (period_from < period_to)
);

-- Blocks of credits. `remaining` is what was neither captured nor has expired, `held` the part of it that holds have drawn.
CREATE TABLE credit_grants (
    id uuid NOT NULL CONSTRAINT credit_grants_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL CONSTRAINT credit_grants_account_fkey REFERENCES credit_accounts (tenant_id),
    kind text NOT NULL,
    amount bigint NOT NULL,
    remaining bigint NOT NULL,
    held bigint NOT NULL,
    priority smallint NOT NULL,
    effective_from timestamptz NOT NULL,
    expires_at timestamptz,
    pricebook_version integer CONSTRAINT credit_grants_version_fkey REFERENCES pricebook_versions (number),
    period_from timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT credit_grants_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT credit_grants_period_unique UNIQUE (tenant_id, kind, period_from),
    CONSTRAINT credit_grants_kind_known CHECK (kind IN ('allowance', 'trial', 'top_up', 'promotion', 'correction')),
    CONSTRAINT credit_grants_amount_positive CHECK (amount > 0),
    CONSTRAINT credit_grants_covered CHECK (held >= 0 AND remaining >= held AND amount >= remaining),
    CONSTRAINT credit_grants_expires_later CHECK (expires_at IS NULL OR expires_at > effective_from)
);
CREATE INDEX credit_grants_usable ON credit_grants (tenant_id) WHERE remaining > 0;

-- What a turn may cost at most, set aside before its work begins.
CREATE TABLE credit_holds (
    id uuid NOT NULL CONSTRAINT credit_holds_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL,
    turn_id uuid NOT NULL,
    amount bigint NOT NULL,
    pricebook_version integer NOT NULL CONSTRAINT credit_holds_version_fkey REFERENCES pricebook_versions (number),
    created_at timestamptz NOT NULL,
    settled_at timestamptz,
    CONSTRAINT credit_holds_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT credit_holds_turn_unique UNIQUE (tenant_id, turn_id),
    CONSTRAINT credit_holds_turn_fkey FOREIGN KEY (tenant_id, turn_id) REFERENCES turns (tenant_id, id),
    CONSTRAINT credit_holds_amount_counts CHECK (amount >= 0)
);
CREATE INDEX credit_holds_open ON credit_holds (tenant_id) WHERE settled_at IS NULL;
CREATE TRIGGER credit_holds_settled_final BEFORE UPDATE ON credit_holds
FOR EACH ROW WHEN (OLD.settled_at IS NOT NULL) EXECUTE FUNCTION broken_rule('credit_holds_settled_final');
CREATE TRIGGER credit_holds_terms_fixed BEFORE DELETE OR UPDATE OF id, tenant_id, turn_id, amount, pricebook_version, created_at ON credit_holds
FOR EACH ROW EXECUTE FUNCTION broken_rule('credit_holds_terms_fixed');

-- What a turn took, how it was rated and by which prices: one line for each usage key, for ever.
CREATE TABLE credit_charges (
    tenant_id uuid NOT NULL,
    usage_key text COLLATE "C" NOT NULL,
    turn_id uuid NOT NULL,
    hold_id uuid NOT NULL,
    action text NOT NULL,
    prompt_tokens integer,
    completion_tokens integer,
    estimated boolean NOT NULL,
    rated bigint NOT NULL,
    captured bigint NOT NULL,
    absorbed bigint NOT NULL,
    pricebook_version integer NOT NULL CONSTRAINT credit_charges_version_fkey REFERENCES pricebook_versions (number),
    content_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT credit_charges_pkey PRIMARY KEY (tenant_id, usage_key),
    CONSTRAINT credit_charges_turn_unique UNIQUE (tenant_id, turn_id),
    CONSTRAINT credit_charges_turn_fkey FOREIGN KEY (tenant_id, turn_id) REFERENCES turns (tenant_id, id),
    CONSTRAINT credit_charges_hold_fkey FOREIGN KEY (tenant_id, hold_id) REFERENCES credit_holds (tenant_id, id),
    CONSTRAINT credit_charges_action_known CHECK (action IN ('answer_written', 'answer_quoted', 'refusal', 'handoff', 'failure')),
    CONSTRAINT credit_charges_amounts_add_up CHECK (captured >= 0 AND absorbed >= 0 AND rated = captured + absorbed),
    CONSTRAINT credit_charges_hash_length CHECK (length(content_hash) = 32)
);
CREATE FUNCTION credit_charge_within_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.captured > (SELECT h.amount FROM credit_holds h WHERE h.id = NEW.hold_id) THEN
        RAISE EXCEPTION 'credit_charges_within_hold' USING ERRCODE = 'check_violation', CONSTRAINT = 'credit_charges_within_hold';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_charges_within_hold BEFORE INSERT ON credit_charges FOR EACH ROW EXECUTE FUNCTION credit_charge_within_hold();
CREATE TRIGGER credit_charges_append_only BEFORE UPDATE OR DELETE ON credit_charges
FOR EACH ROW EXECUTE FUNCTION broken_rule('credit_charges_append_only');

-- The ledger. Each entry says what it changed and begins where the one before ended.
CREATE TABLE credit_entries (
    tenant_id uuid NOT NULL,
    number bigint NOT NULL,
    kind text NOT NULL,
    amount bigint NOT NULL,
    balance_before bigint NOT NULL,
    balance_after bigint NOT NULL,
    held_before bigint NOT NULL,
    held_after bigint NOT NULL,
    grant_id uuid NOT NULL,
    hold_id uuid,
    turn_id uuid,
    pricebook_version integer CONSTRAINT credit_entries_version_fkey REFERENCES pricebook_versions (number),
    content_hash bytea,
    occurred_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT credit_entries_pkey PRIMARY KEY (tenant_id, number),
    CONSTRAINT credit_entries_grant_fkey FOREIGN KEY (tenant_id, grant_id) REFERENCES credit_grants (tenant_id, id),
    CONSTRAINT credit_entries_hold_fkey FOREIGN KEY (tenant_id, hold_id) REFERENCES credit_holds (tenant_id, id),
    CONSTRAINT credit_entries_turn_fkey FOREIGN KEY (tenant_id, turn_id) REFERENCES turns (tenant_id, id),
    CONSTRAINT credit_entries_kind_known CHECK (kind IN ('grant', 'hold', 'capture', 'release', 'expire', 'void', 'adjust', 'refund', 'overage')),
    CONSTRAINT credit_entries_amount_positive CHECK (amount > 0 OR kind = 'adjust'),
    CONSTRAINT credit_entries_add_up CHECK (CASE kind
        WHEN 'hold' THEN balance_after = balance_before AND held_after = held_before + amount
        WHEN 'release' THEN balance_after = balance_before AND held_after = held_before - amount
        WHEN 'capture' THEN balance_after = balance_before - amount AND held_after = held_before - amount
        WHEN 'expire' THEN balance_after = balance_before - amount AND held_after = held_before
        WHEN 'void' THEN balance_after = balance_before - amount AND held_after = held_before
        WHEN 'overage' THEN balance_after = balance_before AND held_after = held_before
        ELSE balance_after = balance_before + amount AND held_after = held_before END),
    CONSTRAINT credit_entries_hash_length CHECK (content_hash IS NULL OR length(content_hash) = 32)
);
CREATE INDEX credit_entries_of_turn ON credit_entries (tenant_id, turn_id);
CREATE TRIGGER credit_entries_append_only BEFORE UPDATE OR DELETE ON credit_entries
FOR EACH ROW EXECUTE FUNCTION broken_rule('credit_entries_append_only');
CREATE FUNCTION credit_entry_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (NEW.number = 1 AND NEW.balance_before = 0 AND NEW.held_before = 0) AND NOT EXISTS (
        SELECT 1 FROM credit_entries e WHERE e.tenant_id = NEW.tenant_id AND e.number = NEW.number - 1
            AND e.balance_after = NEW.balance_before AND e.held_after = NEW.held_before
    ) THEN
        RAISE EXCEPTION 'credit_entries_follow' USING ERRCODE = 'check_violation', CONSTRAINT = 'credit_entries_follow';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER credit_entries_follow BEFORE INSERT ON credit_entries FOR EACH ROW EXECUTE FUNCTION credit_entry_follows();
