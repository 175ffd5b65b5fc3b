-- What a visitor's answers took, in micro-credits, on the day (UTC) that began then.
ALTER TABLE visitors ADD COLUMN spent_on timestamptz;
ALTER TABLE visitors ADD COLUMN spent bigint NOT NULL DEFAULT 0 CONSTRAINT visitors_spent_counts CHECK (spent >= 0);
