-- What providers of language models take, from a moment on: for a million tokens, in millionths of the currency. Of two for one model and moment
-- the one written last holds.
CREATE TABLE provider_costs (
    id uuid NOT NULL CONSTRAINT provider_costs_pkey PRIMARY KEY,
    model text NOT NULL,
    currency text NOT NULL,
    prompt_micro bigint NOT NULL,
    completion_micro bigint NOT NULL,
    effective_from timestamptz NOT NULL,
    actor text NOT NULL,
    actor_id uuid,
    created_at timestamptz NOT NULL,
    CONSTRAINT provider_costs_model_present CHECK (length(model) BETWEEN 1 AND 200),
    CONSTRAINT provider_costs_currency_form CHECK (length(currency) = 3),
    CONSTRAINT provider_costs_not_negative CHECK (prompt_micro >= 0 AND completion_micro >= 0)
);
CREATE INDEX provider_costs_of_model ON provider_costs (model, effective_from);
CREATE TRIGGER provider_costs_append_only BEFORE UPDATE OR DELETE ON provider_costs
FOR EACH ROW EXECUTE FUNCTION broken_rule('provider_costs_append_only');
CREATE TRIGGER provider_costs_append_only_truncate BEFORE TRUNCATE ON provider_costs
FOR EACH STATEMENT EXECUTE FUNCTION broken_rule('provider_costs_append_only');

-- What became of reckoning a day's charges once more.
CREATE TABLE charge_checks (
    day timestamptz NOT NULL CONSTRAINT charge_checks_pkey PRIMARY KEY,
    checked bigint NOT NULL,
    differing bigint NOT NULL,
    finished_at timestamptz NOT NULL,
    CONSTRAINT charge_checks_counted CHECK (differing >= 0 AND checked >= differing)
);
CREATE TRIGGER charge_checks_append_only BEFORE UPDATE OR DELETE ON charge_checks
FOR EACH ROW EXECUTE FUNCTION broken_rule('charge_checks_append_only');
CREATE TRIGGER charge_checks_append_only_truncate BEFORE TRUNCATE ON charge_checks
FOR EACH STATEMENT EXECUTE FUNCTION broken_rule('charge_checks_append_only');
-- A day's charges.
-- Made while nobody writes: charges are locked for seconds at most, and a step that is taken as a whole can be undone as a whole.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX credit_charges_of_day ON credit_charges (created_at, tenant_id, turn_id);
