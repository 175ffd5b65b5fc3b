-- The two roles of a Frontoffice database. Run once by a superuser, in the database itself; running it again does no harm and changes
-- the passwords to those given.
--
--   frontoffice_schema  owns the schema: `frontoffice migrate` uses it, and nothing that faces the outside.
--   frontoffice_app     reads and writes rows: `frontoffice api`, `worker` and `doctor` use it. It cannot create, change, empty or drop
--                       a table, so neither can whoever breaks into one of those processes.
--
-- The passwords come from the environment, where no list of processes shows them (needs psql 15 or newer),
--
--   SCHEMA_ROLE_PASSWORD=… APP_ROLE_PASSWORD=… psql -X -d frontoffice -f roles.sql
--
-- or from psql's variables: -v schema_password=… -v app_password=…
--
-- A database that one process (`frontoffice serve`) has filled under another role is taken over: its tables get the new owner. Stop that
-- process first.

\set ON_ERROR_STOP on

\if :{?schema_password}
\else
    \getenv schema_password SCHEMA_ROLE_PASSWORD
\endif
\if :{?app_password}
\else
    \getenv app_password APP_ROLE_PASSWORD
\endif
-- What is not set at all counts as empty; an empty password would make a role nobody can sign in as.
\if :{?schema_password}
\else
    \set schema_password ''
\endif
\if :{?app_password}
\else
    \set app_password ''
\endif

-- The statements below hold passwords. They are to be in no log and no statistics, whatever the server is set to.
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_duration_sample = -1;
SET log_min_error_statement = 'panic';
SET pg_stat_statements.track_utility = off;

SELECT :'schema_password' = '' OR :'app_password' = '' AS password_missing \gset
\if :password_missing
    DO $$ BEGIN RAISE EXCEPTION 'set SCHEMA_ROLE_PASSWORD and APP_ROLE_PASSWORD, or the variables schema_password and app_password'; END $$;
\endif

-- All or nothing: processes that run meanwhile never see a right taken away and not yet given back.
BEGIN;

SELECT format('CREATE ROLE %I', name)
FROM (VALUES ('frontoffice_schema'), ('frontoffice_app')) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec
ALTER ROLE frontoffice_schema LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'schema_password';
ALTER ROLE frontoffice_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD :'app_password';

-- Nobody else connects, and nobody makes temporary tables: the program needs none.
REVOKE ALL ON DATABASE :"DBNAME" FROM PUBLIC, frontoffice_schema, frontoffice_app;
GRANT CONNECT ON DATABASE :"DBNAME" TO frontoffice_schema, frontoffice_app;

-- Revoked from PUBLIC by name as well: a database that comes from before Postgres 15 lets everybody create tables here.
ALTER SCHEMA public OWNER TO frontoffice_schema;
REVOKE ALL ON SCHEMA public FROM PUBLIC, frontoffice_app;
GRANT USAGE ON SCHEMA public TO frontoffice_app;

-- Taking over what another role has made. Indexes and sequences of columns follow their tables; what belongs to an extension stays.
SELECT format('ALTER TABLE %s OWNER TO frontoffice_schema', c.oid::regclass)
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    AND c.relowner <> 'frontoffice_schema'::regrole
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
\gexec
SELECT format('ALTER ROUTINE %s OWNER TO frontoffice_schema', p.oid::regprocedure)
FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace
    AND p.proowner <> 'frontoffice_schema'::regrole
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
\gexec

-- What later migrations make, the app may use at once. Functions need no grant: everybody may call them, and a trigger's runs with
-- the rights of who changes the row.
ALTER DEFAULT PRIVILEGES FOR ROLE frontoffice_schema IN SCHEMA public REVOKE ALL ON TABLES FROM frontoffice_app;
ALTER DEFAULT PRIVILEGES FOR ROLE frontoffice_schema IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO frontoffice_app;
ALTER DEFAULT PRIVILEGES FOR ROLE frontoffice_schema IN SCHEMA public REVOKE ALL ON SEQUENCES FROM frontoffice_app;
ALTER DEFAULT PRIVILEGES FOR ROLE frontoffice_schema IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO frontoffice_app;

-- The list of migration steps, as the program would make it: made here, so that the app can read it and never write to it.
SET LOCAL ROLE frontoffice_schema;
SET LOCAL client_min_messages = 'warning';
CREATE TABLE IF NOT EXISTS public.__diesel_schema_migrations (
    version varchar(50) PRIMARY KEY NOT NULL,
    run_on timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);
RESET ROLE;

-- The same for what is there already.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM frontoffice_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO frontoffice_app;
REVOKE INSERT, UPDATE, DELETE ON public.__diesel_schema_migrations FROM frontoffice_app;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM frontoffice_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO frontoffice_app;

COMMIT;
