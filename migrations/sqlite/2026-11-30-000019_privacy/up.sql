-- What becomes of what visitors said. The conversation and the visitor stay as a skeleton, so that numbers, moments and charges add up.
ALTER TABLE visitors ADD COLUMN erased_at INTEGER;
-- Nobody holds it, nobody waits in it, and nothing stands in it that somebody wrote; of a draft that was tried out stays that it was one.
ALTER TABLE conversations ADD COLUMN erased_at INTEGER CONSTRAINT conversations_erased_empty CHECK (
    erased_at IS NULL OR (state = 'RESOLVED' AND title IS NULL AND contact_email IS NULL AND rating_comment IS NULL AND waiting_since IS NULL AND COALESCE(draft, '{}') = '{}')
);
-- The oldest of what is kept, without reading all that was erased before it.
CREATE INDEX conversations_kept ON conversations (tenant_id, last_message_at, id) WHERE erased_at IS NULL;

-- Whether models are told what visitors write without e-mails and the numbers of phones, cards and accounts; and since when nothing is left
-- of what was a closed business' own.
ALTER TABLE tenants ADD COLUMN mask_prompts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tenants ADD COLUMN erased_at INTEGER CONSTRAINT tenants_erased_closed CHECK (erased_at IS NULL OR closed_at IS NOT NULL);

-- Who took a copy of what is known of a visitor, who was erased, and what was because its time was over. Ids and counts alone; the reason is
-- what an operator typed. A visitor is erased once.
CREATE TABLE privacy_receipts (
    id BLOB NOT NULL CONSTRAINT privacy_receipts_pkey PRIMARY KEY,
    tenant_id BLOB NOT NULL CONSTRAINT privacy_receipts_tenant_fkey REFERENCES tenants (id),
    kind text NOT NULL,
    visitor_id BLOB,
    conversations INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    reason text,
    author text NOT NULL,
    author_id BLOB,
    created_at INTEGER NOT NULL,
    CONSTRAINT privacy_receipts_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT privacy_receipts_visitor_fkey FOREIGN KEY (tenant_id, visitor_id) REFERENCES visitors (tenant_id, id),
    CONSTRAINT privacy_receipts_kind_known CHECK (kind IN ('export', 'erasure', 'retention')),
    CONSTRAINT privacy_receipts_visitor_named CHECK ((kind = 'retention') = (visitor_id IS NULL)),
    CONSTRAINT privacy_receipts_counted CHECK (conversations >= 0 AND messages >= 0),
    CONSTRAINT privacy_receipts_reason_length CHECK (length(reason) BETWEEN 1 AND 500),
    CONSTRAINT privacy_receipts_author_known CHECK (author IN ('staff', 'member', 'api_key', 'local', 'process')),
    CONSTRAINT privacy_receipts_author_named CHECK (author_id IS NOT NULL OR author IN ('local', 'process'))
) STRICT;
CREATE TRIGGER privacy_receipts_tenant_fkey BEFORE INSERT ON privacy_receipts
WHEN NEW.tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tenants WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'privacy_receipts_tenant_fkey'); END;
CREATE TRIGGER privacy_receipts_visitor_fkey BEFORE INSERT ON privacy_receipts
WHEN NEW.visitor_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM visitors WHERE tenant_id = NEW.tenant_id AND id = NEW.visitor_id)
BEGIN SELECT RAISE(ABORT, 'privacy_receipts_visitor_fkey'); END;
CREATE UNIQUE INDEX privacy_receipts_one_erasure ON privacy_receipts (tenant_id, visitor_id) WHERE kind = 'erasure';
CREATE TRIGGER privacy_receipts_append_only_update BEFORE UPDATE ON privacy_receipts
BEGIN SELECT RAISE(ABORT, 'privacy_receipts_append_only'); END;
CREATE TRIGGER privacy_receipts_append_only_delete BEFORE DELETE ON privacy_receipts
BEGIN SELECT RAISE(ABORT, 'privacy_receipts_append_only'); END;
