-- Calls that wait for, or are with, a human.

CREATE TABLE handoffs (
    tenant text NOT NULL,
    handoff_id text NOT NULL CHECK (handoff_id <> ''),
    call_id text NOT NULL,
    reason text NOT NULL,
    queue text NOT NULL,
    skills text[] NOT NULL,
    summary jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('queued', 'accepted', 'ended', 'abandoned')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, handoff_id),
    FOREIGN KEY (tenant, call_id) REFERENCES calls
);
CREATE INDEX handoffs_by_state ON handoffs (tenant, state, created_at);
CREATE INDEX handoffs_by_call ON handoffs (tenant, call_id);
ALTER TABLE handoffs ENABLE ROW LEVEL SECURITY;
ALTER TABLE handoffs FORCE ROW LEVEL SECURITY;
CREATE POLICY handoffs_read ON handoffs FOR SELECT USING (tenant = app_tenant());
CREATE POLICY handoffs_queue ON handoffs FOR INSERT WITH CHECK (tenant = app_tenant());
CREATE POLICY handoffs_change ON handoffs FOR UPDATE USING (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE ON handoffs TO {application_role};
