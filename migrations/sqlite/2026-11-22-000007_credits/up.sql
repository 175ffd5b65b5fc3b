-- What an answer took of a language model, and the ending of a turn that nobody could pay for. A rule of a table that is there cannot
-- be changed here, so the two tables are made anew (foreign keys are off while the schema is brought up to date, and checked after).
CREATE TABLE messages_anew (
    id BLOB NOT NULL CONSTRAINT messages_pkey PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    role text NOT NULL,
    text text NOT NULL,
    status text NOT NULL,
    persona_version_id BLOB,
    model text,
    sources BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    tokens_estimated INTEGER,
    CONSTRAINT messages_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT messages_sequence_unique UNIQUE (conversation_id, sequence),
    CONSTRAINT messages_conversation_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
    CONSTRAINT messages_persona_version_fkey FOREIGN KEY (tenant_id, persona_version_id) REFERENCES persona_versions (tenant_id, id),
    CONSTRAINT messages_sequence_positive CHECK (sequence > 0),
    CONSTRAINT messages_role_known CHECK (role IN ('visitor', 'assistant', 'agent', 'system')),
    CONSTRAINT messages_status_fits CHECK (CASE role WHEN 'visitor' THEN status = 'received' WHEN 'assistant' THEN status IN ('answered', 'refused', 'handed_off', 'failed', 'out_of_credits') ELSE status = 'sent' END),
    CONSTRAINT messages_answer_by_persona CHECK (role <> 'assistant' OR (persona_version_id IS NOT NULL AND model IS NOT NULL)),
    CONSTRAINT messages_tokens_counted CHECK ((prompt_tokens IS NULL) = (completion_tokens IS NULL) AND (prompt_tokens IS NULL) = (tokens_estimated IS NULL) AND COALESCE(prompt_tokens, 0) >= 0 AND COALESCE(completion_tokens, 0) >= 0)
) STRICT;
INSERT INTO messages_anew SELECT *, NULL, NULL, NULL FROM messages;
DROP TABLE messages;
ALTER TABLE messages_anew RENAME TO messages;
CREATE TRIGGER messages_conversation_fkey BEFORE INSERT ON messages
WHEN NEW.conversation_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM conversations WHERE tenant_id = NEW.tenant_id AND id = NEW.conversation_id)
BEGIN SELECT RAISE(ABORT, 'messages_conversation_fkey'); END;
CREATE TRIGGER messages_persona_version_fkey BEFORE INSERT ON messages
WHEN NEW.persona_version_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM persona_versions WHERE tenant_id = NEW.tenant_id AND id = NEW.persona_version_id)
BEGIN SELECT RAISE(ABORT, 'messages_persona_version_fkey'); END;

CREATE TABLE turns_anew (
    id BLOB NOT NULL CONSTRAINT turns_pkey PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    question_id BLOB NOT NULL,
    first_sequence INTEGER NOT NULL,
    last_sequence INTEGER NOT NULL,
    locale text NOT NULL,
    state text NOT NULL,
    restarts INTEGER NOT NULL,
    answer_id BLOB CONSTRAINT turns_answer_unique UNIQUE,
    created_at INTEGER NOT NULL,
    speaking_at INTEGER,
    ended_at INTEGER,
    CONSTRAINT turns_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT turns_conversation_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
    CONSTRAINT turns_question_fkey FOREIGN KEY (tenant_id, question_id) REFERENCES messages (tenant_id, id),
    CONSTRAINT turns_answer_fkey FOREIGN KEY (tenant_id, answer_id) REFERENCES messages (tenant_id, id),
    CONSTRAINT turns_locale_known CHECK (locale IN ('en', 'nl', 'de', 'es', 'it', 'pl', 'pt-BR', 'ja', 'fr')),
    CONSTRAINT turns_state_known CHECK (state IN ('waiting', 'live', 'answered', 'refused', 'handed_off', 'failed', 'out_of_credits')),
    CONSTRAINT turns_sequence_order CHECK (first_sequence > 0 AND last_sequence >= first_sequence),
    CONSTRAINT turns_restarts_counted CHECK (restarts >= 0),
    CONSTRAINT turns_ended_with_answer CHECK ((state IN ('waiting', 'live')) = (ended_at IS NULL) AND (ended_at IS NULL) = (answer_id IS NULL))
) STRICT;
INSERT INTO turns_anew SELECT * FROM turns;
DROP TABLE turns;
ALTER TABLE turns_anew RENAME TO turns;
CREATE UNIQUE INDEX turns_one_live ON turns (conversation_id) WHERE state = 'live';
-- Over more columns than the one above only so that SQLite, which names a broken key by its columns, tells the two apart.
CREATE UNIQUE INDEX turns_one_waiting ON turns (tenant_id, conversation_id) WHERE state = 'waiting';
CREATE INDEX turns_of_conversation ON turns (conversation_id, last_sequence);
CREATE TRIGGER turns_conversation_fkey BEFORE INSERT ON turns
WHEN NEW.conversation_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM conversations WHERE tenant_id = NEW.tenant_id AND id = NEW.conversation_id)
BEGIN SELECT RAISE(ABORT, 'turns_conversation_fkey'); END;
CREATE TRIGGER turns_question_fkey BEFORE INSERT ON turns
WHEN NEW.question_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages WHERE tenant_id = NEW.tenant_id AND id = NEW.question_id)
BEGIN SELECT RAISE(ABORT, 'turns_question_fkey'); END;
CREATE TRIGGER turns_answer_fkey BEFORE INSERT ON turns
WHEN NEW.answer_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages WHERE tenant_id = NEW.tenant_id AND id = NEW.answer_id)
BEGIN SELECT RAISE(ABORT, 'turns_answer_fkey'); END;
CREATE TRIGGER turns_end_final BEFORE UPDATE ON turns
WHEN OLD.ended_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'turns_end_final'); END;

