-- People in the loop: how long visitors may wait for one, since when one does, and what they leave behind.
-- A day at most: it cannot grow out of 32 bits.
-- squawk-ignore prefer-bigint-over-int
ALTER TABLE tenants ADD COLUMN wait_seconds integer NOT NULL DEFAULT 300 CONSTRAINT tenants_wait_bounded CHECK (wait_seconds BETWEEN 30 AND 86400);
ALTER TABLE conversations ADD COLUMN waiting_since timestamptz;
ALTER TABLE conversations ADD COLUMN overdue_at timestamptz;
ALTER TABLE conversations ADD CONSTRAINT conversations_overdue_waits CHECK (overdue_at IS NULL OR waiting_since IS NOT NULL) NOT VALID;
ALTER TABLE conversations ADD COLUMN title text CONSTRAINT conversations_title_length CHECK (length(title) BETWEEN 1 AND 200);
ALTER TABLE conversations ADD COLUMN contact_email text CONSTRAINT conversations_contact_length CHECK (length(contact_email) BETWEEN 3 AND 320);
ALTER TABLE conversations ADD COLUMN rating text CONSTRAINT conversations_rating_known CHECK (rating IN ('up', 'down'));
ALTER TABLE conversations ADD COLUMN rating_comment text;
ALTER TABLE conversations ADD CONSTRAINT conversations_comment_on_rating
    CHECK (rating_comment IS NULL OR (rating IS NOT NULL AND length(rating_comment) BETWEEN 1 AND 2000)) NOT VALID;
-- A person is asked for in them, or somebody has begun to wait. None does yet, so there is nothing to read.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX conversations_waiting ON conversations (tenant_id, waiting_since) WHERE waiting_since IS NOT NULL;

-- What people of the team say has an author; answers can be rated.
ALTER TABLE messages ADD COLUMN author text;
ALTER TABLE messages ADD COLUMN author_id uuid;
ALTER TABLE messages ADD COLUMN rating text;
-- Widened by the next statement: what it allowed, it still allows.
-- squawk-ignore ban-drop-constraint
ALTER TABLE messages DROP CONSTRAINT messages_status_fits;
ALTER TABLE messages ADD CONSTRAINT messages_status_fits CHECK (CASE role WHEN 'visitor' THEN status = 'received' WHEN 'assistant' THEN status IN ('answered', 'refused', 'handed_off', 'failed', 'out_of_credits', 'stopped') ELSE status = 'sent' END) NOT VALID;
ALTER TABLE messages ADD CONSTRAINT messages_written_by_agent CHECK ((role = 'agent') = (author IS NOT NULL) AND (author IS NOT NULL OR author_id IS NULL)) NOT VALID;
ALTER TABLE messages ADD CONSTRAINT messages_author_known CHECK (author IN ('staff', 'member', 'api_key', 'local', 'process')) NOT VALID;
ALTER TABLE messages ADD CONSTRAINT messages_rating_known CHECK (rating IS NULL OR (rating IN ('up', 'down') AND role IN ('assistant', 'agent'))) NOT VALID;

-- A turn may end without an answer: a person took over, or the visitor stopped it before its first word.
ALTER TABLE turns ADD COLUMN stopped_at timestamptz;
-- Both are widened by the statement after them: what they allowed, they still allow.
-- squawk-ignore ban-drop-constraint
ALTER TABLE turns DROP CONSTRAINT turns_state_known;
ALTER TABLE turns ADD CONSTRAINT turns_state_known CHECK (state IN ('waiting', 'live', 'answered', 'refused', 'handed_off', 'failed', 'out_of_credits', 'stopped', 'human')) NOT VALID;
-- squawk-ignore ban-drop-constraint
ALTER TABLE turns DROP CONSTRAINT turns_ended_with_answer;
ALTER TABLE turns ADD CONSTRAINT turns_ended_with_answer CHECK ((state IN ('waiting', 'live')) = (ended_at IS NULL) AND CASE WHEN state IN ('waiting', 'live', 'human') THEN answer_id IS NULL ELSE state = 'stopped' OR answer_id IS NOT NULL END) NOT VALID;
ALTER TABLE turns ADD CONSTRAINT turns_stopped_by_visitor CHECK (state <> 'stopped' OR stopped_at IS NOT NULL) NOT VALID;
