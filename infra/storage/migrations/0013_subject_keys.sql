-- A key for each contact, wrapped by a key that does not lie in the database.
--
-- What is kept of a contact outside of this schema (its recording) is sealed with its key; without the key it is noise.
-- A key that was shredded is not made again: its row stays, empty, so that nobody takes what is left for readable.

CREATE TABLE subject_keys (
    tenant text NOT NULL REFERENCES tenants,
    subject text NOT NULL CHECK (subject <> ''),   -- a call's id
    ring_key text CHECK (ring_key <> ''),          -- the key of the ring that has wrapped this one
    wrapped bytea,
    made_at timestamptz NOT NULL DEFAULT now(),
    shredded_at timestamptz,
    PRIMARY KEY (tenant, subject),
    CHECK ((wrapped IS NULL) = (ring_key IS NULL)),
    CHECK ((wrapped IS NULL) = (shredded_at IS NOT NULL))
);
CREATE INDEX subject_keys_by_ring_key ON subject_keys (tenant, ring_key, subject) WHERE ring_key IS NOT NULL;

-- No DELETE, and no UPDATE of what was shredded.
ALTER TABLE subject_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE subject_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY subject_keys_read ON subject_keys FOR SELECT USING (tenant = app_tenant());
CREATE POLICY subject_keys_make ON subject_keys FOR INSERT WITH CHECK (tenant = app_tenant());
CREATE POLICY subject_keys_change ON subject_keys FOR UPDATE
    USING (tenant = app_tenant() AND shredded_at IS NULL) WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE ON subject_keys TO {application_role};
