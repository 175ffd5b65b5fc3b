-- Pages of tenants' websites that were looked at to see whether the widget can work there, and what was found (JSON).
CREATE TABLE widget_checks (
    id uuid NOT NULL CONSTRAINT widget_checks_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL CONSTRAINT widget_checks_tenant_fkey REFERENCES tenants (id),
    url text NOT NULL,
    requested_at timestamptz NOT NULL,
    ended_at timestamptz,
    findings text,
    CONSTRAINT widget_checks_url_length CHECK (length(url) BETWEEN 1 AND 2000),
    CONSTRAINT widget_checks_found_when_ended CHECK ((ended_at IS NULL) = (findings IS NULL))
);
CREATE INDEX widget_checks_of_tenant ON widget_checks (tenant_id, id);