-- What a tenant is on: a plan, at the prices of one version.
CREATE TABLE subscriptions (
    tenant_id BLOB NOT NULL CONSTRAINT subscriptions_pkey PRIMARY KEY CONSTRAINT subscriptions_tenant_fkey REFERENCES tenants (id),
    plan text NOT NULL,
    pricebook_version INTEGER NOT NULL CONSTRAINT subscriptions_version_fkey REFERENCES pricebook_versions (number),
    trial INTEGER NOT NULL,
    anchor_day INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ends_at INTEGER,
    CONSTRAINT subscriptions_anchor_day_exists CHECK (anchor_day BETWEEN 1 AND 31),
    CONSTRAINT subscriptions_trial_ends CHECK (NOT trial OR ends_at IS NOT NULL),
    CONSTRAINT subscriptions_ends_after_start CHECK (ends_at IS NULL OR ends_at > started_at)
) STRICT;
CREATE TRIGGER subscriptions_tenant_fkey BEFORE INSERT ON subscriptions
WHEN NEW.tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tenants WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'subscriptions_tenant_fkey'); END;
CREATE TRIGGER subscriptions_version_fkey BEFORE INSERT ON subscriptions
WHEN NEW.pricebook_version IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pricebook_versions WHERE number = NEW.pricebook_version)
BEGIN SELECT RAISE(ABORT, 'subscriptions_version_fkey'); END;

-- What a tenant has. All amounts are micro-credits. `next_event_at`: when a block expires or a period begins next.
CREATE TABLE credit_accounts (
    tenant_id BLOB NOT NULL CONSTRAINT credit_accounts_pkey PRIMARY KEY CONSTRAINT credit_accounts_tenant_fkey REFERENCES tenants (id),
    balance INTEGER NOT NULL,
    held INTEGER NOT NULL,
    last_entry INTEGER NOT NULL,
    period_from INTEGER NOT NULL,
    period_to INTEGER NOT NULL,
    next_event_at INTEGER,
    CONSTRAINT credit_accounts_covered CHECK (held >= 0 AND balance >= held),
    CONSTRAINT credit_accounts_entries_counted CHECK (last_entry >= 0),
    CONSTRAINT credit_accounts_period_order CHECK (period_from < period_to)
) STRICT;
CREATE TRIGGER credit_accounts_tenant_fkey BEFORE INSERT ON credit_accounts
WHEN NEW.tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tenants WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'credit_accounts_tenant_fkey'); END;

