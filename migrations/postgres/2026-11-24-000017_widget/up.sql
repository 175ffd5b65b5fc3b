-- What the widget on a tenant's websites shows, and on which websites it may. A key is no secret: every visitor's browser has it.
CREATE TABLE widget_keys (
    id uuid NOT NULL CONSTRAINT widget_keys_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL CONSTRAINT widget_keys_tenant_fkey REFERENCES tenants (id),
    name text NOT NULL,
    key text NOT NULL CONSTRAINT widget_keys_key_unique UNIQUE,
    revision bigint NOT NULL,
    created_at timestamptz NOT NULL,
    disabled_at timestamptz,
    CONSTRAINT widget_keys_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT widget_keys_key_form CHECK (substr(key, 1, 8) = 'pk_live_' AND length(key) BETWEEN 40 AND 64),
    CONSTRAINT widget_keys_name_present CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT widget_keys_revision_positive CHECK (revision > 0)
);

-- As browsers write them, or with `*.` before the host for every name below it.
CREATE TABLE widget_origins (
    tenant_id uuid NOT NULL,
    widget_key_id uuid NOT NULL,
    origin text NOT NULL,
    CONSTRAINT widget_origins_pkey PRIMARY KEY (widget_key_id, origin),
    CONSTRAINT widget_origins_key_fkey FOREIGN KEY (tenant_id, widget_key_id) REFERENCES widget_keys (tenant_id, id),
    CONSTRAINT widget_origins_origin_form CHECK ((origin LIKE 'http://%' OR origin LIKE 'https://%') AND length(origin) <= 300)
);
CREATE INDEX widget_origins_by_origin ON widget_origins (origin);

-- Every tenant has a key from the beginning; those that are there already get theirs now.
INSERT INTO widget_keys (id, tenant_id, name, key, revision, created_at)
SELECT gen_random_uuid(), id, 'Website', 'pk_live_' || left(encode(sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea), 'hex'), 32), 1, created_at
FROM tenants;

-- How a tenant tells visitors that they talk to an AI.
ALTER TABLE tenants ADD COLUMN ai_notice text CONSTRAINT tenants_ai_notice_length CHECK (length(ai_notice) BETWEEN 1 AND 500);
