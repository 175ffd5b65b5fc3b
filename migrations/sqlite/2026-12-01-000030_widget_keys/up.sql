-- When a page last showed a key that was good there, to the minute.
ALTER TABLE widget_keys ADD COLUMN last_used_at INTEGER;

-- What keys were before they were changed for others. Pages that still show such a text are let in until its time is over.
CREATE TABLE widget_former_keys (
    key text NOT NULL CONSTRAINT widget_former_keys_pkey PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    widget_key_id BLOB NOT NULL,
    good_until INTEGER NOT NULL,
    CONSTRAINT widget_former_keys_key_fkey FOREIGN KEY (tenant_id, widget_key_id) REFERENCES widget_keys (tenant_id, id),
    CONSTRAINT widget_former_keys_key_form CHECK (substr(key, 1, 8) = 'pk_live_' AND length(key) BETWEEN 40 AND 64)
) STRICT;
CREATE TRIGGER widget_former_keys_key_fkey BEFORE INSERT ON widget_former_keys
WHEN NEW.widget_key_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM widget_keys WHERE tenant_id = NEW.tenant_id AND id = NEW.widget_key_id)
BEGIN SELECT RAISE(ABORT, 'widget_former_keys_key_fkey'); END;
CREATE INDEX widget_former_keys_of_key ON widget_former_keys (widget_key_id);

-- Apps that are no websites, so no browser says where they are from: they say their own name, and are let in where a key names them.
CREATE TABLE widget_apps (
    tenant_id BLOB NOT NULL,
    widget_key_id BLOB NOT NULL,
    app text NOT NULL,
    CONSTRAINT widget_apps_pkey PRIMARY KEY (widget_key_id, app),
    CONSTRAINT widget_apps_key_fkey FOREIGN KEY (tenant_id, widget_key_id) REFERENCES widget_keys (tenant_id, id),
    CONSTRAINT widget_apps_app_form CHECK (length(app) BETWEEN 1 AND 100 AND app NOT GLOB '*[^A-Za-z0-9._-]*')
) STRICT;
CREATE TRIGGER widget_apps_key_fkey BEFORE INSERT ON widget_apps
WHEN NEW.widget_key_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM widget_keys WHERE tenant_id = NEW.tenant_id AND id = NEW.widget_key_id)
BEGIN SELECT RAISE(ABORT, 'widget_apps_key_fkey'); END;

-- Websites that showed a key and are not in its list, for its owner to see; the newest of them.
CREATE TABLE widget_refused_origins (
    tenant_id BLOB NOT NULL,
    widget_key_id BLOB NOT NULL,
    origin text NOT NULL,
    times INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    CONSTRAINT widget_refused_origins_pkey PRIMARY KEY (widget_key_id, origin),
    CONSTRAINT widget_refused_origins_key_fkey FOREIGN KEY (tenant_id, widget_key_id) REFERENCES widget_keys (tenant_id, id),
    CONSTRAINT widget_refused_origins_origin_form CHECK ((origin LIKE 'http://%' OR origin LIKE 'https://%') AND length(origin) <= 300),
    CONSTRAINT widget_refused_origins_counted CHECK (times > 0)
) STRICT;
CREATE TRIGGER widget_refused_origins_key_fkey BEFORE INSERT ON widget_refused_origins
WHEN NEW.widget_key_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM widget_keys WHERE tenant_id = NEW.tenant_id AND id = NEW.widget_key_id)
BEGIN SELECT RAISE(ABORT, 'widget_refused_origins_key_fkey'); END;