-- Blocks of credits. `remaining` is what was neither captured nor has expired, `held` the part of it that holds have drawn.
CREATE TABLE credit_grants (
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
    CONSTRAINT credit_grants_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT credit_grants_period_unique UNIQUE (tenant_id, kind, period_from),
    CONSTRAINT credit_grants_kind_known CHECK (kind IN ('allowance', 'trial', 'top_up', 'promotion', 'correction')),
    CONSTRAINT credit_grants_amount_positive CHECK (amount > 0),
    CONSTRAINT credit_grants_covered CHECK (held >= 0 AND remaining >= held AND amount >= remaining),
    CONSTRAINT credit_grants_expires_later CHECK (expires_at IS NULL OR expires_at > effective_from)
) STRICT;
CREATE INDEX credit_grants_usable ON credit_grants (tenant_id) WHERE remaining > 0;
CREATE TRIGGER credit_grants_account_fkey BEFORE INSERT ON credit_grants
WHEN NEW.tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM credit_accounts WHERE tenant_id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'credit_grants_account_fkey'); END;
CREATE TRIGGER credit_grants_version_fkey BEFORE INSERT ON credit_grants
WHEN NEW.pricebook_version IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pricebook_versions WHERE number = NEW.pricebook_version)
BEGIN SELECT RAISE(ABORT, 'credit_grants_version_fkey'); END;

-- What a turn may cost at most, set aside before its work begins.
CREATE TABLE credit_holds (
    id BLOB NOT NULL CONSTRAINT credit_holds_pkey PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    turn_id BLOB NOT NULL,
    amount INTEGER NOT NULL,
    pricebook_version INTEGER NOT NULL CONSTRAINT credit_holds_version_fkey REFERENCES pricebook_versions (number),
    created_at INTEGER NOT NULL,
    settled_at INTEGER,
    CONSTRAINT credit_holds_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT credit_holds_turn_unique UNIQUE (tenant_id, turn_id),
    CONSTRAINT credit_holds_turn_fkey FOREIGN KEY (tenant_id, turn_id) REFERENCES turns (tenant_id, id),
    CONSTRAINT credit_holds_amount_counts CHECK (amount >= 0)
) STRICT;
CREATE INDEX credit_holds_open ON credit_holds (tenant_id) WHERE settled_at IS NULL;
CREATE TRIGGER credit_holds_version_fkey BEFORE INSERT ON credit_holds
WHEN NEW.pricebook_version IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pricebook_versions WHERE number = NEW.pricebook_version)
BEGIN SELECT RAISE(ABORT, 'credit_holds_version_fkey'); END;
CREATE TRIGGER credit_holds_turn_fkey BEFORE INSERT ON credit_holds
WHEN NEW.turn_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM turns WHERE tenant_id = NEW.tenant_id AND id = NEW.turn_id)
BEGIN SELECT RAISE(ABORT, 'credit_holds_turn_fkey'); END;
CREATE TRIGGER credit_holds_settled_final BEFORE UPDATE ON credit_holds
WHEN OLD.settled_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'credit_holds_settled_final'); END;
CREATE TRIGGER credit_holds_terms_fixed_update BEFORE UPDATE OF id, tenant_id, turn_id, amount, pricebook_version, created_at ON credit_holds
BEGIN SELECT RAISE(ABORT, 'credit_holds_terms_fixed'); END;
CREATE TRIGGER credit_holds_terms_fixed_delete BEFORE DELETE ON credit_holds
BEGIN SELECT RAISE(ABORT, 'credit_holds_terms_fixed'); END;

-- What a turn took, how it was rated and by which prices: one line for each usage key, for ever.
CREATE TABLE credit_charges (
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
    CONSTRAINT credit_charges_pkey PRIMARY KEY (tenant_id, usage_key),
    CONSTRAINT credit_charges_turn_unique UNIQUE (tenant_id, turn_id),
    CONSTRAINT credit_charges_turn_fkey FOREIGN KEY (tenant_id, turn_id) REFERENCES turns (tenant_id, id),
    CONSTRAINT credit_charges_hold_fkey FOREIGN KEY (tenant_id, hold_id) REFERENCES credit_holds (tenant_id, id),
    CONSTRAINT credit_charges_action_known CHECK (action IN ('answer_written', 'answer_quoted', 'refusal', 'handoff', 'failure')),
    CONSTRAINT credit_charges_amounts_add_up CHECK (captured >= 0 AND absorbed >= 0 AND rated = captured + absorbed),
    CONSTRAINT credit_charges_hash_length CHECK (length(content_hash) = 32)
) STRICT;
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

-- The ledger. Each entry says what it changed and begins where the one before ended.
CREATE TABLE credit_entries (
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
) STRICT;
CREATE INDEX credit_entries_of_turn ON credit_entries (tenant_id, turn_id);
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
