-- A version's number has 32 bits in its own table, so what refers to it has too; a slot is never more than 1.
-- squawk-ignore-file prefer-bigint-over-int, prefer-bigint-over-smallint

-- Whom of those who are customers already a version reaches, which earlier version it brings back, and the draft it was. A version of before
-- reached nobody.
ALTER TABLE pricebook_versions
    ADD COLUMN policy text NOT NULL DEFAULT 'NEW_CUSTOMERS',
    ADD COLUMN restored_from integer,
    ADD COLUMN draft_id uuid;
ALTER TABLE pricebook_versions
    ADD CONSTRAINT pricebook_versions_policy_known CHECK (policy IN ('NEW_CUSTOMERS', 'AT_RENEWAL', 'ALL_CUSTOMERS')) NOT VALID,
    ADD CONSTRAINT pricebook_versions_restored_earlier CHECK (restored_from < number) NOT VALID;
DROP TRIGGER pricebook_versions_immutable ON pricebook_versions;
CREATE TRIGGER pricebook_versions_immutable BEFORE DELETE OR UPDATE OF number, content, content_hash, note, effective_from, published_at, policy, restored_from, draft_id
ON pricebook_versions FOR EACH ROW EXECUTE FUNCTION broken_rule('pricebook_versions_immutable');

-- The prices somebody is working on: one at most. What was submitted is frozen until it is reopened, and an approval is of this very content.
CREATE TABLE pricebook_drafts (
    slot smallint NOT NULL CONSTRAINT pricebook_drafts_pkey PRIMARY KEY,
    id uuid NOT NULL,
    revision bigint NOT NULL,
    content text NOT NULL,
    content_hash bytea NOT NULL,
    note text NOT NULL,
    policy text NOT NULL,
    based_on integer NOT NULL CONSTRAINT pricebook_drafts_based_on_fkey REFERENCES pricebook_versions (number),
    restored_from integer CONSTRAINT pricebook_drafts_restored_from_fkey REFERENCES pricebook_versions (number),
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    submitted_at timestamptz,
    approved_at timestamptz,
    approved_hash bytea,
    approved_for timestamptz,
    CONSTRAINT pricebook_drafts_one_at_most CHECK (slot = 1),
    CONSTRAINT pricebook_drafts_revision_positive CHECK (revision > 0),
    CONSTRAINT pricebook_drafts_hash_length CHECK (length(content_hash) = 32),
    CONSTRAINT pricebook_drafts_note_length CHECK (length(note) <= 2000),
    CONSTRAINT pricebook_drafts_policy_known CHECK (policy IN ('NEW_CUSTOMERS', 'AT_RENEWAL', 'ALL_CUSTOMERS')),
    CONSTRAINT pricebook_drafts_approved_in_review CHECK (approved_at IS NULL OR submitted_at IS NOT NULL),
    CONSTRAINT pricebook_drafts_approved_as_is CHECK ((approved_at IS NULL) = (approved_hash IS NULL) AND COALESCE(approved_hash = content_hash, true)),
    CONSTRAINT pricebook_drafts_approved_for_instant CHECK (approved_for IS NULL OR approved_at IS NOT NULL)
);
CREATE TRIGGER pricebook_drafts_frozen BEFORE UPDATE OF id, content, content_hash, note, policy, based_on, restored_from ON pricebook_drafts
FOR EACH ROW WHEN (OLD.submitted_at IS NOT NULL) EXECUTE FUNCTION broken_rule('pricebook_drafts_frozen');

-- What was published of a draft had been approved as it is.
CREATE FUNCTION pricebook_version_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.draft_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM pricebook_drafts d WHERE d.id = NEW.draft_id AND d.approved_hash = NEW.content_hash AND d.policy = NEW.policy
    ) THEN
        RAISE EXCEPTION 'pricebook_versions_approved' USING ERRCODE = 'check_violation', CONSTRAINT = 'pricebook_versions_approved';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER pricebook_versions_approved BEFORE INSERT ON pricebook_versions FOR EACH ROW EXECUTE FUNCTION pricebook_version_approved();

