-- Events of contacts that others are told of: who wants which, what is still to be told, and the queue of that work.

-- The queue of jobs is procrastinate's own (infra/storage/job_queue.py). Its tables know no tenant: a job names whose work
-- is to be done and holds nothing of it, so that no row level security divides them.
{job_queue}
GRANT SELECT, INSERT, UPDATE, DELETE ON
    procrastinate_jobs, procrastinate_events, procrastinate_periodic_defers, procrastinate_workers
    TO {application_role};
GRANT USAGE ON SEQUENCE
    procrastinate_jobs_id_seq, procrastinate_events_id_seq, procrastinate_periodic_defers_id_seq,
    procrastinate_workers_id_seq
    TO {application_role};

-- What tenant.yaml names under webhooks, as far as it decides what is told to whom. Address and secret stay out of here.
CREATE TABLE webhook_subscriptions (
    tenant text NOT NULL REFERENCES tenants,
    subscription text NOT NULL CHECK (subscription <> ''),
    kinds text[] NOT NULL,                        -- kinds of events, families of them ('call.*'), or '*'
    PRIMARY KEY (tenant, subscription)
);
ALTER TABLE webhook_subscriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_subscriptions FORCE ROW LEVEL SECURITY;
CREATE POLICY webhook_subscriptions_own ON webhook_subscriptions
    USING (tenant = app_tenant()) WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_subscriptions TO {application_role};

-- One event for one subscription. What it says is read from the log when it is sent and not kept here, so that whatever
-- is taken out of the log is out of here as well.
CREATE TABLE webhook_deliveries (
    tenant text NOT NULL REFERENCES tenants,
    subscription text NOT NULL,
    contact text NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL,
    since timestamptz NOT NULL,                   -- when it became due: when it happened, or was asked for again
    state text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'delivered', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,                 -- not before this; when it was delivered or given up, once it was
    reason text NOT NULL DEFAULT '',              -- why the latest attempt came to nothing
    queued boolean NOT NULL DEFAULT false,        -- somebody has been told that there is something to do
    PRIMARY KEY (tenant, subscription, contact, seq)
);
CREATE INDEX webhook_deliveries_new ON webhook_deliveries (tenant) WHERE state = 'due' AND NOT queued;
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (tenant, subscription, contact, seq) WHERE state = 'due';
CREATE INDEX webhook_deliveries_latest ON webhook_deliveries (tenant, state, next_at DESC);
ALTER TABLE webhook_deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_deliveries FORCE ROW LEVEL SECURITY;
CREATE POLICY webhook_deliveries_own ON webhook_deliveries
    USING (tenant = app_tenant()) WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_deliveries TO {application_role};

-- In the transaction that makes an event durable it becomes due for whoever wants it: neither is there without the other,
-- whichever way the event was written. Of a tenant without webhooks this looks into an empty table.
CREATE FUNCTION webhooks_fan_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO webhook_deliveries (tenant, subscription, contact, seq, kind, since, next_at)
    SELECT happened.tenant, wanted.subscription, happened.call_id, happened.seq, happened.kind, happened.at, happened.at
    FROM happened
    JOIN webhook_subscriptions AS wanted ON wanted.tenant = happened.tenant
        AND wanted.kinds && ARRAY[happened.kind, split_part(happened.kind, '.', 1) || '.*', '*']
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER contact_events_told AFTER INSERT ON contact_events
    REFERENCING NEW TABLE AS happened FOR EACH STATEMENT EXECUTE FUNCTION webhooks_fan_out();
