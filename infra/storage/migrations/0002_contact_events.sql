-- Calls, and the append-only log of what happened in them.

CREATE TABLE calls (
    tenant text NOT NULL REFERENCES tenants,
    call_id text NOT NULL CHECK (call_id <> ''),
    line text NOT NULL,
    language text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('inbound', 'outbound')),
    channel text NOT NULL,
    caller text,    -- ANI; null when withheld
    called text,    -- DNIS
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    end_reason text,
    node text NOT NULL,
    epoch bigint NOT NULL,
    PRIMARY KEY (tenant, call_id),
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX calls_by_time ON calls (tenant, started_at DESC, call_id DESC);
CREATE INDEX calls_open ON calls (tenant, node) WHERE ended_at IS NULL;
ALTER TABLE calls ENABLE ROW LEVEL SECURITY;
ALTER TABLE calls FORCE ROW LEVEL SECURITY;
CREATE POLICY calls_read ON calls FOR SELECT USING (tenant = app_tenant());
CREATE POLICY calls_begin ON calls FOR INSERT WITH CHECK (tenant = app_tenant());
CREATE POLICY calls_change ON calls FOR UPDATE USING (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE ON calls TO {application_role};

-- No policy for UPDATE and DELETE: under FORCE ROW LEVEL SECURITY not even the owner changes what was logged.
-- No foreign key to calls: it would lock and rewrite the call's row for every batch, and the writer knows its calls.
CREATE TABLE contact_events (
    tenant text NOT NULL,
    call_id text NOT NULL,
    seq bigint NOT NULL CHECK (seq > 0),
    at timestamptz NOT NULL,
    kind text NOT NULL CHECK (kind <> ''),
    payload jsonb NOT NULL,
    PRIMARY KEY (tenant, call_id, seq)
);
ALTER TABLE contact_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE contact_events FORCE ROW LEVEL SECURITY;
CREATE POLICY contact_events_read ON contact_events FOR SELECT USING (tenant = app_tenant());
CREATE POLICY contact_events_append ON contact_events FOR INSERT WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT ON contact_events TO {application_role};
