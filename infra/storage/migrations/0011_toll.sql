-- Calls of ours to targets outside: what they may cost, and hand-offs that are on their way there.

-- Each call that we make to a target, from before it is dialled on. What is open counts with the seconds that it may
-- still last, so that no two nodes together ever go beyond a tenant's limits.
CREATE TABLE toll_calls (
    tenant text NOT NULL REFERENCES tenants,
    toll_call text NOT NULL CHECK (toll_call <> ''),
    call_id text NOT NULL,                        -- whose caller is moved
    destination text NOT NULL,                    -- as it is dialled
    day date NOT NULL,                            -- of the tenant, on which it began
    began_at timestamptz NOT NULL,
    seconds double precision NOT NULL CHECK (seconds >= 0),  -- open: that it may last; else: that it lasted
    open_until timestamptz,                       -- null: it is over; a node that died leaves it until then
    PRIMARY KEY (tenant, toll_call)
);
CREATE INDEX toll_calls_by_day ON toll_calls (tenant, day);
ALTER TABLE toll_calls ENABLE ROW LEVEL SECURITY;
ALTER TABLE toll_calls FORCE ROW LEVEL SECURITY;
CREATE POLICY toll_calls_read ON toll_calls FOR SELECT USING (tenant = app_tenant());
CREATE POLICY toll_calls_begin ON toll_calls FOR INSERT WITH CHECK (tenant = app_tenant());
CREATE POLICY toll_calls_end ON toll_calls FOR UPDATE USING (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE ON toll_calls TO {application_role};

ALTER TABLE handoffs DROP CONSTRAINT handoffs_state_check;
ALTER TABLE handoffs ADD CONSTRAINT handoffs_state_check
    CHECK (state IN ('queued', 'transferring', 'accepted', 'ended', 'abandoned'));
