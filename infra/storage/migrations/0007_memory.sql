-- What is remembered of a customer between contacts, and that somebody wanted it forgotten.
--
-- A subject is a customer number or a telephone number under a keyed hash: whoever sees these rows, in a backup or in
-- passing, does not learn who they are about. Nothing is remembered of whom nobody has asked: every row hangs on the
-- answer, and goes with it.

CREATE TABLE memory_agreements (
    tenant text NOT NULL REFERENCES tenants,
    subject text NOT NULL CHECK (subject ~ '^(customer|number):[0-9a-f]{64}$'),
    agreed boolean NOT NULL,
    at timestamptz NOT NULL,
    wording text NOT NULL CHECK (wording <> ''),   -- of the question that was answered
    contact text NOT NULL,                         -- in which it was answered; empty when not in one
    used_at timestamptz NOT NULL,                  -- the latest contact
    PRIMARY KEY (tenant, subject)
);
CREATE INDEX memory_agreements_by_use ON memory_agreements (tenant, used_at);

CREATE TABLE memory_preferences (
    tenant text NOT NULL,
    subject text NOT NULL,
    language text NOT NULL,
    slower integer NOT NULL CHECK (slower >= 0),   -- how often they asked for it
    louder integer NOT NULL CHECK (louder >= 0),
    channel text NOT NULL,
    PRIMARY KEY (tenant, subject),
    FOREIGN KEY (tenant, subject) REFERENCES memory_agreements ON DELETE CASCADE
);

CREATE TABLE memory_contacts (
    tenant text NOT NULL,
    subject text NOT NULL,
    contact text NOT NULL CHECK (contact <> ''),
    at timestamptz NOT NULL,
    channel text NOT NULL,
    language text NOT NULL,
    about text NOT NULL,                           -- an intent or a flow of the tenant's
    done jsonb NOT NULL,                           -- what was told and done: tried, flow, outcome
    promised text[] NOT NULL,
    reason text,                                   -- of the hand-over, if there was one
    unfinished boolean NOT NULL,
    PRIMARY KEY (tenant, subject, contact),
    FOREIGN KEY (tenant, subject) REFERENCES memory_agreements ON DELETE CASCADE
);
CREATE INDEX memory_contacts_latest ON memory_contacts (tenant, subject, at DESC);
CREATE INDEX memory_contacts_by_time ON memory_contacts (tenant, at);

-- No policy for UPDATE and DELETE: that something was forgotten stands for good. It says nothing of what it was.
CREATE TABLE memory_erasures (
    tenant text NOT NULL REFERENCES tenants,
    place bigint GENERATED ALWAYS AS IDENTITY,
    subject text NOT NULL,
    at timestamptz NOT NULL,
    by text NOT NULL CHECK (by IN ('caller', 'api', 'command')),
    kinds text[] NOT NULL,                         -- what there was of: agreement, preferences, contacts
    reference text NOT NULL,                       -- of the action by which the caller did it; else empty
    PRIMARY KEY (tenant, place)
);
CREATE INDEX memory_erasures_by_subject ON memory_erasures (tenant, subject, at DESC);

ALTER TABLE memory_agreements ENABLE ROW LEVEL SECURITY;
ALTER TABLE memory_agreements FORCE ROW LEVEL SECURITY;
CREATE POLICY memory_agreements_own ON memory_agreements
    USING (tenant = app_tenant()) WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON memory_agreements TO {application_role};

ALTER TABLE memory_preferences ENABLE ROW LEVEL SECURITY;
ALTER TABLE memory_preferences FORCE ROW LEVEL SECURITY;
CREATE POLICY memory_preferences_own ON memory_preferences
    USING (tenant = app_tenant()) WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON memory_preferences TO {application_role};

ALTER TABLE memory_contacts ENABLE ROW LEVEL SECURITY;
ALTER TABLE memory_contacts FORCE ROW LEVEL SECURITY;
CREATE POLICY memory_contacts_own ON memory_contacts
    USING (tenant = app_tenant()) WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT, DELETE ON memory_contacts TO {application_role};

ALTER TABLE memory_erasures ENABLE ROW LEVEL SECURITY;
ALTER TABLE memory_erasures FORCE ROW LEVEL SECURITY;
CREATE POLICY memory_erasures_read ON memory_erasures FOR SELECT USING (tenant = app_tenant());
CREATE POLICY memory_erasures_append ON memory_erasures FOR INSERT WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT ON memory_erasures TO {application_role};
