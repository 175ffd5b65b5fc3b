-- Whom of those who are customers already a version reaches, which earlier version it brings back, and the draft it was. A version of before
-- reached nobody.
ALTER TABLE pricebook_versions ADD COLUMN policy text NOT NULL DEFAULT 'NEW_CUSTOMERS'
    CONSTRAINT pricebook_versions_policy_known CHECK (policy IN ('NEW_CUSTOMERS', 'AT_RENEWAL', 'ALL_CUSTOMERS'));
ALTER TABLE pricebook_versions ADD COLUMN restored_from INTEGER
    CONSTRAINT pricebook_versions_restored_earlier CHECK (restored_from < number);
ALTER TABLE pricebook_versions ADD COLUMN draft_id BLOB;
DROP TRIGGER pricebook_versions_immutable_update;
CREATE TRIGGER pricebook_versions_immutable_update
BEFORE UPDATE OF number, content, content_hash, note, effective_from, published_at, policy, restored_from, draft_id ON pricebook_versions
BEGIN SELECT RAISE(ABORT, 'pricebook_versions_immutable'); END;

-- The prices somebody is working on: one at most. What was submitted is frozen until it is reopened, and an approval is of this very content.
CREATE TABLE pricebook_drafts (
    slot INTEGER NOT NULL CONSTRAINT pricebook_drafts_pkey PRIMARY KEY,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    content text NOT NULL,
    content_hash BLOB NOT NULL,
    note text NOT NULL,
    policy text NOT NULL,
    based_on INTEGER NOT NULL CONSTRAINT pricebook_drafts_based_on_fkey REFERENCES pricebook_versions (number),
    restored_from INTEGER CONSTRAINT pricebook_drafts_restored_from_fkey REFERENCES pricebook_versions (number),
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    submitted_at INTEGER,
    approved_at INTEGER,
    approved_hash BLOB,
    approved_for INTEGER,
    CONSTRAINT pricebook_drafts_one_at_most CHECK (slot = 1),
    CONSTRAINT pricebook_drafts_revision_positive CHECK (revision > 0),
    CONSTRAINT pricebook_drafts_hash_length CHECK (length(content_hash) = 32),
    CONSTRAINT pricebook_drafts_note_length CHECK (length(note) <= 2000),
    CONSTRAINT pricebook_drafts_policy_known CHECK (policy IN ('NEW_CUSTOMERS', 'AT_RENEWAL', 'ALL_CUSTOMERS')),
    CONSTRAINT pricebook_drafts_approved_in_review CHECK (approved_at IS NULL OR submitted_at IS NOT NULL),
    CONSTRAINT pricebook_drafts_approved_as_is CHECK ((approved_at IS NULL) = (approved_hash IS NULL) AND COALESCE(approved_hash = content_hash, 1)),
    CONSTRAINT pricebook_drafts_approved_for_instant CHECK (approved_for IS NULL OR approved_at IS NOT NULL)
) STRICT;
CREATE TRIGGER pricebook_drafts_based_on_fkey BEFORE INSERT ON pricebook_drafts
WHEN NEW.based_on IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pricebook_versions WHERE number = NEW.based_on)
BEGIN SELECT RAISE(ABORT, 'pricebook_drafts_based_on_fkey'); END;
CREATE TRIGGER pricebook_drafts_restored_from_fkey BEFORE INSERT ON pricebook_drafts
WHEN NEW.restored_from IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pricebook_versions WHERE number = NEW.restored_from)
BEGIN SELECT RAISE(ABORT, 'pricebook_drafts_restored_from_fkey'); END;
CREATE TRIGGER pricebook_drafts_frozen BEFORE UPDATE OF id, content, content_hash, note, policy, based_on, restored_from ON pricebook_drafts
WHEN OLD.submitted_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'pricebook_drafts_frozen'); END;

-- What was published of a draft had been approved as it is.
CREATE TRIGGER pricebook_versions_approved BEFORE INSERT ON pricebook_versions
WHEN NEW.draft_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM pricebook_drafts d WHERE d.id = NEW.draft_id AND d.approved_hash = NEW.content_hash AND d.policy = NEW.policy
)
BEGIN SELECT RAISE(ABORT, 'pricebook_versions_approved'); END;

