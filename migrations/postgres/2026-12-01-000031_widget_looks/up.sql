-- How the widget looks on a tenant's websites, where that is not as it is by itself.
CREATE TABLE widget_looks (
    tenant_id uuid NOT NULL CONSTRAINT widget_looks_pkey PRIMARY KEY CONSTRAINT widget_looks_tenant_fkey REFERENCES tenants (id),
    color text NOT NULL,
    position text NOT NULL,
    launcher text NOT NULL,
    label text,
    greeting text,
    avatar_url text,
    offline_text text,
    consent text NOT NULL,
    revision bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT widget_looks_color_form CHECK (color ~ '^#[0-9a-f]{6}$'),
    CONSTRAINT widget_looks_position_known CHECK (position IN ('end', 'start')),
    CONSTRAINT widget_looks_launcher_known CHECK (launcher IN ('bubble', 'bar', 'none')),
    CONSTRAINT widget_looks_label_length CHECK (length(label) BETWEEN 1 AND 60),
    CONSTRAINT widget_looks_greeting_length CHECK (length(greeting) BETWEEN 1 AND 500),
    CONSTRAINT widget_looks_avatar_form CHECK (avatar_url LIKE 'https://%' AND length(avatar_url) <= 500),
    CONSTRAINT widget_looks_offline_length CHECK (length(offline_text) BETWEEN 1 AND 500),
    CONSTRAINT widget_looks_consent_known CHECK (consent IN ('none', 'session', 'local')),
    CONSTRAINT widget_looks_revision_positive CHECK (revision > 0)
);
