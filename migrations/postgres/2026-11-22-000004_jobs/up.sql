-- Work that follows from a fact, inserted in the fact's own transaction. `payload` is text, so that one nobody can read harms
-- nothing but its own job.
CREATE TABLE jobs (
    id uuid NOT NULL CONSTRAINT jobs_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL CONSTRAINT jobs_tenant_fkey REFERENCES tenants (id),
    name text COLLATE "C" NOT NULL,
    unique_key text COLLATE "C" NOT NULL,
    payload text NOT NULL,
    priority smallint NOT NULL,
    state text NOT NULL,
    run_at timestamptz NOT NULL,
    attempt integer NOT NULL,
    max_attempts integer NOT NULL,
    lease_token bigint NOT NULL,
    lease_until timestamptz,
    last_error text,
    span text,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT jobs_key_unique UNIQUE (tenant_id, name, unique_key),
    CONSTRAINT jobs_state_known CHECK (state IN ('queued', 'leased', 'done', 'dead')),
    CONSTRAINT jobs_attempt_counts CHECK (attempt >= 0 AND max_attempts > 0 AND lease_token >= 0),
    CONSTRAINT jobs_lease_when_leased CHECK ((state = 'leased') = (lease_until IS NOT NULL)),
    CONSTRAINT jobs_ended_when_over CHECK ((state IN ('done', 'dead')) = (ended_at IS NOT NULL))
);
CREATE INDEX jobs_due ON jobs (tenant_id, priority, run_at) WHERE state = 'queued';
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE state = 'leased';
CREATE INDEX jobs_done ON jobs (ended_at) WHERE state = 'done';