-- Who did what to which draft or version, and when. `four_eyes`: whether approving took somebody who had not written it.
CREATE TABLE pricebook_steps (
    id BLOB NOT NULL CONSTRAINT pricebook_steps_pkey PRIMARY KEY,
    draft_id BLOB,
    number INTEGER CONSTRAINT pricebook_steps_version_fkey REFERENCES pricebook_versions (number),
    kind text NOT NULL,
    actor text NOT NULL,
    actor_id BLOB,
    revision INTEGER,
    content_hash BLOB NOT NULL,
    effective_from INTEGER,
    four_eyes INTEGER,
    acknowledged text,
    comment text,
    created_at INTEGER NOT NULL,
    CONSTRAINT pricebook_steps_kind_known CHECK (kind IN ('CREATED', 'EDITED', 'SUBMITTED', 'REOPENED', 'APPROVED', 'PUBLISHED', 'WITHDRAWN', 'DISCARDED')),
    CONSTRAINT pricebook_steps_actor_known CHECK (actor IN ('staff', 'local', 'process')),
    CONSTRAINT pricebook_steps_actor_named CHECK (actor_id IS NOT NULL OR actor = 'process'),
    CONSTRAINT pricebook_steps_hash_length CHECK (length(content_hash) = 32),
    CONSTRAINT pricebook_steps_version_named CHECK ((kind IN ('PUBLISHED', 'WITHDRAWN')) = (number IS NOT NULL)),
    CONSTRAINT pricebook_steps_comment_length CHECK (length(comment) BETWEEN 1 AND 500),
    CONSTRAINT pricebook_steps_eyes_counted CHECK ((kind = 'APPROVED') = (four_eyes IS NOT NULL))
) STRICT;
CREATE INDEX pricebook_steps_of_draft ON pricebook_steps (draft_id);
CREATE TRIGGER pricebook_steps_version_fkey BEFORE INSERT ON pricebook_steps
WHEN NEW.number IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pricebook_versions WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'pricebook_steps_version_fkey'); END;
CREATE TRIGGER pricebook_steps_append_only_update BEFORE UPDATE ON pricebook_steps
BEGIN SELECT RAISE(ABORT, 'pricebook_steps_append_only'); END;
CREATE TRIGGER pricebook_steps_append_only_delete BEFORE DELETE ON pricebook_steps
BEGIN SELECT RAISE(ABORT, 'pricebook_steps_append_only'); END;
CREATE TRIGGER pricebook_steps_four_eyes BEFORE INSERT ON pricebook_steps
WHEN NEW.four_eyes AND EXISTS (
    SELECT 1 FROM pricebook_steps s WHERE s.draft_id = NEW.draft_id AND s.kind IN ('CREATED', 'EDITED')
        AND s.actor_id IS NEW.actor_id
)
BEGIN SELECT RAISE(ABORT, 'pricebook_steps_four_eyes'); END;

-- Whether approving takes somebody else; without a row it does.
CREATE TABLE pricebook_governance (
    slot INTEGER NOT NULL CONSTRAINT pricebook_governance_pkey PRIMARY KEY,
    four_eyes INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    CONSTRAINT pricebook_governance_one_at_most CHECK (slot = 1)
) STRICT;

-- How far it is that those who are customers already are on a version.
CREATE TABLE pricebook_publications (
    number INTEGER NOT NULL CONSTRAINT pricebook_publications_pkey PRIMARY KEY CONSTRAINT pricebook_publications_version_fkey REFERENCES pricebook_versions (number),
    total INTEGER,
    seen INTEGER NOT NULL,
    moved INTEGER NOT NULL,
    last_tenant BLOB,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    CONSTRAINT pricebook_publications_counted CHECK (moved >= 0 AND seen >= moved AND COALESCE(total >= 0, 1)),
    CONSTRAINT pricebook_publications_finished_counted CHECK (finished_at IS NULL OR total IS NOT NULL)
) STRICT;
CREATE TRIGGER pricebook_publications_version_fkey BEFORE INSERT ON pricebook_publications
WHEN NEW.number IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pricebook_versions WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'pricebook_publications_version_fkey'); END;
CREATE TRIGGER pricebook_publications_finished BEFORE UPDATE ON pricebook_publications
WHEN OLD.finished_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'pricebook_publications_finished'); END;

-- What was charged lately, without reading all that ever was.
CREATE INDEX credit_charges_by_time ON credit_charges (tenant_id, created_at);
