-- What becomes of what visitors said. The conversation and the visitor stay as a skeleton, so that numbers, moments and charges add up.
ALTER TABLE visitors ADD COLUMN erased_at timestamptz;
ALTER TABLE conversations ADD COLUMN erased_at timestamptz;
-- Nobody holds it, nobody waits in it, and nothing stands in it that somebody wrote; of a draft that was tried out stays that it was one.
ALTER TABLE conversations ADD CONSTRAINT conversations_erased_empty CHECK (
    erased_at IS NULL OR (state = 'RESOLVED' AND title IS NULL AND contact_email IS NULL AND rating_comment IS NULL AND waiting_since IS NULL AND COALESCE(draft, '{}') = '{}')
) NOT VALID;
-- The oldest of what is kept, without reading all that was erased before it. Their table is ours already since the statements above, and is
-- read once, which takes a second for a million of them.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX conversations_kept ON conversations (tenant_id, last_message_at, id) WHERE erased_at IS NULL;

-- Whether models are told what visitors write without e-mails and the numbers of phones, cards and accounts; and since when nothing is left
-- of what was a closed business' own.
ALTER TABLE tenants ADD COLUMN mask_prompts boolean NOT NULL DEFAULT false;
ALTER TABLE tenants ADD COLUMN erased_at timestamptz;
ALTER TABLE tenants ADD CONSTRAINT tenants_erased_closed CHECK (erased_at IS NULL OR closed_at IS NOT NULL) NOT VALID;

-- Who took a copy of what is known of a visitor, who was erased, and what was because its time was over. Ids and counts alone; the reason is
-- what an operator typed. A visitor is erased once.
CREATE TABLE privacy_receipts (
    id uuid NOT NULL CONSTRAINT privacy_receipts_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL CONSTRAINT privacy_receipts_tenant_fkey REFERENCES tenants (id),
    kind text NOT NULL,
    visitor_id uuid,
    conversations bigint NOT NULL,
    messages bigint NOT NULL,
    reason text,
    author text NOT NULL,
    author_id uuid,
    created_at timestamptz NOT NULL,
    CONSTRAINT privacy_receipts_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT privacy_receipts_visitor_fkey FOREIGN KEY (tenant_id, visitor_id) REFERENCES visitors (tenant_id, id),
    CONSTRAINT privacy_receipts_kind_known CHECK (kind IN ('export', 'erasure', 'retention')),
    CONSTRAINT privacy_receipts_visitor_named CHECK ((kind = 'retention') = (visitor_id IS NULL)),
    CONSTRAINT privacy_receipts_counted CHECK (conversations >= 0 AND messages >= 0),
    CONSTRAINT privacy_receipts_reason_length CHECK (length(reason) BETWEEN 1 AND 500),
    CONSTRAINT privacy_receipts_author_known CHECK (author IN ('staff', 'member', 'api_key', 'local', 'process')),
    CONSTRAINT privacy_receipts_author_named CHECK (author_id IS NOT NULL OR author IN ('local', 'process'))
);
CREATE UNIQUE INDEX privacy_receipts_one_erasure ON privacy_receipts (tenant_id, visitor_id) WHERE kind = 'erasure';
CREATE TRIGGER privacy_receipts_append_only BEFORE UPDATE OR DELETE ON privacy_receipts
FOR EACH ROW EXECUTE FUNCTION broken_rule('privacy_receipts_append_only');
CREATE TRIGGER privacy_receipts_append_only_truncate BEFORE TRUNCATE ON privacy_receipts
FOR EACH STATEMENT EXECUTE FUNCTION broken_rule('privacy_receipts_append_only');
