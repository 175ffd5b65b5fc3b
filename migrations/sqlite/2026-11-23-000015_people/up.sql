-- People in the loop: how long visitors may wait for one, since when one does, and what they leave behind.
ALTER TABLE tenants ADD COLUMN wait_seconds INTEGER NOT NULL DEFAULT 300 CONSTRAINT tenants_wait_bounded CHECK (wait_seconds BETWEEN 30 AND 86400);
ALTER TABLE conversations ADD COLUMN waiting_since INTEGER;
ALTER TABLE conversations ADD COLUMN overdue_at INTEGER CONSTRAINT conversations_overdue_waits CHECK (overdue_at IS NULL OR waiting_since IS NOT NULL);
ALTER TABLE conversations ADD COLUMN title text CONSTRAINT conversations_title_length CHECK (length(title) BETWEEN 1 AND 200);
ALTER TABLE conversations ADD COLUMN contact_email text CONSTRAINT conversations_contact_length CHECK (length(contact_email) BETWEEN 3 AND 320);
ALTER TABLE conversations ADD COLUMN rating text CONSTRAINT conversations_rating_known CHECK (rating IN ('up', 'down'));
ALTER TABLE conversations ADD COLUMN rating_comment text
    CONSTRAINT conversations_comment_on_rating CHECK (rating_comment IS NULL OR (rating IS NOT NULL AND length(rating_comment) BETWEEN 1 AND 2000));
-- A person is asked for in them, or somebody has begun to wait.
CREATE INDEX conversations_waiting ON conversations (tenant_id, waiting_since) WHERE waiting_since IS NOT NULL;

-- What people of the team say has an author; answers can be rated. Rules of tables that are there cannot be changed here, so messages and
-- turns are made anew.
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
    author text,
    author_id BLOB,
    rating text,
    CONSTRAINT messages_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT messages_sequence_unique UNIQUE (tenant_id, conversation_id, sequence),
    CONSTRAINT messages_conversation_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
    CONSTRAINT messages_persona_version_fkey FOREIGN KEY (tenant_id, persona_version_id) REFERENCES persona_versions (tenant_id, id),
    CONSTRAINT messages_sequence_positive CHECK (sequence > 0),
    CONSTRAINT messages_role_known CHECK (role IN ('visitor', 'assistant', 'agent', 'system')),
    CONSTRAINT messages_status_fits CHECK (CASE role WHEN 'visitor' THEN status = 'received' WHEN 'assistant' THEN status IN ('answered', 'refused', 'handed_off', 'failed', 'out_of_credits', 'stopped') ELSE status = 'sent' END),
    CONSTRAINT messages_answer_by_persona CHECK (role <> 'assistant' OR (persona_version_id IS NOT NULL AND model IS NOT NULL)),
    CONSTRAINT messages_written_by_agent CHECK ((role = 'agent') = (author IS NOT NULL) AND (author IS NOT NULL OR author_id IS NULL)),
    CONSTRAINT messages_author_known CHECK (author IN ('staff', 'member', 'api_key', 'local', 'process')),
    CONSTRAINT messages_rating_known CHECK (rating IS NULL OR (rating IN ('up', 'down') AND role IN ('assistant', 'agent'))),
    CONSTRAINT messages_tokens_counted CHECK ((prompt_tokens IS NULL) = (completion_tokens IS NULL) AND (prompt_tokens IS NULL) = (tokens_estimated IS NULL) AND COALESCE(prompt_tokens, 0) >= 0 AND COALESCE(completion_tokens, 0) >= 0)
) STRICT;
INSERT INTO messages_anew
SELECT id, tenant_id, conversation_id, sequence, role, text, status, persona_version_id, model, sources, created_at, prompt_tokens, completion_tokens, tokens_estimated, NULL, NULL, NULL FROM messages;
DROP TABLE messages;
ALTER TABLE messages_anew RENAME TO messages;
CREATE TRIGGER messages_conversation_fkey BEFORE INSERT ON messages
WHEN NEW.conversation_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM conversations WHERE tenant_id = NEW.tenant_id AND id = NEW.conversation_id)
BEGIN SELECT RAISE(ABORT, 'messages_conversation_fkey'); END;
CREATE TRIGGER messages_persona_version_fkey BEFORE INSERT ON messages
WHEN NEW.persona_version_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM persona_versions WHERE tenant_id = NEW.tenant_id AND id = NEW.persona_version_id)
BEGIN SELECT RAISE(ABORT, 'messages_persona_version_fkey'); END;

-- A turn may end without an answer: a person took over, or the visitor stopped it before its first word.
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
    stopped_at INTEGER,
    CONSTRAINT turns_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT turns_conversation_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id),
    CONSTRAINT turns_question_fkey FOREIGN KEY (tenant_id, question_id) REFERENCES messages (tenant_id, id),
    CONSTRAINT turns_answer_fkey FOREIGN KEY (tenant_id, answer_id) REFERENCES messages (tenant_id, id),
    CONSTRAINT turns_locale_known CHECK (locale IN ('en', 'nl', 'de', 'es', 'it', 'pl', 'pt-BR', 'ja', 'fr')),
    CONSTRAINT turns_state_known CHECK (state IN ('waiting', 'live', 'answered', 'refused', 'handed_off', 'failed', 'out_of_credits', 'stopped', 'human')),
    CONSTRAINT turns_sequence_order CHECK (first_sequence > 0 AND last_sequence >= first_sequence),
    CONSTRAINT turns_restarts_counted CHECK (restarts >= 0),
    CONSTRAINT turns_ended_with_answer CHECK ((state IN ('waiting', 'live')) = (ended_at IS NULL) AND CASE WHEN state IN ('waiting', 'live', 'human') THEN answer_id IS NULL ELSE state = 'stopped' OR answer_id IS NOT NULL END),
    CONSTRAINT turns_stopped_by_visitor CHECK (state <> 'stopped' OR stopped_at IS NOT NULL)
) STRICT;
INSERT INTO turns_anew
SELECT id, tenant_id, conversation_id, question_id, first_sequence, last_sequence, locale, state, restarts, answer_id, created_at, speaking_at, ended_at, NULL FROM turns;
DROP TABLE turns;
ALTER TABLE turns_anew RENAME TO turns;
CREATE UNIQUE INDEX turns_one_live ON turns (conversation_id) WHERE state = 'live';
-- Over more columns than the one above only so that SQLite, which names a broken key by its columns, tells the two apart.
CREATE UNIQUE INDEX turns_one_waiting ON turns (tenant_id, conversation_id) WHERE state = 'waiting';
CREATE INDEX turns_of_conversation ON turns (tenant_id, conversation_id, last_sequence);
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
