-- The processes that run now, or did a moment ago: each says so every few seconds. A name is used once.
CREATE TABLE processes (
    name text COLLATE "C" NOT NULL CONSTRAINT processes_pkey PRIMARY KEY,
    role text NOT NULL,
    version text NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    last_look_at timestamptz,
    CONSTRAINT processes_role_known CHECK (role IN ('serve', 'api', 'worker')),
    CONSTRAINT processes_look_by_workers CHECK (role <> 'api' OR last_look_at IS NULL)
);
