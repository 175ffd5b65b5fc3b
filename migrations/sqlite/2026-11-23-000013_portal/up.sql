-- What a business says of itself and when people are there (both JSON), and what visitors are told when nobody can answer.
ALTER TABLE tenants ADD COLUMN profile text;
ALTER TABLE tenants ADD COLUMN away_text text CONSTRAINT tenants_away_text_length CHECK (length(away_text) BETWEEN 1 AND 1000);
ALTER TABLE tenants ADD COLUMN office_hours text;
ALTER TABLE tenants ADD COLUMN suspended_at INTEGER;
ALTER TABLE tenants ADD COLUMN closed_at INTEGER;
ALTER TABLE tenants ADD COLUMN revision INTEGER NOT NULL DEFAULT 1 CONSTRAINT tenants_revision_counts CHECK (revision > 0);

-- Which thing somebody's own key for making it stands for, and the hash of what was sent under it.
CREATE TABLE mutation_keys (
    tenant_id BLOB NOT NULL CONSTRAINT mutation_keys_tenant_fkey REFERENCES tenants (id),
    caller text NOT NULL,
    key text NOT NULL,
    body_hash BLOB NOT NULL,
    subject_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT mutation_keys_pkey PRIMARY KEY (tenant_id, caller, key),
    CONSTRAINT mutation_keys_key_length CHECK (length(key) BETWEEN 1 AND 128),
    CONSTRAINT mutation_keys_hash_length CHECK (length(body_hash) = 32)
) STRICT;
CREATE TRIGGER mutation_keys_tenant_fkey BEFORE INSERT ON mutation_keys
WHEN NEW.tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tenants WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'mutation_keys_tenant_fkey'); END;

-- A persona that is no longer used stays, because answers name its versions.
ALTER TABLE personas ADD COLUMN archived_at INTEGER CONSTRAINT personas_default_in_use CHECK (archived_at IS NULL OR NOT is_default);
-- Who made a version and why, and which earlier one it repeats. The words are the audit log's.
ALTER TABLE persona_versions ADD COLUMN author text NOT NULL DEFAULT 'process'
    CONSTRAINT persona_versions_author_known CHECK (author IN ('staff', 'member', 'api_key', 'local', 'process'));
ALTER TABLE persona_versions ADD COLUMN author_id BLOB;
ALTER TABLE persona_versions ADD COLUMN note text CONSTRAINT persona_versions_note_length CHECK (length(note) BETWEEN 1 AND 500);
ALTER TABLE persona_versions ADD COLUMN restored_from INTEGER CONSTRAINT persona_versions_restored_earlier CHECK (restored_from > 0 AND restored_from < number);

ALTER TABLE knowledge_entries ADD COLUMN revision INTEGER NOT NULL DEFAULT 1 CONSTRAINT knowledge_entries_revision_counts CHECK (revision > 0);
ALTER TABLE knowledge_entries ADD COLUMN updated_at INTEGER;
CREATE INDEX knowledge_entries_of_tenant ON knowledge_entries (tenant_id, id);

-- Who of the team looks after a conversation, and when something was last said in it.
ALTER TABLE conversations ADD COLUMN assignee_id BLOB CONSTRAINT conversations_assignee_fkey REFERENCES users (id);
ALTER TABLE conversations ADD COLUMN last_message_at INTEGER NOT NULL DEFAULT 0;
CREATE TRIGGER conversations_assignee_fkey BEFORE INSERT ON conversations
WHEN NEW.assignee_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM users WHERE id = NEW.assignee_id)
BEGIN SELECT RAISE(ABORT, 'conversations_assignee_fkey'); END;
UPDATE conversations SET last_message_at = coalesce((SELECT max(m.created_at) FROM messages m WHERE m.tenant_id = conversations.tenant_id AND m.conversation_id = conversations.id), created_at);
CREATE INDEX conversations_by_activity ON conversations (tenant_id, last_message_at, id);

-- What the team writes beside a conversation; its visitor never sees it.
CREATE TABLE conversation_notes (
    id BLOB NOT NULL CONSTRAINT conversation_notes_pkey PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    conversation_id BLOB NOT NULL,
    author text NOT NULL,
    author_id BLOB,
    text text NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT conversation_notes_conversation_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
    CONSTRAINT conversation_notes_author_known CHECK (author IN ('staff', 'member', 'api_key', 'local', 'process')),
    CONSTRAINT conversation_notes_text_length CHECK (length(text) BETWEEN 1 AND 4000)
) STRICT;
CREATE TRIGGER conversation_notes_conversation_fkey BEFORE INSERT ON conversation_notes
WHEN NEW.conversation_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM conversations WHERE tenant_id = NEW.tenant_id AND id = NEW.conversation_id)
BEGIN SELECT RAISE(ABORT, 'conversation_notes_conversation_fkey'); END;
CREATE INDEX conversation_notes_of_conversation ON conversation_notes (tenant_id, conversation_id, id);

-- What is only ever added to, or never changed, is not emptied either: SQLite deletes row by row, which the rules refuse already.
