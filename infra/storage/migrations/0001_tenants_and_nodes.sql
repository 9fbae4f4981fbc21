-- Tenants, and the nodes that serve them.
--
-- Row level security everywhere: a transaction names its tenant with set_config('app.tenant', …, true) and sees and
-- writes that tenant's rows alone. A transaction that names none sees nothing. FORCE makes it hold for the tables'
-- owner as well; only a superuser or a role with BYPASSRLS would get past, and the program refuses to work as such.

CREATE FUNCTION app_tenant() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.tenant', true), '');
COMMENT ON FUNCTION app_tenant() IS 'The tenant of this transaction; null when it has named none.';

-- The directory of tenants holds their ids and nothing of theirs. Everybody may read it, which is what lets a job that
-- concerns all tenants visit them one after the other, each in a transaction of its own, with no role that sees all.
CREATE TABLE tenants (
    tenant text PRIMARY KEY CHECK (tenant <> ''),
    created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY tenants_are_listed ON tenants FOR SELECT USING (true);
CREATE POLICY tenants_enter_themselves ON tenants FOR INSERT WITH CHECK (tenant = app_tenant());
GRANT SELECT, INSERT ON tenants TO {application_role};

-- A node holds a lease that it renews. Its epoch grows each time it is registered and each time it is retired, by itself
-- or by another that found its lease over. What was begun under an older epoch is fenced off from writing.
CREATE TABLE nodes (
    node text PRIMARY KEY CHECK (node <> ''),
    epoch bigint NOT NULL,
    lease_until timestamptz NOT NULL,
    retired boolean NOT NULL DEFAULT false,
    registered_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, UPDATE ON nodes TO {application_role};
