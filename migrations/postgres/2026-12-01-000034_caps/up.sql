-- What a tenant lets answers take at most: those to one visitor, or of one widget key, on a day, and those of a persona in a month (UTC).
-- `subject_id` is the key or the persona; for visitors, of whom each may take that much, the tenant itself.
CREATE TABLE credit_caps (
    tenant_id uuid NOT NULL CONSTRAINT credit_caps_tenant_fkey REFERENCES tenants (id),
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    credits bigint NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT credit_caps_pkey PRIMARY KEY (tenant_id, kind, subject_id),
    CONSTRAINT credit_caps_kind_known CHECK (kind IN ('visitor_day', 'widget_key_day', 'persona_month')),
    CONSTRAINT credit_caps_not_negative CHECK (credits >= 0)
);
-- What they took since the day or the month began.
CREATE TABLE credit_spending (
    tenant_id uuid NOT NULL CONSTRAINT credit_spending_tenant_fkey REFERENCES tenants (id),
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    began timestamptz NOT NULL,
    spent bigint NOT NULL,
    CONSTRAINT credit_spending_pkey PRIMARY KEY (tenant_id, kind, subject_id),
    CONSTRAINT credit_spending_kind_known CHECK (kind IN ('widget_key_day', 'persona_month')),
    CONSTRAINT credit_spending_not_negative CHECK (spent >= 0)
);
-- Through which widget key a turn was asked for.
CREATE TABLE turn_widget_keys (
    tenant_id uuid NOT NULL,
    turn_id uuid NOT NULL,
    widget_key_id uuid NOT NULL,
    CONSTRAINT turn_widget_keys_pkey PRIMARY KEY (tenant_id, turn_id),
    CONSTRAINT turn_widget_keys_turn_fkey FOREIGN KEY (tenant_id, turn_id) REFERENCES turns (tenant_id, id),
    CONSTRAINT turn_widget_keys_key_fkey FOREIGN KEY (tenant_id, widget_key_id) REFERENCES widget_keys (tenant_id, id)
);
