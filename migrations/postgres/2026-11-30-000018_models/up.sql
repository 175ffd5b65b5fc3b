-- How a language model is asked for a persona's answers: which one (none: the platform's usual one), how freely it chooses its words (in
-- hundredths, 0 to 2.00), and in which language it answers (none: the visitor's).
ALTER TABLE persona_versions ADD COLUMN model text CONSTRAINT persona_versions_model_length CHECK (length(model) BETWEEN 1 AND 200);
-- It is 200 at most.
-- squawk-ignore prefer-bigint-over-int
ALTER TABLE persona_versions ADD COLUMN temperature integer CONSTRAINT persona_versions_temperature_bounded CHECK (temperature BETWEEN 0 AND 200);
ALTER TABLE persona_versions ADD COLUMN language text
    CONSTRAINT persona_versions_language_known CHECK (language IN ('en', 'nl', 'de', 'es', 'it', 'pl', 'pt-BR', 'ja', 'fr'));

-- What a job waits for that may be slow: those that wait for one thing do not take every worker from those that wait for another.
ALTER TABLE jobs ADD COLUMN lane text;
ALTER TABLE jobs ADD CONSTRAINT jobs_lane_length CHECK (length(lane) BETWEEN 1 AND 200) NOT VALID;

-- By which of its models a turn is answered, as it was decided when credits were set aside for it; none: the usual one.
ALTER TABLE turns ADD COLUMN model text;
ALTER TABLE turns ADD CONSTRAINT turns_model_length CHECK (length(model) BETWEEN 1 AND 200) NOT VALID;
