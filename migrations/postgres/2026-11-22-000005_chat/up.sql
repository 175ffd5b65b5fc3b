-- Somebody who talks to a tenant's assistant. `key` is what we know the visitor by, never readable.
CREATE TABLE visitors (
    id uuid NOT NULL CONSTRAINT visitors_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL CONSTRAINT visitors_tenant_fkey REFERENCES tenants (id),
    channel text NOT NULL,
    key bytea NOT NULL,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    CONSTRAINT visitors_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT visitors_key_unique UNIQUE (tenant_id, channel, key),
    CONSTRAINT visitors_channel_unique UNIQUE (tenant_id, id, channel),
    CONSTRAINT visitors_channel_known CHECK (channel IN ('public', 'widget', 'portal', 'api')),
    CONSTRAINT visitors_key_length CHECK (length(key) = 32)
);

CREATE TABLE conversations (
    id uuid NOT NULL CONSTRAINT conversations_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL,
    visitor_id uuid NOT NULL,
    channel text NOT NULL,
    session_id text COLLATE "C" NOT NULL,
    locale text NOT NULL,
    state text NOT NULL,
    last_sequence bigint NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT conversations_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT conversations_session_unique UNIQUE (tenant_id, channel, visitor_id, session_id),
    CONSTRAINT conversations_visitor_fkey FOREIGN KEY (tenant_id, visitor_id, channel) REFERENCES visitors (tenant_id, id, channel),
    CONSTRAINT conversations_session_length CHECK (length(session_id) BETWEEN 1 AND 128),
    CONSTRAINT conversations_locale_known CHECK (locale IN ('en', 'nl', 'de', 'es', 'it', 'pl', 'pt-BR', 'ja', 'fr')),
    CONSTRAINT conversations_state_known CHECK (state IN ('AI', 'HANDOFF_REQUESTED', 'HUMAN', 'RESOLVED')),
    CONSTRAINT conversations_sequence_counts CHECK (last_sequence >= 0)
);

-- What was said. The sequence has no gap: it is counted in the conversation's row, in the same transaction.
CREATE TABLE messages (
    id uuid NOT NULL CONSTRAINT messages_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    sequence bigint NOT NULL,
    role text NOT NULL,
    text text NOT NULL,
    status text NOT NULL,
    persona_version_id uuid,
    model text,
    sources jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT messages_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT messages_sequence_unique UNIQUE (conversation_id, sequence),
    CONSTRAINT messages_conversation_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
    CONSTRAINT messages_persona_version_fkey FOREIGN KEY (tenant_id, persona_version_id) REFERENCES persona_versions (tenant_id, id),
    CONSTRAINT messages_sequence_positive CHECK (sequence > 0),
    CONSTRAINT messages_role_known CHECK (role IN ('visitor', 'assistant', 'agent', 'system')),
    CONSTRAINT messages_status_fits CHECK (CASE role WHEN 'visitor' THEN status = 'received' WHEN 'assistant' THEN status IN ('answered', 'refused', 'handed_off', 'failed') ELSE status = 'sent' END),
    CONSTRAINT messages_answer_by_persona CHECK (role <> 'assistant' OR (persona_version_id IS NOT NULL AND model IS NOT NULL))
);

-- One attempt to answer the visitor's messages from `first_sequence` to `question_id`, the newest of them.
CREATE TABLE turns (
    id uuid NOT NULL CONSTRAINT turns_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    question_id uuid NOT NULL,
    first_sequence bigint NOT NULL,
    last_sequence bigint NOT NULL,
    locale text NOT NULL,
    state text NOT NULL,
    restarts integer NOT NULL,
    answer_id uuid CONSTRAINT turns_answer_unique UNIQUE,
    created_at timestamptz NOT NULL,
    speaking_at timestamptz,
    ended_at timestamptz,
    CONSTRAINT turns_conversation_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
    CONSTRAINT turns_question_fkey FOREIGN KEY (tenant_id, question_id) REFERENCES messages (tenant_id, id),
    CONSTRAINT turns_answer_fkey FOREIGN KEY (tenant_id, answer_id) REFERENCES messages (tenant_id, id),
    CONSTRAINT turns_locale_known CHECK (locale IN ('en', 'nl', 'de', 'es', 'it', 'pl', 'pt-BR', 'ja', 'fr')),
    CONSTRAINT turns_state_known CHECK (state IN ('waiting', 'live', 'answered', 'refused', 'handed_off', 'failed')),
    CONSTRAINT turns_sequence_order CHECK (first_sequence > 0 AND last_sequence >= first_sequence),
    CONSTRAINT turns_restarts_counted CHECK (restarts >= 0),
    CONSTRAINT turns_ended_with_answer CHECK ((state IN ('waiting', 'live')) = (ended_at IS NULL) AND (ended_at IS NULL) = (answer_id IS NULL))
);
CREATE UNIQUE INDEX turns_one_live ON turns (conversation_id) WHERE state = 'live';
CREATE UNIQUE INDEX turns_one_waiting ON turns (tenant_id, conversation_id) WHERE state = 'waiting';
CREATE INDEX turns_of_conversation ON turns (conversation_id, last_sequence);
CREATE TRIGGER turns_end_final BEFORE UPDATE ON turns
FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION broken_rule('turns_end_final');

-- Which message a visitor's own key for it stands for, and the hash of what was sent under it.
CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL,
    visitor_id uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    body_hash bytea NOT NULL,
    message_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, visitor_id, key),
    CONSTRAINT idempotency_keys_visitor_fkey FOREIGN KEY (tenant_id, visitor_id) REFERENCES visitors (tenant_id, id),
    CONSTRAINT idempotency_keys_message_fkey FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id),
    CONSTRAINT idempotency_keys_key_length CHECK (length(key) BETWEEN 1 AND 128),
    CONSTRAINT idempotency_keys_hash_length CHECK (length(body_hash) = 32)
);
