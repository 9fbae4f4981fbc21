-- Who may work here: accounts, who is signed in, one-use tickets, tries to sign in, and the audit.
--
-- Of whatever opens something only a hash is kept: of passwords argon2id's, of cookies and tickets SHA-256.

CREATE TABLE accounts (
    tenant text NOT NULL REFERENCES tenants,
    account text NOT NULL CHECK (account <> ''),
    login text NOT NULL CHECK (login <> ''),
    name text NOT NULL,
    roles text[] NOT NULL CHECK (roles <@ ARRAY['agent', 'supervisor', 'analyst', 'content', 'admin']),
    queues text[] NOT NULL,                       -- empty: all
    skills jsonb NOT NULL,                        -- levels by name
    languages text[] NOT NULL,
    locale text NOT NULL,
    created_at timestamptz NOT NULL,
    password text CHECK (password LIKE '$argon2id$%'),
    issuer text,                                  -- of the directory that knows them, and its name for them
    subject text,
    disabled_at timestamptz,
    PRIMARY KEY (tenant, account),
    UNIQUE (tenant, login),
    UNIQUE (tenant, issuer, subject),
    CHECK ((issuer IS NULL) = (subject IS NULL))
);
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE accounts FORCE ROW LEVEL SECURITY;
CREATE POLICY accounts_read ON accounts FOR SELECT USING (tenant = app_tenant());
CREATE POLICY accounts_add ON accounts FOR INSERT WITH CHECK (tenant = app_tenant());
CREATE POLICY accounts_change ON accounts FOR UPDATE USING (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE ON accounts TO {application_role};

CREATE TABLE account_sessions (
    tenant text NOT NULL,
    digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
    account text NOT NULL,
    opened_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, digest),
    FOREIGN KEY (tenant, account) REFERENCES accounts
);
CREATE INDEX account_sessions_by_account ON account_sessions (tenant, account);
ALTER TABLE account_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE account_sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY account_sessions_own ON account_sessions
    USING (tenant = app_tenant()) WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON account_sessions TO {application_role};

-- They go with the session in which they were issued.
CREATE TABLE access_tickets (
    tenant text NOT NULL,
    digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
    account text NOT NULL,
    session text NOT NULL,
    purpose text NOT NULL CHECK (purpose <> ''),
    subject text NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, digest),
    FOREIGN KEY (tenant, account) REFERENCES accounts,
    FOREIGN KEY (tenant, session) REFERENCES account_sessions ON DELETE CASCADE
);
CREATE INDEX access_tickets_by_session ON access_tickets (tenant, session);
ALTER TABLE access_tickets ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_tickets FORCE ROW LEVEL SECURITY;
CREATE POLICY access_tickets_own ON access_tickets USING (tenant = app_tenant()) WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT, DELETE ON access_tickets TO {application_role};

-- A login here need not be anybody's. It is not written down: people type their password into the wrong field.
CREATE TABLE sign_in_tries (
    tenant text NOT NULL REFERENCES tenants,
    login text NOT NULL CHECK (login ~ '^[0-9a-f]{64}$'),
    tries integer NOT NULL CHECK (tries > 0),
    last_at timestamptz NOT NULL,
    paused_until timestamptz NOT NULL,
    PRIMARY KEY (tenant, login)
);
CREATE INDEX sign_in_tries_by_time ON sign_in_tries (tenant, last_at);
ALTER TABLE sign_in_tries ENABLE ROW LEVEL SECURITY;
ALTER TABLE sign_in_tries FORCE ROW LEVEL SECURITY;
CREATE POLICY sign_in_tries_own ON sign_in_tries USING (tenant = app_tenant()) WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_tries TO {application_role};

-- No policy and no right for UPDATE and DELETE: under FORCE ROW LEVEL SECURITY not even the owner changes it.
CREATE TABLE audit_entries (
    tenant text NOT NULL REFERENCES tenants,
    place bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    actor text NOT NULL CHECK (actor <> ''),      -- an account; 'command'; 'system'
    what text NOT NULL CHECK (what ~ '^[a-z_]+(\.[a-z_]+)+$'),
    whose text NOT NULL,                          -- an account, a call; empty where it concerns nobody's data
    why text NOT NULL,
    details jsonb NOT NULL,
    PRIMARY KEY (tenant, place)
);
CREATE INDEX audit_entries_by_actor ON audit_entries (tenant, actor, place DESC);
CREATE INDEX audit_entries_by_deed ON audit_entries (tenant, what, place DESC);
ALTER TABLE audit_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_entries FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_entries_read ON audit_entries FOR SELECT USING (tenant = app_tenant());
CREATE POLICY audit_entries_append ON audit_entries FOR INSERT WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT ON audit_entries TO {application_role};
