-- Calls that are to be made: what for, when, how often they were tried, and what came of them; and who must not be called.

CREATE TABLE due_calls (
    tenant text NOT NULL REFERENCES tenants,
    due_call text NOT NULL CHECK (due_call <> ''),
    key text NOT NULL CHECK (key <> ''),          -- whoever asks for the same call twice asks for it once
    number text NOT NULL CHECK (number ~ '^\+[1-9][0-9]{6,14}$'),
    language text NOT NULL,
    purpose text NOT NULL CHECK (purpose <> ''),  -- a flow of the tenant's that is about calling somebody
    details jsonb NOT NULL,                       -- its values
    contact text,                                 -- the call in which it was promised; null when nobody called before
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,                  -- never before this
    not_after timestamptz NOT NULL,               -- and never after this
    state text NOT NULL CHECK (state IN (
        'due', 'placing', 'unknown', 'ringing', 'answered', 'done', 'failed', 'expired', 'cancelled', 'opted_out'
    )),
    next_at timestamptz NOT NULL,                 -- when somebody is to look at it again
    attempts integer NOT NULL DEFAULT 0,
    ticket text,                                  -- what the latest attempt is known by
    provider_id text,                             -- and what the carrier calls it
    sent_at timestamptz,
    call_id text,                                 -- the contact that came of it
    reason text NOT NULL DEFAULT '',              -- why it stands as it does
    history jsonb NOT NULL DEFAULT '[]',          -- how it came there: at, state, reason
    PRIMARY KEY (tenant, due_call),
    UNIQUE (tenant, key),
    CHECK (due_at < not_after)
);
-- The last word on "never twice at the same time": whatever the program believes, the second one does not get in.
CREATE UNIQUE INDEX due_calls_one_at_a_time ON due_calls (tenant, number)
    WHERE state IN ('placing', 'unknown', 'ringing', 'answered');
CREATE INDEX due_calls_by_time ON due_calls (tenant, next_at)
    WHERE state IN ('due', 'placing', 'unknown', 'ringing', 'answered');
CREATE INDEX due_calls_latest ON due_calls (tenant, created_at DESC);
ALTER TABLE due_calls ENABLE ROW LEVEL SECURITY;
ALTER TABLE due_calls FORCE ROW LEVEL SECURITY;
CREATE POLICY due_calls_read ON due_calls FOR SELECT USING (tenant = app_tenant());
CREATE POLICY due_calls_enter ON due_calls FOR INSERT WITH CHECK (tenant = app_tenant());
CREATE POLICY due_calls_move ON due_calls FOR UPDATE USING (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE ON due_calls TO {application_role};

-- Who said that they do not want to be called any more.
CREATE TABLE call_opt_outs (
    tenant text NOT NULL REFERENCES tenants,
    number text NOT NULL CHECK (number <> ''),
    at timestamptz NOT NULL,
    contact text,                                 -- the call in which it was said; null when it came another way
    words text NOT NULL,
    PRIMARY KEY (tenant, number)
);
ALTER TABLE call_opt_outs ENABLE ROW LEVEL SECURITY;
ALTER TABLE call_opt_outs FORCE ROW LEVEL SECURITY;
CREATE POLICY call_opt_outs_own ON call_opt_outs USING (tenant = app_tenant()) WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON call_opt_outs TO {application_role};
