-- How a tenant's own website tells who its visitors are: by tokens signed with a secret that both have. What is kept of a secret is
-- encrypted under the instance key. The one before is good for a while, so that the website can be given the new one.
CREATE TABLE widget_identities (
    tenant_id uuid NOT NULL CONSTRAINT widget_identities_pkey PRIMARY KEY CONSTRAINT widget_identities_tenant_fkey REFERENCES tenants (id),
    required boolean NOT NULL,
    secret bytea,
    secret_made_at timestamptz,
    former_secret bytea,
    former_made_at timestamptz,
    former_until timestamptz,
    revision bigint NOT NULL,
    CONSTRAINT widget_identities_secret_dated CHECK ((secret IS NULL) = (secret_made_at IS NULL)),
    CONSTRAINT widget_identities_former_dated CHECK ((former_secret IS NULL) = (former_made_at IS NULL) AND (former_secret IS NULL) = (former_until IS NULL)),
    CONSTRAINT widget_identities_required_provable CHECK (secret IS NOT NULL OR NOT required),
    CONSTRAINT widget_identities_revision_positive CHECK (revision > 0)
);

-- Since when a visitor's own website says who they are, and what it calls them. Of who was erased none of it is left.
ALTER TABLE visitors ADD COLUMN verified_at timestamptz;
ALTER TABLE visitors ADD COLUMN name text CONSTRAINT visitors_name_length CHECK (length(name) BETWEEN 1 AND 200);
ALTER TABLE visitors ADD COLUMN email text CONSTRAINT visitors_email_length CHECK (length(email) BETWEEN 1 AND 254);
ALTER TABLE visitors ADD CONSTRAINT visitors_named_if_verified CHECK (verified_at IS NOT NULL OR (name IS NULL AND email IS NULL)) NOT VALID;
ALTER TABLE visitors ADD CONSTRAINT visitors_erased_nameless CHECK (erased_at IS NULL OR (name IS NULL AND email IS NULL)) NOT VALID;
-- Who was said to be there and has written nothing is in no conversation whose time could be over, so their time is kept an eye on by itself.
-- The table is ours already since the statements above, and is read once for it.
ALTER TABLE visitors ADD COLUMN silent boolean NOT NULL DEFAULT false;
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX visitors_silent ON visitors (tenant_id, verified_at) WHERE silent;
