-- Somebody who talks to a tenant's assistant. `key` is what we know the visitor by, never readable.
CREATE TABLE visitors (
    id BLOB NOT NULL CONSTRAINT visitors_pkey PRIMARY KEY,
    tenant_id BLOB NOT NULL CONSTRAINT visitors_tenant_fkey REFERENCES tenants (id),
    channel text NOT NULL,
    key BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    CONSTRAINT visitors_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT visitors_key_unique UNIQUE (tenant_id, channel, key),
    CONSTRAINT visitors_channel_unique UNIQUE (tenant_id, id, channel),
    CONSTRAINT visitors_channel_known CHECK (channel IN ('public', 'widget', 'portal', 'api')),
    CONSTRAINT visitors_key_length CHECK (length(key) = 32)
) STRICT;
CREATE TRIGGER visitors_tenant_fkey BEFORE INSERT ON visitors
WHEN NEW.tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tenants WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'visitors_tenant_fkey'); END;

CREATE TABLE conversations (
    id BLOB NOT NULL CONSTRAINT conversations_pkey PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    visitor_id BLOB NOT NULL,
    channel text NOT NULL,
    session_id text NOT NULL,
    locale text NOT NULL,
    state text NOT NULL,
    last_sequence INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT conversations_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT conversations_session_unique UNIQUE (tenant_id, channel, visitor_id, session_id),
    CONSTRAINT conversations_visitor_fkey FOREIGN KEY (tenant_id, visitor_id, channel) REFERENCES visitors (tenant_id, id, channel),
    CONSTRAINT conversations_session_length CHECK (length(session_id) BETWEEN 1 AND 128),
    CONSTRAINT conversations_locale_known CHECK (locale IN ('en', 'nl', 'de', 'es', 'it', 'pl', 'pt-BR', 'ja', 'fr')),
    CONSTRAINT conversations_state_known CHECK (state IN ('AI', 'HANDOFF_REQUESTED', 'HUMAN', 'RESOLVED')),
    CONSTRAINT conversations_sequence_counts CHECK (last_sequence >= 0)
) STRICT;
CREATE TRIGGER conversations_visitor_fkey BEFORE INSERT ON conversations
WHEN NEW.visitor_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM visitors WHERE tenant_id = NEW.tenant_id AND id = NEW.visitor_id AND channel = NEW.channel)
BEGIN SELECT RAISE(ABORT, 'conversations_visitor_fkey'); END;

-- What was said. The sequence has no gap: it is counted in the conversation's row, in the same transaction.
CREATE TABLE messages (
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
    CONSTRAINT messages_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT messages_sequence_unique UNIQUE (conversation_id, sequence),
    CONSTRAINT messages_conversation_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
    CONSTRAINT messages_persona_version_fkey FOREIGN KEY (tenant_id, persona_version_id) REFERENCES persona_versions (tenant_id, id),
    CONSTRAINT messages_sequence_positive CHECK (sequence > 0),
    CONSTRAINT messages_role_known CHECK (role IN ('visitor', 'assistant', 'agent', 'system')),
    CONSTRAINT messages_status_fits CHECK (CASE role WHEN 'visitor' THEN status = 'received' WHEN 'assistant' THEN status IN ('answered', 'refused', 'handed_off', 'failed') ELSE status = 'sent' END),
    CONSTRAINT messages_answer_by_persona CHECK (role <> 'assistant' OR (persona_version_id IS NOT NULL AND model IS NOT NULL))
) STRICT;
CREATE TRIGGER messages_conversation_fkey BEFORE INSERT ON messages
WHEN NEW.conversation_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM conversations WHERE tenant_id = NEW.tenant_id AND id = NEW.conversation_id)
BEGIN SELECT RAISE(ABORT, 'messages_conversation_fkey'); END;
CREATE TRIGGER messages_persona_version_fkey BEFORE INSERT ON messages
WHEN NEW.persona_version_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM persona_versions WHERE tenant_id = NEW.tenant_id AND id = NEW.persona_version_id)
BEGIN SELECT RAISE(ABORT, 'messages_persona_version_fkey'); END;

-- One attempt to answer the visitor's messages from `first_sequence` to `question_id`, the newest of them.
CREATE TABLE turns (
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
    CONSTRAINT turns_conversation_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
    CONSTRAINT turns_question_fkey FOREIGN KEY (tenant_id, question_id) REFERENCES messages (tenant_id, id),
    CONSTRAINT turns_answer_fkey FOREIGN KEY (tenant_id, answer_id) REFERENCES messages (tenant_id, id),
    CONSTRAINT turns_locale_known CHECK (locale IN ('en', 'nl', 'de', 'es', 'it', 'pl', 'pt-BR', 'ja', 'fr')),
    CONSTRAINT turns_state_known CHECK (state IN ('waiting', 'live', 'answered', 'refused', 'handed_off', 'failed')),
    CONSTRAINT turns_sequence_order CHECK (first_sequence > 0 AND last_sequence >= first_sequence),
    CONSTRAINT turns_restarts_counted CHECK (restarts >= 0),
    CONSTRAINT turns_ended_with_answer CHECK ((state IN ('waiting', 'live')) = (ended_at IS NULL) AND (ended_at IS NULL) = (answer_id IS NULL))
) STRICT;
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

-- Which message a visitor's own key for it stands for, and the hash of what was sent under it.
CREATE TABLE idempotency_keys (
    tenant_id BLOB NOT NULL,
    visitor_id BLOB NOT NULL,
    key text NOT NULL,
    body_hash BLOB NOT NULL,
    message_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, visitor_id, key),
    CONSTRAINT idempotency_keys_visitor_fkey FOREIGN KEY (tenant_id, visitor_id) REFERENCES visitors (tenant_id, id),
    CONSTRAINT idempotency_keys_message_fkey FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id),
    CONSTRAINT idempotency_keys_key_length CHECK (length(key) BETWEEN 1 AND 128),
    CONSTRAINT idempotency_keys_hash_length CHECK (length(body_hash) = 32)
) STRICT;
CREATE TRIGGER idempotency_keys_message_fkey BEFORE INSERT ON idempotency_keys
WHEN NEW.message_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages WHERE tenant_id = NEW.tenant_id AND id = NEW.message_id)
BEGIN SELECT RAISE(ABORT, 'idempotency_keys_message_fkey'); END;
CREATE TRIGGER idempotency_keys_visitor_fkey BEFORE INSERT ON idempotency_keys
WHEN NEW.visitor_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM visitors WHERE tenant_id = NEW.tenant_id AND id = NEW.visitor_id)
BEGIN SELECT RAISE(ABORT, 'idempotency_keys_visitor_fkey'); END;
