-- What a business says of itself and when people are there (both JSON), and what visitors are told when nobody can answer.
ALTER TABLE tenants ADD COLUMN profile text;
ALTER TABLE tenants ADD COLUMN away_text text CONSTRAINT tenants_away_text_length CHECK (length(away_text) BETWEEN 1 AND 1000);
ALTER TABLE tenants ADD COLUMN office_hours text;
ALTER TABLE tenants ADD COLUMN suspended_at timestamptz;
ALTER TABLE tenants ADD COLUMN closed_at timestamptz;
ALTER TABLE tenants ADD COLUMN revision bigint NOT NULL DEFAULT 1 CONSTRAINT tenants_revision_counts CHECK (revision > 0);

-- Which thing somebody's own key for making it stands for, and the hash of what was sent under it.
CREATE TABLE mutation_keys (
    tenant_id uuid NOT NULL CONSTRAINT mutation_keys_tenant_fkey REFERENCES tenants (id),
    caller text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    body_hash bytea NOT NULL,
    subject_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT mutation_keys_pkey PRIMARY KEY (tenant_id, caller, key),
    CONSTRAINT mutation_keys_key_length CHECK (length(key) BETWEEN 1 AND 128),
    CONSTRAINT mutation_keys_hash_length CHECK (length(body_hash) = 32)
);

-- A persona that is no longer used stays, because answers name its versions.
ALTER TABLE personas ADD COLUMN archived_at timestamptz;
ALTER TABLE personas ADD CONSTRAINT personas_default_in_use CHECK (archived_at IS NULL OR NOT is_default) NOT VALID;
-- Who made a version and why, and which earlier one it repeats. The words are the audit log's.
ALTER TABLE persona_versions ADD COLUMN author text NOT NULL DEFAULT 'process'
    CONSTRAINT persona_versions_author_known CHECK (author IN ('staff', 'member', 'api_key', 'local', 'process'));
ALTER TABLE persona_versions ADD COLUMN author_id uuid;
ALTER TABLE persona_versions ADD COLUMN note text CONSTRAINT persona_versions_note_length CHECK (length(note) BETWEEN 1 AND 500);
ALTER TABLE persona_versions ADD COLUMN restored_from bigint;
ALTER TABLE persona_versions
    ADD CONSTRAINT persona_versions_restored_earlier CHECK (restored_from > 0 AND restored_from < number) NOT VALID;

ALTER TABLE knowledge_entries ADD COLUMN revision bigint NOT NULL DEFAULT 1 CONSTRAINT knowledge_entries_revision_counts CHECK (revision > 0);
ALTER TABLE knowledge_entries ADD COLUMN updated_at timestamptz;
-- What a tenant has written down is little, and is written seldom.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX knowledge_entries_of_tenant ON knowledge_entries (tenant_id, id);

-- Who of the team looks after a conversation, and when something was last said in it.
ALTER TABLE conversations ADD COLUMN assignee_id uuid;
ALTER TABLE conversations ADD CONSTRAINT conversations_assignee_fkey FOREIGN KEY (assignee_id) REFERENCES users (id) NOT VALID;
ALTER TABLE conversations ADD COLUMN last_message_at timestamptz NOT NULL DEFAULT 'epoch';
UPDATE conversations SET last_message_at = coalesce((SELECT max(m.created_at) FROM messages m WHERE m.tenant_id = conversations.tenant_id AND m.conversation_id = conversations.id), created_at);
-- The rows were all written just now, so their table is ours already.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX conversations_by_activity ON conversations (tenant_id, last_message_at, id);

-- What the team writes beside a conversation; its visitor never sees it.
CREATE TABLE conversation_notes (
    id uuid NOT NULL CONSTRAINT conversation_notes_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    author text NOT NULL,
    author_id uuid,
    text text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT conversation_notes_conversation_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
    CONSTRAINT conversation_notes_author_known CHECK (author IN ('staff', 'member', 'api_key', 'local', 'process')),
    CONSTRAINT conversation_notes_text_length CHECK (length(text) BETWEEN 1 AND 4000)
);
CREATE INDEX conversation_notes_of_conversation ON conversation_notes (tenant_id, conversation_id, id);

-- What is only ever added to, or never changed, is not emptied either.
CREATE TRIGGER audit_entries_append_only_truncate BEFORE TRUNCATE ON audit_entries
FOR EACH STATEMENT EXECUTE FUNCTION broken_rule('audit_entries_append_only');
CREATE TRIGGER credit_entries_append_only_truncate BEFORE TRUNCATE ON credit_entries
FOR EACH STATEMENT EXECUTE FUNCTION broken_rule('credit_entries_append_only');
CREATE TRIGGER credit_charges_append_only_truncate BEFORE TRUNCATE ON credit_charges
FOR EACH STATEMENT EXECUTE FUNCTION broken_rule('credit_charges_append_only');
CREATE TRIGGER credit_holds_terms_fixed_truncate BEFORE TRUNCATE ON credit_holds
FOR EACH STATEMENT EXECUTE FUNCTION broken_rule('credit_holds_terms_fixed');
CREATE TRIGGER pricebook_log_append_only_truncate BEFORE TRUNCATE ON pricebook_log
FOR EACH STATEMENT EXECUTE FUNCTION broken_rule('pricebook_log_append_only');
CREATE TRIGGER persona_versions_immutable_truncate BEFORE TRUNCATE ON persona_versions
FOR EACH STATEMENT EXECUTE FUNCTION broken_rule('persona_versions_immutable');
