-- Work that follows from a fact, inserted in the fact's own transaction. `payload` is text, so that one nobody can read harms
-- nothing but its own job.
CREATE TABLE jobs (
    id BLOB NOT NULL CONSTRAINT jobs_pkey PRIMARY KEY,
    tenant_id BLOB NOT NULL CONSTRAINT jobs_tenant_fkey REFERENCES tenants (id),
    name text NOT NULL,
    unique_key text NOT NULL,
    payload text NOT NULL,
    priority INTEGER NOT NULL,
    state text NOT NULL,
    run_at INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    max_attempts INTEGER NOT NULL,
    lease_token INTEGER NOT NULL,
    lease_until INTEGER,
    last_error text,
    span text,
    created_at INTEGER NOT NULL,
    ended_at INTEGER,
    CONSTRAINT jobs_key_unique UNIQUE (tenant_id, name, unique_key),
    CONSTRAINT jobs_state_known CHECK (state IN ('queued', 'leased', 'done', 'dead')),
    CONSTRAINT jobs_attempt_counts CHECK (attempt >= 0 AND max_attempts > 0 AND lease_token >= 0),
    CONSTRAINT jobs_lease_when_leased CHECK ((state = 'leased') = (lease_until IS NOT NULL)),
    CONSTRAINT jobs_ended_when_over CHECK ((state IN ('done', 'dead')) = (ended_at IS NOT NULL))
) STRICT;
CREATE INDEX jobs_due ON jobs (tenant_id, priority, run_at) WHERE state = 'queued';
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'leased';
CREATE INDEX jobs_done ON jobs (ended_at) WHERE state = 'done';
CREATE TRIGGER jobs_tenant_fkey BEFORE INSERT ON jobs
WHEN NEW.tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tenants WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'jobs_tenant_fkey'); END;
