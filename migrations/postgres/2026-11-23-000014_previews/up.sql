-- Who answers in a conversation if it is not the default persona, and what is tried out of it where nobody but the team is listening.
ALTER TABLE conversations ADD COLUMN persona_id uuid;
ALTER TABLE conversations ADD COLUMN draft text;
ALTER TABLE conversations
    ADD CONSTRAINT conversations_persona_fkey FOREIGN KEY (tenant_id, persona_id) REFERENCES personas (tenant_id, id) NOT VALID;
ALTER TABLE conversations
    ADD CONSTRAINT conversations_draft_of_persona CHECK (draft IS NULL OR persona_id IS NOT NULL) NOT VALID;