-- Who did what to which draft or version, and when. `four_eyes`: whether approving took somebody who had not written it.
CREATE TABLE pricebook_steps (
    id uuid NOT NULL CONSTRAINT pricebook_steps_pkey PRIMARY KEY,
    draft_id uuid,
    number integer CONSTRAINT pricebook_steps_version_fkey REFERENCES pricebook_versions (number),
    kind text NOT NULL,
    actor text NOT NULL,
    actor_id uuid,
    revision bigint,
    content_hash bytea NOT NULL,
    effective_from timestamptz,
    four_eyes boolean,
    acknowledged text,
    comment text,
    created_at timestamptz NOT NULL,
    CONSTRAINT pricebook_steps_kind_known CHECK (kind IN ('CREATED', 'EDITED', 'SUBMITTED', 'REOPENED', 'APPROVED', 'PUBLISHED', 'WITHDRAWN', 'DISCARDED')),
    CONSTRAINT pricebook_steps_actor_known CHECK (actor IN ('staff', 'local', 'process')),
    CONSTRAINT pricebook_steps_actor_named CHECK (actor_id IS NOT NULL OR actor = 'process'),
    CONSTRAINT pricebook_steps_hash_length CHECK (length(content_hash) = 32),
    CONSTRAINT pricebook_steps_version_named CHECK ((kind IN ('PUBLISHED', 'WITHDRAWN')) = (number IS NOT NULL)),
    CONSTRAINT pricebook_steps_comment_length CHECK (length(comment) BETWEEN 1 AND 500),
    CONSTRAINT pricebook_steps_eyes_counted CHECK ((kind = 'APPROVED') = (four_eyes IS NOT NULL))
);
CREATE INDEX pricebook_steps_of_draft ON pricebook_steps (draft_id);
CREATE TRIGGER pricebook_steps_append_only BEFORE UPDATE OR DELETE ON pricebook_steps
FOR EACH ROW EXECUTE FUNCTION broken_rule('pricebook_steps_append_only');
CREATE TRIGGER pricebook_steps_append_only_truncate BEFORE TRUNCATE ON pricebook_steps
FOR EACH STATEMENT EXECUTE FUNCTION broken_rule('pricebook_steps_append_only');
CREATE FUNCTION pricebook_step_four_eyes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.four_eyes AND EXISTS (
        SELECT 1 FROM pricebook_steps s WHERE s.draft_id = NEW.draft_id AND s.kind IN ('CREATED', 'EDITED')
            AND s.actor_id IS NOT DISTINCT FROM NEW.actor_id
    ) THEN
        RAISE EXCEPTION 'pricebook_steps_four_eyes' USING ERRCODE = 'check_violation', CONSTRAINT = 'pricebook_steps_four_eyes';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER pricebook_steps_four_eyes BEFORE INSERT ON pricebook_steps FOR EACH ROW EXECUTE FUNCTION pricebook_step_four_eyes();

-- Whether approving takes somebody else; without a row it does.
CREATE TABLE pricebook_governance (
    slot smallint NOT NULL CONSTRAINT pricebook_governance_pkey PRIMARY KEY,
    four_eyes boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT pricebook_governance_one_at_most CHECK (slot = 1)
);

-- How far it is that those who are customers already are on a version.
CREATE TABLE pricebook_publications (
    number integer NOT NULL CONSTRAINT pricebook_publications_pkey PRIMARY KEY CONSTRAINT pricebook_publications_version_fkey REFERENCES pricebook_versions (number),
    total bigint,
    seen bigint NOT NULL,
    moved bigint NOT NULL,
    last_tenant uuid,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    CONSTRAINT pricebook_publications_counted CHECK (moved >= 0 AND seen >= moved AND COALESCE(total >= 0, true)),
    CONSTRAINT pricebook_publications_finished_counted CHECK (finished_at IS NULL OR total IS NOT NULL)
);
CREATE TRIGGER pricebook_publications_finished BEFORE UPDATE ON pricebook_publications
FOR EACH ROW WHEN (OLD.finished_at IS NOT NULL) EXECUTE FUNCTION broken_rule('pricebook_publications_finished');

-- What was charged lately, without reading all that ever was.
-- Their table is read once, which takes a second for a million of them; what is charged meanwhile waits in its jobs.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX credit_charges_by_time ON credit_charges (tenant_id, created_at);
