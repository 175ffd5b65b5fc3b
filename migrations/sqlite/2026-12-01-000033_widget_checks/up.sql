-- Pages of tenants' websites that were looked at to see whether the widget can work there, and what was found (JSON).
CREATE TABLE widget_checks (
    id BLOB NOT NULL CONSTRAINT widget_checks_pkey PRIMARY KEY,
    tenant_id BLOB NOT NULL CONSTRAINT widget_checks_tenant_fkey REFERENCES tenants (id),
    url text NOT NULL,
    requested_at INTEGER NOT NULL,
    ended_at INTEGER,
    findings text,
    CONSTRAINT widget_checks_url_length CHECK (length(url) BETWEEN 1 AND 2000),
    CONSTRAINT widget_checks_found_when_ended CHECK ((ended_at IS NULL) = (findings IS NULL))
) STRICT;
CREATE TRIGGER widget_checks_tenant_fkey BEFORE INSERT ON widget_checks
WHEN NEW.tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tenants WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'widget_checks_tenant_fkey'); END;
CREATE INDEX widget_checks_of_tenant ON widget_checks (tenant_id, id);
