-- Releases of a tenant's dialog: content-addressed, never changed; and which label pointed to which of them, when.

CREATE TABLE release_files (
    tenant text NOT NULL REFERENCES tenants,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    content bytea NOT NULL,
    PRIMARY KEY (tenant, sha256)
);

CREATE TABLE releases (
    tenant text NOT NULL REFERENCES tenants,
    release text NOT NULL CHECK (release ~ '^[0-9a-f]{64}$'),
    manifest jsonb NOT NULL,
    note text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, release)
);
CREATE INDEX releases_by_time ON releases (tenant, created_at DESC);

-- A label's latest move is where it points: promotion adds a row and changes none, so the history is the state.
CREATE TABLE release_moves (
    tenant text NOT NULL,
    label text NOT NULL CHECK (label ~ '^[a-z][a-z0-9-]{0,31}$'),
    move bigint GENERATED ALWAYS AS IDENTITY,
    release text NOT NULL,
    moved_at timestamptz NOT NULL,
    moved_by text NOT NULL,
    PRIMARY KEY (tenant, label, move),
    FOREIGN KEY (tenant, release) REFERENCES releases
);

ALTER TABLE release_files ENABLE ROW LEVEL SECURITY;
ALTER TABLE release_files FORCE ROW LEVEL SECURITY;
CREATE POLICY release_files_read ON release_files FOR SELECT USING (tenant = app_tenant());
CREATE POLICY release_files_add ON release_files FOR INSERT WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT ON release_files TO {application_role};

ALTER TABLE releases ENABLE ROW LEVEL SECURITY;
ALTER TABLE releases FORCE ROW LEVEL SECURITY;
CREATE POLICY releases_read ON releases FOR SELECT USING (tenant = app_tenant());
CREATE POLICY releases_add ON releases FOR INSERT WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT ON releases TO {application_role};

ALTER TABLE release_moves ENABLE ROW LEVEL SECURITY;
ALTER TABLE release_moves FORCE ROW LEVEL SECURITY;
CREATE POLICY release_moves_read ON release_moves FOR SELECT USING (tenant = app_tenant());
CREATE POLICY release_moves_add ON release_moves FOR INSERT WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT ON release_moves TO {application_role};
