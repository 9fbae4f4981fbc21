-- The audit of the entrance becomes a chain: each entry is sealed with the one before it (infra/hash_chain.py), as the
-- lines of the audit of actions are. There is still no policy and no right for UPDATE and DELETE.
--
-- Entries from before have no number. The first sealed entry of a tenant is sealed with all of them, so that from then on
-- it shows as well when one of these is changed, removed or added.

ALTER TABLE audit_entries
    ADD COLUMN number bigint,
    ADD COLUMN previous text,
    ADD COLUMN digest text;

-- NOT VALID: asked of every new entry, and of none from before.
ALTER TABLE audit_entries ADD CONSTRAINT audit_entries_sealed CHECK (
    number IS NOT NULL AND number > 0
    AND previous IS NOT NULL AND previous ~ '^[0-9a-f]{64}$'
    AND digest IS NOT NULL AND digest ~ '^[0-9a-f]{64}$'
) NOT VALID;
CREATE UNIQUE INDEX audit_entries_by_number ON audit_entries (tenant, number);
