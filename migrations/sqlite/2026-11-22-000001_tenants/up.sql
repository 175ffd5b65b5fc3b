-- A business and what is fixed about it.
CREATE TABLE tenants (
    id BLOB NOT NULL CONSTRAINT tenants_pkey PRIMARY KEY,
    public_id BLOB NOT NULL CONSTRAINT tenants_public_id_unique UNIQUE,
    slug text NOT NULL CONSTRAINT tenants_slug_unique UNIQUE,
    name text NOT NULL,
    default_locale text NOT NULL,
    public_chat INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT tenants_slug_form CHECK (length(slug) BETWEEN 2 AND 63 AND slug NOT GLOB '*[^a-z0-9-]*' AND slug NOT GLOB '-*' AND slug NOT GLOB '*-'),
    CONSTRAINT tenants_name_present CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT tenants_locale_known CHECK (default_locale IN ('en', 'nl', 'de', 'es', 'it', 'pl', 'pt-BR', 'ja', 'fr'))
) STRICT;

-- Set-up happened, once.
CREATE TABLE installation (
    id INTEGER NOT NULL CONSTRAINT installation_pkey PRIMARY KEY,
    platform_tenant_id BLOB NOT NULL CONSTRAINT installation_tenant_fkey REFERENCES tenants (id),
    set_up_at INTEGER NOT NULL,
    CONSTRAINT installation_single CHECK (id = 1)
) STRICT;
CREATE TRIGGER installation_tenant_fkey BEFORE INSERT ON installation
WHEN NEW.platform_tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tenants WHERE id = NEW.platform_tenant_id)
BEGIN SELECT RAISE(ABORT, 'installation_tenant_fkey'); END;
