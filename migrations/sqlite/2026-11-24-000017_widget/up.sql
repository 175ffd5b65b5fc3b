-- What the widget on a tenant's websites shows, and on which websites it may. A key is no secret: every visitor's browser has it.
CREATE TABLE widget_keys (
    id BLOB NOT NULL CONSTRAINT widget_keys_pkey PRIMARY KEY,
    tenant_id BLOB NOT NULL CONSTRAINT widget_keys_tenant_fkey REFERENCES tenants (id),
    name text NOT NULL,
    key text NOT NULL CONSTRAINT widget_keys_key_unique UNIQUE,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER,
    CONSTRAINT widget_keys_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT widget_keys_key_form CHECK (substr(key, 1, 8) = 'pk_live_' AND length(key) BETWEEN 40 AND 64),
    CONSTRAINT widget_keys_name_present CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT widget_keys_revision_positive CHECK (revision > 0)
) STRICT;
CREATE TRIGGER widget_keys_tenant_fkey BEFORE INSERT ON widget_keys
WHEN NEW.tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tenants WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'widget_keys_tenant_fkey'); END;

-- As browsers write them, or with `*.` before the host for every name below it.
CREATE TABLE widget_origins (
    tenant_id BLOB NOT NULL,
    widget_key_id BLOB NOT NULL,
    origin text NOT NULL,
    CONSTRAINT widget_origins_pkey PRIMARY KEY (widget_key_id, origin),
    CONSTRAINT widget_origins_key_fkey FOREIGN KEY (tenant_id, widget_key_id) REFERENCES widget_keys (tenant_id, id),
    CONSTRAINT widget_origins_origin_form CHECK ((origin LIKE 'http://%' OR origin LIKE 'https://%') AND length(origin) <= 300)
) STRICT;
CREATE TRIGGER widget_origins_key_fkey BEFORE INSERT ON widget_origins
WHEN NEW.widget_key_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM widget_keys WHERE tenant_id = NEW.tenant_id AND id = NEW.widget_key_id)
BEGIN SELECT RAISE(ABORT, 'widget_origins_key_fkey'); END;
CREATE INDEX widget_origins_by_origin ON widget_origins (origin);

-- Every tenant has a key from the beginning; those that are there already get theirs now.
INSERT INTO widget_keys (id, tenant_id, name, key, revision, created_at)
SELECT randomblob(16), id, 'Website', 'pk_live_' || lower(hex(randomblob(16))), 1, created_at FROM tenants;

-- How a tenant tells visitors that they talk to an AI.
ALTER TABLE tenants ADD COLUMN ai_notice text CONSTRAINT tenants_ai_notice_length CHECK (length(ai_notice) BETWEEN 1 AND 500);
