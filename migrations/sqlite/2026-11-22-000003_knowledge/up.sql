-- What a tenant has written down, and whether the assistant may say it.
CREATE TABLE knowledge_entries (
    id BLOB NOT NULL CONSTRAINT knowledge_entries_pkey PRIMARY KEY,
    tenant_id BLOB NOT NULL CONSTRAINT knowledge_entries_tenant_fkey REFERENCES tenants (id),
    title text NOT NULL,
    text text NOT NULL,
    source_url text,
    locale text NOT NULL,
    state text NOT NULL,
    created_at INTEGER NOT NULL,
    approved_at INTEGER,
    CONSTRAINT knowledge_entries_tenant_unique UNIQUE (tenant_id, id),
    CONSTRAINT knowledge_entries_title_present CHECK (length(title) BETWEEN 1 AND 300),
    CONSTRAINT knowledge_entries_locale_known CHECK (locale IN ('en', 'nl', 'de', 'es', 'it', 'pl', 'pt-BR', 'ja', 'fr')),
    CONSTRAINT knowledge_entries_state_known CHECK (state IN ('DRAFT', 'APPROVED', 'ARCHIVED')),
    CONSTRAINT knowledge_entries_approved_when CHECK (state <> 'APPROVED' OR approved_at IS NOT NULL)
) STRICT;
CREATE TRIGGER knowledge_entries_tenant_fkey BEFORE INSERT ON knowledge_entries
WHEN NEW.tenant_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tenants WHERE id = NEW.tenant_id)
BEGIN SELECT RAISE(ABORT, 'knowledge_entries_tenant_fkey'); END;

-- An approved entry in pieces, as they are searched and quoted. `terms` holds the stems the engine indexes, separated by single
-- spaces; the first is the tenant's own, so that a search touches one tenant's passages only.
CREATE TABLE passages (
    number INTEGER NOT NULL CONSTRAINT passages_pkey PRIMARY KEY AUTOINCREMENT,
    tenant_id BLOB NOT NULL,
    entry_id BLOB NOT NULL,
    ordinal INTEGER NOT NULL,
    text text NOT NULL,
    terms text NOT NULL,
    CONSTRAINT passages_ordinal_unique UNIQUE (entry_id, ordinal),
    CONSTRAINT passages_entry_fkey FOREIGN KEY (tenant_id, entry_id) REFERENCES knowledge_entries (tenant_id, id),
    CONSTRAINT passages_ordinal_positive CHECK (ordinal > 0)
) STRICT;
CREATE TRIGGER passages_entry_fkey BEFORE INSERT ON passages
WHEN NEW.entry_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM knowledge_entries WHERE tenant_id = NEW.tenant_id AND id = NEW.entry_id)
BEGIN SELECT RAISE(ABORT, 'passages_entry_fkey'); END;
CREATE TRIGGER passages_of_approved BEFORE INSERT ON passages
WHEN NOT EXISTS (SELECT 1 FROM knowledge_entries WHERE id = NEW.entry_id AND state = 'APPROVED')
BEGIN SELECT RAISE(ABORT, 'passages_of_approved'); END;
-- The index keeps only the terms; a passage's number is its row there.
CREATE VIRTUAL TABLE passage_search USING fts5 (terms, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 0");
CREATE TRIGGER passage_search_insert AFTER INSERT ON passages
BEGIN INSERT INTO passage_search (rowid, terms) VALUES (NEW.number, NEW.terms); END;
CREATE TRIGGER passage_search_delete AFTER DELETE ON passages
BEGIN DELETE FROM passage_search WHERE rowid = OLD.number; END;
CREATE TRIGGER passage_search_update AFTER UPDATE OF terms ON passages
BEGIN
    DELETE FROM passage_search WHERE rowid = OLD.number;
    INSERT INTO passage_search (rowid, terms) VALUES (NEW.number, NEW.terms);
END;
