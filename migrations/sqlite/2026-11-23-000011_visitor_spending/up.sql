-- What a visitor's answers took, in micro-credits, on the day (UTC) that began then.
ALTER TABLE visitors ADD COLUMN spent_on INTEGER;
ALTER TABLE visitors ADD COLUMN spent INTEGER NOT NULL DEFAULT 0 CONSTRAINT visitors_spent_counts CHECK (spent >= 0);
