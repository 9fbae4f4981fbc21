-- Actions that change something: what is wanted, what has to be brought to an end, and what happened.

CREATE TABLE action_intents (
    tenant text NOT NULL REFERENCES tenants,
    intent text NOT NULL CHECK (intent <> ''),    -- the proposal's id: one proposal, one intent
    place bigint GENERATED ALWAYS AS IDENTITY,    -- the order in which they were entered
    call_id text NOT NULL,
    turn integer NOT NULL,
    action text NOT NULL,
    arguments jsonb NOT NULL,
    digest text NOT NULL,                         -- of the action with its arguments
    release text NOT NULL,
    expires_at timestamptz NOT NULL,
    evidence integer[] NOT NULL,
    standing jsonb NOT NULL,
    parent text,                                  -- the intent that this one is a step of
    state text NOT NULL CHECK (
        state IN ('proposed', 'withdrawn', 'confirmed', 'started', 'succeeded', 'failed', 'unknown', 'compensated')
    ),
    confirmation jsonb,
    outcome jsonb,
    started_at timestamptz,
    PRIMARY KEY (tenant, intent),
    CHECK (state IN ('proposed', 'withdrawn') OR confirmation IS NOT NULL)
);
CREATE INDEX action_intents_unresolved ON action_intents (tenant, digest)
    WHERE state IN ('confirmed', 'started', 'unknown');
CREATE INDEX action_intents_by_call ON action_intents (tenant, call_id, action);
CREATE INDEX action_intents_by_parent ON action_intents (tenant, parent) WHERE parent IS NOT NULL;
ALTER TABLE action_intents ENABLE ROW LEVEL SECURITY;
ALTER TABLE action_intents FORCE ROW LEVEL SECURITY;
CREATE POLICY action_intents_read ON action_intents FOR SELECT USING (tenant = app_tenant());
CREATE POLICY action_intents_enter ON action_intents FOR INSERT WITH CHECK (tenant = app_tenant());
CREATE POLICY action_intents_move ON action_intents FOR UPDATE USING (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE ON action_intents TO {application_role};

-- An intent is here from its confirmation until its outcome is known, or until only a human can find it out.
CREATE TABLE action_outbox (
    tenant text NOT NULL,
    intent text NOT NULL,
    due_at timestamptz NOT NULL,                  -- when somebody is to look after it who did not begin it
    PRIMARY KEY (tenant, intent),
    FOREIGN KEY (tenant, intent) REFERENCES action_intents
);
CREATE INDEX action_outbox_by_time ON action_outbox (tenant, due_at);
ALTER TABLE action_outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE action_outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY action_outbox_own ON action_outbox USING (tenant = app_tenant()) WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON action_outbox TO {application_role};

-- No policy for UPDATE and DELETE, as for contact events; and each line is sealed with the one before it, so that even
-- what a superuser changes can be seen.
CREATE TABLE action_audit (
    tenant text NOT NULL REFERENCES tenants,
    number bigint NOT NULL CHECK (number > 0),
    at timestamptz NOT NULL,
    intent text NOT NULL,
    body jsonb NOT NULL,
    previous text NOT NULL,
    digest text NOT NULL,
    PRIMARY KEY (tenant, number)
);
ALTER TABLE action_audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE action_audit FORCE ROW LEVEL SECURITY;
CREATE POLICY action_audit_read ON action_audit FOR SELECT USING (tenant = app_tenant());
CREATE POLICY action_audit_append ON action_audit FOR INSERT WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT ON action_audit TO {application_role};
