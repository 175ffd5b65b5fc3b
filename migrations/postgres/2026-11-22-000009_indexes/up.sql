-- Every question names the tenant and the conversation, so the indexes lead with both: with one of them alone the planner may read all
-- that a tenant has.
DROP INDEX turns_of_conversation;
CREATE INDEX turns_of_conversation ON turns (tenant_id, conversation_id, last_sequence);
ALTER TABLE messages DROP CONSTRAINT messages_sequence_unique,
    ADD CONSTRAINT messages_sequence_unique UNIQUE (tenant_id, conversation_id, sequence);

-- A turn's entries in their order, without reading the tenant's whole ledger.
DROP INDEX credit_entries_of_turn;
CREATE INDEX credit_entries_of_turn ON credit_entries (tenant_id, turn_id, number);
