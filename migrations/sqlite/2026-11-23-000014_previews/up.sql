-- Who answers in a conversation if it is not the default persona, and what is tried out of it where nobody but the team is listening.
-- A rule over several columns cannot be added to a table that is there, so it is made anew (foreign keys are off while the schema is
-- brought up to date, and checked after).
CREATE TABLE conversations_anew (
    id BLOB NOT NULL CONSTRAINT conversations_pkey PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    visitor_id BLOB NOT NULL,
    channel text NOT NULL,
    session_id text NOT NULL,
    locale text NOT NULL,
    state text NOT NULL,
    last_sequence INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    assignee_id BLOB CONSTRAINT conversations_assignee_fkey REFERENCES users (id),
    last_message_at INTEGER NOT NULL DEFAULT 0,
    persona_id BLOB,
    draft text,
    CONSTRAINT conversations_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT conversations_session_unique UNIQUE (tenant_id, channel, visitor_id, session_id),
    CONSTRAINT conversations_visitor_fkey FOREIGN KEY (tenant_id, visitor_id, channel) REFERENCES visitors (tenant_id, id, channel),
    CONSTRAINT conversations_persona_fkey FOREIGN KEY (tenant_id, persona_id) REFERENCES personas (tenant_id, id),
    CONSTRAINT conversations_session_length CHECK (length(session_id) BETWEEN 1 AND 128),
    CONSTRAINT conversations_locale_known CHECK (locale IN ('en', 'nl', 'de', 'es', 'it', 'pl', 'pt-BR', 'ja', 'fr')),
    CONSTRAINT conversations_state_known CHECK (state IN ('AI', 'HANDOFF_REQUESTED', 'HUMAN', 'RESOLVED')),
    CONSTRAINT conversations_sequence_counts CHECK (last_sequence >= 0),
    CONSTRAINT conversations_draft_of_persona CHECK (draft IS NULL OR persona_id IS NOT NULL)
) STRICT;
INSERT INTO conversations_anew
SELECT id, tenant_id, visitor_id, channel, session_id, locale, state, last_sequence, created_at, assignee_id, last_message_at, NULL, NULL FROM conversations;
DROP TABLE conversations;
ALTER TABLE conversations_anew RENAME TO conversations;
CREATE TRIGGER conversations_visitor_fkey BEFORE INSERT ON conversations
WHEN NEW.visitor_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM visitors WHERE tenant_id = NEW.tenant_id AND id = NEW.visitor_id AND channel = NEW.channel)
BEGIN SELECT RAISE(ABORT, 'conversations_visitor_fkey'); END;
CREATE TRIGGER conversations_assignee_fkey BEFORE INSERT ON conversations
WHEN NEW.assignee_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM users WHERE id = NEW.assignee_id)
BEGIN SELECT RAISE(ABORT, 'conversations_assignee_fkey'); END;
CREATE TRIGGER conversations_persona_fkey BEFORE INSERT ON conversations
WHEN NEW.persona_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM personas WHERE tenant_id = NEW.tenant_id AND id = NEW.persona_id)
BEGIN SELECT RAISE(ABORT, 'conversations_persona_fkey'); END;
CREATE INDEX conversations_by_activity ON conversations (tenant_id, last_message_at, id);
