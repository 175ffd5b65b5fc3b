-- When a page last showed a key that was good there, to the minute.
ALTER TABLE widget_keys ADD COLUMN last_used_at timestamptz;

-- What keys were before they were changed for others. Pages that still show such a text are let in until its time is over.
CREATE TABLE widget_former_keys (
    key text NOT NULL CONSTRAINT widget_former_keys_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL,
    widget_key_id uuid NOT NULL,
    good_until timestamptz NOT NULL,
    CONSTRAINT widget_former_keys_key_fkey FOREIGN KEY (tenant_id, widget_key_id) REFERENCES widget_keys (tenant_id, id),
    CONSTRAINT widget_former_keys_key_form CHECK (substr(key, 1, 8) = 'pk_live_' AND length(key) BETWEEN 40 AND 64)
);
CREATE INDEX widget_former_keys_of_key ON widget_former_keys (widget_key_id);

-- Apps that are no websites, so no browser says where they are from: they say their own name, and are let in where a key names them.
CREATE TABLE widget_apps (
    tenant_id uuid NOT NULL,
    widget_key_id uuid NOT NULL,
    app text NOT NULL,
    CONSTRAINT widget_apps_pkey PRIMARY KEY (widget_key_id, app),
    CONSTRAINT widget_apps_key_fkey FOREIGN KEY (tenant_id, widget_key_id) REFERENCES widget_keys (tenant_id, id),
    CONSTRAINT widget_apps_app_form CHECK (length(app) BETWEEN 1 AND 100 AND app !~ '[^A-Za-z0-9._-]')
);

-- Websites that showed a key and are not in its list, for its owner to see; the newest of them.
CREATE TABLE widget_refused_origins (
    tenant_id uuid NOT NULL,
    widget_key_id uuid NOT NULL,
    origin text NOT NULL,
    times bigint NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    CONSTRAINT widget_refused_origins_pkey PRIMARY KEY (widget_key_id, origin),
    CONSTRAINT widget_refused_origins_key_fkey FOREIGN KEY (tenant_id, widget_key_id) REFERENCES widget_keys (tenant_id, id),
    CONSTRAINT widget_refused_origins_origin_form CHECK ((origin LIKE 'http://%' OR origin LIKE 'https://%') AND length(origin) <= 300),
    CONSTRAINT widget_refused_origins_counted CHECK (times > 0)
);
