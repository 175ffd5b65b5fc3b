-- How far a persona's answers must rest on approved knowledge, and what was found when each answer was checked.
ALTER TABLE persona_versions ADD COLUMN grounding text NOT NULL DEFAULT 'STRICT' CONSTRAINT persona_versions_grounding_known CHECK (grounding IN ('STRICT', 'OPEN'));
ALTER TABLE messages ADD COLUMN verdict jsonb;
ALTER TABLE messages ADD CONSTRAINT messages_verdict_on_answer CHECK (verdict IS NULL OR role = 'assistant') NOT VALID;
