-- Refuses, naming the rule that would have been broken.
CREATE FUNCTION broken_rule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0];
END $$;

-- A business and what is fixed about it.
CREATE TABLE tenants (
    id uuid NOT NULL CONSTRAINT tenants_pkey PRIMARY KEY,
    public_id uuid NOT NULL CONSTRAINT tenants_public_id_unique UNIQUE,
    slug text COLLATE "C" NOT NULL CONSTRAINT tenants_slug_unique UNIQUE,
    name text NOT NULL,
    default_locale text NOT NULL,
    public_chat boolean NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT tenants_slug_form CHECK (length(slug) BETWEEN 2 AND 63 AND slug ~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$'),
    CONSTRAINT tenants_name_present CHECK (length(name) BETWEEN 1 AND 200),
    CONSTRAINT tenants_locale_known CHECK (default_locale IN ('en', 'nl', 'de', 'es', 'it', 'pl', 'pt-BR', 'ja', 'fr'))
);

-- Set-up happened, once.
CREATE TABLE installation (
    id smallint NOT NULL CONSTRAINT installation_pkey PRIMARY KEY,
    platform_tenant_id uuid NOT NULL CONSTRAINT installation_tenant_fkey REFERENCES tenants (id),
    set_up_at timestamptz NOT NULL,
    CONSTRAINT installation_single CHECK (id = 1)
);
