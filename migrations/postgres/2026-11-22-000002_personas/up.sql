-- Who answers for a tenant.
CREATE TABLE personas (
    id uuid NOT NULL CONSTRAINT personas_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL CONSTRAINT personas_tenant_fkey REFERENCES tenants (id),
    is_default boolean NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT personas_tenant_unique UNIQUE (tenant_id, id)
);
CREATE UNIQUE INDEX personas_one_default ON personas (tenant_id) WHERE is_default;

-- What a persona was at some time; the newest number is what it is.
CREATE TABLE persona_versions (
    id uuid NOT NULL CONSTRAINT persona_versions_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL,
    persona_id uuid NOT NULL,
    number integer NOT NULL,
    name text NOT NULL,
    description text NOT NULL,
    tone text NOT NULL,
    system_prompt text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT persona_versions_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT persona_versions_number_unique UNIQUE (persona_id, number),
    CONSTRAINT persona_versions_persona_fkey FOREIGN KEY (tenant_id, persona_id) REFERENCES personas (tenant_id, id),
    CONSTRAINT persona_versions_number_positive CHECK (number > 0),
    CONSTRAINT persona_versions_name_present CHECK (length(name) BETWEEN 1 AND 100)
);
CREATE TRIGGER persona_versions_immutable BEFORE UPDATE OR DELETE ON persona_versions
FOR EACH ROW EXECUTE FUNCTION broken_rule('persona_versions_immutable');
