-- What a tenant has written down, and whether the assistant may say it.
CREATE TABLE knowledge_entries (
    id uuid NOT NULL CONSTRAINT knowledge_entries_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL CONSTRAINT knowledge_entries_tenant_fkey REFERENCES tenants (id),
    title text NOT NULL,
    text text NOT NULL,
    source_url text,
    locale text NOT NULL,
    state text NOT NULL,
    created_at timestamptz NOT NULL,
    approved_at timestamptz,
    CONSTRAINT knowledge_entries_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT knowledge_entries_title_present CHECK (length(title) BETWEEN 1 AND 300),
    CONSTRAINT knowledge_entries_locale_known CHECK (locale IN ('en', 'nl', 'de', 'es', 'it', 'pl', 'pt-BR', 'ja', 'fr')),
    CONSTRAINT knowledge_entries_state_known CHECK (state IN ('DRAFT', 'APPROVED', 'ARCHIVED')),
    CONSTRAINT knowledge_entries_approved_when CHECK (state <> 'APPROVED' OR approved_at IS NOT NULL)
);

-- An approved entry in pieces, as they are searched and quoted. `terms` holds the stems the engine indexes, separated by single
-- spaces; the first is the tenant's own, so that a search touches one tenant's passages only.
CREATE TABLE passages (
    number bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT passages_pkey PRIMARY KEY,
    tenant_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    ordinal integer NOT NULL,
    text text NOT NULL,
    terms text NOT NULL,
    CONSTRAINT passages_ordinal_unique UNIQUE (entry_id, ordinal),
    CONSTRAINT passages_entry_fkey FOREIGN KEY (tenant_id, entry_id) REFERENCES knowledge_entries (tenant_id, id),
    CONSTRAINT passages_ordinal_positive CHECK (ordinal > 0)
);
CREATE FUNCTION passages_of_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM knowledge_entries WHERE tenant_id = NEW.tenant_id AND id = NEW.entry_id AND state = 'APPROVED')
        AND EXISTS (SELECT 1 FROM knowledge_entries WHERE tenant_id = NEW.tenant_id AND id = NEW.entry_id) THEN
        RAISE EXCEPTION 'passages_of_approved' USING ERRCODE = 'check_violation', CONSTRAINT = 'passages_of_approved';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER passages_of_approved BEFORE INSERT ON passages
FOR EACH ROW EXECUTE FUNCTION passages_of_approved();
-- No parser and no dictionary: the terms are lexemes already.
CREATE INDEX passage_search ON passages USING gin (array_to_tsvector(string_to_array(terms, ' ')));
