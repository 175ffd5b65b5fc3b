-- What providers of language models take, from a moment on: for a million tokens, in millionths of the currency. Of two for one model and moment
-- the one written last holds.
CREATE TABLE provider_costs (
    id BLOB NOT NULL CONSTRAINT provider_costs_pkey PRIMARY KEY,
    model text NOT NULL,
    currency text NOT NULL,
    prompt_micro INTEGER NOT NULL,
    completion_micro INTEGER NOT NULL,
    effective_from INTEGER NOT NULL,
    actor text NOT NULL,
    actor_id BLOB,
    created_at INTEGER NOT NULL,
    CONSTRAINT provider_costs_model_present CHECK (length(model) BETWEEN 1 AND 200),
    CONSTRAINT provider_costs_currency_form CHECK (length(currency) = 3),
    CONSTRAINT provider_costs_not_negative CHECK (prompt_micro >= 0 AND completion_micro >= 0)
) STRICT;
CREATE INDEX provider_costs_of_model ON provider_costs (model, effective_from);
CREATE TRIGGER provider_costs_append_only_update BEFORE UPDATE ON provider_costs
BEGIN SELECT RAISE(ABORT, 'provider_costs_append_only'); END;
CREATE TRIGGER provider_costs_append_only_delete BEFORE DELETE ON provider_costs
BEGIN SELECT RAISE(ABORT, 'provider_costs_append_only'); END;

-- What became of reckoning a day's charges once more.
CREATE TABLE charge_checks (
    day INTEGER NOT NULL CONSTRAINT charge_checks_pkey PRIMARY KEY,
    checked INTEGER NOT NULL,
    differing INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    CONSTRAINT charge_checks_counted CHECK (differing >= 0 AND checked >= differing)
) STRICT;
CREATE TRIGGER charge_checks_append_only_update BEFORE UPDATE ON charge_checks
BEGIN SELECT RAISE(ABORT, 'charge_checks_append_only'); END;
CREATE TRIGGER charge_checks_append_only_delete BEFORE DELETE ON charge_checks
BEGIN SELECT RAISE(ABORT, 'charge_checks_append_only'); END;
-- A day's charges.
CREATE INDEX credit_charges_of_day ON credit_charges (created_at, tenant_id, turn_id);
