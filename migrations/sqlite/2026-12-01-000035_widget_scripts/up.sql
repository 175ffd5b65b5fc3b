-- The widget's scripts that were ever served under an address of their own, by the first 16 hexadecimal digits of their SHA-256. Tags on websites
-- name them for years.
CREATE TABLE widget_scripts (
    version text NOT NULL CONSTRAINT widget_scripts_pkey PRIMARY KEY,
    script text NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT widget_scripts_version_length CHECK (length(version) = 16),
    CONSTRAINT widget_scripts_script_length CHECK (length(script) BETWEEN 1 AND 1000000)
) STRICT;
CREATE TRIGGER widget_scripts_append_only_update BEFORE UPDATE ON widget_scripts
BEGIN SELECT RAISE(ABORT, 'widget_scripts_append_only'); END;
CREATE TRIGGER widget_scripts_append_only_delete BEFORE DELETE ON widget_scripts
BEGIN SELECT RAISE(ABORT, 'widget_scripts_append_only'); END;
