-- Who answers for a tenant.
CREATE TABLE personas (
    id BLOB NOT NULL CONSTRAINT personas_pkey PRIMARY KEY,
    tenant_id BLOB NOT NULL CONSTRAINT personas_tenant_fkey REFERENCES tenants (id),
    is_default INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT personas_tenant_unique UNIQUE (tenant_id, id)
) STRICT;
CREATE UNIQUE INDEX personas_one_default ON personas (tenant_id) WHERE is_default;
CREATE TRIGGER personas_tenant_fkey BEFORE INSERT ON personas
WHEN NEW.tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tenants WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'personas_tenant_fkey'); END;

-- What a persona was at some time; the newest number is what it is.
CREATE TABLE persona_versions (
    id BLOB NOT NULL CONSTRAINT persona_versions_pkey PRIMARY KEY,
    tenant_id BLOB NOT NULL,
    persona_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    tone text NOT NULL,
    system_prompt text NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT persona_versions_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT persona_versions_number_unique UNIQUE (persona_id, number),
    CONSTRAINT persona_versions_persona_fkey FOREIGN KEY (tenant_id, persona_id) REFERENCES personas (tenant_id, id),
    CONSTRAINT persona_versions_number_positive CHECK (number > 0),
    CONSTRAINT persona_versions_name_present CHECK (length(name) BETWEEN 1 AND 100)
) STRICT;
CREATE TRIGGER persona_versions_persona_fkey BEFORE INSERT ON persona_versions
WHEN NEW.persona_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM personas WHERE tenant_id = NEW.tenant_id AND id = NEW.persona_id)
BEGIN SELECT RAISE(ABORT, 'persona_versions_persona_fkey'); END;
CREATE TRIGGER persona_versions_immutable_update BEFORE UPDATE ON persona_versions
BEGIN SELECT RAISE(ABORT, 'persona_versions_immutable'); END;
CREATE TRIGGER persona_versions_immutable_delete BEFORE DELETE ON persona_versions
BEGIN SELECT RAISE(ABORT, 'persona_versions_immutable'); END;
