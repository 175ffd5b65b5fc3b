-- What everything costs, in versions. Only the beginning is stored: a version ends where the next live one begins, so overlap and gap
-- cannot be written down.
CREATE TABLE pricebook_versions (
    number integer NOT NULL CONSTRAINT pricebook_versions_pkey PRIMARY KEY,
    content text NOT NULL,
    content_hash bytea NOT NULL,
    note text NOT NULL,
    effective_from timestamptz NOT NULL,
    published_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    CONSTRAINT pricebook_versions_number_positive CHECK (number > 0),
    CONSTRAINT pricebook_versions_hash_length CHECK (length(content_hash) = 32),
    CONSTRAINT pricebook_versions_effective_after_publication CHECK (effective_from >= published_at),
    CONSTRAINT pricebook_versions_withdrawn_before_effect CHECK (withdrawn_at IS NULL OR withdrawn_at < effective_from)
);
CREATE UNIQUE INDEX pricebook_versions_one_at_a_time ON pricebook_versions (effective_from) WHERE withdrawn_at IS NULL;
CREATE TRIGGER pricebook_versions_immutable BEFORE DELETE OR UPDATE OF number, content, content_hash, note, effective_from, published_at
ON pricebook_versions FOR EACH ROW EXECUTE FUNCTION broken_rule('pricebook_versions_immutable');
CREATE TRIGGER pricebook_versions_withdrawn_once BEFORE UPDATE OF withdrawn_at ON pricebook_versions
FOR EACH ROW WHEN (OLD.withdrawn_at IS NOT NULL) EXECUTE FUNCTION broken_rule('pricebook_versions_withdrawn_once');

-- Every publication and withdrawal, each line with the hash of the one before: it verifies from the first line.
CREATE TABLE pricebook_log (
    line integer NOT NULL CONSTRAINT pricebook_log_pkey PRIMARY KEY,
    kind text NOT NULL,
    number integer NOT NULL CONSTRAINT pricebook_log_version_fkey REFERENCES pricebook_versions (number),
    content_hash bytea NOT NULL,
    effective_from timestamptz NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT pricebook_log_line_positive CHECK (line > 0),
    CONSTRAINT pricebook_log_kind_known CHECK (kind IN ('PUBLISHED', 'WITHDRAWN')),
    CONSTRAINT pricebook_log_hash_length CHECK (length(content_hash) = 32 AND length(previous_hash) = 32 AND length(hash) = 32)
);
CREATE TRIGGER pricebook_log_append_only BEFORE UPDATE OR DELETE ON pricebook_log
FOR EACH ROW EXECUTE FUNCTION broken_rule('pricebook_log_append_only');
