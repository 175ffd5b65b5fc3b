-- Every question names the tenant and the conversation, so the indexes lead with both: with one of them alone an engine may read all that
-- a tenant has. A rule of a table that is there cannot be changed here, so the messages are made anew.
DROP INDEX turns_of_conversation;
CREATE INDEX turns_of_conversation ON turns (tenant_id, conversation_id, last_sequence);
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
    CONSTRAINT messages_sequence_unique UNIQUE (tenant_id, conversation_id, sequence),
    CONSTRAINT messages_conversation_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
    CONSTRAINT messages_persona_version_fkey FOREIGN KEY (tenant_id, persona_version_id) REFERENCES persona_versions (tenant_id, id),
    CONSTRAINT messages_sequence_positive CHECK (sequence > 0),
    CONSTRAINT messages_role_known CHECK (role IN ('visitor', 'assistant', 'agent', 'system')),
    CONSTRAINT messages_status_fits CHECK (CASE role WHEN 'visitor' THEN status = 'received' WHEN 'assistant' THEN status IN ('answered', 'refused', 'handed_off', 'failed', 'out_of_credits') ELSE status = 'sent' END),
    CONSTRAINT messages_answer_by_persona CHECK (role <> 'assistant' OR (persona_version_id IS NOT NULL AND model IS NOT NULL)),
    CONSTRAINT messages_tokens_counted CHECK ((prompt_tokens IS NULL) = (completion_tokens IS NULL) AND (prompt_tokens IS NULL) = (tokens_estimated IS NULL) AND COALESCE(prompt_tokens, 0) >= 0 AND COALESCE(completion_tokens, 0) >= 0)
) STRICT;
INSERT INTO messages_anew SELECT * FROM messages;
DROP TABLE messages;
ALTER TABLE messages_anew RENAME TO messages;
CREATE TRIGGER messages_conversation_fkey BEFORE INSERT ON messages
WHEN NEW.conversation_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM conversations WHERE tenant_id = NEW.tenant_id AND id = NEW.conversation_id)
BEGIN SELECT RAISE(ABORT, 'messages_conversation_fkey'); END;
CREATE TRIGGER messages_persona_version_fkey BEFORE INSERT ON messages
WHEN NEW.persona_version_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM persona_versions WHERE tenant_id = NEW.tenant_id AND id = NEW.persona_version_id)
BEGIN SELECT RAISE(ABORT, 'messages_persona_version_fkey'); END;

-- A turn's entries in their order, without reading the tenant's whole ledger.
DROP INDEX credit_entries_of_turn;
CREATE INDEX credit_entries_of_turn ON credit_entries (tenant_id, turn_id, number);
