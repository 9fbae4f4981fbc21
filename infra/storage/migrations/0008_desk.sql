-- The floor of a tenant's desk: who waits for an agent, what rings where, who is at work, and what happened.

-- One row for each floor: whoever changes the floor holds it until the commit, so that events are numbered in the order
-- of their commits, without a gap. A sweep has to find the floors on which time has brought something, of all tenants;
-- a row tells nothing but that.
CREATE TABLE floors (
    tenant text PRIMARY KEY REFERENCES tenants,
    seq bigint NOT NULL DEFAULT 0,                -- the last event
    next_due timestamptz                          -- when somebody is to look after it; null: not before something happens
);
CREATE INDEX floors_by_time ON floors (next_due);
ALTER TABLE floors ENABLE ROW LEVEL SECURITY;
ALTER TABLE floors FORCE ROW LEVEL SECURITY;
CREATE POLICY floors_are_listed ON floors FOR SELECT USING (true);
CREATE POLICY floors_open ON floors FOR INSERT WITH CHECK (tenant = app_tenant());
CREATE POLICY floors_move ON floors FOR UPDATE USING (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE ON floors TO {application_role};

-- Calls that want a person. The columns are those of the program's work item, by the same names.
CREATE TABLE work_items (
    tenant text NOT NULL REFERENCES floors,
    item text NOT NULL CHECK (item <> ''),        -- the id of the hand-off, where it came of one
    call text NOT NULL,
    node text NOT NULL,
    queue text NOT NULL,
    language text NOT NULL,
    skills jsonb NOT NULL,                        -- required: {"orders": 2}
    priority integer NOT NULL,                    -- the higher goes first
    state text NOT NULL CHECK (state IN (
        'queued', 'offered', 'accepted', 'connected', 'wrap_up', 'callback_scheduled', 'overflowed',
        'completed', 'abandoned', 'cancelled', 'expired'
    )),
    reason text NOT NULL,                         -- why it stands as it does
    enqueued_at timestamptz NOT NULL,
    eligible_at timestamptz NOT NULL,
    queue_since timestamptz NOT NULL,
    since timestamptz NOT NULL,                   -- when its state began
    offer text,
    agent text,
    for_agent text,                               -- whom it was transferred to
    attempts integer NOT NULL,
    asked jsonb NOT NULL,                         -- who did not take it, and when: {"anna": "2026-…"}
    overflowed_from jsonb NOT NULL,
    callback jsonb,                               -- number, not_before, expires_at, attempts
    answered_at timestamptz,                      -- when the first agent took it
    PRIMARY KEY (tenant, item)
);
CREATE INDEX work_items_open ON work_items (tenant)
    WHERE state NOT IN ('completed', 'abandoned', 'cancelled', 'expired');
CREATE INDEX work_items_by_time ON work_items (tenant, since);
ALTER TABLE work_items ENABLE ROW LEVEL SECURITY;
ALTER TABLE work_items FORCE ROW LEVEL SECURITY;
CREATE POLICY work_items_read ON work_items FOR SELECT USING (tenant = app_tenant());
CREATE POLICY work_items_enter ON work_items FOR INSERT WITH CHECK (tenant = app_tenant());
CREATE POLICY work_items_move ON work_items FOR UPDATE USING (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE ON work_items TO {application_role};

-- Every attempt to give an item to an agent.
CREATE TABLE offers (
    tenant text NOT NULL,
    offer text NOT NULL CHECK (offer <> ''),
    item text NOT NULL,
    agent text NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN (
        'pending', 'accepted', 'rejected', 'timeout', 'canceled', 'rescinded', 'device_error', 'caller_gone'
    )),
    ended_at timestamptz,
    reason text NOT NULL,
    PRIMARY KEY (tenant, offer),
    FOREIGN KEY (tenant, item) REFERENCES work_items
);
-- The last word on "never twice": whatever the program believes, the second one does not get in.
CREATE UNIQUE INDEX offers_one_for_an_item ON offers (tenant, item) WHERE state = 'pending';
CREATE UNIQUE INDEX offers_one_for_an_agent ON offers (tenant, agent) WHERE state = 'pending';
CREATE INDEX offers_by_item ON offers (tenant, item);
ALTER TABLE offers ENABLE ROW LEVEL SECURITY;
ALTER TABLE offers FORCE ROW LEVEL SECURITY;
CREATE POLICY offers_read ON offers FOR SELECT USING (tenant = app_tenant());
CREATE POLICY offers_make ON offers FOR INSERT WITH CHECK (tenant = app_tenant());
CREATE POLICY offers_end ON offers FOR UPDATE USING (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE ON offers TO {application_role};

-- Agents: what they chose, what they have, and when their desk was last heard of.
CREATE TABLE agent_states (
    tenant text NOT NULL REFERENCES floors,
    agent text NOT NULL CHECK (agent <> ''),
    name text NOT NULL,
    presence text NOT NULL CHECK (presence IN ('offline', 'available', 'away')),
    reason text NOT NULL,
    routing text NOT NULL CHECK (routing IN ('idle', 'reserved', 'on_contact', 'wrap_up', 'not_responding')),
    next_presence text CHECK (next_presence IN ('offline', 'available', 'away')),
    next_reason text NOT NULL,
    skills jsonb NOT NULL,
    queues jsonb NOT NULL,                        -- none: all
    item text,
    since timestamptz NOT NULL,
    idle_since timestamptz NOT NULL,
    until timestamptz,
    heard_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, agent)
);
ALTER TABLE agent_states ENABLE ROW LEVEL SECURITY;
ALTER TABLE agent_states FORCE ROW LEVEL SECURITY;
CREATE POLICY agent_states_read ON agent_states FOR SELECT USING (tenant = app_tenant());
CREATE POLICY agent_states_enter ON agent_states FOR INSERT WITH CHECK (tenant = app_tenant());
CREATE POLICY agent_states_move ON agent_states FOR UPDATE USING (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE ON agent_states TO {application_role};

-- What happened, never changed: the payload is the item, offer or agent as it stood afterwards.
CREATE TABLE floor_events (
    tenant text NOT NULL REFERENCES floors,
    seq bigint NOT NULL CHECK (seq > 0),
    at timestamptz NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    payload jsonb NOT NULL,
    PRIMARY KEY (tenant, seq)
);
ALTER TABLE floor_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE floor_events FORCE ROW LEVEL SECURITY;
CREATE POLICY floor_events_read ON floor_events FOR SELECT USING (tenant = app_tenant());
CREATE POLICY floor_events_append ON floor_events FOR INSERT WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT ON floor_events TO {application_role};
